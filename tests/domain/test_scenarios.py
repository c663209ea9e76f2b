import pytest

from geo_service.domain.scenarios import checked_edits
from geo_service.foundation.errors import InvalidInput

HERE = [120.0, 30.0]


@pytest.mark.parametrize("capacity", [1e308, 5e-324, 0.0009, 1_000_001, 10**400, -3, float("nan"), float("inf"), True])
def test_a_capacity_that_is_none_is_refused(capacity):
    for edit in (
        {"edit": "facility_resize", "facility": "f1", "capacity": capacity},
        {"edit": "facility_add", "category": "kindergarten", "position": HERE, "capacity": capacity},
    ):
        with pytest.raises(InvalidInput, match="scenario_field_value"):
            checked_edits([edit])


@pytest.mark.parametrize("capacity", [0, 0.0, -0.0])
def test_a_capacity_of_0_is_no_missing_one_the_facility_is_to_be_closed(capacity):
    for edit in (
        {"edit": "facility_resize", "facility": "f1", "capacity": capacity},
        {"edit": "facility_add", "category": "kindergarten", "position": HERE, "capacity": capacity},
    ):
        with pytest.raises(InvalidInput, match="scenario_capacity_zero"):
            checked_edits([edit])


@pytest.mark.parametrize("capacity", [0.001, 1, 270.5, 1_000_000])
def test_a_capacity_that_may_be_supposed(capacity):
    (edit,) = checked_edits([{"edit": "facility_resize", "facility": "f1", "capacity": capacity}])
    assert edit.capacity == capacity


@pytest.mark.parametrize("people", [10**400, 1_000_001, 1.5, float("inf")])
def test_people_that_cannot_be_are_refused(people):
    with pytest.raises(InvalidInput, match="scenario_field_value"):
        checked_edits([{"edit": "homes_add", "position": HERE, "residents": people}])
    with pytest.raises(InvalidInput, match="scenario_field_value"):
        checked_edits([{"edit": "homes_add", "position": HERE, "residents": 5, "people": {"3_5": people}}])
