from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.foundation.clock import fixed_clock, from_iso, local_date, system_clock, to_iso

MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))


def test_stored_moment_is_utc_with_milliseconds():
    beijing = timezone(timedelta(hours=8))
    assert to_iso(datetime(2026, 3, 1, 0, 30, 0, 1999, tzinfo=beijing)) == "2026-02-28T16:30:00.001Z"


@given(MOMENTS)
def test_stored_moment_reads_back_to_the_millisecond(moment):
    assert abs(from_iso(to_iso(moment)) - moment) < timedelta(milliseconds=1)


@given(MOMENTS, MOMENTS)
def test_stored_moments_sort_like_time(one, other):
    if one <= other:
        assert to_iso(one) <= to_iso(other)


def test_date_is_that_of_the_office():
    assert local_date(datetime(2026, 2, 28, 16, 0, tzinfo=UTC)) == date(2026, 3, 1)
    assert local_date(datetime(2026, 2, 28, 15, 59, tzinfo=UTC)) == date(2026, 2, 28)
    assert local_date(datetime(2026, 2, 28, 16, 0, tzinfo=UTC), "Europe/Lisbon") == date(2026, 2, 28)


def test_a_fixed_clock_stands_still_and_needs_a_zone():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    clock = fixed_clock(moment)
    assert clock() == clock() == moment
    with pytest.raises(ValueError, match="aware"):
        fixed_clock(datetime(2026, 1, 1))


def test_the_system_clock_is_aware():
    assert system_clock().tzinfo is UTC
