"""Imports on both stores: all or nothing, by code, never doubled."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.exchange.faults import RowsRefused
from geo_service.foundation.clock import fixed_clock
from geo_service.foundation.errors import FileFault, Forbidden, InvalidInput, NotFound
from geo_service.services.context import Context
from geo_service.services.imports_layers import IMPORTABLE, import_layer, prepare_layer
from geo_service.services.imports_osm import import_osm, prepare_osm
from geo_service.services.networks import open_networks
from geo_service.storage import bulk, rows, ways
from geo_service.storage.versions import layer_versions
from tests.exchange.osm_text import node, osm, street, way

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # 2 March in Shanghai
RING = [11, 12, 13, 14, 11]
CORNERS = [node(11, 20.004, 10.004), node(12, 20.005, 10.004), node(13, 20.005, 10.005), node(14, 20.004, 10.005)]
HOUSE = way(7, RING, {"building": "apartments"})
SHOP = node(5, 20.006, 10.006, shop="supermarket", name="一")
CLINIC = node(6, 20.007, 10.007, amenity="clinic")


@pytest.fixture
def ctx(store, tmp_path):
    return Context(store, LOCAL_ADMIN, fixed_clock(NOW), tmp_path / "var", "zh")


def osm_import(ctx, path, area="999901", **kwargs):
    plan = prepare_osm(ctx, path, area=area, **kwargs)
    with ctx.store.writing() as conn:
        return import_osm(conn, ctx, plan)


def layer_import(ctx, layer, path, **kwargs):
    plan = prepare_layer(ctx, layer, path, **kwargs)
    with ctx.store.writing() as conn:
        return import_layer(conn, ctx, plan).counts[layer]


def frame(ctx, layer, *columns, **kwargs):
    with ctx.store.reading() as conn:
        return bulk.read_frame(conn, LAYERS[layer], ["code", *columns], **kwargs).set_index("code")


def row(ctx, layer, code):
    with ctx.store.reading() as conn:
        return rows.get(conn, LAYERS[layer], code)


def state(ctx):
    """Return everything that changes with a write."""
    with ctx.store.reading() as conn:
        return layer_versions(conn), {name: len(bulk.ids_by_code(conn, layer)) for name, layer in LAYERS.items()}


def changed(done):
    return {layer: count for layer, count in done.counts.items() if count.created or count.updated}


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


# -- OpenStreetMap


def test_an_extract_makes_area_network_and_things(ctx, tmp_path):
    done = osm_import(ctx, street(tmp_path, *CORNERS, HOUSE, SHOP))
    assert done.counts["areas"].created == 1
    area = row(ctx, "areas", "999901")
    assert (area["level"], area["name"], area["parent_code"]) == ("district", "999901", None)
    assert area["geom"].equals(shapely.box(20, 10, 20.01, 10.01))
    with ctx.store.reading() as conn:
        (network,) = ways.networks(conn)
        arrays = ways.read_ways(conn)
    assert (network["code"], network["network_area_code"], network["is_closed"]) == ("999901", "999901", False)
    assert network["geom"].equals(shapely.box(20, 10, 20.01, 10.01))
    assert network["ways_count"] == 1
    assert network["length_m"] == pytest.approx(109.6 + 155.8, abs=0.5)
    assert arrays.node_ids.tolist() == [1, 2, 3]
    shop = row(ctx, "facilities", "n5")
    assert (shop["category"], shop["verification"], shop["verified_on"]) == ("supermarket", "verified", "2026-03-02")
    assert shop["area_code"] == "999901"
    assert row(ctx, "buildings", "w7")["use"] == "residential"
    assert (shop["source"], shop["licence"]) == ("OpenStreetMap", "ODbL-1.0")


def test_a_second_import_changes_nothing(ctx, tmp_path):
    file = street(tmp_path, *CORNERS, HOUSE, SHOP)
    osm_import(ctx, file)
    before = state(ctx)
    done = osm_import(ctx, file)
    assert changed(done) == {}
    assert state(ctx)[1] == before[1]


def test_a_changed_extract_updates_adds_and_retires(ctx, tmp_path):
    osm_import(ctx, street(tmp_path, *CORNERS, HOUSE, SHOP, CLINIC))
    moved = node(5, 20.0061, 10.006, shop="supermarket", name="二")
    new_street = way(101, [3, 11], {"highway": "path"})
    done = osm_import(ctx, street(tmp_path, *CORNERS, HOUSE, moved, new_street))
    assert done.retired == {"facilities": 1}
    assert frame(ctx, "facilities", "name")["name"].to_dict() == {"n5": "二"}
    assert row(ctx, "facilities", "n6")["retired_reason"]
    assert sorted(frame(ctx, "ways").index) == ["w100", "w101"]
    with ctx.store.reading() as conn:
        assert len(ways.networks(conn)) == 1
    osm_import(ctx, street(tmp_path, *CORNERS, HOUSE, SHOP, CLINIC))
    assert row(ctx, "facilities", "n6")["retired_at"] is None
    assert sorted(frame(ctx, "ways").index) == ["w100"]


def test_a_filtered_extract_retires_nothing(ctx, tmp_path):
    osm_import(ctx, street(tmp_path, *CORNERS, HOUSE, SHOP))
    done = osm_import(ctx, street(tmp_path))
    assert done.retired == {}
    assert frame(ctx, "facilities").index.tolist() == ["n5"]


def test_what_lies_beyond_the_new_extent_stays(ctx, tmp_path):
    far = node(8, 20.5, 10.5, shop="supermarket")
    head = '<bounds minlat="10" minlon="20" maxlat="11" maxlon="21"/>'
    osm_import(ctx, street(tmp_path, SHOP, far, head=head), area="999902")
    osm_import(ctx, street(tmp_path, CLINIC))
    assert frame(ctx, "facilities").index.tolist() == ["n6", "n8"]


def test_what_a_person_found_out_outlives_a_second_import(ctx, tmp_path):
    file = street(tmp_path, SHOP, CLINIC)
    osm_import(ctx, file)
    with ctx.store.writing() as conn:
        found = {"verification": "unverified", "opening_state": "unknown", "verified_by": "网格员"}
        version = rows.get(conn, LAYERS["facilities"], "n5")["version"]
        rows.update(conn, LAYERS["facilities"], "n5", version, found, actor=LOCAL_ADMIN, now=NOW)
    later = Context(ctx.store, LOCAL_ADMIN, fixed_clock(NOW + timedelta(days=30)), ctx.var_dir, "zh")
    osm_import(later, file)
    kept = row(ctx, "facilities", "n5")
    assert {key: kept[key] for key in found} == found
    assert kept["verified_on"] == "2026-03-02"
    assert row(ctx, "facilities", "n6")["verified_on"] == "2026-04-01"


def test_an_area_that_is_there_keeps_its_outline_and_parents_are_found(ctx, tmp_path):
    osm_import(ctx, street(tmp_path), area="9999")
    outline = row(ctx, "areas", "9999")["geom"]
    osm_import(ctx, street(tmp_path), area="999901001")
    assert row(ctx, "areas", "999901001")["parent_code"] == "9999"
    osm_import(ctx, street(tmp_path, head=""), area="9999")
    assert row(ctx, "areas", "9999")["geom"].equals(outline)


def test_an_extent_of_ones_own_and_closed(ctx, tmp_path):
    given = tmp_path / "extent.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(19.9, 9.9, 20.2, 10.2)], crs=4326).to_file(given)
    osm_import(ctx, street(tmp_path), extent=given, is_closed=True, only="network")
    with ctx.store.reading() as conn:
        (network,) = ways.networks(conn)
    assert network["geom"].equals(shapely.box(19.9, 9.9, 20.2, 10.2))
    assert network["is_closed"] is True


@pytest.mark.parametrize("area", ["", "1", "11010", "abcdef", "１１０１０８", "110108Q", "110108 "])
def test_an_area_code_of_no_level_is_refused(ctx, tmp_path, area):
    with pytest.raises(InvalidInput, match="area_code_form"):
        osm_import(ctx, street(tmp_path), area=area)
    assert state(ctx)[1]["areas"] == 0


def test_a_quarter_is_an_area_too(ctx, tmp_path):
    osm_import(ctx, street(tmp_path), area="999901Q01")
    assert row(ctx, "areas", "999901Q01")["level"] == "quarter"


def test_without_a_walkable_way_nothing_is_written(ctx, tmp_path):
    before = state(ctx)
    with pytest.raises(FileFault, match="osm_no_walkable_way"):
        osm_import(ctx, osm(tmp_path / "b.osm", *CORNERS, HOUSE))
    assert state(ctx) == before


def test_a_failure_in_the_middle_of_writing_leaves_nothing(ctx, tmp_path):
    def stop(share, key):
        if key == "progress.places":
            raise KeyboardInterrupt

    before = state(ctx)
    with pytest.raises(KeyboardInterrupt):
        osm_import(ctx.telling(stop), street(tmp_path, *CORNERS, HOUSE, SHOP))
    assert state(ctx) == before


def test_a_gate_of_an_extract_is_one_of_the_quarter_it_stands_on(ctx, tmp_path):
    """A walled yard with a gate in its wall: once the yard is marked closed only residents pass there."""
    yard = [node(n, lon, lat) for n, lon, lat in (
        (21, 20.0012, 10.0012), (22, 20.0028, 10.0012), (23, 20.0028, 10.0032), (24, 20.0012, 10.0032)
    )]  # fmt: skip
    gates = [
        node(25, 20.002, 10.0012, barrier="gate", access="private"),
        node(26, 20.004, 10.003, barrier="gate", access="private"),
    ]
    path = [node(27, 20.002, 10.002), way(101, [2, 25, 27], {"highway": "footway"})]
    wall = way(8, [21, 25, 22, 23, 24, 21], {"barrier": "wall"})
    osm_import(ctx, street(tmp_path, *yard, *gates, wall, *path))
    outline = shapely.MultiPolygon([shapely.box(20.0012, 10.0012, 20.0028, 10.0032)])
    area = {"code": "990001001001Q01", "name": "院", "level": "quarter", "closure": "closed", "geometry": outline}
    with ctx.store.writing() as conn:
        bulk.upsert(conn, LAYERS["areas"], gpd.GeoDataFrame([area], crs=None), actor=LOCAL_ADMIN, now=NOW)
    with ctx.store.reading() as conn:
        (streets,) = open_networks(conn, ctx)
    assert row(ctx, "gates", "n25")["passes"] == "residents"
    enclosed = streets.network.enclosed
    assert [str(code) for code in enclosed.gate_code[enclosed.joint_gate]] == ["n25"]
    assert streets.closures.loose_gates == ("n26",)


def test_others_may_not_import(ctx, tmp_path):
    stranger = Context(ctx.store, Actor("somebody", "resident"), ctx.clock, ctx.var_dir, "zh")
    with pytest.raises(Forbidden):
        prepare_osm(stranger, street(tmp_path), area="999901")
    with pytest.raises(Forbidden):
        prepare_layer(stranger, "facilities", street(tmp_path))


def test_tsinghua_comes_in_twice_without_doubling(ctx, shared_data):
    file = shared_data / "beijing-tsinghua" / "map.osm"
    first = osm_import(ctx, file, area="110108")
    assert first.counts["buildings"].created == 521
    assert first.counts["ways"].created == 572
    second = osm_import(ctx, file, area="110108")
    assert changed(second) == {}


# -- layers


def test_a_file_is_written_and_updated_by_code(ctx, tmp_path):
    path = write(tmp_path / "f.csv", "code,category,name,lon,lat\na,clinic,甲,116.3,40\nb,park,乙,116.31,40\n")
    assert layer_import(ctx, "facilities", path) == bulk.Upserted(2, 0, 0)
    assert layer_import(ctx, "facilities", path) == bulk.Upserted(0, 0, 2)
    write(path, "code,category,name,lon,lat\na,clinic,丙,116.3,40\nc,park,丁,116.31,40\n")
    assert layer_import(ctx, "facilities", path) == bulk.Upserted(1, 1, 0)
    assert frame(ctx, "facilities", "name")["name"].to_dict() == {"a": "丙", "b": "乙", "c": "丁"}
    stored = row(ctx, "facilities", "a")
    assert (stored["source"], stored["opening_state"], stored["verified_on"]) == ("f.csv", "open", "2026-03-02")


def test_columns_that_are_not_there_keep_their_values(ctx, tmp_path):
    osm_import(ctx, street(tmp_path, SHOP))
    path = write(tmp_path / "hours.csv", "编码,hours\nn5,08:00-22:00\n")
    assert layer_import(ctx, "facilities", path) == bulk.Upserted(0, 1, 0)
    shop = row(ctx, "facilities", "n5")
    assert (shop["hours"], shop["name"], shop["source"]) == ("08:00-22:00", "一", "OpenStreetMap")


def test_new_rows_need_their_columns(ctx, tmp_path):
    with pytest.raises(FileFault, match="columns_missing") as refused:
        layer_import(ctx, "facilities", write(tmp_path / "f.csv", "code,hours\nx,24/7\n"))
    assert refused.value.facts["fields"] == "category, geometry"


def test_any_fault_and_nothing_is_written(ctx, tmp_path):
    lines = [f"f{n},clinic,{116 + n / 1e5:.6f},40" for n in range(10_000)]
    lines[3], lines[4000], lines[9999] = "f3,clinic,200,40", "f4000,nothing,116,40", "f1,clinic,116,40"
    path = write(tmp_path / "f.csv", "code,category,lon,lat\n" + "\n".join(lines))
    before = state(ctx)
    with pytest.raises(RowsRefused) as refused:
        layer_import(ctx, "facilities", path)
    assert [(f.row, f.code) for f in refused.value.faults] == [
        (5, "geometry_out_of_range"),
        (4002, "field_not_a_choice"),
        (10001, "code_twice"),
    ]
    assert (refused.value.facts["count"], refused.value.facts["rows"]) == (3, 3)
    assert state(ctx) == before


def test_unknown_references_are_faults(ctx, tmp_path):
    path = write(tmp_path / "e.csv", "code,facility_code,lon,lat\ne1,nothing,116,40\n")
    with pytest.raises(RowsRefused) as refused:
        layer_import(ctx, "entrances", path)
    (fault,) = refused.value.faults
    assert (fault.row, fault.column, fault.value, fault.code) == (2, "facility_code", "nothing", "reference_unknown")


def test_households_take_the_place_of_their_building(ctx, tmp_path):
    osm_import(ctx, street(tmp_path, *CORNERS, HOUSE))
    text = "code,building_code,residents_persons,age_6_11_persons\nh1,w7,3,1\nh2,w7,2,0\n"
    path = write(tmp_path / "h.csv", text)
    assert layer_import(ctx, "households", path).created == 2
    homes = frame(ctx, "households")
    assert homes.geometry.iloc[0].distance(shapely.Point(20.0045, 10.0045)) < 1e-9
    building = row(ctx, "buildings", "w7")
    assert (building["residents_persons"], building["people_basis"]) == (5, "households")
    assert osm_import(ctx, street(tmp_path, way(8, RING, {"building": "yes"}), *CORNERS)).retired == {}


def test_rows_are_in_their_area_at_once_and_after_they_moved(ctx, tmp_path):
    osm_import(ctx, street(tmp_path, SHOP))
    told = []
    path = write(tmp_path / "f.csv", "code,category,lon,lat\na,clinic,20.005,10.005\nb,park,21,11\n")
    layer_import(ctx.telling(lambda share, key: told.append(key)), "facilities", path)
    assert frame(ctx, "facilities", "area_code")["area_code"].to_dict() == {"a": "999901", "b": None, "n5": "999901"}
    assert "progress.places" not in told  # new rows have their place already
    write(path, "code,category,lon,lat\na,clinic,21,11\nb,park,20.005,10.005\n")
    layer_import(ctx, "facilities", path)
    assert frame(ctx, "facilities", "area_code")["area_code"].to_dict() == {"a": None, "b": "999901", "n5": "999901"}


def test_people_of_households_outlive_an_import_of_their_building(ctx, tmp_path):
    osm_import(ctx, street(tmp_path, *CORNERS, HOUSE))
    layer_import(ctx, "households", write(tmp_path / "h.csv", "code,building_code,residents_persons\nh1,w7,3\n"))
    layer_import(ctx, "buildings", write(tmp_path / "b.csv", "code,residents_persons\nw7,99\n"))
    assert row(ctx, "buildings", "w7")["residents_persons"] == 3


def test_areas_find_their_parents_by_prefix(ctx, tmp_path):
    square = "POLYGON((116 40,116.1 40,116.1 40.1,116 40.1,116 40))"
    rows_ = "\n".join(f'{code},"{square}",{name}' for code, name in (("990108001", "街道"), ("990108", "区")))
    path = write(tmp_path / "a.csv", f"code,wkt,name\n{rows_}\n")
    assert layer_import(ctx, "areas", path).created == 2
    assert row(ctx, "areas", "990108001")["parent_code"] == "990108"
    assert row(ctx, "areas", "990108001")["level"] == "street"


def test_areas_do_not_lie_below_one_another(ctx, tmp_path):
    square = "POLYGON((116 40,116.1 40,116.1 40.1,116 40.1,116 40))"
    whole = "".join(f'{code},"{square}",{code},\n' for code in ("990108", "990108001", "990108001001"))
    layer_import(ctx, "areas", write(tmp_path / "a.csv", f"code,wkt,name,parent_code\n{whole}"))
    before = state(ctx)
    for child, parent in (
        ("990108001", "990108001"),
        ("990108", "990108001001"),
        ("990108001002", "990108001001"),
        ("990109", "990108"),
    ):
        path = write(tmp_path / "b.csv", f'code,wkt,name,parent_code\n{child},"{square}",x,{parent}\n')
        with pytest.raises(RowsRefused) as refused:
            layer_import(ctx, "areas", path)
        assert [fault.code for fault in refused.value.faults] == ["parent_not_above"]
    assert state(ctx) == before


@pytest.mark.parametrize("layer", ["ways", "networks", "photos"])
def test_layers_that_come_from_elsewhere(ctx, tmp_path, layer):
    with pytest.raises(InvalidInput, match="layer_not_importable"):
        prepare_layer(ctx, layer, tmp_path / "a.csv")
    assert layer not in IMPORTABLE


def test_a_layer_that_does_not_exist(ctx, tmp_path):
    with pytest.raises(NotFound, match="layer_unknown"):
        prepare_layer(ctx, "facility", tmp_path / "a.csv")


def test_the_live_store_is_never_opened(make_store_url, tmp_path):
    from geo_service.storage.store import open_store

    store = open_store(make_store_url("embedded"))
    ctx = Context(store, LOCAL_ADMIN, fixed_clock(NOW), tmp_path, "zh")
    alias = tmp_path / "alias.gpkg"
    alias.symlink_to(store.path)
    hard = Path(store.path).with_name("hard.gpkg")
    hard.hardlink_to(store.path)
    for path in (Path(store.path), alias, hard):
        with pytest.raises(FileFault, match="file_is_store"):
            prepare_layer(ctx, "facilities", path)
        with pytest.raises(FileFault, match="file_is_store"):
            prepare_osm(ctx, street(tmp_path), area="999901", extent=path)
    store.close()
