"""Stories of signing in and out. They are open to everybody: who signs in is not known yet.

Three steps, because comparing a password takes long and must not hold a transaction: :func:`begin` counts the attempt,
the door compares, :func:`finish` decides. What a refusal is, is returned and not raised: the attempt is kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.accounts import Terms, can_be_name, checked_password, holds, plain_name
from geo_service.domain.actors import Actor
from geo_service.foundation.clock import from_iso, to_iso
from geo_service.foundation.errors import GeoServiceError, NotFound, SignInNeeded
from geo_service.services import devices, identity, lockout, second_factor
from geo_service.services.context import Context
from geo_service.storage import accounts, audit, sessions

_SESSIONS_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True)
class Begun:
    """An attempt that was counted: what the password is compared with, and whose account it would open."""

    attempt: lockout.Attempt
    account: dict[str, Any] | None

    @property
    def password_hash(self) -> str | None:
        """The hash to compare with; None where nobody can sign in so, which costs as much work."""
        if self.account is None or self.account["is_disabled"]:
            return None
        kept: str | None = self.account["password_hash"]
        return kept


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: the new session's token, or why there is none."""

    token: str | None = None
    refused: GeoServiceError | None = None
    device: str | None = None


def device_part(name: str) -> str:
    """Return what the cookie of a browser known to the account of this name is called by."""
    return devices.cookie_part(plain_name(name))


def refuse_locked(conn: Connection, ctx: Context, name: str, device: str | None = None) -> None:
    """Raise TooManyRequests ``sign_in_locked`` for a name, address or known browser that is locked; only reads."""
    left = lockout.is_locked(conn, ctx.clock(), _counted(ctx, name, _account(conn, name), device))
    if left is not None:
        raise lockout.refusal(left)


def begin(conn: Connection, ctx: Context, name: str, device: str | None = None) -> Begun:
    """Count an attempt to sign in as ``name``, apart from those of strangers with ``device``; it may be locked."""
    account = _account(conn, name)
    return Begun(lockout.begin(conn, ctx.clock(), _counted(ctx, name, account, device)), account)


def finish(
    conn: Connection, ctx: Context, begun: Begun, *, is_right: bool, code: str | None, terms: Terms, agent: str | None
) -> Outcome:
    """Sign in if the password was right and, where the account has a second factor, the one-time code is.

    Refused with SignInNeeded ``sign_in_failed`` (one sentence for every cause), ``second_factor_needed`` (the
    password was right, the code is missing) or TooManyRequests ``sign_in_locked``.
    """
    now = ctx.clock()
    if begun.attempt.locked is not None:
        return Outcome(refused=begun.attempt.refusal())
    # read again: it may have been disabled, or its password changed, since it was compared
    account = None if begun.account is None else accounts.get_account(conn, begun.account["uid"])
    if not is_right or account is None or account["password_hash"] != begun.password_hash or account["is_disabled"]:
        return _failed(conn, ctx, begun, account)
    has_factor = account["totp_confirmed_at"] is not None
    if has_factor and code is None:
        lockout.took(conn, now, begun.attempt, wholly=False)
        return Outcome(refused=SignInNeeded("second_factor_needed"))
    if has_factor and not second_factor.takes(conn, account, code or "", now):
        return _failed(conn, ctx, begun, account)
    lockout.took(conn, now, begun.attempt, wholly=True)
    token = open_session(conn, ctx, account, means="password", has_factor=has_factor, terms=terms, agent=agent)
    return Outcome(token=token, device=devices.made(account, now))


def open_session(
    conn: Connection,
    ctx: Context,
    account: dict[str, Any],
    *,
    means: str,
    has_factor: bool,
    terms: Terms,
    agent: str | None,
) -> str:
    """Open a session and return its token, which nobody can read again."""
    now = ctx.clock()
    token = identity.new_token()
    session = sessions.insert_session(
        conn,
        account["id"],
        identity.token_hash(token),
        now,
        now + terms.longest,
        means=means,
        has_second_factor=has_factor,
        address=ctx.actor.address,
        agent=(agent or "")[:200] or None,
    )
    sessions.drop_sessions(conn, now - _SESSIONS_KEPT)
    who = _as(conn, ctx, account)
    facts = {"means": means, "session": session["uid"], "second_factor": has_factor}
    audit.append(conn, who, now, "signed_in", layer="accounts", subject_uid=account["uid"], facts=facts)
    return token


def sign_out(conn: Connection, ctx: Context, session: dict[str, Any]) -> None:
    """End the session of who asks."""
    account = identity.own_account(conn, ctx)
    sessions.end_session(conn, account["id"], session["uid"], ctx.clock())
    facts = {"session": session["uid"]}
    audit.append(conn, ctx.actor, ctx.clock(), "signed_out", layer="accounts", subject_uid=account["uid"], facts=facts)


def name_of_link(conn: Connection, ctx: Context, token: str) -> tuple[str, str | None]:
    """Return name and display name of the account a one-time link is for; NotFound ``link_unknown``."""
    account = _link(conn, ctx, token)[1]
    return account["name"], account["display_name"]


def check_new_password(password: str, name: str, display_name: str | None) -> str:
    """Return a new password as it is hashed; InvalidInput as :func:`domain.accounts.checked_password`."""
    return checked_password(password, name, display_name)


def use_link(conn: Connection, ctx: Context, token: str, password_hash: str) -> None:
    """Set a password by a one-time link; all sessions and API tokens of the account end.

    NotFound ``link_unknown`` for a link that is unknown, used, too old or of a disabled account.
    """
    now = ctx.clock()
    link, account = _link(conn, ctx, token)
    if not sessions.use_link(conn, link["uid"], now):
        raise NotFound("link_unknown")
    accounts.note_account(conn, account["id"], {"password_hash": password_hash, "password_changed_at": to_iso(now)})
    sessions.end_sessions(conn, account["id"], now)
    sessions.revoke_tokens(conn, account["id"], now)
    lockout.unlock(conn, account["name"])
    facts = {"by": "link", "purpose": link["purpose"]}
    who = _as(conn, ctx, account)
    audit.append(conn, who, now, "password_set", layer="accounts", subject_uid=account["uid"], facts=facts)


def _account(conn: Connection, name: str) -> dict[str, Any] | None:
    return accounts.account_named(conn, plain_name(name)) if can_be_name(name) else None


def _counted(
    ctx: Context, name: str, account: dict[str, Any] | None, device: str | None
) -> tuple[tuple[str, str], ...]:
    """Return what an attempt is counted under."""
    known = devices.recognised(account, device, ctx.clock())
    if known is not None:
        return lockout.keys_of_device(known)
    return lockout.keys_of(plain_name(name), ctx.actor.address)


def _link(conn: Connection, ctx: Context, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    link = sessions.link_of(conn, identity.token_hash(token))
    if link is None or not holds(from_iso(link["created_at"]), from_iso(link["expires_at"]), ctx.clock()):
        raise NotFound("link_unknown")
    account = accounts.account_with_id(conn, link["account_id"])
    if account["is_disabled"]:
        raise NotFound("link_unknown")
    return link, account


def _failed(conn: Connection, ctx: Context, begun: Begun, account: dict[str, Any] | None) -> Outcome:
    """Note a failure; a name that is nobody's is not kept: somebody may have typed a password there."""
    now, who = ctx.clock(), identity.stranger(ctx)
    uid = account["uid"] if account else None
    audit.append(conn, who, now, "sign_in_failed", layer="accounts", subject_uid=uid)
    for kind in lockout.locks_now(conn, now, begun.attempt):
        facts = {"by": kind.removeprefix("sign_in_")}
        audit.append(conn, who, now, "sign_in_locked", layer="accounts", subject_uid=uid, facts=facts)
    return Outcome(refused=SignInNeeded("sign_in_failed"))


def _as(conn: Connection, ctx: Context, account: dict[str, Any]) -> Actor:
    actor = identity.actor_of(conn, account, ctx.clock(), ctx.timezone, via="browser")
    return actor.asked(ctx.actor.address, ctx.actor.request_id)
