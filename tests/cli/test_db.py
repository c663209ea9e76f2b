import pytest

from geo_service.cli.app import main
from geo_service.storage import bulk
from geo_service.storage.store import open_store
from tests.storage.samples import WHO, L, areas


@pytest.fixture(autouse=True)
def _english(monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_LANG", "en")
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)


def test_init_check_and_upgrade(blank_url, monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", blank_url)
    assert main(["db", "init"]) == 0
    assert main(["db", "init"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "check"]) == 0
    assert "sound" in capsys.readouterr().out


def test_default_store_is_under_var(tmp_path, monkeypatch):
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    assert main(["db", "init"]) == 0
    assert (tmp_path / "var" / "geo.gpkg").is_file()


def test_copy(store_url, make_store_url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    store = open_store(store_url)
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
    store.close()
    assert main(["db", "copy", "--to", f"sqlite:///{tmp_path / 'new.gpkg'}"]) == 0
    assert "agree" in capsys.readouterr().err
    assert main(["db", "copy", "--to", f"sqlite:///{tmp_path / 'new.gpkg'}"]) == 7
    assert "already holds data" in capsys.readouterr().err
    assert main(["db", "copy", "--to", store_url]) == 7
    assert main(["db", "copy", "--to", "oracle://x"]) == 2


def test_what_is_wrong_is_said_and_counts(store_url, monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    store = open_store(store_url)
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    assert main(["db", "check"]) == 7
    assert "WRONG" in capsys.readouterr().out
    assert main(["db", "upgrade"]) == 7
    assert "newer version" in capsys.readouterr().err


def test_no_store(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", f"sqlite:///{tmp_path / 'none.gpkg'}")
    for command in ("check", "upgrade"):
        assert main(["db", command]) == 7
        said = capsys.readouterr().err
        assert "db init" in said
        assert "Traceback" not in said
    assert not (tmp_path / "none.gpkg").exists()
