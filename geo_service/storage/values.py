"""Values between Python and the store: types of single values, geometries of arrays, on both stores."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa

from geo_service.domain.fields import Field, Layer
from geo_service.domain.values import checked_value, shown
from geo_service.foundation.errors import InvalidInput
from geo_service.storage.geopackage import SRID, Geometries, from_blobs, rtree_name, to_blobs

# GEOS type ids that a layer's geometry takes → type id of the multi-geometry singles are wrapped into
_TAKES: Final[dict[str, tuple[frozenset[int], int | None]]] = {
    "Point": (frozenset({0}), None),
    "MultiLineString": (frozenset({1, 5}), 1),
    "MultiPolygon": (frozenset({3, 6}), 3),
    "Geometry": (frozenset({0, 1, 3, 4, 5, 6, 7}), None),
}


def is_embedded(connection: sa.Connection) -> bool:
    """Whether a connection goes to an embedded store."""
    return connection.dialect.name == "sqlite"


def stored_geometries(layer: Layer, geometries: Sequence[Any] | Geometries, codes: Sequence[str]) -> Geometries:
    """Return geometries in the form the layer stores: two-dimensional, single lines and polygons as multi.

    Raises InvalidInput ``row_geometry_missing``, ``row_geometry_type``, ``row_geometry_empty``,
    ``row_geometry_range`` (degrees, longitude first) naming the first code concerned.
    """
    array = np.empty(len(geometries), dtype=object)
    array[:] = geometries
    missing = shapely.is_missing(array)
    array[missing] = None

    def refuse(bad: Any, code: str, **facts: object) -> None:
        if bad.any():
            raise InvalidInput(code, layer=layer.name, code=codes[int(np.argmax(bad))], **facts)

    if layer.geometry is None:
        refuse(~missing, "row_geometry_type", wanted="-")
        return array
    if layer.geometry_required:
        refuse(missing, "row_geometry_missing")
    takes, single = _TAKES[layer.geometry]
    kinds = shapely.get_type_id(array)
    refuse(~missing & ~np.isin(kinds, list(takes)), "row_geometry_type", wanted=layer.geometry)
    refuse(~missing & shapely.is_empty(array), "row_geometry_empty")
    bounds = shapely.bounds(array)
    with np.errstate(invalid="ignore"):
        inside = (bounds >= [-180, -90, -180, -90]).all(axis=1) & (bounds <= [180, 90, 180, 90]).all(axis=1)
    refuse(~missing & ~inside, "row_geometry_range")
    if shapely.has_z(array).any():
        array = shapely.force_2d(array)
    if single is not None:
        lone = np.flatnonzero(kinds == single)
        wrap = shapely.multilinestrings if single == 1 else shapely.multipolygons
        if len(lone):
            array[lone] = wrap(array[lone], indices=np.arange(len(lone)))
    return array


def to_column(connection: sa.Connection, geometries: Geometries) -> list[Any]:
    """Return the raw column values of geometries: GeoPackage blobs, or hex EWKB for PostGIS."""
    if is_embedded(connection):
        return list(to_blobs(geometries))
    with_srid = shapely.set_srid(geometries, SRID)
    return list(shapely.to_wkb(with_srid, hex=True, byte_order=1, output_dimension=2, include_srid=True))


def from_column(connection: sa.Connection, raw: Sequence[Any]) -> Geometries:
    """Return the geometries of raw column values (``SELECT geom`` without any function)."""
    if is_embedded(connection):
        return from_blobs(raw)
    array = np.empty(len(raw), dtype=object)
    array[:] = [None if text is None else bytes.fromhex(text) for text in raw]  # GEOS reads hexadecimals slowly
    return np.asarray(shapely.set_srid(shapely.from_wkb(array), 0), dtype=object)


def typed(field: Field, value: Any) -> Any:
    """Return a single value as the column takes it, the field's default where it is empty.

    Dates may be ``date`` objects, moments aware ``datetime``. Raises InvalidInput ``stored_value_missing`` or
    ``stored_value_refused`` (field, value).
    """
    if value is None:
        if field.default is None and field.required:
            raise InvalidInput("stored_value_missing", field=field.key)
        return field.default
    if isinstance(value, (date, datetime)):
        value = value.date().isoformat() if field.kind == "date" and isinstance(value, datetime) else value.isoformat()
    elif isinstance(value, np.generic):
        value = value.item()
    try:
        return checked_value(field, value)
    except InvalidInput as error:
        raise InvalidInput("stored_value_refused", field=field.key, value=shown(value)) from error


def box_condition(
    connection: sa.Connection, layer: Layer, box: tuple[float, float, float, float]
) -> tuple[str, list[float]]:
    """Return the SQL condition (``?`` marks) and values for rows ``t`` whose bounding boxes meet a box, by index.

    Boxes are west, south, east, north in degrees; both indexes keep 32-bit bounds rounded outwards.
    """
    west, south, east, north = map(float, box)
    if layer.geometry is None:
        return "1 = 0", []
    if is_embedded(connection):
        tree = rtree_name(layer.noun)
        return (
            f't.id IN (SELECT id FROM "{tree}" WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)',
            [west, east, south, north],
        )
    return "t.geom && ST_MakeEnvelope(?, ?, ?, ?, 4326)", [west, south, east, north]
