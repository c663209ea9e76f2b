"""Passwords in tests: one that is good enough, and hashes that cost next to nothing."""

from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from geo_service.services import passwords

PASSWORD = "tulip7Gravel"
CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash with the least work."""
    monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()
