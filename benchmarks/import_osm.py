"""Import of the Porto extract into each store, against the time pyosmium hands all way coordinates to Python.

``python -m benchmarks.import_osm`` · ``--stages`` shows where the time goes.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import osmium

from benchmarks.measure import TIMES, figure
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.clock import system_clock
from geo_service.services import networks
from geo_service.services.context import Context
from geo_service.services.imports_osm import import_osm, prepare_osm
from geo_service.storage.store import create_store
from tests.stores import Cluster

PORTO = Path(__file__).resolve().parents[2] / "shared" / "data" / "porto" / "porto_portugal.osm.pbf"
RUNS = TIMES
BOUND = 8


def hand_over() -> int:
    """Walk through the coordinates of all ways, as plainly as pyosmium allows."""
    count = 0
    ways = osmium.filter.EntityFilter(osmium.osm.WAY)
    for way in osmium.FileProcessor(str(PORTO)).with_locations().with_filter(ways):
        for node in way.nodes:
            node.lon, node.lat  # noqa: B018
            count += 1
    return count


def imported(url: str, folder: Path) -> dict[str, float]:
    """Import into a fresh store; return the seconds of each stage."""
    store = create_store(url)
    ctx = Context(store, LOCAL_ADMIN, system_clock, folder, "en")
    gc.collect()
    start = time.perf_counter()
    plan = prepare_osm(ctx, PORTO, area="999901")
    read = time.perf_counter()
    with store.writing() as conn:
        import_osm(conn, ctx, plan)
    written = time.perf_counter()
    with store.reading() as conn:
        networks.open_networks(conn, ctx)
    built = time.perf_counter()
    store.close()
    return {"read": read - start, "write": written - read, "import": written - start, "network": built - written}


@contextmanager
def fresh(kind: str, cluster: Cluster) -> Iterator[tuple[str, Path]]:
    """Yield the address of an empty place for a store and a folder."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "embedded":
            yield f"sqlite:///{folder}/geo.gpkg", Path(folder)
            return
        name = cluster.new_database(migrated=False)
        yield cluster.url(name), Path(folder)
        cluster.drop(name)


def timed(call: Any) -> float:
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    hand_over()
    cluster = Cluster()
    try:
        for kind in ("embedded", "postgis"):
            floors, runs = [], []
            for _ in range(RUNS):
                floors.append(timed(hand_over))
                with fresh(kind, cluster) as (url, folder):
                    runs.append(imported(url, folder))
            if "--stages" in sys.argv:
                print({name: round(median([run[name] for run in runs]), 2) for name in runs[0]})
            seconds, floor = median([run["import"] for run in runs]), median(floors)
            note = f"network arrays {median([run['network'] for run in runs]):.1f} s more"
            figure(f"import Porto, {kind}", seconds, "s", floor=floor, at_most=BOUND, note=note)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
