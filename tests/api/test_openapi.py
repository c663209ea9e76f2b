"""The API's description: which paths there are, that examples are taken, that answers are as described."""

import json

import pytest

from geo_service.domain.layers import LAYERS

SINGLE = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/styles.json"),
    ("GET", "/api/summary"),
    ("GET", "/api/layers"),
    ("GET", "/api/categories"),
    ("GET", "/api/profiles"),
    ("GET", "/api/circles"),
    ("POST", "/api/analyses/checklist"),
    ("POST", "/api/analyses/indicators"),
    ("GET", "/api/rules"),
    ("POST", "/api/rules"),
    ("GET", "/api/rules/{ident}"),
    ("PATCH", "/api/rules/{ident}"),
    ("POST", "/api/rules/{ident}/confirm"),
    ("POST", "/api/rules/confirm"),
    ("GET", "/api/search"),
    ("GET", "/api/places"),
    ("GET", "/api/waiting"),
    ("GET", "/api/jobs"),
    ("GET", "/api/runs"),
    ("GET", "/api/runs/{uid}"),
    ("GET", "/api/runs/{uid}/result"),
    ("GET", "/api/runs/{uid}/compare/{other}"),
    ("GET", "/api/runs/{uid}/explain"),
    ("GET", "/api/explain"),
    ("GET", "/api/features/{layer}/file"),
    ("GET", "/api/board/{view}"),
    ("GET", "/api/board/{view}/file"),
    ("GET", "/api/prints/{kind}"),
    ("POST", "/api/prints/batches"),
    ("GET", "/api/prints/batches/{uid}"),
    ("DELETE", "/api/jobs/{uid}"),
    ("GET", "/api/audit"),
    ("GET", "/api/audit/{line}"),
    ("POST", "/api/{layer}/{ident}/reveal"),
    ("GET", "/api/{layer}/{ident}/photos"),
    ("GET", "/api/layers/{layer}/form"),
    ("GET", "/api/layers/{layer}/problems"),
    ("GET", "/api/{layer}/{ident}/history"),
    ("POST", "/api/{layer}/{ident}/restore"),
    ("POST", "/api/{layer}/check"),
    ("POST", "/api/{layer}/{ident}/split"),
    ("POST", "/api/{layer}/merge"),
    ("POST", "/api/persons/{layer}/{ident}/export"),
    ("DELETE", "/api/persons/{layer}/{ident}"),
    ("POST", "/api/photos"),
    ("GET", "/api/photos/{uid}/image"),
    ("GET", "/api/photos/{uid}/original"),
    ("POST", "/api/photos/{uid}/review"),
    ("POST", "/api/analyses/coverage"),
    ("POST", "/api/analyses/circles"),
    ("POST", "/api/analyses/gaps"),
    ("POST", "/api/analyses/gaps/{uid}/tasks"),
    ("POST", "/api/analyses/capacity"),
    ("POST", "/api/analyses/siting"),
    ("POST", "/api/analyses/scenario"),
    ("POST", "/api/analyses/effect"),
    ("GET", "/api/scenarios"),
    ("POST", "/api/scenarios"),
    ("GET", "/api/scenarios/{uid}"),
    ("PATCH", "/api/scenarios/{uid}"),
    ("DELETE", "/api/scenarios/{uid}"),
    ("GET", "/api/views"),
    ("POST", "/api/views"),
    ("GET", "/api/views/{uid}"),
    ("PATCH", "/api/views/{uid}"),
    ("DELETE", "/api/views/{uid}"),
    ("POST", "/api/scenarios/evaluate"),
    ("POST", "/api/scenarios/{uid}/evaluate"),
    ("POST", "/api/scenarios/{uid}/project"),
    ("GET", "/tiles/{layer}/{z}/{x}/{y}.mvt"),
    ("GET", "/api/sign-in"),
    ("POST", "/api/sign-in"),
    ("POST", "/api/sign-out"),
    ("POST", "/api/links/{token}"),
    ("GET", "/api/oidc/start"),
    ("GET", "/api/oidc/callback"),
    ("GET", "/api/me"),
    ("POST", "/api/me/password"),
    ("POST", "/api/me/second-factor"),
    ("DELETE", "/api/me/second-factor"),
    ("POST", "/api/me/second-factor/confirm"),
    ("GET", "/api/me/sessions"),
    ("DELETE", "/api/me/sessions/{uid}"),
    ("GET", "/api/me/tokens"),
    ("POST", "/api/me/tokens"),
    ("DELETE", "/api/me/tokens/{uid}"),
    ("GET", "/api/accounts"),
    ("POST", "/api/accounts"),
    ("GET", "/api/accounts/{uid}"),
    ("PATCH", "/api/accounts/{uid}"),
    ("POST", "/api/accounts/{uid}/link"),
    ("DELETE", "/api/accounts/{uid}/second-factor"),
    ("POST", "/api/accounts/{uid}/assignments"),
    ("PATCH", "/api/accounts/{uid}/assignments/{assignment}"),
}


def described(client):
    return client.get("/openapi.json").json()


@pytest.fixture
def store_kind():
    """The description is the same on both stores: one is enough."""
    return "embedded"


def test_the_paths_are_those_agreed(client):
    wanted = set(SINGLE)
    for layer in LAYERS.values():
        wanted |= {("GET", f"/api/{layer.name}"), ("GET", f"/api/{layer.name}/{{ident}}")}
        if layer.editable:
            wanted |= {
                ("POST", f"/api/{layer.name}"),
                ("PATCH", f"/api/{layer.name}/{{ident}}"),
                ("POST", f"/api/{layer.name}/{{ident}}/retire"),
            }
    found = {(method.upper(), path) for path, item in described(client)["paths"].items() for method in item}
    assert found == wanted


def test_every_operation_speaks_both_languages_and_names_its_refusals(client):
    ids = []
    for path, item in described(client)["paths"].items():
        for method, operation in item.items():
            assert " / " in operation["summary"], (method, path)
            refusals = {status: one for status, one in operation["responses"].items() if status >= "4"}
            assert {"422", "500"} <= refusals.keys()
            assert "default" not in operation["responses"]
            for one in refusals.values():
                assert one["content"].keys() == {"application/problem+json"}
            ids.append(operation["operationId"])
    assert len(ids) == len(set(ids))


def test_nothing_in_the_description_comes_from_elsewhere(client):
    assert "://" not in json.dumps(described(client)).replace("http://json-schema.org", "")


def test_examples_of_new_rows_are_taken(client):
    """Those without references; the others need what they point to."""
    document = described(client)
    taken = 0
    for name, layer in LAYERS.items():
        if not layer.editable or any(f.required and f.refers_to for f in layer.fields) or name == "adoptions":
            continue
        body = document["paths"][f"/api/{name}"]["post"]["requestBody"]["content"]["application/json"]["example"]
        answer = client.post(f"/api/{name}", json=body)
        assert answer.status_code == 201, (name, answer.text)
        taken += 1
    assert taken >= 8
