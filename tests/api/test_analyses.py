"""Analyses over HTTP on a real extract: a run through the worker process, circles, explanations."""

import os
import signal
import threading
import time

import pytest
from fastapi.testclient import TestClient

from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.jobs.runner import Runner
from geo_service.settings import Settings
from geo_service.storage import runs

ASKED = {"categories": ["supermarket"], "circle": 15, "by": "community"}


@pytest.fixture
def streets(town, store, service):
    """A street along the row of homes, as the walking network."""
    import numpy as np
    from shapely.geometry import box

    from geo_service.domain.ways import WayArrays
    from geo_service.storage.ways import write_ways

    lon = np.linspace(116.309, 116.317, 9)
    ways = WayArrays(
        codes=["w1"],
        names=["示例路"],
        highways=["residential"],
        snap_target=np.array([True]),
        step_free=np.array([True]),
        part_way=np.zeros(1, np.int32),
        part_start=np.array([0, 9]),
        node_ids=np.arange(1, 10),
        lon=lon,
        lat=np.full(9, 40.0103),
    )
    extent = box(116.29, 39.99, 116.35, 40.03)
    network = {"code": "N1", "geometry": extent, "fingerprint": "f", "is_closed": True}
    with store.writing() as conn:
        write_ways(conn, network, ways, actor=LOCAL_ADMIN, now=service.clock())
    return town


def waited(client: TestClient, uid: str) -> dict:
    """Return the run once it is no longer in hand."""
    until = time.monotonic() + 180
    while time.monotonic() < until:
        run = client.get(f"/api/runs/{uid}").json()
        if run["status"] not in ("queued", "running"):
            return run
        time.sleep(0.05)
    raise AssertionError(run)


def test_coverage_is_queued_run_and_kept(client, streets):
    first = client.post("/api/analyses/coverage", json=ASKED)
    assert first.status_code == 202, first.text
    job = first.json()
    assert first.headers["location"] == f"/api/runs/{job['uid']}"
    assert job["message"].keys() == {"zh", "en"}
    early = client.get(f"/api/runs/{job['uid']}/result")
    assert early.status_code in (200, 409)
    run = waited(client, job["uid"])
    assert (run["status"], run["progress"]) == ("done", 1.0), run
    result = client.get(f"/api/runs/{run['uid']}/result").json()
    assert (result["kind"], result["uid"]) == ("coverage", run["uid"])
    total = next(row for row in result["totals"] if row["band"] == "all")
    assert total["buildings_covered"] == 5
    by_job = client.get(f"/api/runs/{job['uid']}/result")
    assert by_job.json() == result
    assert (
        client.get(f"/api/runs/{job['uid']}/result", headers={"If-None-Match": by_job.headers["etag"]}).status_code
        == 304
    )
    again = client.post("/api/analyses/coverage", json=ASKED)
    assert (again.status_code, again.json()["uid"]) == (200, run["uid"])
    assert [r["uid"] for r in client.get("/api/runs?kind=coverage").json()] == [run["uid"]]
    assert client.get("/api/runs?kind=other").json() == []
    assert client.get("/api/summary").json()["latest_runs"][0]["uid"] == run["uid"]
    noted = {verb: client.get(f"/api/audit?verb={verb}").json()["lines"] for verb in ("run_started", "run_made")}
    (started,), (made,) = noted.values()
    assert (started["facts"]["job"], started["facts"]["kind"]) == (job["uid"], "coverage")
    assert made["facts"]["run"] == run["uid"]


def test_a_job_that_cannot_be_done_says_why(client, streets, service):
    job = client.app.state.runner.submit("coverage", {"categories": ["no_such"]}, LOCAL_ADMIN)
    run = waited(client, job["uid"])
    assert run["status"] == "failed"
    assert run["problem"]["code"] == "category_unknown"
    assert run["problem"]["detail"] == run["problem"]["detail_zh"]
    english = client.get(f"/api/runs/{job['uid']}", headers={"Accept-Language": "en"}).json()["problem"]
    assert english["detail"] == english["detail_en"] != english["detail_zh"]
    answer = client.get(f"/api/runs/{job['uid']}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "run_failed")


@pytest.mark.parametrize("store_kind", ["embedded"], indirect=False)
@pytest.mark.usefixtures("spawned_workers")
def test_a_worker_that_dies_fails_its_job_and_the_next_one_runs(tmp_path, make_store_url, store_kind):
    settings = Settings(database_url=make_store_url(store_kind), var_dir=tmp_path / "var")
    service = Service(settings)
    runner = Runner(service)
    try:
        job = runner.submit("coverage", ASKED, LOCAL_ADMIN)
        until = time.monotonic() + 180  # a worker takes its time to start on a busy machine, and there are two
        while runner.worker_pid is None:
            assert time.monotonic() < until
            time.sleep(0.01)
        os.kill(runner.worker_pid, signal.SIGKILL)
        while (found := runner.status(job["uid"]))["status"] in ("queued", "running"):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert found["error_code"] == "job_worker_died"
        second = runner.submit("coverage", {**ASKED, "circle": 5}, LOCAL_ADMIN)
        while (found := runner.status(second["uid"]))["status"] in ("queued", "running"):
            assert time.monotonic() < until
            time.sleep(0.02)
        assert found["error_code"] == "no_network"
    finally:
        runner.close()
        service.close()


def test_the_same_question_is_queued_once(tmp_path):
    service = Service(Settings(var_dir=tmp_path))
    runner = Runner(service)
    runner._thread = object()  # nobody hands out jobs
    first = runner.submit("coverage", ASKED, LOCAL_ADMIN)
    assert runner.submit("coverage", dict(ASKED), LOCAL_ADMIN)["uid"] == first["uid"]
    assert runner.submit("coverage", {**ASKED, "circle": 5}, LOCAL_ADMIN)["uid"] != first["uid"]
    runner._serving.end()  # as when the process dies
    later = Runner(service)
    assert later.status(first["uid"])["error_code"] == "job_interrupted"


def test_two_servers_of_one_folder_leave_each_others_jobs_alone(tmp_path):
    settings = Settings(var_dir=tmp_path)
    one, other = Runner(Service(settings)), Runner(Service(settings))
    one._thread = other._thread = threading.Thread()  # nobody hands out jobs
    one._thread.start()
    mine = one.submit("coverage", ASKED, LOCAL_ADMIN)
    theirs = other.submit("coverage", ASKED, LOCAL_ADMIN)
    assert mine["uid"] != theirs["uid"]
    for runner in (one, other):
        assert {runner.status(job["uid"])["status"] for job in (mine, theirs)} == {"queued"}
    other.close()
    assert one.status(mine["uid"])["status"] == "queued"
    assert one.status(theirs["uid"])["error_code"] == "job_interrupted"
    one.close()
    assert list((tmp_path / "servers").iterdir()) == []


REFUSED = [
    ("coverage", {"circle": 15, "minutes": 10}, 422, "limit_twice"),
    ("coverage", {"circle": 7}, 422, "circle_unknown"),
    ("coverage", {"at": "24:00"}, 422, "time_of_day"),
    ("coverage", {"minutes": 0}, 422, "values_refused"),
    ("coverage", {"minutes": "10"}, 422, "values_refused"),
    ("coverage", {"categories": []}, 422, "values_refused"),
    ("coverage", {"categories": ["nothing"]}, 404, "category_unknown"),
    ("coverage", {"profile": "bird"}, 404, "profile_unknown"),
    ("coverage", {"by": "planet"}, 422, "values_refused"),
    ("coverage", {"colour": "red"}, 422, "values_refused"),
    ("coverage", [], 422, "values_refused"),
    ("circles", {}, 422, "circles_where"),
    ("circles", {"points": [[116, 40]], "category": "clinic"}, 422, "circles_where"),
    ("circles", {"facilities": ["F0"], "category": "clinic"}, 422, "circles_where"),
    ("circles", {"facilities": ["nowhere"]}, 404, "row_unknown"),
    ("circles", {"facilities": []}, 422, "values_refused"),
    ("circles", {"points": [[40, 116]]}, 422, "lonlat_swapped"),
    ("circles", {"points": [[1]]}, 422, "values_refused"),
    ("circles", {"points": [[116, 40]], "minutes": [5], "strict": True}, 422, "strict_without_circle"),
    ("coverage", {"circle": 10, "strict": True}, 422, "strict_without_circle"),
    ("coverage", {"strict": 1}, 422, "values_refused"),
    ("circles", {"points": [[1, 2, 3]]}, 422, "values_refused"),
    ("circles", {"points": [[116, 40]], "circles": [5], "minutes": [5]}, 422, "limit_twice"),
    ("circles", {"points": [[116, 40]] * 1001}, 422, "values_refused"),
]


def test_wrong_questions_are_refused(client, streets):
    for kind, body, status, code in REFUSED:
        answer = client.post(f"/api/analyses/{kind}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    broken = client.post("/api/analyses/coverage", content="{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "json_invalid")
    nan = client.post(
        "/api/analyses/coverage", content='{"minutes": NaN}', headers={"Content-Type": "application/json"}
    )
    assert (nan.status_code, nan.json()["code"]) == (422, "json_invalid")
    for uid in ("x", "x" * 100):
        for path in (f"/api/runs/{uid}", f"/api/runs/{uid}/result"):
            assert client.get(path).json()["code"] == "run_unknown"
    assert client.get("/api/runs?limit=0").json()["faults"][0]["code"] == "field_out_of_range"


def test_without_a_network_an_analysis_says_so(client, town):
    answer = client.post("/api/analyses/coverage", json=ASKED)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_network")


def test_circles_of_a_place(client, streets):
    answer = client.post("/api/analyses/circles", json={"points": [[116.312, 40.0103]], "circles": [5, 10]})
    assert answer.status_code == 200, answer.text
    kinds = [f["properties"]["kind"] for f in answer.json()["features"]]
    assert {kinds.count("circle"), kinds.count("snap")} == {2, 1}
    of_facility = client.post("/api/analyses/circles", json={"facilities": ["F0"], "circles": [5]}).json()
    assert of_facility["parameters"]["facilities"] == ["F0"]
    assert of_facility["starts"]


def test_the_stricter_circle(client, streets):
    listed = {one["minutes"]: one["stricter_distance_m"] for one in client.get("/api/circles").json()}
    assert listed == {5: None, 10: None, 15: 800.0}
    job = client.post("/api/analyses/coverage", json={**ASKED, "strict": True}).json()
    run = waited(client, job["uid"])
    assert client.get(f"/api/runs/{run['uid']}/result").json()["limit"]["metres"] == 800.0
    asked = {"points": [[116.312, 40.0103]], "circles": [5, 10, 15], "strict": True}
    drawn = client.post("/api/analyses/circles", json=asked).json()["features"]
    assert {one["properties"].get("limit_m") for one in drawn} >= {300.0, 500.0, 800.0}
    why = client.get("/api/explain?building=B0&category=supermarket&circle=15&strict=true").json()
    assert why["limit"]["metres"] == 800.0


def test_explain_a_home(client, streets):
    answer = client.get("/api/explain?building=B0&category=supermarket&circle=15")
    assert answer.status_code == 200, answer.text
    why = answer.json()
    assert (why["state"], why["facility"]["code"]) == ("covered", "F0")
    assert why["route"]["type"] == "LineString"
    for query, status, code in (
        ("building=B99&category=supermarket", 404, "row_unknown"),
        ("building=B0&category=nothing", 404, "category_unknown"),
        ("building=B0", 422, "values_refused"),
        ("building=B0&category=clinic&minutes=nan", 422, "values_refused"),
        ("building=B0&category=clinic&circle=5&minutes=5", 422, "limit_twice"),
    ):
        refused = client.get(f"/api/explain?{query}")
        assert (refused.status_code, refused.json()["code"]) == (status, code), query


def test_layers_of_the_network_are_listed_without_their_bytes(client, streets):
    ways = client.get("/api/ways").json()["features"]
    assert ways[0]["properties"]["highway"] == "residential"
    assert "node_ids" not in ways[0]["properties"]
    assert LAYERS["ways"].field("node_ids") is not None


def test_two_runs_are_compared(client, streets):
    uids = []
    for circle in (5, 15):
        job = client.post("/api/analyses/coverage", json={**ASKED, "circle": circle}).json()
        uids.append(waited(client, job["uid"])["uid"])
    found = client.get(f"/api/runs/{uids[0]}/compare/{uids[1]}").json()
    assert [one["uid"] for one in found["runs"]] == uids
    assert {"place": "circle", "before": 5, "after": 15, "change": 10} in found["parameters"]
    assert found["inputs"] == []
    assert client.get(f"/api/runs/{uids[0]}/compare/{uids[0]}").json()["figures"] == []
    for one in ("none", "x" * 100):
        assert client.get(f"/api/runs/{uids[0]}/compare/{one}").json()["code"] == "run_unknown"


def test_every_age_band_walks_by_its_own_profile(client, streets):
    job = client.post("/api/analyses/coverage", json={**ASKED, "circle": None, "minutes": 10, "profile": "by_age"})
    run = waited(client, job.json()["uid"])
    result = client.get(f"/api/runs/{run['uid']}/result").json()
    assert result["parameters"]["profile"] == "by_age"
    assert result["walkers"]["80_plus"] == {
        "profile": "elder", "speed_m_s": 0.833333, "step_free": False, "limit_m": 500.0
    }  # fmt: skip


def test_a_figure_is_explained(client, streets):
    job = client.post("/api/analyses/coverage", json=ASKED).json()
    uid = waited(client, job["uid"])["uid"]
    row = client.get(f"/api/runs/{uid}/result").json()["rows"][0]
    code = f"&code={row['code']}" if row["code"] else ""
    found = client.get(f"/api/runs/{uid}/explain?category=supermarket{code}").json()
    assert (found["run"], found["row"]["code"]) == (uid, row["code"])
    assert all(one["zh"] and one["en"] for one in found["words"])
    for query, status, problem in (("category=nothing", 404, "category_unknown"), ("", 422, "values_refused")):
        refused = client.get(f"/api/runs/{uid}/explain?{query}")
        assert (refused.status_code, refused.json()["code"]) == (status, problem)
    assert client.get(f"/api/runs/{'x' * 99}/explain?category=clinic").json()["code"] == "run_unknown"


def test_a_run_kept_while_its_job_is_asked_for_is_found(client, streets, store, service, monkeypatch):
    """The worker keeps the run and says so just between the two questions of a reader."""
    job = client.app.state.runner.submit("coverage", ASKED, LOCAL_ADMIN)
    made = waited(client, job["uid"])
    with store.writing() as conn:
        kept = runs.get_run(conn, made["uid"])
    real = client.app.state.runner.status

    def finished_meanwhile(uid):
        with store.writing() as conn:
            again = {name: kept[name] for name in ("kind", "parameters", "inputs", "result", "code_version")}
            late = runs.insert_run(conn, **again, fingerprint="late", actor=LOCAL_ADMIN, now=service.clock())
        return real(uid) | {"run_uid": late["uid"]}

    monkeypatch.setattr(client.app.state.runner, "status", finished_meanwhile)
    assert client.get(f"/api/runs/{job['uid']}").json()["status"] == "done"
