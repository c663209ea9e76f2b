"""`geo-service analyse gaps|capacity` end to end: every kind of file, tasks, wrong questions."""

import csv
import json

import geopandas as gpd
import pytest
from shapely.geometry import MultiPolygon, Point, box

from geo_service.cli.app import main
from geo_service.domain.facilities import CATEGORY_CODES

AREA = "990001001001"


@pytest.fixture
def town(street):
    """A street with children, a kindergarten at one end and one that is not verified."""
    street.community(AREA, -200, 2200)
    for east in (0, 80, 1000, 1900):
        street.homes(east, residents_persons=60, age_3_5_persons=20, age_15_59_persons=40)
    values = {"category": "kindergarten", "capacity": 20.0, "capacity_unit": "学位"}
    street.facility("k1", 0, **values)
    street.facility("k2", 1900, verification="unverified", **values)
    said = {"category": "kindergarten", "is_complete": True, "declared_on": "2026-01-01", "declared_by": "x"}
    street.put("inventory_statements", [{"code": "s1", "statement_area_code": AREA, **said}])
    return street


def test_gaps_into_every_kind_of_file(town, tmp_path, capsys):
    files = {ending: tmp_path / f"gaps.{ending}" for ending in ("json", "csv", "gpkg")}
    for path in files.values():
        assert main(["analyse", "gaps", "--category", "kindergarten", "--weight", "3_5=2", "--out", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "幼儿园" in shown
    assert "设施容量不足" in shown
    result = json.loads(files["json"].read_text(encoding="utf-8"))
    by_reason = {zone["reason"]: zone for zone in result["zones"]}
    assert set(by_reason) == {"over_capacity", "no_facility", "unknown_data"}
    assert (by_reason["over_capacity"]["people"], by_reason["over_capacity"]["rank"]) == (40, 1)
    with files["csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["reason"] for row in rows] == [zone["reason"] for zone in result["zones"]]
    assert {row["run_uid"] for row in rows} == {result["uid"]}
    assert {(row["category_label"], row["limit_m"]) for row in rows} == {("幼儿园", "300.0")}
    assert all(row["rules"].startswith("GB50180-C05-KG v1") and row["limit_kind"] == "distance" for row in rows)
    zones = gpd.read_file(files["gpkg"], layer="zones")
    assert zones.geometry.is_valid.all()
    assert zones["people_weighted"].tolist() == [80.0, 40.0, 40.0]


def test_gaps_of_all_categories_without_one(town, tmp_path, capsys):
    out = tmp_path / "all.json"
    assert main(["analyse", "gaps", "--out", str(out)]) == 0
    assert len(json.loads(out.read_text(encoding="utf-8"))["categories"]) == len(CATEGORY_CODES)


def test_the_table_says_whom_one_change_helps_and_whom_none(town, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    north, south = [[(x, y) for x in (0.0, 300.0, 600.0)] for y in (200.0, 0.0)]
    town.streets([north, south, [(0.0, 0.0), (0.0, 200.0)], [(300.0, 0.0), (300.0, 200.0)]])
    town.homes(290, north_m=-10.0, residents_persons=2000)
    town.homes(380, north_m=-10.0, residents_persons=40)
    town.facility("f1", 290, 220)
    outline = MultiPolygon([box(*town.at(200, 50), *town.at(400, 150))])
    quarter = {"code": f"{AREA}Q01", "name": "q", "level": "quarter", "geometry": outline, "closure": "closed"}
    town.put("areas", [quarter])
    for code, where, passes in (("g1", 50.0, "residents"), ("g2", 150.0, "everyone")):
        town.put("gates", [{"code": code, "geometry": Point(town.at(300, where)), "passes": passes}])
    out = tmp_path / "gaps.gpkg"
    assert main(["analyse", "gaps", "--category", "supermarket", "--circle", "5", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    for said in ("绕行倍数", "开放出入口 g1：2,000 人、1 栋", "只开一处门或加一条通道还不够：40 人、1 栋"):
        assert said in shown
    (zone,) = gpd.read_file(out, layer="zones").query("cure_code == 'g1'").to_dict("records")
    assert (zone["cure_people"], zone["cure_buildings"], zone["uncured_people"], zone["limit_m"]) == (2000, 1, 40, 300)
    (cure,) = gpd.read_file(out, layer="cures").to_dict("records")
    assert (cure["code"], cure["people"], cure["category_label"]) == ("g1", 2000, "综合超市")
    assert Point(town.at(300, 50)).distance(cure["geometry"]) < 1e-5


def test_tasks_are_written_on_demand(town, tmp_path, capsys):
    asked = ["analyse", "gaps", "--category", "kindergarten", "--out", str(tmp_path / "gaps.json")]
    assert main(asked) == 0
    assert "核实任务：" not in capsys.readouterr().err
    assert main([*asked, "--tasks"]) == 0
    assert "新增 1" in capsys.readouterr().err
    assert main([*asked, "--tasks"]) == 0
    assert "新增 0，仍待办 1" in capsys.readouterr().err


def test_capacity_into_every_kind_of_file(town, tmp_path, capsys):
    files = {ending: tmp_path / f"capacity.{ending}" for ending in ("json", "csv", "gpkg")}
    for path in files.values():
        assert main(["analyse", "capacity", "--category", "kindergarten", "--by", "community", "--out", str(path)]) == 0
    told = capsys.readouterr()
    assert "k2" in told.err
    assert "每千名 3–5 岁儿童" in told.out
    result = json.loads(files["json"].read_text(encoding="utf-8"))
    (row,) = result["rows"]
    assert (row["people_total"], row["people_reached"], row["people_unknown"]) == (80, 40, 20)
    with files["csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["code"] for row in rows] == ["", AREA]
    assert {(one["category"], one["needed_per_1000"], one["needed_rules"]) for one in rows} == {
        ("kindergarten", "900.0", "WORK-CAP-KINDERGARTEN v1")
    }
    assert float(rows[0]["limit_m"]) > 0
    assert set(gpd.list_layers(files["gpkg"])["name"]) == {"capacity", "facilities", "about"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gaps", "--category", "kindergarten", "--weight", "much", "--out", "a.json"], "不是“年龄段=权重”"),
        (["gaps", "--category", "nothing", "--out", "a.json"], "nothing"),
        (["gaps", "--profile", "by_age", "--out", "a.json"], "standard, elder"),
        (["gaps", "--category", "kindergarten", "--out", "a.txt"], "后缀"),
        (["capacity", "--category", "supermarket", "--out", "a.json"], "没有按容量计算的规则"),
    ],
)
def test_wrong_questions_are_one_sentence(town, words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["analyse", *words]) != 0
    assert said in capsys.readouterr().err
