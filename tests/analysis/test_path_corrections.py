"""Corrections laid over ways: paths that meet streets, places where nobody gets through."""

import numpy as np
import pytest
import shapely

from geo_service.analysis.network import build_network
from geo_service.analysis.path_corrections import Corrections, corrected
from tests.analysis.places import FRAME, lonlat, walk, ways_of

# two parallel streets, 100 m apart, met by another at their eastern end
STREETS = {1: (0, 0), 2: (400, 0), 3: (400, 100), 4: (0, 100)}
ROUND = [[1, 2], [2, 3], [3, 4]]


def line(*places):
    return shapely.linestrings(np.column_stack(lonlat(*np.array(places, float).T)))


def path(*places, code="p1", snap=True, step_free=True):
    return (code, None, line(*places), snap, step_free)


def walked(corrections, ways=ROUND, start=(100, 0), end=(100, 100), **options):
    network = build_network(corrected(ways_of(STREETS, ways), FRAME, corrections), FRAME)
    return walk(network, [end], [start], **options).metres[0]


def test_without_corrections_ways_are_as_they_are():
    ways = ways_of(STREETS, ROUND)
    assert corrected(ways, FRAME, Corrections()) is ways
    assert walked(Corrections()) == pytest.approx(700, abs=0.01)


@pytest.mark.parametrize(
    "drawn",
    [
        [(100, 0), (100, 100)],  # from street to street
        [(100, 20), (100, 80)],  # joined by its ends
        [(100, -20), (100, 120)],  # across both
        [(100, 0), (100, 40), (100, 100)],
    ],
)
def test_a_missing_path_is_walked(drawn):
    assert walked(Corrections(missing=(path(*drawn),))) == pytest.approx(100, abs=0.02)


def test_a_path_too_far_from_any_street_stays_loose():
    assert walked(Corrections(missing=(path((100, 35), (100, 65)),))) == pytest.approx(700, abs=0.01)


def test_a_path_may_begin_at_a_node_of_a_street():
    found = walked(Corrections(missing=(path((0, 0), (0, 100)),)), start=(0, 0), end=(0, 100))
    assert found == pytest.approx(100, abs=0.01)


def test_paths_meet_each_other_where_they_have_a_place_in_common_and_step_onto_no_street_there():
    halves = (path((100, 0), (100, 50)), path((100, 50), (100, 100), code="p2"))
    assert walked(Corrections(missing=halves)) == pytest.approx(100, abs=0.02)
    near = (path((100, 0), (100, 90)), path((100, 90), (150, 90), code="p2"))
    # the second is joined to the street at its far end only: 90 + 50 + 10, and 50 back
    assert walked(Corrections(missing=near)) == pytest.approx(200, abs=0.05)


def test_steps_are_not_for_those_who_cannot_take_them():
    steps = Corrections(missing=(path((100, 0), (100, 100), step_free=False),))
    assert walked(steps) == pytest.approx(100, abs=0.02)
    assert walked(steps, step_free=True) == pytest.approx(700, abs=0.02)


def test_nobody_steps_onto_a_path_that_is_not_to_be_stepped_onto():
    for snap, metres in ((True, 50), (False, 150)):  # from the middle of the path, or 50 m from either street
        corrections = Corrections(missing=(path((100, 0), (100, 100), snap=snap),))
        network = build_network(corrected(ways_of(STREETS, ROUND), FRAME, corrections), FRAME)
        found = walk(network, [(100, 100)], [(103, 48)]).metres[0]
        assert found == pytest.approx(metres + 5 if snap else 48 + 3 + 100, abs=0.2)


def test_nobody_gets_through_where_a_way_is_blocked():
    stroke = line((200, -10), (200, 10))
    assert walked(Corrections(blocked=(stroke,)), start=(100, 0), end=(300, 0)) == np.inf
    assert walked(Corrections(blocked=(stroke,)), start=(100, 0), end=(190, 0)) == pytest.approx(90, abs=0.01)
    assert walked(Corrections(blocked=(stroke,)), start=(210, 0), end=(100, 100)) == pytest.approx(590, abs=0.01)


def test_streets_that_meet_where_they_are_blocked_part_from_each_other():
    corner = line((390, 0), (410, 0.0001), (410, -10), (399, -5), (400, 5))
    assert walked(Corrections(blocked=(corner,))) == np.inf


def test_a_missing_path_can_be_blocked_too():
    corrections = Corrections(missing=(path((100, 0), (100, 100)),), blocked=(line((90, 50), (110, 50)),))
    assert walked(corrections) == pytest.approx(700, abs=0.02)


def test_a_way_is_cut_in_several_places_and_joined_between_them():
    cuts = (line((150, -5), (150, 5)), line((250, -5), (250, 5)))
    joined = Corrections(missing=(path((200, 0), (200, 100)),), blocked=cuts)
    assert walked(joined, start=(200, 0), end=(200, 100)) == pytest.approx(100, abs=0.02)
    assert walked(joined, start=(100, 0), end=(200, 100)) == np.inf


def test_the_order_of_corrections_does_not_matter():
    missing = (path((100, 0), (100, 100)), path((200, 0), (200, 100), code="p2"), path((0, 50), (300, 50), code="p3"))
    blocked = (line((50, -5), (50, 5)), line((350, 95), (350, 105)))
    found = {
        build_network(corrected(ways_of(STREETS, ROUND), FRAME, Corrections(paths, cuts)), FRAME).fingerprint
        for paths, cuts in ((missing, blocked), (missing[::-1], blocked[::-1]))
    }
    assert len(found) == 1
