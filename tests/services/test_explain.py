"""Why a home is in its state, and what an area figure is made of, in words and parts, on both stores."""

from dataclasses import replace

import pytest
from shapely.geometry import MultiPolygon, box

from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services.coverage import coverage
from geo_service.services.explain import explain
from geo_service.services.explain_run import explain_figure
from geo_service.services.questions import CoverageQuestion
from geo_service.storage import runs as stored

LEFT, RIGHT, STREET = "990001001001", "990001001002", "990001001"


@pytest.fixture
def peopled(town):
    """Two communities of a street office; markets at both ends of it, homes between."""
    town.main_street()
    town.community(STREET, -200, 2200)
    town.community(LEFT, -200, 1000)
    town.community(RIGHT, 1000, 2200)
    town.homes(0, residents_persons=30, people_basis="register")
    town.homes(900, residents_persons=10, people_basis="register")
    town.homes(1800, residents_persons=60, people_basis="register")
    town.facility("f1", 100, name="东街超市")
    town.facility("f2", 1900, verification="unverified")
    return town


def why(town, building, **more):
    with town.store.reading() as conn:
        return explain(conn, town.ctx, building=building, category="supermarket", **more)


def keys(found):
    return [one["key"] for one in found["words"]]


def test_a_covered_home_in_words(peopled):
    found = why(peopled, "h0", circle=5)
    assert keys(found)[:3] == ["explain.snap", "explain.nearest", "explain.covered"]
    said = {lang: " ".join(one[lang] for one in found["words"]) for lang in ("zh", "en")}
    assert "东街超市：步行 140 米，约 2.1 分钟" in said["zh"]
    assert "东街超市: 140 m on foot, about 2.1 minutes" in said["en"]
    assert "300 m" in said["en"]
    assert not any("{" in one for one in said.values())


def test_a_home_without_a_name_is_called_by_its_address(town):
    town.main_street()
    town.homes(0, address="学院路30号")
    town.facility("f1", 100)
    found = why(town, "h0")
    assert found["building"]["address"] == "学院路30号"
    assert found["words"][0]["zh"].startswith("从学院路30号出发")


def test_the_rule_names_its_clause_and_what_is_to_be_verified(peopled):
    found = why(peopled, "h0", circle=5)
    circle, clause = found["rule"]["circle"][0], found["rule"]["clauses"][0]
    assert (circle["id"], circle["clause"], circle["to_verify"]) == ("GB50180-L05", "2.0.4; 表3.0.4", [])
    assert clause["id"] == "GB50180-C05-RET"
    assert clause["to_verify"]
    said = {one["facts"]["rule"]: one for one in found["words"] if "rule" in one["facts"]}
    assert "待核实" in said["GB50180-C05-RET"]["zh"]
    assert "to be verified" in said["GB50180-C05-RET"]["en"]
    assert "待核实" not in said["GB50180-L05"]["zh"]


def test_what_no_clause_says_is_said(peopled):
    assert "explain.rule_none" in keys(why(peopled, "h0", circle=15))
    timed = why(peopled, "h0", minutes=10)
    assert keys(timed)[-1] == "explain.rule_time"
    assert (timed["rule"]["circle"], timed["rule"]["clauses"]) == ([], [])


@pytest.mark.parametrize(
    ("building", "key"),
    [("h900", "explain.not_covered"), ("h1800", "explain.unknown_facility_unverified")],
)
def test_other_states_in_words(peopled, building, key):
    assert key in keys(why(peopled, building, circle=10))


def test_a_home_without_a_street_and_one_that_reaches_nothing(town):
    town.main_street(closed=True)
    town.homes(500, north_m=400.0)
    assert keys(why(town, "h500"))[:2] == ["explain.not_snapped", "explain.unknown_not_snapped"]
    town.homes(600)
    assert keys(why(town, "h600"))[:3] == ["explain.snap", "explain.unreachable", "explain.not_covered"]


def figure(town, uid, actor=LOCAL_ADMIN, **asked):
    with town.store.reading() as conn:
        return explain_figure(conn, replace(town.ctx, actor=actor), uid, category="supermarket", **asked)


def made(town, **more):
    return coverage(town.ctx, CoverageQuestion.asked(["supermarket"], circle=15, **more))["uid"]


def test_the_parts_of_a_street_are_its_communities(peopled):
    found = figure(peopled, made(peopled, by="street"), code=STREET)
    assert found["below_level"] == "community"
    parts = {one["code"]: one for one in found["below"]}
    assert (parts[LEFT]["people_total"], parts[LEFT]["people_covered"], parts[LEFT]["buildings_covered"]) == (40, 40, 2)
    assert (parts[RIGHT]["people_unknown"], parts[RIGHT]["buildings_unknown"]) == (60, 1)
    for name in ("people_total", "people_covered", "buildings_total", "buildings_unknown"):
        assert sum(one[name] for one in found["below"]) == found["row"][name]
    (near,) = found["facilities"]
    assert (near["code"], near["people_covered"], near["buildings_covered"]) == ("f1", 40, 2)
    assert found["reasons"] == {"facility_unverified": 1}
    assert {"explain.figure_people", "explain.figure_reason", "explain.figure_facilities"} <= set(keys(found))


def test_the_parts_of_a_community_are_its_grids_and_of_everything_the_largest_areas(peopled):
    outline = MultiPolygon([box(*peopled.at(-200, -500), *peopled.at(500, 500))])
    peopled.put("grids", [{"code": "G1", "name": None, "kind": "governance", "geometry": outline}])
    uid = made(peopled)
    parts = figure(peopled, uid, code=LEFT)
    assert parts["below_level"] == "grid"
    assert {one["code"]: one["people_covered"] for one in parts["below"]} == {"G1": 30, None: 10}
    assert figure(peopled, uid)["below_level"] == "street"


def test_changed_data_are_said(peopled):
    uid = made(peopled)
    peopled.homes(40, residents_persons=1)
    found = figure(peopled, uid, code=LEFT)
    assert (found["below"], found["facilities"]) == (None, None)
    assert "explain.figure_changed" in keys(found)


def test_bands_counted_apart_have_buildings_only(peopled):
    found = figure(peopled, made(peopled, profile="by_age"), code=LEFT)
    (near,) = found["facilities"]
    assert (near["people_covered"], near["buildings_covered"]) == (None, 2)
    assert "explain.figure_by_age" in keys(found)


def test_who_may_not_see_households_is_told_rounded_parts(peopled):
    peopled.homes(50, residents_persons=2, people_basis="register")
    peopled.facility("f3", 60, north_m=20.0)
    uid = made(peopled, by="street")
    found = figure(peopled, uid, actor=replace(LOCAL_ADMIN, role="planner", name="p"), code=STREET)
    assert found["people_rounded_to"] == 5
    told = [one[key] for one in (*found["below"], *found["facilities"]) for key in one if key.startswith("people_")]
    assert all(one is None or one % 5 == 0 for one in told)
    assert "explain.figure_rounded" in keys(found)


def test_nothing_withheld_in_the_row_is_the_sum_of_its_parts(town):
    """Three people not covered beside many covered ones: neither the row nor its parts tell them."""
    town.main_street(closed=True)
    town.community(STREET, -200, 2200)
    town.community(LEFT, -200, 1000)
    town.community(RIGHT, 1000, 2200)
    town.facility("f1", 0)
    town.homes(0, 100, residents_persons=40, people_basis="register")
    town.homes(1900, residents_persons=3, people_basis="register")
    uid = made(town, by="street")
    found = figure(town, uid, actor=replace(LOCAL_ADMIN, role="planner", name="p"), code=STREET)
    hidden = [name for name in ("covered", "not_covered", "total") if found["row"][f"people_{name}"] is None]
    assert "not_covered" in hidden
    for name in hidden:
        parts = [one[f"people_{name}"] for one in found["below"] if one[f"buildings_{name}"]]
        assert None in parts


def test_wrong_questions(peopled):
    uid = made(peopled)
    with pytest.raises(NotFound, match="figure_unknown"):
        figure(peopled, uid, code="nowhere")
    with pytest.raises(NotFound, match="figure_unknown"):
        figure(peopled, uid, code=LEFT, band="0_2")
    with pytest.raises(NotFound, match="run_unknown"):
        figure(peopled, "none")
    with peopled.store.writing() as conn:
        row = {**stored.get_run(conn, uid), "kind": "other", "fingerprint": "x"}
        for gone in ("uid", "status", "created_at", "created_by"):
            row.pop(gone)
        other = stored.insert_run(conn, **row, actor=LOCAL_ADMIN, now=peopled.moment)["uid"]
    with pytest.raises(InvalidInput, match="explain_coverage_only"):
        figure(peopled, other)


def test_a_band_walks_by_its_own_profile_and_to_what_admits_it(peopled):
    """Within ten minutes a grown-up walks 667 m, an old person 500 m; the home at 900 m has 560 m to walk."""
    peopled.facility("f3", 360)
    home = {"minutes": 10, "profile": "by_age"}
    building, grown_up, old = (why(peopled, "h900", band=band, **home) for band in (None, "15_59", "80_plus"))
    assert [one["state"] for one in (building, grown_up, old)] == ["covered", "covered", "not_covered"]
    assert (old["profile"], old["band"], round(old["limit"]["metres"])) == ("elder", "80_plus", 500)
    assert old["seconds"] == pytest.approx(grown_up["seconds"] * 4 / 3, rel=1e-3)
    assert keys(building)[0] == "explain.by_age_standard"
    assert keys(old)[0] == "explain.band"
    assert "80" in old["words"][0]["zh"]
    peopled.facility("f4", 880, admits="age_band", admits_bands=["0_2"])
    assert why(peopled, "h900", band="0_2", **home)["facility"]["code"] == "f4"
    assert why(peopled, "h900", band="80_plus", **home)["facility"]["code"] == "f3"
    with pytest.raises(InvalidInput, match="band_unknown"):
        why(peopled, "h900", band="old")
