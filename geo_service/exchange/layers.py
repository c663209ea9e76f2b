"""A foreign file as rows of one of our layers: columns found, values read, everything wrong named."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo_service.domain.areas import level_of
from geo_service.domain.fields import Layer
from geo_service.domain.spaces import ADOPTION_SUBJECTS
from geo_service.domain.values import checked_code
from geo_service.exchange.cells import reader_of, text_of
from geo_service.exchange.columns import Columns, columns_of
from geo_service.exchange.faults import Faults
from geo_service.exchange.places import shapes_of
from geo_service.exchange.raw_tables import RawTable
from geo_service.exchange.sources import read_source
from geo_service.foundation.errors import InvalidInput

Progress = Callable[[float | None, str], None]
Note = tuple[str, Mapping[str, object]]
_OWN_SOURCE_LENGTH = 200


@dataclass
class LayerFile:
    """A file read as rows of a layer.

    Attributes
    ----------
    frame
        ``code``, field keys of the columns there are, ``source``, ``licence``, ``_row`` (number of the row as a
        person counts it) and, if the file has any geometry, ``geometry`` (EPSG:4326, stored type).
    faults
        Everything wrong so far; whoever checks against the store adds to it. With any fault nothing is written.
    notes
        What was assumed or ignored: text keys and facts.
    missing
        Keys of required fields (and ``geometry``) the file has no column for: only rows that exist can do without.
    names
        Field key (or ``source``, ``licence``) → column name in the file, to name faults found later.
    """

    frame: pd.DataFrame
    faults: Faults
    notes: list[Note]
    missing: list[str]
    names: dict[str, str]


def read_layer(
    layer: Layer,
    path: Path,
    *,
    crs: str | None = None,
    column_map: Mapping[str, str] | None = None,
    table: str | None = None,
    timezone: str = "Asia/Shanghai",
    progress: Progress | None = None,
) -> LayerFile:
    """Read a file as rows of ``layer`` and check every cell.

    Parameters
    ----------
    layer
        The layer its rows are for.
    path
        GeoPackage, GeoJSON, Shapefile (``.shp`` or zipped), CSV or Excel.
    crs
        What the person declares: ``EPSG:n``, ``GCJ-02`` or ``BD-09``; must not contradict the file.
    column_map
        Column name → field (key or name), ``code``, ``lon``, ``lat`` or ``wkt``.
    table
        Table of a GeoPackage or sheet of a workbook.
    timezone
        Zone of moments written without one.
    progress
        Told the share done.

    Raises
    ------
    FileFault
        The file as a whole cannot be read (:mod:`sources`, :mod:`columns`, :mod:`datums`).
    InvalidInput
        ``crs_unknown``, ``map_column_unknown``, ``map_field_unknown``.
    """
    tell = progress or (lambda share, key: None)
    tell(0.0, "progress.reading_file")
    raw = read_source(path, preferred=layer.name, table=table)
    tell(0.3, "progress.checking_rows")
    columns = columns_of(path, layer, raw.columns, column_map or {})
    faults = Faults()
    for place, (code, facts) in raw.row_faults.items():
        faults.add(raw.numbers[place], "", None, code, **facts)
    shapes = shapes_of(path, layer, raw, columns, declared=crs, faults=faults)
    values: dict[str, Any] = {}
    for done, (key, place) in enumerate(columns.fields.items()):
        tell(0.4 + 0.5 * done / len(columns.fields), "progress.checking_rows")
        field = next(field for field in layer.fields if field.key == key)
        values[key] = _column(reader_of(layer, field, timezone), raw, place, faults)
    for key, place in columns.common.items():
        values[key] = [(text_of(row[place]) or "")[:_OWN_SOURCE_LENGTH] or None for row in raw.rows]
    values.setdefault("source", [path.name] * len(raw.rows))
    codes = _codes(layer, raw, columns, shapes, faults)
    if layer.name == "areas":
        _levels(values, codes)
    _refuse_persons(layer, raw, columns, values, faults)
    _one_subject(layer, raw, values, faults)
    if columns.ignored:
        raw.notes.append(("note.columns_ignored", {"columns": ", ".join(columns.ignored)}))
    frame = _frame(raw, codes, values, shapes)
    missing = [f.key for f in layer.fields if f.required and f.default is None and f.key not in values]
    if layer.geometry_required and layer.geometry is not None and shapes is None:
        missing.append("geometry")
    tell(1.0, "progress.checking_rows")
    names = {key: raw.columns[place] for key, place in (columns.fields | columns.common).items()}
    return LayerFile(frame, faults, list(raw.notes), missing, names)


def _column(read: Callable[[Any], Any], raw: RawTable, place: int, faults: Faults) -> list[Any]:
    values = []
    for row, cells in enumerate(raw.rows):
        try:
            values.append(read(cells[place]))
        except InvalidInput as error:
            values.append(None)
            faults.add(raw.numbers[row], raw.columns[place], cells[place], error.code, **error.facts)
    return values


def _codes(layer: Layer, raw: RawTable, columns: Columns, shapes: Any, faults: Faults) -> list[str]:
    """Return a code per row; without a column of codes one made from the row's content."""
    if columns.code is None:
        raw.notes.append(("note.codes_made", {"layer": layer.name}))
        return _made_codes(layer, raw, shapes)
    column, codes = raw.columns[columns.code], []
    seen: dict[str, int] = {}
    for number, cells in zip(raw.numbers, raw.rows, strict=True):
        written = text_of(cells[columns.code])
        try:
            code = checked_code(layer, written)
        except InvalidInput as error:
            faults.add(number, column, written, error.code, **error.facts)
            codes.append(f"?{number}")
            continue
        if code in seen:
            faults.add(number, column, code, "code_twice", first=seen[code])
        seen.setdefault(code, number)
        codes.append(code)
    return codes


def _made_codes(layer: Layer, raw: RawTable, shapes: Any) -> list[str]:
    codes: list[str] = []
    times: dict[str, int] = {}
    for place, cells in enumerate(raw.rows):
        shape = None if shapes is None or shapes[place] is None else shapes[place].wkb_hex
        content = json.dumps([layer.name, [text_of(cell) for cell in cells], shape], ensure_ascii=False)
        code = f"x{hashlib.sha256(content.encode()).hexdigest()[:16]}"
        times[code] = times.get(code, 0) + 1
        codes.append(code if times[code] == 1 else f"{code}-{times[code]}")
    return codes


def _levels(values: dict[str, Any], codes: list[str]) -> None:
    """Take an area's level from its code where the file does not give it."""
    given = values.get("level") or [None] * len(codes)
    values["level"] = [level or level_of(code) for level, code in zip(given, codes, strict=True)]


def _refuse_persons(layer: Layer, raw: RawTable, columns: Columns, values: Mapping[str, Any], faults: Faults) -> None:
    """Note a fault wherever a department's grid names a person (PRODUCT §2.2)."""
    if layer.name != "grids":
        return
    for field in layer.fields:
        if not field.personal or field.key not in values:
            continue
        column = raw.columns[columns.fields[field.key]]
        for number, kind, value in zip(raw.numbers, values.get("kind", ()), values[field.key], strict=False):
            if kind == "department" and value is not None:
                faults.add(number, column, "***", "person_of_department")


def _one_subject(layer: Layer, raw: RawTable, values: Mapping[str, Any], faults: Faults) -> None:
    if layer.name != "adoptions":
        return
    subjects = [values[f"{name}_code"] for name in ADOPTION_SUBJECTS if f"{name}_code" in values]
    for place, number in enumerate(raw.numbers):
        if sum(subject[place] is not None for subject in subjects) != 1:
            faults.add(number, "", None, "adoption_one_subject")


def _frame(raw: RawTable, codes: list[str], values: Mapping[str, Any], shapes: Any) -> pd.DataFrame:
    table = {"code": pd.Series(codes, dtype=object), "_row": np.array(raw.numbers, dtype=np.int64)}
    table |= {key: pd.Series(column, dtype=object) for key, column in values.items()}
    if shapes is None:
        return pd.DataFrame(table)
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
