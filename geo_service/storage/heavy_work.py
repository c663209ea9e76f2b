"""Who has begun how much heavy work: a file beside the store that all server processes of a data folder share.

Whose work it is is kept as a hash only. Losing the file forgets a minute.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from geo_service.foundation.clock import system_clock
from geo_service.foundation.errors import StoreFault, TooManyRequests
from geo_service.foundation.ids import new_uid
from geo_service.storage.attempts import key_hash
from geo_service.storage.serving import Serving, is_serving
from geo_service.storage.side_file import make_side_file, side_file

_WINDOW_S: Final = 60.0
_AT_ONCE_AGAIN_S: Final = 5
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS work (
  id INTEGER PRIMARY KEY,
  asker TEXT NOT NULL,
  began REAL NOT NULL,
  server TEXT NOT NULL,
  is_running INTEGER NOT NULL DEFAULT 1 CHECK (is_running IN (0, 1))
);
CREATE INDEX IF NOT EXISTS work_asker ON work (asker, began);
CREATE INDEX IF NOT EXISTS work_began ON work (began);
"""


class HeavyWork:
    """The work of all askers, counted in the file ``limits.sqlite3`` of a data folder.

    Parameters
    ----------
    folder
        The data folder (``var_dir``).
    clock
        Seconds, the same for all processes; what seems to come from the future (it was moved back) counts no more.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._path = folder / "limits.sqlite3"
        self._servers = folder / "servers"
        self._clock = clock
        self._unended: list[int] = []
        make_side_file(self._path, _SCHEMA)
        self._serving = Serving(self._servers, new_uid(system_clock()))
        with self._changing() as connection:
            self._end_lost(connection, connection.execute("SELECT DISTINCT server FROM work WHERE is_running = 1"))

    def begin(self, kind: str, who: str, *, per_minute: int, at_once: int) -> int:
        """Count another piece of work of ``who`` and return its number, to end it by; 0 as a limit: any number.

        Raises TooManyRequests ``too_many_requests``.
        """
        asker = key_hash(kind, who)
        with self._changing() as connection:
            now = self._clock()
            connection.execute(
                "DELETE FROM work WHERE (began <= ? OR began > ?) AND is_running = 0", (now - _WINDOW_S, now)
            )
            if at_once and self._running(connection, asker) >= at_once:
                raise _too_many(_AT_ONCE_AGAIN_S)
            began = _began(connection, asker, now)
            if per_minute and len(began) >= per_minute:
                raise _too_many(min(_WINDOW_S, began[-per_minute] + _WINDOW_S - now))
            made = connection.execute(
                "INSERT INTO work (asker, began, server) VALUES (?, ?, ?)", (asker, now, self._serving.name)
            )
            return int(made.lastrowid or 0)

    def end(self, number: int) -> None:
        """Note that a piece of work runs no more; it still counts for its minute.

        What cannot be noted now (a full disk) is noted before the next piece: nobody's answer is lost by that.
        """
        self._unended.append(number)
        with suppress(StoreFault), self._changing():
            pass

    def close(self) -> None:
        """Let the other processes know that nothing of this one runs any more."""
        self._serving.end()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection in a transaction of its own, in which what has ended is ended first."""
        with side_file(self._path) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            ended = list(self._unended)
            connection.executemany("UPDATE work SET is_running = 0 WHERE id = ?", [(number,) for number in ended])
            yield connection
            connection.execute("COMMIT")
        for number in ended:
            with suppress(ValueError):  # another thread has noted it, too
                self._unended.remove(number)

    def _running(self, connection: sqlite3.Connection, asker: str) -> int:
        """Return how much of an asker's work runs; that of a process that is gone does not."""
        running = "FROM work WHERE asker = ? AND is_running = 1"
        self._end_lost(connection, connection.execute(f"SELECT DISTINCT server {running}", (asker,)))
        return int(connection.execute(f"SELECT count(*) {running}", (asker,)).fetchone()[0])

    def _end_lost(self, connection: sqlite3.Connection, servers: Iterable[sqlite3.Row]) -> None:
        for name in [row["server"] for row in servers]:
            if not is_serving(self._servers, name):
                connection.execute("UPDATE work SET is_running = 0 WHERE server = ?", (name,))


def _began(connection: sqlite3.Connection, asker: str, now: float) -> list[float]:
    """Return when an asker's work of the last minute began, the oldest first."""
    chosen = "SELECT began FROM work WHERE asker = ? AND began > ? ORDER BY began"
    return [row["began"] for row in connection.execute(chosen, (asker, now - _WINDOW_S))]


def _too_many(retry_after_s: float) -> TooManyRequests:
    return TooManyRequests("too_many_requests", retry_after_s=max(1, round(retry_after_s)))
