"""A whole store into another, in one transaction of the target; counts and checksums of every table compared."""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa
from geoalchemy2 import Geometry

from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput, StoreFault
from geo_service.storage import rtree
from geo_service.storage.geopackage import drop_trigger_statements, trigger_statements
from geo_service.storage.loading import copy_lines, copy_texts
from geo_service.storage.store import Store
from geo_service.storage.tables import OWN_VALUES, metadata
from geo_service.storage.values import from_column, is_embedded, to_column

Progress = Callable[[float | None, str], None]
Chunk = dict[str, list[Any]]  # column → values: geometries as WKB, booleans as bool, else as stored
_CHUNK: Final = 10_000


@dataclass(frozen=True)
class Copied:
    """A table that was copied: rows and the checksum both stores gave."""

    table: str
    rows: int
    checksum: str


def copy_store(source: Store, target: Store, progress: Progress) -> list[Copied]:
    """Copy everything into an empty migrated store.

    Runs and their parts, history and versions go along; ids stay. Raises StoreFault ``store_same``,
    ``store_not_empty``, ``copy_differs``; then the target is as empty as before.
    """
    if source.url == target.url or (source.path and target.path and source.path.samefile(target.path)):
        raise StoreFault("store_same", store=str(target))
    with source.reading() as there, target.writing() as here:
        return copy_into(there, here, str(target), progress)


def copy_into(there: sa.Connection, here: sa.Connection, target: str, progress: Progress) -> list[Copied]:
    """Copy everything a connection sees into the empty store another one writes; ``target`` is its name.

    Raises StoreFault ``store_not_empty``, ``copy_differs``.
    """
    tables = [table for table in metadata.sorted_tables if isinstance(table, sa.Table)]
    for table in tables:
        if table is OWN_VALUES:  # nobody's data; those of the source take their place
            here.execute(sa.delete(table))
        elif _count(here, table):
            raise StoreFault("store_not_empty", store=target, table=table.name)
    total = sum(_count(there, table) for table in tables) or 1
    if is_embedded(here):
        here.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    copied = []
    done = 0
    for table in tables:
        digest = _Digest()

        def told(rows: int, before: int = done) -> None:
            progress(0.7 * (before + rows) / total, "progress.copying")

        _write(here, table, digest.watching(_chunks(there, table), told))
        copied.append(Copied(table.name, digest.rows, digest.hexdigest()))
        done += digest.rows
    done = 0
    for expected in copied:
        found = table_checksum(here, metadata.tables[expected.table])
        done += found.rows
        progress(0.7 + 0.3 * done / total, "progress.comparing")
        if found != expected:
            raise StoreFault(
                "copy_differs",
                table=expected.table,
                source=f"{expected.rows}, {expected.checksum[:12]}",
                target=f"{found.rows}, {found.checksum[:12]}",
            )
    if not is_embedded(here):
        _reset_sequences(here, tables)
    return copied


def checksums(connection: sa.Connection) -> list[Copied]:
    """Return rows and checksum of every table, in the order tables are copied in."""
    return [table_checksum(connection, table) for table in metadata.sorted_tables if isinstance(table, sa.Table)]


def table_checksum(connection: sa.Connection, table: sa.Table) -> Copied:
    """Return the number of rows and the canonical checksum of a table: equal contents, equal sums on both stores.

    SHA-256 over the rows by primary key; geometries as little-endian two-dimensional WKB, not rounded.
    """
    digest = _Digest()
    for _ in digest.watching(_chunks(connection, table), lambda rows: None):
        pass
    return Copied(table.name, digest.rows, digest.hexdigest())


class _Digest:
    """Counts and sums up chunks that pass by."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = hashlib.sha256()
        self.hexdigest = self._sum.hexdigest

    def watching(self, chunks: Iterator[Chunk], told: Callable[[int], None]) -> Iterator[Chunk]:
        """Yield the chunks unchanged."""
        for chunk in chunks:
            for row in zip(*chunk.values(), strict=True):
                self._sum.update(repr(row).encode())
                self.rows += 1
            told(self.rows)
            yield chunk


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _chunks(connection: sa.Connection, table: sa.Table) -> Iterator[Chunk]:
    """Yield a table's rows by primary key in canonical form."""
    names = [column.name for column in table.columns]
    listed, keys = (", ".join(f'"{name}"' for name in group) for group in (names, table.primary_key.columns.keys()))
    result = connection.exec_driver_sql(
        f'SELECT {listed} FROM "{table.name}" ORDER BY {keys}', execution_options={"stream_results": True}
    )
    for rows in result.partitions(_CHUNK):
        chunk = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
        for column in table.columns:
            values = chunk[column.name]
            if isinstance(column.type, Geometry):
                shapes = from_column(connection, values)
                chunk[column.name] = list(shapely.to_wkb(shapes, byte_order=1, output_dimension=2))
            elif isinstance(column.type, sa.Boolean):
                chunk[column.name] = [None if value is None else bool(value) for value in values]
            elif isinstance(column.type, sa.LargeBinary):
                chunk[column.name] = [None if value is None else bytes(value) for value in values]
            elif isinstance(column.type, sa.Double):
                chunk[column.name] = [None if value is None else float(value) for value in values]
        yield chunk


def _raw(connection: sa.Connection, table: sa.Table, chunk: Chunk) -> Chunk:
    """Return a canonical chunk as the target's driver takes it."""
    made = dict(chunk)
    for column in table.columns:
        values = chunk[column.name]
        if isinstance(column.type, Geometry):
            bodies = np.empty(len(values), dtype=object)
            bodies[:] = values
            made[column.name] = to_column(connection, np.asarray(shapely.from_wkb(bodies), dtype=object))
        elif isinstance(column.type, sa.Boolean) and is_embedded(connection):
            made[column.name] = [None if value is None else int(value) for value in values]
    return made


def _write(connection: sa.Connection, table: sa.Table, chunks: Iterator[Chunk]) -> None:
    """Write all chunks of a table, its R*Tree last."""
    names = [column.name for column in table.columns]
    raw = (_raw(connection, table, chunk) for chunk in chunks)
    if not is_embedded(connection):
        texts = (zip(*(copy_texts(values) for values in chunk.values()), strict=True) for chunk in raw)
        copy_lines(connection, table.name, names, ("\t".join(line) for lines in texts for line in lines))
        return
    layer = next((layer for layer in LAYERS.values() if layer.noun == table.name and layer.geometry), None)
    if layer is not None:
        for statement in drop_trigger_statements(table.name):
            connection.exec_driver_sql(statement)
    listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    for chunk in raw:
        rows = list(zip(*chunk.values(), strict=True))
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})', rows)
    if layer is not None:
        rebuild_tree(connection, table.name)
        for statement in trigger_statements(table.name):
            connection.exec_driver_sql(statement)


def rebuild_tree(connection: sa.Connection, table: str) -> None:
    """Make an embedded table's R*Tree anew from its geometries."""
    rows = connection.exec_driver_sql(f'SELECT id, geom FROM "{table}" WHERE geom IS NOT NULL').fetchall()
    bounds = shapely.bounds(from_column(connection, [row[1] for row in rows])).reshape(-1, 4)[:, [0, 2, 1, 3]]
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    present = ~np.isnan(bounds).any(axis=1)
    rtree.pack(connection, table, ids[present], bounds[present])


def _reset_sequences(connection: sa.Connection, tables: list[sa.Table]) -> None:
    """Let PostgreSQL count on from the ids that came along."""
    for table in tables:
        if table.primary_key.columns.keys() == ["id"]:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), "
                f'COALESCE(MAX(id), 1), MAX(id) IS NOT NULL) FROM "{table.name}"'
            )


def backup(store: Store, path: Path) -> None:
    """Write a copy of an embedded store as it is now, for other programs (QGIS, GDAL) to open; mode 0600.

    Raises InvalidInput ``backup_embedded_only``, StoreFault ``store_not_writable``.
    """
    if store.path is None:
        raise InvalidInput("backup_embedded_only", store=str(store))
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        source, target = sqlite3.connect(store.path), sqlite3.connect(path)
        try:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, no log beside it
        finally:
            source.close()
            target.close()
    except (OSError, sqlite3.Error) as error:
        raise StoreFault("store_not_writable", store=str(path), reason=str(error)) from error
