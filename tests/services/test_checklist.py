"""The sheet of a community, checked by hand in the small town, on both stores."""

import json
from dataclasses import replace

import pytest
from shapely.geometry import Point, Polygon, box

from geo_service.domain.actors import Actor
from geo_service.domain.rules import new_rule
from geo_service.foundation.errors import Forbidden, InvalidInput, NotFound
from geo_service.services import analyses, rules
from geo_service.services.checklist_texts import line_sentence
from geo_service.services.told import shown_result
from geo_service.storage import rules as kept

HERE, THERE = "990101001001", "990101001002"


def sheet(town, ctx=None, **asked):
    kind = analyses.kind_named("checklist")
    return analyses.answer(ctx or town.ctx, kind, kind.asked(**asked))


def row(result, item, code=HERE):
    return next(one for one in result["rows"] if one["item"] == item and one["code"] == code)


def check(result, item, measure, code=HERE):
    return next(one for one in row(result, item, code)["checks"] if one["measure"] == measure)


def declare(town, *categories, area=HERE):
    statements = [
        {
            "code": f"S-{area}-{category}",
            "statement_area_code": area,
            "category": category,
            "is_complete": True,
            "declared_on": "2026-06-01",
            "declared_by": "街道",
        }
        for category in categories
    ]
    town.put("inventory_statements", statements)


@pytest.fixture
def two(town):
    """Two communities of 1 km of the street, with 40 and 60 households beside it."""
    town.main_street(closed=True)
    town.community(HERE, 0, 1000)
    town.community(THERE, 1000, 2000)
    town.homes(700, 900, households_count=20, residents_persons=50, property_management="yes")
    town.homes(1100, 1300, households_count=30, residents_persons=80)
    return town


def test_a_facility_of_its_own_counts_whole(two):
    two.facility("K", 800, category="kindergarten", floor_area_m2=2300, land_area_m2=3600)
    two.facility("L", 1500, category="kindergarten")
    result = sheet(two)
    found = row(result, "CRC-02")
    assert found["verdict"] == "pass"
    assert [(one["code"], one["share"], one["is_inside"]) for one in found["facilities"]] == [("K", 1.0, True)]
    assert [one["rules"] for one in found["checks"]] == [["CRC-02"]] * 3
    assert found["to_verify"] is True
    assert "待核实" in found["sentence"]["zh"]
    assert result["rules"]["CRC-02"]["clause"] == "item 2"
    assert result["rules"]["CRC-02"]["version"] == 1


def test_what_a_neighbour_lacks_is_shared_by_households(two):
    two.facility("K", 800, category="kindergarten", floor_area_m2=2200, land_area_m2=3500)
    declare(two, "kindergarten")
    declare(two, "kindergarten", area=THERE)
    result = sheet(two)
    # h1100 (30 households) is 300 m away, h1300 500 m: all 60 within 667 m
    parts = {code: row(result, "CRC-02", code)["facilities"][0]["share"] for code in (HERE, THERE)}
    assert parts == {HERE: 0.4, THERE: 0.6}
    mine = check(result, "CRC-02", "floor_area")
    assert (mine["verdict"], mine["have"], mine["short_by"], mine["largest"]) == ("short", 880.0, 1320.0, 2200.0)
    assert check(result, "CRC-02", "presence", THERE)["shared"] == 1
    assert "共用" in row(result, "CRC-02", THERE)["sentence"]["zh"]


def test_missing_floor_area_is_unknown_and_never_zero(two):
    two.facility("K", 800, category="kindergarten")
    declare(two, "kindergarten")
    found = check(sheet(two), "CRC-02", "floor_area")
    assert (found["verdict"], found["have"], found["missing"]) == ("unknown", None, 1)


def test_nothing_is_short_only_where_the_inventory_is_complete(two):
    two.facility("K", 800, category="kindergarten")
    assert row(sheet(two), "CRC-03")["verdict"] == "not_surveyed"
    declare(two, "nursery")
    result = sheet(two)
    assert row(result, "CRC-03")["verdict"] == "short"
    assert row(result, "CRC-03", THERE)["verdict"] == "not_surveyed"


def test_advice_fails_nobody(two):
    two.facility("S", 800, category="service_station", floor_area_m2=90)
    declare(two, "service_station")
    result = sheet(two)
    found = check(result, "CRC-01", "floor_area")
    assert (found["verdict"], found["binding"]) == ("short", "advice")
    assert row(result, "CRC-01")["verdict"] == "pass"
    assert "不作为不达标" in row(result, "CRC-01")["sentence"]["zh"]
    assert "建筑面积宜达到 800 ㎡" in row(result, "CRC-01")["sentence"]["zh"]
    assert "800 m² is advised" in row(result, "CRC-01")["sentence"]["en"]


def test_rules_for_new_estates_are_figures_in_old_ones(two):
    two.facility("P", 800, category="parking", capacity=40, capacity_unit="车位")
    two.facility("C", 810, category="charging")
    declare(two, "parking", "charging")
    declare(two, "parking", "charging", area=THERE)
    old = sheet(two)
    found = check(old, "CRC-10", "parking_per_household")
    assert (found["verdict"], found["binding"], found["have"]) == (
        "short",
        "figure",
        0.4,
    )  # 16 of 40 spaces, 40 households
    assert row(old, "CRC-10")["verdict"] == "pass"
    new = sheet(two, estate="new")
    assert check(new, "CRC-10", "parking_per_household")["binding"] == "requirement"
    assert row(new, "CRC-10")["verdict"] == "short"


def test_capacity_without_a_unit_is_unknown(two):
    two.facility("P", 800, category="parking", capacity=40)
    found = check(sheet(two), "CRC-10", "parking_per_household")
    assert (found["verdict"], found["missing"]) == ("unknown", 1)


def test_small_shops_stand_in_for_a_supermarket_in_old_estates(two):
    for n, east in enumerate((710, 720)):
        two.facility(f"V{n}", east, category="convenience", floor_area_m2=60)
    declare(two, "supermarket", "convenience")
    assert row(sheet(two), "CRC-06")["verdict"] == "pass"
    assert row(sheet(two, estate="new"), "CRC-06")["verdict"] == "short"


def test_a_room_registered_twice_counts_once(two):
    two.facility("A", 800, category="service_station", floor_area_m2=400)
    two.facility("B", 800, category="elder_station", floor_area_m2=400)
    declare(two, "elder_station")
    result = sheet(two)
    found = check(result, "CRC-04", "floor_area")
    assert found["have"] == 0.0
    assert row(result, "CRC-04")["facilities"][0]["counted_in"] == "CRC-01"


def test_a_place_behind_a_quarters_gate_serves_no_community(two):
    two.community("990101001001Q01", 600, 800)
    two.facility(
        "G", 700, category="activity_ground", land_area_m2=500, admits="quarter", admits_area_code="990101001001Q01"
    )
    declare(two, "activity_ground")
    assert row(sheet(two), "CRC-14")["verdict"] == "short"


def test_open_ground_and_green_count_once_with_their_drawn_size(two):
    west, south = two.at(740, -140)
    east, north = two.at(860, -20)
    two.put(
        "green_spaces", [{"code": "G1", "geometry": box(west, south, east, north), "kind": "park", "is_public": True}]
    )
    two.facility("P", 800, north_m=-80, category="park")
    result = sheet(two)
    found = row(result, "CRC-15")
    assert [one["code"] for one in found["facilities"]] == ["P"]
    assert found["facilities"][0]["land_area_m2"] == pytest.approx(14400, rel=0.001)
    green = {one["level"]: one for one in result["green"] if one["code"] == HERE}
    # a park of 1.4 ha is one of the 10-minute level only
    # all 260 people live within 500 m of its edge, where one goes in: the point for it closes nothing
    assert green["10min"]["have"] == pytest.approx(14400 / 260, rel=0.01)
    assert (green["5min"]["have"], green["15min"]["have"]) == (0.0, 0.0)
    assert green["10min"]["need"] == 0.7


def test_one_more_facility_never_lowers_a_sheet_and_a_ground_keeps_its_edge(two):
    west, south = two.at(900, -140)
    east, north = two.at(1050, -20)
    two.put("public_spaces", [{"code": "Q", "geometry": box(west, south, east, north), "kind": "playground"}])
    two.facility("S", 800, category="service_station", floor_area_m2=900)
    before = sheet(two)
    assert [(one["code"], one["category"], one["community_code"]) for one in before["unregistered"]] == [
        ("Q", "activity_ground", HERE)
    ]
    assert any("Q" in note["zh"] for note in before["notes"] if note["key"] == "note.unregistered_grounds")

    def reached(result):
        return [one["have"] for one in result["levels"] if one["category"] == "activity_ground"]

    two.facility("F", 975, north_m=-130, category="activity_ground")
    after = sheet(two)
    assert after["unregistered"] == []
    assert [one["code"] for one in row(after, "CRC-14")["facilities"]] == ["F"]
    assert row(after, "CRC-14")["facilities"][0]["land_area_m2"] == pytest.approx(18000, rel=0.01)
    assert reached(after) == reached(before)
    assert sum(reached(before)) > 0
    lon, lat = two.at(975, -140)
    two.put("entrances", [{"code": "E", "geometry": Point(lon, lat), "facility_code": "F"}])
    assert reached(sheet(two)) == reached(before), "a gate that is registered closes no ground"


def test_what_is_not_there_at_all_is_short_by_its_whole_area(two):
    two.facility("S", 800, category="service_station", floor_area_m2=900)
    declare(two, "activity_ground", "sports_ground", area=HERE)
    checks = {one["rules"][0]: one for one in row(sheet(two), "CRC-14")["checks"] if one["measure"] == "land_area"}
    ground = checks["CRC-14B"]
    assert (ground["need"], ground["short_by"], ground["unit"]) == (800, 800, "m2")


def test_a_walk_says_how_many_people_are_not_known():
    check = {"measure": "walk", "verdict": "short", "binding": "requirement", "categories": ["toilet"], "level": "5min"}
    check |= {"limit": {"kind": "distance", "metres": 300.0, "minutes": 5.0}, "buildings": 2, "unknown": 3}
    check |= {"people": 40, "people_share": 0.4, "people_total": 100, "to_verify": False}
    check |= {"short_by": 40, "largest": None, "need": None, "missing": 0, "rules": []}
    said = line_sentence(check | {"people_unknown": 25})
    assert "另有 25 人（3 栋楼）情况不详" in said["zh"]
    assert "25 people (3 buildings)" in said["en"]
    assert "另有 3 栋楼情况不详" in line_sentence(check | {"people_unknown": None})["zh"], (
        "withheld people are not told"
    )
    assert "另有" not in line_sentence(check | {"unknown": 0, "people_unknown": 0})["zh"]
    assert "25 人（3 栋楼）" in line_sentence(check | {"verdict": "unknown", "people_unknown": 25})["zh"]


def test_lines_count_the_people_they_are_for(two):
    two.homes(700, 900, residents_persons=50, age_3_5_persons=10, age_15_59_persons=40)
    two.homes(1100, 1300, residents_persons=80, age_3_5_persons=20, age_15_59_persons=60)
    two.facility("K", 850, category="kindergarten")
    two.facility("E", 800, category="elder_station", admits="age_band", admits_bands=["80_plus"])
    declare(two, "kindergarten", "elder_station", area=HERE)
    declare(two, "kindergarten", "elder_station", area=THERE)
    kind = analyses.kind_named("checklist")
    run = analyses.made_run(two.ctx, kind, kind.asked())
    with two.store.reading() as conn:
        told = shown_result(conn, replace(two.ctx, actor=Actor("li", "planner")), run)
    result = sheet(two)
    found = next(one for one in result["levels"] if one["category"] == "kindergarten" and one["code"] == THERE)
    assert (found["bands"], found["people_total"], found["people"]) == (["3_5"], 40, 20)
    assert "40 名 3–5 岁儿童中有 20 名" in found["sentence"]["zh"]
    assert "20 of 40 children of 3–5" in found["sentence"]["en"]
    seen = next(one for one in told["levels"] if one["category"] == "kindergarten" and one["code"] == THERE)
    assert (seen["people_total"], seen["people"], seen["withheld"]) == (40, 20, False)
    old = next(one for one in result["levels"] if one["category"] == "elder_station" and one["code"] == HERE)
    assert old["buildings"] == 2  # it admits some of the old only


def test_a_room_that_is_too_small_is_not_of_the_level(two):
    two.facility("S", 800, category="service_station", floor_area_m2=90)
    declare(two, "service_station")
    mine = {
        one["level"]: one
        for one in sheet(two)["levels"]
        if one["code"] == HERE and one["category"] == "service_station"
    }
    assert {level: (one["verdict"], one["too_small"]) for level, one in mine.items()} == {
        "5min": ("short", 1),
        "15min": ("short", 1),
    }
    assert "规模不够这一级" in mine["15min"]["sentence"]["zh"]


def test_floor_per_hundred_households(two):
    two.facility("S", 800, category="service_station", floor_area_m2=30)
    declare(two, "service_station")
    declare(two, "service_station", area=THERE)
    found = {one["code"]: one for one in sheet(two)["ratios"]}
    # 30 m² for 100 households, divided 40 : 60
    assert {code: one["have"] for code, one in found.items()} == {HERE: 30.0, THERE: 30.0}
    assert {one["verdict"] for one in found.values()} == {"pass"}
    assert found[HERE]["rules"] == ["CRC-PILOT22-30", "POL-30-2017"]
    assert found[HERE]["to_verify"] is False


def test_levels_each_for_itself(two):
    two.facility("BIG", 700, category="clinic", floor_area_m2=1800)
    declare(two, "clinic")
    result = sheet(two)
    mine = {one["level"]: one for one in result["levels"] if one["code"] == HERE and one["category"] == "clinic"}
    assert mine["15min"]["verdict"] == "pass"
    assert (mine["5min"]["verdict"], mine["5min"]["people"]) == ("short", 100)
    assert mine["5min"]["limit"]["metres"] == 300.0
    two.facility("BIG", 700, category="clinic", floor_area_m2=None)
    result = sheet(two)
    mine = {one["level"]: one for one in result["levels"] if one["code"] == HERE and one["category"] == "clinic"}
    assert mine["5min"]["verdict"] == "unknown"  # whether it is a station or a centre


def test_bus_stops_are_judged_by_the_walk_of_everybody(two):
    two.facility("B", 500, category="bus_stop")
    declare(two, "bus_stop")
    declare(two, "bus_stop", area=THERE)
    result = sheet(two)
    assert row(result, "CRC-11")["verdict"] == "pass"
    there = check(result, "CRC-11", "walk", THERE)
    # 10 minutes at 4 km/h are 667 m: h1100 reaches it (640 m), h1300 does not
    assert (there["verdict"], there["short_by"], there["buildings"]) == ("short", 80, 1)
    assert there["limit"]["kind"] == "time"


def test_property_management_goes_by_buildings(two):
    two.facility("B", 500)
    result = sheet(two)
    assert row(result, "CRC-16")["verdict"] == "pass"
    assert check(result, "CRC-16", "managed", THERE)["missing"] == 2
    assert row(result, "CRC-16", THERE)["verdict"] == "unknown"
    two.homes(950, property_management="abandoned", households_count=10)
    assert check(sheet(two), "CRC-16", "managed")["short_by"] == 1.0


def test_what_nobody_records_is_unknown(two):
    two.facility("B", 500)
    result = sheet(two)
    assert {row(result, f"CRC-{n}")["verdict"] for n in ("09", "12", "17", "18", "19")} == {"unknown"}
    assert [goal["number"] for goal in result["goals"]] == [1, 2, 3, 4, 5, 6]
    assert [item["code"] for goal in result["goals"] for item in goal["items"]] == [
        f"CRC-{n:02d}" for n in range(1, 21)
    ]
    first = result["communities"][0]
    assert first["pass"] + first["short"] + first["unknown"] + first["not_surveyed"] == 20
    assert (first["households"], first["people"], first["is_of_scale"]) == (40, 100, False)


def test_an_edited_rule_gives_another_run_and_is_named(two):
    two.facility("S", 800, category="service_station", floor_area_m2=900)
    declare(two, "service_station")
    declare(two, "service_station", area=THERE)
    before = sheet(two)
    assert sheet(two)["uid"] == before["uid"]
    with two.store.writing() as conn:
        changes = {"min_floor_area_m2": 1000, "strength": "requirement", "strength_text": "应"}
        rules.edit_rule(conn, two.ctx, "CRC-01", expected_version=1, changes=changes)
    after = sheet(two)
    assert after["uid"] != before["uid"]
    assert after["rules"]["CRC-01"]["version"] == 2
    assert row(after, "CRC-01")["verdict"] == "short"
    with two.store.writing() as conn:
        rules.confirm_rule(conn, two.ctx, "CRC-01", expected_version=2, seen_in="文件")
    assert row(sheet(two), "CRC-01")["to_verify"] is False


def test_one_community_alone_is_the_same_as_among_all(two):
    two.facility("K", 800, category="kindergarten", floor_area_m2=2200)
    alone, every = sheet(two, community=THERE), sheet(two)
    for table in ("communities", "rows", "ratios", "green", "levels"):
        assert alone[table] == [one for one in every[table] if one["code"] == THERE]


def test_without_streets_what_is_inside_still_counts(town):
    town.community(HERE, 0, 1000)
    town.homes(700, households_count=20, residents_persons=50)
    town.facility("K", 800, category="kindergarten", floor_area_m2=2300, land_area_m2=3600)
    result = sheet(town)
    assert row(result, "CRC-02")["verdict"] == "pass"
    assert row(result, "CRC-11")["verdict"] == "unknown"
    assert result["levels"] == [] == result["green"]
    assert "note.checklist_no_network" in {one["key"] for one in result["notes"]}


def test_without_households_ratios_are_unknown(town):
    town.main_street(closed=True)
    town.community(HERE, 0, 1000)
    town.homes(700, 900)
    town.facility("S", 800, category="service_station", floor_area_m2=900)
    result = sheet(town)
    assert result["ratios"][0]["verdict"] == "unknown"
    assert result["communities"][0]["households"] is None
    level = next(one for one in result["levels"] if one["category"] == "service_station" and one["level"] == "5min")
    assert level["verdict"] == "pass"
    json.dumps(result, allow_nan=False)


def test_wrong_questions_and_empty_stores(town):
    kind = analyses.kind_named("checklist")
    with pytest.raises(InvalidInput, match="estate_unknown"):
        kind.asked(estate="ruin")
    with pytest.raises(InvalidInput, match="checklist_no_communities"):
        sheet(town)
    town.community(HERE, 0, 1000)
    with pytest.raises(NotFound, match="community_unknown"):
        sheet(town, community="990101001009")
    with pytest.raises(InvalidInput, match="no_homes"):
        sheet(town)
    town.homes(700)
    with pytest.raises(InvalidInput, match="checklist_no_facilities"):
        sheet(town)
    with pytest.raises(Forbidden):
        sheet(town, replace(town.ctx, actor=Actor("li", "resident")))


def test_few_are_withheld_from_who_may_not_see_households(two):
    two.homes(500, households_count=3, residents_persons=4, north_m=40)
    two.community("990101001003", 2000, 2100)
    two.homes(2050, households_count=2, residents_persons=3)
    two.facility("S", 800, category="service_station", floor_area_m2=900)
    declare(two, "service_station")
    kind = analyses.kind_named("checklist")
    run = analyses.made_run(two.ctx, kind, kind.asked())
    planner = replace(two.ctx, actor=Actor("li", "planner"))
    with two.store.reading() as conn:
        exact, told = shown_result(conn, two.ctx, run), shown_result(conn, planner, run)
    few = {one["code"]: one for one in told["communities"]}["990101001003"]
    assert (few["households"], few["people"], few["withheld"]) == (None, None, True)
    here = {one["code"]: one for one in told["communities"]}[HERE]
    assert here["people"] % 5 == 0
    assert here["households"] % 5 == 0
    assert {one["code"]: one for one in exact["communities"]}[HERE]["people"] == 104
    assert told["rows"]
    assert all(one["have"] is None for one in told["ratios"] if one["code"] == "990101001003")
    json.dumps(told, allow_nan=False)


def test_order_of_input_changes_nothing(two, town):
    two.put("facilities", [
        {"code": code, "geometry": Point(two.at(east, -20)), "category": "pharmacy", "opening_state": "open",
         "verification": "verified", "admits": "public"}
        for code, east in (("Z", 800), ("A", 820), ("M", 780))
    ])  # fmt: skip
    assert [one["code"] for one in row(sheet(two), "CRC-08")["facilities"]] == ["A", "M", "Z"]


def test_a_community_without_homes_has_its_sheet(two):
    two.community("990101001003", 2000, 2100)
    two.facility("S", 2050, category="service_station", floor_area_m2=900)
    result = sheet(two, community="990101001003")
    assert row(result, "CRC-01", "990101001003")["verdict"] == "pass"
    assert row(result, "CRC-11", "990101001003")["verdict"] == "unknown"
    assert "没有住宅" in row(result, "CRC-16", "990101001003")["sentence"]["zh"]
    json.dumps(result, allow_nan=False)


def test_ground_that_crosses_itself_is_taken_by_its_parts(two):
    corners = [two.at(*place) for place in ((740, -20), (860, -140), (860, -20), (740, -140))]
    two.put("green_spaces", [{"code": "G1", "geometry": Polygon(corners), "kind": "park", "is_public": True}])
    two.facility("S", 800, category="service_station", floor_area_m2=900)
    found = row(sheet(two), "CRC-15")["facilities"]
    assert found[0]["land_area_m2"] == pytest.approx(7200, rel=0.01)


def test_rules_that_contradict_are_named(two):
    """A release may ship a rule that contradicts one of the office: nothing hides it."""
    two.facility("S", 800, category="service_station", floor_area_m2=900)
    body = {
        "standard": "市规定",
        "clause": "3",
        "name": {"zh": "站", "en": "station"},
        "evidence": "quoted",
        "categories": ["service_station"],
        "level": "community",
        "use": "item",
        "checklist_item": "CRC-01",
        "max_floor_area_m2": 500,
    }
    with two.store.writing() as conn:
        kept.append(
            conn, new_rule("LOCAL", body), "added", valid_from=two.moment.date(), actor=two.ctx.actor,
            now=two.moment, reason=None,
        )  # fmt: skip
    named = next(one for one in sheet(two)["notes"] if one["key"] == "note.rules_contradict")
    assert {named["facts"]["one"], named["facts"]["other"]} == {"CRC-01", "LOCAL"}
