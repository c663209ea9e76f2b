import numpy as np
import pytest
import shapely
from hypothesis import given as always
from hypothesis import strategies as st

from geo_service.analysis.states import REASONS, STATES, boundary_distances, near_in_straight_line, states
from geo_service.foundation.crs import MetricFrame
from tests.analysis.reference import GEOD, metres_per_degree

INF = np.inf


def one(metres, *, snapped=True, limit=1000.0, unverified=INF, near=False, boundary=INF):
    found = states(
        np.array([metres]),
        np.array([snapped]),
        limit,
        unverified_m=np.array([unverified]),
        unsnapped_facility_near=np.array([near]),
        boundary_m=np.array([boundary]),
    )
    return STATES[found.state[0]], REASONS[found.reason[0]]


@pytest.mark.parametrize(
    ("given", "state", "reason"),
    [
        ({"metres": 1000.0}, "covered", ""),
        ({"metres": 1000.0000001}, "covered", ""),
        ({"metres": 1000.01}, "not_covered", ""),
        ({"metres": INF}, "not_covered", ""),
        ({"metres": INF, "snapped": False}, "unknown", "not_snapped"),
        # nothing else can make a covered home uncertain
        ({"metres": 900.0, "unverified": 10.0, "near": True, "boundary": 0.0}, "covered", ""),
        ({"metres": INF, "unverified": 1000.0}, "unknown", "facility_unverified"),
        ({"metres": 1500.0, "unverified": 1000.01}, "not_covered", ""),
        ({"metres": 1500.0, "near": True}, "unknown", "facility_not_snapped"),
        ({"metres": 1500.0, "boundary": 999.99}, "unknown", "edge"),
        ({"metres": INF, "boundary": 999.99}, "unknown", "edge"),
        ({"metres": INF, "boundary": 0.0}, "unknown", "edge"),
        ({"metres": 1500.0, "boundary": 1000.0}, "not_covered", ""),
        # the first reason that holds is named
        (
            {"metres": INF, "snapped": False, "unverified": 5.0, "near": True, "boundary": 0.0},
            "unknown",
            "not_snapped",
        ),
        ({"metres": INF, "unverified": 5.0, "near": True, "boundary": 0.0}, "unknown", "facility_unverified"),
        ({"metres": INF, "near": True, "boundary": 0.0}, "unknown", "facility_not_snapped"),
    ],
)
def test_the_state_of_a_home(given, state, reason):
    assert one(**given) == (state, reason)


@always(st.integers(0, 2**32 - 1), st.booleans())
def test_one_more_facility_never_lowers_coverage(seed, verified):
    """Whether it is verified or has a street: who was covered stays covered, and nobody becomes certain of nothing."""
    rng = np.random.default_rng(seed)
    count = 40
    walk, doubt, more = (np.where(rng.random(count) < 0.3, INF, rng.uniform(0, 2000, count)) for _ in range(3))
    near, nearer = (rng.random(count) < 0.2 for _ in range(2))
    snapped, boundary = rng.random(count) < 0.9, rng.uniform(0, 2000, count)

    def found(metres, unverified_m, is_near):
        return states(
            metres, snapped, 1000.0, unverified_m=unverified_m, unsnapped_facility_near=is_near, boundary_m=boundary
        ).state

    before = found(walk, doubt, near)
    after = found(np.minimum(walk, more), doubt, near) if verified else found(
        walk, np.minimum(doubt, more), near | nearer
    )  # fmt: skip
    covered, not_covered = STATES.index("covered"), STATES.index("not_covered")
    assert (after[before == covered] == covered).all()
    assert (before[after == not_covered] == not_covered).all()


def test_without_extent_or_doubts_there_are_only_covered_and_not_covered():
    found = states(np.array([[500.0, 1500.0, INF]] * 2), np.ones(3, bool), 1000.0)
    assert found.state.tolist() == [[1, 0, 0]] * 2
    assert not found.reason.any()


def test_states_of_several_categories_share_the_homes_snaps_and_boundary():
    found = states(
        np.array([[500.0, INF, INF], [INF, INF, 10.0]]),
        np.array([True, True, False]),
        1000.0,
        boundary_m=np.array([INF, 3.0, 3.0]),
    )
    assert [[REASONS[r] for r in row] for row in found.reason] == [
        ["", "edge", "not_snapped"],
        ["", "edge", "not_snapped"],
    ]


def test_near_in_straight_line_is_inclusive_and_needs_a_position():
    x = np.array([0.0, 0.0, 0.0, np.nan])
    y = np.array([0.0, 100.0, 100.01, 0.0])
    near = near_in_straight_line(x, y, np.array([0.0, np.nan]), np.array([200.0, 0.0]), 100.0)
    assert near.tolist() == [False, True, True, False]
    assert not near_in_straight_line(x, y, np.zeros(0), np.zeros(0), 100.0).any()


@pytest.mark.parametrize("place", [(24.94, 60.17), (116.32, 40.0), (-58.4, -34.6), (-122.4, 37.8), (10.75, 59.9)])
def test_the_distance_to_a_side_of_the_box_is_along_its_parallel_and_meridian(place):
    lon, lat = place
    west, south, east, north = lon - 0.4, lat - 0.1, lon + 0.4, lat + 0.1
    frame = MetricFrame.at(lon, lat)
    away = 300.0
    _, up = metres_per_degree(north)
    right, _ = metres_per_degree(lat)
    homes = [(lon + 0.33, north - away / up), (lon - 0.31, south + away / up), (east - away / right, lat)]
    x, y = frame.to_metric(*np.array(homes).T)
    found = boundary_distances(shapely.box(west, south, east, north), frame, x, y, 1000.0)
    # nearest point of a parallel is along the meridian; of a meridian across it
    assert found == pytest.approx([away] * 3, rel=2e-4)
    assert GEOD.inv(*homes[0], homes[0][0], north)[2] == pytest.approx(found[0], rel=2e-4)


def test_outside_the_extent_is_at_its_end_and_deep_inside_is_far_from_it():
    frame = MetricFrame.at(114.3, 30.5)
    extent = shapely.box(114.2, 30.4, 114.4, 30.6)
    lon, lat = np.array([[114.3, 30.5], [114.1, 30.5], [114.3, 30.599], [np.nan, 30.5]]).T
    x, y = frame.to_metric(lon, lat)
    found = boundary_distances(extent, frame, x, y, 500.0)
    assert np.isinf(found[0])
    assert found[1] == 0
    assert 0 < found[2] < 500
    assert found[3] == 0


def test_a_hole_and_several_parts_end_the_extent_too():
    frame = MetricFrame.at(114.3, 30.5)
    whole = shapely.box(114.2, 30.4, 114.4, 30.6)
    extent = shapely.MultiPolygon(
        [whole - shapely.box(114.29, 30.49, 114.31, 30.51), shapely.box(114.5, 30.4, 114.6, 30.6)]
    )
    x, y = frame.to_metric(np.array([114.3, 114.2895, 114.25, 114.55]), np.array([30.5, 30.5, 30.5, 30.5]))
    found = boundary_distances(extent, frame, x, y, 200.0)
    assert found[0] == 0
    assert found[1] == pytest.approx(48, abs=1)
    assert np.isinf(found[2:]).all()


def test_many_homes_get_the_same_distances_as_one_by_one():
    frame = MetricFrame.at(114.3, 30.5)
    extent = shapely.Polygon([(114.2, 30.4), (114.4, 30.42), (114.36, 30.5), (114.41, 30.6), (114.22, 30.58)])
    rng = np.random.default_rng(3)
    x, y = frame.to_metric(rng.uniform(114.18, 114.42, 3000), rng.uniform(30.38, 30.62, 3000))
    outline = frame.geometries_to_metric([shapely.segmentize(extent, 0.001)])[0]
    truth = np.array(
        [shapely.distance(p, outline.boundary) if outline.contains(p) else 0.0 for p in shapely.points(x, y)]
    )
    found = boundary_distances(extent, frame, x, y, 1500.0)
    near = truth < 1500
    assert found[near] == pytest.approx(truth[near], abs=0.05)
    assert (found[~near & (np.abs(truth - 1500) > 0.1)] >= 1500).all()
