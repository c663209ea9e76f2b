"""Spatial queries; the only file that knows which database answers them. Same signature, same order, same result."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa

from geo_service.domain.areas import AREAS
from geo_service.domain.fields import Layer
from geo_service.domain.suppression import FEWEST_PERSONS, ROUNDED_TO
from geo_service.foundation.crs import MetricFrame
from geo_service.storage.frames import column_sql, joins_of
from geo_service.storage.geopackage import header_bounds, rtree_name
from geo_service.storage.mvt import TileRows, encode_mvt
from geo_service.storage.tile_space import (
    BUFFER,
    EXTENT,
    Tile,
    cell_range,
    cell_squares,
    cells_box,
    quantised,
    to_world,
)
from geo_service.storage.values import box_condition, from_column, is_embedded
from geo_service.storage.visible import ALL_ROWS, Condition

__all__ = [
    "Hit",
    "encode_mvt",
    "exact_box",
    "in_box",
    "inside",
    "mvt",
    "mvt_cells",
    "near",
    "one_of",
    "tile_rows",
    "within",
]

Box = tuple[float, float, float, float]
Extra = Callable[[npt.NDArray[np.int64]], Sequence[Mapping[str, Any]]]
_METRES_PER_DEGREE: Final = 110_540.0  # of latitude, at least; only to find candidates
# what a tile leaves out far from the ground, as SQL on the row
_MAIN_STREETS: Final = "'trunk', 'trunk_link', 'primary', 'primary_link', 'secondary', 'secondary_link', 'tertiary'"
_THINNED: Final = {
    "ways": (11, f"t.highway IN ({_MAIN_STREETS})"),
    "grids": (12, "t.kind <> 'unit'"),
}


@dataclass(frozen=True)
class Hit:
    """A row near a place: its id, code, geometry in degrees, distance in metres."""

    id: int
    code: str
    geometry: Any
    distance_m: float


def exact_box(connection: sa.Connection, layer: Layer, box: Box) -> sa.ColumnElement[bool]:
    """Return the condition for a SELECT from the layer's table: geometries that meet a box, exactly."""
    west, south, east, north = map(float, box)
    if layer.geometry is None:
        return sa.false()
    table = f'"{layer.noun}"'
    if is_embedded(connection):
        # bounds wholly inside the box need no look at the geometry
        condition = (
            f'{table}.id IN (SELECT r.id FROM "{rtree_name(layer.noun)}" r JOIN {table} AS b ON b.id = r.id '
            "WHERE r.maxx >= :box_w AND r.minx <= :box_e AND r.maxy >= :box_s AND r.miny <= :box_n "
            "AND ((r.minx >= :box_w AND r.maxx <= :box_e AND r.miny >= :box_s AND r.maxy <= :box_n) "
            "OR TouchesBox(b.geom, :box_w, :box_s, :box_e, :box_n)))"
        )
    else:
        condition = f"ST_Intersects({table}.geom, ST_MakeEnvelope(:box_w, :box_s, :box_e, :box_n, 4326))"
    return sa.text(condition).bindparams(  # type: ignore[return-value]
        box_w=west, box_s=south, box_e=east, box_n=north
    )


def in_box(connection: sa.Connection, layer: Layer, box: Box) -> list[int]:
    """Return the ids of rows in use whose geometry meets a box (west, south, east, north), ordered by code."""
    rows = _candidates(connection, layer, box)
    shapes = from_column(connection, [row[2] for row in rows])
    hit = shapely.intersects(shapes, shapely.box(*box)) if rows else []
    return [int(row[0]) for row, meets in zip(rows, hit, strict=True) if meets]


def near(
    connection: sa.Connection, layer: Layer, lon: float, lat: float, metres: float, *, limit: int = 10
) -> list[Hit]:
    """Return the rows in use within ``metres`` of a place in a straight line, nearest first, then by code."""
    height = metres / _METRES_PER_DEGREE
    width = height / max(0.01, np.cos(np.radians(min(89.0, abs(lat) + height))))
    rows = _candidates(connection, layer, (lon - width, lat - height, lon + width, lat + height))
    if not rows:
        return []
    frame = MetricFrame.at(lon, lat)
    shapes = from_column(connection, [row[2] for row in rows])
    x, y = frame.to_metric([lon], [lat])
    distances = shapely.distance(frame.geometries_to_metric(shapes), shapely.Point(x[0], y[0]))
    order = np.argsort(distances, kind="stable")  # candidates come by code
    return [
        Hit(int(rows[n][0]), rows[n][1], shapes[n], float(distances[n]))
        for n in order[:limit].tolist()
        if distances[n] <= metres
    ]


def within(connection: sa.Connection, layer: Layer, area_id: int) -> list[int]:
    """Return the ids of rows in use whose point on surface lies in an area, ordered by code."""
    mark = "?" if is_embedded(connection) else "%s"
    found = connection.exec_driver_sql(f'SELECT geom FROM "{AREAS.noun}" WHERE id = {mark}', (area_id,)).first()
    if found is None:
        return []
    return inside(connection, layer, from_column(connection, [found[0]])[0])


def inside(connection: sa.Connection, layer: Layer, polygon: Any, *, retired: bool = False) -> list[int]:
    """Return the ids of rows whose point on surface lies in a polygon in degrees, ordered by code.

    A row so lies in one of two polygons that share a side only, never in both unless its point is on that side.
    """
    rows = _candidates(connection, layer, polygon.bounds, retired=retired)
    if not rows:
        return []
    shapely.prepare(polygon)
    hits = shapely.intersects(polygon, shapely.point_on_surface(from_column(connection, [row[2] for row in rows])))
    return [int(row[0]) for row, hit in zip(rows, hits, strict=True) if hit]


def one_of(connection: sa.Connection, layer: Layer, ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Return the condition for a SELECT from the layer's table: rows with one of these ids, however many."""
    each = "value FROM json_each(:ids)"
    if not is_embedded(connection):
        each = "CAST(value AS bigint) FROM json_array_elements_text(CAST(:ids AS json))"
    condition = sa.text(f'"{layer.noun}".id IN (SELECT {each})')
    return condition.bindparams(ids=json.dumps(list(ids)))  # type: ignore[return-value]


def _candidates(connection: sa.Connection, layer: Layer, box: Box, *, retired: bool = False) -> list[Any]:
    """Return id, code, raw geometry of the rows in use, or of all, whose bounds meet a box, by code."""
    if layer.geometry is None:
        return []
    condition, values = box_condition(connection, layer, box)
    in_use = "" if retired else "t.retired_at IS NULL AND "
    return _query(
        connection,
        f'SELECT t.id, t.code, t.geom FROM "{layer.noun}" t WHERE {in_use}{condition} ORDER BY t.code',
        values,
    )


def _query(connection: sa.Connection, statement: str, values: Sequence[Any]) -> list[Any]:
    if not is_embedded(connection):
        statement = statement.replace("?", "%s")
    return list(connection.exec_driver_sql(statement, tuple(values)).fetchall())


def mvt(  # noqa: PLR0917  a tile is named by three numbers in a row
    connection: sa.Connection,
    layer: Layer,
    z: int,
    x: int,
    y: int,
    columns: Sequence[str],
    *,
    extra: Extra | None = None,
    seen: Condition = ALL_ROWS,
) -> bytes:
    """Return a vector tile of single features, ``b""`` where there are none.

    Parameters
    ----------
    connection, layer
        Where to read from.
    z, x, y
        Web Mercator tile, row 0 in the north.
    columns
        Columns the features carry as properties, as for :func:`frames.read_frame`; empty values are left out.
    extra
        Gives more properties for an array of ids, in their order (results of a run).
    seen
        Rows ``t`` that may be shown (:func:`visible.visible_sql`).
    """
    if layer.geometry is None:
        return b""
    if extra is None and not is_embedded(connection):
        tile_geometry = (
            f"ST_AsMVTGeom(ST_Transform(t.geom, 3857), ST_TileEnvelope({z:d}, {x:d}, {y:d}), {EXTENT}, {BUFFER}, true)"
        )
        statement, values = _feature_query(connection, layer, Tile(z, x, y), columns, tile_geometry, seen=seen)
        return bytes(
            _query(
                connection,
                f"SELECT ST_AsMVT(q, '{layer.name}', 4096, 'geom', 'id') FROM ({statement}) q WHERE geom IS NOT NULL",
                values,
            )[0][0]
        )
    rows = tile_rows(connection, layer, z, x, y, columns, seen=seen)
    if extra is not None:
        rows = _with_extra(rows, extra)
    return encode_mvt(layer.name, rows)


def tile_rows(  # noqa: PLR0917  as above
    connection: sa.Connection,
    layer: Layer,
    z: int,
    x: int,
    y: int,
    columns: Sequence[str],
    *,
    seen: Condition = ALL_ROWS,
) -> TileRows:
    """Return what a tile of single features shows, geometries in whole tile units (y to the south), by id.

    Simplified to one unit, clipped to 64 units around the tile; what is smaller than half a unit is left out.
    """
    tile = Tile(z, x, y)
    statement, values = _feature_query(connection, layer, tile, columns, "t.geom", seen=seen)
    rows = _query(connection, f"{statement} ORDER BY t.id", values)
    lists: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * (len(columns) + 2)
    shapes = from_column(connection, lists[1])
    kinds = [column_sql(layer, name)[1] for name in columns]
    properties = {
        name: [None if value is None else bool(value) for value in values] if kind == "boolean" else values
        for name, kind, values in zip(columns, kinds, lists[2:], strict=True)
    }
    return TileRows(np.array(lists[0], dtype=np.int64), quantised(tile, shapes), properties)


def _feature_query(
    connection: sa.Connection, layer: Layer, tile: Tile, columns: Sequence[str], geometry: str, *, seen: Condition
) -> tuple[str, list[Any]]:
    """Return the query for id, geometry and columns of the rows a tile may show."""
    listed = [column_sql(layer, name)[0] for name in columns]
    chosen = "".join(f', {sql} AS "{name}"' for sql, name in zip(listed, columns, strict=True))
    condition, values = box_condition(connection, layer, tile.box())
    deepest, thinned = _THINNED.get(layer.name, (-1, ""))
    also = f" AND {thinned}" if tile.z <= deepest else ""
    return (
        f'SELECT t.id AS id, {geometry} AS geom{chosen} FROM "{layer.noun}" t {joins_of(layer, listed)} '
        f"WHERE t.retired_at IS NULL AND {condition}{also} AND {seen[0]}",
        [*values, *seen[1]],
    )


def _with_extra(rows: TileRows, extra: Extra) -> TileRows:
    given = extra(rows.ids)
    keys = list(dict.fromkeys(key for properties in given for key in properties))
    more = {key: [properties.get(key) for properties in given] for key in keys}
    return replace(rows, properties={**rows.properties, **more})


def mvt_cells(
    connection: sa.Connection,
    layer: Layer,
    z: int,
    x: int,
    y: int,
    *,
    seen: Condition = ALL_ROWS,
    people: Condition = ALL_ROWS,
    exact: Condition = ALL_ROWS,
) -> bytes:
    """Return a vector tile of square cells that count rows: ``count`` and, where known, ``residents_persons``.

    A row counts in the cell its bounding box's centre lies in, so every row in exactly one. 64 cells along a
    tile's side, no finer than zoom 13's: what lies deeper shows those (households are never shown singly).
    Rows ``t`` that are ``seen`` count, residents of those that are ``people`` are added up, rounded unless ``exact``
    (visible.visible_sql); cells of rounded rows that may be fewer than five people are ``withheld``.
    """
    tile = Tile(z, x, y)
    cells = cell_range(tile)
    find = _cells_embedded if is_embedded(connection) else _cells_postgis
    summed = _people_sql(people, exact) if "residents_persons" in _columns(layer) else _NO_PEOPLE
    column, row, count, residents, least = find(connection, layer, cells, seen, summed)
    properties: dict[str, Sequence[Any]] = {"count": count.tolist()}
    if "residents_persons" in _columns(layer):
        few = [n is not None and n < FEWEST_PERSONS for n in least]
        properties["residents_persons"] = [None if f else n for n, f in zip(residents, few, strict=True)]
        if any(few):
            properties["withheld"] = [True if f else None for f in few]
    ids = row * cells[4] + column
    return encode_mvt(layer.name, TileRows(ids, cell_squares(tile, column, row), properties))


def _columns(layer: Layer) -> set[str]:
    return {field.column for field in layer.fields}


Int64s = npt.NDArray[np.int64]
Cells = tuple[Int64s, Int64s, Int64s, list[int | None], list[int | None]]
PeopleSql = tuple[str, str, list[Any], list[Any]]
_NO_PEOPLE: Final[PeopleSql] = ("NULL", "NULL", [], [])


def _people_sql(people: Condition, exact: Condition) -> PeopleSql:
    """Return SQL for what a row adds to its cell's residents and to how many they are at least, with their values.

    A row that is exact hides nothing: it counts as enough people.
    """
    rounded = f"(t.residents_persons + {ROUNDED_TO // 2}) / {ROUNDED_TO} * {ROUNDED_TO}"  # whole numbers in SQL
    fewest = (
        f"CASE WHEN {rounded} > 0 THEN {rounded} - {ROUNDED_TO // 2} WHEN t.residents_persons IS NOT NULL THEN 0 END"
    )
    told = f"CASE WHEN NOT ({people[0]}) THEN NULL WHEN {exact[0]} THEN t.residents_persons ELSE {rounded} END"
    least = f"CASE WHEN NOT ({people[0]}) THEN NULL WHEN {exact[0]} THEN {FEWEST_PERSONS} ELSE {fewest} END"
    values = [*people[1], *exact[1]]
    return told, least, values, values


def _cells_postgis(
    connection: sa.Connection,
    layer: Layer,
    cells: tuple[int, int, int, int, int],
    seen: Condition,
    people: PeopleSql,
) -> Cells:
    first_x, last_x, first_y, last_y, across = cells
    told, least, told_values, least_values = people
    rows = _query(
        connection,
        f"SELECT cx, cy, COUNT(*), SUM(({told})::bigint)::bigint, SUM(({least})::bigint)::bigint FROM (SELECT "
        "floor(((ST_XMin(g.geom) + ST_XMax(g.geom)) / 2 + 180) / 360 * ?)::bigint AS cx, "
        "floor((0.5 - ln(tan(pi() / 4 + radians((ST_YMin(g.geom) + ST_YMax(g.geom)) / 2) / 2)) / (2 * pi())) * ?)"
        f'::bigint AS cy, g.* FROM "{layer.noun}" g WHERE g.retired_at IS NULL '
        "AND g.geom && ST_MakeEnvelope(?, ?, ?, ?, 4326)) t "
        f"WHERE cx BETWEEN ? AND ? AND cy BETWEEN ? AND ? AND {seen[0]} GROUP BY cy, cx ORDER BY cy, cx",
        [
            *told_values,
            *least_values,
            *(across, across, *cells_box(cells), first_x, last_x, first_y, last_y),
            *seen[1],
        ],
    )
    lists: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    x, y, count = (np.array(values, dtype=np.int64) for values in lists[:3])
    return x, y, count, list(lists[3]), list(lists[4])


def _cells_embedded(
    connection: sa.Connection,
    layer: Layer,
    cells: tuple[int, int, int, int, int],
    seen: Condition,
    people: PeopleSql,
) -> Cells:
    first_x, last_x, first_y, last_y, across = cells
    condition, values = box_condition(connection, layer, cells_box(cells))
    told, least, told_values, least_values = people
    source = f'FROM "{layer.noun}" t WHERE t.retired_at IS NULL AND {condition} AND {seen[0]}'
    values = [*values, *seen[1]]
    rows = _query(
        connection,
        f"SELECT substr(t.geom, 1, 40), {told}, {least} {source} ORDER BY t.id",
        [*told_values, *least_values, *values],
    )
    bounds = header_bounds([row[0] for row in rows])
    if bounds is None:
        shapes = from_column(
            connection, [row[0] for row in _query(connection, f"SELECT t.geom {source} ORDER BY t.id", values)]
        )
        bounds = shapely.bounds(shapes)[:, [0, 2, 1, 3]]
    world = to_world(np.column_stack([(bounds[:, 0] + bounds[:, 1]) / 2, (bounds[:, 2] + bounds[:, 3]) / 2]))
    place = np.floor(world * across).astype(np.int64)
    inside = (place >= [first_x, first_y]).all(axis=1) & (place <= [last_x, last_y]).all(axis=1)
    keys, group, count = np.unique(
        place[inside, 1] * across + place[inside, 0], return_inverse=True, return_counts=True
    )
    sums = [_summed([row[column] for row in rows], inside, group, len(keys)) for column in (1, 2)]
    return keys % across, keys // across, count.astype(np.int64), sums[0], sums[1]


def _summed(values: Sequence[int | None], inside: Any, group: Int64s, size: int) -> list[int | None]:
    """Return the sum of each group's values, None where all are."""
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)[inside]
    counted = np.bincount(group, ~np.isnan(numbers), minlength=size)
    sums = np.bincount(group, np.nan_to_num(numbers), minlength=size)
    return [int(n) if k else None for n, k in zip(sums.tolist(), counted.tolist(), strict=True)]
