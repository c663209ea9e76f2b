"""The people a category is there for come first: the same in siting, gaps, what-if and effect; what is noted."""

import csv
from dataclasses import replace

import pytest
from shapely.geometry import Point

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import InvalidInput
from geo_service.services.analyses import answer, kind_named
from geo_service.services.homes import WHOLE
from geo_service.services.results import write_result
from geo_service.services.scenario_files import effect_tables, scenario_tables
from geo_service.services.scenario_headlines import headlines
from geo_service.services.scenario_rows import FIGURES
from tests.services.conftest import at

CATEGORY = "kindergarten"


@pytest.fixture
def street(town):
    """Children and others at 0 and 1800 m, a kindergarten at the start; nothing is declared complete."""
    town.main_street()
    town.community("990001001001", -200, 2200)
    for east, children in ((0, 30), (1800, 20)):
        own = {"age_3_5_persons": children, "age_15_59_persons": 400}
        town.homes(east, residents_persons=children + 400, people_basis="register", **own)
    town.facility("f1", 100, category=CATEGORY, admits="public")
    return town


def ask(town, kind, *args, actor=None, **more):
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    return answer(ctx, kind_named(kind), kind_named(kind).asked(*args, **more))


def add(east=1800, **more):
    return {"edit": "facility_add", "category": CATEGORY, "position": list(at(east, -20)), **more}


def what_if(town, *edits, category=CATEGORY, **more):
    return ask(town, "scenario", [category], edits=list(edits), circle=5, **more)


def head(result):
    return next(row for row in result["headlines"] if row["level"] == WHOLE)


def keys(result):
    return {note["key"] for note in result["notes"]}


def said(result, key):
    return next(note for note in result["notes"] if note["key"] == key)


def project(town, **more):
    row = {"code": "P1", "name": "幼儿园", "kind": "service_room", "status": "decided", "planned_yuan": 2000.0}
    town.put("projects", [{**row, "geometry": Point(at(1800, 0)), "measures": {"edits": [add()]}, **more}])


def test_the_same_children_in_siting_gaps_what_if_and_effect(street):
    point = [{"code": "p", "lon": at(1800, -20)[0], "lat": at(1800, -20)[1]}]
    sites = ask(street, "siting", CATEGORY, circle=5, k=1, min_area_m2=0, points=point)
    gaps = ask(street, "gaps", [CATEGORY], circle=5)
    assert [zone["people"] for zone in gaps["zones"]] == [20]
    found = what_if(street, add())
    first = head(found)
    assert first["bands"] == ["3_5"]
    assert [first[f"people_covered_{side}"] for side in ("before", "after", "difference")] == [30, 50, 20]
    assert [row["people_covered_difference"] for row in found["headlines"] if row["level"] == "community"] == [20]
    assert sites["sites"][0]["people"] == 20
    project(street)
    effect = ask(street, "effect", "P1", [CATEGORY], circle=5)
    [first] = [row for row in effect["effects"] if row["is_headline"]]
    assert (first["band"], first["bands"]) == ("concerned", ["3_5"])
    assert (first["people_newly_covered"], first["yuan_per_person"]) == (20, 100.0)
    assert [row["yuan_per_person"] for row in effect["effects"] if row["band"] == "all"] == [None]
    assert {"note.scenario_headline", "note.scenario_for_bands", "note.scenario_not_surveyed"} <= keys(effect)


def test_a_new_facility_may_be_for_everybody(street):
    def covered(edit):
        rows = {row["band"]: row["people_covered_difference"] for row in what_if(street, edit)["totals"]}
        return rows["3_5"], rows["15_59"], rows["all"]

    assert covered(add()) == (20, 0, 20)
    assert covered(add(admits="public")) == (20, 400, 420)
    assert covered(add(bands=["15_59"])) == (0, 400, 400)
    with pytest.raises(InvalidInput, match="scenario_field_value"):
        what_if(street, add(admits="unit"))
    with pytest.raises(InvalidInput, match="scenario_field_value"):
        what_if(street, add(admits="public", bands=["3_5"]))


def test_few_children_are_withheld_in_the_headline_as_in_their_row(street):
    street.homes(1810, residents_persons=3, age_3_5_persons=3, people_basis="register")
    street.community("990001001002", 1805, 2200)
    told = what_if(street, add(), actor=Actor("p", "planner", areas=("990001001001",)))
    by_place = {row["code"]: row for row in told["headlines"]}
    for row in told["rows"]:
        if row["band"] == "3_5":
            assert by_place[row["code"]]["people_covered_after"] == row["people_covered_after"]
            assert by_place[row["code"]]["withheld"] == row["withheld"]
    assert by_place["990001001002"]["people_covered_after"] is None


def test_without_ages_and_without_people_buildings_are_counted(town):
    town.main_street()
    town.homes(1800, residents_persons=9, people_basis="register")
    town.facility("f1", 100, category=CATEGORY, verification="unverified")
    found = what_if(town, add())
    first = head(found)
    assert [first[f"people_covered_{side}"] for side in ("before", "after")] == [None, None]
    assert [first[f"buildings_covered_{side}"] for side in ("before", "after")] == [0, 1]
    assert {"note.scenario_ages_unknown", "note.scenario_unverified"} <= keys(found)
    assert "note.scenario_headline" not in keys(found)


def test_what_is_put_where_no_street_is_near_is_named(street):
    far = [10.0, 50.0]
    home = {"edit": "homes_add", "position": far, "residents": 7, "name": "新村"}
    move = {"edit": "facility_move", "facility": "f1", "position": far}
    found = what_if(street, add(position=far), home, move)
    assert "10.00000, 50.00000" in said(found, "note.facility_add_off")["zh"]
    assert "幼儿园" in said(found, "note.facility_add_off")["zh"]
    assert "新村" in said(found, "note.homes_add_off")["zh"]
    assert "f1" in said(found, "note.facility_move_off")["zh"]
    everybody = next(row for row in found["totals"] if row["band"] == "all")
    assert everybody["people_unknown_difference"] == 7
    near = what_if(street, add(), {**home, "position": list(at(10, 20))})
    assert not {key for key in keys(near) if key.endswith("_off")}


def test_a_gate_on_no_wall_is_named(street):
    street.put("gates", [{"code": "g1", "geometry": Point(at(500, 0)), "passes": "residents"}])
    found = what_if(street, {"edit": "gate_open", "gate": "g1"})
    assert "g1" in said(found, "note.gate_open_idle")["zh"]
    assert head(found)["people_covered_difference"] == 0


def test_declared_complete_nothing_is_said_of_it(street):
    row = {"code": "s1", "statement_area_code": "990001001001", "category": CATEGORY, "is_complete": True}
    street.put("inventory_statements", [{**row, "declared_on": "2026-01-01", "declared_by": "x"}])
    assert "note.scenario_not_surveyed" not in keys(what_if(street, add()))


def test_files_say_which_project_limit_and_money(street, tmp_path):
    project(street, planned_yuan=None, committed_yuan=500.0, paid_yuan=0.0)
    found = ask(street, "effect", "P1", [CATEGORY], circle=5)
    path = tmp_path / "effect.csv"
    write_result(street.ctx, path, found, effect_tables(street.ctx, found))
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    assert (rows[0]["project"], rows[0]["project_name"], rows[0]["category"]) == ("P1", "幼儿园", CATEGORY)
    assert (rows[0]["money"], float(rows[0]["money_yuan"]), float(rows[0]["yuan_per_person"])) == ("committed", 500, 25)
    assert (rows[0]["band"], float(rows[0]["limit_m"])) == ("concerned", 300)
    write_result(street.ctx, tmp_path / "effect.gpkg", found, effect_tables(street.ctx, found))
    found = what_if(street, add())
    path = tmp_path / "scenario.csv"
    write_result(street.ctx, path, found, scenario_tables(street.ctx, found))
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    assert [row["band"] for row in rows[:3]] == ["concerned", "all", "3_5"]
    assert (rows[0]["people_covered_difference"], rows[0]["limit_kind"]) == ("20", "distance")


def test_what_is_kept_for_others_has_the_same_headlines_rounded(street):
    exact = what_if(street, add())
    told = what_if(street, add(), actor=Actor("p", "planner"))
    assert told["uid"] == exact["uid"]
    assert [head(told)[f"people_not_covered_{side}"] for side in ("before", "after")] == [20, 0]
    row = next(row for row in told["totals"] if row["band"] == "3_5")
    assert {key: head(told)[key] for key in row if key.startswith("people")} == {
        key: value for key, value in row.items() if key.startswith("people")
    }
    assert head(told)["withheld"] == row["withheld"]
    assert [row["code"] for row in told["headlines"]] == [row["code"] for row in exact["headlines"]]


def test_bands_of_a_few_each_are_told_together():
    """80 fewer are not covered and nobody else moves; of the 80 newly covered each band's may be too few to be told."""

    def told(lacking, **more):
        place = {"scenario": None, "level": "total", "code": None, "name": None, "category": "elder_station"}
        row = {**dict.fromkeys(FIGURES, 0), **place, "withheld": True, "people_not_covered_difference": lacking, **more}
        bands = [{**row, "band": band} for band in ("60_64", "65_79", "80_plus")]
        (found,) = headlines([{**row, "band": "all"}, *({**one, "people_newly_covered": None} for one in bands)])
        return found["people_newly_covered"]

    assert told(-25) == 75
    assert told(-5) is None
    assert told(-25, people_covered_from_unknown=None) is told(-25, people_unknown_difference=5) is None
    assert told(None) is None
