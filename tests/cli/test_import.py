"""``geo-service import``: what it prints, its exit codes, and that nothing is ever half-written."""

import csv
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from geo_service.cli.app import main
from geo_service.domain.layers import LAYERS
from geo_service.storage import bulk
from geo_service.storage.store import open_store
from geo_service.storage.versions import layer_versions
from tests.exchange.osm_text import node, street

COMMAND = [str(Path(sys.executable).with_name("geo-service"))]
SHOP = node(5, 20.006, 10.006, shop="supermarket", name="=1+1")


def surroundings(url, tmp_path, lang):
    return {"GEO_VAR_DIR": str(tmp_path / "var"), "GEO_DATABASE_URL": url, "GEO_LANG": lang, "COLUMNS": "160"}


def run(url, tmp_path, *arguments, lang="en", **kwargs):
    """Import in a process of its own."""
    return subprocess.run(
        [*COMMAND, "import", *map(str, arguments)],
        env=os.environ | surroundings(url, tmp_path, lang),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **kwargs,
    )


@pytest.fixture
def run_here(monkeypatch, capsys):
    """Return what imports as ``run`` does, in this process: starting one takes longer than the import."""

    def run_here(url, tmp_path, *arguments, lang="en"):
        capsys.readouterr()
        with monkeypatch.context() as around:
            for name, value in surroundings(url, tmp_path, lang).items():
                around.setenv(name, value)
            code = main(["import", *map(str, arguments)])
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return run_here


def content(url):
    """Return everything a half-done import would have changed."""
    store = open_store(url)
    with store.reading() as conn:
        found = layer_versions(conn), {name: len(bulk.ids_by_code(conn, layer)) for name, layer in LAYERS.items()}
    store.close()
    return found


def many_shops(tmp_path, count=3000):
    shops = [node(1000 + n, 20.0 + n / 1e6, 10.005, shop="supermarket", name="店" * 60) for n in range(count)]
    return street(tmp_path, *shops)


def test_an_extract_and_a_layer_come_in(store_url, tmp_path, run_here):
    done = run_here(store_url, tmp_path, "osm", street(tmp_path, SHOP), "--area", "999901")
    assert done.returncode == 0, done.stderr
    assert "walking ways" in done.stdout
    assert "© OpenStreetMap contributors" in done.stdout
    assert "999901 was created" in done.stderr
    (tmp_path / "h.csv").write_text("编码,hours,身高\nn5,24/7,180\n", encoding="gbk")
    done = run_here(store_url, tmp_path, "layer", "facilities", tmp_path / "h.csv", lang="zh")
    assert done.returncode == 0, done.stderr
    assert "已忽略：身高" in done.stderr
    assert "GBK" in done.stderr
    assert content(store_url)[1]["facilities"] == 1


def test_the_network_arrays_are_built_with_the_import(make_store_url, tmp_path, run_here):
    url = make_store_url("embedded")
    assert run_here(url, tmp_path, "osm", street(tmp_path), "--area", "999901", "--only", "network").returncode == 0
    (folder,) = (tmp_path / "var" / "networks").iterdir()
    assert any(folder.glob("*.npy"))


def test_lines_of_ones_own_become_a_network(store_url, tmp_path, run_here):
    path = tmp_path / "streets.csv"
    path.write_text('code,name,wkt\na,甲路,"LINESTRING(116 40,116.01 40)"\n', encoding="utf-8")
    done = run_here(store_url, tmp_path, "layer", "ways", path, "--area", "999901", "--closed")
    assert done.returncode == 0, done.stderr
    assert "walking ways" in done.stdout
    assert "999901 was created" in done.stderr
    assert content(store_url)[1]["ways"] == 1
    assert len(list((tmp_path / "var" / "networks").glob("*/manifest.json"))) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_arrays_that_cannot_be_built_do_not_hide_what_was_stored(make_store_url, tmp_path, lang, run_here):
    url = make_store_url("embedded")
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "networks").write_text("a file where the folder should be", encoding="utf-8")
    done = run_here(url, tmp_path, "osm", street(tmp_path, SHOP), "--area", "999901", lang=lang)
    assert done.returncode == 7
    assert {"zh": "数据已全部入库", "en": "The data is stored"}[lang] in done.stderr
    assert str(tmp_path / "var" / "networks") in done.stderr
    assert "Traceback" not in done.stderr
    assert "© OpenStreetMap" in done.stdout
    assert (content(url)[1]["facilities"], content(url)[1]["ways"]) == (1, 1)


def test_faults_are_shown_as_a_table_and_written_as_a_report(make_store_url, tmp_path, run_here):
    url = make_store_url("embedded")
    path, report = tmp_path / "f.csv", tmp_path / "faults.csv"
    path.write_text("code,category,lon,lat\na,clinic,40,116\n=b,clinic,116,40\nc,nothing,116,40\n", encoding="utf-8")
    done = run_here(url, tmp_path, "layer", "facilities", path, "--report", report)
    assert done.returncode == 3
    assert "longitude and latitude are swapped" in done.stdout
    assert "3 faults in 3 rows" in done.stderr
    assert "f.csv" in done.stderr
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:3] for row in rows] == [
        ["row", "column", "value"],
        ["2", "lon", "POINT (40 116)"],
        ["3", "code", "'=b"],
        ["4", "category", "nothing"],
    ]
    assert content(url)[1]["facilities"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["osm", "gone.osm", "--area", "999901"], 3, "gone.osm"),
        (["osm", "street.osm", "--area", "12345"], 2, "12345"),
        (["osm", "street.osm", "--area", "999901", "--only", "streets"], 2, "streets"),
        (["osm", "street.osm", "--area", "999901", "--extent", "street.osm"], 3, "street.osm"),
        (["osm", "street.osm"], 2, "--area"),
        (["layer", "facility", "a.csv"], 4, "facility"),
        (["layer", "ways", "a.csv"], 2, "--area"),
        (["layer", "ways", "a.csv", "--area", "12345"], 2, "12345"),
        (["layer", "ways", "lines.csv", "--area", "999901"], 3, "lines.csv"),
        (["layer", "networks", "a.csv"], 2, "networks"),
        (["layer", "facilities", "a.csv", "--closed"], 2, "--closed"),
        (["layer", "facilities", "a.csv", "--area", "999901"], 2, "--area"),
        (["layer", "facilities", "gone.csv"], 3, "gone.csv"),
        (["layer", "facilities", "a.csv", "--crs", "EPSG:1"], 2, "EPSG:1"),
        (["layer", "facilities", "a.csv", "--map", "name"], 2, "name"),
        (["layer", "facilities", "a.csv", "--map", "x=y"], 2, "x"),
        (["layer", "facilities", "a.csv", "--report", "no/where.csv"], 3, "where.csv"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_refusal_is_one_sentence(make_store_url, tmp_path, monkeypatch, capsys, arguments, code, words, lang):
    url = make_store_url("embedded")
    street(tmp_path)
    (tmp_path / "a.csv").write_text("code,category,lon,lat\na,clinic,116,40\n", encoding="utf-8")
    (tmp_path / "lines.csv").write_text('code,highway,wkt\na,motorway,"LINESTRING(0 0,1 1)"\n', encoding="utf-8")
    before = content(url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEO_DATABASE_URL", url)
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    assert main(["--lang", lang, "import", *arguments]) == code
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err + said.out
    assert "{" not in said.err
    assert content(url) == before


def test_a_store_that_is_not_there(tmp_path, run_here):
    done = run_here(f"sqlite:///{tmp_path / 'no.gpkg'}", tmp_path, "osm", street(tmp_path), "--area", "999901")
    assert done.returncode == 7
    assert "db init" in done.stderr
    assert not (tmp_path / "no.gpkg").exists()


# -- nothing half-written

WAITS_WHILE_WRITING = """
import sys
from pathlib import Path
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.clock import system_clock
from geo_service.services.context import Context
from geo_service.services.imports_osm import import_osm, prepare_osm
from geo_service.storage.store import open_store

def told(share, key):
    if key == "progress.places":  # everything is written, nothing committed
        print("writing", flush=True)
        sys.stdin.read()

url, file, folder = sys.argv[1:]
ctx = Context(open_store(url), LOCAL_ADMIN, system_clock, Path(folder), "en", told)
plan = prepare_osm(ctx, Path(file), area="999901")
with ctx.store.writing() as conn:
    import_osm(conn, ctx, plan)
print("done", flush=True)
"""


def test_killed_while_writing_nothing_is_left_and_the_next_import_works(store_url, tmp_path, run_here):
    before = content(store_url)
    file = many_shops(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", WAITS_WHILE_WRITING, store_url, str(file), str(tmp_path / "var")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
        assert process.stdout.readline() == ""
        assert process.wait(60) == -signal.SIGKILL
    assert content(store_url) == before
    done = run_here(store_url, tmp_path, "osm", file, "--area", "999901")
    assert done.returncode == 0, done.stderr
    assert content(store_url)[1]["facilities"] == 3000


def test_a_full_disk_leaves_the_embedded_store_as_it_was(make_store_url, tmp_path, run_here):
    url = make_store_url("embedded")
    before = content(url)
    size = Path(url.removeprefix("sqlite:///")).stat().st_size

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, size + 200_000))

    done = run(url, tmp_path, "osm", many_shops(tmp_path), "--area", "999901", preexec_fn=small_files)
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    assert content(url) == before
    assert run_here(url, tmp_path, "osm", tmp_path / "street.osm", "--area", "999901").returncode == 0


def test_a_full_disk_of_the_server_leaves_postgis_as_it_was(make_store_url, tmp_path, run_here):
    url = make_store_url("postgis")
    before = content(url)
    engine = sa.create_engine(url)
    with engine.begin() as conn:  # the last table written says what a full disk says
        conn.exec_driver_sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
        )
        conn.exec_driver_sql("CREATE TRIGGER full_disk AFTER INSERT ON facility EXECUTE FUNCTION full_disk()")
    done = run_here(url, tmp_path, "osm", many_shops(tmp_path, 10), "--area", "999901")
    assert done.returncode == 7
    assert "disk is full" in done.stderr
    assert content(url) == before
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP TRIGGER full_disk ON facility")
    engine.dispose()
    assert run_here(url, tmp_path, "osm", tmp_path / "street.osm", "--area", "999901").returncode == 0
