"""Closed quarters in the store: both readings, notes, fingerprints, explain, circles and coverage."""

import numpy as np
import pytest
from shapely.geometry import LineString, MultiPolygon, Point, box

from geo_service.domain.reference import profile_named
from geo_service.services import closures, networks
from geo_service.services.analyses import answer, kind_named
from geo_service.services.coverage import coverage
from geo_service.services.cures import KINDS, cures
from geo_service.services.explain import explain
from geo_service.services.facilities import read_targets
from geo_service.services.homes import read_homes
from geo_service.services.questions import CoverageQuestion, distance_limit
from geo_service.services.times import times
from geo_service.services.walks import People

QUARTER = "990001001001Q01"


@pytest.fixture
def block(town):
    """Two streets joined in the west; a path between them through a quarter; a shop in the north."""
    town.block()
    return town


def quarter(town, closure, code=QUARTER, west=200, east=400):
    town.quarter(code, west, east, closure)


def gate(town, code, north, passes, east=300, **more):
    town.put("gates", [{"code": code, "geometry": Point(town.at(east, north)), "passes": passes, **more}])


def opened(town, reading="open"):
    with town.store.reading() as conn:
        return networks.open_networks(conn, town.ctx, reading)


def walks(town):
    with town.store.reading() as conn:
        found = times(conn, town.ctx, category="supermarket")
    return dict(zip(found.id, found.metres.tolist(), strict=True))


def asked(town, **more):
    return coverage(town.ctx, CoverageQuestion.asked(["supermarket"], circle=5, by="community", **more))


def test_residents_pass_and_neighbours_walk_round(block):
    before = walks(block)
    assert before == pytest.approx({"h310": 140, "h290": 250}, rel=1e-2)
    quarter(block, "closed")
    gate(block, "g1", 50, "residents")
    gate(block, "g2", 150, "residents", quarter_code=QUARTER)
    assert walks(block) == pytest.approx({"h310": 140, "h290": 10 + 290 + 200 + 290 + 20}, rel=1e-2)
    (first,), (again,) = opened(block), opened(block)
    assert again.network is first.network
    closures._derived.clear()
    assert opened(block)[0].network.fingerprint == first.network.fingerprint
    assert [key for _, key in block.heard].count("progress.network_closures") == 1


def test_opening_a_gate_makes_another_run(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "residents")
    gate(block, "g2", 150, "residents")
    first = asked(block)
    total = next(row for row in first["totals"] if row["band"] == "all")
    assert (total["people_covered"], total["people_not_covered"]) == (30, 20)
    assert asked(block)["uid"] == first["uid"]
    gate(block, "g1", 50, "everyone")
    gate(block, "g2", 150, "everyone")
    after = asked(block)
    assert after["uid"] != first["uid"]
    assert next(row for row in after["totals"] if row["band"] == "all")["people_covered"] == 50
    assert "if_closed" not in after


def test_what_is_not_known_gives_both_results(block):
    quarter(block, "unknown")
    gate(block, "g1", 50, "residents")
    gate(block, "g2", 150, "unknown")
    result = asked(block)
    total = next(row for row in result["totals"] if row["band"] == "all")
    assert total["people_covered"] == 50
    closed = next(row for row in result["if_closed"]["totals"] if row["band"] == "all")
    assert (closed["people_covered"], closed["people_not_covered"]) == (30, 20)
    (told,) = [one for one in result["notes"] if one["key"] == "note.closures_unknown"]
    assert "（q）" in told["zh"]
    assert "(q)" in told["en"]


def test_things_that_are_not_right_are_named(block):
    quarter(block, "closed")
    gate(block, "far", -400, "everyone", quarter_code=QUARTER)
    result = asked(block)
    assert {one["key"]: one["facts"]["codes"] for one in result["notes"] if "codes" in one["facts"]} == {
        "note.closures_without_gate": QUARTER,
        "note.gates_far": "far",
    }
    assert walks(block)["h290"] == pytest.approx(250, rel=1e-2)


def test_a_gate_on_no_boundary_is_named(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "residents")
    gate(block, "astray", 200, "nobody", east=500)
    gate(block, "harmless", 200, "everyone", east=500)
    gate(block, "elsewhere", 90_000, "nobody")
    (told,) = [one for one in asked(block)["notes"] if one["key"] == "note.gates_loose"]
    assert told["facts"]["codes"] == "astray"


def test_many_gates_are_named_by_the_first_few_and_counted(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "residents")
    for number in range(8):
        gate(block, f"astray-{number}", 200, "nobody", east=500, name="北门" if number in (0, 1) else None)
    (told,) = [one for one in asked(block)["notes"] if one["key"] == "note.gates_loose"]
    assert "15 米内，北门、astray-2、astray-3等 8 处）" in told["zh"]
    assert "北门, astray-2, astray-3 and others, 8 in all)" in told["en"]


def test_gates_with_hours_are_named(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "residents", hours="06:00-22:00")
    gate(block, "g2", 150, "residents", hours="24/7")
    gate(block, "g3", 100, "nobody", east=400, hours="06:00-22:00")
    (told,) = [one for one in asked(block)["notes"] if one["key"] == "note.gates_hours"]
    assert (told["facts"]["count"], told["facts"]["codes"]) == (1, "g1")
    assert walks(block)["h310"] == pytest.approx(140, rel=1e-2), "open at all hours"


def test_a_wall_alone_keeps_people_from_stepping_over(block):
    wall = LineString([block.at(200, 180), block.at(400, 180)])
    block.homes(350, north_m=170.0)
    before = walks(block)["h350"]
    block.put("barriers", [{"code": "b1", "kind": "wall", "geometry": wall}])
    assert before == pytest.approx(30 + 60 + 20, rel=1e-2)
    assert walks(block)["h350"] == pytest.approx(50 + 30 + 10 + 20, rel=1e-2)
    assert opened(block)[0].closures == closures.NO_CLOSURES


def test_explain_leads_through_the_gate(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "residents")
    with block.store.reading() as conn:
        found = explain(conn, block.ctx, building="h310", category="supermarket", circle=15)
    assert found["metres"] == pytest.approx(10 + 100 + 300 + 200 + 290 + 20, rel=1e-2)
    line = LineString(found["route"]["coordinates"])
    assert line.distance(Point(block.at(300, 50))) < 1e-6
    assert line.distance(Point(block.at(300, 150))) > 1e-4


def test_explain_says_what_would_be_if_a_quarter_was_closed(block):
    def asked_of(building):
        with block.store.reading() as conn:
            return explain(conn, block.ctx, building=building, category="supermarket", circle=5)

    quarter(block, "unknown")
    gate(block, "g1", 50, "residents")
    gate(block, "g2", 150, "residents")
    found = asked_of("h290")
    assert (found["state"], found["metres"]) == ("covered", pytest.approx(250, rel=1e-2))
    closed = found["if_closed"]
    assert (closed["state"], closed["metres"]) == ("not_covered", pytest.approx(810, rel=1e-2))
    assert (closed["near_by_air"]["code"], closed["cure"]) == ("f1", None), "both gates stand in the way"
    assert (found["near_by_air"], found["cure"]) == (None, None)
    assert "explain.no_cure" in {one["key"] for one in found["words"]}
    (said,) = [one for one in found["words"] if one["key"] == "explain.if_closed"]
    assert "not covered" in said["en"]
    inside = asked_of("h310")
    assert inside["if_closed"] is None, "residents walk the same either way"
    quarter(block, "closed")
    assert "if_closed" not in asked_of("h290")


def explained(town, building, **more):
    with town.store.reading() as conn:
        return explain(conn, town.ctx, building=building, category="supermarket", **more)


def sentences(found):
    return {one["key"]: one for one in found["words"]}


def test_explain_names_the_gate_that_would_cure_a_home(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "everyone")
    gate(block, "g2", 150, "residents")
    found = explained(block, "h290", circle=5)
    assert found["state"] == "not_covered"
    assert found["near_by_air"] == {"code": "f1", "name": None, "metres": pytest.approx(230, rel=1e-2)}
    cure = found["cure"]
    assert (cure["kind"], cure["code"], cure["metres"]) == ("gate", "g2", pytest.approx(250, rel=1e-2))
    assert cure["gained_m"] == pytest.approx(found["metres"] - cure["metres"], abs=0.02)
    assert (cure["lon"], cure["lat"]) == pytest.approx(block.at(300, 150), abs=1e-5)
    said = sentences(found)
    assert "步行 300 米以内没有" in said["explain.not_covered"]["zh"]
    gained = f"{cure['gained_m']:.0f} "
    assert all(
        "g2" in said["explain.cure_gate"][lang] and gained in said["explain.cure_gate"][lang] for lang in ("zh", "en")
    )
    gate(block, "g2", 150, "everyone")
    assert explained(block, "h290", circle=5)["metres"] == pytest.approx(cure["metres"], abs=0.1)


def test_explain_names_the_missing_crossing_and_says_where_nothing_single_helps(block):
    block.homes(590, north_m=-10.0)
    block.facility("f2", 590, 220)
    rail = LineString([block.at(-50, 100), block.at(700, 100)])
    block.put("barriers", [{"code": "rail", "kind": "rail", "geometry": rail}])
    found = explained(block, "h590", circle=5)
    assert (found["cure"]["kind"], found["cure"]["code"]) == ("crossing", "rail")
    assert found["cure"]["metres"] <= 300
    assert {"explain.near_by_air", "explain.cure_crossing"} <= set(sentences(found))
    second = LineString([block.at(-50, 120), block.at(700, 120)])
    block.put("barriers", [{"code": "canal", "kind": "water", "geometry": second}])
    found = explained(block, "h590", circle=5)
    assert (found["near_by_air"]["code"], found["cure"]) == ("f2", None)
    assert "300" in sentences(found)["explain.no_cure"]["zh"]


def test_every_home_of_a_zone_that_lacks_a_crossing_is_told_one(town):
    """A row of homes looks over a winding canal: where some look across, a crossing helps others, too."""
    town.streets([[(x, 0.0) for x in range(0, 900, 50)], [(x, 120.0) for x in range(0, 900, 50)]])
    town.homes(*range(110, 360, 30), north_m=-15.0, residents_persons=10)
    town.facility("f1", 340, 135)
    turns = [(-50, 60), (120, 60), (180, 90), (240, 30), (300, 60), (900, 60)]
    canal = LineString([town.at(*one) for one in turns])
    town.put("barriers", [{"code": "canal", "kind": "water", "geometry": canal}])
    kind = kind_named("gaps")
    zones = answer(town.ctx, kind, kind.asked(["supermarket"], circle=5))["zones"]
    cures = {cure["code"]: cure for zone in zones for cure in zone["cures"]}
    told = [explained(town, f"h{east}", circle=5) for east in range(110, 360, 30)]
    named = [one["cure"] for one in told if one["cure"] is not None]
    assert set(cures) == {"canal"}
    assert len(named) == cures["canal"]["buildings"], "as many homes as the zone says are told it"
    best = min(named, key=lambda one: one["metres"])
    assert (best["lon"], best["lat"]) == (cures["canal"]["lon"], cures["canal"]["lat"])
    assert {one["kind"] for one in named} == {"crossing"}


def test_a_cure_leads_to_what_admits_the_people_of_the_area_too(block):
    outline = MultiPolygon([box(*block.at(-100, -100), *block.at(800, 300))])
    block.put("areas", [{"code": "990001001001", "name": "c", "level": "community", "geometry": outline}])
    block.homes(291, north_m=-10.0)
    quarter(block, "closed")
    gate(block, "g1", 50, "everyone")
    gate(block, "g2", 150, "residents")
    limited = {"admits": "quarter", "admits_area_code": "990001001001"}
    block.facility("f1", 290, 220, **limited)
    found = explained(block, "h291", circle=5)
    assert (found["near_by_air"]["code"], found["cure"]["code"]) == ("f1", "g2")


def test_nothing_near_by_air_needs_no_cure(block):
    block.homes(590, north_m=-10.0)
    found = explained(block, "h590", circle=5)
    assert (found["state"], found["near_by_air"], found["cure"]) == ("not_covered", None, None)
    assert "explain.near_by_air" not in sentences(found)


def test_both_readings_are_open_to_the_same_people_where_all_is_known(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "residents")
    one, two = opened(block)[0], opened(block, "closed")[0]
    assert one.network.fingerprint == two.network.fingerprint
    assert np.array_equal(one.network.edge_u, two.network.edge_u)


def test_a_cure_names_the_gate_or_the_barrier(block):
    quarter(block, "closed")
    gate(block, "g1", 50, "everyone")
    gate(block, "g2", 150, "residents")
    block.homes(590, north_m=190.0)
    rail = LineString([block.at(450, 0), block.at(450, 400)])
    block.put("barriers", [{"code": "b1", "kind": "rail", "geometry": rail}])
    profile = profile_named("standard")
    with block.store.reading() as conn:
        homes = read_homes(conn)
        people = People(homes.lon, homes.lat, lambda _: np.zeros(len(homes), bool))
        targets = read_targets(conn, block.ctx, ["supermarket"])
        found = cures(
            networks.open_networks(conn, block.ctx),
            targets,
            people,
            homes.code == "h290",
            limit=distance_limit(300.0),
            profile=profile,
        )
    at = list(homes.code).index("h290")
    assert (KINDS[found.kind[at]], found.code[at]) == ("gate", "g2")
    assert found.metres[at] == pytest.approx(250, rel=1e-2)
    assert found.gained_m[at] == pytest.approx(810 - 250, rel=1e-2)
    assert (found.lon[at], found.lat[at]) == pytest.approx(block.at(300, 150), abs=1e-5)
    assert found.kind.sum() == found.kind[at]
