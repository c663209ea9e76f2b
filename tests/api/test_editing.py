"""Editing over HTTP, on both stores: forms, what a row was, the way back, two editors of one row."""

from shapely.geometry import box, mapping

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
