"""Gap zones, capacity and verify tasks over HTTP, through the worker process."""

from tests.api.test_analyses import streets, waited

__all__ = ["streets"]  # a fixture


def finished(client, address, asked):
    job = client.post(address, json=asked)
    assert job.status_code == 202, job.text
    run = waited(client, job.json()["uid"])
    assert run["status"] == "done", run
    assert client.post(address, json=asked).status_code == 200, "the same question has its run"
    return client.get(f"/api/runs/{run['uid']}/result").json()


def test_gaps_are_run_and_tasks_written_from_them(client, streets):
    client.post(
        "/api/facilities",
        json={
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [116.312, 40.0104]},
            "properties": {"code": "T1", "category": "canteen", "verification": "unverified"},
        },
    )
    result = finished(client, "/api/analyses/gaps", {"categories": ["canteen"], "weights": {"80_plus": 2}})
    assert result["kind"] == "gaps"
    assert {zone["category"] for zone in result["zones"]} <= {"canteen"}
    unknown = [zone for zone in result["zones"] if zone["reason"] == "unknown_data"]
    assert unknown
    assert unknown[0]["rank"] is None
    before = client.get("/api/verify_tasks").json()["features"]
    assert before == [], "a run changes nothing"
    counts = client.post(f"/api/analyses/gaps/{result['uid']}/tasks").json()
    assert counts["created"] >= 1
    task = client.get("/api/verify_tasks/facility_unverified:T1")
    assert (task.json()["properties"]["status"], task.json()["properties"]["facility_code"]) == ("open", "T1")
    done = client.patch(
        "/api/verify_tasks/facility_unverified:T1",
        json={"properties": {"status": "done", "closed_by": "me", "closed_on": "2026-03-01", "note": "looked"}},
        headers={"If-Match": task.headers["etag"]},
    )
    assert done.status_code == 200, done.text
    assert done.json()["properties"]["status"] == "done"
    again = client.post(f"/api/analyses/gaps/{result['uid']}/tasks").json()
    assert again["created"] == 0


def test_tasks_of_a_run_that_is_none(client, streets):
    assert client.post("/api/analyses/gaps/none/tasks").status_code == 404


def test_wrong_questions(client, streets):
    for asked in ({"link_m": 0.5}, {"weights": {"80_plus": -1}}, {"nothing": 1}, {"weights": {"90": 1.0}}):
        assert client.post("/api/analyses/gaps", json=asked).status_code in (400, 422), asked
    for asked in ({}, {"category": "supermarket"}, {"category": "kindergarten", "by": "house"}):
        assert client.post("/api/analyses/capacity", json=asked).status_code in (400, 422), asked


def test_capacity_without_people_of_the_ages_says_so(client, streets):
    job = client.post("/api/analyses/capacity", json={"category": "kindergarten"})
    run = waited(client, job.json()["uid"])
    assert run["problem"]["code"] == "capacity_no_people"
