"""Scenarios as they are kept; every change is told in the audit with what was before."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import NotFound, StaleVersion
from geo_service.foundation.ids import new_uid
from geo_service.storage.tables import SCENARIOS as TABLE

_SHOWN = [column for column in TABLE.columns if column.name not in ("id", "retired_at")]


def insert(
    connection: sa.Connection, name: str, edits: list[Any], question: dict[str, Any], *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Keep a new scenario and return it."""
    row = {
        "uid": new_uid(now),
        "name": name,
        "edits": edits,
        "question": question,
        "created_at": to_iso(now),
        "created_by": actor.name,
        "updated_at": to_iso(now),
        "updated_by": actor.name,
        "version": 1,
    }
    connection.execute(sa.insert(TABLE), row)
    return get(connection, str(row["uid"]))


def get(connection: sa.Connection, uid: str) -> dict[str, Any]:
    """Return a scenario that is in use; NotFound ``scenario_unknown``."""
    chosen = sa.select(*_SHOWN).where(TABLE.c.uid == uid, TABLE.c.retired_at.is_(None))
    row = connection.execute(chosen).mappings().first()
    if row is None:
        raise NotFound("scenario_unknown", scenario=uid[:64])
    return dict(row)


def listed(connection: sa.Connection, limit: int) -> list[dict[str, Any]]:
    """Return the scenarios in use, the last changed first."""
    chosen = sa.select(*_SHOWN).where(TABLE.c.retired_at.is_(None))
    ordered = chosen.order_by(TABLE.c.updated_at.desc(), TABLE.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def change(
    connection: sa.Connection, uid: str, expected: int, values: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Change a scenario in use; NotFound ``scenario_unknown``, StaleVersion ``scenario_changed``."""
    get(connection, uid)
    at = to_iso(now)
    written = sa.update(TABLE).where(TABLE.c.uid == uid, TABLE.c.version == expected, TABLE.c.retired_at.is_(None))
    new = {**values, "updated_at": at, "updated_by": actor.name, "version": expected + 1}
    if connection.execute(written.values(new)).rowcount != 1:
        raise StaleVersion("scenario_changed", scenario=uid)
