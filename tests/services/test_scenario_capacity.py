"""Places before and after edits: the same as capacity of data in which the edits are really made, exact and told."""

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import Point

from geo_service.domain.actors import Actor
from geo_service.services import analyses
from geo_service.services.capacity import CAPACITY, CapacityQuestion
from geo_service.services.effect import EFFECT, EffectQuestion
from geo_service.services.readings import otherwise
from geo_service.services.scenario_files import scenario_tables
from geo_service.services.scenario_place_rows import PLACE_FIGURES
from geo_service.services.scenario_readings import TABLE_KEYS
from geo_service.services.what_if import SCENARIO, WhatIfQuestion, evaluate
from tests.services.test_what_if import facilities, position, streets

CATEGORY, LIMIT = "kindergarten", {"circle": 10}
LEFT, RIGHT = "990001001001", "990001001002"
PLANNER = Actor("p", "planner")


def capacity(town, actor=None, **more):
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    return analyses.answer(ctx, CAPACITY, CapacityQuestion.asked(CATEGORY, by="community", **(more or LIMIT)))


def ask(town, edits, actor=None, **more):
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    return analyses.answer(ctx, SCENARIO, WhatIfQuestion.asked([CATEGORY], edits=edits, **(more or LIMIT)))


def fast(town, edits, actor=None, **more):
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    with ctx.store.reading() as conn:
        return evaluate(conn, ctx, WhatIfQuestion.asked([CATEGORY], edits=edits, **(more or LIMIT)))


def note_keys(found):
    return {note["key"] for note in found["notes"]}


def by_place(rows):
    return {(row["level"], row["code"]): row for row in rows}


def both(found):
    return by_place([*found["capacity_totals"], *found["capacity_rows"]])


def assert_same(found, side, wanted):
    theirs = by_place([*wanted["totals"], *wanted["rows"]])
    ours = both(found)
    assert ours.keys() == theirs.keys()
    for place, row in ours.items():
        for figure in PLACE_FIGURES:
            assert row[f"{figure}_{side}"] == pytest.approx(theirs[place][figure], abs=1e-6), (place, figure, side)


def places(town, code, east, north=-20, **more):
    values = {"category": CATEGORY, "capacity": 40.0, "capacity_unit": "places"}
    town.facility(code, east, north, **values | more)


def settle(town, rng):
    streets(town)
    town.community(LEFT, -200, 700)
    town.community(RIGHT, 700, 1700)
    for number in range(40):
        east, north, count = rng.uniform(-100, 1500), rng.uniform(-250, 850), int(rng.integers(0, 12))
        more = {"residents_persons": 3 * count, "age_3_5_persons": count, "age_15_59_persons": 2 * count}
        town.homes(round(east, 1), north_m=round(north, 1), **(more if number % 7 else {}))
    kinds = [
        {},
        {"verification": "unverified"},
        {"capacity": None, "capacity_unit": None},
        {"admits": "catchment", "admits_area_code": LEFT},
        {"admits": "unit"},
    ]
    for number, kind in enumerate(kinds):
        places(town, f"f{number}", round(rng.uniform(0, 1400), 1), round(rng.uniform(-80, 680), 1), **kind)


def stored(town, code, **more):
    """Write a facility again with other values."""
    row = next(row for row in facilities(town) if row["code"] == code)
    kept = {key: row[key] for key in ("category", "verification", "admits", "admits_area_code") if row[key]}
    own = {"opening_state": "open", "capacity": 40.0, "capacity_unit": "places"}
    town.put("facilities", [{"code": code, "geometry": row["geometry"], **kept, **own, **more}])


@pytest.mark.parametrize("seed", range(3))
def test_places_are_as_if_the_edits_were_made(town, seed):
    rng = np.random.default_rng(seed)
    settle(town, rng)
    (east, north), at = position(town, rng)
    (east_too, north_too), at_too = position(town, rng)
    path = [(round(rng.uniform(10, 340), 1), 0.0), (round(rng.uniform(360, 1390), 1), 600.0)]
    cut = (round(float(rng.choice([100.0, 500.0, 900.0])) + rng.uniform(0, 100), 1), 300.0)
    roads = [
        {"edit": "path_add", "line": [list(town.at(*one)) for one in path]},
        {"edit": "path_cut", "position": list(town.at(*cut))},
    ]
    edits = [
        {"edit": "facility_add", "category": CATEGORY, "position": at, "capacity": 30, "admits": "public"},
        {"edit": "facility_move", "facility": "f0", "position": at_too},
        {"edit": "facility_resize", "facility": "f2", "capacity": 90},
        {"edit": "facility_share", "facility": "f3"},
        *(roads if seed else []),
        {"edit": "homes_add", "position": list(town.at(800, -90)), "residents": 60, "people": {"3_5": 20}},
    ]
    before, found, quick = capacity(town), ask(town, edits), fast(town, edits)
    assert_same(found, "before", before)
    listed = both(found)
    assert all(row == listed[place] for place, row in both(quick).items())
    told_before, told = capacity(town, PLANNER), fast(town, edits[:-1], PLANNER)
    places(town, "new", east, north, capacity=30.0)
    places(town, "f0", east_too, north_too)
    stored(town, "f2", capacity=90.0)
    stored(town, "f3", admits="public", admits_area_code=None)
    if seed:
        streets(town, [path], [cut])
    assert_told(told, told_before, capacity(town, PLANNER))
    town.homes(800, north_m=-90, residents_persons=60, age_3_5_persons=20)
    after = capacity(town)
    assert_same(found, "after", after)
    loads = {row["code"]: row["load_share"] for row in after["facilities"]}
    for row in found["capacity_facilities"]:
        assert row["load_share_after"] == pytest.approx(loads[row["code"] or "new"], abs=1e-5)
    changes = {row["code"]: row["change"] for row in found["capacity_facilities"]}
    assert changes == {None: "added", "f0": "moved", "f1": None, "f2": "resized", "f3": "shared", "f4": None}


def assert_told(told, before, after):
    """Both sides tell what capacity itself tells; what it withholds of either is withheld of both."""
    sides = [by_place([*one["totals"], *one["rows"]]) for one in (before, after)]
    for place, row in both(told).items():
        for figure in PLACE_FIGURES:
            pair = [side[place][figure] for side in sides]
            found = [row[f"{figure}_{side}"] for side in ("before", "after")]
            assert all(one in (None, two) for one, two in zip(found, pair, strict=True)), (place, figure)
            if figure.startswith("people") and None in pair:
                assert found == [None, None], (place, figure)
                assert row[f"{figure}_difference"] is None
        people = row["people_total_after"]
        assert people is None or people % 5 == 0


@pytest.fixture
def children(town):
    """30, 20 and 10 children at 0, 100 and 250 m, and a kindergarten for 50 at the start."""
    town.main_street()
    town.community(LEFT, -200, 1000)
    for east, count in ((0, 30), (100, 20), (250, 10)):
        town.homes(east, residents_persons=3 * count, age_3_5_persons=count, age_15_59_persons=2 * count)
    places(town, "k1", 0, capacity=20.0)
    return town


def test_another_capacity_changes_who_has_enough_and_nobody_s_reach(children):
    found = fast(children, [{"edit": "facility_resize", "facility": "k1", "capacity": 60}], circle=5)
    row = found["capacity_totals"][0]
    assert [row[f"places_per_1000_{side}"] for side in ("before", "after")] == pytest.approx(
        [row["places_per_1000_before"], 3 * row["places_per_1000_before"]], abs=0.05
    )
    assert [row[f"people_enough_{side}"] for side in ("before", "after", "difference")] == [0, 30, 30]
    assert [row[f"people_below_needed_{side}"] for side in ("before", "after", "difference")] == [60, 30, -30]
    assert found["rows"] == [], "nobody's reach is another"
    facility = found["capacity_facilities"][0]
    assert (facility["change"], facility["capacity_before"], facility["capacity_after"]) == ("resized", 20, 60)
    assert facility["load_share_difference"] < 0
    assert found["capacity"][0]["needed_per_1000"] == 900
    assert "note.capacity_needed_to_verify" in note_keys(found)
    assert not any("capacity_idle" in key for key in note_keys(found))


def test_closing_it_leaves_everybody_beyond_and_a_new_one_needs_a_capacity(children):
    closed = fast(children, [{"edit": "facility_close", "facility": "k1"}], circle=5)
    assert closed["capacity_totals"][0]["people_beyond_reach_after"] == 60
    assert closed["capacity_facilities"][0]["capacity_after"] is None
    add = {"edit": "facility_add", "category": CATEGORY, "position": list(children.at(250, -20))}
    unsaid = fast(children, [{"edit": "facility_close", "facility": "k1"}, add], circle=5)
    assert unsaid["capacity_totals"][0]["people_unknown_after"] == 60
    assert "note.scenario_capacity_unsaid" in note_keys(unsaid)


def test_other_categories_have_no_places_and_a_capacity_of_theirs_is_said_to_be_idle(children):
    children.facility("s1", 0, category="supermarket")
    edits = [{"edit": "facility_resize", "facility": "s1", "capacity": 9}]
    with children.store.reading() as conn:
        found = evaluate(conn, children.ctx, WhatIfQuestion.asked(["supermarket"], edits=edits, circle=5))
    assert not any(key.startswith("capacity") for key in found)
    assert "note.scenario_capacity_idle" in note_keys(found)


def test_files_have_the_places_of_the_people_concerned(children):
    found = ask(children, [{"edit": "facility_resize", "facility": "k1", "capacity": 60}], circle=5)
    tables = scenario_tables(children.ctx, found)
    concerned = next(row for row in tables["scenario"].rows if row["band"] == "concerned" and row["level"] == "total")
    assert (concerned["people_enough_before"], concerned["people_enough_after"]) == (0, 30)
    assert set(tables) == {"scenario", "capacity", "capacity_facilities"}
    assert tables["capacity"].rows[0]["needed_per_1000"] == 900
    assert [row["change"] for row in tables["capacity_facilities"].rows] == ["resized"]


def test_what_is_told_follows_from_rounded_buildings_alone(town):
    """Eleven children and twelve, one and two are rounded alike: whatever is supposed, the same is told."""
    town.main_street()
    town.community(LEFT, -200, 500)
    town.community(RIGHT, 500, 2200)
    places(town, "k1", 100, capacity=40.0)
    add = {"edit": "facility_add", "category": CATEGORY, "capacity": 9, "position": list(town.at(400, -20))}
    suppositions = [
        [{"edit": "facility_resize", "facility": "k1", "capacity": 7}],
        [add],
        [add, {"edit": "facility_close", "facility": "k1"}],
        [{"edit": "facility_move", "facility": "k1", "position": list(town.at(700, -20))}],
    ]
    told = []
    for counts in ((11, 1, 21, 11), (12, 2, 22, 9)):
        for number, (east, children) in enumerate(zip((0, 150, 420, 900), counts, strict=True)):
            values = {"residents_persons": children, "age_3_5_persons": children, "people_basis": "register"}
            town.homes(east, code=f"h{number}", **values)
        answers = [fast(town, edits, PLANNER, circle=5) for edits in suppositions]
        told.append([{key: value for key, value in one.items() if key.startswith("capacity")} for one in answers])
    assert told[0] == told[1]
    assert any(row["withheld"] for one in told[0] for row in one["capacity_totals"] + one["capacity_facilities"])


def test_opened_gates_bring_places_to_neighbours(town):
    """A kindergarten behind a closed quarter: its residents walk out to it, neighbours when its gates are open."""
    town.block()
    town.community(LEFT, -200, 900)
    for east, north, count in ((310, 100, 12), (290, -10, 20)):
        town.homes(east, north_m=north, residents_persons=count, age_3_5_persons=count, people_basis="register")
    town.quarter(f"{LEFT}Q01", 200, 400, "closed")
    codes = {"g1": 50, "g2": 150}
    for code, north in codes.items():
        town.put("gates", [{"code": code, "geometry": Point(town.at(300, north)), "passes": "residents"}])
    places(town, "k1", 290, 220)
    edits = [{"edit": "gate_open", "gate": code} for code in codes]
    found, before = ask(town, edits, circle=5), capacity(town, circle=5)
    assert_same(found, "before", before)
    assert [found["capacity_totals"][0][f"people_reached_{side}"] for side in ("before", "after")] == [12, 32]
    for code, north in codes.items():
        town.put("gates", [{"code": code, "geometry": Point(town.at(300, north)), "passes": "everyone"}])
    assert_same(found, "after", capacity(town, circle=5))


def test_the_effect_of_what_is_built_is_today_against_without_it(children):
    places(children, "k2", 250, capacity=30.0)
    row = {"code": "P1", "name": "p", "kind": "other", "status": "accepted", "paid_yuan": 900.0}
    children.put("projects", [{**row, "geometry": Point(children.at(0, 0)), "measures": {"built": ["k2"]}}])
    found = analyses.answer(children.ctx, EFFECT, EffectQuestion.asked("P1", circle=5, profile="by_age"))
    after = capacity(children, circle=5)
    assert_same(found, "after", after)
    children.put("facilities", [{"code": "k2", "opening_state": "closed"}])
    assert_same(found, "before", capacity(children, circle=5))
    assert {row["code"]: row["change"] for row in found["capacity_facilities"]} == {"k1": None, "k2": "added"}
    assert "note.scenario_capacity_walk" in note_keys(found)


def test_new_homes_of_unknown_ages_are_said_to_be_in_no_figure_of_places(children):
    home = {"edit": "homes_add", "position": list(children.at(150, 20)), "residents": 40}
    found = fast(children, [home], circle=5)
    (said,) = [note for note in found["notes"] if note["key"] == "note.scenario_homes_ageless"]
    assert "40" in said["zh"]
    assert "40 people" in said["en"]
    row = found["capacity_totals"][0]
    assert [row[f"buildings_without_people_{side}"] for side in ("before", "after", "difference")] == [0, 1, 1]
    assert row["people_total_difference"] == 0
    aged = fast(children, [{**home, "people": {"3_5": 4}}], circle=5)
    assert "note.scenario_homes_ageless" not in note_keys(aged)


def test_nameless_new_facilities_of_one_point_are_told_apart_in_both_readings(children):
    """Of what is the same in both no row is otherwise."""
    add = {"edit": "facility_add", "category": CATEGORY, "position": list(children.at(100, -20))}
    edits = [{**add, "capacity": 30}, {**add, "capacity": 10}, {**add, "capacity": 10}]
    found = ask(children, edits, circle=5)
    new = [row for row in found["capacity_facilities"] if row["code"] is None]
    listed = found["scenarios"][0]["edits"]
    assert [listed[row["edit_number"] - 1]["capacity"] for row in new] == [row["capacity_after"] for row in new]
    assert [row["edit_number"] for row in new] == [1, 2, 3]
    assert len({tuple(str(row[key]) for key in TABLE_KEYS["capacity_facilities"]) for row in new}) == 3
    assert otherwise(new, [dict(row) for row in new], TABLE_KEYS["capacity_facilities"]) == []


def test_all_that_edits_do_to_a_facility_is_told(children):
    places(children, "k2", 200, admits="catchment", admits_area_code=LEFT)
    places(children, "k3", 250, capacity_unit=None)
    edits = [
        {"edit": "facility_move", "facility": "k2", "position": list(children.at(150, -20))},
        {"edit": "facility_resize", "facility": "k2", "capacity": 50},
        {"edit": "facility_share", "facility": "k2"},
        {"edit": "facility_share", "facility": "k1"},
        {"edit": "facility_resize", "facility": "k3", "capacity": 40},
    ]
    rows = {row["code"]: row for row in ask(children, edits, circle=5)["capacity_facilities"]}
    assert {code: row["change"] for code, row in rows.items()} == {
        "k1": None, "k2": "moved, resized, shared", "k3": "resized"
    }, "k1 is open to the public anyway; k3 has a unit now"  # fmt: skip
    assert (rows["k3"]["status_before"], rows["k3"]["status_after"]) == ("unit_missing", "counted")


def test_notes_of_capacities_that_do_not_count_say_of_which_side_they_are(children):
    """Before: without a unit, which another capacity brings; after: moved off the streets; both: none is given."""
    places(children, "k2", 100, capacity_unit=None)
    places(children, "k3", 150)
    places(children, "k4", 200, capacity=None, capacity_unit=None)
    resized = {"edit": "facility_resize", "facility": "k2", "capacity": 40}
    off = {"edit": "facility_move", "facility": "k3", "position": list(children.at(150, -2000))}
    nobody = {"edit": "facility_add", "category": CATEGORY, "position": off["position"], "bands": ["0_2"]}
    found = fast(children, [resized, off, {**nobody, "name": "new", "capacity": 5}], circle=5)
    said = [note for note in found["notes"] if "supply" in note["key"]]
    assert sorted((note["key"], note["facts"]["codes"]) for note in said) == [
        ("note.scenario_supply_after", "k3"),
        ("note.scenario_supply_after", "new"),
        ("note.scenario_supply_before", "k2"),
        ("note.supply_capacity_missing", "k4"),
    ]
    before = next(note for note in said if note["key"].endswith("before"))
    assert before["zh"].startswith("改动前：")
    assert before["en"].startswith("Before the edits: 1 ")
    closed = fast(children, [resized, {"edit": "facility_close", "facility": "k4"}], circle=5)
    assert {n["facts"]["codes"] for n in closed["notes"] if n["key"] == "note.scenario_supply_before"} == {"k2", "k4"}
    assert "note.supply_capacity_missing" not in note_keys(closed)
