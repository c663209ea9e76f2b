"""Gap zones with their reasons on a street checked by hand, on both stores."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point, box, shape

from geo_service.domain.actors import Actor
from geo_service.domain.tasks import VERIFY_TASKS
from geo_service.foundation.errors import Forbidden, InvalidInput, NotFound
from geo_service.services.analyses import answer, kind_named, made_run
from geo_service.services.coverage import coverage
from geo_service.services.features import ListQuestion, change_row, list_rows
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rules import confirm_rule, edit_rule
from geo_service.services.tasks import write_tasks
from geo_service.services.told import shown_result
from geo_service.storage import person_keys
from geo_service.storage.frames import read_frame
from geo_service.storage.store import open_store
from tests.services.conftest import Town
from tests.stores import GivenKeys

LEFT, RIGHT = "990001001001", "990001001002"


def ask(town, categories=("supermarket",), **more):
    kind = kind_named("gaps")
    return answer(town.ctx, kind, kind.asked(list(categories), **more))


def told(town, categories=("supermarket",), **more):
    kind = kind_named("gaps")
    run = made_run(town.ctx, kind, kind.asked(list(categories), **more))
    anybody = replace(town.ctx, actor=Actor("planner", "planner"))
    with town.store.reading() as conn:
        return shown_result(conn, anybody, run)


def declare(town, category="supermarket", area="990001001", complete=True):
    said = {"category": category, "is_complete": complete, "declared_on": "2026-01-01", "declared_by": "x"}
    code = f"s-{category}-{area}-{complete}"
    town.put("inventory_statements", [{"code": code, "statement_area_code": area, **said}])


def reasons(result):
    return [(zone["reason"], zone["buildings"]) for zone in result["zones"]]


@pytest.fixture
def street(town):
    """Homes at 0, 60, 900 and 1800 m with 30, 20, 10 and 60 people; the inventory of supermarkets is complete."""
    town.main_street()
    town.community("990001", -200, 2200)
    town.community("990001001", -200, 2200)
    town.community(LEFT, -200, 1000)
    town.community(RIGHT, 1000, 2200)
    for east, old, all_ages in ((0, 5, 30), (60, 5, 20), (900, 10, 10), (1800, 10, 60)):
        town.homes(east, residents_persons=all_ages, age_80_plus_persons=old, age_15_59_persons=all_ages - old)
    declare(town)
    return town


def test_zones_of_neighbours_ranked_by_people(street):
    street.facility("f1", 1000)
    first, second = ask(street)["zones"]
    assert (first["rank"], first["reason"], first["people"], first["buildings"]) == (1, "no_facility", 60, 1)
    assert (second["rank"], second["people"], second["buildings"]) == (2, 50, 2)
    assert (first["area_code"], second["area_code"]) == (RIGHT, LEFT)
    assert second["people_by_band"] == {"15_59": 40, "80_plus": 10}
    assert second["alternative"]["code"] == "f1"
    assert second["alternative"]["metres"] == pytest.approx(1010, abs=1)
    assert second["alternative"]["nearest_m"] == pytest.approx(980, abs=1)
    assert second["alternative"]["seconds"] == pytest.approx(1010 * 3.6 / 4, abs=1)
    outline = shape(second["geometry"])
    assert outline.is_valid
    assert outline.geom_type == "Polygon"
    assert outline.contains(Point(street.at(0, 20)))
    assert outline.contains(Point(street.at(60, 20)))
    assert not outline.contains(Point(street.at(900, 20)))


def test_weights_of_bands_change_the_ranking_not_the_people(street):
    street.facility("f1", 1000)
    street.homes(30, residents_persons=20, age_80_plus_persons=20, age_15_59_persons=0)
    zones = ask(street, weights={"80_plus": 10, "15_59": 0})["zones"]
    assert [(zone["people"], zone["people_weighted"]) for zone in zones] == [(70, 300.0), (60, 100.0)]


def test_neighbours_are_as_near_as_asked(street):
    street.facility("f1", 1000)
    assert [zone["people"] for zone in ask(street, link_m=50)["zones"]] == [60, 30, 20]


def test_not_surveyed_is_listed_and_never_ranked(street):
    declare(street, area=LEFT, complete=False)
    street.facility("f1", 1000)
    zones = ask(street)["zones"]
    assert [(z["reason"], z["apparent_reason"], z["rank"]) for z in zones] == [
        ("no_facility", None, 1),
        ("not_surveyed", "no_facility", None),
    ]
    assert "note.gaps_not_surveyed" in {note["key"] for note in ask(street)["notes"]}


def test_near_by_air_but_far_on_foot(street):
    """A second street 100 m north, joined at its far end only: 120 m by air, 3.9 km on foot."""
    street.streets(
        [[(100.0 * n, 0.0) for n in range(21)] + [(2000.0, 100.0)] + [(100.0 * n, 100.0) for n in range(19, -1, -1)]]
    )
    street.facility("f1", 30, north_m=130.0)
    zone = next(z for z in ask(street)["zones"] if z["area_code"] == LEFT and z["reason"] == "near_by_air")
    assert zone["buildings"] == 2
    assert (zone["by_air"]["code"], zone["by_air"]["buildings"]) == ("f1", 2)
    assert zone["by_air"]["metres"] == pytest.approx(114, abs=2)
    assert zone["alternative"]["metres"] > 3900


def test_admits_others_only(street):
    street.facility("f1", 1000)
    street.facility("f2", 30, admits="unit")
    zones = {zone["area_code"]: zone for zone in ask(street)["zones"]}
    assert (zones[LEFT]["reason"], zones[LEFT]["others"]["code"]) == ("admits_others", "f2")
    assert zones[LEFT]["others"]["buildings"] == 2
    assert zones[LEFT]["alternative"]["code"] == "f1"
    assert zones[RIGHT]["reason"] == "no_facility"


def test_over_capacity(street):
    declare(street, "elder_station")
    street.facility("e1", 30, category="elder_station", capacity=100.0, capacity_unit="beds")
    result = ask(street, ["elder_station"])
    assert {zone["reason"] for zone in result["zones"]} == {"no_facility"}
    street.facility("e1", 30, category="elder_station", capacity=0.2, capacity_unit="beds")
    zone = next(z for z in ask(street, ["elder_station"])["zones"] if z["reason"] == "over_capacity")
    assert (zone["buildings"], zone["people"]) == (2, 10)
    street.facility("e1", 30, category="elder_station", capacity=None, capacity_unit="beds")
    assert "over_capacity" not in dict(reasons(ask(street, ["elder_station"])))


def test_how_many_places_are_looked_for_is_the_offices_rule(street):
    declare(street, "elder_station")
    street.facility("e1", 30, category="elder_station", capacity=0.2, capacity_unit="beds")
    result = ask(street, ["elder_station"])
    assert "over_capacity" in dict(reasons(result))
    about = result["categories"][0]
    assert about["needed_per_1000"] == 35
    assert [(one["id"], bool(one["to_verify"])) for one in about["needed_clauses"]] == [
        ("WORK-CAP-ELDER-STATION", True)
    ]
    assert "note.gaps_needed_to_verify" in {one["key"] for one in result["notes"]}
    with street.store.writing() as conn:
        edit_rule(conn, street.ctx, "WORK-CAP-ELDER-STATION", expected_version=1, changes={"value": 0.1})
        confirm_rule(conn, street.ctx, "WORK-CAP-ELDER-STATION", expected_version=2, seen_in="街道养老规划")
    result = ask(street, ["elder_station"])
    assert "over_capacity" not in dict(reasons(result))
    assert result["categories"][0]["needed_clauses"][0]["version"] == 3
    assert "note.gaps_needed_to_verify" not in {one["key"] for one in result["notes"]}


def test_only_the_bands_concerned_count(street):
    """A kindergarten for 3 to 5 leaves no gap for everybody else in the house."""
    declare(street, "kindergarten")
    street.homes(1700, residents_persons=12, age_3_5_persons=12)
    street.facility("k1", 0, category="kindergarten", admits="age_band", admits_bands=["3_5"])
    zones = ask(street, ["kindergarten"])["zones"]
    assert next((zone["people"], zone["buildings"]) for zone in zones if zone["reason"] == "no_facility") == (12, 2)


def test_unknown_is_listed_with_why_and_is_no_gap(street):
    street.facility("f1", 0, verification="unverified")
    street.homes(500, north_m=300.0, residents_persons=8)
    result = ask(street)
    unknown = [zone for zone in result["zones"] if zone["reason"] == "unknown_data"]
    assert [zone["rank"] for zone in unknown] == [None] * len(unknown)
    counted = {reason: count for zone in unknown for reason, count in zone["unknown_reasons"].items()}
    assert counted == {"facility_unverified": 2, "not_snapped": 1}
    assert result["categories"][0]["reasons"]["unknown_data"]["buildings"] == 3


def test_told_zones_are_rounded_and_few_people_have_neither_number_nor_outline(street):
    street.facility("f1", 1000)
    street.homes(1500, residents_persons=3, age_15_59_persons=3)
    exact, seen = ask(street, circle=5), told(street, circle=5)
    few = next(zone for zone in exact["zones"] if zone["people"] == 3)
    assert few["geometry"] is not None
    hidden = [zone for zone in seen["zones"] if zone["people"] is None]
    assert len(hidden) == 1
    assert (hidden[0]["withheld"], hidden[0]["geometry"], hidden[0]["area_code"]) == (True, None, RIGHT)
    assert all(zone["people"] % 5 == 0 for zone in seen["zones"] if zone["people"] is not None)
    single = next(zone for zone in seen["zones"] if zone["people"] == 60)
    assert single["geometry"] is None, "the outline of one building would be that building"
    assert {zone["people"] for zone in seen["zones"]} >= {50, 60}


def test_where_nobody_lives_whom_it_is_there_for_there_is_no_rank(town):
    town.main_street()
    town.community("990001001001", -200, 2200)
    for east, small in ((0, 0), (1000, 2), (1800, 0)):
        town.homes(east, residents_persons=30, age_3_5_persons=small, age_15_59_persons=30 - small)
    declare(town, category="kindergarten", area="990001001001")
    zones = ask(town, ["kindergarten"])["zones"]
    assert [(zone["people"], zone["rank"]) for zone in zones] == [(2, 1), (0, None), (0, None)]


def test_without_people_zones_are_ranked_by_buildings(town):
    town.main_street()
    town.homes(0, 50, 1000)
    town.community("990001001001", -200, 2200)
    declare(town, area="990001001001")
    result = ask(town)
    assert [(zone["people"], zone["buildings"], zone["rank"]) for zone in result["zones"]] == [
        (None, 2, 1),
        (None, 1, 2),
    ]
    assert "note.people_no_data" in {note["key"] for note in result["notes"]}
    assert result["zones"][0]["alternative"] is None
    json.dumps(result, allow_nan=False)
    json.dumps(told(town), allow_nan=False)


def test_several_categories_each_by_its_own_circle(street):
    street.facility("f1", 0)
    street.facility("c1", 0, category="convenience")
    result = ask(street, ["supermarket", "convenience"])
    limits = {one["category"]: (one["limit"]["metres"], one["rule"]["kind"]) for one in result["categories"]}
    assert limits == {"supermarket": (500.0, "default_circle"), "convenience": (300.0, "default_circle")}
    one = ask(street, ["supermarket"])
    assert [z for z in result["zones"] if z["category"] == "supermarket"] == one["zones"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"link_m": 0}, "link_out_of_range"),
        ({"weights": {"90": 1}}, "band_unknown"),
        ({"weights": {"80_plus": -1}}, "weight_out_of_range"),
        ({"weights": {"80_plus": float("nan")}}, "weight_out_of_range"),
    ],
)
def test_wrong_questions_are_refused(asked, code):
    with pytest.raises(InvalidInput, match=code):
        kind_named("gaps").asked(["supermarket"], **asked)


def tasks_of(town):
    with town.store.reading() as conn:
        frame = read_frame(conn, VERIFY_TASKS, ["code", "status", "note", "closed_by", "buildings_count", "category"])
    return {row["code"]: row for row in frame.to_dict("records")}


def write(town, actor=None, categories=("supermarket",)):
    uid = ask(town, categories)["uid"]
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    with town.store.writing() as conn:
        return write_tasks(conn, ctx, uid)


def test_unknown_facilities_and_homes_become_tasks_once(street):
    street.facility("f1", 0, verification="unverified")
    street.facility("f2", 900, north_m=-400.0)
    street.homes(500, north_m=300.0, residents_persons=8)
    assert write(street) == {"created": 3, "kept": 0, "reopened": 0, "closed": 0, "outside": 0}
    found = tasks_of(street)
    assert {code: row["status"] for code, row in found.items()} == {
        "facility_unverified:f1": "open",
        "facility_not_snapped:f2": "open",
        f"home_not_snapped:{LEFT}": "open",
    }
    assert found["facility_unverified:f1"]["buildings_count"] == 2
    assert found["facility_unverified:f1"]["category"] == "supermarket"
    assert write(street) == {"created": 0, "kept": 3, "reopened": 0, "closed": 0, "outside": 0}


def test_a_verified_facility_closes_its_task_and_a_task_done_too_early_opens_again(street):
    street.facility("f1", 0, verification="unverified")
    write(street)
    task = {"status": "done", "closed_by": "somebody", "note": "seen"}
    with street.store.writing() as conn:
        change_row(
            conn, street.ctx, VERIFY_TASKS, "facility_unverified:f1", expected_version=1, changes={"properties": task}
        )
    street.moment += timedelta(hours=1)
    street.facility("f9", 1990, category="clinic")  # another input: another run
    assert write(street)["reopened"] == 1
    assert tasks_of(street)["facility_unverified:f1"]["status"] == "open"
    street.facility("f1", 0, verification="verified")
    assert write(street)["closed"] == 1
    found = tasks_of(street)["facility_unverified:f1"]
    assert (found["status"], found["closed_by"]) == ("done", street.ctx.actor.name)
    assert write(street) == dict.fromkeys(("created", "kept", "reopened", "closed", "outside"), 0)


def test_a_dropped_task_stays_dropped_and_other_categories_leave_tasks_alone(street):
    street.facility("f1", 0, verification="unverified")
    write(street)
    with street.store.writing() as conn:
        change_row(
            conn,
            street.ctx,
            VERIFY_TASKS,
            "facility_unverified:f1",
            expected_version=1,
            changes={"properties": {"status": "dropped"}},
        )
    street.moment += timedelta(hours=1)
    street.facility("f9", 1990, category="clinic")
    assert write(street)["reopened"] == 0
    assert write(street, categories=("clinic",))["closed"] == 0
    assert tasks_of(street)["facility_unverified:f1"]["status"] == "dropped"


def test_grid_workers_write_and_see_tasks_of_their_own_grid(street):
    outline = MultiPolygon([box(*street.at(-200, -500), *street.at(400, 500))])
    street.put("grids", [{"code": "G1", "name": "one", "kind": "governance", "geometry": outline}])
    street.facility("f1", 0, verification="unverified")
    street.facility("f2", 1800, verification="unverified")
    worker = Actor("wang", "grid_worker", grids=("G1",))
    assert write(street, worker) == {"created": 1, "kept": 0, "reopened": 0, "closed": 0, "outside": 1}
    with street.store.reading() as conn:
        seen = list_rows(conn, replace(street.ctx, actor=worker), VERIFY_TASKS, ListQuestion())
    assert [row["code"] for row in seen.rows] == ["facility_unverified:f1"]
    with pytest.raises(Forbidden):
        write(street, Actor("planner", "planner"))


def test_tasks_of_one_category_and_place_leave_all_others_alone(street):
    outline = MultiPolygon([box(*street.at(-200, -500), *street.at(400, 500))])
    street.put("grids", [{"code": "G1", "name": "one", "kind": "governance", "geometry": outline}])
    street.facility("f1", 0, verification="unverified")
    street.facility("f2", 1800, verification="unverified")
    street.facility("c1", 0, category="clinic", verification="unverified")
    uid = ask(street, ("supermarket", "clinic"))["uid"]
    with street.store.writing() as conn:
        made = write_tasks(conn, street.ctx, uid, category="supermarket", area="G1")
    assert made == {"created": 1, "kept": 0, "reopened": 0, "closed": 0, "outside": 0}
    assert list(tasks_of(street)) == ["facility_unverified:f1"]
    with pytest.raises(NotFound, match="row_unknown"), street.store.writing() as conn:
        write_tasks(conn, street.ctx, uid, area="nowhere")


def test_tasks_are_made_of_gap_runs_only(street):
    street.facility("f1", 0)
    run = coverage(street.ctx, CoverageQuestion.asked(["supermarket"]))
    with pytest.raises(InvalidInput, match="run_not_gaps"), street.store.writing() as conn:
        write_tasks(conn, street.ctx, run["uid"])


@pytest.fixture
def embedded_street(make_store_url, tmp_path):
    """A street of homes on the embedded store, for questions that are made up."""
    store = open_store(make_store_url("embedded"))
    person_keys.use_keys(store.engine, GivenKeys())
    town = Town(store, tmp_path / "var")
    town.main_street()
    town.community("990001001001", -200, 2200)
    for number in range(12):
        town.homes(170.0 * number, residents_persons=4 + number, age_60_64_persons=number % 4)
    for category in ("supermarket", "elder_station"):
        declare(town, category, "990001001001")
    yield town
    store.close()


def lacking(town, category):
    """Return buildings and people with a ranked gap, and those covered without one."""
    result = ask(town, [category], circle=5)
    ranked = [zone for zone in result["zones"] if zone["rank"] is not None]
    return sum(zone["buildings"] for zone in ranked), sum(zone["people"] or 0 for zone in ranked)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from([None, 0.0, 2.0, 500.0])), min_size=1, max_size=3),
    st.sampled_from(["supermarket", "elder_station"]),
)
def test_one_more_facility_makes_no_new_gap(embedded_street, placed, category):
    """Whatever it offers: gaps only become fewer (where its places are not known they are no longer certain)."""
    before = None
    for number, (place, capacity) in enumerate(placed):
        embedded_street.facility(
            f"{category}{number}", 97.0 * place, category=category, capacity=capacity, capacity_unit="beds"
        )
        after = lacking(embedded_street, category)
        assert before is None or (after[0] <= before[0] and after[1] <= before[1])
        before = after
    for number in range(3):
        embedded_street.facility(f"{category}{number}", 97.0, category=category, opening_state="closed")


def test_the_order_in_which_things_were_stored_changes_nothing(make_store_url, tmp_path):
    answers = []
    for turn in (1, -1):
        store = open_store(make_store_url("embedded"))
        person_keys.use_keys(store.engine, GivenKeys())
        town = Town(store, tmp_path / f"var{turn}")
        town.main_street()
        town.community("990001001001", -200, 2200)
        declare(town, area="990001001001")
        for number in list(range(12))[::turn]:
            town.homes(170.0 * number, residents_persons=4 + number)
        for number in list(range(4))[::turn]:
            town.facility(f"f{number}", 600.0 * number, admits="public" if number else "unit")
        answers.append(ask(town, circle=5)["zones"])
        store.close()
    assert answers[0] == answers[1]


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), min_size=12, max_size=12))
def test_suppression_never_un_suppresses(embedded_street, persons):
    """What is told follows from rounded buildings alone, and proves five people wherever it says a number."""
    for number, count in enumerate(persons):
        embedded_street.homes(170.0 * number, residents_persons=count, age_60_64_persons=0)
    seen = told(embedded_street, circle=5)
    rounded = [5 * ((count + 2) // 5) for count in persons]
    shown = [zone for zone in seen["zones"] if zone["people"] is not None]
    assert all(zone["people"] % 5 == 0 for zone in shown)
    assert sum(zone["people"] for zone in shown) <= sum(rounded)
    for zone in shown:
        fives = [5 * n for n in range(1, 40)]
        assert zone["people"] in fives
        assert zone["buildings"] > 1 or zone["people"] >= 10, "a single building told as 5 may be 3 people"
    for zone in seen["zones"]:
        assert zone["geometry"] is None or (zone["people"] is not None and zone["buildings"] > 1)


@pytest.fixture
def block(town):
    """A path between two streets through a quarter, with a gate for residents in the south and an open one north."""
    town.streets(
        [
            [(0.0, 0.0), (300.0, 0.0), (600.0, 0.0)],
            [(0.0, 200.0), (300.0, 200.0), (600.0, 200.0)],
            [(0.0, 0.0), (0.0, 200.0)],
            [(300.0, 0.0), (300.0, 200.0)],
        ]
    )
    town.community(LEFT, -200, 800)
    town.homes(290, north_m=-10.0, residents_persons=20, age_3_5_persons=20)
    town.facility("f1", 290, 220)
    for code, north, passes in (("g1", 50.0, "residents"), ("g2", 150.0, "everyone")):
        town.put("gates", [{"code": code, "geometry": Point(town.at(300, north)), "passes": passes}])
    declare(town, area=LEFT)
    return town


def close(town, closure):
    outline = MultiPolygon([box(*town.at(200, 50), *town.at(400, 150))])
    row = {"code": f"{LEFT}Q01", "name": "q", "level": "quarter", "geometry": outline, "closure": closure}
    town.put("areas", [row])


def test_a_closed_gate_is_named_as_what_would_cure_a_gap(block):
    assert ask(block, circle=5)["zones"] == []
    close(block, "closed")
    (zone,) = ask(block, circle=5)["zones"]
    assert (zone["reason"], zone["by_air"]["code"]) == ("near_by_air", "f1")
    (cure,) = zone["cures"]
    assert (cure["kind"], cure["code"], cure["buildings"]) == ("gate", "g1", 1)
    assert cure["metres"] == pytest.approx(250, abs=1)
    assert cure["metres"] + cure["gained_m"] == pytest.approx(zone["alternative"]["metres"], abs=0.1)
    assert (cure["people"], zone["other_cures"], zone["uncured"]) == (20, None, {"buildings": 0, "people": 0})


def test_a_zone_says_how_many_each_cure_helps_and_how_many_none_does(block):
    close(block, "closed")
    block.homes(285, north_m=-12.0, residents_persons=3)
    block.homes(380, north_m=-10.0, residents_persons=40)
    (zone,) = ask(block, circle=5)["zones"]
    (cure,) = zone["cures"]
    assert (zone["people"], zone["buildings"]) == (63, 3)
    assert (cure["code"], cure["people"], cure["buildings"]) == ("g1", 23, 2)
    assert (zone["other_cures"], zone["uncured"]) == (None, {"people": 40, "buildings": 1})
    (seen,) = told(block, circle=5)["zones"]
    assert (seen["cures"][0]["people"], seen["uncured"]["people"]) == (25, 40)


def test_few_people_of_a_cure_are_withheld_and_what_would_tell_them(block):
    close(block, "closed")
    block.homes(290, north_m=-10.0, residents_persons=3, age_3_5_persons=3)
    block.homes(380, north_m=-10.0, residents_persons=40)
    (zone,) = told(block, circle=5)["zones"]
    assert zone["people"] == 45
    assert [(one["people"], one["withheld"]) for one in (*zone["cures"], zone["uncured"])] == [(None, True)] * 2
    assert zone["uncured"]["buildings"] == 1


def test_where_it_is_not_known_whether_a_quarter_is_closed_both_results_are_given(block):
    close(block, "unknown")
    result, seen = ask(block, circle=5), told(block, circle=5)
    assert result["zones"] == []
    assert [zone["reason"] for zone in result["if_closed"]["zones"]] == ["near_by_air"]
    assert "note.closures_unknown" in {note["key"] for note in result["notes"]}
    assert seen["if_closed"]["zones"][0]["geometry"] is None
    block.facility("k1", 290, 220, category="kindergarten", capacity=30.0, capacity_unit="places")
    kind = kind_named("capacity")
    places = answer(block.ctx, kind, kind.asked("kindergarten", by="community"))
    assert (places["totals"][0]["people_reached"], places["if_closed"]["totals"][0]["people_reached"]) == (20, 0)
    close(block, "open")
    assert "if_closed" not in ask(block, circle=5)
