"""From arrays in memory to the covered share of 20 categories for 500,000 homes, on Porto and on Wuhan.

Ours: snapping homes and facilities to edges, walking distances within 1,000 m, states with reasons (the end of the
extent included) and shares. Floor: 20 bare bounded SciPy searches from the facilities' nearest nodes and one
cKDTree look-up of the same homes. Building the network, its snap index and the k-d tree is in neither.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.measure import figure, paired_median_s
from benchmarks.street_files import PORTO, WUHAN, Town, read_town
from geo_service.analysis.coverage import covered_shares
from geo_service.analysis.distances import Targets, nearest_by_group
from geo_service.analysis.snapping import snap
from geo_service.analysis.states import boundary_distances, near_in_straight_line, states

LIMIT_M = 1000.0
HOMES, QUICK_HOMES = 500_000, 50_000
TOWNS = {"Porto": PORTO, "Wuhan": WUHAN}


def ours(town: Town) -> npt.NDArray[np.float64]:
    """Return the shares not covered, covered and unknown of every category."""
    network, (x, y) = town.network, town.homes
    homes = snap(network.snap_index, x, y)
    fx, fy = (np.concatenate([places[axis] for places in town.facilities]) for axis in (0, 1))
    group = np.repeat(np.arange(len(town.facilities), dtype=np.int32), [len(places[0]) for places in town.facilities])
    targets = Targets(snap(network.snap_index, fx, fy), np.arange(len(fx), dtype=np.int32), group)
    walks = nearest_by_group(network, targets, len(town.facilities), homes, limit_m=LIMIT_M)
    adrift = ~targets.snaps.snapped
    near = np.array(
        [
            near_in_straight_line(x, y, fx[adrift & (group == number)], fy[adrift & (group == number)], LIMIT_M)
            for number in range(len(town.facilities))
        ]
    )
    boundary = boundary_distances(town.extent, network.frame, x, y, LIMIT_M)
    found = states(walks.metres, homes.snapped, LIMIT_M, unsnapped_facility_near=near, boundary_m=boundary)
    return covered_shares(found.state)


class Bare:
    """The bare libraries on the same arrays."""

    def __init__(self, town: Town) -> None:
        network = town.network
        size = network.node_count
        self.matrix = csr_matrix((network.lengths, network.indices, network.indptr), shape=(size, size))
        self.tree = cKDTree(np.column_stack([network.x, network.y]))
        self.homes = np.column_stack(town.homes)
        self.facilities = [self.tree.query(np.column_stack(places))[1] for places in town.facilities]

    def run(self) -> None:
        """Search and look up."""
        for nodes in self.facilities:
            dijkstra(self.matrix, directed=True, indices=nodes, min_only=True, limit=LIMIT_M)
        self.tree.query(self.homes)


def pandana_s(town: Town) -> float:
    """Return the seconds pandana takes to build, precompute and answer the same questions from node to node."""
    import pandana
    import pandas as pd

    network = town.network
    nodes = pd.DataFrame({"x": network.x, "y": network.y})
    edges = pd.DataFrame({"from": network.edge_u, "to": network.edge_v, "metres": network.edge_length_m})
    start = time.perf_counter()
    streets = pandana.Network(nodes["x"], nodes["y"], edges["from"], edges["to"], edges[["metres"]])
    streets.precompute(LIMIT_M)
    at = streets.get_node_ids(*town.homes)
    for number, (x, y) in enumerate(town.facilities):
        streets.set_pois(str(number), LIMIT_M, 1, pd.Series(x), pd.Series(y))
        metres = streets.nearest_pois(LIMIT_M, str(number), num_pois=1)
        (metres[1].loc[at] < LIMIT_M).mean()
    return time.perf_counter() - start


def measure(name: str, path: Path, homes: int, *, quick: bool) -> None:
    """Measure one town."""
    town = read_town(path, homes)
    start = time.perf_counter()
    _ = town.network.snap_index
    figure(
        f"{name}: building the snap index", time.perf_counter() - start, note="once per import; kept with the network"
    )
    floor = Bare(town)
    value, least = paired_median_s(lambda: ours(town), floor.run, *([1] if quick else []))
    covered = ours(town)[:, 1]
    figure(
        f"{name}: {homes:,} homes, 20 categories, {LIMIT_M:,.0f} m",
        value,
        floor=least,
        at_most=3,
        note=f"covered shares {covered.min():.3f} to {covered.max():.3f}; {town.network.edge_count:,} edges",
    )
    if not quick:
        figure(
            f"{name}: against pandana (build + precompute + queries)",
            value,
            floor=pandana_s(town),
            at_least=10,
            note="pandana once; nodes instead of edges, no access legs, no states",
        )
    memory = subprocess.run(
        [sys.executable, "-m", "benchmarks.analysis_coverage", "--memory", name, "--homes", str(homes)],
        check=True,
        capture_output=True,
        text=True,
    )
    figure(f"{name}: peak memory", float(memory.stdout.split()[-1]), "MB", at_most=1500, note="reading, index, run")


def _peak_mb() -> float:
    """Return the peak resident memory of this process; getrusage would count its parent's before the start."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer homes, one run, no pandana")
    parser.add_argument("--memory", choices=TOWNS, help="run once and print the peak memory in MB")
    parser.add_argument("--homes", type=int)
    options = parser.parse_args()
    homes = options.homes or (QUICK_HOMES if options.quick else HOMES)
    if options.memory:
        ours(read_town(TOWNS[options.memory], homes))
        print(_peak_mb())
        return
    for name, path in TOWNS.items():
        measure(name, path, homes, quick=options.quick)


if __name__ == "__main__":
    main()
