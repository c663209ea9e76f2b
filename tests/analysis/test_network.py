import json

import numpy as np
import pytest

from geo_service.analysis.network import build_network, load_network, save_network, share_snap_index
from geo_service.foundation.errors import NotFound, StoreFault
from tests.analysis.places import FRAME, network_of, snap_at, walk, ways_of

CROSS = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (100, 100)}


def test_consecutive_nodes_of_a_way_are_edges_with_their_length_on_the_ground():
    network = network_of(CROSS, [[1, 2, 3], [2, 4]])
    assert list(network.node_id) == [1, 2, 3, 4]
    assert list(zip(network.edge_u, network.edge_v, strict=True)) == [(0, 1), (1, 2), (1, 3)]
    assert network.edge_length_m == pytest.approx([100, 100, 100], abs=1e-3)
    assert list(network.edge_way) == [0, 0, 1]
    assert list(np.diff(network.indptr)) == [1, 3, 1, 1]


def test_several_segments_between_two_nodes_are_one_edge_that_may_be_used_as_any_of_them():
    network = network_of(
        CROSS,
        [
            {"nodes": [1, 2], "snap": False, "step_free": False},
            {"nodes": [2, 1], "snap": True, "step_free": True},
            [1, 2, 1],
        ],
    )
    assert network.edge_count == 1
    assert network.edge_snap[0]
    assert network.edge_step_free[0]
    assert len(network.indices) == 2


def test_a_missing_node_breaks_the_way():
    network = network_of(CROSS, [[1, 2, None, 3, 4]])
    assert list(zip(network.edge_u, network.edge_v, strict=True)) == [(0, 1), (2, 3)]


def test_segments_from_a_node_to_itself_are_dropped_and_segments_without_length_kept():
    nodes = {1: (0, 0), 2: (0, 0), 3: (50, 0)}
    network = network_of(nodes, [[1, 1, 2, 3]])
    assert network.edge_count == 2
    assert network.edge_length_m == pytest.approx([0, 50], abs=1e-3)
    assert walk(network, [(-10, 0)], [(50, 10)]).metres == pytest.approx([70], abs=0.01)


def test_the_snap_index_is_shared_by_networks_whose_edges_lie_alike_only():
    one, same = (network_of(CROSS, [[1, 2, 3], [2, 4]]) for _ in range(2))
    other = network_of(CROSS, [[1, 2, 3]])
    share_snap_index(same, one)
    share_snap_index(other, one)
    assert same.snap_index is one.snap_index
    assert other.snap_index is not one.snap_index
    assert snap_at(other, [(100, 50)]).leg_m == pytest.approx([50], abs=1e-3)


def test_the_order_of_ways_does_not_matter():
    one = network_of(CROSS, [[1, 2, 3], {"nodes": [2, 4], "snap": False}])
    two = network_of(CROSS, [{"nodes": [4, 2], "snap": False}, [3, 2, 1]])
    assert one.fingerprint == two.fingerprint
    assert one.fingerprint != network_of(CROSS, [[1, 2, 3], [2, 4]]).fingerprint


def test_no_ways_at_all_is_a_network_where_nothing_snaps():
    network = network_of({}, [])
    assert network.edge_count == 0
    assert not snap_at(network, [(0, 0)]).snapped.any()
    assert np.isinf(walk(network, [(0, 0)], [(0, 0)]).metres).all()


def test_a_loaded_network_is_the_saved_one_and_memory_mapped(tmp_path):
    network = network_of(CROSS, [[1, 2, 3], {"nodes": [2, 4], "step_free": False, "snap": False}])
    folder = tmp_path / "networks" / network.fingerprint
    save_network(network, folder)
    save_network(network, folder)  # again: left alone
    assert [path.name for path in folder.parent.iterdir()] == [network.fingerprint]
    loaded = load_network(folder)
    for name in ("node_id", "x", "y", "indptr", "indices", "lengths", "edge_u", "edge_length_m", "edge_way"):
        assert np.array_equal(getattr(network, name), getattr(loaded, name))
        assert isinstance(getattr(loaded, name).base, np.memmap)
        assert not getattr(loaded, name).flags.writeable
    assert (loaded.frame, loaded.fingerprint) == (network.frame, network.fingerprint)
    assert isinstance(loaded.snap_index.candidates.base, np.memmap)
    points = [(10, 20), (150, -30), (100, 90), (900, 900)]
    for step_free in (False, True):
        before = walk(network, [(190, 5)], points, step_free=step_free)
        after = walk(loaded, [(190, 5)], points, step_free=step_free)
        assert np.array_equal(before.metres, after.metres)


def test_a_folder_that_is_missing_damaged_or_of_another_version_is_refused(tmp_path):
    network = build_network(ways_of(CROSS, [[1, 2, 3]]), FRAME)
    with pytest.raises(NotFound, match="network_files_missing"):
        load_network(tmp_path / "nothing")
    folder = tmp_path / "net"
    save_network(network, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 0}))
    with pytest.raises(StoreFault, match="network_files_unusable"):
        load_network(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    np.save(folder / "edge_u.npy", network.edge_u[:1])
    with pytest.raises(StoreFault, match="network_files_unusable"):
        load_network(folder)
    (folder / "edge_u.npy").write_bytes(b"\x93NUM")
    with pytest.raises(StoreFault, match="network_files_unusable"):
        load_network(folder)


def test_a_folder_that_cannot_be_written_is_one_clear_fault(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreFault, match="network_not_written"):
        save_network(network_of(CROSS, [[1, 2]]), tmp_path / "file" / "net")
