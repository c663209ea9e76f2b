"""Checks of one geometry in stored longitude, latitude: shape, range, validity. Pure; raises InvalidInput."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.foundation.geometry_limits import MOST_PARTS, MOST_VERTICES, vertices_of

# GeoJSON type → how deep its positions lie, fewest positions of a part, whether parts are rings
_FORMS: Final[dict[str, tuple[int, int, bool]]] = {
    "Point": (0, 1, False),
    "MultiPoint": (1, 1, False),
    "LineString": (1, 2, False),
    "MultiLineString": (2, 2, False),
    "Polygon": (2, 4, True),
    "MultiPolygon": (3, 4, True),
}
_PROMOTED: Final = {"LineString": "MultiLineString", "Polygon": "MultiPolygon"}
_DECIMALS: Final = 9  # of a degree: 0.1 mm; finer digits are noise
Raw = TypeVar("Raw", str, bytes)


def from_geojson(value: object, *, most_vertices: int = MOST_VERTICES) -> BaseGeometry:
    """Return the shapely geometry of a GeoJSON geometry object in EPSG:4326 (a third ordinate is dropped).

    Raises like :func:`as_drawn`, and InvalidInput ``shape_invalid`` (self-crossing and the like).
    """
    return valid(as_drawn(value, most_vertices=most_vertices))


def as_drawn(value: object, *, most_vertices: int = MOST_VERTICES) -> BaseGeometry:
    """Return the shapely geometry of a GeoJSON geometry object, valid or not.

    Raises InvalidInput ``shape_not_geojson``, ``shape_type_unknown``, ``shape_empty``, ``shape_not_finite``,
    ``shape_out_of_range``, ``shape_too_short``, ``shape_open``; TooMuch ``shape_too_many_vertices``,
    ``shape_too_many_parts``.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
        raise InvalidInput("shape_not_geojson")
    kind = value["type"]
    if kind not in _FORMS:
        raise InvalidInput("shape_type_unknown", given=kind[:40], known=", ".join(_FORMS))
    coordinates = value.get("coordinates")
    if _hollow(coordinates):
        raise InvalidInput("shape_empty")
    depth, fewest, is_ring = _FORMS[kind]
    if vertices_of(coordinates, depth) > most_vertices:
        raise TooMuch("shape_too_many_vertices", maximum=most_vertices)
    most_parts = max(MOST_PARTS, most_vertices // 10)
    if kind.startswith("Multi") and isinstance(coordinates, list) and len(coordinates) > most_parts:
        raise TooMuch("shape_too_many_parts", maximum=most_parts)
    drawn: BaseGeometry = shape({"type": kind, "coordinates": _positions(coordinates, depth, fewest, is_ring)})
    return drawn


def as_read(read: Callable[[Raw], BaseGeometry], raw: Raw) -> BaseGeometry:
    """Return the geometry of WKT or WKB as ``read`` of shapely gives it, without heights and measures.

    Raises InvalidInput ``geometry_curved`` (arcs, which nothing here calculates with); what GEOS raises otherwise.
    """
    try:
        found: BaseGeometry | None = shapely.force_2d(read(raw))
    except NotImplementedError:
        found = None
    if found is None:  # arcs in a collection are read, but are nothing after that
        raise InvalidInput("geometry_curved")
    return found


def valid(geometry: BaseGeometry) -> BaseGeometry:
    """Return ``geometry`` if it can be stored; raises InvalidInput like :func:`from_geojson`."""
    if geometry.is_empty:
        raise InvalidInput("shape_empty")
    flat = shapely.force_2d(geometry)
    xy = shapely.get_coordinates(flat)
    for lon, lat in ((float(xy[:, 0].min()), float(xy[:, 1].min())), (float(xy[:, 0].max()), float(xy[:, 1].max()))):
        _check_place(lon, lat)
    if not shapely.is_valid(flat):
        raise InvalidInput("shape_invalid", why=str(shapely.is_valid_reason(flat)))
    return flat


def promoted(geometry: BaseGeometry, kind: str) -> BaseGeometry:
    """Return ``geometry`` as the stored ``kind``: single lines and polygons become multi of one part.

    ``kind`` is a domain ``GeometryKind``; raises InvalidInput ``shape_wrong_type``.
    """
    if kind in ("Geometry", geometry.geom_type):
        return geometry
    if _PROMOTED.get(geometry.geom_type) == kind:
        return shapely.multilinestrings([geometry]) if kind == "MultiLineString" else shapely.multipolygons([geometry])
    raise InvalidInput("shape_wrong_type", given=geometry.geom_type, wanted=kind.removeprefix("Multi"))


def _positions(value: Any, depth: int, fewest: int, is_ring: bool) -> Any:
    """Return ``value`` as nested lists of [lon, lat], every number checked."""
    if depth == 0:
        return _position(value)
    if not isinstance(value, list) or not value:
        raise InvalidInput("shape_not_geojson")
    if depth > 1:
        return [_positions(part, depth - 1, fewest, is_ring) for part in value]
    line = [_position(entry) for entry in value]
    if is_ring and line[0] != line[-1]:
        raise InvalidInput("shape_open", first=line[0], last=line[-1])
    if len(line) < fewest:
        raise InvalidInput("shape_too_short", given=len(line), wanted=fewest)
    return line


def _position(value: Any) -> list[float]:
    if not isinstance(value, list) or not 2 <= len(value) <= 4:
        raise InvalidInput("shape_not_geojson")
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
        raise InvalidInput("shape_not_geojson")
    try:
        lon, lat, *higher = map(float, value)
    except OverflowError:  # an integer of more than 308 digits
        raise InvalidInput("shape_not_finite") from None
    if not all(map(math.isfinite, higher)):
        raise InvalidInput("shape_not_finite")
    _check_place(lon, lat)
    return [round(lon, _DECIMALS), round(lat, _DECIMALS)]


def _check_place(lon: float, lat: float) -> None:
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise InvalidInput("shape_not_finite")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        code = "shape_swapped" if -90 <= lon <= 90 and -180 <= lat <= 180 else "shape_out_of_range"
        raise InvalidInput(code, lon=lon, lat=lat)


def _hollow(value: object, depth: int = 4) -> bool:
    """Whether ``value`` is nested lists with nothing in them."""
    return isinstance(value, list) and depth >= 0 and all(_hollow(part, depth - 1) for part in value)
