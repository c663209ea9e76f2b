"""All walks within a limit: by hand, against the search for the nearest, and against networkx."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis.pairs import Pairs, pairs_within
from tests.analysis.places import network_of, snap_at, walk
from tests.analysis.test_distances import towns

LINE = {1: (0, 0), 2: (400, 0), 3: (400, 300), 4: (900, 0), 5: (960, 0)}
NEAR = {"abs": 0.01}


def pairs(network, starts, ends, limit_m, **options):
    return pairs_within(network, snap_at(network, starts), snap_at(network, ends), limit_m=limit_m, **options)


def by_pair(found):
    return dict(zip(zip(found.start.tolist(), found.end.tolist(), strict=True), found.metres.tolist(), strict=True))


def test_walks_count_both_legs_and_the_same_street_is_walked_directly():
    network = network_of(LINE, [[1, 2, 3]])
    found = pairs(network, [(410, 200), (100, 30)], [(100, 20), (150, 10), (100, -5)], 540)
    assert found.start.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.end.tolist() == [0, 1, 2, 0, 1, 2]
    assert found.metres == pytest.approx([530, 470, 515, 50, 90, 35], **NEAR)
    assert by_pair(pairs(network, [(410, 200)], [(100, 20), (150, 10)], 500)) == {(0, 1): pytest.approx(470, **NEAR)}


def test_at_the_limit_is_within():
    network = network_of(LINE, [[1, 2, 3]])
    exact = pairs(network, [(410, 200)], [(100, 20)], 1000).metres[0]
    assert len(pairs(network, [(410, 200)], [(100, 20)], exact)) == 1
    assert len(pairs(network, [(410, 200)], [(100, 20)], exact - 0.01)) == 0


def test_islands_points_without_a_street_and_nobody_at_all_make_no_pairs():
    network = network_of(LINE, [[1, 2], [4, 5]])
    found = pairs(network, [(930, 10), (100, 500)], [(300, 0), (940, 0), (600, 600)], 5000)
    assert by_pair(found) == {(0, 1): pytest.approx(20, **NEAR)}
    assert len(pairs(network, [], [(300, 0)], 5000)) == 0
    assert len(pairs(network, [(300, 0)], [], 5000)) == 0
    assert len(pairs(network_of({}, []), [(300, 0)], [(300, 0)], 5000)) == 0
    with pytest.raises(ValueError, match="limit"):
        pairs(network, [(300, 0)], [(300, 0)], -1)


def test_entrances_of_one_facility_become_its_shortest_walk():
    network = network_of(LINE, [[1, 2, 3]])
    found = pairs(network, [(0, 0), (400, 100), (400, 290)], [(300, 0), (10, 0)], 350).by_owner([7, 7, 2], [4, 5])
    assert found.start.tolist() == [7, 7]
    assert found.end.tolist() == [4, 5]
    assert found.metres == pytest.approx([200, 10], **NEAR)


def test_without_steps_the_way_round_is_taken():
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (100, 80), 5: (200, 80)}
    steps = {"nodes": [2, 3], "snap": False, "step_free": False}
    network = network_of(nodes, [[1, 2], steps, [2, 4, 5, 3], [3, 3]])
    home, shop = [(50, 0)], [(200, 30)]
    assert pairs(network, shop, home, 400).metres == pytest.approx([180], **NEAR)
    assert pairs(network, shop, home, 400, step_free=True).metres == pytest.approx([280], **NEAR)
    only_steps = network_of(nodes, [[1, 2], steps, [3, 5]])
    assert len(pairs(only_steps, shop, home, 400, step_free=True)) == 0


def test_many_starts_are_searched_in_blocks(monkeypatch):
    network = network_of(LINE, [[1, 2, 3], [2, 4, 5]])
    rng = np.random.default_rng(5)
    starts, ends = rng.uniform(0, 900, (40, 2)), rng.uniform(0, 900, (60, 2))
    whole, told = pairs(network, starts, ends, 800), []
    monkeypatch.setattr("geo_service.analysis.pairs._CELLS", 30)
    parts = pairs(network, starts, ends, 800, progress=lambda share, _: told.append(share))
    assert len(told) > 3 and told[-1] == 1.0
    for name in ("start", "end", "metres"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))


# --- random networks -------------------------------------------------------------------------------------------------


def with_networkx(network, starts, ends, limit_m, *, step_free):
    """Every pair within the limit from an undirected graph cut at each snap point."""
    graph, on_edge = nx.Graph(), {}
    usable = [number for number in range(network.edge_count) if network.edge_step_free[number] or not step_free]
    for side, snaps in (("s", starts), ("e", ends)):
        for place in range(len(snaps)):
            if snaps.edge[place] in usable:
                point = (float(snaps.offset_m[place]), (side, place))
                on_edge.setdefault(int(snaps.edge[place]), []).append(point)
    for edge in usable:
        u, v, length = int(network.edge_u[edge]), int(network.edge_v[edge]), float(network.edge_length_m[edge])
        stops = [(0.0, u), *sorted(on_edge.get(edge, [])), (length, v)]
        for (here, a), (there, b) in pairwise(stops):
            graph.add_edge(a, b, weight=max(there - here, 0.0))
    found = {}
    for place in range(len(starts)):
        if ("s", place) not in graph:
            continue
        reach = nx.single_source_dijkstra_path_length(graph, ("s", place))
        for other in range(len(ends)):
            metres = reach.get(("e", other), np.inf) + starts.leg_m[place] + ends.leg_m[other]
            if metres <= limit_m + 1e-6:
                found[place, other] = metres
    return found


@settings(max_examples=80, deadline=None)
@given(towns(), st.booleans(), st.sampled_from([150.0, 600.0, 2500.0]))
def test_pairs_agree_with_networkx(town, step_free, limit_m):
    nodes, ways, homes, facilities = town
    network = network_of(nodes, ways)
    for starts, ends in ((facilities, homes), (homes, facilities), (homes[:7], homes)):
        one, two = snap_at(network, starts), snap_at(network, ends)
        found = pairs_within(network, one, two, limit_m=limit_m, step_free=step_free)
        keys = found.start.astype(np.int64) * len(ends) + found.end
        assert (np.diff(keys) > 0).all()
        expected = with_networkx(network, one, two, limit_m, step_free=step_free)
        assert by_pair(found) == pytest.approx(expected, rel=1e-12, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(towns())
def test_the_nearest_of_the_pairs_is_the_nearest(town):
    nodes, ways, homes, facilities = town
    network = network_of(nodes, ways)
    found = pairs(network, facilities, homes, 1e6)
    least = np.full(len(homes), np.inf)
    np.minimum.at(least, found.end, found.metres)
    assert least == pytest.approx(walk(network, facilities, homes).metres, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(town, random):
    nodes, ways, homes, facilities = town
    shuffled = [dict(way, nodes=way["nodes"][::-1]) for way in ways]
    random.shuffle(shuffled)
    order = list(range(len(homes)))
    random.shuffle(order)
    before = by_pair(pairs(network_of(nodes, ways), facilities, homes, 900))
    after: Pairs = pairs(network_of(nodes, shuffled), facilities, homes[order], 900)
    assert {(start, order[end]): metres for (start, end), metres in by_pair(after).items()} == before
