"""Covered, not covered or unknown: the state of every home for a category within a limit (PRODUCT §3.4)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from shapely import MultiPolygon, Polygon

from geo_service.analysis.snap_index import SnapIndex
from geo_service.analysis.snapping import TOLERANCE_M, snap
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.threads import in_blocks

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

NOT_COVERED, COVERED, UNKNOWN = 0, 1, 2
STATES: Final = ("not_covered", "covered", "unknown")
REASONS: Final = ("", "not_snapped", "facility_unverified", "facility_not_snapped", "edge")
_NOT_SNAPPED, _UNVERIFIED, _FACILITY_NOT_SNAPPED, _EDGE = 1, 2, 3, 4
_PARALLEL_STEP_DEG: Final = 0.005  # a parallel is bent in a metric frame: 0.02 m at most over this step


@dataclass(frozen=True)
class States:
    """State and, where it is unknown, the reason of each home: indices into ``STATES`` and ``REASONS``."""

    state: Codes
    reason: Codes


def states(
    metres: Floats,
    snapped: Flags,
    limit_m: float,
    *,
    unverified_m: Floats | None = None,
    unsnapped_facility_near: Flags | None = None,
    boundary_m: Floats | None = None,
) -> States:
    """Return the state of every home.

    Parameters
    ----------
    metres
        Walking distance to the nearest facility that is open and verified, inf if none, shape (..., h).
    snapped
        Whether the home has a snap target within reach, shape (h,).
    limit_m
        The limit; at the limit counts as covered.
    unverified_m
        Walking distance to the nearest facility that counts but is not verified, shape of ``metres``.
    unsnapped_facility_near
        :func:`near_in_straight_line` of the facilities without a snap target, shape of ``metres``.
    boundary_m
        :func:`boundary_distances`, shape (h,); None where the extent is closed.

    Notes
    -----
    A home that is not snapped is unknown. A home covered by a verified facility is covered. Else, the first that
    holds: an unverified facility within the limit, a facility without a snap target within the limit in a straight
    line, the end of the extent nearer than the limit (and than the distance found, which then is beyond the limit).
    Else it is not covered, also where nothing is reachable.
    """
    state, reason = np.empty(metres.shape, np.uint8), np.zeros(metres.shape, np.uint8)

    def decide(part: slice) -> None:
        here = (..., part)
        far, why = metres[here], reason[here]
        open_question = far > limit_m + TOLERANCE_M
        if boundary_m is not None:
            near_end = boundary_m[part] < limit_m
            if near_end.any():
                np.copyto(why, _EDGE, where=open_question & near_end & (boundary_m[part] < far))
        if unsnapped_facility_near is not None:
            np.copyto(why, _FACILITY_NOT_SNAPPED, where=open_question & unsnapped_facility_near[here])
        if unverified_m is not None:
            np.copyto(why, _UNVERIFIED, where=open_question & (unverified_m[here] <= limit_m + TOLERANCE_M))
        np.copyto(why, _NOT_SNAPPED, where=~snapped[part])
        state[here] = ~open_question
        np.copyto(state[here], UNKNOWN, where=why > 0)

    in_blocks(metres.shape[-1], decide)
    return States(state, reason)


def near_in_straight_line(x: Floats, y: Floats, facility_x: Floats, facility_y: Floats, limit_m: float) -> Flags:
    """Whether any of the facilities lies within ``limit_m`` of each home in a straight line, shape (h,).

    Positions in one metric frame. Give the entrances (else the centroid) of facilities none of whose entrances
    has a snap target; homes that are not finite get False.
    """
    near = np.zeros(len(x), bool)
    placed = np.isfinite(facility_x) & np.isfinite(facility_y)
    homes = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not placed.any() or not len(homes):
        return near
    tree = cKDTree(np.column_stack([facility_x[placed], facility_y[placed]]))
    distance, _ = tree.query(
        np.column_stack([x[homes], y[homes]]), distance_upper_bound=np.nextafter(limit_m + TOLERANCE_M, np.inf)
    )
    near[homes] = np.isfinite(distance)
    return near


def boundary_distances(
    extent: Polygon | MultiPolygon, frame: MetricFrame, x: Floats, y: Floats, limit_m: float
) -> Floats:
    """Return the straight distance of each home to the end of the extent, metres, shape (h,).

    Parameters
    ----------
    extent
        What was loaded, in lon/lat; its sides follow parallels and meridians in lon/lat, not straight lines of
        the metric frame. Holes end it too.
    frame
        Metric frame of ``x`` and ``y``.
    x, y
        Homes, metres, shape (h,).
    limit_m
        Only distances below this matter: farther from the boundary comes back as inf.

    Returns
    -------
    Floats
        0 for a home outside the extent (or without a position).
    """
    outline = frame.geometries_to_metric([shapely.segmentize(extent, _PARALLEL_STEP_DEG)])[0]
    shapely.prepare(outline)
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(outline)), return_index=True)
    side = np.flatnonzero(ring[1:] == ring[:-1])
    start, end = xy[side], xy[side + 1]
    sides = SnapIndex.build(
        np.arange(len(side), dtype=np.int32),
        (start[:, 0], start[:, 1]),
        (end[:, 0], end[:, 1]),
        np.zeros(len(side)),
        reach_m=limit_m,
    )
    distance = np.empty(len(x))

    def measure(part: slice) -> None:
        near = snap(sides, x[part], y[part], limit_m)
        distance[part] = np.where(near.snapped, near.leg_m, np.inf)
        distance[part][~shapely.contains_xy(outline, x[part], y[part])] = 0.0

    in_blocks(len(x), measure)
    return distance
