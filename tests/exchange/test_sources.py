"""Kinds of files: GeoPackage, Shapefile, workbook, JSON; broken ones are refused in one sentence."""

import struct
import zipfile

import geopandas as gpd
import pytest
import shapely

from geo_service.domain.layers import LAYERS
from geo_service.exchange.extent import read_extent
from geo_service.exchange.layers import read_layer
from geo_service.exchange.sources import read_source
from geo_service.foundation.errors import FileFault
from geo_service.foundation.texts import LANGS

FACILITIES = LAYERS["facilities"]


def frame(**columns):
    points = [shapely.Point(116.32, 40.0), shapely.Point(116.33, 40.01)]
    return gpd.GeoDataFrame({"code": ["a", "b"], "category": ["clinic", "park"], **columns}, geometry=points, crs=4326)


def fault(path, **kwargs):
    with pytest.raises(FileFault) as refused:
        read_layer(FACILITIES, path, **kwargs)
    for lang in LANGS:
        assert path.name in refused.value.sentence(lang)
        assert "{" not in refused.value.sentence(lang)
    return refused.value.code


def shapefile(tmp_path, made, *, encoding, name="a", cpg=True, prj=True):
    folder = tmp_path / "shp"
    folder.mkdir(exist_ok=True)
    made.to_file(folder / f"{name}.shp", encoding=encoding)
    target = tmp_path / "a.zip"
    with zipfile.ZipFile(target, "w") as packed:
        for part in folder.iterdir():
            if (part.suffix == ".cpg" and not cpg) or (part.suffix == ".prj" and not prj):
                continue
            packed.write(part, f"数据/{part.name}")
    return target


def test_a_geopackage_is_read_with_its_own_crs(tmp_path):
    path = tmp_path / "a.gpkg"
    frame(name=["卫生站", "公园"]).to_crs(4547).to_file(path, layer="x")
    file = read_layer(FACILITIES, path)
    assert file.faults.count == 0
    assert file.frame["name"].tolist() == ["卫生站", "公园"]
    assert file.frame.geometry.iloc[0].distance(shapely.Point(116.32, 40.0)) < 1e-7
    assert fault(path, crs="EPSG:32650") == "crs_contradiction"


def test_tables_of_a_geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    frame().to_file(path, layer="one")
    frame(name=["p", "q"]).to_file(path, layer="two")
    assert fault(path) == "table_which"
    assert fault(path, table="three") == "table_unknown"
    assert read_layer(FACILITIES, path, table="two").frame["name"].tolist() == ["p", "q"]
    frame(name=["r", "s"]).to_file(path, layer="facilities")
    assert read_layer(FACILITIES, path).frame["name"].tolist() == ["r", "s"]


@pytest.mark.parametrize(("encoding", "cpg"), [("UTF-8", True), ("UTF-8", False), ("GBK", True), ("GBK", False)])
def test_shapefiles_in_utf8_and_gbk(tmp_path, encoding, cpg):
    made = frame(name=["卫生站", "公园"], 地址=["一号", "二号"])
    path = shapefile(tmp_path, made, encoding=encoding, cpg=cpg, name="设施")
    file = read_layer(FACILITIES, path)
    assert file.frame["name"].tolist() == ["卫生站", "公园"]
    assert file.frame["address"].tolist() == ["一号", "二号"]


def test_names_cut_by_a_shapefile_find_their_field(tmp_path):
    path = shapefile(tmp_path, frame(opening_state=["open", "closed"]), encoding="UTF-8")
    assert read_layer(FACILITIES, path).frame["opening_state"].tolist() == ["open", "closed"]


def test_a_shapefile_without_its_crs_needs_one_declared(tmp_path):
    path = shapefile(tmp_path, frame(), encoding="UTF-8", prj=False)
    assert fault(path) == "crs_missing"
    assert read_layer(FACILITIES, path, crs="EPSG:4326").faults.count == 0


def test_wrong_archives(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("readme.txt", "nothing")
    assert fault(path) == "zip_no_shapefile"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.shp", "x")
        packed.writestr("b.shp", "x")
    assert fault(path) == "zip_several_shapefiles"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.shp", struct.pack(">i", 9994) + b"\x00" * 200)
    assert fault(path) == "shapefile_part_missing"
    path.write_bytes(path.read_bytes()[:40])
    assert fault(path) == "zip_broken"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "file_empty"),
        ("a.csv", b"PK\x03\x04rest", "file_content"),
        ("a.csv", b"\xff\xfe\xff", "text_encoding"),
        ("a.csv", b"\x81\x20\xff\xff,\x80", "text_encoding"),
        ("a.csv", b"code,name\na,b\x00c\n", "text_broken"),
        ("a.csv", b'code,name\na,"b\nc,d\n', "text_broken"),
        ("a.csv", b"\n\n  \n", "no_rows"),
        ("a.csv", b"code,name\n", "no_rows"),
        ("a.csv", b"code,name,name\na,b,c\n", "column_twice"),
        ("a.csv", b"code,category,lon\na,clinic,116\n", "lonlat_column_missing"),
        ("a.xlsx", b"PK\x03\x04rest", "workbook_broken"),
        ("a.xlsx", b"code,name\na,b\n", "file_content"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "json_broken"),
        ("a.geojson", b'{"type": "FeatureCollection"}', "geojson_expected"),
        ("a.geojson", b"[1, 2]", "geojson_expected"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "no_rows"),
        ("a.gpkg", b"code,name\na,b\n", "file_content"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 500, "geofile_broken"),
        ("a.zip", b"code,name\na,b\n", "file_content"),
        ("a.shp", b"code,name\na,b\n", "file_content"),
        ("a.dwg", b"AC1032", "file_kind_unknown"),
        ("a", b"code", "file_kind_unknown"),
    ],
)
def test_files_that_are_not_what_they_say(tmp_path, name, content, code):
    (tmp_path / name).write_bytes(content)
    assert fault(tmp_path / name) == code


def test_missing_file_and_folder(tmp_path):
    assert fault(tmp_path / "gone.csv") == "file_missing"
    (tmp_path / "folder.csv").mkdir()
    assert fault(tmp_path / "folder.csv") == "file_is_folder"


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_truncated_geopackage(tmp_path, share):
    path = tmp_path / "a.gpkg"
    frame().to_file(path)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    assert fault(path) in ("geofile_broken", "no_rows")


def test_a_geojson_feature_id_is_a_column(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "Feature", "id": 7, "geometry": null, "properties": {"a": [1]}}')
    raw = read_source(path)
    assert (raw.columns, raw.rows, raw.crs, raw.crs_by_format) == (["id", "a"], [[7, [1]]], "EPSG:4326", True)


def test_extents(tmp_path):
    squares = gpd.GeoDataFrame(geometry=[shapely.box(20, 10, 21, 11), shapely.box(21, 10, 22, 11)], crs=4326)
    for name in ("a.geojson", "a.gpkg"):
        squares.to_file(tmp_path / name)
        assert read_extent(tmp_path / name).equals(shapely.box(20, 10, 22, 11))
    frame().to_file(tmp_path / "b.geojson")
    with pytest.raises(FileFault, match="extent_no_polygon"):
        read_extent(tmp_path / "b.geojson")
    ring = "[[20,10],[21,11],[21,10],[20,11],[20,10]]"
    (tmp_path / "c.geojson").write_text(f'{{"type": "Polygon", "coordinates": [{ring}]}}')
    with pytest.raises(FileFault, match="extent_bad"):
        read_extent(tmp_path / "c.geojson")
