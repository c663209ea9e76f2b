"""Streets of the shared extracts as networks, and seeded homes and facilities on them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.network import Network, build_network
from geo_service.domain.ways import WayArrays
from geo_service.exchange.osm import read_osm
from geo_service.foundation.crs import MetricFrame, to_stored

SHARED: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
PORTO: Final = SHARED / "porto" / "porto_portugal.osm.pbf"
WUHAN: Final = SHARED / "wuhan-streets" / "streets.parquet"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Town:
    """A network with its extent (lon/lat), seeded homes and facilities by category (metres of its frame)."""

    network: Network
    extent: shapely.Polygon
    homes: tuple[Floats, Floats]
    facilities: list[tuple[Floats, Floats]]


def read_ways(path: Path) -> WayArrays:
    """Return the walkable ways of an OSM file, or those of the Wuhan segments (EPSG:32650)."""
    if path.suffix != ".parquet":
        ways = read_osm(path, only=frozenset({"network"})).ways
        assert ways is not None
        return ways
    table = gpd.read_parquet(path)
    count = len(table)
    lon, lat = shapely.get_coordinates(to_stored(table.geometry.values, 32650)).T
    return WayArrays(
        [f"s{number}" for number in range(count)],
        [None] * count,
        ["residential"] * count,
        np.ones(count, bool),
        np.ones(count, bool),
        np.arange(count, dtype=np.int32),
        np.arange(0, 2 * count + 1, 2, dtype=np.int64),
        table[["u", "v"]].to_numpy(np.int64).ravel(),
        lon,
        lat,
    )


def read_town(path: Path, homes: int, categories: int = 20, seed: int = 20240601) -> Town:
    """Return the streets of a file with seeded homes (5 to 60 m beside streets) and 50 to 800 facilities a category."""
    ways = read_ways(path)
    west, south, east, north = ways.lon.min(), ways.lat.min(), ways.lon.max(), ways.lat.max()
    network = build_network(ways, MetricFrame.at((west + east) / 2, (south + north) / 2))
    rng = np.random.default_rng(seed)
    counts = np.linspace(50, 800, categories).round().astype(int)
    return Town(
        network,
        shapely.box(west, south, east, north),
        beside_streets(network, homes, rng),
        [beside_streets(network, int(count), rng) for count in counts],
    )


def beside_streets(network: Network, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return random points 5 to 60 m to either side of random streets, long ones having more."""
    targets = np.flatnonzero(network.edge_snap)
    length = network.edge_length_m[targets]
    edge = rng.choice(targets, count, p=length / length.sum())
    u, v = network.edge_u[edge], network.edge_v[edge]
    along = rng.uniform(0, 1, count)
    dx, dy = network.x[v] - network.x[u], network.y[v] - network.y[u]
    away = rng.uniform(5, 60, count) * rng.choice([-1, 1], count) / np.maximum(np.hypot(dx, dy), 1e-9)
    return network.x[u] + along * dx - away * dy, network.y[u] + along * dy + away * dx
