import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.bands import BAND_FIELDS, BANDS, band_of


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "0_2"),
        (2, "0_2"),
        (3, "3_5"),
        (5, "3_5"),
        (6, "6_11"),
        (11, "6_11"),
        (12, "12_14"),
        (14, "12_14"),
        (15, "15_59"),
        (59, "15_59"),
        (60, "60_64"),
        (64, "60_64"),
        (65, "65_79"),
        (79, "65_79"),
        (80, "80_plus"),
        (112, "80_plus"),
    ],
)
def test_band_of_an_age(age, band):
    assert band_of(age) == band


@given(st.integers(0, 130))
def test_an_age_lies_in_exactly_one_band(age):
    assert [code for code, (first, last) in BANDS.items() if first <= age and (last is None or age <= last)] == [
        band_of(age)
    ]


def test_no_age_below_zero():
    with pytest.raises(ValueError, match="-1"):
        band_of(-1)


def test_every_band_has_a_field():
    assert tuple(f"age_{band}_persons" for band in BANDS) == BAND_FIELDS
