"""Best sites on a street checked by hand, on both stores: candidates, answers, reasons, what is told."""

import json
from dataclasses import replace
from itertools import combinations, product

import pytest
from shapely.geometry import LineString, MultiPolygon, Point, box

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import FileFault, InvalidInput, NotFound
from geo_service.services.analyses import answer, kind_named, made_run
from geo_service.services.rules import confirm_rule
from geo_service.services.siting_files import read_drawn, site_tables
from geo_service.services.told import shown_result
from tests.services.conftest import around, at


def asked(**more):
    values = {"category": "parcel", "circle": 5, "min_area_m2": 0} | more
    if not {"k", "budget_yuan", "share"} & values.keys():
        values["k"] = 1
    return kind_named("siting").asked(values.pop("category"), **values)


def ask(town, **more):
    return answer(town.ctx, kind_named("siting"), asked(**more))


def told(town, **more):
    run = made_run(town.ctx, kind_named("siting"), asked(**more))
    anybody = replace(town.ctx, actor=Actor("planner", "planner"))
    with town.store.reading() as conn:
        return shown_result(conn, anybody, run)


def keys(result):
    return {note["key"] for note in result["notes"]}


def land(town, code, east_m, **more):
    values = {"kind": "idle_land", "tenure": "国有", "plan_use": "R22", "usable_area_m2": 500.0}
    town.put("public_spaces", [{"code": code, "geometry": around(east_m, -20.0), **values, **more}])


def drawn(*easts, **more):
    return [{"code": f"p{east:g}", "lon": at(east, -20)[0], "lat": at(east, -20)[1], **more} for east in easts]


@pytest.fixture
def street(town):
    """People at 0, 200, 400, 1000, 1200 and 1900 m; what there is covers those at 0 m (within 300 m on foot)."""
    town.main_street()
    for east, people in ((0, 50), (200, 40), (400, 30), (1000, 60), (1200, 20), (1900, 70)):
        town.homes(east, residents_persons=people, age_65_79_persons=people // 10, age_15_59_persons=people // 2)
    town.facility("there", -150, category="parcel", admits="public")
    return town


def test_the_best_site_and_the_best_two(street):
    land(street, "A", 300)
    land(street, "B", 1100)
    land(street, "C", 1900)
    one = ask(street, k=1)
    assert [(s["code"], s["people"], s["homes"]) for s in one["sites"]] == [("B", 80, 2)]
    assert one["before"]["people_covered"] == 50
    assert (one["after"]["people_covered"], one["after"]["people_not_covered"]) == (130, 140)
    assert one["before"]["people_covered_share"] == pytest.approx(50 / 270, abs=1e-6)
    assert one["sites"][0]["people_by_band"] == {"15_59": 40, "65_79": 8}
    proof = one["proof"]
    assert (proof["is_proven"], proof["value"], proof["bound"], proof["gap_share"]) == (True, 80, 80, 0)
    two = ask(street, k=2)
    assert [s["code"] for s in two["sites"]] == ["B", "A"], "A and C bring 70 each: the earlier code"
    assert two["total"]["people"] == 150
    others = {row["code"]: row for row in two["candidates"]}
    assert (others["C"]["status"], others["C"]["people"]) == ("not_chosen", 70)


def test_no_other_choice_reaches_more(street):
    homes = {200: 40, 400: 30, 1000: 60, 1200: 20, 1900: 70}
    places = (150, 300, 700, 950, 1100, 1500, 1700)
    result = ask(street, k=2, points=drawn(*places))

    def reaches(choice):
        return sum(p for east, p in homes.items() if any(abs(east - place) + 40 <= 300 for place in choice))

    assert result["total"]["people"] == max(reaches(choice) for choice in combinations(places, 2))


def test_within_a_budget_and_yuan_per_person(street):
    points = [*drawn(300, cost_yuan=70_000), *drawn(1100, cost_yuan=200_000), *drawn(1900, cost_yuan=100_000)]
    result = ask(street, k=None, budget_yuan=180_000, points=points)
    assert [s["code"] for s in result["sites"]] == ["p1900", "p300"]
    assert result["sites"][0]["yuan_per_person"] == round(100_000 / 70, 2)
    assert (result["total"]["cost_yuan"], result["total"]["people"]) == (170_000, 140)
    dear = next(row for row in result["candidates"] if row["code"] == "p1100")
    assert (dear["status"], dear["reason"]) == ("not_eligible", "cost_over_budget")
    assert "200000" in dear["why"]["en"]
    unknown = ask(street, k=None, budget_yuan=180_000, points=drawn(1100))
    assert unknown["candidates"][0]["reason"] == "cost_unknown"
    assert {"note.siting_none_eligible"} <= keys(unknown)
    usual = ask(street, k=None, budget_yuan=180_000, points=drawn(1100), costs={"build": 90_000})
    assert usual["sites"][0]["cost_is_usual"] is True
    assert "note.siting_usual_costs" in keys(usual)


def test_the_fewest_for_a_share(street):
    points = drawn(300, 1100, 1900)
    result = ask(street, objective="set_cover", share=0.7, points=points)
    assert [s["code"] for s in result["sites"]] == ["p1100", "p1900"] or result["total"]["sites"] == 2
    assert result["after"]["people_covered_share"] >= 0.7
    assert (result["proof"]["unit"], result["proof"]["value"], result["proof"]["bound"]) == ("sites", 2, 2)
    whole = ask(street, objective="set_cover", share=1.0, points=drawn(300, 1100))
    assert "note.siting_share_unreachable" in keys(whole)
    assert whole["total"]["sites"] == 2
    reached = ask(street, objective="set_cover", share=0.1, points=points)
    assert (reached["sites"], reached["proof"]) == ([], None)
    assert "note.siting_share_reached" in keys(reached)


def test_the_shortest_walks(street):
    result = ask(street, objective="p_median", points=drawn(300, 800, 1000))
    assert result["sites"][0]["code"] == "p1000", "900 m from the 70 at its east, beside the 60"
    assert result["beyond_m"] == 900
    assert result["walks"]["mean_after_m"] < result["walks"]["mean_before_m"] <= 900
    assert result["proof"]["unit"] == "people_metres"
    saved = result["walks"]["mean_before_m"] - result["walks"]["mean_after_m"]
    assert result["sites"][0]["mean_saved_m"] == pytest.approx(saved, abs=0.02)
    two = ask(street, objective="p_median", k=2, points=drawn(300, 800, 1000))
    whole = two["walks"]["mean_before_m"] - two["walks"]["mean_after_m"]
    assert sum(one["mean_saved_m"] for one in two["sites"]) == pytest.approx(whole, abs=0.03)


def test_fewer_sites_than_asked_are_explained(street):
    result = ask(street, k=3, points=drawn(1880, 1900, 1920))
    assert len(result["sites"]) == 1
    (said,) = [one for one in result["notes"] if one["key"] == "note.siting_fewer"]
    assert (said["facts"]["k"], said["facts"]["count"]) == (3, 1)
    assert "note.siting_fewer" not in keys(ask(street, k=1, points=drawn(1880, 1900, 1920)))


def test_without_a_declared_inventory_sites_are_for_information_only(street):
    result = ask(street, points=drawn(1100))
    assert result["inventory_complete"] is False
    (said,) = [one for one in result["notes"] if one["key"] == "note.siting_not_surveyed"]
    assert "仅供参考" in said["zh"]
    assert "note.siting_not_surveyed" in keys(told(street, points=drawn(1100)))
    street.community("990001001001", -400, 2200)
    values = {"category": "parcel", "is_complete": True, "declared_on": "2026-01-01", "declared_by": "x"}
    street.put("inventory_statements", [{"code": "s1", "statement_area_code": "990001001001", **values}])
    result = ask(street, points=drawn(1100))
    assert (result["inventory_complete"], "note.siting_not_surveyed" in keys(result)) == (True, False)


@pytest.mark.parametrize("kind", ["gate", "share"])
def test_a_gate_or_a_shared_facility_is_never_free(kind):
    with pytest.raises(InvalidInput, match="siting_cost_free") as refused:
        asked(costs={kind: 0})
    assert "业主" in refused.value.sentence("zh")
    assert asked(costs={kind: None, "build": 0}).costs.build == 0


def test_what_is_not_eligible_says_why(street):
    land(street, "small", 1100, usable_area_m2=99.0)
    land(street, "unsaid", 1100, usable_area_m2=None)
    land(street, "nobodys", 1100, tenure=None)
    land(street, "square", 1100, kind="square")
    land(street, "far", 1100, tenure="集体")
    street.put("public_spaces", [{"code": "lost", "kind": "room", "tenure": "a", "plan_use": "b",
                                  "usable_area_m2": 900.0, "geometry": Point(at(1100, -400))}])  # fmt: skip
    result = ask(street, k=3, min_area_m2=100.0)
    reasons = {row["code"]: row["reason"] for row in result["candidates"]}
    assert reasons == {
        "small": "area_too_small",
        "unsaid": "area_unknown",
        "nobodys": "land_status_unknown",
        "lost": "no_street",
    }
    assert [s["code"] for s in result["sites"]] == ["far"]
    assert "note.siting_k_larger" in keys(result)
    why = {row["code"]: row["why"] for row in result["candidates"]}
    assert "99" in why["small"]["zh"]
    assert "100" in why["small"]["en"]


def test_the_least_area_of_the_rule_excludes_also_unverified_unless_that_is_to_be_ignored(street):
    land(street, "A", 1100, kind="room", usable_area_m2=14.0)
    land(street, "B", 1900, kind="room", usable_area_m2=None)
    points = drawn(300, area_m2=14.0)
    reasons = {"A": "area_too_small", "B": "area_unknown", "p300": "area_too_small"}
    result = ask(street, k=3, min_area_m2=None, points=points)
    assert (result["least_area"]["rule"]["id"], result["least_area"]["floor_is_sure"]) == ("CRC-07", False)
    assert ({row["code"]: row["reason"] for row in result["candidates"]}, result["sites"]) == (reasons, [])
    assert "CRC-07" in result["candidates"][0]["why"]["zh"]
    assert "待核实" in result["candidates"][0]["why"]["zh"]
    said = {one["key"]: one for one in result["notes"]}
    assert "verified excludes nothing" in said["note.siting_area_unverified"]["en"]
    assert "2 too small" in said["note.siting_none_eligible"]["en"]
    result = ask(street, k=3, min_area_m2=None, points=points, ignore_unverified_areas=True)
    assert {one["code"]: one["doubt"]["key"] for one in result["sites"]} == {
        "A": "siting_doubt.area_too_small",
        "B": "siting_doubt.area_unknown",
        "p300": "siting_doubt.area_too_small",
    }
    assert "待核实" in result["sites"][0]["doubt"]["zh"]
    assert "note.siting_area_to_verify" in keys(result)
    assert "note.siting_area_unverified" not in keys(result)
    with street.store.writing() as conn:
        confirm_rule(conn, street.ctx, "CRC-07", expected_version=1, seen_in="建标 2021")
    result = ask(street, k=3, min_area_m2=None, points=points, ignore_unverified_areas=True)
    assert {row["code"]: row["reason"] for row in result["candidates"]} == reasons
    assert not {"note.siting_area_to_verify", "note.siting_area_unverified"} & keys(result)


def test_a_room_is_no_site_for_what_needs_land(street):
    """By the rule (recycling: a least area of land only) or by what the category is (park, bus stop, school)."""
    land(street, "L", 1100, usable_area_m2=5_000.0)
    land(street, "R", 1100, kind="room", usable_area_m2=9_000.0)
    for category, min_area_m2 in (("park", None), ("park", 0), ("bus_stop", None), ("recycling", None)):
        result = ask(street, category=category, k=2, min_area_m2=min_area_m2, ignore_unverified_areas=True)
        assert [one["code"] for one in result["sites"]] == ["L"], category
        assert [(one["code"], one["reason"]) for one in result["candidates"]] == [("R", "needs_land")]
        assert result["least_area"]["needs_land"] is True
    assert "用房" in result["candidates"][0]["why"]["zh"]
    small = ask(street, category="park", spaces=["room"], candidates=["space"], min_area_m2=None)
    (said,) = [one for one in small["notes"] if one["key"] == "note.siting_none_eligible"]
    assert "1 room where land is needed" in said["en"]
    assert len(ask(street, category="clinic", k=2)["sites"]) == 1, "a room or land: either reaches them"


def test_weights_of_bands_a_category_is_not_there_for_are_said_to_have_no_effect(street):
    result = ask(street, category="kindergarten", points=drawn(300), weights={"80_plus": 3, "3_5": 2})
    (said,) = [one for one in result["notes"] if one["key"] == "note.weights_without_effect"]
    assert said["facts"]["bands"] == ["80_plus"]
    assert "80 岁及以上" in said["zh"]
    assert "note.weights_without_effect" not in keys(ask(street, points=drawn(300), weights={"80_plus": 3}))


@pytest.mark.parametrize(("share", "key"), [(1.0, "unreachable"), (0.02, "reached")])
def test_a_share_that_is_withheld_is_in_no_note_either(town, share, key):
    town.main_street()
    for east, people in ((0, 3), (1000, 60), (1900, 70)):
        town.homes(east, residents_persons=people)
    town.facility("there", -150, category="parcel", admits="public")
    more = {"objective": "set_cover", "share": share, "points": drawn(1000)}
    assert f"note.siting_share_{key}" in keys(ask(town, **more))
    result = told(town, **more)
    assert result["before"]["people_covered_share"] is None
    assert f"note.siting_share_{key}_untold" in keys(result)
    assert f"note.siting_share_{key}" not in keys(result)


def test_means_go_with_the_people_they_are_weighted_by(town):
    town.main_street()
    town.homes(0, residents_persons=60)
    town.homes(1000, residents_persons=4)
    town.facility("there", -150, category="parcel", admits="public")
    more = {"objective": "p_median", "points": drawn(1000)}
    assert ask(town, **more)["walks"]["mean_before_m"] is not None
    result = told(town, **more)
    assert result["before"]["people_not_covered"] is None
    assert set(result["walks"].values()) == {None}
    assert {site["mean_saved_m"] for site in result["sites"]} == {None}


def test_a_weighted_share_is_not_told(street):
    more = {"objective": "set_cover", "share": 1.0, "points": drawn(1100)}
    assert "note.siting_share_unreachable" in keys(told(street, **more))
    assert "note.siting_share_unreachable_untold" in keys(told(street, **more, weights={"65_79": 2}))


def test_sharing_a_facility_competes_with_building(street):
    street.community("990001001001", -200, 3000)
    values = {"category": "parcel", "admits": "unit", "is_shareable": True}
    street.facility("U", 1100, **values)
    street.facility("V", 1100, **values | {"is_shareable": False})
    street.facility("W", 1110, **values | {"verification": "unverified"})
    street.facility("X", 1120, **values | {"opening_state": "closed"})
    street.facility("Y", 1900, **values | {"admits": "catchment", "admits_area_code": "990001001001"})
    street.facility("Z", -200, **values | {"admits": "public"})
    result = ask(street)
    site = result["sites"][0]
    assert (site["code"], site["kind"], site["needs_consent"], site["cost_yuan"]) == ("U", "share", True, 50_000)
    reasons = {row["code"]: row["reason"] for row in result["candidates"]}
    assert reasons == {"W": "facility_unverified", "X": "facility_not_open", "Y": None}, "Y: a catchment's alone"
    assert "note.siting_consent" in keys(result)
    assert ask(street, candidates=["space"])["candidates"] == []


@pytest.fixture
def block(town):
    """Two streets 200 m apart, joined far in the west and by a path through a closed quarter; a shop in the north."""
    town.streets(
        [
            [(-900.0, 0.0), (300.0, 0.0), (600.0, 0.0)],
            [(-900.0, 200.0), (300.0, 200.0), (600.0, 200.0)],
            [(-900.0, 0.0), (-900.0, 200.0)],
            [(300.0, 0.0), (300.0, 200.0)],
        ]
    )
    town.homes(290, north_m=-10.0, residents_persons=20)
    town.homes(590, north_m=-10.0, residents_persons=30)
    outline = MultiPolygon([box(*at(200, 50), *at(400, 150))])
    row = {"code": "990001001001Q01", "name": "q", "level": "quarter", "geometry": outline, "closure": "closed"}
    town.put("areas", [row])
    for code, north, passes in (("g1", 50, "everyone"), ("g2", 150, "residents")):
        town.put("gates", [{"code": code, "geometry": Point(at(300, north)), "passes": passes}])
    town.facility("f1", 290, 220, category="parcel")
    return town


def test_opening_a_gate_competes_with_building(block):
    result = ask(block, points=[{"code": "p", "lon": at(590, -20)[0], "lat": at(590, -20)[1], "cost_yuan": 9e5}])
    assert result["sites"][0]["code"] == "p", "30 people; the gate brings 20"
    other = next(row for row in result["candidates"] if row["kind"] == "gate")
    assert (other["code"], other["people"], other["needs_consent"], other["cost_yuan"]) == ("g2", 20, True, 20_000)
    assert (other["lon"], other["lat"]) == pytest.approx(at(300, 150), abs=1e-5)
    cheap = ask(block, k=None, budget_yuan=50_000, costs={"gate": 30_000})
    assert [(s["code"], s["people"], s["cost_yuan"]) for s in cheap["sites"]] == [("g2", 20, 30_000)]
    assert "note.siting_consent" in keys(cheap)
    assert ask(block, candidates=["space", "crossing"])["candidates"] == []
    block.put("gates", [{"code": "g3", "geometry": Point(at(200, 100)), "passes": "unknown"}])
    assert "note.closures_siting" in keys(ask(block))


def test_what_sites_bring_in_both_readings(block):
    """A second quarter that may be closed lies between the homes and the gate that could be opened."""
    outline = MultiPolygon([box(*at(500, -40), *at(640, 30))])
    row = {"code": "990001001001Q02", "name": "u", "level": "quarter", "geometry": outline, "closure": "unknown"}
    block.put("areas", [row])
    block.put("gates", [{"code": "u1", "geometry": Point(at(640, 0)), "passes": "residents"}])
    points = drawn(480, cost_yuan=1e5)
    result = ask(block, points=points, candidates=["drawn"])
    assert [(site["code"], site["people"]) for site in result["sites"]] == [("p480", 50)]
    closed = result["if_closed"]
    assert [(site["code"], site["people"]) for site in closed["sites"]] == [("p480", 20)]
    assert (closed["total"]["people"], closed["after"]["people_not_covered"]) == (20, 30)
    assert closed["sites"][0]["yuan_per_person"] == 5_000
    table = site_tables(block.ctx, result)["sites"]
    assert [table.rows[0][name] for name in ("people", "people_if_closed")] == [50, 20]
    brought = ("people", "people_covered_from_unknown", "homes", "homes_covered_from_unknown", "yuan_per_person")
    assert set(table.columns) >= {f"{name}_if_closed" for name in (*brought, "mean_saved_m", "people_3_5")}
    assert table.rows[0]["people_covered_from_unknown_if_closed"] == 0
    shown = told(block, points=points, candidates=["drawn"])["if_closed"]["sites"][0]
    assert shown["people"] % 5 == 0
    assert shown["withheld"] is False


def test_adding_a_crossing_is_a_candidate(town):
    town.streets(
        [[(-2000.0, 0.0), (600.0, 0.0)], [(-2000.0, 100.0), (600.0, 100.0)], [(-2000.0, 0.0), (-2000.0, 100.0)]]
    )
    town.homes(300, 400, north_m=-10.0, residents_persons=25)
    town.facility("f1", 300, 110, category="parcel")
    rail = LineString([at(-1900, 50), at(700, 50)])
    town.put("barriers", [{"code": "rail", "name": "示例铁路", "kind": "rail", "geometry": rail}])
    result = ask(town)
    site = result["sites"][0]
    assert site["name"] == "示例铁路"  # the streets there have no names
    assert (site["kind"], site["people"], site["cost_yuan"]) == ("crossing", 50, 2_000_000)
    assert site["code"].startswith("rail@")
    assert result["after"]["people_not_covered"] == 0
    assert "note.siting_crossings" in keys(result)


def test_every_crossing_proposed_can_be_added_to_a_scenario_and_brings_the_same_people(town):
    """The streets are farther from the rail than a path of a scenario may end from one."""
    town.streets(
        [[(-2000.0, 0.0), (900.0, 0.0)], [(-2000.0, 160.0), (900.0, 160.0)], [(-2000.0, 0.0), (-2000.0, 160.0)]]
    )
    town.homes(300, 400, 700, north_m=-10.0, residents_persons=25)
    town.facility("f1", 350, 170, category="parcel")
    town.facility("f2", 690, 170, category="parcel")
    town.put("barriers", [{"code": "rail", "kind": "rail", "geometry": LineString([at(-1900, 80), at(950, 80)])}])
    result = ask(town, candidates=["crossing"])
    proposed = [*result["sites"], *result["candidates"]]
    assert len(proposed) >= 2
    kind = kind_named("scenario")
    for one in proposed:
        edits = [{"edit": "path_add", "line": one["line"]}]
        said = answer(town.ctx, kind, kind.asked(["parcel"], edits=edits))
        (row,) = [row for row in said["totals"] if row["band"] == "all"]
        assert row["people_covered_difference"] == one["people"] > 0
        assert said["limit"] == result["limit"]


def test_a_drawn_crossing_is_a_candidate(town):
    """A footbridge over nothing in particular: two streets that meet far in the west only."""
    town.streets(
        [[(-2000.0, 0.0), (600.0, 0.0)], [(-2000.0, 100.0), (600.0, 100.0)], [(-2000.0, 0.0), (-2000.0, 100.0)]]
    )
    town.homes(300, 400, north_m=-10.0, residents_persons=25)
    town.facility("f1", 300, 110, category="parcel")
    bridge = {"code": "bridge", "name": "天桥", "line": [at(410, 10), at(410, 90)], "cost_yuan": 3e6}
    nowhere = {"code": "nowhere", "line": [at(410, 10), at(410, 900)]}
    result = ask(town, lines=[bridge, nowhere], candidates=["drawn_crossing"])
    (site,) = result["sites"]
    assert (site["code"], site["kind"], site["people"], site["cost_yuan"]) == ("bridge", "drawn_crossing", 25, 3e6)
    assert site["line"][0] == pytest.approx(at(410, 10), abs=1e-6)
    assert [(one["code"], one["reason"]) for one in result["candidates"]] == [("nowhere", "no_street")]
    assert "note.siting_drawn_crossings" in keys(result)
    nearer = ask(town, lines=[bridge | {"line": [at(350, 10), at(350, 90)]}], candidates=["drawn_crossing"])
    assert nearer["sites"][0]["people"] == 50
    useless = ask(town, lines=[bridge | {"line": [at(-1000, 10), at(-1000, 90)]}])
    assert [(one["code"], one["people"]) for one in useless["candidates"]] == [("bridge", 0)]
    kind = kind_named("siting")
    run = made_run(town.ctx, kind, asked(lines=[nowhere, bridge], candidates=["drawn_crossing"]))
    assert run["uid"] == result["uid"], "the order of what is drawn changes nothing"
    assert kind.asked(**run["parameters"]).parameters() == run["parameters"]


def test_drawn_crossings_are_read_from_files(tmp_path):
    features = [
        {"type": "Feature", "properties": {"code": "b", "cost_yuan": 5}, "geometry": shape}
        for shape in (
            {"type": "LineString", "coordinates": [[116.0, 40.0], [116.0, 40.001]]},
            {"type": "Point", "coordinates": [116.0, 40.0]},
        )
    ]
    file = tmp_path / "mine.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    points, lines = read_drawn(file)
    assert points == [{"code": "b", "cost_yuan": 5, "lon": 116.0, "lat": 40.0}]
    assert lines == [{"code": "b", "cost_yuan": 5, "line": [[116.0, 40.0], [116.0, 40.001]]}]
    gap = {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [features[0] | {"geometry": gap}]}))
    with pytest.raises(FileFault, match="sites_line"):
        read_drawn(file)


def test_weights_of_ages_and_unknown_homes(street):
    street.homes(1950, residents_persons=2, age_80_plus_persons=2)
    light = {"15_59": 0.0, "65_79": 0.0}
    assert ask(street, points=drawn(300, 1900))["sites"][0]["code"] == "p1900"
    assert ask(street, points=drawn(300, 1100), weights=light)["sites"][0]["code"] == "p1100"
    street.homes(1010, north_m=450.0, residents_persons=500)
    result = ask(street, points=drawn(300, 1100))
    assert "note.siting_unknown" in keys(result)
    assert result["before"]["people_unknown"] == 500
    assert result["total"]["people"] == 80


def test_one_site_is_what_a_scenario_that_adds_it_is(street):
    """Those of whom it is not known, near an unverified facility, are covered by a new one and stand apart."""
    street.homes(1600, residents_persons=25, age_15_59_persons=20)
    street.homes(1950, residents_persons=9, age_15_59_persons=5)
    street.facility("unsure", 2150, category="parcel", verification="unverified", admits="public")
    result = ask(street, k=1, points=drawn(1750))
    site = result["sites"][0]
    assert (site["people"], site["people_covered_from_unknown"]) == (25, 79)
    assert (site["homes"], site["homes_covered_from_unknown"]) == (1, 2)
    edit = {"edit": "facility_add", "category": "parcel", "position": [site["lon"], site["lat"]]}
    found = answer(street.ctx, kind_named("scenario"), kind_named("scenario").asked(["parcel"], edits=[edit], circle=5))
    row = next(one for one in found["totals"] if one["band"] == "all")
    for side, name in product(("before", "after"), ("covered", "not_covered", "unknown", "total")):
        assert result[side][f"people_{name}"] == row[f"people_{name}_{side}"], (side, name)
        assert result[side][f"homes_{name}"] == row[f"buildings_{name}_{side}"], (side, name)
    for move in ("newly_covered", "covered_from_unknown"):
        assert row[f"people_{move}"] == site["people" if move == "newly_covered" else f"people_{move}"]


def test_an_age_limited_category_counts_those_it_is_for(street):
    street.homes(700, residents_persons=30, age_3_5_persons=9)
    result = ask(street, category="kindergarten", points=drawn(650))
    assert result["sites"][0]["people"] == 9
    assert result["sites"][0]["people_by_band"] == {"3_5": 9}


def test_without_people_homes_are_counted(town):
    town.main_street()
    town.homes(200, 400, 1000)
    result = ask(town, points=drawn(300, 1000))
    assert (result["counted_by"], result["sites"][0]["code"], result["sites"][0]["homes"]) == ("homes", "p300", 2)
    assert result["sites"][0]["people"] is None
    assert "note.siting_by_homes" in keys(result)
    assert result["before"]["people_total"] is None


def test_everybody_covered_nobody_in_reach_and_no_candidates(street):
    street.facility("f2", 300, category="parcel")
    street.facility("f3", 1100, category="parcel")
    street.facility("f4", 1900, category="parcel")
    result = ask(street, points=drawn(300))
    assert (result["sites"], result["total"]["people"], result["proof"]) == ([], 0, None)
    assert "note.siting_all_covered" in keys(result)
    none = ask(street, category="clinic")
    assert (none["sites"], none["candidates"]) == ([], [])
    assert {"note.siting_no_candidate", "note.no_facilities"} <= keys(none)


def test_a_candidate_on_an_island_reaches_nobody(street):
    street.streets([[(5000.0, 900.0), (5200.0, 900.0)]], code="990002", extent=(4900, 800, 5300, 1000))
    island = {"code": "island", "lon": at(5100, 905)[0], "lat": at(5100, 905)[1]}
    result = ask(street, points=[island])
    assert result["sites"] == []
    assert result["candidates"][0]["people"] == 0
    assert "note.siting_reach_nobody" in keys(result)


def test_no_network_and_no_homes(town):
    with pytest.raises(InvalidInput, match="no_network"):
        ask(town)
    town.main_street()
    with pytest.raises(InvalidInput, match="no_homes"):
        ask(town)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"k": 0}, "siting_k"),
        ({"k": None, "budget_yuan": 0.0}, "siting_budget"),
        ({"k": None, "budget_yuan": -5.0}, "siting_budget"),
        ({"k": 1, "budget_yuan": 5.0}, "siting_how_many"),
        ({"k": None}, "siting_how_many"),
        ({"k": 1, "objective": "set_cover"}, "siting_how_many"),
        ({"objective": "best"}, "siting_objective"),
        ({"k": None, "objective": "set_cover", "share": 1.5}, "siting_share"),
        ({"k": None, "objective": "set_cover", "share": float("nan")}, "siting_share"),
        ({"points": drawn(1, cost_yuan=-1.0)}, "siting_cost"),
        ({"points": drawn(1, cost_yuan=float("nan"))}, "siting_cost"),
        ({"costs": {"build": -1.0}}, "siting_cost"),
        ({"costs": {"castle": 1.0}}, "siting_kind"),
        ({"candidates": ["castle"]}, "siting_kind"),
        ({"spaces": ["castle"]}, "siting_kind"),
        ({"points": [{"lon": 500.0, "lat": 1.0}]}, "siting_point"),
        ({"points": drawn(1, 1)}, "siting_code_twice"),
        ({"lines": [{"code": "p1", "line": [at(0, 0), at(1, 1)]}], "points": drawn(1)}, "siting_code_twice"),
        ({"lines": [{"line": [at(0, 0), at(0, 0)]}]}, "siting_line"),
        ({"lines": [{"line": [at(0, 0), (500.0, 1.0)]}]}, "siting_line"),
        ({"lines": [{"line": "from here to there"}]}, "siting_line"),
        ({"lines": [{"line": [at(0, 0), at(1, 1)]}] * 301}, "siting_too_many_points"),
        ({"points": drawn(1, area_m2=-1.0)}, "siting_area"),
        ({"min_area_m2": -1.0}, "siting_area"),
        ({"seconds": 0.0}, "siting_effort"),
        ({"gap_share": 1.0}, "siting_effort"),
        ({"weights": {"90": 1.0}}, "band_unknown"),
        ({"weights": {"0_2": -1.0}}, "weight_out_of_range"),
    ],
)
def test_wrong_questions_name_what_is_wrong(more, code):
    with pytest.raises(InvalidInput, match=f"^{code}|{code}"):
        asked(**{"k": 1} | more)


def test_an_unknown_category():
    with pytest.raises(NotFound, match="category_unknown"):
        asked(category="castle")


def test_the_same_question_is_the_same_run_and_the_order_of_points_changes_nothing(street):
    points = drawn(300, 1100, 1900)
    kind = kind_named("siting")
    first = made_run(street.ctx, kind, asked(points=points))
    assert made_run(street.ctx, kind, asked(points=points[::-1]))["uid"] == first["uid"]
    assert kind.asked(**first["parameters"]).parameters() == first["parameters"]
    land(street, "A", 1100)
    assert made_run(street.ctx, kind, asked(points=points))["uid"] != first["uid"]


def test_what_is_told_is_rounded_and_few_are_withheld(street):
    street.homes(1500, residents_persons=3, age_65_79_persons=3)
    points = drawn(300, 1500, 1100)
    exact = ask(street, k=3, points=points)
    assert exact["sites"][2]["people"] == 3
    result = told(street, k=3, points=points)
    by_code = {site["code"]: site for site in result["sites"]}
    assert by_code["p1100"]["people"] == 80
    assert by_code["p1500"]["people"] is None
    assert by_code["p300"]["people"] is None, "else the few could be told from the sum"
    assert by_code["p1500"]["withheld"] is True
    assert result["people_rounded_to"] == 5
    for value in (*[site["people"] for site in result["sites"]], result["before"]["people_covered"]):
        assert value is None or value % 5 == 0
    assert "null" in json.dumps(by_code["p1500"]["people"])


def test_the_told_choice_rests_on_told_people_only(town):
    """Two buildings that are told alike: which has more people must not decide."""
    town.main_street()
    town.homes(200, residents_persons=12)
    town.homes(1200, residents_persons=8)
    points = drawn(200, 1200)
    assert ask(town, points=points)["sites"][0]["code"] == "p200"
    assert told(town, points=points)["sites"][0]["code"] == "p1200", "both are told as 10: the earlier code"
