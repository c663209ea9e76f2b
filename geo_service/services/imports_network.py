"""What every import of a walking network does: its area, its row with fingerprint and length, its ways."""

import hashlib
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from shapely import MultiPolygon
from sqlalchemy import Connection

from geo_service.domain.areas import AREAS, level_of, parent_prefixes
from geo_service.domain.ways import WayArrays
from geo_service.foundation.crs import geodesic_lengths_m
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services.context import Context
from geo_service.storage import bulk, rows
from geo_service.storage.bulk import Upserted
from geo_service.storage.ways import networks, write_ways


@dataclass(frozen=True)
class Origin:
    """Where a network is from and how far it is known.

    Attributes
    ----------
    area_code
        Code of the area and of its network.
    extent
        Where the data is known (EPSG:4326).
    is_closed
        Nothing lies beyond the extent, like an island.
    source, licence
        Of the network, its ways and its area.
    source_date
        When the source was true (UTC ISO), None if it does not say.
    """

    area_code: str
    extent: MultiPolygon
    is_closed: bool
    source: str
    licence: str | None
    source_date: str | None = None


def check_area_code(area: str) -> None:
    """Raise InvalidInput ``area_code_form`` if ``area`` is a code of no level."""
    if level_of(area) is None:
        raise InvalidInput("area_code_form", area=area)


def ensure_area(conn: Connection, ctx: Context, origin: Origin) -> bool:
    """Create the area from the extent if it is not there; say whether."""
    try:
        row = rows.get(conn, AREAS, origin.area_code)
    except NotFound:
        row = None
    if row is not None and row["code"] == origin.area_code and row["retired_at"] is None:
        return False
    present = bulk.ids_by_code(conn, AREAS)
    area: dict[str, Any] = {
        "code": origin.area_code,
        "name": origin.area_code,
        "level": level_of(origin.area_code),
        "parent_code": next((code for code in parent_prefixes(origin.area_code) if code in present), None),
        "source": origin.source,
        "licence": origin.licence,
        "geometry": origin.extent,
    }
    frame = gpd.GeoDataFrame([area], geometry="geometry", crs="EPSG:4326")
    bulk.upsert(conn, AREAS, frame, actor=ctx.actor, now=ctx.clock())
    return True


def stored_source(conn: Connection, area_code: str) -> str | None:
    """Return the source of the network an area has already, None if it has none."""
    return next((str(row["source"]) for row in networks(conn) if row["code"] == area_code), None)


def write_network(conn: Connection, ctx: Context, origin: Origin, ways: WayArrays) -> Upserted:
    """Write the area's network and its ways; those it no longer has are retired."""
    row = {
        "code": origin.area_code,
        "geometry": origin.extent,
        "name": origin.area_code,
        "network_area_code": origin.area_code,
        "is_closed": origin.is_closed,
        "source_date": origin.source_date,
        "fingerprint": fingerprint_of(ways),
        "length_m": round(length_m(ways), 1),
        "source": origin.source,
        "licence": origin.licence,
    }
    return write_ways(conn, row, ways, actor=ctx.actor, now=ctx.clock(), progress=ctx.progress)


def fingerprint_of(ways: WayArrays) -> str:
    """Return a digest of everything a network is built from."""
    digest = hashlib.sha256("\n".join(ways.codes).encode())
    for array in (ways.snap_target, ways.step_free, ways.part_way, ways.part_start, ways.node_ids, ways.lon, ways.lat):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def length_m(ways: WayArrays) -> float:
    """Return the length of all ways on the ellipsoid in metres."""
    inner = np.ones(len(ways.lon), dtype=bool)
    inner[ways.part_start[1:] - 1] = False
    first = np.flatnonzero(inner)
    return float(geodesic_lengths_m(ways.lon[first], ways.lat[first], ways.lon[first + 1], ways.lat[first + 1]).sum())
