"""Proving oneself again before what a stolen session must not do: making API tokens, dropping the second factor.

Who has a password types it; who signs in at the identity provider only must have done so a moment ago. In steps as
signing in, because comparing a password must not hold a transaction.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.accounts import holds
from geo_service.foundation.clock import from_iso
from geo_service.foundation.errors import Forbidden, GeoServiceError, InvalidInput, SignInNeeded
from geo_service.services import identity, lockout
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.sign_in import Begun
from geo_service.storage import audit

STORY: Final = "own_account"
_FRESH: Final = timedelta(minutes=10)


def begin(conn: Connection, ctx: Context, session: dict[str, Any], password: str | None) -> Begun | None:
    """Count an attempt to give one's password; None where a fresh sign-in at the provider is enough.

    Raises InvalidInput ``password_needed`` where none is given; Forbidden ``sign_in_again`` where there is none and
    the sign-in at the provider is older than ten minutes.
    """
    may(ctx.actor, STORY)
    account = identity.own_account(conn, ctx)
    if account["password_hash"] is not None:
        if password is None:
            raise InvalidInput("password_needed")
        return begin_password(conn, ctx, account)
    began = from_iso(session["created_at"])
    if session["means"] == "oidc" and holds(began, began + _FRESH, ctx.clock()):
        return None
    raise Forbidden("sign_in_again", minutes=int(_FRESH.total_seconds()) // 60)


def begin_password(conn: Connection, ctx: Context, account: dict[str, Any]) -> Begun:
    """Count an attempt to give the password of one's own ``account``, apart from those of strangers."""
    may(ctx.actor, STORY)
    return Begun(lockout.begin(conn, ctx.clock(), lockout.keys_inside(account["uid"])), account)


def finish(conn: Connection, ctx: Context, begun: Begun, *, is_right: bool) -> GeoServiceError | None:
    """Return why the password does not count (so that the attempt stays counted), None if it was right.

    TooManyRequests ``sign_in_locked``, SignInNeeded ``password_wrong``.
    """
    may(ctx.actor, STORY)
    now = ctx.clock()
    if begun.attempt.locked is not None:
        return begun.attempt.refusal()
    account = identity.own_account(conn, ctx)
    if not is_right or account["password_hash"] != begun.password_hash:
        audit.append(conn, ctx.actor, now, "password_refused", layer="accounts", subject_uid=account["uid"])
        return SignInNeeded("password_wrong")
    lockout.took(conn, now, begun.attempt, wholly=True)
    return None
