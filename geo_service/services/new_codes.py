"""The code a new thing is given where nobody writes one: by where it lies and what it is (``domain/new_codes.py``)."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import shapely

from geo_service.domain.areas import AREAS, LEVELS
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.new_codes import next_code, stem_of
from geo_service.domain.values import checked_code
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.storage import new_codes, rows
from geo_service.storage.frames import read_frame

if TYPE_CHECKING:
    from sqlalchemy import Connection


def made_code(
    conn: "Connection", layer: Layer, values: Mapping[str, Any], *, holds: bool, besides: Collection[str] = ()
) -> str | None:
    """Return the next code for a row of a layer with these values (``geom`` a shape), None where there is no pattern.

    ``holds``: in a writing transaction, which then is the only one to make up codes of the layer until it ends.
    ``besides``: codes given in it already.
    """
    stem = stem_of(layer.name, _place(conn, layer, values), values)
    if stem is None:
        return None
    if holds:
        new_codes.hold(conn, layer)
    code = next_code(stem, [*new_codes.beginning_with(conn, layer, stem.text), *besides])
    try:
        return code and checked_code(layer, code)
    except InvalidInput:
        return None  # that of a thing with a very long code of its own


def _place(conn: "Connection", layer: Layer, values: Mapping[str, Any]) -> str | None:
    """Return the code of the smallest area above a quarter a row is to lie in, else that of what it belongs to."""
    shape = values.get("geom")
    if shape is not None and not shape.is_empty:
        point = shapely.point_on_surface(shape)
        areas = read_frame(conn, AREAS, ["code", "level"], bbox=point.bounds)
        areas = areas[shapely.intersects(areas.geometry.to_numpy(), point)]
        found = [(-LEVELS.index(level), code) for level, code in zip(areas["level"], areas["code"], strict=True)]
        above = [one for one in found if one[0] != -LEVELS.index("quarter")]
        return _above_quarter(min(above or found)[1]) if found else None
    for field in layer.fields:
        code = values.get(field.key) if field.refers_to else None
        if code and field.refers_to == AREAS.name:
            return _above_quarter(str(code))
        if code:
            try:
                return _above_quarter(rows.get(conn, LAYERS[str(field.refers_to)], str(code))["area_code"])
            except NotFound:
                return None
    return None


def _above_quarter(code: str | None) -> str | None:
    return code.partition("Q")[0] or None if code else None
