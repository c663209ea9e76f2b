import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis.distances import Targets, nearest, nearest_by_group
from geo_service.analysis.snapping import Snaps
from tests.analysis.places import FRAME, X0, Y0, network_of, snap_at, walk
from tests.analysis.reference import Plain

LINE = {1: (0, 0), 2: (400, 0), 3: (400, 300), 4: (900, 0), 5: (960, 0)}
NEAR = {"abs": 0.01}


def test_the_walk_counts_both_access_legs_and_the_street_between():
    network = network_of(LINE, [[1, 2, 3]])
    found = walk(network, [(410, 200)], [(100, 20)])
    assert found.metres == pytest.approx([20 + 300 + 200 + 10], **NEAR)


def test_on_the_same_edge_one_walks_directly_even_back_and_to_the_very_same_point():
    network = network_of(LINE, [[1, 2, 3]])
    found = walk(network, [(100, 30)], [(150, 10), (50, 10), (100, 30), (100, -5)])
    assert found.metres == pytest.approx([90, 90, 60, 35], **NEAR)


def test_round_a_block_can_be_nearer_than_along_a_long_edge():
    # edge 1-2 bends nowhere but its two ends are joined by a chain of the same straight length
    nodes = {1: (0, 0), 2: (400, 0), 3: (200, 1)}
    network = network_of(nodes, [[1, 2], {"nodes": [1, 3, 2], "snap": False}])
    found = walk(network, [(10, -5)], [(390, -5)])
    assert found.metres == pytest.approx([5 + 380 + 5], **NEAR)


def test_of_several_targets_on_one_edge_the_nearest_is_found():
    network = network_of(LINE, [[1, 2]])
    found = walk(network, [(10, 0), (200, 50), (220, 0), (390, 0)], [(205, 0), (20, 0), (330, 0)], owner=[5, 6, 7, 8])
    assert found.metres == pytest.approx([15, 10, 60], **NEAR)
    assert list(found.owner) == [7, 5, 8]


def test_a_street_on_an_island_is_not_reachable():
    network = network_of(LINE, [[1, 2], [4, 5]])
    found = walk(network, [(930, 10)], [(300, 0), (940, 0), (600, 190)])
    assert np.isinf(found.metres[0])
    assert found.metres[1] == pytest.approx(20, **NEAR)
    assert list(found.owner) == [-1, 0, -1]


def test_a_home_without_a_street_in_reach_has_no_metres():
    network = network_of(LINE, [[1, 2]])
    found = walk(network, [(100, 0)], [(100, 201), (100, 199)])
    assert np.isinf(found.metres[0])
    assert found.metres[1] == pytest.approx(199, **NEAR)
    assert np.isinf(walk(network, [(100, 500)], [(100, 0)]).metres[0])  # nor a facility
    assert np.isinf(walk(network, [], [(100, 0)]).metres[0])


def test_a_bridge_is_walked_over_but_not_stepped_onto():
    nodes = {1: (0, 0), 2: (100, 0), 3: (500, 0), 4: (600, 0), 5: (300, -100), 6: (300, 100)}
    network = network_of(nodes, [[1, 2], {"nodes": [2, 3], "snap": False}, [3, 4], [5, 6]])
    # under the bridge: the street below is 10 m away, the bridge 5 m
    found = walk(network, [(580, 0)], [(50, 0), (310, 5)])
    assert found.metres[0] == pytest.approx(530, **NEAR)
    assert np.isinf(found.metres[1])


def test_without_steps_the_way_round_is_taken():
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (100, 80), 5: (200, 80)}
    steps = {"nodes": [2, 3], "snap": False, "step_free": False}
    network = network_of(nodes, [[1, 2], steps, [2, 4, 5, 3], [3, 3]])
    home, shop = [(50, 0)], [(200, 30)]
    assert walk(network, shop, home).metres == pytest.approx([50 + 100 + 30], **NEAR)
    assert walk(network, shop, home, step_free=True).metres == pytest.approx([50 + 80 + 100 + 50], **NEAR)
    only_steps = network_of(nodes, [[1, 2], steps, [3, 5]])
    assert np.isinf(walk(only_steps, shop, home, step_free=True).metres[0])


def test_every_entrance_counts_and_the_facility_is_its_owner():
    network = network_of(LINE, [[1, 2, 3]])
    found = walk(network, [(0, 10), (400, 290), (150, 80)], [(390, 100), (10, 10)], owner=[7, 7, 9])
    assert list(found.owner) == [7, 7]
    assert found.metres == pytest.approx([10 + 190, 10 + 10 + 10], **NEAR)


def test_the_limit_is_inclusive_and_beyond_it_nothing_is_found():
    network = network_of(LINE, [[1, 2, 3]])
    exact = walk(network, [(0, 0)], [(400, 250)]).metres[0]
    assert walk(network, [(0, 0)], [(400, 250)], limit_m=exact).metres[0] == exact
    beyond = walk(network, [(0, 0)], [(400, 250)], limit_m=exact - 0.01)
    assert np.isinf(beyond.metres[0])
    assert beyond.owner[0] == -1


def test_groups_together_give_what_each_gives_alone():
    network = network_of(LINE, [[1, 2, 3]])
    places = [(0, 10), (400, 290), (150, 80), (700, 700)]
    homes = snap_at(network, [(390, 100), (10, 10), (200, 5), (2000, 0)])
    targets = Targets(snap_at(network, places), np.arange(4, dtype=np.int32), np.array([2, 0, 2, 0], np.int32))
    found = nearest_by_group(network, targets, 3, homes)
    assert found.metres.shape == found.owner.shape == (3, 4)
    assert np.isinf(found.metres[1]).all()
    for group in (0, 2):
        some = np.flatnonzero(targets.group == group)
        alone = nearest(network, targets.snaps.take(some), targets.owner[some], homes)
        assert np.array_equal(found.metres[group], alone.metres)
        assert np.array_equal(found.owner[group], alone.owner)


# --- random networks -------------------------------------------------------------------------------------------------


@st.composite
def towns(draw):
    """Nodes on a coarse lattice (many ties, shared ends, islands), random ways, homes and facilities."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(2, 25))
    size = draw(st.sampled_from([200, 700, 1500]))
    nodes = {i + 1: tuple(rng.integers(0, size, 2).tolist()) for i in range(count)}
    ways = [
        {
            "nodes": [
                None if rng.uniform() < 0.05 else int(rng.integers(1, count + 1)) for _ in range(rng.integers(2, 7))
            ],
            "snap": bool(rng.uniform() < 0.8),
            "step_free": True,
        }
        for _ in range(draw(st.integers(1, 10)))
    ]
    for way in ways:
        if not way["snap"]:
            way["step_free"] = bool(rng.uniform() < 0.5)
    homes = rng.uniform(-100, size + 100, (30, 2))
    facilities = rng.uniform(-100, size + 100, (draw(st.integers(1, 6)), 2))
    facilities[:1] = homes[:1]  # at the very same point
    return nodes, ways, homes, facilities


def plain_of(nodes, ways):
    plain = Plain()
    for way in ways:
        parts = [None if i is None else (i, *degrees([nodes[i]])[0]) for i in way["nodes"]]
        plain.add(parts, target=way["snap"], steps=not way["step_free"])
    return plain.ready()


def degrees(points):
    points = np.asarray(points, float).reshape(-1, 2)
    return list(zip(*(axis.tolist() for axis in FRAME.to_lonlat(points[:, 0] + X0, points[:, 1] + Y0)), strict=True))


@settings(max_examples=80, deadline=None)
@given(towns(), st.booleans())
def test_distances_agree_with_plain_networkx_on_the_ellipsoid(town, step_free):
    nodes, ways, homes, facilities = town
    network, plain = network_of(nodes, ways), plain_of(nodes, ways)
    mine = walk(network, facilities, homes, step_free=step_free).metres
    theirs = plain.nearest(degrees(homes), degrees(facilities), step_free=step_free)
    differing = 0
    for metres, other in zip(mine, theirs, strict=True):
        if other is None or np.isinf(other):
            differing += bool(np.isfinite(metres))
        else:
            # a long street is straight in lon/lat for one and in the metric frame for the other: centimetres apart
            differing += not (np.isfinite(metres) and abs(metres - other) <= max(0.25, 1e-4 * other))
    # a point midway between two crossing streets may be given to either
    assert differing <= 1


@settings(max_examples=60, deadline=None)
@given(towns())
def test_one_more_facility_never_lengthens_anybodys_walk(town):
    nodes, ways, homes, facilities = town
    network = network_of(nodes, ways)
    fewer, more = walk(network, facilities[1:], homes), walk(network, facilities, homes)
    assert (more.metres <= fewer.metres + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(town, random):
    nodes, ways, homes, facilities = town
    shuffled = [dict(way, nodes=way["nodes"][::-1]) for way in ways]
    random.shuffle(shuffled)
    order = list(range(len(homes)))
    random.shuffle(order)
    before = walk(network_of(nodes, ways), facilities, homes)
    after = walk(network_of(nodes, shuffled), facilities[::-1], homes[order])
    assert np.array_equal(before.metres[order], after.metres)


@settings(max_examples=60, deadline=None)
@given(towns(), st.floats(0.05, 0.95))
def test_splitting_edges_changes_nothing(town, share):
    nodes, ways, homes, facilities = town
    nodes, split = dict(nodes), []
    for way in ways:
        parts: list = []
        for one, two in zip(way["nodes"][:-1], way["nodes"][1:], strict=True):
            parts.append(one)
            if one is not None and two is not None and one != two:
                low, high = min(one, two), max(one, two)  # the same new node in both directions
                middle = low * 1000 + high
                nodes[middle] = tuple(a + share * (b - a) for a, b in zip(nodes[low], nodes[high], strict=True))
                parts.append(middle)
        parts.append(way["nodes"][-1])
        split.append(dict(way, nodes=parts))
    before, after = (walk(network_of(nodes, some), facilities, homes).metres for some in (ways, split))
    reached = np.isfinite(before)
    changed = int((reached != np.isfinite(after)).sum())
    both = reached & np.isfinite(after)
    changed += int((np.abs(before[both] - after[both]) > 0.02).sum())
    assert changed <= 1  # a tie between two streets may fall the other way


@settings(max_examples=60, deadline=None)
@given(towns(), st.floats(1, 1500))
def test_a_bounded_search_finds_the_same_up_to_its_limit(town, limit_m):
    nodes, ways, homes, facilities = town
    network = network_of(nodes, ways)
    free, bound = walk(network, facilities, homes), walk(network, facilities, homes, limit_m=limit_m)
    within = free.metres <= limit_m
    assert np.array_equal(bound.metres[within], free.metres[within])
    assert np.isinf(bound.metres[free.metres > limit_m + 1e-5]).all()
    # the owner named has an entrance at that distance
    owners = bound.owner[np.isfinite(bound.metres)]
    assert ((owners >= 0) & (owners < len(facilities))).all()


def test_an_edge_with_steps_is_neither_left_nor_walked_along_without_steps():
    # a user's own line layer may mark a street as a snap target although it has steps
    network = network_of(LINE, [{"nodes": [1, 2], "snap": True, "step_free": False}, [2, 3]])
    assert np.isinf(walk(network, [(100, 0)], [(120, 0)], step_free=True).metres[0])
    assert np.isinf(walk(network, [(400, 250)], [(120, 0)], step_free=True).metres[0])
    assert walk(network, [(400, 250)], [(400, 200)], step_free=True).metres == pytest.approx([50], **NEAR)


def test_unsnapped_targets_and_empty_input_are_taken_as_they_come():
    network = network_of(LINE, [[1, 2]])
    none = Snaps(np.zeros(0, np.int32), *(np.zeros(0) for _ in range(4)))
    assert len(nearest(network, none, [], none).metres) == 0
    assert np.isinf(nearest(network, none, [], snap_at(network, [(0, 0)]), limit_m=100).metres).all()
