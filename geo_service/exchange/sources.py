"""A foreign file as a table of raw cells and, where it has them, shapes; its kind decides the reader."""

from pathlib import Path
from typing import Final

from geo_service.exchange.raw_tables import RawTable
from geo_service.foundation.errors import FileFault

_TEXT: Final = frozenset({".csv", ".tsv", ".txt"})
_WORKBOOK: Final = frozenset({".xlsx", ".xls", ".xlsb", ".ods", ".xlsm"})
_JSON: Final = frozenset({".geojson", ".json"})
_LARGEST_READ_BYTES: Final = 1024**3  # of kinds that are read into memory as a whole
KNOWN: Final = ".gpkg, .geojson, .json, .zip, .shp, .csv, .tsv, .txt, .xlsx, .xls, .ods"


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
