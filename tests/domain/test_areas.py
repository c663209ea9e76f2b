import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.areas import (
    AREAS,
    CODE_LENGTHS,
    LEVELS,
    level_of,
    nearest_level,
    next_area_code,
    next_grid_code,
    parent_prefixes,
)


@pytest.mark.parametrize(
    ("code", "level", "parents"),
    [
        ("9901", "city", ()),
        ("990101", "district", ("9901",)),
        ("990101001", "street", ("990101", "9901")),
        ("990101001001", "community", ("990101001", "990101", "9901")),
        ("990101001001Q01", "quarter", ("990101001001", "990101001", "990101", "9901")),
        ("990101001Q0001", "quarter", ("990101001", "990101", "9901")),
        ("990101Q01", "quarter", ("990101", "9901")),
    ],
)
def test_level_and_parents_by_the_form_of_a_code(code, level, parents):
    assert level_of(code) == level
    assert parent_prefixes(code) == parents
    assert re.fullmatch(AREAS.code_pattern, code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "99",
        "99010",
        "9901010",
        "abcd",
        "99010100100100",
        "990101001001Q",
        "990101001001Q1",
        "9901Q01",
        "９９０１",
        "¹234",
    ],
)
def test_other_forms_are_no_area_codes(code):
    assert level_of(code) is None


@given(st.text(alphabet="0123456789Q", max_size=20))
def test_a_code_has_a_level_exactly_if_the_layer_takes_it(code):
    assert (level_of(code) is not None) == bool(re.fullmatch(AREAS.code_pattern, code, flags=re.ASCII))


@pytest.mark.parametrize(
    ("wanted", "present", "reported"),
    [
        ("community", {"community", "street"}, "community"),
        ("community", {"street", "quarter"}, "quarter"),
        ("community", {"street", "district"}, "street"),
        ("community", {"district"}, "district"),
        ("city", {"quarter", "community"}, "community"),
        ("quarter", {"city"}, "city"),
        ("street", {"city", "quarter"}, "quarter"),
        ("street", set(), None),
    ],
)
def test_nearest_level_is_the_finer_one_on_a_tie(wanted, present, reported):
    assert nearest_level(wanted, frozenset(present)) == reported


@given(st.sampled_from(LEVELS), st.frozensets(st.sampled_from(LEVELS), min_size=1))
def test_nearest_level_is_one_that_is_there(wanted, present):
    assert nearest_level(wanted, present) in present


def test_every_length_names_a_level():
    assert set(CODE_LENGTHS.values()) <= set(LEVELS)


@pytest.mark.parametrize(
    ("find", "code", "taken", "found"),
    [
        (next_area_code, "990101001001Q01", {"990101001001Q02"}, "990101001001Q03"),
        (next_area_code, "990101001001", {"990101001002"}, "990101001003"),
        (next_area_code, "990101001999", {"990101001001"}, "990101001002"),
        (next_area_code, "990101001", (), "990101002"),
        (next_area_code, "990199", {f"9901{n:02d}" for n in range(100)}, None),
        (next_area_code, "9901", (), None),
        (next_grid_code, "990101001001G09", (), "990101001001G10"),
        (next_grid_code, "990101001001003", {"990101001001004"}, "990101001001005"),
        (next_grid_code, "990101001001", (), None),
        (next_grid_code, "网格甲", (), None),
    ],
)
def test_the_next_code_is_free_and_under_the_same_parent(find, code, taken, found):
    assert find(code, {code, *taken}) == found
    if found is not None and find is next_area_code:
        assert (level_of(found), parent_prefixes(found)) == (level_of(code), parent_prefixes(code))
