"""Is a store sound? Looks at everything a crash, a foreign program or a hand could have bent."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import shapely
import sqlalchemy as sa
from sqlalchemy import exc

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.storage import photo_rows, schema
from geo_service.storage.geopackage import APPLICATION_ID, header_bounds, rtree_name, trigger_statements
from geo_service.storage.persons import plain_rows
from geo_service.storage.store import Store
from geo_service.storage.tables import metadata
from geo_service.storage.values import from_column, is_embedded

_SHOWN: Final = 5  # examples a finding names
_CHUNK: Final = 20_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its name (``check.<name>`` in the catalogues), and what is wrong, if anything."""

    name: str
    faults: tuple[str, ...] = field(default=())

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check_store(store: Store, var_dir: Path | None = None) -> list[Finding]:
    """Return what was looked at and what is wrong; a store on another migration is looked at no further.

    With ``var_dir`` the files of photos there are held against their rows, too.
    """
    with store.reading() as connection:
        found = schema.current(connection)
        revision = Finding("revision", () if found == schema.head() else (f"{found or '-'} ≠ {schema.head()}",))
        findings = [revision]
        checks = _EMBEDDED if is_embedded(connection) else _POSTGIS
        if revision.is_sound:
            checks = {**checks, **_BOTH}
            if var_dir is not None:
                checks["photos"] = lambda _store, connection: photo_rows.faults(connection, var_dir)
        elif is_embedded(connection):
            checks = {"integrity": _integrity}
        else:
            checks = {}
        for name, check in checks.items():
            savepoint = connection.begin_nested()  # what breaks one check must not break the next
            findings.append(Finding(name, tuple(_found(store, connection, check))))
            savepoint.rollback()
    return findings


Check = Callable[[Store, sa.Connection], Iterator[str]]


def _found(store: Store, connection: sa.Connection, check: Check) -> Iterator[str]:
    """Yield what a check finds; one that breaks off has found something too."""
    try:
        yield from check(store, connection)
    except (exc.DBAPIError, shapely.errors.ShapelyError, ValueError, IndexError) as error:
        yield str(getattr(error, "orig", None) or error).splitlines()[0]


def _rows(connection: sa.Connection, statement: str) -> list[Any]:
    return list(connection.exec_driver_sql(statement).fetchall())


def _integrity(_store: Store, connection: sa.Connection) -> Iterator[str]:
    for row in _rows(connection, "PRAGMA integrity_check(20)"):
        if row[0] != "ok":
            yield str(row[0])


def _foreign_keys(_store: Store, connection: sa.Connection) -> Iterator[str]:
    for table, rowid, parent, _ in _rows(connection, "PRAGMA foreign_key_check")[:20]:
        yield f"{table} {rowid} → {parent}"


def _private(store: Store, _connection: sa.Connection) -> Iterator[str]:
    for path in (
        (store.path, *(store.path.with_name(store.path.name + end) for end in ("-wal", "-shm"))) if store.path else ()
    ):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield f"{path} {stat.S_IMODE(path.stat().st_mode):o}"


def _placed() -> list[Layer]:
    return [layer for layer in LAYERS.values() if layer.geometry is not None]


def _trees(_store: Store, connection: sa.Connection) -> Iterator[str]:
    """Yield R*Trees that are broken inside, or do not hold exactly the rows with a geometry where they are."""
    triggers = {row[0] for row in _rows(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for layer in _placed():
        tree = rtree_name(layer.noun)
        verdict = _rows(connection, f"SELECT rtreecheck('{tree}')")[0][0]
        if verdict != "ok":
            yield f"{tree}: {str(verdict).splitlines()[0]}"
            continue
        missing = [
            name for statement in trigger_statements(layer.noun) if (name := statement.split('"')[1]) not in triggers
        ]
        if missing:
            yield f"{layer.noun}: {', '.join(missing)}"
        rows = _rows(
            connection,
            f'SELECT t.id, substr(t.geom, 1, 40), r.minx, r.maxx, r.miny, r.maxy FROM "{layer.noun}" t '
            f'LEFT JOIN "{tree}" r ON r.id = t.id WHERE t.geom IS NOT NULL',
        )
        lost = [row[0] for row in rows if row[2] is None]
        held = int(_rows(connection, f'SELECT COUNT(*) FROM "{tree}"')[0][0])
        if lost or held != len(rows):
            yield f"{tree}: {held} ≠ {len(rows)}" + "".join(f", id {row_id}" for row_id in lost[:_SHOWN])
            continue
        bounds = header_bounds([row[1] for row in rows])
        if bounds is not None and len(rows):
            apart = [
                row[0]
                for row, box in zip(rows, bounds.tolist(), strict=True)
                if row[2] > box[0] or row[3] < box[1] or row[4] > box[2] or row[5] < box[3]
            ]
            yield from (f"{tree}: id {row_id}" for row_id in apart[:_SHOWN])


def _geopackage(_store: Store, connection: sa.Connection) -> Iterator[str]:
    """Yield where the file is not a GeoPackage that lists our layers, and only those that are not personal."""
    if _rows(connection, "PRAGMA application_id")[0][0] != APPLICATION_ID:
        yield "application_id"
    systems = {row[0] for row in _rows(connection, "SELECT srs_id FROM gpkg_spatial_ref_sys")}
    yield from (f"gpkg_spatial_ref_sys: {wanted}" for wanted in sorted({-1, 0, 4326} - systems))
    contents = dict(map(tuple, _rows(connection, "SELECT table_name, data_type FROM gpkg_contents")))
    wanted = {
        layer.noun: "features" if layer.geometry else "attributes" for layer in LAYERS.values() if not layer.personal
    }
    differing = {name for name in contents.keys() | wanted.keys() if contents.get(name) != wanted.get(name)}
    personal = {layer.noun for layer in LAYERS.values() if layer.personal}
    personal |= set(metadata.tables) - {layer.noun for layer in LAYERS.values()}
    # other programs may add layers of their own beside ours
    yield from (f"gpkg_contents: {name}" for name in sorted(differing & (wanted.keys() | personal)))
    columns = {
        row[0]: (row[1], row[2], row[3])
        for row in _rows(
            connection, "SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns"
        )
    }
    extensions = {row[0] for row in _rows(connection, "SELECT table_name FROM gpkg_extensions")}
    for layer in _placed():
        if not layer.personal:
            if columns.get(layer.noun) != ("geom", str(layer.geometry).upper(), 4326):
                yield f"gpkg_geometry_columns: {layer.noun}"
            if layer.noun not in extensions:
                yield f"gpkg_extensions: {layer.noun}"


def _spatial_indexes(_store: Store, connection: sa.Connection) -> Iterator[str]:
    """Yield PostGIS tables without a usable GiST index."""
    rows = _rows(
        connection,
        "SELECT t.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
        "JOIN pg_class t ON t.oid = x.indrelid JOIN pg_am a ON a.oid = i.relam "
        "WHERE a.amname = 'gist' AND x.indisvalid",
    )
    indexed = {row[0] for row in rows}
    yield from (layer.noun for layer in _placed() if layer.noun not in indexed)


def _constraints(_store: Store, connection: sa.Connection) -> Iterator[str]:
    """Yield constraints PostgreSQL was told not to enforce."""
    for row in _rows(connection, "SELECT conname FROM pg_constraint WHERE NOT convalidated"):
        yield str(row[0])
    for row in _rows(
        connection,
        "SELECT DISTINCT c.relname FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE g.tgenabled = 'D'",
    ):
        yield f"{row[0]}: triggers"


def _tables(_store: Store, connection: sa.Connection) -> Iterator[str]:
    present = set(sa.inspect(connection).get_table_names())
    yield from (name for name in metadata.tables if name not in present)


def _geometries(_store: Store, connection: sa.Connection) -> Iterator[str]:
    """Yield rows whose geometry cannot be read, is empty, invalid or of a type its layer does not take."""
    for layer in _placed():
        result = connection.exec_driver_sql(
            f'SELECT code, geom FROM "{layer.noun}" WHERE geom IS NOT NULL ORDER BY code',
            execution_options={"stream_results": True},
        )
        shown = 0
        for rows in result.partitions(_CHUNK):
            shapes = from_column(connection, [row[1] for row in rows])
            kinds = [layer.geometry] if layer.geometry != "Geometry" else None
            fine = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
            for (code, _), shape, sound in zip(rows, shapes, fine, strict=True):
                if (not sound or (kinds and shape.geom_type not in kinds)) and shown < _SHOWN:
                    shown += 1
                    yield f"{layer.noun} {code}: {shape.geom_type} {shapely.is_valid_reason(shape)}"


def _history(_store: Store, connection: sa.Connection) -> Iterator[str]:
    """Yield rows whose present version has no line in history."""
    for layer in LAYERS.values():
        rows = _rows(
            connection,
            f"SELECT t.code, t.version FROM \"{layer.noun}\" t LEFT JOIN history h ON h.layer = '{layer.name}' "
            f"AND h.row_id = t.id AND h.version = t.version WHERE t.version > 1 AND h.id IS NULL ORDER BY t.code "
            f"LIMIT {_SHOWN}",
        )
        yield from (f"{layer.noun} {row[0]}: {row[1]}" for row in rows)


def _sealed(_store: Store, connection: sa.Connection) -> Iterator[str]:
    """Yield layers with personal values that are not sealed."""
    for layer in LAYERS.values():
        if rows := plain_rows(connection, layer):
            yield f"{layer.noun}: {len(rows)}"


_EMBEDDED: Final[dict[str, Check]] = {
    "integrity": _integrity,
    "foreign_keys": _foreign_keys,
    "trees": _trees,
    "geopackage": _geopackage,
    "private": _private,
}
_POSTGIS: Final[dict[str, Check]] = {"spatial_indexes": _spatial_indexes, "constraints": _constraints}
_BOTH: Final[dict[str, Check]] = {"tables": _tables, "geometries": _geometries, "history": _history, "sealed": _sealed}
