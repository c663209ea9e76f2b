"""Cures: what a gate opened or a crossing added would do, beside the network with it."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from shapely import LineString

from geo_service.analysis.cures import best_change, crossing_spots, crossings_between, gates_to_open, reach_of
from geo_service.analysis.stepping import snap_homes, snap_places
from tests.analysis.places import X0, Y0
from tests.analysis.quarters import enclosed, walk_home
from tests.analysis.test_closures import NODES, NORTH, QUARTER, SOUTH, WAYS, gate, town, towns


def cured(network, changes_of, places, homes, limit_m=5000.0):
    places, homes = (np.add(np.asarray(some, float).reshape(-1, 2), (X0, Y0)) for some in (places, homes))
    reach = reach_of(network, snap_places(network, places[:, 0], places[:, 1]), step_free=False)
    starts = snap_homes(network, homes[:, 0], homes[:, 1])
    changes = changes_of(network, reach)
    found = best_change(network, changes, starts, homes, limit_m=limit_m, step_free=False)
    return [changes.code[one] if one >= 0 else None for one in found.change], found.metres


def test_the_gate_that_would_help_is_named():
    network = town(gate("a", SOUTH, "everyone"), gate("b", NORTH, "residents"))
    codes, metres = cured(network, gates_to_open, [(310, 220)], [(310, -20), (20, -5)], limit_m=300)
    assert codes == ["b", None]
    assert metres[0] == pytest.approx(20 + 10 + 200 + 10 + 20, abs=0.1)


def test_a_crossing_over_the_railway_is_named():
    rail = LineString([(-50, 100), (700, 100)])
    network = enclosed(NODES, [[1, 2, 3], [4, 5, 6], [1, 4]], (), (), (rail,))
    place, home = np.add((590, 220), (X0, Y0)), np.add((580, -10), (X0, Y0))

    def changes_of(network, reach):
        ends = snap_places(network, place[:1], place[1:])
        spots = crossing_spots(network, np.array([shapely.linestrings([home, place])]))
        return crossings_between(network, ends, spots, step_free=False)

    codes, metres = cured(network, changes_of, [(590, 220)], [(580, -10)], limit_m=300)
    assert codes == ["b0"]
    assert metres[0] == pytest.approx(10 + 5 + 200 + 5 + 20, abs=2)


@settings(max_examples=12, deadline=None)
@given(towns())
def test_a_cure_is_what_the_network_with_the_gate_open_gives(made):
    nodes, ways, compounds, gates, walls, homes, facilities = made
    # what encloses nobody is open: a first gate would close it
    gates = [*gates, *((f"{code}z", tuple(shape.exterior.coords[0]), code, "residents") for code, shape in compounds)]
    network = enclosed(nodes, ways, compounds, gates, walls)
    outside = network.enclosed.compound_at(homes[:, 0] + X0, homes[:, 1] + Y0) < 0
    before = walk_home(network, facilities, homes).metres
    codes, metres = cured(network, gates_to_open, facilities, homes)
    opened = {}
    for one in gates:
        if one[3] != "everyone":
            given_ = [(*some[:3], "everyone") if some[0] == one[0] else some for some in gates]
            opened[one[0]] = walk_home(enclosed(nodes, ways, compounds, given_, walls), facilities, homes).metres
    for number, code in enumerate(codes):
        if code is None and outside[number]:
            assert all(walks[number] >= before[number] - 0.01 for walks in opened.values())
        elif code is not None and metres[number] < before[number] - 0.01:
            # at most: a resident who goes out by one gate and in by the one opened may be nearer still
            assert opened[code][number] <= metres[number] + 0.01
            assert not outside[number] or opened[code][number] == pytest.approx(metres[number], abs=0.01)


def test_nothing_to_cure_without_gates_and_barriers():
    network = enclosed(NODES, WAYS, [QUARTER], [gate("a", SOUTH, "everyone")])
    assert cured(network, gates_to_open, [(310, 220)], [(310, -20)])[0] == [None]
    assert len(crossing_spots(network, np.array([LineString([(0, 0), (1, 1)])]))) == 0
