"""Rows inside a drawn polygon or an area, as a list and as a file, on both stores."""

import json
from io import BytesIO

from python_calamine import CalamineWorkbook

WEST = "POLYGON((116.305 40.005,116.3115 40.005,116.3115 40.015,116.305 40.015,116.305 40.005))"
RING = [[116.305, 40.005], [116.3115, 40.005], [116.3115, 40.015], [116.305, 40.015], [116.305, 40.005]]
WRONG = [
    ("POINT(116.31 40.01)", "within_not_polygon"),
    ("POLYGON((116.31 40.01,116.32 40.01", "within_form"),
    ("POLYGON((0 0,1 1,1 0,0 1,0 0))", "within_crosses_itself"),
    ("POLYGON((40 116,41 116,41 117,40 116))", "shape_swapped"),
    ("POLYGON((0 0,nan 1,1 0,0 0))", "shape_not_finite"),
    ("POLYGON EMPTY", "row_unknown"),
    ("", "within_form"),
    ("{", "within_form"),
    ('{"type":"LineString","coordinates":[[0,0],[1,1]]}', "within_not_polygon"),
    ('{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}', "shape_open"),
    ("POLYGON((" + ",".join(["0 0"] * 501) + "))", "within_too_many_corners"),
    ("990000000000", "row_unknown"),
]


def codes(answer):
    assert answer.status_code == 200, answer.text
    return [one["properties"]["code"] for one in answer.json()["features"]]


def test_a_list_has_what_lies_in_a_polygon_however_it_is_written_or_in_an_area(client, town):
    for within in (WEST, json.dumps({"type": "Polygon", "coordinates": [RING]})):
        assert codes(client.get("/api/buildings", params={"within": within})) == ["B0", "B1"]
    assert codes(client.get("/api/buildings", params={"within": WEST, "limit": 1, "offset": 1})) == ["B1"]
    assert codes(client.get("/api/facilities", params={"within": WEST, "category": "clinic"})) == []
    assert codes(client.get("/api/facilities", params={"within": "990101001001"})) == ["F0", "F1", "F2"]
    assert codes(client.get("/api/households", params={"within": WEST})) == ["H1"]


def test_another_polygon_is_another_answer_also_to_who_knows_the_first(client, town):
    first = client.get("/api/buildings", params={"within": WEST})
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get("/api/buildings", params={"within": WEST}, headers=known).status_code == 304
    assert client.get("/api/buildings", params={"within": "990101001"}, headers=known).status_code == 200


def test_what_is_no_polygon_is_refused_in_both_languages(client, town):
    for within, code in WRONG:
        answer = client.get("/api/facilities", params={"within": within})
        assert (answer.status_code >= 400, answer.json()["code"]) == (True, code), within
        assert answer.json()["detail_zh"] != answer.json()["detail_en"]


def test_a_file_has_exactly_the_rows_of_the_list(client, town):
    asked = {"within": WEST, "sort": "-code"}
    made = client.get("/api/features/buildings/file", params={**asked, "format": "geojson"})
    assert codes(made) == ["B1", "B0"]
    sheet = client.get("/api/features/buildings/file", params=asked, headers={"Accept-Language": "zh"})
    assert "attachment" in sheet.headers["content-disposition"]
    lines = CalamineWorkbook.from_filelike(BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    (head,) = (place for place, line in enumerate(lines) if line[0] == "编码")
    assert [line[0] for line in lines[head + 1 :]] == ["B1", "B0"]
    assert client.get("/api/features/buildings/file?format=doc").json()["code"] == "file_format_unknown"
