"""The guard against hostile requests: headers of answers, JSON traps, sizes, slow and half-sent bodies."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from geo_service.api import bodies
from geo_service.api.bodies import DEEPEST_JSON, Held, parse_json, read_body
from geo_service.api.errors import Busy
from geo_service.api.guard import Guard
from geo_service.bootstrap import Service
from geo_service.foundation.errors import InvalidInput
from geo_service.main import create_app
from geo_service.settings import Settings

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def store_kind():
    return "embedded"


@pytest.fixture
def bare(tmp_path):
    """An app whose store is not there."""
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'geo.gpkg'}", var_dir=tmp_path / "var")
    with TestClient(
        create_app(service=Service(settings)), client=("127.0.0.1", 50000), base_url="http://localhost"
    ) as client:
        yield client


def run(coroutine):
    """Run in a thread of its own: a browser open in this process keeps the loop of this one."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, coroutine).result()


def refused(body: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse_json(body)
    return caught.value.code


PAGES = ["/map", "/docs"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_run_nothing_that_is_written_into_them(client, path):
    answer = client.get(path)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)| on[a-z]+=| style=", answer.text)


@pytest.mark.parametrize("path", ["/health", "/api/layers", "/nothing", "/docs/start.js", "/map"])
def test_every_answer_has_the_headers(bare, path):
    headers = bare.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith("geolocation=(self), ")
    assert "camera=()" in headers["permissions-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers
    assert "strict-transport-security" not in headers
    assert "server" not in headers


def test_data_loads_nothing_and_is_kept_by_no_proxy(client, town):
    answer = client.get("/api/facilities")
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert answer.headers["cache-control"] == "private, no-cache"


def test_tls_is_asked_for_only_where_there_is_tls(tmp_path):
    app = create_app(service=Service(Settings(var_dir=tmp_path)))
    with TestClient(app, client=("127.0.0.1", 50000), base_url="https://localhost") as client:
        assert client.get("/health").headers["strict-transport-security"] == "max-age=31536000"
    behind = TestClient(Guard(app, behind_proxy=True), client=("127.0.0.1", 50000), base_url="http://localhost")
    assert "strict-transport-security" in behind.get("/health").headers


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 100_000, "json_too_deep"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "json_too_deep"),
        (b'{"a":NaN}', "json_invalid"),
        (b'{"a":-Infinity}', "json_invalid"),
        (b'{"a":1e999}', "json_number"),
        (b'{"a":' + b"9" * 5000 + b"}", "json_number"),
        (b'{"a":0.' + b"1" * 5000 + b"}", "json_number"),
        (b'{"a":1,"a":2}', "json_key_twice"),
        (b'{"a":"\\u0000"}', "json_text"),
        (b'{"\\u0000":1}', "json_text"),
        (b'{"a":["\\ud83d"]}', "json_text"),
        (b'{"a":"\x00"}', "json_invalid"),
        (b'{"a":"\xff"}', "json_invalid"),
        ('{"a":1}'.encode("utf-16"), "json_invalid"),
        ('{"a":1}'.encode("utf-32"), "json_invalid"),
        (b'\xef\xbb\xbf{"a":1}', "json_invalid"),
        (b'{"a":1} {"b":2}', "json_invalid"),
        (b'{"a":', "json_invalid"),
        (b"'a'", "json_invalid"),
        (b'"' + b'\\"' * 500_000, "json_invalid"),
    ],
)
def test_traps_in_json(body, code):
    assert refused(body) == code


def test_honest_json_passes():
    deep = b"[" * DEEPEST_JSON + b"]" * DEEPEST_JSON
    assert parse_json(deep)
    assert parse_json('{"a":"[[[{{{", "b":"\\\\u0000", "c":"\\ud83d\\ude00", "d":"区域"}'.encode()) == {
        "a": "[[[{{{",
        "b": "\\u0000",
        "c": "😀",
        "d": "区域",
    }
    assert parse_json(b"[116.32000000000001, -1e-7, 9007199254740993]")[2] == 9007199254740993


def test_traps_are_refused_at_every_route_that_reads_json(bare):
    for method, path in (("POST", "/api/facilities"), ("POST", "/api/analyses/coverage"), ("PATCH", "/api/areas/x")):
        for body in (b'{"a":NaN}', b'{"a":1,"a":1}', b"[" * 5000, b'{"a":"\\u0000"}'):
            answer = bare.request(method, path, content=body, headers=JSON | {"If-Match": '"1"'})
            assert (answer.status_code, answer.json()["code"][:5]) == (422, "json_"), (path, body)
            assert answer.headers["content-type"] == "application/problem+json"


def test_compressed_bodies_are_refused(bare):
    answer = bare.post("/api/facilities", content=b"x", headers=JSON | {"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "encoding_refused")


def test_photos_may_be_longer_and_are_no_json(bare):
    answer = bare.post("/api/photos", content=b"{}", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (415, "image_only")
    long = b"x" * (3 * 1024 * 1024)
    assert bare.post("/api/photos", content=long, headers={"Content-Type": "image/jpeg"}).status_code != 413
    over = b"x" * (bodies.PHOTO.limit_bytes + 1)
    assert bare.post("/api/photos", content=over, headers={"Content-Type": "image/jpeg"}).status_code == 413


def test_many_or_long_headers_and_addresses(bare):
    many = {f"X-Filler-{n}": "1" for n in range(120)}
    for headers in (many, {"X-Filler": "x" * 20_000}):
        answer = bare.get("/health", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (431, "headers_too_large")
    answer = bare.get("/api/search", params={"q": "x" * 9000})
    assert (answer.status_code, answer.json()["code"]) == (414, "address_too_long")


class Never:
    """A client that announces a body and sends only half of it."""

    def __init__(self, then):
        self.then = then
        self.begun = False

    async def receive(self):
        if not self.begun:
            self.begun = True
            return {"type": "http.request", "body": b'{"a":', "more_body": True}
        if self.then == "nothing":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}


def asked(then):
    sent = []

    async def app(scope, receive, send):
        raise AssertionError("the route must not be reached")

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"100")]
    scope = {"type": "http", "method": "POST", "path": "/api/facilities", "headers": headers, "query_string": b""}
    run(Guard(app, body_within_s=0.01)(scope, Never(then).receive, send))
    return sent


def test_a_body_that_never_ends_is_given_up():
    start, body = asked("nothing")
    assert start["status"] == 408
    assert b"body_too_slow" in body["body"]


def test_a_body_cut_off_reaches_no_route_and_gets_no_answer():
    assert asked("leaves") == []


def test_bodies_held_at_once_are_limited():
    held = Held(limit_bytes=400_000)

    def sends(size):
        async def receive():
            return {"type": "http.request", "body": b"1" * size, "more_body": False}

        return receive

    async def taken(address, size):
        with held.room(address) as room:
            return len(await read_body(sends(size), bodies.JSON, room))

    async def several():
        with held.room("10.0.0.1") as first:
            await read_body(sends(150_000), bodies.JSON, first)
            with pytest.raises(Busy):  # a quarter for one address
                await taken("10.0.0.1", 150_000)
            assert await taken("10.0.0.2", 150_000) == 150_000
            assert await taken("10.0.0.1", 1_000) == 1_000  # a sign-in is never kept out
        return await taken("10.0.0.1", 150_000)

    assert run(several()) == 150_000
