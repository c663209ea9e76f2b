"""Rows of buildings, households, facilities, entrances, inventory statements and findings of the checklist."""

from datetime import timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo_service.demo import names
from geo_service.demo.compounds import Compound
from geo_service.demo.gaps import PLANNED
from geo_service.demo.houses import KIND_NAMES, Houses
from geo_service.demo.layout import Layout
from geo_service.demo.people import People
from geo_service.demo.places import Buildings, abandoned
from geo_service.demo.plan import REFERENCE_DATE, community_code, rng_for, street_code
from geo_service.demo.rows import Placing, frame_of
from geo_service.demo.scene import Placed
from geo_service.demo.territory import Territory
from geo_service.domain.bands import BAND_FIELDS
from geo_service.domain.checklist import RECORDED_ITEMS
from geo_service.domain.facilities import CATEGORY_CODES

_STOREY_M = 3.0


def buildings(
    placing: Placing, houses: Houses, people: People, codes: Buildings, compounds: list[Compound]
) -> gpd.GeoDataFrame:
    """Return one row per building; people are the sums of its households."""
    households, residents, registered, bands = people.per_building(len(houses))
    area = shapely.area(houses.footprint)
    homes = households > 0
    rural = houses.is_kind("lanes", "lodge", "island")
    left = abandoned(compounds)
    managed = ["walkup_gated", "midrise", "tower"]
    management: list[str | None] = []
    for n, kind in enumerate(houses.kind):
        if not homes[n]:
            management.append(None)
        elif int(houses.compound[n]) in left:
            management.append("abandoned")
        elif KIND_NAMES[kind] in managed:
            management.append("yes")
        else:
            management.append("unknown" if n % 9 == 0 else "none")
    number = np.arange(len(houses))
    columns: dict[str, Any] = {
        "name": codes.names,
        "address": codes.addresses,
        "use": houses.use,
        "quarter_code": codes.quarter_codes,
        "registered_area_code": codes.registered,
        "floors": houses.floors.tolist(),
        "height_m": [round(f * _STOREY_M + 0.6, 1) for f in houses.floors.tolist()],
        "floor_area_m2": np.round(area * houses.floors, 1).tolist(),
        "built_year": houses.built_year.tolist(),
        "has_lift": houses.has_lift.tolist(),
        "property_management": management,
        "has_toilet": _where(rural, number % 11 != 0),
        "has_tap_water": _where(rural, number % 23 != 0),
        "is_dangerous": _where(rural, (number % 37 == 0) & (houses.built_year < 1970)),
        "households_count": _where(homes, households),
        "residents_persons": _where(homes, residents),
        "registered_persons": _where(homes, registered),
        "people_basis": ["households" if h else None for h in homes],
        "is_cut_by_boundary": [False] * len(houses),
    }
    for n, field in enumerate(BAND_FIELDS):
        columns[field] = _where(homes, bands[:, n])
    return frame_of("buildings", codes.codes, placing.geometries(houses.footprint), columns)


def _where(known: Any, values: Any) -> list[Any]:
    return [v if k else None for k, v in zip(known.tolist(), values.tolist(), strict=True)]


def households(houses: Houses, people: People, codes: Buildings) -> gpd.GeoDataFrame:
    """Return one row per household; without geometry, it lives where its building stands."""
    count = len(people.building)
    start = np.searchsorted(people.building, np.arange(len(houses)))
    place = (np.arange(count) - start[people.building] + 1).tolist()
    building = [codes.codes[n] for n in people.building]
    stairs = people.unit.tolist()
    columns: dict[str, Any] = {
        "building_code": building,
        "unit_no": [f"{unit}单元" for unit in stairs],
        "room_no": [str(room) for room in people.room.tolist()],
        "head_name": [names.person_name(n + 1) for n in range(count)],
        "phone": [names.phone_number(n + 1) for n in range(count)],
        "residents_persons": people.residents.tolist(),
        "registered_persons": people.registered.tolist(),
    }
    for n, field in enumerate(BAND_FIELDS):
        columns[field] = people.bands[:, n].tolist()
    return frame_of("households", [f"{b}-H{n:03d}" for b, n in zip(building, place, strict=True)], None, columns)


def facilities(
    placing: Placing, placed: Placed, layout: Layout, territory: Territory, codes: Buildings
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return facilities in the order of their drafts, and their entrances."""
    drafts = placed.drafts
    made: list[str] = []
    count: dict[str, int] = {}
    columns: dict[str, list[Any]] = {
        key: []
        for key in (
            "category name address floor_area_m2 land_area_m2 capacity capacity_unit opening_state hours owner admits "
            "admits_area_code admits_bands verification verified_on verified_by is_shareable"
        ).split()
    }
    communities = np.array(territory.communities, dtype=object)
    tree = shapely.STRtree(communities)
    doors: list[tuple[str, Any, str, str]] = []
    for draft in drafts:
        count[draft.category] = count.get(draft.category, 0) + 1
        code = f"demo-{draft.category}-{count[draft.category]:04d}"
        made.append(code)
        values = {**draft.values, "category": draft.category}
        if draft.admits_compound is not None:
            values |= {"admits": "quarter", "admits_area_code": codes.quarter_of_compound[draft.admits_compound]}
        if values.get("admits") == "catchment":
            near = int(tree.nearest(draft.geometry.centroid))
            own = codes.community_by_index[near]
            # a primary school takes the children of its community, a middle school those of the street
            values["admits_area_code"] = own if draft.category == "primary_school" else own[:9]
        for key, column in columns.items():
            column.append(values.get(key))
        for n, (at, kind) in enumerate(draft.entrances):
            doors.append((f"{code}-e{n + 1}", at, code, kind))
    frame = frame_of("facilities", made, placing.geometries([d.geometry for d in drafts]), columns)
    entrances = frame_of(
        "entrances",
        [d[0] for d in doors],
        placing.geometries([d[1] for d in doors]),
        {
            "facility_code": [d[2] for d in doors],
            "kind": [d[3] for d in doors],
            "is_step_free": [n % 5 != 0 for n in range(len(doors))],
        },
    )
    return frame, entrances


def inventory_statements(seed: int, layout: Layout) -> gpd.GeoDataFrame:
    """Return who declared which category complete where; some are missing, the first community's parcels always."""
    rng = rng_for(seed, "inventory")
    missing = {plan.category for plan in PLANNED if plan.kind == "not_surveyed"}
    count: dict[int, int] = {}
    rows: list[tuple[str, str, str, bool, str]] = []
    for street in layout.community_street:
        place = count.get(street, 0)
        count[street] = place + 1
        area = community_code(street, place)
        for category in CATEGORY_CODES:
            draw, days = float(rng.random()), int(rng.integers(15, 300))
            if (category in missing and place == 0) or draw < 0.08:
                continue
            on = (REFERENCE_DATE - timedelta(days=days)).isoformat()
            rows.append((f"demo-inventory-{area}-{category}", area, category, draw > 0.14, on))
    return frame_of(
        "inventory_statements",
        [r[0] for r in rows],
        None,
        {
            "statement_area_code": [r[1] for r in rows],
            "category": [r[2] for r in rows],
            "is_complete": [r[3] for r in rows],
            "declared_on": [r[4] for r in rows],
            "declared_by": [f"示例{street_code(int(r[1][6:9]) - 1)}街道办" for r in rows],
        },
    )


def checklist_findings(seed: int, layout: Layout) -> gpd.GeoDataFrame:
    """Return what was found on the spot of the checklist; one item of each community nobody looked at yet."""
    rng = rng_for(seed, "findings")
    count: dict[int, int] = {}
    rows: list[tuple[str, str, str, bool, str]] = []
    for street in layout.community_street:
        place = count.get(street, 0)
        count[street] = place + 1
        area, missing = community_code(street, place), int(rng.integers(len(RECORDED_ITEMS)))
        for number, item in enumerate(RECORDED_ITEMS):
            draw, days = float(rng.random()), int(rng.integers(15, 300))
            if number != missing:
                on = (REFERENCE_DATE - timedelta(days=days)).isoformat()
                rows.append((f"demo-finding-{area}-{item}", area, item, draw < 0.7, on))
    steep = [not r[3] and r[2] == "CRC-12" for r in rows]
    return frame_of(
        "checklist_findings",
        [r[0] for r in rows],
        None,
        {
            "community_code": [r[1] for r in rows],
            "item": [r[2] for r in rows],
            "finding": ["pass" if r[3] else "short" for r in rows],
            "amount": [3.0 if one else None for one in steep],
            "amount_unit": ["处坡道" if one else None for one in steep],
            "found_on": [r[4] for r in rows],
            "found_by": [f"示例{street_code(int(r[1][6:9]) - 1)}街道办" for r in rows],
            "basis": ["示例：现场查看，记录完整" if r[3] else "示例：现场查看，尚不完整" for r in rows],
            "photo_code": [None] * len(rows),
        },
    )
