"""Public and green spaces, and the sites that could become something: idle land and idle rooms."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely import Geometry, MultiPolygon, Point, Polygon

from geo_service.demo.compounds import Compound
from geo_service.demo.houses import Houses
from geo_service.demo.parcels import Parcel
from geo_service.demo.plan import rng_for
from geo_service.demo.streets import StreetPlan
from geo_service.demo.terrain import Terrain

_TENURES = ("国有未出让", "集体所有", "国有划拨", "权属不明")
_PLAN_USES = ("公园绿地", "社区服务设施用地", "居住用地", "文化活动用地", None)


@dataclass
class Spaces:
    """Geometries with the columns of their layer and the street each belongs to."""

    public: list[tuple[Geometry, int, dict[str, Any]]] = field(default_factory=list)
    green: list[tuple[MultiPolygon | Polygon, int, dict[str, Any]]] = field(default_factory=list)


def make_spaces(
    seed: int,
    *,
    streets: StreetPlan,
    parcels: list[Parcel],
    compounds: list[Compound],
    houses: Houses,
    terrain: Terrain,
    offices: list[Polygon],
) -> Spaces:
    """Gather parks, gardens, shores, woods and strips; pitches, squares, grounds, idle land and rooms."""
    rng = rng_for(seed, "spaces")
    spaces = Spaces()
    for street, (lake, hill) in enumerate(zip(terrain.lakes, terrain.hills, strict=True)):
        _green(
            spaces,
            lake.buffer(24.0) - lake,
            street,
            kind="park",
            name="示例湖滨公园",
            manager="示例街道园林所",
            is_adoptable=True,
        )
        _green(
            spaces, hill & offices[street].buffer(400), street, kind="woodland", name="示例山林", manager="示例林业站"
        )
    _along_rails(spaces, streets, offices)
    _of_parcels(rng, spaces, parcels, houses)
    _of_compounds(rng, spaces, compounds, houses)
    _rooms_and_lanes(rng, spaces, streets, houses, offices)
    return spaces


def _green(
    spaces: Spaces,
    shape: MultiPolygon | Polygon,
    street: int,
    *,
    kind: str,
    name: str,
    manager: str,
    is_public: bool = True,
    is_adoptable: bool = False,
) -> None:
    values = {"name": name, "kind": kind, "manager": manager, "is_public": is_public, "is_adoptable": is_adoptable}
    spaces.green.append((shape, street, values | {"area_m2": round(shape.area, 0)}))


def _public(spaces: Spaces, shape: Geometry, street: int, kind: str, name: str, **values: Any) -> None:
    area = {"area_m2": round(shape.area, 0)} if shape.area else {}
    spaces.public.append((shape, street, {"kind": kind, "name": name} | area | values))


def _along_rails(spaces: Spaces, streets: StreetPlan, offices: list[Polygon]) -> None:
    """Green strips between railway and the street on its north side, one for each 350 m."""
    for rail in streets.rails:
        strip = rail.buffer(12.5, cap_style="flat") - rail.buffer(5.0, cap_style="flat")
        for street, office in enumerate(offices):
            west, south, east, north = office.bounds
            for n, x in enumerate(np.arange(west, east, 350.0)):
                part = strip & office & shapely.box(x, south, min(x + 335.0, east), north)
                parts = [p for p in shapely.get_parts(part) if p.area > 250]
                for k, piece in enumerate(parts):
                    side = "北" if k == 0 else "南"
                    _green(
                        spaces,
                        piece,
                        street,
                        kind="roadside",
                        name=f"示例铁路{side}侧绿带{n + 1}",
                        manager="示例铁路段",
                        is_adoptable=k == 0,
                    )


def _of_parcels(rng: np.random.Generator, spaces: Spaces, parcels: list[Parcel], houses: Houses) -> None:
    """Parks, idle land, and small leftover parcels as pocket parks or candidate sites."""
    tree = shapely.STRtree(houses.footprint)
    parks = 0
    left = 0
    for parcel in parcels:
        if parcel.use == "park":
            parks += 1
            _green(
                spaces,
                parcel.polygon,
                parcel.street,
                kind="park",
                name=f"示例公园{parks:02d}",
                manager="示例街道园林所",
                is_adoptable=True,
            )
            continue
        built_on = len(tree.query(parcel.polygon, predicate="intersects"))
        if parcel.use == "idle" or (not built_on and parcel.polygon.area > 600):
            left += 1
            if parcel.use != "idle" and rng.random() < 0.4:
                kind = "pocket_park" if rng.random() < 0.7 else "other"
                _green(
                    spaces,
                    parcel.polygon,
                    parcel.street,
                    kind=kind,
                    name=f"示例口袋公园{left:02d}",
                    manager="示例社区",
                    is_adoptable=True,
                )
                continue
            usable = parcel.polygon.buffer(-3.0).area
            _public(
                spaces,
                parcel.polygon,
                parcel.street,
                "idle_land",
                f"示例闲置地块{left:02d}",
                tenure=_TENURES[left % len(_TENURES)],
                plan_use=_PLAN_USES[left % len(_PLAN_USES)],
                usable_area_m2=round(usable * float(rng.uniform(0.6, 1.0)), 0),
            )


def _of_compounds(rng: np.random.Generator, spaces: Spaces, compounds: list[Compound], houses: Houses) -> None:
    """Gardens of quarters, pitches of schools, squares in front of public buildings."""
    gardens = 0
    for n, compound in enumerate(compounds):
        parcel = compound.parcel
        if compound.garden is not None:
            gardens += 1
            shape, walled = compound.garden, compound.is_walled
            if gardens % 4 == 1 and not walled:
                kind = "playground" if gardens % 8 == 1 else "activity_ground"
                _public(
                    spaces,
                    shape,
                    parcel.street,
                    kind,
                    f"示例活动场地{gardens:03d}",
                    manager="示例社区",
                    is_adoptable=True,
                )
            else:
                kind = ("ancillary", "garden", "ancillary", "grass")[gardens % 4]
                _green(
                    spaces,
                    shape,
                    parcel.street,
                    kind=kind,
                    name=f"示例小区绿地{gardens:03d}",
                    manager="示例物业公司" if walled else "示例社区",
                    is_public=not walled,
                    is_adoptable=bool(rng.random() < 0.8),
                )
        if compound.pitch is not None:
            _public(spaces, compound.pitch, parcel.street, "sports_ground", f"示例运动场{n:03d}", manager="示例学校")
        if parcel.use in ("civic", "market"):
            own = houses.footprint[houses.compound == n]
            free = parcel.polygon.buffer(-2.0) - shapely.union_all(shapely.buffer(own, 4.0))
            free = free.buffer(-6.0).buffer(6.0)
            parts = [p for p in shapely.get_parts(free) if isinstance(p, Polygon)]
            if parts:
                square = Polygon(max(parts, key=lambda p: round(p.area, 1)).exterior.simplify(0.5))
                if parcel.use == "civic":
                    _public(
                        spaces,
                        square,
                        parcel.street,
                        "square",
                        f"示例广场{n:03d}",
                        manager="示例街道",
                        is_adoptable=True,
                    )
                else:
                    _public(spaces, square, parcel.street, "other", f"示例集市场地{n:03d}", manager="示例市场")


def _rooms_and_lanes(
    rng: np.random.Generator, spaces: Spaces, streets: StreetPlan, houses: Houses, offices: list[Polygon]
) -> None:
    """Idle rooms in public buildings and lane stretches used as living space, a few in every street."""
    for street, office in enumerate(offices):
        public = np.flatnonzero(
            (houses.street == street) & np.array([use in ("public_service", "industrial") for use in houses.use])
        )
        for k, n in enumerate(np.sort(rng.permutation(public)[: max(1, len(public) // 6)])):
            _public(
                spaces,
                Point(np.round([houses.x[n], houses.y[n]], 2)),
                street,
                "room",
                f"示例闲置用房{k + 1:02d}",
                tenure="国有资产",
                plan_use="社区服务设施用地",
                usable_area_m2=float(rng.integers(60, 600)),
                manager="示例街道资产办",
            )
        lanes = [n for n, h in enumerate(streets.ways.highways) if h == "living_street"]
        inside = [n for n in lanes if office.contains(streets.ways.lines[n])]
        for k, n in enumerate(np.sort(rng.permutation(inside)[: max(1, len(inside) // 25)])):
            shape = streets.ways.lines[int(n)].buffer(1.9, cap_style="flat")
            if isinstance(shape, Polygon):
                _public(
                    spaces, shape, street, "street", f"示例生活巷{k + 1:02d}", manager="示例社区", is_adoptable=True
                )
