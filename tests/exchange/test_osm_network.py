"""The walking network out of OSM files: which ways, cut where, and the same as counted by hand on real extracts."""

import itertools

import numpy as np
import osmium
import pytest

from geo_service.exchange.osm import parts_of, read_osm
from geo_service.foundation.errors import FileFault, InvalidInput
from tests.exchange.osm_text import node, osm, street, way

NETWORK = frozenset({"network"})
NODES = [node(n, 20.001 + n / 1000, 10.001) for n in range(1, 9)]


def parts(ways):
    return [
        (ways.codes[way], ways.node_ids[a:b].tolist())
        for way, a, b in zip(ways.part_way, ways.part_start, ways.part_start[1:], strict=False)
    ]


def read(path, **kwargs):
    return read_osm(path, only=NETWORK, **kwargs)


def test_a_street_becomes_one_part_with_its_places(tmp_path):
    ways = read(street(tmp_path)).ways
    assert ways.codes == ["w100"]
    assert parts(ways) == [("w100", [1, 2, 3])]
    assert ways.lon.tolist() == [20.001, 20.002, 20.003]
    assert ways.lat.tolist() == [10.001, 10.001, 10.002]


def test_a_missing_node_breaks_the_way_and_single_vertices_are_dropped(tmp_path):
    file = osm(
        tmp_path / "a.osm",
        *NODES,
        way(1, [1, 2, 77, 3, 77, 77, 4, 5, 6, 88], {"highway": "path"}),
        way(2, [77, 1, 88, 2], {"highway": "path"}),
    )
    extract = read(file)
    assert parts(extract.ways) == [("w1", [1, 2]), ("w1", [4, 5, 6])]
    assert extract.missing_node_count == 6


def test_a_node_named_twice_in_a_row_is_one(tmp_path):
    file = osm(tmp_path / "a.osm", *NODES, way(1, [1, 1, 2, 2, 2, 3], {"highway": "path"}))
    assert parts(read(file).ways) == [("w1", [1, 2, 3])]


def test_flags_names_and_kinds(tmp_path):
    file = osm(
        tmp_path / "a.osm",
        *NODES,
        way(1, [1, 2], {"highway": "steps", "name": "台阶"}),
        way(2, [2, 3], {"highway": "footway", "bridge": "yes", "layer": "1", "name:zh": "桥"}),
        way(3, [3, 4], {"highway": "motorway"}),
        way(4, [4, 5], {"highway": "cycleway", "foot": "yes"}),
        way(5, [5, 6], {"highway": "x" * 60}),
        way(6, [6, 7], {"waterway": "river"}),
    )
    ways = read(file).ways
    assert ways.codes == ["w1", "w2", "w4", "w5"]
    assert ways.names == ["台阶", "桥", None, None]
    assert ways.step_free.tolist() == [False, True, True, True]
    assert ways.snap_target.tolist() == [False, False, True, True]
    assert ways.highways[-1] == "x" * 40


def test_ways_before_nodes_and_negative_ids_are_read_too(tmp_path):
    objects = [way(1, [-1, 2, -3], {"highway": "path"}), node(-1, 20.001, 10.001)]
    file = osm(tmp_path / "a.osm", *objects, node(2, 20.002, 10.001), node(-3, 20.003, 10.001))
    extract = read(file)
    assert parts(extract.ways) == [("w1", [-1, 2, -3])]
    assert extract.ways.lon.tolist() == [20.001, 20.002, 20.003]
    assert extract.missing_node_count == 0


def test_the_last_of_two_versions_of_a_way_counts(tmp_path):
    twice = [way(1, [1, 2], {"highway": "path"}), way(1, [1, 2, 3], {"highway": "steps"})]
    ways = read(osm(tmp_path / "a.osm", *NODES, *twice)).ways
    assert parts(ways) == [("w1", [1, 2, 3])]
    assert ways.highways == ["steps"]


@pytest.mark.parametrize(
    ("objects", "missing"),
    [
        ([*NODES, way(1, [1, 2], {"building": "yes"})], 0),
        ([*NODES, way(1, [1, 2], {"highway": "motorway"})], 0),
        ([*NODES, way(1, [71, 72, 73], {"highway": "path"})], 3),
        ([], 0),
    ],
)
def test_without_a_walkable_way_the_file_is_refused(tmp_path, objects, missing):
    with pytest.raises(FileFault) as refused:
        read(osm(tmp_path / "a.osm", *objects))
    assert refused.value.code == "osm_no_walkable_way"
    assert refused.value.facts["missing"] == missing
    assert "a.osm" in refused.value.sentence("en")


def test_bounds_of_the_header_several_boxes_together(tmp_path):
    head = (
        '<bounds minlat="10" minlon="20" maxlat="10.5" maxlon="20.5"/>'
        '<bounds minlat="10.4" minlon="20.4" maxlat="11" maxlon="21"/>'
        '<bounds minlat="5" minlon="5" maxlat="1" maxlon="1"/>'
    )
    extract = read(street(tmp_path, head=head))
    assert extract.bounds == (20, 10, 21, 11)
    assert extract.bounds_source == "header"


def test_without_bounds_the_box_of_all_nodes_is_taken(tmp_path):
    extract = read(street(tmp_path, node(9, 20.9, 10.8), head=""))
    assert extract.bounds == pytest.approx((20.001, 10.001, 20.9, 10.8))
    assert extract.bounds_source == "nodes"


def test_the_parts_of_an_import():
    assert parts_of(None) == {"network", "buildings", "facilities", "green", "barriers"}
    assert parts_of("network, green") == {"network", "green"}
    for wrong in ("streets", "", "network,streets"):
        with pytest.raises(InvalidInput, match="osm_part_unknown"):
            parts_of(wrong)


BARRED = set("motorway motorway_link construction proposed planned abandoned razed raceway bus_guideway".split())
BARRED |= {"escape", "platform", "no"}


def by_hand(path):
    """Count walkable segments by the words of the definition, node by node."""
    there, segments, ways = set(), set(), set()
    for thing in osmium.FileProcessor(str(path)):
        if thing.is_node():
            there.add(thing.id)
        if not thing.is_way():
            continue
        tags = dict(thing.tags)
        highway, foot = tags.get("highway"), tags.get("foot")
        if highway is None or highway in BARRED or tags.get("motorroad") == "yes" or tags.get("area") == "yes":
            continue
        if foot in ("no", "private"):
            continue
        closed = highway == "cycleway" or tags.get("access") in ("no", "private")
        if closed and foot not in ("yes", "designated", "permissive"):
            continue
        refs = [n.ref for n in thing.nodes]
        for a, b in itertools.pairwise(refs):
            if a in there and b in there and a != b:
                segments.add((min(a, b), max(a, b)))
                ways.add(f"w{thing.id}")
    return segments, ways


@pytest.mark.parametrize("name", ["beijing-tsinghua/map.osm", "helsinki/Helsinki.osm.pbf", "shenzhen-longgang/map.osm"])
def test_real_extracts_have_the_segments_counted_by_hand(shared_data, name):
    ways = read(shared_data / name).ways
    found = set()
    for _, refs in parts(ways):
        found |= {(min(a, b), max(a, b)) for a, b in itertools.pairwise(refs)}
    assert (found, set(ways.codes)) == by_hand(shared_data / name)
    assert np.all(np.diff(ways.part_start) >= 2)
    assert np.all(np.diff(ways.part_way) >= 0)


def test_helsinki_is_read_from_pbf_with_its_bounds_and_missing_nodes(shared_data):
    extract = read(shared_data / "helsinki" / "Helsinki.osm.pbf")
    assert extract.bounds == pytest.approx((24.9351762, 60.164155, 24.9534145, 60.179113))
    assert extract.missing_node_count > 500
    assert extract.source_date.year == 2019
