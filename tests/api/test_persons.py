"""Personal values over HTTP: shown one record at a time, never kept on the way; export and erasure."""

import sqlalchemy as sa

from geo_service.foundation.sealing import key_text
from geo_service.storage import person_keys
from geo_service.storage.tables import AUDIT
from tests.stores import GivenKeys

WHY = {"reason": "回访核实台账"}


def test_a_reveal_answers_once_and_may_not_be_kept(client, town):
    answer = client.post("/api/households/H1/reveal", json={"fields": ["phone"], **WHY})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["values"] == {"phone": "13812341234"}
    masked = client.get("/api/households/H1").json()
    assert answer.json()["uid"] == masked["id"]
    assert masked["properties"]["phone"] == "138****1234"
    assert client.post("/api/projects/P1/reveal", json=WHY).json()["values"] == {"responsible_person": "王五"}
    with town.reading() as conn:
        verbs = conn.execute(sa.select(AUDIT.c.verb, AUDIT.c.reason).where(AUDIT.c.verb == "revealed")).fetchall()
    assert [tuple(row) for row in verbs] == [("revealed", "回访核实台账")] * 2


def test_what_is_wrong_with_a_reveal(client, town):
    for path, body, status in (
        ("/api/households/H1/reveal", {}, 422),
        ("/api/households/H1/reveal", {"reason": "短"}, 422),
        ("/api/households/H1/reveal", {"reason": "     短     "}, 422),
        ("/api/households/H1/reveal", {**WHY, "more": 1}, 422),
        ("/api/households/H1/reveal", {**WHY, "fields": ["room_no"]}, 422),
        ("/api/buildings/B1/reveal", WHY, 422),
        ("/api/households/H9/reveal", WHY, 404),
        ("/api/nothing/H1/reveal", WHY, 404),
    ):
        answer = client.post(path, json=body)
        assert (answer.status_code, path) == (status, path)
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "13812341234" not in answer.text
    assert client.get("/api/households/H1/reveal").status_code == 405


def test_sixty_an_hour_over_http(client, town):
    for _ in range(59):
        assert client.post("/api/households/H1/reveal", json=WHY).status_code == 200
    assert client.post("/api/persons/households/H1/export", json=WHY).status_code == 200
    answer = client.post("/api/households/H1/reveal", json=WHY)
    assert (answer.status_code, answer.json()["code"]) == (429, "reveal_limit")
    assert answer.headers["retry-after"] == "3600"


def test_a_person_is_exported_and_erased(client, town):
    export = "/api/persons/households/H1/export"
    assert client.get("/api/persons/households/H1").status_code == 405
    assert client.post(export, json={}).status_code == 422
    assert client.post(export, json={"reason": "短"}).status_code == 422
    copy = client.post(export, json=WHY)
    assert copy.headers["cache-control"] == "no-store"
    with town.reading() as conn:
        said = conn.execute(sa.select(AUDIT.c.reason).where(AUDIT.c.verb == "person_exported")).scalars().all()
    assert said == [WHY["reason"]]
    assert copy.json()["row"]["head_name"] == "李四"
    assert client.request("DELETE", "/api/persons/households/H1", json={}).status_code == 422
    done = client.request("DELETE", "/api/persons/households/H1", json=WHY)
    assert (done.status_code, done.json()["code"]) == (200, "H1")
    assert client.get("/api/households/H1").json()["properties"]["head_name"] is None
    copy = client.post(export, json=WHY).json()
    assert copy["history"][0]["after"]["phone"] == "***"
    assert len(copy["erasures"]) == 1
    again = client.request("DELETE", "/api/persons/households/H1", json=WHY)
    assert (again.status_code, again.json()["code"]) == (409, "person_already_erased")
    answer = client.post("/api/persons/buildings/B1/export", json=WHY)
    assert answer.json()["code"] == "layer_without_persons"


def test_with_another_key_lists_of_persons_are_refused_clearly_and_others_answer(client, town, service):

    person_keys.use_keys(town.engine, GivenKeys(key_text(bytes(32))))
    answer = client.get("/api/households")
    assert (answer.status_code, answer.json()["code"]) == (503, "secret_key_wrong")
    assert client.get("/api/buildings").status_code == 200
