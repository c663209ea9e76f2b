"""Geometries of foreign rows: found, brought to stored longitude, latitude, and checked one by one."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.domain.fields import Layer
from geo_service.exchange.cells import number_of, text_of
from geo_service.exchange.columns import LAT, LON, WKT, Columns
from geo_service.exchange.datums import Crs, crs_of, to_lonlat
from geo_service.exchange.faults import Faults
from geo_service.exchange.raw_tables import RawTable
from geo_service.exchange.vector import shape_fault
from geo_service.foundation.crs import STORED_EPSG
from geo_service.foundation.errors import FileFault, GeoServiceError, InvalidInput
from geo_service.foundation.geometry import as_read
from geo_service.foundation.geometry_limits import MOST_FILE_GEOMETRY_VERTICES, MOST_FILE_VERTICES, check_wkt

Shapes = npt.NDArray[np.object_]
_SRID: Final = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
_SINGLE: Final = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
_WRAP: Final = {"MultiLineString": shapely.multilinestrings, "MultiPolygon": shapely.multipolygons}
_KINDS: Final = frozenset({"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"})


def shapes_of(
    path: Path, layer: Layer, raw: RawTable, columns: Columns, *, declared: str | None, faults: Faults
) -> Shapes | None:
    """Return a checked geometry or None per row; None altogether if the file has no geometry.

    Faults noted: ``geometry_missing``, ``geometry_unreadable``, ``geometry_open``, ``geometry_too_short``,
    ``geometry_not_finite``, ``geometry_empty``, ``geometry_swapped``, ``geometry_out_of_range``,
    ``geometry_invalid``, ``geometry_wrong_type``, ``geometry_srid``, ``geometry_too_deep``,
    ``geometry_too_many_vertices``, ``lonlat_half``, ``field_wrong_kind``.
    Raises FileFault and InvalidInput of :func:`datums.crs_of`; FileFault ``lonlat_column_missing``,
    ``vertices_too_many``, ``layer_without_geometry``.
    """
    if raw.shapes is not None:
        column, found = "geometry", list(raw.shapes)
        for place, (code, facts) in raw.shape_faults.items():
            faults.add(raw.numbers[place], column, None, code, **facts)
        bad = set(raw.shape_faults)
        crs = crs_of(path, raw.crs, declared)
    elif columns.places:
        crs = crs_of(path, None, declared, assumed=STORED_EPSG)
        if declared is None:
            raw.notes.append(("note.crs_assumed", {"crs": crs.name}))
        if WKT in columns.places:
            column = raw.columns[columns.places[WKT]]
            found, bad = _from_wkt(raw, columns.places[WKT], crs.epsg, faults)
        else:
            column = _lonlat_name(path, raw, columns)
            found, bad = _from_lonlat(raw, columns, faults)
    else:
        if declared is not None:
            crs_of(path, None, declared)
        return None
    if layer.geometry is None:
        if any(shape is not None for shape in found):
            raw.notes.append(("note.geometry_ignored", {"layer": layer.name}))
        return None
    counts = shapely.get_num_coordinates(np.array([*found, None], dtype=object)[:-1])
    if counts.sum() > MOST_FILE_VERTICES:
        raise FileFault("vertices_too_many", file=str(path), count=int(counts.sum()), maximum=MOST_FILE_VERTICES)
    for row in np.flatnonzero(counts > MOST_FILE_GEOMETRY_VERTICES).tolist():
        bad.add(row)
        most = MOST_FILE_GEOMETRY_VERTICES
        faults.add(raw.numbers[row], column, None, "geometry_too_many_vertices", maximum=most)
    return _checked(layer, raw, column, found, bad=bad, crs=crs, faults=faults)


def _lonlat_name(path: Path, raw: RawTable, columns: Columns) -> str:
    for one, other in ((LON, LAT), (LAT, LON)):
        if one not in columns.places:
            there = raw.columns[columns.places[other]]
            raise FileFault("lonlat_column_missing", file=str(path), there=there, missing=one)
    return raw.columns[columns.places[LON]]


def _from_wkt(raw: RawTable, place: int, epsg: int, faults: Faults) -> tuple[list[Any], set[int]]:
    found: list[Any] = []
    bad: set[int] = set()
    for row, cells in enumerate(raw.rows):
        written = text_of(cells[place])
        shape = None
        if written is not None:
            srid = _SRID.match(written)
            if srid and int(srid[1]) != epsg:
                bad.add(row)
                faults.add(raw.numbers[row], raw.columns[place], written, "geometry_srid", srid=srid[1], crs=epsg)
            try:
                check_wkt(written)
                with np.errstate(invalid="ignore", over="ignore"):
                    shape = as_read(shapely.from_wkt, written[srid.end() :] if srid else written)
            except (shapely.GEOSException, ValueError, TypeError, GeoServiceError) as error:
                code, facts = shape_fault(error)
                bad.add(row)
                faults.add(raw.numbers[row], raw.columns[place], written, code, **facts)
        found.append(shape)
    return found, bad


def _from_lonlat(raw: RawTable, columns: Columns, faults: Faults) -> tuple[list[Any], set[int]]:
    lonlat = np.full((len(raw.rows), 2), np.nan)
    there = np.zeros(len(raw.rows), dtype=bool)
    bad: set[int] = set()
    at = (columns.places[LON], columns.places[LAT])
    for row, cells in enumerate(raw.rows):
        written = [text_of(cells[place]) for place in at]
        if written == [None, None]:
            continue
        for axis, place in enumerate(at):
            if written[axis] is None:
                bad.add(row)
                faults.add(raw.numbers[row], raw.columns[place], None, "lonlat_half")
                continue
            try:
                lonlat[row, axis] = number_of(cells[place])
            except InvalidInput as error:
                bad.add(row)
                code = "geometry_not_finite" if error.code == "field_not_finite" else error.code
                faults.add(raw.numbers[row], raw.columns[place], cells[place], code, **error.facts)
        there[row] = row not in bad
    found = np.full(len(raw.rows), None, dtype=object)
    found[there] = shapely.points(lonlat[there])
    return list(found), bad


def _checked(
    layer: Layer, raw: RawTable, column: str, found: list[Any], *, bad: set[int], crs: Crs, faults: Faults
) -> Shapes:
    given: npt.NDArray[Any] = np.empty(len(found), dtype=object)
    given[:] = found
    open_rows = np.ones(len(found), dtype=bool)
    open_rows[list(bad)] = False

    def refuse(mask: npt.NDArray[np.bool_], code: str, facts: Callable[[Any], dict[str, object]] | None = None) -> None:
        for row in np.flatnonzero(mask & open_rows):
            value = None if given[row] is None else given[row].wkt
            faults.add(raw.numbers[row], column, value, code, **(facts(row) if facts else {}))
        open_rows[mask] = False

    missing = shapely.is_missing(given)
    refuse(missing & layer.geometry_required, "geometry_missing")
    open_rows &= ~missing
    refuse(shapely.is_empty(given), "geometry_empty")
    finite = np.ones(len(found), dtype=bool)
    coordinates, of_row = shapely.get_coordinates(given, return_index=True)
    finite[of_row[~np.isfinite(coordinates).all(axis=1)]] = False
    refuse(~finite, "geometry_not_finite")
    lonlat: Shapes = to_lonlat([shape if good else None for shape, good in zip(given, open_rows, strict=True)], crs)
    bounds = shapely.bounds(lonlat)
    with np.errstate(invalid="ignore"):
        low, high = bounds[:, :2], bounds[:, 2:]
        inside = (low >= [-180, -90]).all(axis=1) & (high <= [180, 90]).all(axis=1)
        turned = (low >= [-90, -180]).all(axis=1) & (high <= [90, 180]).all(axis=1)
    refuse(~inside & turned, "geometry_swapped", lambda row: _first(given[row]))
    refuse(~inside, "geometry_out_of_range", lambda row: _first(given[row]) | {"crs": crs.name})
    refuse(~shapely.is_valid(lonlat), "geometry_invalid", lambda row: {"why": shapely.is_valid_reason(lonlat[row])})
    wanted = str(layer.geometry)
    for row in np.flatnonzero(open_rows):
        lonlat[row] = _fitted(lonlat[row], wanted)
    wrong = np.array([shape is None for shape in lonlat]) & open_rows
    kind = wanted.removeprefix("Multi")
    refuse(wrong, "geometry_wrong_type", lambda row: {"given": str(given[row].geom_type), "wanted": kind})
    lonlat[~open_rows] = None
    return lonlat


def _first(shape: Any) -> dict[str, object]:
    x, y = shapely.get_coordinates(shape)[0]
    return {"lon": f"{x:.10g}", "lat": f"{y:.10g}"}


def _fitted(shape: Any, wanted: str) -> Any:
    """Return a shape as the layer stores it, None if it is of a wrong type."""
    kind = shape.geom_type
    if kind == "MultiPoint" and len(shape.geoms) == 1:
        shape, kind = shape.geoms[0], "Point"
    if wanted == "Geometry":
        return shape if kind in _KINDS else None
    if kind == wanted:
        return shape
    return _WRAP[wanted]([shape]) if wanted in _WRAP and _SINGLE[wanted] == kind else None
