"""Each what-if is of its own question whatever was asked before; what is not said is as scenario and edits have it."""

import pytest

from geo_service.services import scenarios
from geo_service.services.analyses import answer, kind_named
from geo_service.services.scenario_answers import answer_at_once
from geo_service.services.what_if import WhatIfQuestion, evaluate

A, B = "supermarket", "toilet"
ASKED = ([A], [B], [A, B], [B])
FIGURES = [
    f"{of}_{state}" for of in ("people", "buildings") for state in ("total", "covered", "not_covered", "unknown")
]


@pytest.fixture(scope="module")
def street(kept_town):
    """Homes along the main street; supermarkets at its start, a toilet in the middle nobody has verified."""
    town = kept_town
    town.main_street()
    people = {"people_basis": "register"}
    town.each_home({east: {"residents_persons": n, "age_80_plus_persons": n} for east, n in HOMES.items()}, **people)
    for code, east in (("a1", 100), ("a2", 300)):
        town.facility(code, east)
    town.facility("b1", 900, category=B, verification="unverified")
    return town


HOMES = {0: 30, 900: 10, 1800: 60}


def kind(town, name, *args, **asked):
    found = kind_named(name)
    return answer(town.ctx, found, found.asked(*args, circle=5, **asked))


def edits(town):
    """A toilet at the end of the street, and one supermarket less."""
    new = {"edit": "facility_add", "category": B, "position": list(town.at(1800, -20))}
    return [new, {"edit": "facility_close", "facility": "a2"}]


def at_once(town, categories):
    with town.store.reading() as conn:
        question = WhatIfQuestion.asked(categories, edits=edits(town), circle=5)
        return evaluate(conn, town.ctx, question)


def totals(result):
    return {(row["category"], row["band"]): row for row in result["totals"]}


def said(result, key):
    return [note["facts"]["categories"] for note in result["notes"] if note["key"] == key]


def test_each_question_is_answered_as_by_coverage_whatever_was_asked_before(street):
    for asked in ASKED:
        for found in (at_once(street, asked), kind(street, "scenario", asked, edits=edits(street))):
            ours, theirs = totals(found), totals(kind(street, "coverage", asked))
            assert ours.keys() == theirs.keys()
            for key, row in ours.items():
                people = [figure for figure in FIGURES if figure.startswith("people") or key[1] == "all"]
                assert [row[f"{one}_before"] for one in people] == [theirs[key][one] for one in people]
            if B in asked:
                assert [ours[B, "all"][f"people_covered_{side}"] for side in ("before", "after")] == [0, 60]
            assert said(found, "note.scenario_unverified") == ([[B]] if B in asked else [])
            assert said(found, "note.scenario_other_categories") == ([] if B in asked else [[B]])
            assert said(found, "note.scenario_not_surveyed") == [asked]


def test_an_effect_too(street):
    from shapely.geometry import Point

    row = {"code": "P1", "name": "公厕", "kind": "toilet", "status": "proposed", "measures": {"edits": edits(street)}}
    street.put("projects", [{**row, "geometry": Point(street.at(1800, 0))}])
    for asked in ASKED:
        found = kind(street, "effect", "P1", asked)
        newly = {one["category"]: one["people_newly_covered"] for one in found["effects"] if one["is_headline"]}
        assert newly == {category: 60 if category == B else 0 for category in asked}


def asked_of(result):
    said = result["parameters"]
    return said["categories"], said["circle"], said["profile"], result["limit"]["metres"]


def plain(town, name, *args, **asked):
    found = kind_named(name)
    return answer(town.ctx, found, found.asked(*args, **asked))


def test_without_categories_those_of_edits_and_of_what_is_built(street):
    from shapely.geometry import Point

    place = {"geometry": Point(street.at(1800, 0)), "kind": "other", "status": "proposed"}
    (new, close), path = edits(street), {"edit": "path_cut", "position": list(street.at(450, 0))}
    measures = {"new": {"edits": [new]}, "built": {"built": ["a2"]}, "all": {"edits": [path]}}
    street.put("projects", [{"code": code, "name": code, "measures": one, **place} for code, one in measures.items()])
    toilet = plain(street, "effect", "new", [B])
    assert plain(street, "effect", "new")["uid"] == toilet["uid"]
    assert toilet["limit"] == plain(street, "coverage", [B])["limit"]
    assert asked_of(plain(street, "effect", "built"))[0] == [A]
    assert len(asked_of(plain(street, "effect", "all"))[0]) > 20
    assert asked_of(plain(street, "effect", "new", circle=5))[:2] == ([B], 5)
    assert asked_of(plain(street, "scenario", edits=[close, path]))[0] == [A]
    assert asked_of(plain(street, "scenario", edits=[new, close]))[:2] == ([A, B], 15)


def test_a_stored_scenario_has_its_own_question_unless_another_is_asked(street):
    new, close = edits(street)
    ctx = street.ctx
    with ctx.store.writing() as conn:
        own = {"categories": [A], "circle": 10, "profile": "child"}
        one = scenarios.create_scenario(conn, ctx, name="1", edits=[close], question=own)["uid"]
        two = scenarios.create_scenario(conn, ctx, name="2", edits=[new], question={"circle": 10})["uid"]
    first = plain(street, "scenario", scenarios=[one])
    assert asked_of(first)[:3] == ([A], 10, "child")
    again = dict(first["parameters"])
    assert plain(street, "scenario", **again)["uid"] == first["uid"]
    assert asked_of(plain(street, "scenario", [B], scenarios=[one]))[:3] == ([B], 10, "child")
    assert asked_of(plain(street, "scenario", scenarios=[one], minutes=6, profile="standard"))[:3] == (
        [A],
        None,
        "standard",
    )
    assert asked_of(plain(street, "scenario", scenarios=[one, two]))[:3] == ([A, B], 10, "standard")
    with ctx.store.reading() as conn:
        assert asked_of(answer_at_once(conn, ctx, two, {}))[:2] == ([B], 10)
        assert asked_of(answer_at_once(conn, ctx, one, {"circle": None}))[:3] == ([A], None, "child")
