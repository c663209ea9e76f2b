"""How far it is from each of several owners of sources, not only from the nearest of all (PRODUCT §3.9, §3.12)."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import dijkstra

from geo_service.analysis.increments import Feet, Reach, Streets, search_limit_m

Ints = npt.NDArray[np.int32]
_CELLS: Final = 4_000_000  # distances of one block of searches kept at a time: 32 MB


def reach_of_each(streets: Streets, sources: Feet, owner: Ints, limit_m: float) -> Iterator[tuple[int, Reach]]:
    """Yield every owner of a source with how far nodes are from the nearest of its own sources, in their order.

    Parameters
    ----------
    streets
        Where one walks, edited or not.
    sources, owner
        Feet of s sources and whose they are, shape (s,); those on no chain are left out.
    limit_m
        How far is searched, metres.
    """
    on = np.flatnonzero(sources.chain >= 0)
    sources, owner = sources.take(on), owner[on]
    order = np.argsort(owner, kind="stable")
    sources, owner = sources.take(order), owner[order]
    owners, first = np.unique(owner, return_index=True)
    if not len(owners):
        return
    graph = streets.graph(sources)
    bounds = np.append(first, len(owner))
    size = max(1, _CELLS // graph.shape[0])
    at = 0
    while at < len(owners):
        end = max(at + 1, int(np.searchsorted(bounds, bounds[at] + size, "right")) - 1)
        which = np.arange(bounds[at], bounds[end])
        found = dijkstra(
            graph, directed=True, indices=streets.node_count + which, limit=search_limit_m(limit_m)
        )[:, : streets.node_count]  # fmt: skip
        for place in range(at, end):
            rows = slice(int(bounds[place] - bounds[at]), int(bounds[place + 1] - bounds[at]))
            own = sources.take(np.arange(bounds[place], bounds[place + 1]))
            yield int(owners[place]), Reach(streets, own, found[rows].min(axis=0), limit_m)
        at = end
