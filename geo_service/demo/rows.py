"""From the town's plane to rows of the layers, and the canonical checksum of such rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_service.demo.plan import CENTRE_LAT_DEG, CENTRE_LON_DEG, LICENCE, SOURCE, Floats, Objects
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.ways import WayArrays
from geo_service.foundation.crs import MetricFrame

# columns the store derives itself from others; no part of the content
_DERIVED = {("buildings", "is_cut_by_boundary"), ("households", "geometry"), ("adoptions", "geometry")}
_MULTI = {
    "MultiPolygon": ("Polygon", shapely.multipolygons),
    "MultiLineString": ("LineString", shapely.multilinestrings),
}


class Placing:
    """Puts the town's plane (metres around ``middle``) on the globe, coordinates rounded to 1e-7 degrees (1 cm)."""

    def __init__(self, middle: tuple[float, float]) -> None:
        self._frame = MetricFrame.at(CENTRE_LON_DEG, CENTRE_LAT_DEG)
        x, y = self._frame.to_metric(CENTRE_LON_DEG, CENTRE_LAT_DEG)
        self._shift = np.array([float(x) - middle[0], float(y) - middle[1]])

    def points(self, xy: Floats) -> Floats:
        """Return longitude and latitude in degrees, shape (n, 2)."""
        lon, lat = self._frame.to_lonlat(xy[:, 0] + self._shift[0], xy[:, 1] + self._shift[1])
        return np.asarray(np.round(np.column_stack([lon, lat]), 7))

    def geometries(self, shapes: Sequence[Any] | Objects) -> Objects:
        """Return lon/lat geometries; polygons broken by rounding are mended."""
        moved = np.asarray(shapely.transform(np.asarray(shapes, dtype=object), self.points), dtype=object)
        broken = ~shapely.is_valid(moved) & np.array([shape is not None for shape in moved])
        for n in np.flatnonzero(broken):
            parts = [p for p in shapely.get_parts(shapely.make_valid(moved[n])) if p.area > 0]
            moved[n] = max(parts, key=lambda part: part.area)
        return moved


def frame_of(
    layer_name: str, codes: Sequence[str], shapes: Objects | None, columns: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Return rows of a layer with every column it has: defaults and ``None`` where nothing is given.

    ``shapes`` are lon/lat geometries or None; single polygons and lines become multi-geometries where the
    layer stores those.
    """
    layer = LAYERS[layer_name]
    unknown = set(columns) - {f.key for f in layer.fields}
    if unknown:
        raise ValueError(f"{layer_name} has no {sorted(unknown)}")
    data: dict[str, Any] = {"code": pd.Series(codes, dtype=object)}
    for own in layer.fields:
        values = columns.get(own.key)
        values = [own.default] * len(codes) if values is None else list(values)
        plain = own.kind in ("integer", "real", "boolean") and None not in values
        data[own.key] = pd.Series(values, dtype=None if plain else object)
    data |= {"source": SOURCE, "licence": LICENCE}
    frame = pd.DataFrame(data)
    geometry = np.full(len(codes), None, dtype=object) if shapes is None else _as_stored(layer, shapes)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, crs=4326))


def _as_stored(layer: Layer, shapes: Objects) -> Objects:
    if layer.geometry not in _MULTI:
        return np.asarray(shapes, dtype=object)
    single, make = _MULTI[layer.geometry]
    return np.array([make([s]) if s is not None and s.geom_type == single else s for s in shapes], dtype=object)


def checksum(rows: Mapping[str, pd.DataFrame]) -> str:
    """Return the SHA-256 over the content of all rows, the same for the same content wherever it is kept.

    Layers by name, rows by code, columns by name: numbers to 6 decimals (booleans as 0 and 1), coordinates
    to 7, texts as they are, empty values alike. Ids, uids, times and versions are no content.
    """
    digest = hashlib.sha256()
    for name in sorted(rows):
        digest.update(f"{name}:{layer_checksum(name, rows[name])};".encode())
    return digest.hexdigest()


def layer_checksum(name: str, frame: pd.DataFrame) -> str:
    """Return the SHA-256 over one layer's rows as in :func:`checksum`."""
    layer = LAYERS[name]
    ordered = frame.sort_values("code", kind="stable")
    keys = sorted(f.key for f in layer.fields if (name, f.key) not in _DERIVED)
    columns = [_texts(ordered[key]) for key in ("code", *keys, "source", "licence")]
    if layer.geometry is not None and (name, "geometry") not in _DERIVED:
        shapes = np.asarray(ordered["geometry"], dtype=object)
        rounded = shapely.transform(shapes, lambda xy: np.round(xy, 7) + 0.0)
        columns.append([wkb or "" for wkb in shapely.to_wkb(rounded, hex=True, byte_order=1)])
    digest = hashlib.sha256()
    for row in zip(*columns, strict=True):
        digest.update("\x1f".join(row).encode() + b"\n")
    return digest.hexdigest()


def ways_checksum(ways: WayArrays) -> str:
    """Return the SHA-256 over ways by code: names, kinds, marks, node ids, coordinates to 7 decimals."""
    digest = hashlib.sha256()
    starts = np.searchsorted(ways.part_way, np.arange(len(ways.codes) + 1))
    for n in sorted(range(len(ways.codes)), key=lambda k: ways.codes[k]):
        head = [ways.codes[n], ways.names[n], ways.highways[n], bool(ways.snap_target[n]), bool(ways.step_free[n])]
        digest.update(json.dumps(head, ensure_ascii=False).encode())
        for part in range(starts[n], starts[n + 1]):
            low, high = ways.part_start[part], ways.part_start[part + 1]
            digest.update(ways.node_ids[low:high].astype("<i8").tobytes())
            xy = np.column_stack([ways.lon[low:high], ways.lat[low:high]])
            digest.update(np.round(xy * 1e7).astype("<i8").tobytes())
    return digest.hexdigest()


def _texts(values: "pd.Series[Any]") -> list[str]:
    return [_text(value) for value in values.tolist()]


def _text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, bytes):
        return value.hex()
    number = float(value)  # type: ignore[arg-type]
    return "" if np.isnan(number) else f"{number:.6f}"
