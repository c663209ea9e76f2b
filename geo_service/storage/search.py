"""Rows by part of their code, name or address."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.storage.tables import TABLES
from geo_service.storage.values import from_column


@dataclass(frozen=True)
class Hit:
    """A row that was found; ``rank`` 0 code equal, 1 text equal, 2 begins with it, 3 contains it."""

    layer: str
    uid: str
    code: str
    name: str | None
    address: str | None
    geometry: Any
    rank: int


def find(connection: sa.Connection, layer: Layer, words: str, limit: int, *, seen: sa.ColumnElement[bool]) -> list[Hit]:
    """Return rows in use of which code, name or address contains ``words``, best first, then by code.

    Only rows for which ``seen`` holds (:func:`visible.visible_to`). Upper and lower case of ASCII letters are equal;
    ``%`` and ``_`` mean themselves.
    """
    table = TABLES[layer.name]
    texts = [table.c[name] for name in ("code", layer.title_field, "name", "address") if name in table.c]
    lowered = [sa.func.lower(column) for column in dict.fromkeys(texts)]
    wanted = words.lower()
    contains = [column.contains(wanted, autoescape=True) for column in lowered]
    rank = sa.case(
        (lowered[0] == wanted, 0),
        (sa.or_(*[column == wanted for column in lowered]), 1),
        (sa.or_(*[column.startswith(wanted, autoescape=True) for column in lowered]), 2),
        else_=3,
    ).label("rank")
    title = table.c[layer.title_field]
    address = table.c.address if "address" in table.c else sa.null()
    geom = sa.literal_column(f'"{layer.noun}".geom') if layer.geometry is not None else sa.null()
    chosen = (
        sa.select(table.c.uid, table.c.code, title.label("title"), address.label("address"), rank, geom.label("raw"))
        .where(table.c.retired_at.is_(None), seen, sa.or_(*contains))
        .order_by(rank, table.c.code)
        .limit(limit)
    )
    rows = connection.execute(chosen).all()
    shapes = from_column(connection, [row.raw for row in rows])
    return [
        Hit(layer.name, row.uid, row.code, row.title, row.address, shape, int(row.rank))
        for row, shape in zip(rows, shapes, strict=True)
    ]
