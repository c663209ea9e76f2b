"""The stand-alone map: nothing outside the file, nothing about single homes, few people withheld."""

import json
import os
import re
import shutil
import subprocess

import pytest

from geo_service.cartography import folium_page
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services import reports, runs
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion
from geo_service.services.told import shown_result

needs_assets = pytest.mark.skipif(
    not (folium_page._LEAFLET / "leaflet.js").is_file(), reason="the frontend is not built (make setup)"
)


@pytest.fixture
def reported(town):
    """A run over two communities, one of them with four people in an uncovered house."""
    town.main_street()
    town.community("990001001001", -200, 1000, source="synthetic demo")
    town.community("990001001002", 1000, 2200)
    town.homes(0, 50, 100, 150, 200, residents_persons=20)
    town.homes(1500, 1520, 1540, 1560, 1900, residents_persons=4, name="secret-building")
    town.facility("f1", 620, name="</script><b>超市")
    return town


def make(town, **more):
    return coverage(town.ctx, CoverageQuestion.asked(["supermarket", "toilet"], **more))["uid"]


def data_of(town, uid):
    with town.store.reading() as conn:
        run = runs.get_run(conn, town.ctx, uid)
        return reports.page_data(conn, town.ctx, shown_result(conn, town.ctx, run, to_anybody=True))


@needs_assets
def test_the_page_stands_alone(reported):
    uid = make(reported)
    with reported.store.reading() as conn:
        assert reports.newest_coverage(conn, reported.ctx) == uid
        page = reports.map_report(conn, reported.ctx, uid)
    markup = re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.S)
    assert not re.findall(r"""(?:src|href)=["'][^#"']""", markup)
    assert "https://cdn" not in page
    assert "tile.openstreetmap" not in page
    assert "</script><b>" not in page, "a name must not end the script"
    assert '<html lang="zh">' in page
    assert "secret-building" not in page
    assert not re.search(r'"h(0|50|1500|1900)"', page), "no code of a single home"


def test_an_unknown_link_is_refused():
    import folium

    figure = folium_page.OfflineFigure()
    figure.add_child(folium.Map(tiles=None))
    figure.header.add_child(folium.elements.JavascriptLink("https://example.org/x.js"), name="new_plugin")
    with pytest.raises(ValueError, match="new_plugin"):
        figure.render()


def test_settings_sources_and_banner_are_said(reported):
    data = data_of(reported, make(reported, minutes=10, profile="elder"))
    facts = " ".join(value for _, value in data["facts"])
    for said in ("10 分钟", "500 米", "老年人", "社区", "2026-06-15"):
        assert said in facts
    assert data["texts"]["banner"]
    assert {category["code"] for category in data["categories"]} == {"supermarket", "toilet"}
    assert data["categories"][0]["facilities"][0][2] == "</script><b>超市"
    assert data["categories"][0]["circle"]["type"] in ("Polygon", "MultiPolygon")
    assert data["categories"][1]["circle"] is None


def test_few_people_are_withheld(reported):
    data = data_of(reported, make(reported))
    rows = dict(
        zip([f["properties"]["name"] for f in data["areas"]["features"]], data["categories"][0]["rows"], strict=True)
    )
    left, right = rows["area 990001001001"], rows["area 990001001002"]
    assert right["withheld"], "four people are left out of reach"
    assert right["covered"] is None
    assert data["categories"][0]["total"]["withheld"], "the total less the others would give them away"
    assert left["covered"] == 1.0


def test_which_run(reported):
    with reported.store.reading() as conn:
        assert reports.newest_coverage(conn, reported.ctx) is None
        with pytest.raises(NotFound, match="run_unknown"):
            reports.map_report(conn, reported.ctx, "nope")


def test_a_run_without_areas_cannot_be_drawn(town):
    town.main_street()
    town.homes(0)
    uid = make(town)
    with town.store.reading() as conn, pytest.raises(NotFound, match="report_no_areas"):
        reports.map_report(conn, town.ctx, uid)


def test_only_coverage_runs(town):
    town.main_street()
    finished = runs.Finished("other", "f", {}, {}, {}, 0.0)
    with town.store.writing() as conn:
        uid = runs.keep_run(conn, town.ctx, finished)["uid"]
    with town.store.reading() as conn, pytest.raises(InvalidInput, match="run_not_coverage"):
        reports.map_report(conn, town.ctx, uid)


@needs_assets
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine")
def test_the_page_opens_with_the_cable_out(reported, tmp_path):
    uid = make(reported)
    with reported.store.reading() as conn:
        page = reports.map_report(conn, reported.ctx, uid)
    file = tmp_path / "map.html"
    file.write_text(page, encoding="utf-8")
    flags = (
        "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --enable-logging=stderr"
    )
    seen = subprocess.run(
        ["chromium", *flags.split(), "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path}/profile",
         "--virtual-time-budget=3000", "--dump-dom", f"file://{file}"],
        capture_output=True, text=True, timeout=120, check=True, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert "CONSOLE" not in seen.stderr, json.dumps(seen.stderr)[-2000:]
    assert "report-class-none" in seen.stdout
    assert seen.stdout.count("<option") == 2
    assert "社区服务覆盖图" in seen.stdout
