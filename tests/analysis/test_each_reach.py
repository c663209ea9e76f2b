"""How far it is from each owner of sources: the same as one search for each of them."""

import numpy as np
import pytest

from geo_service.analysis import each_reach
from geo_service.analysis.each_reach import reach_of_each
from geo_service.analysis.increments import Path, Streets
from tests.analysis.places import network_of
from tests.analysis.test_increments import LIMIT, between, feet, grid


@pytest.mark.parametrize("cells", [1, 4_000_000])
def test_each_owner_has_its_own_search_whatever_the_blocks(monkeypatch, cells):
    monkeypatch.setattr(each_reach, "_CELLS", cells)
    rng = np.random.default_rng(5)
    nodes, ways = grid(rng)
    network = network_of(nodes, ways)
    plain = Streets.of(network.chains(step_free=False))
    ends = feet(network, [between(nodes, ways[0], 0.3), between(nodes, ways[-1], 0.6)])
    streets = plain.edited([Path(ends, 120.0)], feet(network, [between(nodes, ways[3], 0.5)]))
    sources = feet(network, [*rng.uniform(-30, 630, (7, 2)), (9_000.0, 9_000.0)])
    owner = np.array([4, 0, 4, 2, 0, 2, 7, 9], np.int32)
    found = list(reach_of_each(streets, sources, owner, LIMIT))
    on_a_street = owner[sources.chain >= 0]
    assert [one for one, _ in found] == sorted(set(on_a_street.tolist()))
    assert 9 not in on_a_street
    for one, reach in found:
        wanted = streets.search(sources.take(np.flatnonzero(owner == one)), LIMIT)
        assert reach.metres == pytest.approx(wanted.metres)
    assert list(reach_of_each(streets, sources.take(np.zeros(0, np.int64)), owner[:0], LIMIT)) == []
