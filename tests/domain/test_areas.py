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
    next_quarter_code,
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


def test_the_next_quarter_has_the_first_number_that_is_free():
    taken = {"990101001001Q01", "990101001001Q02"}
    assert next_quarter_code("990101001001Q01", taken) == "990101001001Q03"
    assert next_quarter_code("990101001001", taken) is None
