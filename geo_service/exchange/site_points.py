"""A user's own candidate sites from a table or geo file: points with code, cost and usable area, lines of crossings."""

import math
from pathlib import Path
from typing import Any, Final

import shapely

from geo_service.exchange.cells import number_of, text_of
from geo_service.exchange.raw_tables import RawTable
from geo_service.exchange.sources import read_source
from geo_service.foundation.errors import FileFault, InvalidInput

_COLUMNS: Final = {
    "code": ("code", "id", "编号", "代码"),
    "name": ("name", "名称"),
    "cost_yuan": ("cost_yuan", "cost", "造价", "费用", "造价（元）", "费用（元）"),
    "area_m2": ("usable_area_m2", "area_m2", "可用面积", "面积"),
    "lon": ("lon", "lng", "longitude", "x", "经度"),
    "lat": ("lat", "latitude", "y", "纬度"),
}
_NUMBERS: Final = ("cost_yuan", "area_m2", "lon", "lat")
_DEGREES: Final = (None, "EPSG:4326", "EPSG:4490", "OGC:CRS84")


def read_sites(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the points and the lines of a file as the siting question takes them.

    Columns ``code`` (``id``), ``name``, ``cost_yuan``, ``usable_area_m2`` are read where they are there, in tables
    ``lon`` and ``lat`` (degrees, WGS 84) besides; a line is a crossing from its one end to the other, other shapes
    stand for their centroid. Raises FileFault of :func:`~geo_service.exchange.sources.read_source`,
    ``points_wrong_crs``, ``sites_no_lonlat``, ``sites_value``, and ``sites_shape``, ``sites_line`` (of several parts)
    naming the row.
    """
    raw = read_source(path)
    if raw.crs not in _DEGREES:
        raise FileFault("points_wrong_crs", file=path.name, crs=str(raw.crs)[:80])
    at = _places(raw)
    if raw.shapes is None and not {"lon", "lat"} <= at.keys():
        raise FileFault("sites_no_lonlat", file=path.name)
    points: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for place, row in enumerate(raw.rows):
        if place in raw.row_faults or place in raw.shape_faults:
            raise FileFault("sites_shape", file=path.name, row=raw.numbers[place])
        site = {key: _value(path, raw, place, key, row[column]) for key, column in at.items()}
        site = {key: value for key, value in site.items() if value is not None}
        if raw.shapes is None:
            points.append(site)
            continue
        shape = raw.shapes[place]
        if shape is None or shape.is_empty:
            raise FileFault("sites_shape", file=path.name, row=raw.numbers[place])
        site = {key: value for key, value in site.items() if key not in ("lon", "lat")}
        if shape.geom_type in ("LineString", "MultiLineString"):
            lines.append(site | {"line": _line(path, raw, place)})
        else:
            points.append(site | {"lon": shape.centroid.x, "lat": shape.centroid.y})
    return points, lines


def _line(path: Path, raw: RawTable, place: int) -> list[list[float]]:
    """Return the vertices of a line, degrees."""
    assert raw.shapes is not None
    parts = shapely.get_parts(shapely.line_merge(raw.shapes[place]))
    if len(parts) != 1:
        raise FileFault("sites_line", file=path.name, row=raw.numbers[place])
    return [[x, y] for x, y in shapely.get_coordinates(parts[0]).tolist()]


def _places(raw: RawTable) -> dict[str, int]:
    """Return where each of our columns stands, the first of its names that is there."""
    names = {name.strip().lower(): place for place, name in reversed(list(enumerate(raw.columns)))}
    found = {}
    for key, known in _COLUMNS.items():
        place = next((names[name] for name in known if name in names), None)
        if place is not None:
            found[key] = place
    return found


def _value(path: Path, raw: RawTable, place: int, key: str, cell: Any) -> Any:
    written = text_of(cell)
    if written is None:
        if key in ("lon", "lat") and raw.shapes is None:
            raise FileFault("sites_value", file=path.name, row=raw.numbers[place], column=key, value="")
        return None
    if key not in _NUMBERS:
        return written
    try:
        number = number_of(cell)
    except InvalidInput:
        number = math.nan
    if not math.isfinite(number):
        raise FileFault("sites_value", file=path.name, row=raw.numbers[place], column=key, value=written[:40])
    return number
