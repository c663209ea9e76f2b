import sqlite3

import numpy as np
import pytest
import shapely

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.foundation.errors import Forbidden, StoreFault
from geo_service.services import stores
from geo_service.storage import bulk, rows, runs, spatial
from geo_service.storage.checking import check_store
from geo_service.storage.copying import copy_store, table_checksum
from geo_service.storage.geopackage import register_functions
from geo_service.storage.store import open_store
from geo_service.storage.tables import TABLES, metadata
from geo_service.storage.ways import write_ways
from tests.storage.samples import NETWORK, WHO, L, areas, buildings, grids, ways

OTHER = {"embedded": "postgis", "postgis": "embedded"}


@pytest.fixture
def filled(store):
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["grids"], grids(), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(np.linspace(0.001, 0.19, 300)), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
        write_ways(connection, NETWORK, ways(), **WHO)
        rows.insert(
            connection,
            L["facilities"],
            {
                "code": "F1",
                "category": "clinic",
                "geom": shapely.Point(0.1, 1 / 3),
                "admits_bands": ["3_5"],
                "capacity": 0.1,
            },
            **WHO,
        )
        rows.insert(connection, L["households"], {"code": "H", "building_code": "B0", "head_name": "某"}, **WHO)
        rows.retire(connection, L["facilities"], "F1", 1, "closed", **WHO)
        bulk.refresh_places(connection)
        run = runs.insert_run(
            connection, kind="coverage", fingerprint="f", parameters={"a": [1]}, inputs={}, result={"b": None},
            code_version="0", **WHO, seconds=0.1,
        )  # fmt: skip
        runs.write_part(connection, run["uid"], "homes", bytes(range(256)))
    return store


def sums(store):
    with store.reading() as connection:
        return {table.name: table_checksum(connection, table) for table in metadata.sorted_tables}


@pytest.mark.parametrize("same_kind", [False, True])
def test_copy_holds_the_same(filled, make_store_url, same_kind):
    told = []
    target = open_store(make_store_url(filled.kind if same_kind else OTHER[filled.kind]))
    copied = copy_store(filled, target, lambda share, key: told.append(share))
    assert {table.table: table for table in copied} == sums(filled) == sums(target)
    assert {table.table: table.rows for table in copied}["building"] == 300
    assert told == sorted(told)
    assert told[-1] == 1
    with target.writing() as connection:
        # ids go on counting, indexes and rules work
        made = rows.insert(connection, L["buildings"], {"code": "new", "geom": shapely.box(1, 1, 1.1, 1.1)}, **WHO)
        assert made["id"] > 300
        assert spatial.in_box(connection, L["buildings"], (0.9, 0.9, 1, 1)) == [made["id"]]
        assert runs.read_part(connection, runs.list_runs(connection)[0]["uid"], "homes") == bytes(range(256))
    assert all(finding.is_sound for finding in check_store(target))
    target.close()


def test_there_and_back_is_the_same(filled, make_store_url):
    middle, end = open_store(make_store_url(OTHER[filled.kind])), open_store(make_store_url(filled.kind))
    copy_store(filled, middle, lambda share, key: None)
    copy_store(middle, end, lambda share, key: None)
    assert sums(filled) == sums(end)
    middle.close()
    end.close()


def test_only_into_another_empty_store(filled, make_store_url, store_url):
    with pytest.raises(StoreFault, match="store_same"):
        stores.copy(store_url, store_url, LOCAL_ADMIN)
    target = make_store_url("embedded")
    stores.copy(store_url, target, LOCAL_ADMIN)
    with pytest.raises(StoreFault, match="store_not_empty"):
        stores.copy(store_url, target, LOCAL_ADMIN)


def test_copy_that_breaks_leaves_the_target_empty(filled, make_store_url):
    target = open_store(make_store_url(OTHER[filled.kind]))

    def interrupt(share, key):
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_store(filled, target, interrupt)
    assert sum(table.rows for table in sums(target).values()) == 0
    target.close()


def test_only_admins(store_url):
    nobody = Actor("x", "planner")
    for story in (stores.init, stores.upgrade, stores.check):
        with pytest.raises(Forbidden):
            story(store_url, nobody)
    with pytest.raises(Forbidden):
        stores.copy(store_url, "sqlite:///x", nobody)


def wrong(store):
    return {finding.name: finding.faults for finding in check_store(store) if not finding.is_sound}


def test_a_sound_store(filled):
    assert wrong(filled) == {}


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE building SET version = 3 WHERE code = 'B7'", "history"),
        ("UPDATE alembic_version SET version_num = '9999'", "revision"),
        ("DROP TABLE checklist_finding", "tables"),
    ],
)
def test_check_finds_what_is_bent(filled, statement, check):
    with filled.writing() as connection:
        connection.exec_driver_sql(statement)
    assert check in wrong(filled)


def test_check_finds_invalid_geometry(store):
    with store.writing() as connection:
        rows.insert(
            connection,
            L["barriers"],
            {"code": "X", "kind": "water", "geom": shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])},
            **WHO,
        )
    assert "barrier X" in wrong(store)["geometries"][0]


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("DELETE FROM rtree_building_geom WHERE id = 5", "trees"),
        ("UPDATE rtree_building_geom SET minx = 50, maxx = 51 WHERE id = 5", "trees"),
        ("DROP TRIGGER rtree_building_geom_update6", "trees"),
        ("DELETE FROM rtree_building_geom_parent", "trees"),
        ("DELETE FROM gpkg_extensions", "geopackage"),
        ("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('household', 'attributes')", "geopackage"),
        ("PRAGMA application_id = 1", "geopackage"),
        ("UPDATE building SET area_id = 999 WHERE id = 5", "foreign_keys"),
    ],
)
def test_check_finds_what_is_bent_in_a_file(make_store_url, statement, check):
    store = open_store(make_store_url("embedded"))
    with store.writing() as connection:
        bulk.upsert(connection, L["buildings"], buildings(np.linspace(0.001, 0.19, 300)), **WHO)
    hand = sqlite3.connect(store.path)
    register_functions(hand)
    hand.execute(statement)
    hand.commit()
    hand.close()
    assert check in wrong(store)
    store.close()


def test_check_finds_a_damaged_page(make_store_url):
    store = open_store(make_store_url("embedded"))
    with store.writing() as connection:
        bulk.upsert(connection, L["buildings"], buildings(np.linspace(0.001, 0.19, 300)), **WHO)
        root = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'building'").scalar()
    store.close()
    with store.path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    again = open_store(store.url, check_version=False)
    assert "integrity" in wrong(again)
    again.close()


def test_check_finds_what_others_may_read(make_store_url):
    store = open_store(make_store_url("embedded"))
    store.path.chmod(0o644)
    assert "private" in wrong(store)
    store.close()


def test_check_finds_a_lost_index(make_store_url):
    store = open_store(make_store_url("postgis"))
    with store.writing() as connection:
        connection.exec_driver_sql("DROP INDEX idx_building_geom")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
    assert wrong(store) == {"spatial_indexes": ("building",)}
    with store.writing() as connection:
        connection.exec_driver_sql("CREATE INDEX idx_building_geom ON building USING gist (geom)")
    store.close()


def test_all_layers_have_a_table():
    assert TABLES.keys() == L.keys()
