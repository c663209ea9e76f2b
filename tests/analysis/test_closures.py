"""Closed quarters: small towns checked by hand, and random ones against networkx."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box, get_coordinates

from geo_service.analysis.closures import enclose
from geo_service.analysis.compounds import arrange
from geo_service.analysis.distances import nearest
from geo_service.analysis.network import load_network, save_network
from geo_service.analysis.pairs import pairs_within
from geo_service.analysis.stepping import snap_homes, snap_places
from tests.analysis.places import X0, Y0, network_of, walk
from tests.analysis.quarters import Plain, enclosed, grounds, walk_home

NEAR = {"abs": 0.05}
# a street from west to east and one parallel 200 m north, joined in the far west; a path between them at 300 m
NODES = {1: (0, 0), 2: (300, 0), 3: (600, 0), 4: (0, 200), 5: (300, 200), 6: (600, 200)}
WAYS = [[1, 2, 3], [4, 5, 6], [1, 4], [2, 5]]
QUARTER = ("Q1", box(200, 50, 400, 150))
SOUTH, NORTH = (300, 50), (300, 150)


def gate(code, at, passes, quarter="Q1"):
    return (code, at, quarter, passes)


def town(*gates, compounds=(QUARTER,), barriers=()):
    return enclosed(NODES, WAYS, compounds, gates, barriers)


def test_without_closed_quarters_and_barriers_it_is_the_same_network():
    network = network_of(NODES, WAYS)
    given_ = grounds()
    assert enclose(network, arrange(given_), given_.barrier_code, given_.barrier_shape) is network


def test_gates_open_to_everyone_change_nothing():
    free, plain = town(gate("a", SOUTH, "everyone"), gate("b", NORTH, "everyone")), network_of(NODES, WAYS)
    homes, places = [(310, 20), (310, 100), (310, 220), (20, 100)], [(290, 230), (100, -10)]
    assert walk_home(free, places, homes).metres == pytest.approx(walk(plain, places, homes).metres, abs=1e-6)


def test_outsiders_do_not_walk_through_and_residents_leave_by_their_gates():
    network = town(gate("a", SOUTH, "residents"), gate("b", NORTH, "residents"))
    found = walk_home(network, [(310, 220)], [(310, -20), (310, 100)])
    assert found.metres == pytest.approx([20 + 310 + 200 + 310 + 20, 10 + 100 + 10 + 20], **NEAR)


def test_a_closed_gate_lets_nobody_pass():
    network = town(gate("a", SOUTH, "residents"), gate("b", NORTH, "nobody"))
    found = walk_home(network, [(310, 220)], [(310, 100)])
    assert found.metres == pytest.approx([10 + 100 + 300 + 200 + 310 + 20], **NEAR)


def test_a_facility_inside_is_reached_by_those_who_live_there():
    network = town(gate("a", SOUTH, "residents"))
    found = walk_home(network, [(310, 100)], [(290, 120), (310, 20)])
    assert found.metres[0] == pytest.approx(10 + 20 + 10, **NEAR)
    assert np.isinf(found.metres[1])
    opened = walk_home(town(gate("a", SOUTH, "everyone")), [(310, 100)], [(310, 20)])
    assert opened.metres[0] == pytest.approx(10 + 80 + 10, **NEAR)


def test_neighbours_inside_whose_paths_do_not_meet_walk_round_outside():
    nodes = NODES | {7: (300, 80), 8: (300, 120), 9: (600, 100)}
    ways = [[1, 2, 3], [4, 5, 6], [3, 6], [2, 7], [8, 5]]
    network = enclosed(nodes, ways, [QUARTER], [gate("a", SOUTH, "residents"), gate("b", NORTH, "residents")])
    found = walk_home(network, [(300, 120)], [(300, 80)])
    assert found.metres == pytest.approx([80 + 300 + 200 + 300 + 80], **NEAR)


def test_residents_pass_through_their_quarter_and_come_in_again():
    """From the south through the quarter, out in the north, and in again by a third gate to a yard of its own."""
    nodes = NODES | {7: (380, 200), 8: (380, 140)}
    ways = [[1, 2], [4, 5, 7, 6], [2, 5], [7, 8]]
    gates = [gate("a", SOUTH, "residents"), gate("b", NORTH, "residents"), gate("c", (380, 150), "residents")]
    network = enclosed(nodes, ways, [QUARTER], gates)
    found = walk_home(network, [(200, 0)], [(380, 140), (590, 200)])
    assert found.metres[0] == pytest.approx(100 + 200 + 80 + 60, **NEAR)
    assert np.isinf(found.metres[1])


def test_a_quarter_without_a_gate_for_its_people_is_taken_as_open():
    for gates in ([], [gate("a", SOUTH, "nobody")], [gate("far", (0, 0), "everyone")]):
        arranged = arrange(grounds([QUARTER], gates))
        assert (arranged.code, arranged.without_gate) == ([], ["Q1"])
    assert arrange(grounds([QUARTER], [gate("far", (0, 0), "everyone")])).far_gates == ["far"]


def test_gates_without_a_quarter_belong_to_the_nearest_boundary():
    other = ("Q2", box(410, 50, 500, 150))
    arranged = arrange(grounds([other, QUARTER], [gate("g", (402, 100), "everyone", None)]))
    assert (arranged.code, arranged.gate_code) == (["Q1"], ["g"])
    assert arrange(grounds([QUARTER], [gate("g", SOUTH, "everyone", "Q9")])).code == []  # the gate of another quarter


def test_overlapping_quarters_are_one():
    other = ("Q2", box(350, 50, 500, 150))
    arranged = arrange(grounds([other, QUARTER], [gate("g", SOUTH, "residents")]))
    assert (arranged.code, arranged.overlapping) == (["Q1+Q2"], ["Q1", "Q2"])
    touching = ("Q3", box(399, 50, 500, 150))
    both = arrange(
        grounds([touching, QUARTER], [gate("g", SOUTH, "residents"), gate("h", (450, 50), "residents", "Q3")])
    )
    assert (both.code, both.overlapping) == (["Q1", "Q3"], [])


def test_a_street_along_the_boundary_is_outside():
    nodes = NODES | {7: (300, 50.8), 8: (600, 51)}
    network = enclosed(nodes, [*WAYS, [7, 8], [8, 3]], [QUARTER], [gate("a", NORTH, "residents")])
    assert walk_home(network, [(350, 40)], [(590, 20)]).metres[0] < 310


def test_a_home_does_not_step_over_its_wall_nor_a_neighbour_into_the_quarter():
    network = town(gate("a", NORTH, "residents"))
    # 40 m from the street, 90 m from the path inside
    found = walk_home(network, [(390, -10)], [(390, 60), (210, 40)])
    assert found.metres == pytest.approx([90 + 140 + 300 + 200 + 390 + 10, 40 + 180 + 10], **NEAR)


def test_legs_go_round_the_end_of_a_wall():
    wall = box(280, 10, 320, 12)
    network = town(compounds=(), barriers=(wall,))
    found = walk_home(network, [(300, -10)], [(300, 30)])
    # the path at x = 300 is reached at once; a home beside it behind the wall sees the street past the wall's end
    assert found.metres[0] == pytest.approx(30 + 10, **NEAR)
    nodes = {1: (0, 0), 2: (600, 0)}
    seen = enclosed(nodes, [[1, 2]], (), (), (wall,))
    found = walk_home(seen, [(600, 0)], [(310, 30)])
    assert found.metres[0] == pytest.approx(np.hypot(320 + 10 * 12 / 18 - 310, 30) + 600 - 320 - 10 * 12 / 18, abs=0.1)


def test_a_home_walled_in_has_no_street():
    network = town(compounds=(), barriers=(box(305, 20, 345, 60).boundary,))
    found = walk_home(network, [(300, 0)], [(325, 40)])
    assert np.isinf(found.metres[0])


def test_a_gate_no_street_passes_is_joined_to_the_nearest_ones():
    nodes = NODES | {7: (250, 100), 8: (350, 100)}
    ways = [[1, 2, 3], [4, 5, 6], [1, 4], [7, 8]]
    network = enclosed(nodes, ways, [QUARTER], [gate("a", (240, 50), "residents")])
    found = walk_home(network, [(240, -10)], [(340, 110), (240, 20)])
    leg = np.hypot(10, 50)
    assert found.metres == pytest.approx([10 + 90 + leg + 50 + 10, 30], **NEAR)


def test_where_there_is_no_street_inside_one_walks_to_the_gate():
    ways = [[1, 2, 3], [4, 5, 6], [1, 4]]
    network = enclosed(NODES, ways, [QUARTER], [gate("a", (240, 50), "residents")])
    found = walk_home(network, [(240, -10)], [(240, 100), (390, 140)])
    assert found.metres == pytest.approx([50 + 50 + 10, np.hypot(150, 88) + 2 + 50 + 10], abs=0.1)
    out_of_reach = enclosed(NODES, ways, [("Q1", box(200, 20, 600, 180))], [gate("a", (210, 20), "residents")])
    assert np.isinf(walk_home(out_of_reach, [(240, -10)], [(590, 100)]).metres[0])


def test_a_derived_network_is_kept_in_files(tmp_path):
    network = town(gate("a", SOUTH, "residents"), barriers=(box(0, 100, 100, 120),))
    save_network(network, tmp_path / "n")
    loaded = load_network(tmp_path / "n")
    homes, places = [(310, 100), (310, 20), (50, 80)], [(290, 230), (300, 120)]
    assert np.array_equal(walk_home(loaded, places, homes).metres, walk_home(network, places, homes).metres)
    assert loaded.fingerprint == network.fingerprint


# --- random towns ----------------------------------------------------------------------------------------------------


@st.composite
def towns(draw, barriers=False):
    """A lattice of streets with some missing, quarters on it, gates where streets pass their boundary, homes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = 5
    nodes = {
        r * size + c + 1: (c * 110.0 + rng.uniform(-25, 25), r * 110.0 + rng.uniform(-25, 25))
        for r in range(size)
        for c in range(size)
    }
    ways = []
    for r in range(size):
        for c in range(size):
            here = r * size + c + 1
            for there in ([here + 1] if c < size - 1 else []) + ([here + size] if r < size - 1 else []):
                if rng.uniform() < 0.75:
                    free = bool(rng.uniform() < 0.85)
                    ways.append({"nodes": [here, there], "snap": free, "step_free": free})
    ways = ways or [[1, 2]]
    compounds = []
    for n in range(draw(st.integers(1, 3))):
        west, south = rng.uniform(0, 300, 2)
        compounds.append((f"Q{n}", box(west, south, west + rng.uniform(60, 220), south + rng.uniform(60, 220))))
    gates = []
    for code, shape in compounds:
        for k in range(int(rng.integers(1, 5))):
            spot = shape.exterior.interpolate(rng.uniform(), normalized=True)
            crossings = [
                p
                for way in ways
                for p in [shape.exterior.intersection(_line(nodes, way))]
                if p.geom_type == "Point" and rng.uniform() < 0.4
            ]
            spot = crossings[k % len(crossings)] if crossings else spot
            gates.append((f"{code}g{k}", (spot.x, spot.y), code, str(rng.choice(["everyone", "residents", "nobody"]))))
    walls = []
    if barriers:
        for _ in range(4):
            a = rng.uniform(0, 440, 2)
            walls.append(_segment(a, a + rng.uniform(-150, 150, 2)))
    homes = rng.uniform(-20, 460, (8, 2))
    facilities = rng.uniform(-20, 460, (draw(st.integers(1, 4)), 2))
    return nodes, ways, compounds, gates, walls, homes, facilities


def _line(nodes, way):
    ids = way["nodes"] if isinstance(way, dict) else way
    return _segment(nodes[ids[0]], nodes[ids[1]])


def _segment(a, b):
    return LineString([tuple(a), tuple(b)])


def on_streets(nodes, ways, compounds, gates, walls):
    """Leave out gates farther than 15 m from where a street crosses the boundary, so that none needs a link."""
    network = network_of(nodes, ways)
    arranged = arrange(grounds(compounds, gates, walls))
    kept = []
    for code, at, quarter, passes in gates:
        owner = [n for n, one in enumerate(arranged.code) if quarter in one.split("+")]
        if not owner:
            kept.append((code, at, quarter, passes))
            continue
        crossings = [
            p
            for u, v in zip(network.edge_u, network.edge_v, strict=True)
            for p in _points(
                _segment((network.x[u], network.y[u]), (network.x[v], network.y[v])), arranged.core[owner[0]]
            )
        ]
        place = next(
            ((arranged.gate_x[n], arranged.gate_y[n]) for n, one in enumerate(arranged.gate_code) if one == code),
            None,
        )
        if place is not None and any(np.hypot(p[0] - place[0], p[1] - place[1]) < 14.9 for p in crossings):
            kept.append((code, at, quarter, passes))
    return kept


def _points(line, core):
    return get_coordinates(line.intersection(core.boundary))


@settings(max_examples=20, deadline=None)
@given(towns(), st.booleans())
def test_distances_agree_with_networkx(made, step_free):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    gates = on_streets(nodes, ways, compounds, gates, walls)
    network = enclosed(nodes, ways, compounds, gates, walls)
    _compare(network, network_of(nodes, ways), grounds(compounds, gates, walls), homes, facilities, step_free)


@settings(max_examples=15, deadline=None)
@given(towns(barriers=True))
def test_distances_with_walls_agree_with_networkx(made):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    gates = on_streets(nodes, ways, compounds, gates, walls)
    network = enclosed(nodes, ways, compounds, gates, walls)
    _compare(network, network_of(nodes, ways), grounds(compounds, gates, walls), homes, facilities, False)


def _compare(network, base, given_, homes, facilities, step_free):
    plain = Plain(base, given_)
    if step_free:
        free = Plain(base, given_, step_free=True)
        plain.graphs = free.graphs
    mine = walk_home(network, facilities, homes, step_free=step_free).metres
    theirs = plain.nearest(np.add(homes, (X0, Y0)), np.add(facilities, (X0, Y0)))
    for metres, other in zip(mine, theirs, strict=True):
        if other is None or np.isinf(other):
            assert not np.isfinite(metres)
        else:
            assert metres == pytest.approx(other, abs=0.5)


@settings(max_examples=25, deadline=None)
@given(towns(barriers=True), st.integers(0, 10))
def test_opening_a_gate_never_lengthens_a_walk(made, which):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    # what encloses nobody is open: a first gate would close it
    gates = [*gates, *((f"{code}z", tuple(shape.exterior.coords[0]), code, "residents") for code, shape in compounds)]
    place = which % len(gates)
    opened = [(*one[:3], "everyone") if n == place else one for n, one in enumerate(gates)]
    before = walk_home(enclosed(nodes, ways, compounds, gates, walls), facilities, homes).metres
    after = walk_home(enclosed(nodes, ways, compounds, opened, walls), facilities, homes).metres
    assert (after <= before + 1e-6).all()


@settings(max_examples=15, deadline=None)
@given(towns(barriers=True))
def test_one_more_facility_never_lengthens_a_walk(made):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    network = enclosed(nodes, ways, compounds, gates, walls)
    more = walk_home(network, facilities, homes).metres
    for left_out in range(len(facilities)) if len(facilities) > 1 else ():
        assert (more <= walk_home(network, np.delete(facilities, left_out, 0), homes).metres + 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(towns(barriers=True), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(made, random):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    before = enclosed(nodes, ways, compounds, gates, walls)
    compounds, gates, ways = list(compounds), list(gates), list(ways)
    for some in (compounds, gates, ways):
        random.shuffle(some)
    after = enclosed(nodes, ways, compounds, gates, walls)
    assert before.fingerprint == after.fingerprint
    assert np.array_equal(walk_home(before, facilities, homes).metres, walk_home(after, facilities, homes).metres)


@settings(max_examples=25, deadline=None)
@given(towns(barriers=True), st.floats(0.1, 0.9))
def test_splitting_edges_changes_nothing(made, share):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    more, split = dict(nodes), []
    for way in ways:
        one, two = (way if isinstance(way, list) else way["nodes"])[:2]
        middle = min(one, two) * 1000 + max(one, two)
        more[middle] = tuple(a + share * (b - a) for a, b in zip(nodes[one], nodes[two], strict=True))
        split.append({**way, "nodes": [one, middle, two]} if isinstance(way, dict) else [one, middle, two])
    before = walk_home(enclosed(nodes, ways, compounds, gates, walls), facilities, homes).metres
    after = walk_home(enclosed(more, split, compounds, gates, walls), facilities, homes).metres
    assert np.array_equal(np.isfinite(before), np.isfinite(after))
    reached = np.isfinite(before)
    assert after[reached] == pytest.approx(before[reached], abs=0.1)


@settings(max_examples=15, deadline=None)
@given(towns(barriers=True))
def test_pairs_are_those_of_the_nearest(made):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    network = enclosed(nodes, ways, compounds, gates, walls)
    starts = snap_homes(network, homes[:, 0] + X0, homes[:, 1] + Y0)
    ends = snap_places(network, facilities[:, 0] + X0, facilities[:, 1] + Y0)
    for one, two in ((starts, ends), (starts.take(np.arange(len(facilities))), ends)):
        pairs = pairs_within(network, one, two, limit_m=5000)
        matrix = np.full((len(one), len(two)), np.inf)
        matrix[pairs.start, pairs.end] = pairs.metres
        for end in range(len(two)):
            alone = nearest(network, two.take(np.array([end])), [0], one).metres
            assert matrix[:, end] == pytest.approx(alone, abs=1e-6)
