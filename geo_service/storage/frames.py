"""Bulk reads: whole layers as frames, straight from the store's own bytes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import sqlalchemy as sa

from geo_service.domain.fields import COMMON_COLUMNS, Field, Layer
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput
from geo_service.storage.tables import TABLES
from geo_service.storage.values import box_condition, from_column, is_embedded
from geo_service.storage.visible import ALL_ROWS, Condition

_COMMON_LINKS = {"area_code": "areas", "grid_code": "grids"}


def ids_by_code(connection: sa.Connection, layer: Layer) -> dict[str, int]:
    """Return the id of every row by its code, retired ones included."""
    return {code: int(row_id) for code, row_id in connection.exec_driver_sql(f'SELECT code, id FROM "{layer.noun}"')}


def read_frame(
    connection: sa.Connection,
    layer: Layer,
    columns: Sequence[str],
    *,
    geometry: bool = True,
    where: Mapping[str, Any] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    seen: Condition = ALL_ROWS,
) -> Any:
    """Return the rows that are not retired, ordered by code.

    Parameters
    ----------
    connection, layer
        Where to read from.
    columns
        Field keys (``building_code``), field columns (``building_id``) or common columns, also
        ``area_code`` and ``grid_code``. The frame has exactly these, in this order.
    geometry
        Give a GeoDataFrame with the column ``geometry`` in EPSG:4326, longitude first; else a DataFrame.
    where
        Column → wanted value, list of values, or None for empty.
    bbox
        West, south, east, north in degrees: rows whose bounding box meets it (no finer test).
    seen
        Rows ``t`` that may be found (:func:`visible.visible_sql`).

    Returns
    -------
    geopandas.GeoDataFrame or pandas.DataFrame
        Numbers are int64 or float64, float64 with NaN where some are empty; booleans bool, or object with
        None; texts, dates, moments object with None; JSON parsed. Raises InvalidInput ``layer_column_unknown``.
    """
    wanted = [column_sql(layer, name) for name in columns]
    has_geometry = geometry and layer.geometry is not None
    listed = [sql for sql, _ in wanted] + (["t.geom"] if has_geometry else [])
    parameters: list[Any] = []
    filters = [(column_sql(layer, name)[0], value) for name, value in (where or {}).items()]
    conditions = "".join(_condition(sql, value, parameters) for sql, value in filters)
    joins = joins_of(layer, [*listed, *(sql for sql, _ in filters)])
    statement = f'SELECT {", ".join(listed or ["t.id"])} FROM "{layer.noun}" t {joins} WHERE t.retired_at IS NULL'
    statement += conditions
    if seen != ALL_ROWS:
        statement += f" AND {seen[0]}"
        parameters.extend(seen[1])
    if bbox is not None:
        condition, values = box_condition(connection, layer, bbox)
        statement += f" AND {condition}"
        parameters.extend(values)
    statement += " ORDER BY t.code"
    if not is_embedded(connection):
        statement = statement.replace("?", "%s")
    rows = connection.exec_driver_sql(statement, tuple(parameters)).fetchall()
    lists = list(zip(*rows, strict=True)) if rows else [()] * (len(wanted) + has_geometry)
    frame = pd.DataFrame(
        {name: _series(lists[n], field) for n, (name, (_, field)) in enumerate(zip(columns, wanted, strict=True))},
        index=pd.RangeIndex(len(rows)),
    )
    if not has_geometry:
        return frame
    return gpd.GeoDataFrame(frame, geometry=from_column(connection, lists[len(wanted)]), crs="EPSG:4326")


def column_sql(layer: Layer, name: str) -> tuple[str, str]:
    """Return the SQL of a column and its kind."""
    if name in _COMMON_LINKS:
        return f'"{name}".code', "text"
    field: Field | None = layer.field(name)
    if field is not None and field.refers_to and name == field.key:
        return f'"{name}".code', "text"
    if field is not None:
        return f't."{field.column}"', "integer" if field.kind == "reference" else field.kind
    if name in TABLES[layer.name].c and (name in COMMON_COLUMNS or name.endswith("_id")) and name != "geom":
        return f't."{name}"', "integer" if name in ("id", "version") or name.endswith("_id") else "text"
    known = ", ".join(field.key for field in layer.fields)
    raise InvalidInput("layer_column_unknown", layer=layer.name, field=name, known=known)


def joins_of(layer: Layer, listed: Sequence[str]) -> str:
    """Return the LEFT JOINs the listed columns need."""
    text = []
    links = {**_COMMON_LINKS, **{field.key: field.refers_to for field in layer.fields if field.refers_to}}
    for key, refers_to in links.items():
        if f'"{key}".code' in listed and refers_to:
            column = f"{key.removesuffix('_code')}_id"
            text.append(f'LEFT JOIN "{LAYERS[refers_to].noun}" AS "{key}" ON "{key}".id = t."{column}"')
    return " ".join(text)


def _condition(sql: str, value: Any, parameters: list[Any]) -> str:
    if value is None:
        return f" AND {sql} IS NULL"
    if isinstance(value, (list, tuple, set, frozenset)):
        parameters.extend(value)
        return f" AND {sql} IN ({', '.join('?' * len(value))})" if value else " AND 1 = 0"
    parameters.append(value)
    return f" AND {sql} = ?"


def _series(values: Sequence[Any], kind: str) -> pd.Series:
    """Return one column with the dtype promised by :func:`read_frame`."""
    if kind in ("integer", "real"):
        if None in values:
            return pd.Series(np.array([np.nan if v is None else v for v in values], dtype=np.float64))
        return pd.Series(np.array(values, dtype=np.int64 if kind == "integer" else np.float64))
    if kind == "boolean":
        made = [None if value is None else bool(value) for value in values]
        return pd.Series(made, dtype=object if None in made or not made else bool)
    array = np.empty(len(values), dtype=object)
    if kind == "json":
        array[:] = [None if value is None else json.loads(value) for value in values]
    elif kind == "bytes":
        array[:] = [None if value is None else bytes(value) for value in values]
    else:
        array[:] = values
    return pd.Series(array, dtype=object)
