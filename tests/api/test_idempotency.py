"""A creating request sent twice creates once, also at the same time, after a restart and between accounts."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from geo_service.api.account_schemas import TokenNew
from geo_service.api.idempotency import HEADER, REPLAYED, Once
from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.main import create_app
from geo_service.services import answers
from geo_service.services.answers import Answer
from geo_service.storage.store import open_store
from tests.api.conftest import NOW
from tests.passwords import PASSWORD
from tests.photos_made import encoded

STORY = "write_facilities"
NEW = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [116.311, 40.011]},
    "properties": {"category": "toilet", "name": "公厕"},
}


def create(client, key=None, body=NEW, layer="facilities"):
    headers = {} if key is None else {HEADER: key}
    return client.post(f"/api/{layer}", json=body, headers=headers)


def count(client, layer="facilities"):
    return client.get(f"/api/{layer}?limit=1").json()["numberMatched"]


def test_the_second_time_creates_nothing_and_shows_what_was_made(client, town):
    before = count(client)
    first, second = create(client, "k1"), create(client, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    for name in ("content-type", "location", "etag"):
        assert first.headers[name] == second.headers[name]
    assert REPLAYED not in first.headers
    assert second.headers[REPLAYED] == "true"
    assert count(client) == before + 1
    assert create(client).json()["id"] != create(client).json()["id"]  # without a key nothing is remembered


def test_a_key_belongs_to_one_request(client, town):
    before = count(client)
    assert create(client, "k1").status_code == 201
    for other in (
        create(client, "k1", {**NEW, "properties": {"category": "clinic"}}),
        create(client, "k1", layer="public_spaces"),
    ):
        assert other.status_code == 422
        assert other.json()["code"] == "idempotency_key_reused"
    assert count(client) == before + 1
    assert create(client, "k2", {**NEW, "properties": {"category": "clinic"}}).status_code == 201


def test_a_refusal_is_not_remembered(client, town):
    wrong = {**NEW, "properties": {"category": "no such thing"}}
    assert create(client, "k1", wrong).status_code == 422
    assert create(client, "k1").status_code == 201
    taken = {**NEW, "properties": {"category": "toilet", "code": "F0"}}
    assert create(client, "k2", taken).status_code == 409
    assert create(client, "k2", taken).status_code == 409


@pytest.mark.parametrize("key", ["", " ", "a" * 201, "键".encode(), "a\tb", b"\xff"])
def test_keys_that_are_none(client, town, key):
    before = count(client)
    refused = create(client, key)
    assert refused.status_code == 422
    assert refused.json()["code"] == "idempotency_key_form"
    twice = client.post("/api/facilities", content=json.dumps(NEW), headers=[
        ("content-type", "application/json"), (HEADER, "a"), (HEADER, "b")])  # fmt: skip
    assert twice.json()["code"] == "idempotency_key_form"
    assert count(client) == before


def test_the_longest_key(client, town):
    assert create(client, "a" * 200).status_code == 201
    assert create(client, 'a key, with: "signs"!').status_code == 201


def test_at_the_same_time_one_is_created_and_all_get_the_same(client, town):
    before = count(client)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: create(client, "k1"), range(8)))
    assert {answer.status_code for answer in given} == {201}
    assert len({answer.content for answer in given}) == 1
    assert sum(REPLAYED not in answer.headers for answer in given) == 1
    assert count(client) == before + 1


def test_who_comes_while_the_first_is_at_work_waits_for_it(service, store):
    """Before the first commits nobody comes past with its key; where it is undone the next one does the work."""
    ctx = service.context(LOCAL_ADMIN, "en")
    entered, found = threading.Event(), []

    def second():
        entered.set()
        with store.writing() as conn:
            found.append(answers.given_before(conn, ctx, STORY, "k", "h"))

    thread = threading.Thread(target=second)
    with pytest.raises(ZeroDivisionError), store.writing() as conn:
        assert answers.given_before(conn, ctx, STORY, "k", "h") is None
        thread.start()
        entered.wait()
        answers.keep(conn, ctx, "k", Answer("h", 201, {}))
        assert found == []
        raise ZeroDivisionError
    thread.join()
    assert found == [None]


def test_after_a_restart(client, service, town, store_url, tmp_path):
    first = create(client, "k1")
    other = Service(
        service.settings, clock=lambda: NOW + timedelta(hours=23), open_store=lambda _: open_store(store_url)
    )
    with TestClient(create_app(service=other), base_url="http://localhost") as again:
        second = create(again, "k1")
    assert second.content == first.content
    assert second.headers[REPLAYED] == "true"


def test_keys_are_kept_for_a_day(service, store):
    ctx = service.context(LOCAL_ADMIN, "en")
    with store.writing() as conn:
        answers.keep(conn, ctx, "k", Answer("h", 201, {}))
    later = replace(ctx, clock=lambda: NOW + timedelta(hours=24))
    earlier = replace(ctx, clock=lambda: NOW - timedelta(days=3))  # a clock moved back forgets nothing
    with store.writing() as conn:
        assert answers.given_before(conn, earlier, STORY, "k", "h") is not None
        assert answers.given_before(conn, later, STORY, "k", "h") is None
        answers.keep(conn, later, "other", Answer("h", 201, {}))
        assert conn.exec_driver_sql("SELECT COUNT(*) FROM kept_answer").scalar() == 1


def test_keys_of_one_account_are_nobody_elses(service, store):
    ctx = service.context(LOCAL_ADMIN, "en")
    wang = replace(ctx, actor=replace(LOCAL_ADMIN, name="wang", account_uid="u1"))
    li = replace(ctx, actor=replace(LOCAL_ADMIN, name="wang", account_uid="u2"))
    with store.writing() as conn:
        for number, one in enumerate((ctx, wang, li)):
            assert answers.given_before(conn, one, STORY, "k", f"h{number}") is None
            answers.keep(conn, one, "k", Answer(f"h{number}", 201, {}))


def test_a_secret_is_not_kept(service, store):
    """An answer that is shown once is not stored; the second request creates nothing and says why."""
    from fastapi.responses import Response

    from geo_service.api.door import Door
    from geo_service.foundation.errors import Conflict

    once = Once(Door(service, None, LOCAL_ADMIN, "en"), "k", "h")
    assert once("own_account", lambda conn, ctx: Response(b"a token", 201)).body == b"a token"
    with pytest.raises(Conflict, match="idempotency_shown_once"):
        once("own_account", lambda conn, ctx: Response(b"another", 201))
    with store.reading() as conn:
        assert bytes(conn.exec_driver_sql("SELECT body FROM kept_answer").scalar()) == b""


def test_what_is_shown_again_is_as_it_is_now(client, town, store):
    """Changed, retired and erased meanwhile: the second answer says so; nothing of the first one is stored."""
    uid = create(client, "k1").json()["id"]
    client.patch(f"/api/facilities/{uid}", json={"properties": {"name": "新名"}}, headers={"If-Match": '"1"'})
    again = create(client, "k1")
    assert again.json() == client.get(f"/api/facilities/{uid}").json()
    assert again.json()["properties"]["name"] == "新名"
    assert again.headers["etag"].startswith('"2-')
    home = {"type": "Feature", "geometry": None, "properties": {"building_code": "B1", "head_name": "李世民"}}
    person = create(client, "k2", home, "households").json()
    assert person["properties"]["head_name"]
    reason = {"reason": "本人申请删除个人信息"}
    assert client.request("DELETE", f"/api/persons/households/{person['id']}", json=reason).status_code < 300
    assert create(client, "k2", home, "households").json()["properties"]["head_name"] is None
    with store.reading() as conn:
        assert {bytes(body) for body in conn.exec_driver_sql("SELECT body FROM kept_answer").scalars()} == {b""}


def test_who_lost_the_place_or_the_right_is_not_shown_it_again(hall, town):
    made = hall.account(role="grid_worker")
    root, _ = hall.admin()
    place = f"/api/accounts/{made['uid']}/assignments"
    assigned = root.post(place, json={"grid_code": "G1"}, headers={"Idempotency-Key": "a1"})
    assert root.post(place, json={"grid_code": "G1"}, headers={"Idempotency-Key": "a1"}).json() == assigned.json()
    worker = hall.signed_in()
    home = {"type": "Feature", "geometry": None, "properties": {"building_code": "B1", "head_name": "李世民"}}
    assert create(worker, "k1", home, "households").status_code == 201
    assert create(worker, "k1", home, "households").headers[REPLAYED] == "true"
    root.patch(assigned.headers["location"], json={}, headers={"If-Match": '"1"'})
    lost = create(worker, "k1", home, "households")
    assert (lost.status_code, lost.json()["code"]) == (404, "row_unknown")
    root.patch(f"/api/accounts/{made['uid']}", json={"role": "planner"}, headers={"If-Match": '"1"'})
    refused = create(worker, "k1", home, "households")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_token_with_less_rights_is_not_shown_it_again(hall, town):
    made = hall.account(role="official")
    root, _ = hall.admin()
    root.post(f"/api/accounts/{made['uid']}/assignments", json={"area_code": "990101001001"})
    owner = hall.signed_in()
    home = {"type": "Feature", "geometry": None, "properties": {"building_code": "B1", "head_name": "李世民"}}
    assert create(owner, "k1", home, "households").status_code == 201
    reads, writes = "read_households", "write_homes"
    for scopes, wanted in (([reads], 403), ([writes], 403), ([reads, writes], 201)):
        body = {"name": "m", "scopes": scopes, "days": 1, "password": PASSWORD}
        machine = hall.browser()
        machine.headers["Authorization"] = f"Bearer {owner.post('/api/me/tokens', json=body).json()['token']}"
        assert create(machine, "k1", home, "households").status_code == wanted, scopes


def test_the_password_of_a_request_is_not_part_of_what_is_kept(hall):
    hall.account()
    client = hall.signed_in()
    body = {"name": "m", "scopes": ["analyse"], "days": 1, "password": PASSWORD}
    assert client.post("/api/me/tokens", json=body, headers={HEADER: "k1"}).status_code == 201
    again = client.post("/api/me/tokens", json=body, headers={HEADER: "k1"})
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_shown_once")
    without = TokenNew(**body).model_dump_json(exclude={"password"})
    with hall.store.reading() as conn:
        kept = conn.exec_driver_sql("SELECT request_hash FROM kept_answer").scalars().all()
    assert kept == [hashlib.sha256(without.encode()).hexdigest()]


def test_a_photo_sent_again(client, town):
    def send(key):
        headers = {HEADER: key, "Content-Type": "image/jpeg"}
        return client.post("/api/photos?subject_layer=projects&subject_uid=P1", content=encoded(), headers=headers)

    first, again, other = send("k1"), send("k1"), send("k2")
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 200)
    assert (again.headers[REPLAYED], REPLAYED in other.headers) == ("true", False)
    assert first.json() == again.json() == other.json()
    assert first.headers["location"] == again.headers["location"]


def test_a_question_for_coverage_may_be_repeated(client, town):
    asked = {"categories": ["clinic"], "circle": 15}
    first = client.post("/api/analyses/coverage", json=asked, headers={HEADER: "k1"})
    second = client.post("/api/analyses/coverage", json=asked, headers={HEADER: "k1"})
    assert first.status_code == second.status_code
    if first.status_code == 202:
        assert second.headers["location"] == first.headers["location"]
    other = client.post("/api/analyses/coverage", json={**asked, "circle": 5}, headers={HEADER: "k1"})
    assert other.json()["code"] in ("idempotency_key_reused", first.json().get("code"))
