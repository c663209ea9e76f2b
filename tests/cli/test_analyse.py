"""The analysing commands end to end on the Beijing extract, the same on both stores, and every wrong question."""

import csv
import json

import geopandas as gpd
import pytest

from geo_service.cli.analyse import _show_differences
from geo_service.cli.app import main
from geo_service.foundation.errors import FileFault, InvalidInput, NotFound, StoreFault

COLUMNS = "id,metres,seconds,state,reason,facility_code,snap_m"


@pytest.fixture(autouse=True)
def chinese(monkeypatch):
    monkeypatch.setenv("GEO_LANG", "zh")


@pytest.fixture
def beijing(store_url, shared_data, tmp_path, monkeypatch):
    """The settings point to a store of each kind with the Beijing extract; files are written to the folder given."""
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    assert main(["import", "osm", str(shared_data / "beijing-tsinghua" / "map.osm"), "--area", "110108"]) == 0
    return tmp_path


@pytest.fixture
def embedded_beijing(make_store_url, shared_data, tmp_path, monkeypatch):
    """The same on the embedded store only."""
    monkeypatch.setenv("GEO_DATABASE_URL", make_store_url("embedded"))
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    assert main(["import", "osm", str(shared_data / "beijing-tsinghua" / "map.osm"), "--area", "110108"]) == 0
    return tmp_path


def commands(folder):
    """Run what the issue shows; return the files without what differs between any two runs."""
    files = {name: str(folder / name) for name in ("cov.json", "cov.csv", "times.csv", "circles.geojson")}
    assert main(["analyse", "coverage", "--circle", "15", "--by", "community", "--out", files["cov.json"]]) == 0
    assert main(["analyse", "coverage", "--circle", "15", "--by", "community", "--out", files["cov.csv"]]) == 0
    assert main(["analyse", "times", "--category", "supermarket", "--out", files["times.csv"]]) == 0
    minutes = ["--minutes", "5", "--minutes", "10", "--minutes", "15"]
    assert main(["analyse", "circles", "--at", "116.3200,40.0020", *minutes, "--out", files["circles.geojson"]]) == 0
    result = json.loads((folder / "cov.json").read_text(encoding="utf-8"))
    uid = result.pop("uid").encode()
    result.pop("created_at")
    read = {
        name: (folder / name).read_bytes().replace(uid, b"uid") for name in ("cov.csv", "times.csv", "circles.geojson")
    }
    return result, read


def test_both_stores_give_the_same_numbers(make_store_url, shared_data, tmp_path, monkeypatch, capsys):
    answers = []
    for kind in ("embedded", "postgis"):
        folder = tmp_path / kind
        folder.mkdir()
        monkeypatch.setenv("GEO_DATABASE_URL", make_store_url(kind))
        monkeypatch.setenv("GEO_VAR_DIR", str(folder / "var"))
        assert main(["import", "osm", str(shared_data / "beijing-tsinghua" / "map.osm"), "--area", "110108"]) == 0
        answers.append(commands(folder))
    assert answers[0] == answers[1]
    told = capsys.readouterr().err
    assert "没有“社区（村）”这一层级的数据" in told, "the replaced level is said on the terminal too"


def test_times_has_a_row_per_home(beijing):
    assert main(["analyse", "times", "--category", "supermarket", "--out", str(beijing / "t.csv")]) == 0
    written = (beijing / "t.csv").read_text(encoding="utf-8")
    assert written.splitlines()[0] == COLUMNS
    rows = list(csv.DictReader(written.splitlines()))
    assert len(rows) == 147
    assert {row["state"] for row in rows} <= {"covered", "not_covered", "unknown"}
    assert all((row["state"] == "unknown") == bool(row["reason"]) for row in rows)
    assert all(float(row["seconds"]) == pytest.approx(float(row["metres"]) * 0.9, abs=0.02) for row in rows)
    near = [row for row in rows if float(row["metres"]) <= 1000]
    assert near
    assert all(row["state"] == "covered" for row in near)


def test_coverage_as_geopackage(beijing):
    file = beijing / "cov.gpkg"
    assert main(["analyse", "coverage", "--category", "supermarket", "--by", "district", "--out", str(file)]) == 0
    rows = gpd.read_file(file, layer="coverage")
    assert rows["code"].tolist() == ["110108"]
    assert rows.geometry.geom_type.tolist() == ["MultiPolygon"]
    assert rows["buildings_total"].tolist() == [147]


def test_circles_as_geopackage(beijing):
    file = beijing / "c.gpkg"
    assert main(["analyse", "circles", "--category", "supermarket", "--circle", "5", "--out", str(file)]) == 0
    assert len(gpd.read_file(file, layer="circle")) == 1


def test_a_time_of_day_stands_in_every_row(embedded_beijing, capsys):
    file = embedded_beijing / "t.csv"
    asked = ["analyse", "coverage", "--category", "supermarket", "--out", str(file)]
    assert main([*asked, "--at", "9:30"]) == 0
    with file.open(encoding="utf-8-sig", newline="") as text:
        assert {row["at"] for row in csv.DictReader(text)} == {"09:30"}
    assert main([*asked, "--at", "24:30"]) == InvalidInput.exit_code
    assert "24:30" in capsys.readouterr().err


def test_the_stricter_circle(embedded_beijing, capsys):
    cov, plain, file = (embedded_beijing / name for name in ("s.json", "p.json", "c.geojson"))
    assert main(["analyse", "coverage", "--category", "supermarket", "--strict", "--out", str(cov)]) == 0
    assert "800 米以内" in capsys.readouterr().out
    usually = ["--category", "supermarket", "--circle", "15"]
    assert main(["analyse", "coverage", *usually, "--out", str(plain)]) == 0
    strict, usual = (json.loads(one.read_text(encoding="utf-8")) for one in (cov, plain))
    assert (strict["limit"]["metres"], strict["parameters"]["strict"]) == (800.0, True)
    assert (usual["limit"]["metres"], "strict" in usual["parameters"]) == (1000.0, False)
    assert strict["uid"] != usual["uid"]
    asked = ["--circle", "5", "--circle", "10", "--circle", "15", "--strict"]
    assert main(["analyse", "circles", "--at", "116.3200,40.0020", *asked, "--out", str(file)]) == 0
    made = [one["properties"] for one in json.loads(file.read_text(encoding="utf-8"))["features"]]
    assert {one["limit_m"] for one in made if one["kind"] == "circle"} == {300.0, 500.0, 800.0}


def test_runs_are_listed_and_shown(embedded_beijing, capsys):
    assert main(["run", "list"]) == 0
    assert "geo-service analyse coverage" in capsys.readouterr().err
    assert main(["analyse", "coverage", "--category", "park", "--out", str(embedded_beijing / "c.json")]) == 0
    uid = json.loads((embedded_beijing / "c.json").read_text(encoding="utf-8"))["uid"]
    capsys.readouterr()
    assert main(["run", "list"]) == 0
    said = capsys.readouterr().out
    assert uid in said
    assert "覆盖" in said
    assert "[" not in said
    assert main(["run", "show", uid]) == 0
    assert json.loads(capsys.readouterr().out)["uid"] == uid
    assert main(["run", "show", "nope"]) == NotFound.exit_code


def test_every_age_band_by_its_own_profile(embedded_beijing, capsys):
    out = embedded_beijing / "ages.json"
    asked = ["--category", "park", "--minutes", "10", "--profile", "by_age"]
    assert main(["--lang", "en", "analyse", "coverage", *asked, "--out", str(out)]) == 0
    assert "by age band" in capsys.readouterr().out
    assert json.loads(out.read_text(encoding="utf-8"))["walkers"]["0_2"]["limit_m"] == 583.33


def test_runs_are_compared_and_verified(embedded_beijing, capsys):
    files = [embedded_beijing / name for name in ("a.json", "b.json")]
    for file, more in zip(files, ([], ["--strict"]), strict=True):
        assert main(["analyse", "coverage", "--category", "park", "--circle", "15", *more, "--out", str(file)]) == 0
    one, other = (json.loads(file.read_text(encoding="utf-8"))["uid"] for file in files)
    table, whole = embedded_beijing / "d.csv", embedded_beijing / "d.json"
    assert main(["run", "compare", one, other, "--out", str(table)]) == 0
    assert main(["run", "compare", one, other, "--out", str(whole)]) == 0
    told = json.loads(whole.read_text(encoding="utf-8"))
    assert [run["uid"] for run in told["runs"]] == [one, other]
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == sum(len(told[part]) for part in ("parameters", "inputs", "figures"))
    assert ("parameters", "strict", "", "true") in [(r["part"], r["place"], r["before"], r["after"]) for r in rows]
    capsys.readouterr()
    assert main(["run", "verify", one]) == 0
    assert "一致" in capsys.readouterr().err
    assert main(["run", "verify", "nope"]) == NotFound.exit_code
    assert main(["run", "compare", one, "nope"]) == NotFound.exit_code


def points(folder, *features, **members):
    file = folder / "points.geojson"
    written = [{"type": "Feature", "properties": {"id": ident}, "geometry": geometry} for ident, geometry in features]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": written, **members}))
    return str(file)


def at(lon, lat):
    return {"type": "Point", "coordinates": [lon, lat]}


def test_points_of_ones_own_keep_their_ids(embedded_beijing):
    square = [[116.319, 40.001], [116.321, 40.001], [116.321, 40.003], [116.319, 40.003], [116.319, 40.001]]
    file = embedded_beijing / "points.geojson"
    listed = [
        ('"007"', at(116.32, 40.002)),
        ("-5", at(116.32, 40.002)),
        ("1.50", at(116.32, 40.002)),
        ('"=1+1, \\"x\\""', at(116.32, 40.002)),
        ('"面"', {"type": "Polygon", "coordinates": [square]}),
        ('"far"', at(0.0, 0.0)),
    ]
    features = ",".join(
        f'{{"type":"Feature","properties":{{"id":{ident}}},"geometry":{json.dumps(geometry)}}}'
        for ident, geometry in listed
    )
    file.write_text(f'{{"type":"FeatureCollection","features":[{features}]}}', encoding="utf-8")
    out = embedded_beijing / "t.csv"
    assert main(["analyse", "times", "--category", "park", "--points", str(file), "--out", str(out)]) == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    assert [row["id"] for row in rows] == ["007", "-5", "1.50", '=1+1, "x"', "面", "far"]
    assert len({row["metres"] for row in rows[:5]}) == 1, "a polygon stands for its centroid"
    assert (rows[5]["metres"], rows[5]["state"], rows[5]["reason"]) == ("", "unknown", "not_snapped")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "找不到文件"),
        ("", "空"),
        ("{", "GeoJSON"),
        ("[]", "GeoJSON"),
        ('{"type":"Point","coordinates":[1,2]}', "GeoJSON"),
        ('{"type":"FeatureCollection","features":[]}', "没有任何要素"),
        ('{"type":"FeatureCollection","features":[5]}', "GeoJSON"),
        (
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
            '"geometry":{"type":"Point","coordinates":[116,40]}}]}',
            "第 1 个要素缺少 properties.id",
        ),
        *(
            (
                '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a"},"geometry":'
                + g
                + "}]}",
                "第 1 个要素（id：a）",
            )
            for g in (
                "null",
                '{"type":"Point","coordinates":[40,116]}',
                '{"type":"Point","coordinates":[400,40]}',
                '{"type":"Point","coordinates":[NaN,40]}',
                '{"type":"Point","coordinates":[]}',
                '{"type":"Circle","coordinates":[1,2]}',
                '{"type":"LineString","coordinates":[[1,2]]}',
            )
        ),
        (
            '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}},'
            '"features":[1]}',
            "3857",
        ),
    ],
)
def test_wrong_points(content, said, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    file, out = tmp_path / "p.geojson", tmp_path / "t.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    code = main(["analyse", "times", "--category", "park", "--points", str(file), "--out", str(out)])
    told = capsys.readouterr().err
    assert code == FileFault.exit_code
    assert said in told
    assert "p.geojson" in told
    assert "error." not in told
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["times", "--category", "pub", "--out", "t.csv"], NotFound, "pub"),
        (["times", "--category", "park", "--profile", "bird", "--out", "t.csv"], NotFound, "bird"),
        (["times", "--category", "park", "--limit-m", "0", "--out", "t.csv"], InvalidInput, "0"),
        (["times", "--category", "park", "--out", "t.txt"], InvalidInput, ".csv"),
        (["times", "--category", "park", "--out", "no/t.csv"], FileFault, "no"),
        (["coverage", "--circle", "5", "--minutes", "5", "--out", "c.json"], InvalidInput, "只能给出其中一个"),
        (["coverage", "--circle", "5", "--strict", "--out", "c.json"], InvalidInput, "从严"),
        (["coverage", "--minutes", "5", "--strict", "--out", "c.json"], InvalidInput, "从严"),
        (["circles", "--at", "116,40", "--circle", "5", "--strict", "--out", "c.geojson"], InvalidInput, "从严"),
        (["coverage", "--circle", "7", "--out", "c.json"], InvalidInput, "7"),
        (["coverage", "--minutes", "-3", "--out", "c.json"], InvalidInput, "-3"),
        (["coverage", "--by", "planet", "--out", "c.json"], InvalidInput, "planet"),
        (["coverage", "--category", "pub", "--out", "c.json"], NotFound, "pub"),
        (["coverage", "--out", "c.xlsx"], InvalidInput, ".gpkg"),
        (["circles", "--out", "c.geojson"], InvalidInput, "起点"),
        (["circles", "--facility", "nowhere", "--out", "c.geojson"], NotFound, "nowhere"),
        (["circles", "--at", "40.0,116.3", "--out", "c.geojson"], InvalidInput, "写反"),
        (["circles", "--at", "hello", "--out", "c.geojson"], InvalidInput, "hello"),
        (["circles", "--at", "1,2,3", "--out", "c.geojson"], InvalidInput, "1,2,3"),
        (["circles", "--at", "nan,40", "--out", "c.geojson"], InvalidInput, "nan"),
        (["circles", "--at", "116,40", "--minutes", "0", "--out", "c.geojson"], InvalidInput, "0"),
        (["circles", "--at", "116,40", "--circle", "5", "--out", "c.json"], InvalidInput, ".geojson"),
    ],
)
def test_wrong_questions(arguments, code, said, embedded_beijing_once, capsys, monkeypatch):
    monkeypatch.chdir(embedded_beijing_once)
    before = set(embedded_beijing_once.iterdir())
    assert main(["analyse", *arguments]) == code.exit_code
    told = capsys.readouterr().err
    assert said in told
    assert "error." not in told
    assert "{" not in told
    assert set(embedded_beijing_once.iterdir()) == before


@pytest.fixture(scope="module")
def _beijing_folder(tmp_path_factory, shared_data, embedded_template):
    return tmp_path_factory.mktemp("beijing")


@pytest.fixture
def embedded_beijing_once(_beijing_folder, shared_data, monkeypatch):
    """One embedded store with the extract for all tests that change nothing."""
    monkeypatch.setenv("GEO_VAR_DIR", str(_beijing_folder / "var"))
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    if not (_beijing_folder / "var").exists():
        assert main(["db", "init"]) == 0
        assert main(["import", "osm", str(shared_data / "beijing-tsinghua" / "map.osm"), "--area", "110108"]) == 0
    return _beijing_folder


def test_the_store_is_no_result_file(embedded_beijing_once, capsys):
    store = embedded_beijing_once / "var" / "geo.gpkg"
    size = store.stat().st_size
    assert main(["analyse", "coverage", "--out", str(store)]) == InvalidInput.exit_code
    assert "正在使用的数据库" in capsys.readouterr().err
    assert store.stat().st_size == size


def test_an_empty_store_asks_for_a_network(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    out = tmp_path / "c.json"
    assert main(["analyse", "coverage", "--out", str(out)]) == StoreFault.exit_code
    assert main(["db", "init"]) == 0
    capsys.readouterr()
    for command in (
        ["coverage", "--out", str(out)],
        ["times", "--category", "park", "--out", str(tmp_path / "t.csv")],
        ["circles", "--at", "116,40", "--out", str(tmp_path / "c.geojson")],
    ):
        assert main(["analyse", *command]) == InvalidInput.exit_code
        assert "geo-service import osm" in capsys.readouterr().err
    assert not out.exists()


def test_english(embedded_beijing_once, capsys):
    out = str(embedded_beijing_once / "e.json")
    assert main(["--lang", "en", "analyse", "coverage", "--category", "park", "--out", out]) == 0
    told = capsys.readouterr()
    assert "counted by the nearest level" in told.err
    assert "park" in told.out
    lines = [line for line in (told.err + told.out).splitlines() if "GB 50180" not in line]  # clauses as they are named
    assert not any("一" <= letter <= "鿿" for letter in "".join(lines))


def test_fingerprints_of_inputs_are_said_in_words(capsys):
    _show_differences("inputs", [("verified", "a" * 64, "b" * 64), ("layers.homes", 1, 2)])
    said = capsys.readouterr().out
    assert "哪些设施算已核实" in said or "which facilities" in said
    assert "aaaa" not in said
    assert "layers.homes" in said
