"""Reasons of gaps, neighbours and outlines of zones."""

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.analysis.gap_zones import (
    NOT_SURVEYED,
    RANKED,
    REASONS,
    gap_reasons,
    group_neighbours,
    near_pairs,
    nearest_by_air,
)
from geo_service.analysis.states import COVERED, NOT_COVERED, UNKNOWN
from geo_service.analysis.zone_outlines import Squares, outlines
from tests.analysis.places import FRAME, X0, Y0

places = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=25)


def reason_of(state, *, air=False, others=False, short=False, surveyed=True):
    found = gap_reasons(
        np.array([state], np.uint8),
        near_by_air=np.array([air]),
        others_near=np.array([others]),
        is_short=np.array([short]),
        surveyed=np.array([surveyed]),
    )
    return REASONS[found.reason[0]], REASONS[found.apparent[0]]


def test_the_first_reason_that_holds():
    assert reason_of(NOT_COVERED) == ("no_facility", "no_facility")
    assert reason_of(NOT_COVERED, others=True)[0] == "admits_others"
    assert reason_of(NOT_COVERED, air=True, others=True)[0] == "near_by_air"
    assert reason_of(COVERED) == ("", "")
    assert reason_of(COVERED, short=True)[0] == "over_capacity"
    assert reason_of(NOT_COVERED, short=True)[0] == "no_facility"
    assert reason_of(UNKNOWN, air=True, others=True, short=True, surveyed=False)[0] == "unknown_data"
    assert reason_of(NOT_COVERED, air=True, surveyed=False) == ("not_surveyed", "near_by_air")
    assert reason_of(COVERED, short=True, surveyed=False) == ("not_surveyed", "over_capacity")
    assert reason_of(COVERED, surveyed=False) == ("", "")


@given(st.sampled_from([NOT_COVERED, COVERED, UNKNOWN]), *[st.booleans()] * 4)
def test_only_gaps_that_are_certain_are_ranked(state, air, others, short, surveyed):
    reason, apparent = reason_of(state, air=air, others=others, short=short, surveyed=surveyed)
    if reason in RANKED:
        assert surveyed
        assert state != UNKNOWN
        assert reason == apparent
    assert (reason == REASONS[NOT_SURVEYED]) == (reason != apparent)


@given(places, st.integers(1, 30), st.randoms())
def test_groups_are_the_chains_of_neighbours_in_any_order(spots, link, random):
    kinds = [(x + y) % 2 for x, y in spots]
    graph = nx.Graph()
    graph.add_nodes_from(range(len(spots)))
    for a in range(len(spots)):
        for b in range(a):
            near = np.hypot(spots[a][0] - spots[b][0], spots[a][1] - spots[b][1]) <= link
            if near and kinds[a] == kinds[b]:
                graph.add_edge(a, b)
    wanted = {frozenset(members) for members in nx.connected_components(graph)}
    order = list(range(len(spots)))
    random.shuffle(order)
    x, y = np.array([spots[n] for n in order], float).T
    pairs = near_pairs(x, y, float(link))
    found = group_neighbours(pairs, np.arange(len(order)), np.array([kinds[n] for n in order]))
    made = {frozenset(order[n] for n in np.flatnonzero(found == g)) for g in range(found.max() + 1)}
    assert made == wanted


@given(places, places, st.integers(1, 50), st.randoms())
def test_nearest_by_air_is_the_first_of_the_nearest(homes, targets, limit, random):
    x, y = np.array(homes, float).T
    to_x, to_y = np.array(targets, float).T
    metres, place = nearest_by_air(x, y, to_x, to_y, float(limit))
    for n in range(len(homes)):
        far = np.hypot(to_x - x[n], to_y - y[n])
        if far.min() > limit + 1e-6:
            assert (metres[n], place[n]) == (np.inf, -1)
        else:
            assert metres[n] == pytest.approx(far.min())
            assert place[n] == int(np.flatnonzero(far <= far.min() + 1e-6)[0])


@given(places, places, st.integers(5, 40))
def test_outlines_are_valid_and_hold_their_homes_not_those_of_others(spots, covered, link):
    x, y = (np.array(spots + covered, float).T * 7.3) + np.array([[X0], [Y0]])
    home = np.arange(len(spots))
    group = group_neighbours(near_pairs(x, y, float(link)), home, np.zeros(len(home), np.int8))
    shapes = outlines(Squares.over(FRAME, x, y, link_m=float(link)), home, group)
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    metric = FRAME.geometries_to_metric(shapes)
    for number in home:
        assert metric[group[number]].distance(shapely.Point(x[number], y[number])) <= link / 4
    whole = shapely.union_all(metric)
    for number in range(len(spots), len(x)):
        alone = np.hypot(x[home] - x[number], y[home] - y[number]).min() > link
        assert not (alone and whole.contains(shapely.Point(x[number], y[number])))


def test_no_square_is_nearer_to_the_home_of_another():
    x, y = np.array([X0, X0 + 60.0, X0 + 300.0]), np.array([Y0, Y0, Y0])
    (shape,) = outlines(Squares.over(FRAME, x, y, link_m=100.0), np.array([0]), np.array([0], np.int32))
    (drawn,) = FRAME.geometries_to_metric([shape])
    assert drawn.bounds[2] < X0 + 51
    assert drawn.bounds[0] < X0 - 40


def test_an_outline_has_the_holes_and_parts_of_its_squares():
    """A ring of homes round covered ones, and the same group again far off: a hole, two parts, nothing in common."""
    spots = np.arange(-5, 6) * 40.0
    across, up = (axis.ravel() for axis in np.meshgrid(spots, spots))
    inside = np.maximum(abs(across), abs(up)) < 130
    x, y = np.concatenate([across, across + 2000]) + X0, np.concatenate([up, up]) + Y0
    lacking = np.flatnonzero(np.concatenate([~inside, ~inside]))
    squares = Squares.over(FRAME, x, y, link_m=100.0)
    (whole,) = FRAME.geometries_to_metric(outlines(squares, lacking, np.zeros(len(lacking), np.int32)))
    assert [len(part.interiors) for part in whole.geoms] == [1, 1]
    assert shapely.contains_xy(whole, x[lacking], y[lacking]).mean() > 0.95
    covered = np.flatnonzero(np.concatenate([inside, inside]))
    assert not shapely.contains_xy(whole, x[covered], y[covered]).any()
    first = FRAME.geometries_to_metric(outlines(squares, lacking, (lacking >= len(across)).astype(np.int32)))
    assert [shape.geom_type for shape in first] == ["Polygon", "Polygon"]
    assert shapely.area(first).sum() == pytest.approx(whole.area)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=60, unique=True))
def test_outlines_of_any_squares_are_valid(cells):
    """Squares that touch at corners only, notches, holes within holes: every home alone in a square of its own."""
    x, y = np.array(cells, float).T * 25 + np.array([[X0], [Y0]])
    home = np.arange(0, len(cells), 2)
    squares = Squares.over(FRAME, x, y, link_m=100.0)
    shapes = outlines(squares, home, np.zeros(len(home), np.int32))
    assert shapely.is_valid(shapes).all()
    drawn = squares.of_groups(home, np.zeros(len(home), np.int64))
    (metric,) = FRAME.geometries_to_metric(shapes)
    assert 0.4 * len(drawn) <= metric.area / 25**2 <= 1.6 * len(drawn) + 8
