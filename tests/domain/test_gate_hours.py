"""Hours of gates as offices write them."""

import pytest

from geo_service.domain.gate_hours import is_open, time_of_day
from geo_service.foundation.errors import InvalidInput


@pytest.mark.parametrize(
    ("hours", "at", "said"),
    [
        (None, "03:00", True),
        (" ", "03:00", True),
        ("24/7", "03:00", True),
        ("全天", "03:00", True),
        ("06:00-22:00", "06:00", True),
        ("06:00-22:00", "21:59", True),
        ("06:00-22:00", "22:00", False),
        ("6:00 – 22:00", "05:59", False),
        ("06：00—24：00", "23:59", True),
        ("00:00-24:00", "00:00", True),
        ("06:00-09:00, 17:00-19:00", "12:00", False),
        ("06:00-09:00；17:00-19:00", "18:00", True),
        ("22:00-05:00", "23:30", True),
        ("22:00-05:00", "04:59", True),
        ("22:00-05:00", "05:00", False),
        ("每日6时至22时", "23:00", False),
        ("每天：6点30分到22点", "06:30", True),
        ("Mo-Su 06:00-22:00", "23:00", False),
        ("Mo-Fr 06:00-22:00", "23:00", None),
        ("06:00-22:00; Su off", "23:00", None),
        ("早晚开放", "23:00", None),
        ("6-22", "23:00", None),
        ("06:00-06:00", "23:00", None),
        ("06:70-22:00", "23:00", None),
        ("06:00-25:00", "23:00", None),
        ("٠٦:٠٠-٢٢:٠٠", "23:00", None),
    ],
)
def test_a_gate_is_open_shut_or_its_hours_cannot_be_read(hours, at, said):
    assert is_open(hours, at) is said


@pytest.mark.parametrize(("given", "kept"), [(None, None), ("7:05", "07:05"), (" 23:59 ", "23:59"), ("00:00", "00:00")])
def test_a_time_of_day_has_one_form(given, kept):
    assert time_of_day(given) == kept


@pytest.mark.parametrize("given", ["", "24:00", "7", "07:60", "07:00:00", "٠٧:٠٠", "-1:00"])
def test_other_times_are_refused(given):
    with pytest.raises(InvalidInput, match="time_of_day"):
        time_of_day(given)
