"""How much heavy work one account may ask for: so many questions a minute, so many at once.

Kept in memory of the process: a restart forgets a minute at most, several server processes each allow the whole
amount. What must outlive a restart (failed sign-ins) is kept in the store instead, and analyses that wait or run
are counted in the job file, which all processes share.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from geo_service.api.door import Door
from geo_service.foundation.errors import TooManyRequests
from geo_service.settings import Settings

Work = Literal["analysis", "explain", "search", "export", "photo"]
_WINDOW_S: Final = 60.0
_AT_ONCE_AGAIN_S: Final = 5
_ASKERS_KEPT: Final = 10_000


@dataclass(frozen=True)
class Limit:
    """How many a minute and how many at once; 0: as many as one likes."""

    per_minute: int
    at_once: int


@dataclass
class _Asker:
    began: deque[float] = field(default_factory=deque)
    running: int = 0


class Limits:
    """What every asker has begun in the last minute and has running in this process."""

    def __init__(self, limits: Mapping[Work, Limit], clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._askers: OrderedDict[tuple[Work, str], _Asker] = OrderedDict()

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits the settings name."""
        at_once = settings.limit_at_once
        return cls(
            {
                "analysis": Limit(settings.limit_analyses_per_minute, at_once),
                "explain": Limit(settings.limit_explain_per_minute, at_once),
                "search": Limit(settings.limit_search_per_minute, at_once),
                "export": Limit(settings.limit_exports_per_minute, at_once),
                "photo": Limit(settings.limit_photos_per_minute, at_once),
            }
        )

    @contextmanager
    def held(self, work: Work, who: str) -> Iterator[None]:
        """Count a piece of work of ``who`` while the block runs; TooManyRequests ``too_many_requests``."""
        asker = self._begin(work, who)
        try:
            yield
        finally:
            with self._lock:
                asker.running -= 1

    def _begin(self, work: Work, who: str) -> _Asker:
        limit = self._limits[work]
        with self._lock:
            asker = self._askers.setdefault((work, who), _Asker())
            self._askers.move_to_end((work, who))
            now = self._clock()
            while asker.began and asker.began[0] <= now - _WINDOW_S:
                asker.began.popleft()
            if limit.at_once and asker.running >= limit.at_once:
                raise _too_many(_AT_ONCE_AGAIN_S)
            if limit.per_minute and len(asker.began) >= limit.per_minute:
                raise _too_many(asker.began[0] + _WINDOW_S - now)
            asker.began.append(now)
            asker.running += 1
            self._forget_idle(now)
            return asker

    def _forget_idle(self, now: float) -> None:
        """Keep the memory of askers bounded: the longest unseen go first, unless they have work running."""
        while len(self._askers) > _ASKERS_KEPT:
            key, asker = next(iter(self._askers.items()))
            if asker.running:
                self._askers.move_to_end(key)
                return
            del self._askers[key]


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
        raise _too_many(_AT_ONCE_AGAIN_S)


def asker_of(door: Door) -> str:
    """Return whom work is counted for: the account, without one the address."""
    client = door.request.client
    return door.actor.account_uid or door.actor.address or (client.host if client else "") or door.actor.name


def _too_many(retry_after_s: float) -> TooManyRequests:
    return TooManyRequests("too_many_requests", retry_after_s=max(1, round(retry_after_s)))
