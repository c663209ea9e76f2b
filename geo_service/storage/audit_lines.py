"""The audit read: lines by what they say, newest first, page by page; one line with the history it vouches for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from geo_service.storage.tables import AUDIT, HISTORY

_CHUNK: Final = 2_000


@dataclass(frozen=True)
class LineFilter:
    """Which lines: None and empty mean all.

    Attributes
    ----------
    since, until
        Stored moments (UTC ISO-8601): from the first on, before the second.
    actor, verb, layer, subject_uid
        Exactly these.
    areas
        Lines about one of these areas; an empty set finds nothing.
    before
        Lines with a smaller id.
    """

    since: str | None = None
    until: str | None = None
    actor: str | None = None
    verb: str | None = None
    layer: str | None = None
    subject_uid: str | None = None
    areas: Collection[str] | None = None
    before: int | None = None


def find_lines(conn: sa.Connection, wanted: LineFilter, limit: int) -> list[dict[str, Any]]:
    """Return at most ``limit`` lines, the newest first."""
    chosen = sa.select(AUDIT).where(*_conditions(wanted)).order_by(AUDIT.c.id.desc()).limit(limit)
    return [dict(row) for row in conn.execute(chosen).mappings()]


def all_lines(conn: sa.Connection, wanted: LineFilter) -> Iterator[dict[str, Any]]:
    """Yield all the lines, the oldest first, without holding them all."""
    chosen = sa.select(AUDIT).where(*_conditions(wanted)).order_by(AUDIT.c.id)
    for rows in conn.execute(chosen, execution_options={"stream_results": True}).mappings().partitions(_CHUNK):
        yield from map(dict, rows)


def count_lines(conn: sa.Connection, wanted: LineFilter) -> int:
    """Return how many lines there are."""
    chosen = sa.select(sa.func.count()).select_from(AUDIT).where(*_conditions(wanted))
    return int(conn.execute(chosen).scalar_one())


def get_line(conn: sa.Connection, line_id: int) -> dict[str, Any] | None:
    """Return one line, None where there is none."""
    found = conn.execute(sa.select(AUDIT).where(AUDIT.c.id == line_id)).mappings().first()
    return None if found is None else dict(found)


def history_of(conn: sa.Connection, line: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of history an audit line vouches for; values as stored, personal ones sealed."""
    ids = [one for one in (line["facts"] or {}).get("history", ()) if isinstance(one, int)]
    if not ids:
        return []
    chosen = sa.select(HISTORY).where(HISTORY.c.id.in_(ids)).order_by(HISTORY.c.id)
    return [dict(row) for row in conn.execute(chosen).mappings()]


def _conditions(wanted: LineFilter) -> list[Any]:
    line = AUDIT.c
    given = (
        (wanted.since, lambda value: line.at >= value),
        (wanted.until, lambda value: line.at < value),
        (wanted.actor, lambda value: line.actor == value),
        (wanted.verb, lambda value: line.verb == value),
        (wanted.layer, lambda value: line.layer == value),
        (wanted.subject_uid, lambda value: line.subject_uid == value),
        (wanted.areas, lambda value: line.area_code.in_(sorted(value))),
        (wanted.before, lambda value: line.id < value),
    )
    return [condition(value) for value, condition in given if value is not None]
