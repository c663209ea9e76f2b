"""Coverage by a straight service radius, as official indicators define it: buffers over residential land."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]
_QUARTER_SEGMENTS = 32  # of a circle: its area is short by less than 0.05 %


@dataclass(frozen=True)
class Covered:
    """Land within the radius, m², by part of the territory, and which points are; shapes (g,), (g,), (h,)."""

    land_m2: Floats
    covered_m2: Floats
    points: Flags


def covered_by_radius(
    sources: Shapes, radius_m: Floats, land: Shapes, territory: Sequence[shapely.Geometry | None], points: Shapes
) -> Covered:
    """Return how much land lies within the radius of anything.

    Parameters
    ----------
    sources, radius_m
        What serves (points or polygons) and its radius from its edge, metres; shape (s,).
    land
        Residential land, which may overlap and counts once, shape (q,).
    territory
        Parts of the territory; None stands for all of it.
    points
        Homes, shape (h,).

    Everything in one metric plane.
    """
    reach = shapely.union_all(shapely.buffer(sources, radius_m, quad_segs=_QUARTER_SEGMENTS)) if len(sources) else None
    residential = shapely.union_all(land) if len(land) else shapely.GeometryCollection()
    inside = shapely.intersection(residential, reach) if reach is not None else shapely.GeometryCollection()
    whole, part = [], []
    for one in territory:
        whole.append(residential.area if one is None else shapely.intersection(residential, one).area)
        part.append(inside.area if one is None else shapely.intersection(inside, one).area)
    here = np.zeros(len(points), bool)
    if reach is not None:
        shapely.prepare(reach)
        here = np.asarray(shapely.covers(reach, points), bool)
    return Covered(np.array(whole, float), np.array(part, float), here)
