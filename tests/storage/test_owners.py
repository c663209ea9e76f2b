"""Rows without a shape of their own have that of what they belong to, by whatever way they come."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_service.storage import bulk, rows, versions
from tests.storage.samples import LATER_WHO, WHO, L, areas, buildings, grids

LAWN = shapely.MultiPolygon([shapely.box(0.01, 0.01, 0.02, 0.02)])
YARD = shapely.MultiPolygon([shapely.box(0.15, 0.01, 0.16, 0.02)])
PART = shapely.box(0.011, 0.011, 0.012, 0.012)
SHOP = shapely.Point(0.03, 0.03)


@pytest.fixture
def conn(store):
    with store.writing() as connection:
        for name, frame in (("areas", areas()), ("grids", grids()), ("buildings", buildings())):
            bulk.upsert(connection, L[name], frame, **WHO)
        lawns = gpd.GeoDataFrame({"code": ["L1", "L2"], "kind": "park"}, geometry=[LAWN, YARD], crs=4326)
        bulk.upsert(connection, L["green_spaces"], lawns, **WHO)
        rows.insert(connection, L["public_spaces"], {"code": "S1", "kind": "square", "geom": YARD}, **WHO)
        shop = {"code": "F1", "category": "supermarket", "name": "店", "geom": SHOP}
        rows.insert(connection, L["facilities"], shop, **WHO)
        bulk.refresh_places(connection)
        yield connection


def adoption(code, **values):
    return {"code": code, "adopter_kind": "firm", "adopter_name": "示例公司", **values}


def shape(conn, code, layer="adoptions"):
    return rows.get(conn, L[layer], code)["geom"]


def test_one_by_one(conn):
    for code, subject, wanted in (
        ("A1", {"green_space_code": "L1"}, LAWN),
        ("A2", {"public_space_code": "S1"}, YARD),
        ("A3", {"facility_code": "F1"}, SHOP),
        ("A4", {"green_space_code": "L1", "geom": PART}, PART),
    ):
        made = rows.insert(conn, L["adoptions"], adoption(code, **subject), **WHO)
        assert made["geom"].equals(wanted), code
    assert rows.get(conn, L["adoptions"], "A1")["area_code"] == "990101001001"
    assert [row["code"] for row in rows.page(conn, L["adoptions"], bbox=(0.0, 0.0, 0.025, 0.025)).rows] == ["A1", "A4"]
    moved = rows.update(conn, L["adoptions"], "A4", 1, {"green_space_code": "L2"}, **LATER_WHO)
    assert moved["geom"].equals(YARD)
    assert moved["area_code"] == "990101001002"
    own = rows.update(conn, L["adoptions"], "A1", 1, {"geom": PART}, **LATER_WHO)
    assert rows.update(conn, L["adoptions"], "A1", own["version"], {"status": "active"}, **WHO)["geom"].equals(PART)
    assert rows.update(conn, L["adoptions"], "A1", 3, {"geom": None}, **WHO)["geom"].equals(LAWN)


def test_many_at_once_and_again(conn):
    frame = pd.DataFrame(
        [adoption("A1", green_space_code="L1"), adoption("A2", facility_code="F1")],
        columns=["code", "adopter_kind", "adopter_name", "green_space_code", "facility_code"],
    )
    assert bulk.upsert(conn, L["adoptions"], frame, **WHO).created == 2
    assert shape(conn, "A1").equals(LAWN)
    assert shape(conn, "A2").equals(SHOP)
    assert bulk.upsert(conn, L["adoptions"], frame, **WHO).unchanged == 2
    empty = gpd.GeoDataFrame(frame, geometry=[None, None], crs=4326)
    assert bulk.upsert(conn, L["adoptions"], empty, **WHO).unchanged == 2
    rows.update(conn, L["adoptions"], "A1", 1, {"geom": PART}, **WHO)
    assert bulk.upsert(conn, L["adoptions"], frame, **WHO).unchanged == 2  # a shape of its own is kept
    only_status = pd.DataFrame({"code": ["A1"], "status": ["active"]})
    assert bulk.upsert(conn, L["adoptions"], only_status, **WHO).updated == 1
    assert shape(conn, "A1").equals(PART)
    assert bulk.upsert(conn, L["adoptions"], frame.assign(green_space_code=["L2", None]), **WHO).updated == 1
    assert shape(conn, "A1").equals(YARD)


def test_it_follows_its_subject_unless_it_has_a_shape_of_its_own(conn):
    rows.insert(conn, L["adoptions"], adoption("A1", green_space_code="L1"), **WHO)
    rows.insert(conn, L["adoptions"], adoption("A2", green_space_code="L1", geom=PART), **WHO)
    rows.insert(conn, L["households"], {"code": "H1", "building_code": "B0"}, **WHO)
    before = versions.layer_versions(conn)["adoptions"]
    rows.update(conn, L["green_spaces"], "L1", 1, {"name": "草地"}, **LATER_WHO)
    assert versions.layer_versions(conn)["adoptions"] == before
    rows.update(conn, L["green_spaces"], "L1", 2, {"geom": YARD}, **LATER_WHO)
    assert versions.layer_versions(conn)["adoptions"] == before + 1
    found = rows.get(conn, L["adoptions"], "A1")
    assert found["geom"].equals(YARD)
    assert (found["area_code"], found["version"]) == ("990101001002", 1)
    assert shape(conn, "A2").equals(PART)
    lawns = gpd.GeoDataFrame({"code": ["L1"], "kind": "park"}, geometry=[LAWN], crs=4326)
    bulk.upsert(conn, L["green_spaces"], lawns, **LATER_WHO)
    assert shape(conn, "A1").equals(LAWN)
    houses = buildings(lon=(0.021, 0.07, 0.15))
    bulk.upsert(conn, L["buildings"], houses, **LATER_WHO)
    assert shape(conn, "H1", "households").equals_exact(houses.geometry.iloc[0].centroid, 1e-12)


def test_households_stand_in_the_middle_of_their_building(conn):
    middle = buildings().geometry.iloc[0].centroid
    made = rows.insert(conn, L["households"], {"code": "H1", "building_code": "B0"}, **WHO)
    assert made["geom"].equals_exact(middle, 1e-12)
    bulk.upsert(conn, L["households"], pd.DataFrame({"code": ["H2"], "building_code": ["B0"]}), **WHO)
    assert shape(conn, "H2", "households").equals_exact(middle, 1e-12)
    moved = rows.update(conn, L["households"], "H1", 1, {"building_code": "B1"}, **WHO)
    assert moved["geom"].equals_exact(buildings().geometry.iloc[1].centroid, 1e-12)
