"""`geo-service rules`: list, show, edit, add, confirm."""

import csv
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


def test_a_list_is_written_filled_in_and_confirmed_in_one_go(capsys, tmp_path):
    assert main(["rules", "list", "--to-verify", "--use", "item", "--out", "list.csv"]) == 0
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["id"] for row in rows} >= {"CRC-01", "CRC-09"}
    assert all(row["to_verify"] and not row["seen_in"] for row in rows)
    assert main(["rules", "confirm", "--from", "list.csv"]) == 2
    assert "seen_in" in capsys.readouterr().err

    def fill(name, **changed):
        for row in rows:
            row["seen_in"] = "p. 2" if row["id"] in ("CRC-01", "CRC-09") else ""
            row["version"] = changed.get(row["id"], row["version"])
        with (tmp_path / name).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    fill("stale.csv", **{"CRC-09": "7"})
    assert main(["rules", "confirm", "--from", "stale.csv"]) == 5
    capsys.readouterr()
    assert shown(capsys, "CRC-01")["newest_version"] == 1  # all or none
    fill("list.csv", **{"CRC-09": "1"})
    assert main(["rules", "confirm", "--from", "list.csv"]) == 0
    assert main(["rules", "confirm", "CRC-02", "CRC-03", "--seen-in", "p. 3"]) == 0
    capsys.readouterr()
    for ident, seen in (("CRC-01", "p. 2"), ("CRC-09", "p. 2"), ("CRC-02", "p. 3"), ("CRC-03", "p. 3")):
        assert shown(capsys, ident)["rule"]["confirmed_from"] == seen
    assert main(["rules", "confirm", "--from", "list.csv", "--seen-in", "x"]) == 2
    assert main(["rules", "confirm", "--from", "none.csv"]) == 2


def test_texts_that_look_like_numbers_are_texts_and_contradictions_are_refused(capsys):
    given = ['name={"zh":"站","en":"station"}', 'categories=["service_station"]', "max_floor_area_m2=500"]
    given += ["standard=市规定", "clause=3", "evidence=quoted", "level=community", "use=item", "checklist_item=CRC-01"]
    assert main(["rules", "add", "LOCAL-2", *(word for one in given for word in ("--set", one))]) == 5
    said = capsys.readouterr().err
    assert "LOCAL-2" in said
    assert "CRC-01" in said
    assert main(["rules", "add", "LOCAL-2", *(w for one in [*given, "in_force=false"] for w in ("--set", one))]) == 0
    capsys.readouterr()
    assert shown(capsys, "LOCAL-2")["rule"]["clause"] == "3"
