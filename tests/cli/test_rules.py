"""`geo-service rules`: list, show, edit, add, confirm."""

import json

import pytest

from geo_service.cli.app import main


@pytest.fixture(autouse=True)
def _settings(monkeypatch, tmp_path, store_url):
    monkeypatch.setenv("GEO_LANG", "en")
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def store_kind():
    """Both stores are tried by the stories."""
    return "embedded"


def shown(capsys, ident):
    assert main(["rules", "show", ident]) == 0
    return json.loads(capsys.readouterr().out)


def test_rules_are_listed(capsys):
    assert main(["rules", "list", "--category", "kindergarten"]) == 0
    said = capsys.readouterr()
    assert "JGJ39-313" in said.out
    assert "to be verified" in said.out
    assert "say different things" in said.err
    assert main(["rules", "list", "--category", "castle"]) == 4
    assert main(["rules", "list", "--use", "nothing"]) == 0
    assert "No rule" in capsys.readouterr().err


def test_a_rule_is_edited_and_confirmed(capsys):
    assert main(["rules", "edit", "CRC-01", "--set", "min_floor_area_m2=1000", "--reason", "province"]) == 0
    assert main(["rules", "edit", "CRC-01", "--set", "strength_text=应", "--version-read", "1"]) == 5
    assert main(["rules", "confirm", "CRC-01", "--seen-in", "p. 2"]) == 0
    capsys.readouterr()
    found = shown(capsys, "CRC-01")
    assert found["rule"]["min_floor_area_m2"] == 1000
    assert found["rule"]["confirmed_from"] == "p. 2"
    assert [one["action"] for one in found["versions"]] == ["shipped", "edited", "confirmed"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["edit", "CRC-99", "--set", "in_force=false"], 4, "no rule CRC-99"),
        (["edit", "CRC-01", "--set", "in_force"], 2, "FIELD=VALUE"),
        (["edit", "CRC-01", "--set", "min_floor_area_m2=NaN"], 2, "min_floor_area_m2"),
        (["edit", "CRC-01"], 2, "Nothing"),
        (["edit", "CRC-01", "--from", "none.json"], 2, "none.json"),
        (["confirm", "GB51346-A03", "--seen-in", "x"], 5, "need not be confirmed"),
        (["add", "CRC-01", "--set", "clause=1"], 5, "already"),
        (["add", "MINE", "--set", "clause=1"], 2, "lacks"),
    ],
)
def test_wrong_words(capsys, arguments, code, said):
    assert main(["rules", *arguments]) == code
    assert said in capsys.readouterr().err


def test_a_rule_is_added_from_a_file(capsys, tmp_path):
    values = {"standard": "市规定", "clause": "3", "name": {"zh": "站", "en": "station"}, "evidence": "quoted"}
    (tmp_path / "rule.json").write_text(json.dumps(values))
    assert main(["rules", "add", "MINE", "--from", "rule.json", "--set", 'categories=["clinic"]']) == 0
    capsys.readouterr()
    assert shown(capsys, "MINE")["rule"]["categories"] == ["clinic"]
