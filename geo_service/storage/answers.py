"""Answers to creating requests by idempotency key, written in the transaction that created."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from geo_service.foundation.clock import to_iso
from geo_service.storage.tables import ANSWERS
from geo_service.storage.values import is_embedded

KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """How a request (a hash of it) was answered: the status and the headers that say where what was made is."""

    request_hash: str
    status: int
    headers: Mapping[str, str]


def find(connection: sa.Connection, key_hash: str, now: datetime) -> Answer | None:
    """Return the answer kept under a key, None if there is none or it is too old.

    From here to the end of the transaction nobody else comes past with the same key: a second request that is sent
    while the first is at work waits here and then finds its answer.
    """
    if not is_embedded(connection):  # the embedded store has one writer anyway
        number = int.from_bytes(bytes.fromhex(key_hash)[:8], signed=True)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (number,))
    found = connection.execute(
        sa.select(ANSWERS).where(ANSWERS.c.key_hash == key_hash, ANSWERS.c.at > to_iso(now - KEPT_FOR))
    ).one_or_none()
    if found is None:
        return None
    return Answer(found.request_hash, int(found.status), dict(found.headers))


def keep(connection: sa.Connection, key_hash: str, answer: Answer, now: datetime) -> None:
    """Note an answer under a key that :func:`find` found nothing under; forget all that are too old.

    Its body is not kept (the column stays empty): it would outlive rights, changes and erasures.
    """
    connection.execute(sa.delete(ANSWERS).where(ANSWERS.c.at <= to_iso(now - KEPT_FOR)))
    values: dict[str, Any] = {
        "key_hash": key_hash,
        "request_hash": answer.request_hash,
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": b"",
        "at": to_iso(now),
    }
    connection.execute(sa.insert(ANSWERS), values)
