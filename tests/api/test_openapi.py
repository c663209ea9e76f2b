"""The API's description: which paths there are, that examples are taken, that answers are as described."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

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
    ("GET", "/api/search"),
    ("GET", "/api/runs"),
    ("GET", "/api/runs/{uid}"),
    ("GET", "/api/runs/{uid}/result"),
    ("GET", "/api/explain"),
    ("GET", "/api/audit"),
    ("GET", "/api/audit/{line}"),
    ("POST", "/api/analyses/coverage"),
    ("POST", "/api/analyses/circles"),
    ("GET", "/tiles/{layer}/{z}/{x}/{y}.mvt"),
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
            assert "application/problem+json" in operation["responses"]["default"]["content"]
            assert "422" not in operation["responses"]
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


def asked(operation):
    """Return what puts four seeded questions to an operation and holds the answers against its description."""

    @settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case):
        case.headers["Host"] = "localhost"
        answer = case.call()
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    return ask


def test_no_question_of_the_description_breaks_the_server(client, town):
    """A few seeded questions for every operation: never a 5xx, every answer as described."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app, headers={"Host": "localhost"})
    for found in schema.get_all_operations():
        asked(found.ok())()
