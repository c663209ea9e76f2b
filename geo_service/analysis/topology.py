"""A polygon among those it shares the ground with: overlaps, gaps, slivers, what lies outside (PRODUCT §2.2).

In a plane in metres in which the straight lines of the drawing are straight (:class:`DrawnPlane`): in a map
projection an edge with a corner in its middle lies beside the same edge without it. Corners that were snapped to each
other agree to a tenth of a millimetre, those drawn by hand do not: what is thinner than :data:`NOISE_M` is nothing,
what is thinner than :data:`SLIVER_M` a sliver. The width of a piece is twice its area by its perimeter: that of a
strip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.foundation.crs import geodesic_lengths_m

Kind = Literal["overlap", "outside_parent", "gap", "sliver"]
Shapes = npt.NDArray[np.object_]
NOISE_M: Final = 0.02
SLIVER_M: Final = 1.0
_FEWEST_M_PER_DEGREE: Final = 1.0  # at the poles a degree of longitude is nothing
_ORDER: Final[tuple[Kind, ...]] = ("overlap", "outside_parent", "gap", "sliver")


@dataclass(frozen=True)
class DrawnPlane:
    """Metres east and north of a place, degrees stretched: ``lon``, ``lat`` and metres per degree there."""

    lon: float
    lat: float
    east_m: float
    north_m: float

    @classmethod
    def at(cls, lon: float, lat: float) -> "DrawnPlane":
        """Return the plane around a place in degrees."""
        step = 0.001 if lat < 0 else -0.001
        lons, lats = np.array([lon, lon]), np.array([lat, lat])
        lengths = geodesic_lengths_m(lons, lats, lons + np.array([0.001, 0.0]), lats + np.array([0.0, step])) * 1000
        return cls(lon, lat, max(float(lengths[0]), _FEWEST_M_PER_DEGREE), float(lengths[1]))

    def to_metres(self, shapes: Any) -> Shapes:
        """Return shapes in degrees in the plane."""
        scale = np.array([self.east_m, self.north_m])
        return self._moved(shapes, lambda xy: (xy - (self.lon, self.lat)) * scale)

    def to_degrees(self, shapes: Any) -> Shapes:
        """Return shapes of the plane in degrees."""
        scale = np.array([self.east_m, self.north_m])
        return self._moved(shapes, lambda xy: xy / scale + (self.lon, self.lat))

    @staticmethod
    def _moved(shapes: Any, convert: Any) -> Shapes:
        array = np.empty(len(shapes), dtype=object)
        array[:] = list(shapes)
        return np.asarray(shapely.transform(array, convert), dtype=object)


@dataclass(frozen=True)
class Piece:
    """Ground that is wrong: which way, its polygons, its area, the neighbour it is shared with (-1: none)."""

    kind: Kind
    shape: Any
    area_m2: float
    neighbour: int = -1


def pieces_of(shape: Any, neighbours: Shapes, parent: Any = None) -> tuple[Piece, ...]:
    """Return what is wrong with a polygon, by kind, the largest first.

    Parameters
    ----------
    shape
        The polygon.
    neighbours
        Those it must not overlap, shape (n,); where there is a parent, all that lie in it.
    parent
        What it must lie in, None for nothing. Ground of it that nobody has is a gap where it touches the polygon;
        without a parent only what is enclosed is.
    """
    found: list[Piece] = []
    shape, parent = shapely.make_valid(shape), shapely.make_valid(parent)
    others = np.asarray(shapely.make_valid(np.asarray(neighbours, dtype=object)), dtype=object)
    near = np.flatnonzero(shapely.intersects(shape, others))
    for number in near.tolist():
        found += sorted_out(shapely.intersection(shape, others[number]), "overlap", number)
    taken = shapely.union_all([shape, *others])
    if parent is None:
        whole = [part for part in shapely.get_parts(taken) if part.geom_type == "Polygon"]
        rest = shapely.union_all([shapely.polygons(ring) for part in whole for ring in part.interiors])
    else:
        found += sorted_out(shapely.difference(shape, parent), "outside_parent")
        rest = shapely.difference(parent, taken)
    beside = [part for part in shapely.get_parts(rest) if shapely.dwithin(part, shape, NOISE_M)]
    for part in beside:
        found += sorted_out(part, "gap")
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.kind), -one.area_m2, one.shape.bounds)))


def wide_overlaps(shape: Any, others: Shapes) -> tuple[Piece, ...]:
    """Return where a polygon lies over others by a metre or more, the largest first; what is thinner is drawing."""
    shape = shapely.make_valid(shape)
    array = np.asarray(shapely.make_valid(np.asarray(others, dtype=object)), dtype=object)
    near = np.flatnonzero(shapely.intersects(shape, array)) if len(array) else np.zeros(0, np.int64)
    found = [
        one
        for number in near.tolist()
        for one in sorted_out(shapely.intersection(shape, array[number]), "overlap", number)
        if one.kind == "overlap"
    ]
    return tuple(sorted(found, key=lambda one: (-one.area_m2, one.neighbour)))


def wide_rest(shape: Any, ground: Sequence[Any]) -> Piece | None:
    """Return what of a polygon lies a metre or more beside the ground, None for nothing."""
    rest = shapely.difference(shapely.make_valid(shape), shapely.union_all(shapely.make_valid(list(ground))))
    return next((one for one in sorted_out(rest, "outside_parent") if one.kind == "outside_parent"), None)


def outside_all(points: Shapes, shapes: Sequence[Any], ground: Any) -> npt.NDArray[np.bool_]:
    """Return which points lie on the ground, but in none of the shapes; shape (n,)."""
    shapely.prepare(ground)
    left: npt.NDArray[np.bool_] = shapely.intersects(ground, points)
    if len(points) and len(shapes):
        _, point = shapely.STRtree(points).query(np.asarray(shapes, dtype=object), predicate="intersects")
        left[point] = False
    return left


def width_m(shape: Any) -> float:
    """Return how wide a polygon is, as wide as a strip of its area and perimeter; 0 for none."""
    perimeter = float(shapely.length(shape))
    return 2 * float(shapely.area(shape)) / perimeter if perimeter else 0.0


def sorted_out(shape: Any, kind: Kind, neighbour: int = -1) -> list[Piece]:
    """Return the polygons of a shape as one piece of its kind and one of slivers; noise is left out."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    wide = [part for part in parts if width_m(part) >= SLIVER_M]
    thin = [part for part in parts if NOISE_M <= width_m(part) < SLIVER_M]
    named: tuple[tuple[Kind, list[Any]], ...] = ((kind, wide), ("sliver", thin))
    return [
        Piece(name, shapely.multipolygons(some), float(shapely.area(some).sum()), neighbour)
        for name, some in named
        if some
    ]
