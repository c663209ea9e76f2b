"""Signed-in browsers, API tokens and one-time links: of each only the hash of what its holder has is kept."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import NotFound
from geo_service.foundation.ids import new_uid
from geo_service.storage.tables import API_TOKENS, LINKS, SESSIONS

Row = dict[str, Any]


def insert_session(
    conn: sa.Connection,
    account_id: int,
    token_hash: str,
    now: datetime,
    expires_at: datetime,
    *,
    means: str,
    has_second_factor: bool,
    address: str | None,
    agent: str | None,
) -> Row:
    """Keep a new session and return it."""
    row = {
        "uid": new_uid(now),
        "account_id": account_id,
        "token_hash": token_hash,
        "means": means,
        "has_second_factor": has_second_factor,
        "address": address,
        "agent": agent,
        "created_at": to_iso(now),
        "seen_at": to_iso(now),
        "expires_at": to_iso(expires_at),
        "ended_at": None,
    }
    conn.execute(sa.insert(SESSIONS), row)
    return row


def session_of(conn: sa.Connection, token_hash: str) -> Row | None:
    """Return the session with this hash that was not ended, None if there is none."""
    return _one(conn, sa.select(SESSIONS).where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.ended_at.is_(None)))


def sessions_of(conn: sa.Connection, account_id: int) -> list[Row]:
    """Return the sessions of an account that were not ended, the newest first."""
    chosen = sa.select(SESSIONS).where(SESSIONS.c.account_id == account_id, SESSIONS.c.ended_at.is_(None))
    return [dict(row) for row in conn.execute(chosen.order_by(SESSIONS.c.id.desc())).mappings()]


def see_session(conn: sa.Connection, uid: str, now: datetime) -> None:
    """Note that a session was just used."""
    conn.execute(sa.update(SESSIONS).where(SESSIONS.c.uid == uid).values(seen_at=to_iso(now)))


def confirm_session(conn: sa.Connection, uid: str) -> None:
    """Note that the holder of a session gave a one-time code."""
    conn.execute(sa.update(SESSIONS).where(SESSIONS.c.uid == uid).values(has_second_factor=True))


def end_session(conn: sa.Connection, account_id: int, uid: str, now: datetime) -> None:
    """End one session of an account; NotFound ``session_unknown``."""
    chosen = SESSIONS.c.account_id == account_id, SESSIONS.c.uid == uid, SESSIONS.c.ended_at.is_(None)
    if conn.execute(sa.update(SESSIONS).where(*chosen).values(ended_at=to_iso(now))).rowcount != 1:
        raise NotFound("session_unknown", session=uid[:64])


def end_sessions(conn: sa.Connection, account_id: int, now: datetime, but: str | None = None) -> int:
    """End all sessions of an account but the one with uid ``but``; returns how many."""
    chosen = sa.update(SESSIONS).where(SESSIONS.c.account_id == account_id, SESSIONS.c.ended_at.is_(None))
    if but is not None:
        chosen = chosen.where(SESSIONS.c.uid != but)
    return conn.execute(chosen.values(ended_at=to_iso(now))).rowcount


def drop_sessions(conn: sa.Connection, before: datetime) -> None:
    """Remove sessions that could not be used any more since ``before``; the audit keeps who signed in."""
    old = to_iso(before)
    conn.execute(sa.delete(SESSIONS).where(sa.or_(SESSIONS.c.expires_at < old, SESSIONS.c.ended_at < old)))


def insert_token(
    conn: sa.Connection,
    account_id: int,
    name: str,
    token_hash: str,
    scopes: tuple[str, ...],
    *,
    actor: Actor,
    now: datetime,
    expires_at: datetime,
) -> Row:
    """Keep a new API token and return it."""
    row = {
        "uid": new_uid(now),
        "account_id": account_id,
        "name": name,
        "token_hash": token_hash,
        "scopes": list(scopes),
        "created_at": to_iso(now),
        "created_by": actor.name,
        "expires_at": to_iso(expires_at),
        "used_at": None,
        "revoked_at": None,
    }
    conn.execute(sa.insert(API_TOKENS), row)
    return row


def token_of(conn: sa.Connection, token_hash: str) -> Row | None:
    """Return the API token with this hash that was not revoked, None if there is none."""
    chosen = sa.select(API_TOKENS).where(API_TOKENS.c.token_hash == token_hash, API_TOKENS.c.revoked_at.is_(None))
    return _one(conn, chosen)


def tokens_of(conn: sa.Connection, account_id: int) -> list[Row]:
    """Return the API tokens of an account that were not revoked, the newest first."""
    chosen = sa.select(API_TOKENS).where(API_TOKENS.c.account_id == account_id, API_TOKENS.c.revoked_at.is_(None))
    return [dict(row) for row in conn.execute(chosen.order_by(API_TOKENS.c.id.desc())).mappings()]


def use_token(conn: sa.Connection, uid: str, now: datetime) -> None:
    """Note that a token was just used."""
    conn.execute(sa.update(API_TOKENS).where(API_TOKENS.c.uid == uid).values(used_at=to_iso(now)))


def revoke_token(conn: sa.Connection, account_id: int, uid: str, now: datetime) -> None:
    """Revoke one token of an account; NotFound ``token_unknown``."""
    chosen = API_TOKENS.c.account_id == account_id, API_TOKENS.c.uid == uid, API_TOKENS.c.revoked_at.is_(None)
    if conn.execute(sa.update(API_TOKENS).where(*chosen).values(revoked_at=to_iso(now))).rowcount != 1:
        raise NotFound("token_unknown", token=uid[:64])


def revoke_tokens(conn: sa.Connection, account_id: int, now: datetime) -> int:
    """Revoke all tokens of an account; returns how many."""
    chosen = sa.update(API_TOKENS).where(API_TOKENS.c.account_id == account_id, API_TOKENS.c.revoked_at.is_(None))
    return conn.execute(chosen.values(revoked_at=to_iso(now))).rowcount


def insert_link(
    conn: sa.Connection,
    account_id: int,
    purpose: str,
    token_hash: str,
    *,
    actor: Actor,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep a new one-time link; those made for the account before are used up."""
    use_links(conn, account_id, now)
    row = {
        "uid": new_uid(now),
        "account_id": account_id,
        "purpose": purpose,
        "token_hash": token_hash,
        "created_at": to_iso(now),
        "created_by": actor.name,
        "expires_at": to_iso(expires_at),
        "used_at": None,
    }
    conn.execute(sa.insert(LINKS), row)


def link_of(conn: sa.Connection, token_hash: str) -> Row | None:
    """Return the one-time link with this hash that was not used, None if there is none."""
    return _one(conn, sa.select(LINKS).where(LINKS.c.token_hash == token_hash, LINKS.c.used_at.is_(None)))


def use_link(conn: sa.Connection, uid: str, now: datetime) -> bool:
    """Use a link up; False if somebody else just did."""
    chosen = sa.update(LINKS).where(LINKS.c.uid == uid, LINKS.c.used_at.is_(None))
    return conn.execute(chosen.values(used_at=to_iso(now))).rowcount == 1


def use_links(conn: sa.Connection, account_id: int, now: datetime) -> None:
    """Use up all links of an account."""
    chosen = sa.update(LINKS).where(LINKS.c.account_id == account_id, LINKS.c.used_at.is_(None))
    conn.execute(chosen.values(used_at=to_iso(now)))


def _one(conn: sa.Connection, chosen: sa.Select[Any]) -> Row | None:
    row = conn.execute(chosen).mappings().first()
    return None if row is None else dict(row)
