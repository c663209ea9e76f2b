"""Codes made up for new things."""

import pytest

from geo_service.domain.areas import AREAS
from geo_service.domain.layers import LAYERS
from geo_service.domain.new_codes import MARKS, Stem, next_code, stem_of
from geo_service.domain.values import checked_code

HERE = "110108001001"


@pytest.mark.parametrize(
    ("layer", "place", "values", "taken", "code"),
    [
        ("green_spaces", HERE, {}, [], f"{HERE}-GS0001"),
        ("green_spaces", HERE, {}, [f"{HERE}-GS0009", f"{HERE}-GS0003", "其他"], f"{HERE}-GS0010"),
        ("green_spaces", HERE, {}, [f"{HERE}-GS9999"], f"{HERE}-GS10000"),
        ("green_spaces", HERE, {}, [f"{HERE}-GS0002-x", f"{HERE}-GS٣"], f"{HERE}-GS0001"),
        ("green_spaces", None, {}, ["GS0001", f"{HERE}-GS0009"], "GS0002"),
        ("households", HERE, {"building_code": "B-7"}, ["B-7-H012"], "B-7-H013"),
        ("entrances", HERE, {"facility_code": "F1"}, [], "F1-E1"),
        ("grids", HERE, {}, [f"{HERE}G04", f"{HERE}007"], f"{HERE}G05"),
        ("grids", HERE, {"kind": "unit"}, [f"{HERE}G04", f"{HERE}007"], f"{HERE}008"),
        ("grids", HERE, {"kind": "unit"}, [f"{HERE}{n:03d}" for n in range(2, 1000)], f"{HERE}001"),
        ("grids", HERE, {"kind": "unit"}, [f"{HERE}{n:03d}" for n in range(1, 1000)], None),
        ("grids", HERE, {"kind": "department"}, [], f"{HERE}-GR0001"),
        ("grids", "110108001", {"kind": "unit"}, [], "110108001-GR0001"),
    ],
)
def test_the_next_code_of_a_kind_in_a_place(layer, place, values, taken, code):
    stem = stem_of(layer, place, values)
    assert isinstance(stem, Stem)
    assert next_code(stem, taken) == code
    if code is not None:
        assert checked_code(LAYERS[layer], code) == code


def test_every_layer_one_may_write_has_its_mark_but_areas():
    wanted = {name for name, layer in LAYERS.items() if layer.editable} - {AREAS.name}
    assert set(MARKS) == wanted
    assert len(set(MARKS.values())) == len(MARKS)
    assert stem_of(AREAS.name, HERE, {}) is None
