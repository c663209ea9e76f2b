"""Accounts: names, passwords, tokens' scopes, how long a sign-in holds and when a name or an address is locked."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from geo_service.domain.actors import ROLES, Role
from geo_service.domain.guessable_passwords import SHORTEST, is_common
from geo_service.domain.rights import RIGHTS, reach
from geo_service.domain.values import checked_text, shown
from geo_service.foundation.errors import InvalidInput

ACCOUNT_ROLES: Final[tuple[Role, ...]] = tuple(role for role in ROLES if role != "anonymous")
LONGEST_PASSWORD: Final = 200
LONGEST_NAME: Final = 64
RESERVED_NAMES: Final = frozenset({"local-admin", "anonymous", "system", "geo-service"})
NAME_PATTERN: Final = r"[0-9a-z一-鿿][0-9a-z一-鿿._@-]{1,63}"
# an API token never manages accounts, not even its own: whoever finds one must not be able to make a second one
NEVER_BY_TOKEN: Final = frozenset({"own_account", "manage_accounts", "sign_in"})
LONGEST_TOKEN_DAYS: Final = 366
LINK_HOLDS: Final = timedelta(hours=48)
# clocks of one office differ a little; what is further in the future was written by a clock that was wrong
CLOCK_TOLERANCE: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class Limit:
    """So many failures within ``window`` lock for ``lock``, counted from the last of them."""

    failures: int
    window: timedelta
    lock: timedelta


@dataclass(frozen=True)
class Terms:
    """How long a session holds: left alone, and at the longest."""

    idle: timedelta = timedelta(hours=12)
    longest: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class Provider:
    """An identity provider of the office (OpenID Connect): its address and what it knows the service by."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


def is_confidential(address: str) -> bool:
    """Whether an address is one where nobody on the way can read along: TLS, or this very machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or not address.isprintable() or " " in address or "\\" in address:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1"))


BY_NAME: Final = Limit(5, timedelta(minutes=15), timedelta(minutes=15))
BY_ADDRESS: Final = Limit(50, timedelta(minutes=15), timedelta(minutes=15))


def checked_name(raw: str) -> str:
    """Return an account's name as it is kept: NFKC, lower-case.

    Raises InvalidInput ``account_name_form``, ``account_name_reserved``.
    """
    name = plain_name(raw)
    if not re.fullmatch(NAME_PATTERN, name):
        raise InvalidInput("account_name_form", name=shown(raw), longest=LONGEST_NAME)
    if name in RESERVED_NAMES:
        raise InvalidInput("account_name_reserved", name=name)
    return name


def plain_name(raw: str) -> str:
    """Return a name as it is compared, whatever was typed."""
    return unicodedata.normalize("NFKC", raw).strip().lower()


def can_be_name(raw: str) -> bool:
    """Whether there can be an account of this name, so that it is worth looking for."""
    return len(raw) <= 2 * LONGEST_NAME and re.fullmatch(NAME_PATTERN, plain_name(raw)) is not None


def checked_display_name(raw: str | None) -> str | None:
    """Return the name people read, None where none is given; InvalidInput ``field_too_long``, ``text_unprintable``."""
    written = (raw or "").strip()
    if "\n" in written or "\r" in written:
        raise InvalidInput("text_unprintable", character="U+000A")
    return checked_text(written, 100) or None


def plain_password(raw: str) -> str:
    """Return a password as it is hashed (NFKC), so that every keyboard types the same."""
    return unicodedata.normalize("NFKC", raw)


def checked_password(raw: str, name: str, display_name: str | None = None) -> str:
    """Return a new password as it is hashed.

    Raises InvalidInput ``password_short``, ``password_long``, ``password_is_name``, ``password_common``; none of them
    holds the password.
    """
    password = plain_password(raw)
    if len(password) < SHORTEST:
        raise InvalidInput("password_short", fewest=SHORTEST)
    if len(password) > LONGEST_PASSWORD:
        raise InvalidInput("password_long", most=LONGEST_PASSWORD)
    if any(_is_made_of(password, own) for own in (name, display_name) if own):
        raise InvalidInput("password_is_name")
    if is_common(password):
        raise InvalidInput("password_common")
    return password


def _is_made_of(password: str, own: str) -> bool:
    """Whether a password is a name with nothing but numbers and marks around it, also backwards or doubled."""
    kept, name = (re.sub(r"[\W\d_]+", "", text.casefold()) for text in (password, own))
    whole, typed = own.casefold(), password.casefold()
    if typed in (whole, whole[::-1], whole * 2):
        return True
    return len(name) > 0 and kept in (name, name[::-1], name * 2, name * 3)


def checked_role(raw: str) -> Role:
    """Return a role an account can have; InvalidInput ``role_unknown``."""
    for role in ACCOUNT_ROLES:
        if role == raw:
            return role
    raise InvalidInput("role_unknown", role=shown(raw), known=", ".join(ACCOUNT_ROLES))


def scopes_for(role: Role) -> tuple[str, ...]:
    """Return the stories an API token of an account in ``role`` can be limited to."""
    return tuple(story for story in RIGHTS if story not in NEVER_BY_TOKEN and reach(role, story) != "none")


def checked_scopes(raw: Iterable[str], role: Role) -> tuple[str, ...]:
    """Return a token's scopes, sorted; InvalidInput ``scopes_empty``, ``scope_unknown``."""
    wanted, known = set(raw), scopes_for(role)
    if not wanted:
        raise InvalidInput("scopes_empty", known=", ".join(known))
    wrong = sorted(wanted.difference(known))
    if wrong:
        raise InvalidInput("scope_unknown", scope=shown(wrong[0]), known=", ".join(known))
    return tuple(sorted(wanted))


def holds(created_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether what was made at ``created_at`` holds at ``now``.

    What seems to come from the future does not: with a clock that was moved back it would hold longer than its term.
    """
    return created_at - CLOCK_TOLERANCE <= now < expires_at


def is_idle(seen_at: datetime, now: datetime, idle: timedelta) -> bool:
    """Whether a session was left alone too long; a moment in the future counts as now."""
    return now - seen_at > idle


def locked_for(failures: Sequence[datetime], now: datetime, limit: Limit) -> timedelta | None:
    """Return how long a lock still holds after ``failures`` (any order), None without one.

    Failures in the future (the clock was moved back) count as of now: they neither unlock nor lock for ever, because
    who asks keeps them as of now from then on.
    """
    times = sorted(min(moment, now) for moment in failures)
    if len(times) < limit.failures:
        return None
    last = times[-1]
    counted = [moment for moment in times if last - moment < limit.window]
    left = last + limit.lock - now
    return left if len(counted) >= limit.failures and left > timedelta(0) else None
