"""`privacy` and `secret` on the command line, each on both stores."""

import json

import pytest

from geo_service.cli.app import main
from geo_service.storage import bulk, person_keys, rows
from geo_service.storage.store import open_store
from tests.storage.samples import WHO, L, areas, buildings
from tests.stores import GivenKeys


@pytest.fixture
def home(store_url, monkeypatch, tmp_path):
    """A store with one household, its key in a file."""
    monkeypatch.setenv("GEO_LANG", "en")
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    monkeypatch.delenv("GEO_SECRET_KEY")
    assert main(["db", "init"]) == 0
    store = open_store(store_url)
    person_keys.use_keys(store.engine, GivenKeys((tmp_path / "var" / "secret.key").read_text()))
    with store.writing() as conn:
        bulk.upsert(conn, L["areas"], areas(), **WHO)
        bulk.upsert(conn, L["buildings"], buildings(), **WHO)
        rows.insert(conn, L["households"], {"code": "H1", "building_code": "B0", "head_name": "张三丰"}, **WHO)
    store.close()
    return tmp_path


def test_export_erase_and_sweep(home, capsys):
    file = home / "copy.json"
    why = ["--out", str(file), "--reason", "asked for by the person"]
    assert main(["privacy", "export", "households", "H1", "--out", str(file)]) == 2
    assert main(["privacy", "export", "households", "H1", "--out", str(file), "--reason", "no"]) == 2
    assert not file.exists()
    assert main(["privacy", "export", "households", "H1", *why]) == 0
    assert json.loads(file.read_text())["row"]["head_name"] == "张三丰"
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["privacy", "erase", "households", "H1", "--reason", "no"]) == 2
    assert main(["privacy", "erase", "households", "H1", "--reason", "asked for by the person"]) == 0
    assert "erase it again" in capsys.readouterr().err
    assert main(["privacy", "erase", "households", "H1", "--reason", "asked for by the person"]) == 5
    assert main(["privacy", "export", "households", "H9", *why]) == 4
    assert main(["privacy", "export", "buildings", "B0", *why]) == 2
    assert main(["privacy", "sweep", "--dry-run"]) == 0
    assert "nothing changed" in capsys.readouterr().err
    assert main(["privacy", "sweep"]) == 0


def test_check_and_rotate(home, capsys, monkeypatch):
    assert main(["secret", "check"]) == 0
    before = (home / "var" / "secret.key").read_text()
    assert main(["secret", "rotate"]) == 0
    assert "keys of 1 person" in capsys.readouterr().err
    after = (home / "var" / "secret.key").read_text()
    assert after != before
    assert after.strip() not in capsys.readouterr().out
    assert main(["secret", "check"]) == 0
    (home / "var" / "secret.key").write_text(before)
    assert main(["secret", "check"]) == 7
    assert "the wrong one" in capsys.readouterr().err
    (home / "var" / "secret.key").unlink()
    assert main(["secret", "rotate"]) == 7
    assert not (home / "var" / "secret.key").exists()
    monkeypatch.setenv("GEO_SECRET_KEY", after.strip())
    assert main(["secret", "check"]) == 0
    assert main(["secret", "rotate"]) == 2
