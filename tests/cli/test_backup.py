"""``geo-service backup`` and ``restore``: what they say and how they end."""

import shutil

import pytest

from geo_service.cli.app import main
from geo_service.storage import bulk
from geo_service.storage.store import open_store
from tests.storage.samples import WHO, L, areas


@pytest.fixture
def var(monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_LANG", "en")
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_and_back(store_url, make_store_url, var, monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    store = open_store(store_url)
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
    store.close()
    assert main(["backup", "b.tar"]) == 0
    said = capsys.readouterr().err
    assert "tried out" in said
    assert "secret key" in said
    assert main(["backup", "b.tar"]) == 5
    assert main(["restore", "b.tar"]) == 7
    assert "already holds data" in capsys.readouterr().err
    for url in (make_store_url("postgis"), f"sqlite:///{var / 'new' / 'geo.gpkg'}"):
        if (new := var / "new machine").exists():
            shutil.rmtree(new)
        monkeypatch.setenv("GEO_VAR_DIR", str(new))
        assert main(["restore", "b.tar", "--to", url]) == 7
        assert "--no-erased-list" in capsys.readouterr().err
        new.mkdir(exist_ok=True)
        shutil.copy(var / "var" / "erased.jsonl", new)
        assert main(["restore", "b.tar", "--to", url]) == 0
        assert "sign in again" in capsys.readouterr().err
        monkeypatch.setenv("GEO_DATABASE_URL", url)
        assert main(["db", "check"]) == 0
        capsys.readouterr()


def test_what_is_no_backup(var, capsys):
    (var / "text.tar").write_text("a text")
    assert main(["restore", "text.tar"]) == 3
    assert "is not a backup" in capsys.readouterr().err
    assert main(["restore", "none.tar", "--no-erased-list"]) == 3
    assert main(["restore"]) == 2
    assert main(["restore", "text.tar", "--to", "oracle://x"]) in (2, 3)
    assert not (var / "var").exists()


def test_where_nothing_can_be_written(store_url, var, monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    (var / "file").touch()
    assert main(["backup", "file/b.tar"]) == 3
    assert "cannot be written" in capsys.readouterr().err
