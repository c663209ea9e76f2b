"""One click's circles of three limits on Porto, against the bare search with Shapely's buffer and union.

Ours: snap the clicked point, search, cut the streets at 300, 500 and 1,000 m, polygons, paper circles, cleaning,
back to lon/lat. Floor: one bounded SciPy search from the nearest node, and for each limit Shapely's buffer of the
reached edges and their union. Reported beside it: the floor with the largest limit alone.
"""

import argparse

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.measure import figure, paired_median_s
from benchmarks.street_files import PORTO, read_town
from geo_service.analysis.circles import STREET_BUFFER_M, circles
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import snap

LIMITS_M = (300.0, 500.0, 1000.0)
CLICKS = {"centre": (41.1496, -8.6109), "suburb": (41.1760, -8.6530)}  # lat, lon


def ours(network: Network, x: float, y: float) -> None:
    """Draw the circles of one click."""
    points = np.array([x]), np.array([y])
    circles(network, *points, snap(network.snap_index, *points), LIMITS_M)


class Bare:
    """SciPy and Shapely on the same arrays."""

    def __init__(self, network: Network) -> None:
        self.network = network
        size = network.node_count
        self.matrix = csr_matrix((network.lengths, network.indices, network.indptr), shape=(size, size))
        self.tree = cKDTree(np.column_stack([network.x, network.y]))

    def run(self, x: float, y: float, limits: tuple[float, ...] = LIMITS_M) -> npt.NDArray[np.object_]:
        """Search once, then buffer and union the edges reached within each limit."""
        network = self.network
        node = self.tree.query([x, y])[1]
        reach = dijkstra(self.matrix, directed=True, indices=[node], min_only=True, limit=max(limits))
        far = np.maximum(reach[network.edge_u], reach[network.edge_v])
        shapes = []
        for limit in limits:
            edge = np.flatnonzero(far <= limit)
            u, v = network.edge_u[edge], network.edge_v[edge]
            ends = np.stack(
                [np.column_stack([network.x[u], network.y[u]]), np.column_stack([network.x[v], network.y[v]])], axis=1
            )
            shapes.append(shapely.union_all(shapely.buffer(shapely.linestrings(ends), STREET_BUFFER_M)))
        return np.array(shapes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one run")
    options = parser.parse_args()
    network = read_town(PORTO, 10).network
    _ = network.snap_index
    bare = Bare(network)
    for name, (lat, lon) in CLICKS.items():
        x, y = (float(value) for value in network.frame.to_metric(lon, lat))
        times = [1] if options.quick else []
        value, floor = paired_median_s(lambda x=x, y=y: ours(network, x, y), lambda x=x, y=y: bare.run(x, y), *times)
        _, largest = paired_median_s(lambda: None, lambda x=x, y=y: bare.run(x, y, LIMITS_M[-1:]), *times)
        figure(
            f"Porto, {name}: circles of {', '.join(f'{limit:,.0f}' for limit in LIMITS_M)} m",
            value,
            floor=floor,
            at_most=2,
            note=f"floor with the largest limit alone: {largest:.3f} s",
        )


if __name__ == "__main__":
    main()
