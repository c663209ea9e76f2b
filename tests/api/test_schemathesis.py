"""Seeded questions to every operation of the API, as every role: no 5xx, no status and no answer that is not described.

Everybody asks in a session, as browsers do: API tokens reach no accounts. Every operation is first asked for things
that are there, with the body its description shows, and has to succeed for somebody, so that not refusals
alone are held against the schemas; then come the questions that are made up. Short here, where one role after the other
puts those; long with ``make soak``: there as every role, on both stores.
"""

from collections import defaultdict
from functools import partial
from itertools import cycle

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from geo_service.api.credentials import COOKIE, CSRF_HEADER
from geo_service.domain.actors import ROLES
from geo_service.main import create_app
from geo_service.services.identity import csrf_token
from tests.api.standing import Standing

pytestmark = pytest.mark.usefixtures("cheap_passwords")
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
UNLIMITED = ("analyses_per_minute", "explain_per_minute", "search_per_minute", "exports_per_minute")
UNLIMITED += ("photos_per_minute", "at_once", "jobs_at_once")
# operations nobody succeeds at here, and where their answers are tried
ELSEWHERE = {
    ("get", "/api/oidc/start"),  # without a provider there is none: test_oidc.py
    ("get", "/api/oidc/callback"),
    ("post", "/api/me/second-factor/confirm"),  # a code of this moment, a password: test_sign_in.py, test_accounts.py
    ("post", "/api/sign-in"),
    ("post", "/api/me/password"),
    ("get", "/api/prints/batches/{uid}"),  # a batch that is done, a job that waits: test_jobs_of_accounts.py
    ("delete", "/api/jobs/{uid}"),
    ("get", "/api/explain"),  # streets: test_analyses.py
    ("get", "/api/runs/{uid}/explain"),  # a run with rows: test_analyses.py
    ("post", "/api/scenarios/evaluate"),  # streets: test_scenarios.py
    ("post", "/api/scenarios/{uid}/evaluate"),  # streets: test_scenarios.py
    ("get", "/api/networks/{ident}"),  # there are none
    ("get", "/api/ways/{ident}"),
}


class Asked:
    """The app, asked by one account of every role in sessions, and by anonymous where reading is public."""

    def __init__(self, service):
        service.settings.public = True
        for name in UNLIMITED:
            setattr(service.settings, f"limit_{name}", 0)
        self.app = create_app(service=service)
        self.answered = defaultdict(set)
        self.things = Standing(service)
        with TestClient(self.app, base_url="http://localhost") as client:
            self.things.add_photo(client, self.headers("admin"))

    def headers(self, role):
        """Return what proves the role."""
        if role == "anonymous":
            return {"Host": "localhost"}
        token = self.things.sessions[role]
        return {"Host": "localhost", "Cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_token(token)}


def ask_as(asked, operation, role, case):
    """Ask as a role and hold the answer against the description."""
    for name in ("Cookie", CSRF_HEADER):
        case.headers.pop(name, None)
    case.headers.update(asked.headers(role))
    answer = case.call()
    asked.answered[answer.status_code].add((role, operation.method, operation.path))
    case.validate_response(answer, checks=CHECKS)


def ask_for_what_is_there(asked, operation):
    """Ask an operation as every role for something that is there, in its present version, as its description shows."""
    for role in ROLES:
        place = asked.things.place(operation.path, role)
        case = operation.Case(path_parameters=place, query=asked.things.query(operation.path), headers={})
        if any(one.name == "If-Match" for one in operation.headers):
            case.headers["If-Match"] = asked.things.version(operation.path, place)
        content = operation.definition.raw.get("requestBody", {}).get("content", {})
        if content:
            case.media_type = next(iter(content))
            case.body = asked.things.body(operation.path, content[case.media_type], operation.schema.raw_schema)
        ask_as(asked, operation, role, case)


def asking(asked, operation, mode, examples, roles):
    """Return what puts made-up questions to an operation, each as every one of the roles."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans())
    def ask(case, is_there):
        for role in roles:
            if is_there and case.path_parameters:  # whatever else is made up is asked of something that is there
                case.path_parameters = asked.things.place(operation.path, role)
            ask_as(asked, operation, role, case)

    return ask


def ask_everything(service, positive, negative, *, as_all=True):
    asked = Asked(service)
    schema = schemathesis.openapi.from_asgi("/openapi.json", asked.app, headers=asked.headers("admin"))
    operations = [found.ok() for found in schema.get_all_operations()]
    failures = []

    def attempt(operation, what, ask):
        asked.things.renew()  # whoever was signed out or changed by the last questions
        try:
            ask()
        except Unsatisfiable:  # whatever is sent there is allowed
            pass
        except (Exception, FailureGroup) as failure:
            failures.append(f"{operation.method.upper()} {operation.path} {what}:\n{failure}")

    for operation in operations:
        attempt(operation, "there", partial(ask_for_what_is_there, asked, operation))
    done = {(method, path) for status in asked.answered if status < 400 for _, method, path in asked.answered[status]}
    # analyses take streets, and have tests of their own
    never = {(one.method, one.path) for one in operations if not one.path.startswith("/api/analyses/")} - done
    assert never <= ELSEWHERE, "\n".join(map(str, [*sorted(never - ELSEWHERE), *failures]))
    turns = cycle(ROLES)
    for operation in operations:
        takes = len(operation.query) + len(operation.headers) + len(operation.body)
        for mode, examples in (
            (GenerationMode.POSITIVE, positive),
            (GenerationMode.NEGATIVE, negative if takes else 0),
        ):
            if examples:
                roles = ROLES if as_all else (next(turns),)
                attempt(operation, mode.value, asking(asked, operation, mode, examples, roles))
    assert not failures, "\n\n".join(failures)
    # the questions came through: rows were found, written, refused by right and by content, for want of an account too
    assert {200, 201, 204, 401, 403, 404, 409, 422} <= asked.answered.keys()
    assert {role for role, _, _ in asked.answered[200]} == set(ROLES)


@pytest.mark.parametrize("store_kind", ["embedded"])
def test_a_few_questions_as_every_role(service):
    ask_everything(service, positive=1, negative=1, as_all=False)


@pytest.mark.soak
def test_many_questions_as_every_role(service):
    ask_everything(service, positive=20, negative=20)
