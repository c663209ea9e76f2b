"""Emptying what is stored of a person, ending its key, and what is due to be swept. Works without the service's key."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.retention import (
    CLOSED_CASES,
    CLOSED_PROJECTS,
    ENDED_ADOPTIONS,
    NO_ORIGINAL,
    Kind,
    erased_fields,
)
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import StaleVersion
from geo_service.storage import person_keys
from geo_service.storage.persons import WITHHELD
from geo_service.storage.tables import (
    ACCOUNTS,
    ANSWERS,
    API_TOKENS,
    ATTEMPTS,
    AUDIT,
    ERASURES,
    HISTORY,
    LINKS,
    PERSON_KEYS,
    SESSIONS,
    TABLES,
)
from geo_service.storage.versions import append_history, history_line, raise_version


def stored_row(connection: sa.Connection, layer: Layer, ident: str) -> dict[str, Any] | None:
    """Return id, uid, code, version and the emptied fields of a row (by uid, else code) as they are stored."""
    table = TABLES[layer.name]
    names = ("id", "uid", "code", "version", "area_id", *(field.column for field in erased_fields(layer)))
    chosen = sa.select(*(table.c[name] for name in names)).where(sa.or_(table.c.uid == ident, table.c.code == ident))
    found = sorted(connection.execute(chosen).mappings(), key=lambda row: row["uid"] != ident)
    return dict(found[0]) if found else None


def key_of(connection: sa.Connection, uid: str) -> str | None:
    """Return the id of a person's key, None where there is none."""
    chosen = sa.select(PERSON_KEYS.c.key_id).where(PERSON_KEYS.c.subject_uid == uid)
    return connection.execute(chosen).scalar_one_or_none()


def empty(connection: sa.Connection, layer: Layer, row: Mapping[str, Any], *, actor: Actor, now: datetime) -> bool:
    """Empty what a row (of :func:`stored_row`) says of its person and end the person's key.

    Retired rows too; the row gets a version and a line of history. Returns whether there was anything. What may not
    be empty becomes :data:`persons.WITHHELD`. Raises StaleVersion ``row_changed``.
    """
    wanted = {field.column: WITHHELD if field.required else None for field in erased_fields(layer)}
    differing = {name: value for name, value in wanted.items() if row[name] not in (value, "")}
    if differing:
        table = TABLES[layer.name]
        version = row["version"] + 1
        stamps = {"updated_at": to_iso(now), "updated_by": actor.name, "version": version}
        statement = sa.update(table).where(table.c.id == row["id"], table.c.version == row["version"])
        if connection.execute(statement.values({**differing, **stamps})).rowcount != 1:
            raise StaleVersion("row_changed", layer=layer.name, code=row["code"], expected=row["version"], found="?")
        personal = {field.column for field in erased_fields(layer) if field.personal}  # sealed; the others not kept
        before = {name: row[name] if name in personal else WITHHELD for name in differing}
        line = history_line(layer, row["id"], version, "updated", before=before, after=differing, actor=actor, now=now)
        append_history(connection, [line])
        raise_version(connection, layer)
    return person_keys.forget(connection, row["uid"]) is not None or bool(differing)


def note_erasure(
    connection: sa.Connection, layer: str, uid: str, key_id: str | None, *, actor: Actor, at: str, reason: str
) -> None:
    """Keep that a person was erased; ``at`` is the moment of the erasure, also where it is done again."""
    row = {"layer": layer, "subject_uid": uid, "key_id": key_id, "at": at, "actor": actor.name}
    connection.execute(sa.insert(ERASURES), {**row, "reason": reason})


def erasures(connection: sa.Connection, uid: str | None = None) -> list[dict[str, Any]]:
    """Return the erasures noted, all or those of one person."""
    chosen = sa.select(ERASURES).order_by(ERASURES.c.id)
    if uid is not None:
        chosen = chosen.where(ERASURES.c.subject_uid == uid)
    return [dict(row) for row in connection.execute(chosen).mappings()]


def told_of(connection: sa.Connection, layer: Layer, row: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of history and audit about a row."""
    history = sa.select(HISTORY).where(HISTORY.c.layer == layer.name, HISTORY.c.row_id == row["id"])
    audit = sa.select(AUDIT).where(AUDIT.c.subject_uid == row["uid"])
    return {
        "history": [dict(line) for line in connection.execute(history.order_by(HISTORY.c.id)).mappings()],
        "audit": [dict(line) for line in connection.execute(audit.order_by(AUDIT.c.id)).mappings()],
    }


def delete_due(connection: sa.Connection, kind: Kind, now: datetime) -> int:
    """Remove the rows of a kind that are due and return how many."""
    done = connection.execute(sa.delete(_ENDED[kind.name][0]).where(_deletable(kind, now)))
    return int(done.rowcount)


def count_due(connection: sa.Connection, kind: Kind, now: datetime) -> int:
    """Return how many rows of a kind are due to be removed."""
    table = _ENDED[kind.name][0]
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(table).where(_deletable(kind, now))).scalar_one()
    )


# kind → its table, and the columns any of which, once long past, says that it has served its purpose
_ENDED: Final[dict[str, tuple[sa.Table, tuple[str, ...]]]] = {
    "attempts": (ATTEMPTS, ("at",)),
    "answers": (ANSWERS, ("at",)),
    "sessions": (SESSIONS, ("expires_at", "ended_at")),
    "links": (LINKS, ("expires_at", "used_at")),
    "tokens": (API_TOKENS, ("expires_at", "revoked_at")),
}


def _deletable(kind: Kind, now: datetime) -> sa.ColumnElement[bool]:
    table, columns = _ENDED[kind.name]
    return sa.or_(*(table.c[name] < to_iso(now - kind.after) for name in columns))


# kind → its rows whose purpose has ended before a moment, or before a day; that of retired rows has ended, too
_OVER: Final[dict[str, Callable[[sa.Table, str, str], sa.ColumnElement[bool]]]] = {
    "case_reporters": lambda t, moment, _day: sa.and_(t.c.updated_at < moment, t.c.status.in_(CLOSED_CASES)),
    "adopters": lambda t, moment, day: sa.or_(
        sa.and_(t.c.updated_at < moment, t.c.status.in_(ENDED_ADOPTIONS)), t.c.ends_on < day
    ),
    "left_households": lambda _t, _moment, _day: sa.false(),
    "frontage_holders": lambda t, _moment, day: t.c.ends_on < day,
    "project_persons": lambda t, moment, _day: sa.and_(t.c.updated_at < moment, t.c.status.in_(CLOSED_PROJECTS)),
    "grid_persons": lambda _t, _moment, _day: sa.false(),
}
_REVIEWS: Final = {"refused_photos": "refused", "published_photos": "published"}
# what an account says of its holder besides the name the audit knows it by
_EMPTIED: Final = (
    "display_name",
    "oidc_subject",
    "password_hash",
    "totp_secret",
    "totp_confirmed_at",
    "totp_last_step",
)


def anonymised_due(connection: sa.Connection, kind: Kind, now: datetime, today: date) -> list[str]:
    """Return the uids of rows whose persons are due to be made anonymous; ``today`` is the office's date."""
    layer = LAYERS[kind.table]
    table = TABLES[layer.name]
    columns = [table.c[field.column] for field in erased_fields(layer)]
    filled = sa.or_(*(sa.and_(column.is_not(None), column.not_in(("", WITHHELD))) for column in columns))
    moment = to_iso(now - kind.after)
    over = sa.or_(_OVER[kind.name](table, moment, (today - kind.after).isoformat()), table.c.retired_at < moment)
    return [
        str(uid)
        for uid in connection.execute(sa.select(table.c.uid).where(over, filled).order_by(table.c.id)).scalars()
    ]


def accounts_due(connection: sa.Connection, kind: Kind, now: datetime) -> list[str]:
    """Return the uids of accounts disabled so long ago that their holders are due to be made anonymous."""
    return [str(uid) for uid in connection.execute(sa.select(ACCOUNTS.c.uid).where(_empties(kind, now))).scalars()]


def empty_account(connection: sa.Connection, kind: Kind, uid: str, *, actor: Actor, now: datetime) -> bool:
    """Empty what a disabled account says of its holder and end the holder's key; False if it is not due any more."""
    changed: dict[str, Any] = {
        **dict.fromkeys(_EMPTIED),
        "updated_at": to_iso(now),
        "updated_by": actor.name,
        "version": ACCOUNTS.c.version + 1,
    }
    statement = sa.update(ACCOUNTS).where(ACCOUNTS.c.uid == uid, _empties(kind, now)).values(changed)
    if connection.execute(statement).rowcount != 1:
        return False
    person_keys.forget(connection, uid)
    return True


def _empties(kind: Kind, now: datetime) -> sa.ColumnElement[bool]:
    filled = sa.or_(*(ACCOUNTS.c[name].is_not(None) for name in _EMPTIED))
    return sa.and_(ACCOUNTS.c.is_disabled, ACCOUNTS.c.updated_at < to_iso(now - kind.after), filled)


def originals_due(connection: sa.Connection, kind: Kind, now: datetime) -> list[dict[str, Any]]:
    """Return uid, version and checksum of the photos whose originals are due to be deleted."""
    table = TABLES[kind.table]
    chosen = sa.select(table.c.uid, table.c.version, table.c.sha256).where(
        table.c.review == _REVIEWS[kind.name],
        table.c.updated_at < to_iso(now - kind.after),
        table.c.sha256 != NO_ORIGINAL,
        table.c.retired_at.is_(None),
    )
    return [dict(row) for row in connection.execute(chosen.order_by(table.c.id)).mappings()]
