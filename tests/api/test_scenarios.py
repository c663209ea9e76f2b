"""Scenarios over HTTP: made, listed, changed, answered, made projects, taken out of use."""

import pytest

EDITS = [{"edit": "facility_close", "facility": "F1"}]


@pytest.fixture
def facility(client):
    """A clinic that is there."""
    point = {"type": "Point", "coordinates": [116.31, 40.01]}
    said = {"code": "F1", "category": "clinic", "name": "诊所"}
    made = client.post("/api/facilities", json={"type": "Feature", "geometry": point, "properties": said})
    assert made.status_code == 201, made.text


@pytest.mark.usefixtures("facility")
def test_a_scenario_from_its_making_to_its_end(client):
    key = {"Idempotency-Key": "one"}
    asked = {"name": "关一处", "edits": EDITS, "question": {"categories": ["clinic"], "circle": 15, "at": "22:30"}}
    made = client.post("/api/scenarios", json=asked, headers=key)
    assert made.status_code == 201, made.text
    again = client.post("/api/scenarios", json=asked, headers=key)
    assert (again.status_code, again.json()["uid"]) == (201, made.json()["uid"])
    where = made.headers["location"]
    first = client.get(where).json()
    assert first["question"] == asked["question"]
    assert {key: value for key, value in first.items() if key != "history"} == made.json()
    assert [(one["action"], one["changes"]["name"]["after"]) for one in first["history"]] == [("created", "关一处")]
    assert [one["uid"] for one in client.get("/api/scenarios").json()["scenarios"]] == [made.json()["uid"]]
    assert client.patch(where, json={"name": "改名"}).status_code == 428
    changed = client.patch(where, json={"name": "改名"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.json()["name"], changed.json()["version"]) == ("改名", 2)
    newest = client.get(where).json()["history"][0]
    assert newest["changes"] == {"name": {"before": "关一处", "after": "改名"}}
    assert (newest["action"], newest["who"]) == ("edited", changed.json()["updated_by"])
    stale = client.patch(where, json={"name": "再改"}, headers={"If-Match": made.headers["etag"]})
    assert stale.status_code == 412, stale.text
    refused = client.post(f"{where}/evaluate", json={})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_network")
    project = client.post(f"{where}/project", json={"kind": "service_room"})
    assert project.status_code == 201, project.text
    assert project.json()["measures"]["edits"] == EDITS
    assert project.json()["source"] == f"scenario/{made.json()['uid']}/2"
    assert client.get(project.headers["location"]).json()["properties"]["name"] == "改名"
    assert client.delete(where, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert client.get(where).status_code == 404


@pytest.mark.parametrize(
    ("edits", "code"),
    [([], "scenario_empty"), ([{"edit": "facility_close", "facility": "F9"}], "scenario_facility_unknown")],
)
def test_bad_edits_are_problems_with_a_sentence(client, edits, code):
    answer = client.post("/api/scenarios", json={"name": "x", "edits": edits})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.usefixtures("facility")
def test_edits_are_answered_without_being_kept(client):
    asked = {"category": "clinic", "edits": EDITS}
    refused = client.post("/api/scenarios/evaluate", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_network")
    refused = client.post("/api/scenarios/evaluate", json={**asked, "edits": []})
    assert (refused.status_code, refused.json()["code"]) == (422, "scenario_empty")
    assert client.get("/api/scenarios").json()["scenarios"] == []
