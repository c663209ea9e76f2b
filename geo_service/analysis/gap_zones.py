"""Gaps: why homes lack something, and which are neighbours for the same reason (PRODUCT §3.10)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_service.analysis.snapping import TOLERANCE_M
from geo_service.analysis.states import COVERED, UNKNOWN

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


def near_pairs(x: Floats, y: Floats, link_m: float) -> Ints:
    """Return the pairs of points at most ``link_m`` apart, positions in one metric frame, shape (pairs, 2)."""
    if not len(x):
        return np.zeros((0, 2), np.int32)
    tree = cKDTree(np.column_stack([x, y]))
    return np.asarray(tree.query_pairs(link_m + TOLERANCE_M, output_type="ndarray"), np.int32)


def group_neighbours(pairs: Ints, home: npt.NDArray[np.integer], kind: npt.NDArray[np.integer]) -> Ints:
    """Return the group of each member, shape (n,): single linkage of members of one kind.

    Parameters
    ----------
    pairs
        Places of homes near each other, :func:`near_pairs`.
    home, kind
        Place of each member's home, and its kind; a home may be a member of several kinds, shape (n,).

    Notes
    -----
    Two members are in one group if a chain of such neighbours joins them. Groups are numbered from 0 by their first
    member, so that only the order of groups depends on the order of the members.
    """
    size = len(home)
    if not size:
        return np.zeros(0, np.int32)
    # the members of each home, one in each of as many layers as a home has members at most
    order = np.argsort(home, kind="stable")
    ranked = home[order]
    begin = np.flatnonzero(np.diff(ranked, prepend=-1))
    depth = np.empty(size, np.int64)
    depth[order] = np.arange(size) - np.repeat(begin, np.diff(np.append(begin, size)))
    layers = np.full((int(depth.max()) + 1, int(max(home.max(), pairs.max(initial=0))) + 1), -1, np.int32)
    layers[depth, home] = np.arange(size, dtype=np.int32)
    there = layers[0] >= 0
    near = pairs[there[pairs[:, 0]] & there[pairs[:, 1]]]
    links = []
    for begins in layers[:, near[:, 0]]:
        for ends in layers[:, near[:, 1]]:
            both = (begins >= 0) & (ends >= 0) & (kind[begins] == kind[ends])
            links.append((begins[both], ends[both]))
    one, other = (np.concatenate(side) for side in zip(*links, strict=True))
    graph = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[number]
