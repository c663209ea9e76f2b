"""How many rows get into a table fast: executemany and a late R*Tree, or COPY."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, Final

import shapely
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.fields import Layer
from geo_service.foundation.clock import to_iso
from geo_service.storage import rtree
from geo_service.storage.geopackage import drop_trigger_statements, trigger_statements
from geo_service.storage.values import is_embedded

Progress = Callable[[float | None, str], None]
Index = Callable[[Sequence[int], Any], None]
_CHUNK: Final = 20_000
_FEW: Final = 200  # up to here the triggers do it row by row


def new_ids(connection: sa.Connection, layer: Layer, count: int) -> list[int]:
    """Return ``count`` ids no row has."""
    if not count:
        return []
    if is_embedded(connection):
        last = connection.exec_driver_sql(f'SELECT COALESCE(MAX(id), 0) FROM "{layer.noun}"').scalar() or 0
        return list(range(last + 1, last + 1 + count))
    sequence = f"pg_get_serial_sequence('\"{layer.noun}\"', 'id')"
    found = connection.exec_driver_sql(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", (count,))
    return [row[0] for row in found]


def select_by_code(connection: sa.Connection, layer: Layer, chosen: str, codes: Sequence[str]) -> Iterator[Any]:
    """Yield the raw chosen columns of the rows with these codes."""
    for start in range(0, len(codes), _CHUNK):
        part = list(codes[start : start + _CHUNK])
        if is_embedded(connection):
            marks = ", ".join("?" * len(part))
            yield from connection.exec_driver_sql(
                f'SELECT {chosen} FROM "{layer.noun}" t WHERE t.code IN ({marks})', tuple(part)
            ).fetchall()
        else:
            yield from connection.exec_driver_sql(
                f'SELECT {chosen} FROM "{layer.noun}" t WHERE t.code = ANY(%s)', (part,)
            )


@contextmanager
def unindexed(connection: sa.Connection, layer: Layer, count: int) -> Iterator[Index]:
    """Take the R*Tree triggers off for a bulk write; yields what enters the written rows into the tree."""

    def nothing(_ids: Sequence[int], _geometries: Any) -> None:
        return None

    def enter(ids: Sequence[int], geometries: Any) -> None:
        rtree.enter(connection, layer.noun, ids, shapely.bounds(geometries)[:, [0, 2, 1, 3]])

    if not is_embedded(connection) or layer.geometry is None or count <= _FEW:
        yield nothing
        return
    for statement in drop_trigger_statements(layer.noun):
        connection.exec_driver_sql(statement)
    yield enter
    for statement in trigger_statements(layer.noun):
        connection.exec_driver_sql(statement)


def insert(
    connection: sa.Connection, layer: Layer, columns: Mapping[str, list[Any]], progress: Progress | None = None
) -> None:
    """Insert rows given as raw columns of equal length (all new codes)."""
    names = list(columns)
    count = len(columns["id"])
    if not is_embedded(connection):
        copy_in(connection, layer.noun, columns)
        return
    refers_to_itself = any(field.refers_to == layer.name for field in layer.fields)
    if refers_to_itself:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    statement = f'INSERT INTO "{layer.noun}" ({listed}) VALUES ({marks})'
    for done, chunk in _chunks(zip(*columns.values(), strict=True)):
        connection.exec_driver_sql(statement, chunk)
        if progress is not None:
            progress(done / count, "progress.storing")


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    iterator, done = iter(rows), 0
    while chunk := list(islice(iterator, _CHUNK)):
        done += len(chunk)
        yield done, chunk


def update(
    connection: sa.Connection,
    layer: Layer,
    ids: Sequence[int],
    columns: Mapping[str, list[Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Set raw columns on rows by id, raise their versions, note who and when, restore them if retired."""
    names = list(columns)
    moment = to_iso(now)
    touch = "updated_at = {0}, updated_by = {0}, version = version + 1, retired_at = NULL, retired_reason = NULL"
    if is_embedded(connection):
        sets = ", ".join([*(f'"{name}" = ?' for name in names), touch.format("?")])
        values = zip(*columns.values(), [moment] * len(ids), [actor.name] * len(ids), ids, strict=True)
        connection.exec_driver_sql(f'UPDATE "{layer.noun}" SET {sets} WHERE id = ?', list(values))
        return
    listed = ", ".join(f't."{name}"' for name in ["id", *names])
    connection.exec_driver_sql("DROP TABLE IF EXISTS pg_temp.bulk_update")
    connection.exec_driver_sql(
        f'CREATE TEMP TABLE bulk_update ON COMMIT DROP AS SELECT {listed} FROM "{layer.noun}" t WITH NO DATA'
    )
    copy_in(connection, "bulk_update", {"id": list(ids), **columns})
    sets = ", ".join(
        [*(f'"{name}" = s."{name}"' for name in names), touch.format("%s").replace("version +", "t.version +")]
    )
    connection.exec_driver_sql(
        f'UPDATE "{layer.noun}" t SET {sets} FROM bulk_update s WHERE s.id = t.id', (moment, actor.name)
    )
    connection.exec_driver_sql("DROP TABLE pg_temp.bulk_update")


def set_texts(connection: sa.Connection, table: str, column: str, ids: Sequence[int], texts: Sequence[str]) -> None:
    """Set one column of rows by id, without a new version."""
    if not ids:
        return
    if is_embedded(connection):
        rows = list(zip(texts, ids, strict=True))
        connection.exec_driver_sql(f'UPDATE "{table}" SET "{column}" = ? WHERE id = ?', rows)
        return
    connection.exec_driver_sql("CREATE TEMP TABLE text_update (id bigint, value text) ON COMMIT DROP")
    copy_in(connection, "text_update", {"id": ids, "value": texts})
    connection.exec_driver_sql(f'UPDATE "{table}" t SET "{column}" = s.value FROM text_update s WHERE s.id = t.id')
    connection.exec_driver_sql("DROP TABLE pg_temp.text_update")


def copy_in(connection: sa.Connection, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Stream raw columns into a PostgreSQL table with COPY (text format)."""
    lines = zip(*(copy_texts(values) for values in columns.values()), strict=True)
    copy_lines(connection, table, list(columns), ("\t".join(line) for line in lines))


def copy_lines(connection: sa.Connection, table: str, names: Sequence[str], lines: Iterable[str]) -> None:
    """Stream lines in COPY's text format into a PostgreSQL table; one statement, so rows may point to each other."""
    listed = ", ".join(f'"{name}"' for name in names)
    cursor = connection.connection.cursor()
    stream = _Lines(lines)
    try:
        with _translated_driver(connection):
            cursor.copy_expert(f'COPY "{table}" ({listed}) FROM STDIN', stream)
    except sa.exc.DBAPIError as error:
        if stream.fault is not None:  # whoever made the lines broke off, not the database
            raise stream.fault from error
        raise
    finally:
        cursor.close()


class _Lines(io.TextIOBase):
    """A readable text of lines that are made while it is read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.fault: BaseException | None = None

    def read(self, size: int | None = -1, /) -> str:
        """Return some thousand lines, empty at the end (never part of a line; ``size`` is only a wish)."""
        try:
            chunk = list(islice(self._lines, 500))
        except BaseException as error:
            self.fault = error
            raise
        return "\n".join(chunk) + "\n" if chunk else ""


@contextmanager
def _translated_driver(connection: sa.Connection) -> Iterator[None]:
    """Raise the driver's own errors as SQLAlchemy would, so that they are understood at the door."""
    driver = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise sa.exc.DBAPIError.instance("COPY", None, error, driver.Error, dialect=connection.dialect) from error


def copy_texts(values: Sequence[Any]) -> list[str]:
    """Return one column in COPY's text format."""
    sample = next((value for value in values if value is not None), None)
    if isinstance(sample, bool):
        return ["\\N" if value is None else "t" if value else "f" for value in values]
    if isinstance(sample, (int, float)):
        return ["\\N" if value is None else repr(value) for value in values]
    if isinstance(sample, (bytes, memoryview)):
        return ["\\N" if value is None else "\\\\x" + bytes(value).hex() for value in values]
    return ["\\N" if value is None else _escaped(str(value)) for value in values]


def _escaped(value: str) -> str:
    if "\\" in value or "\t" in value or "\n" in value or "\r" in value:
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return value
