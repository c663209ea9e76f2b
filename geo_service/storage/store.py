"""The store: where it is, opening it, and its two kinds of transaction.

``sqlite:///PATH`` is the embedded store, a GeoPackage; ``postgresql+psycopg2://…`` is PostgreSQL with PostGIS.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy import event, exc

from geo_service.foundation.errors import InvalidInput, StoreFault
from geo_service.storage import audit, schema
from geo_service.storage.audit_anchor import FILE_NAME, Anchor
from geo_service.storage.faults import shown, translated
from geo_service.storage.geopackage import register_functions
from geo_service.storage.queueing import queue_of, turnstile

Kind = Literal["embedded", "postgis"]
BUSY_TIMEOUT_S: Final = 30.0
# the most connections a process has to a store; the web server has as many threads, each of which holds at most one
CONNECTIONS_AT_ONCE: Final = 16
_POOL: Final = {"pool_size": 8, "max_overflow": CONNECTIONS_AT_ONCE - 8}
_FULL: Final = 2  # PRAGMA synchronous: every commit is on the disk before it is told
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"


class Store:
    """An opened store.

    Attributes
    ----------
    url
        Its address as given; never show it to people (password), show ``str(store)``.
    kind
        ``embedded`` or ``postgis``.
    path
        The file of an embedded store, None otherwise. Nothing but this module may open it in this process:
        another SQLite library (GDAL's) closing it would drop our locks, and committed writes would vanish.
    engine
        The SQLAlchemy engine; prefer :meth:`reading` and :meth:`writing`.
    anchor
        Where the end of the audit's chain is kept after every commit; None: nowhere.
    """

    def __init__(self, url: str, engine: sa.Engine, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.url = url
        self.engine = engine
        self.busy_timeout_s = busy_timeout_s
        self.kind: Kind = "embedded" if engine.dialect.name == "sqlite" else "postgis"
        self.path = _path_of(url)
        self.anchor: Anchor | None = None

    def __str__(self) -> str:
        return shown(self.url)

    def anchored_in(self, folder: Path) -> "Store":
        """Keep the end of the audit's chain in ``folder`` from now on; returns this store."""
        address = f"sqlite:///{self.path.resolve()}" if self.path is not None else str(self)
        self.anchor = Anchor(folder / FILE_NAME, address)
        return self

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a connection that sees one frozen state of the store and cannot write."""
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        if self.kind == "embedded":
            options = {"geo_begin": "BEGIN"}
        with translated(self.url), self.engine.connect().execution_options(**options) as connection:
            if self.kind == "postgis":
                yield connection
                connection.rollback()
                return
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield connection
            finally:
                connection.rollback()
                connection.exec_driver_sql("PRAGMA query_only = OFF")
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Yield a connection in one write transaction, committed at the end, undone by any exception.

        Embedded: one writer at a time; the others wait in turn (``storage/queueing.py``). Who waits longer than the
        store's ``busy_timeout_s`` gets StoreFault ``store_locked``. What was said to the audit is its last step.
        """
        anchor = self.anchor
        with translated(self.url):
            with self._turn() as connection, audit.gathered(connection, anchor.holds if anchor else None) as lines:
                yield connection
            if anchor is not None:
                anchor.keep(lines)

    @contextmanager
    def _turn(self) -> Iterator[sa.Connection]:
        """Yield a connection in its write transaction; the connection is taken only once it is this writer's turn."""
        if self.path is None:
            with self.engine.connect() as connection, connection.begin():
                yield connection
            return
        until = time.monotonic() + self.busy_timeout_s
        with ExitStack() as held:
            try:
                held.enter_context(queue_of(self.path).turn(self.busy_timeout_s))
                immediate = self.engine.connect().execution_options(geo_begin="BEGIN IMMEDIATE")
                connection = held.enter_context(immediate)
                with turnstile(self.path, until):
                    held.enter_context(connection.begin())
            except TimeoutError as error:
                raise StoreFault("store_locked", store=str(self), reason="queue") from error
            except OSError as error:
                raise StoreFault("store_not_writable", store=str(self), reason=error.strerror or "") from error
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_store(url: str, *, check_version: bool = True, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
    """Open an existing store.

    Parameters
    ----------
    url
        ``sqlite:///PATH`` or ``postgresql+psycopg2://…``.
    check_version
        Refuse a store that is not on this service's migration.
    busy_timeout_s
        How long a writer waits for another one, in seconds.

    Raises
    ------
    InvalidInput
        ``database_url_wrong``.
    StoreFault
        ``store_missing``, ``store_not_ours``, ``store_not_writable``, ``store_unreachable``,
        ``store_database_missing``, ``store_login_refused``, ``store_no_postgis``, ``store_not_migrated``,
        ``store_newer``, ``store_locked``.
    """
    path = _path_of(url)
    if path is not None:
        _check_file(path, url)
    store = Store(url, _engine(url, busy_timeout_s), busy_timeout_s)
    try:
        if check_version:
            with store.reading() as connection:
                if store.kind == "postgis":
                    _check_postgis(connection, url)
                schema.check_current(connection, str(store))
            _keep_log(store)
    except BaseException:
        store.close()
        raise
    return store


def create_store(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
    """Create the store if it is not there, bring it to this service's migration and open it.

    Embedded: makes the folder and the file (mode 0600). PostgreSQL: the database must exist; the PostGIS
    extension is created where the account may. Raises as :func:`open_store`.
    """
    path = _path_of(url)
    if path is not None and not path.exists():
        _make_file(path, url)
    return upgrade_store(url, busy_timeout_s=busy_timeout_s)


def upgrade_store(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
    """Bring an existing store to this service's migration and open it; raises as :func:`open_store`."""
    store = open_store(url, check_version=False, busy_timeout_s=busy_timeout_s)
    try:
        with translated(url), store.engine.connect() as connection:
            migrate(store, connection, "head")
        _keep_log(store)
    except BaseException:
        store.close()
        raise
    return store


def migrate(store: Store, connection: sa.Connection, target: str) -> None:
    """Run the migrations up or down to ``target`` in one transaction (``head``, ``base`` or a revision)."""
    connection.rollback()
    if store.kind == "embedded":
        # a table that is rebuilt would take the rows that point to it along
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.rollback()
    try:
        with connection.execution_options(geo_begin="BEGIN IMMEDIATE").begin():
            if store.kind == "postgis":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20190019)")
                _ensure_postgis(connection, store.url)
            schema.migrate(connection, target, str(store))
            if store.kind == "embedded" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise StoreFault("store_damaged", store=str(store), reason="foreign_key_check")
    finally:
        if store.kind == "embedded":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.rollback()


def _keep_log(store: Store) -> None:
    """Put an embedded store into write-ahead mode: readers never wait for the writer."""
    if store.kind == "postgis":
        return
    with translated(store.url), store.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                raw.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.Error as error:
                raise StoreFault("store_locked", store=str(store), reason=str(error)) from error


def _path_of(url: str) -> Path | None:
    """Return the file of an embedded store, None for PostgreSQL; InvalidInput for any other address."""
    try:
        parsed = sa.engine.make_url(url)
    except exc.ArgumentError:
        raise InvalidInput("database_url_wrong", url=shown(url)) from None
    if parsed.drivername == "sqlite" and parsed.database and parsed.database != ":memory:" and not parsed.host:
        return Path(parsed.database)
    if parsed.drivername == "postgresql+psycopg2":
        return None
    raise InvalidInput("database_url_wrong", url=shown(url))


def _check_file(path: Path, url: str) -> None:
    """Refuse a path that cannot be a store before SQLite would create or misread it."""
    if not path.exists():
        raise StoreFault("store_missing", store=shown(url))
    if not path.is_file():
        raise StoreFault("store_not_ours", store=shown(url), reason="not a file")
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise StoreFault("store_not_writable", store=shown(url), reason="permission denied")
    with path.open("rb") as file:
        head = file.read(16)
    if head and head != _SQLITE_MAGIC:
        raise StoreFault("store_not_ours", store=shown(url), reason="file is not a database")


def _make_file(path: Path, url: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StoreFault("store_not_writable", store=shown(url), reason=error.strerror or "") from error


def _engine(url: str, busy_timeout_s: float) -> sa.Engine:
    """Return the engine with what every connection needs."""
    if not url.startswith("sqlite"):
        lock_timeout = f"lock_timeout={int(busy_timeout_s * 1000)}"
        options = f"-c timezone=UTC -c {lock_timeout} -c jit=off -c synchronous_commit=on"
        arguments = {"options": options, "connect_timeout": 10}
        return sa.create_engine(url, pool_pre_ping=True, **_POOL, connect_args=arguments)
    arguments = {"timeout": busy_timeout_s, "check_same_thread": False}
    engine = sa.create_engine(url, **_POOL, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        register_functions(connection)
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "cache_size = -65536"):
            connection.execute(f"PRAGMA {pragma}").close()
        if connection.execute("PRAGMA synchronous").fetchone() != (_FULL,):
            raise StoreFault("store_not_durable", store=shown(url), setting="synchronous")

    @event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("geo_begin", "BEGIN"))

    return engine


def _check_postgis(connection: sa.Connection, url: str) -> None:
    if connection.exec_driver_sql("SELECT 1 FROM pg_extension WHERE extname = 'postgis'").first() is None:
        raise StoreFault("store_no_postgis", store=shown(url))


def _ensure_postgis(connection: sa.Connection, url: str) -> None:
    """Create the PostGIS extension where it is missing and the account may."""
    savepoint = connection.begin_nested()
    try:
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
        savepoint.commit()
    except exc.DBAPIError as error:
        savepoint.rollback()
        raise StoreFault("store_no_postgis", store=shown(url)) from error
