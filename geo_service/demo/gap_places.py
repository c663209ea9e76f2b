"""Choosing where each deliberate gap comes to lie: the home that shows it and the facility that is wrong."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point

from geo_service.demo.gaps import PlannedGap
from geo_service.demo.plan import Floats
from geo_service.demo.scene import Discs, FacilityDraft, Placed, Scene
from geo_service.demo.streets import hill_top
from geo_service.demo.terrain import street_corner


def place_gap(placed: Placed, clear: Discs, plan: PlannedGap, street: int, scene: Scene) -> None:
    """Choose the home and the facility of one gap and keep others of the category away."""
    houses = scene.houses
    lived_in = (houses.street == street) & (houses.households > 0) & ~houses.is_kind("lodge", "island")
    homes = np.flatnonzero(lived_in)
    xy = np.column_stack([houses.x, houses.y])
    corner = {
        "none_in_reach": (1.0, 0.8),
        "verification_expired": (1.0, 0.3),
        "unverified": (0.8, -1.0),
        "admits_others": (-0.5, -1.0),
        "opening_unknown": (1.0, -0.6),
        "edge": (-1.0, -0.1),
    }
    home: int | None = None
    at: Point | None = None
    values: dict[str, Any] = {}
    if plan.kind in corner:
        weight = np.array(corner[plan.kind])
        home = int(homes[np.argmax(np.round(xy[homes] @ weight, 1))])
        values = {
            "admits_others": {"admits": "unit", "owner": "示例机械厂"},
            "unverified": {"verification": "unverified"},
            "opening_unknown": {"opening_state": "unknown"},
            "verification_expired": {"verified_on": "2019-05-06", "verified_by": "示例网格员"},
        }.get(plan.kind, {})
        if values:
            at = scene.slot_near(xy[home], street)
    elif plan.kind == "barrier_rail":
        home, at = _across_the_rail(scene, street, homes, xy)
    elif plan.kind == "barrier_wall":
        home, at = _behind_the_wall(scene, street, homes, xy)
    elif plan.kind == "over_capacity":
        score = houses.households[homes] * np.where(houses.is_kind("tower")[homes], 1, 0)
        home = int(homes[np.argmax(score)])
        at, values = scene.slot_near(xy[home], street), {"capacity": 30.0}
    elif plan.kind == "facility_not_snapped":
        top = hill_top(scene.terrain.hills[street])
        at = Point(np.round([top.x - 9.0, top.y + 9.0], 2))
        near = np.hypot(*(xy[homes] - [top.x, top.y]).T)
        home = int(homes[np.argmin(np.round(near, 1))])
    elif plan.kind in ("home_not_snapped", "unreachable"):
        kind = "lodge" if plan.kind == "home_not_snapped" else "island"
        home = int(np.flatnonzero((houses.street == street) & houses.is_kind(kind))[0])
    if home is not None:
        placed.homes[plan.kind, street] = home
        if plan.clear_m:
            clear.setdefault(plan.category, []).append((xy[home], plan.clear_m))
    if at is not None:
        placed.drafts.append(FacilityDraft(plan.category, at, street, values, gap=plan))


def _across_the_rail(
    scene: Scene, street: int, homes: npt.NDArray[np.int64], xy: Floats
) -> tuple[int | None, Point | None]:
    """Choose a home south of the railway halfway between the crossings and a slot right across."""
    size, slots = scene.size, scene.slots
    rail = np.asarray(scene.streets.rails[street // size.columns].coords)
    own = [c.at.x for c in scene.streets.crossings if c.street == street]
    middle = sum(own) / len(own)
    x0, _ = street_corner(size, street)
    middle = min(middle, x0 + 0.8 * size.width_m)

    def above(points: Floats) -> Floats:
        return np.asarray(points[:, 1] - np.interp(points[:, 0], rail[:, 0], rail[:, 1]))

    north = (above(slots.xy) > 0) & (above(slots.xy) < 60) & (slots.street == street)
    south = (above(xy[homes]) < 0) & (above(xy[homes]) > -130)
    if not north.any() or not south.any():
        return None, None
    near = homes[south]
    home = int(near[np.argmin(np.round(np.abs(xy[near, 0] - middle), 1))])
    places = slots.xy[north]
    return home, Point(places[np.argmin(np.round(np.hypot(*(places - xy[home]).T), 2))])


def _behind_the_wall(
    scene: Scene, street: int, homes: npt.NDArray[np.int64], xy: Floats
) -> tuple[int | None, Point | None]:
    """Choose the quarter whose one gate is on the far side, its home nearest to the blind wall, the slot beyond."""

    def xy_of(slot: int) -> Floats:
        return np.asarray(scene.slots.xy[slot])

    for n, compound in enumerate(scene.compounds):
        blind = compound.blind_side
        if blind is None or compound.parcel.street != street:
            continue
        inside = homes[scene.houses.compound[homes] == n]
        if len(inside):
            beyond = np.asarray(blind.coords[0])
            near = inside[np.argsort(np.round(np.hypot(*(xy[inside] - beyond).T), 2), kind="stable")]
            # one steps out of the home onto the quarter's own path, not over the wall
            own = [int(n) for n in near if _nearest_is_inner(scene, xy[n])]
            slots = np.flatnonzero(scene.slots.street == street)
            away = np.round(np.hypot(*(scene.slots.xy[slots] - beyond).T), 2)
            # and the ground is nearer to its street than to the path behind the wall
            outer = (int(n) for n in slots[np.argsort(away, kind="stable")] if not _nearest_is_inner(scene, xy_of(n)))
            return (own or [int(near[0])])[0], Point(xy_of(next(outer)))
    return None, None


def _nearest_is_inner(scene: Scene, at: Floats) -> bool:
    """Whether the nearest way one may step onto is a path inside a quarter."""
    ways = scene.streets.ways
    away = shapely.distance(np.array(ways.lines, dtype=object), Point(at))
    nearest = int(np.argmin(np.where(ways.snap_target, np.round(away, 2), np.inf)))
    return ways.names[nearest] is None
