"""Passwords: hashed with Argon2id, compared in constant work whether or not there is such an account."""

import threading
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from geo_service.domain.accounts import LONGEST_PASSWORD, plain_password

# one hash takes 64 MiB: more at once than this wait, so that a flood of sign-ins cannot take all memory
_AT_ONCE: Final = 2
_places: Final = threading.BoundedSemaphore(_AT_ONCE)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys() -> str:
    """Return the hash of no password, compared with where there is no account."""
    return _hasher().hash("nobody's password")


def hashed(password: str) -> str:
    """Return the Argon2id hash of a checked password."""
    with _places:
        return _hasher().hash(password)


def is_right(kept: str | None, given: str) -> bool:
    """Whether a typed password is the one a hash was made of; as much work where there is no hash."""
    password = plain_password(given)[: LONGEST_PASSWORD + 1]
    with _places:
        try:
            same = _hasher().verify(password, kept or _nobodys())
        except UnknownHashError:
            return False
    return same and kept is not None
