"""The audit: who did what, when and from where, as a chain of lines that only grows.

Every line holds the hash of the line before it; ids count up without a gap. :func:`append` may be called anywhere in
a write transaction: the lines are gathered and written as its last step, under the chain's lock, so that writers
never wait for each other in the middle of their work and the chain cannot fork (decision 0023).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import to_iso
from geo_service.storage.loading import copy_in
from geo_service.storage.tables import AUDIT, dump_json
from geo_service.storage.values import is_embedded

GENESIS: Final = "0" * 64  # what stands for the hash before the first line
NAMES: Final = tuple(column.name for column in AUDIT.columns)
HISTORY_NAMES: Final = ("id", "layer", "row_id", "version", "at", "actor", "action", "before", "after")
OLD_HISTORY: Final = "audit_begun"  # verb of the first line where there was history before there was an audit
_GATHERED: Final = "geo_audit"
_LOCK: Final = 20190020
_CHUNK: Final = 20_000
_MANY: Final = 200  # from here lines go in by COPY


@dataclass(frozen=True)
class Tail:
    """The last line of the chain: id and hash."""

    id: int
    hash: str


@dataclass
class _Waiting:
    """A line that waits for the end of its transaction; a change of a row learns its uid and area only then."""

    line: dict[str, Any]
    row_id: int | None = None
    history_id: int | None = None


@dataclass
class Gathered:
    """What one transaction writes into the audit, and what it became."""

    lines: list[_Waiting] = field(default_factory=list)
    last: Tail | None = None
    is_anchored: bool = True  # whether the anchor kept of earlier lines is still in the chain


def append(
    conn: sa.Connection,
    actor: Actor,
    now: datetime,
    verb: str,
    *,
    layer: str | None = None,
    subject_uid: str | None = None,
    area_code: str | None = None,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Append one line to the audit, in the transaction of ``conn``.

    Parameters
    ----------
    conn
        A writing connection; inside :meth:`Store.writing` the line is written as its last step.
    actor, now
        Who (also from where, by which request) and when.
    verb
        What was done, in the past: ``created``, ``signed_in``, ``exported`` …
    layer, subject_uid, area_code
        Name of the layer, uid of the row or account, code of the area it lies in: officials see the lines of
        their areas only, what has no area only admins.
    reason
        Why, where a reason is asked for.
    facts
        More, as JSON values. Never a personal value in the clear: lines cannot be taken back.
    """
    line = {
        **_who(actor, now),
        "verb": verb,
        "layer": layer,
        "subject_uid": subject_uid,
        "area_code": area_code,
        "reason": reason,
        "facts": None if facts is None else dump_json(facts),
    }
    _wait(conn, [_Waiting(line)])


def append_changes(conn: sa.Connection, actors: Sequence[Actor], changes: Sequence[Mapping[str, Any]]) -> None:
    """Append one line for each line of history (as stored, ``before`` and ``after`` as text), with its digest.

    Why a row was retired is the line's reason.
    """
    waiting = []
    for actor, change in zip(actors, changes, strict=True):
        facts = {"history": [change["id"]], "digest": history_digest([change[name] for name in HISTORY_NAMES])}
        line = {
            **_who(actor, None),
            "at": change["at"],
            "verb": change["action"],
            "layer": change["layer"],
            "subject_uid": None,
            "area_code": None,
            "reason": json.loads(change["after"])["retired_reason"] if change["action"] == "retired" else None,
            "facts": dump_json(facts),
        }
        waiting.append(_Waiting(line, change["row_id"], change["id"]))
    _wait(conn, waiting)


@contextmanager
def gathered(conn: sa.Connection, is_anchored: Callable[[sa.Connection], bool] | None = None) -> Iterator[Gathered]:
    """Gather the lines of a transaction and write them when the block is left; nothing of a block that raises.

    ``is_anchored`` is asked, once lines were written, whether the anchor still holds.
    """
    lines = Gathered()
    info = conn.info  # asking for it later fails if the database has gone meanwhile
    info[_GATHERED] = lines
    try:
        yield lines
        _write(conn, lines)
        if lines.last is not None and is_anchored is not None:
            lines.is_anchored = is_anchored(conn)
    finally:
        info.pop(_GATHERED, None)


def line_hash(line: Mapping[str, Any]) -> str:
    """Return the hash of a line: SHA-256 over its canonical JSON, ``previous`` included, ``facts`` as stored text."""
    return hashlib.sha256(dump_json({name: line[name] for name in NAMES if name != "hash"}).encode()).hexdigest()


def history_digest(values: Sequence[Any]) -> str:
    """Return the SHA-256 of one line of history given as stored values in the order of ``HISTORY_NAMES``."""
    return hashlib.sha256(dump_json(list(values)).encode()).hexdigest()


def tail(conn: sa.Connection) -> Tail | None:
    """Return the last line of the chain, None while there is none."""
    found = conn.execute(sa.select(AUDIT.c.id, AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)).first()
    return None if found is None else Tail(int(found[0]), str(found[1]))


def old_history(conn: sa.Connection, up_to: int) -> tuple[int, str]:
    """Return the number of history lines up to an id and one digest over all of them."""
    listed = ", ".join(f'"{name}"' for name in HISTORY_NAMES)
    result = conn.exec_driver_sql(
        f"SELECT {listed} FROM history WHERE id <= {int(up_to)} ORDER BY id", execution_options={"stream_results": True}
    )
    total, count = hashlib.sha256(), 0
    for rows in result.partitions(_CHUNK):
        for row in rows:
            total.update(history_digest(row).encode())
            count += 1
    return count, total.hexdigest()


def _who(actor: Actor, now: datetime | None) -> dict[str, Any]:
    return {
        "at": "" if now is None else to_iso(now),
        "actor": actor.name,
        "account_uid": actor.account_uid,
        "role": actor.role,
        "via": actor.via,
        "address": actor.address,
        "request_id": actor.request_id,
    }


def _wait(conn: sa.Connection, waiting: list[_Waiting]) -> None:
    lines: Gathered | None = conn.info.get(_GATHERED)
    if lines is None:  # a connection of one's own, outside Store.writing: at once
        _write(conn, Gathered(waiting))
    else:
        lines.lines += waiting


def _write(conn: sa.Connection, made: Gathered) -> None:
    """Write the gathered lines to the end of the chain."""
    if not made.lines:
        return
    if not is_embedded(conn):  # embedded: BEGIN IMMEDIATE holds everybody else off already
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    last = tail(conn)
    waiting = made.lines if last else [*_opening(conn, made.lines), *made.lines]
    _name_rows(conn, waiting)
    number, previous = (last.id, last.hash) if last else (0, GENESIS)
    lines = []
    for one in waiting:
        number += 1
        line = {**one.line, "id": number, "previous": previous}
        previous = line["hash"] = line_hash(line)
        lines.append(line)
    columns = {name: [line[name] for line in lines] for name in NAMES}
    insert_rows(conn, "audit", columns)
    made.last = Tail(number, previous)


def insert_rows(conn: sa.Connection, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows given as raw columns of equal length: COPY for many on PostgreSQL, else one by one."""
    count = len(next(iter(columns.values())))
    if not is_embedded(conn) and count >= _MANY:
        copy_in(conn, table, columns)
        return
    listed = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join(["?" if is_embedded(conn) else "%s"] * len(columns))
    conn.exec_driver_sql(
        f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', list(zip(*columns.values(), strict=True))
    )


def _opening(conn: sa.Connection, waiting: Sequence[_Waiting]) -> list[_Waiting]:
    """Return the first line of all where history is older than the audit: it vouches for that history."""
    ours = [one.history_id for one in waiting if one.history_id is not None]
    below = f"WHERE id < {min(ours)}" if ours else ""
    newest = conn.exec_driver_sql(f"SELECT MAX(id) FROM history {below}").scalar()
    if newest is None:
        return []
    count, digest = old_history(conn, int(newest))
    line = {
        **waiting[0].line,
        "verb": OLD_HISTORY,
        **dict.fromkeys(("layer", "subject_uid", "area_code", "reason")),
        "facts": dump_json({"history_up_to": int(newest), "lines": count, "digest": digest}),
    }
    return [_Waiting(line)]


def _name_rows(conn: sa.Connection, waiting: Sequence[_Waiting]) -> None:
    """Fill in uid and area of the rows whose changes these lines tell, as they are at the end of the transaction."""
    by_layer: dict[str, list[_Waiting]] = defaultdict(list)
    for one in waiting:
        if one.row_id is not None:
            by_layer[one.line["layer"]].append(one)
    for name, lines in by_layer.items():
        found: dict[int, tuple[str, str | None]] = {}
        noun = LAYERS[name].noun
        place = "t.code" if name == "areas" else "a.code"
        chosen = f'SELECT t.id, t.uid, {place} FROM "{noun}" t LEFT JOIN area a ON a.id = t.area_id WHERE t.id'
        ids = sorted({one.row_id for one in lines if one.row_id is not None})
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            if is_embedded(conn):
                rows = conn.exec_driver_sql(f"{chosen} IN ({', '.join('?' * len(part))})", tuple(part))
            else:
                rows = conn.exec_driver_sql(f"{chosen} = ANY(%s)", (part,))
            found.update({row[0]: (row[1], row[2]) for row in rows})
        for one in lines:
            one.line["subject_uid"], one.line["area_code"] = found.get(one.row_id or 0, (None, None))
