"""Identifiers: UUID version 7 (RFC 9562) for the outside, fingerprints for frozen inputs."""

import hashlib
import json
import secrets
from datetime import datetime
from uuid import UUID


def new_uid(moment: datetime) -> str:
    """Return a UUIDv7 whose first 48 bits are ``moment`` in Unix milliseconds."""
    return uid_at(moment, secrets.token_bytes(10))


def uid_at(moment: datetime, noise: bytes) -> str:
    """Return the UUIDv7 of ``moment`` and ten bytes of ``noise`` (seeded generators give their own)."""
    raw = bytearray(int(moment.timestamp() * 1000).to_bytes(6, "big") + noise[:10])
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    return str(UUID(bytes=bytes(raw)))


def fingerprint(value: object) -> str:
    """Return the SHA-256 hex digest of the canonical JSON of ``value`` (sorted keys, no spaces)."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def new_uids(moment: datetime, count: int) -> list[str]:
    """Return ``count`` UUIDv7 of one moment, ascending (bulk loads: one call of the random source)."""
    head = int(moment.timestamp() * 1000).to_bytes(6, "big").hex()
    head = f"{head[:8]}-{head[8:]}-7"
    noise = secrets.token_bytes(10 * count).hex()
    variant = "89ab"
    return sorted(
        f"{head}{noise[n : n + 3]}-{variant[int(noise[n + 3], 16) & 3]}{noise[n + 4 : n + 7]}-{noise[n + 7 : n + 19]}"
        for n in range(0, 20 * count, 20)
    )
