"""A search that is kept, and what becomes of it when streets are cut or sources go (PRODUCT §3.12).

Only nodes whose walk leads over what is taken away are walked anew, from the nodes around them (Ramalingam and Reps,
1996: the affected part of a shortest-path tree).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from geo_service.analysis.adjacency import Adjacency
from geo_service.analysis.increments import Feet, Reach, Streets, graph_of, ranges, search_limit_m

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class KeptReach:
    """How far nodes are from the nearest of some sources, and over what: a tree of shortest walks.

    Attributes
    ----------
    streets, sources, limit_m
        Streets without edits, sources (all on a chain), and how far was searched.
    node, metres
        Nodes that were reached and their walks, shape (r,).
    ahead
        What comes next on the walk of each: a place in ``node``, or r + number of a source, shape (r,).
    """

    streets: Streets
    sources: Feet
    limit_m: float
    node: Ints
    metres: Floats
    ahead: Ints

    @classmethod
    def of(cls, streets: Streets, sources: Feet, limit_m: float) -> "KeptReach":
        """Search from ``sources``, all of them on a chain, on streets without edits."""
        nothing = np.zeros(0, np.int32)
        if not len(sources):
            return cls(streets, sources, limit_m, nothing, np.zeros(0), nothing)
        graph = streets.graph(sources)
        count = streets.node_count
        metres, before, _ = dijkstra(
            graph,
            directed=True,
            indices=np.arange(count, graph.shape[0]),
            min_only=True,
            return_predecessors=True,
            limit=search_limit_m(limit_m),
        )
        node = np.flatnonzero(np.isfinite(metres[:count])).astype(np.int32)
        place = np.empty(graph.shape[0], np.int32)
        place[node] = np.arange(len(node))
        place[count:] = len(node) + np.arange(len(sources))
        return cls(streets, sources, limit_m, node, metres[node], place[before[node]])

    def reach(self) -> Reach:
        """Return it as it is."""
        metres = np.full(self.streets.node_count, np.inf)
        metres[self.node] = self.metres
        return Reach(self.streets, self.sources, metres, self.limit_m)

    def without(self, gone: Flags, cut: Streets) -> tuple[Reach, Flags]:
        """Return the reach without some of the sources on streets with cuts, and which chains may have other walks.

        Where most of what was reached is concerned, everything is searched once instead.

        Parameters
        ----------
        gone
            Which sources go, shape (s,).
        cut
            The same streets with cuts and without added paths.
        """
        lost = self._lost(gone, cut)
        sources = self.sources.take(np.flatnonzero(~gone))
        if 2 * len(lost) > len(self.node):
            reach = cut.search(sources, self.limit_m)
        else:
            reach = Reach(cut, sources, self.reach().metres, self.limit_m)
            reach.metres[self.node[lost]] = np.inf
            reach.metres[self.node[lost]] = _again(reach, self.node[lost])
        other = np.zeros(cut.node_count, bool)
        other[self.node] = reach.metres[self.node] != self.metres
        chains = other[cut.chains.u] | other[cut.chains.v]
        chains[cut.marked] = True
        chains[self.sources.chain[gone]] = True
        return reach, chains

    def _lost(self, gone: Flags, cut: Streets) -> Longs:
        """Return the places of the nodes whose walk leads over a source that goes or a chain that is cut."""
        chains, count = cut.chains, len(self.node)
        hit = np.zeros(count + len(self.sources), bool)
        hit[count:] = gone
        on_cut = np.append(np.zeros(count, bool), np.isin(self.sources.chain, cut.marked))
        place = np.full(cut.node_count, -1, np.int64)
        place[self.node] = np.arange(count)
        for one, two in ((chains.u, chains.v), (chains.v, chains.u)):
            end, start = place[one[cut.marked]], place[two[cut.marked]]
            end, start = end[end >= 0], start[end >= 0]
            hit[end] |= (self.ahead[end] == start) | on_cut[self.ahead[end]]
        ahead = np.append(self.ahead, count + np.arange(len(self.sources), dtype=np.int32))
        if not hit.any():
            return np.zeros(0, np.int64)
        while True:  # each step looks twice as far ahead
            hit |= hit[ahead]
            further = ahead[ahead]
            if np.array_equal(further, ahead):
                return np.flatnonzero(hit[:count])
            ahead = further


def _again(reach: Reach, lost: Ints) -> Floats:
    """Return the walks of the nodes ``lost``, from what all others of the reach have and from the sources."""
    streets, count = reach.streets, len(lost)
    own = np.full(streets.node_count, -1, np.int32)
    own[lost] = np.arange(count)
    back = streets.from_homes  # what leads to a node is what leads away from it for a search from homes
    entry, owner = ranges(back.indptr[lost], back.indptr[lost + 1])
    seed = np.full(count, np.inf)
    np.minimum.at(seed, owner, reach.metres[back.indices[entry]] + back.lengths[entry])
    stands = streets.stands(reach.sources)
    for node, metres in zip(stands.node.T, stands.metres.T, strict=True):
        here = np.flatnonzero((node >= 0) & (own[node] >= 0))
        np.minimum.at(seed, own[node[here]], metres[here])
    forth = streets.from_places
    entry, owner = ranges(forth.indptr[lost], forth.indptr[lost + 1])
    among = np.flatnonzero(own[forth.indices[entry]] >= 0)
    indptr = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(owner[among], minlength=count), out=indptr[1:])
    inner = Adjacency(indptr, own[forth.indices[entry[among]]], forth.lengths[entry[among]])
    graph = graph_of(inner.with_links(np.arange(count)[None], seed[None]))
    found: Floats = dijkstra(graph, directed=True, indices=count, limit=search_limit_m(reach.limit_m))
    return found[:count]
