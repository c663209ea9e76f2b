from dataclasses import replace

import numpy as np
import pytest

from geo_service.storage import bulk, rows, ways
from tests.storage.samples import LATER_WHO, NETWORK, WHO, L, history
from tests.storage.samples import ways as sample


def same(left, right) -> None:
    for name in ("codes", "names", "highways"):
        assert getattr(left, name) == getattr(right, name)
    for name in ("snap_target", "step_free", "part_way", "part_start", "node_ids", "lon", "lat"):
        assert np.array_equal(getattr(left, name), getattr(right, name)), name
        assert getattr(left, name).dtype == getattr(right, name).dtype, name


def test_ways_come_back_as_they_went_in(store):
    with store.writing() as connection:
        assert ways.write_ways(connection, NETWORK, sample(), **WHO) == bulk.Upserted(2, 0, 0)
        assert ways.write_ways(connection, NETWORK, sample(), **LATER_WHO) == bulk.Upserted(0, 0, 2)
    with store.reading() as connection:
        same(ways.read_ways(connection), sample())
        same(ways.read_ways(connection, ["test"]), sample())
        assert ways.read_ways(connection, ["other"]).codes == []
        network = ways.networks(connection)[0]
        assert rows.page(connection, L["ways"], filters={"network_code": "test"}).total == 2
    assert (network["code"], network["ways_count"], network["is_closed"]) == ("test", 2, False)
    assert network["geom"].bounds == (0, 0, 0.2, 0.2)


def test_ways_gone_from_the_source_are_retired_and_come_back(store):
    fewer = sample()
    fewer = type(fewer)(
        ["w1"], fewer.names[:1], fewer.highways[:1], fewer.snap_target[:1], fewer.step_free[:1],
        fewer.part_way[:2], fewer.part_start[:3], fewer.node_ids[:4], fewer.lon[:4], fewer.lat[:4],
    )  # fmt: skip
    with store.writing() as connection:
        ways.write_ways(connection, NETWORK, sample(), **WHO)
        ways.write_ways(connection, NETWORK, fewer, **WHO)
        assert ways.read_ways(connection).codes == ["w1"]
        assert rows.get(connection, L["ways"], "w2")["retired_at"] is not None
        ways.write_ways(connection, NETWORK, sample(), **WHO)
        same(ways.read_ways(connection), sample())


def part_of(whole, first, last):
    """Return the first way of the sample with only the vertices ``first`` to ``last``."""
    inside = slice(first, last)
    return type(whole)(
        ["w1"], whole.names[:1], whole.highways[:1], whole.snap_target[:1], whole.step_free[:1],
        np.zeros(1, np.int32), np.array([0, last - first]), whole.node_ids[inside],
        whole.lon[inside], whole.lat[inside],
    )  # fmt: skip


BESIDE = {**NETWORK, "code": "beside"}


@pytest.mark.parametrize("whole_first", [True, False])
def test_each_network_keeps_its_own_copy_of_a_shared_way(store, whole_first):
    whole = sample()
    cut = part_of(whole, 2, 4)
    pair = [(NETWORK, whole), (BESIDE, cut)]
    with store.writing() as connection:
        for network, arrays in pair if whole_first else reversed(pair):
            ways.write_ways(connection, network, arrays, **WHO)
        both = ways.read_ways(connection)
        same(ways.read_ways(connection, ["test"]), whole)
        assert ways.read_ways(connection, ["beside"]).node_ids.tolist() == [3, 4]
        stored = bulk.read_frame(connection, L["ways"], ["code", "network_code"], geometry=False)
    assert both.codes == ["w1", "w1", "w2"]  # by network, then by code, whoever came first
    assert both.node_ids.tolist() == [3, 4, *whole.node_ids.tolist()]
    second = "w1@beside" if whole_first else "w1@test"
    assert second in set(stored["code"])
    assert len(stored) == 3


def test_a_second_import_of_one_network_leaves_the_others_copy(store):
    whole = sample()
    west, east = part_of(whole, 0, 2), part_of(whole, 2, 4)
    with store.writing() as connection:
        ways.write_ways(connection, NETWORK, west, **WHO)
        ways.write_ways(connection, BESIDE, east, **WHO)
        before = ways.read_ways(connection)
        assert ways.write_ways(connection, NETWORK, west, **LATER_WHO) == bulk.Upserted(0, 0, 1)
        assert ways.write_ways(connection, BESIDE, east, **LATER_WHO) == bulk.Upserted(0, 0, 1)
        same(ways.read_ways(connection), before)


def test_a_way_gone_from_one_network_stays_in_the_other(store):
    whole = sample()
    east = part_of(whole, 2, 4)
    other = replace(east, codes=["w9"])
    with store.writing() as connection:
        ways.write_ways(connection, NETWORK, whole, **WHO)
        ways.write_ways(connection, BESIDE, east, **WHO)
        ways.write_ways(connection, NETWORK, other, **LATER_WHO)
        same(ways.read_ways(connection, ["beside"]), east)
        assert ways.read_ways(connection, ["test"]).codes == ["w9"]
        # the plain code stays with the retired row, and comes back to it
        ways.write_ways(connection, BESIDE, east, **LATER_WHO)
        assert rows.get(connection, L["ways"], "w1")["retired_at"] is not None
        ways.write_ways(connection, NETWORK, whole, **LATER_WHO)
        same(ways.read_ways(connection, ["test"]), whole)
        same(ways.read_ways(connection, ["beside"]), east)


def test_rows_are_retired_all_at_once(store):
    with store.writing() as connection:
        ways.write_ways(connection, NETWORK, sample(), **WHO)
        ids = bulk.ids_by_code(connection, L["ways"])
        assert bulk.retire(connection, L["ways"], [ids["w1"]], "gone", **LATER_WHO) == 1
        assert bulk.retire(connection, L["ways"], list(ids.values()), "gone again", **LATER_WHO) == 1
        assert bulk.retire(connection, L["ways"], [], "nothing", **LATER_WHO) == 0
        row = rows.get(connection, L["ways"], "w1")
        assert (row["retired_reason"], row["version"]) == ("gone", 2)
        assert [line["action"] for line in history(connection, L["ways"], row["id"])] == ["retired"]
