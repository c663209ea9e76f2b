"""The walk from a home to a facility as a line (PRODUCT §3.15)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from shapely import LineString

from geo_service.analysis.distances import with_entrances
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import Snaps
from geo_service.analysis.stepping import with_twins

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
    start = int(origin.edge[0])
    if step_free and not (network.edge_step_free[start] and network.edge_step_free[target.edge[0]]):
        return None
    graph = with_entrances(network, origin, step_free=step_free, from_places=False)
    size = network.node_count + 1
    reach, before = dijkstra(
        csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size)),
        directed=True,
        indices=network.node_count,
        return_predecessors=True,
        limit=limit_m + 1e-3,
    )
    offset, leg = float(target.offset_m[0]), float(target.leg_m[0])
    choices: list[tuple[float, int, int]] = []
    for end in with_twins(network, target)[0].edge.tolist():  # as everybody comes, and as a neighbour
        length = float(network.edge_length_m[end])
        if start == end:
            choices.append((float(origin.leg_m[0]) + abs(float(origin.offset_m[0]) - offset) + leg, -1, end))
        choices.append((float(reach[network.edge_u[end]]) + offset + leg, int(network.edge_u[end]), end))
        choices.append((float(reach[network.edge_v[end]]) + length - offset + leg, int(network.edge_v[end]), end))
    metres, last, end = min(choices, key=lambda choice: choice[0])
    if not np.isfinite(metres) or metres > limit_m + 1e-6:
        return None
    nodes = _in_the_open(network, _walk_back(before, last, network.node_count), step_free=step_free)
    x = np.array([origin_xy[0], origin.x[0], *network.x[nodes], target.x[0], target_xy[0]])
    y = np.array([origin_xy[1], origin.y[0], *network.y[nodes], target.y[0], target_xy[1]])
    lon, lat = network.frame.to_lonlat(x, y)
    edges = [start, *_edges_between(network, nodes), end] if nodes else [start]
    if network.enclosed is not None:
        edges = [int(network.enclosed.edge_base[edge]) for edge in edges]
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


def _in_the_open(network: Network, nodes: list[int], *, step_free: bool) -> list[int]:
    """Return the nodes of a walk with those passed outside where residents leave by one gate and enter by another."""
    if network.enclosed is None or not len(network.enclosed.link_to):
        return nodes
    inside_of = dict(zip(network.enclosed.link_to.tolist(), network.enclosed.link_from.tolist(), strict=True))
    base = network.enclosed.edge_base
    walk: list[int] = nodes[:1]
    place = 1
    while place < len(nodes):
        edge = _edge_between(network, nodes[place - 1], nodes[place])
        if edge < 0 or base[edge] >= 0:
            walk.append(nodes[place])
            place += 1
            continue
        middle = nodes[place] not in inside_of  # a detour without steps has a node of its own
        exit_node, entry = inside_of[nodes[place - 1]], inside_of[nodes[place + middle]]
        graph = network.adjacency(step_free=step_free)
        size = network.node_count
        _, before = dijkstra(
            csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size)),
            directed=True,
            indices=exit_node,
            return_predecessors=True,
        )
        walk += [exit_node, *_walk_back(before, entry, exit_node), nodes[place + middle]]
        place += 1 + middle
    return walk


def _edge_between(network: Network, one: int, two: int) -> int:
    """Return the edge between two nodes, -1 where only a link joins them."""
    low, high = min(one, two), max(one, two)
    first, last = np.searchsorted(network.edge_u, [low, low + 1])
    place = int(first + np.searchsorted(network.edge_v[first:last], high))
    return place if place < last and network.edge_v[place] == high else -1


def _edges_between(network: Network, nodes: list[int]) -> list[int]:
    """Return the edges between consecutive nodes, those everybody knows for those residents stand on."""
    found = [_edge_between(network, one, two) for one, two in pairwise(nodes)]
    return [edge for edge in found if edge >= 0]
