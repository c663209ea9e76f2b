"""Who acts: the account behind a cookie, an API token or a name, with the rights it has at this moment.

Read anew for every request: a changed role, an ended assignment or a disabled account counts at once.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import Connection

from geo_service.domain.accounts import Terms, can_be_name, holds, is_idle, plain_name
from geo_service.domain.actors import ANONYMOUS, Actor, Via
from geo_service.domain.rights import RIGHTS, reach_of
from geo_service.domain.values import shown
from geo_service.foundation.clock import from_iso, local_date
from geo_service.foundation.errors import Forbidden, NotFound
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import accounts, sessions

if TYPE_CHECKING:
    from geo_service.storage.store import Store

FactorState = Literal["none", "needed", "pending", "on"]
TOKEN_MARK: Final = "geo_"
_SEEN_EVERY: Final = timedelta(minutes=5)
_NONE_LASTS_S: Final = 1.0


@dataclass(frozen=True)
class SignedIn:
    """Somebody who was recognised.

    Attributes
    ----------
    actor
        Who it is.
    account
        The account as stored.
    session
        The session, None for an API token.
    second_factor
        ``none`` not asked for, ``needed`` to be set up, ``pending`` this session has not shown it yet, ``on``.
    is_stale
        Its last use should be noted again.
    """

    actor: Actor
    account: dict[str, Any]
    session: dict[str, Any] | None
    second_factor: FactorState
    is_stale: bool


def new_token() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_token(session_token: str) -> str:
    """Return what a page must send along with changes; nobody can make it without the cookie."""
    return hmac.new(session_token.encode("utf-8", "surrogatepass"), b"geo-service csrf", hashlib.sha256).hexdigest()


def are_there_accounts(conn: Connection) -> bool:
    """Whether there is any account: from the first one on everybody has to sign in."""
    return accounts.has_accounts(conn)


class AccountsSeen:
    """Whether there is an account: asked of the store at most once a second while there is none, then never again.

    So a tile from the cache costs no question to the store; a first account made by another process counts within
    a second, one made by this process at once (``forget``).
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._is_there = False
        self._asked_at: float | None = None

    def are_there(self, store: "Store") -> bool:
        """Return whether ``store`` has any account."""
        with self._lock:
            now = self._monotonic()
            if not self._is_there and (self._asked_at is None or now - self._asked_at > _NONE_LASTS_S):
                with store.reading() as conn:
                    self._is_there = are_there_accounts(conn)
                self._asked_at = now
            return self._is_there

    def forget(self) -> None:
        """Ask again at the next question (after a committed write)."""
        with self._lock:
            self._asked_at = None


def by_session(conn: Connection, token: str, now: datetime, zone: str, terms: Terms) -> SignedIn | None:
    """Return who holds the cookie ``token``; None where it is unknown, ended, too old, or the account is disabled."""
    session = sessions.session_of(conn, token_hash(token))
    if session is None:
        return None
    created, seen, expires = (from_iso(session[key]) for key in ("created_at", "seen_at", "expires_at"))
    if not holds(created, min(expires, created + terms.longest), now) or is_idle(seen, now, terms.idle):
        return None
    account = accounts.account_with_id(conn, session["account_id"])
    if account["is_disabled"]:
        return None
    actor = actor_of(conn, account, now, zone, via="browser")
    return SignedIn(actor, account, session, _factor(account, session), abs(now - seen) > _SEEN_EVERY)


def by_token(conn: Connection, token: str, now: datetime, zone: str) -> SignedIn | None:
    """Return whose API token this is; None where it is unknown, revoked, expired, or the account is disabled."""
    found = sessions.token_of(conn, token_hash(token)) if token.startswith(TOKEN_MARK) else None
    if found is None or not holds(from_iso(found["created_at"]), from_iso(found["expires_at"]), now):
        return None
    account = accounts.account_with_id(conn, found["account_id"])
    if account["is_disabled"]:
        return None
    actor = actor_of(conn, account, now, zone, via="token", scopes=frozenset(found["scopes"]))
    is_stale = found["used_at"] is None or abs(now - from_iso(found["used_at"])) > _SEEN_EVERY
    # it could only be made in a session that had shown the second factor
    factor = _factor(account, None)
    return SignedIn(actor, account, None, "on" if factor == "pending" else factor, is_stale)


def note_use(conn: Connection, signed: SignedIn, token: str, now: datetime) -> None:
    """Note that a session or API token was just used."""
    if signed.session is not None:
        sessions.see_session(conn, signed.session["uid"], now)
        return
    found = sessions.token_of(conn, token_hash(token))
    if found is not None:
        sessions.use_token(conn, found["uid"], now)


def by_name(conn: Connection, name: str, now: datetime, zone: str) -> Actor:
    """Return the account a command acts as; NotFound ``account_name_unknown``, Forbidden ``account_disabled``."""
    account = accounts.account_named(conn, plain_name(name)) if can_be_name(name) else None
    if account is None:
        raise NotFound("account_name_unknown", name=shown(name))
    if account["is_disabled"]:
        raise Forbidden("account_disabled", name=account["name"])
    return actor_of(conn, account, now, zone, via="command")


def by_uid(
    conn: Connection, uid: str, now: datetime, zone: str, *, via: Via, scopes: frozenset[str] | None = None
) -> Actor:
    """Return the actor of an account as it is now; NotFound ``account_unknown``, Forbidden ``account_disabled``."""
    account = accounts.get_account(conn, uid)
    if account["is_disabled"]:
        raise Forbidden("account_disabled", name=account["name"])
    return actor_of(conn, account, now, zone, via=via, scopes=scopes)


def actor_of(
    conn: Connection,
    account: dict[str, Any],
    now: datetime,
    zone: str,
    *,
    via: Via,
    scopes: frozenset[str] | None = None,
) -> Actor:
    """Return the actor of an account with the places assigned to it today (in the office's zone)."""
    places = accounts.assignments_of(conn, account["id"], local_date(now, zone))
    areas, grids = (
        tuple(sorted({place["code"] for place in places if place["layer"] == layer})) for layer in ("areas", "grids")
    )
    return Actor(account["name"], account["role"], account["uid"], areas, grids, scopes, via)


def own_account(conn: Connection, ctx: Context) -> dict[str, Any]:
    """Return the account of who asks; NotFound ``account_none`` for the local admin."""
    may(ctx.actor, "own_account")
    if ctx.actor.account_uid is None:
        raise NotFound("account_none")
    return accounts.get_account(conn, ctx.actor.account_uid)


def me(conn: Connection, ctx: Context, signed: SignedIn | None, csrf: str | None) -> dict[str, Any]:
    """Return what a page wants to know of who looks at it; everybody may ask this of themselves."""
    account = signed.account if signed else {}
    today = local_date(ctx.clock(), ctx.timezone)
    places = accounts.assignments_of(conn, account["id"], today) if account else []
    means = signed.session["means"] if signed and signed.session else None
    return {
        "name": ctx.actor.name,
        "display_name": account.get("display_name"),
        "role": ctx.actor.role,
        "account_uid": ctx.actor.account_uid,
        "lang": account.get("lang"),
        "areas": [_place(place) for place in places if place["layer"] == "areas"],
        "grids": [_place(place) for place in places if place["layer"] == "grids"],
        "via": ctx.actor.via,
        "csrf_token": csrf,
        "second_factor": signed.second_factor if signed else "none",
        "must_set_password": bool(account) and account["password_hash"] is None and means != "oidc",
        "may": {story: reach_of(ctx.actor, story) for story in RIGHTS},
    }


def stranger(ctx: Context) -> Actor:
    """Return anonymous from where this request came, for the audit."""
    return ANONYMOUS.asked(ctx.actor.address, ctx.actor.request_id)


def _place(place: dict[str, Any]) -> dict[str, Any]:
    return {"code": place["code"], "name": place["place_name"]}


def _factor(account: dict[str, Any], session: dict[str, Any] | None) -> FactorState:
    if account["totp_confirmed_at"] is not None:
        return "on" if session is not None and session["has_second_factor"] else "pending"
    return "needed" if account["role"] == "admin" else "none"
