"""May this actor do this? The first line of every story.

Until accounts arrive (part 2) there is one local admin who may do everything; everybody else is refused.
"""

from typing import Final

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import Forbidden

VERBS: Final = frozenset({"read", "read_personal", "analyse", "report", "write", "import", "export", "manage"})


def may(actor: Actor, verb: str) -> None:
    """Return if ``actor`` may do ``verb`` (one of :data:`VERBS`); raise Forbidden ``forbidden`` otherwise."""
    if verb not in VERBS:
        raise ValueError(f"unknown verb: {verb}")
    if actor.role != "admin":
        raise Forbidden("forbidden", actor=actor.name, role=actor.role, verb=verb)
