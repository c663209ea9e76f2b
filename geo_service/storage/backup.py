"""One frozen state of a store as a file of its own, while others go on writing; and what a restored store forgets."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import StoreFault
from geo_service.storage.copying import Copied, checksums, copy_into
from geo_service.storage.queueing import TURNSTILE_END
from geo_service.storage.store import Store, create_store
from geo_service.storage.tables import API_TOKENS, LINKS, SESSIONS

Progress = Callable[[float | None, str], None]
_PAGES: Final = 2000  # copied between two looks at the progress


def snapshot(store: Store, path: Path, progress: Progress) -> list[Copied]:
    """Write the store as it is now into an embedded store at ``path``; returns rows and checksums of that state.

    Embedded: SQLite's online backup out of one read transaction. PostGIS: copied out of one REPEATABLE READ
    transaction. Nobody who writes meanwhile waits for it. Raises StoreFault ``store_not_writable``, ``disk_full``,
    ``copy_differs``.
    """
    with store.reading() as connection:
        if store.path is None:
            target = create_store(f"sqlite:///{path}")
            try:
                with target.writing() as here:
                    copied = copy_into(connection, here, str(target), progress)
            finally:
                target.close()
            return copied
        found = _online(connection, path, progress)
    return found


def _online(connection: sa.Connection, path: Path, progress: Progress) -> list[Copied]:
    raw: Any = connection.connection.driver_connection
    # the first read fixes the state this connection sees; the backup is taken of that
    connection.exec_driver_sql("SELECT COUNT(*) FROM sqlite_master").scalar()
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        target = sqlite3.connect(path)
        try:
            raw.backup(
                target,
                pages=_PAGES,
                progress=lambda _status, left, total: progress(
                    0.5 * (1 - left / max(total, 1)), "progress.backup_taking"
                ),
            )
            target.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, no log beside it
        finally:
            target.close()
    except sqlite3.Error as error:
        code = "disk_full" if "full" in str(error) else "store_not_writable"
        raise StoreFault(code, store=str(path), reason=str(error)) from error
    progress(0.5, "progress.comparing")
    return checksums(connection)


@contextmanager
def filling(url: str) -> Iterator[Store]:
    """Yield the store to fill, made where it is missing; a file made for it goes again if the block raises."""
    path = _file(url)
    is_new = path is not None and not path.exists()
    store = create_store(url)
    try:
        yield store
    except BaseException:
        store.close()
        if path is not None and is_new:
            for end in ("", "-wal", "-shm", TURNSTILE_END):
                path.with_name(path.name + end).unlink(missing_ok=True)
        raise
    store.close()


def _file(url: str) -> Path | None:
    """Return the file an address names; None for a database, and for an address that is none."""
    try:
        parsed = sa.engine.make_url(url)
    except exc.ArgumentError:
        return None
    return Path(parsed.database) if parsed.drivername == "sqlite" and parsed.database else None


def end_sign_ins(connection: sa.Connection, now: datetime) -> None:
    """Let nobody be signed in, and no API token or one-time link be good: some ended after the backup was made."""
    connection.execute(sa.delete(SESSIONS))
    connection.execute(sa.delete(LINKS))
    good = API_TOKENS.c.revoked_at.is_(None)
    connection.execute(sa.update(API_TOKENS).where(good).values(revoked_at=to_iso(now)))
