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
    assert {level for level in ("5min", "10min", "15min") if found.is_of(level, size)} >= levels
    if found.measure is not None:
        known = {"5min", *found.least} if category != "sports_ground" else {"5min", "10min", "15min"}
        assert {level for level in known if found.is_of(level, size)} == levels


def test_a_size_that_is_not_known_leaves_the_level_open():
    assert sizes("clinic").is_of("5min", math.nan) is None
    assert sizes("kindergarten").is_of("5min", math.nan) is True  # there is one level only


def test_limits_of_levels():
    rules = shipped_rules()
    assert level_limit_m(rules["GB50180-C05-CUL"]) == 500.0  # its own radius
    assert level_limit_m(rules["GB50180-C05-WC"]) == 300.0  # that of the circle
    assert level_limit_m(rules["CRC-01"]) is None
