"""A whole city from the store to kept runs: coverage by community and by grid, and gap zones with their reasons.

One million people of eight age bands in 60,000 seeded buildings on the streets of Wuhan (quarters of about 50, with
``--scattered`` each by itself, which makes several times as many gap zones), 20 categories of facilities (a tenth of
them not verified, nurseries and kindergartens for some ages only), 240 communities, 1,024 grids, on both stores. The
three runs are computed and kept one after the other in a process of its own, whose peak memory is told. Floor: the
bare SciPy searches of the same run, from the nearest nodes of each category's facilities to everywhere, and one cKDTree
look-up of the homes. Growth: homes alone, then homes and streets (copies of the town side by side), twice and four
times as many.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.measure import figure, median_s
from benchmarks.street_files import WUHAN, Floats, beside_streets, read_ways
from geo_service.analysis.network import Network, build_network
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.bands import BANDS
from geo_service.domain.layers import LAYERS
from geo_service.domain.ways import WayArrays
from geo_service.foundation.clock import system_clock
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.ids import fingerprint
from geo_service.services import analyses
from geo_service.services.context import Context
from geo_service.services.facilities import read_targets
from geo_service.services.homes import read_homes
from geo_service.services.networks import open_networks
from geo_service.services.runs import keep_run
from geo_service.storage import bulk
from geo_service.storage.store import Store, create_store, open_store
from geo_service.storage.ways import write_ways
from tests.stores import Cluster

HOMES, PEOPLE = 60_000, 1_000_000
CATEGORIES = (
    "service_station", "kindergarten", "nursery", "primary_school", "middle_school", "elder_station", "clinic",
    "hospital", "culture_station", "supermarket", "convenience", "market", "parcel", "pharmacy", "bus_stop", "toilet",
    "activity_ground", "sports_ground", "park", "canteen",
)  # fmt: skip
SHARES = (0.03, 0.04, 0.07, 0.04, 0.60, 0.07, 0.11, 0.04)  # of the bands, youngest first
ADMITS = {"kindergarten": ["3_5"], "nursery": ["0_2"]}
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("coverage", {"by": "community"}),
    ("coverage", {"by": "grid"}),
    ("gaps", {}),
)
A_QUARTER, SPREAD_M = 50, 60.0
SECONDS, MEMORY_MB, GROWTH = 30, 2000, 1.25


def copied(ways: WayArrays, copies: int) -> WayArrays:
    """Return the ways as often as said, side by side from west to east."""
    width = ways.lon.max() - ways.lon.min() + 1e-4
    span = int(ways.node_ids.max()) + 1
    count = len(ways.codes)
    steps = range(copies)
    return WayArrays(
        [f"{code}c{n}" for n in steps for code in ways.codes],
        list(ways.names) * copies,
        list(ways.highways) * copies,
        np.tile(ways.snap_target, copies),
        np.tile(ways.step_free, copies),
        np.concatenate([ways.part_way + n * count for n in steps]).astype(np.int32),
        np.concatenate([[0], *(ways.part_start[1:] + n * len(ways.lon) for n in steps)]).astype(np.int64),
        np.concatenate([ways.node_ids + n * span for n in steps]),
        np.concatenate([ways.lon + n * width for n in steps]),
        np.tile(ways.lat, copies),
    )


def placed(network: Network, homes: int, rng: np.random.Generator, *, scattered: bool) -> tuple[Floats, Floats]:
    """Return where homes stand: beside streets all over the town, or in quarters of about 50 around such places."""
    if scattered:
        return beside_streets(network, homes, rng)
    x, y = beside_streets(network, max(homes // A_QUARTER, 1), rng)
    quarter = rng.integers(0, len(x), homes)
    return x[quarter] + rng.normal(0, SPREAD_M, homes), y[quarter] + rng.normal(0, SPREAD_M, homes)


def fill(store: Store, homes: int, copies: int, *, scattered: bool = False, seed: int = 20240601) -> None:
    """Fill an empty store with a city."""
    who: dict[str, Any] = {"actor": LOCAL_ADMIN, "now": system_clock()}
    ways = copied(read_ways(WUHAN), copies)
    west, south, east, north = ways.lon.min(), ways.lat.min(), ways.lon.max(), ways.lat.max()
    network = build_network(ways, MetricFrame.at((west + east) / 2, (south + north) / 2))
    rng = np.random.default_rng(seed)
    extent = shapely.box(west, south, east, north)
    around = (west - 0.01, south - 0.01, east + 0.01, north + 0.01)
    row = {"code": "N1", "geometry": extent, "is_closed": False, "fingerprint": fingerprint([homes, copies])}
    lon, lat = network.frame.to_lonlat(*placed(network, homes, rng, scattered=scattered))
    residents = rng.multinomial(int(PEOPLE * homes / HOMES), np.full(homes, 1 / homes))
    bands = rng.multinomial(residents, SHARES)
    buildings = gpd.GeoDataFrame(
        {"code": [f"B{n:06d}" for n in range(homes)], "use": "residential", "people_basis": "register"}
        | {"residents_persons": residents}
        | {f"age_{band}_persons": bands[:, n] for n, band in enumerate(BANDS)},
        geometry=shapely.box(lon - 5e-5, lat - 5e-5, lon + 5e-5, lat + 5e-5),
        crs=4326,
    )
    with store.writing() as conn:
        write_ways(conn, row, ways, **who)
        bulk.upsert(conn, LAYERS["areas"], _areas(*around), **who)
        bulk.upsert(conn, LAYERS["grids"], _grids(*around), **who)
        bulk.upsert(conn, LAYERS["buildings"], buildings, **who)
        counts = np.linspace(50, 800, len(CATEGORIES)).round().astype(int) * copies
        for category, count in zip(CATEGORIES, counts, strict=True):
            x, y = network.frame.to_lonlat(*beside_streets(network, int(count), rng))
            verified = np.where(rng.uniform(size=count) < 0.9, "verified", "unverified")
            values = {"category": category, "verification": verified, "opening_state": "open", "admits": "public"}
            values |= {"capacity": 120.0, "capacity_unit": "places"} if category == "kindergarten" else {}
            if category in ADMITS:
                values |= {"admits": "age_band", "admits_bands": [ADMITS[category]] * int(count)}
            frame = gpd.GeoDataFrame(
                {"code": [f"{category}-{n}" for n in range(count)]} | values, geometry=shapely.points(x, y), crs=4326
            )
            bulk.upsert(conn, LAYERS["facilities"], frame, **who)
        said = {"statement_area_code": "990101", "is_complete": True, "declared_on": "2026-01-01", "declared_by": "x"}
        surveyed = CATEGORIES[:-2]  # of the last two nobody declared anything
        statements = gpd.GeoDataFrame([{"code": f"s-{one}", "category": one, **said} for one in surveyed])
        bulk.upsert(conn, LAYERS["inventory_statements"], statements, **who)
        bulk.refresh_places(conn)


def _areas(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    """Return a city, a district, 12 street offices in columns and 20 communities in each of them."""
    rows: list[dict[str, Any]] = [
        {"code": "9901", "level": "city", "name": "city", "geometry": shapely.box(west, south, east, north)},
        {"code": "990101", "level": "district", "name": "district", "geometry": shapely.box(west, south, east, north)},
    ]
    x, y = np.linspace(west, east, 13), np.linspace(south, north, 21)
    for column in range(12):
        code = f"990101{column + 1:03d}"
        shape = shapely.box(x[column], south, x[column + 1], north)
        rows.append({"code": code, "level": "street", "name": code, "geometry": shape})
        for line in range(20):
            shape = shapely.box(x[column], y[line], x[column + 1], y[line + 1])
            one = f"{code}{line + 1:03d}"
            rows.append({"code": one, "level": "community", "name": one, "geometry": shape})
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)


def _grids(west: float, south: float, east: float, north: float, size: int = 32) -> gpd.GeoDataFrame:
    x, y = np.linspace(west, east, size + 1), np.linspace(south, north, size + 1)
    shapes = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(size) for j in range(size)]
    codes = [f"G{n:04d}" for n in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes, "name": codes, "kind": "governance"}, geometry=shapes, crs=4326)


def work(url: str, var_dir: Path, times: int) -> None:
    """Compute and keep the runs ``times`` times; print seconds of each, and the peak memory, as JSON."""
    store = open_store(url)
    ctx = Context(store, LOCAL_ADMIN, system_clock, var_dir, "zh")
    with store.reading() as conn:
        open_networks(conn, ctx)  # arrays are built once per import
    rounds = []
    facts: dict[str, int] = {}
    for number in range(times):
        seconds = {}
        for name, asked in ASKED:
            start = time.perf_counter()
            kind = analyses.kind_named(name)
            question = kind.asked(list(CATEGORIES), **asked)
            with store.reading() as conn:
                finished = kind.compute(conn, ctx, question)
            again = replace(finished, fingerprint=f"{finished.fingerprint}-{number}-{time.time_ns()}")
            with store.writing() as conn:
                keep_run(conn, ctx, again)
            seconds[" ".join([name, *map(str, asked.values())])] = time.perf_counter() - start
            for table in ("rows", "zones"):
                if table in finished.result:
                    facts[f"{name} {table}"] = len(finished.result[table])
            del finished, again  # a run is kept and forgotten before the next one
        rounds.append(seconds)
    print(json.dumps({"rounds": rounds, "facts": facts, "peak_mb": _peak_mb()}))
    store.close()


def _peak_mb() -> float:
    """Return the peak resident memory of this process; getrusage would count its parent's before the start."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def bare_s(store: Store, var_dir: Path, times: int) -> float:
    """Return the median seconds of the bare searches of one run."""
    ctx = Context(store, LOCAL_ADMIN, system_clock, var_dir, "zh")
    with store.reading() as conn:
        (streets,) = open_networks(conn, ctx)
        homes, targets = read_homes(conn), read_targets(conn, ctx, CATEGORIES)
    network = streets.network
    matrix = csr_matrix((network.lengths, network.indices, network.indptr), shape=(network.node_count,) * 2)
    tree = cKDTree(np.column_stack([network.x, network.y]))
    places = np.column_stack(streets.frame.to_metric(targets.place_lon, targets.place_lat))
    nodes = tree.query(places)[1]
    group = targets.category[targets.place_owner]
    points = np.column_stack(streets.frame.to_metric(homes.lon, homes.lat))

    def run() -> None:
        for number in range(len(CATEGORIES)):
            dijkstra(matrix, directed=True, indices=nodes[group == number], min_only=True)
        tree.query(points)

    return median_s(run, times)


@contextmanager
def cities(kind: str) -> Iterator[Any]:
    """Yield what makes an empty store of a kind and returns its address and a folder beside it."""
    with tempfile.TemporaryDirectory() as place:
        cluster = Cluster(fsync="on", synchronous_commit="on") if kind == "postgis" else None
        try:

            def make(name: str) -> tuple[str, Path]:
                folder = Path(place) / name
                folder.mkdir()
                url = f"sqlite:///{folder / 'geo.gpkg'}" if cluster is None else cluster.url(cluster.new_database())
                return url, folder

            yield make
        finally:
            if cluster is not None:
                cluster.stop()


def worked(url: str, folder: Path, times: int) -> dict[str, Any]:
    """Return what a process of its own tells of its work."""
    command = [sys.executable, "-m", "benchmarks.city", "--work", url, "--var", str(folder), "--times", str(times)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def whole_s(told: dict[str, Any]) -> float:
    """Return the median seconds of all runs together, the first round left out where there are several."""
    rounds = told["rounds"][1:] or told["rounds"]
    return float(np.median([sum(one.values()) for one in rounds]))


def measure(kind: str, homes: int, *, quick: bool, scattered: bool) -> None:
    """Measure one store, and the growth on the embedded one."""
    with cities(kind) as make:
        url, folder = make("city")
        store = create_store(url)
        fill(store, homes, 1, scattered=scattered)
        told = worked(url, folder, 1 if quick else 6)
        bare = bare_s(store, folder, 1 if quick else 5)
        store.close()
        seconds = whole_s(told)
        parts = ", ".join(
            f"{name} {np.median([one[name] for one in told['rounds']]):.1f} s" for name in told["rounds"][0]
        )
        facts = ", ".join(f"{count:,} {name}" for name, count in told["facts"].items())
        people = int(PEOPLE * homes / HOMES)
        title = f"{kind}: {people:,} people in {homes:,} buildings, from the store to kept runs"
        figure(title, seconds, at_most=SECONDS, note=f"{parts}; {facts}")
        figure(f"{kind}: the same beside the bare searches", seconds, floor=bare, note="20 searches and one look-up")
        figure(f"{kind}: peak memory", told["peak_mb"], "MB", at_most=MEMORY_MB)
        if kind == "postgis":
            return
        for what, more in (("homes", (2, 4)), ("homes and streets", (2, 4))):
            for times in more:
                url, folder = make(f"{what[-5:]}{times}")
                store = create_store(url)
                fill(store, homes * times, times if what != "homes" else 1, scattered=scattered)
                store.close()
                grown = whole_s(worked(url, folder, 1 if quick else 2))
                figure(f"{kind}: {times} times the {what}", grown, floor=seconds * times, at_most=GROWTH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer homes, one run")
    parser.add_argument("--homes", type=int)
    parser.add_argument("--scattered", action="store_true", help="no quarters: every home by itself")
    parser.add_argument("--store", choices=("embedded", "postgis"))
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--var", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--times", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.var, options.times)
        return
    for kind in (options.store,) if options.store else ("embedded", "postgis"):
        homes = options.homes or (3_000 if options.quick else HOMES)
        measure(kind, homes, quick=options.quick, scattered=options.scattered)


if __name__ == "__main__":
    main()
