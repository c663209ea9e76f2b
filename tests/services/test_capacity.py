"""Places by area and grid, parking by quarter, on a street checked by hand, on both stores."""

import json
from dataclasses import replace

import pytest
from shapely.geometry import MultiPolygon, box

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import InvalidInput
from geo_service.services import rules
from geo_service.services.analyses import answer, kind_named, made_run
from geo_service.services.told import shown_result

LEFT, RIGHT = "990001001001", "990001001002"


def ask(town, category="kindergarten", **more):
    kind = kind_named("capacity")
    return answer(town.ctx, kind, kind.asked(category, **more))


def told(town, category="kindergarten", **more):
    kind = kind_named("capacity")
    run = made_run(town.ctx, kind, kind.asked(category, **more))
    anybody = replace(town.ctx, actor=Actor("planner", "planner"))
    with town.store.reading() as conn:
        return shown_result(conn, anybody, run)


def by_code(rows):
    return {row["code"]: row for row in rows}


def note_keys(result):
    return {note["key"] for note in result["notes"]}


def places(town, code, east_m, **more):
    values = {"category": "kindergarten", "capacity": 100.0, "capacity_unit": "places"}
    town.facility(code, east_m, **values | more)


@pytest.fixture
def children(town):
    """Children at 0, 100 and 250 m of the left community and at 1800 m of the right one."""
    town.main_street()
    town.community("990001001", -200, 2200)
    town.community(LEFT, -200, 1000)
    town.community(RIGHT, 1000, 2200)
    for east, count in ((0, 30), (100, 20), (250, 10), (1800, 40)):
        town.homes(east, residents_persons=3 * count, age_3_5_persons=count, age_15_59_persons=2 * count)
    return town


def test_places_per_1000_and_load_by_hand(children):
    """Walks of 40, 140 and 290 m: weights 1, 0.68 and 0.22 within 300 m."""
    places(children, "k1", 0)
    result = ask(children, by="community")
    demand = 30 + 0.68 * 20 + 0.22 * 10
    each = 100 / demand
    left, right = (by_code(result["rows"])[code] for code in (LEFT, RIGHT))
    mean = (30 * each + 20 * 0.68 * each + 10 * 0.22 * each) / 60
    assert left["places_per_1000"] == pytest.approx(mean * 1000, abs=0.01)
    assert (left["people_total"], left["people_reached"], left["people_beyond_reach"]) == (60, 60, 0)
    assert left["people_below_needed"] == 10, "0.48 places for each child at 290 m are fewer than 0.9"
    assert (right["places_per_1000"], right["people_beyond_reach"], right["people_below_needed"]) == (0.0, 40, 40)
    assert (left["people_enough"], left["enough_share"], right["enough_share"]) == (50, round(50 / 60, 6), 0.0)
    assert "100 名 3–5 岁儿童中 50 %（50 名）步行" in result["headline"]["zh"]
    assert "900 are needed per 1,000 children of 3–5" in result["headline"]["en"]
    assert result["inventory_complete"] is False
    assert "note.capacity_not_surveyed" in note_keys(result)
    seen = told(children, by="community")
    assert (seen["totals"][0]["people_enough"], by_code(seen["rows"])[RIGHT]["people_enough"]) == (50, 0)
    declared = {"category": "kindergarten", "is_complete": True, "declared_on": "2026-06-01", "declared_by": "街道"}
    children.put("inventory_statements", [{"code": "S", "statement_area_code": "990001001", **declared}])
    again = ask(children, by="community")
    assert again["inventory_complete"] is True
    assert "note.capacity_not_surveyed" not in note_keys(again)
    facility = result["facilities"][0]
    assert facility["demand_persons"] == pytest.approx(demand, abs=0.01)
    assert facility["load_share"] == pytest.approx(demand / 100, abs=1e-5)
    assert (facility["people_within"], facility["status"]) == (60, "counted")
    assert result["totals"][0]["people_total"] == 100
    assert result["zones"][0] == {"upto_m": 100.0, "weight": 1.0}
    plain = ask(children, by="community", plain=True)
    assert by_code(plain["rows"])[LEFT]["places_per_1000"] == pytest.approx(100 / 60 * 1000, abs=0.01)


def test_who_is_not_admitted_neither_gets_nor_takes_places(children):
    places(children, "k1", 0, admits="age_band", admits_bands=["80_plus"])
    places(children, "k2", 100, admits="catchment", admits_area_code=RIGHT)
    result = ask(children, by="community")
    assert by_code(result["rows"])[LEFT]["people_beyond_reach"] == 60
    status = {row["code"]: row["status"] for row in result["facilities"]}
    assert status == {"k1": "admits_nobody", "k2": "counted"}
    assert "note.supply_admits_nobody" in note_keys(result)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"capacity": None}, "capacity_missing"),
        ({"capacity": 0.0}, "capacity_zero"),
        ({"capacity": 5e-324}, "capacity_zero"),
        ({"capacity_unit": None}, "unit_missing"),
        ({"capacity_unit": "classes"}, "unit_other"),
        ({"verification": "unverified"}, "unverified"),
    ],
)
def test_places_nobody_knows_are_named_and_make_people_unknown_not_short(children, given, status):
    places(children, "k1", 0, **given)
    result = ask(children, by="community")
    left = by_code(result["rows"])[LEFT]
    assert (left["people_unknown"], left["people_beyond_reach"], left["people_below_needed"]) == (60, 0, 0)
    assert left["places_per_1000"] is None
    assert result["facilities"][0]["status"] == status
    assert result["facilities"][0]["load_share"] is None
    said = next(note for note in result["notes"] if note["key"] == f"note.supply_{status}")
    assert "k1" in said["zh"]
    assert "k1" in said["en"]
    places(children, "k2", 20)
    left = by_code(ask(children, by="community")["rows"])[LEFT]
    assert (left["people_reached"], left["people_partly_known"], left["people_below_needed"]) == (60, 60, 0)


def test_a_facility_without_a_street_makes_people_near_it_unknown(children):
    children.facility("k1", 100, north_m=-230.0, category="kindergarten", capacity=50.0, capacity_unit="places")
    result = ask(children, by="community")
    assert by_code(result["rows"])[LEFT]["people_unknown"] == 60
    assert result["facilities"][0]["status"] == "no_street"


def test_by_grid_unit_grid_and_nearest_level(children):
    places(children, "k1", 0)
    assert ask(children)["by"] == "community", "there are no grids"
    outline = MultiPolygon([box(*children.at(-200, -500), *children.at(60, 500))])
    children.put("grids", [{"code": "G1", "name": "one", "kind": "governance", "geometry": outline}])
    found = by_code(ask(children)["rows"])
    assert found["G1"]["people_total"] == 30
    assert (found[None]["level"], found[None]["people_total"]) == ("none", 70)


def test_no_people_of_the_ages_and_a_category_without_places(town):
    town.main_street()
    town.homes(0, residents_persons=30)
    with pytest.raises(InvalidInput, match="capacity_no_people"):
        ask(town)
    with pytest.raises(InvalidInput, match="capacity_not_for"):
        ask(town, "supermarket")


def test_no_facilities_is_said(children):
    result = ask(children, by="community")
    assert "note.no_facilities" in note_keys(result)
    assert result["totals"][0]["people_beyond_reach"] == 100
    assert result["facilities"] == []


def test_few_people_are_withheld_and_rounded(children):
    places(children, "k1", 0)
    children.homes(400, residents_persons=4, age_3_5_persons=2, age_15_59_persons=2)
    outline = MultiPolygon([box(*children.at(350, -500), *children.at(450, 500))])
    children.put("grids", [{"code": "G1", "name": "one", "kind": "governance", "geometry": outline}])
    exact, seen = by_code(ask(children)["rows"]), by_code(told(children)["rows"])
    assert exact["G1"]["people_total"] == 2
    assert (seen["G1"]["people_total"], seen["G1"]["withheld"], seen["G1"]["places_per_1000"]) == (None, True, None)
    assert seen[None]["people_total"] is None, "the other row is withheld with it"
    assert all(
        value is None or value % 5 == 0
        for row in seen.values()
        for key, value in row.items()
        if key.startswith("people_")
    )
    assert told(children)["people_rounded_to"] == 5


def test_the_same_inputs_give_the_stored_run_and_data_is_part_of_them(children):
    places(children, "k1", 0)
    first = ask(children, by="community")
    assert ask(children, by="community")["uid"] == first["uid"]
    places(children, "k1", 0, capacity=10.0)
    again = ask(children, by="community")
    assert again["uid"] != first["uid"]
    json.dumps(again, allow_nan=False)


def test_parking_is_a_ratio_by_quarter(town):
    town.main_street()
    quarters = {"990001Q01": 0, "990001Q02": 500, "990001Q03": 1000}
    for code, west in quarters.items():
        town.community(code, west, west + 400, level="quarter")
        town.homes(west + 50, households_count=50, residents_persons=100)
        town.homes(west + 60, households_count=30, residents_persons=100)
    values = {"category": "parking", "capacity_unit": "spaces"}
    town.facility("p1", 20, capacity=40.0, **values)
    town.facility("p2", 1500, capacity=20.0, admits="quarter", admits_area_code="990001Q01", **values)
    town.facility("p3", 520, capacity=None, **values)
    result = ask(town, "parking")
    found = by_code(result["rows"])
    one, two, three = (found[code] for code in quarters)
    assert (result["measure"], result["by"]) == ("ratio", "quarter")
    assert (one["spaces"], one["households"], one["spaces_per_household"]) == (60.0, 80, 0.75)
    assert (two["spaces"], two["facilities_uncounted"], two["spaces_per_household"]) == (None, 1, None)
    assert (three["spaces"], three["inventory_complete"]) == (None, None), "nobody said that there is none"
    said = {"category": "parking", "is_complete": True, "declared_on": "2026-01-01", "declared_by": "x"}
    town.put("inventory_statements", [{"code": "s1", "statement_area_code": "990001Q03", **said}])
    assert by_code(ask(town, "parking")["rows"])["990001Q03"]["spaces_per_household"] == 0.0
    assert by_code(told(town, "parking")["rows"])["990001Q01"]["households"] == 80


def test_how_many_places_are_looked_for_is_a_rule_to_be_verified(children):
    """An admin changes it, confirms it, or takes it out of force; the result says which rule it was."""
    places(children, "k1", 0)

    def left():
        result = ask(children, by="community")
        return result, by_code(result["rows"])[LEFT]["people_below_needed"]

    result, below = left()
    assert (result["needed_per_1000"], result["needed_to_verify"], below) == (900, True, 10)
    assert result["rules"]["WORK-CAP-KINDERGARTEN"]["to_verify"]
    said = next(note for note in result["notes"] if note["key"] == "note.capacity_needed_to_verify")
    assert "待核实" in said["zh"]
    assert "to be verified" in said["en"]
    with children.store.writing() as conn:
        rules.edit_rule(conn, children.ctx, "WORK-CAP-KINDERGARTEN", expected_version=1, changes={"value": 400})
        rules.confirm_rule(conn, children.ctx, "WORK-CAP-KINDERGARTEN", expected_version=2, seen_in="区教育规划 第3页")
    result, below = left()
    assert (result["needed_per_1000"], result["needed_to_verify"], below) == (400, False, 0)
    assert result["rules"]["WORK-CAP-KINDERGARTEN"]["version"] == 3
    with children.store.writing() as conn:
        rules.edit_rule(conn, children.ctx, "WORK-CAP-KINDERGARTEN", expected_version=3, changes={"in_force": False})
    result, below = left()
    assert (result["needed_per_1000"], below, result["rules"]) == (None, None, {})
    assert "note.capacity_none_needed" in note_keys(result)


def test_parking_beside_houses_of_one_household_is_told_in_fives_and_never_none(town):
    """Rounding each house would leave no household at all (decision 22)."""
    town.main_street()
    town.community("990001Q01", 0, 1900, level="quarter")
    town.homes(*(20 * n for n in range(90)), households_count=1, residents_persons=3)
    town.facility("p1", 20, category="parking", capacity=45.0, capacity_unit="spaces")
    exact, seen = ask(town, "parking")["rows"][0], told(town, "parking")["rows"][0]
    assert (exact["households"], exact["spaces_per_household"]) == (90, 0.5)
    assert (seen["households"] % 5, seen["withheld"]) == (0, False)
    assert 25 <= seen["households"] <= 200
