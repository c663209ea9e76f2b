"""Stories about accounts for administrators: make, list, change, link, assign places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.accounts import (
    LINK_HOLDS,
    can_be_name,
    checked_display_name,
    checked_name,
    checked_role,
    plain_name,
)
from geo_service.domain.values import checked_text, shown
from geo_service.foundation.clock import local_date, to_iso
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound
from geo_service.foundation.texts import LANGS
from geo_service.services import identity, lockout
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import accounts, audit, person_keys, sessions

STORY: Final = "manage_accounts"
_TOLD: Final = (
    "uid",
    "name",
    "display_name",
    "role",
    "lang",
    "oidc_subject",
    "is_disabled",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "version",
)
_CHANGEABLE: Final = ("display_name", "role", "lang", "oidc_subject", "is_disabled")


@dataclass(frozen=True)
class Link:
    """A one-time link, shown once: the path of the page and until when it works (stored moment)."""

    path: str
    expires_at: str


def list_accounts(conn: Connection, ctx: Context) -> list[dict[str, Any]]:
    """Return all accounts by name, with their assignments."""
    may(ctx.actor, STORY)
    return [_told(conn, row, ctx) for row in accounts.list_accounts(conn)]


def get_account(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return an account with its assignments; NotFound ``account_unknown``."""
    may(ctx.actor, STORY)
    return _told(conn, accounts.get_account(conn, uid), ctx)


def find_account(conn: Connection, ctx: Context, name: str) -> dict[str, Any]:
    """Return the account with this name; NotFound ``account_name_unknown``."""
    may(ctx.actor, STORY)
    row = accounts.account_named(conn, plain_name(name)) if can_be_name(name) else None
    if row is None:
        raise NotFound("account_name_unknown", name=shown(name))
    return _told(conn, row, ctx)


def ensure_key(conn: Connection, ctx: Context) -> None:
    """Make the service's key where nothing was ever sealed; StoreFault as :func:`person_keys.service_keys`."""
    may(ctx.actor, STORY)
    person_keys.service_keys(conn, making=True)


def create_account(
    conn: Connection, ctx: Context, name: str, role: str, values: Mapping[str, Any], *, password_hash: str | None = None
) -> dict[str, Any]:
    """Make an account; without a password it is opened by a one-time link or at the OIDC provider.

    Raises InvalidInput of :func:`domain.accounts.checked_name` and ``role_unknown``; Conflict ``account_name_taken``,
    ``oidc_subject_taken``.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    given = {**_checked(values), "role": checked_role(role)}
    _refuse_taken_subject(conn, given.get("oidc_subject"), None)
    if password_hash is not None:
        given |= {"password_hash": password_hash, "password_changed_at": to_iso(now)}
    row = accounts.insert_account(conn, checked_name(name), given, ctx.actor, now)
    _note(conn, ctx, "account_created", row, {"name": row["name"], "role": row["role"]})
    return _told(conn, row, ctx)


def change_account(
    conn: Connection, ctx: Context, uid: str, *, expected_version: int, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Change an account; whoever is disabled or loses the role of admin loses it with the next request.

    Raises NotFound ``account_unknown``, StaleVersion ``account_changed``, Conflict ``last_admin``,
    ``oidc_subject_taken``, InvalidInput for wrong values.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    accounts.lock_accounts(conn)
    old = accounts.get_account(conn, uid)
    given = {key: value for key, value in _checked(changes).items() if value != old[key]}
    loses_way_in = "oidc_subject" in given and given["oidc_subject"] is None and old["password_hash"] is None
    if given.get("is_disabled") or given.get("role", "admin") != "admin" or loses_way_in:
        _refuse_last_admin(conn, old)
    _refuse_taken_subject(conn, given.get("oidc_subject"), uid)
    row = accounts.change_account(conn, uid, expected_version, given, actor=ctx.actor, now=now)
    if given.get("is_disabled"):
        _shut_out(conn, row, now)
    verb = "account_disabled" if given.get("is_disabled") else "account_changed"
    _note(conn, ctx, verb, row, {"before": {key: old[key] for key in given}, "after": given})
    return _told(conn, row, ctx)


def make_link(conn: Connection, ctx: Context, uid: str) -> Link:
    """Make the one-time link by which the holder of an account sets a password; earlier links stop working.

    Raises NotFound ``account_unknown``, Conflict ``account_disabled``.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    account = accounts.get_account(conn, uid)
    if account["is_disabled"]:
        raise Conflict("account_disabled", name=account["name"])
    token, expires_at = identity.new_token(), now + LINK_HOLDS
    purpose = "invitation" if account["password_hash"] is None else "password_reset"
    hashed = identity.token_hash(token)
    sessions.insert_link(conn, account["id"], purpose, hashed, actor=ctx.actor, now=now, expires_at=expires_at)
    lockout.unlock(conn, account["name"])
    _note(conn, ctx, "link_made", account, {"purpose": purpose})
    return Link(f"/set-password#{token}", to_iso(expires_at))


def reset_second_factor(conn: Connection, ctx: Context, uid: str) -> None:
    """Take the second factor from an account (its telephone is lost) and end its sessions."""
    may(ctx.actor, STORY)
    now = ctx.clock()
    account = accounts.get_account(conn, uid)
    accounts.note_account(conn, account["id"], {"totp_secret": None, "totp_confirmed_at": None, "totp_last_step": None})
    sessions.end_sessions(conn, account["id"], now)
    _note(conn, ctx, "second_factor_reset", account, None)


def assign(
    conn: Connection, ctx: Context, uid: str, *, layer: str, code: str, starts_on: str | None, ends_on: str | None
) -> dict[str, Any]:
    """Assign an area or governance grid from one day (today) to another (open), both included.

    ``layer`` is ``areas`` or ``grids``. Raises NotFound ``account_unknown``; InvalidInput ``place_unknown``,
    ``days_order``, ``day_form``.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    account = accounts.get_account(conn, uid)
    starts = _day(starts_on) or local_date(now, ctx.timezone)
    days = _in_order(starts, _day(ends_on))
    made = accounts.insert_assignment(conn, account["id"], layer, code, days, actor=ctx.actor, now=now)
    _note(conn, ctx, "assigned", account, _assignment(made))
    return _assignment(made)


def get_assignment(conn: Connection, ctx: Context, uid: str, assignment: str) -> dict[str, Any]:
    """Return an assignment of an account; NotFound ``account_unknown``, ``assignment_unknown``."""
    may(ctx.actor, STORY)
    account = accounts.get_account(conn, uid)
    return _assignment(accounts.get_assignment(conn, account["id"], assignment))


def end_assignment(
    conn: Connection, ctx: Context, uid: str, assignment: str, *, expected_version: int, ends_on: str | None
) -> dict[str, Any]:
    """Let an assignment end on a day; without one it ends at once.

    "At once" is the end of yesterday; an assignment that began today never held.
    Raises NotFound ``account_unknown``, ``assignment_unknown``; StaleVersion ``account_changed``; InvalidInput
    ``days_order``, ``day_form``.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    account = accounts.get_account(conn, uid)
    found = accounts.get_assignment(conn, account["id"], assignment)
    starts = date.fromisoformat(found["starts_on"])
    given = _day(ends_on)
    if given is None:
        yesterday = date.fromordinal(local_date(now, ctx.timezone).toordinal() - 1)
        changes = {"ends_on": yesterday.isoformat(), "starts_on": min(starts, yesterday).isoformat()}
    else:
        _in_order(starts, given)
        changes = {"ends_on": given.isoformat()}
    accounts.change_assignment(conn, assignment, expected_version, changes, actor=ctx.actor, now=now)
    changed = _assignment(accounts.get_assignment(conn, account["id"], assignment))
    _note(conn, ctx, "assignment_ended", account, changed)
    return changed


def needs_admin(conn: Connection) -> bool:
    """Whether there is no admin account that can sign in: what a server asks itself before it listens to a network."""
    return accounts.count_working_admins(conn) == 0


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given values of an account as they are stored; those that may not be given are mistakes of ours."""
    given = dict(values)
    if given.keys() - set(_CHANGEABLE):
        raise ValueError(f"not changeable: {sorted(given.keys() - set(_CHANGEABLE))}")
    if "display_name" in given:
        given["display_name"] = checked_display_name(given["display_name"])
    if "role" in given:
        given["role"] = checked_role(given["role"])
    if given.get("oidc_subject") is not None:
        given["oidc_subject"] = checked_text(given["oidc_subject"].strip(), 255) or None
    if given.get("lang") not in (None, *LANGS):
        raise InvalidInput("lang_unknown", language=str(given["lang"])[:20], known=", ".join(LANGS))
    return given


def _refuse_last_admin(conn: Connection, account: Mapping[str, Any]) -> None:
    is_working_admin = account["role"] == "admin" and not account["is_disabled"]
    if is_working_admin and accounts.count_working_admins(conn, but=account["uid"]) == 0:
        raise Conflict("last_admin", name=account["name"])


def _refuse_taken_subject(conn: Connection, subject: str | None, uid: str | None) -> None:
    found = accounts.account_of_subject(conn, subject) if subject else None
    if found is not None and found["uid"] != uid:
        raise Conflict("oidc_subject_taken", name=found["name"])


def _shut_out(conn: Connection, account: Mapping[str, Any], now: datetime) -> None:
    """End what somebody holds, so that it does not come back with the account."""
    sessions.end_sessions(conn, account["id"], now)
    sessions.revoke_tokens(conn, account["id"], now)
    sessions.use_links(conn, account["id"], now)


def _in_order(starts: date, ends: date | None) -> tuple[date, date | None]:
    if ends is not None and ends < starts:
        raise InvalidInput("days_order", starts_on=starts.isoformat(), ends_on=ends.isoformat())
    return starts, ends


def _day(raw: str | None) -> date | None:
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError:
        raise InvalidInput("day_form", day=(raw or "")[:20]) from None


def _note(
    conn: Connection, ctx: Context, verb: str, account: Mapping[str, Any], facts: Mapping[str, Any] | None
) -> None:
    audit.append(conn, ctx.actor, ctx.clock(), verb, layer="accounts", subject_uid=account["uid"], facts=facts)


def _told(conn: Connection, row: Mapping[str, Any], ctx: Context) -> dict[str, Any]:
    return {key: row[key] for key in _TOLD} | {
        "has_password": row["password_hash"] is not None,
        "password_changed_at": row["password_changed_at"],
        "has_second_factor": row["totp_confirmed_at"] is not None,
        "assignments": [_assignment(one) for one in accounts.assignments_of(conn, row["id"])],
    }


def _assignment(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("uid", "starts_on", "ends_on", "created_at", "created_by", "version")
    place = {"code": row["code"], "name": row["place_name"]}
    return {key: row[key] for key in kept} | {
        "area": place if row["layer"] == "areas" else None,
        "grid": place if row["layer"] == "grids" else None,
    }
