"""Accounts and their assignments: kept, found, changed only from the version that was read."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo_service.foundation.ids import new_uid
from geo_service.storage.tables import ACCOUNTS, ASSIGNMENTS, TABLES

Row = dict[str, Any]


def has_accounts(conn: sa.Connection) -> bool:
    """Whether there is any account, also a disabled one."""
    return conn.execute(sa.select(ACCOUNTS.c.id).limit(1)).first() is not None


def insert_account(conn: sa.Connection, name: str, values: Mapping[str, Any], actor: Actor, now: datetime) -> Row:
    """Keep a new account; Conflict ``account_name_taken``."""
    if account_named(conn, name) is not None:
        raise Conflict("account_name_taken", name=name)
    row = {"uid": new_uid(now), "name": name, "is_disabled": False, **values, **_stamps(actor, now)}
    conn.execute(sa.insert(ACCOUNTS), row)
    return get_account(conn, row["uid"])


def get_account(conn: sa.Connection, uid: str) -> Row:
    """Return an account; NotFound ``account_unknown``."""
    found = _one(conn, sa.select(ACCOUNTS).where(ACCOUNTS.c.uid == uid))
    if found is None:
        raise NotFound("account_unknown", account=uid[:64])
    return found


def account_named(conn: sa.Connection, name: str) -> Row | None:
    """Return the account with this name, None if there is none."""
    return _one(conn, sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name))


def account_of_subject(conn: sa.Connection, subject: str) -> Row | None:
    """Return the account with this name at the OIDC provider, None if there is none."""
    return _one(conn, sa.select(ACCOUNTS).where(ACCOUNTS.c.oidc_subject == subject))


def account_with_id(conn: sa.Connection, account_id: int) -> Row:
    """Return the account a session, token or link belongs to."""
    return dict(conn.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.id == account_id)).mappings().one())


def list_accounts(conn: sa.Connection) -> list[Row]:
    """Return all accounts by name."""
    return [dict(row) for row in conn.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name)).mappings()]


def change_account(
    conn: sa.Connection, uid: str, version: int, changes: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Row:
    """Change an account read as ``version``; NotFound ``account_unknown``, StaleVersion ``account_changed``."""
    _change(conn, ACCOUNTS, uid, version, changes, actor=actor, now=now, unknown="account_unknown")
    return get_account(conn, uid)


def note_account(conn: sa.Connection, account_id: int, values: Mapping[str, Any]) -> None:
    """Note what the account's own sign-ins change (password, second factor), which is nobody's edit.

    The version rises all the same: an administrator's form that is open meanwhile must not write old values back.
    """
    changed = {**values, "version": ACCOUNTS.c.version + 1}
    conn.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(changed))


def use_step(conn: sa.Connection, account_id: int, step: int) -> bool:
    """Note that the one-time code of a time step was used; False if it, or a later one, was used already."""
    last = ACCOUNTS.c.totp_last_step
    taken = conn.execute(
        sa.update(ACCOUNTS)
        .where(ACCOUNTS.c.id == account_id, sa.or_(last.is_(None), last < step))
        .values(totp_last_step=step)
    )
    return taken.rowcount == 1


def count_working_admins(conn: sa.Connection, but: str | None = None) -> int:
    """Return how many admin accounts can sign in, leaving out the one with uid ``but``.

    Not disabled, and with a password or an identity at the provider: one that was only invited is none yet.
    """
    has_way_in = sa.or_(ACCOUNTS.c.password_hash.is_not(None), ACCOUNTS.c.oidc_subject.is_not(None))
    chosen = sa.select(sa.func.count()).where(ACCOUNTS.c.role == "admin", sa.not_(ACCOUNTS.c.is_disabled), has_way_in)
    if but is not None:
        chosen = chosen.where(ACCOUNTS.c.uid != but)
    return int(conn.execute(chosen).scalar_one())


def lock_accounts(conn: sa.Connection) -> None:
    """Let nobody else change who is an admin before this transaction ends (embedded: nobody writes anyway)."""
    if conn.dialect.name != "sqlite":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(20190021)")


def insert_assignment(
    conn: sa.Connection,
    account_id: int,
    layer: str,
    code: str,
    days: tuple[date, date | None],
    *,
    actor: Actor,
    now: datetime,
) -> Row:
    """Assign an area or grid (``layer`` is ``areas`` or ``grids``) from one day to another, both included.

    Raises InvalidInput ``place_unknown``.
    """
    table = TABLES[layer]
    place = conn.execute(sa.select(table.c.id).where(table.c.code == code, table.c.retired_at.is_(None))).scalar()
    if place is None:
        raise InvalidInput("place_unknown", code=code[:64])
    starts, ends = days
    row = {
        "uid": new_uid(now),
        "account_id": account_id,
        "area_id": place if layer == "areas" else None,
        "grid_id": place if layer == "grids" else None,
        "starts_on": starts.isoformat(),
        "ends_on": None if ends is None else ends.isoformat(),
        **_stamps(actor, now),
    }
    conn.execute(sa.insert(ASSIGNMENTS), row)
    return get_assignment(conn, account_id, row["uid"])


def get_assignment(conn: sa.Connection, account_id: int, uid: str) -> Row:
    """Return an assignment of an account; NotFound ``assignment_unknown``."""
    found = next((one for one in assignments_of(conn, account_id) if one["uid"] == uid), None)
    if found is None:
        raise NotFound("assignment_unknown", assignment=uid[:64])
    return found


def change_assignment(
    conn: sa.Connection, uid: str, version: int, changes: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Change an assignment read as ``version``; NotFound ``assignment_unknown``, StaleVersion ``account_changed``."""
    _change(conn, ASSIGNMENTS, uid, version, changes, actor=actor, now=now, unknown="assignment_unknown")


@cache
def _assigned() -> sa.Select[Any]:
    """Return the SELECT of assignments with their places, made once: every request of somebody signed in asks it."""
    area, grid = TABLES["areas"], TABLES["grids"]
    joined = ASSIGNMENTS.outerjoin(area, area.c.id == ASSIGNMENTS.c.area_id).outerjoin(
        grid, grid.c.id == ASSIGNMENTS.c.grid_id
    )
    return (
        sa.select(
            ASSIGNMENTS,
            sa.func.coalesce(area.c.code, grid.c.code).label("code"),
            sa.func.coalesce(area.c.name, grid.c.name).label("place_name"),
        )
        .select_from(joined)
        .order_by(ASSIGNMENTS.c.starts_on, ASSIGNMENTS.c.id)
    )


def assignments_of(conn: sa.Connection, account_id: int, today: date | None = None) -> list[Row]:
    """Return an account's assignments with ``layer``, ``code`` and ``place_name``; with ``today`` those of that day."""
    chosen = _assigned().where(ASSIGNMENTS.c.account_id == account_id)
    if today is not None:
        day = today.isoformat()
        ends = ASSIGNMENTS.c.ends_on
        chosen = chosen.where(ASSIGNMENTS.c.starts_on <= day, sa.or_(ends.is_(None), ends >= day))
    found = [dict(row) for row in conn.execute(chosen).mappings()]
    return [{**row, "layer": "areas" if row["area_id"] is not None else "grids"} for row in found]


def _change(
    conn: sa.Connection,
    table: sa.Table,
    uid: str,
    version: int,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    unknown: str,
) -> None:
    stamps = {"updated_at": to_iso(now), "updated_by": actor.name, "version": version + 1}
    chosen = sa.update(table).where(table.c.uid == uid, table.c.version == version).values({**changes, **stamps})
    if conn.execute(chosen).rowcount == 1:
        return
    current = conn.execute(sa.select(table.c.version).where(table.c.uid == uid)).scalar()
    if current is None:
        raise NotFound(unknown, account=uid[:64], assignment=uid[:64])
    raise StaleVersion("account_changed", expected=version, found=current)


def _stamps(actor: Actor, now: datetime) -> Row:
    moment = to_iso(now)
    return {
        "created_at": moment,
        "created_by": actor.name,
        "updated_at": moment,
        "updated_by": actor.name,
        "version": 1,
    }


def _one(conn: sa.Connection, chosen: sa.Select[Any]) -> Row | None:
    row = conn.execute(chosen).mappings().first()
    return None if row is None else dict(row)
