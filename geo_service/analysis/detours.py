"""Walks of residents out of one gate of their quarter and in at another, as edges between these gates."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from geo_service.analysis.adjacency import Adjacency

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

_FIRST_M: Final = 2000.0  # how far is looked at first: round a quarter is seldom farther
_CELLS: Final = 4_000_000  # distances kept at a time
_GAIN_M: Final = 1e-6  # a detour must be shorter than the walk inside by more than rounding


@dataclass(frozen=True)
class Detours:
    """Pairs of portals (``one`` < ``two``) and the walk outside between them, metres, shape (d,)."""

    one: Longs
    two: Longs
    metres: Floats


def detours(outside: Adjacency, inside: Adjacency, outer: Longs, inner: Longs, compound: Longs) -> Detours:
    """Return the walks outside between portals of the same quarter that are shorter than those inside.

    Parameters
    ----------
    outside, inside
        Where everybody walks, and the twins of edges in quarters.
    outer, inner
        Node of each portal in both, shape (p,).
    compound
        Quarter of each portal, ascending, shape (p,).
    """
    one, two = _pairs(compound)
    if not len(one):
        return Detours(one, two, np.zeros(0))
    within = _metres(inside, inner, one, two, np.full(len(one), np.inf))
    part = connected_components(_matrix(outside), directed=False)[1]
    joined = part[outer[one]] == part[outer[two]]
    metres = np.full(len(one), np.inf)
    near = np.flatnonzero(joined)
    metres[near] = _metres(outside, outer, one[near], two[near], np.minimum(within[near], _FIRST_M))
    far = np.flatnonzero(joined & np.isinf(metres) & (within > _FIRST_M))
    metres[far] = _metres(outside, outer, one[far], two[far], within[far])
    shorter = np.flatnonzero(metres < within - _GAIN_M)
    return Detours(one[shorter], two[shorter], metres[shorter])


def _pairs(compound: Longs) -> tuple[Longs, Longs]:
    """Return all pairs of portals of the same quarter, the lower first."""
    last = np.searchsorted(compound, compound, "right")
    count = last - np.arange(len(compound)) - 1
    one = np.repeat(np.arange(len(compound)), count)
    two = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count) + one + 1
    return one, two


def _metres(graph: Adjacency, node: Longs, one: Longs, two: Longs, bound: Floats) -> Floats:
    """Return the walks between pairs of portals (ordered by the first), inf beyond the largest bound of a block."""
    found = np.full(len(one), np.inf)
    if not len(one):
        return found
    matrix = _matrix(graph)
    sources, place = np.unique(one, return_inverse=True)
    size = max(1, _CELLS // max(matrix.shape[0], 1))
    for first in range(0, len(sources), size):
        some = np.flatnonzero((place >= first) & (place < first + size))
        reach = dijkstra(
            matrix, directed=True, indices=node[sources[first : first + size]], limit=float(bound[some].max()) + 1.0
        )
        found[some] = reach[place[some] - first, node[two[some]]]
    return found


def _matrix(graph: Adjacency) -> csr_matrix:
    size = len(graph.indptr) - 1
    return csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size))
