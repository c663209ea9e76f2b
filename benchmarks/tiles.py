"""Tiles over many seeded buildings: PostGIS against its bare ST_AsMVT query, the embedded store against PostGIS.

Times are the median of ``--rounds`` uncached tiles; ``--rows`` is the number of buildings, ``--postgis URL`` an
empty database to fill instead of one started here. A tile from the server's cache and one answered by its entity tag
are measured through HTTP beside the first request.
"""

import argparse
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import sqlalchemy as sa
import structlog
from fastapi.testclient import TestClient

from benchmarks.measure import figure
from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.main import create_app
from geo_service.settings import Settings
from geo_service.storage import bulk, spatial
from geo_service.storage.store import Store, create_store
from geo_service.storage.tile_space import Tile
from tests.stores import Cluster

BUILDINGS = LAYERS["buildings"]
COLUMNS = ["code", "name", "use", "property_management", "people_basis"]
CENTRE = (114.05, 22.55)  # degrees; a city of about 40 km by 40 km around it


def seeded(rows: int, seed: int = 1) -> gpd.GeoDataFrame:
    """Return buildings of 8 to 12 corners, denser towards the centre."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(CENTRE, (0.1, 0.1), (rows, 2))
    corners = rng.integers(8, 13, rows)
    size = rng.uniform(0.00005, 0.0002, rows)
    owner = np.repeat(np.arange(rows), corners)
    angle = (np.arange(len(owner)) - np.repeat(np.cumsum(corners) - corners, corners)) / corners[owner] * 2 * np.pi
    reach = rng.uniform(0.6, 1.0, len(owner)) * size[owner]
    points = centre[owner] + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    shapes = shapely.polygons(shapely.linearrings(points, indices=owner))
    frame = {
        "code": [f"w{n}" for n in range(rows)],
        "name": np.where(rng.random(rows) < 0.2, "楼", None),
        "use": rng.choice(["residential", "commercial", "other"], rows),
        "residents_persons": rng.integers(0, 200, rows),
        "source": "seeded",
    }
    return gpd.GeoDataFrame(frame, geometry=shapes, crs="EPSG:4326")


def filled(url: str, frame: gpd.GeoDataFrame) -> Store:
    store = create_store(url)
    with store.writing() as connection:
        bulk.upsert(connection, BUILDINGS, frame, actor=LOCAL_ADMIN, now=datetime(2026, 1, 1, tzinfo=UTC))
    if store.kind == "postgis":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE building")
    return store


def bare(connection: sa.Connection, tile: Tile) -> bytes:
    """The tile by PostGIS alone, as its manual writes it."""
    listed = ", ".join(f'"{name}"' for name in COLUMNS)
    found = connection.exec_driver_sql(
        "SELECT ST_AsMVT(q, 'buildings', 4096, 'geom', 'id') FROM (SELECT id, "
        f"ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%s, %s, %s), 4096, 64, true) AS geom, {listed} "
        "FROM building WHERE geom && ST_Transform(ST_TileEnvelope(%s, %s, %s, margin => 0.015625), 4326)) q "
        "WHERE geom IS NOT NULL",
        (tile.z, tile.x, tile.y) * 2,
    )
    return bytes(found.scalar_one())


def bare_cells(connection: sa.Connection, tile: Tile) -> bytes:
    """Counted squares of the tile by PostGIS alone (ST_SnapToGrid of the centroids)."""
    found = connection.exec_driver_sql(
        "WITH e AS (SELECT ST_TileEnvelope(%s, %s, %s) AS box), c AS ("
        "SELECT ST_SnapToGrid(ST_Transform(ST_Centroid(b.geom), 3857), (ST_XMax(box) - ST_XMin(box)) / 64) AS p, "
        "count(*) AS count, sum(residents_persons)::bigint AS residents_persons FROM building b, e "
        "WHERE b.geom && ST_Transform(box, 4326) GROUP BY 1) "
        "SELECT ST_AsMVT(q, 'buildings', 4096, 'geom') FROM (SELECT count, residents_persons, ST_AsMVTGeom("
        "ST_Expand(p, (ST_XMax(box) - ST_XMin(box)) / 128), box, 4096, 64, true) AS geom FROM c, e) q",
        (tile.z, tile.x, tile.y),
    )
    return bytes(found.scalar_one())


def median_s(make: Callable[[], Any], rounds: int) -> tuple[float, int]:
    """Return the median time and the size of what is made."""
    times = []
    size = len(make())  # the first warms pages and plans
    for _ in range(rounds):
        start = time.perf_counter()
        make()
        times.append(time.perf_counter() - start)
    return statistics.median(times), size


def tile_at(zoom: int) -> Tile:
    """The tile of the centre."""
    x = (CENTRE[0] + 180) / 360 * 2**zoom
    y = (0.5 - np.log(np.tan(np.pi / 4 + np.radians(CENTRE[1]) / 2)) / (2 * np.pi)) * 2**zoom
    return Tile(zoom, int(x), int(y))


def measured(postgis: Store, embedded: Store, rounds: int) -> None:
    """Measure the central tile of every zoom on both stores."""
    for zoom in (10, 11, 12, 13, 14, 15, 16):
        tile = tile_at(zoom)
        place = (tile.z, tile.x, tile.y)
        with postgis.reading() as pg, embedded.reading() as own:
            if zoom <= 13:
                floor, _ = median_s(partial(bare_cells, pg, tile), rounds)
                ours, size = median_s(partial(spatial.mvt_cells, pg, BUILDINGS, *place), rounds)
                file, own_size = median_s(partial(spatial.mvt_cells, own, BUILDINGS, *place), rounds)
            else:
                floor, _ = median_s(partial(bare, pg, tile), rounds)
                ours, size = median_s(partial(spatial.mvt, pg, BUILDINGS, *place, COLUMNS), rounds)
                file, own_size = median_s(partial(spatial.mvt, own, BUILDINGS, *place, COLUMNS), rounds)
        what = "counted cells" if zoom <= 13 else "buildings"
        against = "floor: bare ST_AsMVT query"
        figure(
            f"z{zoom} {what}, PostGIS", ours * 1000, "ms", floor=floor * 1000, at_most=1.5, note=f"{against}; {size} B"
        )
        note = f"floor: PostGIS, same tile; {own_size} B"
        figure(f"z{zoom} {what}, embedded", file * 1000, "ms", floor=ours * 1000, at_most=20, note=note)


def again(store: Store, folder: Path, rounds: int) -> None:
    """Ask for one tile again, through HTTP: from the cache, and by its entity tag; count the store's statements."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))  # no line per request
    service = Service(Settings(database_url=store.url, var_dir=folder / store.kind), open_store=lambda _: store)
    tile = tile_at(14)
    address = f"/tiles/buildings/{tile.z}/{tile.x}/{tile.y}.mvt"
    asked: list[str] = []
    sa.event.listen(store.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))
    with TestClient(create_app(service=service), "http://localhost", client=("127.0.0.1", 50_000)) as client:
        start = time.perf_counter()
        first = client.get(address)
        first_s = time.perf_counter() - start
        assert first.status_code == 200, first.text
        tag = {"If-None-Match": first.headers["ETag"]}
        for how, headers, status in (("from the cache", {}, 200), ("answered by its tag", tag, 304)):
            assert client.get(address, headers=headers).status_code == status  # reads the versions once a second
            asked.clear()
            seconds, _ = median_s(lambda: client.get(address, headers=headers).content or b"-", rounds)  # noqa: B023
            note = (
                f"first request {first_s * 1000:.0f} ms; {len(asked)} statements on the store in {rounds + 1} requests"
            )
            figure(f"z14 tile again, {how}, {store.kind}", seconds * 1000, "ms", note=note)


def main() -> None:
    """Fill both stores and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgis")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    frame = seeded(chosen.rows)
    cluster = None if chosen.postgis else Cluster()
    try:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            embedded = filled(f"sqlite:///{Path(folder) / 'geo.gpkg'}", frame)
            loaded = time.perf_counter()
            postgis = filled(chosen.postgis or cluster.url(cluster.new_database(migrated=False)), frame)
            both = time.perf_counter()
            print(
                f"{chosen.rows} buildings: {loaded - start:.1f} s embedded, {both - loaded:.1f} s PostGIS", flush=True
            )
            measured(postgis, embedded, chosen.rounds)
            for store in (embedded, postgis):
                again(store, Path(folder), chosen.rounds)
                store.close()
    finally:
        if cluster:
            cluster.stop()


if __name__ == "__main__":
    main()
