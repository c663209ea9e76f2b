"""Stories of one's own API tokens: for machines, limited to some of the rights and to a term."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.accounts import LONGEST_TOKEN_DAYS, checked_scopes
from geo_service.domain.values import checked_text
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import InvalidInput
from geo_service.services import identity
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit, sessions

STORY: Final = "own_account"
_TOLD: Final = ("uid", "name", "scopes", "created_at", "expires_at", "used_at", "revoked_at")
_MOST: Final = 50


def list_tokens(conn: Connection, ctx: Context) -> list[dict[str, Any]]:
    """Return one's API tokens that were not revoked, also expired ones, the newest first; never what they are."""
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    return [_told(row) for row in sessions.tokens_of(conn, account["id"])]


def create_token(conn: Connection, ctx: Context, name: str, scopes: Sequence[str], days: int) -> dict[str, Any]:
    """Make an API token; ``token`` in the answer is shown this once.

    Raises InvalidInput ``scopes_empty``, ``scope_unknown``, ``token_name_missing``, ``token_days``, ``tokens_many``.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    account = identity.own_account(conn, ctx)
    named = checked_text(name.strip(), 100)
    if not named:
        raise InvalidInput("token_name_missing")
    if not 1 <= days <= LONGEST_TOKEN_DAYS:
        raise InvalidInput("token_days", most=LONGEST_TOKEN_DAYS)
    if len(sessions.tokens_of(conn, account["id"])) >= _MOST:
        raise InvalidInput("tokens_many", most=_MOST)
    wanted = checked_scopes(scopes, ctx.actor.role)
    token = identity.TOKEN_MARK + identity.new_token()
    row = sessions.insert_token(
        conn,
        account["id"],
        named,
        identity.token_hash(token),
        wanted,
        actor=ctx.actor,
        now=now,
        expires_at=now + timedelta(days=days),
    )
    facts = {"token": row["uid"], "scopes": list(wanted), "expires_at": row["expires_at"]}
    audit.append(conn, ctx.actor, now, "token_made", layer="accounts", subject_uid=account["uid"], facts=facts)
    return {**_told(row), "token": token}


def revoke_token(conn: Connection, ctx: Context, uid: str) -> None:
    """Revoke an API token; NotFound ``token_unknown``, also for one of somebody else."""
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    sessions.revoke_token(conn, account["id"], uid, ctx.clock())
    facts = {"token": uid, "at": to_iso(ctx.clock())}
    audit.append(
        conn, ctx.actor, ctx.clock(), "token_revoked", layer="accounts", subject_uid=account["uid"], facts=facts
    )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in _TOLD}
