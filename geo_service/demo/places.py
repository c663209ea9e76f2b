"""Rows of areas, grids, barriers and gates, and the codes buildings refer to."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point

from geo_service.demo import names
from geo_service.demo.compounds import Compound
from geo_service.demo.houses import Houses
from geo_service.demo.layout import Layout
from geo_service.demo.plan import CITY_CODE, DISTRICT_CODE, community_code, rng_for, street_code
from geo_service.demo.rows import Placing, frame_of
from geo_service.demo.streets import StreetPlan
from geo_service.demo.terrain import Terrain
from geo_service.demo.territory import Territory


@dataclass(frozen=True)
class Buildings:
    """Codes of buildings, of their communities and quarters, and addresses; one entry per building."""

    codes: list[str]
    community_codes: list[str]  # the community whose polygon holds the building's middle
    quarter_codes: list[str | None]
    registered: list[str | None]  # set where the register, not the map, decides
    addresses: list[str]
    names: list[str | None]
    quarter_of_compound: dict[int, str]
    quarter_names: dict[int, str]
    community_by_index: list[str]

    @classmethod
    def of(cls, houses: Houses, compounds: list[Compound], territory: Territory, streets: StreetPlan) -> "Buildings":
        """Number buildings in their order and find where each belongs."""
        by_index = _community_codes(houses, territory)
        communities = np.array(territory.communities, dtype=object)
        tree = shapely.STRtree(communities)
        points = shapely.points(houses.x, houses.y)
        point_at, area_at = tree.query(points, predicate="intersects")
        lies_in = houses.community.copy()
        lies_in[point_at[::-1]] = area_at[::-1]
        running = np.zeros(int(houses.street.max()) + 1, int)
        codes: list[str] = []
        for street in houses.street:
            running[street] += 1
            codes.append(f"{street_code(int(street))}-B{running[street]:05d}")
        quarters, quarter_names = _quarters(compounds, territory, by_index)
        quarter_codes = [quarters.get(int(c)) for c in houses.compound]
        registered: list[str | None] = [None] * len(houses)
        for n in np.flatnonzero(np.isin(houses.compound, list(territory.spanning))):
            own = territory.spanning[int(houses.compound[n])][0]
            borders = communities[own].boundary.intersects(houses.footprint[n])
            registered[n] = by_index[own] if borders else None
        return cls(
            codes,
            [by_index[c] for c in lies_in],
            quarter_codes,
            registered,
            *_addresses(houses, streets, quarter_names),
            quarters,
            quarter_names,
            by_index,
        )


def _community_codes(houses: Houses, territory: Territory) -> list[str]:
    """Number communities inside their street."""
    offices = np.array(territory.streets, dtype=object)
    codes: list[str] = []
    count = np.zeros(len(offices), int)
    for community in territory.communities:
        inside = community.representative_point()
        street = next(n for n, office in enumerate(offices) if office.contains(inside))
        codes.append(community_code(street, int(count[street])))
        count[street] += 1
    return codes


def _quarters(
    compounds: list[Compound], territory: Territory, by_index: list[str]
) -> tuple[dict[int, str], dict[int, str]]:
    """Give every quarter a code: its community's digits and Q, its street's where it spans two communities."""
    codes: dict[int, str] = {}
    quarter_names: dict[int, str] = {}
    count: dict[str, int] = {}
    for n, compound in enumerate(compounds):
        if not compound.is_quarter:
            continue
        home = by_index[compound.parcel.community]
        stem = home[:9] if n in territory.spanning else home
        count[stem] = count.get(stem, 0) + 1
        codes[n] = f"{stem}Q{count[stem]:02d}"
        quarter_names[n] = names.quarter_name(len(codes))
    return codes, quarter_names


def _addresses(
    houses: Houses, streets: StreetPlan, quarter_names: dict[int, str]
) -> tuple[list[str], list[str | None]]:
    """Number houses along the nearest named street; buildings of a quarter are numbered inside it."""
    ways = streets.ways
    named = [n for n, name in enumerate(ways.names) if name and ways.snap_target[n] and ways.half_widths_m[n] > 2.4]
    lines = np.array([ways.lines[n] for n in named], dtype=object)
    points = shapely.points(houses.x, houses.y)
    nearest = shapely.STRtree(lines).nearest(points)
    along = shapely.line_locate_point(lines[nearest], points)
    addresses: list[str] = [""] * len(houses)
    titles: list[str | None] = [None] * len(houses)
    used: dict[str, int] = {}
    inside: dict[int, int] = {}
    for n in np.lexsort((np.round(along, 1), nearest)):
        street = str(ways.names[named[int(nearest[n])]])
        used[street] = used.get(street, 0) + 1
        compound = int(houses.compound[n])
        if compound in quarter_names:
            inside[compound] = inside.get(compound, 0) + 1
            titles[n] = f"{quarter_names[compound]}{inside[compound]}号楼"
            addresses[n] = f"{street}{quarter_names[compound]}{inside[compound]}号楼"
        else:
            addresses[n] = f"{street}{used[street]}号"
    return addresses, titles


def areas(
    placing: Placing,
    *,
    layout: Layout,
    territory: Territory,
    compounds: list[Compound],
    buildings: Buildings,
) -> gpd.GeoDataFrame:
    """Return city, district, streets, communities and quarters."""
    whole = shapely.union_all(np.array(territory.streets, dtype=object))
    rows: list[tuple[str, str, str, str | None, Any, dict[str, Any]]] = [
        (CITY_CODE, "示例市", "city", None, whole, {}),
        (DISTRICT_CODE, "示例区", "district", CITY_CODE, whole, {}),
    ]
    for n, office in enumerate(territory.streets):
        rows.append((street_code(n), f"示例街道{names.chinese(n + 1)}", "street", DISTRICT_CODE, office, {}))
    pilots: set[int] = set()
    for n, community in enumerate(territory.communities):
        code, street = buildings.community_by_index[n], layout.community_street[n]
        is_pilot = street not in pilots and layout.community_character[n] in ("old_town", "mixed")
        if is_pilot:
            pilots.add(street)
        name = f"示例第{names.chinese(int(code[9:]))}社区"
        rows.append((code, name, "community", code[:9], community, {"is_pilot": is_pilot}))
    for n, code in buildings.quarter_of_compound.items():
        compound = compounds[n]
        closure = "closed" if compound.is_walled else "unknown" if n % 4 == 0 else "open"
        marks = {"closure": closure, "is_abandoned": n in abandoned(compounds)}
        parent = code.split("Q", maxsplit=1)[0]
        rows.append((code, buildings.quarter_names[n], "quarter", parent, compound.parcel.polygon, marks))
    return frame_of(
        "areas",
        [r[0] for r in rows],
        placing.geometries([r[4] for r in rows]),
        {
            "name": [r[1] for r in rows],
            "level": [r[2] for r in rows],
            "parent_code": [r[3] for r in rows],
            "is_pilot": [bool(r[5].get("is_pilot", False)) for r in rows],
            "is_abandoned": [bool(r[5].get("is_abandoned", False)) for r in rows],
            "closure": [r[5].get("closure", "unknown") for r in rows],
        },
    )


def abandoned(compounds: list[Compound]) -> set[int]:
    """Return the quarters nobody manages: the first open walk-up quarter of each street."""
    found: dict[int, int] = {}
    for n, compound in enumerate(compounds):
        if compound.parcel.use == "walkup_open":
            found.setdefault(compound.parcel.street, n)
    return set(found.values())


def grids(placing: Placing, layout: Layout, territory: Territory) -> gpd.GeoDataFrame:
    """Return governance grids, unit grids and the party's grids that fit them badly."""
    codes: list[str] = []
    shapes: list[Any] = []
    columns: dict[str, list[Any]] = {
        key: [] for key in ("name", "kind", "subkind", "department", "leader_name", "worker_names")
    }
    by_index = _codes_by_index(layout)

    def add(code: str, shape: Any, *values: Any) -> None:
        codes.append(code)
        shapes.append(shape)
        for key, value in zip(columns, values, strict=True):
            columns[key].append(value)

    count: dict[int, int] = {}
    for n, (grid, community) in enumerate(zip(territory.grids, territory.grid_community, strict=True)):
        count[community] = count.get(community, 0) + 1
        number = count[community]
        dedicated = number == 11
        workers = "、".join(names.person_name(500_000 + 3 * n + k) for k in range(1 + n % 2))
        add(
            f"{by_index[community]}G{number:02d}",
            grid,
            f"示例第{names.chinese(number)}网格",
            "governance",
            "dedicated" if dedicated else "general",
            None,
            names.person_name(500_002 + 3 * n),
            workers,
        )
    for community, units in enumerate(territory.units):
        for n, unit in enumerate(units):
            code = f"{by_index[community]}{n + 1:03d}"
            add(code, unit, f"示例单元网格{code[9:]}", "unit", None, None, None, None)
    count.clear()
    for community, party in territory.party:
        count[community] = count.get(community, 0) + 1
        number = count[community]
        name = f"示例党建第{names.chinese(number)}网格"
        add(f"DJ{by_index[community]}-{number:02d}", party, name, "department", None, "党建", None, None)
    return frame_of("grids", codes, placing.geometries(shapes), columns)


def _codes_by_index(layout: Layout) -> list[str]:
    codes: list[str] = []
    count: dict[int, int] = {}
    for street in layout.community_street:
        codes.append(community_code(street, count.get(street, 0)))
        count[street] = count.get(street, 0) + 1
    return codes


def barriers(placing: Placing, terrain: Terrain, streets: StreetPlan, compounds: list[Compound]) -> gpd.GeoDataFrame:
    """Return lakes (without their islands), railways and the walls around compounds, open at their gates."""
    rows: list[tuple[str, str, str, Any]] = []
    for n, (lake, island) in enumerate(zip(terrain.lakes, terrain.islands, strict=True)):
        rows.append((f"demo-water-{n + 1:02d}", "示例湖", "water", lake - island))
    for n, rail in enumerate(streets.rails):
        rows.append((f"demo-rail-{n + 1:02d}", "示例铁路", "rail", rail))
    for n, compound in enumerate(compounds):
        if compound.wall is not None and not compound.wall.is_empty:
            rows.append((f"demo-wall-{n + 1:05d}", "示例围墙", "wall", compound.wall))
    return frame_of(
        "barriers",
        [r[0] for r in rows],
        placing.geometries([r[3] for r in rows]),
        {"name": [r[1] for r in rows], "kind": [r[2] for r in rows]},
    )


def gates(placing: Placing, seed: int, compounds: list[Compound], buildings: Buildings) -> gpd.GeoDataFrame:
    """Return the gates of walled quarters and campuses: who may pass, when, with steps or without."""
    rng = rng_for(seed, "gates")
    rows: list[tuple[str, Point, dict[str, Any]]] = []
    sides = {"south": "南门", "north": "北门", "east": "东门", "west": "西门"}
    for n, compound in enumerate(compounds):
        if compound.wall is None:
            continue
        quarter = buildings.quarter_of_compound.get(n)
        for k, gate in enumerate(compound.gates):
            draw, hours, steps = rng.random(3)
            if quarter is None:
                passes = "staff" if k or draw < 0.5 else "everyone"
            elif k == 0:
                passes = "everyone" if draw < 0.5 else "residents" if draw < 0.85 else "unknown"
            else:
                passes = "residents" if draw < 0.6 else "unknown" if draw < 0.85 else "nobody"
            name = f"{buildings.quarter_names.get(n, '示例院区')}{sides[gate.side]}"
            times = "24/7" if hours < 0.6 else "06:00-23:00"
            values = {"name": name, "quarter_code": quarter, "passes": passes, "hours": times}
            rows.append((f"demo-gate-{n + 1:05d}-{k + 1}", gate.at, values | {"is_step_free": bool(steps < 0.8)}))
    return frame_of(
        "gates",
        [r[0] for r in rows],
        placing.geometries([r[1] for r in rows]),
        {key: [r[2][key] for r in rows] for key in ("name", "quarter_code", "passes", "hours", "is_step_free")},
    )
