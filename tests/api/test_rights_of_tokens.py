"""Every route x API tokens of an administrator: each scope alone; expired, revoked, of a disabled account, forged.

An administrator may do everything everywhere, so that what is refused is refused for want of a scope. Which rows a role
sees is the matrix of sessions (``test_rights_matrix.py``). A scope only takes away, above the store: one is enough.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from geo_service.domain.accounts import scopes_for
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.rights import LAYER_STORIES
from geo_service.services.identity import TOKEN_MARK, new_token, token_hash
from geo_service.storage import accounts, sessions
from tests.api.test_rights_matrix import (
    ASK,
    FREE,
    NOW,
    ROWS,
    Row,
    World,
    opened,
    plain,
)

SCOPES: Final = scopes_for("admin")
READING: Final = frozenset(reads for reads, _ in LAYER_STORIES.values()) | {"read_scenarios"}
NO_LIMITS: Final = dict.fromkeys(
    (f"limit_{work}_per_minute" for work in ("analyses", "explain", "search", "exports", "photos")), 0
) | {"limit_at_once": 0, "limit_jobs_at_once": 0}


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(request, "embedded", tmp_path_factory.mktemp("tokens"), **NO_LIMITS) as world:
        yield world


# of routes that take any layer one layer a story: the others ask the same question
ROUTES_ONCE: Final = [*{(row.method, row.path, row.story): row for row in ROWS}.values()]
# the file of a board is made of kept results, so that its scope alone opens nothing
ALSO: Final = {"export": {"read_runs"}}


def holder(world: World, name: str, scopes: tuple[str, ...], account: str = "admin-other", days: int = 1) -> Actor:
    """Return who asks with a new API token of an administrator; a negative number of days: it has expired."""
    token = TOKEN_MARK + new_token()
    made, expires = NOW - timedelta(days=9), NOW + timedelta(days=days)
    with world.store.writing() as conn:
        row = accounts.account_named(conn, account)
        assert row is not None
        sessions.insert_token(
            conn, row["id"], name, token_hash(token), scopes, actor=LOCAL_ADMIN, now=made, expires_at=expires
        )
    world.tokens[name] = token
    return replace(LOCAL_ADMIN, name=name)


def ask(world: World, row: Row, actor: Actor) -> tuple[int, str]:
    answer = ASK.get((row.method, row.path), plain)(world, row, actor)
    return answer.status_code, answer.text[:200]


def bare(world: World, row: Row, actor: Actor) -> int:
    """Ask in the right form, of a layer for nothing that is there: who may not is refused before it is looked for."""
    if row.layer is None:
        asker = plain if row.path == "/api/sign-out" else ASK.get((row.method, row.path), plain)
        if row.path in ("/api/me/tokens", "/api/me/second-factor") and row.method != "GET":
            body = {"name": "m", "scopes": ["analyse"], "days": 1} if row.path.endswith("tokens") else {}
            return int(world.ask(actor, row.method, row.path, body | {"password": "x"}).status_code)
        return int(asker(world, row, actor).status_code)
    path = row.path.replace("{layer}", row.layer).replace("{z}/{x}/{y}", "15/26970/12404")
    bodies = {"PATCH": {"properties": {"source": "s"}}, "POST": {"reason": "rights of tokens"}}
    line = {"type": "LineString", "coordinates": [[112.1, 30.8], [112.2, 30.8]]}
    bodies |= {"split": {"versions": {"A": 1}, "line": line}}
    bodies |= {"merge": {"idents": ["A", "B"], "keep": "A", "versions": {"A": 1, "B": 1}}}
    bodies |= {"restore": {"version": 1}, "check": {"geometry": {"type": "Point", "coordinates": [112.1, 30.8]}}}
    body = bodies.get(path.rsplit("/", 1)[1]) or bodies.get(row.method)
    if row.method == "POST" and path.endswith(row.layer):
        body = world.new(row.layer)
    return int(world.ask(actor, row.method, path, body, If_Match='"1"').status_code)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_with_one_scope_does_nothing_else(world: World, scope: str) -> None:
    """One route of every other story, another one for each scope: that all are refused without their own is below."""
    alone = holder(world, f"only-{scope}", (scope,))
    stories = sorted({row.story for row in ROUTES_ONCE} - {"open", scope})
    routes = {story: [row for row in ROUTES_ONCE if row.story == story] for story in stories}
    rows = [those[SCOPES.index(scope) % len(those)] for those in routes.values()]
    done = {str(row): bare(world, row, alone) for row in rows}
    assert {name: status for name, status in done.items() if status != 403} == {}


@pytest.mark.parametrize("story", sorted({row.story for row in ROWS} - {"open"}))
def test_a_token_does_what_its_scope_says_and_without_it_nothing(world: World, story: str) -> None:
    rows = [row for row in ROWS if row.story == story]
    lacking = holder(world, f"all-but-{story}", tuple(scope for scope in SCOPES if scope != story))
    done = {str(row): bare(world, row, lacking) for row in ROUTES_ONCE if row.story == story}
    assert {name: status for name, status in done.items() if status != 403} == {}
    if story not in SCOPES:
        return  # accounts are never for machines
    having = holder(world, f"reads-and-{story}", tuple(sorted({story} | READING | ALSO.get(story, set()))))
    said = {str(row): ask(world, row, having) for row in rows}
    assert {name: one for name, one in said.items() if one[0] in (401, 403) or one[0] >= 500} == {}


@pytest.mark.parametrize("why", ["expired", "revoked", "disabled", "forged"])
def test_a_token_that_does_not_hold_opens_nothing(world: World, why: str) -> None:
    actor = holder(world, f"token {why}", SCOPES, "admin-nowhere", -1 if why == "expired" else 1)
    with world.store.writing() as conn:
        row = accounts.account_named(conn, "admin-nowhere")
        assert row is not None
        kept = sessions.token_of(conn, token_hash(world.tokens[actor.name]))
        assert kept is not None
        if why == "revoked":
            sessions.revoke_token(conn, row["id"], kept["uid"], NOW)
        accounts.note_account(conn, row["id"], {"is_disabled": why == "disabled"})
    if why == "forged":
        world.tokens[actor.name] = TOKEN_MARK + new_token()
    done = {str(row): bare(world, row, actor) for row in ROUTES_ONCE if row.path not in FREE}
    assert {name: status for name, status in done.items() if status not in (401, 303)} == {}
