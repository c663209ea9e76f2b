"""Facilities, entrances, buildings, green and public spaces, barriers and gates out of OSM files."""

import pytest

from geo_service.exchange.osm import read_osm
from tests.exchange.osm_text import node, osm, relation, street, way

SQUARE = [node(11, 20.004, 10.004), node(12, 20.005, 10.004), node(13, 20.005, 10.005), node(14, 20.004, 10.005)]
RING = [11, 12, 13, 14, 11]


def frames(tmp_path, *objects, only=None):
    return read_osm(street(tmp_path, *objects), only=only).frames


def rows(frame):
    return {row["code"]: row for row in frame.to_dict("records")}


def test_a_node_is_a_facility_by_its_tags(tmp_path):
    shop = node(
        5,
        20.0042,
        10.0041,
        shop="supermarket",
        name="惠民超市",
        opening_hours="24/7",
        operator="某公司",
        **{"addr:street": "学院路", "addr:housenumber": "8号"},
    )
    found = rows(frames(tmp_path, shop)["facilities"])
    assert found.keys() == {"n5"}
    row = found["n5"]
    assert row["category"] == "supermarket"
    assert (row["name"], row["hours"], row["owner"], row["address"]) == ("惠民超市", "24/7", "某公司", "学院路8号")
    assert (row["opening_state"], row["admits"], row["verification"]) == ("open", "public", "verified")
    assert (row["source"], row["licence"]) == ("OpenStreetMap", "ODbL-1.0")
    assert row["geometry"].wkt == "POINT (20.0042 10.0041)"


def test_a_second_category_of_one_object_has_its_own_code(tmp_path):
    found = rows(frames(tmp_path, node(5, 20.004, 10.004, amenity="clinic", healthcare="pharmacy"))["facilities"])
    assert {code: row["category"] for code, row in found.items()} == {"n5": "clinic", "n5:pharmacy": "pharmacy"}


@pytest.mark.parametrize(
    ("tags", "categories"),
    [
        ({"amenity": "school"}, ["primary_school"]),
        ({"amenity": "school", "name": "第一中学"}, ["middle_school"]),
        ({"amenity": "school", "name:en": "Riverside High School"}, ["middle_school"]),
        ({"amenity": "school", "name": "第一中学", "isced:level": "1"}, ["primary_school"]),
        ({"amenity": "school", "isced:level": "1;2"}, ["primary_school", "middle_school"]),
        ({"amenity": "school", "name": "第一中学附属小学"}, ["primary_school", "middle_school"]),
        ({"amenity": "social_facility"}, []),
        ({"amenity": "social_facility", "social_facility:for": "senior"}, ["elder_station"]),
        ({"railway": "station"}, []),
        ({"railway": "station", "station": "subway"}, ["metro"]),
    ],
)
def test_categories_of_tags(tmp_path, tags, categories):
    found = frames(tmp_path, node(5, 20.004, 10.004, **tags))["facilities"]
    assert found["category"].tolist() == categories


@pytest.mark.parametrize(
    ("tags", "admits", "state"),
    [
        ({}, "public", "open"),
        ({"access": "private"}, "public", "open"),  # whom a facility serves is not what its access tag says
        ({"disused": "yes"}, "public", "closed"),
        ({"opening_hours": "closed"}, "public", "closed"),
    ],
)
def test_who_is_admitted_and_whether_it_is_open(tmp_path, tags, admits, state):
    found = rows(frames(tmp_path, node(5, 20.004, 10.004, amenity="parking", **tags))["facilities"])["n5"]
    assert (found["admits"], found["opening_state"]) == (admits, state)


def test_a_closed_way_is_a_polygon_with_the_entrances_on_its_own_outline(tmp_path):
    doors = [
        node(11, 20.004, 10.004, entrance="main", wheelchair="yes"),
        node(12, 20.005, 10.004, entrance="emergency"),
        node(13, 20.005, 10.005, entrance="yes"),
        node(14, 20.004, 10.005),
        node(15, 20.0045, 10.0045, entrance="main"),
    ]
    made = frames(tmp_path, *doors, way(7, RING, {"amenity": "library"}))
    assert rows(made["facilities"])["w7"]["geometry"].geom_type == "Polygon"
    entrances = rows(made["entrances"])
    assert entrances.keys() == {"w7/n11", "w7/n13"}
    assert entrances["w7/n11"]["facility_code"] == "w7"
    assert entrances["w7/n11"]["kind"] == "main"
    assert entrances["w7/n11"]["is_step_free"] is True
    assert entrances["w7/n11"]["geometry"].wkt == "POINT (20.004 10.004)"


def test_every_category_of_an_object_has_its_entrances(tmp_path):
    corner = [node(11, 20.004, 10.004, entrance="yes"), *SQUARE[1:]]
    made = frames(tmp_path, *corner, way(7, RING, {"amenity": "clinic", "healthcare": "pharmacy"}))
    assert sorted(made["entrances"]["code"]) == ["w7/n11", "w7:pharmacy/n11"]


def test_a_multipolygon_relation_is_one_facility(tmp_path):
    inner = [node(21, 20.0042, 10.0042), node(22, 20.0044, 10.0042), node(23, 20.0044, 10.0044)]
    made = frames(
        tmp_path,
        *SQUARE[:1],
        node(12, 20.005, 10.004, entrance="yes"),
        *SQUARE[2:],
        *inner,
        way(7, [11, 12, 13], {}),
        way(8, [13, 14, 11], {}),
        way(9, [21, 22, 23, 21], {}),
        relation(3, [(7, "outer"), (8, "outer"), (9, "inner")], {"type": "multipolygon", "leisure": "park"}),
        relation(4, [(7, "outer"), (99, "outer")], {"type": "multipolygon", "leisure": "park"}),
    )
    park = rows(made["facilities"])["r3"]
    assert park["category"] == "park"
    assert len(park["geometry"].interiors) == 1
    assert made["entrances"]["code"].tolist() == ["r3/n12"]
    assert rows(made["green_spaces"])["r3"]["kind"] == "park"
    assert "r4" not in rows(made["facilities"])


def test_a_relation_is_assembled_from_a_file_in_any_order(tmp_path):
    park = {"type": "multipolygon", "leisure": "park"}
    file = osm(
        tmp_path / "a.osm",
        relation(3, [(7, "outer"), (8, "outer")], park),
        way(8, [13, 14, 11], {}),
        way(7, [11, 12, 13], {}),
        way(100, [11, 12], {"highway": "path"}),
        *reversed(SQUARE),
    )
    assert read_osm(file).frames["facilities"]["code"].tolist() == ["r3"]


def test_an_outline_with_missing_nodes_keeps_what_is_left(tmp_path):
    extract = read_osm(
        street(
            tmp_path,
            *SQUARE,
            way(7, [11, 12, 13, 66, 11], {"amenity": "library", "building": "yes"}),
            way(8, [11, 66, 67, 11], {"amenity": "police", "building": "yes"}),
            way(9, [66, 67, 68, 66], {"amenity": "police", "building": "yes"}),
        )
    )
    facilities = rows(extract.frames["facilities"])
    assert facilities["w7"]["geometry"].geom_type == "Polygon"
    assert facilities["w8"]["geometry"].wkt == "POINT (20.004 10.004)"
    assert "w9" not in facilities
    assert set(rows(extract.frames["buildings"])) == {"w7"}
    assert extract.incomplete_count == 3


def test_a_crossing_outline_is_repaired(tmp_path):
    bow = [11, 13, 12, 14, 11]
    building = rows(frames(tmp_path, *SQUARE, way(7, bow, {"building": "house"}))["buildings"])["w7"]
    assert building["geometry"].is_valid
    assert building["geometry"].area > 0


@pytest.mark.parametrize(
    ("value", "use"),
    [
        ("apartments", "residential"),
        ("semidetached_house", "residential"),
        ("static_caravan", "residential"),
        ("dormitory", "dormitory"),
        ("school", "public_service"),
        ("retail", "commercial"),
        ("warehouse", "industrial"),
        ("yes", "unknown"),
        ("garage", "other"),
    ],
)
def test_uses_of_buildings(tmp_path, value, use):
    tags = {"building": value, "building:levels": "6.5", "start_date": "~1994-03", "height": "20 m"}
    building = rows(frames(tmp_path, *SQUARE, way(7, RING, tags))["buildings"])["w7"]
    assert building["use"] == use
    assert (building["floors"], building["built_year"], building["height_m"]) == (6, 1994, 20.0)


def test_a_plain_building_is_used_as_it_is_said_to_be(tmp_path):
    tags = {"building": "yes", "building:use": "apartments"}
    assert rows(frames(tmp_path, *SQUARE, way(7, RING, tags))["buildings"])["w7"]["use"] == "residential"


def test_building_no_is_no_building(tmp_path):
    assert len(frames(tmp_path, *SQUARE, way(7, RING, {"building": "no"}))["buildings"]) == 0


@pytest.mark.parametrize(
    ("tags", "layer", "kind"),
    [
        ({"leisure": "garden"}, "green_spaces", "garden"),
        ({"landuse": "forest"}, "green_spaces", "woodland"),
        ({"natural": "wood"}, "green_spaces", "woodland"),
        ({"landuse": "village_green"}, "green_spaces", "grass"),
        ({"landuse": "recreation_ground"}, "green_spaces", "other"),
        ({"place": "square"}, "public_spaces", "square"),
        ({"leisure": "playground"}, "public_spaces", "playground"),
        ({"highway": "pedestrian", "area": "yes"}, "public_spaces", "square"),
        ({"natural": "water"}, "barriers", "water"),
        ({"barrier": "fence"}, "barriers", "wall"),
    ],
)
def test_spaces_and_barriers_of_closed_ways(tmp_path, tags, layer, kind):
    row = rows(frames(tmp_path, *SQUARE, way(7, RING, tags))[layer])["w7"]
    assert row["kind"] == kind
    if layer != "barriers":
        assert row["area_m2"] == pytest.approx(109_500 / 1000 * 110.6, rel=0.02)  # 0.001° by 0.001° at 10° N


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"waterway": "river"}, "water"),
        ({"waterway": "stream", "tunnel": "culvert"}, None),
        ({"waterway": "ditch"}, None),
        ({"railway": "rail"}, "rail"),
        ({"railway": "subway", "tunnel": "yes"}, None),
        ({"railway": "subway"}, "rail"),
        ({"railway": "light_rail", "bridge": "viaduct"}, None),
        ({"railway": "tram"}, None),
        ({"barrier": "city_wall"}, "wall"),
        ({"barrier": "kerb"}, None),
    ],
)
def test_lines_that_are_barriers(tmp_path, tags, kind):
    found = rows(frames(tmp_path, *SQUARE, way(7, [11, 12, 13], tags))["barriers"])
    assert [row["kind"] for row in found.values()] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "gate"}, "unknown"),
        ({"barrier": "gate", "access": "private"}, "residents"),
        ({"barrier": "lift_gate", "access": "private", "foot": "yes"}, "everyone"),
        ({"barrier": "entrance", "access": "no"}, "nobody"),
        ({"barrier": "bollard"}, None),
    ],
)
def test_gates(tmp_path, tags, passes):
    found = frames(tmp_path, node(5, 20.004, 10.004, **tags))["gates"]
    assert found["passes"].tolist() == ([passes] if passes else [])


def test_only_what_was_asked_for_is_read(tmp_path):
    things = [*SQUARE, way(7, RING, {"building": "yes", "leisure": "park"}), node(5, 20.0, 10.0, shop="supermarket")]
    assert set(frames(tmp_path, *things, only=frozenset({"buildings"}))) == {"buildings"}
    extract = read_osm(street(tmp_path, *things), only=frozenset({"facilities"}))
    assert extract.ways is None
    assert set(extract.frames) == {"facilities", "entrances"}


def test_long_texts_are_cut_to_what_the_field_holds(tmp_path):
    shop = node(5, 20.004, 10.004, shop="supermarket", name="长" * 240, opening_hours="Mo-Fr 08:00-18:00; " * 20)
    row = rows(frames(tmp_path, shop)["facilities"])["n5"]
    assert (len(row["name"]), len(row["hours"])) == (200, 200)


def test_tsinghua_has_the_buildings_and_homes_counted_by_others(shared_data):
    made = read_osm(shared_data / "beijing-tsinghua" / "map.osm").frames
    buildings = made["buildings"]
    assert len(buildings) == 521
    assert buildings["use"].isin(["residential", "dormitory"]).sum() == 147
    assert buildings.geometry.is_valid.all()
    assert made["facilities"]["code"].is_unique


def test_helsinki_is_read_with_relations(shared_data):
    made = read_osm(shared_data / "helsinki" / "Helsinki.osm.pbf").frames
    assert made["buildings"]["code"].str.startswith("r").any()
    assert made["buildings"].geometry.is_valid.all()
    assert made["entrances"]["facility_code"].isin(made["facilities"]["code"]).all()
