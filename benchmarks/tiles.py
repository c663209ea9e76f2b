"""Tiles over many seeded buildings: PostGIS against its bare ST_AsMVT query, the embedded store against PostGIS.

Prints one JSON object; times are seconds, the median of ``--rounds`` uncached tiles. ``--postgis URL`` names an
empty database to use (created and filled here); ``--rows`` the number of buildings.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.storage import bulk, spatial
from geo_service.storage.store import Store, create_store
from geo_service.storage.tile_space import Tile

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


def measured(postgis: Store, embedded: Store, rounds: int) -> list[dict[str, Any]]:
    results = []
    for zoom in (10, 11, 12, 13, 14, 15, 16):
        tile = tile_at(zoom)
        place = (tile.z, tile.x, tile.y)
        with postgis.reading() as pg, embedded.reading() as own:
            if zoom <= 13:
                floor, _ = median_s(lambda: bare_cells(pg, tile), rounds)  # noqa: B023
                ours, size = median_s(lambda: spatial.mvt_cells(pg, BUILDINGS, *place), rounds)  # noqa: B023
                file, own_size = median_s(lambda: spatial.mvt_cells(own, BUILDINGS, *place), rounds)  # noqa: B023
            else:
                floor, _ = median_s(lambda: bare(pg, tile), rounds)  # noqa: B023
                ours, size = median_s(lambda: spatial.mvt(pg, BUILDINGS, *place, COLUMNS), rounds)  # noqa: B023
                file, own_size = median_s(lambda: spatial.mvt(own, BUILDINGS, *place, COLUMNS), rounds)  # noqa: B023
        results.append(
            {
                "z": zoom,
                "bare_s": round(floor, 4),
                "postgis_s": round(ours, 4),
                "embedded_s": round(file, 4),
                "postgis_bytes": size,
                "embedded_bytes": own_size,
                "postgis_to_bare": round(ours / floor, 2),
                "embedded_to_postgis": round(file / ours, 2),
            }
        )
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgis", required=True)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    frame = seeded(chosen.rows)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        embedded = filled(f"sqlite:///{Path(folder) / 'geo.gpkg'}", frame)
        loaded = time.perf_counter()
        postgis = filled(chosen.postgis, frame)
        both = time.perf_counter()
        tiles = measured(postgis, embedded, chosen.rounds)
        embedded.close()
        postgis.close()
    worst = {
        "postgis_to_bare": max(tile["postgis_to_bare"] for tile in tiles),
        "embedded_to_postgis": max(tile["embedded_to_postgis"] for tile in tiles),
    }
    report = {
        "rows": chosen.rows,
        "load_embedded_s": round(loaded - start, 1),
        "load_postgis_s": round(both - loaded, 1),
        "must": {"postgis_to_bare": 1.5, "embedded_to_postgis": 20},
        "worst": worst,
        "tiles": tiles,
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
