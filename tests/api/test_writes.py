"""Nothing is made twice and nothing is overwritten unseen: every route that writes, and what guards it.

A route that writes and has no row here fails; so does one that lacks what its row says.
"""

import inspect

import pytest
from fastapi.routing import APIRoute

from geo_service.api.idempotency import once_of
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.main import create_app
from geo_service.services import answers
from geo_service.settings import Settings

# once: takes an Idempotency-Key · version: demands If-Match · else why it needs neither
WRITES = {
    "POST /api/{layer}": "once",
    "PATCH /api/{layer}/{ident}": "version",
    "POST /api/{layer}/{ident}/retire": "version",
    "POST /api/{layer}/{ident}/restore": "version",
    "POST /api/{layer}/check": "writes nothing",
    "POST /api/{layer}/{ident}/split": "each row names its version",
    "POST /api/{layer}/merge": "each row names its version",
    "POST /api/photos": "once",
    "POST /api/photos/{uid}/review": "version",
    "POST /api/analyses/coverage": "once",
    "POST /api/analyses/checklist": "once",
    "POST /api/analyses/indicators": "once",
    "POST /api/analyses/circles": "writes nothing",
    "POST /api/analyses/gaps": "once",
    "POST /api/analyses/capacity": "once",
    "POST /api/analyses/siting": "once",
    "POST /api/analyses/gaps/{uid}/tasks": "the same run writes the same tasks",
    "POST /api/analyses/scenario": "once",
    "POST /api/analyses/effect": "once",
    "POST /api/scenarios": "once",
    "PATCH /api/scenarios/{uid}": "version",
    "DELETE /api/scenarios/{uid}": "version",
    "POST /api/views": "once",
    "PATCH /api/views/{uid}": "version",
    "DELETE /api/views/{uid}": "version",
    "POST /api/scenarios/evaluate": "writes nothing",
    "POST /api/scenarios/{uid}/evaluate": "writes nothing",
    "POST /api/scenarios/{uid}/project": "once",
    "POST /api/prints/batches": "asked again while it waits or runs it is the same job",
    "DELETE /api/jobs/{uid}": "gone is gone",
    "POST /api/rules": "once",
    "PATCH /api/rules/{ident}": "version",
    "POST /api/rules/{ident}/confirm": "version",
    "POST /api/rules/confirm": "each rule names its version",
    "POST /api/accounts": "once",
    "PATCH /api/accounts/{uid}": "version",
    "POST /api/accounts/{uid}/link": "once",
    "DELETE /api/accounts/{uid}/second-factor": "gone is gone",
    "POST /api/accounts/{uid}/assignments": "once",
    "PATCH /api/accounts/{uid}/assignments/{assignment}": "version",
    "POST /api/me/tokens": "once",
    "DELETE /api/me/tokens/{uid}": "gone is gone",
    "DELETE /api/me/sessions/{uid}": "gone is gone",
    "DELETE /api/me/second-factor": "gone is gone",
    "POST /api/sign-in": "a second sign-in is one",
    "POST /api/sign-out": "gone is gone",
    "POST /api/links/{token}": "a link works once",
    "POST /api/me/password": "needs the old password",
    "POST /api/me/second-factor": "replaces what was not confirmed",
    "POST /api/me/second-factor/confirm": "needs a fresh code",
    "DELETE /api/persons/{layer}/{ident}": "gone is gone",
    "POST /api/persons/{layer}/{ident}/export": "changes nothing; each look is a line of its own in the audit",
    "POST /api/{layer}/{ident}/reveal": "changes nothing; each look is a line of its own in the audit",
}


def routes(tmp_path):
    """Yield what writes: ``METHOD address`` and its route."""
    app = create_app(Settings(var_dir=tmp_path / "var"))
    stack = list(app.routes)
    while stack:
        route = stack.pop()
        router = getattr(route, "original_router", None)  # this FastAPI keeps included routers whole
        stack += list(getattr(router, "routes", None) or getattr(route, "routes", None) or [])
        if isinstance(route, APIRoute):
            for method in sorted(route.methods - {"GET", "HEAD", "OPTIONS"}):
                yield f"{method} {route.path}", route


def dependencies(dependant):
    for below in dependant.dependencies:
        yield below.call
        yield from dependencies(below)


def test_every_route_that_writes_has_its_row(tmp_path):
    found = {name for name, _ in routes(tmp_path)}
    assert "POST /api/{layer}" in found
    assert found - WRITES.keys() == set()


def test_creating_routes_take_a_key_and_changing_ones_demand_the_version(tmp_path):
    lacking = set()
    for name, route in routes(tmp_path):
        if WRITES.get(name) == "once" and once_of not in dependencies(route.dependant):
            lacking.add(name)
        if WRITES.get(name) == "version" and "expected_version()" not in inspect.getsource(route.endpoint):
            lacking.add(name)
    assert lacking == set()


def test_the_description_says_so(tmp_path):
    document = create_app(Settings(var_dir=tmp_path / "var")).openapi()
    for path, method, name, required in (
        ("/api/facilities", "post", "Idempotency-Key", False),
        ("/api/analyses/coverage", "post", "Idempotency-Key", False),
        ("/api/photos", "post", "Idempotency-Key", False),
        ("/api/facilities/{ident}", "patch", "If-Match", True),
        ("/api/facilities/{ident}/retire", "post", "If-Match", True),
        ("/api/photos/{uid}/review", "post", "If-Match", True),
    ):
        named = {p["name"]: p.get("required", False) for p in document["paths"][path][method].get("parameters", ())}
        assert named.get(name) is required, f"{method} {path}"


@pytest.mark.parametrize("method", ["patch", "retire"])
def test_without_a_version_nothing_is_changed(client, town, method):
    before = client.get("/api/facilities/F0").json()
    if method == "patch":
        answer = client.patch("/api/facilities/F0", json={"properties": {"name": "x"}})
    else:
        answer = client.post("/api/facilities/F0/retire", json={"reason": "x"})
    assert answer.status_code == 428
    assert client.get("/api/facilities/F0").json() == before


@pytest.mark.parametrize("patience_s", [0.3])
def test_who_waits_too_long_is_told_when_to_come_again(client, service, town, store):
    """The second request with a key waits for the first; after the store's patience it is asked to return."""
    ctx = service.context(LOCAL_ADMIN, "en")
    body = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [116.311, 40.011]},
        "properties": {"category": "toilet"},
    }
    with store.writing() as conn:
        assert answers.given_before(conn, ctx, "write_facilities", "k", "h") is None
        answer = client.post("/api/facilities", json=body, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 503
    assert answer.json()["code"] == "store_locked"
    assert int(answer.headers["retry-after"]) > 0
