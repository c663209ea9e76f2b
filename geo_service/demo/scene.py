"""What facilities are placed in: the finished streets and buildings, and places in front of them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Geometry, Point

from geo_service.demo.compounds import Compound
from geo_service.demo.gaps import PlannedGap
from geo_service.demo.houses import Houses
from geo_service.demo.parcels import Parcel
from geo_service.demo.plan import Floats, Size
from geo_service.demo.streets import StreetPlan
from geo_service.demo.terrain import Terrain
from geo_service.demo.territory import Territory

Discs = dict[str, list[tuple[Floats, float]]]  # category → places others keep away from, and how far (m)


@dataclass
class FacilityDraft:
    """One facility before it has a code; values are columns of the layer."""

    category: str
    geometry: Geometry
    street: int
    values: dict[str, Any] = field(default_factory=dict)
    entrances: list[tuple[Point, str]] = field(default_factory=list)
    admits_compound: int | None = None
    gap: PlannedGap | None = None


@dataclass
class Placed:
    """All facilities, and for each planned gap and street the row of the home that shows it."""

    drafts: list[FacilityDraft] = field(default_factory=list)
    homes: dict[tuple[str, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Slots:
    """Places at the edge of a street, in front of a parcel."""

    xy: Floats
    half_width_m: Floats
    street: npt.NDArray[np.int64]  # -1 beyond the communities


@dataclass(frozen=True)
class Scene:
    """The town before any facility stands in it."""

    size: Size
    streets: StreetPlan
    parcels: list[Parcel]
    compounds: list[Compound]
    houses: Houses
    terrain: Terrain
    territory: Territory

    @cached_property
    def slots(self) -> Slots:
        """All places for facilities along the streets."""
        return _slots(self.streets, self.parcels, self.territory)

    def slot_near(self, at: Floats, street: int) -> Point:
        """Return the slot of a street that is nearest to a place."""
        own = np.flatnonzero(self.slots.street == street)
        nearest = own[np.argmin(np.round(np.hypot(*(self.slots.xy[own] - at).T), 2))]
        return Point(self.slots.xy[nearest])


def outside(xy: Floats, discs: list[tuple[Floats, float]]) -> npt.NDArray[np.bool_]:
    """Return which places lie outside all discs."""
    free = np.ones(len(xy), bool)
    for middle, radius_m in discs:
        free &= np.hypot(*(xy - middle).T) > radius_m
    return free


def _slots(streets: StreetPlan, parcels: list[Parcel], territory: Territory) -> Slots:
    """Sample both edges of all streets that are wide enough for shops."""
    ways = streets.ways
    chosen = [n for n, w in enumerate(ways.half_widths_m) if w >= 5.0 and ways.snap_target[n]]
    xy, widths = [], []
    for n in chosen:
        line, half = ways.lines[n], ways.half_widths_m[n]
        at = np.arange(12.0, max(12.1, line.length - 12.0), 23.0)
        here = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, at + 1.0))
        side = np.column_stack([-(ahead - here)[:, 1], (ahead - here)[:, 0]])
        side /= np.maximum(np.hypot(side[:, 0], side[:, 1]), 1e-9)[:, None]
        for sign in (1.0, -1.0):
            xy.append(np.round(here + sign * side * (half - 0.8), 2))
            widths.append(np.full(len(at), half))
    points, width = np.vstack(xy), np.concatenate(widths)
    tree = shapely.STRtree(np.array([p.polygon for p in parcels], dtype=object))
    near, _ = tree.query(shapely.points(points), predicate="dwithin", distance=4.0)
    street = np.full(len(points), -1)
    for n, office in enumerate(territory.streets):
        shapely.prepare(office)
        street[shapely.contains_xy(office, points[:, 0], points[:, 1])] = n
    usable = street < 0
    usable[near] = True
    return Slots(points[usable], width[usable], street[usable])
