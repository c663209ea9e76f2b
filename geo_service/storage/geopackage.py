"""The glue that makes a stdlib sqlite3 file a GeoPackage which GeoAlchemy2 can write: no SpatiaLite.

Blobs are GeoPackage 1.4 geometry blobs (clause 2.1.3): header ``GP``, little endian, XY envelope, EPSG:4326, then WKB.
"""

import sqlite3
import struct
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

APPLICATION_ID: Final = 0x47504B47  # "GPKG"
USER_VERSION: Final = 10400
SRID: Final = 4326
_HEADER: Final = np.dtype([("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("box", "<f8", 4)])
_ENVELOPE_BYTES: Final = (0, 32, 48, 48, 64)  # by the three envelope bits of the flags
_SKIP: Final = [8 + _ENVELOPE_BYTES[min(4, (flags >> 1) & 7)] for flags in range(256)]
Geometries = npt.NDArray[np.object_]


def to_blobs(geometries: Geometries) -> list[bytes | None]:
    """Return the GeoPackage blobs of an array of shapely geometries (None stays None)."""
    headers = np.zeros(len(geometries), _HEADER)
    headers["magic"], headers["srs"], headers["flags"] = b"GP", SRID, 0b11
    headers["box"] = shapely.bounds(geometries)[:, [0, 2, 1, 3]]
    raw = headers.tobytes()
    bodies = shapely.to_wkb(geometries, byte_order=1, output_dimension=2)
    return [None if body is None else raw[n * 40 : n * 40 + 40] + body for n, body in enumerate(bodies)]


def from_blobs(blobs: Sequence[bytes | None]) -> Geometries:
    """Return the shapely geometries of GeoPackage blobs."""
    bodies = np.empty(len(blobs), dtype=object)
    bodies[:] = [None if blob is None else blob[_SKIP[blob[3]] :] for blob in blobs]
    return np.asarray(shapely.from_wkb(bodies), dtype=object)


def header_bounds(heads: Sequence[bytes]) -> npt.NDArray[np.float64] | None:
    """Return minx, maxx, miny, maxy from the first 40 bytes of blobs, shape (n, 4); None if one is not as ours."""
    if any(len(head) != _HEADER.itemsize for head in heads):
        return None
    parsed = np.frombuffer(b"".join(heads), dtype=_HEADER)
    return np.asarray(parsed["box"], dtype=np.float64) if (parsed["flags"] == 0b11).all() else None


def _bound(index: int, shapely_index: int) -> Any:
    """Return the SQL function that reads one bound from a blob's envelope, else from its geometry."""

    def bound(blob: bytes | None) -> float | None:
        if blob is None:
            return None
        if blob[3] & 0b1110:
            return float(struct.unpack_from("<d" if blob[3] & 1 else ">d", blob, 8 + 8 * index)[0])
        return float(shapely.from_wkb(blob[_SKIP[blob[3]] :]).bounds[shapely_index])

    return bound


def _is_empty(blob: bytes | None) -> int | None:
    return None if blob is None else int(bool(blob[3] & 0b10000) or shapely.from_wkb(blob[_SKIP[blob[3]] :]).is_empty)


def _from_ewkt(ewkt: str | None) -> bytes | None:
    if ewkt is None:
        return None
    geometry = np.empty(1, dtype=object)
    geometry[0] = shapely.from_wkt(ewkt.rpartition(";")[2])
    return to_blobs(geometry)[0]


def _as_ewkb(blob: bytes | None) -> str | None:
    if blob is None:
        return None
    return str(shapely.to_wkb(shapely.set_srid(from_blobs([blob])[0], SRID), hex=True, include_srid=True))


def _touches_box(blob: bytes | None, west: float, south: float, east: float, north: float) -> int:
    """Whether a geometry meets a box (the exact test behind the R*Tree's)."""
    return int(
        blob is not None and shapely.from_wkb(blob[_SKIP[blob[3]] :]).intersects(shapely.box(west, south, east, north))
    )


def register_functions(connection: sqlite3.Connection) -> None:
    """Register what GeoAlchemy2, the R*Tree triggers and our queries call."""
    functions: list[tuple[str, int, Any]] = [
        ("GeomFromEWKT", 1, _from_ewkt),
        ("AsEWKB", 1, _as_ewkb),
        ("ST_MinX", 1, _bound(0, 0)),
        ("ST_MaxX", 1, _bound(1, 2)),
        ("ST_MinY", 1, _bound(2, 1)),
        ("ST_MaxY", 1, _bound(3, 3)),
        ("ST_IsEmpty", 1, _is_empty),
        ("TouchesBox", 5, _touches_box),
        ("RecoverGeometryColumn", 5, lambda *_: 1),  # the five below: GeoAlchemy2's table events, done by us instead
        ("CreateSpatialIndex", 2, lambda *_: 1),
        ("CheckSpatialIndex", 2, lambda *_: None),
        ("DisableSpatialIndex", 2, lambda *_: 1),
        ("DiscardGeometryColumn", 2, lambda *_: 1),
    ]
    for name, arguments, function in functions:
        connection.create_function(name, arguments, function, deterministic=True)


def rtree_name(table: str) -> str:
    """Return the name of a table's R*Tree."""
    return f"rtree_{table}_geom"


def trigger_statements(table: str) -> list[str]:
    """Return the statements that create the R*Tree triggers of a table (GeoPackage 1.4, annex F.3)."""
    tree = f'"{rtree_name(table)}"'
    box = "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)"
    filled, empty = "NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)", "(NEW.geom IS NULL OR ST_IsEmpty(NEW.geom))"
    was_filled, was_empty = filled.replace("NEW", "OLD"), empty.replace("NEW", "OLD")
    put = f"INSERT OR REPLACE INTO {tree} VALUES (NEW.id, {box});"
    fresh = f"INSERT INTO {tree} VALUES (NEW.id, {box});"
    move = (
        f"UPDATE {tree} SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom), "
        "miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.id;"
    )
    drop_old, drop_both = f"DELETE FROM {tree} WHERE id = OLD.id;", f"DELETE FROM {tree} WHERE id IN (OLD.id, NEW.id);"
    rules = {
        "insert": ("INSERT", filled, put),
        "update2": ("UPDATE OF geom", f"OLD.id = NEW.id AND {empty}", drop_old),
        "update4": ("UPDATE", f"OLD.id != NEW.id AND {empty}", drop_both),
        "update5": ("UPDATE", f"OLD.id != NEW.id AND {filled}", drop_old + put),
        "update6": ("UPDATE OF geom", f"OLD.id = NEW.id AND {filled} AND {was_filled}", move),
        "update7": ("UPDATE OF geom", f"OLD.id = NEW.id AND {filled} AND {was_empty}", fresh),
        "delete": ("DELETE", "OLD.geom NOT NULL", drop_old),
    }
    return [
        f'CREATE TRIGGER "{rtree_name(table)}_{name}" AFTER {event} ON "{table}" WHEN {when} BEGIN {action} END'
        for name, (event, when, action) in rules.items()
    ]


def drop_trigger_statements(table: str) -> list[str]:
    """Return the statements that drop the R*Tree triggers of a table."""
    names = ("insert", "update2", "update4", "update5", "update6", "update7", "delete")
    return [f'DROP TRIGGER IF EXISTS "{rtree_name(table)}_{name}"' for name in names]
