"""Seeded questions to every operation of the API, as every role: no 5xx, no status and no answer that is not described.

Short here, long with ``make soak``: there on both stores.
"""

from dataclasses import replace

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks
from starlette.requests import Request

from geo_service.api.door import Door, door_of
from geo_service.domain.actors import ANONYMOUS, LOCAL_ADMIN, ROLES, Actor
from geo_service.main import create_app

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
AREA, GRID = "990101001001", "G1"
# things of the town, so that not every question ends at "does not exist"
THERE = {"households": "H1", "projects": "P1", "areas": AREA, "grids": GRID, "buildings": "B1"}


def actor_of(role) -> Actor:
    if role == "anonymous":
        return ANONYMOUS
    if role == "admin":
        return LOCAL_ADMIN
    return Actor(f"a {role}", role, f"uid-of-{role}", areas=(AREA,), grids=(GRID,), via="token")


class Asked:
    """The app, asked from this machine by somebody whose role the header ``X-Role`` names."""

    def __init__(self, service):
        self.app = create_app(service=service)
        self.app.dependency_overrides[door_of] = self.door

    async def door(self, request: Request) -> Door:
        role = request.headers.get("x-role", "admin")
        return replace(await door_of(request), actor=actor_of(role))

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            scope["client"] = ("127.0.0.1", 50000)
        await self.app(scope, receive, send)


def there(operation):
    """Return the name of something that is there, for operations on one row."""
    layer = operation.path.split("/")[2] if operation.path.startswith("/api/") else ""
    return THERE.get(layer, "F1")


def asking(operation, mode, examples):
    """Return what puts questions to an operation, each as every role, and holds the answers against its description."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def ask(case, real):
        if real and mode is GenerationMode.POSITIVE:
            for name in {"ident", "uid"} & set(case.path_parameters or {}):
                case.path_parameters[name] = there(operation)
            if "If-Match" in case.headers:
                case.headers["If-Match"] = '"1"'
        for role in ROLES:
            case.headers.update({"Host": "localhost", "X-Role": role})
            answer = case.call()
            case.validate_response(answer, checks=CHECKS)

    return ask


def ask_everything(service, positive, negative):
    schema = schemathesis.openapi.from_asgi("/openapi.json", Asked(service), headers={"Host": "localhost"})
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()
        takes = len(operation.query) + len(operation.headers) + len(operation.body)
        modes = {GenerationMode.POSITIVE: positive, GenerationMode.NEGATIVE: negative if takes else 0}
        for mode, examples in modes.items():
            try:
                if examples:
                    asking(operation, mode, examples)()
            except Unsatisfiable:  # whatever is sent there is allowed
                continue
            except (Exception, FailureGroup) as failure:
                failures.append(f"{operation.method.upper()} {operation.path} {mode.value}:\n{failure}")
    assert not failures, "\n\n".join(failures)


@pytest.mark.parametrize("store_kind", ["embedded"])
def test_a_few_questions_as_every_role(service, town):
    ask_everything(service, positive=2, negative=1)


@pytest.mark.soak
def test_many_questions_as_every_role(service, town):
    ask_everything(service, positive=60, negative=60)
