"""Spatial queries; the only file that knows which database answers them. Same signature, same order, same result."""

import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.storage.geopackage import rtree_name
from geo_service.storage.values import is_embedded

Box = tuple[float, float, float, float]


def box_condition(connection: sa.Connection, layer: Layer, box: Box, *, alias: str = "t") -> tuple[str, list[float]]:
    """Return the SQL condition (``?`` marks) and values: bounding boxes that meet a box, by the spatial index.

    Boxes are west, south, east, north in degrees; both indexes keep 32-bit bounds rounded outwards.
    """
    west, south, east, north = map(float, box)
    if layer.geometry is None:
        return "1 = 0", []
    if is_embedded(connection):
        tree = rtree_name(layer.noun)
        condition = f'{alias}.id IN (SELECT id FROM "{tree}" WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)'
        return condition, [west, east, south, north]
    return f"{alias}.geom && ST_MakeEnvelope(?, ?, ?, ?, 4326)", [west, south, east, north]


def exact_box(connection: sa.Connection, layer: Layer, box: Box) -> sa.ColumnElement[bool]:
    """Return the condition for a SELECT from the layer's table: geometries that meet a box, exactly."""
    west, south, east, north = map(float, box)
    if layer.geometry is None:
        return sa.false()
    values = {"box_w": west, "box_s": south, "box_e": east, "box_n": north}
    table = f'"{layer.noun}"'
    if not is_embedded(connection):
        envelope = "ST_MakeEnvelope(:box_w, :box_s, :box_e, :box_n, 4326)"
        return sa.text(f"ST_Intersects({table}.geom, {envelope})").bindparams(**values)  # type: ignore[return-value]
    # bounds wholly inside the box need no look at the geometry
    return sa.text(  # type: ignore[return-value]
        f'{table}.id IN (SELECT r.id FROM "{rtree_name(layer.noun)}" r JOIN {table} AS b ON b.id = r.id '
        "WHERE r.maxx >= :box_w AND r.minx <= :box_e AND r.maxy >= :box_s AND r.miny <= :box_n "
        "AND ((r.minx >= :box_w AND r.maxx <= :box_e AND r.miny >= :box_s AND r.maxy <= :box_n) "
        "OR TouchesBox(b.geom, :box_w, :box_s, :box_e, :box_n)))"
    ).bindparams(**values)
