"""Runs: frozen results of analyses and their binary parts.

A result is kept like a part, compressed: that of a whole city is a hundred times as long as what differs in it. Runs of
earlier releases have theirs in a column of their own.
"""

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import NotFound
from geo_service.foundation.ids import new_uid
from geo_service.storage.tables import RUN_PARTS, RUNS, dump_json

_COMPRESSED: Final = b"\x78\x01"  # zlib at level 1: neither JSON nor packed arrays begin so
_RESULT: Final = "result"  # no name of a part
_LISTED = [column for column in RUNS.c if column.name != "result"]


def insert_run(
    connection: sa.Connection,
    *,
    kind: str,
    fingerprint: str,
    parameters: Any,
    inputs: Any,
    result: Any,
    code_version: str,
    actor: Actor,
    now: datetime,
    seconds: float | None = None,
    status: str = "done",
    uid: str | None = None,
) -> dict[str, Any]:
    """Keep a run and return its row; ``uid`` is made unless given."""
    row = {
        "uid": uid or new_uid(now),
        "kind": kind,
        "status": status,
        "fingerprint": fingerprint,
        "parameters": parameters,
        "inputs": inputs,
        "code_version": code_version,
        "created_at": to_iso(now),
        "created_by": actor.name,
        "seconds": seconds,
    }
    made = connection.execute(sa.insert(RUNS).returning(RUNS.c.id), row).scalar_one()
    _keep(connection, made, _RESULT, zlib.compress(dump_json(result).encode(), 1))
    return row | {"result": result}


def find_done(connection: sa.Connection, fingerprint: str) -> dict[str, Any] | None:
    """Return the newest finished run of these inputs without its result, None if there is none."""
    chosen = sa.select(*_LISTED).where(RUNS.c.fingerprint == fingerprint, RUNS.c.status == "done")
    return _one(connection, chosen.order_by(RUNS.c.id.desc()).limit(1))


def get_run(connection: sa.Connection, uid: str) -> dict[str, Any]:
    """Return a run; NotFound ``run_unknown``."""
    found = _one(connection, sa.select(RUNS).where(RUNS.c.uid == uid))
    if found is None:
        raise NotFound("run_unknown", run=uid)
    if found["result"] is None:
        found["result"] = json.loads(read_part(connection, uid, _RESULT))
    return found


def list_runs(connection: sa.Connection, kind: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest runs first, without their results."""
    chosen = sa.select(*_LISTED).order_by(RUNS.c.id.desc()).limit(limit)
    if kind is not None:
        chosen = chosen.where(RUNS.c.kind == kind)
    return [_without_id(row) for row in connection.execute(chosen).mappings()]


def answers_to(connection: sa.Connection, kind: str, questions: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the finished runs of a kind that were asked one of some parameters, the newest first, without results."""
    asked = sa.or_(*(RUNS.c.parameters == one for one in questions))
    chosen = sa.select(*_LISTED).where(asked, RUNS.c.kind == kind, RUNS.c.status == "done").order_by(RUNS.c.id.desc())
    return [_without_id(row) for row in connection.execute(chosen).mappings()]


def write_part(connection: sa.Connection, uid: str, name: str, content: bytes) -> None:
    """Keep a binary part of a run, JSON compressed; NotFound ``run_unknown``."""
    run_id = connection.execute(sa.select(RUNS.c.id).where(RUNS.c.uid == uid)).scalar()
    if run_id is None:
        raise NotFound("run_unknown", run=uid)
    _keep(connection, run_id, name, zlib.compress(content, 1) if content[:1] in (b"{", b"[") else content)


def read_part(connection: sa.Connection, uid: str, name: str) -> bytes:
    """Return a binary part of a run; NotFound ``run_part_unknown``."""
    joined = RUN_PARTS.join(RUNS, RUNS.c.id == RUN_PARTS.c.run_id)
    chosen = sa.select(RUN_PARTS.c.content).select_from(joined).where(RUNS.c.uid == uid, RUN_PARTS.c.name == name)
    content = connection.execute(chosen).scalar()
    if content is None:
        raise NotFound("run_part_unknown", run=uid, part=name)
    found = bytes(content)
    return zlib.decompress(found) if found.startswith(_COMPRESSED) else found


def part_names(connection: sa.Connection, uid: str) -> list[str]:
    """Return the names of a run's parts."""
    joined = RUN_PARTS.join(RUNS, RUNS.c.id == RUN_PARTS.c.run_id)
    mine = (RUNS.c.uid == uid, RUN_PARTS.c.name != _RESULT)
    chosen = sa.select(RUN_PARTS.c.name).select_from(joined).where(*mine).order_by(RUN_PARTS.c.name)
    return list(connection.execute(chosen).scalars())


def _keep(connection: sa.Connection, run_id: int, name: str, content: bytes) -> None:
    connection.execute(sa.insert(RUN_PARTS), {"run_id": run_id, "name": name, "content": content})


def _one(connection: sa.Connection, chosen: sa.Select[Any]) -> dict[str, Any] | None:
    row = connection.execute(chosen).mappings().first()
    return _without_id(row) if row is not None else None


def _without_id(row: Any) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "id"}
