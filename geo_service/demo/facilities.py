"""Facilities of all categories and where they stand, with the deliberate gaps of :mod:`geo_service.demo.gaps`."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry, Point

from geo_service.demo.compounds import Compound
from geo_service.demo.gap_places import place_gap
from geo_service.demo.gaps import PLANNED
from geo_service.demo.plan import Floats, Size, rng_for
from geo_service.demo.scene import Discs, FacilityDraft, Placed, Scene, Slots, outside
from geo_service.demo.terrain import street_corner
from geo_service.domain.facilities import CATEGORY_CODES

# category → how many points a street gets beside its campuses, metres kept between two, label in names,
# floor area m² (low, high), capacity (low, high) with unit
WANTED: Final[dict[str, tuple[int, float, str, tuple[int, int], tuple[int, int] | None, str | None]]] = {
    "service_station": (0, 0, "社区综合服务站", (600, 1200), None, None),
    "kindergarten": (10, 380, "幼儿园", (1200, 3200), (180, 360), "places"),
    "nursery": (5, 500, "托育园", (200, 600), (20, 60), "places"),
    "primary_school": (0, 0, "小学", (6000, 12000), (900, 1600), "places"),
    "middle_school": (0, 0, "中学", (9000, 18000), (900, 1800), "places"),
    "elder_station": (8, 450, "老年服务站", (300, 900), (20, 60), "beds"),
    "clinic": (9, 420, "社区卫生服务站", (150, 400), None, None),
    "hospital": (0, 0, "医院", (9000, 26000), (120, 400), "beds"),
    "culture_station": (5, 480, "文化活动站", (200, 800), None, None),
    "supermarket": (7, 420, "超市", (400, 2600), None, None),
    "convenience": (60, 110, "便利店", (30, 120), None, None),
    "market": (1, 500, "菜市场", (800, 2600), None, None),
    "parcel": (42, 130, "快递驿站", (20, 60), None, None),
    "pharmacy": (18, 240, "药店", (50, 160), None, None),
    "retail": (75, 60, "便民店", (20, 90), None, None),
    "parking": (20, 250, "停车场", (600, 3000), (25, 120), "spaces"),
    "charging": (16, 280, "充电站", (50, 300), (4, 20), "chargers"),
    "bus_stop": (46, 230, "公交站", (0, 0), None, None),
    "metro": (2, 900, "轨道交通站", (0, 0), None, None),
    "toilet": (24, 240, "公共厕所", (30, 90), None, None),
    "waste_station": (10, 350, "垃圾收集站", (60, 160), None, None),
    "recycling": (14, 300, "再生资源回收点", (15, 60), None, None),
    "activity_ground": (6, 350, "活动场地", (0, 0), None, None),
    "sports_ground": (1, 600, "运动场", (0, 0), None, None),
    "park": (0, 0, "公园", (0, 0), None, None),
    "police": (2, 900, "警务室", (100, 400), None, None),
    "canteen": (7, 450, "幸福食堂", (120, 400), (40, 120), "seats"),
    "rest_stop": (6, 500, "驿站", (20, 60), None, None),
    "shelter": (2, 700, "应急避难场所", (0, 0), (500, 3000), "persons"),
}
_CAMPUSES: Final = {
    "primary_school": "primary_school",
    "middle_school": "middle_school",
    "hospital": "hospital",
    "kindergarten": "kindergarten",
}
_ROADS_ONLY: Final = ("bus_stop", "metro")


def place_facilities(scene: Scene, seed: int) -> Placed:
    """Place the gaps first, then campuses, then everything else outside the gaps' surroundings."""
    rng = rng_for(seed, "facilities")
    size, slots = scene.size, scene.slots
    placed = Placed()
    clear: Discs = {}
    for street in range(size.streets):
        for plan in PLANNED:
            is_west = street % size.columns == 0
            if not (plan.needs_room and size.name == "small") and (plan.kind != "edge" or is_west):
                place_gap(placed, clear, plan, street, scene)
    _campuses(placed, clear, scene)
    _stations(placed, scene)
    for category, (wanted, gap_m, *_) in WANTED.items():
        for street in range(size.streets):
            count = max(1, round(wanted * houses_share(size))) if wanted else 0
            usable = (slots.street == street) | ((slots.street < 0) & _beside(slots, size, street))
            if category in _ROADS_ONLY:
                usable &= slots.half_width_m >= 9.0
            usable &= outside(slots.xy, clear.get(category, []))
            for at in _spread(rng, slots.xy[usable], count, gap_m, _points(placed, category)):
                placed.drafts.append(FacilityDraft(category, Point(at), street))
    _in_quarters(rng, placed, clear, scene.compounds)
    _complete(placed, clear, scene)
    _describe(rng, placed)
    return placed


def houses_share(size: Size) -> float:
    """Return how large a street of this size is against a full one."""
    return size.households / 30_000


def _beside(slots: Slots, size: Size, street: int) -> npt.NDArray[np.bool_]:
    """Return slots beyond the communities that lie within 900 m of this street's middle part."""
    x0, y0 = street_corner(size, street)
    dx = np.maximum(0, np.maximum(x0 - slots.xy[:, 0], slots.xy[:, 0] - x0 - size.width_m))
    dy = np.maximum(0, np.maximum(y0 - slots.xy[:, 1], slots.xy[:, 1] - y0 - size.height_m))
    return np.asarray((np.hypot(dx, dy) < 1100.0) & (np.arange(len(slots.xy)) % 9 == 0))


def _points(placed: Placed, category: str) -> Floats:
    found = [draft.geometry.centroid.coords[0] for draft in placed.drafts if draft.category == category]
    return np.asarray(found).reshape(-1, 2)


def _spread(rng: np.random.Generator, xy: Floats, count: int, gap_m: float, taken: Floats) -> list[Floats]:
    """Pick places in random order that keep their distance; the distance shrinks if there is no more room."""
    chosen: list[Floats] = []
    kept = taken
    for shrink in (1.0, 0.6, 0.3):
        for n in rng.permutation(len(xy)):
            if len(chosen) == count:
                return chosen
            if not len(kept) or float(np.hypot(*(kept - xy[n]).T).min()) >= gap_m * shrink:
                chosen.append(xy[n])
                kept = np.vstack([kept, xy[n]])
    return chosen


def _campuses(placed: Placed, clear: Discs, scene: Scene) -> None:
    """Schools, hospitals, kindergartens with their gates; markets and sports halls; parks; shelters on pitches."""
    compounds, houses = scene.compounds, scene.houses

    def free(category: str, at: Geometry) -> bool:
        return bool(outside(np.asarray(at.centroid.coords), clear.get(category, []))[0])

    for n, compound in enumerate(compounds):
        parcel = compound.parcel
        category = _CAMPUSES.get(parcel.use)
        if category and free(category, parcel.polygon):
            draft = FacilityDraft(category, parcel.polygon, parcel.street)
            draft.entrances = [(gate.at, "main" if k == 0 else "side") for k, gate in enumerate(compound.gates)]
            draft.values["land_area_m2"] = round(parcel.polygon.area, 0)
            placed.drafts.append(draft)
        if compound.pitch is not None:
            values: dict[str, Any] = {"land_area_m2": round(compound.pitch.area, 0)}
            if parcel.use != "sports":
                values |= {"admits": "unit", "owner": "示例学校", "is_shareable": True}
            if free("sports_ground", compound.pitch):
                sports = FacilityDraft("sports_ground", compound.pitch, parcel.street, values)
                sports.entrances = [(gate.at, "main") for gate in compound.gates[:1]]
                placed.drafts.append(sports)
            if parcel.use != "sports" and free("shelter", compound.pitch):
                placed.drafts.append(
                    FacilityDraft("shelter", compound.pitch.centroid, parcel.street, {"owner": "示例街道应急办"})
                )
        if parcel.use == "market":
            own = np.flatnonzero(houses.compound == n)
            if len(own):
                hall = houses.footprint[own[int(np.argmax(shapely.area(houses.footprint[own]).round(1)))]]
                if free("market", hall):
                    placed.drafts.append(FacilityDraft("market", hall, parcel.street))
    for parcel in scene.parcels:
        if parcel.use == "park":
            placed.drafts.append(
                FacilityDraft("park", parcel.polygon, parcel.street, {"land_area_m2": round(parcel.polygon.area, 0)})
            )
    for street, lake in enumerate(scene.terrain.lakes):
        shore = lake.buffer(24.0) - lake
        walk = np.asarray(lake.buffer(9.0).exterior.coords)
        draft = FacilityDraft("park", shore, street, {"land_area_m2": round(shore.area, 0), "name": "示例湖滨公园"})
        step = max(1, len(walk) // 8)
        draft.entrances = [(Point(np.round(xy, 2)), "side" if k else "main") for k, xy in enumerate(walk[:-1:step])]
        placed.drafts.append(draft)


def _stations(placed: Placed, scene: Scene) -> None:
    """One service station in the middle of every community; the first of each street is far too small."""
    slots = scene.slots
    plan = next(p for p in PLANNED if p.kind == "too_small")
    seen: set[int] = set()
    for community in scene.territory.communities:
        middle = np.asarray(community.representative_point().coords[0])
        nearest = int(np.argmin(np.where(slots.street >= 0, np.hypot(*(slots.xy - middle).T).round(2), np.inf)))
        street = int(slots.street[nearest])
        draft = FacilityDraft("service_station", Point(slots.xy[nearest]), street)
        if street not in seen:
            seen.add(street)
            draft.gap, draft.values = plan, {"floor_area_m2": 90.0}
        placed.drafts.append(draft)


def _in_quarters(rng: np.random.Generator, placed: Placed, clear: Discs, compounds: list[Compound]) -> None:
    """Activity grounds in gardens (walled ones for their own people), parcel lockers and chargers behind gates."""

    def put(category: str, at: Point, n: int, own: bool) -> None:
        if outside(np.asarray(at.coords), clear.get(category, []))[0]:
            draft = FacilityDraft(category, at, compounds[n].parcel.street)
            draft.admits_compound = n if own else None
            placed.drafts.append(draft)

    for n, compound in enumerate(compounds):
        if not compound.is_quarter or not compound.gates:
            continue
        gate = np.asarray(compound.gates[0].at.coords[0])
        inward = np.asarray(compound.parcel.polygon.centroid.coords[0]) - gate
        behind = Point(np.round(gate + inward / np.hypot(*inward) * 9.0, 2))
        draw = rng.random(4)
        if compound.garden is not None and draw[0] < 0.5:
            put("activity_ground", compound.garden.centroid, n, compound.is_walled)
        if draw[1] < 0.35:
            put("parcel", behind, n, compound.is_walled)
        if draw[2] < 0.25:
            put("charging", behind, n, compound.is_walled)
        if draw[3] < 0.45:
            put("parking", Point(np.round(gate + inward * 0.5, 2)), n, compound.is_walled)


def _complete(placed: Placed, clear: Discs, scene: Scene) -> None:
    """Put a category that found no room at all where it disturbs its gaps least."""
    there = {draft.category for draft in placed.drafts}
    for category in CATEGORY_CODES:
        if category not in there:
            away = np.full(len(scene.slots.xy), np.inf)
            for middle, radius_m in clear.get(category, []):
                away = np.minimum(away, np.hypot(*(scene.slots.xy - middle).T) - radius_m)
            usable = np.flatnonzero((away > 0) & (scene.slots.street >= 0))
            best = int(usable[len(usable) // 2]) if len(usable) else int(np.argmax(np.round(away, 1)))
            placed.drafts.append(FacilityDraft(category, Point(scene.slots.xy[best]), 0))


def _describe(rng: np.random.Generator, placed: Placed) -> None:
    """Give every facility its name, size, hours and the ordinary states; gaps keep what they were given."""
    number: dict[str, int] = {}
    for draft in placed.drafts:
        _, _, label, floor, capacity, unit = WANTED[draft.category]
        number[draft.category] = number.get(draft.category, 0) + 1
        values: dict[str, Any] = {"name": f"示例{label}{number[draft.category]:02d}", "opening_state": "open"}
        values |= {"admits": "public", "verification": "verified", "is_shareable": False}
        if floor[1]:
            values["floor_area_m2"] = float(rng.integers(floor[0], floor[1] + 1))
        if capacity and unit:
            values |= {"capacity": float(rng.integers(capacity[0], capacity[1] + 1)), "capacity_unit": unit}
        if draft.category == "kindergarten":
            values |= {"admits": "age_band", "admits_bands": ["3_5"]}
        if draft.category == "nursery":
            values |= {"admits": "age_band", "admits_bands": ["0_2"]}
        if draft.category == "elder_station":
            values |= {"admits": "age_band", "admits_bands": ["60_64", "65_79", "80_plus"]}
        if draft.category in ("primary_school", "middle_school"):
            values["admits"] = "catchment"
        if draft.category in ("convenience", "supermarket", "pharmacy", "market"):
            values["hours"] = str(rng.choice(["07:00-22:00", "08:00-21:00", "06:00-19:00", "24/7"]))
        draw = float(rng.random())
        if draft.gap is None and draft.category in ("retail", "convenience", "parking", "toilet"):
            if draw < 0.03:
                values["opening_state"] = "closed"
            elif draw < 0.05:
                values["opening_state"] = "planned"
            elif draw < 0.07:
                values["opening_state"] = "unknown"
            elif draw < 0.10:
                values["verification"] = "unverified"
        draft.values = values | draft.values
