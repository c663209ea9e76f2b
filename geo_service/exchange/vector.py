"""GeoPackage and Shapefile as raw tables, through GDAL (pyogrio). Never used on a live store."""

import shutil
import tempfile
import warnings
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from geo_service.exchange.raw_tables import RawTable
from geo_service.exchange.zips import check_members
from geo_service.foundation.crs import epsg_of_wkt
from geo_service.foundation.errors import FileFault, GeoServiceError, InvalidInput
from geo_service.foundation.geometry import as_read

_PARTS: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
_CHUNK_BYTES: Final = 1024 * 1024


def read_geopackage(path: Path, preferred: str = "", table: str | None = None) -> RawTable:
    """Return one table of a GeoPackage: the named one, else the preferred, else the only one.

    Raises FileFault ``geofile_broken``, ``table_unknown``, ``table_which`` (several and none named), ``no_rows``.
    """
    names = [str(name) for name in _listed(path, path)]
    if not names:
        raise FileFault("no_rows", file=str(path))
    if table is not None and table not in names:
        raise FileFault("table_unknown", file=str(path), table=table, known=", ".join(names))
    chosen = table or (preferred if preferred in names else names[0])
    if table is None and chosen != preferred and len(names) > 1:
        raise FileFault("table_which", file=str(path), known=", ".join(names))
    return _read(path, path, layer=chosen)


def read_shapefile(path: Path) -> RawTable:
    """Return the Shapefile at ``path`` (``.shp`` with its companions, or zipped; names in UTF-8 or GBK).

    Column names and texts are read in the encoding of the ``.cpg`` file, else as UTF-8, else as GBK.
    Raises FileFault ``zip_broken``, ``zip_no_shapefile``, ``zip_several_shapefiles``,
    ``shapefile_part_missing``, ``geofile_broken``, ``no_rows``
    and those of :func:`zips.check_members`, before anything is unpacked.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        if path.suffix.lower() == ".zip":
            _unpack(path, target)
        else:
            for part in _PARTS:
                companion = next((f for f in path.parent.glob(f"{path.stem}.*") if f.suffix.lower() == part), None)
                if companion is not None:
                    (target / f"data{part}").write_bytes(companion.read_bytes())
        if not (target / "data.dbf").exists():
            raise FileFault("shapefile_part_missing", file=str(path), part=".dbf")
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        shape_file = target / "data.shp"
        if (target / "data.cpg").exists():
            return _read(path, shape_file)
        for encoding in ("UTF-8", "GB18030"):
            try:
                return _read(path, shape_file, encoding=encoding)
            except UnicodeDecodeError:
                continue
        raise FileFault("text_encoding", file=str(path))


def _unpack(path: Path, target: Path) -> None:
    """Copy the parts of the one Shapefile in a zip under plain names."""
    try:
        with zipfile.ZipFile(path) as packed:
            check_members(path, packed.infolist())
            members = [m for m in packed.infolist() if not m.is_dir() and "__MACOSX" not in m.filename]
            shapes = [m for m in members if m.filename.lower().endswith(".shp")]
            if not shapes:
                raise FileFault("zip_no_shapefile", file=str(path))
            if len(shapes) > 1:
                raise FileFault("zip_several_shapefiles", file=str(path), known=", ".join(map(_name, shapes)))
            stem = shapes[0].filename[: -len(".shp")].lower()
            for member in members:
                end = PurePosixPath(member.filename.lower()).suffix
                if end in _PARTS and member.filename.lower() == stem + end:
                    with packed.open(member) as source, (target / f"data{end}").open("wb") as part:
                        shutil.copyfileobj(source, part, _CHUNK_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise FileFault("zip_broken", file=str(path)) from error


def _name(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _listed(shown: Path, path: Path) -> list[Any]:
    try:
        with warnings.catch_warnings(action="ignore"):
            return [row[0] for row in pyogrio.list_layers(path)]
    except DataSourceError as error:
        raise FileFault("geofile_broken", file=str(shown), detail=_first_line(error)) from error


def _read(shown: Path, path: Path, layer: str | None = None, encoding: str | None = None) -> RawTable:
    """Return the raw table of one layer; ``shown`` is the file the person named."""
    try:
        with warnings.catch_warnings(action="ignore"):  # what matters GDAL raises
            meta, _, wkb, values = pyogrio.raw.read(path, layer=layer, encoding=encoding, datetime_as_string=True)
    except UnicodeDecodeError:
        raise
    except (DataSourceError, ValueError, RuntimeError) as error:
        raise FileFault("geofile_broken", file=str(shown), detail=_first_line(error)) from error
    count = len(wkb) if wkb is not None else len(values[0]) if values else 0
    if not count:
        raise FileFault("no_rows", file=str(shown))
    columns = [str(name) for name in meta["fields"]]
    lists = [_plain(column) for column in values]
    made = RawTable(columns, [list(row) for row in zip(*lists, strict=True)] or [[] for _ in range(count)], [])
    made.numbers = list(range(1, count + 1))
    if wkb is not None and meta["geometry_type"] is not None:
        _take_shapes(made, wkb)
        crs = meta["crs"]
        epsg = epsg_of_wkt(crs) if crs else None
        made.crs = f"EPSG:{epsg}" if epsg is not None else (crs or None)
    return made


def _take_shapes(made: RawTable, wkb: Any) -> None:
    shapes: list[Any] = []
    for place, raw in enumerate(wkb):
        try:
            shapes.append(None if raw is None else as_read(shapely.from_wkb, raw))
        except (shapely.GEOSException, InvalidInput) as error:
            shapes.append(None)
            made.shape_faults[place] = shape_fault(error)
    made.shapes = shapes


def shape_fault(error: Exception) -> tuple[str, dict[str, object]]:
    """Return code and facts of why a geometry cannot be read: one of ours, or what GEOS says."""
    if isinstance(error, GeoServiceError):
        return error.code, dict(error.facts)
    said = str(error)
    if "closed" in said:
        return "geometry_open", {"first": "…", "last": "…"}
    if "Invalid number of points" in said or ">1 elements" in said:
        return "geometry_too_short", {"given": "…", "wanted": 4}
    return "geometry_unreadable", {"detail": said.splitlines()[0][:120]}


def _plain(column: Any) -> list[Any]:
    """Return a column as Python values, not-a-number as None."""
    if column.dtype.kind == "f":
        return [None if np.isnan(value) else value for value in column.tolist()]
    return list(column.tolist())


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__
