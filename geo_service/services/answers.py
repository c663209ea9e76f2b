"""What a creating request made, so that the same request sent again creates nothing.

Nothing of the answer itself is kept: who asks again is shown what was made by the story that reads it, with the rights
he has then.
"""

import hashlib
from typing import TYPE_CHECKING

from geo_service.foundation.errors import InvalidInput
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import answers
from geo_service.storage.answers import Answer

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Answer", "given_before", "keep"]


def given_before(conn: "Connection", ctx: Context, story: str, key: str, request_hash: str) -> Answer | None:
    """Return how the actor's request with this key was answered in the last 24 hours, None if it was not.

    While another request of the actor with the same key is at work, this waits for it. Raises Forbidden ``forbidden``
    for who may not do ``story`` (any more, or with this token); InvalidInput ``idempotency_key_reused`` where the key
    came with another request.
    """
    may(ctx.actor, story)
    found = answers.find(conn, _hash(ctx, key), ctx.clock())
    if found is not None and found.request_hash != request_hash:
        raise InvalidInput("idempotency_key_reused")
    return found


def keep(conn: "Connection", ctx: Context, key: str, answer: Answer) -> None:
    """Note the answer to the actor's request with this key, in the transaction of what it created."""
    answers.keep(conn, _hash(ctx, key), answer, ctx.clock())


def _hash(ctx: Context, key: str) -> str:
    """Return what a key is kept under: one account's keys are nobody else's."""
    whose = ctx.actor.account_uid or f"{ctx.actor.role}:{ctx.actor.name}"
    return hashlib.sha256(f"{whose}\n{key}".encode()).hexdigest()
