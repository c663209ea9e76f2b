"""The whole chain on real extracts against plain networkx, by categories of things that really stand there."""

import math
from dataclasses import replace

import numpy as np
import pytest

from geo_service.analysis.distances import nearest
from geo_service.analysis.network import build_network
from geo_service.analysis.snapping import snap
from geo_service.exchange.osm import read_osm
from geo_service.foundation.crs import MetricFrame
from tests.analysis.reference import read

# file, categories, degrees it is moved by: the same streets elsewhere on the ellipsoid, across zone borders too
EXTRACTS = {
    "beijing": ("beijing-tsinghua/map.osm", 5, (0.0, 0.0)),
    "helsinki": ("helsinki/Helsinki.osm.pbf", 8, (0.0, 0.0)),
    "longgang": ("shenzhen-longgang/map.osm", 3, (0.0, 0.0)),
    "patagonia": ("beijing-tsinghua/map.osm", 2, (-185.0, -91.0)),
    "zone border": ("beijing-tsinghua/map.osm", 2, (-128.32, 23.0)),
    "equator": ("shenzhen-longgang/map.osm", 2, (-190.0, -22.7)),
}
HOMES = 1200


@pytest.fixture(scope="module", params=EXTRACTS)
def extract(request, shared_data):
    file, categories, (east_by, north_by) = EXTRACTS[request.param]
    path = shared_data / file
    ways = read_osm(path, only=frozenset({"network"})).ways
    ways = replace(ways, lon=ways.lon + east_by, lat=ways.lat + north_by)
    streets, things = read(path, (east_by, north_by))
    west, south, east, north = ways.lon.min(), ways.lat.min(), ways.lon.max(), ways.lat.max()
    network = build_network(ways, MetricFrame.at((west + east) / 2, (south + north) / 2))
    rng = np.random.default_rng(11)
    homes = np.column_stack([rng.uniform(west, east, HOMES), rng.uniform(south, north, HOMES)])
    common = sorted(things, key=lambda tag: (-len(things[tag]), tag))[:categories]
    return network, streets, {tag: things[tag] for tag in common}, homes


def test_the_network_has_the_same_edges_and_length(extract):
    network, streets, _, _ = extract
    assert network.edge_count == streets.graph.number_of_edges()
    assert network.edge_snap.sum() == len(streets.targets)
    assert network.edge_length_m.sum() == pytest.approx(sum(m for _, _, m in streets.graph.edges(data="metres")))
    assert (~network.edge_step_free).sum() == sum(steps for _, _, steps in streets.graph.edges(data="steps"))


@pytest.mark.parametrize("step_free", [False, True])
def test_distances_agree_for_every_category(extract, step_free):
    network, streets, things, homes = extract
    origins = snap(network.snap_index, *network.frame.to_metric(homes[:, 0], homes[:, 1]))
    for places in things.values():
        lon, lat = np.array(places).T
        targets = snap(network.snap_index, *network.frame.to_metric(lon, lat))
        mine = nearest(network, targets, np.arange(len(places)), origins, step_free=step_free).metres
        theirs = streets.nearest(homes.tolist(), places, step_free=step_free)
        wrong = [(a, b) for a, b, s in zip(mine, theirs, origins.snapped, strict=True) if not agree(a, b, s)]
        assert len(wrong) <= 0.001 * HOMES, wrong[:10]


def agree(mine, theirs, snapped):
    """Both not snapped, both unreachable, or within 0.1 % or 0.2 m."""
    if theirs is None:
        return not snapped and math.isinf(mine)
    if math.isinf(theirs):
        return bool(snapped) and math.isinf(mine)
    return bool(snapped) and abs(mine - theirs) <= max(0.2, 0.001 * theirs)
