"""Files out: whole or not at all, formulas made harmless, read again as they were."""

import csv
import json
import math
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from geo_service.exchange.sources import read_source
from geo_service.exchange.write import (
    features_of,
    safe_cell,
    unquoted_cell,
    write_csv,
    write_geojson,
    write_gpkg,
    write_json,
)
from geo_service.foundation.errors import FileFault

FRAME = gpd.GeoDataFrame(
    {"code": ["a", "b"], "name": ["超市", None], "metres": [1.5, math.nan], "tags": [["x"], None]},
    geometry=[shapely.Point(116.3, 40.0), None],
    crs=4326,
)


def lines(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv(tmp_path):
    path = tmp_path / "a.csv"
    rows = [{"a": "文", "b": True, "c": None, "d": np.float64(1.5)}, ["x", False, math.nan, [1, 2]]]
    write_csv(path, ["a", "b", "c", "d"], rows)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert lines(path) == [["a", "b", "c", "d"], ["文", "true", "", "1.5"], ["x", "false", "", "[1, 2]"]]


@pytest.mark.parametrize("text", ["=1+1", "+86 10", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1", "|calc", "%0A", "'=1"])
def test_formulas_are_made_harmless(tmp_path, text):
    write_csv(tmp_path / "a.csv", ["a"], [[text]])
    assert lines(tmp_path / "a.csv")[1] == [f"'{text}"]


def test_numbers_are_no_formulas():
    assert safe_cell(-5) == -5
    assert safe_cell("5-3") == "5-3"


@given(st.text())
def test_what_was_made_harmless_comes_back(text):
    assert unquoted_cell(safe_cell(text)) == text


@given(st.text(alphabet="'=+-@ \t\r\n|%a", max_size=6))
def test_what_looks_most_like_a_formula_comes_back_too(text):
    assert unquoted_cell(safe_cell(text)) == text
    if text.strip():
        assert safe_cell(text)[0] not in "=+-@\t\r\n|%"


def test_an_export_that_was_saved_as_a_workbook_comes_back(tmp_path):
    texts = ["=1+1", "'=1", "+86 10", "-2", "plain", "a=b"]
    write_csv(tmp_path / "a.csv", ["code", "name", "floors"], [[f"c{n}", text, -n] for n, text in enumerate(texts)])
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"), {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for row, cells in enumerate(lines(tmp_path / "a.csv")):
        for column, cell in enumerate(cells):
            sheet.write_string(row, column, cell)
    book.close()
    for name in ("a.csv", "a.xlsx"):
        assert [row[1] for row in read_source(tmp_path / name).rows] == texts


def test_json_and_geojson(tmp_path):
    write_json(tmp_path / "a.json", {"名": np.int64(3), "x": [math.inf, np.array([1.0])], "y": None})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"名": 3, "x": [None, [1.0]], "y": None}
    write_geojson(tmp_path / "a.geojson", FRAME, extra={"attribution": ["©"]})
    made = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert made["attribution"] == ["©"]
    assert made["features"] == features_of(FRAME)
    assert made["features"][0]["geometry"] == {"type": "Point", "coordinates": [116.3, 40.0]}
    assert made["features"][1] == {
        "type": "Feature",
        "geometry": None,
        "properties": {"code": "b", "name": None, "metres": None, "tags": None},
    }


def test_geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    for _ in range(2):
        write_gpkg(path, {"coverage": FRAME, "totals": FRAME.drop(columns="geometry")})
    read = gpd.read_file(path, layer="coverage")
    assert read["tags"].tolist()[0] == '["x"]'
    assert read.crs.to_epsg() == 4326
    assert len(gpd.read_file(path, layer="totals")) == 2


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.csv"
    write_csv(path, ["a"], [["old"]])

    def rows():
        yield ["new"]
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_csv(path, ["a"], rows())
    assert lines(path) == [["a"], ["old"]]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def test_missing_folder_and_folder_as_file(tmp_path):
    with pytest.raises(FileFault, match="folder_missing"):
        write_csv(tmp_path / "no" / "a.csv", ["a"], [])
    with pytest.raises(FileFault, match="file_is_folder"):
        write_json(tmp_path, {})


def test_no_table_leaves_by_another_door(repository):
    """Every CSV goes through write_csv; only a user's own ids, in the file they asked for by their ids, stay.

    Workbooks are made in one place, whose cells are safe too (tests/exchange/test_office.py).
    """
    sources = {path: path.read_text() for path in (repository / "geo_service").rglob("*.py")}
    writer = repository / "geo_service" / "exchange" / "write.py"
    others = {path.name for path, text in sources.items() if path != writer}
    found = re.compile(r"csv\.(writer|DictWriter)|\.to_csv\(|\.to_excel\(|xlsxwriter|openpyxl")
    assert {path.name for path, text in sources.items() if path.name in others and found.search(text)} == {"office.py"}
    verbatim = [path.name for path, text in sources.items() if path != writer and "for_machines=True" in text]
    assert verbatim == ["results.py"]
