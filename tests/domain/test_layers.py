import re

import pytest

from geo_service.domain.fields import COMMON_COLUMNS
from geo_service.domain.layers import LAYERS, layer_named
from geo_service.domain.works import CASE_STATUSES, PROJECT_STATUSES
from geo_service.foundation.errors import NotFound

EVERY_FIELD = [
    pytest.param(layer, field, id=f"{layer.name}.{field.name}") for layer in LAYERS.values() for field in layer.fields
]


def test_everything_the_product_stores_has_a_layer():
    assert set(LAYERS) == set(
        "areas grids networks ways path_corrections barriers buildings households facilities entrances "
        "inventory_statements public_spaces green_spaces adoptions frontages gates projects cases photos verify_tasks "
        "checklist_findings".split()
    )


def test_an_unknown_layer_is_refused_and_the_known_ones_listed():
    with pytest.raises(NotFound) as caught:
        layer_named("roads")
    assert caught.value.code == "layer_unknown"
    assert "facilities" in caught.value.sentence("en")
    assert layer_named("facilities").noun == "facility"


def test_references_point_backwards():
    seen = set()
    for layer in LAYERS.values():
        for field in layer.fields:
            if field.kind == "reference":
                assert field.refers_to in seen | {layer.name}, f"{layer.name}.{field.name}"
        seen.add(layer.name)


@pytest.mark.parametrize(("layer", "field"), EVERY_FIELD)
def test_a_field_is_whole(layer, field):
    assert (field.kind == "choice") == bool(field.choices)
    assert (field.kind == "reference") == bool(field.refers_to)
    assert len(set(field.choices)) == len(field.choices)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", field.name)
    assert field.column not in COMMON_COLUMNS
    assert layer.field(field.name) is layer.field(field.key) is field
    if field.kind == "choice" and field.default is not None:
        assert field.default in field.choices
    if field.minimum is not None and field.maximum is not None:
        assert field.minimum <= field.maximum


@pytest.mark.parametrize("layer", LAYERS.values(), ids=str)
def test_a_layer_names_its_rows_and_its_fields_once(layer):
    assert layer.title_field == "code" or layer.field(layer.title_field)
    assert len({field.key for field in layer.fields}) == len(layer.fields)


@pytest.mark.parametrize("code", ["a", "n123456", "沿河路-12号", "A.1_2:3/4#5", "x" * 64])
def test_codes_that_are_taken(code):
    assert re.fullmatch(LAYERS["facilities"].code_pattern, code)


@pytest.mark.parametrize("code", ["", "a b", "x" * 65, "a\n", "=1+1", "a'b", 'a"b', "a;b"])
def test_codes_that_are_refused(code):
    assert not re.fullmatch(LAYERS["facilities"].code_pattern, code)


def test_personal_fields_are_marked():
    personal = {f"{layer.name}.{f.name}" for layer in LAYERS.values() for f in layer.fields if f.personal}
    assert personal == set(
        "grids.leader_name grids.worker_names households.head_name households.phone adoptions.adopter_name "
        "frontages.holder_name projects.responsible_person cases.reporter_name cases.reporter_phone".split()
    )
    assert {layer.name for layer in LAYERS.values() if layer.personal} == {"households", "photos"}


def test_statuses_of_projects_and_cases():
    assert PROJECT_STATUSES[:7] == ("proposed", "decided", "funded", "building", "accepted", "in_care", "closed")
    assert {"reported", "dispatched", "returned", "closed"} <= set(CASE_STATUSES)
