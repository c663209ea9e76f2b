"""Straight service radii over residential land: by hand, and what must hold."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.analysis.radius import covered_by_radius


def shapes(*found):
    array = np.empty(len(found), object)
    array[:] = found
    return array


def test_a_square_of_land_half_within_the_radius():
    park = shapely.box(-1000, 0, 0, 1000)  # its edge is at x = 0
    land = shapes(shapely.box(0, 0, 1000, 1000))
    points = shapely.points([100.0, 499.0, 600.0], [500.0, 500.0, 500.0])
    found = covered_by_radius(shapes(park), np.array([500.0]), land, [None, shapely.box(0, 0, 1000, 500)], points)
    assert found.land_m2.tolist() == [1_000_000, 500_000]
    assert found.covered_m2 == pytest.approx([500_000, 250_000], rel=1e-9)
    assert found.points.tolist() == [True, True, False]


def test_overlapping_land_counts_once_and_radii_differ_by_source():
    land = shapes(shapely.box(0, 0, 100, 100), shapely.box(50, 0, 150, 100))
    sources = shapes(shapely.Point(-1000, 0), shapely.box(-10, -100, 0, 200))
    found = covered_by_radius(sources, np.array([10.0, 75.0]), land, [None], shapely.points([[0.0, 0.0]]))
    assert found.land_m2[0] == pytest.approx(15_000)
    assert found.covered_m2[0] == pytest.approx(7_500)


def test_nothing_there():
    nothing = np.zeros(0, object)
    found = covered_by_radius(nothing, np.zeros(0), nothing, [None], shapely.points([[0.0, 0.0]]))
    assert (found.land_m2[0], found.covered_m2[0], found.points[0]) == (0.0, 0.0, False)


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(1, 400)), min_size=1, max_size=5))
def test_one_more_source_never_lowers_it(places):
    land = shapes(shapely.box(-200, -200, 200, 200))
    points = shapely.points([[0.0, 0.0], [150.0, 150.0]])
    sources = shapes(*(shapely.Point(x, y) for x, y, _ in places))
    radii = np.array([radius for _, _, radius in places])
    fewer = covered_by_radius(sources[1:], radii[1:], land, [None], points)
    more = covered_by_radius(sources, radii, land, [None], points)
    assert more.covered_m2[0] >= fewer.covered_m2[0] - 1e-6
    assert more.covered_m2[0] <= more.land_m2[0] + 1e-6
    assert (more.points >= fewer.points).all()
