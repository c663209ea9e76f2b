"""Seeded questions to every operation of the API, as every role: no 5xx, no status and no answer that is not described.

Short here, long with ``make soak``: there on both stores.
"""

from collections import defaultdict

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from geo_service.domain.accounts import scopes_for
from geo_service.domain.actors import ROLES
from geo_service.main import create_app
from geo_service.services import accounts, passwords, tokens
from tests.passwords import CHEAP
from tests.services.accounts import Office

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


class Asked:
    """The app, asked through API tokens by one account of every role, and by anonymous where reading is public."""

    def __init__(self, service):
        service.settings.public = True
        self.app = create_app(service=service)
        office = Office(service.store, service.settings.var_dir)
        self.tokens = {role: token_of(office, role, role) for role in ROLES if role != "anonymous"}
        self.answered = defaultdict(set)
        # whoever takes away the own second factor or password is no measure for what follows
        self.spare = token_of(office, "admin", "spare")

    def headers(self, role, path):
        """Return what proves the role at a path."""
        if role == "anonymous":
            return {"Host": "localhost"}
        token = self.spare if role == "admin" and path.startswith("/api/me") else self.tokens[role]
        return {"Host": "localhost", "Authorization": f"Bearer {token}"}


def token_of(office, role, name):
    """Return an API token with all rights of a new account that is responsible for the town's community and grid."""
    account = office.account(name=f"a.{name}", role=role)
    for layer, code in (("areas", AREA), ("grids", GRID)):
        office.tell(accounts.assign, account["uid"], layer=layer, code=code, starts_on=None, ends_on=None)
    session = office.sign_in(f"a.{name}").token
    if role == "admin":
        office.second_factor(session)
    actor = office.who(session).actor
    return office.tell(tokens.create_token, "all", scopes_for(role), 30, actor=actor)["token"]


def there(operation):
    """Return the name of something that is there, for operations on one row."""
    layer = operation.path.split("/")[2] if operation.path.startswith("/api/") else ""
    return THERE.get(layer, "F1")


def example(operation, otherwise):
    """Return the body the description gives as an example."""
    content = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("example", otherwise)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)


def asking(asked, operation, mode, examples):
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
            case.body = example(operation, case.body)
        for role in ROLES:
            case.headers.pop("Authorization", None)
            case.headers.update(asked.headers(role, operation.path))
            answer = case.call()
            asked.answered[answer.status_code].add((role, operation.method, operation.path))
            case.validate_response(answer, checks=CHECKS)

    return ask


def ask_everything(service, positive, negative):
    asked = Asked(service)
    schema = schemathesis.openapi.from_asgi("/openapi.json", asked.app, headers=asked.headers("admin", ""))
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()
        takes = len(operation.query) + len(operation.headers) + len(operation.body)
        modes = {GenerationMode.POSITIVE: positive, GenerationMode.NEGATIVE: negative if takes else 0}
        for mode, examples in modes.items():
            try:
                if examples:
                    asking(asked, operation, mode, examples)()
            except Unsatisfiable:  # whatever is sent there is allowed
                continue
            except (Exception, FailureGroup) as failure:
                failures.append(f"{operation.method.upper()} {operation.path} {mode.value}:\n{failure}")
    assert not failures, "\n\n".join(failures)
    # the questions came through: rows were found, written, refused by right and by content, for want of an account too
    assert {200, 201, 204, 401, 403, 404, 409, 422} <= asked.answered.keys()
    assert {role for role, _, _ in asked.answered[200]} == set(ROLES)


@pytest.mark.parametrize("store_kind", ["embedded"])
def test_a_few_questions_as_every_role(service, town):
    ask_everything(service, positive=2, negative=1)


@pytest.mark.soak
def test_many_questions_as_every_role(service, town):
    ask_everything(service, positive=20, negative=20)
