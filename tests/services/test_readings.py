"""Files of results where it is not known whether a quarter is closed: rows of both readings, told apart."""

import csv

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, Point, box

from geo_service.services.analyses import answer, kind_named
from geo_service.services.coverage import coverage
from geo_service.services.gap_files import capacity_tables, zone_tables
from geo_service.services.questions import CoverageQuestion
from geo_service.services.readings import both_readings
from geo_service.services.results import write_coverage, write_result
from geo_service.services.standards_files import checklist_tables, indicator_tables

QUARTER = "990001001001Q01"


@pytest.fixture
def unsure(town):
    """Homes in a quarter that may be closed, which lies between others and what there is."""
    town.streets(
        [
            [(0.0, 0.0), (300.0, 0.0), (600.0, 0.0)],
            [(0.0, 200.0), (300.0, 200.0), (600.0, 200.0)],
            [(0.0, 0.0), (0.0, 200.0)],
            [(300.0, 0.0), (300.0, 200.0)],
        ]
    )
    town.homes(
        310, north_m=100.0, residents_persons=30, age_3_5_persons=6, age_15_59_persons=24, people_basis="register"
    )
    town.homes(
        290, north_m=-10.0, residents_persons=20, age_3_5_persons=5, age_15_59_persons=15, people_basis="register"
    )
    town.facility("f1", 290, 220)
    town.facility("k1", 290, 220, category="kindergarten", capacity=10, capacity_unit="places")
    outline = MultiPolygon([box(*town.at(200, 50), *town.at(400, 150))])
    town.put("areas", [{"code": QUARTER, "name": "q", "level": "quarter", "geometry": outline, "closure": "unknown"}])
    for code, north in (("g1", 50), ("g2", 150)):
        town.put("gates", [{"code": code, "geometry": Point(town.at(300, north)), "passes": "residents"}])
    return town


def test_rows_of_both_readings_stand_beside_each_other():
    rows = [{"code": "a", "people": 1}, {"code": "b", "people": 2}, {"code": "c", "people": 3}]
    closed = [{"code": "a", "people": 1}, {"code": "b", "people": 9}, {"code": "d", "people": 4}]
    found = [(row["code"], row["people"], row["reading"]) for row in both_readings(rows, closed, ("code",))]
    assert found == [("a", 1, "both"), ("b", 2, "open"), ("b", 9, "closed"), ("c", 3, "open"), ("d", 4, "closed")]
    fewer = both_readings(rows, closed[1:2], ("code",), changed_only=True)
    assert [row["reading"] for row in fewer] == ["both", "open", "closed", "both"]


def test_files_of_coverage_hold_both_readings(unsure, tmp_path):
    result = coverage(unsure.ctx, CoverageQuestion.asked(["supermarket"], circle=5, by="community"))
    with unsure.store.reading() as conn:
        for ending in ("csv", "gpkg"):
            write_coverage(conn, unsure.ctx, tmp_path / f"c.{ending}", result)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["level"] == "total" and row["band"] == "all"]
    assert [(row["reading"], row["people_covered"]) for row in rows] == [("open", "50"), ("closed", "30")]
    totals = gpd.read_file(tmp_path / "c.gpkg", layer="totals")
    everybody = totals[totals["band"] == "all"]
    assert list(zip(everybody["reading"], everybody["people_covered"], strict=True)) == [("open", 50), ("closed", 30)]


def test_files_of_gaps_and_capacity_hold_both_readings(unsure, tmp_path):
    kind = kind_named("gaps")
    gaps = answer(unsure.ctx, kind, kind.asked(["supermarket"], circle=5))
    write_result(unsure.ctx, tmp_path / "g.csv", gaps, zone_tables(unsure.ctx, gaps))
    table = pd.read_csv(tmp_path / "g.csv")
    assert list(zip(table["reading"], table["people"], strict=True)) == [("closed", 20)]
    kind = kind_named("capacity")
    places = answer(unsure.ctx, kind, kind.asked("kindergarten", circle=5, by="community"))
    write_result(unsure.ctx, tmp_path / "p.gpkg", places, capacity_tables(unsure.ctx, places))
    facilities = gpd.read_file(tmp_path / "p.gpkg", layer="facilities")
    assert list(zip(facilities["reading"], facilities["people_within"], strict=True)) == [("open", 11), ("closed", 6)]


def test_files_without_two_readings_have_no_such_column(unsure, tmp_path):
    outline = MultiPolygon([box(*unsure.at(200, 50), *unsure.at(400, 150))])
    unsure.put("areas", [{"code": QUARTER, "name": "q", "level": "quarter", "geometry": outline, "closure": "open"}])
    result = coverage(unsure.ctx, CoverageQuestion.asked(["supermarket"], circle=5, by="community"))
    with unsure.store.reading() as conn:
        write_coverage(conn, unsure.ctx, tmp_path / "c.csv", result)
    assert "reading" not in (tmp_path / "c.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(",")


def test_indicators_say_the_walk_in_both_readings(unsure):
    ground = box(*unsure.at(250, 240), *unsure.at(350, 340))
    unsure.put("green_spaces", [{"code": "G1", "geometry": ground, "kind": "park", "is_public": True}])
    kind = kind_named("indicators")
    result = answer(unsure.ctx, kind, kind.asked())
    (total,) = [row for row in result["totals"] if row["indicator"] == "GB51346-A03"]
    (closed,) = [row for row in result["if_closed"]["totals"] if row["indicator"] == "GB51346-A03"]
    assert [row["walk_buildings_share"] for row in (total, closed)] == [1.0, 0.5]
    assert [row["radius_buildings_share"] for row in (total, closed)] == [1.0, 1.0]
    assert "note.closures_unknown" in {one["key"] for one in result["notes"]}
    table = indicator_tables(unsure.ctx, result)["indicators"]
    walks = [row["walk_buildings_share"] for row in table.rows if row["indicator"] == "GB51346-A03"][:2]
    assert (walks, table.columns[-1]) == ([1.0, 0.5], "reading")


def test_the_sheet_says_what_a_walk_decides_in_both_readings(unsure, tmp_path):
    unsure.community("990001001001", -500, 900)
    unsure.facility("b1", 290, 220, category="bus_stop")
    kind = kind_named("checklist")
    result = answer(unsure.ctx, kind, kind.asked())
    level = [row for row in result["levels"] if row["category"] == "kindergarten"]
    closed = [row for row in result["if_closed"]["levels"] if row["category"] == "kindergarten"]
    assert level[0]["buildings_covered_share"] == 1.0
    assert closed[0]["buildings_covered_share"] == 0.5
    assert [row["verdict"] for row in (level[0], closed[0])] == ["pass", "not_surveyed"]
    assert "note.closures_unknown" in {one["key"] for one in result["notes"]}
    write_result(unsure.ctx, tmp_path / "s.gpkg", result, checklist_tables(unsure.ctx, result))
    levels = gpd.read_file(tmp_path / "s.gpkg", layer="levels")
    assert {"open", "closed"} <= set(levels["reading"])
    items = gpd.read_file(tmp_path / "s.gpkg", layer="items")
    assert len(items[items["reading"] != "closed"]) == 20
