import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain import reference
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.reference import (
    categories,
    category_named,
    circles,
    limit_of,
    profile_named,
    profiles,
)
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.foundation.resources import reference as document


def test_every_fixed_category_is_described_in_both_languages():
    assert tuple(categories()) == CATEGORY_CODES
    for category in categories().values():
        assert category.label["zh"]
        assert category.label["en"]
        assert category.osm, category.code
        assert category.verification_term_days > 0
        assert category.default_circle in circles()
        assert category.checklist_item is None or re.fullmatch(r"CRC-(0[1-9]|1\d|20)", category.checklist_item)


def test_the_living_circles_are_distances():
    assert dict(circles()) == {5: 300.0, 10: 500.0, 15: 1000.0}


@pytest.mark.parametrize(
    ("code", "km_h", "step_free"),
    [
        ("standard", 4.0, False),
        ("elder", 3.0, False),
        ("child", 3.5, False),
        ("fast", 5.0, False),
        ("wheelchair", 3.0, True),
    ],
)
def test_profiles(code, km_h, step_free):
    profile = profile_named(code)
    assert profile.speed_m_s * 3600 == pytest.approx(km_h * 1000)
    assert profile.step_free is step_free
    assert len(profiles()) == 5


@pytest.mark.parametrize(
    ("code", "tags", "matches"),
    [
        ("supermarket", {"shop": "supermarket"}, True),
        ("supermarket", {"shop": "convenience"}, False),
        ("convenience", {"shop": "convenience"}, True),
        ("bus_stop", {"highway": "bus_stop"}, True),
        ("bus_stop", {"public_transport": "platform", "bus": "yes"}, True),
        ("bus_stop", {"public_transport": "platform", "tram": "yes"}, False),
        ("primary_school", {"amenity": "school"}, True),
        ("primary_school", {"amenity": "school", "isced:level": "1"}, True),
        ("primary_school", {"amenity": "school", "isced:level": "3"}, False),
        ("middle_school", {"amenity": "school", "isced:level": "2;3"}, True),
        ("middle_school", {"amenity": "school"}, False),
        ("metro", {"railway": "station", "station": "subway"}, True),
        ("metro", {"railway": "station"}, False),
        ("park", {}, False),
    ],
)
def test_categories_by_openstreetmap_tags(code, tags, matches):
    assert category_named(code).matches(tags) is matches


@pytest.mark.parametrize(("find", "code"), [(category_named, "category_unknown"), (profile_named, "profile_unknown")])
def test_unknown_names_are_refused_and_the_known_ones_listed(find, code):
    with pytest.raises(NotFound) as caught:
        find("no_such_thing")
    assert caught.value.code == code
    for lang in ("zh", "en"):
        assert "no_such_thing" in caught.value.sentence(lang)
        assert str(caught.value.facts["known"]) in caught.value.sentence(lang)


def test_limits():
    standard, elder = profile_named("standard"), profile_named("elder")
    assert limit_of(standard) == limit_of(elder, circle=15)
    assert (limit_of(elder, circle=5).kind, limit_of(elder, circle=5).metres) == ("distance", 300.0)
    assert limit_of(elder, circle=15, strict=True) == limit_of(elder, strict=True)
    assert (limit_of(elder, strict=True).kind, limit_of(elder, strict=True).metres) == ("distance", 800.0)
    by_time = limit_of(elder, minutes=10)
    assert (by_time.kind, by_time.metres, by_time.minutes) == ("time", 500.0, 10)


@given(st.floats(0.01, 120), st.sampled_from(sorted(profiles())))
def test_a_time_limit_is_the_distance_walked_in_it(minutes, code):
    profile = profile_named(code)
    metres = limit_of(profile, minutes=minutes).metres
    assert metres == pytest.approx(minutes * 60 * profile.speed_m_s, abs=0.0051)
    assert metres == round(metres, 2), "told as it decides"


def test_by_age_where_it_is_not_offered_is_told_so():
    with pytest.raises(InvalidInput, match="profile_by_age") as refused:
        profile_named("by_age")
    assert "standard" in refused.value.sentence("en")


@pytest.mark.parametrize(
    ("given_limits", "code"),
    [
        ({"circle": 15, "minutes": 10}, "limit_twice"),
        ({"circle": 7}, "circle_unknown"),
        ({"circle": 0}, "circle_unknown"),
        ({"circle": 5, "strict": True}, "strict_without_circle"),
        ({"minutes": 10, "strict": True}, "strict_without_circle"),
        ({"minutes": 0}, "minutes_out_of_range"),
        ({"minutes": -5}, "minutes_out_of_range"),
        ({"minutes": 120.5}, "minutes_out_of_range"),
        ({"minutes": float("nan")}, "minutes_out_of_range"),
    ],
)
def test_wrong_limits_are_refused(given_limits, code):
    with pytest.raises(InvalidInput) as caught:
        limit_of(profile_named("standard"), **given_limits)
    assert caught.value.code == code


def test_standards_map_onto_our_categories():
    mapping = document("standard_categories")
    used = set()
    for ident, entry in mapping["standards"].items():
        if entry["categories"] is None:
            assert entry["reason"] in mapping["reasons"], ident
            used.add(entry["reason"])
            continue
        assert entry["categories"], ident
        assert set(entry["categories"]) <= set(CATEGORY_CODES), ident
        item = re.fullmatch(r"(CRC-\d\d)[AB]?", ident)
        if item:
            assert {reference.category_named(c).checklist_item for c in entry["categories"]} == {item[1]}, ident
    assert used == set(mapping["reasons"])
    assert all(reason["zh"] and reason["en"] for reason in mapping["reasons"].values())


def test_every_row_of_the_standards_table_is_mapped(shared_data):
    rows = json.loads((shared_data.parent / "standards.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in rows] == list(document("standard_categories")["standards"])
