"""The embedded file is a GeoPackage that GDAL and QGIS open; and GDAL never opens it in a process of ours."""

import json
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_service.storage import bulk, person_keys, rows
from geo_service.storage.copying import backup
from geo_service.storage.geopackage import from_blobs, header_bounds, to_blobs
from geo_service.storage.store import open_store
from tests.storage.samples import NETWORK, WHO, L, areas, buildings, ways
from tests.stores import GivenKeys


def run_python(script: str, *arguments: object) -> str:
    """Run a script in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def embedded(make_store_url):
    from geo_service.storage.ways import write_ways

    store = open_store(make_store_url("embedded"))
    person_keys.use_keys(store.engine, GivenKeys())
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
        rows.insert(
            connection,
            L["households"],
            {"code": "H1", "building_code": "B0", "head_name": "张三", "geom": shapely.Point(0.02, 0.02)},
            **WHO,
        )
        rows.insert(
            connection, L["facilities"], {"code": "F1", "category": "clinic", "geom": shapely.Point(0.02, 0.02)}, **WHO
        )
        write_ways(connection, NETWORK, ways(), **WHO)
    yield store
    store.close()


def test_gdal_reads_a_backup_copy(embedded, tmp_path):
    copy = tmp_path / "copy.gpkg"
    backup(embedded, copy)
    script = """
        import json, sys, pyogrio
        path = sys.argv[1]
        layers = dict(pyogrio.list_layers(path).tolist())
        houses = pyogrio.read_dataframe(path, layer="building", bbox=(0.06, 0, 0.2, 0.1))
        info = pyogrio.read_info(path, layer="area")
        fields = dict(zip(info["fields"].tolist(), info["ogr_types"]))
        print(json.dumps({"layers": layers, "codes": sorted(houses["code"]), "crs": info["crs"],
                          "types": [fields["name"], fields["is_pilot"], fields["parent_id"], fields["code"]],
                          "fid": info["fid_column"], "bounds": list(info["total_bounds"]),
                          "lift": houses.set_index("code")["has_lift"].map(str).to_dict()}))
    """
    found = json.loads(run_python(script, copy))
    expected = {layer.noun: layer.geometry for layer in L.values() if not layer.personal}
    assert found["layers"].keys() == expected.keys()  # neither households nor photos, accounts, audit
    assert found["layers"]["way"] == "MultiLineString"
    assert found["layers"]["building"] == "Unknown"  # any geometry
    assert found["layers"]["inventory_statement"] is None
    assert found["codes"] == ["B1", "B2"]
    assert found["crs"] == "EPSG:4326"
    assert found["fid"] == "id"
    assert found["types"] == ["OFTString", "OFTInteger", "OFTInteger64", "OFTString"]
    assert found["bounds"] == pytest.approx([0, 0, 0.2, 0.2])  # the index keeps 32 bits
    assert found["lift"] == {"B1": "nan", "B2": "0.0"}  # as pandas shows booleans with gaps


def test_what_gdal_writes_into_a_copy_is_understood(embedded, tmp_path):
    """A person edits the file in QGIS while the service is down: triggers keep the tree, blobs may look otherwise."""
    copy = tmp_path / "copy.gpkg"
    backup(embedded, copy)
    script = """
        import sys, geopandas, pyogrio, shapely
        frame = geopandas.GeoDataFrame({"code": ["F2"], "uid": ["0" * 36], "category": ["clinic"],
            "opening_state": ["open"], "admits": ["public"], "verification": ["verified"],
            "created_at": ["x"], "created_by": ["qgis"], "updated_at": ["x"], "updated_by": ["qgis"], "version": [1]},
            geometry=[shapely.Point(0.07, 0.02)], crs="EPSG:4326")
        pyogrio.write_dataframe(frame, sys.argv[1], layer="facility", append=True)
    """
    run_python(script, copy)
    store = open_store(f"sqlite:///{copy}")
    with store.writing() as connection:
        assert rows.page(connection, L["facilities"], bbox=(0.06, 0, 0.08, 0.1)).rows[0]["code"] == "F2"
        assert bulk.read_frame(connection, L["facilities"], ["code"]).geometry[1].coords[0] == (0.07, 0.02)
        moved = rows.update(connection, L["facilities"], "F2", 1, {"geom": shapely.Point(0.15, 0.02)}, **WHO)
        assert moved["area_code"] == "990101001002"
        assert rows.page(connection, L["facilities"], bbox=(0.14, 0, 0.16, 0.1)).total == 1
        assert connection.exec_driver_sql("SELECT rtreecheck('rtree_facility_geom')").scalar() == "ok"
    store.close()


def test_the_service_never_opens_the_live_file_with_gdal(make_store_url):
    """Everything storage does leaves GDAL unloaded: its SQLite would take the locks of ours away when it closes."""
    script = """
        import sys
        from geo_service.services import stores
        from geo_service.domain.actors import LOCAL_ADMIN
        from geo_service.storage import bulk, checking, copying, jobs, rows, runs, spatial, versions, ways
        from geo_service.storage.store import open_store
        from tests.storage.samples import NETWORK, WHO, L, areas, buildings, ways as sample
        store = open_store(sys.argv[1])
        with store.writing() as c:
            bulk.upsert(c, L["areas"], areas(), **WHO)
            bulk.upsert(c, L["buildings"], buildings(), **WHO)
            bulk.refresh_places(c)
            ways.write_ways(c, NETWORK, sample(), **WHO)
            bulk.read_frame(c, L["buildings"], ["code"], bbox=(0, 0, 1, 1))
            rows.page(c, L["buildings"], bbox=(0, 0, 1, 1))
            spatial.mvt(c, L["buildings"], 14, 8192, 8191, ["code"])
        stores.check(sys.argv[1], LOCAL_ADMIN)
        stores.copy(sys.argv[1], sys.argv[1] + ".copy", LOCAL_ADMIN)
        loaded = open("/proc/self/maps").read()
        print([name for name in ("pyogrio", "fiona", "osgeo") if name in sys.modules], "libgdal" in loaded)
    """
    assert run_python(script, make_store_url("embedded")).split("\n")[-2] == "[] False"


def test_gdal_on_a_copy_in_a_process_of_its_own_loses_nothing(embedded, tmp_path):
    """While we write, somebody looks at a copy: our lock holds against others, and what we commit is there."""
    copy = tmp_path / "copy.gpkg"
    backup(embedded, copy)
    with embedded.writing() as connection:
        connection.exec_driver_sql("INSERT INTO layer_version VALUES ('photos', 5)")
        run_python("import sys, pyogrio; pyogrio.read_dataframe(sys.argv[1], layer='building')", copy)
        other = sqlite3.connect(embedded.path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    assert read_in_another_process(embedded.path) == "5"


def read_in_another_process(path: Path) -> str:
    script = """
        import sqlite3, sys
        rows = sqlite3.connect(sys.argv[1]).execute("SELECT version FROM layer_version WHERE layer = 'photos'")
        print(rows.fetchone()[0])
    """
    return run_python(script, path).strip()


def test_backup_is_one_state(embedded, tmp_path):
    copy = tmp_path / "copy.gpkg"
    with embedded.writing() as connection:
        connection.exec_driver_sql("INSERT INTO layer_version VALUES ('photos', 5)")
        backup(embedded, copy)
    found = sqlite3.connect(copy)
    assert found.execute("SELECT * FROM layer_version WHERE layer = 'photos'").fetchall() == []
    assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    found.close()
    assert copy.stat().st_mode & 0o777 == 0o600


def test_blobs_there_and_back():
    shapes = np.array(
        [shapely.Point(1, 2), None, shapely.box(0, 0, 1, 1), shapely.MultiLineString([[(0, 0), (3, 4)]])], dtype=object
    )
    blobs = to_blobs(shapes)
    assert blobs[1] is None
    assert blobs[0][:8] == b"GP\x00\x03\xe6\x10\x00\x00"
    back = from_blobs(blobs)
    assert [None if shape is None else shape.wkt for shape in back] == [
        None if shape is None else shape.wkt for shape in shapes
    ]
    assert header_bounds([blobs[0][:40], blobs[3][:40]]).tolist() == [[1, 1, 2, 2], [0, 3, 0, 4]]
    bare = b"GP\x00\x01\xe6\x10\x00\x00" + shapely.to_wkb(shapes[0])  # as GDAL writes points: without an envelope
    assert from_blobs([bare])[0].coords[0] == (1, 2)
    assert header_bounds([bare[:40]]) is None


def test_disk_full(make_store_url):
    """The file may not grow: one sentence, nothing half-written, and it goes on once there is room."""
    from geo_service.foundation.errors import StoreFault

    store = open_store(make_store_url("embedded"))
    with store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        limit = raw.execute("PRAGMA page_count").fetchone()[0] + 20
        raw.execute(f"PRAGMA max_page_count = {limit}")
    frame = buildings(np.linspace(0, 0.2, 5000), size=0.0001)
    with pytest.raises(StoreFault, match="disk_full"), store.writing() as connection:
        bulk.upsert(connection, L["buildings"], frame, **WHO)
    with store.reading() as connection:
        assert bulk.ids_by_code(connection, L["buildings"]) == {}
    with store.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA max_page_count = 1000000")
    with store.writing() as connection:
        assert bulk.upsert(connection, L["buildings"], frame, **WHO).created == 5000
    store.close()
