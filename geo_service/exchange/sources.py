"""A foreign file as a table of raw cells and, where it has them, shapes; its kind decides the reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from geo_service.foundation.errors import FileFault

_TEXT: Final = frozenset({".csv", ".tsv", ".txt"})
_WORKBOOK: Final = frozenset({".xlsx", ".xls", ".xlsb", ".ods", ".xlsm"})
_JSON: Final = frozenset({".geojson", ".json"})
_LARGEST_READ_BYTES: Final = 1024**3  # of kinds that are read into memory as a whole
KNOWN: Final = ".gpkg, .geojson, .json, .zip, .shp, .csv, .tsv, .txt, .xlsx, .xls, .ods"


@dataclass
class RawTable:
    """What a file holds, nothing judged yet.

    Attributes
    ----------
    columns
        Names of the columns as written.
    rows
        Cells in the order of the columns; what the file kind gives (texts, numbers, dates, None).
    numbers
        Number of each row as a person counts it: line of a sheet (1 is the header), feature of a geo file (from 1).
    shapes
        One shapely geometry or None per row; None altogether where the file kind has no geometry.
    shape_faults
        Row position → code and facts of what is wrong with its geometry.
    row_faults
        Row position → code and facts of what is wrong with a row as a whole.
    crs
        The CRS the file itself names: ``EPSG:n``, or a text in the file's own words; None if it names none.
    crs_by_format
        The CRS follows from the file format (GeoJSON), the file does not name it.
    notes
        Keys and facts of what the reader had to assume.
    """

    columns: list[str]
    rows: list[list[Any]]
    numbers: list[int]
    shapes: list[Any] | None = None
    shape_faults: dict[int, tuple[str, Mapping[str, object]]] = field(default_factory=dict)
    row_faults: dict[int, tuple[str, Mapping[str, object]]] = field(default_factory=dict)
    crs: str | None = None
    crs_by_format: bool = False
    notes: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)


def read_source(path: Path, *, preferred: str = "", table: str | None = None) -> RawTable:
    """Return the raw table of a file, by its kind.

    Parameters
    ----------
    path
        The file.
    preferred
        Name of the table or sheet to take where the file has several.
    table
        Table or sheet the user named; must be there.

    Raises
    ------
    FileFault
        ``file_missing``, ``file_is_folder``, ``file_unreadable``, ``file_empty``, ``file_kind_unknown``,
        ``file_too_large``,
        ``file_content`` (the content is not what the name says) and what the readers raise.
    """
    check_file(path)
    kind = path.suffix.lower()
    if kind in _TEXT | _WORKBOOK | _JSON:
        check_size(path)
    if kind in _TEXT:
        from geo_service.exchange.sheets import read_text

        _expect(
            path, not _looks(path, b"PK\x03\x04", b"SQLite format 3\x00", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF")
        )
        return read_text(path)
    if kind in _WORKBOOK:
        from geo_service.exchange.sheets import read_workbook

        _expect(path, _looks(path, b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
        return read_workbook(path, preferred, table)
    if kind in _JSON:
        from geo_service.exchange.geojson import read_geojson

        return read_geojson(path)
    from geo_service.exchange.vector import read_geopackage, read_shapefile

    if kind == ".gpkg":
        _expect(path, _looks(path, b"SQLite format 3\x00"))
        return read_geopackage(path, preferred, table)
    if kind == ".zip":
        _expect(path, _looks(path, b"PK\x03\x04", b"PK\x05\x06"))
        return read_shapefile(path)
    if kind == ".shp":
        _expect(path, _looks(path, b"\x00\x00\x27\x0a"))
        return read_shapefile(path)
    raise FileFault("file_kind_unknown", file=str(path), known=KNOWN)


def check_file(path: Path) -> None:
    """Raise FileFault unless ``path`` is a readable file with something in it."""
    if not path.exists():
        raise FileFault("file_missing", file=str(path))
    if not path.is_file():
        raise FileFault("file_is_folder", file=str(path))
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise FileFault("file_empty", file=str(path))
    except OSError as error:
        raise FileFault("file_unreadable", file=str(path)) from error


def check_size(path: Path) -> None:
    """Raise FileFault ``file_too_large`` for a file that is not to be read into memory."""
    if path.stat().st_size > _LARGEST_READ_BYTES:
        raise FileFault("file_too_large", file=str(path), megabytes=_LARGEST_READ_BYTES // 1024**2)


def _looks(path: Path, *beginnings: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(16).startswith(beginnings)


def _expect(path: Path, fits: bool) -> None:
    if not fits:
        raise FileFault("file_content", file=str(path), claimed=path.suffix)
