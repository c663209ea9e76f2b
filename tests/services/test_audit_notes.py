"""What else stands in the audit: files that come in, files that go out, runs; on both stores."""

import sqlalchemy as sa

from geo_service.foundation.clock import to_iso
from geo_service.services import audit, imports_layers, reports, results, runs
from geo_service.services.imports import note_import
from geo_service.storage.tables import AUDIT
from tests.services.conftest import NOON


def noted(store, verb):
    """Return the facts of the lines with a verb."""
    with store.reading() as c:
        chosen = sa.select(AUDIT).where(AUDIT.c.verb == verb).order_by(AUDIT.c.id)
        found = [dict(row) for row in c.execute(chosen).mappings()]
    assert all((line["actor"], line["at"]) == ("local-admin", to_iso(NOON)) for line in found)
    return [line["facts"] for line in found]


def test_an_imported_file_with_what_became_of_its_rows(town, tmp_path):
    file = tmp_path / "shops.csv"
    file.write_text("code,category,lon,lat,opening_state,admits\nF1,supermarket,116.001,40.001,open,public\n")
    plan = imports_layers.prepare_layer(town.ctx, "facilities", file, crs="EPSG:4326")
    with town.store.writing() as conn:
        note_import(conn, town.ctx, file, imports_layers.import_layer(conn, town.ctx, plan))
    assert noted(town.store, "file_imported") == [
        {"file": "shops.csv", "created_updated_unchanged": {"facilities": [1, 0, 0]}, "retired": {}}
    ]
    assert len(noted(town.store, "imported")) == 1


def test_files_that_leave(town, tmp_path):
    reports.write_report(town.ctx, tmp_path / "map.html", "<!doctype html>")
    results.write_circles(town.ctx, tmp_path / "c.geojson", {"type": "FeatureCollection", "features": []})
    assert noted(town.store, "exported") == [
        {"file": "map.html", "what": "report"},
        {"file": "c.geojson", "what": "circles"},
    ]


def test_settings_where_they_differ_from_the_last_start(town):
    starts = ({"public": False, "port": 8000}, {"public": False, "port": 8000}, {"public": True, "port": 8000})
    for settings in starts:
        with town.store.writing() as conn:
            audit.note_settings(conn, town.ctx, settings)
    assert [facts["changed"] for facts in noted(town.store, "settings_changed")] == [["port", "public"], ["public"]]


def test_a_run_once_made_is_noted_once(town):
    made = runs.Finished("coverage", "f" * 64, {"by": "community"}, {}, {}, 1.0)
    for _ in range(2):
        with town.store.writing() as conn:
            uid = runs.keep_run(conn, town.ctx, made)["uid"]
    assert noted(town.store, "run_made") == [{"kind": "coverage", "run": uid, "parameters": {"by": "community"}}]
