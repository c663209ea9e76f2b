"""Sealing of texts: AES-256-GCM with associated data, keys wrapped by other keys. Pure: no file, no database.

A sealed text is ``geo1:<key id>:<base64url of nonce and ciphertext>``. It opens only with the key of that id and
only for what it was sealed for (layer, row and field), so that nobody can move it to another place unnoticed.
"""

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from geo_service.foundation.errors import StoreFault

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MARK: Final = "geo1"
_SEALED: Final = re.compile(r"geo1:([0-9a-f]{12}):([A-Za-z0-9_-]{38,}={0,2})")


def new_key() -> bytes:
    """Return a random key of 256 bits."""
    return os.urandom(KEY_BYTES)


def key_id(key: bytes) -> str:
    """Return the name of a key: 12 hex digits that tell keys apart and nothing about them."""
    return hashlib.sha256(b"geo-service key id\x00" + key).hexdigest()[:12]


def key_text(key: bytes) -> str:
    """Return a key as it is written in a file or the environment (base64)."""
    return base64.b64encode(key).decode()


def key_of_text(text: str) -> bytes:
    """Return the key a text holds, base64 in either alphabet; StoreFault ``secret_key_form``."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise StoreFault("secret_key_form") from None
    if len(key) != KEY_BYTES:
        raise StoreFault("secret_key_form")
    return key


def sealed_with(text: object) -> str | None:
    """Return the id of the key a text was sealed with, None for anything that is no sealed text."""
    found = _SEALED.fullmatch(text) if isinstance(text, str) else None
    return found[1] if found else None


def about(layer: str, uid: str, field: str) -> str:
    """Return what a personal value is sealed for."""
    return f"{layer}|{uid}|{field}"


def seal(key: bytes, text: str, about: str, *, named: str | None = None) -> str:
    """Return ``text`` sealed for ``about``; ``named`` is the key's id where the caller has it already."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), about.encode())
    return f"{_MARK}:{named or key_id(key)}:{base64.urlsafe_b64encode(sealed).decode()}"


def open_sealed(key: bytes, sealed: str, about: str) -> str:
    """Return the text that was sealed with ``key`` for ``about``.

    Raises StoreFault ``sealed_value_broken`` for another key, another place, a changed or a malformed text.
    """
    found = _SEALED.fullmatch(sealed)
    try:
        raw = base64.urlsafe_b64decode(found[2] if found else "")
        return AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.encode()).decode()
    except (InvalidTag, ValueError):
        raise StoreFault("sealed_value_broken", about=about) from None


def wrap(service_key: bytes, key: bytes, about: str, *, named: str | None = None) -> str:
    """Return a person's key sealed by the service's key."""
    return seal(service_key, base64.b64encode(key).decode(), about, named=named)


def unwrap(service_key: bytes, wrapped: str, about: str) -> bytes:
    """Return a person's key; StoreFault ``sealed_value_broken``."""
    return base64.b64decode(open_sealed(service_key, wrapped, about))


@dataclass(frozen=True)
class ServiceKeys:
    """The service's keys: the first wraps, the others (while keys are being changed) only open."""

    keys: tuple[bytes, ...]

    @property
    def current(self) -> bytes:
        """The key that wraps."""
        return self.keys[0]

    def named(self, wanted: str | None) -> bytes | None:
        """Return the key with this id, None if there is none."""
        return next((key for key in self.keys if key_id(key) == wanted), None)

    @classmethod
    def of_text(cls, text: str) -> "ServiceKeys":
        """Return the keys of a text: base64, parted by commas or white space, lines with ``#`` left out.

        Raises StoreFault ``secret_key_form``.
        """
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        keys = tuple(key_of_text(word) for word in re.split(r"[\s,]+", "\n".join(lines)) if word)
        if not keys:
            raise StoreFault("secret_key_form")
        return cls(keys)

    def to_text(self) -> str:
        """Return the keys as a file holds them, the current one first."""
        return "".join(f"{key_text(key)}\n" for key in self.keys)
