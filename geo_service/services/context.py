"""What every story is given: the store, who acts, the clock, where files go, the language, who is told of progress."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import Clock
from geo_service.foundation.texts import Lang

if TYPE_CHECKING:
    from geo_service.storage.store import Store

# Told the share done (0..1, None when it cannot be known) and the key of a text saying what is being done.
Progress = Callable[[float | None, str], None]


def no_progress(share: float | None, message_key: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Context:
    """Everything around a story that is not its question.

    Attributes
    ----------
    store
        The open store; doors open the transaction, stories use its connection and never commit.
    actor
        Who asks.
    clock
        Says now; injected so that tests and re-runs can fix it.
    var_dir
        Folder for everything written besides the store (network arrays, logs).
    lang
        Language of texts that go into files.
    progress
        Told how far a long story is.
    timezone
        The office's zone, for dates.
    map_approval
        The recorded approval of the office's maps (审图号), empty where there is none.
    public_address
        Where people reach the service (``https://host``), printed as a QR code; empty where it is not said.
    """

    store: "Store"
    actor: Actor
    clock: Clock
    var_dir: Path
    lang: Lang
    progress: Progress = no_progress
    timezone: str = "Asia/Shanghai"
    map_approval: str = ""
    public_address: str = ""

    def telling(self, progress: Progress) -> "Context":
        """Return this context with another listener for progress."""
        return replace(self, progress=progress)

    def stage(self, first: float, last: float) -> "Context":
        """Return this context with its progress 0..1 mapped into the range ``first``..``last`` of the whole."""

        def tell(share: float | None, key: str) -> None:
            self.progress(None if share is None else first + (last - first) * share, key)

        return self.telling(tell)
