"""Lists and rows over HTTP, on both stores."""

import json
import re

import pytest

NEW = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [116.311, 40.011]},
    "properties": {"code": "N1", "category": "toilet", "name": "公厕"},
}

JSON = {"Content-Type": "application/json"}


def changed(**members):
    new = json.loads(json.dumps(NEW))
    new.update(members)
    return new


def test_a_list_is_geojson_with_its_count_and_the_next_page(client, town):
    answer = client.get("/api/buildings?limit=2&sort=-code")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    assert [f["properties"]["code"] for f in body["features"]] == ["B4", "B3"]
    assert (body["numberMatched"], body["numberReturned"]) == (5, 2)
    following = next(link["href"] for link in body["links"] if link["rel"] == "next")
    assert [f["properties"]["code"] for f in client.get(following).json()["features"]] == ["B2", "B1"]
    first = body["features"][0]
    assert first["type"] == "Feature"
    assert first["id"] == first["properties"]["uid"]
    assert first["geometry"]["coordinates"][0][0][0] == pytest.approx(116.314, abs=0.001)


LISTS_ARE_FILTERED = [
    ("category=supermarket", ["F0", "F2"]),
    ("bbox=116.31,40,116.311,40.02", ["F0"]),
    ("area_code=990101001001&category=clinic", ["F1"]),
    ("category=park", []),
    ("sort=-name&limit=1", ["F2"]),
    ("offset=2", ["F2"]),
]


def test_lists_are_filtered(client, town):
    for query, codes in LISTS_ARE_FILTERED:
        assert [f["properties"]["code"] for f in client.get(f"/api/facilities?{query}").json()["features"]] == codes


WRONG_QUESTIONS_ARE_REFUSED_IN_BOTH_LANGUAGES = [
    ("limit=1001", "limit_too_large"),
    ("limit=0", "page_out_of_range"),
    ("limit=x", "number_expected"),
    ("offset=-1", "page_out_of_range"),
    ("offset=99999999999", "page_out_of_range"),
    ("bbox=1,2,3", "bbox_form"),
    ("bbox=1,2,3,nan", "bbox_form"),
    ("bbox=1,2,3,inf", "bbox_form"),
    ("bbox=40,116,41,117", "bbox_out_of_range"),
    ("bbox=10,10,5,20", "bbox_out_of_range"),
    ("sort=geom", "sort_unknown"),
    ("sort=head_name;drop", "sort_unknown"),
    ("colour=red", "parameter_unknown"),
    ("category=nothing", "filter_value"),
    ("limit=1&limit=2", "parameter_twice"),
    ("is_retired=maybe", "filter_value"),
    ("category=%00", "text_unprintable"),
    ("area_code=" + "9" * 101, "field_too_long"),
]


def test_wrong_questions_are_refused_in_both_languages(client, town):
    for query, code in WRONG_QUESTIONS_ARE_REFUSED_IN_BOTH_LANGUAGES:
        answer = client.get(f"/api/facilities?{query}", headers={"Accept-Language": "en"})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["code"] == code
        assert problem["detail"] == problem["detail_en"] != problem["detail_zh"]
        assert "{" not in problem["detail_zh"] + problem["detail_en"]


def test_a_list_that_has_not_changed_is_answered_with_304(client, town):
    first = client.get("/api/facilities")
    again = client.get("/api/facilities", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/api/facilities?limit=1", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert client.post("/api/facilities", json=NEW).status_code == 201
    third = client.get("/api/facilities", headers={"If-None-Match": first.headers["etag"]})
    assert third.status_code == 200
    assert third.json()["numberMatched"] == 4


def test_a_row_is_got_by_code_and_by_uid(client, town):
    by_code = client.get("/api/buildings/B1")
    assert re.fullmatch('"1-[0-9a-f]{12}"', by_code.headers["etag"])
    by_uid = client.get(f"/api/buildings/{by_code.json()['id']}")
    assert by_uid.json() == by_code.json()
    known = {"If-None-Match": by_code.headers["etag"]}
    assert client.get("/api/buildings/B1", headers=known).status_code == 304


def test_a_row_is_told_anew_when_what_follows_from_others_changed(client, town):
    """A building's people and area are not its own edits: they leave its version, by which If-Match goes."""
    first = client.get("/api/buildings/B1")
    home = {"type": "Feature", "properties": {"building_code": "B1", "residents_persons": 4}, "geometry": None}
    assert client.post("/api/households", json=home).status_code == 201
    known = {"If-None-Match": first.headers["etag"]}
    second = client.get("/api/buildings/B1", headers=known)
    assert second.status_code == 200
    assert (first.json()["properties"]["residents_persons"], second.json()["properties"]["residents_persons"]) == (3, 7)
    area = client.get("/api/areas/990101001001")
    gone = {"If-Match": area.headers["etag"]}
    assert client.post("/api/areas/990101001001/retire", json={"reason": "合并"}, headers=gone).status_code == 200
    third = client.get("/api/buildings/B1", headers={"If-None-Match": second.headers["etag"]})
    assert third.status_code == 200
    assert third.json()["properties"]["area_code"] == "990101001"
    old = {"If-Match": first.headers["etag"]}
    changed = client.patch("/api/buildings/B1", json={"properties": {"name": "新名"}}, headers=old)
    assert changed.status_code == 200, changed.text
    again = {"If-None-Match": changed.headers["etag"]}
    assert client.get("/api/buildings/B1", headers=again).status_code == 304
    assert client.patch("/api/buildings/B1", json={"properties": {"name": "x"}}, headers=old).status_code == 412


def test_personal_fields_are_masked_everywhere(client, town):
    home = client.get("/api/households/H1").json()["properties"]
    assert (home["head_name"], home["phone"]) == ("李*", "138****1234")
    assert client.get("/api/households").json()["features"][0]["properties"]["head_name"] == "李*"
    assert client.get("/api/grids/G1").json()["properties"]["leader_name"] == "张**"
    assert client.get("/api/projects/P1").json()["properties"]["responsible_person"] == "王*"


def test_a_mask_that_is_sent_back_does_not_overwrite_the_name(client, town, store):
    from geo_service.domain.layers import LAYERS
    from geo_service.storage import rows

    change = {"properties": {"head_name": "李*", "room_no": "101"}}
    answer = client.patch("/api/households/H1", json=change, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    with store.reading() as conn:
        kept = rows.get(conn, LAYERS["households"], "H1")
    assert (kept["head_name"], kept["room_no"]) == ("李四", "101")


def test_a_new_row_is_stored_before_its_201_is_seen(client, town, store):
    from geo_service.storage.store import open_store

    answer = client.post("/api/facilities", json=NEW)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/facilities/{answer.json()['id']}"
    assert answer.headers["etag"].startswith('"1-')
    other = open_store(store.url)
    with other.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM facility WHERE code = 'N1'").scalar() == 1
    other.close()
    got = client.get(answer.headers["location"]).json()
    assert got["properties"]["area_code"] == "990101001001"
    assert got["properties"]["opening_state"] == "open"


def test_a_row_without_a_code_gets_one(client, town):
    new = changed(properties={"category": "toilet"})
    answer = client.post("/api/facilities", json=new)
    assert answer.status_code == 201
    assert answer.json()["properties"]["code"]


WHAT_IS_WRONG_WITH_A_NEW_ROW_IS_NAMED = [
    ({"geometry": {"type": "Point", "coordinates": [40.0, 116.3]}}, "geometry", "shape_swapped"),
    ({"geometry": {"type": "Point", "coordinates": [200, 40]}}, "geometry", "shape_out_of_range"),
    ({"geometry": {"type": "Point", "coordinates": []}}, "geometry", "shape_empty"),
    ({"geometry": {"type": "Point", "coordinates": ["1", 2]}}, "geometry", "shape_not_geojson"),
    ({"geometry": {"type": "Circle", "coordinates": [1, 2]}}, "geometry", "shape_type_unknown"),
    ({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}}, "geometry", "shape_open"),
    (
        {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
        "geometry",
        "shape_invalid",
    ),
    ({"geometry": None}, "geometry", "field_empty"),
    ({"geometry": "POINT(1 2)"}, "geometry", "shape_not_geojson"),
    ({"properties": {"code": "N1"}}, "category", "field_missing"),
    ({"properties": {"code": "N" * 65, "category": "toilet"}}, "code", "field_too_long"),
    ({"properties": {"code": "N 1", "category": "toilet"}}, "code", "code_form"),
    ({"properties": {"code": 7, "category": "toilet"}}, "code", "field_wrong_kind"),
    ({"properties": {"category": "toilets"}}, "category", "field_not_a_choice"),
    ({"properties": {"category": "toilet", "colour": "red"}}, "colour", "field_unknown"),
    ({"properties": {"category": "toilet", "uid": "x"}}, "uid", "field_unknown"),
    ({"properties": {"category": "toilet", "capacity": -1}}, "capacity", "field_out_of_range"),
    ({"properties": {"category": "toilet", "capacity": "9"}}, "capacity", "field_wrong_kind"),
    ({"properties": {"category": "toilet", "name": "x" * 201}}, "name", "field_too_long"),
    ({"properties": {"category": "toilet", "verified_on": "2026-02-30"}}, "verified_on", "field_wrong_kind"),
    ({"properties": {"category": "toilet", "is_shareable": "yes"}}, "is_shareable", "field_wrong_kind"),
    ({"extra": 1}, "extra", "field_unknown"),
    ({"properties": [1]}, "properties", "field_wrong_kind"),
]


def test_what_is_wrong_with_a_new_row_is_named(client, town):
    for change, field, code in WHAT_IS_WRONG_WITH_A_NEW_ROW_IS_NAMED:
        answer = client.post("/api/facilities", content=json.dumps(changed(**change)), headers=JSON)
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        assert (problem["faults"][0]["field"], problem["faults"][0]["code"]) == (field, code)
        assert field in problem["detail_zh"]
        assert field in problem["detail_en"]
        assert not re.search(r"\{[a-z_]+\}", problem["detail_zh"] + problem["detail_en"])
        assert client.get("/api/facilities").json()["numberMatched"] == 3


BROKEN_BODIES_ARE_REFUSED = [
    (b"", "json_invalid"),
    (b"{", "json_invalid"),
    (b"[]", "json_not_object"),
    (b'{"type":"Feature","geometry":{"type":"Point","coordinates":[NaN,1]}}', "json_invalid"),
    (b'{"a":' + b"[" * 100_000, "json_too_deep"),
    (b'{"a":' + b"9" * 5000 + b"}", "json_number"),
    (b'{"a":"\\ud800"}', "json_text"),
    (b'{"a":"\\u0000"}', "json_text"),
    (b"\xff\xfe", "json_invalid"),
    (b'{"type":"Thing"}', "feature_expected"),
]


def test_broken_bodies_are_refused(client, town):
    for body, code in BROKEN_BODIES_ARE_REFUSED:
        answer = client.post("/api/facilities", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_doubled_codes_and_unknown_references(client, town):
    doubled = client.post("/api/facilities", json=changed(properties={"code": "F1", "category": "toilet"}))
    assert (doubled.status_code, doubled.json()["code"]) == (409, "code_taken")
    lost = {"type": "Feature", "properties": {"code": "H9", "building_code": "B99"}}
    answer = client.post("/api/households", json=lost)
    assert (answer.status_code, answer.json()["code"]) == (422, "reference_unknown")


def test_single_polygons_are_stored_as_multi(client, town):
    ring = [[116.301, 40.001], [116.302, 40.001], [116.302, 40.002], [116.301, 40.001]]
    new = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"code": "GS1", "kind": "park"},
    }
    answer = client.post("/api/green_spaces", json=new)
    assert answer.status_code == 201, answer.text
    assert answer.json()["geometry"]["type"] == "MultiPolygon"
    wrong = client.post("/api/green_spaces", json={**new, "geometry": NEW["geometry"]})
    assert wrong.json()["faults"][0]["code"] == "shape_wrong_type"


def test_changes_need_the_version_that_was_read(client, town):
    change = {"properties": {"name": "新名"}}
    assert client.patch("/api/facilities/F0", json=change).status_code == 428
    assert client.patch("/api/facilities/F0", json=change, headers={"If-Match": "*"}).status_code == 422
    first = client.patch("/api/facilities/F0", json=change, headers={"If-Match": '"1"'})
    assert first.status_code == 200
    assert first.headers["etag"].startswith('"2-')
    assert first.json()["properties"]["name"] == "新名"
    stale = client.patch("/api/facilities/F0", json={"properties": {"name": "x"}}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "row_changed")
    moved = {"geometry": {"type": "Point", "coordinates": [116.33, 40.015]}}
    answer = client.patch("/api/facilities/F0", json=moved, headers={"If-Match": '"2"'})
    assert answer.json()["properties"]["area_code"] == "990101001"
    empty = client.patch("/api/facilities/F0", json={}, headers={"If-Match": '"3"'})
    assert empty.json()["code"] == "nothing_to_change"


def test_retiring_keeps_the_row_and_its_code(client, town):
    reasonless = client.post("/api/facilities/F0/retire", json={}, headers={"If-Match": '"1"'})
    assert reasonless.json()["faults"][0]["code"] == "reason_missing"
    answer = client.post("/api/facilities/F0/retire", json={"reason": "已拆除"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert answer.json()["properties"]["retired_reason"] == "已拆除"
    assert client.get("/api/facilities").json()["numberMatched"] == 2
    assert client.get("/api/facilities?is_retired=true").json()["numberMatched"] == 3
    assert client.get("/api/facilities/F0").status_code == 200
    again = client.post("/api/facilities/F0/retire", json={"reason": "x"}, headers={"If-Match": '"2"'})
    assert again.json()["code"] == "row_retired"
    taken = client.post("/api/facilities", json=changed(properties={"code": "F0", "category": "toilet"}))
    assert taken.json()["code"] == "code_taken"


def test_layers_that_are_only_imported_take_no_changes(client, town):
    for method, path in (("POST", "/api/ways"), ("PATCH", "/api/ways/x"), ("POST", "/api/networks/x/retire")):
        answer = client.request(method, path, json={"type": "Feature"}, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["code"]) == (405, "layer_read_only")


def test_what_is_not_there(client, town):
    for path, code in (
        ("/api/nothing", "layer_unknown"),
        ("/api/buildings/B99", "row_unknown"),
        ("/api/buildings/" + "x" * 300, "row_unknown"),
        ("/nothing", "address_unknown"),
        ("/api/buildings/B1/more", "address_unknown"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path
    assert client.delete("/api/buildings/B1", headers={"Content-Type": "application/json"}).status_code == 405


def test_people_that_are_the_sum_of_households_are_not_overwritten(client, town):
    def change(**values):
        version = client.get("/api/buildings/B1").json()["properties"]["version"]
        return client.patch("/api/buildings/B1", json={"properties": values}, headers={"If-Match": f'"{version}"'})

    for values in ({"residents_persons": 99}, {"age_0_2_persons": 1}, {"people_basis": "register"}):
        answer = change(**values)
        assert (answer.status_code, answer.json()["code"]) == (409, "people_of_households")
        assert "{" not in answer.json()["detail_zh"] + answer.json()["detail_en"]
    assert change(residents_persons=3, name="表单原样送回").status_code == 200
    moved = client.post("/api/households/H1/retire", json={"reason": "迁出"}, headers={"If-Match": '"1"'})
    assert moved.status_code == 200
    assert change(residents_persons=99).status_code == 409
    answer = change(residents_persons=99, people_basis="register")
    assert answer.json()["properties"]["residents_persons"] == 99


def test_no_area_lies_below_itself(client, town):
    def change(code, **values):
        version = client.get(f"/api/areas/{code}").json()["properties"]["version"]
        return client.patch(f"/api/areas/{code}", json={"properties": values}, headers={"If-Match": f'"{version}"'})

    street, community = "990101001", "990101001001"
    assert change(community, parent_code=street).status_code == 200
    for code, values in (
        (street, {"parent_code": street}),
        (street, {"parent_code": community}),
        (community, {"level": "street"}),
        (street, {"level": "community"}),
    ):
        answer = change(code, **values)
        assert (answer.status_code, answer.json()["code"]) == (422, "parent_not_above"), values
        assert "{" not in answer.json()["detail_zh"] + answer.json()["detail_en"]
    area = client.get(f"/api/areas/{community}").json()
    given = {"code": "990101001009", "name": "x", "level": "community", "parent_code": community}
    new = {"type": "Feature", "geometry": area["geometry"], "properties": given}
    assert client.post("/api/areas", json=new).json()["code"] == "parent_not_above"
    assert client.get("/api/areas/990101001009").status_code == 404
    assert change(community, parent_code=None).status_code == 200
