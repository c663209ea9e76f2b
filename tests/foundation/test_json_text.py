"""JSON of values with parts that are JSON already."""

import json

import pytest

from geo_service.foundation.json_text import RawJson, json_text


def test_parts_stand_where_they_belong():
    value = {"b": [RawJson('{"x":1}'), "文", RawJson("[1.50]")], "a": RawJson("null")}
    assert json_text(value) == '{"b":[{"x":1},"文",[1.50]],"a":null}'
    assert json_text(value, sort_keys=True) == '{"a":null,"b":[{"x":1},"文",[1.50]]}'


def test_without_parts_it_is_plain_json():
    value = {"b": 1.5, "a": [None, True, "\n"]}
    assert json_text(value, sort_keys=True) == json.dumps(value, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize(("value", "error"), [(float("nan"), ValueError), (object(), TypeError)])
def test_what_json_does_not_know_is_refused(value, error):
    with pytest.raises(error):
        json_text({"a": [value]})
