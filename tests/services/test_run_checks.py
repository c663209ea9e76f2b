"""Runs compared with each other and computed again."""

from dataclasses import replace

import pytest

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.foundation.errors import Conflict, NotFound
from geo_service.services.analyses import answer, kind_named
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion
from geo_service.services.run_checks import compare, differences, verify
from geo_service.services.summary import attribution
from geo_service.storage import overview
from geo_service.storage import runs as stored
from tests.services.conftest import around


@pytest.fixture
def peopled(town):
    town.main_street()
    town.community("990001001001", -200, 2200)
    town.homes(0, residents_persons=30, people_basis="register")
    town.homes(1800, residents_persons=60, people_basis="register")
    town.facility("f1", 100)
    return town


def ask(town, **more):
    return coverage(town.ctx, CoverageQuestion.asked(["supermarket"], **more))["uid"]


def test_the_same_inputs_give_the_same_figures(peopled):
    found = verify(peopled.ctx, ask(peopled))
    assert (found.inputs, found.figures, found.is_same) == ([], [], True)


def test_gaps_are_verified_with_their_tasks_and_not_by_their_sentences(peopled):
    peopled.homes(900, north_m=400.0, residents_persons=5)  # not known: a task
    kind = kind_named("gaps")
    uid = answer(peopled.ctx, kind, kind.asked(["supermarket"]))["uid"]
    assert verify(peopled.ctx, uid).is_same
    with peopled.store.reading() as conn:
        result = stored.get_run(conn, uid)["result"]
    said = [note | {"zh": "以前的说法"} for note in result["notes"]]
    assert said
    other = kept_with(peopled, uid, result=result | {"notes": said})
    assert verify(peopled.ctx, other).figures == []
    facts = [note | {"facts": {"count": 99}} for note in result["notes"]]
    other = kept_with(peopled, uid, result=result | {"notes": facts}, fingerprint="other")
    assert verify(peopled.ctx, other).figures


def test_rows_are_named_by_words_not_by_what_they_hold(peopled):
    kind = kind_named("gaps")
    uids = [answer(peopled.ctx, kind, kind.asked(["supermarket"], circle=circle))["uid"] for circle in (5, 10)]
    with peopled.store.reading() as conn:
        found = compare(conn, peopled.ctx, *uids)
    places = [line["place"] for line in found["figures"]]
    assert "categories[supermarket].limit.metres" in places
    assert not [place for place in places if "{" in place or place.endswith((".zh", ".en"))]


def test_changed_data_is_named_with_what_it_changed(peopled):
    uid = ask(peopled)
    peopled.facility("f2", 1800)
    found = verify(peopled.ctx, uid)
    assert not found.is_same
    assert "layers.facilities" in {one.place for one in found.inputs}
    covered = {one.place: (one.before, one.after) for one in found.figures}
    assert covered["totals[total  supermarket all ].people_covered"] == (30, 90)
    assert covered["homes.state"] == (2, 1)


def test_who_may_not_see_households_learns_what_told_figures_changed_only(peopled):
    """Of two people who left nothing is told; of many who came what is told of them, not their number."""
    planner = replace(peopled.ctx, actor=Actor("p", "planner", areas=("990001001001",)))
    peopled.homes(40, residents_persons=2, people_basis="register")
    uid = ask(peopled)
    peopled.homes(40, residents_persons=0, people_basis="register")
    found = verify(planner, uid)
    assert "layers.buildings" in {one.place for one in found.inputs}
    assert found.figures == []
    assert verify(peopled.ctx, uid).figures
    peopled.homes(40, residents_persons=23, people_basis="register")
    covered = {one.place: (one.before, one.after) for one in verify(planner, uid).figures}
    assert covered["totals[total  supermarket all ].people_covered"] == (30, 55)
    assert not any(place.startswith("homes.") for place in covered)


def kept_with(town, uid, **changed):
    """Return the uid of a copy of a run that says something else; runs themselves cannot be changed."""
    with town.store.writing() as conn:
        row = {**stored.get_run(conn, uid), **changed}
        for gone in ("uid", "status", "created_at", "created_by"):
            row.pop(gone)
        copy = stored.insert_run(conn, **row, actor=LOCAL_ADMIN, now=town.moment)["uid"]
        for name in stored.part_names(conn, uid):
            stored.write_part(conn, copy, name, stored.read_part(conn, uid, name))
    return copy


def test_figures_that_the_inputs_do_not_give_are_found(peopled):
    uid = ask(peopled)
    with peopled.store.reading() as conn:
        result = stored.get_run(conn, uid)["result"]
    result["totals"][0]["people_covered"] = 31
    found = verify(peopled.ctx, kept_with(peopled, uid, result=result))
    assert found.inputs == []
    assert [(one.before, one.after) for one in found.figures] == [(31, 30)]


def test_two_runs_are_compared_by_what_their_rows_are_about(peopled):
    near, far = ask(peopled, circle=5), ask(peopled, minutes=120)
    with peopled.store.reading() as conn:
        found = compare(conn, peopled.ctx, near, far)
    assert {line["place"] for line in found["parameters"]} == {"circle", "minutes"}
    assert found["inputs"] == []
    covered = [line for line in found["figures"] if line["place"].endswith(".people_covered")]
    assert [(line["before"], line["after"], line["change"]) for line in covered] == [(30, 90, 60)] * len(covered)
    with peopled.store.reading() as conn, pytest.raises(NotFound, match="run_unknown"):
        compare(conn, peopled.ctx, near, "no such run")


def test_runs_of_two_kinds_are_refused(peopled):
    uid = ask(peopled)
    other = kept_with(peopled, uid, kind="other")
    with peopled.store.reading() as conn, pytest.raises(Conflict, match="runs_of_two_kinds"):
        compare(conn, peopled.ctx, uid, other)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (1.0, 1.0 + 1e-9, []),
        (1.0, 1.1, [("", 1.0, 1.1)]),
        (None, 0, [("", None, 0)]),
        (True, 1, []),
        ({"a": 1}, {"b": 1}, [("a", 1, None), ("b", None, 1)]),
        ([1, 2], [1], [("[1]", 2, None)]),
        ([{"code": "x", "v": 1}, {"code": "y", "v": 2}], [{"code": "y", "v": 2}, {"code": "x", "v": 1}], []),
        ([{"code": "x", "v": 1}], [{"code": "x", "v": 2}], [("[x].v", 1, 2)]),
        ([{"code": "x", "v": 1}] * 2, [{"code": "x", "v": 2}] * 2, [("[0].v", 1, 2), ("[1].v", 1, 2)]),
    ],
)
def test_differences(before, after, found):
    assert [(one.place, one.before, one.after) for one in differences(before, after)] == found


def test_a_project_made_of_a_scenario_changes_no_result(peopled):
    uid = ask(peopled)
    square = {"code": "P1", "name": "服务站", "kind": "other", "status": "proposed", "geometry": around(0, 0)}
    peopled.put("projects", [square | {"source": "scenario/01a2/1"}])
    assert verify(peopled.ctx, uid).is_same
    with peopled.store.reading() as conn:
        assert "scenario/01a2/1" not in attribution(overview.sources(conn))
