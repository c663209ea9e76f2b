"""Writers of one embedded store wait in turn: those of a process in the order they came, processes at a turnstile.

SQLite takes one writer at a time and lets the others try again and again, the newest most often; under load some
never get through and end with "database is locked". Here a thread waits for the thread before it, and a process asks
SQLite only while it holds the turnstile, a lock on a file beside the store, which it gives on as soon as it writes:
a process that writes without pause cannot overtake one that waits.
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TURNSTILE_END: Final = "-turn"
_RETRY_S: Final = 0.003
_queues: dict[Path, "WriteQueue"] = {}
_queues_lock: Final = threading.Lock()


class WriteQueue:
    """The writers of one process, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self, within_s: float) -> Iterator[None]:
        """Hold the one place of the writer; TimeoutError after ``within_s`` seconds of waiting."""
        self._take(within_s)
        try:
            yield
        finally:
            self._give_on()

    def _take(self, within_s: float) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            called = threading.Event()
            self._waiting.append(called)
        try:
            if called.wait(within_s):
                return
        except BaseException:  # interrupted: nobody may be called who is not there
            if not self._leave(called):
                self._give_on()
            raise
        if self._leave(called):
            raise TimeoutError
        # else called in the very moment the wait ended: the place is ours

    def _leave(self, called: threading.Event) -> bool:
        """Leave the queue; False for who was called meanwhile and has the place."""
        with self._lock:
            if called.is_set():
                return False
            self._waiting.remove(called)
            return True

    def _give_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


def queue_of(path: Path) -> WriteQueue:
    """Return this process's queue of a store's file, the same for all who opened it."""
    with _queues_lock:
        return _queues.setdefault(path.resolve(), WriteQueue())


@contextmanager
def turnstile(path: Path, until: float) -> Iterator[None]:
    """Hold the place before the store among processes; TimeoutError at ``until`` (of ``time.monotonic``).

    The lock dies with its process. OSError where the file cannot be made.
    """
    handle = os.open(path.with_name(path.name + TURNSTILE_END), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise TimeoutError from None
                time.sleep(_RETRY_S)
        yield
    finally:
        os.close(handle)
