"""Which nodes are joined, and how far apart they are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Nodes = Ints | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Adjacency:
    """Both directions of every edge as compressed rows: from node ``i`` to ``indices[k]`` it is ``lengths[k]`` m."""

    indptr: Ints
    indices: Ints
    lengths: Floats

    def with_links(self, nodes: Nodes, metres: Floats) -> "Adjacency":
        """Return the adjacency with more nodes (numbers n, n + 1, …), each with one-way links to some of the old.

        ``nodes`` and ``metres`` have the shape (k, w): where the w links of each of the k new nodes lead, and how far.
        """
        ends = len(self.indices) + nodes.shape[1] * np.arange(1, len(nodes) + 1)
        return Adjacency(
            np.concatenate([self.indptr, ends]).astype(np.int32),
            np.concatenate([self.indices, nodes.ravel()]).astype(np.int32),
            np.concatenate([self.lengths, metres.ravel()]),
        )

    def with_one_way(self, start: Nodes, end: Nodes) -> "Adjacency":
        """Return the adjacency with links of no length that lead from some nodes to others, but not back."""
        if not len(start):
            return self
        added = np.zeros(len(self.indptr), np.int64)
        np.cumsum(np.bincount(start, minlength=len(self.indptr) - 1), out=added[1:])
        order = np.argsort(start, kind="stable")
        at = self.indptr[np.asarray(start, np.int64)[order] + 1]
        return Adjacency(
            (self.indptr + added).astype(np.int32),
            np.insert(self.indices, at, end[order]).astype(np.int32),
            np.insert(self.lengths, at, 0.0),
        )


def adjacency_of(nodes: int, u: Nodes, v: Nodes, length: Floats) -> Adjacency:
    """Return both directions of the edges as compressed rows."""
    rows = np.concatenate([u, v])
    order = np.argsort(rows, kind="stable")
    indptr = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=nodes), out=indptr[1:])
    return Adjacency(indptr, np.concatenate([v, u])[order].astype(np.int32), np.concatenate([length, length])[order])
