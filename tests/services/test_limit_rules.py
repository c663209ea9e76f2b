"""Every default limit comes from the clause it cites; a clause with another radius is never cited for a limit."""

import pytest

from geo_service.domain.reference import Limit, categories, circles, profile_named
from geo_service.domain.rules import shipped_rules
from geo_service.services.analyses import answer, kind_named
from geo_service.services.checklist_lines import lines_of
from geo_service.services.circle_question import CirclesQuestion
from geo_service.services.limit_rules import default_limit, limit_columns, limit_rules, rule_sentences
from geo_service.services.questions import category_limit
from geo_service.services.rules import Rulebook, edit_rule
from tests.services.conftest import at

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


def test_one_category_without_a_limit_is_held_against_the_same_one_by_every_question():
    coverage = kind_named("coverage").asked(["waste_station"])
    edits = [{"edit": "facility_add", "category": "waste_station", "position": [116.3, 40.0]}]
    others = (
        kind_named("scenario").asked(["waste_station"], edits=edits).coverage,
        kind_named("effect").asked("p1", ["waste_station"]).coverage,
        kind_named("siting").asked("waste_station", k=1),
        kind_named("capacity").asked("nursery"),
        CirclesQuestion.asked(category="waste_station").walkers[0],
    )
    assert (coverage.limit.metres, coverage.circle) == (400, None)
    found = [getattr(one, "limit", None) or one.limits[0] for one in others]
    assert found == [coverage.limit, coverage.limit, coverage.limit, default_limit(BOOK, "nursery"), coverage.limit]
    assert kind_named("gaps").asked(["waste_station"]).limits["waste_station"] == coverage.limit
    several = kind_named("coverage").asked(["waste_station", "police"])
    assert (several.limit.metres, several.circle) == (1000, 15)


def test_answers_about_one_category_agree_about_a_new_facility(town):
    """Whoever is within the clause's radius of a new site is newly covered by scenario, effect and siting alike."""
    town.main_street()
    town.homes(0, 250, 600, residents_persons=10, people_basis="register")
    lon, lat = at(300, -20)
    edits = [{"edit": "facility_add", "category": "waste_station", "position": [lon, lat]}]
    said = answer(town.ctx, kind_named("scenario"), kind_named("scenario").asked(["waste_station"], edits=edits))
    gained = next(row for row in said["totals"] if row["band"] == "all")
    siting = kind_named("siting")
    asked = siting.asked("waste_station", k=1, candidates=["drawn"], points=[{"lon": lon, "lat": lat}])
    (site,) = answer(town.ctx, siting, asked)["sites"]
    assert gained["people_covered_difference"] == site["people"] == 30
    assert said["limit"]["metres"] == 400
    assert said["rules"][0]["clauses"][0]["id"] == "GB50180-C05-REF"
    with town.store.writing() as conn:
        edit_rule(conn, town.ctx, "GB50180-C05-REF", expected_version=None, changes={"service_radius_m": 320})
    said = answer(town.ctx, kind_named("scenario"), kind_named("scenario").asked(["waste_station"], edits=edits))
    gained = next(row for row in said["totals"] if row["band"] == "all")
    assert (said["limit"]["metres"], gained["people_covered_difference"]) == (320, 10)


def test_several_categories_keep_the_circle_and_say_so(town):
    town.main_street()
    town.homes(0)
    kind = kind_named("coverage")
    said = answer(town.ctx, kind, kind.asked(["waste_station", "police"]))
    assert said["limit"] == {"kind": "distance", "metres": 1000.0, "minutes": 15.0}
    (shared,) = [one for one in said["notes"] if one["key"] == "note.limit_shared"]
    assert "1000" in shared["zh"]
    assert [one["category"] for one in said["rules"]] == ["waste_station", "police"]
    assert {rule["id"] for one in said["rules"] for rule in one["circle"]} == {"GB50180-L15"}
    (own,) = answer(town.ctx, kind, kind.asked(["police"]))["rules"]
    assert limit_columns(own)["rules"].startswith("GB50180-C15-POL v1")
