"""A layer of one's own lines as the walking network, and networks that overlap, on both stores."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_service.domain.layers import LAYERS
from geo_service.exchange.faults import RowsRefused
from geo_service.foundation.errors import FileFault, Forbidden, InvalidInput
from geo_service.services import networks
from geo_service.services.imports_osm import import_osm, prepare_osm
from geo_service.services.imports_ways import import_ways, prepare_ways
from geo_service.services.times import times
from geo_service.storage import bulk, rows, ways
from geo_service.storage.copying import copy_store
from geo_service.storage.store import open_store
from tests.exchange.osm_text import node, osm, way
from tests.services.conftest import at

LAYER = LAYERS["ways"]


def lines_file(path, lines, **columns):
    """Write lines given in metres from the town's corner."""
    shapes = [shapely.LineString([at(*point) for point in line]) for line in lines]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(path)
    return path


def ways_import(town, path, area="990001", **kwargs):
    plan = prepare_ways(town.ctx, path, area=area, **kwargs)
    with town.store.writing() as conn:
        return import_ways(conn, town.ctx, plan)


def osm_import(town, path, area):
    plan = prepare_osm(town.ctx, path, area=area, only="network")
    with town.store.writing() as conn:
        return import_osm(conn, town.ctx, plan)


def metres(town, store=None):
    with (store or town.store).reading() as conn:
        return times(conn, town.ctx, category="supermarket").metres


def stored(town):
    with town.store.reading() as conn:
        return ways.networks(conn), ways.read_ways(conn)


def notes(done):
    return dict(done.notes)


# a street of 600 m with a corner at 300 m, 400 m north from there
CROSS = [[(0, 0), (300, 0)], [(300, 0), (600, 0)], [(300, 0), (300, 400)]]


def test_lines_become_a_network_one_walks_on(town, tmp_path):
    file = lines_file(tmp_path / "streets.gpkg", CROSS, code=["a", "b", "c"], name=["甲路", None, None])
    done = ways_import(town, file, is_closed=True)
    assert (done.counts["areas"].created, done.counts["ways"].created) == (1, 3)
    assert "note.extent_of_lines" in notes(done)
    (network,), arrays = stored(town)
    assert (network["code"], network["network_area_code"], network["is_closed"]) == ("990001", "990001", True)
    assert (network["source"], network["ways_count"]) == ("streets.gpkg", 3)
    assert network["length_m"] == pytest.approx(1000, rel=1e-3)
    assert (arrays.codes, arrays.names, arrays.highways) == (["a", "b", "c"], ["甲路", None, None], ["footway"] * 3)
    assert (arrays.node_ids < 0).all()
    assert len(np.unique(arrays.node_ids)) == 4
    town.homes(100, 500)
    town.facility("f1", 320, 300)
    # leg of 20 m, along the street, 300 m north, leg of 20 m
    assert metres(town) == pytest.approx([20 + 200 + 300 + 20] * 2, rel=1e-3)


def test_a_second_import_changes_nothing_and_a_shorter_one_retires(town, tmp_path):
    file = lines_file(tmp_path / "streets.gpkg", CROSS, code=["a", "b", "c"])
    ways_import(town, file)
    before = stored(town)[0][0]["fingerprint"]
    done = ways_import(town, file)
    assert (done.counts["ways"].created, done.counts["ways"].updated, done.counts["ways"].unchanged) == (0, 0, 3)
    assert stored(town)[0][0]["fingerprint"] == before
    ways_import(town, lines_file(tmp_path / "fewer.gpkg", CROSS[:2], code=["a", "b"]))
    (network,), arrays = stored(town)
    assert arrays.codes == ["a", "b"]
    assert network["fingerprint"] != before
    with town.store.reading() as conn:
        assert rows.get(conn, LAYER, "c")["retired_at"] is not None


def test_columns_say_what_may_be_walked_and_stepped_onto(town, tmp_path):
    lines = [[(0, n), (100, n)] for n in range(0, 600, 100)]
    file = lines_file(
        tmp_path / "streets.geojson",
        lines,
        code=list("abcdef"),
        highway=["motorway", "steps", None, "residential", "trunk", "construction"],
        is_snap_target=[True, None, False, None, True, None],
        is_step_free=[True, None, None, False, None, None],
    )
    done = ways_import(town, file)
    assert notes(done)["note.lines_not_walkable"] == {"count": 2}
    arrays = stored(town)[1]
    assert arrays.codes == ["b", "c", "d", "e"]
    assert arrays.highways == ["steps", "footway", "residential", "trunk"]
    assert arrays.snap_target.tolist() == [False, False, True, True]
    assert arrays.step_free.tolist() == [False, True, False, True]


def test_vertices_a_millimetre_apart_are_one_and_crossings_without_a_vertex_are_none(town, tmp_path):
    lines = [[(0, 0), (300, 0)], [(300.001, 0), (600, 0)], [(150, -100), (150, 100)], [(0, 0), (0.001, 0)]]
    done = ways_import(town, lines_file(tmp_path / "streets.gpkg", lines, code=list("abcd")), is_closed=True)
    assert notes(done)["note.lines_without_length"] == {"count": 1}
    with town.store.reading() as conn:
        (streets,) = networks.open_networks(conn, town.ctx)
    assert (streets.network.node_count, streets.network.edge_count) == (5, 3)


def test_csv_with_wkt_multilines_a_column_map_and_an_extent(town, tmp_path):
    (tmp_path / "s.csv").write_text(
        'Nr,Art,wkt\n1,path,"MULTILINESTRING ((116 40,116.001 40),(116.002 40,116.003 40))"\n', encoding="utf-8"
    )
    extent = tmp_path / "extent.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(115.9, 39.9, 116.1, 40.1)], crs=4326).to_file(extent)
    done = ways_import(town, tmp_path / "s.csv", column_map={"Nr": "code", "Art": "highway"}, extent=extent)
    assert "note.extent_of_lines" not in notes(done)
    (network,), arrays = stored(town)
    assert network["geom"].equals(shapely.box(115.9, 39.9, 116.1, 40.1))
    assert (arrays.codes, arrays.highways, arrays.part_start.tolist()) == (["1"], ["path"], [0, 2, 4])


def test_another_source_for_the_same_area_takes_its_place_and_says_so(town, tmp_path):
    ways_import(town, lines_file(tmp_path / "one.gpkg", CROSS, code=list("abc")))
    done = ways_import(town, lines_file(tmp_path / "two.gpkg", CROSS[:1], code=["z"]))
    assert notes(done)["note.network_replaced"] == {"area": "990001", "source": "one.gpkg"}
    assert stored(town)[1].codes == ["z"]


@pytest.mark.parametrize("text", ["code,lon,lat\na,116,40\n", 'code,wkt\na,"POLYGON((0 0,1 0,1 1,0 0))"\n'])
def test_what_is_no_line_is_refused(town, tmp_path, text):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(RowsRefused) as refused:
        prepare_ways(town.ctx, tmp_path / "a.csv", area="990001")
    assert [fault.code for fault in refused.value.faults] == ["geometry_wrong_type"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("code,name\na,b\n", "columns_missing"),
        ("code,wkt\n", "no_rows"),
        ('code,highway,wkt\na,motorway,"LINESTRING(0 0,1 1)"\n', "lines_no_walkable_way"),
    ],
)
def test_a_file_without_usable_lines_is_refused(town, tmp_path, text, code):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(FileFault, match=code):
        prepare_ways(town.ctx, tmp_path / "a.csv", area="990001")


def test_codes_that_cannot_be_and_areas_of_no_level_are_refused(town, tmp_path):
    file = lines_file(tmp_path / "s.gpkg", CROSS, code=["a@990001", "x" * 41, "c"])
    with pytest.raises(RowsRefused) as refused:
        prepare_ways(town.ctx, file, area="990001")
    assert [fault.code for fault in refused.value.faults] == ["code_form", "code_form"]
    with pytest.raises(InvalidInput, match="area_code_form"):
        prepare_ways(town.ctx, file, area="99000")


def test_others_may_not_import(town, tmp_path):
    from dataclasses import replace

    from geo_service.domain.actors import Actor

    with pytest.raises(Forbidden):
        prepare_ways(replace(town.ctx, actor=Actor("somebody", "resident")), tmp_path / "a.csv", area="990001")


# -- overlapping extracts: the way 10 runs from 0 to 900 m; the west file ends at 600 m, the east one begins at 300 m


def extract(tmp_path, name, first, last, *, with_way=True):
    points = [node(n + 1, *at(100 * n, 0)) for n in range(first, last + 1)]
    (west, south), (east, north) = at(100 * first - 50, -100), at(100 * last + 50, 100)
    head = f'<bounds minlat="{south}" minlon="{west}" maxlat="{north}" maxlon="{east}"/>'
    street = [way(10, [n + 1 for n in range(first, last + 1)], {"highway": "residential"})]
    side = way(first + 20, [first + 1, first + 2], {"highway": "path"})
    return osm(tmp_path / f"{name}.osm", *points, *(street if with_way else []), side, head=head)


@pytest.fixture
def halves(town, tmp_path):
    town.homes(150, 450)
    town.facility("f1", 850)
    return {"990001": extract(tmp_path, "west", 0, 6), "990002": extract(tmp_path, "east", 3, 9)}


@pytest.mark.parametrize("order", [["990001", "990002"], ["990002", "990001"], ["990001", "990002", "990001"]])
def test_overlapping_extracts_in_any_order_give_the_same_network(town, halves, order):
    for area in order:
        done = osm_import(town, halves[area], area)
    assert metres(town) == pytest.approx([20 + 700 + 20, 20 + 400 + 20], rel=1e-3)
    (west, east), arrays = stored(town)
    assert (west["ways_count"], east["ways_count"]) == (2, 2)
    assert arrays.codes == ["w10", "w20", "w10", "w23"]
    with town.store.reading() as conn:
        (streets,) = networks.open_networks(conn, town.ctx)
    assert streets.network.edge_count == 9
    if len(order) == 3:
        assert done.counts["ways"].updated == 0


def test_an_extract_that_loses_a_way_leaves_it_to_the_other(town, tmp_path, halves):
    for area, file in halves.items():
        osm_import(town, file, area)
    osm_import(town, extract(tmp_path, "west", 0, 6, with_way=False), "990001")
    # of the west only the path from 0 to 100 m is left: nobody walks from there to the east
    found = metres(town)
    assert np.isinf(found[0])
    assert found[1] == pytest.approx(440, rel=1e-3)


def test_fingerprints_do_not_depend_on_the_order_and_a_copy_walks_the_same(town, tmp_path, halves, make_store_url):
    for area, file in halves.items():
        osm_import(town, file, area)
    before = metres(town)
    with town.store.reading() as conn:
        prints = networks.network_fingerprints(conn)
        (first,) = networks.open_networks(conn, town.ctx)
    osm_import(town, halves["990001"], "990001")
    url = make_store_url("embedded")
    other = open_store(url)
    try:
        copy_store(town.store, other, lambda share, key: None)
        networks._loaded.clear()
        again = type(town)(other, tmp_path / "elsewhere")
        with other.reading() as conn:
            assert networks.network_fingerprints(conn) == prints
            (rebuilt,) = networks.open_networks(conn, again.ctx)
        assert rebuilt.network.fingerprint == first.network.fingerprint
        assert np.array_equal(metres(again), before)
    finally:
        other.close()


def test_lines_of_ones_own_beside_an_extract(town, tmp_path, halves):
    osm_import(town, halves["990001"], "990001")
    ways_import(town, lines_file(tmp_path / "w.gpkg", [[(0, 30), (200, 30)]], code=["w10"]), area="990002")
    with town.store.reading() as conn:
        frame = bulk.read_frame(conn, LAYER, ["code", "network_code"], geometry=False)
    assert dict(frame.itertuples(index=False)) == {"w10": "990001", "w10@990002": "990002", "w20": "990001"}
