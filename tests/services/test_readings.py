"""Files of results where it is not known whether a quarter is closed: rows of both readings, told apart."""

import csv
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, Point, box

from geo_service.domain.actors import Actor
from geo_service.services.analyses import answer, kind_named
from geo_service.services.circles import service_circles
from geo_service.services.coverage import coverage
from geo_service.services.effect import EFFECT, EffectQuestion
from geo_service.services.gap_files import capacity_tables, zone_tables
from geo_service.services.questions import CoverageQuestion
from geo_service.services.readings import both_readings
from geo_service.services.results import write_circles, write_coverage, write_result
from geo_service.services.scenario_files import effect_tables, scenario_tables
from geo_service.services.standards_files import checklist_tables, indicator_tables
from geo_service.services.what_if import SCENARIO, WhatIfQuestion, evaluate

QUARTER = "990001001001Q01"


def outline(town):
    return MultiPolygon([box(*town.at(200, 50), *town.at(400, 150))])


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
    row = {"code": QUARTER, "name": "q", "level": "quarter", "geometry": outline(town), "closure": "unknown"}
    town.put("areas", [row])
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


def what_if(town, edits, categories=("supermarket",), quick=False):
    asked = WhatIfQuestion.asked(categories, edits=edits, circle=5)
    if not quick:
        return answer(town.ctx, SCENARIO, asked)
    with town.store.reading() as conn:
        return evaluate(conn, replace(town.ctx, actor=Actor("p", "planner")), asked)


def covered(rows):
    return [tuple(row[f"people_covered_{side}"] for side in ("before", "after")) for row in rows]


def test_a_what_if_gives_both_readings_and_coverage_of_each(unsure):
    """Neighbours walk 210 m through the quarter, 820 m round it."""
    edits = [{"edit": "facility_add", "category": "supermarket", "position": list(unsure.at(0, 220))}]
    found = what_if(unsure, edits)
    coverage_now = coverage(unsure.ctx, CoverageQuestion.asked(["supermarket"], circle=5, by="community"))
    now = [coverage_now["totals"][0], coverage_now["if_closed"]["totals"][0]]
    totals = [next(row for row in rows if row["band"] == "all") for rows in (
        found["totals"], found["if_closed"]["totals"])]  # fmt: skip
    assert [row["people_covered_before"] for row in totals] == [row["people_covered"] for row in now] == [50, 30]
    keys = {note["key"] for note in found["notes"]}
    assert "note.closures_unknown" in keys
    assert "note.closures_open_only" not in keys
    quick = what_if(unsure, edits, quick=True)
    told = next(row for row in quick["if_closed"]["totals"] if row["band"] == "all")
    assert (told["people_covered_before"], told["people_covered_after"]) == (30, 30)
    rows = [row for row in scenario_tables(unsure.ctx, found)["scenario"].rows if row["band"] == "all"]
    assert [(row["reading"], row["people_covered_before"]) for row in rows[:2]] == [("open", 50), ("closed", 30)]


def test_places_and_effects_have_both_readings(unsure):
    edits = [{"edit": "facility_resize", "facility": "k1", "capacity": 40}]
    found = what_if(unsure, edits, ("kindergarten",))
    one, other = found["capacity_totals"][0], found["if_closed"]["capacity_totals"][0]
    assert [row["people_enough_after"] for row in (one, other)] == [11, 6]
    assert [row["people_beyond_reach_before"] for row in (one, other)] == [0, 5]
    tables = scenario_tables(unsure.ctx, found)
    heads = [row for row in tables["scenario"].rows if row["band"] == "concerned" and row["level"] == "total"]
    assert [(row["reading"], row["people_enough_after"]) for row in heads] == [("open", 11), ("closed", 6)]
    assert [row["reading"] for row in tables["capacity_facilities"].rows] == ["open", "closed"]
    project = {"code": "P1", "name": "p", "kind": "other", "status": "proposed", "planned_yuan": 1000.0}
    measures = {"edits": [{"edit": "gate_open", "gate": code} for code in ("g1", "g2")]}
    unsure.put("projects", [{**project, "geometry": Point(unsure.at(0, 0)), "measures": measures}])
    effect = answer(unsure.ctx, EFFECT, EffectQuestion.asked("P1", ["supermarket"], circle=5))
    head = next(row for row in effect["effects"] if row["is_headline"])
    closed = next(row for row in effect["if_closed"]["effects"] if row["is_headline"])
    assert (head["people_newly_covered"], closed["people_newly_covered"]) == (0, 20)
    assert (head["yuan_per_person"], closed["yuan_per_person"]) == (None, 50.0)
    assert "note.gate_open_idle" not in {note["key"] for note in effect["notes"]}
    assert {row["reading"] for row in effect_tables(unsure.ctx, effect)["effects"].rows} >= {"open", "closed"}


def test_a_path_through_a_wall_that_may_be_has_one_reading(unsure):
    edits = [{"edit": "path_add", "line": [list(unsure.at(300, 100)), list(unsure.at(400, 0))]}]
    found = what_if(unsure, edits)
    assert "if_closed" not in found
    assert "note.closures_open_only" in {note["key"] for note in found["notes"]}


def test_circles_of_both_readings_and_their_files(unsure, tmp_path):
    with unsure.store.reading() as conn:
        found = service_circles(conn, unsure.ctx, category="supermarket", circles=[5])
    people = {
        one["properties"]["reading"]: one["properties"]["people"]
        for one in [*found["features"], *found["if_closed"]["features"]]
        if one["properties"]["kind"] == "circle"
    }
    assert people == {"open": 50, "closed": 30}
    assert {one["properties"]["reading"] for one in found["features"] if one["properties"]["kind"] == "paper"} == {
        "both"
    }
    write_circles(unsure.ctx, tmp_path / "c.geojson", found)
    assert list(gpd.read_file(tmp_path / "c.geojson").query("kind == 'circle'")["reading"]) == ["open", "closed"]


def test_where_all_is_known_there_is_one_reading(unsure):
    unsure.put(
        "areas", [{"code": QUARTER, "name": "q", "level": "quarter", "geometry": outline(unsure), "closure": "open"}]
    )
    with unsure.store.reading() as conn:
        circles = service_circles(conn, unsure.ctx, category="supermarket", circles=[5])
    found = what_if(unsure, [{"edit": "facility_close", "facility": "f1"}])
    assert "if_closed" not in found
    assert "if_closed" not in circles
    assert not any("reading" in one["properties"] for one in circles["features"])
