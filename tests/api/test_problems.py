"""The guard and the problem details: what every request passes, what every refusal looks like."""

import contextlib
import re
import sqlite3

import pytest
from fastapi.testclient import TestClient

from geo_service.api import errors
from geo_service.bootstrap import Service
from geo_service.foundation.errors import GeoServiceError, StoreFault
from geo_service.main import create_app
from geo_service.settings import Settings

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def bare(tmp_path):
    """An app whose store is not there."""
    missing = tmp_path / "nowhere" / "geo.gpkg"
    app = create_app(service=Service(Settings(database_url=f"sqlite:///{missing}", var_dir=tmp_path / "var")))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def code_of(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail_zh"] != problem["detail_en"]
    assert not re.search(r"\{[a-z_]+\}", problem["detail_zh"] + problem["detail_en"])
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem["code"]


def test_every_class_of_errors_has_its_status():
    def below(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    statuses = {
        kind.__name__: errors.status_of(kind("x"))
        for kind in below(GeoServiceError)
        if kind.__init__ is GeoServiceError.__init__
    }
    assert statuses["StaleVersion"] == 412
    assert statuses["Conflict"] == 409
    assert statuses["NotFound"] == 404
    assert statuses["Forbidden"] == 403
    assert statuses["StoreFault"] == 503
    assert statuses["FileFault"] == statuses["InvalidInput"] == statuses["TooMuch"] == 422


def test_health_needs_no_store_and_ready_does(bare):
    assert bare.get("/health").json()["status"] == "ok"
    answer = bare.get("/ready")
    assert (answer.status_code, code_of(answer)) == (503, "store_missing")
    assert answer.headers["retry-after"] == "5"
    assert bare.get("/api/summary").status_code == 503


def test_a_store_that_comes_later_is_opened_then(tmp_path, make_store_url):
    from geo_service.storage.store import open_store

    there = []

    def opening(url):
        if not there:
            raise StoreFault("store_unreachable", store="x", reason="x")
        return open_store(there[0])

    app = create_app(service=Service(Settings(var_dir=tmp_path), open_store=opening))
    with TestClient(app, base_url="http://localhost") as client:
        assert client.get("/ready").status_code == 503
        there.append(make_store_url("embedded"))
        assert client.get("/ready").status_code == 200


def test_ready_says_what_is_wrong_with_a_store_that_is_not_ours(tmp_path):
    strange = tmp_path / "geo.gpkg"
    strange.write_bytes(b"not a database at all, but long enough to be one")
    app = create_app(service=Service(Settings(database_url=f"sqlite:///{strange}", var_dir=tmp_path)))
    with TestClient(app, base_url="http://localhost") as client:
        assert code_of(client.get("/ready")) == "store_not_ours"


@pytest.mark.parametrize(("revision", "code"), [("9999", "store_newer"), ("0001", "store_not_migrated")])
def test_ready_says_that_a_store_is_of_another_version(tmp_path, make_store_url, revision, code):
    url = make_store_url("embedded")
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()
    app = create_app(service=Service(Settings(database_url=url, var_dir=tmp_path)))
    with TestClient(app, base_url="http://localhost") as client:
        answer = client.get("/ready")
        assert (answer.status_code, code_of(answer)) == (503, code)


def test_every_answer_has_its_id(bare):
    ids = [bare.get("/health").headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert {len(one) for one in ids} == {32}


REQUEST_IDS = ("0123456789abcdef0123456789abcdef", "01928c3e-0000-7000-8000-00000000abcd")


@pytest.mark.parametrize(
    ("settings", "peer", "is_believed"),
    [
        ({}, "127.0.0.1", False),
        ({"behind_proxy": True}, "127.0.0.1", True),
        ({"behind_proxy": True, "proxies": "10.1.0.0/16"}, "10.1.2.3", True),
        ({"behind_proxy": True, "proxies": "10.1.0.0/16"}, "10.2.2.3", False),
        ({"behind_proxy": True, "proxies": "10.1.0.0/16"}, "127.0.0.1", False),
    ],
)
def test_only_the_proxy_is_believed_about_the_id(tmp_path, settings, peer, is_believed):
    app = create_app(Settings(var_dir=tmp_path, **settings))
    with TestClient(app, base_url="http://localhost", client=(peer, 50000)) as client:
        for given in REQUEST_IDS:
            told = {"X-Request-ID": given, "X-Forwarded-For": "127.0.0.1"}
            assert (client.get("/health", headers=told).headers["x-request-id"] == given) is is_believed
        for given in ("<script>", "13812341234", "13812341234-wang", "a" * 33):
            assert client.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"] != given


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "", "10.0.0.2"])
def test_other_host_names_are_refused(bare, host):
    answer = bare.get("/health", headers={"Host": host})
    assert (answer.status_code, code_of(answer)) == (421, "host_refused")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_this_machine_is_answered(bare, host):
    assert bare.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_writes_of_other_sites_are_refused(bare, headers):
    answer = bare.post("/api/facilities", json={}, headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "cross_origin")


def test_writes_of_our_own_page_pass(client):
    answer = client.post(
        "/api/facilities", json={}, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.json()["code"] == "feature_expected"


def test_only_json_is_read(bare, client):
    answer = bare.post("/api/facilities", content="a=1", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, code_of(answer)) == (415, "json_only")
    answer = client.post("/api/facilities", content="")
    assert (answer.status_code, code_of(answer)) == (422, "json_invalid")


def test_long_bodies_are_refused_with_and_without_a_length(bare):
    long = b'{"a":"' + b"x" * (2 * 1024 * 1024) + b'"}'
    answer = bare.post("/api/facilities", content=long, headers=JSON)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")
    pieces = (long[n : n + 65536] for n in range(0, len(long), 65536))
    assert bare.post("/api/facilities", content=pieces, headers=JSON).status_code == 413


def test_head_is_get_without_a_body(bare):
    answer = bare.head("/health")
    assert (answer.status_code, answer.content) == (200, b"")


def test_methods_and_addresses_that_are_not_there(bare):
    answer = bare.put("/api/layers", json={})
    assert (answer.status_code, code_of(answer)) == (405, "method_refused")
    for address in ("/api/facilities/F0", "/api/layers", "/map"):
        answer = bare.delete(address)
        assert (answer.status_code, code_of(answer)) == (405, "method_refused"), address
    assert code_of(bare.delete("/api/layers", headers={"Origin": "http://evil.example"})) == "cross_origin"
    assert code_of(bare.get("/favicon.png")) == "address_unknown"
    assert code_of(bare.get("/api/facilities/")) in ("address_unknown", "row_unknown")
    assert code_of(bare.get("/api/facilities/a%00b")) == "text_unprintable"


def test_the_language_is_the_askers(bare):
    zh = bare.get("/nothing", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert zh.json()["detail"] == zh.json()["detail_zh"]
    assert zh.headers["content-language"] == "zh"
    en = bare.get("/nothing", headers={"Accept-Language": "de,en;q=0.8"})
    assert en.json()["detail"] == en.json()["detail_en"]


def test_a_mistake_of_ours_is_a_sentence_with_a_number_not_a_trace(tmp_path):
    def broken(_url):
        raise RuntimeError("secret inside")

    app = create_app(service=Service(Settings(var_dir=tmp_path), open_store=broken))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        answer = client.get("/api/layers")
    assert (answer.status_code, code_of(answer)) == (500, "unexpected")
    assert "secret" not in answer.text
    assert answer.json()["request_id"] in answer.json()["detail_zh"]


@pytest.mark.parametrize("patience_s", [0.3])
def test_a_locked_store_is_503(client, store, town):
    new = {"properties": {"name": "x"}}
    with store.writing() as conn:
        conn.exec_driver_sql("UPDATE facility SET name = 'held' WHERE code = 'F0'")
        answer = client.patch("/api/facilities/F0", json=new, headers={"If-Match": '"1"'})
    assert (answer.status_code, code_of(answer)) == (503, "store_locked")
