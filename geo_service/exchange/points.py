"""A user's own points for an analysis: GeoJSON in EPSG:4326, each feature with ``properties.id``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.foundation.errors import FileFault, InvalidInput
from geo_service.foundation.geometry import from_geojson

Floats = npt.NDArray[np.float64]
MAXIMUM: Final = 1_000_000
_LONGITUDE_FIRST: Final = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


@dataclass(frozen=True)
class Points:
    """Points of a file in its order: ids verbatim as text, longitude and latitude of each centroid in degrees."""

    id: list[str]
    lon: Floats
    lat: Floats


class _Whole(int):
    """A whole number that remembers how it was written."""

    written: str


class _Decimal(float):
    """A decimal number that remembers how it was written."""

    written: str


def read_points(path: Path) -> Points:
    """Return the points of a GeoJSON file; features of any geometry stand for their centroid.

    Raises FileFault ``file_missing``, ``file_empty``, ``points_not_geojson``, ``points_wrong_crs``, ``points_empty``,
    ``points_too_many``, ``points_id_missing`` or ``points_geometry`` naming the feature (counted from 1).
    """
    features = _features(path)
    ids: list[str] = []
    centres = []
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise FileFault("points_not_geojson", file=path.name, why=f"features[{number - 1}]")
        properties = feature.get("properties")
        ident = properties.get("id") if isinstance(properties, dict) else None
        if ident is None or isinstance(ident, dict | list):
            raise FileFault("points_id_missing", file=path.name, feature=number)
        ids.append(_verbatim(ident))
        try:
            centres.append(shapely.centroid(_shape(feature.get("geometry"))))
        except InvalidInput as error:
            raise FileFault("points_geometry", file=path.name, feature=number, id=ids[-1][:64], why=error) from error
    points = np.array(centres, dtype=object)
    return Points(ids, shapely.get_x(points), shapely.get_y(points))


def _features(path: Path) -> list[Any]:
    """Return the features of the file's one object."""
    if not path.is_file():
        raise FileFault("file_missing", file=str(path))
    try:
        written = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise FileFault("points_not_geojson", file=path.name, why="UTF-8") from None
    except OSError as error:
        raise FileFault("file_unreadable", file=str(path), why=error.strerror or "") from error
    if not written.strip():
        raise FileFault("file_empty", file=str(path))
    try:
        document = json.loads(written, parse_int=_whole, parse_float=_decimal)
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


def _shape(geometry: object) -> shapely.Geometry:
    if isinstance(geometry, dict) and geometry.get("type") == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list) or not parts:
            raise InvalidInput("shape_empty")
        return shapely.GeometryCollection([_shape(part) for part in parts])
    if geometry is None:
        raise InvalidInput("shape_empty")
    return from_geojson(geometry)


def _whole(written: str) -> _Whole:
    number = _Whole(written)
    number.written = written
    return number


def _decimal(written: str) -> _Decimal:
    number = _Decimal(written)
    number.written = written
    return number


def _verbatim(ident: object) -> str:
    """Return an id exactly as it stands in the file."""
    if isinstance(ident, bool):
        return "true" if ident else "false"
    return ident.written if isinstance(ident, _Whole | _Decimal) else str(ident)
