"""What is said to be stored is on the disk; and the one way in which it nearly was not (decision 0003)."""

import sqlite3
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from geo_service.foundation.errors import StoreFault
from geo_service.services.durability import check_durable
from geo_service.storage import store as opening
from geo_service.storage.durability import unsafe_settings
from geo_service.storage.store import CONNECTIONS_AT_ONCE, open_store


def test_every_embedded_connection_waits_for_the_disk(make_store_url):
    store = open_store(make_store_url("embedded"))
    held = [store.engine.connect() for _ in range(CONNECTIONS_AT_ONCE)]
    assert {connection.exec_driver_sql("PRAGMA synchronous").scalar() for connection in held} == {2}
    assert {connection.exec_driver_sql("PRAGMA journal_mode").scalar() for connection in held} == {"wal"}
    for connection in held:
        connection.close()
    assert unsafe_settings(store) == []
    store.close()


def test_a_connection_that_would_not_wait_is_refused(make_store_url, monkeypatch):
    def careless(connection):
        # an authorizer that ignores the PRAGMA, as a library built against us might
        connection.execute("PRAGMA synchronous = OFF").close()
        connection.set_authorizer(
            lambda action, name, value, *_: (
                sqlite3.SQLITE_IGNORE
                if action == sqlite3.SQLITE_PRAGMA and name == "synchronous" and value
                else sqlite3.SQLITE_OK
            )
        )

    monkeypatch.setattr(opening, "register_functions", careless)
    with pytest.raises(StoreFault, match="store_not_durable"):
        open_store(make_store_url("embedded"))


def test_postgres_that_does_not_wait_is_not_served(make_store_url):
    """The tests' own server has fsync off, which is exactly what must be refused; commits of ours wait all the same."""
    store = open_store(make_store_url("postgis"))
    assert unsafe_settings(store) == ["fsync", "full_page_writes"]
    with pytest.raises(StoreFault, match="store_not_durable") as refused:
        check_durable(store)
    assert "fsync" in refused.value.sentence("zh")
    check_durable(store, unsafe_allowed=True)
    with store.writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    store.close()


# GDAL has a SQLite of its own. When it closes a file, the process loses all its locks on that file (POSIX): another
# process then takes the store for unused, and what this one commits goes into a log that nobody reads any more.
READER = """
    import sqlite3, sys, pyogrio
    from geo_service.storage.copying import backup
    from geo_service.storage.store import open_store
    store = open_store(sys.argv[1])
    held = store.engine.connect()  # as a server always has one
    held.exec_driver_sql("SELECT COUNT(*) FROM building").scalar()
    held.rollback()
    if sys.argv[2] == "live":
        path = store.path
    else:
        path = store.path.with_name("copy.gpkg")
        backup(store, path)
    pyogrio.read_info(path, layer="building")
    print("looked", flush=True)
    sys.stdin.readline()
    with held.execution_options(geo_begin="BEGIN IMMEDIATE").begin():
        held.exec_driver_sql("UPDATE layer_version SET version = 99 WHERE layer = 'areas'")
    print("written", flush=True)
    sys.stdin.readline()
"""


def written_after_gdal(url, how):
    """Return what another process reads of what one committed after it used GDAL on the live file or on a copy."""
    store = open_store(url)
    with store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO layer_version VALUES ('areas', 1)")
    store.close()
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(READER), url, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = process.stdout.readline()
            assert said == "looked\n", process.stderr.read()
            # somebody else comes and goes: the last to leave deletes the log, if nobody holds it
            visitor = open_store(url)
            with visitor.reading() as connection:
                connection.exec_driver_sql("SELECT COUNT(*) FROM building").scalar()
            visitor.close()
            process.stdin.write("go\n")
            process.stdin.flush()
            assert process.stdout.readline() == "written\n"
            after = open_store(url)
            with after.reading() as connection:
                return connection.exec_driver_sql("SELECT version FROM layer_version WHERE layer = 'areas'").scalar()
        finally:
            process.kill()


def test_gdal_on_a_copy_takes_no_lock_away(make_store_url):
    assert written_after_gdal(make_store_url("embedded"), "copy") == 99


def test_gdal_on_the_live_file_is_the_danger_it_is_said_to_be(make_store_url):
    """If this fails the danger is gone, and with it the reason for never handing GDAL the live file."""
    assert written_after_gdal(make_store_url("embedded"), "live") == 1


def test_locks_outlive_other_connections_of_our_own_library(make_store_url):
    """Our own library knows of all its connections: closing one takes no lock from the others."""
    store = open_store(make_store_url("embedded"))

    def come_and_go(_):
        other = open_store(store.url)
        with other.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO layer_version VALUES ('areas', 1) ON CONFLICT (layer) DO UPDATE SET version = version + 1"
            )
        other.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come_and_go, range(20)))
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT version FROM layer_version").scalar() == 20
    store.close()
