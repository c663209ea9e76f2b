"""Rows inside a drawn polygon or an area, as a list and as a file, on both stores."""

import json
import math
from io import BytesIO

from python_calamine import CalamineWorkbook

from geo_service.services.feature_places import MOST_CORNERS

WEST = "POLYGON((116.305 40.005,116.3115 40.005,116.3115 40.015,116.305 40.015,116.305 40.005))"
RING = [[116.305, 40.005], [116.3115, 40.005], [116.3115, 40.015], [116.305, 40.015], [116.305, 40.005]]
WRONG = [
    ("POINT(116.31 40.01)", "within_not_polygon"),
    ("POLYGON((116.31 40.01,116.32 40.01", "within_form"),
    ("POLYGON((0 0,1 1,1 0,0 1,0 0))", "within_crosses_itself"),
    ("POLYGON((40 116,41 116,41 117,40 116))", "shape_swapped"),
    ("POLYGON((0 0,nan 1,1 0,0 0))", "shape_not_finite"),
    ("POLYGON EMPTY", "shape_empty"),
    ("POLYGON Z EMPTY", "shape_empty"),
    ("CURVEPOLYGON((0 0,1 0,1 1,0 0))", "geometry_curved"),
    ("GEOMETRYCOLLECTION(CURVEPOLYGON((0 0,1 0,1 1,0 0)))", "geometry_curved"),
    ("SRID=4326;" + WEST, "within_srid"),
    ("", "within_form"),
    ("{", "within_form"),
    ('{"type":"LineString","coordinates":[[0,0],[1,1]]}', "within_not_polygon"),
    ('{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}', "shape_open"),
    ("POLYGON((" + ",".join(["0 0"] * 152) + "))", "within_too_many_corners"),
    ("990000000000", "row_unknown"),
]


def codes(answer):
    assert answer.status_code == 200, answer.text
    return [one["properties"]["code"] for one in answer.json()["features"]]


def test_a_list_has_what_lies_in_a_polygon_however_it_is_written_or_in_an_area(client, town):
    higher = "POLYGON Z((" + ",".join(f"{lon} {lat} 5" for lon, lat in RING) + "))"
    for within in (WEST, higher, json.dumps({"type": "Polygon", "coordinates": [RING]})):
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


def around(corners):
    """Return a ring of so many corners around the second home, as long as they are ever written."""
    at = [2 * math.pi * n / corners for n in range(corners)]
    ring = [[round(116.31125 + 0.0006 * math.cos(a), 6), round(40.0101 + 0.0006 * math.sin(a), 6)] for a in at]
    return [*ring, ring[0]]


def test_a_polygon_of_the_most_corners_is_answered_and_one_more_is_refused(client, town):
    for corners, status in ((MOST_CORNERS, 200), (MOST_CORNERS + 1, 422)):
        ring = around(corners)
        wkt = f"POLYGON(({','.join(f'{lon} {lat}' for lon, lat in ring)}))"
        for within in (wkt, json.dumps({"type": "Polygon", "coordinates": [ring]})):
            for path, more in (("/api/buildings", {}), ("/api/features/buildings/file", {"format": "geojson"})):
                answer = client.get(path, params={"within": within, **more})
                assert answer.status_code == status, answer.text
                if status == 200:
                    assert codes(answer) == ["B1"]
                else:
                    assert answer.json()["code"] == "within_too_many_corners"
    assert client.get("/api/buildings", params={"within": wkt * 4}).json()["code"] == "address_too_long"
