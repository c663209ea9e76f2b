"""The second gate: the SQL condition every query of rows begins with, so that nobody finds what is not theirs.

Own is what lies in an assigned area or one below it (by the stored parent, else by the code's prefix, as results by
area do; quarters included), or in an assigned grid. Areas and grids themselves are own as rows. What lies in no area is
nobody's. What is internal is there for who may read it only. The actor's areas and grids are those of this request: who
loses a grid loses its rows at once.
"""

from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.fields import Layer
from geo_service.domain.rights import ABOUT_AREAS, INTERNAL, NOWHERE, OwnPlaces, Reach, reach_of
from geo_service.storage.tables import TABLES
from geo_service.storage.values import is_embedded

Condition = tuple[str, list[Any]]  # SQL with ? marks, and their values
ALL_ROWS: Final[Condition] = ("1 = 1", [])
NO_ROWS: Final[Condition] = ("1 = 0", [])
# parents by the code's prefix: 12, 9, 6 or 4 digits; a quarter's code is nobody's prefix
_CLOSURE: Final = (
    "WITH RECURSIVE parent_of(id, above) AS ("
    "SELECT c.id, COALESCE(c.parent_id, (SELECT p.id FROM area p WHERE p.code IN "
    "(substr(c.code, 1, 12), substr(c.code, 1, 9), substr(c.code, 1, 6), substr(c.code, 1, 4)) "
    "AND length(p.code) < length(c.code) AND p.code NOT LIKE ? AND p.retired_at IS NULL "
    "ORDER BY length(p.code) DESC LIMIT 1)) FROM area c WHERE c.retired_at IS NULL), "
    "below(id) AS (SELECT a.id FROM area a WHERE a.retired_at IS NULL AND a.code IN ({marks}) "
    "UNION SELECT o.id FROM parent_of o JOIN below b ON o.above = b.id) SELECT {wanted}"
)


# in areas only, never in a grid → the column of the area
_PLACES: Final = {"areas": "id", **{layer: f"{field}_id" for layer, field in ABOUT_AREAS.items()}}


def visible_to(actor: Actor, reach: Reach, layer: Layer) -> sa.ColumnElement[bool]:
    """Return the condition for a SELECT from the layer's own table (not an alias) to find only what is in reach."""
    text, values = visible_sql(actor, reach, layer, f'"{layer.noun}"')
    named: list[sa.BindParameter[Any]] = [
        sa.bindparam(f"own_{number}", value, unique=True) for number, value in enumerate(values)
    ]
    for number in range(len(values)):
        text = text.replace("?", f":own_{number}", 1)
    return sa.text(f"({text})").bindparams(*named)  # type: ignore[return-value]


def visible_sql(actor: Actor, reach: Reach, layer: Layer, alias: str = "t") -> Condition:
    """Return the same condition for the driver, on a table known as ``alias``: SQL with ``?`` marks, values."""
    inside, inside_values = _within(actor, reach, layer, alias)
    internal = reach_of(actor, "read_internal")
    if layer.name not in INTERNAL or reach == "none" or internal == "all":
        return inside, inside_values
    field, kinds = INTERNAL[layer.name]
    own, own_values = _within(actor, internal, layer, alias)
    marks = ", ".join("?" * len(kinds))
    return (
        f"({inside} AND ({alias}.{field} NOT IN ({marks}) OR {own}))",
        [*inside_values, *kinds, *own_values],
    )


def _within(actor: Actor, reach: Reach, layer: Layer, alias: str) -> Condition:
    if reach != "own":
        return ALL_ROWS if reach == "all" else NO_ROWS
    parts: list[str] = []
    values: list[Any] = []
    if actor.areas:
        column = _PLACES.get(layer.name, "area_id")
        parts.append(f"{alias}.{column} IN ({_closure(actor, 'id FROM below')})")
        values += ["%Q%", *actor.areas]
    if actor.grids and layer.name not in _PLACES:
        marks = ", ".join("?" * len(actor.grids))
        parts.append(f"{alias}.grid_id IN (SELECT id FROM grid WHERE retired_at IS NULL AND code IN ({marks}))")
        values += actor.grids
        if layer.name == "grids":
            parts.append(f"({alias}.retired_at IS NULL AND {alias}.code IN ({marks}))")
            values += actor.grids
    return (f"({' OR '.join(parts)})", values) if parts else NO_ROWS


def own_places(connection: sa.Connection, actor: Actor) -> OwnPlaces:
    """Return the codes of the areas, with all below them, and grids assigned to ``actor``."""
    if not actor.areas and not actor.grids:
        return NOWHERE
    areas = _codes(
        connection,
        _closure(actor, "area.code FROM area JOIN below ON below.id = area.id"),
        ["%Q%", *actor.areas] if actor.areas else None,
    )
    marks = ", ".join("?" * len(actor.grids))
    grids = _codes(
        connection,
        f"SELECT code FROM grid WHERE retired_at IS NULL AND code IN ({marks})",
        list(actor.grids) or None,
    )
    return OwnPlaces(areas, grids)


def is_there(connection: sa.Connection, layer: Layer, code: Any, seen: sa.ColumnElement[bool]) -> bool:
    """Whether there is a row with this code for which the condition holds, retired or not."""
    table = TABLES[layer.name]
    return connection.execute(sa.select(table.c.id).where(table.c.code == str(code), seen)).first() is not None


def _closure(actor: Actor, wanted: str) -> str:
    return _CLOSURE.format(marks=", ".join("?" * len(actor.areas)), wanted=wanted)


def _codes(connection: sa.Connection, statement: str, values: list[Any] | None) -> frozenset[str]:
    if values is None:
        return frozenset()
    if not is_embedded(connection):
        statement = statement.replace("?", "%s")
    return frozenset(str(row[0]) for row in connection.exec_driver_sql(statement, tuple(values)))
