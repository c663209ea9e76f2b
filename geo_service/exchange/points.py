"""A user's own points for an analysis: GeoJSON in EPSG:4326, each feature with ``properties.id``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.exchange.sources import check_size
from geo_service.foundation.errors import FileFault, InvalidInput
from geo_service.foundation.geometry import from_geojson
from geo_service.foundation.geometry_limits import MOST_FILE_GEOMETRY_VERTICES, check_nesting

Floats = npt.NDArray[np.float64]
MAXIMUM: Final = 1_000_000
_LONGITUDE_FIRST: Final = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


@dataclass(frozen=True)
class Points:
    """Points of a file in its order: ids verbatim as text, longitude and latitude of each centroid in degrees."""

    id: list[str]
    lon: Floats
    lat: Floats


class _Decimal(float):
    """A decimal number that remembers how it was written."""

    written: str


def read_points(path: Path) -> Points:
    """Return the points of a GeoJSON file; features of any geometry stand for their centroid.

    Raises FileFault ``file_missing``, ``file_empty``, ``file_too_large``,
    ``points_not_geojson``, ``points_wrong_crs``, ``points_empty``,
    ``points_too_many``, ``points_id_missing`` or ``points_geometry`` naming the feature (counted from 1).
    """
    features = _features(path)
    ids: list[str] = []
    places: list[tuple[float, float]] = []
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise FileFault("points_not_geojson", file=path.name, why=f"features[{number - 1}]")
        properties = feature.get("properties")
        ident = properties.get("id") if isinstance(properties, dict) else None
        if ident is None or isinstance(ident, dict | list):
            raise FileFault("points_id_missing", file=path.name, feature=number)
        ids.append(_verbatim(ident))
        try:
            places.append(_place(feature.get("geometry")))
        except InvalidInput as error:
            raise FileFault("points_geometry", file=path.name, feature=number, id=ids[-1][:64], why=error) from error
    lonlat = np.array(places, np.float64)
    return Points(ids, lonlat[:, 0], lonlat[:, 1])


def _features(path: Path) -> list[Any]:
    """Return the features of the file's one object."""
    if not path.is_file():
        raise FileFault("file_missing", file=str(path))
    check_size(path)
    try:
        written = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileFault("points_not_geojson", file=path.name, why="UTF-8") from None
    except OSError as error:
        raise FileFault("file_unreadable", file=str(path), why=error.strerror or "") from error
    if not written.strip():
        raise FileFault("file_empty", file=str(path))
    try:
        document = _parsed(written)
    except (ValueError, RecursionError) as error:
        raise FileFault("points_not_geojson", file=path.name, why=str(error)[:200]) from None
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise FileFault("points_not_geojson", file=path.name, why="FeatureCollection")
    crs = document.get("crs")
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else ""
    if name and not name.endswith(_LONGITUDE_FIRST):
        raise FileFault("points_wrong_crs", file=path.name, crs=name[:80])
    if not features:
        raise FileFault("points_empty", file=path.name)
    if len(features) > MAXIMUM:
        raise FileFault("points_too_many", file=path.name, count=len(features), maximum=MAXIMUM)
    return features


def _parsed(written: str) -> Any:
    """Return the document; where an id is a decimal number, its numbers remember how they were written."""
    document = json.loads(written)
    features = document.get("features") if isinstance(document, dict) else None
    for feature in features if isinstance(features, list) else [document]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if isinstance(properties, dict) and isinstance(properties.get("id"), float):
            return json.loads(written, parse_float=_decimal)
    return document


def _place(geometry: Any) -> tuple[float, float]:
    """Return longitude and latitude of a geometry's centroid; a plain point is itself."""
    try:
        if geometry["type"] == "Point":
            lon, lat = geometry["coordinates"]
            if -180 <= lon <= 180 and -90 <= lat <= 90:
                return float(lon), float(lat)
    except (TypeError, KeyError, ValueError):
        pass  # the full check says what is wrong
    check_nesting(geometry)
    centre = shapely.centroid(_shape(geometry))
    return float(centre.x), float(centre.y)


def _shape(geometry: object) -> shapely.Geometry:
    if isinstance(geometry, dict) and geometry.get("type") == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list) or not parts:
            raise InvalidInput("shape_empty")
        return shapely.GeometryCollection([_shape(part) for part in parts])
    if geometry is None:
        raise InvalidInput("shape_empty")
    return from_geojson(geometry, most_vertices=MOST_FILE_GEOMETRY_VERTICES)


def _decimal(written: str) -> _Decimal:
    number = _Decimal(written)
    number.written = written
    return number


def _verbatim(ident: object) -> str:
    """Return an id exactly as it stands in the file."""
    if isinstance(ident, bool):
        return "true" if ident else "false"
    return ident.written if isinstance(ident, _Decimal) else str(ident)
