"""A polygon among its neighbours, in metres."""

import numpy as np
import pytest
import shapely
from shapely.geometry import Point, box

from geo_service.analysis.topology import outside_all, pieces_of, width_m

PARENT = box(0, 0, 200, 100)
WEST, EAST = box(0, 0, 100, 100), box(100, 0, 200, 100)


def told(shape, *neighbours, parent=PARENT):
    found = pieces_of(shape, np.array(neighbours, dtype=object), parent)
    return [(one.kind, round(one.area_m2, 3), one.neighbour) for one in found]


def test_neighbours_that_fit_have_nothing_wrong():
    assert told(EAST, WEST) == []
    hair = box(100.0001, 0, 200, 100)  # a tenth of a millimetre is nobody's ground
    assert told(hair, WEST) == []


def test_overlap_gap_sliver_and_what_lies_outside():
    assert told(box(90, 0, 200, 100), WEST) == [("overlap", 1000, 0)]
    assert told(box(110, 0, 200, 100), WEST) == [("gap", 1000, -1)]
    assert told(box(99.5, 0, 200, 100), WEST) == [("sliver", 50, 0)]
    assert told(box(100.5, 0, 200, 100), WEST) == [("sliver", 50, -1)]
    assert told(box(100, 0, 220, 100), WEST) == [("outside_parent", 2000, -1)]
    assert told(box(100, 0, 200, 90), WEST) == [("gap", 1000, -1)]


def test_ground_far_from_it_is_not_its_gap():
    far = box(0, 0, 20, 100)
    assert told(EAST, far) == [("gap", 8000, -1)]  # between the two
    assert told(box(150, 0, 200, 100), box(100, 0, 150, 100)) == []  # beyond its neighbour


def test_without_a_parent_only_what_is_enclosed_is_a_gap():
    ring = box(0, 0, 100, 100).difference(box(40, 40, 60, 100))
    assert told(ring, parent=None) == []
    assert told(ring, box(40, 90, 60, 100), parent=None) == [("gap", 1000, -1)]


def test_the_order_of_neighbours_changes_nothing():
    others = [box(90, 0, 110, 50), box(90, 50, 120, 100)]
    one = [(kind, area) for kind, area, _ in told(EAST, *others)]
    assert one == [(kind, area) for kind, area, _ in told(EAST, *others[::-1])]


def test_homes_in_no_grid():
    points = np.array([Point(50, 50), Point(150, 50), Point(100, 50), Point(300, 50)], dtype=object)
    assert outside_all(points, [WEST], PARENT).tolist() == [False, True, False, False]
    assert outside_all(points[:0], [WEST], PARENT).tolist() == []


def test_the_width_of_a_strip():
    assert width_m(box(0, 0, 1000, 1)) == pytest.approx(1, rel=0.01)
    assert width_m(shapely.Polygon()) == 0
