"""Results into files: CSV, JSON, GeoJSON, GeoPackage. A file is whole or not there: temporary file, then renamed."""

import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from geo_service.foundation.errors import FileFault, StoreFault

_FORMULA: Final = re.compile(r"'*\s*[=+\-@\t\r\n|%＝＋－＠]")
_NO_SPACE: Final = 28  # errno ENOSPC
_TOO_LARGE: Final = 27  # errno EFBIG
_DECIMALS: Final = 9  # of a degree in GeoJSON: 0.1 mm


def safe_cell(value: object) -> object:
    """Return ``value`` for a CSV cell: a text a spreadsheet would take for a formula gets a leading ``'``.

    So does one that already has it, so that :func:`unquoted_cell` gives every text back. Numbers stay numbers.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unquoted_cell(text: str) -> str:
    """Return the text :func:`safe_cell` was given, so that an exported table can be imported again."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Any] | Sequence[Any]],
    *,
    for_machines: bool = False,
) -> None:
    """Write rows (mappings by column, or sequences in order) as UTF-8 CSV with BOM, so that Excel reads it.

    Empty is an empty cell, booleans are ``true``/``false``, lists and objects JSON; texts are made safe
    (:func:`safe_cell`). ``for_machines``: no BOM, and texts stand as they are, so that a program finds again the ids
    it gave; not for texts of other people.
    Raises FileFault ``folder_missing``, ``file_unwritable`` and StoreFault ``disk_full``.
    """

    def fill(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8" if for_machines else "utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([safe_cell(column) for column in columns])
            for row in rows:
                cells = [_cell(cell) for cell in (map(row.get, columns) if isinstance(row, Mapping) else row)]
                writer.writerow(cells if for_machines else [safe_cell(cell) for cell in cells])

    _whole(path, fill)


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as UTF-8 JSON (not-a-number becomes null); raises like :func:`write_csv`."""
    _whole(path, lambda temporary: _dump(temporary, value))


def write_text(path: Path, content: str) -> None:
    """Write a page of text as UTF-8; raises like :func:`write_csv`."""

    def fill(temporary: Path) -> None:
        temporary.write_text(content, encoding="utf-8")

    _whole(path, fill)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file as it is; raises like :func:`write_csv`."""

    def fill(temporary: Path) -> None:
        temporary.write_bytes(content)

    _whole(path, fill)


def write_geojson(
    path: Path, features: gpd.GeoDataFrame | Iterable[Mapping[str, Any]], *, extra: Mapping[str, Any] | None = None
) -> None:
    """Write a frame in EPSG:4326, or GeoJSON features as they are, as an RFC 7946 FeatureCollection.

    ``extra`` members (attribution, parameters) stand beside ``features``. Raises like :func:`write_csv`.
    """
    listed = features_of(features) if isinstance(features, gpd.GeoDataFrame) else list(features)
    _whole(path, lambda temporary: _dump(temporary, {"type": "FeatureCollection", **(extra or {}), "features": listed}))


def write_gpkg(path: Path, frames: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]) -> None:
    """Write frames in EPSG:4326 as the tables of one new GeoPackage; frames without geometry as plain tables.

    An existing file is replaced. Raises like :func:`write_csv`; ``path`` must never be a live store
    (PRODUCT: GDAL must not touch one inside the process), which the caller checks.
    """

    def fill(temporary: Path) -> None:
        made = temporary.parent / "made.gpkg"
        for name, frame in frames.items():
            flat = frame.copy()
            for column in flat.columns:
                if column != "geometry" and flat[column].map(lambda v: isinstance(v, list | dict)).any():
                    flat[column] = [json.dumps(v, ensure_ascii=False) if v is not None else None for v in flat[column]]
            if not isinstance(flat, gpd.GeoDataFrame):
                flat = gpd.GeoDataFrame(flat)
            from pyogrio import write_dataframe

            write_dataframe(flat, made, layer=name, driver="GPKG", append=made.exists())
        made.replace(temporary)

    _whole(path, fill)


def features_of(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame in EPSG:4326 as GeoJSON features."""
    names = [column for column in frame.columns if column != frame.geometry.name]
    values = {name: [_json_value(value) for value in frame[name].tolist()] for name in names}
    return [
        {
            "type": "Feature",
            "geometry": None if shape is None else _rounded(shapely.geometry.mapping(shape)),
            "properties": {name: values[name][place] for name in names},
        }
        for place, shape in enumerate(frame.geometry.array)
    ]


def check_target(path: Path) -> None:
    """Raise FileFault ``folder_missing`` or ``file_is_folder`` before long work whose result could not be written."""
    if path.is_dir():
        raise FileFault("file_is_folder", file=str(path))
    if not path.absolute().parent.is_dir():
        raise FileFault("folder_missing", file=str(path), folder=str(path.absolute().parent))


def check_folder(folder: Path) -> None:
    """Raise FileFault ``folder_is_file`` or ``folder_missing`` unless a folder is there or can be made there."""
    if folder.exists() and not folder.is_dir():
        raise FileFault("folder_is_file", folder=str(folder))
    if not folder.absolute().parent.is_dir():
        raise FileFault("folder_missing", file=str(folder), folder=str(folder.absolute().parent))


def _whole(path: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a temporary file beside ``path`` and rename it; on any failure nothing is left."""
    check_target(path)
    folder = Path()
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", dir=path.absolute().parent))
        temporary = folder / "part"
        fill(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.errno in (_NO_SPACE, _TOO_LARGE):
            raise StoreFault("disk_full", file=str(path)) from error
        raise FileFault("file_unwritable", file=str(path), detail=error.strerror or str(error)) from error
    finally:
        if folder != Path():
            shutil.rmtree(folder, ignore_errors=True)


def _dump(path: Path, value: Any) -> None:
    buffer = io.StringIO()
    json.dump(_json_value(value), buffer, ensure_ascii=False, allow_nan=False, default=str)
    path.write_text(buffer.getvalue() + "\n", encoding="utf-8")


def _cell(value: Any) -> Any:
    value = _json_value(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else value


def _json_value(value: Any) -> Any:
    """Return ``value`` in JSON's own types: arrays as lists, not-a-number and missing as None."""
    if isinstance(value, Mapping):
        return {str(key): _json_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(entry) for entry in value]
    if hasattr(value, "tolist"):
        return _json_value(value.tolist())
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(entry) for entry in value]
    return round(value, _DECIMALS) if isinstance(value, float) else value
