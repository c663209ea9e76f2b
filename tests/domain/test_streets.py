"""The walkability table of the product's definition of the network, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.streets import NOT_WALKABLE, is_snap_target, is_walkable

TAGS = st.dictionaries(
    st.sampled_from(["highway", "foot", "access", "area", "motorroad", "bridge", "tunnel", "layer", "name"]),
    st.sampled_from(
        ["residential", "footway", "cycleway", "steps", "motorway", "yes", "no", "private", "designated", "permissive"]
    ),
)


@pytest.mark.parametrize(
    "highway",
    "residential living_street pedestrian footway path track service unclassified tertiary secondary primary "
    "trunk trunk_link primary_link bridleway road crossing steps elevator corridor busway".split(),
)
def test_streets_are_walkable(highway):
    assert is_walkable({"highway": highway})


@pytest.mark.parametrize(
    "highway",
    "motorway motorway_link construction proposed planned abandoned "
    "razed raceway bus_guideway escape platform no".split(),
)
def test_what_is_not_a_street_to_walk(highway):
    assert not is_walkable({"highway": highway})
    assert not is_walkable({"highway": highway, "foot": "yes"})
    assert highway in NOT_WALKABLE


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({}, False),
        ({"highway": ""}, False),
        ({"railway": "rail"}, False),
        ({"highway": "primary", "motorroad": "yes"}, False),
        ({"highway": "primary", "motorroad": "no"}, True),
        ({"highway": "pedestrian", "area": "yes"}, False),
        ({"highway": "pedestrian", "area": "no"}, True),
        ({"highway": "residential", "foot": "no"}, False),
        ({"highway": "residential", "foot": "private"}, False),
        ({"highway": "residential", "foot": "use_sidepath"}, True),
        ({"highway": "cycleway"}, False),
        ({"highway": "cycleway", "foot": "yes"}, True),
        ({"highway": "cycleway", "foot": "designated"}, True),
        ({"highway": "cycleway", "foot": "permissive"}, True),
        ({"highway": "cycleway", "foot": "no"}, False),
        ({"highway": "service", "access": "private"}, False),
        ({"highway": "service", "access": "no"}, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True),
        ({"highway": "service", "access": "no", "foot": "designated"}, True),
        ({"highway": "service", "access": "private", "foot": "permissive"}, True),
        ({"highway": "service", "access": "private", "foot": "customers"}, False),
        ({"highway": "service", "access": "destination"}, True),
        ({"highway": "steps", "bridge": "yes"}, True),
    ],
)
def test_walkable_by_its_tags(tags, walkable):
    assert is_walkable(tags) is walkable


@pytest.mark.parametrize(
    ("tags", "target"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "steps"}, False),
        ({"highway": "elevator"}, False),
        ({"highway": "corridor"}, False),
        ({"highway": "trunk"}, False),
        ({"highway": "trunk_link"}, False),
        ({"highway": "primary"}, True),
        ({"highway": "footway", "bridge": "yes"}, False),
        ({"highway": "footway", "bridge": "viaduct"}, False),
        ({"highway": "footway", "bridge": "no"}, True),
        ({"highway": "footway", "tunnel": "yes"}, False),
        ({"highway": "footway", "tunnel": "building_passage"}, False),
        ({"highway": "footway", "tunnel": "no"}, True),
        ({"highway": "footway", "layer": "1"}, False),
        ({"highway": "footway", "layer": "-1"}, False),
        ({"highway": "footway", "layer": "0"}, True),
        ({"highway": "footway", "layer": " 0 "}, True),
    ],
)
def test_where_one_may_step_on(tags, target):
    assert is_snap_target(tags) is target


@given(TAGS)
def test_a_foot_ban_always_wins(tags):
    assert not is_walkable({**tags, "foot": "no"})
    assert not is_walkable({**tags, "foot": "private"})
