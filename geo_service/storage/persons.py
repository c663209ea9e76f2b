"""Personal values at rest: sealed under a key per person (a row's uid), so that deleting the key ends every copy.

Rows come in and go out in plain; what lies in tables, in history and in audit lines is sealed. A text that is not
sealed (of a store that was not upgraded yet, or the mark of an emptied value) is read as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.fields import Field, Layer
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.sealing import about, key_id, open_sealed, seal, sealed_with
from geo_service.storage import loading
from geo_service.storage.person_keys import keys_for, person_keys
from geo_service.storage.values import is_embedded

# stands for a personal value that nobody can read any more, and for one that was emptied where none may be missing
WITHHELD: Final = "***"


def personal_fields(layer: Layer) -> tuple[Field, ...]:
    """Return the fields of a layer that are sealed."""
    return tuple(field for field in layer.fields if field.personal)


def seal_values(
    connection: sa.Connection, layer: str, uid: str, values: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return the texts of one person sealed, by field; empty ones stay empty."""
    if not any(values.values()):
        return dict(values)
    key = keys_for(connection, layer, [uid], now)[uid]
    return {name: seal(key, value, about(layer, uid, name)) if value else value for name, value in values.items()}


def open_values(connection: sa.Connection, layer: str, uid: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored texts of one person in plain, by field; :data:`WITHHELD` where the key is gone."""
    names = [name for name, value in values.items() if sealed_with(value)]
    keys = person_keys(connection, [uid]) if names else {}
    return {**values, **{name: _opened(keys.get(uid), layer, uid, name, values[name]) for name in names}}


def open_rows(connection: sa.Connection, layer: Layer, rows: Sequence[dict[str, Any]]) -> None:
    """Open the personal fields of rows (with ``uid``) in place."""
    fields = [field.name for field in personal_fields(layer)]
    sealed = [(row, name) for name in fields for row in rows if sealed_with(row.get(name))]
    keys = person_keys(connection, {row["uid"] for row, _ in sealed}) if sealed else {}
    for row, name in sealed:
        row[name] = _opened(keys.get(row["uid"]), layer.name, row["uid"], name, row[name])


def open_columns(
    connection: sa.Connection, layer: Layer, uids: Sequence[str], columns: Mapping[str, Sequence[Any]]
) -> dict[str, list[Any]]:
    """Return personal columns of many rows in plain."""
    sealed = {uid for stored in columns.values() for uid, value in zip(uids, stored, strict=True) if value}
    keys = person_keys(connection, sealed) if sealed else {}
    return {
        name: [
            _opened(keys.get(uid), layer.name, uid, name, value) if sealed_with(value) else value
            for uid, value in zip(uids, stored, strict=True)
        ]
        for name, stored in columns.items()
    }


def seal_columns(
    connection: sa.Connection, layer: Layer, uids: Sequence[str], columns: Mapping[str, list[Any]], now: datetime
) -> dict[str, list[Any]]:
    """Return the personal columns among ``columns`` of many rows sealed; the caller checked them in plain."""
    fields = [field for field in personal_fields(layer) if field.column in columns]
    given = {uid for field in fields for uid, value in zip(uids, columns[field.column], strict=True) if value}
    keys = keys_for(connection, layer.name, [uid for uid in uids if uid in given], now) if given else {}
    ids = {uid: key_id(key) for uid, key in keys.items()}
    return {
        field.column: [
            seal(keys[uid], value, about(layer.name, uid, field.name), named=ids[uid]) if value else value
            for uid, value in zip(uids, columns[field.column], strict=True)
        ]
        for field in fields
    }


def check_lengths(layer: Layer, columns: Mapping[str, Sequence[Any]], codes: Sequence[str]) -> None:
    """Raise InvalidInput ``stored_value_refused`` for a personal text that is too long or missing (in plain)."""
    for field in personal_fields(layer):
        for code, value in zip(codes, columns.get(field.column, ()), strict=False):
            if value is not None and not (int(field.required) <= len(value) <= field.max_length and _is_whole(value)):
                raise InvalidInput("stored_value_refused", field=field.key, value=WITHHELD, row=code)


def _is_whole(text: str) -> bool:
    """Whether a text can be written as UTF-8 (no half of a character)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def stored_values(connection: sa.Connection, layer: Layer, uid: str) -> dict[str, Any]:
    """Return the personal fields of a row as they are stored."""
    names = ", ".join(f'"{field.column}"' for field in personal_fields(layer))
    mark = "?" if is_embedded(connection) else "%s"
    row = connection.exec_driver_sql(f'SELECT {names} FROM "{layer.noun}" WHERE uid = {mark}', (uid,)).mappings().one()
    return dict(row)


def _opened(key: bytes | None, layer: str, uid: str, name: str, sealed: str) -> str:
    """Return the plain text; a text sealed with a key that was deleted since stays closed."""
    if key is None or key_id(key) != sealed_with(sealed):
        return WITHHELD
    return open_sealed(key, sealed, about(layer, uid, name))


def plain_rows(connection: sa.Connection, layer: Layer) -> list[dict[str, Any]]:
    """Return id, uid and personal columns of the rows of a layer in which a personal value is not sealed."""
    names = [field.column for field in personal_fields(layer)]
    if not names:
        return []
    listed = ", ".join(f'"{name}"' for name in names)
    doubled = "%" if is_embedded(connection) else "%%"
    conditions = " OR ".join(
        f"(\"{name}\" NOT LIKE 'geo1:{doubled}' AND \"{name}\" NOT IN ('', '{WITHHELD}'))" for name in names
    )
    rows = connection.exec_driver_sql(f'SELECT id, uid, {listed} FROM "{layer.noun}" WHERE {conditions} ORDER BY id')
    return [dict(row) for row in rows.mappings()]


def seal_plain(connection: sa.Connection, now: datetime) -> int:
    """Seal every personal value that is not, and return in how many rows; versions and history stay as they are."""
    done = 0
    for layer in LAYERS.values():
        rows = plain_rows(connection, layer)
        for field in personal_fields(layer):
            left = [row for row in rows if row[field.column] not in ("", WITHHELD, None)]
            left = [row for row in left if not sealed_with(row[field.column])]
            columns = {field.column: [row[field.column] for row in left]}
            sealed = seal_columns(connection, layer, [row["uid"] for row in left], columns, now)
            loading.set_texts(connection, layer.noun, field.column, [row["id"] for row in left], sealed[field.column])
        done += len(rows)
    return done


def overwrite_free_pages(engine: sa.Engine) -> None:
    """Write an embedded store's file anew, so that nothing that was plain before is left in it."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        connection.rollback()
        raw.execute("VACUUM").close()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
