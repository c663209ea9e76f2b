"""`geo-service audit`: verify, list, export, anchor, on both stores."""

import csv
import json

import pytest

from geo_service.cli import context
from geo_service.cli.app import main
from geo_service.cli.serve import told_settings
from geo_service.domain.actors import Actor
from geo_service.settings import Settings
from geo_service.storage import audit, bulk
from geo_service.storage.store import open_store
from tests.storage.samples import NOW, WHO, L, areas

WHOSE = Actor("li", "official", "u-1", via="browser", address="192.0.2.7")


@pytest.fixture(autouse=True)
def _english(monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_LANG", "en")
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def kept(store_url, monkeypatch, tmp_path):
    """A store with some lines and its anchor."""
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    store = open_store(store_url).anchored_in(tmp_path / "var")
    with store.writing() as c:
        bulk.upsert(c, L["areas"], areas(), **WHO)
        for n in range(4):
            audit.append(c, WHOSE, NOW, "exported", area_code="990101001001", reason=f"=1+{n}", facts={"n": n})
    yield store
    store.close()


def by_hand(store, statement):
    """Run a statement past the triggers."""
    with store.engine.connect() as c:
        if store.kind == "embedded":
            names = [row[0] for row in c.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
            for name in names:
                if name.startswith(("audit", "history")):
                    c.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            c.exec_driver_sql("SET session_replication_role = replica")
        c.exec_driver_sql(statement)
        if store.kind == "postgis":
            c.exec_driver_sql("SET session_replication_role = DEFAULT")
        c.commit()


def test_a_whole_audit_is_said_to_be_whole(kept, capsys):
    assert main(["audit", "verify"]) == 0
    said = capsys.readouterr()
    assert "The audit is whole: 5 lines, 1 line of history" in said.err
    assert "no anchor" not in said.err


def test_a_changed_line_is_named_and_the_exit_code_says_so(kept, capsys):
    by_hand(kept, "UPDATE audit SET actor = 'x' WHERE id = 3")
    assert main(["audit", "verify"]) == 7
    said = capsys.readouterr()
    assert said.out.splitlines()[0].startswith("Line 3 was changed")
    assert "not whole: 1 break was" in said.err


def test_a_cut_end_is_seen_by_the_anchor_beside_the_store_or_a_copy(kept, capsys, tmp_path):
    assert main(["audit", "anchor", "--out", "kept.json"]) == 0
    assert json.loads((tmp_path / "kept.json").read_text())["line"] == 5
    by_hand(kept, "DELETE FROM audit WHERE id > 3")
    assert main(["audit", "verify"]) == 7
    assert "the last line is 3, the anchor knows line 5" in capsys.readouterr().out
    (tmp_path / "var" / "audit.anchor").unlink()
    assert main(["audit", "verify"]) == 0
    assert "whether its end was cut off cannot be seen" in capsys.readouterr().err
    assert main(["audit", "verify", "--anchor", "kept.json"]) == 7
    assert "the last line is 3" in capsys.readouterr().out
    (tmp_path / "wrong.json").write_text("[]")
    assert main(["audit", "verify", "--anchor", "wrong.json"]) == 2


def test_after_a_restore_the_end_is_taken_anew_with_a_reason(kept, capsys):
    by_hand(kept, "DELETE FROM audit WHERE id > 3")
    assert main(["audit", "anchor", "--renew"]) == 2
    assert main(["audit", "anchor"]) == 2
    assert main(["audit", "anchor", "--renew", "--reason", "restored the backup of Monday"]) == 0
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "list", "--verb", "anchor_renewed"]) == 0
    assert "restored the backup of Monday" in capsys.readouterr().out


def test_list_with_filters_is_noted(kept, capsys):
    assert main(["audit", "list", "--actor", "li", "--limit", "2"]) == 0
    said = capsys.readouterr().out
    assert "=1+3" in said
    assert "=1+1" not in said
    assert main(["audit", "list", "--verb", "audit_read"]) == 0
    assert capsys.readouterr().out.count("audit_read") == 2
    assert main(["audit", "list", "--actor", "nobody"]) == 0
    assert "No line" in capsys.readouterr().err
    assert main(["audit", "list", "--from", "tomorrow"]) == 2


def test_export_is_safe_in_a_spreadsheet_and_noted(kept, tmp_path, capsys):
    assert main(["audit", "export", "--out", "lines.csv"]) == 0
    with (tmp_path / "lines.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert rows[1]["reason"] == "'=1+0"
    assert json.loads(rows[1]["facts"]) == {"n": 0}
    assert rows[-1]["verb"] == "audit_exported"
    assert "6 lines" in capsys.readouterr().err
    assert main(["audit", "export", "--out", "nowhere/lines.csv"]) == 3


def test_an_empty_audit(store_url, monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    assert main(["audit", "verify"]) == 0
    assert main(["audit", "anchor", "--out", "kept.json"]) == 4


def test_a_command_somebody_may_not_run_is_noted(kept, capsys):
    from tests.services.accounts import Office

    Office(kept, None).account("wang", "planner")
    try:
        assert main(["--as", "wang", "audit", "list"]) == 6
        assert main(["--as", "wang", "audit", "verify"]) == 6
    finally:
        context.act_as(None)
    assert main(["audit", "list", "--verb", "refused", "--actor", "wang"]) == 0
    assert capsys.readouterr().out.count("refused") == 2


def test_settings_are_told_without_secrets(tmp_path):
    secrets = {"secret_key": "c2VjcmV0", "oidc_client_secret": "hush", "database_url": "postgresql+psycopg2://u:pw@h/d"}
    provider = {"oidc_issuer": "https://id.example.org", "oidc_client_id": "geo"}
    told = told_settings(Settings(**secrets, **provider, var_dir=tmp_path), "127.0.0.1")
    assert (told["address"], told["oidc_issuer"], told["public"]) == ("127.0.0.1", "https://id.example.org", False)
    assert not [secret for secret in ("c2VjcmV0", "hush", "pw@") if secret in json.dumps(told)]
