"""What a drawn shape does to things of other kinds, on both stores: told with the thing and its place."""

import json
from dataclasses import replace

import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS as L
from geo_service.services.feature_check import check_geometry

COMMUNITY, QUARTER = "990101001001", "990101001001Q01"


@pytest.fixture(scope="module")
def seen(kept_town):
    """A street from west to east, a path to the north, a quarter around it with a gate, homes, a green space."""
    town = kept_town
    town.community(COMMUNITY, -100, 700)
    town.block()
    quarter = {"code": QUARTER, "name": "示例小区", "level": "quarter", "geometry": ground(250, 50, 350, 150)}
    town.put("areas", [quarter])
    town.put("gates", [{"code": "D1", "geometry": place(300, 50), "passes": "everyone"}])
    town.put("green_spaces", [{"code": "G1", "name": "东园", "kind": "park", "geometry": ground(400, 50, 450, 100)}])
    return town


def place(east, north):
    return Point(*(round(v, 7) for v in _at(east, north)))


def ground(west, south, east, north):
    return MultiPolygon([Polygon([_at(west, south), _at(east, south), _at(east, north), _at(west, north)])])


def _at(east, north):
    return 116.0 + east / 85393.9, 40.0 + north / 111035.0


def asked(town, layer, shape, actor=None, **more):
    ctx = replace(town.ctx, lang="en", **({"actor": actor} if actor else {}))
    with town.store.reading() as conn:
        return check_geometry(conn, ctx, L[layer], json.loads(shapely.to_geojson(shape)), **more)


def found(*given, **more):
    return [(one.kind, one.layer, one.ident) for one in asked(*given, **more).problems]


def test_ground_over_buildings_and_others_of_its_kind(seen):
    over = asked(seen, "green_spaces", ground(280, 90, 430, 110)).problems
    assert [(one.kind, one.layer, one.ident, one.blocks) for one in over] == [
        ("overlap", "buildings", "h310", False),
        ("overlap", "green_spaces", "G1", False),
    ]
    assert over[0].area_m2 == pytest.approx(100, rel=0.01)
    assert over[0].shape.intersection(Point(_at(310, 100))).is_empty is False
    assert "h310" in over[0].sentence
    assert "100 m²" in over[0].sentence
    assert "东园" in over[1].sentence
    assert found(seen, "green_spaces", ground(400, 50, 450, 100), ident="G1") == []
    assert found(seen, "green_spaces", ground(450, 50, 500, 100)) == []  # beside it
    assert found(seen, "green_spaces", ground(449.5, 50, 500, 100)) == []  # half a metre is drawing
    assert found(seen, "public_spaces", ground(280, 90, 430, 110)) == [("overlap", "buildings", "h310")]
    assert found(seen, "public_spaces", ground(300, 90, 330, 110), properties={"kind": "room"}) == []
    assert found(seen, "buildings", ground(305, 95, 320, 105)) == [("overlap", "buildings", "h310")]
    assert found(seen, "green_spaces", ground(600, 50, 720, 60)) == [("partly_outside", None, None)]


def test_gates_entrances_and_facilities_stand_where_one_can_walk(seen):
    assert found(seen, "gates", place(250, 100)) == []
    far = asked(seen, "gates", place(500, 100)).problems
    assert [(one.kind, one.layer, one.ident) for one in far] == [("far_from_barrier", "areas", QUARTER)]
    assert "150 m" in far[0].sentence
    assert far[0].shape.geom_type == "LineString"
    assert found(seen, "gates", place(300, 450)) == [
        ("far_from_barrier", "areas", QUARTER),
        ("far_from_ways", None, None),
    ]
    assert found(seen, "facilities", place(100, 450)) == [("far_from_ways", None, None)]
    twin = {"category": "supermarket"}
    assert found(seen, "facilities", place(295, 225), properties=twin) == [("near_alike", "facilities", "f1")]
    assert found(seen, "facilities", place(295, 225), properties={"category": "clinic"}) == []
    assert found(seen, "entrances", place(50, 100), properties={"facility_code": "f1"}) == [
        ("far_from_subject", "facilities", "f1")
    ]


def test_a_wall_across_streets_needs_gates(seen):
    wall = LineString([_at(-50, 50), _at(400, 50)])  # crosses the western street, and the path where the gate is
    (across,) = asked(seen, "barriers", wall).problems
    assert (across.kind, across.shape.geom_type) == ("crosses_ways", "MultiPoint")
    assert [one.x for one in across.shape.geoms] == pytest.approx([116.0])
    assert "1 place" in across.sentence
    assert found(seen, "barriers", LineString([_at(50, 50), _at(400, 50)])) == []


def test_corrections_of_paths_meet_streets(seen):
    missing, blocked = {"kind": "missing"}, {"kind": "blocked"}
    path = LineString([_at(100, 0), _at(100, 170), _at(100, 171)])
    assert found(seen, "path_corrections", path, properties=missing) == []
    (loose,) = asked(seen, "path_corrections", LineString([_at(100, 0), _at(100, 100)]), properties=missing).problems
    assert (loose.kind, loose.shape.geoms[0].y) == ("loose_ends", pytest.approx(_at(100, 100)[1]))
    assert "At 1 tip the path meets no street within 30 m" in loose.sentence
    stroke = LineString([_at(100, -5), _at(100, 5)])
    assert found(seen, "path_corrections", stroke, properties=blocked) == []
    beside = LineString([_at(100, 5), _at(100, 15)])
    assert found(seen, "path_corrections", beside, properties=blocked) == [("blocks_nothing", None, None)]


def test_who_writes_in_some_places_is_told_before_saving(seen):
    mine = Actor("p", "planner", areas=(COMMUNITY,))
    assert found(seen, "projects", place(100, 10), actor=mine) == []
    assert found(seen, "projects", place(-400, 10), actor=mine) == [
        ("outside_areas", None, None),
        ("outside_own", None, None),
    ]
    assert found(seen, "projects", place(-400, 10)) == [("outside_areas", None, None)]


def test_a_new_thing_is_told_its_code(seen):
    assert asked(seen, "green_spaces", ground(450, 50, 500, 100)).next_code == f"{COMMUNITY}-GS0001"
    assert asked(seen, "grids", box(*_at(0, 0), *_at(9, 9)), properties={"kind": "unit"}).next_code == f"{COMMUNITY}001"
    assert asked(seen, "green_spaces", ground(400, 50, 450, 100), ident="G1").next_code is None
