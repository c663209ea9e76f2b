"""Refused requests stand in the audit: once a minute for each actor and route, written after the answer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from fastapi import Request
from fastapi.testclient import TestClient

from geo_service.api.door import Door, door_of
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.foundation.errors import StoreFault
from geo_service.main import create_app
from geo_service.storage import audit
from geo_service.storage.tables import AUDIT
from tests.api.conftest import NOW

RESIDENT = Actor("zhao", "resident", "u-3", via="browser", address="192.0.2.9", request_id="r-3")


class Asked:
    """A client whose actor and clock a test sets."""

    def __init__(self, service) -> None:
        self.actor, self.now = RESIDENT, NOW
        service.clock = lambda: self.now
        self.app = create_app(service=service)

        async def door(request: Request) -> Door:
            request.state.actor = self.actor
            return Door(service, request, self.actor, "zh")

        self.app.dependency_overrides[door_of] = door

    def noted(self, store):
        """Return the lines of refusals."""
        with store.reading() as c:
            chosen = sa.select(AUDIT).where(AUDIT.c.verb == "refused").order_by(AUDIT.c.id)
            return [dict(row) for row in c.execute(chosen).mappings()]


@pytest.fixture
def asked(service) -> Asked:
    return Asked(service)


@pytest.fixture
def client(asked) -> Iterator[TestClient]:
    with TestClient(asked.app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def test_something_forbidden_is_noted_with_who_where_and_what(client, asked, town):
    assert client.get("/api/audit").status_code == 403
    (line,) = asked.noted(town)
    assert (line["actor"], line["role"], line["account_uid"], line["via"]) == ("zhao", "resident", "u-3", "browser")
    assert (line["address"], line["request_id"], line["at"]) == ("192.0.2.9", "r-3", "2026-03-01T08:00:00.000Z")
    assert line["facts"] == {
        "method": "GET",
        "route": "/api/audit",
        "status": 403,
        "code": "forbidden",
        "path": "/api/audit",
    }


def test_a_flood_makes_one_line_a_minute_for_each_route_and_actor(client, asked, town):
    for n in range(30):
        assert client.get(f"/api/audit/{n + 1}").status_code == 403
        assert client.get("/api/audit").status_code == 403
    assert [line["facts"]["route"] for line in asked.noted(town)] == ["/api/audit/{line}", "/api/audit"]
    asked.now = NOW + timedelta(seconds=59)
    client.get("/api/audit")
    assert len(asked.noted(town)) == 2
    asked.now = NOW + timedelta(seconds=60)
    client.get("/api/audit")
    asked.actor = Actor("qian", "resident", "u-4")
    client.get("/api/audit")
    assert [(line["actor"], line["facts"]["route"]) for line in asked.noted(town)[2:]] == [
        ("zhao", "/api/audit"),
        ("qian", "/api/audit"),
    ]


def test_another_process_has_noted_it_already(client, asked, town):
    facts = {"method": "GET", "route": "/api/audit"}
    with town.writing() as c:
        audit.append(c, RESIDENT, NOW, "refused", facts=facts)
    client.get("/api/audit")
    assert len(asked.noted(town)) == 1


def test_guessing_at_names_is_noted_but_not_for_admins_nor_addresses_that_are_none(client, asked, town):
    assert client.get("/api/facilities/guess-1").status_code == 404
    assert client.get("/api/facilities/guess-2").status_code == 404
    assert client.get("/nothing/here").status_code == 404
    (line,) = asked.noted(town)
    assert (line["facts"]["code"], line["facts"]["path"]) == ("row_unknown", "/api/facilities/guess-1")
    asked.actor = LOCAL_ADMIN
    assert client.get("/api/facilities/guess-3").status_code == 404
    assert len(asked.noted(town)) == 1


def test_a_path_of_any_characters_is_noted_readably(client, asked, town):
    assert client.get("/api/facilities/%00%0d%0a%F0%9F%98%80" + "x" * 40).status_code in (404, 422)
    for line in asked.noted(town):
        assert line["facts"]["path"].isprintable()
        assert len(line["facts"]["path"]) <= 80


def test_what_is_allowed_or_wrong_is_no_refusal(client, asked, town):
    assert client.get("/api/facilities").status_code == 200
    assert client.get("/api/facilities?sort=nonsense").status_code == 422
    assert asked.noted(town) == []


def test_a_store_that_takes_nothing_does_not_change_the_answer(client, asked, town, service, monkeypatch):
    def refuse() -> None:
        raise StoreFault("store_locked", store="x", reason="y")

    monkeypatch.setattr(service.store, "writing", refuse)
    assert client.get("/api/facilities/guess").status_code == 404
