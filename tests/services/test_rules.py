"""Rules as an office keeps them: versions, who confirmed, who may, what contradicts, on both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.rules import shipped_rules
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from geo_service.services import rules
from geo_service.storage.tables import AUDIT

OWN = {
    "standard": "示例市社区用房规定",
    "clause": "第三条",
    "name": {"zh": "社区综合服务站", "en": "service station"},
    "evidence": "quoted",
    "categories": ["service_station"],
    "level": "community",
    "use": "item",
    "checklist_item": "CRC-01",
    "strength": "requirement",
    "strength_text": "应",
    "min_floor_area_m2": 1000,
}


def told(town, story, *args, **more):
    with town.store.writing() as conn:
        return story(conn, town.ctx, *args, **more)


def book(town, ctx=None):
    with town.store.reading() as conn:
        return rules.rulebook(conn, ctx or town.ctx)


def test_an_office_that_decided_nothing_has_what_is_shipped(town):
    assert dict(book(town).rules) == dict(shipped_rules())
    listed = told(town, rules.list_rules)
    assert len(listed["rules"]) == 143 + 5  # of the standards, and working figures
    assert listed["to_verify_count"] > 80
    assert listed["disagreements"]
    assert {one["id"] for one in told(town, rules.list_rules, use="green")["rules"]} == {
        "GB50180-G15",
        "GB50180-G10",
        "GB50180-G05",
    }
    one = told(town, rules.list_rules, category="police", to_verify=True, in_force=True)
    assert [rule["id"] for rule in one["rules"]] == ["GB50180-C15-POL"]


def test_an_edit_is_a_new_version_and_the_old_one_stays(town):
    before = book(town)
    changes = {"min_floor_area_m2": 1000, "strength": "requirement", "strength_text": "应"}
    answer = told(town, rules.edit_rule, "CRC-01", expected_version=1, changes=changes, reason="省标准")
    assert answer["rule"]["version"] == answer["newest_version"] == 2
    assert [one["action"] for one in answer["versions"]] == ["shipped", "edited"]
    assert answer["versions"][0]["rule"]["min_floor_area_m2"] == 800
    assert answer["versions"][1] | {"rule": None} == {
        "rule": None,
        "action": "edited",
        "valid_from": "2026-06-15",
        "created_at": "2026-06-15T04:00:00.000Z",
        "created_by": "local-admin",
        "reason": "省标准",
    }
    assert book(town).rules["CRC-01"].min_floor_area_m2 == 1000
    assert list(book(town).rules) == list(shipped_rules())  # in its old place
    assert before.version("item") != book(town).version("item")
    assert before.version("green") == book(town).version("green")
    assert book(town).version("item")["office"] == {"CRC-01": 2}


def test_who_confirms_and_when_is_kept_and_an_edit_takes_it_back(town):
    answer = told(town, rules.confirm_rule, "CRC-01", expected_version=1, seen_in="建科规〔2020〕7号 第2页")
    rule = answer["rule"]
    assert rule["to_verify"] == []
    assert (rule["confirmed_by"], rule["confirmed_at"]) == ("local-admin", "2026-06-15T04:00:00.000Z")
    assert rule["confirmed_from"] == "建科规〔2020〕7号 第2页"
    assert rules.cited(book(town).rules["CRC-01"])["to_verify"] == []
    with pytest.raises(Conflict, match="rule_confirmed"):
        told(town, rules.confirm_rule, "CRC-01", expected_version=2, seen_in="x")
    again = told(town, rules.edit_rule, "CRC-01", expected_version=2, changes={"min_floor_area_m2": 900})
    assert "min_floor_area_m2" in again["rule"]["to_verify"]
    with pytest.raises(InvalidInput, match="rule_seen_in"):
        told(town, rules.confirm_rule, "CRC-01", expected_version=3, seen_in="  ")


def test_a_rule_that_is_sure_need_not_be_confirmed(town):
    with pytest.raises(Conflict, match="rule_confirmed"):
        told(town, rules.confirm_rule, "GB51346-A03", expected_version=1, seen_in="x")


def test_two_who_edit_the_same_version(town):
    told(town, rules.edit_rule, "CRC-02", expected_version=1, changes={"min_floor_area_m2": 2000})
    with pytest.raises(StaleVersion, match="rule_changed"):
        told(town, rules.edit_rule, "CRC-02", expected_version=1, changes={"min_floor_area_m2": 2100})
    with pytest.raises(NotFound, match="rule_unknown"):
        told(town, rules.edit_rule, "CRC-99", expected_version=1, changes={"min_floor_area_m2": 2100})
    with pytest.raises(NotFound, match="rule_unknown"):
        told(town, rules.get_rule, "CRC-99")


def test_an_edit_may_begin_later(town):
    told(
        town, rules.edit_rule, "CRC-03", expected_version=1, changes={"min_floor_area_m2": 300}, valid_from="2026-07-01"
    )
    assert book(town).rules["CRC-03"].min_floor_area_m2 == 200
    assert told(town, rules.get_rule, "CRC-03")["newest_version"] == 2
    later = replace(town.ctx, clock=lambda: town.moment + timedelta(days=20))
    assert book(town, later).rules["CRC-03"].min_floor_area_m2 == 300
    for day in ("2026-06-14", "2030-01-01", "soon"):
        with pytest.raises(InvalidInput, match="rule_day"):
            told(town, rules.edit_rule, "CRC-04", expected_version=1, changes={"in_force": False}, valid_from=day)


def test_an_office_adds_a_rule_of_its_own(town):
    made = told(town, rules.add_rule, "LOCAL-1", OWN)
    assert made["rule"]["version"] == 1
    assert [one["action"] for one in made["versions"]] == ["added"]
    assert [one.id for one in book(town).used("item")][-1] == "LOCAL-1"
    with pytest.raises(Conflict, match="rule_taken"):
        told(town, rules.add_rule, "LOCAL-1", OWN)
    with pytest.raises(Conflict, match="rule_taken"):
        told(town, rules.add_rule, "CRC-01", OWN)
    differ = told(town, rules.list_rules)["disagreements"]
    assert {"CRC-01", "LOCAL-1"} in [{one["one"], one["other"]} for one in differ]


def test_a_contradiction_is_refused_until_one_of_the_two_is_out_of_force(town):
    small = OWN | {"min_floor_area_m2": None, "max_floor_area_m2": 500}
    with pytest.raises(Conflict, match="rule_contradicts"):
        told(town, rules.add_rule, "LOCAL-2", small)
    told(town, rules.add_rule, "LOCAL-2", small | {"in_force": False})
    with pytest.raises(Conflict, match="rule_contradicts"):
        told(town, rules.edit_rule, "LOCAL-2", expected_version=1, changes={"in_force": True})
    told(town, rules.edit_rule, "CRC-01", expected_version=1, changes={"in_force": False})
    told(town, rules.edit_rule, "LOCAL-2", expected_version=1, changes={"in_force": True})
    assert "CRC-01" not in {one.id for one in book(town).used("item")}


def test_a_contradiction_that_begins_later_is_refused_too(town):
    small = OWN | {"min_floor_area_m2": None, "max_floor_area_m2": 500, "in_force": False}
    told(town, rules.add_rule, "LOCAL-2", small)
    later = {"valid_from": "2026-09-01"}
    told(town, rules.edit_rule, "CRC-01", expected_version=1, changes={"in_force": False}, **later)
    with pytest.raises(Conflict, match="rule_contradicts"):  # until then
        told(town, rules.edit_rule, "LOCAL-2", expected_version=1, changes={"in_force": True})
    told(town, rules.edit_rule, "LOCAL-2", expected_version=1, changes={"in_force": True}, **later)
    with pytest.raises(Conflict, match="rule_contradicts"):  # from then on
        told(town, rules.edit_rule, "CRC-01", expected_version=2, changes={"in_force": True}, **later)


def test_every_change_stands_in_the_audit(town):
    told(town, rules.edit_rule, "CRC-02", expected_version=1, changes={"min_floor_area_m2": 2000}, reason="市规定")
    told(town, rules.confirm_rule, "CRC-03", expected_version=1, seen_in="p. 2")
    told(town, rules.add_rule, "LOCAL-1", OWN)
    with town.store.reading() as conn:
        lines = conn.execute(sa.select(AUDIT).where(AUDIT.c.verb.like("rule_%")).order_by(AUDIT.c.id)).all()
    assert [line.verb for line in lines] == ["rule_edited", "rule_confirmed", "rule_added"]
    assert lines[0].reason == "市规定"
    assert lines[0].facts["changes"] == {"min_floor_area_m2": [2200, 2000]}


def test_kept_versions_cannot_be_changed(town):
    told(town, rules.add_rule, "LOCAL-1", OWN)
    for statement in ("UPDATE rule_version SET version = 9", "DELETE FROM rule_version"):
        with pytest.raises(Conflict, match="append_only"), town.store.writing() as conn:
            conn.exec_driver_sql(statement)
    assert told(town, rules.get_rule, "LOCAL-1")["newest_version"] == 1


@pytest.mark.parametrize("role", ["resident", "grid_worker", "planner", "official", "unit"])
def test_only_admins_write_and_all_read(town, role):
    told(town, rules.confirm_rule, "CRC-01", expected_version=1, seen_in="x")
    ctx = replace(town.ctx, actor=Actor("li", role))
    with town.store.writing() as conn:
        shown = rules.get_rule(conn, ctx, "CRC-01")
        assert bool(shown["versions"][1]["created_by"]) == (role in ("grid_worker", "planner", "official"))
        assert bool(shown["rule"]["confirmed_by"]) == (role in ("grid_worker", "planner", "official"))
        for story, args in (
            (rules.edit_rule, {"expected_version": 2, "changes": {"in_force": False}}),
            (rules.confirm_rule, {"expected_version": 2, "seen_in": "x"}),
            (rules.add_rule, {"values": OWN}),
        ):
            with pytest.raises(Forbidden):
                story(conn, ctx, "CRC-01", **args)
