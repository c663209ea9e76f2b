"""Fixtures of stores: the same test runs on an embedded store and on PostGIS, each time empty and migrated.

PostgreSQL is started once per test process in a temporary folder, as an unprivileged user, on a Unix socket only.
Where it is not installed these tests fail: a store that is not tried does not count as working.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from geo_service.foundation.sealing import ServiceKeys
from geo_service.storage import person_keys, schema
from geo_service.storage import store as new_stores
from geo_service.storage.store import Store, create_store, open_store
from geo_service.storage.tables import metadata

KINDS = ("embedded", "postgis")
SECRET_KEY = "dGhlIGtleSBvZiB0aGUgdGVzdHMsIG5vIHNlY3JldCE="  # not secret: of the stores of tests alone
StoreMaker = Callable[..., str]


class GivenKeys:
    """The service's keys as a test gives them."""

    def __init__(self, text: str | None = SECRET_KEY) -> None:
        self.text = text

    def read(self) -> ServiceKeys | None:
        return ServiceKeys.of_text(self.text) if self.text else None

    def make(self) -> ServiceKeys:
        self.text = self.text or SECRET_KEY
        return ServiceKeys.of_text(self.text)


@pytest.fixture(autouse=True)
def secret_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The service's key, the same for everything one test opens."""
    monkeypatch.setenv("GEO_SECRET_KEY", SECRET_KEY)
    return SECRET_KEY


class Cluster:
    """A PostgreSQL server of its own, with a migrated template database; it does not wait for the disk by itself."""

    def __init__(self, **changed: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="geo-pg-", dir="/tmp"))
        self._numbers = count(1)
        self._free: list[str] = []
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            self._as_user = ["runuser", "-u", "postgres", "--"]
            shutil.chown(self.folder, pwd.getpwnam("postgres").pw_name)
        self.folder.chmod(0o755)
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "128MB",
            "max_connections": "60",
            "log_min_messages": "fatal",
            **changed,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        self.template = "template_geo"
        self.execute(f"CREATE DATABASE {self.template}")
        create_store(self.url(self.template)).close()

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg2://postgres@/{database}?host={self.folder}"

    def new_database(self, *, migrated: bool = True) -> str:
        """Create a database and return its name."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {self.template if migrated else 'template0'}")
        return name

    def copy_of(self, url: str) -> str:
        """Create a database like the one at an address, which nobody has open, and return its name."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database}")
        return name

    def lend(self) -> str:
        """Return an empty migrated database, one that was given back if there is any."""
        return self._free.pop() if self._free else self.new_database()

    def give_back(self, name: str) -> None:
        """Empty a lent database for the next test; one that is no longer on the head, or in use, is dropped.

        Deleting a few rows takes a fifth of the time of TRUNCATE, which makes every table and index anew.
        """
        try:
            with psycopg2.connect(
                dbname=name, user="postgres", host=str(self.folder), options="-c lock_timeout=2s"
            ) as c:
                cursor = c.cursor()
                cursor.execute("SELECT version_num FROM alembic_version")
                assert cursor.fetchall() == [(schema.head(),)]
                named = " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM \"{t}\")" for t in metadata.tables)
                cursor.execute(named)
                filled = [f'"{row[0]}"' for row in cursor.fetchall()]
                if filled:
                    cursor.execute(f"LOCK TABLE {', '.join(filled)}")
                    cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
                    cursor.execute("; ".join(f"DELETE FROM {table}" for table in filled))
                    cursor.execute(
                        "SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences "
                        "WHERE last_value IS NOT NULL"
                    )
            if filled:
                c.autocommit = True
                c.cursor().execute(f"VACUUM {', '.join(filled)}")  # the next rows lie in their order from the first on
            c.close()
            self._free.append(name)
        except (psycopg2.Error, AssertionError):
            self.drop(name)

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        connection = psycopg2.connect(dbname="postgres", user="postgres", host=str(self.folder))
        connection.autocommit = True
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def stop(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        found = shutil.which(program) or next(
            (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
        )
        assert found, f"PostgreSQL is not installed ({program} not found): apt-get install postgresql-15-postgis-3"
        # output to a file: the server keeps what it inherits open
        with (self.folder.parent / f"{self.folder.name}.out").open("w") as output:
            subprocess.run([*self._as_user, found, *arguments], check=True, stdout=output, stderr=output, cwd="/tmp")


@pytest.fixture(scope="session")
def postgis_cluster() -> Iterator[Cluster]:
    """A PostgreSQL server with PostGIS, for this test process alone."""
    cluster = Cluster()
    yield cluster
    cluster.stop()
    cluster.folder.parent.joinpath(f"{cluster.folder.name}.out").unlink(missing_ok=True)


@pytest.fixture(scope="session")
def embedded_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated embedded store to copy."""
    path = tmp_path_factory.mktemp("template") / "geo.gpkg"
    store = create_store(f"sqlite:///{path}")
    with store.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        connection.rollback()
    store.close()  # the last connection writes the log back into the file
    assert not path.with_name("geo.gpkg-wal").exists()
    return path


@contextlib.contextmanager
def _making(request: pytest.FixtureRequest, folder: Path) -> Iterator[StoreMaker]:
    """Yield what makes stores in a folder or lends databases; gives these back at the end."""
    databases: list[str] = []
    numbers = count(1)

    def make(kind: str, like: str | None = None) -> str:
        if kind == "embedded":
            template = request.getfixturevalue("embedded_template") if like is None else like.removeprefix("sqlite:///")
            path = folder / f"store{next(numbers)}" / "geo.gpkg"
            path.parent.mkdir()
            shutil.copyfile(template, path)
            path.chmod(0o600)
            return f"sqlite:///{path}"
        cluster: Cluster = request.getfixturevalue("postgis_cluster")
        databases.append(cluster.lend() if like is None else cluster.copy_of(like))
        return cluster.url(databases[-1])

    yield make
    for name in databases:
        request.getfixturevalue("postgis_cluster").give_back(name)


@pytest.fixture
def make_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreMaker]:
    """Return what makes a migrated store of a kind, empty or like a closed one, and gives its address."""
    with _making(request, tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def make_kept_store_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StoreMaker]:
    """Return what makes a migrated store that all tests of a file see."""
    with _making(request, tmp_path_factory.mktemp("kept")) as make:
        yield make


@pytest.fixture
def quick_stores(embedded_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file the service makes for an embedded store is a copy of a migrated one, as those of the tests are."""
    make_file = new_stores._make_file

    def copied(path: Path, url: str) -> None:
        make_file(path, url)
        shutil.copyfile(embedded_template, path)

    monkeypatch.setattr(new_stores, "_make_file", copied)


@pytest.fixture(scope="module", params=KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    """``embedded``, then ``postgis``."""
    return str(request.param)


@pytest.fixture
def store_url(store_kind: str, make_store_url: StoreMaker) -> str:
    """Address of an empty migrated store of each kind."""
    return make_store_url(store_kind)


@pytest.fixture
def patience_s() -> float:
    """How long a writer waits for its turn before it is refused; tests of the refusal say less."""
    return 30.0


@pytest.fixture
def store(store_url: str, patience_s: float) -> Iterator[Store]:
    """An empty migrated store of each kind, opened."""
    with opened(store_url, patience_s) as store:
        yield store


@pytest.fixture(scope="module")
def kept_store(store_kind: str, make_kept_store_url: StoreMaker) -> Iterator[Store]:
    """A store of each kind, opened, that all tests of a file see: empty only for what fills it first."""
    with opened(make_kept_store_url(store_kind)) as store:
        yield store


@contextlib.contextmanager
def opened(url: str, patience_s: float = 30.0) -> Iterator[Store]:
    """Open a store with the service's key of the tests."""
    store = open_store(url, busy_timeout_s=patience_s)
    person_keys.use_keys(store.engine, GivenKeys())
    yield store
    store.close()


@pytest.fixture
def blank_url(store_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address where a store of each kind can be created but is not yet."""
    if store_kind == "embedded":
        yield f"sqlite:///{tmp_path / 'blank' / 'geo.gpkg'}"
        return
    cluster: Cluster = request.getfixturevalue("postgis_cluster")
    name = cluster.new_database(migrated=False)
    yield cluster.url(name)
    cluster.drop(name)
