"""Every route x every role x (own area, other area, no area), against the table of rights.

A route without a row here fails the first test. The things asked for lie in one community; the askers are assigned to
it, to the one beside it, or nowhere. Where the table gives a role the same right everywhere, or none, no statement of
the store asks for the place: on PostGIS such a role stands in one place, another one for each story, and in the others
on the embedded store.
"""

import io
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from geo_service.api.credentials import COOKIE, CSRF_HEADER
from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN, ROLES, Actor, Role
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import PEOPLE_FIELDS
from geo_service.domain.retention import holds_persons
from geo_service.domain.rights import LAYER_STORIES, RIGHTS, is_published, reach
from geo_service.foundation.clock import to_iso
from geo_service.main import create_app
from geo_service.services.identity import csrf_token, new_token, token_hash
from geo_service.settings import Settings
from geo_service.storage import accounts, sessions
from geo_service.storage.store import Store, open_store
from tests.community import PLACES, Place, actor_of, enrol, feature, reaches, settle
from tests.stores import KINDS

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

PHOTO_OF_PROJECT: Final = "/api/photos?subject_layer=projects&subject_uid=projects-A"
# what is refused with 403 outside one's places: things everybody may know of, and new ones
KNOWN_ADDRESSES: Final = ("/api/{layer}", "/api/photos")

# answered without a session also where nothing is published
FREE: Final = (
    "/health",
    "/ready",
    "/styles.json",
    "/favicon.ico",
    "/assets/{path:path}",
    "/sign-in",
    "/set-password",
    "/api/sign-in",
    "/api/links/{token}",
    "/api/oidc/start",
    "/api/oidc/callback",
)

CLOSED: Final = [{"edit": "facility_close", "facility": "facilities-A"}]
# method, address, story ("open": asks for no right), and whether "own" there means where the thing lies
ROUTES: Final = """
GET  /                                open            -
GET  /map                             open            -
GET  /docs                            open            -
GET  /docs/start.js                   open            -
GET  /docs/style.css                  open            -
GET  /favicon.ico                     open            -
GET  /assets/{path:path}              open            -
GET  /openapi.json                    open            -
GET  /health                          open            -
GET  /ready                           open            -
GET  /styles.json                     open            -
GET  /sign-in                         open            -
GET  /set-password                    open            -
GET  /account                         open            -
GET  /admin/accounts                  open            -
GET  /api/sign-in                     open            -
POST /api/sign-in                     open            -
POST /api/sign-out                    open            -
POST /api/links/{token}               open            -
GET  /api/oidc/start                  open            -
GET  /api/oidc/callback               open            -
GET  /api/me                          open            -
POST /api/me/password                 own_account     -
POST /api/me/second-factor            own_account     -
DELETE /api/me/second-factor          own_account     -
POST /api/me/second-factor/confirm    own_account     -
GET  /api/me/sessions                 own_account     -
DELETE /api/me/sessions/{uid}         own_account     -
GET  /api/me/tokens                   own_account     -
POST /api/me/tokens                   own_account     -
DELETE /api/me/tokens/{uid}           own_account     -
GET  /api/accounts                    manage_accounts -
POST /api/accounts                    manage_accounts -
GET  /api/accounts/{uid}              manage_accounts -
PATCH /api/accounts/{uid}             manage_accounts -
POST /api/accounts/{uid}/link         manage_accounts -
DELETE /api/accounts/{uid}/second-factor manage_accounts -
POST /api/accounts/{uid}/assignments  manage_accounts -
PATCH /api/accounts/{uid}/assignments/{assignment} manage_accounts -
GET  /api/profiles                    open            -
GET  /api/circles                     open            -
GET  /api/categories                  read_published  -
GET  /api/rules                       read_published  -
POST /api/rules                       manage_rules    -
GET  /api/rules/{ident}               read_published  -
PATCH /api/rules/{ident}              manage_rules    -
POST /api/rules/{ident}/confirm       manage_rules    -
POST /api/rules/confirm               manage_rules    -
GET  /api/layers                      read_published  -
GET  /api/summary                     read_published  -
GET  /api/search                      read_published  -
GET  /api/places                      read_published  -
GET  /api/waiting                     read_published  -
GET  /api/jobs                        read_runs       -
DELETE /api/jobs/{uid}                read_runs       -
GET  /api/runs                        read_runs       -
GET  /api/runs/{uid}                  read_runs       -
GET  /board                           open            -
GET  /api/board/{view}                read_runs       -
GET  /api/board/{view}/file           export          -
GET  /api/features/{layer}/file       export          -
GET  /api/runs/{uid}/result           read_runs       -
GET  /api/runs/{uid}/compare/{other}  read_runs       -
GET  /api/runs/{uid}/explain          read_runs       -
GET  /api/explain                     analyse         -
GET  /api/prints/{kind}               report          -
POST /api/prints/batches              report          -
GET  /api/prints/batches/{uid}        report          -
POST /api/analyses/coverage           analyse         -
POST /api/analyses/checklist          analyse         -
POST /api/analyses/indicators         analyse         -
POST /api/analyses/circles            analyse         -
POST /api/analyses/gaps               analyse         -
POST /api/analyses/gaps/{uid}/tasks   write_tasks     -
POST /api/analyses/capacity           analyse         -
POST /api/analyses/siting             analyse         -
POST /api/analyses/scenario           analyse         -
POST /api/analyses/effect             analyse         -
GET  /api/scenarios                   read_scenarios  -
POST /api/scenarios                   write_scenarios -
GET  /api/scenarios/{uid}             read_scenarios  -
PATCH /api/scenarios/{uid}            write_scenarios -
DELETE /api/scenarios/{uid}           write_scenarios -
GET  /api/views                       keep_views      -
POST /api/views                       keep_views      -
GET  /api/views/{uid}                 keep_views      -
PATCH /api/views/{uid}                keep_views      -
DELETE /api/views/{uid}               keep_views      -
POST /api/scenarios/evaluate          analyse         -
POST /api/scenarios/{uid}/evaluate    analyse         -
POST /api/scenarios/{uid}/project     write_projects  -
GET  /audit                           open            -
GET  /photos                          open            -
GET  /api/audit                       read_audit      -
GET  /api/audit/{line}                read_audit      placed
GET  /api/layers/{layer}/problems     analyse         -
POST /api/photos                      upload_photo    placed
GET  /api/photos/{uid}/image          read_published  -
GET  /api/photos/{uid}/original       read_originals  placed
POST /api/photos/{uid}/review         review_photos   placed
POST /api/persons/{layer}/{ident}/export person_export placed
DELETE /api/persons/{layer}/{ident}   person_erase    placed
"""
# routes that take any layer: one row a layer
LAYER_ROUTES: Final = """
GET   /api/{layer}                    read
GET   /api/{layer}/{ident}            read
GET   /api/{layer}/{ident}/photos     read
POST  /api/{layer}                    write
PATCH /api/{layer}/{ident}            write
POST  /api/{layer}/{ident}/retire     write
GET   /api/layers/{layer}/form        form
GET   /api/{layer}/{ident}/history    history
POST  /api/{layer}/{ident}/restore    write
POST  /api/{layer}/check              check
POST  /api/{layer}/{ident}/split      part
POST  /api/{layer}/merge              part
POST  /api/{layer}/{ident}/reveal     reveal
GET   /tiles/{layer}/{z}/{x}/{y}.mvt  read
"""


@dataclass(frozen=True)
class Row:
    """A route, what asking for it takes, and whether "own" means where the thing lies."""

    method: str
    path: str
    story: str
    placed: bool
    layer: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path.replace('{layer}', self.layer or '')}"


def _rows() -> list[Row]:
    made = []
    for line in ROUTES.strip().splitlines():
        method, path, story, placed = line.split()
        made.append(Row(method, path, story, placed == "placed"))
    for layer, (reads, writes) in LAYER_STORIES.items():
        for line in LAYER_ROUTES.strip().splitlines():
            method, path, kind = line.split()
            if kind == "write" and not LAYERS[layer].editable:
                continue
            if kind in ("form", "check") and any(row.path == path and row.story == writes for row in made):
                continue  # they ask for the right alone
            if kind == "part" and layer != "green_spaces":
                continue  # one story for all: what is not a line or polygon is refused whoever asks
            if path.startswith("/tiles") and (
                LAYERS[layer].geometry is None or (LAYERS[layer].personal and layer != "households")
            ):
                continue
            if kind == "reveal" and not holds_persons(LAYERS[layer]):
                continue
            stories = {"read": reads, "reveal": "reveal_personal", "history": "read_editors"}
            made.append(Row(method, path, stories.get(kind, writes), placed=kind not in ("form", "check"), layer=layer))
    return made


ROWS: Final = _rows()
STORIES: Final = sorted({row.story for row in ROWS})


@dataclass
class World:
    """An app on a settled store, asked by whom the test names."""

    app: FastAPI
    client: TestClient
    store: Store
    service: Service
    run: str
    sessions: dict[str, str] = field(default_factory=dict)  # what the cookie holds, by account name
    tokens: dict[str, str] = field(default_factory=dict)  # API tokens, asked with in place of a session
    numbers: Iterator[int] = field(default_factory=lambda: count(10))
    fresh: dict[str, str] = field(default_factory=dict)
    accounts: dict[tuple[Role, Place], Actor] = field(default_factory=dict)
    photos: tuple[str, str] = ("", "")  # one that is published, one to review

    def ask(self, actor: Actor, method: str, url: str, body: Any = None, **headers: str) -> Any:
        """Send one request in the session of ``actor``, without one as the public; the local admin has one, too."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        name = "admin-own" if actor is LOCAL_ADMIN else actor.name
        token = self.sessions.get(name)
        if name in self.tokens:
            given["Authorization"] = f"Bearer {self.tokens[name]}"
        elif token is not None:
            given |= {"Cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf_token(token)}
        self.client.cookies.clear()
        if isinstance(body, bytes):
            return self.client.request(method, url, content=body, headers={**given, "Content-Type": "image/jpeg"})
        return self.client.request(method, url, json=body, headers=given)

    def enter(self, actor: Actor) -> str:
        """Open a session and return what its cookie holds."""
        token = new_token()
        with self.store.writing() as conn:
            account = accounts.get_account(conn, str(actor.account_uid))
            sessions.insert_session(
                conn,
                account["id"],
                token_hash(token),
                NOW,
                NOW + timedelta(hours=8),
                means="oidc",  # a fresh one: it proves itself where others type the password
                has_second_factor=True,
                address=None,
                agent=None,
            )
            if actor.role == "admin" and account["totp_confirmed_at"] is None:
                accounts.note_account(conn, account["id"], {"totp_confirmed_at": to_iso(NOW)})
        return token

    def version(self, layer: str, ident: str) -> str:
        answer = self.ask(LOCAL_ADMIN, "GET", f"/api/{layer}/{ident}")
        assert answer.status_code == 200, answer.text
        return str(answer.headers["etag"])

    def subject(self, layer: str) -> str:
        """Return the thing of a layer that lies in the community."""
        return {"areas": "990101001001Q01", "grids": "GA"}.get(layer, f"{layer}-A")

    def new(self, layer: str) -> dict[str, Any]:
        """Return the body that creates a thing there."""
        return feature(layer, **({"code": f"990101001001Q{next(self.numbers)}"} if layer == "areas" else {}))


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(request, request.param, tmp_path_factory.mktemp(f"matrix-{request.param}")) as world:
        yield world


@contextmanager
def opened(request: pytest.FixtureRequest, kind: str, folder: Path, **settings: Any) -> Iterator[World]:
    """Yield a settled world on a store of one kind, everybody signed in."""
    cluster = lent = None
    if kind == "embedded":
        template: Path = request.getfixturevalue("embedded_template")
        shutil.copyfile(template, folder / "geo.gpkg")
        url = f"sqlite:///{folder / 'geo.gpkg'}"
    else:
        cluster = request.getfixturevalue("postgis_cluster")
        lent = cluster.lend()
        url = cluster.url(lent)
    store = open_store(url)
    given = Settings(database_url=store.url, var_dir=folder / "var", public=True, **settings)
    service = Service(given, clock=lambda: NOW, open_store=lambda _url: store)
    ctx = service.context(LOCAL_ADMIN, "zh")
    app = create_app(service=service)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        world = World(app, client, store, service, settle(store, NOW))

        world.accounts = enrol(store, ctx)
        world.sessions = {actor.name: world.enter(actor) for actor in world.accounts.values()}
        world.photos = (add_photo(world, 10), add_photo(world, 20))
        said = {"decision": "published", "boxes": []}
        answer = world.ask(LOCAL_ADMIN, "POST", f"/api/photos/{world.photos[0]}/review", said, If_Match='"1"')
        assert answer.status_code == 200, answer.text
        yield world
    store.close()
    if cluster is not None:
        cluster.give_back(lent)


def picture(shade: int) -> bytes:
    """Return a small photo."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, shade, shade)).save(kept, "JPEG")
    return kept.getvalue()


def add_photo(world: World, shade: int) -> str:
    """Add a photo of the project as the admin and return its uid."""
    answer = world.ask(LOCAL_ADMIN, "POST", PHOTO_OF_PROJECT, picture(shade))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def served(app: FastAPI) -> set[tuple[str, str]]:
    """Return method and address of everything the app answers, those of every layer one by one."""
    found = {
        (method, route.path)
        for route in every(app.routes)
        if hasattr(route, "path")
        for method in (getattr(route, "methods", None) or {"ANY"}) - {"HEAD", "OPTIONS"}
    }
    assert len(found) > 20
    described = {(method.upper(), path) for path, operations in app.openapi()["paths"].items() for method in operations}
    return found | described


def every(routes: Iterable[Any]) -> Iterator[Any]:
    """Yield routes and those of the routers among them."""
    for route in routes:
        router = getattr(route, "original_router", None)
        below = router.routes if router is not None else getattr(route, "routes", None)
        if below is None:
            yield route
        else:
            yield from every(below)


def test_every_route_has_a_row(world: World) -> None:
    rows = {(row.method, row.path) for row in ROWS}
    rows |= {(row.method, row.path.replace("{layer}", row.layer)) for row in ROWS if row.layer}
    assert served(world.app) - rows == set(), "routes without a row in the matrix"
    assert {(row.method, row.path) for row in ROWS if not row.layer} - served(world.app) == set(), "rows of no route"
    assert {row.story for row in ROWS} - {"open"} <= set(RIGHTS)


def test_without_a_session_there_is_only_the_sign_in(world: World) -> None:
    closed = create_app(
        service=replace(world.service, settings=world.service.settings.model_copy(update={"public": False}))
    )
    with TestClient(closed, base_url="http://localhost", raise_server_exceptions=False) as client:
        answered = {}
        for row in ROWS:
            path = row.path.replace("{layer}", row.layer or "households").replace("{z}/{x}/{y}", "15/26970/12404")
            photo = {"content": b"", "headers": {"Content-Type": "image/jpeg"}}
            sent = photo if path == "/api/photos" else {"json": {}}
            answer = client.request(row.method, path, follow_redirects=False, **sent)
            answered[str(row)] = answer.status_code
    refused = {name for name, status in answered.items() if status in (401, 303, 307)}
    assert {str(row) for row in ROWS if row.path not in FREE} - refused == set()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_matrix(world: World, row: Row) -> None:
    surprises = [
        f"{role} assigned {place}: {said}"
        for role in ROLES
        for place in places(world, row, role)
        if (said := surprise(world, row, role, place)) is not None
    ]
    assert surprises == []


def places(world: World, row: Row, role: Role) -> tuple[Place, ...]:
    """Return where somebody of a role asks from: the public is assigned to nothing."""
    if role == "anonymous":
        return ("nowhere",)
    if row.placed and _depends(row, role):
        return PLACES
    turn = PLACES[(STORIES.index(row.story) + ROLES.index(role)) % len(PLACES)]
    return (turn,) if world.store.kind == "postgis" else tuple(place for place in PLACES if place != turn)


def _depends(row: Row, role: Role) -> bool:
    """Whether what a role is answered depends on its place: on its own rows, or in what is shown of all rows."""
    stories = {row.story, LAYER_STORIES[row.layer][0]} if row.layer else {row.story}
    reaches_own = any(reach(role, story) == "own" for story in stories)
    return reaches_own or (CHECKS.get((row.method, row.path)) in SHOWING and reach(role, row.story) == "all")


def surprise(world: World, row: Row, role: Role, place: Place) -> str | None:
    """Return what is not as the table says, None if all is."""
    answer = ASK.get((row.method, row.path), plain)(world, row, actor_of(role, place))
    status = answer.status_code
    if row.story == "open" or (not row.placed and reach(role, row.story) != "none"):
        return f"refused: {status} {answer.text[:200]}" if status in (401, 403) or status == 500 else None
    if reach(role, row.story) == "none":
        return None if status == 403 else f"not refused: {status} {answer.text[:200]}"
    within = reaches(row.story, role, place)
    check = CHECKS.get((row.method, row.path))
    if check is not None:
        return check(row, role, place, answer, within)
    if within:
        return None if 200 <= status < 300 else f"refused: {status} {answer.text[:200]}"
    wanted = 403 if row.path in KNOWN_ADDRESSES or (row.layer and is_published(row.layer)) else 404
    return None if status == wanted else f"{status} in place of {wanted}: {answer.text[:200]}"


def plain(world: World, row: Row, actor: Actor) -> Any:
    url, body = FILLED.get((row.method, row.path), (row.path, None))
    return world.ask(actor, row.method, url.replace("{uid}", world.run).replace("{other}", world.run), body)


FILLED: Final[dict[tuple[str, str], tuple[str, Any]]] = {
    ("GET", "/assets/{path:path}"): ("/assets/none.js", None),
    ("GET", "/api/search"): ("/api/search?q=A", None),
    ("GET", "/api/layers/{layer}/problems"): ("/api/layers/grids/problems", None),
    ("GET", "/api/board/{view}"): ("/api/board/overview", None),
    ("GET", "/api/board/{view}/file"): ("/api/board/resources/file", None),
    ("GET", "/api/features/{layer}/file"): ("/api/features/facilities/file?format=geojson", None),
    ("GET", "/api/runs/{uid}/explain"): ("/api/runs/{uid}/explain?category=clinic", None),
    ("GET", "/api/prints/{kind}"): ("/api/prints/map?area=nowhere", None),
    ("POST", "/api/prints/batches"): ("/api/prints/batches", {"area": "nowhere"}),
    ("GET", "/api/explain"): ("/api/explain?building=buildings-A&category=clinic", None),
    ("POST", "/api/rules/confirm"): (
        "/api/rules/confirm",
        {"rules": [{"id": "CRC-99", "version": 1, "seen_in": "x"}]},
    ),
    ("POST", "/api/analyses/coverage"): ("/api/analyses/coverage", {"categories": ["clinic"]}),
    ("POST", "/api/analyses/checklist"): ("/api/analyses/checklist", {"community": "none"}),
    ("POST", "/api/analyses/indicators"): ("/api/analyses/indicators", {}),
    ("POST", "/api/analyses/gaps"): ("/api/analyses/gaps", {"categories": ["clinic"]}),
    ("POST", "/api/analyses/capacity"): ("/api/analyses/capacity", {"category": "kindergarten"}),
    ("POST", "/api/analyses/siting"): ("/api/analyses/siting", {"category": "clinic", "k": 1}),
    ("POST", "/api/me/password"): ("/api/me/password", {"old": "x", "new": "y"}),
    ("POST", "/api/me/second-factor"): ("/api/me/second-factor", {}),
    ("POST", "/api/me/second-factor/confirm"): ("/api/me/second-factor/confirm", {"code": "123456"}),
    ("POST", "/api/me/tokens"): ("/api/me/tokens", {"name": "m", "scopes": ["analyse"], "days": 1}),
    # none is made: with one in the store everybody has to sign in
    ("POST", "/api/accounts"): ("/api/accounts", {"name": "a b", "role": "unit"}),
    ("POST", "/api/accounts/{uid}/link"): ("/api/accounts/{uid}/link", {}),
    ("POST", "/api/accounts/{uid}/assignments"): ("/api/accounts/{uid}/assignments", {"grid_code": "GA"}),
    ("POST", "/api/analyses/circles"): ("/api/analyses/circles", {"points": [[116.31, 40.01]]}),
    ("GET", "/api/rules/{ident}"): ("/api/rules/CRC-01", None),
    ("POST", "/api/rules"): ("/api/rules", {"id": "CRC-01", "values": {}}),
    ("POST", "/api/analyses/scenario"): ("/api/analyses/scenario", {"categories": ["clinic"], "edits": CLOSED}),
    ("POST", "/api/analyses/effect"): ("/api/analyses/effect", {"project": "projects-A", "categories": ["clinic"]}),
    ("POST", "/api/scenarios"): ("/api/scenarios", {"name": "x", "edits": CLOSED}),
    ("GET", "/api/scenarios/{uid}"): ("/api/scenarios/none", None),
    ("POST", "/api/views"): ("/api/views", {"name": "x", "state": "tool=none"}),  # none is kept
    ("GET", "/api/views/{uid}"): ("/api/views/none", None),
    ("POST", "/api/scenarios/evaluate"): ("/api/scenarios/evaluate", {"category": "clinic", "edits": CLOSED}),
    ("POST", "/api/scenarios/{uid}/evaluate"): ("/api/scenarios/none/evaluate", {}),
    ("POST", "/api/scenarios/{uid}/project"): ("/api/scenarios/none/project", {}),
}


def ask_account(world: World, row: Row, actor: Actor) -> Any:
    body = {} if row.path.endswith("{assignment}") else {"role": "unit"}
    return world.ask(actor, "PATCH", row.path.replace("{uid}", "none"), body, If_Match='"1"')


def ask_rule(world: World, row: Row, actor: Actor) -> Any:
    body: dict[str, Any] = {"seen_in": "x"} if row.path.endswith("confirm") else {"changes": {"in_force": False}}
    return world.ask(actor, row.method, row.path.replace("{ident}", "none"), body, If_Match='"1"')


def ask_scenario(world: World, row: Row, actor: Actor) -> Any:
    body = {"name": "x"} if row.method == "PATCH" else None
    return world.ask(actor, row.method, row.path.replace("{uid}", "none"), body, If_Match='"1"')


def ask_list(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "GET", f"/api/{row.layer}?limit=1000&bbox=116.3,40,116.315,40.02")


def ask_get(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "GET", f"/api/{row.layer}/{world.subject(str(row.layer))}")


def ask_published(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "GET", f"/api/{row.layer}/{world.subject(str(row.layer))}/photos")


def ask_create(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "POST", f"/api/{row.layer}", world.new(str(row.layer)))


def ask_change(world: World, row: Row, actor: Actor) -> Any:
    ident = world.subject(str(row.layer))
    version = world.version(str(row.layer), ident)
    body = {"properties": {"source": f"s{next(world.numbers)}"}}
    return world.ask(actor, "PATCH", f"/api/{row.layer}/{ident}", body, If_Match=version)


def ask_retire(world: World, row: Row, actor: Actor) -> Any:
    layer = str(row.layer)
    if layer not in world.fresh:
        made = world.ask(LOCAL_ADMIN, "POST", f"/api/{layer}", world.new(layer))
        assert made.status_code == 201, made.text
        world.fresh[layer] = made.json()["id"]
    ident = world.fresh[layer]
    version = world.version(layer, ident)
    answer = world.ask(actor, "POST", f"/api/{layer}/{ident}/retire", {"reason": "x"}, If_Match=version)
    if answer.status_code == 200:
        del world.fresh[layer]
    return answer


def ask_form(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "GET", f"/api/layers/{row.layer}/form")


def ask_history(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "GET", f"/api/{row.layer}/{world.subject(str(row.layer))}/history")


def ask_restore(world: World, row: Row, actor: Actor) -> Any:
    ident = world.subject(str(row.layer))
    version = world.version(str(row.layer), ident)
    return world.ask(actor, "POST", f"/api/{row.layer}/{ident}/restore", {"version": 1}, If_Match=version)


def ask_check(world: World, row: Row, actor: Actor) -> Any:
    point = {"type": "Point", "coordinates": [116.31, 40.01]}
    return world.ask(actor, "POST", f"/api/{row.layer}/check", {"geometry": point})


def ask_split(world: World, row: Row, actor: Actor) -> Any:
    """Split what was made for it; the line is drawn past it on both sides."""
    ident = _made(world, str(row.layer))
    line = {"type": "LineString", "coordinates": [[116.3101, 40.0], [116.3101, 40.02]]}
    return world.ask(actor, "POST", f"/api/{row.layer}/{ident}/split", {"line": line, "versions": {ident: 1}})


def ask_merge(world: World, row: Row, actor: Actor) -> Any:
    """Merge two in one place."""
    idents = [_made(world, str(row.layer)) for _ in range(2)]
    body = {"idents": idents, "keep": idents[0], "versions": dict.fromkeys(idents, 1)}
    return world.ask(actor, "POST", f"/api/{row.layer}/merge", body)


def _made(world: World, layer: str) -> str:
    made = world.ask(LOCAL_ADMIN, "POST", f"/api/{layer}", world.new(layer))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def ask_reveal(world: World, row: Row, actor: Actor) -> Any:
    body = {"reason": "rights matrix"}
    return world.ask(actor, "POST", f"/api/{row.layer}/{world.subject(str(row.layer))}/reveal", body)


def ask_person(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "POST", "/api/persons/cases/cases-A/export", {"reason": "rights matrix"})


def ask_erasure(world: World, row: Row, actor: Actor) -> Any:
    fresh = world.ask(LOCAL_ADMIN, "POST", "/api/cases", world.new("cases")).json()["id"]
    return world.ask(actor, "DELETE", f"/api/persons/cases/{fresh}", {"reason": "rights matrix"})


def ask_tile(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "GET", f"/tiles/{row.layer}/15/26970/12404.mvt")


def _place_of(actor: Actor) -> Place:
    return next(place for place in PLACES if actor.name.endswith(place))


def ask_sign_out(world: World, row: Row, actor: Actor) -> Any:
    if actor.role == "anonymous":
        return world.ask(actor, "POST", row.path)
    kept = world.sessions[actor.name]
    world.sessions[actor.name] = world.enter(world.accounts[actor.role, _place_of(actor)])
    answer = world.ask(actor, "POST", row.path)
    world.sessions[actor.name] = kept
    return answer


def ask_line(world: World, row: Row, actor: Actor) -> Any:
    lines = world.ask(LOCAL_ADMIN, "GET", "/api/audit?layer=projects&limit=200").json()["lines"]
    line = next(one["id"] for one in lines if one["area_code"] == "990101001001Q01")
    return world.ask(actor, "GET", f"/api/audit/{line}")


def ask_photo(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "POST", PHOTO_OF_PROJECT, picture(30))


def ask_image(world: World, row: Row, actor: Actor) -> Any:
    return world.ask(actor, "GET", f"/api/photos/{world.photos[0]}/{row.path.rpartition('/')[2]}")


def ask_review(world: World, row: Row, actor: Actor) -> Any:
    version = world.version("photos", world.photos[1])
    said = {"decision": "refused", "reason": "x"}
    return world.ask(actor, "POST", f"/api/photos/{world.photos[1]}/review", said, If_Match=version)


def check_list(row: Row, role: Role, place: Place, answer: Any, within: bool) -> str | None:
    if answer.status_code != 200:
        return f"refused: {answer.status_code} {answer.text[:200]}"
    shown = {one["properties"]["code"]: one["properties"] for one in answer.json()["features"]}
    subject = {"areas": "990101001001Q01", "grids": "GA"}.get(str(row.layer), f"{row.layer}-A")
    shapeless = ("households", "inventory_statements", "adoptions", "checklist_findings")
    if row.layer in ("networks", "ways", *shapeless) and not shown:
        return None  # none there, or none with a shape of their own in the box
    if (subject in shown) != within:
        return f"listed: {subject in shown}"
    if answer.json()["numberMatched"] != len(shown):
        return "counts rows that are not listed"
    return fields(row, role, place, shown[subject]) if within else None


def check_get(row: Row, role: Role, place: Place, answer: Any, within: bool) -> str | None:
    if row.layer in ("networks", "ways"):
        return None if answer.status_code == 404 else f"{answer.status_code}"
    wanted = 200 if within else 404
    if answer.status_code != wanted:
        return f"{answer.status_code} in place of {wanted}: {answer.text[:200]}"
    return fields(row, role, place, answer.json()["properties"]) if within else None


def check_published(row: Row, role: Role, place: Place, answer: Any, within: bool) -> str | None:
    wanted = 200 if within and row.layer not in ("networks", "ways") else 404
    if answer.status_code != wanted:
        return f"{answer.status_code} in place of {wanted}: {answer.text[:200]}"
    if wanted == 200 and row.layer == "projects" and not answer.json()["photos"]:
        return "its published photo is not listed"
    return None


def check_history(row: Row, role: Role, place: Place, answer: Any, within: bool) -> str | None:
    """For the office, of rows it may read; never a name."""
    reads = LAYER_STORIES[str(row.layer)][0]
    wanted = 200 if reaches(reads, role, place) and row.layer not in ("networks", "ways") else 404
    wanted = 403 if reach(role, reads) == "none" else wanted
    if answer.status_code != wanted:
        return f"{answer.status_code} in place of {wanted}: {answer.text[:200]}"
    return "a name is told" if "世民" in answer.text or "1234123" in answer.text else None


def check_tile(row: Row, role: Role, place: Place, answer: Any, within: bool) -> str | None:
    if row.layer in ("networks", "ways"):
        return None if answer.status_code == 204 else f"{answer.status_code}"
    wanted = 200 if within else 204
    return None if answer.status_code == wanted else f"{answer.status_code} in place of {wanted}"


def fields(row: Row, role: Role, place: Place, properties: dict[str, Any]) -> str | None:
    """Return which field of a row is shown or hidden against the table."""
    reveals = reaches("reveal_personal", role, place)
    people = reaches("read_people", role, place)
    for one in LAYERS[str(row.layer)].fields:
        shown = properties.get(one.key)
        if one.personal and shown is not None and ("世民" in str(shown) or "1234123" in str(shown) or not reveals):
            return f"{one.key} is shown as {shown}"
        named = ("head_name", "adopter_name", "reporter_name", "holder_name")
        if one.personal and reveals and shown is None and one.key in named:
            return f"{one.key} is hidden"
        if row.layer == "buildings" and one.name in PEOPLE_FIELDS and shown is not None and not people:
            return f"{one.key} is shown as {shown}"
    if row.layer == "buildings" and people and properties["residents_persons"] != 40:
        return f"residents are shown as {properties['residents_persons']}"
    edits = reaches("read_editors", role, place)
    return None if bool(properties["created_by"]) == edits else f"created_by is {properties['created_by']}"


Asker = Callable[[World, Row, Actor], Any]
Checker = Callable[[Row, Role, Place, Any, bool], str | None]
ASK: Final[dict[tuple[str, str], Asker]] = {
    ("GET", "/api/{layer}"): ask_list,
    ("GET", "/api/{layer}/{ident}"): ask_get,
    ("GET", "/api/{layer}/{ident}/photos"): ask_published,
    ("POST", "/api/{layer}"): ask_create,
    ("PATCH", "/api/{layer}/{ident}"): ask_change,
    ("POST", "/api/{layer}/{ident}/retire"): ask_retire,
    ("GET", "/api/layers/{layer}/form"): ask_form,
    ("GET", "/api/{layer}/{ident}/history"): ask_history,
    ("POST", "/api/{layer}/{ident}/restore"): ask_restore,
    ("POST", "/api/{layer}/check"): ask_check,
    ("POST", "/api/{layer}/{ident}/split"): ask_split,
    ("POST", "/api/{layer}/merge"): ask_merge,
    ("POST", "/api/{layer}/{ident}/reveal"): ask_reveal,
    ("POST", "/api/persons/{layer}/{ident}/export"): ask_person,
    ("DELETE", "/api/persons/{layer}/{ident}"): ask_erasure,
    ("GET", "/tiles/{layer}/{z}/{x}/{y}.mvt"): ask_tile,
    ("PATCH", "/api/accounts/{uid}"): ask_account,
    ("PATCH", "/api/accounts/{uid}/assignments/{assignment}"): ask_account,
    ("PATCH", "/api/rules/{ident}"): ask_rule,
    ("POST", "/api/rules/{ident}/confirm"): ask_rule,
    ("PATCH", "/api/scenarios/{uid}"): ask_scenario,
    ("DELETE", "/api/scenarios/{uid}"): ask_scenario,
    ("PATCH", "/api/views/{uid}"): ask_scenario,
    ("DELETE", "/api/views/{uid}"): ask_scenario,
    ("POST", "/api/sign-out"): ask_sign_out,
    ("GET", "/api/audit/{line}"): ask_line,
    ("POST", "/api/photos"): ask_photo,
    ("GET", "/api/photos/{uid}/image"): ask_image,
    ("GET", "/api/photos/{uid}/original"): ask_image,
    ("POST", "/api/photos/{uid}/review"): ask_review,
}
CHECKS: Final[dict[tuple[str, str], Checker]] = {
    ("GET", "/api/{layer}"): check_list,
    ("GET", "/api/{layer}/{ident}"): check_get,
    ("GET", "/api/{layer}/{ident}/photos"): check_published,
    ("GET", "/api/{layer}/{ident}/history"): check_history,
    ("GET", "/tiles/{layer}/{z}/{x}/{y}.mvt"): check_tile,
}
SHOWING: Final = (check_list, check_get)  # answers with fields, some of which ask for rights of their own
