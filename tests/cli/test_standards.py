"""`geo-service analyse checklist|indicators` on the demo: files, terminal, wrong questions."""

import csv
import json
import shutil

import pyogrio
import pytest

from geo_service.cli.app import main

HERE = "990101001001"


@pytest.fixture(autouse=True)
def _settings(monkeypatch, tmp_path, demo_folder):
    shutil.copytree(demo_folder, tmp_path / "store")
    monkeypatch.setenv("GEO_LANG", "en")
    monkeypatch.setenv("GEO_DATABASE_URL", f"sqlite:///{tmp_path / 'store' / 'geo.gpkg'}")
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)


def refuse(value):
    raise ValueError(value)


def test_sheets_are_written_whole(capsys, tmp_path):
    for ending in ("json", "csv", "gpkg"):
        assert main(["analyse", "checklist", "--out", f"sheet.{ending}"]) == 0
    said = capsys.readouterr()
    assert "to be verified" in said.err
    assert HERE in said.out
    assert "6 Community governance" in said.out
    assert "CRC-12 barrier-free access" in said.out
    assert "nobody has recorded a finding yet" in said.out
    result = json.loads((tmp_path / "sheet.json").read_text(), parse_constant=refuse)
    assert [row["item"] for row in result["rows"]] == [f"CRC-{n:02d}" for n in range(1, 21)]
    assert {row["verdict"] for row in result["rows"]} <= {"pass", "short", "unknown", "not_surveyed"}
    assert all(row["sentence"]["zh"].endswith("。") for row in result["rows"])
    cited = {rule for row in result["rows"] for check in row["checks"] for rule in check["rules"]}
    assert cited <= result["rules"].keys()
    with (tmp_path / "sheet.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert rows[0]["run_uid"] == result["uid"]
    layers = {name for name, _ in pyogrio.list_layers(tmp_path / "sheet.gpkg")}
    assert {"items", "checks", "ratios", "levels", "facilities", "communities", "about"} <= layers
    listed = [one["code"] for one in result["unregistered"]]
    assert listed
    assert main(["import", "layer", "facilities", "sheet.gpkg", "--table", "unregistered"]) == 0
    assert main(["analyse", "checklist", "--out", "again.json"]) == 0
    again = json.loads((tmp_path / "again.json").read_text())
    assert again["unregistered"] == []
    grounds = [one for one in result["levels"] if one["category"] == "activity_ground"]
    assert [one for one in again["levels"] if one["category"] == "activity_ground"] == grounds


def test_one_community_in_the_terminal(capsys):
    assert main(["analyse", "checklist", "--community", HERE, "--out", "sheet.json", "--estate", "new"]) == 0
    said = capsys.readouterr().out
    assert "CRC-20" in said
    assert "met" in said


def test_indicators_are_written_whole(capsys, tmp_path):
    for ending in ("json", "csv", "gpkg"):
        assert main(["analyse", "indicators", "--out", f"found.{ending}"]) == 0
    assert "park service-radius coverage" in capsys.readouterr().out
    result = json.loads((tmp_path / "found.json").read_text(), parse_constant=refuse)
    share = {row["indicator"]: row["covered_share"] for row in result["totals"]}
    assert 0 < share["GB51346-A03"] <= 1
    assert share["UPE22-GREENWAY"] is None
    with (tmp_path / "found.csv").open(encoding="utf-8-sig") as file:
        assert next(csv.DictReader(file))["level"] == "total"
    assert "indicators" in {name for name, _ in pyogrio.list_layers(tmp_path / "found.gpkg")}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["checklist", "--out", "x.json", "--community", "990101001999"], 4, "no community 990101001999"),
        (["checklist", "--out", "x.json", "--estate", "ruin"], 2, "ruin"),
        (["checklist", "--out", "x.pdf"], 2, "x.pdf"),
        (["indicators", "--out", "x.json", "--by", "grid"], 2, "grid"),
    ],
)
def test_wrong_questions(capsys, tmp_path, arguments, code, said):
    assert main(["analyse", *arguments]) == code
    assert said in capsys.readouterr().err
    assert not (tmp_path / arguments[2]).exists()
