"""Rows by words in their code, name, address or the name of their quarter."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.domain.search_words import is_bare_number
from geo_service.storage.tables import TABLES
from geo_service.storage.values import from_column

_BLANKS: Final = (" ", "\u3000")
_BETWEEN: Final = "\n"  # no word reaches from one text into the next


@dataclass(frozen=True)
class Hit:
    """A row that may be what was looked for; ``quarter`` is the name of that it is a building of."""

    layer: str
    id: int
    uid: str
    code: str
    name: str | None
    address: str | None
    quarter: str | None

    @property
    def title(self) -> str:
        """What people call it: its name, a bare number with its quarter's; else its address, else its code."""
        if self.name and self.quarter and is_bare_number(self.name):
            return self.quarter + self.name
        return self.name or self.address or self.code

    @property
    def texts(self) -> tuple[str, ...]:
        """What it may be called: a building without the name of its quarter also with it."""
        own = [one for one in (self.name, self.address) if one]
        inside = [self.quarter + one for one in own if self.quarter and self.quarter not in one]
        return (*own, *inside)


def find(
    connection: sa.Connection,
    layer: Layer,
    needles: Iterable[Sequence[str]],
    limit: int,
    *,
    seen: sa.ColumnElement[bool],
    hidden: Collection[str] = (),
) -> list[Hit]:
    """Return up to ``limit`` rows in use whose texts contain all words of one of ``needles``, the shortest first.

    Only rows for which ``seen`` holds (:func:`visible.visible_to`), by no field that is ``hidden``. Blanks in the store
    and upper and lower case of ASCII letters count nowhere; ``%`` and ``_`` mean themselves. The words are small and
    hold no blanks.
    """
    table = TABLES[layer.name]
    title = table.c[layer.title_field]
    address = table.c.address if "address" in table.c and "address" not in hidden else sa.null()
    source: sa.FromClause = table
    quarter: sa.ColumnElement[Any] = sa.null()
    quarters = TABLES["areas"].alias("quarter_of")
    if layer.name == "buildings":
        source, quarter = table.outerjoin(quarters, quarters.c.id == table.c.quarter_id), quarters.c.name
    whole = _compared(quarter, title, address, table.c.code)
    needles = list(needles)
    wanted = [sa.and_(*[whole.contains(word, autoescape=True) for word in words]) for words in needles]
    begins = _contains_one_of((title, address, table.c.code), needles)
    if source is not table:
        there = sa.select(quarters.c.id).where(_contains_one_of((quarters.c.name,), needles)).correlate(None)
        begins = sa.or_(begins, table.c.quarter_id.in_(there))
    columns = (table.c.id, table.c.uid, table.c.code)
    named = (title.label("title"), address.label("address"), quarter.label("quarter"))
    chosen = (
        sa.select(*columns, *named)
        .select_from(source)
        .where(table.c.retired_at.is_(None), seen, begins, sa.or_(*wanted))
        .order_by(sa.func.length(whole), table.c.code)
        .limit(limit)
    )
    return [
        Hit(layer.name, row.id, row.uid, row.code, row.title, row.address, row.quarter)
        for row in connection.execute(chosen)
    ]


def _contains_one_of(
    columns: Iterable[sa.ColumnElement[Any]], needles: Sequence[Sequence[str]]
) -> sa.ColumnElement[bool]:
    """Return whether one of the columns has the first two characters of a needle: most rows are left out by this.

    Putting all texts of half a million rows together takes ten times as long.
    """
    starts = dict.fromkeys(words[0][:2] for words in needles)
    return sa.or_(*[sa.func.lower(one).contains(start, autoescape=True) for one in columns for start in starts])


def shapes_of(connection: sa.Connection, layer: Layer, ids: Sequence[int]) -> dict[int, Any]:
    """Return the geometries of rows by id."""
    if layer.geometry is None or not ids:
        return {}
    table = TABLES[layer.name]
    raw: sa.Label[Any] = sa.literal_column(f'"{layer.noun}".geom').label("raw")
    rows = connection.execute(sa.select(table.c.id, raw).select_from(table).where(table.c.id.in_(ids))).all()
    return dict(zip([row.id for row in rows], from_column(connection, [row.raw for row in rows]), strict=True))


def _compared(*columns: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Return texts one after the other as they are compared."""
    whole: sa.ColumnElement[Any] = sa.literal("")
    for column in columns:
        whole = whole.concat(sa.func.coalesce(column, "")).concat(_BETWEEN)
    for blank in _BLANKS:
        whole = sa.func.replace(whole, blank, "")
    return sa.func.lower(whole)
