"""GeoJSON as a raw table, read by hand so that every fault is named with its feature."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import shapely
from shapely.geometry import shape

from geo_service.exchange.raw_tables import RawTable
from geo_service.foundation.errors import FileFault, TooMuch
from geo_service.foundation.geometry_limits import check_nesting

_TYPES: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
_BROKEN: Final = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
_EPSG_URN: Final = re.compile(r"EPSG:(?:[\d.]*:)?(\d+)$", re.IGNORECASE)
_CRS84: Final = re.compile(r"(OGC|CRS)[:/].*84$", re.IGNORECASE)


def read_geojson(path: Path) -> RawTable:
    """Return a GeoJSON feature collection, feature or bare geometry as a raw table.

    Coordinates are EPSG:4326 by definition (RFC 7946); an older file's ``crs`` member is respected. A feature's
    own ``id`` becomes the column ``id`` where no property has that name.
    Raises FileFault ``json_broken``, ``geojson_expected``, ``no_rows``.
    """
    try:
        document = json.loads(path.read_bytes())
    except UnicodeDecodeError as error:
        raise FileFault("text_encoding", file=str(path)) from error
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise FileFault("json_broken", file=str(path), row=line) from error
    features = _features(document)
    if features is None:
        raise FileFault("geojson_expected", file=str(path))
    if not features:
        raise FileFault("no_rows", file=str(path))
    crs = _named_crs(document)
    made = RawTable([], [], list(range(1, len(features) + 1)), [], crs=crs or "EPSG:4326", crs_by_format=crs is None)
    properties = [_properties(feature) for feature in features]
    made.columns = list(dict.fromkeys(key for values in properties for key in values))
    made.rows = [[values.get(column) for column in made.columns] for values in properties]
    shapes: list[Any] = []
    for place, feature in enumerate(features):
        geometry, fault = _shape(feature)
        shapes.append(geometry)
        if fault is not None:
            made.shape_faults[place] = fault
    made.shapes = shapes
    return made


def _features(document: object) -> list[Any] | None:
    if not isinstance(document, Mapping):
        return None
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        return features if isinstance(features, list) else None
    if kind == "Feature":
        return [document]
    return [{"type": "Feature", "geometry": document, "properties": {}}] if kind in _TYPES else None


def _named_crs(document: Mapping[str, Any]) -> str | None:
    crs = document.get("crs")
    if not isinstance(crs, Mapping):
        return None
    properties = crs.get("properties")
    name = str(properties.get("name", "")) if isinstance(properties, Mapping) else ""
    if _CRS84.search(name):
        return "EPSG:4326"
    found = _EPSG_URN.search(name)
    return f"EPSG:{found[1]}" if found else (name or str(crs)[:80])


def _properties(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, Mapping):
        return {}
    given = feature.get("properties")
    values = {str(key): value for key, value in given.items()} if isinstance(given, Mapping) else {}
    if "id" in feature and "id" not in values:
        values = {"id": feature["id"], **values}
    return values


def _shape(feature: Any) -> tuple[Any, tuple[str, dict[str, object]] | None]:
    """Return the geometry of a feature, or what is wrong with it."""
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        return None, ("geometry_not_geojson", {})
    given = feature.get("geometry")
    if given is None:
        return None, None
    if not isinstance(given, Mapping) or given.get("type") not in _TYPES:
        return None, ("geometry_not_geojson", {})
    try:
        check_nesting(given)
    except TooMuch as error:
        return None, (error.code, error.facts)
    if given["type"] in ("Polygon", "MultiPolygon"):
        fault = _ring_fault(given.get("coordinates"), 1 if given["type"] == "Polygon" else 2)
        if fault is not None:
            return None, fault
    try:
        return shapely.force_2d(shape(given)), None
    except (*_BROKEN, shapely.GEOSException) as error:
        if "at least 2" in str(error):
            return None, ("geometry_too_short", {"given": 1, "wanted": 2})
        return None, ("geometry_not_geojson", {})


def _ring_fault(value: Any, depth: int) -> tuple[str, dict[str, object]] | None:
    """Return what is wrong with the first bad ring of nested coordinates."""
    if not isinstance(value, list):
        return "geometry_not_geojson", {}
    for part in value:
        if depth > 1:
            fault = _ring_fault(part, depth - 1)
            if fault is not None:
                return fault
            continue
        if not isinstance(part, list) or not part:
            return "geometry_not_geojson", {}
        if part[0] != part[-1]:
            return "geometry_open", {"first": _shown(part[0]), "last": _shown(part[-1])}
        if len(part) < 4:
            return "geometry_too_short", {"given": len(part), "wanted": 4}
    return None


def _shown(position: Any) -> str:
    return json.dumps(position)[:60]
