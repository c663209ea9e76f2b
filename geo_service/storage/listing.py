"""Filters and orders of lists as SQL. Personal fields are sealed: no list is filtered or sorted by them."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.fields import Field, Layer
from geo_service.domain.privacy import COUNTS
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.natural_order import natural_key
from geo_service.storage.tables import TABLES
from geo_service.storage.values import typed

# common columns after the own fields of a row, in their order
AFTER: Final = "source licence created_at created_by updated_at updated_by version retired_at retired_reason".split()
Links = Mapping[str, Any]  # joined table by key of the reference


def filter_of(layer: Layer, key: str, value: str, links: Links) -> Any:
    """Return the condition of one filter; InvalidInput ``filter_unknown``, ``stored_value_refused``."""
    table = TABLES[layer.name]
    if key in ("area_code", "grid_code"):
        return links[key].c.code == value
    if key == "code":
        return table.c.code == value
    field = layer.field(key)
    if field is None or not field.filterable or field.personal:
        known = ["code", "area_code", "grid_code", *(f.key for f in layer.fields if f.filterable)]
        raise InvalidInput("filter_unknown", filter=key, known=", ".join(known))
    if field.refers_to:
        return links[field.key].c.code == value
    return table.c[field.column] == typed(field, _parsed(field, value))


def _parsed(field: Field, value: str) -> Any:
    """Return a filter's text as a value of the field's kind."""
    if field.kind == "boolean":
        known = {"true": True, "1": True, "false": False, "0": False}
        return known.get(value.lower(), value)
    if field.kind in ("integer", "real"):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def words_of(layer: Layer, sort: str) -> sa.ColumnElement[Any] | None:
    """Return the column of words a list is sorted by, None where its order is that of numbers, codes or moments."""
    key = sort.removeprefix("-")
    field = layer.field(key)
    if field is not None and field.kind == "text" and not (field.refers_to or field.personal):
        return TABLES[layer.name].c[field.column]
    return TABLES[layer.name].c[key] if key in ("source", "licence") else None


def ids_by_words(connection: sa.Connection, chosen: sa.Select[Any], *, is_down: bool) -> list[int]:
    """Return the ids of rows as people order words (3号 before 10号); empty ones last, ties by code.

    ``chosen`` selects id, code and the words. No database orders so, and two databases never order alike: all the
    words are read, about 1 s for a hundred thousand.
    """
    found = sorted(connection.execute(chosen), key=lambda row: str(row[1]))
    named = [row for row in found if row[2]]
    named.sort(key=lambda row: natural_key(str(row[2])), reverse=is_down)
    return [int(row[0]) for row in (*named, *(row for row in found if not row[2]))]


def order_of(layer: Layer, sort: str, links: Links, exact: sa.ColumnElement[bool] | None = None) -> list[Any]:
    """Return the order of a list: by a key, empty values last, ties by code; InvalidInput ``sort_unknown``.

    Figures about people count as empty where ``exact`` does not hold: the order would tell what is not shown.
    """
    table = TABLES[layer.name]
    key = sort.removeprefix("-")
    field = layer.field(key)
    column: Any
    if key in links:
        column = links[key].c.code
    elif field is not None and field.kind not in ("bytes", "json") and not (field.refers_to or field.personal):
        column = table.c[field.column]
    elif key in ("code", "uid", *AFTER):
        column = table.c[key]
    else:
        known = ["code", *(f.key for f in layer.fields if f.kind not in ("bytes", "json")), *AFTER]
        raise InvalidInput("sort_unknown", sort=sort, known=", ".join(known))
    if exact is not None and field is not None and field.name in COUNTS.get(layer.name, ()):
        column = sa.case((exact, column), else_=None)
    direction = column.desc() if sort.startswith("-") else column.asc()
    return [direction.nulls_last(), table.c.code.asc()]
