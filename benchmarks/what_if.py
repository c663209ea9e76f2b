"""One what-if edit on the streets of Porto with 500,000 seeded homes, answered in the server from walks it keeps.

Each answer is ``services.what_if.evaluate`` on an embedded store: edits checked against the store, the search from the
change, states decided again, people of nine columns by 240 communities before and after. Kinds of edits by turns:
facilities added, closed and moved, paths added and cut, homes added; once about a category without places, once about
one whose places are told before and after, too (there also another capacity). Beside each kind one bare SciPy search
of the category from its nearest nodes to everywhere: no edit may cost more. What the first question on new data pays
(homes read and walked once) is told too.

``python -m benchmarks.what_if`` · ``--homes N`` fewer homes · ``--edits N`` edits of each kind · ``--cpu`` counts
processor time, for a machine that others use
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.measure import figure
from benchmarks.street_files import PORTO, beside_streets, read_ways
from geo_service.analysis.network import Network, build_network
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.bands import BANDS
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import system_clock
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.ids import fingerprint
from geo_service.services.context import Context
from geo_service.services.what_if import WhatIfQuestion, evaluate
from geo_service.storage import bulk
from geo_service.storage.store import create_store
from geo_service.storage.ways import write_ways

PLAIN, WITH_PLACES = "clinic", "kindergarten"
FACILITIES, HOMES, EDITS = 400, 500_000, 20
CAPACITY = {"capacity": 200.0, "capacity_unit": "places"}
SLOWEST_MS = 100.0
SHARE = 95
KINDS = ("facility_add", "facility_close", "facility_move", "path_add", "path_cut", "homes_add")
KINDS_OF = {PLAIN: KINDS, WITH_PLACES: ("facility_resize", *KINDS)}
PATH_M = 150.0


def fill(ctx: Context, homes: int, rng: np.random.Generator) -> Network:
    """Fill an empty store with streets, communities, homes and facilities; return the network."""
    who: dict[str, Any] = {"actor": LOCAL_ADMIN, "now": system_clock()}
    ways = read_ways(PORTO)
    west, south, east, north = ways.lon.min(), ways.lat.min(), ways.lon.max(), ways.lat.max()
    network = build_network(ways, MetricFrame.at((west + east) / 2, (south + north) / 2))
    row = {
        "code": "N1",
        "geometry": shapely.box(west, south, east, north),
        "is_closed": False,
        "fingerprint": fingerprint(homes),
    }
    lon, lat = network.frame.to_lonlat(*beside_streets(network, homes, rng))
    bands = rng.integers(0, 4, (homes, len(BANDS)))
    buildings = gpd.GeoDataFrame(
        {"code": [f"B{n:06d}" for n in range(homes)], "use": "residential", "people_basis": "register"}
        | {"residents_persons": bands.sum(axis=1)}
        | {f"age_{band}_persons": bands[:, n] for n, band in enumerate(BANDS)},
        geometry=shapely.box(lon - 5e-5, lat - 5e-5, lon + 5e-5, lat + 5e-5),
        crs=4326,
    )
    values = {"verification": "verified", "opening_state": "open", "admits": "public"}
    facilities = [
        gpd.GeoDataFrame(
            {"code": [f"{category}{n:03d}" for n in range(FACILITIES)], "category": category} | values | more,
            geometry=shapely.points(*network.frame.to_lonlat(*beside_streets(network, FACILITIES, rng))),
            crs=4326,
        )
        for category, more in ((PLAIN, {}), (WITH_PLACES, CAPACITY))
    ]
    with ctx.store.writing() as conn:
        write_ways(conn, row, ways, **who)
        bulk.upsert(conn, LAYERS["areas"], _areas(west, south, east, north), **who)
        bulk.upsert(conn, LAYERS["buildings"], buildings, **who)
        for frame in facilities:
            bulk.upsert(conn, LAYERS["facilities"], frame, **who)
        bulk.refresh_places(conn)
    return network


def _areas(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    x, y = np.linspace(west - 0.01, east + 0.01, 17), np.linspace(south - 0.01, north + 0.01, 16)
    rows = [
        {"code": f"990101{i + 1:03d}{j + 1:03d}", "geometry": shapely.box(x[i], y[j], x[i + 1], y[j + 1])}
        for i in range(16)
        for j in range(15)
    ]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326).assign(level="community", name="community")


def edit(kind: str, category: str, network: Network, rng: np.random.Generator) -> dict[str, Any]:
    """Return a random edit; paths go from one street to the next one across."""
    position = [float(one[0]) for one in network.frame.to_lonlat(*beside_streets(network, 1, rng))]
    code = f"{category}{int(rng.integers(FACILITIES)):03d}"
    if kind == "facility_add":
        return {"edit": kind, "category": category, "position": position}
    if kind == "facility_resize":
        return {"edit": kind, "facility": code, "capacity": float(rng.integers(100, 400))}
    if kind == "facility_close":
        return {"edit": kind, "facility": code}
    if kind == "facility_move":
        return {"edit": kind, "facility": code, "position": position}
    if kind == "homes_add":
        return {"edit": kind, "position": position, "residents": 300}
    edges = np.flatnonzero(network.edge_snap)
    middle = [(array[network.edge_u[edges]] + array[network.edge_v[edges]]) / 2 for array in (network.x, network.y)]
    one = int(rng.integers(len(edges)))
    away = np.hypot(middle[0] - middle[0][one], middle[1] - middle[1][one])
    other = int(np.argmin(np.abs(away - PATH_M)))
    lon, lat = network.frame.to_lonlat(middle[0][[one, other]], middle[1][[one, other]])
    ends = [[float(x), float(y)] for x, y in zip(lon, lat, strict=True)]
    return {"edit": kind, "position": ends[0]} if kind == "path_cut" else {"edit": kind, "line": ends}


def bare_s(network: Network, rng: np.random.Generator, clock: Callable[[], float]) -> float:
    """Return the seconds of one bare search from as many facilities' nearest nodes to everywhere."""
    size = network.node_count
    matrix = csr_matrix((network.lengths, network.indices, network.indptr), shape=(size, size))
    tree = cKDTree(np.column_stack([network.x, network.y]))
    nodes = tree.query(np.column_stack(beside_streets(network, FACILITIES, rng)))[1]
    times = []
    for _ in range(5):
        start = clock()
        dijkstra(matrix, directed=True, indices=nodes, min_only=True)
        times.append(clock() - start)
    return float(np.median(times))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=HOMES)
    parser.add_argument("--edits", type=int, default=EDITS)
    parser.add_argument("--cpu", action="store_true")
    options = parser.parse_args()
    clock = time.process_time if options.cpu else time.perf_counter
    rng = np.random.default_rng(20240601)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ctx = Context(create_store(f"sqlite:///{folder / 'geo.gpkg'}"), LOCAL_ADMIN, system_clock, folder, "en")
        network = fill(ctx, options.homes, rng)

        def milliseconds(category: str, kind: str) -> float:
            asked = WhatIfQuestion.asked([category], edits=[edit(kind, category, network, rng)], circle=15)
            start = clock()
            with ctx.store.reading() as conn:
                json.dumps(evaluate(conn, ctx, asked), allow_nan=False)
            return 1000 * (clock() - start)

        about = f"{options.homes:,} homes, {network.edge_count:,} edges, {FACILITIES} facilities"
        bare_ms = 1000 * bare_s(network, rng, clock)
        for category, kinds in KINDS_OF.items():
            first = milliseconds(category, "facility_close")
            note = "streets opened, homes read, snapped and walked once" if category == PLAIN else "walked once"
            figure(f"{category}: first question on new data", first / 1000, "s", note=note)
            taken = {kind: [milliseconds(category, kind) for _ in range(options.edits)] for kind in kinds}
            most = float(np.percentile(np.concatenate(list(taken.values())), SHARE))
            title = f"{category}: one edit, {SHARE} % within"
            figure(title, most, "ms", at_most=SLOWEST_MS, note=about)
            for kind, times in taken.items():
                note = f"slowest {max(times):.0f} ms; beside one bare search of the category"
                figure(
                    f"{category}: {kind}, median", float(np.median(times)), "ms", floor=bare_ms, at_most=1.0, note=note
                )
        ctx.store.close()


if __name__ == "__main__":
    main()
