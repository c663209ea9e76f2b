"""Text that would be SQL, wherever a request names something: nothing is run, nothing changes, nothing breaks."""

HOSTILE = [
    "'; DROP TABLE facility; --",
    '" OR 1=1 --',
    "code; DELETE FROM building",
    "code) UNION SELECT head_name FROM household --",
    "1 OR 1=1",
    "%' OR '1'='1",
    "\\'; --",
    ":name",
    "%(name)s",
    "{0}",
    "code DESC, (SELECT 1)",
]


def counts(client):
    return client.get("/api/summary").json()["counts"]


def test_names_in_requests_are_never_sql(client, town):
    before = counts(client)
    for text in HOSTILE:
        ask_by_name(client, text)
    assert counts(client) == before


def ask_by_name(client, text):
    for layer in ("facilities", "households", "buildings", "areas"):
        for name in ("sort", "bbox", "limit", "offset", "code", "is_retired", text):
            answer = client.get(f"/api/{layer}", params={name: text})
            assert answer.status_code < 500, (layer, name, answer.text)
            assert answer.status_code == 422 or answer.json()["numberMatched"] == 0, (layer, name)
        assert client.get(f"/api/{layer}/x", params={"q": text}).status_code == 404
        assert client.request("GET", f"/api/{layer}/{text}").status_code in (404, 422)
        answer = client.patch(f"/api/{layer}/{text}", json={"properties": {text: 1}}, headers={"If-Match": '"1"'})
        assert answer.status_code in (404, 422)
    assert client.get(f"/api/{text}").status_code in (404, 422)
    assert client.get(f"/tiles/{text}/14/1/1.mvt").status_code in (404, 422)
    assert client.get("/tiles/buildings/14/13484/6208.mvt", params={"run": text}).status_code in (404, 422)
    assert client.get("/api/search", params={"q": text}).json() == []
    assert client.get("/api/explain", params={"building": text, "category": text}).status_code in (404, 409, 422)
    assert client.get(f"/api/runs/{text}").status_code in (404, 422)


def test_hostile_values_are_kept_as_they_are(client, town):
    place = {"type": "Point", "coordinates": [116.312, 40.011]}
    for text in HOSTILE:
        new = {"type": "Feature", "geometry": place, "properties": {"name": text, "kind": "street_light"}}
        answer = client.post("/api/projects", json=new)
        assert answer.status_code == 201, answer.text
        found = client.get(f"/api/projects/{answer.json()['id']}").json()
        assert found["properties"]["name"] == text
    assert counts(client)["projects"] == len(HOSTILE) + 1
