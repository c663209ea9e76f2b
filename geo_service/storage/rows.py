"""Rows one by one: get, page, insert, update, retire; optimistic locking, history, layer versions.

Geometry values are shapely geometries under ``geom``; references are codes under ``<name>_code`` both ways;
``area_code`` and ``grid_code`` are read only. Fields of kind ``bytes`` are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import shapely
import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from sqlalchemy import exc

from geo_service.domain.actors import Actor
from geo_service.domain.fields import Field, Layer
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo_service.foundation.ids import new_uid
from geo_service.storage import owners, persons
from geo_service.storage.faults import integrity_error
from geo_service.storage.listing import AFTER, Links, filter_of, ids_by_words, order_of, words_of
from geo_service.storage.places import refresh_building_people, refresh_places
from geo_service.storage.row_places import about, placed, registered
from geo_service.storage.spatial import exact_box, one_of
from geo_service.storage.tables import TABLES
from geo_service.storage.values import stored_geometries, typed
from geo_service.storage.versions import append_history, history_line, raise_version

_BEFORE: Final = ("id", "uid", "code", "geom", "area_code", "grid_code")
_PLACING: Final = frozenset({"areas", "grids"})


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


def get(connection: sa.Connection, layer: Layer, ident: str) -> dict[str, Any]:
    """Return a row by uid or code, retired ones too; NotFound ``row_unknown``."""
    table = TABLES[layer.name]
    chosen, _, _ = _select(layer.name)
    chosen = chosen.where(sa.or_(table.c.uid == ident, table.c.code == ident))
    found = sorted(_rows(connection, layer, chosen), key=lambda row: row["uid"] != ident)
    if not found:
        raise NotFound("row_unknown", layer=layer.name, ident=ident)
    return found[0]


def page(
    connection: sa.Connection,
    layer: Layer,
    *,
    filters: Mapping[str, str] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    only: Sequence[int] | None = None,
    limit: int = 100,
    offset: int = 0,
    sort: str = "code",
    retired: bool = False,
    seen: sa.ColumnElement[bool] | None = None,
    exact: sa.ColumnElement[bool] | None = None,
) -> Page:
    """Return a page of a list.

    Parameters
    ----------
    connection, layer
        Where to read from.
    filters
        Filterable field keys, ``code``, ``area_code``, ``grid_code`` → wanted value as text.
    bbox
        West, south, east, north in degrees: rows whose geometry meets it.
    only
        Ids of the rows that may be among them, None for all.
    limit, offset
        How many rows, after how many.
    sort
        A key, ``-`` before it for descending; words as people order them; empty values last; ties by code.
    retired
        With the retired rows.
    seen, exact
        Rows that may be found at all, and rows whose figures about people may decide their place in the order
        (:func:`visible.visible_to`); None for all.

    Raises
    ------
    InvalidInput
        ``filter_unknown``, ``stored_value_refused``, ``sort_unknown``.
    """
    table = TABLES[layer.name]
    chosen, source, links = _select(layer.name)
    conditions: list[Any] = [] if retired else [table.c.retired_at.is_(None)]
    if seen is not None:
        conditions.append(seen)
    conditions += [filter_of(layer, key, value, links) for key, value in (filters or {}).items()]
    if bbox is not None:
        conditions.append(exact_box(connection, layer, bbox))
    if only is not None:
        conditions.append(one_of(connection, layer, only))
    counted = sa.select(sa.func.count()).select_from(source).where(*conditions)
    total = int(connection.execute(counted).scalar_one())
    words = words_of(layer, sort)
    if words is None:
        chosen = chosen.where(*conditions).order_by(*order_of(layer, sort, links, exact)).limit(limit).offset(offset)
        return Page(_rows(connection, layer, chosen), total)
    named = sa.select(table.c.id, table.c.code, words).select_from(source).where(*conditions)
    ids = ids_by_words(connection, named, is_down=sort.startswith("-"))[offset : offset + limit]
    place = {ident: at for at, ident in enumerate(ids)}
    found = _rows(connection, layer, chosen.where(one_of(connection, layer, ids))) if ids else []
    return Page(sorted(found, key=lambda row: place[row["id"]]), total)


def insert(
    connection: sa.Connection,
    layer: Layer,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    parted: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Insert a row and return it; without ``code`` its uid becomes the code, without geometry it has its owner's.

    ``parted``: what history tells of a split or merge that this is part of (:func:`row_history.parting`).

    Raises
    ------
    Conflict
        ``code_taken``.
    InvalidInput
        ``layer_column_unknown``, ``reference_unknown``, ``stored_value_missing``, ``stored_value_refused``,
        ``row_geometry_…``.
    """
    uid = new_uid(now)
    code = str(values.get("code") or uid)
    given = dict.fromkeys(field.key for field in layer.fields if field.kind != "bytes")
    given |= {key: value for key, value in values.items() if key != "code"}
    raw, shown = _raw(connection, layer, owners.with_owners_shape(connection, layer, given, {}), code)
    moment = to_iso(now)
    geometry = shown.get("geom")
    if layer.geometry is not None and layer.geometry_required and geometry is None:
        raise InvalidInput("row_geometry_missing", layer=layer.name, code=code)
    if geometry is not None:
        raw.update(placed(connection, layer, geometry, raw))
    raw.update(about(layer, raw))
    sealed = _sealed(connection, layer, uid, shown, now)
    raw.update(sealed)
    stamps = {"created_at": moment, "created_by": actor.name, "updated_at": moment, "updated_by": actor.name}
    row = {"uid": uid, "code": code, **raw, **stamps, "version": 1}
    try:
        done = connection.execute(sa.insert(TABLES[layer.name]), row)
    except exc.IntegrityError as error:
        raise integrity_error(error, layer=layer.name, code=code) from error
    row_id = int((done.inserted_primary_key or (0,))[0])
    after = {key: value for key, value in {**shown, **sealed}.items() if value is not None} | dict(parted or {})
    line = history_line(layer, row_id, 1, "created", before=None, after=after, actor=actor, now=now)
    append_history(connection, [line])
    _followed(connection, layer, [raw.get("building_id")], moved=geometry is not None)
    return get(connection, layer, uid)


def update(
    connection: sa.Connection,
    layer: Layer,
    ident: str,
    expected_version: int,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    restores: bool = False,
    parted: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Change a row that still has the expected version and return it; nothing is written if nothing differs.

    Personal values are always written: a row that stays as it is would tell that a guess is right. ``restores``: the
    values are those of an older version; a retired row is taken into use again. ``parted`` as in :func:`insert`.

    Raises
    ------
    StaleVersion
        ``row_changed``.
    Conflict
        ``row_retired``.
    NotFound
        ``row_unknown``.
    InvalidInput
        As :func:`insert`, and ``code_fixed``.
    """
    old = get(connection, layer, ident)
    _check_version(layer, old, expected_version, may_be_retired=restores)
    if changes.get("code", old["code"]) != old["code"]:
        raise InvalidInput("code_fixed", layer=layer.name, code=old["code"])
    wanted = {key: value for key, value in changes.items() if key != "code"}
    raw, shown = _raw(connection, layer, owners.with_owners_shape(connection, layer, wanted, old), old["code"])
    if restores:
        in_use = dict.fromkeys(("retired_at", "retired_reason"))
        raw, shown = {**raw, **in_use}, {**shown, **in_use}
    personal = {field.key for field in persons.personal_fields(layer)}
    differing = {key: value for key, value in shown.items() if key in personal or not _same(old.get(key), value)}
    if not differing:
        return old
    columns = {_column_of(layer, key) for key in differing}
    raw = {name: value for name, value in raw.items() if name in columns}
    raw.update(about(layer, raw))
    returns = "retired_at" in differing
    moved = "geom" in differing or returns or bool(columns & {"registered_area_id", "registered_grid_id"})
    if moved and layer.geometry is not None:
        geometry = shown["geom"] if "geom" in shown else old["geom"]
        if geometry is not None:
            raw.update(placed(connection, layer, geometry, {**registered(connection, layer, old["id"]), **raw}))
    before = {key: old.get(key) for key in differing}
    if sealed := _sealed(connection, layer, old["uid"], differing, now):
        stored = persons.stored_values(connection, layer, old["uid"])
        before |= {key: stored[key] for key in sealed}
        raw, differing = {**raw, **sealed}, {**differing, **sealed}
    followers = owners.Followers(connection, layer, [old["id"]] if "geom" in differing else [])
    action = "restored" if restores else "updated"
    after = {**differing, **(parted or {})}
    _write(connection, layer, old, raw, action=action, before=before, after=after, actor=actor, now=now)
    followers.move()
    _followed(connection, layer, _buildings(connection, layer, old), moved="geom" in differing or returns)
    return get(connection, layer, old["uid"])


def retire(
    connection: sa.Connection,
    layer: Layer,
    ident: str,
    expected_version: int,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    parted: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Retire a row (nothing is ever deleted) and return it; ``parted`` and raises as :func:`update`."""
    old = get(connection, layer, ident)
    _check_version(layer, old, expected_version)
    values = {"retired_at": to_iso(now), "retired_reason": reason}
    before = dict.fromkeys(values)
    after = {**values, **(parted or {})}
    _write(connection, layer, old, values, action="retired", before=before, after=after, actor=actor, now=now)
    _followed(connection, layer, _buildings(connection, layer, old), moved=True)
    return get(connection, layer, old["uid"])


@cache
def _select(name: str) -> tuple[sa.Select[Any], sa.FromClause, Links]:
    """Return the SELECT of whole rows of a layer, what it selects from, and the joined tables by key.

    Made once a layer: describing all these columns takes longer than reading a row.
    """
    layer, table = LAYERS[name], TABLES[name]
    links = {
        "area_code": TABLES["areas"].alias("area_of"),
        "grid_code": TABLES["grids"].alias("grid_of"),
        **{f.key: TABLES[f.refers_to].alias(f"{f.name}_of") for f in layer.fields if f.refers_to},
    }
    columns: list[Any] = [table.c.id, table.c.uid, table.c.code]
    if layer.geometry is not None:
        columns.append(table.c.geom)
    columns += [links[key].c.code.label(key) for key in ("area_code", "grid_code")]
    for field in layer.fields:
        if field.kind != "bytes":
            columns.append(links[field.key].c.code.label(field.key) if field.refers_to else table.c[field.column])
    columns += [table.c[name] for name in AFTER]
    source: sa.FromClause = table
    for key, linked in links.items():
        source = source.outerjoin(linked, linked.c.id == table.c[f"{key.removesuffix('_code')}_id"])
    return sa.select(*columns).select_from(source), source, links


def _rows(connection: sa.Connection, layer: Layer, chosen: sa.Select[Any]) -> list[dict[str, Any]]:
    found = [dict(row) for row in connection.execute(chosen).mappings()]
    geometries = [row["geom"].data if row.get("geom") is not None else None for row in found]
    raw = [bytes(data) if isinstance(data, memoryview) else data for data in geometries]
    persons.open_rows(connection, layer, found)
    order = [*_BEFORE, *(f.key for f in layer.fields if f.kind != "bytes"), *AFTER]
    for row, geometry in zip(found, shapely.set_srid(shapely.from_wkb(raw), 0) if raw else [], strict=True):
        row["geom"] = geometry
    return [{key: row.get(key) for key in order} for row in found]


def _raw(
    connection: sa.Connection, layer: Layer, values: Mapping[str, Any], code: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values by table column as they are stored, and by key as they are shown."""
    raw: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    for key, value in values.items():
        field = layer.field(key)
        if key == "geom":
            if value is None and layer.geometry is None:
                continue
            geometry = stored_geometries(layer, [value], [code])[0]
            shown["geom"] = geometry
            raw["geom"] = None if geometry is None else from_shape(geometry, srid=4326, extended=True)
        elif key in ("source", "licence"):
            raw[key] = shown[key] = value
        elif field is None or key != field.key or field.kind == "bytes":
            known = ", ".join(field.key for field in layer.fields)
            raise InvalidInput("layer_column_unknown", layer=layer.name, field=key, known=known)
        else:
            shown[key] = typed(field, value)
            raw[field.column] = _id_of(connection, field, shown[key]) if field.refers_to else shown[key]
    return raw, shown


def _sealed(
    connection: sa.Connection, layer: Layer, uid: str, values: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return the personal ones of one row's values as they are stored and as history keeps them."""
    personal = {f.name: values[f.name] for f in persons.personal_fields(layer) if f.name in values}
    return persons.seal_values(connection, layer.name, uid, personal, now) if personal else {}


def _id_of(connection: sa.Connection, field: Field, code: str | None) -> int | None:
    if code is None or field.refers_to is None:
        return None
    table = TABLES[LAYERS[field.refers_to].name]
    found = connection.execute(sa.select(table.c.id).where(table.c.code == code)).scalar()
    if found is None:
        raise InvalidInput("reference_unknown", layer=field.refers_to, field=field.key, code=code)
    return int(found)


def _column_of(layer: Layer, key: str) -> str:
    field = layer.field(key)
    return field.column if field is not None and key == field.key else key


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, shapely.Geometry) and isinstance(new, shapely.Geometry):
        return bool(shapely.to_wkb(old) == shapely.to_wkb(new))
    return bool(old == new)


def _check_version(layer: Layer, row: Mapping[str, Any], expected: int, *, may_be_retired: bool = False) -> None:
    if row["version"] != expected:
        raise StaleVersion("row_changed", layer=layer.name, code=row["code"], expected=expected, found=row["version"])
    if row["retired_at"] is not None and not may_be_retired:
        raise Conflict("row_retired", layer=layer.name, code=row["code"])


def _write(
    connection: sa.Connection,
    layer: Layer,
    old: Mapping[str, Any],
    raw: Mapping[str, Any],
    *,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> None:
    table = TABLES[layer.name]
    version = old["version"] + 1
    stamps = {"updated_at": to_iso(now), "updated_by": actor.name, "version": version}
    statement = sa.update(table).where(table.c.id == old["id"], table.c.version == old["version"])
    try:
        done = connection.execute(statement.values({**raw, **stamps}))
    except exc.IntegrityError as error:
        raise integrity_error(error, layer=layer.name) from error
    if done.rowcount != 1:
        raise StaleVersion("row_changed", layer=layer.name, code=old["code"], expected=old["version"], found="?")
    line = history_line(layer, old["id"], version, action, before=before, after=after, actor=actor, now=now)
    append_history(connection, [line])


def _buildings(connection: sa.Connection, layer: Layer, old: Mapping[str, Any]) -> list[int | None]:
    """Return the buildings a household belonged to and belongs to now."""
    if layer.name != "households":
        return []
    table, buildings = TABLES[layer.name], TABLES["buildings"]
    now_in = connection.execute(sa.select(table.c.building_id).where(table.c.id == old["id"])).scalar()
    was_in = connection.execute(sa.select(buildings.c.id).where(buildings.c.code == old["building_code"])).scalar()
    return [now_in, was_in]


def _followed(connection: sa.Connection, layer: Layer, building_ids: list[int | None], *, moved: bool) -> None:
    """Raise the layer's version and bring what follows from the change up to date."""
    raise_version(connection, layer)
    if layer.name in _PLACING and moved:
        refresh_places(connection)
    if layer.name == "households":
        refresh_building_people(connection, sorted({row_id for row_id in building_ids if row_id is not None}))
