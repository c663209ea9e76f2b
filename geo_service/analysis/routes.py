"""The walk from a home to a facility as a line (PRODUCT §3.15)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from shapely import LineString

from geo_service.analysis.distances import with_entrances
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import Snaps

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Route:
    """A walk: its line in lon/lat from point to point, its length in metres and the edges walked on in order."""

    line: LineString
    metres: float
    edges: npt.NDArray[np.int32]


def route(
    network: Network,
    origin: Snaps,
    target: Snaps,
    origin_xy: tuple[float, float],
    target_xy: tuple[float, float],
    *,
    limit_m: float = np.inf,
    step_free: bool = False,
) -> Route | None:
    """Return the shortest walk between two points, None if there is none within ``limit_m``.

    Parameters
    ----------
    network
        The network both were snapped to.
    origin, target
        One snap each (of length 1).
    origin_xy, target_xy
        The points themselves in the network's metric frame, metres.
    limit_m
        Bound of the search; the distance already known makes it quick.
    step_free
        Walk without steps.
    """
    if origin.edge[0] < 0 or target.edge[0] < 0:
        return None
    start, end = int(origin.edge[0]), int(target.edge[0])
    if step_free and not (network.edge_step_free[start] and network.edge_step_free[end]):
        return None
    graph = with_entrances(network, origin, step_free=step_free)
    size = network.node_count + 1
    reach, before = dijkstra(
        csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size)),
        directed=True,
        indices=network.node_count,
        return_predecessors=True,
        limit=limit_m + 1e-3,
    )
    offset, leg = float(target.offset_m[0]), float(target.leg_m[0])
    length = float(network.edge_length_m[end])
    choices = [
        (float(reach[network.edge_u[end]]) + offset + leg, int(network.edge_u[end])),
        (float(reach[network.edge_v[end]]) + length - offset + leg, int(network.edge_v[end])),
    ]
    if start == end:
        choices.insert(0, (float(origin.leg_m[0]) + abs(float(origin.offset_m[0]) - offset) + leg, -1))
    metres, last = min(choices, key=lambda choice: choice[0])
    if not np.isfinite(metres) or metres > limit_m + 1e-6:
        return None
    nodes = _walk_back(before, last, network.node_count)
    x = np.array([origin_xy[0], origin.x[0], *network.x[nodes], target.x[0], target_xy[0]])
    y = np.array([origin_xy[1], origin.y[0], *network.y[nodes], target.y[0], target_xy[1]])
    lon, lat = network.frame.to_lonlat(x, y)
    edges = [start, *_edges_between(network, nodes), end] if nodes else [start]
    kept = [edge for place, edge in enumerate(edges) if place == 0 or edge != edges[place - 1]]
    return Route(LineString(np.column_stack([lon, lat])), metres, np.array(kept, np.int32))


def _walk_back(before: npt.NDArray[np.int32], last: int, source: int) -> list[int]:
    """Return the nodes from the source (left out) to ``last``; none if ``last`` is -1."""
    nodes: list[int] = []
    node = last
    while node >= 0 and node != source:
        nodes.append(node)
        node = int(before[node])
    return nodes[::-1]


def _edges_between(network: Network, nodes: list[int]) -> list[int]:
    """Return the edges between consecutive nodes."""
    u, v = np.minimum(nodes[:-1], nodes[1:]), np.maximum(nodes[:-1], nodes[1:])
    key = network.edge_u.astype(np.int64) * network.node_count + network.edge_v
    return [int(edge) for edge in np.searchsorted(key, u.astype(np.int64) * network.node_count + v)]
