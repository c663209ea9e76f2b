"""Bulk writes: whole frames into a layer by code, past row-by-row conversion, on both stores."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.ids import new_uids
from geo_service.storage import loading, owners, persons
from geo_service.storage.columns import plain_objects, raw_column
from geo_service.storage.frames import ids_by_code, read_frame
from geo_service.storage.places import place_rows, refresh_places, set_columns
from geo_service.storage.values import from_column, is_embedded, stored_geometries, to_column
from geo_service.storage.versions import HistoryLine, append_history, history_line, raise_version

__all__ = ["Upserted", "ids_by_code", "read_frame", "refresh_places", "retire", "upsert"]

Progress = Callable[[float | None, str], None]


@dataclass(frozen=True)
class Upserted:
    """How many rows an upsert made, changed and left as they were."""

    created: int
    updated: int
    unchanged: int


def upsert(
    connection: sa.Connection,
    layer: Layer,
    frame: pd.DataFrame,
    *,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
) -> Upserted:
    """Write a frame into a layer by code.

    Parameters
    ----------
    connection
        A writing one.
    layer
        The layer.
    frame
        Columns: ``code``, ``geometry`` (EPSG:4326, longitude first), ``source``, ``licence``, ``uid`` (new rows
        only), and the layer's field keys; columns that begin with ``_`` are ignored. A column that is not there
        keeps its values on rows that exist and gets the default on new ones. Rows that belong to another row
        and have no geometry get its (:mod:`owners`). A reference may point to a row of the same frame.
    actor, now
        Who and when, for the rows and their history.
    progress
        Told the share done and a message key.

    Returns
    -------
    Upserted
        Rows that hold the same values already are not touched. A retired row whose code comes again is restored.

    Raises
    ------
    InvalidInput
        ``layer_column_unknown``, ``row_code_missing``, ``row_code_twice``, ``reference_unknown``,
        ``stored_value_refused``, ``row_geometry_missing`` and the others of :func:`values.stored_geometries`.
    """
    codes = _codes(layer, frame)
    if not codes:
        return Upserted(0, 0, 0)
    old_ids = _existing_ids(connection, layer, codes)
    is_new = np.array([code not in old_ids for code in codes])
    ids_of_new = loading.new_ids(connection, layer, int(is_new.sum()))
    new_rows = np.flatnonzero(is_new)
    all_ids = {**old_ids, **{codes[n]: row_id for n, row_id in zip(new_rows.tolist(), ids_of_new, strict=True)}}
    frame = owners.frame_with_owners_shapes(connection, layer, frame, codes)
    columns, geometries = _raw_columns(connection, layer, frame, codes, all_ids)
    uids = _uids(frame, new_rows, now)
    uids_of_new = dict(zip(new_rows.tolist(), uids, strict=True))
    columns.update(_sealed(connection, layer, codes, columns, uids_of_new=uids_of_new, now=now))

    changed_rows, lines = _changes(connection, layer, codes, columns, np.flatnonzero(~is_new), actor=actor, now=now)
    created, updated = len(new_rows), len(changed_rows)
    if created + updated:
        with loading.unindexed(connection, layer, created + updated) as index:
            if created:
                rows = _new_columns(
                    connection, layer, codes, columns, rows=new_rows, ids=ids_of_new, uids=uids, actor=actor, now=now
                )
                if geometries is not None:
                    rows.update(_placed(connection, layer, rows, geometries[new_rows]))
                loading.insert(connection, layer, rows, progress)
            if updated:
                ids = [all_ids[codes[n]] for n in changed_rows]
                given = {name: [values[n] for n in changed_rows] for name, values in columns.items()}
                moved = [row_id for row_id, line in zip(ids, lines, strict=True) if "geom" in line["after"]]
                followers = owners.Followers(connection, layer, moved)
                loading.update(connection, layer, ids, given, actor=actor, now=now)
                followers.move()
            if geometries is not None:
                touched = np.concatenate([new_rows, np.asarray(changed_rows, dtype=np.int64)]).astype(np.int64)
                index([all_ids[codes[n]] for n in touched], geometries[touched])
        if created:
            made = {"created": created}
            lines.append(history_line(layer, None, 1, "imported", before=None, after=made, actor=actor, now=now))
        append_history(connection, lines)
        raise_version(connection, layer)
    if progress is not None:
        progress(1.0, "progress.storing")
    return Upserted(created, updated, len(codes) - created - updated)


def retire(
    connection: sa.Connection, layer: Layer, ids: Sequence[int], reason: str, *, actor: Actor, now: datetime
) -> int:
    """Retire rows by id (nothing is ever deleted) and return how many; those retired already are left as they are.

    Places that follow from the rows (of areas, grids, households) are refreshed by the caller, once for all.
    """
    wanted = {int(row_id) for row_id in ids}
    if not wanted:
        return 0
    stored = connection.exec_driver_sql(f'SELECT id, version FROM "{layer.noun}" WHERE retired_at IS NULL ORDER BY id')
    found = [(int(row_id), int(version)) for row_id, version in stored if row_id in wanted]
    if not found:
        return 0
    values = {"retired_at": to_iso(now), "retired_reason": reason}
    columns: dict[str, list[Any]] = {
        "id": [row_id for row_id, _ in found],
        "version": [version + 1 for _, version in found],
    }
    for name, value in {**values, "updated_at": to_iso(now), "updated_by": actor.name}.items():
        columns[name] = [value] * len(found)
    set_columns(connection, layer, columns)
    before = dict.fromkeys(values)
    append_history(
        connection,
        [
            history_line(layer, row_id, version + 1, "retired", before=before, after=values, actor=actor, now=now)
            for row_id, version in found
        ],
    )
    raise_version(connection, layer)
    return len(found)


def _codes(layer: Layer, frame: pd.DataFrame) -> list[str]:
    if "code" not in frame.columns:
        raise InvalidInput("code_column_missing", layer=layer.name)
    given = plain_objects(frame["code"])
    codes = ["" if value is None else str(value) for value in given]
    if "" in codes:
        raise InvalidInput("row_code_missing", layer=layer.name, row=codes.index("") + 1)
    if len(set(codes)) < len(codes):
        counts = Counter(codes)
        raise InvalidInput("row_code_twice", layer=layer.name, code=next(code for code in codes if counts[code] > 1))
    return codes


def _existing_ids(connection: sa.Connection, layer: Layer, codes: Sequence[str]) -> dict[str, int]:
    wanted = set(codes)
    return {code: row_id for code, row_id in ids_by_code(connection, layer).items() if code in wanted}


def _raw_columns(
    connection: sa.Connection, layer: Layer, frame: pd.DataFrame, codes: list[str], own_ids: Mapping[str, int]
) -> tuple[dict[str, list[Any]], Any]:
    """Return the raw values by table column of everything the frame gives, and the geometries."""
    embedded = is_embedded(connection)
    active = getattr(frame, "_geometry_column_name", None) or "geometry"
    columns: dict[str, list[Any]] = {}
    geometries = None
    keys = [field.key for field in layer.fields]
    for name in map(str, frame.columns):
        if name in ("code", "uid") or name.startswith("_"):
            continue
        if name == active:
            if layer.geometry is not None:
                geometries = stored_geometries(layer, frame[name].to_numpy(dtype=object), codes)
                columns["geom"] = to_column(connection, geometries)
            continue
        if name in ("source", "licence"):
            columns[name] = plain_objects(frame[name])
            continue
        field = layer.field(name)
        if field is None or name != field.key:
            raise InvalidInput("layer_column_unknown", layer=layer.name, field=name, known=", ".join(keys))
        ids = None
        if field.refers_to:
            ids = dict(ids_by_code(connection, LAYERS[field.refers_to]))
            if field.refers_to == layer.name:
                ids.update(own_ids)
        columns[field.column] = raw_column(field, frame[name], codes, ids, embedded=embedded)
    return columns, geometries


def _sealed(
    connection: sa.Connection,
    layer: Layer,
    codes: Sequence[str],
    columns: Mapping[str, list[Any]],
    *,
    uids_of_new: Mapping[int, str],
    now: datetime,
) -> dict[str, list[Any]]:
    """Return the personal columns as they are stored: what a row holds already stays as it is sealed there."""
    names = [field.column for field in persons.personal_fields(layer) if field.column in columns]
    if not names:
        return {}
    persons.check_lengths(layer, columns, codes)
    old_rows = [n for n in range(len(codes)) if n not in uids_of_new]
    chosen = ", ".join(f't."{name}"' for name in ("code", "uid", *names))
    found = {row[0]: row for row in loading.select_by_code(connection, layer, chosen, [codes[n] for n in old_rows])}
    uids = [uids_of_new[n] if n in uids_of_new else str(found[codes[n]][1]) for n in range(len(codes))]
    stored = {name: [found[codes[n]][place] for n in old_rows] for place, name in enumerate(names, start=2)}
    plain = persons.open_columns(connection, layer, [uids[n] for n in old_rows], stored)
    kept: dict[str, dict[int, Any]] = {}
    for name in names:
        together = zip(old_rows, stored[name], plain[name], strict=True)
        kept[name] = {n: old for n, old, opened in together if opened == columns[name][n]}
    given = {name: [None if n in kept[name] else value for n, value in enumerate(columns[name])] for name in names}
    sealed = persons.seal_columns(connection, layer, uids, given, now)
    return {name: [kept[name].get(n, value) for n, value in enumerate(sealed[name])] for name in names}


def _uids(frame: pd.DataFrame, rows: Any, now: datetime) -> list[str]:
    if "uid" in frame.columns:
        return [str(value) for value in frame["uid"].iloc[rows]]
    return new_uids(now, len(rows))


def _new_columns(
    connection: sa.Connection,
    layer: Layer,
    codes: Sequence[str],
    columns: Mapping[str, list[Any]],
    *,
    rows: Any,
    ids: Sequence[int],
    uids: Sequence[str],
    actor: Actor,
    now: datetime,
) -> dict[str, list[Any]]:
    """Return all columns of the rows to insert."""
    count = len(rows)
    if layer.geometry is not None and layer.geometry_required and "geom" not in columns:
        raise InvalidInput("row_geometry_missing", layer=layer.name, code=codes[int(rows[0])])
    made: dict[str, list[Any]] = {"id": list(ids), "uid": list(uids), "code": [codes[n] for n in rows]}
    for field in layer.fields:
        if field.column not in columns and field.default is not None:
            default = (
                int(field.default) if isinstance(field.default, bool) and is_embedded(connection) else field.default
            )
            made[field.column] = [default] * count
    everything = count == len(codes)
    for name, values in columns.items():
        made[name] = values if everything else [values[n] for n in rows]
    moment = to_iso(now)
    for name, value in (
        ("created_at", moment),
        ("created_by", actor.name),
        ("updated_at", moment),
        ("updated_by", actor.name),
        ("version", 1),
    ):
        made[name] = [value] * count
    return made


def _placed(
    connection: sa.Connection, layer: Layer, rows: Mapping[str, list[Any]], geometries: Any
) -> dict[str, list[Any]]:
    """Return area, grid and cut flag of new rows that have a geometry."""
    present = np.flatnonzero(~shapely.is_missing(geometries)).tolist()
    registered = {n: [rows[n][k] for k in present] for n in ("registered_area_id", "registered_grid_id") if n in rows}
    made: dict[str, list[Any]] = {}
    for name, values in place_rows(connection, layer, geometries[present], registered).items():
        column: list[Any] = [None] * len(geometries)
        for k, value in zip(present, values, strict=True):
            column[k] = int(value) if isinstance(value, bool) and is_embedded(connection) else value
        made[name] = column
    return made


def _changes(
    connection: sa.Connection,
    layer: Layer,
    codes: Sequence[str],
    columns: Mapping[str, list[Any]],
    rows: Any,
    *,
    actor: Actor,
    now: datetime,
) -> tuple[list[int], list[HistoryLine]]:
    """Return the frame rows that differ from what is stored, and their lines of history."""
    if not len(rows):
        return [], []
    names = list(columns)
    chosen = ", ".join(f't."{name}"' for name in ("code", "id", "version", "retired_at", *names))
    found = loading.select_by_code(connection, layer, chosen, [codes[n] for n in rows])
    stored = {row[0]: row for row in found}
    changed: list[int] = []
    lines: list[HistoryLine] = []
    backwards: dict[str, dict[int, str]] = {}
    for n in rows.tolist():
        row = stored[codes[n]]
        given = [columns[name][n] for name in names]
        differing = [one for one in zip(names, map(_plain, row[4:]), given, strict=True) if one[1] != one[2]]
        if not differing and row[3] is None:
            continue
        changed.append(n)
        before = {}
        after = {}
        for name, old, new in differing:
            key, old_shown, new_shown = _for_history(connection, layer, name, old=old, new=new, backwards=backwards)
            before[key], after[key] = old_shown, new_shown
        action = "updated" if row[3] is None else "restored"
        lines.append(history_line(layer, row[1], row[2] + 1, action, before=before, after=after, actor=actor, now=now))
    return changed, lines


def _plain(old: Any) -> Any:
    """Return a stored raw value as it is given: psycopg2 reads bytes as memory that equals nothing."""
    return bytes(old) if isinstance(old, memoryview) else old


def _for_history(
    connection: sa.Connection, layer: Layer, column: str, *, old: Any, new: Any, backwards: dict[str, dict[int, str]]
) -> tuple[str, Any, Any]:
    """Return key, old and new value as history shows them."""
    if column == "geom":
        before, after = from_column(connection, [old, new])
        return "geom", before, after
    field = next((f for f in layer.fields if f.column == column), None)
    if field is None:
        return column, old, new
    if field.refers_to:
        if column not in backwards:
            backwards[column] = {v: k for k, v in ids_by_code(connection, LAYERS[field.refers_to]).items()}
        names = backwards[column]
        return field.key, names.get(old), names.get(new)
    if field.kind == "boolean":
        return field.key, None if old is None else bool(old), None if new is None else bool(new)
    return field.key, old, new
