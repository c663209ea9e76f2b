"""Masks and the last gate."""

import pytest

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import mask_name, mask_phone, masked, seen_by, without_masks
from geo_service.foundation.errors import Forbidden

HOME = {"code": "H1", "head_name": "李四", "phone": "13812341234", "room_no": "101"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳娜娜", "欧**"),
        ("张", "张*"),
        ("张三、李四", "张*、李*"),
        ("Ann Lee", "A** L**"),
    ],
)
def test_names_keep_their_first_character(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812341234", "138****1234"), ("+86 138-1234-1234", "861****1234"), ("12345", "****"), ("x", "****")],
)
def test_phones_lose_their_middle(phone, shown):
    assert mask_phone(phone) == shown


def test_nothing_stays_nothing():
    assert masked("head_name", None) is None
    assert masked("phone", "") == ""


def test_rows_leave_masked_and_without_bytes():
    shown = seen_by(LOCAL_ADMIN, LAYERS["households"], HOME)
    assert (shown["head_name"], shown["phone"], shown["room_no"]) == ("李*", "138****1234", "101")
    assert HOME["head_name"] == "李四"
    assert "node_ids" not in seen_by(LOCAL_ADMIN, LAYERS["ways"], {"code": "w1", "node_ids": b"12345678"})


def test_personal_layers_are_for_admins_only():
    for role in ("resident", "grid_worker", "planner", "official", "unit"):
        with pytest.raises(Forbidden):
            seen_by(Actor("somebody", role), LAYERS["households"], HOME)


def test_every_personal_field_of_every_layer_is_masked():
    for layer in LAYERS.values():
        row = {field.key: "王小明13812341234" for field in layer.fields if field.kind == "text"}
        shown = seen_by(LOCAL_ADMIN, layer, row)
        for field in layer.fields:
            if field.personal:
                assert "小明" not in shown[field.key], (layer.name, field.key)
                assert "13812341234" not in shown[field.key]


def test_a_mask_sent_back_is_no_change_but_a_name_is():
    layer = LAYERS["households"]
    assert without_masks(layer, HOME, {"head_name": "李*", "phone": "138****1234", "room_no": "9"}) == {"room_no": "9"}
    assert without_masks(layer, HOME, {"head_name": "王五", "phone": None}) == {"head_name": "王五", "phone": None}
