"""All polygons that share the ground, held against each other and what they should fill."""

import numpy as np
import pytest
from shapely.geometry import box

from geo_service.analysis.mosaic import crossings, mosaic_faults


def array(*shapes):
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def told(faults):
    return [(one.kind, one.shapes, one.parent, round(one.area_m2, 1)) for one in faults]


GROUND = box(0, 0, 100, 100)


def test_polygons_that_fill_their_ground_are_right_whatever_their_order():
    halves = array(box(0, 0, 50, 100), box(50, 0, 100, 100))
    assert mosaic_faults(halves, array(GROUND), np.array([0, 0])) == ()
    assert mosaic_faults(halves[::-1], array(GROUND), np.array([0, 0])) == ()


def test_every_fault_is_named_with_whom_it_concerns():
    shapes = array(box(0, 0, 60, 100), box(50, 0, 90, 100), box(90.5, 0, 100, 120))
    assert told(mosaic_faults(shapes, array(GROUND, box(500, 0, 600, 100)), np.array([0, 0, 0]))) == [
        ("overlap", (0, 1), -1, 1000.0),
        ("outside_parent", (2,), 0, 190.0),
        ("sliver", (1, 2), 0, 50.0),  # a strip of half a metre; the other parent has none and is left alone
    ]
    two_holes = array(box(0, 0, 40, 100), box(45, 0, 60, 100), box(70, 0, 100, 100))
    gaps = mosaic_faults(two_holes, array(GROUND), np.array([-1, -1, -1]))
    assert told(gaps) == [("gap", (1, 2), 0, 1000.0), ("gap", (0, 1), 0, 500.0)]
    assert gaps[0].shape.bounds == (60, 0, 70, 100)


def test_borders_of_two_mosaics_that_cut_each_other():
    governance = array(box(0, 0, 50, 100), box(50, 0, 100, 100))
    fits = array(GROUND, box(0, 0, 50, 50), box(0.3, 0, 50.4, 100))
    assert crossings(fits, governance) == ()
    (cut, *rest) = crossings(array(box(20, 0, 80, 100)), governance)
    assert (cut.kind, cut.shapes, cut.area_m2) == ("crosses_grids", (0, 0), pytest.approx(3000))
    assert [one.shapes for one in rest] == [(0, 1)]
