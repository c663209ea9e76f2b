"""Walking distances of 10,000 random pairs on the streets of Wuhan and Porto, one by one against networkx.

A hundred random homes and a hundred random facilities beside streets; every facility is a group of its own. Floor:
plain networkx on a graph written down from the same edges, each point joined to the ends of the edge it is snapped to,
one Dijkstra search a home. Both must agree to 1e-6 m, also on what cannot be reached.
"""

import argparse
import sys
import time

import networkx as nx
import numpy as np
import numpy.typing as npt

from benchmarks.measure import figure
from benchmarks.street_files import PORTO, WUHAN, beside_streets, read_town
from geo_service.analysis.distances import Targets, nearest_by_group
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import Snaps, snap

COUNT, QUICK_COUNT = 100, 10
AGREES_M = 1e-6
TOWNS = {"Wuhan": WUHAN, "Porto": PORTO}
Floats = npt.NDArray[np.float64]


def ours(network: Network, homes: Snaps, facilities: Snaps) -> Floats:
    """Return the metres of every facility and home."""
    number = np.arange(len(facilities.edge), dtype=np.int32)
    return nearest_by_group(network, Targets(facilities, number, number), len(number), homes).metres


def theirs(network: Network, homes: Snaps, facilities: Snaps) -> Floats:
    """Return the same by networkx."""
    graph = nx.Graph()
    for u, v, metres in zip(
        network.edge_u.tolist(), network.edge_v.tolist(), network.edge_length_m.tolist(), strict=True
    ):
        if u != v and metres < graph.get_edge_data(u, v, {"metres": np.inf})["metres"]:
            graph.add_edge(u, v, metres=metres)
    found = np.full((len(facilities.edge), len(homes.edge)), np.inf)
    ends = [_ends(network, facilities, number) for number in range(len(facilities.edge))]
    for home in range(len(homes.edge)):
        graph.add_edges_from(("home", node, {"metres": metres}) for node, metres in _ends(network, homes, home))
        reached = nx.single_source_dijkstra_path_length(graph, "home", weight="metres")
        for number, way in enumerate(ends):
            metres = min((reached.get(node, np.inf) + more for node, more in way), default=np.inf)
            if facilities.edge[number] == homes.edge[home] >= 0:
                apart = abs(facilities.offset_m[number] - homes.offset_m[home])
                metres = min(metres, apart + facilities.leg_m[number] + homes.leg_m[home])
            found[number, home] = metres
        if "home" in graph:
            graph.remove_node("home")
    return found


def _ends(network: Network, snaps: Snaps, number: int) -> list[tuple[int, float]]:
    """Return the ends of the edge a point is snapped to, with the walk there."""
    edge = int(snaps.edge[number])
    if edge < 0:
        return []
    along, leg = float(snaps.offset_m[number]), float(snaps.leg_m[number])
    length = float(network.edge_length_m[edge])
    return [(int(network.edge_u[edge]), leg + along), (int(network.edge_v[edge]), leg + length - along)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 pairs")
    count = QUICK_COUNT if parser.parse_args().quick else COUNT
    differ = 0
    for name, path in TOWNS.items():
        town = read_town(path, 1, categories=1)
        rng = np.random.default_rng(11)
        homes, facilities = (snap(town.network.snap_index, *beside_streets(town.network, count, rng)) for _ in range(2))
        start = time.perf_counter()
        here = ours(town.network, homes, facilities)
        middle = time.perf_counter()
        there = theirs(town.network, homes, facilities)
        end = time.perf_counter()
        same = (here == there) | (
            np.abs(np.where(np.isinf(here), -1, here) - np.where(np.isinf(there), -1, there)) < AGREES_M
        )
        differ += int((~same).sum())
        both = np.isfinite(here) & np.isfinite(there)
        apart = float(np.abs(here[both] - there[both]).max(initial=0.0))
        figure(
            f"{name}: walks that differ from networkx by more than {AGREES_M:g} m",
            int((~same).sum()),
            "",
            at_most=0,
            note=f"of {here.size:,} random pairs, {int(both.sum()):,} reachable; farthest apart {apart:.1e} m",
        )
        figure(f"{name}: the same walks", middle - start, floor=end - middle, note="floor: networkx")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
