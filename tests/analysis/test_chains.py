import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis.chains import chains_of


def chains(node_count, edges, kept=None):
    u, v, length = (np.array(column) for column in zip(*edges, strict=True)) if edges else (np.zeros(0),) * 3
    flags = np.ones(len(edges), bool) if kept is None else np.array(kept, bool)
    return chains_of(node_count, u.astype(np.int32), v.astype(np.int32), length.astype(float), flags)


def test_a_bent_street_between_two_junctions_is_one_chain():
    found = chains(4, [(0, 1, 10.0), (1, 2, 20.0), (2, 3, 30.0)])
    assert (found.junction_count, len(found.u)) == (2, 1)
    assert {int(found.u[0]), int(found.v[0])} == {0, 1}
    assert found.length_m == pytest.approx([60])
    at_nodes = found.along_m(np.array([0, 1, 2, 2]), np.array([0.0, 0.0, 0.0, 30.0]))
    assert list(at_nodes) == pytest.approx([0, 10, 30, 60]) or list(at_nodes) == pytest.approx([60, 50, 30, 0])


def test_a_crossing_ends_the_chains_that_meet_there():
    found = chains(5, [(0, 2, 1.0), (1, 2, 2.0), (2, 3, 3.0), (2, 4, 4.0)])
    assert (found.junction_count, sorted(found.length_m)) == (5, pytest.approx([1, 2, 3, 4]))


def test_a_ring_without_a_junction_begins_at_its_lowest_node():
    found = chains(5, [(1, 2, 1.0), (2, 3, 2.0), (1, 3, 4.0)])
    assert (found.junction_count, len(found.u)) == (1, 1)
    assert found.u[0] == found.v[0] == 0
    assert found.length_m == pytest.approx([7])


def test_a_ring_that_hangs_on_a_street_begins_and_ends_there():
    found = chains(4, [(0, 1, 5.0), (1, 2, 1.0), (2, 3, 2.0), (1, 3, 4.0)])
    ring = int(found.edge_chain[1])
    assert found.u[ring] == found.v[ring]
    assert found.length_m[ring] == pytest.approx(7)


def test_an_edge_that_is_left_out_makes_no_bend():
    found = chains(3, [(0, 1, 1.0), (1, 2, 2.0), (0, 2, 9.0)], kept=[True, True, False])
    assert list(found.edge_chain) == [0, 0, -1]
    assert found.length_m == pytest.approx([3])


def test_nothing_has_no_chains():
    found = chains(3, [])
    assert (found.junction_count, len(found.u), len(found.edge_chain)) == (0, 0, 0)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=25),
    st.lists(st.booleans(), min_size=25, max_size=25),
)
def test_walks_between_junctions_are_as_long_as_on_all_edges(pairs, kept):
    joined = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    edges = [(u, v, 1.0 + 0.37 * number) for number, (u, v) in enumerate(joined)]
    found = chains(12, edges, kept[: len(edges)])
    whole, short = nx.Graph(), nx.MultiGraph()
    whole.add_weighted_edges_from(edge for edge, is_kept in zip(edges, kept, strict=False) if is_kept)
    short.add_weighted_edges_from(zip(found.u, found.v, found.length_m, strict=True))
    meet = dict(whole.degree())
    junctions = sorted(node for node in meet if meet[node] != 2)
    rings = [part for part in nx.connected_components(whole) if not part.intersection(junctions)]
    junctions = sorted([*junctions, *(min(part) for part in rings)])
    assert len(junctions) == found.junction_count
    assert found.length_m.sum() == pytest.approx(sum(data["weight"] for *_, data in whole.edges(data=True)))
    far = dict(nx.all_pairs_dijkstra_path_length(whole))
    near = dict(nx.all_pairs_dijkstra_path_length(short))
    for number, node in enumerate(junctions):
        for other_number, other in enumerate(junctions):
            assert near[number].get(other_number) == pytest.approx(far[node].get(other))
