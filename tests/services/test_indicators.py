"""The official indicators in the small town, on both stores."""

import json
from dataclasses import replace

import pytest
from shapely.geometry import Point, box

from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import Forbidden, InvalidInput
from geo_service.services import analyses, rules
from geo_service.services.features import retire_row
from geo_service.services.told import shown_result

HERE = "990101001001"


def indicators(town, ctx=None, **asked):
    kind = analyses.kind_named("indicators")
    return analyses.answer(ctx or town.ctx, kind, kind.asked(**asked))


def total(result, rule):
    return next(one for one in result["totals"] if one["indicator"] == rule)


def square(town, west, south, east, north):
    return box(*town.at(west, south), *town.at(east, north))


@pytest.fixture
def quarter(town):
    """A street with a quarter of 1,000 m x 100 m north of it, homes along it, and the community around."""
    town.main_street(closed=True)
    town.community(HERE, 0, 2000)
    town.put("areas", [
        {"code": "990101001Q01", "name": "小区", "level": "quarter", "parent_code": HERE,
         "geometry": square(town, 0, 0, 1000, 100)}
    ])  # fmt: skip
    town.homes(100, 300, 520, 700, 900, residents_persons=10, households_count=4)
    return town


def park(town, west, south, east, north, code="G1", **more):
    town.put("green_spaces", [
        {"code": code, "geometry": square(town, west, south, east, north), "kind": "park", "is_public": True} | more
    ])  # fmt: skip


def test_the_share_of_residential_land_within_the_radius(quarter):
    park(quarter, -200, 0, 0, 100)  # 2 ha west of the quarter: 500 of its 1,000 m are within 500 m
    found = total(indicators(quarter), "GB51346-A03")
    assert found["covered_share"] == pytest.approx(0.5, abs=0.001)
    assert found["residential_m2"] == pytest.approx(100_000, rel=0.001)
    assert found["radius_buildings_share"] == 0.4  # 100 and 300 m away
    assert (found["target_share"], found["verdict"]) == (0.8, "short")
    assert found["rules"] == ["GB51346-A03", "GB55014-213"]
    assert found["to_verify"] is False
    assert "50.0 %" in found["sentence"]["zh"]


def test_smaller_parks_serve_less_far_and_the_smallest_not_at_all(quarter):
    park(quarter, -50, 0, 0, 60)  # 3,000 m²: 300 m
    result = indicators(quarter)
    assert total(result, "GB51346-A03")["covered_share"] == pytest.approx(0.5, abs=0.002)  # has no least size
    assert total(result, "UPE22-GREEN")["covered_share"] == pytest.approx(0.3, abs=0.002)
    assert total(result, "UPE-S04")["radii"] == [
        {"min_m2": 5000.0, "radius_m": 500.0},
        {"min_m2": 2000.0, "radius_m": 300.0},
    ]
    park(quarter, -20, 0, 0, 60)  # 1,200 m²
    found = total(indicators(quarter), "UPE22-GREEN")
    assert found["covered_share"] is None  # nothing that counts, and nobody said that this is all
    assert "没有登记可计的设施" in found["sentence"]["zh"]


def test_the_walk_stands_beside_the_straight_line(quarter):
    # beyond a street nobody can cross but at its west end: near by air, far on foot
    quarter.facility("M", 900, north_m=-20, category="middle_school")
    result = total(indicators(quarter), "UPE-S01")
    assert result["covered_share"] == pytest.approx(1.0)
    assert result["walk_buildings_share"] == 1.0
    assert result["to_verify"] is True
    assert "待核实" in result["sentence"]["zh"]


def test_without_quarters_land_is_not_known_and_buildings_tell(town):
    town.main_street(closed=True)
    town.community(HERE, 0, 2000)
    town.homes(100, 900)
    park(town, -200, 0, 0, 100)
    result = indicators(town)
    found = total(result, "GB51346-A03")
    assert (found["covered_share"], found["residential_m2"], found["verdict"]) == (None, None, None)
    assert found["radius_buildings_share"] == 0.5
    assert "note.indicators_no_land" in {one["key"] for one in result["notes"]}
    json.dumps(result, allow_nan=False)


def test_homes_in_no_quarter_are_named(quarter):
    park(quarter, -200, 0, 0, 100)
    quarter.homes(1500)
    result = indicators(quarter)
    assert result["residential_land"] == {"definition": "quarter", "polygons": 1, "buildings_outside": 1}
    note = next(one for one in result["notes"] if one["key"] == "note.indicators_outside")
    assert note["facts"] == {"count": 1, "homes": 6}


def test_there_is_no_verdict_where_most_homes_are_outside_the_land(quarter):
    park(quarter, -200, 0, 1000, 100)
    assert total(indicators(quarter), "GB51346-A03")["verdict"] == "pass"
    quarter.homes(1200, 1300, 1400, 1500, 1600, 1700)
    found = total(indicators(quarter), "GB51346-A03")
    assert (found["covered_share"], found["verdict"]) == (pytest.approx(1.0), None)
    assert found["buildings_outside_share"] == pytest.approx(6 / 11, abs=1e-6)
    assert "高于对城市的要求" not in found["sentence"]["zh"]
    assert "54.5 % 的住宅楼不在所计用地内" in found["sentence"]["zh"]


def test_what_is_not_known_of_the_walk_stands_beside_what_is(quarter):
    quarter.facility("M", 900, north_m=-20, category="middle_school")
    quarter.homes(500, north_m=600.0, residents_persons=10, households_count=4)  # no street to step onto
    found = total(indicators(quarter), "UPE-S01")
    names = ("walk_people_share", "walk_people_not_covered_share", "walk_people_unknown_share")
    assert [round(found[name], 3) for name in names] == [0.833, 0.0, 0.167]
    assert "居民 83.3 % 走得到、0.0 % 走不到、16.7 % 情况不详" in found["sentence"]["zh"]


def test_a_walk_nobody_knows_of_is_not_zero(town):
    town.main_street(closed=True)
    town.community(HERE, 0, 2000)
    town.homes(500, north_m=600.0)
    town.facility("M", 900, north_m=-20, category="middle_school")
    found = total(indicators(town), "UPE-S01")
    assert (found["walk_buildings_share"], found["walk_buildings_unknown_share"]) == (None, 1.0)
    assert "— 走得到、— 走不到、100.0 % 情况不详" in found["sentence"]["zh"]


def test_what_is_not_recorded_is_not_zero(quarter):
    result = indicators(quarter)
    assert total(result, "UPE22-GREENWAY")["covered_share"] is None
    assert "不记录" in total(result, "UPE22-GREENWAY")["sentence"]["zh"]
    assert total(result, "GB51346-A03")["covered_share"] is None
    declared = {"code": "S", "statement_area_code": HERE, "category": "park", "is_complete": True}
    quarter.put("inventory_statements", [declared | {"declared_on": "2026-06-01", "declared_by": "街道"}])
    assert total(indicators(quarter), "GB51346-A03")["covered_share"] == 0.0


def test_by_area(quarter):
    park(quarter, -200, 0, 0, 100)
    result = indicators(quarter, by="street")  # there is none: by community
    rows = [one for one in result["rows"] if one["indicator"] == "GB51346-A03"]
    assert [(one["level"], one["code"]) for one in rows] == [("community", HERE)]
    assert rows[0]["covered_share"] == pytest.approx(0.5, abs=0.001)
    assert rows[0]["target_share"] is None  # wanted of a city


def test_a_private_park_is_none_and_order_changes_nothing(quarter):
    park(quarter, -200, 0, 0, 100, is_public=False)
    assert total(indicators(quarter), "GB51346-A03")["sites"] == 0
    park(quarter, 1000, 0, 1200, 100, code="G0")
    park(quarter, -200, 0, 0, 100)
    assert total(indicators(quarter), "GB51346-A03")["covered_share"] == pytest.approx(1.0, abs=0.001)


def test_a_facility_more_never_lowers_and_one_less_never_raises(quarter):
    """Whatever is registered on a public park, with entrances or unverified: the ground is there already."""
    park(quarter, 1000, 0, 1200, 100)
    shares = ("covered_share", "radius_people_share", "walk_people_share")

    def now():
        return [total(indicators(quarter), "GB51346-A03")[share] for share in shares]

    before = now()
    for number, (east, more) in enumerate([(1190, {}), (1100, {"verification": "unverified"}), (1010, {})]):
        code = f"P{number}"
        quarter.facility(code, east, north_m=90, category="park", **more)
        quarter.put(
            "entrances", [{"code": f"E{number}", "geometry": Point(quarter.at(1199, 99)), "facility_code": code}]
        )
        after = now()
        assert all(one >= other for one, other in zip(after, before, strict=True)), code
        with quarter.store.writing() as conn:
            retire_row(conn, quarter.ctx, LAYERS["facilities"], code, expected_version=1, reason="重复登记")
        assert all(one <= other for one, other in zip(now(), after, strict=True)), code
        assert now() == before


def test_an_edited_radius_counts(quarter):
    park(quarter, -200, 0, 0, 100)
    with quarter.store.writing() as conn:
        rules.edit_rule(conn, quarter.ctx, "GB51346-A03", expected_version=1, changes={"service_radius_m": 250})
    result = indicators(quarter)
    assert total(result, "GB51346-A03")["covered_share"] == pytest.approx(0.25, abs=0.001)
    assert result["rules"]["GB51346-A03"]["version"] == 2


def test_who_may_not_see_households_is_told_rounded_people(quarter):
    park(quarter, -200, 0, 0, 100)
    quarter.homes(950, residents_persons=3)
    kind = analyses.kind_named("indicators")
    run = analyses.made_run(quarter.ctx, kind, kind.asked())
    with quarter.store.reading() as conn:
        planner = shown_result(conn, replace(quarter.ctx, actor=Actor("li", "planner")), run)
    assert total(planner, "GB51346-A03")["people_total"] == 55
    assert total(planner, "GB51346-A03")["covered_share"] == pytest.approx(0.5, abs=0.001)


def test_wrong_questions_and_empty_stores(town):
    kind = analyses.kind_named("indicators")
    with pytest.raises(InvalidInput, match="by_unknown"):
        kind.asked("grid")
    with pytest.raises(InvalidInput, match="no_homes"):
        indicators(town)
    with pytest.raises(Forbidden):
        indicators(town, replace(town.ctx, actor=Actor("li", "resident")))
    town.homes(100)
    with town.store.writing() as conn:
        for one in rules.rulebook(conn, town.ctx).used("indicator"):
            rules.edit_rule(conn, town.ctx, one.id, expected_version=None, changes={"in_force": False})
    with pytest.raises(InvalidInput, match="indicators_no_rules"):
        indicators(town)
