"""Nobody's name or number is in the log, whatever was asked, created, mistyped or broken."""

import json
import urllib.parse

import pytest
import structlog
from fastapi.testclient import TestClient

from geo_service.bootstrap import Service
from geo_service.foundation import logs
from geo_service.main import create_app
from geo_service.settings import Settings

NAME = "欧阳无名"
PHONE = "13912345678"
TRACES = (
    NAME,
    PHONE,
    urllib.parse.quote(NAME),
    json.dumps(NAME).strip('"'),
    NAME.encode().hex(),
    repr(NAME.encode())[2:-1],
    NAME[:2],
    PHONE[:7],
)


@pytest.fixture
def log(capfd):
    """Return what the log holds so far; the log is set up as the server does."""
    import logging

    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    said = []

    def read():
        taken = capfd.readouterr()
        said.append(taken.err + taken.out)
        return "".join(said)

    logs.configure("debug")
    yield read
    structlog.reset_defaults()
    logging.captureWarnings(False)
    logging.raiseExceptions = raising
    root.handlers[:], root.level = handlers, level


def everything(client):
    """Ask, create, mistype: the name and the number in every place a request has."""
    household = {"building_code": "B1", "head_name": NAME, "phone": PHONE, "residents_persons": 3}
    new = {"type": "Feature", "geometry": None, "properties": {"code": "H9", **household}}
    answer = client.post("/api/households", json=new)
    assert answer.status_code == 201, answer.text
    uid = answer.json()["id"]
    client.post("/api/households", json=new)  # the code is taken
    client.patch(f"/api/households/{uid}", json={"properties": {"phone": PHONE + "0"}}, headers={"If-Match": '"1"'})
    client.patch(f"/api/households/{uid}", json={"properties": {NAME: PHONE}}, headers={"If-Match": '"1"'})
    client.patch(f"/api/households/{uid}", json={"properties": {"phone": NAME}}, headers={"If-Match": PHONE})
    client.post(f"/api/households/{uid}/retire", json={"reason": f"{NAME} 搬走"}, headers={"If-Match": '"1"'})
    for path in (
        f"/api/search?q={NAME}",
        f"/api/search?q={PHONE}",
        f"/api/households?head_name={NAME}",
        f"/api/households?sort={NAME}",
        f"/api/households/{NAME}",
        f"/api/{NAME}",
        f"/{NAME}/{PHONE}?{NAME}={PHONE}",
        f"/api/runs/{NAME}",
        f"/api/explain?building={NAME}&category={PHONE}",
        f"/tiles/buildings/14/1/1.mvt?run={PHONE}",
        f"/assets/{NAME}",
    ):
        client.get(path)
    client.post("/api/analyses/coverage", json={"categories": [NAME], "by": PHONE})
    client.post("/api/analyses/circles", content=f'{{"points": "{NAME}'.encode())
    client.request(PHONE, "/health")
    latin = NAME.encode().decode("latin-1")
    for header in ("X-Request-ID", "Host", "Origin", "User-Agent", "Cookie", "Authorization", "Idempotency-Key"):
        client.post("/api/households", json=new, headers=[(header.encode(), latin.encode("latin-1"))])
        client.get("/api/summary", headers={header: f"Bearer {PHONE}"})
        client.get("/api/summary", headers={header: PHONE})


def test_a_session_with_a_known_person_leaves_no_trace(service, town, log):
    with TestClient(
        create_app(service=service),
        client=("127.0.0.1", 50000),
        base_url="http://localhost",
        raise_server_exceptions=False,
    ) as client:
        everything(client)
    said = log()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert len([line for line in lines if line["event"] == "request"]) > 30
    assert {line["route"] for line in lines if line["event"] == "request"} >= {
        "/api/households",
        "/api/households/{ident}",
        "/api/search",
        "unmatched",
    }
    assert all(line["request_id"] for line in lines if line["event"] == "request")
    assert [trace for trace in TRACES if trace in said] == []


def test_what_breaks_unexpectedly_leaves_none_either(tmp_path, log):
    def broken(_url):
        raise RuntimeError(f"row ({NAME}, {PHONE}) refused")

    app = create_app(service=Service(Settings(var_dir=tmp_path), open_store=broken))
    with TestClient(
        app, client=("127.0.0.1", 50000), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        answer = client.get("/api/layers")
    assert answer.status_code == 500
    said = log()
    (line,) = [json.loads(line) for line in said.splitlines() if '"unexpected"' in line]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["error"] == "builtins.RuntimeError"
    assert any("broken" in place for place in line["chain"][0]["places"])
    assert [trace for trace in TRACES if trace in said] == []


def test_the_log_of_a_command_that_broke_has_none(tmp_path, monkeypatch, capsys):
    from geo_service.cli import app

    def broken(_arguments):
        raise RuntimeError(NAME)

    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path))
    monkeypatch.setattr(app, "_run", broken)
    assert app.main(["db", "check"]) == 1
    (file,) = (tmp_path / "log").iterdir()
    assert json.loads(file.read_text())["error"] == "builtins.RuntimeError"
    assert NAME not in file.read_text() + "".join(capsys.readouterr())
