"""Masks and the last gate."""

import pytest

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import mask_name, mask_phone, masked, seen_by, without_masks
from geo_service.domain.rights import OwnPlaces
from geo_service.foundation.errors import Forbidden, NotFound

HERE = OwnPlaces(frozenset({"990101001"}), frozenset({"G1"}))
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


@pytest.mark.parametrize("role", ["anonymous", "resident", "planner", "unit"])
def test_households_are_for_nobody_without_the_right_to_them(role):
    with pytest.raises(Forbidden):
        seen_by(Actor("somebody", role), LAYERS["households"], HOME, HERE)


@pytest.mark.parametrize("role", ["grid_worker", "official"])
def test_households_elsewhere_are_not_there(role):
    with pytest.raises(NotFound):
        seen_by(Actor("somebody", role), LAYERS["households"], HOME | {"area_code": "990101002"}, HERE)
    with pytest.raises(NotFound):
        seen_by(Actor("somebody", role), LAYERS["households"], HOME, HERE)  # in no area: nobody's own
    assert seen_by(Actor("somebody", role), LAYERS["households"], HOME | {"grid_code": "G1"}, HERE)["phone"] == (
        "138****1234"
    )


def test_people_of_a_building_are_for_those_who_may_read_them_there():
    building = {"code": "B1", "area_code": "990101001", "residents_persons": 12, "age_0_2_persons": 1, "floors": 6}
    for role, told in (("resident", None), ("unit", None), ("planner", 10), ("grid_worker", 12), ("admin", 12)):
        shown = seen_by(Actor("somebody", role), LAYERS["buildings"], building, HERE)
        assert (shown["residents_persons"], shown["floors"]) == (told, 6), role
        assert (shown["age_0_2_persons"] is None) == (told != 12)
        elsewhere = seen_by(Actor("somebody", role), LAYERS["buildings"], building | {"area_code": "1"}, HERE)
        assert (elsewhere["residents_persons"] is None) == (role != "admin")


def test_names_are_masks_for_those_who_may_reveal_them_and_nothing_for_others():
    project = {"code": "P1", "area_code": "990101001", "responsible_person": "王五", "created_by": "zhang"}
    for role, name, editor in (
        ("anonymous", None, ""),
        ("resident", None, ""),
        ("unit", None, ""),
        ("planner", None, "zhang"),
        ("official", "王*", "zhang"),
        ("admin", "王*", "zhang"),
    ):
        shown = seen_by(Actor("somebody", role), LAYERS["projects"], project, HERE)
        assert (shown["responsible_person"], shown["created_by"]) == (name, editor), role


def test_who_reported_a_case_never_reaches_a_unit_not_even_by_a_right_to_cases():
    case = {"code": "C1", "area_code": "990101001", "reporter_name": "王五", "reporter_phone": "13812341234"}
    with pytest.raises(Forbidden):
        seen_by(Actor("somebody", "unit"), LAYERS["cases"], case, HERE)
    shown = seen_by(Actor("somebody", "planner"), LAYERS["cases"], case, HERE)
    assert (shown["reporter_name"], shown["reporter_phone"]) == (None, None)


def test_a_token_sees_no_more_than_its_scopes():
    actor = Actor("machine", "official", areas=("990101001",), scopes=frozenset({"read_published"}))
    building = {"code": "B1", "area_code": "990101001", "residents_persons": 12}
    assert seen_by(actor, LAYERS["buildings"], building, HERE)["residents_persons"] is None
    with pytest.raises(Forbidden):
        seen_by(actor, LAYERS["households"], HOME | {"area_code": "990101001"}, HERE)


def test_every_personal_field_of_every_layer_is_masked():
    for layer in LAYERS.values():
        row = {field.key: "王小明13812341234" for field in layer.fields if field.kind == "text"}
        shown = seen_by(LOCAL_ADMIN, layer, row)
        for field in layer.fields:
            if field.personal:
                assert "小明" not in shown[field.key], (layer.name, field.key)
                assert "13812341234" not in shown[field.key]


def test_a_mask_sent_back_is_no_change_but_a_name_is():
    layer, masks = LAYERS["households"], {"head_name": "李*", "phone": "138****1234"}
    sent = {"head_name": "李*", "phone": "138****1234", "room_no": "9"}
    assert without_masks(layer, masks, sent) == {"room_no": "9"}
    sent = {"head_name": "王五", "phone": None}
    assert without_masks(layer, masks, sent) == sent


def test_nobody_empties_a_name_that_was_not_shown():
    hidden = {"head_name": None, "phone": None}
    assert without_masks(LAYERS["households"], hidden, {"head_name": None, "room_no": "9"}) == {"room_no": "9"}


def test_a_guess_at_a_mask_that_was_not_shown_is_a_change_like_any_other():
    hidden = {"head_name": None, "phone": None}
    for guess in ("李*", "李四", "王五"):
        assert without_masks(LAYERS["households"], hidden, {"head_name": guess}) == {"head_name": guess}


def test_why_a_row_was_retired_is_for_those_who_may_write_it():
    row = {"code": "F1", "area_code": "990101001", "retired_at": "2026-01-05", "retired_reason": "张三丰搬走"}
    for role, told in (("anonymous", False), ("resident", False), ("unit", False), ("planner", True), ("admin", True)):
        shown = seen_by(Actor("somebody", role), LAYERS["facilities"], row, HERE)
        assert (shown["retired_reason"] is not None) == told, role
        assert shown["retired_at"] == "2026-01-05"
        elsewhere = seen_by(Actor("somebody", role), LAYERS["facilities"], row | {"area_code": "1"}, HERE)
        assert (elsewhere["retired_reason"] is not None) == (role == "admin")
