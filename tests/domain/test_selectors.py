"""Selectors mean the tags they say and no others."""

import pytest

from geo_service.domain.reference import categories
from geo_service.domain.selectors import exact_keys, selector_matches


@pytest.mark.parametrize(
    ("selector", "tags", "means"),
    [
        ({"a": ["x", "y"]}, {"a": "y"}, True),
        ({"a": ["x"]}, {"a": "y"}, False),
        ({"a": ["x"], "b": ["z"]}, {"a": "x"}, False),
        ({"a": None}, {}, True),
        ({"a": None}, {"a": "x"}, False),
        ({"a": [None, "no"]}, {}, True),
        ({"a": [None, "no"]}, {"a": "no"}, True),
        ({"a": [None, "no"]}, {"a": "yes"}, False),
        ({"a": ["*"]}, {"a": "anything"}, True),
        ({"a": ["*"]}, {}, False),
        ({"ref~": ["^A"]}, {"ref": "a1"}, True),
        ({"ref~": ["^A"]}, {}, False),
        ({"name~": ["中学"]}, {"name:zh": "第一中学"}, True),
        ({"name!~": ["中学"]}, {"name": "第一中学"}, False),
        ({"name!~": ["中学"]}, {}, True),
    ],
)
def test_a_selector(selector, tags, means):
    assert selector_matches(selector, tags) is means


def test_the_keys_an_object_must_carry_one_of():
    selectors = [{"a": ["x"], "b": None, "c": [None, "no"], "name~": ["q"]}, {"d": ["*"]}]
    assert exact_keys(selectors) == {"a", "d"}


def test_every_category_selector_has_an_exact_key():
    for category in categories().values():
        for selector in category.osm:
            assert exact_keys([selector]), category.code
