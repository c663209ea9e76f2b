"""Networks: extracts that touch are one, apart they are two; arrays are built once and come back."""

import numpy as np
import pytest

from geo_service.foundation.errors import InvalidInput
from geo_service.services import networks
from geo_service.services.times import times


def opened(town):
    with town.store.reading() as conn:
        return networks.open_networks(conn, town.ctx)


def test_no_network_yet(town):
    with pytest.raises(InvalidInput, match="no_network"):
        opened(town)


def test_arrays_are_built_once_and_mapped(town):
    town.main_street()
    first = opened(town)[0]
    assert (town.var_dir / "networks" / first.fingerprint / "manifest.json").is_file()
    assert opened(town)[0].network is first.network
    assert [key for _, key in town.heard].count("progress.network_building") == 1
    networks._loaded.clear()
    again = opened(town)[0]
    assert [key for _, key in town.heard].count("progress.network_building") == 1
    assert np.array_equal(again.network.edge_length_m, first.network.edge_length_m)


def test_damaged_arrays_are_built_again(town):
    town.main_street()
    first = opened(town)[0]
    networks._loaded.clear()
    place = town.var_dir / "networks" / first.fingerprint
    (place / "manifest.json").write_text("{", encoding="utf-8")
    assert opened(town)[0].network.edge_count == 20


def test_overlapping_extracts_are_one_network(town):
    town.streets([[(0.0, 0.0), (500.0, 0.0)]], code="990001", extent=(-100, -500, 600, 500))
    town.streets([[(500.0, 0.0), (1000.0, 0.0)]], code="990002", extent=(400, -500, 1100, 500))
    both = opened(town)
    assert [streets.codes for streets in both] == [("990001", "990002")]
    assert both[0].network.edge_count == 2


def test_extracts_apart_are_two_networks_and_nobody_walks_between(town):
    town.streets([[(0.0, 0.0), (500.0, 0.0)]], code="990001", extent=(-100, -500, 600, 500))
    town.streets([[(50000.0, 0.0), (50500.0, 0.0)]], code="990002", extent=(49900, -500, 50600, 500))
    both = opened(town)
    assert [streets.codes for streets in both] == [("990001",), ("990002",)]
    lon, lat = np.array([town.at(x, 0) for x in (100, 20000, 30000, 50100)]).T
    assert networks.assign(both, lon, lat).tolist() == [0, 0, 1, 1]
    town.homes(100, 50100)
    town.facility("f1", 50400)
    with town.store.reading() as conn:
        found = times(conn, town.ctx, category="supermarket")
    assert np.isinf(found.metres[0])
    assert found.metres[1] == pytest.approx(340, rel=1e-3)


def test_a_changed_network_is_another_one(town):
    town.main_street()
    with town.store.reading() as conn:
        before = networks.network_fingerprints(conn)
    town.main_street(extent=(-5000, -5000, 7000, 6000))
    with town.store.reading() as conn:
        assert networks.network_fingerprints(conn) != before
