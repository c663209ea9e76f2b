"""A small SQLite file beside the store: what all processes of a data folder share and may lose with it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_service.foundation.errors import StoreFault


def make_side_file(path: Path, schema: str) -> None:
    """Make the file where it is missing, for our eyes only, and its tables; StoreFault as :func:`side_file`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise StoreFault("store_not_writable", store=str(path), reason=error.strerror or "") from error
    with side_file(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(schema)


@contextmanager
def side_file(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection without a transaction; StoreFault ``store_…``, ``disk_…`` where it cannot be used."""
    try:
        connection = sqlite3.connect(path, timeout=15.0, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        code = "store_locked" if "locked" in str(error) else "disk_full" if "full" in str(error) else "disk_fault"
        raise StoreFault(code, store=str(path), reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise StoreFault("store_damaged", store=str(path), reason=str(error)) from error
