"""What the checklist says of rooms, advice, new estates and open rules, on communities made for it, on both stores."""

import json

import pytest

from geo_service.domain.rules import shipped_rules
from geo_service.services import analyses, rules
from geo_service.services.rule_lists import Seen, confirm_rules
from geo_service.services.standards_files import checklist_tables, indicator_tables

HERE, THERE = "990101001001", "990101001002"


def made(town, kind="checklist", **asked):
    which = analyses.kind_named(kind)
    result = analyses.answer(town.ctx, which, which.asked(**asked))
    json.dumps(result, allow_nan=False)
    return result


def check(result, item, measure, code=HERE):
    row = next(one for one in result["rows"] if one["item"] == item and one["code"] == code)
    return next(one for one in row["checks"] if one["measure"] == measure)


def declared(town, *categories, areas=(HERE, THERE)):
    town.put("inventory_statements", [
        {"code": f"S-{area}-{one}", "statement_area_code": area, "category": one, "is_complete": True,
         "declared_on": "2026-06-01", "declared_by": "街道"}
        for area in areas for one in categories
    ])  # fmt: skip


@pytest.fixture
def two(town):
    """Communities of 40 and 60 households beside each other on the street."""
    town.main_street(closed=True)
    town.community(HERE, 0, 1000)
    town.community(THERE, 1000, 2000)
    town.homes(700, 900, households_count=20, residents_persons=50, property_management="yes")
    town.homes(1100, 1300, households_count=30, residents_persons=80)
    return town


def test_a_room_under_two_records_of_one_kind_counts_once(two):
    two.facility("A", 800, category="elder_station", floor_area_m2=200)
    two.facility("B", 800, category="elder_station", floor_area_m2=200)
    declared(two, "elder_station")
    # the station is shared by both communities, 40 : 60 households
    assert check(made(two), "CRC-04", "floor_area")["have"] == 80.0
    two.facility("B", 830, category="elder_station", floor_area_m2=200)
    assert check(made(two), "CRC-04", "floor_area")["have"] == 160.0


def test_parts_of_a_shared_place_add_up_to_it(two):
    two.facility("P", 800, category="parking", capacity=100, capacity_unit="车位")
    declared(two, "parking", "charging")
    result = made(two)
    amounts = [check(result, "CRC-10", "parking_per_household", code)["amount"] for code in (HERE, THERE)]
    assert amounts == [40.0, 60.0]
    assert {check(result, "CRC-10", "parking_per_household", code)["have"] for code in (HERE, THERE)} == {1.0}


def test_advice_and_rules_for_new_estates_fail_no_old_one_whatever_is_missing(two):
    two.facility("S", 800, category="service_station", floor_area_m2=1)
    declared(two, *{code for rule in shipped_rules().values() for code in rule.categories or ()})
    for estate in ("existing", "new"):
        for row in made(two, estate=estate)["rows"]:
            harmless = [one for one in row["checks"] if one["binding"] in ("advice", "figure")]
            others = [one["verdict"] for one in row["checks"] if one["binding"] not in ("advice", "figure")]
            for one in row["checks"]:
                for ident in one["rules"]:
                    rule = shipped_rules()[ident]
                    if estate == "existing" and rule.applies_to == "new" and one["measure"] != "managed":
                        assert one["binding"] == "figure" or one["measure"] == "presence", (row["item"], one)
            assert row["verdict"] != "short" or "short" in others, row["item"]
            assert not harmless or others, row["item"]


def test_whatever_rests_on_an_open_rule_says_so_everywhere_until_it_is_confirmed(two):
    two.facility("S", 800, category="service_station", floor_area_m2=300)
    two.facility("K", 850, category="kindergarten", floor_area_m2=2300, land_area_m2=3600)
    two.facility("G", 750, category="park", land_area_m2=12000)
    found = made(two)
    open_ones = {ident for ident, rule in found["rules"].items() if rule["to_verify"]}
    lines = [*found["rows"], *found["ratios"], *found["green"], *found["levels"]]
    marked = {True: 0, False: 0}
    for row in lines:
        cited = {rule for one in row.get("checks", [row]) for rule in one["rules"]}
        marked[row["to_verify"]] += 1
        assert row["to_verify"] in (True, bool(cited & open_ones)), row
        assert row["to_verify"] or not cited or cited - open_ones, row
        for lang, words in (("zh", "待核实"), ("en", "to be verified")):
            assert (words in row["sentence"][lang]) == row["to_verify"], row["sentence"]
    assert marked[True] > 40
    table = checklist_tables(two.ctx, found)
    for row in (*table["items"].rows, *table["ratios"].rows, *table["levels"].rows):
        assert ("待核实" in row["said"]) == row["to_verify"]
    with two.store.writing() as conn:
        every = [
            Seen(one.id, one.version, "原文") for one in rules.rulebook(conn, two.ctx).rules.values() if one.to_verify
        ]
        confirm_rules(conn, two.ctx, every)
    found = made(two)
    assert not any(row["to_verify"] for row in [*found["rows"], *found["ratios"], *found["green"], *found["levels"]])
    cited = found["rules"]["CRC-02"]
    assert (cited["version"], cited["clause"], cited["to_verify"]) == (2, "item 2", [])
    assert cited["confirmed_at"]


def test_indicators_say_what_is_to_be_verified(two):
    two.facility("G", 750, category="park", land_area_m2=12000)
    found = made(two, "indicators")
    for row in found["totals"]:
        for lang, words in (("zh", "待核实"), ("en", "to be verified")):
            assert (words in row["sentence"][lang]) == row["to_verify"], row
        assert row["to_verify"] == any(found["rules"][one]["to_verify"] for one in row["rules"]), row
    assert {row["to_verify"] for row in indicator_tables(two.ctx, found)["indicators"].rows} == {True, False}


def test_what_nobody_has_verified_decides_nothing(two):
    """All facilities unverified: not known, never met by them, never zero of them."""
    for code, category, more in (
        ("S", "service_station", {"floor_area_m2": 900}),
        ("P", "parking", {"capacity": 500, "capacity_unit": "车位"}),
        ("G", "park", {"land_area_m2": 12000}),
        ("M", "middle_school", {}),
    ):
        two.facility(code, 800, category=category, verification="unverified", **more)
    declared(two, "service_station", "parking", "park", "middle_school")
    result = made(two, estate="new")
    assert check(result, "CRC-01", "presence")["verdict"] == "unknown"
    parking = check(result, "CRC-10", "parking_per_household")
    assert (parking["verdict"], parking["missing"]) == ("unknown", 1)
    assert {one["verdict"] for one in result["ratios"]} == {"unknown"}
    green = {one["level"]: one["verdict"] for one in result["green"] if one["code"] == HERE}
    assert green == {"5min": "short", "10min": "unknown", "15min": "short"}  # it is a park of the 10-minute level
    found = {row["indicator"]: row for row in made(two, "indicators")["totals"]}
    assert {found[one]["covered_share"] for one in ("GB51346-A03", "UPE-S01")} == {None}
    assert {found[one]["walk_people_share"] for one in ("GB51346-A03", "UPE-S01")} == {None}
    assert found["GB51346-A03"]["verdict"] is None
