"""`geo-service analyse siting` end to end: candidates from files, every kind of file out, wrong questions."""

import csv
import json

import geopandas as gpd
import pytest
from shapely.geometry import Point

from geo_service.cli.app import main
from tests.services.conftest import at


@pytest.fixture
def town(street):
    """A street with people at three places and nothing there."""
    for east, people in ((0, 50), (1000, 60), (1900, 70)):
        street.homes(east, residents_persons=people, age_65_79_persons=people)
    return street


def table(path, rows, head="编号,lon,lat,造价,可用面积"):
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    return str(path)


def point(code, east, cost, area=""):
    lon, lat = at(east, -20)
    return f"{code},{lon:.7f},{lat:.7f},{cost},{area}"


def test_into_every_kind_of_file(town, tmp_path, capsys):
    given = table(tmp_path / "c.csv", [point("A", 0, 90000), point("B", 1000, 50000), point("C", 1900, 70000, 3)])
    files = {ending: tmp_path / f"sites.{ending}" for ending in ("json", "csv", "gpkg")}
    for path in files.values():
        asked = ["analyse", "siting", "--category", "parcel", "--circle", "5", "--budget", "150000"]
        assert main([*asked, "--candidates", given, "--min-area-m2", "10", "--out", str(path)]) == 0
    shown = capsys.readouterr()
    assert "90,000" in shown.out
    assert "已证明" in shown.err
    assert "1 个候选不合格" in shown.out
    assert "可用 3.0 平方米" in shown.out
    assert "仅供参考" in shown.out
    assert "仅供参考" in shown.err
    result = json.loads(files["json"].read_text(encoding="utf-8"))
    assert [site["code"] for site in result["sites"]] == ["B", "A"]
    assert (result["total"]["cost_yuan"], result["total"]["people"]) == (140000, 110)
    with files["csv"].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["code"], row["people"], row["people_65_79"]) for row in rows] == [("B", "60", "60"), ("A", "50", "50")]
    assert {row["run_uid"] for row in rows} == {result["uid"]}
    said = {(row["category_label"], row["limit_m"], row["objective"], row["inventory_complete"]) for row in rows}
    assert len(said) == 1
    assert {("300.0", "max_cover")} == {one[1:3] for one in said}
    sites, others = (gpd.read_file(files["gpkg"], layer=name) for name in ("sites", "candidates"))
    assert sites["code"].tolist() == ["B", "A"]
    assert others[["code", "reason"]].to_numpy().tolist() == [["C", "area_too_small"]]
    assert "3.0" in others["why"][0]


def test_the_shortest_walks_and_none_at_all_in_the_terminal(town, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    town.homes(1010, residents_persons=4000, age_65_79_persons=4000)
    given = table(tmp_path / "c.csv", [point("A", 400, 1)])
    asked = [
        "analyse",
        "siting",
        "--category",
        "parcel",
        "--circle",
        "5",
        "--k",
        "1",
        "--out",
        str(tmp_path / "o.json"),
    ]
    assert main([*asked, "--candidates", given, "--objective", "p_median", "--min-area-m2", "0"]) == 0
    shown = capsys.readouterr()
    assert "平均少走" in shown.out
    assert "人·米" in shown.err
    assert "e+0" not in shown.err
    assert "," in shown.err.split("没有选法好过")[1]
    refused = table(tmp_path / "d.csv", [point("B", 400, 1, 3)])
    assert main([*asked, "--candidates", refused, "--min-area-m2", "10"]) == 0
    shown = capsys.readouterr().out
    assert "没有选出点位" in shown
    assert "至少需要 10.0 平方米" in shown


def test_candidates_from_a_geo_file_and_k(town, tmp_path):
    frame = gpd.GeoDataFrame({"code": ["A", "C"]}, geometry=[Point(at(0, -20)), Point(at(1900, -20))], crs=4326)
    for name in ("c.geojson", "c.gpkg"):
        frame.to_file(tmp_path / name)
        out = tmp_path / f"{name}.json"
        asked = ["analyse", "siting", "--category", "parcel", "--circle", "5", "--k", "1", "--min-area-m2", "0"]
        assert main([*asked, "--candidates", str(tmp_path / name), "--out", str(out)]) == 0
        assert json.loads(out.read_text(encoding="utf-8"))["sites"][0]["code"] == "C"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--k", "0"], "1 到"),
        (["--budget", "0"], "预算"),
        ([], "几处"),
        (["--k", "1", "--objective", "best"], "max_cover"),
        (["--k", "1", "--cost", "build"], "种类=元数"),
        (["--k", "1", "--kind", "castle"], "castle"),
        (["--k", "1", "--weight", "0_2"], "0_2"),
    ],
)
def test_wrong_questions_are_named(town, tmp_path, capsys, more, said):
    out = tmp_path / "o.json"
    assert main(["analyse", "siting", "--category", "parcel", *more, "--out", str(out)]) != 0
    assert said in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        (["A,x,40,1,1"], "编号,lon,lat,造价,可用面积", "lon"),
        (["A,,40,1,1"], "编号,lon,lat,造价,可用面积", "lon"),
        (["A,1"], "编号,造价", "lon"),
        ([point("A", 0, -1)], "编号,lon,lat,造价,可用面积", "“A”"),
        ([point("A", 0, 1), point("A", 5, 1)], "编号,lon,lat,造价,可用面积", "“A”"),
    ],
)
def test_wrong_candidates_are_named(town, tmp_path, capsys, rows, head, said):
    given = table(tmp_path / "c.csv", rows, head)
    out = tmp_path / "o.json"
    asked = ["analyse", "siting", "--category", "parcel", "--k", "1", "--candidates", given, "--out", str(out)]
    assert main(asked) != 0
    assert said in capsys.readouterr().err
