"""A user's own candidate sites: points with code, cost and usable area, from a table or geo file."""

import math
from pathlib import Path
from typing import Any, Final

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


def read_site_points(path: Path) -> list[dict[str, Any]]:
    """Return the points of a file as the siting question takes them.

    Columns ``code`` (``id``), ``name``, ``cost_yuan``, ``usable_area_m2`` are read where they are there, in tables
    ``lon`` and ``lat`` (degrees, WGS 84) besides; shapes stand for their centroid. Raises FileFault of
    :func:`~geo_service.exchange.sources.read_source`, ``points_wrong_crs``, ``sites_no_lonlat``, ``sites_value`` and
    ``sites_shape`` naming the row.
    """
    raw = read_source(path)
    if raw.crs not in _DEGREES:
        raise FileFault("points_wrong_crs", file=path.name, crs=str(raw.crs)[:80])
    at = _places(raw)
    if raw.shapes is None and not {"lon", "lat"} <= at.keys():
        raise FileFault("sites_no_lonlat", file=path.name)
    points = []
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
        site.pop("lon", None)
        site.pop("lat", None)
        points.append(site | {"lon": shape.centroid.x, "lat": shape.centroid.y})
    return points


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
