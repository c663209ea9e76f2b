"""Versions of rules an office wrote: appended, never changed. What is shipped is not kept here."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.rules import Rule
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import StaleVersion
from geo_service.storage.tables import RULE_VERSIONS as TABLE
from geo_service.storage.values import is_embedded

_LOCK: Final = 20190022


@dataclass(frozen=True)
class KeptVersion:
    """One version of a rule: the rule, what was done (``added``, ``edited``, ``confirmed``), when, by whom and why."""

    rule: Rule
    action: str
    valid_from: str
    created_at: str
    created_by: str
    reason: str | None


def latest(connection: sa.Connection, today: date) -> list[Rule]:
    """Return for each rule the office wrote a version of the newest one that is valid on a day, by rule."""
    newest = (
        sa.select(sa.func.max(TABLE.c.id))
        .where(TABLE.c.valid_from <= today.isoformat())
        .group_by(TABLE.c.rule)
        .scalar_subquery()
    )
    chosen = sa.select(TABLE.c.body).where(TABLE.c.id.in_(newest)).order_by(TABLE.c.rule)
    return [Rule.of(body) for body in connection.execute(chosen).scalars()]


def newest(connection: sa.Connection, ident: str) -> Rule | None:
    """Return the newest version of a rule, valid already or not; None where the office wrote none."""
    chosen = sa.select(TABLE.c.body).where(TABLE.c.rule == ident).order_by(TABLE.c.version.desc()).limit(1)
    body = connection.execute(chosen).scalar()
    return None if body is None else Rule.of(body)


def history(connection: sa.Connection, ident: str) -> list[KeptVersion]:
    """Return the office's versions of a rule, the oldest first."""
    chosen = sa.select(TABLE).where(TABLE.c.rule == ident).order_by(TABLE.c.version)
    return [
        KeptVersion(Rule.of(row.body), row.action, row.valid_from, row.created_at, row.created_by, row.reason)
        for row in connection.execute(chosen)
    ]


def lock(connection: sa.Connection) -> None:
    """Let nobody else write a rule before this transaction ends (embedded: nobody writes anyway)."""
    if not is_embedded(connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def append(
    connection: sa.Connection,
    rule: Rule,
    action: str,
    *,
    valid_from: date,
    actor: Actor,
    now: datetime,
    reason: str | None,
) -> None:
    """Keep a version; StaleVersion ``rule_changed`` where somebody kept one with this number."""
    taken = sa.select(TABLE.c.id).where(TABLE.c.rule == rule.id, TABLE.c.version >= rule.version)
    if connection.execute(taken).first() is not None:
        raise StaleVersion("rule_changed", rule=rule.id)
    row: dict[str, Any] = {
        "rule": rule.id,
        "version": rule.version,
        "action": action,
        "body": rule.body(),
        "valid_from": valid_from.isoformat(),
        "created_at": to_iso(now),
        "created_by": actor.name,
        "reason": reason,
    }
    connection.execute(sa.insert(TABLE), row)
