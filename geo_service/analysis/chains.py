"""The walking network without its bends: streets between junctions as one edge each, so that searches are short."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo_service.analysis.adjacency import Adjacency, adjacency_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_STREETS_AT_A_BEND: Final = 2


@dataclass(frozen=True)
class Chains:
    """Junctions, and the chains of edges between them; distances between points on it are those of the network.

    A junction is a node where one, three or more edges meet, an end of a link, and one node (the lowest) of a ring
    without any.
    Junctions are numbered in the order of their nodes, chains in the order of the edges at their far ends. A chain
    may lead back to its own junction; two may join the same junctions.

    Attributes
    ----------
    junction_count
        Number of junctions.
    u, v, length_m
        Junctions at the ends of each chain and its length in metres, shape (c,).
    edge_chain
        Chain of each edge of the network, -1 for an edge that was left out, shape (e,).
    edge_from_m
        How far along its chain from ``u`` each edge's own node ``edge_u`` lies, metres, shape (e,).
    edge_sign
        1 where the edge runs from ``edge_u`` to ``edge_v`` as its chain from ``u`` to ``v``, else -1, shape (e,).
    link_from, link_to
        Junctions joined by one-way links of no length, shape (l,).
    """

    junction_count: int
    u: Ints
    v: Ints
    length_m: Floats
    edge_chain: Ints
    edge_from_m: Floats
    edge_sign: Floats
    link_from: Ints
    link_to: Ints

    def adjacency(self, *, from_places: bool) -> Adjacency:
        """Return which junctions are joined, the links in the direction of a search from places, or from homes."""
        ends = (self.link_from, self.link_to) if from_places else (self.link_to, self.link_from)
        return adjacency_of(self.junction_count, self.u, self.v, self.length_m).with_one_way(*ends)

    def along_m(self, edge: Ints, offset_m: Floats) -> Floats:
        """Return how far along their chain from ``u`` the points at ``offset_m`` of the edges lie, metres."""
        along: Floats = self.edge_from_m[edge] + self.edge_sign[edge] * offset_m
        return np.clip(along, 0.0, self.length_m[self.edge_chain[edge]], out=along)


def chains_of(
    node_count: int,
    edge_u: Ints,
    edge_v: Ints,
    length_m: Floats,
    kept: npt.NDArray[np.bool_],
    *,
    links: tuple[Ints, Ints] | None = None,
) -> Chains:
    """Return the chains of the edges that are ``kept``; no two of them may join the same nodes.

    ``links`` are the nodes at both ends of one-way links; those to where no edge is kept are left out.
    Every edge has two darts, one in each direction. A dart that enters a bend goes on as the dart that leaves it;
    by doubling the steps each finds the last dart before the junction and its distance to there.
    """
    which = np.flatnonzero(kept)
    count = len(which)
    tail = np.concatenate([edge_u[which], edge_v[which]]).astype(np.int64)
    head = np.concatenate([tail[count:], tail[:count]])
    length = np.concatenate([length_m[which], length_m[which]])
    link_from, link_to = (np.zeros(0, np.int32), np.zeros(0, np.int32)) if links is None else links
    junction = _junctions(node_count, tail[:count], head[:count], np.concatenate([link_from, link_to]))
    last, left_m = _to_the_end(node_count, tail, head, length, junction)
    forth, back = last[:count], last[count:]
    ends, chain = np.unique(np.minimum(forth, back), return_inverse=True)
    first = np.empty(len(ends), np.int64)
    first[chain] = np.maximum(forth, back)
    number = np.cumsum(junction) - 1
    whole_m = left_m[(ends + count) % max(2 * count, 1)]
    ahead = forth < back
    edge_chain = np.full(len(edge_u), -1, np.int32)
    edge_from, edge_sign = np.zeros(len(edge_u)), np.ones(len(edge_u))
    edge_chain[which] = chain.reshape(-1)
    edge_from[which] = np.where(ahead, left_m[count:] - length[:count], left_m[:count])
    edge_sign[which] = np.where(ahead, 1.0, -1.0)
    junctions = int(junction.sum())
    u, v = number[head[first]].astype(np.int32), number[head[ends]].astype(np.int32)
    leads = junction[link_from] & junction[link_to]
    links = number[link_from[leads]].astype(np.int32), number[link_to[leads]].astype(np.int32)
    return Chains(junctions, u, v, whole_m, edge_chain, edge_from, edge_sign, *links)


def _junctions(node_count: int, u: Longs, v: Longs, link_ends: Ints) -> npt.NDArray[np.bool_]:
    """Return which nodes are junctions, shape (n,)."""
    meet = np.bincount(u, minlength=node_count) + np.bincount(v, minlength=node_count)
    junction: npt.NDArray[np.bool_] = (meet > 0) & (meet != _STREETS_AT_A_BEND)
    junction[link_ends] = meet[link_ends] > 0
    graph = csr_matrix((np.ones(len(u), np.int8), (u, v)), shape=(node_count, node_count))
    parts, part = connected_components(graph, directed=False)
    ring = np.ones(parts, bool)
    ring[part[junction | (meet == 0)]] = False
    lowest = np.full(parts, node_count)
    np.minimum.at(lowest, part, np.arange(node_count))
    junction[lowest[ring]] = True
    return junction


def _to_the_end(
    node_count: int, tail: Longs, head: Longs, length: Floats, junction: npt.NDArray[np.bool_]
) -> tuple[Longs, Floats]:
    """Return the last dart of each dart's chain, and the metres from its tail to the head of that."""
    darts = np.arange(len(tail))
    bend = np.flatnonzero(~junction[tail])
    order = bend[np.argsort(tail[bend], kind="stable")].reshape(-1, _STREETS_AT_A_BEND)
    other = np.full(len(tail), -1, np.int64)  # the dart that leaves the same bend
    other[order[:, 0]], other[order[:, 1]] = order[:, 1], order[:, 0]
    reverse = (darts + len(tail) // 2) % max(len(tail), 1)
    onward = np.where(junction[head], darts, other[reverse])
    ahead_m = np.where(onward == darts, 0.0, length)  # from a dart's head back to its tail, as long as it goes on
    while True:
        further = onward[onward]
        if np.array_equal(further, onward):
            return onward, ahead_m + length[onward]
        ahead_m += ahead_m[onward]
        onward = further
