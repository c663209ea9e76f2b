"""Hostile geometries in files: one refused row or file each, never a process that ends."""

import json

import pytest

from geo_service.domain.layers import LAYERS
from geo_service.exchange import places, sources
from geo_service.exchange.layers import read_layer
from geo_service.exchange.points import read_points
from geo_service.foundation.errors import FileFault

FACILITIES = LAYERS["facilities"]


def in_csv(tmp_path, *texts, layer=FACILITIES):
    path = tmp_path / "a.csv"
    rows = "".join(f'c{n},clinic,"{text}"\n' for n, text in enumerate(texts))
    path.write_text("code,category,wkt\n" + rows)
    found = read_layer(layer, path)
    for fault in found.faults.first():
        assert "{" not in fault.sentence("zh") + fault.sentence("en")
    return {fault.row: fault.code for fault in found.faults.first()}, found.frame


def in_json(tmp_path, *geometries):
    path = tmp_path / "a.geojson"
    named = [json.dumps({"code": f"c{n}", "category": "clinic", "id": n}) for n in range(len(geometries))]
    features = ",".join(
        f'{{"type": "Feature", "geometry": {geometry}, "properties": {properties}}}'
        for geometry, properties in zip(geometries, named, strict=True)
    )
    path.write_text(f'{{"type": "FeatureCollection", "features": [{features}]}}')
    return path


def test_wkt(tmp_path):
    deep = 300_000
    faults, frame = in_csv(
        tmp_path,
        "GEOMETRYCOLLECTION(" * deep + "POINT(1 1)" + ")" * deep,
        "POINT (nan 1)",
        "POINT (1e400 1)",
        "POINT (inf -inf)",
        "POINT (181 1)",
        "POINT Z (116 40 nan)",
        "POINT ZM (116 40 5 6)",
        "POINT M (116 40 6)",
        "POINT (" * 3,
        "POINT (116 40)",
    )
    assert faults == {
        2: "geometry_too_deep",
        3: "geometry_not_finite",
        4: "geometry_not_finite",
        5: "geometry_not_finite",
        6: "geometry_out_of_range",
        10: "geometry_unreadable",
    }
    assert [None if shape is None else shape.wkt for shape in frame.geometry][5:8] == ["POINT (116 40)"] * 3


def test_geojson(tmp_path):
    nested = '{"type": "GeometryCollection", "geometries": [' * 300 + "null" + "]}" * 300
    path = in_json(
        tmp_path,
        nested,
        '{"type": "Point", "coordinates": [1' + "0" * 400 + ", 1]}",
        '{"type": "Point", "coordinates": [NaN, Infinity]}',
        '{"type": "Point", "coordinates": ' + "[" * 300 + "1" + "]" * 300 + "}",
        '{"type": "LineString", "coordinates": {"a": 1}}',
        '{"type": "Point", "coordinates": [116, 40, 1e300]}',
    )
    found = read_layer(FACILITIES, path)
    assert {fault.row: fault.code for fault in found.faults.first()} == {
        1: "geometry_too_deep",
        2: "geometry_not_geojson",
        3: "geometry_not_finite",
        4: "geometry_not_geojson",
        5: "geometry_not_geojson",
    }


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "1" * 5000, '{"a":' * 100_000, '{"type": "Point", "coordinates": [' + "9" * 5000]
)
def test_json_bombs(tmp_path, text):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises(FileFault) as caught:
        read_layer(FACILITIES, path)
    assert caught.value.code in ("json_broken", "geojson_expected")
    with pytest.raises(FileFault, match="points_not_geojson"):
        read_points(path)


def test_points_of_a_user(tmp_path):
    for geometry in (
        '{"type": "Point", "coordinates": [1' + "0" * 400 + ", 1]}",
        '{"type": "GeometryCollection", "geometries": [' * 300 + "null" + "]}" * 300,
        '{"type": "Point", "coordinates": ' + "[" * 300 + "1" + "]" * 300 + "}",
    ):
        with pytest.raises(FileFault, match="points_geometry"):
            read_points(in_json(tmp_path, geometry))


def test_numbers_of_tables_without_end(tmp_path):
    path = tmp_path / "a.geojson"
    huge = "1" + "0" * 400
    properties = f'{{"code": "a", "category": "clinic", "floor_area_m2": {huge}}}'
    point = '{"type": "Point", "coordinates": [116, 40]}'
    path.write_text(f'{{"type": "Feature", "geometry": {point}, "properties": {properties}}}')
    assert [fault.code for fault in read_layer(FACILITIES, path).faults.first()] == ["field_not_finite"]


def test_vertices(tmp_path, monkeypatch):
    line = {"type": "MultiPoint", "coordinates": [[116 + n * 1e-6, 40] for n in range(50)]}
    path = in_json(tmp_path, json.dumps(line), '{"type": "Point", "coordinates": [116, 40]}')
    monkeypatch.setattr(places, "MOST_FILE_GEOMETRY_VERTICES", 49)
    found = read_layer(FACILITIES, path).faults.first()
    assert [(fault.row, fault.code) for fault in found] == [(1, "geometry_too_many_vertices")]
    monkeypatch.setattr(places, "MOST_FILE_VERTICES", 50)
    with pytest.raises(FileFault, match="vertices_too_many"):
        read_layer(FACILITIES, path)


def test_files_that_do_not_fit_into_memory(tmp_path, monkeypatch):
    path = in_json(tmp_path, "null")
    monkeypatch.setattr(sources, "_LARGEST_READ_BYTES", 20)
    for read in (lambda: read_layer(FACILITIES, path), lambda: read_points(path)):
        with pytest.raises(FileFault, match="file_too_large"):
            read()
