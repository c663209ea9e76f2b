"""Walks of residents out of one gate of their quarter and in at another, as edges between these gates."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from geo_service.analysis.adjacency import Adjacency, adjacency_of
from geo_service.analysis.chains import chains_of

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

_BOUNDS_M: Final = (1000.0, 4000.0)  # how far is looked one after the other, then as far as it takes
_TILE_M: Final = 2000.0  # sources that near to each other are searched from in one cut-out of the streets
_CELLS: Final = 4_000_000  # distances kept at a time
_GAIN_M: Final = 1e-6  # a detour must be shorter than the walk inside by more than rounding


@dataclass(frozen=True)
class Detours:
    """Pairs of portals (``one`` < ``two``) and the walk outside between them, metres, shape (d,)."""

    one: Longs
    two: Longs
    metres: Floats


def detours(outside: Adjacency, inside: Adjacency, gates: tuple[Longs, Longs, Longs], xy: Floats) -> Detours:
    """Return the walks outside between portals of the same quarter that are shorter than those inside.

    Parameters
    ----------
    outside, inside
        Where everybody walks, and the twins of edges in quarters.
    gates
        Quarter of each portal, ascending, and its node outside and inside, shape (p,) each.
    xy
        Where the nodes outside lie, metres, shape (n, 2).
    """
    compound, outer, inner = gates
    one, two = _pairs(compound)
    if not len(one):
        return Detours(one, two, np.zeros(0))
    within = _metres(_matrix(inside), inner[one], inner[two], np.inf)
    streets = _matrix(outside)
    part = connected_components(streets, directed=False)[1]
    joined = part[outer[one]] == part[outer[two]]
    metres = np.full(len(one), np.inf)
    left, before = np.flatnonzero(joined), 0.0
    for bound in _BOUNDS_M:  # round a quarter is seldom far
        left = left[np.isinf(metres[left]) & (within[left] > before)]
        metres[left] = _nearby(streets, xy, (outer[one[left]], outer[two[left]]), np.minimum(within[left], bound))
        before = bound
    left = left[np.isinf(metres[left]) & (within[left] > before)]
    metres[left] = _far(outside, outer[one[left]], outer[two[left]])
    shorter = np.flatnonzero(metres < within - _GAIN_M)
    return Detours(one[shorter], two[shorter], metres[shorter])


def _pairs(compound: Longs) -> tuple[Longs, Longs]:
    """Return all pairs of portals of the same quarter, the lower first."""
    last = np.searchsorted(compound, compound, "right")
    count = last - np.arange(len(compound)) - 1
    one = np.repeat(np.arange(len(compound)), count)
    two = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count) + one + 1
    return one, two


def _nearby(graph: csr_matrix, xy: Floats, ends: tuple[Longs, Longs], bound: Floats) -> Floats:
    """Return the walks between pairs of nodes, inf beyond the bounds; each in a cut-out that holds all of it."""
    found = np.full(len(bound), np.inf)
    tiles, tile = np.unique(np.floor(xy[ends[0]] / _TILE_M), axis=0, return_inverse=True)
    tile = tile.reshape(-1)
    east = np.argsort(xy[:, 0])
    x = xy[east, 0]
    place = np.full(len(xy), -1, np.int64)
    for number, (column, row) in enumerate(tiles):
        some = np.flatnonzero(tile == number)
        limit = float(bound[some].max()) + 1.0
        low, high = np.searchsorted(x, [column * _TILE_M - limit, (column + 1) * _TILE_M + limit])
        nodes = east[low:high]
        north = xy[nodes, 1] - row * _TILE_M
        nodes = np.sort(nodes[(north >= -limit) & (north <= _TILE_M + limit)])
        place[nodes] = np.arange(len(nodes))
        two = place[ends[1][some]]
        kept = two >= 0
        found[some[kept]] = _metres(graph[nodes][:, nodes], place[ends[0][some[kept]]], two[kept], limit)
        place[nodes] = -1
    return found


def _far(outside: Adjacency, one: Longs, two: Longs) -> Floats:
    """Return the walks between pairs of different nodes that are joined, however long, over junctions only."""
    if not len(one):
        return np.zeros(0)
    size = len(outside.indptr) - 1
    start, end = np.repeat(np.arange(size), np.diff(outside.indptr)), outside.indices
    order = np.lexsort((outside.lengths, end, start))
    order = order[start[order] < end[order]]
    order = order[np.r_[True, (np.diff(start[order]) > 0) | (np.diff(end[order]) > 0)]]
    u, v, length = start[order].astype(np.int32), end[order].astype(np.int32), outside.lengths[order]
    nodes, place = np.unique(np.concatenate([one, two]), return_inverse=True)
    ends = nodes.astype(np.int32)
    chains = chains_of(size, u, v, length, np.ones(len(u), bool), links=(ends, ends))
    graph = adjacency_of(chains.junction_count, chains.u, chains.v, chains.length_m)
    junction = chains.link_from[place.reshape(-1)].astype(np.int64)
    return _metres(_matrix(graph), junction[: len(one)], junction[len(one) :], np.inf)


def _metres(graph: csr_matrix, one: Longs, two: Longs, limit: float) -> Floats:
    """Return the walks between pairs of nodes, inf beyond the limit."""
    found = np.full(len(one), np.inf)
    sources, place = np.unique(one, return_inverse=True)
    size = max(1, _CELLS // max(graph.shape[0], 1))
    for first in range(0, len(sources), size):
        some = np.flatnonzero((place >= first) & (place < first + size))
        reach = dijkstra(graph, directed=True, indices=sources[first : first + size], limit=limit)
        found[some] = reach[place[some] - first, two[some]]
    return found


def _matrix(graph: Adjacency) -> csr_matrix:
    size = len(graph.indptr) - 1
    return csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size))
