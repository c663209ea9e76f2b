"""Where rows lie: smallest area and governance grid of every row, cut buildings, people of buildings from households.

The same Python does it for both stores, so both give the same answer. A row's place is its point on surface; on a
shared edge the smaller area wins, then the lower code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
import sqlalchemy as sa

from geo_service.domain.areas import AREAS, GRIDS, LEVELS
from geo_service.domain.bands import BAND_FIELDS
from geo_service.domain.buildings import BUILDINGS, HOUSEHOLDS
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import ABOUT_AREAS
from geo_service.storage.values import from_column, is_embedded
from geo_service.storage.versions import raise_version

Ids = npt.NDArray[np.int64]  # 0 stands for none
_PEOPLE: Final = ("residents_persons", "registered_persons", *BAND_FIELDS)


@dataclass(frozen=True)
class Places:
    """Areas and grids as they are now, smallest first, with an index each."""

    area_ids: Ids
    area_ranks: npt.NDArray[np.int64]  # index of the level in LEVELS
    area_shapes: npt.NDArray[np.object_]
    grid_ids: Ids
    grid_shapes: npt.NDArray[np.object_]
    grid_kind: str

    @property
    def is_empty(self) -> bool:
        """Whether there is neither area nor grid to lie in."""
        return not len(self.area_ids) and not len(self.grid_ids)

    def areas_of(self, points: npt.NDArray[np.object_]) -> Ids:
        """Return the smallest area of each point."""
        return _first_hit(self.area_shapes, self.area_ids, points)

    def grids_of(self, points: npt.NDArray[np.object_]) -> Ids:
        """Return the governance grid (unit grid where there are none) of each point."""
        return _first_hit(self.grid_shapes, self.grid_ids, points)

    def cut(self, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        """Return which polygons cross the boundary of a community."""
        communities = self.area_shapes[self.area_ranks == LEVELS.index("community")]
        found = np.zeros(len(shapes), dtype=bool)
        polygons = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
        if len(communities) and len(polygons):
            tree = shapely.STRtree(shapely.boundary(communities))
            hit, border = tree.query(shapes[polygons], predicate="intersects")
            # touching from inside is not crossing: part of it must lie beyond
            inside = shapely.covers(communities[border], shapes[polygons][hit])
            outside = shapely.touches(communities[border], shapes[polygons][hit])
            found[polygons[np.unique(hit[~inside & ~outside])]] = True
        return found


def load_places(connection: sa.Connection) -> Places:
    """Return the areas and grids of a store."""
    rows = connection.exec_driver_sql('SELECT id, code, level, geom FROM "area" WHERE retired_at IS NULL').fetchall()
    shapes = from_column(connection, [row[3] for row in rows])
    ranks = np.array([LEVELS.index(row[2]) for row in rows], dtype=np.int64)
    order = _smallest_first(shapes, ranks, [row[1] for row in rows])
    area_ids = np.array([row[0] for row in rows], dtype=np.int64)
    grids = connection.exec_driver_sql('SELECT id, code, kind, geom FROM "grid" WHERE retired_at IS NULL').fetchall()
    kind = "governance" if any(row[2] == "governance" for row in grids) else "unit"
    grids = [row for row in grids if row[2] == kind]
    grid_shapes = from_column(connection, [row[3] for row in grids])
    grid_order = _smallest_first(grid_shapes, np.zeros(len(grids), np.int64), [row[1] for row in grids])
    grid_ids = np.array([row[0] for row in grids], dtype=np.int64)
    shapely.prepare(shapes)
    shapely.prepare(grid_shapes)
    return Places(area_ids[order], ranks[order], shapes[order], grid_ids[grid_order], grid_shapes[grid_order], kind)


def _smallest_first(shapes: npt.NDArray[np.object_], ranks: npt.NDArray[np.int64], codes: list[str]) -> Any:
    """Return the order: finest level, then smallest (degrees serve to compare neighbours), then code."""
    return np.lexsort((np.array(codes, dtype=str), shapely.area(shapes), -ranks)) if len(shapes) else np.zeros(0, int)


def _first_hit(shapes: npt.NDArray[np.object_], ids: Ids, points: npt.NDArray[np.object_]) -> Ids:
    found = np.full(len(points), len(shapes), dtype=np.int64)
    if len(shapes) and len(points):
        point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
        np.minimum.at(found, point, shape)
    return np.append(ids, 0)[found]


def place_rows(
    connection: sa.Connection, layer: Layer, geometries: npt.NDArray[np.object_], values: Mapping[str, list[Any]]
) -> dict[str, list[Any]]:
    """Return ``area_id``, ``grid_id`` (and ``is_cut_by_boundary`` of buildings) of rows about to be written.

    ``values`` may hold buildings' ``registered_area_id`` and ``registered_grid_id``, which go first. Areas and grids
    among themselves, and rows without geometry, are placed by :func:`refresh_places`.
    """
    if layer.name in (AREAS.name, GRIDS.name) or layer.geometry is None or not len(geometries):
        return {}
    places = load_places(connection)
    is_building = layer.name == BUILDINGS.name
    if places.is_empty and not (is_building and values):
        return {}
    points = shapely.point_on_surface(geometries)
    made = {"area_id": places.areas_of(points).tolist(), "grid_id": places.grids_of(points).tolist()}
    if is_building:
        for name in ("area_id", "grid_id"):
            registered = values.get(f"registered_{name}", [None] * len(geometries))
            made[name] = [first or second for first, second in zip(registered, made[name], strict=True)]
    placed: dict[str, list[Any]] = {name: [row_id or None for row_id in ids] for name, ids in made.items()}
    if is_building:
        placed["is_cut_by_boundary"] = places.cut(geometries).tolist()
    return placed


def refresh_places(connection: sa.Connection) -> None:
    """Recompute area, grid and cut flag of every row, and buildings' people from their households.

    Only rows that change are written; their layer's version rises by one, row versions stay (nobody edited
    them). Households take the place of their building (a register goes before the map), statements and
    findings that of their area, adoptions without geometry that of their subject.
    """
    places = load_places(connection)
    drawn = [layer for layer in LAYERS.values() if layer.geometry and layer.name != HOUSEHOLDS.name]
    changed = {layer.name for layer in drawn if _place_layer(connection, layer, places)}
    changed |= _inherit(connection)
    if _sum_people(connection):
        changed.add(BUILDINGS.name)
    for name in LAYERS:
        if name in changed:
            raise_version(connection, LAYERS[name])


def _place_layer(connection: sa.Connection, layer: Layer, places: Places) -> bool:
    """Place the rows of one layer; True if any changed."""
    is_building = layer.name == BUILDINGS.name
    extra = ", registered_area_id, registered_grid_id, is_cut_by_boundary" if is_building else ""
    rows = connection.exec_driver_sql(
        f'SELECT id, area_id, grid_id, geom{extra} FROM "{layer.noun}" WHERE geom IS NOT NULL ORDER BY id'
    ).fetchall()
    if not rows:
        return False
    columns = list(zip(*rows, strict=True))
    ids = np.array(columns[0], dtype=np.int64)
    shapes = from_column(connection, columns[3])
    points = shapes if places.is_empty else shapely.point_on_surface(shapes)
    areas, grids = places.areas_of(points), places.grids_of(points)
    if layer.name == AREAS.name:
        areas, grids = _parents(places, ids, points), np.zeros(len(ids), dtype=np.int64)
    if layer.name == GRIDS.name and places.grid_kind == "governance":
        grids = np.where(np.isin(ids, places.grid_ids), 0, grids)
    elif layer.name == GRIDS.name:
        grids = np.zeros(len(ids), dtype=np.int64)
    new: dict[str, Any] = {"area_id": areas, "grid_id": grids}
    old = {"area_id": _or_zero(columns[1]), "grid_id": _or_zero(columns[2])}
    if is_building:
        by_register = [_or_zero(columns[4]), _or_zero(columns[5])]
        new["area_id"] = np.where(by_register[0] > 0, by_register[0], areas)
        new["grid_id"] = np.where(by_register[1] > 0, by_register[1], grids)
        new["is_cut_by_boundary"] = places.cut(shapes).astype(np.int64)
        old["is_cut_by_boundary"] = np.array([-1 if flag is None else int(flag) for flag in columns[6]])
    return _write_changes(connection, layer, ids, old, new)


def _parents(places: Places, ids: Ids, points: npt.NDArray[np.object_]) -> Ids:
    """Return for each area the smallest area of a coarser level that contains it."""
    rank_of = dict(zip(places.area_ids.tolist(), places.area_ranks.tolist(), strict=True))
    found = np.zeros(len(ids), dtype=np.int64)
    for rank in range(1, len(LEVELS)):
        mine = np.flatnonzero([rank_of.get(row_id) == rank for row_id in ids.tolist()])
        coarser = places.area_ranks < rank
        found[mine] = _first_hit(places.area_shapes[coarser], places.area_ids[coarser], points[mine])
    return found


def _or_zero(values: Any) -> Ids:
    return np.array([value or 0 for value in values], dtype=np.int64)


def _write_changes(
    connection: sa.Connection, layer: Layer, ids: Ids, old: Mapping[str, Any], new: Mapping[str, Any]
) -> bool:
    """Write the rows whose values differ; True if there are any."""
    differs = np.zeros(len(ids), dtype=bool)
    for name in new:
        differs |= old[name] != new[name]
    rows = np.flatnonzero(differs)
    values: dict[str, list[Any]] = {"id": ids[rows].tolist()}
    for name, array in new.items():
        listed = array[rows].tolist()
        values[name] = [bool(n) for n in listed] if name.startswith("is_") else [n or None for n in listed]
    set_columns(connection, layer, values)
    return bool(len(rows))


def set_columns(connection: sa.Connection, layer: Layer, values: Mapping[str, list[Any]]) -> None:
    """Set derived columns of rows by ``id`` without a new row version."""
    from geo_service.storage.loading import copy_in

    names = [name for name in values if name != "id"]
    if not values["id"]:
        return
    if is_embedded(connection):
        sets = ", ".join(f'"{name}" = ?' for name in names)
        rows = list(zip(*(values[name] for name in names), values["id"], strict=True))
        connection.exec_driver_sql(f'UPDATE "{layer.noun}" SET {sets} WHERE id = ?', rows)
        return
    listed = ", ".join(f't."{name}"' for name in ["id", *names])
    connection.exec_driver_sql(
        f'CREATE TEMP TABLE place_update ON COMMIT DROP AS SELECT {listed} FROM "{layer.noun}" t WITH NO DATA'
    )
    copy_in(connection, "place_update", values)
    sets = ", ".join(f'"{name}" = s."{name}"' for name in names)
    connection.exec_driver_sql(f'UPDATE "{layer.noun}" t SET {sets} FROM place_update s WHERE s.id = t.id')
    connection.exec_driver_sql("DROP TABLE pg_temp.place_update")


# layer that need have no geometry of its own → column that says what it belongs to, and that layer's table
BELONGS: Final = (
    ("households", "building_id", "building"),
    ("adoptions", "green_space_id", "green_space"),
    ("adoptions", "public_space_id", "public_space"),
    ("adoptions", "facility_id", "facility"),
)


def _inherit(connection: sa.Connection) -> set[str]:
    """Give rows without geometry, and all households, the place of what they belong to; returns what changed."""
    changed: set[str] = set()
    for name, column, owner in BELONGS:
        table = LAYERS[name].noun
        bare = "" if name == HOUSEHOLDS.name else f'AND "{table}".geom IS NULL '
        differs = "IS NOT" if is_embedded(connection) else "IS DISTINCT FROM"
        done = connection.exec_driver_sql(
            f'UPDATE "{table}" SET area_id = o.area_id, grid_id = o.grid_id FROM "{owner}" o '
            f'WHERE o.id = "{table}".{column} {bare}'
            f'AND ("{table}".area_id {differs} o.area_id OR "{table}".grid_id {differs} o.grid_id)'
        )
        if done.rowcount:
            changed.add(name)
    differs = "IS NOT" if is_embedded(connection) else "IS DISTINCT FROM"
    for name, field in ABOUT_AREAS.items():
        done = connection.exec_driver_sql(
            f'UPDATE "{LAYERS[name].noun}" SET area_id = {field}_id WHERE area_id {differs} {field}_id'
        )
        if done.rowcount:
            changed.add(name)
    return changed


def _sum_people(connection: sa.Connection, building_ids: list[int] | None = None) -> bool:
    """Sum households into their buildings where there are any; True if a building changed."""
    mark = "?" if is_embedded(connection) else "%s"
    only = f" AND building_id IN ({', '.join([mark] * len(building_ids))})" if building_ids else ""
    sums = ", ".join(f"SUM({name})" for name in _PEOPLE)
    found = connection.exec_driver_sql(
        f'SELECT building_id, COUNT(*), {sums} FROM "{HOUSEHOLDS.noun}" WHERE retired_at IS NULL{only} '
        "GROUP BY building_id ORDER BY building_id",
        tuple(building_ids or ()),
    ).fetchall()
    names = ("households_count", *_PEOPLE, "people_basis")
    listed = ", ".join(f'"{name}"' for name in names)
    stored = {row[0]: tuple(row[1:]) for row in connection.exec_driver_sql(f'SELECT id, {listed} FROM "building"')}
    sums_of = {row[0]: (*[None if n is None else int(n) for n in row[1:]], "households") for row in found}
    # a building whose last household left is empty, not unknown
    for row_id in building_ids or stored:
        if row_id not in sums_of and stored[row_id][-1] == "households":
            sums_of[row_id] = (*[0] * (len(names) - 1), "households")
    new = [(row_id, values) for row_id, values in sums_of.items() if stored[row_id] != values]
    columns: dict[str, list[Any]] = {"id": [row_id for row_id, _ in new]}
    for n, name in enumerate(names):
        columns[name] = [values[n] for _, values in new]
    set_columns(connection, BUILDINGS, columns)
    return bool(new)


def refresh_building_people(connection: sa.Connection, building_ids: list[int]) -> None:
    """Sum the households of some buildings anew after one of them changed."""
    if building_ids and _sum_people(connection, building_ids):
        raise_version(connection, BUILDINGS)
