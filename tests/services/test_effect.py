"""The effect of a project: with against without it, people by age band, yuan per person."""

from dataclasses import replace

import pytest

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services import analyses
from geo_service.services.effect import EFFECT, EffectQuestion
from geo_service.services.effect_money import KINDS, money_notes, money_of, yuan_each
from geo_service.services.scenario_files import effect_tables
from geo_service.services.what_if import SCENARIO, WhatIfQuestion

CATEGORY = "supermarket"


@pytest.fixture
def street(town):
    """Homes along the main street, a supermarket at its start."""
    town.main_street()
    for east, persons in ((0, 30), (900, 10), (1800, 60)):
        town.homes(east, residents_persons=persons, age_80_plus_persons=persons, people_basis="register")
    town.facility("f1", 100)
    return town


def project(town, **values):
    from shapely.geometry import Point

    row = {"code": "P1", "name": "超市", "kind": "service_room", "status": "proposed"}
    town.put("projects", [{**row, "geometry": Point(town.at(1800, 0)), **values}])


def effect(town, actor=None):
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    return analyses.answer(ctx, EFFECT, EffectQuestion.asked("P1", [CATEGORY], circle=5))


def add(town, east=1800):
    return {"edit": "facility_add", "category": CATEGORY, "position": list(town.at(east, -20))}


def newly(result, band="all"):
    return next(one for one in result["effects"] if one["band"] == band)


def test_people_newly_covered_and_yuan_per_person(street):
    project(street, measures={"edits": [add(street)]}, planned_yuan=9000.0, committed_yuan=6000.0)
    found = effect(street)
    assert found["moves_coverage"]
    assert found["cases_count"] is found["satisfaction_share"] is None
    assert "note.effect_not_stored" in {note["key"] for note in found["notes"]}
    assert newly(found)["people_newly_covered"] == newly(found, "80_plus")["people_newly_covered"] == 60
    assert newly(found)["yuan_per_person"] == 100.0
    assert found["yuan"]["which"] == "committed"
    assert "note.effect_yuan_committed" in {note["key"] for note in found["notes"]}
    told = effect(street, Actor("p", "planner"))
    assert told["uid"] == found["uid"]
    assert newly(told)["people_newly_covered"] % 5 == 0


def test_what_is_built_is_compared_with_today_without_it(street):
    street.facility("f2", 1800)
    project(street, measures={"built": ["f2"]}, paid_yuan=600.0, status="accepted")
    found = effect(street)
    row = next(row for row in found["totals"] if row["band"] == "all")
    assert [row[f"people_covered_{side}"] for side in ("before", "after", "difference")] == [30, 90, 60]
    assert newly(found)["yuan_per_person"] == 10.0
    assert "note.effect_built" in {note["key"] for note in found["notes"]}


@pytest.mark.parametrize(
    ("stored", "which", "yuan"),
    [
        ({"planned_yuan": 900.0, "committed_yuan": 0.0, "paid_yuan": 0.0}, "planned", 900.0),
        ({"planned_yuan": 900.0, "committed_yuan": 600.0, "paid_yuan": 60.0}, "committed", 600.0),
        ({"planned_yuan": 900.0, "committed_yuan": 600.0, "paid_yuan": 700.0}, "paid", 700.0),
        ({"planned_yuan": 900.0, "paid_yuan": 60.0, "status": "closed"}, "paid", 60.0),
        ({"planned_yuan": 900.0, "paid_yuan": 0.0, "status": "accepted"}, "planned", 900.0),
        ({"paid_yuan": 60.0, "status": "building"}, None, None),
        ({"planned_yuan": 0.0, "paid_yuan": 0.0}, None, None),
    ],
)
def test_the_full_cost_counts_and_nothing_is_no_money(stored, which, yuan):
    found = money_of({"status": "building", **stored})
    assert (found["which"], found["yuan"]) == (which, yuan)
    assert {kind: found[kind] for kind in KINDS} == {kind: stored.get(f"{kind}_yuan") for kind in KINDS}
    assert yuan_each(found, 60) == (None if yuan is None else round(yuan / 60, 2))
    assert len(money_notes(found)) == 1


def test_money_that_is_none_gives_no_yuan_per_person(street):
    project(street, measures={"edits": [add(street)]}, planned_yuan=0.0, paid_yuan=0.0)
    found = effect(street)
    assert newly(found)["people_newly_covered"] == 60
    assert newly(found)["yuan_per_person"] is None
    assert "note.effect_yuan_unknown" in {note["key"] for note in found["notes"]}


def test_a_project_that_moves_no_coverage_says_so(street):
    project(street, kind="street_light", quantity=12.0, quantity_unit="盏")
    found = effect(street)
    assert not found["moves_coverage"]
    assert found["effects"] == found["totals"] == found["rows"] == []
    assert (found["project"]["quantity"], found["yuan"]["yuan"]) == (12.0, None)
    keys = {note["key"] for note in found["notes"]}
    assert {"note.effect_none", "note.effect_yuan_unknown", "note.effect_not_change"} <= keys
    assert (found["cases_count"], found["satisfaction_share"]) == (None, None)
    assert "note.effect_not_stored" in keys


def test_who_was_not_known_before_costs_nothing_and_stands_apart(street):
    """Within 300 m of an unverified facility it is not known whether those at 1800 m are covered."""
    street.homes(1500, residents_persons=25, age_80_plus_persons=25, people_basis="register")
    street.facility("f2", 2000, verification="unverified")
    project(street, measures={"edits": [add(street, 1650)]}, planned_yuan=5000.0)
    found = effect(street)
    first = newly(found)
    names = ("people_newly_covered", "people_covered_from_unknown", "people_no_longer_covered", "yuan_per_person")
    assert [first[name] for name in names] == [25, 60, 0, 200.0]
    assert "note.effect_yuan_each" in {note["key"] for note in found["notes"]}
    moved = {"edit": "facility_move", "facility": "f1", "position": list(street.at(1600, 0))}
    project(street, measures={"edits": [moved]}, planned_yuan=5000.0)
    assert [newly(effect(street))[name] for name in names] == [25, 60, 30, None]


def test_yuan_of_several_categories_are_not_added(street):
    toilet = {**add(street), "category": "toilet"}
    project(street, measures={"edits": [add(street), toilet]}, planned_yuan=6000.0)
    asked = EffectQuestion.asked("P1", [CATEGORY, "toilet"], circle=5)
    found = analyses.answer(street.ctx, EFFECT, asked)
    assert [one["yuan_per_person"] for one in found["effects"] if one["is_headline"]] == [100.0, 100.0]
    assert "note.effect_yuan_apart" in {note["key"] for note in found["notes"]}
    rows = effect_tables(street.ctx, found)["effects"].rows
    assert all((row["yuan_note"] is None) == (row["yuan_per_person"] is None) for row in rows)
    edits = [add(street), toilet]
    beside = analyses.answer(street.ctx, SCENARIO, WhatIfQuestion.asked([CATEGORY, "toilet"], edits=edits, circle=5))
    assert "note.scenario_apart" in {note["key"] for note in beside["notes"]}


def test_unknown_money_and_nobody_reached_give_no_yuan_per_person(street):
    project(street, measures={"edits": [add(street, 110)]}, planned_yuan=5.0)
    assert newly(effect(street))["people_newly_covered"] == 0
    assert newly(effect(street))["yuan_per_person"] is None


@pytest.mark.parametrize("measures", [[1], {"other": 1}, {"built": "f2"}, {"built": [1]}])
def test_measures_of_another_form_are_refused(street, measures):
    project(street, measures=measures)
    with pytest.raises(InvalidInput, match="measures_form"):
        effect(street)


def test_unknown_project(street):
    with pytest.raises(NotFound, match="row_unknown"):
        effect(street)
