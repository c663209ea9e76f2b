"""Saved views of the map as they are kept; what is deleted is gone."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import NotFound, StaleVersion
from geo_service.foundation.ids import new_uid
from geo_service.storage.tables import SAVED_VIEWS as TABLE

_SHOWN = [column for column in TABLE.columns if column.name != "id"]


def insert(
    connection: sa.Connection, name: str, state: str, sharing: str, *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Keep a new view and return it."""
    row = {
        "uid": new_uid(now),
        "name": name,
        "state": state,
        "sharing": sharing,
        "created_at": to_iso(now),
        "created_by": actor.name,
        "updated_at": to_iso(now),
        "updated_by": actor.name,
        "version": 1,
    }
    connection.execute(sa.insert(TABLE), row)
    return get(connection, str(row["uid"]))


def get(connection: sa.Connection, uid: str) -> dict[str, Any]:
    """Return a view, whoever's; NotFound ``view_unknown``."""
    row = connection.execute(sa.select(*_SHOWN).where(TABLE.c.uid == uid)).mappings().first()
    if row is None:
        raise NotFound("view_unknown", view=uid[:64])
    return dict(row)


def of_owner(connection: sa.Connection, owner: str) -> dict[str, str]:
    """Return the uid of each view of somebody by its name."""
    chosen = sa.select(TABLE.c.name, TABLE.c.uid).where(TABLE.c.created_by == owner)
    return {row.name: row.uid for row in connection.execute(chosen)}


def listed(connection: sa.Connection, owner: str, limit: int, *, with_shared: bool) -> list[dict[str, Any]]:
    """Return the views of somebody, and those colleagues share; one's own first, the last changed first."""
    theirs = TABLE.c.created_by == owner
    wanted = sa.or_(theirs, TABLE.c.sharing == "colleagues") if with_shared else theirs
    # one's own come first, so that however many others share none of them is left out
    ordered = sa.select(*_SHOWN).where(wanted).order_by(theirs.desc(), TABLE.c.updated_at.desc(), TABLE.c.id.desc())
    return [dict(row) for row in connection.execute(ordered.limit(limit)).mappings()]


def change(
    connection: sa.Connection, uid: str, expected: int, values: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Change a view; StaleVersion ``view_changed``."""
    written = sa.update(TABLE).where(TABLE.c.uid == uid, TABLE.c.version == expected)
    new = {**values, "updated_at": to_iso(now), "updated_by": actor.name, "version": expected + 1}
    if connection.execute(written.values(new)).rowcount != 1:
        raise StaleVersion("view_changed", view=uid)


def delete(connection: sa.Connection, uid: str, expected: int) -> None:
    """Delete a view for good; StaleVersion ``view_changed``."""
    gone = sa.delete(TABLE).where(TABLE.c.uid == uid, TABLE.c.version == expected)
    if connection.execute(gone).rowcount != 1:
        raise StaleVersion("view_changed", view=uid)
