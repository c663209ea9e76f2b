"""What is counted against a limit: in the store, so that it survives a restart and several workers agree on it.

Whose attempts they are is kept as a hash only: what somebody types as a name may be a password.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from geo_service.foundation.clock import from_iso, to_iso
from geo_service.storage.tables import ATTEMPTS


def key_hash(kind: str, key: str) -> str:
    """Return what stands for a name or an address."""
    return hashlib.sha256(f"{kind}|{key}".encode("utf-8", "surrogatepass")).hexdigest()


def failures(conn: sa.Connection, kind: str, hashed: str, since: datetime) -> list[datetime]:
    """Return when attempts failed, from ``since`` on, also those that seem to come from the future."""
    chosen = sa.select(ATTEMPTS.c.at).where(
        ATTEMPTS.c.kind == kind, ATTEMPTS.c.key_hash == hashed, ATTEMPTS.c.has_failed, ATTEMPTS.c.at > to_iso(since)
    )
    return [from_iso(at) for at in conn.execute(chosen).scalars()]


def lock_key(conn: sa.Connection, hashed: str) -> None:
    """Let nobody else count this key before this transaction ends (embedded: nobody writes anyway)."""
    if conn.dialect.name != "sqlite":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (int(hashed[:15], 16),))


def record(conn: sa.Connection, kind: str, hashed: str, now: datetime) -> int:
    """Count an attempt as failed until it is known to be none; returns its id."""
    row = {"kind": kind, "key_hash": hashed, "at": to_iso(now), "has_failed": True}
    made = conn.execute(sa.insert(ATTEMPTS).returning(ATTEMPTS.c.id), row)
    return int(made.scalar_one())


def settle(conn: sa.Connection, ids: Sequence[int]) -> None:
    """Take back attempts that did not fail."""
    conn.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.id.in_(ids)))


def forget(conn: sa.Connection, kind: str, hashed: str) -> None:
    """Forget all failures of a key."""
    conn.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.kind == kind, ATTEMPTS.c.key_hash == hashed))


def bring_back(conn: sa.Connection, kind: str, hashed: str, now: datetime) -> None:
    """Keep what seems to come from the future (the clock was moved back) as of now."""
    chosen = sa.update(ATTEMPTS).where(ATTEMPTS.c.kind == kind, ATTEMPTS.c.key_hash == hashed)
    conn.execute(chosen.where(ATTEMPTS.c.at > to_iso(now)).values(at=to_iso(now)))


def drop(conn: sa.Connection, kinds: Sequence[str], before: datetime) -> None:
    """Remove attempts of these kinds that count for nothing any more."""
    conn.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.kind.in_(kinds), ATTEMPTS.c.at < to_iso(before)))
