"""The table of rules: what the facts say, typed; editing, contradictions, what is to be verified."""

import json
from dataclasses import replace

import pytest

from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.rule_values import LEVELS, STATUSES, STRENGTHS, USES
from geo_service.domain.rules import (
    FIGURES,
    Rule,
    checked_field,
    disagreements,
    new_rule,
    refuse_contradiction,
    rule_named,
    shipped_rules,
)
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound

RENAMED = {
    "min_building_area_m2": "min_floor_area_m2",
    "max_building_area_m2": "max_floor_area_m2",
    "per_household_ratio": "per_household",
    "per_capita_ratio": "per_person",
}
ADDED = {"UPE22-GREEN": {"value"}}  # the note's tiers as figures


@pytest.fixture(scope="module")
def facts(repository):
    path = repository.parent / "shared" / "standards.json"
    if not path.is_file():
        pytest.skip("no ../shared beside the checkout")
    return {row["id"]: row for row in json.loads(path.read_text())}


@pytest.fixture(scope="module")
def mapped(repository):
    return json.loads((repository / "data" / "reference" / "standard_categories.json").read_text())["standards"]


def test_every_fact_is_a_rule_and_says_the_same(facts, mapped):
    rules = {ident: rule for ident, rule in shipped_rules().items() if rule.use != "capacity"}
    assert list(rules) == list(facts)
    assert len(rules) == 143
    for ident, row in facts.items():
        rule = rules[ident]
        for theirs, ours in {**{name: name for name in FIGURES}, **RENAMED}.items():
            if theirs in row:
                assert getattr(rule, ours) == row[theirs], (ident, ours)
            elif ours not in ("alternative", "existing_share") and theirs not in RENAMED.values():
                assert getattr(rule, ours) is None or ours in ADDED.get(ident, ()), (ident, ours)
        assert (rule.standard, rule.clause, rule.evidence, rule.status) == tuple(
            row[name] for name in ("standard", "clause", "evidence", "status")
        )
        assert rule.name == {"zh": row["facility_zh"], "en": row["facility_en"]}
        assert rule.applies_to == row.get("applies_to", "all")
        assert rule.note == row.get("note")
        unconfirmed = [RENAMED.get(name, name) for name in row.get("unconfirmed_fields", ())]
        assert list(rule.unconfirmed_fields) == unconfirmed
        assert rule.categories == (None if mapped[ident]["categories"] is None else tuple(mapped[ident]["categories"]))
        if "strength" in row:
            assert rule.strength_text == row["strength"]


def test_rules_use_known_words():
    for rule in shipped_rules().values():
        assert rule.level is None or rule.level in LEVELS
        assert rule.use is None or rule.use in USES
        assert rule.status in STATUSES
        assert rule.strength is None or rule.strength in STRENGTHS
        assert set(rule.categories or ()) <= set(CATEGORY_CODES)
        assert (rule.strength is None) == (rule.strength_text is None)
        assert Rule.of(json.loads(json.dumps(rule.body()))) == rule
        for key, value in rule.body().items():
            if key in FIGURES:
                assert checked_field(key, value) is not None, (rule.id, key)


def test_what_another_release_kept_is_read():
    rule = shipped_rules()["CRC-01"]
    assert Rule.of({**rule.body(), "colour": "green"}) == rule


def test_drafts_and_rules_of_other_places_are_not_in_force():
    for rule in shipped_rules().values():
        if rule.use == "capacity":  # working figures
            assert (rule.status, rule.in_force, rule.evidence) == ("local", True, "unverified")
            continue
        wanted = rule.status in ("in_force", "trial") and rule.id != "POL-NAT-ELD"
        assert rule.in_force == wanted, rule.id


def test_what_is_not_quoted_is_to_be_verified_and_single_fields_of_what_is():
    rules = shipped_rules()
    assert rules["GB51346-A03"].to_verify == ()
    assert rules["GB50180-G15"].to_verify == ("min_land_area_m2",)
    assert not rules["GB50180-G15"].is_sure("min_land_area_m2")
    assert rules["GB50180-G15"].is_sure("per_person")
    assert not replace(rules["GB50180-BLK"], evidence="quoted").is_sure("value")  # only parts of it
    assert "min_floor_area_m2" in rules["CRC-01"].to_verify
    assert rules["CRC-17"].to_verify == ("name",)
    confirmed = replace(rules["CRC-01"], confirmed_at="2026-03-01T00:00:00.000Z")
    assert confirmed.to_verify == ()


def test_what_a_rule_means_for_an_estate():
    rules = shipped_rules()
    assert rules["CRC-01"].binding(new_estate=False) == "advice"
    assert rules["CRC-02"].binding(new_estate=False) == "requirement"
    assert rules["CRC-10"].binding(new_estate=False) == "figure"
    assert rules["CRC-10"].binding(new_estate=True) == "requirement"
    assert rules["CRC-08"].binding(new_estate=False) == "not_stated"
    assert rules["GB50180-GBLK-OLD"].binding(new_estate=True) == "figure"


def test_the_shipped_rules_in_force_contradict_nowhere():
    found = disagreements(list(shipped_rules().values()))
    assert [one for one in found if one.is_contradiction] == []
    assert ("GB50180-C05-KG", "JGJ39-313") in {(one.one, one.other) for one in found}  # 300 m and 300-500 m


def test_editing_makes_an_unconfirmed_next_version():
    old = replace(shipped_rules()["CRC-01"], confirmed_at="2026-01-01T00:00:00.000Z", confirmed_by="a")
    new = old.edited({"min_floor_area_m2": 1000, "strength": "requirement"})
    assert (new.version, new.origin, new.min_floor_area_m2, new.confirmed_at) == (2, "office", 1000, None)
    assert old.min_floor_area_m2 == 800


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"min_floor_area_m2": 800}, "rule_unchanged"),
        ({"id": "x"}, "rule_field_unknown"),
        ({"version": 7}, "rule_field_unknown"),
        ({"confirmed_at": "2026-01-01"}, "rule_field_unknown"),
        ({"min_floor_area_m2": -1}, "rule_value_wrong"),
        ({"min_floor_area_m2": float("nan")}, "rule_value_wrong"),
        ({"min_floor_area_m2": "800"}, "rule_value_wrong"),
        ({"min_floor_area_m2": True}, "rule_value_wrong"),
        ({"max_floor_area_m2": 100}, "rule_bounds"),
        ({"categories": ["castle"]}, "rule_value_wrong"),
        ({"categories": "clinic"}, "rule_value_wrong"),
        ({"categories": []}, "rule_value_wrong"),
        ({"level": "7min"}, "rule_value_wrong"),
        ({"strength": "must"}, "rule_value_wrong"),
        ({"standard": None}, "rule_value_wrong"),
        ({"in_force": None}, "rule_value_wrong"),
        ({"name": {"zh": "只有中文"}}, "rule_value_wrong"),
        ({"per_household": {"value": 30}}, "rule_value_wrong"),
        ({"per_household": {"value": float("inf"), "unit": "m2"}}, "rule_value_wrong"),
        ({"value": [[[[[1]]]]]}, "rule_value_wrong"),
        ({"checklist_item": "CRC-21"}, "rule_value_wrong"),
        ({"walk_minutes": 1e6}, "rule_value_wrong"),
    ],
)
def test_wrong_edits_are_named(changes, code):
    with pytest.raises(InvalidInput) as error:
        shipped_rules()["CRC-01"].edited(changes)
    assert error.value.code == code
    assert (
        changes.keys() == {"max_floor_area_m2"}
        or str(next(iter(changes))) in error.value.sentence("en")
        or code == "rule_unchanged"
    )


def office(ident="LOCAL-1", **values):
    body = {"standard": "市规定", "clause": "3", "name": {"zh": "站", "en": "station"}, "evidence": "quoted", **values}
    return new_rule(ident, body)


def test_an_office_adds_its_own():
    rule = office(categories=["service_station"], use="item", checklist_item="CRC-01", min_floor_area_m2=1000)
    assert (rule.version, rule.origin, rule.status, rule.to_verify) == (1, "office", "local", ())
    with pytest.raises(InvalidInput, match="rule_id_form"):
        office("../x")
    with pytest.raises(InvalidInput, match="rule_field_missing"):
        new_rule("X", {"clause": "1"})
    with pytest.raises(NotFound, match="rule_unknown"):
        rule_named(shipped_rules(), "LOCAL-1")


def test_contradictions_are_refused_and_other_differences_named():
    mine = {"categories": ["elder_station"], "use": "level", "level": "5min", "applies_to": "all"}
    too_small = office(max_floor_area_m2=300, **mine)  # the day-care centres want 350
    with pytest.raises(Conflict) as error:
        refuse_contradiction(too_small, shipped_rules())
    assert error.value.code == "rule_contradicts"
    assert error.value.facts["other"] in ("GB50180-C05-DAY", "GB50437-DAY")
    assert "{" not in error.value.sentence("zh")
    stricter = office(min_floor_area_m2=500, **mine)
    refuse_contradiction(stricter, shipped_rules())
    found = [one for one in disagreements([*shipped_rules().values(), stricter]) if "LOCAL-1" in (one.one, one.other)]
    assert {one.metric for one in found} == {"floor_area_m2"}
    assert not any(one.is_contradiction for one in found)


@pytest.mark.parametrize(
    "other", [{"level": "10min"}, {"applies_to": "new"}, {"in_force": False}, {"categories": ["clinic"]}, {"use": None}]
)
def test_rules_about_something_else_do_not_contradict(other):
    rules = {
        "A": office("A", categories=["elder_station"], use="level", level="5min", applies_to="existing",
                    min_floor_area_m2=350)
    }  # fmt: skip
    mine = {"categories": ["elder_station"], "use": "level", "level": "5min", "applies_to": "existing"} | other
    refuse_contradiction(office(max_floor_area_m2=300, **{k: v for k, v in mine.items() if v is not None}), rules)


@pytest.mark.parametrize("value", [None, True, "many", {"a": 1}, 0, -5])
def test_a_working_figure_is_a_number_of_places(value):
    with pytest.raises(InvalidInput, match="rule_value_wrong"):
        shipped_rules()["WORK-CAP-NURSERY"].edited({"value": value})
