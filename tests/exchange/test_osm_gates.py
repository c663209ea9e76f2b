"""Gates of real extracts stand where their walls are: nothing moves one off the other."""

from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from geo_service.exchange.osm import read_osm
from geo_service.foundation.crs import MetricFrame


@pytest.mark.parametrize("extract", ["beijing-tsinghua", "shenzhen-longgang"])
def test_a_gate_that_is_a_node_of_a_wall_is_on_it(shared_data, extract):
    file = shared_data / extract / "map.osm"
    frames = read_osm(file).frames
    gates, walls = frames["gates"].set_index("code"), frames["barriers"].set_index("code")
    root = ElementTree.parse(file).getroot()
    pairs = [
        (f"n{ref.get('ref')}", f"w{way.get('id')}")
        for way in root.iter("way")
        if f"w{way.get('id')}" in walls.index
        for ref in way.iter("nd")
        if f"n{ref.get('ref')}" in gates.index
    ]
    assert len(pairs) >= (4 if extract == "beijing-tsinghua" else 0)
    frame = MetricFrame.at(*gates.geometry.iloc[0].coords[0])
    for gate, wall in pairs:
        point, line = frame.geometries_to_metric(np.array([gates.geometry[gate], walls.geometry[wall]], object))
        assert shapely.distance(point, line) < 0.01, (gate, wall)
