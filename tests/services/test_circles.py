"""Service circles, and why a home is in its state."""

import json

import geopandas as gpd
import pytest
from shapely.geometry import Point, box, shape

from geo_service.foundation.errors import InvalidInput, NotFound, TooMuch
from geo_service.services.circle_question import CirclesQuestion
from geo_service.services.circles import service_circles
from geo_service.services.explain import explain
from geo_service.services.results import write_circles


def ask(town, **more):
    with town.store.reading() as conn:
        return service_circles(conn, town.ctx, **more)


def of_kind(result, kind):
    return {f["properties"].get("limit_m"): f for f in result["features"] if f["properties"]["kind"] == kind}


def test_several_limits_in_one_go(town):
    town.main_street()
    town.homes(0, 400, 900, residents_persons=7)
    result = ask(town, points=[town.at(0, 30)], minutes=[5, 10, 15])
    circle = of_kind(result, "circle")
    assert list(circle) == pytest.approx([1000, 666.67, 333.33])
    numbers = {round(m): (f["properties"]["buildings"], f["properties"]["people"]) for m, f in circle.items()}
    assert numbers == {333: (1, 7), 667: (2, 14), 1000: (3, 21)}
    assert circle[1000.0]["properties"]["overstates_share"] > 1
    assert len(of_kind(result, "paper")) == len(of_kind(result, "streets")) == 3
    snap = next(f for f in result["features"] if f["properties"]["kind"] == "snap")
    assert snap["properties"]["leg_m"] == pytest.approx(30, abs=0.05)
    assert shape(circle[1000.0]["geometry"]).contains(shape(circle[333.33]["geometry"]).buffer(-1e-6))


def test_a_facility_starts_at_its_entrances_else_at_its_centre(town):
    town.main_street()
    town.homes(60, 500, 940, residents_persons=7)
    ground = box(*town.at(300, -60), *town.at(700, 0))
    town.put("facilities", [{"code": "park", "category": "park", "geometry": ground}])
    alone = ask(town, facilities=["park"], circles=[5])
    assert alone["starts"] == [pytest.approx(town.at(500, -30), abs=1e-6)]
    assert of_kind(alone, "circle")[300.0]["properties"]["people"] == 7
    doors = [{"code": f"d{east}", "facility_code": "park", "geometry": Point(town.at(east, 0))} for east in (300, 700)]
    town.put("entrances", doors)
    found = ask(town, facilities=["park", "park"], circles=[5])
    assert found["parameters"]["facilities"] == ["park"]
    assert found["starts"] == [pytest.approx(town.at(east, 0), abs=1e-6) for east in (300, 700)]
    assert of_kind(found, "circle")[300.0]["properties"]["people"] == 21
    assert sum(f["properties"]["kind"] == "snap" for f in found["features"]) == 2
    same = ask(town, points=[town.at(300, 0), town.at(700, 0)], circles=[5])
    assert [f["properties"] for f in same["features"]] == [f["properties"] for f in found["features"]]
    with pytest.raises(NotFound, match="row_unknown"):
        ask(town, facilities=["park", "nowhere"])


def test_by_age_there_is_a_circle_for_each_way_of_walking(town):
    town.main_street()
    town.homes(0, 450, 550, 620, residents_persons=7)
    result = ask(town, points=[town.at(0, 0)], minutes=[10], profile="by_age")
    drawn = {f["properties"]["profile"]: f["properties"] for f in of_kind(result, "circle").values()}
    limits = {code: (one["limit_m"], one["people"]) for code, one in drawn.items()}
    assert limits == {"standard": (666.67, 28), "child": (583.33, 21), "elder": (500.0, 14)}
    assert drawn["elder"]["bands"] == ["65_79", "80_plus"]
    assert sum(f["properties"]["kind"] == "snap" for f in result["features"]) == 1
    assert [one["profile"] for one in result["parameters"]["walkers"]] == ["standard", "child", "elder"]
    same = ask(town, points=[town.at(0, 0)], circles=[10], profile="by_age")
    (only,) = of_kind(same, "circle").values()
    assert (only["properties"]["limit_m"], len(only["properties"]["bands"])) == (500.0, 8)


def test_inside_means_the_own_walk_not_the_drawn_polygon(town):
    town.main_street()
    town.homes(280, north_m=24.0)  # inside the drawn 25 m strip, but 310 m away on foot
    result = ask(town, points=[town.at(0, 6)], circles=[5])
    properties = of_kind(result, "circle")[300.0]["properties"]
    assert (properties["buildings"], properties["people"]) == (0, None)


def people_of(result):
    return {
        round(limit): tuple(
            f["properties"][name] for name in ("people", "people_basis", "buildings", "buildings_without_people")
        )
        for limit, f in of_kind(result, "circle").items()
    }


def test_people_not_known_are_not_nobody(town):
    town.main_street()
    town.homes(0, 50, 100)
    town.homes(400, residents_persons=50, people_basis="register")
    town.homes(800, residents_persons=9, people_basis="estimate")
    found = people_of(ask(town, points=[town.at(0, 0)], circles=[5, 10, 15]))
    assert found == {
        300: (None, "no_data", 3, 3),
        500: (50, "register", 4, 3),
        1000: (59, "estimate", 5, 3),
    }
    found = people_of(ask(town, points=[town.at(2000, 0)], circles=[5]))
    assert found == {300: (0, "no_data", 0, 0)}, "where no building is, nobody lives"


def test_only_public_facilities_start_a_circle_and_the_others_are_counted(town):
    town.main_street()
    town.homes(0)
    town.community("990001001001", -200, 2200)
    town.facility("f1", 100)
    town.facility("f2", 700, admits="quarter", admits_area_code="990001001001")
    town.facility("f3", 1300, admits="unit")
    town.facility("f4", 1900, verification="unverified")
    result = ask(town, category="supermarket", circles=[5])
    assert sum(f["properties"]["kind"] == "snap" for f in result["features"]) == 1
    assert {note["key"]: note["facts"] for note in result["notes"]} == {
        "note.circles_public_only": {"count": 2},
        "note.circles_verified_only": {"count": 1},
    }
    town.facility("f1", 100, admits="age_band", admits_bands=["3_5"])
    assert "note.circles_all_ages" in {n["key"] for n in ask(town, category="supermarket", circles=[5])["notes"]}


def test_a_geopackage_of_circles_says_what_it_rests_on(town, tmp_path):
    town.main_street()
    town.homes(0, residents_persons=9, people_basis="estimate")
    result = ask(town, points=[town.at(0, 0)], circles=[5])
    write_circles(town.ctx, tmp_path / "c.gpkg", result)
    about = gpd.read_file(tmp_path / "c.gpkg", layer="about").iloc[0]
    assert about["people_basis"] == "estimate"
    assert about["attribution"] == "; ".join(result["attribution"])
    assert json.loads(about["parameters"]) == result["parameters"]
    circle = gpd.read_file(tmp_path / "c.gpkg", layer="circle").iloc[0]
    assert (circle["people"], circle["people_basis"], circle["buildings_without_people"]) == (9, "estimate", 0)


def test_circles_of_a_category(town):
    town.main_street()
    town.homes(0, 1900)
    town.facility("f1", 100)
    town.facility("f2", 1800)
    town.facility("f3", 1000, verification="unverified")
    result = ask(town, category="supermarket", circles=[5])
    assert of_kind(result, "circle")[300.0]["properties"]["buildings"] == 2
    assert sum(f["properties"]["kind"] == "snap" for f in result["features"]) == 2
    with pytest.raises(NotFound, match="no_facilities"):
        ask(town, category="metro", circles=[5])


def test_a_point_without_a_street(town):
    town.main_street()
    result = ask(town, points=[town.at(0, 900)], circles=[5])
    assert of_kind(result, "circle")[300.0]["properties"]["area_m2"] == 0
    assert of_kind(result, "circle")[300.0]["properties"]["overstates_share"] is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "circles_where"),
        ({"points": [(116, 40)], "category": "toilet"}, "circles_where"),
        ({"points": [(40, 116)]}, "lonlat_swapped"),
        ({"points": [(400, 40)]}, "lonlat_out_of_range"),
        ({"points": [(float("nan"), 40)]}, "lonlat_out_of_range"),
        ({"points": [(116, 40)], "circles": [5], "minutes": [5]}, "limit_twice"),
        ({"points": [(116, 40)], "minutes": [0]}, "minutes_out_of_range"),
        ({"points": [(116, 40)], "circles": [6]}, "circle_unknown"),
        ({"points": [(116, 40)] * 2000}, "circles_too_many"),
        ({"points": [(116, 40)], "minutes": list(range(1, 30))}, "circles_too_many"),
    ],
)
def test_wrong_questions(asked, code):
    with pytest.raises((InvalidInput, TooMuch), match=code):
        CirclesQuestion.asked(**asked)


def why(town, **more):
    with town.store.reading() as conn:
        return explain(conn, town.ctx, **{"building": "h0", "category": "supermarket", **more})


def test_explain_says_which_facility_and_how_one_walks(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 700, name="超市")
    assert why(town)["limit"]["metres"] == 500
    found = why(town, circle=15)
    assert (found["state"], found["reason"]) == ("covered", None)
    assert found["metres"] == pytest.approx(740, rel=1e-3)
    assert (found["facility"]["code"], found["facility"]["name"]) == ("f1", "超市")
    assert found["snap"]["leg_m"] == pytest.approx(20, abs=0.05)
    line = shape(found["route"])
    assert line.coords[0] == pytest.approx(town.at(0, 20), abs=1e-7)
    assert line.coords[-1] == pytest.approx(town.at(700, -20), abs=1e-7)
    assert found["limit"] == {"kind": "distance", "metres": 1000.0, "minutes": 15.0}


def test_explain_names_the_unverified_facility_that_would_decide(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 1500)
    town.facility("f2", 300, verification="unverified")
    found = why(town)
    assert (found["state"], found["reason"], found["facility"]["code"]) == ("unknown", "facility_unverified", "f2")
    assert found["metres"] == pytest.approx(340, rel=1e-3)
    assert found["facility"]["verified"] is False


def test_explain_without_any_facility_or_street(town):
    town.main_street()
    town.homes(0)
    found = why(town)
    assert (found["state"], found["metres"], found["facility"], found["route"]) == ("not_covered", None, None, None)
    town.homes(0, north_m=500.0)
    found = why(town)
    assert (found["state"], found["reason"], found["snap"]) == ("unknown", "not_snapped", None)


def test_explain_wrong_questions(town):
    town.main_street()
    town.homes(0)
    with pytest.raises(NotFound, match="row_unknown"):
        why(town, building="nope")
    with pytest.raises(NotFound, match="category_unknown"):
        why(town, category="pub")
    with pytest.raises(InvalidInput, match="limit_twice"):
        why(town, circle=5, minutes=5)
