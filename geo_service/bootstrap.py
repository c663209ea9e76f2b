"""The one place of wiring: settings → store, jobs, context."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.reference import use_office_files
from geo_service.foundation.clock import Clock, system_clock
from geo_service.foundation.texts import DEFAULT_LANG, Lang
from geo_service.services.context import Context, Progress, no_progress
from geo_service.services.identity import AccountsSeen
from geo_service.services.secrets import KeyFile, KeyText
from geo_service.services.tiles import RunsKept, TileCache, Versions
from geo_service.settings import Settings
from geo_service.storage import person_keys
from geo_service.storage.heavy_work import HeavyWork
from geo_service.storage.jobs import Jobs
from geo_service.storage.store import Store, open_store

T = TypeVar("T")
_REMEMBERED: Final = 100  # answers for people with different rights


def open_context(
    settings: Settings,
    actor: Actor = LOCAL_ADMIN,
    lang: Lang = DEFAULT_LANG,
    progress: Progress = no_progress,
    *,
    clock: Clock = system_clock,
) -> Context:
    """Open the store the settings name and return a context around it; StoreFault where it cannot be used.

    The caller closes it with ``context.store.close()``. FileFault where a reference file of the office is wrong.
    """
    use_office_files(settings.reference_folder)
    store = open_store(settings.store_url).anchored_in(settings.var_dir)
    return context_of(store, settings, actor, lang, progress, clock=clock)


def context_of(
    store: Store,
    settings: Settings,
    actor: Actor = LOCAL_ADMIN,
    lang: Lang = DEFAULT_LANG,
    progress: Progress = no_progress,
    *,
    clock: Clock = system_clock,
) -> Context:
    """Return a context around an open store; one that was not told where the service's key is learns it."""
    if not person_keys.has_keys(store.engine):
        person_keys.use_keys(store.engine, key_source(settings))
    printed = {"map_approval": settings.map_approval, "public_address": settings.public_address}
    return Context(store, actor, clock, settings.var_dir, lang, progress, settings.timezone, **printed)


def key_source(settings: Settings) -> KeyText | KeyFile:
    """Return where the service's key is: the environment, the file it names, ``secret.key`` in the data folder."""
    if settings.secret_key:
        return KeyText(settings.secret_key)
    return KeyFile(settings.secret_key_file or settings.var_dir / "secret.key")


def open_jobs(settings: Settings, clock: Clock = system_clock) -> Jobs:
    """Open the job file under the data folder, making it where it is missing."""
    return Jobs(settings.var_dir / "jobs.sqlite3", clock)


class Remembered:
    """Answers that change only when a layer does: kept by name until the versions they were made from change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[dict[str, int], Any]] = {}

    def get(self, name: str, versions: Mapping[str, int], make: Callable[[], T]) -> T:
        """Return the kept answer, or make it; the caller read ``versions`` in the same transaction."""
        with self._lock:
            found = self._kept.get(name)
        if found is not None and found[0] == versions:
            return cast(T, found[1])
        made = make()
        with self._lock:
            self._kept[name] = (dict(versions), made)
            while len(self._kept) > _REMEMBERED:
                del self._kept[next(iter(self._kept))]
        return made


@dataclass
class Service:
    """What one server process keeps between requests.

    The store is opened at the first use and again at the next one while that fails, so that a server started
    before its database answers 503 until it is there.
    """

    settings: Settings
    clock: Clock = system_clock
    open_store: Callable[[str], Store] = open_store
    versions: Versions = field(default_factory=Versions)
    accounts_seen: AccountsSeen = field(default_factory=AccountsSeen)
    tile_cache: TileCache = field(default_factory=TileCache)
    run_homes: RunsKept = field(default_factory=RunsKept)
    remembered: Remembered = field(default_factory=Remembered)
    _store: Store | None = None
    _jobs: Jobs | None = None
    _heavy_work: HeavyWork | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        use_office_files(self.settings.reference_folder)

    @property
    def store(self) -> Store:
        """The open store; StoreFault while it cannot be opened."""
        if self._store is None:
            with self._lock:
                if self._store is None:
                    self._store = self.open_store(self.settings.store_url).anchored_in(self.settings.var_dir)
        return self._store

    @property
    def jobs(self) -> Jobs:
        """The job file."""
        if self._jobs is None:
            with self._lock:
                if self._jobs is None:
                    self._jobs = open_jobs(self.settings, self.clock)
        return self._jobs

    @property
    def heavy_work(self) -> HeavyWork:
        """The count of heavy work, shared with the other server processes of the data folder."""
        if self._heavy_work is None:
            with self._lock:
                if self._heavy_work is None:
                    self._heavy_work = HeavyWork(self.settings.var_dir, time.time)
        return self._heavy_work

    def context(self, actor: Actor, lang: Lang) -> Context:
        """Return the context of one request."""
        return context_of(self.store, self.settings, actor, lang, clock=self.clock)

    def close(self) -> None:
        """Give everything back."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            if self._heavy_work is not None:
                self._heavy_work.close()
            self._store = self._jobs = self._heavy_work = None
