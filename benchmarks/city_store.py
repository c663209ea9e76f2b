"""A seeded city of any size on the streets of Wuhan: people, homes, facilities, areas, grids."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.street_files import WUHAN, Floats, beside_streets, read_ways
from geo_service.analysis.network import Network, build_network
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.bands import BANDS
from geo_service.domain.layers import LAYERS
from geo_service.domain.ways import WayArrays
from geo_service.foundation.clock import system_clock
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.ids import fingerprint
from geo_service.storage import bulk
from geo_service.storage.store import Store
from geo_service.storage.ways import write_ways

HOMES, PEOPLE = 60_000, 1_000_000
CATEGORIES = (
    "service_station", "kindergarten", "nursery", "primary_school", "middle_school", "elder_station", "clinic",
    "hospital", "culture_station", "supermarket", "convenience", "market", "parcel", "pharmacy", "bus_stop", "toilet",
    "activity_ground", "sports_ground", "park", "canteen",
)  # fmt: skip
SHARES = (0.03, 0.04, 0.07, 0.04, 0.60, 0.07, 0.11, 0.04)  # of the bands, youngest first
ADMITS = {"kindergarten": ["3_5"], "nursery": ["0_2"]}
A_QUARTER, SPREAD_M = 50, 60.0


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
