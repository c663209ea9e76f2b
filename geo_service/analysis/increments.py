"""What one change of facilities, paths or homes does to walking distances that are known (PRODUCT §3.12).

Distances change only where something is added or taken away: a bounded search from there and a minimum with what is
kept, instead of everything anew (what is taken away: :mod:`geo_service.analysis.kept_reach`). Nothing is snapped here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo_service.analysis.adjacency import Adjacency
from geo_service.analysis.chains import Chains
from geo_service.analysis.snapping import TOLERANCE_M, Snaps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_MARGIN_M: Final = 1e-3  # the search goes this much farther than the limit, so that rounding loses nothing at it
_NOWHERE: Final = -1


@dataclass(frozen=True)
class Feet:
    """Where points stand: their chain (-1: on none), metres along it from its ``u``, access leg; shape (k,)."""

    chain: Ints
    along_m: Floats
    leg_m: Floats

    @classmethod
    def of(cls, chains: Chains, snaps: Snaps) -> "Feet":
        """Return the feet of snaps; those without one, or on an edge that is left out, are on no chain."""
        chain = np.full(len(snaps), _NOWHERE, np.int32)
        along = np.zeros(len(snaps))
        on = np.flatnonzero(snaps.edge >= 0)
        on = on[chains.edge_chain[snaps.edge[on]] >= 0]
        chain[on] = chains.edge_chain[snaps.edge[on]]
        along[on] = chains.along_m(snaps.edge[on], snaps.offset_m[on])
        return cls(chain, along, snaps.leg_m)

    def __len__(self) -> int:
        return len(self.chain)

    def take(self, which: npt.NDArray[np.generic]) -> "Feet":
        """Return some of them."""
        return Feet(self.chain[which], self.along_m[which], self.leg_m[which])

    def with_legs(self, leg_m: Floats) -> "Feet":
        """Return the feet with other access legs."""
        return Feet(self.chain, self.along_m, leg_m)

    @classmethod
    def together(cls, feet: "Sequence[Feet]") -> "Feet":
        """Return one after the other."""
        return cls(*(np.concatenate([getattr(one, name) for one in feet]) for name in ("chain", "along_m", "leg_m")))


@dataclass(frozen=True)
class Crowd:
    """Homes in the order of their chains: ``which`` of all homes they are, ``start`` of each chain among them."""

    which: Longs
    feet: Feet
    start: Longs

    @classmethod
    def of(cls, chains: Chains, feet: Feet, which: Longs) -> "Crowd":
        """Return the crowd of the homes ``which`` that stand at ``feet``; those on no chain are left out."""
        order = _by_chain(feet)
        start = np.zeros(len(chains.u) + 1, np.int64)
        np.cumsum(np.bincount(feet.chain[order], minlength=len(chains.u)), out=start[1:])
        return cls(which[order], feet.take(order), start)

    def on(self, chains: Flags) -> Longs:
        """Return the places in the crowd of who stands on some of the chains, shape (c,)."""
        some = np.flatnonzero(chains)
        return ranges(self.start[some], self.start[some + 1])[0]


@dataclass(frozen=True)
class Path:
    """A path between two feet, ``metres`` long from street to street; one does not step onto it from beside it."""

    ends: Feet
    metres: float


@dataclass(frozen=True)
class Stands:
    """Piece each point stands on, its two nodes (-1: the piece is cut there), and the walks to both with the leg."""

    piece: Ints
    node: Longs
    metres: Floats


@dataclass(frozen=True)
class Streets:
    """Junctions and chains with paths added and cuts made; a chain without either is one piece, itself.

    Nodes are the junctions, then the two feet of every added path. ``marked`` are the chains with a foot or a cut, in
    order; ``marks`` of each where these lie along it, and ``first`` the number of its first piece.
    """

    chains: Chains
    node_count: int
    node: Longs  # of both ends of each piece, shape (p, 2)
    ends_m: Floats  # where these lie along the chain, shape (p, 2)
    marked: Ints
    marks: Sequence[Floats]
    first: Longs
    from_places: Adjacency
    from_homes: Adjacency

    @classmethod
    def of(cls, chains: Chains) -> "Streets":
        """Return the streets as they are."""
        node = np.column_stack([chains.u, chains.v]).astype(np.int64)
        ends = np.column_stack([np.zeros(len(chains.u)), chains.length_m])
        both = (chains.adjacency(from_places=side) for side in (True, False))
        return cls(chains, chains.junction_count, node, ends, np.zeros(0, np.int32), [], np.zeros(0, np.int64), *both)

    def edited(self, paths: Sequence[Path] = (), cuts: Feet | None = None) -> "Streets":
        """Return streets that were not edited yet as edits leave them; ``cuts`` are places nobody walks across.

        A cut where a path begins lies behind the path's foot.
        """
        if not paths and (cuts is None or not len(cuts)):
            return self
        chains, junctions, size = self.chains, self.chains.junction_count, len(self.chains.u)
        feet = [paths[number // 2].ends.take(np.array([number % 2])) for number in range(2 * len(paths))]
        places = [(int(foot.chain[0]), float(foot.along_m[0]), junctions + n) for n, foot in enumerate(feet)]
        if cuts is not None:
            places += [(int(c), float(a), _NOWHERE) for c, a in zip(cuts.chain, cuts.along_m, strict=True)]
        marked = sorted({chain for chain, _, _ in places if chain >= 0})
        marks: list[Floats] = []
        first: list[int] = []
        pieces: list[tuple[int, int]] = []
        spans: list[tuple[float, float]] = []
        for chain in marked:
            here = sorted((along, number < 0, number) for at, along, number in places if at == chain)
            nodes = [int(chains.u[chain]), *(number for *_, number in here), int(chains.v[chain])]
            alongs = [0.0, *(along for along, *_ in here), float(chains.length_m[chain])]
            first.append(size + len(pieces))
            marks.append(np.array(alongs[1:-1]))
            pieces += list(pairwise(nodes))
            spans += list(pairwise(alongs))
        links = [(a, b, to - at) for (a, b), (at, to) in zip(pieces, spans, strict=True) if min(a, b) >= 0]
        links += [(junctions + 2 * n, junctions + 2 * n + 1, path.metres) for n, path in enumerate(paths)]
        count = junctions + 2 * len(paths)
        both = (_changed(chains, streets, marked, links, count) for streets in (self.from_places, self.from_homes))
        node = np.concatenate([self.node, np.array(pieces, np.int64).reshape(-1, 2)])
        ends = np.concatenate([self.ends_m, np.array(spans).reshape(-1, 2)])
        return Streets(chains, count, node, ends, np.array(marked, np.int32), marks, np.array(first, np.int64), *both)

    def stands(self, feet: Feet) -> Stands:
        """Return where feet stand on the pieces; all must be on a chain."""
        piece = feet.chain
        if len(self.marked):
            piece = piece.copy()
            touched = np.flatnonzero(np.isin(feet.chain, self.marked))
            for place, chain in enumerate(self.marked):
                here = touched[feet.chain[touched] == chain]
                piece[here] = self.first[place] + np.searchsorted(self.marks[place], feet.along_m[here])
        ends = self.ends_m[piece]
        metres = np.abs(feet.along_m[:, None] - ends) + feet.leg_m[:, None]
        return Stands(piece, self.node[piece], metres)

    def search(self, sources: Feet, limit_m: float) -> "Reach":
        """Return how far it is from every node to the nearest source, as far as ``limit_m``."""
        sources = sources.take(np.flatnonzero(sources.chain >= 0))
        metres = np.full(self.node_count, np.inf)
        if len(sources):
            graph = self.graph(sources)
            which = np.arange(self.node_count, graph.shape[0])
            limit = search_limit_m(limit_m)
            metres = dijkstra(graph, directed=True, indices=which, min_only=True, limit=limit)[: self.node_count]
        return Reach(self, sources, metres, limit_m)

    def graph(self, sources: Feet) -> csr_matrix:
        """Return the graph of the nodes, and behind them the sources, all of them on a chain."""
        stands = self.stands(sources)
        ends, metres = np.maximum(stands.node, 0), np.where(stands.node >= 0, stands.metres, np.inf)
        return graph_of(self.from_places.with_links(ends, metres))


@dataclass(frozen=True)
class Reach:
    """Metres from each node to the nearest of some sources (all on a chain), inf beyond the limit."""

    streets: Streets
    sources: Feet
    metres: Floats
    limit_m: float

    def near(self, crowd: Crowd) -> tuple[Longs, Floats]:
        """Return the places in the crowd that are reached within the limit, and their walks."""
        chains = self.streets.chains
        reached = np.isfinite(self.metres)
        chain = reached[chains.u] | reached[chains.v]
        chain[self.sources.chain] = True
        chain[self.streets.marked] = True
        place = crowd.on(chain)
        walks = self.read(crowd.feet.take(place))
        found = np.flatnonzero(np.isfinite(walks))
        return place[found], walks[found]

    def read(self, walkers: Feet) -> Floats:
        """Return the walk of each walker (in the order of their chains) to its nearest source, inf beyond the limit."""
        stands = self.streets.stands(walkers)
        walks: Floats = np.where(stands.node >= 0, self.metres[stands.node] + stands.metres, np.inf).min(axis=1)
        low = np.searchsorted(walkers.chain, self.sources.chain, "left")
        high = np.searchsorted(walkers.chain, self.sources.chain, "right")
        place, source = ranges(low, high)
        beside = np.flatnonzero(stands.piece[place] == self.streets.stands(self.sources).piece[source])
        place, source = place[beside], source[beside]
        direct = np.abs(walkers.along_m[place] - self.sources.along_m[source])
        direct += walkers.leg_m[place] + self.sources.leg_m[source]
        np.minimum.at(walks, place, direct)
        walks[walks > self.limit_m + TOLERANCE_M] = np.inf
        return walks

    def of(self, walkers: Feet) -> Floats:
        """Return the walk of each walker in any order, also of those on no chain (inf), as :meth:`read`."""
        walks = np.full(len(walkers), np.inf)
        order = _by_chain(walkers)
        walks[order] = self.read(walkers.take(order))
        return walks


def over_paths(streets: Streets, paths: Sequence[Path], before: Sequence[Reach], limit_m: float) -> Reach:
    """Return how far every node of ``streets`` (with the paths) is from the nearest source over one of the paths.

    ``before`` are the reaches without the paths; who does not walk over one keeps the walk these have. Exact, since
    behind the last foot of a path that a shortest walk passes it is one without paths: one search, from the feet.
    """
    feet = Feet.together([path.ends for path in paths])
    known = np.min([reach.of(feet) for reach in before], axis=0)
    reached = np.flatnonzero(np.isfinite(known))
    return streets.search(feet.take(reached).with_legs(known[reached]), limit_m)


def search_limit_m(limit_m: float) -> float:
    """Return how far to search so that rounding loses nothing at the limit."""
    return limit_m + _MARGIN_M


def graph_of(streets: Adjacency) -> csr_matrix:
    """Return an adjacency as SciPy searches it."""
    size = len(streets.indptr) - 1
    return csr_matrix((streets.lengths, streets.indices, streets.indptr), shape=(size, size))


def _by_chain(feet: Feet) -> Longs:
    """Return who stands on a chain, in the order of the chains."""
    order = np.argsort(feet.chain, kind="stable")
    return order[np.searchsorted(feet.chain[order], 0) :]


def _changed(
    chains: Chains, streets: Adjacency, marked: Sequence[int], links: Sequence[tuple[int, int, float]], count: int
) -> Adjacency:
    """Return the streets without the chains ``marked``, with ``links`` walked both ways, for ``count`` nodes."""
    lengths = streets.lengths.copy()
    for chain in marked:
        for one, two in ((chains.u[chain], chains.v[chain]), (chains.v[chain], chains.u[chain])):
            row = np.arange(streets.indptr[one], streets.indptr[one + 1])
            same = row[(streets.indices[row] == two) & (lengths[row] == chains.length_m[chain])]
            lengths[same[: 2 if one == two else 1]] = np.inf
    start = np.array([end for a, b, _ in links for end in (a, b)], np.int64)
    end = np.array([end for a, b, _ in links for end in (b, a)], np.int64)
    metres = np.array([length for *_, length in links for _ in range(2)])
    order = np.argsort(start, kind="stable")
    indptr = np.concatenate([streets.indptr, np.full(count + 1 - len(streets.indptr), streets.indptr[-1])])
    added = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(start, minlength=count), out=added[1:])
    at = indptr[start[order] + 1]
    return Adjacency(
        (indptr + added).astype(np.int32),
        np.insert(streets.indices, at, end[order]).astype(np.int32),
        np.insert(lengths, at, metres[order]),
    )


def ranges(low: Ints | Longs, high: Ints | Longs) -> tuple[Longs, Longs]:
    """Return the numbers of the ranges ``low[i]:high[i]``, and for each the ``i`` it belongs to."""
    count = high - low
    owner = np.repeat(np.arange(len(low)), count)
    return np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + low[owner], owner
