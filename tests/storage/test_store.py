import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from geo_service.foundation.errors import GeoServiceError, InvalidInput, StoreFault
from geo_service.storage import schema
from geo_service.storage.store import create_store, migrate, open_store, upgrade_store


def refused(url: str, **options) -> GeoServiceError:
    with pytest.raises(GeoServiceError) as caught:
        open_store(url, **options).close()
    for lang in ("zh", "en"):
        assert "{" not in caught.value.sentence(lang)
        assert caught.value.sentence(lang) != f"error.{caught.value.code}"
    return caught.value


def test_create_open_and_create_again(blank_url):
    created = create_store(blank_url)
    with created.writing() as connection:
        connection.exec_driver_sql("INSERT INTO layer_version VALUES ('areas', 7)")
    created.close()
    again = create_store(blank_url)
    with again.reading() as connection:
        assert connection.exec_driver_sql("SELECT version FROM layer_version").scalar() == 7
    again.close()


def test_not_there_and_not_migrated(blank_url, store_kind):
    if store_kind == "embedded":
        assert refused(blank_url).code == "store_missing"
        path = Path(blank_url.removeprefix("sqlite:///"))
        assert not path.exists()
        path.parent.mkdir()
        path.touch()
    assert refused(blank_url).code == ("store_not_migrated" if store_kind == "embedded" else "store_no_postgis")
    upgrade_store(blank_url).close()
    open_store(blank_url).close()


def test_newer_store_is_refused_and_left_alone(store, store_url):
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    error = refused(store_url)
    assert isinstance(error, StoreFault)
    assert error.code == "store_newer"
    with pytest.raises(StoreFault, match="store_newer"):
        upgrade_store(store_url)


@pytest.mark.parametrize("url", ["", "geo.gpkg", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql://x/y"])
def test_addresses_that_are_none(url):
    assert isinstance(refused(url), InvalidInput)


def test_password_never_shown():
    error = refused("mysql://me:secret@host/db")
    assert "secret" not in error.sentence("zh")
    error = refused("postgresql+psycopg2://me:secret@127.0.0.1:1/db")
    assert error.code == "store_unreachable"
    assert "secret" not in error.sentence("en") + str(error)


def test_missing_database(postgis_cluster):
    assert refused(postgis_cluster.url("nowhere")).code == "store_database_missing"


def test_strange_files(tmp_path):
    text = tmp_path / "notes.gpkg"
    text.write_text("not a database at all, only a text")
    other = tmp_path / "other.gpkg"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE shopping (item TEXT)")
    connection.close()
    for path in (text, other, tmp_path):
        before = path.read_bytes() if path.is_file() else None
        assert refused(f"sqlite:///{path}").code == "store_not_ours"
        with pytest.raises(StoreFault, match="store_not_ours"):
            create_store(f"sqlite:///{path}")
        assert before == (path.read_bytes() if path.is_file() else None)


def test_folder_that_cannot_be_made(tmp_path):
    blocker = tmp_path / "file"
    blocker.touch()
    with pytest.raises(StoreFault, match="store_not_writable"):
        create_store(f"sqlite:///{blocker / 'geo.gpkg'}")


def test_embedded_file_is_private_and_durable(tmp_path):
    store = create_store(f"sqlite:///{tmp_path / 'a' / 'b' / 'geo.gpkg'}")
    with store.writing() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "application_id", "user_version")
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}
        connection.exec_driver_sql("INSERT INTO layer_version VALUES ('areas', 1)")
        modes = {stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()}
    store.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "application_id": 0x47504B47,
        "user_version": 10400,
    }
    assert modes == {0o600}


def test_second_writer_waits_and_is_told(store, store_url):
    other = open_store(store_url, busy_timeout_s=0.1)
    with store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO layer_version VALUES ('areas', 1)")
        with pytest.raises(StoreFault, match="store_locked"), other.writing() as second:
            second.exec_driver_sql("INSERT INTO layer_version VALUES ('areas', 2)")
    other.close()
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT version FROM layer_version").scalar() == 1


def test_writing_is_all_or_nothing(store):
    with pytest.raises(ZeroDivisionError), store.writing() as connection:
        connection.exec_driver_sql("INSERT INTO layer_version VALUES ('areas', 1)")
        raise ZeroDivisionError
    with store.reading() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM layer_version").scalar() == 0


def test_reading_sees_one_state_and_cannot_write(store):
    with store.reading() as reader:
        assert reader.exec_driver_sql("SELECT COUNT(*) FROM layer_version").scalar() == 0
        with store.writing() as writer:
            writer.exec_driver_sql("INSERT INTO layer_version VALUES ('areas', 1)")
        assert reader.exec_driver_sql("SELECT COUNT(*) FROM layer_version").scalar() == 0
    with pytest.raises(StoreFault, match="store_not_writable"), store.reading() as reader:
        reader.exec_driver_sql("INSERT INTO layer_version VALUES ('ways', 1)")
    with store.writing() as writer:
        writer.exec_driver_sql("INSERT INTO layer_version VALUES ('ways', 1)")


def test_down_and_up_again(store):
    with store.engine.connect() as connection:
        migrate(store, connection, "base")
        left = set(sa.inspect(connection).get_table_names()) - {"spatial_ref_sys"}
        assert left == {"alembic_version"}
        migrate(store, connection, "head")
        connection.rollback()
        assert schema.current(connection) == schema.head()
        assert "building" in sa.inspect(connection).get_table_names()
