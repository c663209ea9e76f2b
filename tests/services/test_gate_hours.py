"""A time of day: gates that are not open then are shut, in every analysis that is asked so; nothing else changes."""

import pytest
from shapely.geometry import Point

from geo_service.services.analyses import answer, kind_named
from geo_service.services.circles import service_circles
from geo_service.services.explain import explain
from geo_service.services.what_if import WhatIfQuestion, evaluate

QUARTER, NOBODY_HOME = "990001001001Q01", "990001001001Q02"
NORTH_M = {"g1": 50, "g2": 150}


@pytest.fixture(scope="module")
def night(kept_town):
    """The block, its path through a closed quarter, whose gates have hours."""
    town = kept_town
    town.block()
    town.community("990001001001", -200, 900)
    town.each_home({290: {"age_3_5_persons": 20}}, north_m=-10.0, residents_persons=20, people_basis="register")
    town.facility("k1", 290, 220, category="kindergarten", capacity=40, capacity_unit="places")
    town.quarter(QUARTER, 200, 350, "closed")
    town.quarter(NOBODY_HOME, 450, 600, "closed")
    hours = {"g1": "06:00-22:00", "g2": "06:00-23:00"}
    gates = [
        {"code": code, "geometry": Point(town.at(300, north)), "passes": "everyone", "hours": hours[code]}
        for code, north in NORTH_M.items()
    ]
    odd = {"code": "g3", "geometry": Point(town.at(200, 100)), "passes": "residents", "hours": "早晚开放"}
    far = {"code": "g4", "geometry": Point(town.at(500, 50)), "passes": "residents", "hours": "06:00-23:00"}
    town.put("gates", [*gates, odd, far])
    return town


def asked(town, kind="coverage", categories=("supermarket",), **more):
    found = kind_named(kind)
    return answer(town.ctx, found, found.asked(list(categories), circle=5, **more))


def people(result):
    (total,) = [row for row in result["totals"] if row["band"] == "all"]
    return total["people_covered"], total["people_not_covered"]


def facts(result, key):
    return [(one["facts"]["count"], one["facts"]["codes"]) for one in result["notes"] if one["key"] == f"note.{key}"]


def test_coverage_at_a_time_of_day(night):
    whole = asked(night)
    assert people(whole) == (50, 0)
    assert "at" not in whole["parameters"]
    assert facts(whole, "gates_hours") == [(4, "g1, g2, g3, g4")]
    noon = asked(night, at="12:00")
    assert (people(noon), noon["parameters"]["at"]) == ((50, 0), "12:00")
    assert noon["uid"] != whole["uid"], "another question, another run"
    late = asked(night, at="22:30")
    assert people(late) == (30, 20), "the southern gate is shut: its neighbours walk round"
    assert facts(late, "gates_shut") == [(1, "g1")]
    assert facts(late, "gates_hours_unread") == [(1, "g3")]
    assert not facts(late, "gates_hours")
    assert asked(night, at="22:30")["uid"] == late["uid"]
    assert people(asked(night)) == (50, 0), "what is asked without a time stays"


def test_a_quarter_whose_gates_are_all_shut_is_not_open(night):
    dead = asked(night, at="3:00")
    assert dead["parameters"]["at"] == "03:00"
    assert facts(dead, "gates_shut") == [(3, "g1, g2, g4")]
    assert facts(dead, "closures_locked") == [(1, NOBODY_HOME)], "g3, whose hours cannot be read, counts as open"
    assert people(dead) == (0, 50), "the path is no way through, and the only way out leads round"


def test_gaps_explain_and_what_if_at_the_same_time(night):
    gaps = asked(night, "gaps", at="22:30")
    assert sum(zone["people"] for zone in gaps["zones"]) == 20
    assert not asked(night, "gaps")["zones"]
    with night.store.reading() as conn:
        home = {"building": "h290", "category": "supermarket", "circle": 5}
        late, usual = explain(conn, night.ctx, **home, at="22:30"), explain(conn, night.ctx, **home)
        assert (late["state"], late["at"], usual["state"]) == ("not_covered", "22:30", "covered")
        assert (late["cure"]["kind"], late["cure"]["code"]) == ("gate", "g1")
        assert "22:30" in late["words"][0]["zh"]
        for at, newly in (("22:30", 20), (None, None)):
            edits = [{"edit": "facility_add", "category": "supermarket", "position": list(night.at(280, -5))}]
            question = WhatIfQuestion.asked(["supermarket"], edits=edits, circle=5, at=at)
            found = evaluate(conn, night.ctx, question)
            totals = [row for row in found["totals"] if row["band"] == "all"]
            assert totals[0]["people_newly_covered"] == (newly or 0)


def test_sites_at_a_time_of_day(night):
    kind = kind_named("siting")
    drawn = [{"lon": lon, "lat": lat} for lon, lat in [night.at(280, -5)]]
    more = {"circle": 5, "k": 1, "points": drawn, "candidates": ["drawn"], "min_area_m2": 0}
    late = answer(night.ctx, kind, kind.asked("supermarket", at="22:30", **more))
    assert late["parameters"]["at"] == "22:30"
    assert [site["people"] for site in late["sites"]] == [20]


def test_places_circles_and_the_sheet_at_a_time_of_day(night):
    """At 22:30 the southern gate is shut: the kindergarten in the north is behind a detour for its neighbours."""
    kind = kind_named("capacity")
    places = {at: answer(night.ctx, kind, kind.asked("kindergarten", at=at)) for at in (None, "22:30")}
    assert [one["totals"][0]["people_reached"] for one in places.values()] == [20, 0]
    assert "at" not in places[None]["parameters"]
    assert facts(places["22:30"], "gates_shut") == [(1, "g1")]
    assert kind.asked("parking", at="22:30").at is None, "nobody walks in a ratio"
    with night.store.reading() as conn:
        circles = [
            service_circles(conn, night.ctx, category="supermarket", circles=[5], at=at) for at in (None, "22:30")
        ]
    people = [
        next(one["properties"]["people"] for one in found["features"] if one["properties"]["kind"] == "circle")
        for found in circles
    ]
    assert (people, circles[1]["parameters"]["at"]) == ([50, 30], "22:30")
    kind = kind_named("checklist")
    sheets = [answer(night.ctx, kind, kind.asked(at=at)) for at in (None, "22:30")]
    covered = [
        next(row["buildings_covered_share"] for row in sheet["levels"] if row["category"] == "kindergarten")
        for sheet in sheets
    ]
    assert (covered, sheets[1]["parameters"]["at"]) == ([1.0, 0.5], "22:30")
