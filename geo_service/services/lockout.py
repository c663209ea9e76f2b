"""Lock-out: failures counted in the store by name and by address; what is counted stands before it is tried.

Attempts from a browser its holder signed in with before, and of who is signed in, are counted apart: strangers who
try a name lock it for themselves, not for its holder.

An attempt is kept as failed before the password is looked at and taken back if it was right, so that neither many at
once nor a killed process can try more often than the limit.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from geo_service.domain.accounts import BY_ADDRESS, BY_NAME, Limit, locked_for
from geo_service.foundation.errors import TooManyRequests
from geo_service.storage import attempts

NAME: Final = "sign_in_name"
ADDRESS: Final = "sign_in_address"
DEVICE: Final = "sign_in_device"
INSIDE: Final = "signed_in"
_LIMITS: Final[dict[str, Limit]] = {NAME: BY_NAME, ADDRESS: BY_ADDRESS, DEVICE: BY_NAME, INSIDE: BY_NAME}
_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True)
class Attempt:
    """One attempt that counts as failed until it is taken back; ``locked`` says for how long none is allowed."""

    keys: tuple[tuple[str, str], ...]
    ids: tuple[int, ...] = ()
    locked: timedelta | None = None

    def refusal(self) -> TooManyRequests | None:
        """Return the refusal of a locked attempt."""
        return None if self.locked is None else refusal(self.locked)


def refusal(left: timedelta) -> TooManyRequests:
    """Return what a locked name or address is told: the same for both."""
    seconds = max(1, math.ceil(left.total_seconds()))
    return TooManyRequests("sign_in_locked", retry_after_s=seconds, minutes=math.ceil(seconds / 60))


def keys_of(name: str | None, address: str | None) -> tuple[tuple[str, str], ...]:
    """Return what an attempt is counted under, always in the same order."""
    found = []
    if name is not None:
        found.append((NAME, attempts.key_hash(NAME, name)))
    if address is not None:
        found.append((ADDRESS, attempts.key_hash(ADDRESS, _network(address))))
    return tuple(found)


def keys_of_device(device: str) -> tuple[tuple[str, str], ...]:
    """Return what an attempt from a known browser is counted under: it can try one name, so nothing else is needed."""
    return ((DEVICE, attempts.key_hash(DEVICE, device)),)


def keys_inside(account_uid: str) -> tuple[tuple[str, str], ...]:
    """Return what passwords and codes given by who is signed in are counted under, from whatever session."""
    return ((INSIDE, attempts.key_hash(INSIDE, account_uid)),)


def is_locked(conn: Connection, now: datetime, keys: tuple[tuple[str, str], ...]) -> timedelta | None:
    """Return how long the longest lock holds, None without one or where :func:`begin` has to look closer.

    Only reads, so that a flood of attempts on a locked name does not keep writers busy.
    """
    longest = None
    for kind, hashed in keys:
        found = attempts.failures(conn, kind, hashed, _since(now, kind))
        if any(moment > now for moment in found):
            return None
        left = locked_for(found, now, _LIMITS[kind])
        longest = max(filter(None, (longest, left)), default=None)
    return longest


def begin(conn: Connection, now: datetime, keys: tuple[tuple[str, str], ...]) -> Attempt:
    """Count an attempt (in a write transaction that must be committed before the password is looked at)."""
    longest = None
    for kind, hashed in keys:
        attempts.lock_key(conn, hashed)
        attempts.bring_back(conn, kind, hashed, now)
        left = locked_for(attempts.failures(conn, kind, hashed, _since(now, kind)), now, _LIMITS[kind])
        longest = max(filter(None, (longest, left)), default=None)
    if longest is not None:
        return Attempt(keys, locked=longest)
    return Attempt(keys, tuple(attempts.record(conn, kind, hashed, now) for kind, hashed in keys))


def took(conn: Connection, now: datetime, attempt: Attempt, *, wholly: bool) -> None:
    """Take an attempt back: it was right; ``wholly`` (nothing is missing any more) also forgets the failures before.

    The address keeps its other failures: who has one account must not be able to try others without end.
    """
    attempts.settle(conn, attempt.ids)
    if wholly:
        for kind, hashed in attempt.keys:
            if kind != ADDRESS:
                attempts.forget(conn, kind, hashed)
        attempts.drop(conn, list(_LIMITS), now - _KEPT)


def locks_now(conn: Connection, now: datetime, attempt: Attempt) -> list[str]:
    """Return which limits a failed attempt has just reached."""
    return [
        kind
        for kind, hashed in attempt.keys
        if locked_for(attempts.failures(conn, kind, hashed, _since(now, kind)), now, _LIMITS[kind]) is not None
    ]


def unlock(conn: Connection, name: str) -> None:
    """Forget all failures of a name: its holder got a one-time link from an administrator."""
    attempts.forget(conn, NAME, attempts.key_hash(NAME, name))


def _since(now: datetime, kind: str) -> datetime:
    limit = _LIMITS[kind]
    return now - limit.window - limit.lock


def _network(address: str) -> str:
    """Return what one household or office has of addresses: one of IPv4, a /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
