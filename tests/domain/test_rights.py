"""The table of rights is whole."""

import pytest

from geo_service.domain.actors import ROLES, Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import (
    LAYER_STORIES,
    RIGHTS,
    OwnPlaces,
    field_stories,
    is_published,
    reach,
    reach_of,
    visibility,
)


def test_every_layer_has_a_story_that_reads_and_one_that_writes():
    assert list(LAYER_STORIES) == list(LAYERS)
    assert {story for pair in LAYER_STORIES.values() for story in pair} <= set(RIGHTS)
    assert {name for name in LAYERS if not is_published(name)} == {"households", "cases", "photos", "verify_tasks"}


def test_every_story_has_a_cell_for_every_role_and_admins_may_do_all():
    for story, cells in RIGHTS.items():
        assert tuple(cells) == ROLES, story
        assert cells["admin"] == "all", story
        assert cells["anonymous"] == ("all" if story == "read_published" else "none"), story


def test_a_unit_and_a_resident_see_no_people():
    for role in ("resident", "unit"):
        for story in ("read_people", "read_households", "reveal_personal", "read_cases", "read_photos", "analyse"):
            assert reach(role, story) == "none"


def test_scopes_only_take_away():
    scoped = Actor("machine", "planner", scopes=frozenset({"read_published", "backup"}))
    assert reach_of(scoped, "read_published") == "all"
    assert reach_of(scoped, "analyse") == "none"
    assert reach_of(scoped, "backup") == "none"
    with pytest.raises(KeyError):
        reach_of(Actor("a", "admin"), "nothing")


def test_visibility_is_shared_by_those_who_see_the_same_and_by_nobody_else():
    ways, buildings, cases = (field_stories(name) for name in ("ways", "buildings", "cases"))
    here, there = Actor("a", "planner", areas=("1", "2")), Actor("b", "planner", areas=("1",))
    again = Actor("c", "planner", areas=("2", "1"))
    for stories in (buildings, cases):
        assert visibility(here, stories) == visibility(again, stories)
        assert visibility(here, stories) != visibility(there, stories)
        assert visibility(here, stories) != visibility(Actor("d", "admin"), stories)
        assert visibility(here, stories) != visibility(Actor("e", "planner", grids=("1", "2")), stories)
    assert visibility(here, ways) == visibility(there, ways)


def test_what_places_hold():
    places = OwnPlaces(frozenset({"A"}), frozenset({"G"}))
    assert places.hold("areas", {"code": "A", "area_code": None})
    assert not places.hold("areas", {"code": "B", "area_code": "A"})
    assert places.hold("grids", {"code": "G", "area_code": None})
    assert places.hold("grids", {"code": "H", "area_code": "A"})
    assert places.hold("cases", {"code": "x", "area_code": None, "grid_code": "G"})
    assert not places.hold("cases", {"code": "G", "area_code": None, "grid_code": None})
    assert not OwnPlaces().hold("cases", {"code": "x", "area_code": None, "grid_code": None})
