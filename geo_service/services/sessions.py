"""Stories of one's own sessions and password."""

from typing import Any, Final

from sqlalchemy import Connection

from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import Conflict, GeoServiceError
from geo_service.services import identity, proof
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.sign_in import Begun
from geo_service.storage import accounts, audit, sessions

STORY: Final = "own_account"
_TOLD: Final = ("uid", "means", "has_second_factor", "address", "agent", "created_at", "seen_at", "expires_at")


def list_sessions(conn: Connection, ctx: Context, here: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return where one is signed in, the newest first; ``is_current`` marks the session that asks."""
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    this, now = here["uid"] if here else None, to_iso(ctx.clock())
    listed = [row for row in sessions.sessions_of(conn, account["id"]) if row["expires_at"] > now]
    return [{**{key: row[key] for key in _TOLD}, "is_current": row["uid"] == this} for row in listed]


def end_session(conn: Connection, ctx: Context, uid: str) -> None:
    """Sign out elsewhere; NotFound ``session_unknown``, also for the session of somebody else."""
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    sessions.end_session(conn, account["id"], uid, ctx.clock())
    facts = {"session": uid}
    audit.append(conn, ctx.actor, ctx.clock(), "signed_out", layer="accounts", subject_uid=account["uid"], facts=facts)


def begin_password(conn: Connection, ctx: Context) -> Begun:
    """Count an attempt to give one's old password: it is limited like a sign-in. Conflict ``password_none``."""
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    if account["password_hash"] is None:
        raise Conflict("password_none")
    return proof.begin_password(conn, ctx, account)


def set_password(
    conn: Connection, ctx: Context, begun: Begun, *, is_right: bool, password_hash: str, here: dict[str, Any]
) -> GeoServiceError | None:
    """Change one's password; all other sessions and all API tokens end.

    Returns why not (so that the attempt stays counted), as :func:`proof.finish`.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    refused = proof.finish(conn, ctx, begun, is_right=is_right)
    if refused is not None:
        return refused
    account = identity.own_account(conn, ctx)
    accounts.note_account(conn, account["id"], {"password_hash": password_hash, "password_changed_at": to_iso(now)})
    sessions.end_sessions(conn, account["id"], now, but=here["uid"])
    sessions.revoke_tokens(conn, account["id"], now)
    facts = {"by": "holder"}
    audit.append(conn, ctx.actor, now, "password_set", layer="accounts", subject_uid=account["uid"], facts=facts)
    return None
