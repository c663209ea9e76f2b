"""Editing over HTTP, on both stores: forms, what a row was, the way back, two editors of one row."""

import math

import numpy as np
import pytest
from shapely.geometry import LineString, Point, box, mapping

from tests.api.people import code_of

EN = {"Accept-Language": "en"}


def change(client, url, version, **body):
    return client.patch(url, json=body, headers={"If-Match": f'"{version}"'})


def history(client, url):
    answer = client.get(f"{url}/history", headers=EN)
    assert answer.status_code == 200, answer.text
    return answer.json()["versions"]


def changes(version):
    return {one["field"]: (one["before"], one["after"]) for one in version["changes"]}


def test_a_form_says_what_may_be_written(client, town):
    form = client.get("/api/layers/facilities/form", headers=EN).json()
    fields = {one["name"]: one for one in form["fields"]}
    assert form["geometry"][0] == "Point"
    assert fields["category"]["required"]
    assert {"code": "clinic", "label": "Clinic"} not in fields["name"]["choices"]
    assert "clinic" in [one["code"] for one in fields["category"]["choices"]]
    assert fields["admits_bands"]["kind"] == "choices"
    assert fields["admits_area_code"]["refers_to"] == "areas"
    assert (fields["floor_area_m2"]["kind"], fields["floor_area_m2"]["unit"]) == ("number", "m2")
    assert fields["verified_on"]["help"]
    chinese = client.get("/api/layers/facilities/form", headers={"Accept-Language": "zh"}).json()
    assert chinese["fields"][0]["label"] != form["fields"][0]["label"]
    assert client.get("/api/layers/grids/form").json()["fields"][-1]["name"] == "licence"
    assert not next(f for f in client.get("/api/layers/buildings/form").json()["fields"] if not f["editable"])["help"]
    assert code_of(client.get("/api/layers/ways/form")) == (409, "layer_read_only")
    assert code_of(client.get("/api/layers/roads/form")) == (404, "layer_unknown")


def test_what_a_row_was_and_the_way_back(client, town):
    url, plot = "/api/buildings/B1", mapping(box(116.3111, 40.0101, 116.3114, 40.0103))
    before = client.get(url).json()
    assert change(client, url, 1, properties={"name": "甲楼", "floors": 6}).status_code == 200
    assert change(client, url, 2, properties={"floors": 7}, geometry=plot).status_code == 200
    gone = client.post(f"{url}/retire", json={"reason": "拆除"}, headers={"If-Match": '"3"'})
    assert gone.status_code == 200
    told = history(client, url)
    assert [(one["version"], one["action"], one["who"]) for one in told] == [
        (4, "retired", "local-admin"),
        (3, "updated", "local-admin"),
        (2, "updated", "local-admin"),
        (1, "created", "local-admin"),
    ]
    assert changes(told[0]) == {"retired_reason": (None, "拆除")}
    assert changes(told[1]) == {"floors": (6, 7)}
    assert told[1]["geometry_after"]["coordinates"][0] == [[list(p) for p in plot["coordinates"][0]]][0]
    assert told[1]["geometry_before"] == before["geometry"] == told[3]["geometry_after"]
    assert changes(told[2]) == {"name": ("1号楼", "甲楼"), "floors": (None, 6)}
    assert told[2]["geometry_before"] is told[2]["geometry_after"] is None
    assert changes(told[3])["name"] == (None, "1号楼")
    page = client.get(f"{url}/history?limit=1&before=4").json()
    assert ([one["version"] for one in page["versions"]], page["next_before"]) == ([3], 3)

    back = client.post(f"{url}/restore", json={"version": 2}, headers={"If-Match": '"4"'})
    assert back.status_code == 200, back.text
    now = back.json()
    assert back.headers["etag"].startswith('"5-')
    assert now["geometry"] == before["geometry"]
    assert (now["properties"]["floors"], now["properties"]["retired_at"], now["properties"]["version"]) == (6, None, 5)
    newest = history(client, url)[0]
    assert newest["action"] == "restored"
    assert newest["geometry_after"] == before["geometry"]
    assert changes(newest) == {"floors": (7, 6), "retired_reason": ("拆除", None)}


WRONG_WAYS_BACK = [
    ({"version": 1}, None, (428, "if_match_missing")),
    ({"version": 1}, 7, (412, "row_changed")),
    ({"version": 9}, 2, (404, "version_unknown")),
    ({"version": 0}, 2, (422, "values_refused")),
    ({"version": "x"}, 2, (422, "values_refused")),
    ({}, 2, (422, "values_refused")),
    ({"version": 2}, 2, (409, "version_retired")),
]


def test_wrong_ways_back_are_refused(client, town):
    client.post("/api/facilities/F0/retire", json={"reason": "x"}, headers={"If-Match": '"1"'})
    for body, version, refused in WRONG_WAYS_BACK:
        given = {} if version is None else {"If-Match": f'"{version}"'}
        assert code_of(client.post("/api/facilities/F0/restore", json=body, headers=given)) == refused
    assert code_of(client.get("/api/facilities/F0/history?limit=0")) == (422, "values_refused")


def test_two_editors_of_one_row_are_told_what_the_other_made(client, town):
    url = "/api/grids/G1"
    mine = mapping(box(116.300, 40.000, 116.321, 40.020))
    theirs = mapping(box(116.300, 40.000, 116.319, 40.020))
    assert change(client, url, 1, geometry=theirs).status_code == 200
    answer = change(client, url, 1, geometry=mine)
    assert code_of(answer) == (412, "row_changed")
    current = answer.json()["current"]
    assert current == client.get(url).json()
    assert current["properties"]["leader_name"] == "张**"  # as anywhere else
    assert change(client, url, current["properties"]["version"], geometry=mine).status_code == 200
    told = history(client, url)
    assert told[0]["geometry_before"]["coordinates"] == current["geometry"]["coordinates"]  # both are kept
    for refused in (
        client.post(f"{url}/retire", json={"reason": "x"}, headers={"If-Match": '"1"'}),
        client.post(f"{url}/restore", json={"version": 1}, headers={"If-Match": '"1"'}),
    ):
        assert refused.json()["current"]["properties"]["version"] == 3


def check(client, layer, geometry, **more):
    answer = client.post(f"/api/{layer}/check", json={"geometry": geometry, **more}, headers=EN)
    assert answer.status_code == 200, answer.text
    return answer.json()


def kinds(checked):
    return [one["kind"] for one in checked["problems"]]


def test_a_drawn_grid_is_held_against_its_neighbours(client, town):
    """The town's community is a box of 0.02 degrees with one grid as large as itself."""
    assert change(client, "/api/grids/G1", 1, geometry=mapping(box(116.30, 40.00, 116.31, 40.02))).status_code == 200
    fits = check(client, "grids", mapping(box(116.31, 40.00, 116.32, 40.02)))
    assert (kinds(fits), fits["points_count"]) == ([], 5)
    assert 1_890_000 < fits["area_m2"] < 1_900_000  # 853.9 m x 2220.8 m
    assert 6_140 < fits["length_m"] < 6_160
    wrong = check(client, "grids", mapping(box(116.309, 40.00, 116.3199, 40.021)))
    assert kinds(wrong) == ["overlap", "outside_parent", "gap"]
    overlap = wrong["problems"][0]
    assert (overlap["ident"], overlap["blocks"]) == ("G1", False)
    assert "一网格" in overlap["sentence"]
    assert overlap["geometry"]["type"] == "MultiPolygon"
    assert overlap["area_m2"] > 100_000
    homes = check(client, "grids", mapping(box(116.312, 40.00, 116.32, 40.02)))
    assert kinds(homes) == ["gap", "homes_outside"]
    assert "2 residential buildings" in homes["problems"][1]["sentence"]
    assert kinds(check(client, "grids", mapping(box(116.30, 40.00, 116.32, 40.02)), ident="G1")) == []
    unit = {"kind": "unit"}
    assert kinds(check(client, "grids", mapping(box(116.305, 40.00, 116.32, 40.02)), properties=unit)) == ["gap"]
    area = {"level": "community", "parent_code": "990101001"}
    assert kinds(check(client, "areas", mapping(box(116.31, 40.00, 116.35, 40.02)), properties=area)) == [
        "overlap",
        "outside_parent",
    ]
    assert client.get("/api/grids/G1").json()["properties"]["version"] == 2  # nothing was written


def test_a_shape_far_from_every_area_is_told_so(client, town):
    assert kinds(check(client, "facilities", mapping(Point(116.31, 40.01)))) == []
    far = check(client, "facilities", mapping(Point(116.31, 41.02)))["problems"]
    assert [(one["kind"], one["blocks"]) for one in far] == [("outside_areas", False)]
    assert far[0]["sentence"].endswith("is 111 km away.")
    assert kinds(check(client, "grids", mapping(box(0, 0, 0.01, 0.01))))[0] == "outside_areas"


def test_a_drawn_shape_that_cannot_be_stored_says_where(client, town):
    bow = {
        "type": "Polygon",
        "coordinates": [[[116.3, 40], [116.31, 40.01], [116.31, 40], [116.3, 40.01], [116.3, 40]]],
    }
    found = check(client, "green_spaces", bow)
    assert found["area_m2"] is None
    (problem,) = found["problems"]
    assert (problem["kind"], problem["blocks"]) == ("self_intersection", True)
    assert problem["geometry"]["coordinates"] == [116.305, 40.005]
    assert "116.305000, 40.005000" in problem["sentence"]
    assert "boundary crosses itself" in problem["sentence"]


def circle(points):
    ring = [[116.31 + 0.001 * math.cos(a), 40.01 + 0.001 * math.sin(a)] for a in np.linspace(0, 2 * math.pi, points)]
    return {"type": "Polygon", "coordinates": [[*ring[:-1], ring[0]]]}


def test_a_drawing_of_ten_thousand_points_is_checked_and_kept(client, town):
    many = check(client, "grids", circle(10_002), ident="G1")
    assert kinds(many)[0] == "too_many_points"
    assert not many["problems"][0]["blocks"]
    assert many["area_m2"] == pytest.approx(math.pi * 85.4 * 111, rel=0.01)
    assert change(client, "/api/grids/G1", 1, geometry=circle(10_000)).status_code == 200
    assert len(history(client, "/api/grids/G1")[0]["geometry_after"]["coordinates"][0][0]) == 10_000


NO_SHAPES = [
    ("grids", {}, "shape_not_geojson"),
    ("grids", {"type": "Polygon"}, "shape_not_geojson"),
    ("grids", {"type": "Polygon", "coordinates": []}, "shape_empty"),
    ("grids", {"type": "Point", "coordinates": [116, 40]}, "shape_wrong_type"),
    ("grids", {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, "shape_open"),
    ("facilities", {"type": "Point", "coordinates": [40, 116]}, "shape_swapped"),
    ("inventory_statements", {"type": "Point", "coordinates": [116, 40]}, "shape_not_here"),
    ("facilities", None, "values_refused"),
    ("ways", {"type": "Point", "coordinates": [116, 40]}, "layer_read_only"),
]


def test_what_is_no_shape_is_refused(client, town):
    for layer, geometry, code in NO_SHAPES:
        answer = client.post(f"/api/{layer}/check", json={"geometry": geometry})
        assert (answer.json()["code"], answer.status_code) == (code, 409 if layer == "ways" else 422)
    for layer, odd in (
        ("grids", box(-180, -90, 180, 90)),
        ("areas", box(100, 89.9, 101, 90)),
        ("facilities", Point(180, 90)),
        ("facilities", LineString([(179, 0), (-179, 0)])),
    ):
        assert client.post(f"/api/{layer}/check", json={"geometry": mapping(odd)}).status_code == 200
    wrong = {"geometry": mapping(box(0, 0, 1, 1)), "properties": {"kind": "none"}}
    assert code_of(client.post("/api/grids/check", json=wrong)) == (422, "values_refused")
    assert code_of(client.post("/api/grids/check", json={**wrong, "ident": "none"})) == (404, "row_unknown")


LINE = {"type": "LineString", "coordinates": [[116.31, 39], [116.31, 41]]}
WRONG_PARTS = [
    ("G1/split", {}, (422, "values_refused")),
    ("G1/split", {"versions": {"G1": "x"}, "line": LINE}, (422, "values_refused")),
    ("G1/split", {"versions": {"G1": 1}}, (422, "split_how")),
    ("G1/split", {"versions": {"G1": 1}, "line": {"type": "Line"}}, (422, "shape_type_unknown")),
    ("G1/split", {"versions": {}, "line": LINE}, (422, "versions_missing")),
    ("G1/split", {"versions": {"G1": 1}, "line": LINE, "codes": ["a b"]}, (422, "values_refused")),
    ("G1/split", {"versions": {"G1": 1}, "parts": [{}]}, (422, "shape_not_geojson")),
    ("none/split", {"versions": {"none": 1}, "line": LINE}, (404, "row_unknown")),
    ("merge", {"idents": ["G1"], "keep": "G1", "versions": {"G1": 1}}, (422, "values_refused")),
    ("merge", {"idents": ["G1", "G1"], "keep": "G1", "versions": {"G1": 1}}, (422, "merge_idents")),
    ("merge", {"idents": ["G1", "none"], "keep": "G1", "versions": {"G1": 1}}, (404, "row_unknown")),
    ("merge", {"idents": ["G1", "G2"], "keep": "G1"}, (422, "values_refused")),
]


def test_a_grid_is_split_and_merged_again(client, town):
    for address, body, refused in WRONG_PARTS:
        assert code_of(client.post(f"/api/grids/{address}", json=body)) == refused, (address, body)
    body = {"versions": {"G1": 1}, "line": LINE, "codes": ["G2"]}
    parted = client.post("/api/grids/G1/split", json=body).json()
    assert [f["properties"]["code"] for f in parted["features"]] == ["G1", "G2"]
    assert [f["properties"]["leader_name"] for f in parted["features"]] == ["张**", None]  # its own will be named
    late = client.post("/api/grids/G1/split", json=body)
    assert code_of(late) == (412, "row_changed")
    assert late.json()["current"] == parted["features"][0]
    assert client.get("/api/buildings/B0").json()["properties"]["grid_code"] in ("G1", "G2")
    both = {"idents": ["G1", "G2"], "keep": "G2", "versions": {"G1": 2, "G2": 1}}
    merged = client.post("/api/grids/merge", json=both, headers=EN).json()
    assert [(f["properties"]["code"], f["properties"]["retired_reason"]) for f in merged["features"]] == [
        ("G2", None),
        ("G1", "merged into G2"),
    ]
    assert [one["field"] for one in merged["to_review"]] == ["name", "leader_name"]
    assert kinds(check(client, "grids", merged["features"][0]["geometry"], ident="G2")) == []
    assert client.get("/api/buildings/B0").json()["properties"]["grid_code"] == "G2"
    (lost,) = client.get("/api/grids/G2/history").json()["versions"][1]["at_stake"]
    assert (lost["code"], lost["version"], lost["becomes"], lost["length_m"]) == ("G1", 3, "lost", None)
    body = {"version": 1, "partners": {"G1": 3}}
    assert client.post("/api/grids/G2/restore", json=body, headers={"If-Match": '"2"'}).status_code == 200
    assert client.get("/api/grids/G1").json()["properties"]["retired_at"] is None


def test_a_session_that_ends_while_somebody_draws_loses_nothing(hall, town):
    """What was drawn stays in the browser; after signing in again it is kept under the same version."""
    admin, secret = hall.admin()
    plot = {"geometry": mapping(box(116.300, 40.000, 116.319, 40.020))}
    hall.pass_by(days=30)
    late = admin.patch("/api/grids/G1", json=plot, headers={"If-Match": '"1"'})
    assert late.status_code == 401
    again = hall.signed_in("root1", code=hall.code(secret))
    assert again.get("/api/grids/G1").json()["properties"]["version"] == 1
    assert again.patch("/api/grids/G1", json=plot, headers={"If-Match": '"1"'}).status_code == 200
