from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.facilities import CATEGORY_CODES, is_counted, is_verified

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("opening_state", "counted"), [("open", True), ("unknown", True), ("closed", False), ("planned", False)]
)
def test_closed_and_planned_facilities_never_count(opening_state, counted):
    assert is_counted(opening_state) is counted


@pytest.mark.parametrize(
    ("opening_state", "verification", "verified_on", "verified"),
    [
        ("open", "verified", date(2026, 5, 1), True),
        ("open", "verified", None, True),
        ("open", "unverified", date(2026, 5, 1), False),
        ("unknown", "verified", date(2026, 5, 1), False),
        ("open", "verified", TODAY - timedelta(days=365), True),
        ("open", "verified", TODAY - timedelta(days=366), False),
        ("open", "verified", TODAY + timedelta(days=1), True),
    ],
)
def test_when_a_facility_decides_coverage(opening_state, verification, verified_on, verified):
    assert is_verified(opening_state, verification, verified_on, 365, TODAY) is verified


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 2000), st.integers(0, 500))
def test_a_longer_term_never_unverifies(verified_on, term, more):
    if is_verified("open", "verified", verified_on, term, TODAY):
        assert is_verified("open", "verified", verified_on, term + more, TODAY)


def test_the_fixed_categories():
    assert len(CATEGORY_CODES) == len(set(CATEGORY_CODES)) == 29
