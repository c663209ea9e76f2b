"""Walking distances of all pairs of starts and ends within a limit (PRODUCT §3.1–3.2, for §3.9 and §3.11)."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo_service.analysis.adjacency import Adjacency
from geo_service.analysis.chains import Chains
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import TOLERANCE_M, Snaps
from geo_service.analysis.stepping import with_twins

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Told = Callable[[float | None, str], None]

_MARGIN_M: Final = 1e-3  # the search goes this much farther than the limit, so that rounding loses nothing at it
_CELLS: Final = 4_000_000  # distances of one block of searches kept at a time: 32 MB


@dataclass(frozen=True)
class Pairs:
    """Pairs of a start and an end and the walk between them, each pair once, ordered by start, then end.

    Attributes
    ----------
    start, end
        Places of the two in what was asked, shape (p,).
    metres
        The shortest walk with both access legs, shape (p,).
    """

    start: Ints
    end: Ints
    metres: Floats

    def __len__(self) -> int:
        return len(self.start)

    def by_owner(self, start_owner: npt.ArrayLike, end_owner: npt.ArrayLike) -> "Pairs":
        """Return the shortest walk of each pair of owners (of entrances, say) instead of their places."""
        of_start, of_end = np.asarray(start_owner, np.int32), np.asarray(end_owner, np.int32)
        return _shortest(of_start[self.start], of_end[self.end], self.metres)


def pairs_within(
    network: Network,
    starts: Snaps,
    ends: Snaps,
    *,
    limit_m: float,
    step_free: bool = False,
    progress: Told | None = None,
) -> Pairs:
    """Return every pair of a start and an end that are at most ``limit_m`` apart on foot.

    The walk is access leg + along the network + access leg; two points on the same edge may also walk directly
    along it. Exactly at the limit counts as within.

    Parameters
    ----------
    network
        The network both were snapped to.
    starts, ends
        Snaps of s starts and e ends; those without a snap are in no pair.
    limit_m
        The limit, metres.
    step_free
        Walk without steps (wheelchair profile).
    progress
        Told the share done.

    Notes
    -----
    One bounded search per start (or per end where these are fewer: streets are walked both ways) over the
    junctions only. Besides the pairs returned it needs some 100 MB at most.
    """
    if not limit_m >= 0:
        raise ValueError(f"a limit of {limit_m} m")
    chains = network.chains(step_free=step_free)
    ends, end_of = with_twins(network, ends)
    swapped = len(ends) < len(starts)
    one, two = (_Feet.of(chains, snaps) for snaps in ((ends, starts) if swapped else (starts, ends)))
    streets = chains.adjacency(from_places=swapped)
    near = _ByJunction.of(chains, two)
    found = [_along_a_chain(one, two, limit_m)]
    # the starts of a block are nodes of its graph, too
    size = max(1, min(_CELLS // max(chains.junction_count, 1), isqrt(_CELLS)))
    for first in range(0, len(one.which), size):
        if progress is not None:
            progress(first / len(one.which), "progress.walking")
        found.append(_reached(streets, near, one.part(slice(first, first + size)), limit_m))
    if progress is not None:
        progress(1.0, "progress.walking")
    start, end, metres = (np.concatenate([part[place] for part in found]) for place in range(3))
    if swapped:
        start, end = end, start
    return _shortest(start, end_of[end], metres)


@dataclass(frozen=True)
class _Feet:
    """Where points stand on the chains: their places, chain, metres along it, leg, and the walks to its two ends."""

    which: Longs
    chain: Ints
    along_m: Floats
    leg_m: Floats
    ends: Ints
    to_ends_m: Floats

    @classmethod
    def of(cls, chains: Chains, snaps: Snaps) -> "_Feet":
        """Return the feet of the snaps that are on a chain."""
        which = np.flatnonzero(snaps.edge >= 0)
        which = which[chains.edge_chain[snaps.edge[which]] >= 0]
        edge, leg = snaps.edge[which], snaps.leg_m[which]
        chain, along = chains.edge_chain[edge], chains.along_m(edge, snaps.offset_m[which])
        left = chains.length_m[chain] - along
        ends = np.column_stack([chains.u[chain], chains.v[chain]])
        return cls(which, chain, along, leg, ends, np.column_stack([leg + along, leg + left]))

    def part(self, part: slice) -> "_Feet":
        """Return some of them."""
        return _Feet(
            self.which[part],
            self.chain[part],
            self.along_m[part],
            self.leg_m[part],
            self.ends[part],
            self.to_ends_m[part],
        )


@dataclass(frozen=True)
class _ByJunction:
    """For every junction the points on chains that end there: ``place[begin[j]:begin[j + 1]]``, and their walks."""

    begin: Longs
    place: Longs
    metres: Floats

    @classmethod
    def of(cls, chains: Chains, feet: _Feet) -> "_ByJunction":
        junction = feet.ends.ravel()
        order = np.argsort(junction, kind="stable")
        begin = np.zeros(chains.junction_count + 1, np.int64)
        np.cumsum(np.bincount(junction, minlength=chains.junction_count), out=begin[1:])
        return cls(begin, np.repeat(feet.which, 2)[order], feet.to_ends_m.ravel()[order])


def _along_a_chain(one: _Feet, two: _Feet, limit_m: float) -> tuple[Longs, Longs, Floats]:
    """Return the pairs that walk along one chain without leaving it."""
    order = np.argsort(two.chain, kind="stable")
    chain = two.chain[order]
    low, high = np.searchsorted(chain, one.chain, "left"), np.searchsorted(chain, one.chain, "right")
    start, place = _ranges(low, high)
    end = order[place]
    metres = one.leg_m[start] + np.abs(one.along_m[start] - two.along_m[end]) + two.leg_m[end]
    kept = np.flatnonzero(metres <= limit_m + TOLERANCE_M)
    return one.which[start[kept]], two.which[end[kept]], metres[kept]


def _reached(streets: Adjacency, near: _ByJunction, feet: _Feet, limit_m: float) -> tuple[Longs, Longs, Floats]:
    """Return the pairs that walk through a junction."""
    graph = streets.with_links(feet.ends, feet.to_ends_m)
    size = len(graph.indptr) - 1
    junctions = size - len(feet.which)
    reach = dijkstra(
        csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size)),
        directed=True,
        indices=np.arange(junctions, size),
        limit=limit_m + _MARGIN_M,
    )[:, :junctions]
    start, junction = np.nonzero(np.isfinite(reach))
    far = reach[start, junction]
    at, place = _ranges(near.begin[junction], near.begin[junction + 1])
    metres = far[at] + near.metres[place]
    kept = np.flatnonzero(metres <= limit_m + TOLERANCE_M)
    start, end, metres = feet.which[start[at[kept]]], near.place[place[kept]], metres[kept]
    pairs = _shortest(start, end, metres)
    return pairs.start.astype(np.int64), pairs.end.astype(np.int64), pairs.metres


def _ranges(low: Longs, high: Longs) -> tuple[Longs, Longs]:
    """Return the numbers of the ranges ``low[i]:high[i]``, and for each the ``i`` it belongs to."""
    count = high - low
    owner = np.repeat(np.arange(len(low)), count)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + low[owner]


def _shortest(start: Ints | Longs, end: Ints | Longs, metres: Floats) -> Pairs:
    """Return each pair once with its shortest walk, ordered."""
    order = np.lexsort((metres, end, start))
    start, end = start[order], end[order]
    if len(order):
        first = np.flatnonzero(np.r_[True, (start[1:] != start[:-1]) | (end[1:] != end[:-1])])
        start, end, order = start[first], end[first], order[first]
    return Pairs(start.astype(np.int32), end.astype(np.int32), metres[order])
