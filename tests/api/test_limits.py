"""Limits on heavy work: by account, a minute and at once, and what the refusal says."""

from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient

from geo_service.api.limits import Limit, Limits
from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.errors import TooManyRequests
from geo_service.main import create_app
from geo_service.storage.heavy_work import HeavyWork


@pytest.fixture
def store_kind():
    return "embedded"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def limits(tmp_path, clock):
    none = Limit(0, 0)
    few = Limit(per_minute=3, at_once=2)
    counted = HeavyWork(tmp_path, clock)
    return Limits({"analysis": few, "explain": none, "search": few, "export": none}, lambda: counted)


def work(limits, kind="analysis", who="a"):
    with limits.held(kind, who):
        pass


def test_so_many_a_minute(limits, clock):
    for _ in range(3):
        work(limits)
        clock.now += 10
    with pytest.raises(TooManyRequests) as refused:
        work(limits)
    assert refused.value.facts == {"retry_after_s": 30}
    clock.now += 30
    work(limits)


def test_a_refusal_is_not_counted_again(limits, clock):
    for _ in range(3):
        work(limits)
    for _ in range(10):
        clock.now += 1
        with pytest.raises(TooManyRequests):
            work(limits)
    clock.now += 50
    work(limits)


def test_so_many_at_once_and_those_that_fail_make_room(limits):
    with limits.held("analysis", "a"), limits.held("analysis", "a"), pytest.raises(TooManyRequests) as refused:
        work(limits)
    assert refused.value.facts["retry_after_s"] == 5
    with pytest.raises(ValueError, match="broken"), limits.held("search", "a"):
        raise ValueError("broken")
    with limits.held("search", "a"), limits.held("search", "a"):
        pass


def test_others_and_other_work_are_not_concerned(limits):
    for _ in range(3):
        work(limits)
    work(limits, who="b")
    work(limits, kind="search")
    for _ in range(50):
        work(limits, kind="explain")


def test_over_http_a_refusal_says_when_to_come_again(service, town, monkeypatch):
    monkeypatch.setattr("geo_service.services.analyses.stored_run", lambda *_: None)  # the town has no streets
    service.settings.limit_search_per_minute = 2
    service.settings.limit_jobs_at_once = 1
    with TestClient(create_app(service=service), client=("127.0.0.1", 50000), base_url="http://localhost") as client:
        for _ in range(2):
            assert client.get("/api/search?q=A").status_code == 200
        answer = client.get("/api/search?q=A", headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.headers["retry-after"] in answer.json()["detail"]
        service.jobs.create_job("coverage", {"other": 1}, LOCAL_ADMIN)
        answer = client.post("/api/analyses/coverage", json={"categories": ["clinic"]})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")


def test_two_servers_of_one_data_folder_allow_no_more_than_one(service, town):
    service.settings.limit_search_per_minute = 4
    beside = Service(service.settings, clock=service.clock, open_store=lambda _url: service.store)
    with ExitStack() as opened:
        clients = [
            opened.enter_context(TestClient(create_app(service=one), base_url="http://localhost"))
            for one in (service, beside)
        ]
        answered = [clients[n % 2].get("/api/search?q=A").status_code for n in range(8)]
    assert answered == [200] * 4 + [429] * 4
