"""How much heavy work one account may ask for: so many questions a minute, so many at once.

Counted in a file that all server processes of a data folder share (``storage/heavy_work.py``), so that several workers
together allow no more than one. Analyses that wait or run are counted in the job file.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from geo_service.api.door import Door
from geo_service.foundation.errors import TooManyRequests
from geo_service.settings import Settings

Work = Literal["analysis", "explain", "search", "export", "photo", "oidc"]
OIDC_PER_MINUTE: Final = 60  # ways to the identity provider and back, by address
_AGAIN_S: Final = 5


@dataclass(frozen=True)
class Limit:
    """How many a minute and how many at once; 0: as many as one likes."""

    per_minute: int
    at_once: int


class Counted(Protocol):
    """The count of heavy work of all server processes."""

    def begin(self, kind: str, who: str, *, per_minute: int, at_once: int) -> int:
        """Count a piece of work and return its number; TooManyRequests."""

    def end(self, number: int) -> None:
        """Note that it runs no more."""


class Limits:
    """The limits of each kind of work, held against what every asker has begun; ``counted`` opens the count."""

    def __init__(self, limits: Mapping[Work, Limit], counted: Callable[[], Counted]) -> None:
        self._limits = limits
        self._counted = counted

    @classmethod
    def of(cls, settings: Settings, counted: Callable[[], Counted]) -> "Limits":
        """Return the limits the settings name."""
        at_once = settings.limit_at_once
        return cls(
            {
                "analysis": Limit(settings.limit_analyses_per_minute, at_once),
                "explain": Limit(settings.limit_explain_per_minute, at_once),
                "search": Limit(settings.limit_search_per_minute, at_once),
                "export": Limit(settings.limit_exports_per_minute, at_once),
                "photo": Limit(settings.limit_photos_per_minute, at_once),
                "oidc": Limit(OIDC_PER_MINUTE, at_once),
            },
            counted,
        )

    @contextmanager
    def held(self, work: Work, who: str) -> Iterator[None]:
        """Count a piece of work of ``who`` while the block runs; TooManyRequests ``too_many_requests``."""
        limit = self._limits[work]
        if not limit.per_minute and not limit.at_once:
            yield
            return
        counted = self._counted()
        number = counted.begin(work, who, per_minute=limit.per_minute, at_once=limit.at_once)
        try:
            yield
        finally:
            counted.end(number)


@contextmanager
def heavy(door: Door, work: Work) -> Iterator[None]:
    """Count a request's piece of heavy work while the block runs; TooManyRequests ``too_many_requests``."""
    limits: Limits = door.request.app.state.limits
    with limits.held(work, asker_of(door)):
        yield


def check_waiting(door: Door, kind: str, parameters: Mapping[str, Any]) -> None:
    """Refuse another job while the asker has too many unfinished; asking for one of them again is none.

    Raises TooManyRequests ``too_many_requests``.
    """
    most = door.service.settings.limit_jobs_at_once
    if not most:
        return
    mine = [job for job in door.service.jobs.unfinished() if job["actor"] == door.actor.name]
    if any(job["kind"] == kind and job["parameters"] == parameters for job in mine):
        return
    if len(mine) >= most:
        raise TooManyRequests("too_many_requests", retry_after_s=_AGAIN_S)


def asker_of(door: Door) -> str:
    """Return whom work is counted for: the account, without one the address."""
    client = door.request.client
    return door.actor.account_uid or door.actor.address or (client.host if client else "") or door.actor.name
