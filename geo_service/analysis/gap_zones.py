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
from geo_service.foundation.threads import in_blocks

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
_SQUARES: Final = 4  # squares an outline is drawn in, in the distance of neighbours
_STEP: Final = 0.5  # of a square: notches and bends of an outline smaller than this are straightened
_ZONES_AT_ONCE: Final = 128  # drawn by one thread


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


def outlines(
    frame: MetricFrame, x: Floats, y: Floats, home: npt.NDArray[np.integer], group: Ints, *, link_m: float
) -> npt.NDArray[np.object_]:
    """Return the outline of each group in degrees, valid polygons of one or more parts, shape (groups,).

    Drawn in squares of a quarter of ``link_m``: those with a home of the group, and those up to half of ``link_m``
    from one that have no other home nearer to their middle; steps are straightened.

    Parameters
    ----------
    frame
        Of the positions.
    x, y
        All homes, those in no group too, metres, shape (h,).
    home, group
        Members: place of a home and number of its group, from 0; a home may be in several, shape (n,).
    link_m
        Distance of neighbours.
    """
    size = int(group.max(initial=-1)) + 1
    if not size:
        return np.zeros(0, object)
    side = link_m / _SQUARES
    west, south = float(x.min()), float(y.min())
    columns = np.floor((x[home] - west) / side).astype(np.int64) + _SQUARES
    rows = np.floor((y[home] - south) / side).astype(np.int64) + _SQUARES
    column_count, row_count = (int(most.max()) + _SQUARES + 1 for most in (columns, rows))
    own = np.unique((group * column_count + columns) * row_count + rows)
    near = np.arange(-(_SQUARES // 2), _SQUARES // 2 + 1)
    right, up = np.nonzero(np.add.outer(near**2, near**2) <= (_SQUARES / 2) ** 2)
    around = np.unique((own[:, None] + near[right] * row_count + near[up]).ravel())
    of, rest = np.divmod(around, column_count * row_count)
    middle = (np.column_stack(np.divmod(rest, row_count)) - _SQUARES + 0.5) * side + (west, south)
    _, nearest = cKDTree(np.column_stack([x, y])).query(middle)
    keep = np.isin(nearest.astype(np.int64) * size + of, home.astype(np.int64) * size + group)
    key = np.union1d(around[keep], own)
    # squares one above the other are one strip: far fewer shapes to join, all on whole numbers
    first = np.flatnonzero(np.diff(key, prepend=-2) > 1)
    last = np.append(first[1:], len(key)) - 1
    of, rest = np.divmod(key[first], column_count * row_count)
    column, row = np.divmod(rest, row_count)
    strips = shapely.box(column, row, column + 1, row + (key[last] - key[first]) + 1)
    begin = np.searchsorted(of, np.arange(size + 1))
    whole = np.empty(size, object)

    def draw(part: slice) -> None:
        joined = np.array([shapely.union_all(strips[begin[n] : begin[n + 1]]) for n in range(part.start, part.stop)])
        made = shapely.transform(joined, lambda at: (at - _SQUARES) * side + (west, south))
        closed = shapely.buffer(shapely.buffer(made, side * _STEP, quad_segs=2), -side * _STEP, quad_segs=2)
        whole[part] = shapely.simplify(closed, side * _STEP, preserve_topology=True)

    in_blocks(size, draw, block=_ZONES_AT_ONCE)
    drawn = frame.geometries_to_lonlat(_without_small_holes(whole, side * side * _SQUARES))
    rounded = np.asarray(shapely.transform(drawn, lambda xy: np.round(xy, 7)), object)
    broken = ~shapely.is_valid(rounded)
    rounded[broken] = shapely.buffer(rounded[broken], 0)
    return rounded


def _without_small_holes(shapes: npt.NDArray[np.object_], least_m2: float) -> npt.NDArray[np.object_]:
    """Return polygons without the holes smaller than ``least_m2``."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    begin = np.searchsorted(of, np.arange(len(shapes) + 1))
    made = []
    for part in parts:
        holes = [ring for ring in part.interiors if shapely.Polygon(ring).area >= least_m2]
        made.append(shapely.Polygon(part.exterior, holes) if len(holes) < len(part.interiors) else part)
    joined = np.empty(len(shapes), object)
    for place in range(len(shapes)):
        own = made[begin[place] : begin[place + 1]]
        joined[place] = own[0] if len(own) == 1 else shapely.MultiPolygon(own)
    return joined
