"""Rows as GeoJSON (RFC 7946): longitude first, EPSG:4326."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import shapely

_NOT_PROPERTIES = frozenset({"id", "geom"})


def feature_text(row: Mapping[str, Any]) -> str:
    """Return a row as the text of a GeoJSON feature; its ``id`` is the uid."""
    geometry = row.get("geom")
    shape = "null" if geometry is None else shapely.to_geojson(geometry)
    properties = {key: value for key, value in row.items() if key not in _NOT_PROPERTIES}
    written = json.dumps(properties, ensure_ascii=False, allow_nan=False)
    return f'{{"type":"Feature","id":{json.dumps(row["uid"])},"geometry":{shape},"properties":{written}}}'


def geometry_value(geometry: Any) -> dict[str, Any] | None:
    """Return a shape as a GeoJSON geometry object."""
    return None if geometry is None else json.loads(shapely.to_geojson(geometry))


def collection_text(rows: Iterable[Mapping[str, Any]], **members: object) -> str:
    """Return rows as the text of a FeatureCollection with further ``members``."""
    features = ",".join(map(feature_text, rows))
    more = "".join(f",{json.dumps(k)}:{json.dumps(v, ensure_ascii=False)}" for k, v in members.items())
    return f'{{"type":"FeatureCollection","features":[{features}]{more}}}'
