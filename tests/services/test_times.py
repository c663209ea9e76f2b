"""Walks checked by hand: distances along a straight street, and every state with its reason."""

from datetime import timedelta

import numpy as np
import pytest
from shapely.geometry import Point

from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services.times import times


def ask(town, category="supermarket", **more):
    with town.store.reading() as conn:
        found = times(conn, town.ctx, category=category, **more)
    return dict(zip(found.id, found.rows(), strict=True))


def state(row):
    return row[3], row[4]


def test_distance_is_leg_plus_street_plus_leg(town):
    town.main_street()
    town.homes(0, 250, 1990)
    town.facility("f1", 700)
    found = ask(town)
    assert found["h0"][1] == pytest.approx(20 + 700 + 20, rel=1e-4)
    assert found["h250"][1] == pytest.approx(20 + 450 + 20, rel=1e-4)
    assert found["h1990"][1] == pytest.approx(20 + 1290 + 20, rel=1e-4)
    assert [row[5] for row in found.values()] == ["f1"] * 3
    assert found["h0"][6] == pytest.approx(20, abs=0.05)
    assert state(found["h0"]) == ("covered", "")
    assert state(found["h1990"]) == ("not_covered", "")
    assert found["h0"][2] == pytest.approx(740 / (4 / 3.6), rel=1e-3)


def test_two_on_the_same_edge_walk_directly(town):
    town.streets([[(0.0, 0.0), (2000.0, 0.0)]])
    town.homes(900)
    town.facility("f1", 1100)
    assert ask(town)["h900"][1] == pytest.approx(240, rel=1e-4)


def test_limit_decides_the_state_only_and_the_limit_itself_is_inside(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 700)
    metres = ask(town)["h0"][1]
    with town.store.reading() as conn:
        exact = float(times(conn, town.ctx, category="supermarket").metres[0])
    assert state(ask(town, limit_m=exact)["h0"]) == ("covered", "")
    assert state(ask(town, limit_m=exact - 0.01)["h0"]) == ("not_covered", "")
    assert ask(town, limit_m=100)["h0"][1] == metres


def test_profiles_change_seconds_and_steps(town):
    town.streets(
        [[(0.0, 0.0), (400.0, 0.0), (800.0, 0.0)], [(0.0, 0.0), (0.0, 300.0), (800.0, 300.0), (800.0, 0.0)]],
        highways=["steps", "residential"],
    )
    town.homes(0, north_m=150.0)
    town.facility("f1", 800, 150.0)
    plain, wheels = ask(town)["h0"], ask(town, profile="wheelchair")["h0"]
    assert plain[1] == pytest.approx(1100, rel=1e-3)
    assert plain[2] == pytest.approx(plain[1] * 3.6 / 4, abs=0.02)
    assert wheels[1] == pytest.approx(1100, rel=1e-3)
    assert ask(town, profile="elder")["h0"][2] == pytest.approx(plain[1] * 3.6 / 3, abs=0.02)
    town.facility("f2", 500, 20.0)  # only the steps lead there, and nobody steps onto steps from beside them
    assert ask(town, profile="wheelchair")["h0"][1] == pytest.approx(wheels[1], rel=1e-6)


def test_home_without_a_street_is_unknown(town):
    town.main_street()
    town.homes(100, north_m=260.0)
    town.facility("f1", 100)
    row = ask(town)["h100"]
    assert row[1:] == [None, None, "unknown", "not_snapped", None, None]


def test_unverified_facility_makes_unknown_and_its_distance_is_shown(town):
    town.main_street()
    town.homes(0, 1500)
    town.facility("f1", 100, verification="unverified")
    found = ask(town)
    assert state(found["h0"]) == ("unknown", "facility_unverified")
    assert found["h0"][1] == pytest.approx(140, rel=1e-3)
    assert found["h0"][5] == "f1"
    assert state(found["h1500"]) == ("not_covered", "")
    town.facility("f2", 1200)
    found = ask(town)
    assert found["h0"][1] == pytest.approx(1240, rel=1e-3), "a verified one is reachable: that is the distance"
    assert state(found["h0"]) == ("unknown", "facility_unverified")
    assert state(found["h1500"]) == ("covered", "")


@pytest.mark.parametrize(("opening", "expected"), [("closed", "not_covered"), ("planned", "not_covered")])
def test_closed_facilities_do_not_count(town, opening, expected):
    town.main_street()
    town.homes(0)
    town.facility("f1", 100, opening_state=opening)
    assert ask(town)["h0"][1:6] == [None, None, expected, "", None]


def test_opening_unknown_counts_as_unverified(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 100, opening_state="unknown")
    assert state(ask(town)["h0"]) == ("unknown", "facility_unverified")


def test_verification_expires(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 100, verified_on="2026-01-01")
    assert state(ask(town)["h0"]) == ("covered", "")
    town.moment += timedelta(days=365)
    assert state(ask(town)["h0"]) == ("unknown", "facility_unverified")


def test_facility_without_a_street_near_by_air(town):
    town.main_street()
    town.homes(0, 1900)
    town.facility("f1", 100, 400.0)
    found = ask(town)
    assert state(found["h0"]) == ("unknown", "facility_not_snapped")
    assert state(found["h1900"]) == ("not_covered", "")


def test_end_of_the_extent_makes_unknown_unless_it_is_closed(town):
    town.main_street(extent=(-600, -3000, 5000, 3000))
    town.homes(0, 800)
    found = ask(town)
    assert state(found["h0"]) == ("unknown", "edge")
    assert state(found["h800"]) == ("not_covered", "")
    assert state(ask(town, limit_m=590)["h0"]) == ("not_covered", "")
    town.main_street(extent=(-600, -3000, 5000, 3000), closed=True)
    assert state(ask(town)["h0"]) == ("not_covered", "")


def test_covered_near_the_end_of_the_extent_stays_covered(town):
    town.main_street(extent=(-50, -3000, 5000, 3000))
    town.homes(0)
    town.facility("f1", 600)
    assert state(ask(town)["h0"]) == ("covered", "")


def test_entrances_count_instead_of_the_centroid(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 1000)
    entrances = [{"code": "e1", "facility_code": "f1", "geometry": None}, {"code": "e2", "facility_code": "f1"}]
    entrances[0]["geometry"], entrances[1]["geometry"] = Point(town.at(300, -20)), Point(town.at(1500, -20))
    town.put("entrances", entrances)
    row = ask(town)["h0"]
    assert row[1] == pytest.approx(340, rel=1e-3)
    assert row[5] == "f1"


def test_facilities_cover_only_whom_they_admit(town):
    town.main_street()
    town.community("990001001001", -100, 450)
    town.community("990001001002", 450, 2100)
    town.homes(0, 900)
    town.facility("f1", 400, admits="quarter", admits_area_code="990001001001")
    found = ask(town)
    assert state(found["h0"]) == ("covered", "")
    assert state(found["h900"]) == ("not_covered", "")
    town.facility("f1", 400, admits="unit", admits_area_code=None)
    assert {state(row) for row in ask(town).values()} == {("not_covered", "")}


def test_points_of_ones_own_inside_an_area_or_not(town):
    town.main_street()
    town.facility("f1", 700)
    places = np.array([town.at(0, 20), town.at(-4000, 20), town.at(-9000, 20)])
    with town.store.reading() as conn:
        found = times(conn, town.ctx, category="supermarket", points=(["007", "x", "1.50"], places[:, 0], places[:, 1]))
    assert list(found.id) == ["007", "x", "1.50"]
    assert found.metres[0] == pytest.approx(740, rel=1e-3)
    assert found.state == ["covered", "unknown", "unknown"]
    assert found.reason[1:] == ["not_snapped", "not_snapped"]


def test_wrong_questions(town):
    with pytest.raises(InvalidInput, match="no_network"):
        ask(town)
    town.main_street()
    with pytest.raises(InvalidInput, match="no_homes"):
        ask(town)
    town.homes(0)
    with pytest.raises(NotFound, match="category_unknown"):
        ask(town, category="pub")
    with pytest.raises(NotFound, match="profile_unknown"):
        ask(town, profile="bird")
    for limit in (0, -5, float("nan"), 1e9):
        with pytest.raises(InvalidInput, match="limit_out_of_range"):
            ask(town, limit_m=limit)
    assert ask(town)["h0"][1:6] == [None, None, "not_covered", "", None]
