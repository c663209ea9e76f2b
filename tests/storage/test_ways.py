import numpy as np
import pytest

from geo_service.storage import bulk, rows, ways
from tests.storage.samples import LATER_WHO, NETWORK, WHO, L
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


@pytest.mark.parametrize("whole_first", [True, False])
def test_a_way_in_two_extracts_keeps_all_its_parts(store, whole_first):
    whole = sample()
    cut = type(whole)(
        ["w1"], whole.names[:1], whole.highways[:1], whole.snap_target[:1], whole.step_free[:1],
        np.zeros(1, np.int32), np.array([0, 2]), whole.node_ids[2:4], whole.lon[2:4], whole.lat[2:4],
    )  # fmt: skip
    pair = [(NETWORK, whole), ({**NETWORK, "code": "beside"}, cut)]
    with store.writing() as connection:
        for network, arrays in pair if whole_first else reversed(pair):
            ways.write_ways(connection, network, arrays, **WHO)
        found = ways.read_ways(connection)
    assert found.codes == ["w1", "w2"]
    assert sorted(found.node_ids[: found.part_start[2]].tolist()) == [1, 2, 3, 4]
