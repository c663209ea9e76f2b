import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis.snap_index import SnapIndex
from geo_service.analysis.snapping import snap
from tests.analysis.places import X0, Y0, network_of, snap_at

STREET = {1: (0, 0), 2: (100, 0), 3: (0, 30), 4: (100, 30)}


def test_a_point_is_projected_onto_the_street_not_onto_its_nodes():
    snaps = snap_at(network_of(STREET, [[1, 2]]), [(40, 10), (-30, 40), (100, -5)])
    assert list(snaps.edge) == [0, 0, 0]
    assert snaps.offset_m == pytest.approx([40, 0, 100], abs=1e-3)
    assert snaps.leg_m == pytest.approx([10, 50, 5], abs=1e-3)
    assert snaps.x - X0 == pytest.approx([40, 0, 100], abs=1e-3)
    assert snaps.y - Y0 == pytest.approx([0, 0, 0], abs=1e-3)


def test_nobody_steps_onto_a_bridge_even_if_it_is_nearer():
    network = network_of(STREET, [[1, 2], {"nodes": [3, 4], "snap": False}])
    snaps = snap_at(network, [(50, 28)])
    assert network.edge_v[snaps.edge[0]] == 1
    assert snaps.leg_m == pytest.approx([28], abs=1e-3)


def test_the_reach_is_inclusive_and_beyond_it_there_is_no_snap():
    index = SnapIndex.build(
        np.zeros(1, np.int32),
        (np.zeros(1), np.zeros(1)),
        (np.full(1, 50.0), np.zeros(1)),
        np.full(1, 50.0),
        reach_m=200.0,
    )
    snaps = snap(index, [20, 20, 20, np.nan, np.inf, 1e9], [200.0, 200.001, -200, 0, 0, 0])
    assert list(snaps.edge) == [0, -1, 0, -1, -1, -1]
    assert np.isnan(snaps.leg_m[1])
    assert list(snap(index, [20, 20], [30.0, 30.1], 30.0).edge) == [0, -1]
    with pytest.raises(ValueError, match="reaches 200"):
        snap(index, [0], [0], 201)


def test_of_two_streets_at_the_same_distance_the_lower_edge_is_taken():
    index = SnapIndex.build(
        np.array([3, 7], np.int32),
        (np.zeros(2), np.array([0.0, 20.0])),
        (np.full(2, 50.0), np.array([0.0, 20.0])),
        np.full(2, 50.0),
        reach_m=200.0,
    )
    assert list(snap(index, [25, 25, 25], [10, 9, 11]).edge) == [3, 3, 7]


def brute(ends, px, py):
    lines = shapely.linestrings(ends.reshape(-1, 2, 2))
    return np.array([shapely.distance(shapely.Point(x, y), lines).min() for x, y in zip(px, py, strict=True)])


@st.composite
def scenes(draw):
    spread = draw(st.sampled_from([50.0, 400.0, 3000.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 60))
    start = rng.uniform(0, spread, (count, 2))
    way = rng.normal(0, draw(st.sampled_from([1.0, 30.0, 900.0])), (count, 2))
    way[rng.uniform(size=count) < 0.1] = 0  # without length
    if draw(st.booleans()):
        start, way = np.round(start), np.round(way)  # ties
    points = rng.uniform(-250, spread + 250, (80, 2))
    return np.hstack([start, start + way]), points


@settings(max_examples=150, deadline=None)
@given(scenes())
def test_the_street_found_is_the_nearest_there_is(scene):
    ends, points = scene
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    index = SnapIndex.build(
        np.arange(len(ends), dtype=np.int32),
        (ends[:, 0], ends[:, 1]),
        (ends[:, 2], ends[:, 3]),
        length,
        reach_m=200.0,
    )
    snaps = snap(index, points[:, 0], points[:, 1])
    truth = brute(ends, points[:, 0], points[:, 1])
    clear = np.abs(truth - 200) > 1e-5
    assert np.array_equal(snaps.snapped[clear], truth[clear] < 200)
    found = np.flatnonzero(snaps.snapped)
    assert snaps.leg_m[found] == pytest.approx(truth[found], abs=1e-6)
    # the snap point lies on the edge named, at the offset named
    way = ends[snaps.edge[found]]
    share = np.divide(
        snaps.offset_m[found], length[snaps.edge[found]], out=np.zeros(len(found)), where=length[snaps.edge[found]] > 0
    )
    assert snaps.x[found] == pytest.approx(way[:, 0] + share * (way[:, 2] - way[:, 0]), abs=1e-6)
    assert snaps.y[found] == pytest.approx(way[:, 1] + share * (way[:, 3] - way[:, 1]), abs=1e-6)


def test_crowded_streets_are_searched_through_all_levels_of_the_tree():
    rng = np.random.default_rng(5)
    start = rng.uniform(0, 600, (3000, 2))
    ends = np.hstack([start, start + rng.normal(0, 15, (3000, 2))])
    index = SnapIndex.build(
        np.arange(3000, dtype=np.int32),
        (ends[:, 0], ends[:, 1]),
        (ends[:, 2], ends[:, 3]),
        np.ones(3000),
        reach_m=200.0,
    )
    assert len(index.strides) == index.grid.levels
    assert (index.strides > 0).all()
    points = rng.uniform(-50, 650, (2000, 2))
    snaps = snap(index, points[:, 0], points[:, 1])
    assert snaps.leg_m == pytest.approx(brute(ends, points[:, 0], points[:, 1]), abs=1e-6)
