"""Every default limit comes from the clause it cites; a clause with another radius is never cited for a limit."""

import pytest

from geo_service.domain.reference import Limit, categories, circles, profile_named
from geo_service.domain.rules import shipped_rules
from geo_service.services.analyses import answer, kind_named
from geo_service.services.checklist_lines import lines_of
from geo_service.services.limit_rules import default_limit, limit_rules, rule_sentences
from geo_service.services.questions import category_limit
from geo_service.services.rules import Rulebook, edit_rule

BOOK = Rulebook(shipped_rules())


def rule_of(category, metres, minutes):
    return limit_rules(BOOK, category, Limit("distance", float(metres), float(minutes)))


def said(rule, lang="zh"):
    return " ".join(one[lang] for one in rule_sentences(rule))


@pytest.mark.parametrize(
    ("category", "metres", "clause"),
    [
        ("waste_station", 400, "GB50180-C05-REF"),
        ("police", 800, "GB50180-C15-POL"),
        ("metro", 800, "GB50180-C15-RAIL"),
        ("culture_station", 1000, "GB50180-C15-CUL"),
        ("kindergarten", 300, "GB50180-C05-KG"),
        ("market", 500, "GB50180-C10-MKT"),
    ],
)
def test_the_default_limit_is_the_radius_of_the_clause_it_cites(category, metres, clause):
    limit = default_limit(BOOK, category)
    assert limit.metres == metres
    rule = limit_rules(BOOK, category, limit)
    assert rule["clauses"][0]["id"] == clause
    assert f"{metres} 米依据" in said(rule)


def test_no_category_cites_a_clause_for_a_limit_it_does_not_set():
    for category in categories().values():
        limit = default_limit(BOOK, category.code)
        rule = limit_rules(BOOK, category.code, limit)
        assert all(one["radius_m"] in (None, limit.metres) for one in rule["clauses"]), category.code
        if not any(one["radius_m"] for one in rule["clauses"]):
            assert limit.metres == circles()[category.default_circle], category.code
        if not rule["clauses"]:
            assert rule_sentences(rule)[-1]["key"] == "explain.rule_none", category.code
            assert "待核实" in said(rule)


def test_a_clause_with_another_radius_is_named_as_such():
    for category, metres, minutes, other in [("culture_station", 300, 5, 500), ("waste_station", 300, 5, 400)]:
        rule = rule_of(category, metres, minutes)
        assert rule["clauses"] == []
        assert f"该条文半径 {other} 米" in said(rule)
        assert f"its radius is {other} m" in said(rule, "en")
    nearer = rule_of("kindergarten", 300, 5)
    assert [one["id"] for one in nearer["other_clauses"]] == ["JGJ39-313"]


def test_the_circle_is_cited_for_the_distances_it_states_only():
    assert [one["id"] for one in rule_of("park", 1000, 15)["circle"]] == ["GB50180-L15"]
    assert [one["id"] for one in rule_of("park", 800, 15)["circle"]] == ["GB50180-L15"]
    own = rule_of("park", 900, 15)
    assert own["circle"] == []
    assert "没有条文规定 900 米" in said(own)


def test_the_sheet_has_a_line_for_every_default_that_a_clause_sets():
    lines = {(one.category, one.limit) for one in lines_of(BOOK.used("level"), {}, profile_named("standard"))}
    lines = {(category, limit.metres) for category, limit in lines}
    for category in categories():
        limit = default_limit(BOOK, category)
        if any(one["radius_m"] for one in limit_rules(BOOK, category, limit)["clauses"]):
            assert (category, limit.metres) in lines


def test_a_named_limit_stands():
    walker = profile_named("standard")
    assert category_limit("police", walker, circle=15, minutes=None).metres == 1000
    assert category_limit("police", walker, circle=None, minutes=None).metres == 800
    assert category_limit("park", walker, circle=None, minutes=15).kind == "time"


def test_an_office_that_edits_the_clause_edits_the_limit(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 380, category="waste_station")
    kind = kind_named("gaps")

    def about(**asked):
        return answer(town.ctx, kind, kind.asked(["waste_station"], **asked))["categories"][0]

    assert (about()["limit"]["metres"], about()["rule"]["kind"]) == (400, "default_clause")
    with town.store.writing() as conn:
        edit_rule(conn, town.ctx, "GB50180-C05-REF", expected_version=None, changes={"service_radius_m": 350})
    assert about()["limit"]["metres"] == 350
    assert about(circle=5)["limit"]["metres"] == 300
    assert [one["radius_m"] for one in about(circle=5)["rule"]["other_clauses"]] == [350]
