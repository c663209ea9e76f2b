"""Which facility is of which level of the living circles, by the shipped rules."""

import math

import pytest

from geo_service.domain.rule_levels import level_limit_m, sizes_of
from geo_service.domain.rules import shipped_rules


def sizes(category):
    return sizes_of(
        [rule for rule in shipped_rules().values() if rule.use == "level" and rule.in_force
         and category in (rule.categories or ())]
    )  # fmt: skip


def given(found, size):
    """Return a size as that of the measure that decides; the other one is not known."""
    return {"floor_m2": math.nan, "land_m2": size} if found.measure == "land_area" else {
        "floor_m2": size, "land_m2": math.nan
    }  # fmt: skip


@pytest.mark.parametrize(
    ("category", "size", "levels"),
    [
        ("clinic", 150.0, {"5min"}),
        ("clinic", 1700.0, {"15min"}),  # a centre is no station
        ("clinic", 1000.0, {"5min"}),
        ("culture_station", 250.0, {"5min"}),
        ("culture_station", 3000.0, {"15min"}),
        ("elder_station", 400.0, {"5min"}),
        ("elder_station", 5000.0, {"15min"}),
        ("sports_ground", 800.0, {"5min"}),
        ("sports_ground", 1310.0, {"10min"}),
        ("sports_ground", 3150.0, {"15min"}),
        ("service_station", 800.0, {"5min", "15min"}),  # 600-1000 m² and 700-1500 m² cannot be told apart
    ],
)
def test_a_facility_is_of_one_level_where_sizes_tell(category, size, levels):
    found = sizes(category)
    assert {level for level in ("5min", "10min", "15min") if found.is_of(level, **given(found, size))} >= levels
    if found.measure is not None:
        known = {"5min", *found.least} if category != "sports_ground" else {"5min", "10min", "15min"}
        assert {level for level in known if found.is_of(level, **given(found, size))} == levels


def test_a_size_that_is_not_known_leaves_the_level_open():
    unknown = {"floor_m2": math.nan, "land_m2": math.nan}
    assert sizes("clinic").is_of("5min", **unknown) is None
    assert (
        sizes("service_station").is_of("15min", **unknown) is None
    )  # 600 m² are wanted of one level, 700 of the other
    assert sizes("kindergarten").is_of("5min", **unknown) is True  # there is one level only


@pytest.mark.parametrize(
    ("category", "level", "given", "small"),
    [
        ("service_station", "15min", {"floor_m2": 90.0, "land_m2": math.nan}, True),
        ("service_station", "15min", {"floor_m2": 700.0, "land_m2": math.nan}, False),
        ("service_station", "15min", {"floor_m2": 90.0, "land_m2": 600.0}, False),  # one of its sizes is enough
        ("clinic", "5min", {"floor_m2": 60.0, "land_m2": math.nan}, True),
        ("toilet", "5min", {"floor_m2": math.nan, "land_m2": 20.0}, True),
        ("kindergarten", "5min", {"floor_m2": 1218.0, "land_m2": math.nan}, False),  # 3,150 m² are advice
        ("pharmacy", "5min", {"floor_m2": 5.0, "land_m2": 5.0}, False),  # no rule asks for a size
    ],
)
def test_what_is_below_the_minimum_by_all_that_is_known_is_not_of_the_level(category, level, given, small):
    found = sizes(category)
    assert found.is_too_small(level, **given) is small
    assert (found.is_of(level, **given) is False) is small


def test_limits_of_levels():
    rules = shipped_rules()
    assert level_limit_m(rules["GB50180-C05-CUL"]) == 500.0  # its own radius
    assert level_limit_m(rules["GB50180-C05-WC"]) == 300.0  # that of the circle
    assert level_limit_m(rules["CRC-01"]) is None
