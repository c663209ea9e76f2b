"""Gap zones: homes that lack something, grouped with their neighbours for the same reason (PRODUCT §3.10)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_service.analysis.snapping import TOLERANCE_M
from geo_service.analysis.states import COVERED, UNKNOWN
from geo_service.foundation.crs import MetricFrame

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

# the closed list; a home that lacks nothing has none
REASONS: Final = (
    "", "no_facility", "near_by_air", "admits_others", "over_capacity", "not_surveyed", "unknown_data",
)  # fmt: skip
NO_FACILITY, NEAR_BY_AIR, ADMITS_OTHERS, OVER_CAPACITY, NOT_SURVEYED, UNKNOWN_DATA = range(1, len(REASONS))
RANKED: Final = frozenset(REASONS[1:NOT_SURVEYED])
_AROUND_SHARE: Final = 0.5  # of the distance of neighbours: how far a zone reaches around its homes
_TOUCHING_M: Final = 0.5  # added, so that neighbours at exactly the distance share more than a point
_CORNER_M: Final = 1.0  # bends of the outline smaller than this are straightened


@dataclass(frozen=True)
class Gaps:
    """Why each home lacks something: places in ``REASONS``, shape (h,).

    ``apparent`` is what the reason would be were the inventory declared complete; it differs from ``reason`` for homes
    not surveyed only.
    """

    reason: Codes
    apparent: Codes


def gap_reasons(state: Codes, *, near_by_air: Flags, others_near: Flags, is_short: Flags, surveyed: Flags) -> Gaps:
    """Return the reason of every home, the first that holds.

    Parameters
    ----------
    state
        Of ``analysis.states``, shape (h,).
    near_by_air
        A facility that admits the home's people is within the limit in a straight line (it is not on foot).
    others_near
        A facility that does not admit them is within the limit on foot.
    is_short
        Covered, but the places within reach are too few.
    surveyed
        The inventory of facilities is declared complete where the home is.

    Notes
    -----
    Not known data comes first (never a gap); then, of homes that are not covered or short, those not surveyed; then
    short of places; near by air before others admitted only; else there is no facility.
    """
    apparent = np.full(state.shape, NO_FACILITY, np.uint8)
    apparent[others_near] = ADMITS_OTHERS
    apparent[near_by_air] = NEAR_BY_AIR
    apparent[state == COVERED] = 0
    apparent[(state == COVERED) & is_short] = OVER_CAPACITY
    apparent[state == UNKNOWN] = UNKNOWN_DATA
    lacking = (apparent > 0) & (apparent != UNKNOWN_DATA)
    reason = np.where(lacking & ~surveyed, NOT_SURVEYED, apparent).astype(np.uint8)
    return Gaps(reason, apparent)


def nearest_by_air(x: Floats, y: Floats, to_x: Floats, to_y: Floats, limit_m: float) -> tuple[Floats, Ints]:
    """Return the straight distance to the nearest of some places within ``limit_m`` (inf for none) and which it is.

    Positions in one metric frame, shapes (h,) and (k,); -1 for none, of several at the same distance the first.
    """
    metres, place = np.full(len(x), np.inf), np.full(len(x), -1, np.int32)
    if not len(to_x) or not len(x):
        return metres, place
    tree = cKDTree(np.column_stack([to_x, to_y]))
    xy = np.column_stack([x, y])
    far, which = tree.query(xy, k=2, distance_upper_bound=np.nextafter(limit_m + TOLERANCE_M, np.inf))
    found = np.isfinite(far[:, 0])
    metres[found], place[found] = far[found, 0], which[found, 0]
    for one in np.flatnonzero(found & (far[:, 1] <= far[:, 0] + TOLERANCE_M)):
        place[one] = min(tree.query_ball_point(xy[one], far[one, 0] + TOLERANCE_M))
    return metres, place


def group_neighbours(x: Floats, y: Floats, kind: npt.NDArray[np.integer], link_m: float) -> Ints:
    """Return the group of each point, shape (n,): single linkage of points of one kind at most ``link_m`` apart.

    Positions in one metric frame. Two points are in one group if a chain of such neighbours joins them. Groups are
    numbered from 0 by their first point, so that only the order of groups depends on the order of the points.
    """
    if not len(x):
        return np.zeros(0, np.int32)
    pairs = cKDTree(np.column_stack([x, y])).query_pairs(link_m + TOLERANCE_M, output_type="ndarray")
    pairs = pairs[kind[pairs[:, 0]] == kind[pairs[:, 1]]]
    graph = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(x), len(x)))
    _, label = connected_components(graph, directed=False)
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[number]


def outlines(frame: MetricFrame, x: Floats, y: Floats, group: Ints, link_m: float) -> npt.NDArray[np.object_]:
    """Return the outline of each group in degrees, valid (multi)polygons, shape (groups,).

    What lies within half of ``link_m`` of a home of the group: in one piece, as its homes are neighbours.
    """
    size = int(group.max(initial=-1)) + 1
    around = shapely.buffer(shapely.points(x, y), link_m * _AROUND_SHARE + _TOUCHING_M, quad_segs=4)
    order = np.argsort(group, kind="stable")
    begin = np.searchsorted(group[order], np.arange(size + 1))
    made = np.empty(size, object)
    for place in range(size):
        whole = shapely.union_all(around[order[begin[place] : begin[place + 1]]])
        made[place] = shapely.simplify(whole, _CORNER_M, preserve_topology=True)
    drawn = frame.geometries_to_lonlat(made) if size else made
    rounded = np.asarray(shapely.transform(drawn, lambda xy: np.round(xy, 7)), object)
    broken = ~shapely.is_valid(rounded) if size else np.zeros(0, bool)
    rounded[broken] = shapely.buffer(rounded[broken], 0)
    return rounded
