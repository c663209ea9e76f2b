"""A whole city from the store to kept runs: coverage by community and by grid, and gap zones with their reasons.

One million people of eight age bands in 60,000 seeded buildings on the streets of Wuhan (quarters of about 50, with
``--scattered`` each by itself, which makes several times as many gap zones), 20 categories of facilities (a tenth of
them not verified, nurseries and kindergartens for some ages only), 240 communities, 1,024 grids, on both stores. The
three runs are computed and kept one after the other in a process of its own, several rounds; its peak memory is told.
Beside them the bare SciPy searches of one run: from the nearest nodes of each category's facilities to everywhere, and
one cKDTree look-up of the homes. Growth, on the embedded store: a quarter of the homes (the median of three rounds),
then twice and four times as many (one round each), alone on the same streets and with as many copies of the streets
side by side; four times the homes alone are the city itself.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.city_store import CATEGORIES, HOMES, PEOPLE, fill
from benchmarks.measure import figure, median_s
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.clock import system_clock
from geo_service.foundation.ids import fingerprint
from geo_service.services import analyses
from geo_service.services.context import Context
from geo_service.services.facilities import read_targets
from geo_service.services.homes import read_homes
from geo_service.services.networks import open_networks
from geo_service.services.runs import keep_run
from geo_service.storage.store import create_store, open_store
from tests.stores import Cluster

ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("coverage", {"by": "community"}),
    ("coverage", {"by": "grid"}),
    ("gaps", {}),
)
SECONDS, MEMORY_MB, GROWTH = 30, 2000, 1.25
ROUNDS, ROUNDS_OF_A_QUARTER, GROWN = 5, 3, (2, 4)


def work(url: str, var_dir: Path, rounds: int) -> None:
    """Compute and keep the runs ``rounds`` times; print wall and processor seconds of each, and the peak, as JSON."""
    store = open_store(url)
    ctx = Context(store, LOCAL_ADMIN, system_clock, var_dir, "zh")
    with store.reading() as conn:
        open_networks(conn, ctx)  # arrays are built once per import
    taken: dict[str, list[tuple[float, float]]] = {}
    facts: dict[str, int] = {}
    for number in range(rounds):
        for name, asked in ASKED:
            start = time.perf_counter(), time.process_time()
            kind = analyses.kind_named(name)
            with store.reading() as conn:
                finished = kind.compute(conn, ctx, kind.asked(list(CATEGORIES), **asked))
            # kept under a name of its own: the same inputs would be answered with the run of the round before
            finished = replace(finished, fingerprint=fingerprint([finished.fingerprint, number]))
            with store.writing() as conn:
                keep_run(conn, ctx, finished)
            seconds = time.perf_counter() - start[0], time.process_time() - start[1]
            taken.setdefault(" ".join([name, *map(str, asked.values())]), []).append(seconds)
            for table in ("rows", "zones"):
                if table in finished.result:
                    facts[f"{name} {table}"] = len(finished.result[table])
            del finished  # a run is kept and forgotten before the next one
    print(json.dumps({"taken": taken, "facts": facts, "peak_mb": _peak_mb()}))
    store.close()


def _peak_mb() -> float:
    """Return the peak resident memory of this process; getrusage would count its parent's before the start."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def bare_s(url: str, var_dir: Path, rounds: int) -> float:
    """Return the median seconds of the bare searches of one run."""
    store = open_store(url)
    ctx = Context(store, LOCAL_ADMIN, system_clock, var_dir, "zh")
    with store.reading() as conn:
        (streets,) = open_networks(conn, ctx)
        homes, targets = read_homes(conn), read_targets(conn, ctx, CATEGORIES)
    store.close()
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

    return median_s(run, rounds)


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


@dataclass(frozen=True)
class Worked:
    """What a process of its own tells of its work: wall and processor seconds of each run by round, and its peak."""

    taken: dict[str, list[tuple[float, float]]]
    facts: dict[str, int]
    peak_mb: float

    @property
    def seconds(self) -> float:
        """Return the median seconds of a round."""
        return float(np.median([sum(wall for wall, _ in each) for each in zip(*self.taken.values(), strict=True)]))

    def parts(self) -> str:
        """Return the median seconds of each run in words."""
        medians = {name: np.median(each, axis=0) for name, each in self.taken.items()}
        told = [f"{name} {wall:.1f} s ({cpu:.1f} s of processors)" for name, (wall, cpu) in medians.items()]
        return ", ".join(told + [f"{count:,} {name}" for name, count in self.facts.items()])


def worked(url: str, folder: Path, rounds: int) -> Worked:
    """Return what a process of its own tells of its work."""
    command = [sys.executable, "-m", "benchmarks.city", "--work", url, "--var", str(folder), "--rounds", str(rounds)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Worked(**json.loads(done.stdout.splitlines()[-1]))


def filled(made: tuple[str, Path], homes: int, copies: int, *, scattered: bool) -> tuple[str, Path]:
    """Fill a store that does not exist yet and return its address and its folder."""
    store = create_store(made[0])
    fill(store, homes, copies, scattered=scattered)
    store.close()
    return made


def measure(kind: str, homes: int, rounds: int, *, scattered: bool) -> Worked:
    """Measure the city on one store."""
    with cities(kind) as make:
        place = filled(make("city"), homes, 1, scattered=scattered)
        told = worked(*place, rounds)
        people = int(PEOPLE * homes / HOMES)
        title = f"{kind}: {people:,} people in {homes:,} buildings, three runs from the store to kept"
        bare = bare_s(*place, rounds)
        figure(title, told.seconds, at_most=SECONDS, note=told.parts())
        figure(f"{kind}: beside the bare searches of one run", told.seconds, floor=bare, note="20 and one look-up")
        figure(f"{kind}: peak memory", told.peak_mb, "MB", at_most=MEMORY_MB)
    return told


def grow(kind: str, homes: int, city: Worked, *, scattered: bool) -> None:
    """Measure what more homes take, and more homes on more streets; ``city`` has four times ``homes``."""
    with cities(kind) as make:
        place = filled(make("one"), homes, 1, scattered=scattered)
        one = worked(*place, ROUNDS_OF_A_QUARTER).seconds
        figure(f"{kind}: {homes:,} homes, the same three runs", one, note=f"median of {ROUNDS_OF_A_QUARTER}")
        for times in GROWN:
            for what, copies in (("homes", 1), ("homes and streets", times)):
                found, note = city, "the city above"
                if (times, copies) != (max(GROWN), 1):
                    place = filled(make(f"{times}x{copies}"), homes * times, copies, scattered=scattered)
                    found, note = worked(*place, 1), "one round"
                    shutil.rmtree(place[1])
                figure(f"{kind}: {times} times the {what}", found.seconds, floor=one * times, at_most=GROWTH, note=note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer homes, one run")
    parser.add_argument("--homes", type=int)
    parser.add_argument("--scattered", action="store_true", help="no quarters: every home by itself")
    parser.add_argument("--store", choices=("embedded", "postgis"))
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--var", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    if options.work:
        work(options.work, options.var, options.rounds)
        return
    homes = options.homes or (3_000 if options.quick else HOMES)
    rounds = 1 if options.quick else options.rounds
    for kind in (options.store,) if options.store else ("embedded", "postgis"):
        city = measure(kind, homes, rounds, scattered=options.scattered)
        if kind == "embedded":
            grow(kind, homes // max(GROWN), city, scattered=options.scattered)


if __name__ == "__main__":
    main()
