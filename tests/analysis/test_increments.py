"""One change against the whole made anew: the same walks on a network with the change really made."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis.increments import Crowd, Feet, Path, Streets, over_paths
from geo_service.analysis.kept_reach import KeptReach
from tests.analysis.places import network_of, snap_at, walk

LIMIT = 700.0
NEAR = {"abs": 0.02}


def grid(rng, size=5, step=150.0):
    """A bent grid with some streets left out, and its ways."""
    nodes = {
        row * size + column: (column * step + rng.uniform(-30, 30), row * step + rng.uniform(-30, 30))
        for row in range(size)
        for column in range(size)
    }
    pairs = [(n, n + 1) for n in nodes if (n + 1) % size] + [(n, n + size) for n in nodes if n + size < size * size]
    return nodes, [[a, b] for a, b in pairs if rng.random() > 0.25]


def between(nodes, way, share):
    (ax, ay), (bx, by) = (nodes[node] for node in way)
    return ax + share * (bx - ax), ay + share * (by - ay)


def feet(network, points):
    return Feet.of(network.chains(step_free=False), snap_at(network, points))


def near(network, streets, sources, homes):
    """Walks of all homes by a search from the sources and the crowd; inf where not reached."""
    return walks(network, streets.search(sources, LIMIT), homes)


def walks(network, reach, homes):
    crowd = Crowd.of(network.chains(step_free=False), feet(network, homes), np.arange(len(homes)))
    found = np.full(len(homes), np.inf)
    place, metres = reach.near(crowd)
    found[crowd.which[place]] = metres
    assert reach.of(feet(network, homes)) == pytest.approx(found)
    return found


def within(metres):
    return np.where(metres <= LIMIT + 1e-6, metres, np.inf)


def same(found, wanted):
    # beside the limit rounding may decide
    doubtful = (np.abs(found - LIMIT) < 0.05) | (np.abs(wanted - LIMIT) < 0.05)
    assert found[~doubtful] == pytest.approx(wanted[~doubtful], **NEAR)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), paths=st.integers(0, 2), cuts=st.integers(0, 2))
def test_paths_and_cuts_are_as_in_a_network_that_has_them(seed, paths, cuts):
    rng = np.random.default_rng(seed)
    nodes, ways = grid(rng)
    network = network_of(nodes, ways)
    homes, shops = rng.uniform(-30, 630, (40, 2)), rng.uniform(-30, 630, (4, 2))
    real_nodes = dict(nodes)
    on_way = {}
    added = []
    for number in range(2 * paths + cuts):
        way, share = int(rng.integers(len(ways))), float(rng.uniform(0.05, 0.95))
        point = between(nodes, ways[way], share)
        is_cut = number >= 2 * paths
        real_nodes[1000 + 2 * number] = real_nodes[1001 + 2 * number] = point
        on_way.setdefault(way, []).append((share, number, is_cut))
        added.append(point)
    real = []
    for number, way in enumerate(ways):
        part = [way[0]]
        for _, mark, is_cut in sorted(on_way.get(number, [])):
            part.append(1000 + 2 * mark)
            if is_cut:
                real.append(part)
                part = [1001 + 2 * mark]
        real.append([*part, way[1]])
    links = [{"nodes": [1000 + 4 * n, 1002 + 4 * n], "snap": False} for n in range(paths)]
    wanted = within(walk(network_of(real_nodes, [*real, *links]), shops, homes).metres)
    metres = [
        float(np.hypot(*np.subtract(added[2 * n], added[2 * n + 1]))) for n in range(paths)
    ]  # the plane is true to 0.1 per mille here
    own = [Path(feet(network, added[2 * n : 2 * n + 2]), metres[n]) for n in range(paths)]
    plain = Streets.of(network.chains(step_free=False))
    streets = plain.edited(own, feet(network, added[2 * paths :]) if cuts else None)
    found = near(network, streets, feet(network, shops), homes)
    assert np.isfinite(found).sum() == pytest.approx(np.isfinite(wanted).sum(), abs=2)
    same(np.where(np.isfinite(wanted), found, 1e9), np.where(np.isfinite(wanted), wanted, 1e9))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_path_changes_only_what_goes_over_it(seed):
    """The walk over new paths: what their feet have, carried on from there, and the minimum with what was known."""
    rng = np.random.default_rng(seed)
    nodes, ways = grid(rng)
    network = network_of(nodes, ways)
    chains = network.chains(step_free=False)
    homes, shops = rng.uniform(-30, 630, (40, 2)), feet(network, rng.uniform(-30, 630, (3, 2)))
    ends = [feet(network, [between(nodes, ways[int(rng.integers(len(ways)))], rng.uniform(0.1, 0.9)) for _ in "ab"])
            for _ in range(2)]  # fmt: skip
    plain, paths = Streets.of(chains), [Path(one, 10.0) for one in ends]
    streets = plain.edited(paths)
    over = walks(network, over_paths(streets, paths, [plain.search(shops, LIMIT)], LIMIT), homes)
    before = near(network, plain, shops, homes)
    assert np.minimum(before, over) == pytest.approx(near(network, streets, shops, homes), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    cuts=st.integers(0, 3),
    closed=st.integers(0, 3),
    gates=st.integers(0, 4),
    size=st.integers(2, 9),
)
def test_what_is_kept_without_sources_and_streets_is_a_search_without_them(seed, cuts, closed, gates, size):
    """Few nodes are walked anew, all others and the homes on other streets keep what they have; links lead one way."""
    rng = np.random.default_rng(seed)
    nodes, ways = grid(rng, size)
    network = network_of(nodes, ways)
    if not network.edge_count:
        return
    width = 150.0 * size
    shops = feet(network, rng.uniform(-30, width, (6, 2)))
    shops = shops.take(np.flatnonzero(shops.chain >= 0))
    homes = rng.uniform(-30, width, (80, 2))
    chains = network.chains(step_free=False)
    links = rng.integers(0, chains.junction_count, (2, gates)).astype(np.int32)
    plain = Streets.of(replace(chains, link_from=links[0], link_to=links[1]))
    places = [between(nodes, ways[int(rng.integers(len(ways)))], rng.uniform(0, 1)) for _ in range(cuts)]
    cut = plain.edited((), feet(network, places) if cuts else None)
    gone = np.arange(len(shops)) < closed
    kept = KeptReach.of(plain, shops, LIMIT)
    before = walks(network, kept.reach(), homes)
    assert before == pytest.approx(near(network, plain, shops, homes))
    reach, chains = kept.without(gone, cut)
    wanted = near(network, cut, shops.take(np.flatnonzero(~gone)), homes)
    assert walks(network, reach, homes) == pytest.approx(wanted, abs=1e-9)
    where = feet(network, homes).chain
    still = ~np.append(chains, False)[where]
    assert before[still] == pytest.approx(wanted[still], abs=1e-9)
    if not cuts and not closed:
        assert not chains.any()


def test_a_path_that_begins_at_a_cut_does_not_lead_across_it():
    network = network_of({1: (0, 0), 2: (400, 0), 3: (0, 300), 4: (400, 300)}, [[1, 2], [3, 4]])
    plain = Streets.of(network.chains(step_free=False))
    at = feet(network, [(200, 0)])
    path = Path(Feet.together([at, feet(network, [(200, 300)])]), 300.0)
    cut, both = plain.edited((), at), plain.edited([path], at)
    shop = feet(network, [(100, 0)])
    reach = over_paths(both, [path], [cut.search(shop, 2000.0)], 2000.0)
    assert reach.of(feet(network, [(200, 300)])) == pytest.approx([400], abs=0.5)
    assert reach.of(feet(network, [(300, 0)])) == pytest.approx([np.inf])


def test_nothing_to_search_from_reaches_nobody():
    network = network_of({1: (0, 0), 2: (400, 0)}, [[1, 2]])
    streets = Streets.of(network.chains(step_free=False))
    assert not np.isfinite(near(network, streets, feet(network, [(0, 900)]), [(10, 0)])).any()
    empty = network_of({}, [])
    assert near(empty, Streets.of(empty.chains(step_free=False)), feet(empty, [(0, 0)]), [(0, 0)]).tolist() == [np.inf]


def test_homes_at_both_sides_of_a_cut():
    network = network_of({1: (0, 0), 2: (400, 0)}, [[1, 2]])
    cut = feet(network, [(200, 0)])
    streets = Streets.of(network.chains(step_free=False)).edited((), cut)
    found = near(network, streets, feet(network, [(150, 0)]), [(10, 0), (190, 0), (210, 0), (400, 0)])
    assert found == pytest.approx([140, 40, np.inf, np.inf], abs=0.1)
