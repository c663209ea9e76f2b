"""A real server with the small demo on each store, and a browser that may talk to nobody else."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright

from tests.demos import make_demo, operate
from tests.stores import Cluster

PROGRAM = Path(sys.executable).with_name("geo-service")
# for its own address bar each window would start a renderer, half of what it costs to open one; Playwright's list
# is said again, as the last one counts
WITHOUT = (
    "WebUIOmniboxPopup WebUIOmniboxAimPopup WebUIOmniboxFullPopup "
    "AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable "
    "LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect "
    "TcpPortRandomizationWin OptimizationHints NetworkTimeServiceQuerying AimEnabled PreconnectToSearch"
).split()
BROWSER_ARGUMENTS = [
    *"--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update".split(),
    "--disable-sync",
    f"--disable-features={','.join(WITHOUT)}",
]
LOOPBACK = "127.0.0.1"
# what is asked of others alone comes past us: to look at all a page asks takes a good part of its time
OUTSIDE = re.compile(rf"^(?!https?://{re.escape(LOOPBACK)}[:/])")
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 90_000  # a server computes its first answer in a process that has to start: long where others work, too
expect.set_options(timeout=PATIENCE_MS)


def loaded(page: Page) -> None:
    """Wait until no tile is on its way."""
    expect(page.locator(".map-notices")).to_have_attribute("data-pending", "0")


def step(page: Page, key: str) -> None:
    """Move the map by a key and wait until it rests: while it moves, its middle is elsewhere and keys are not taken."""
    page.get_by_role("application").focus()
    before = page.evaluate("location.hash.split('&')[0]")
    page.keyboard.press(key)
    page.wait_for_function("before => location.hash.split('&')[0] !== before", arg=before)


@dataclass(frozen=True)
class Server:
    """A running service."""

    origin: str

    def get(self, path: str) -> Any:
        """Return the JSON answer of a GET."""
        with urllib.request.urlopen(self.origin + path, timeout=60) as answer:
            return json.load(answer)

    def home(self) -> dict[str, Any]:
        """Return code and middle of a home that stands free enough to be clicked."""
        found = self.get("/api/buildings?use=residential&limit=200&sort=code")["features"]
        feature = max(found, key=lambda one: _box_size(one["geometry"]))
        west, south, east, north = _box(feature["geometry"])
        return {"code": feature["properties"]["code"], "lon": (west + east) / 2, "lat": (south + north) / 2}

    def street(self) -> tuple[float, float]:
        """Return a place on a street."""
        feature = self.get("/api/ways?limit=1")["features"][0]
        line = feature["geometry"]["coordinates"][0]
        lon, lat = line[len(line) // 2][:2]
        return lon, lat


def _positions(geometry: dict[str, Any]) -> list[list[float]]:
    found: list[list[float]] = []

    def walk(part: Any) -> None:
        if isinstance(part[0], int | float):
            found.append(part)
        else:
            for one in part:
                walk(one)

    walk(geometry["coordinates"])
    return found


def _box(geometry: dict[str, Any]) -> tuple[float, float, float, float]:
    lons, lats = zip(*(position[:2] for position in _positions(geometry)), strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _box_size(geometry: dict[str, Any]) -> float:
    west, south, east, north = _box(geometry)
    return (east - west) * (north - south)


def environment(var_dir: Path, store_url: str | None = None) -> dict[str, str]:
    """Return the environment of a service whose data lie in ``var_dir``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEO_")}
    # the tests' own cluster does not wait for the disk
    elsewhere = {"GEO_DATABASE_URL": store_url, "GEO_ALLOW_UNSAFE_STORE": "1"} if store_url else {}
    return kept | {"GEO_VAR_DIR": str(var_dir), "GEO_LANG": "zh"} | elsewhere


def command(*arguments: str, env: dict[str, str], typed: str = "") -> None:
    """Run a command of the service to its end: in this process, starting one takes longer than the command."""
    operate({name: value for name, value in env.items() if name.startswith("GEO_")}, *arguments, typed=typed)


@contextmanager
def serving(env: dict[str, str]) -> Iterator[Server]:
    """Serve on a free port until the block ends."""
    log = Path(env["GEO_VAR_DIR"]) / "serve.out"
    with log.open("w") as output:
        unbuffered = env | {"PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen([PROGRAM, "serve", "--port", "0"], env=unbuffered, stdout=output, stderr=output)
    try:
        yield _started(process, log)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _started(process: subprocess.Popen[bytes], log: Path) -> Server:
    """Return the server once it says where it is and that it is ready."""
    turn = threading.Event()
    for _ in range(1200):
        said = log.read_text()
        assert process.poll() is None, said
        found = re.search(r"http://[\d.]+:\d+", said)
        if found and _is_ready(Server(found.group())):
            return Server(found.group())
        turn.wait(0.1)
    raise AssertionError(f"the server did not become ready: {log.read_text()}")


def _is_ready(server: Server) -> bool:
    try:
        return bool(server.get("/ready")["status"] == "ready")
    except (urllib.error.URLError, ConnectionError):
        return False


@pytest.fixture(scope="session")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service with the small demo on the embedded store."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    shutil.copytree(demo_folder, folder)
    with serving(environment(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def postgis_server(postgis_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service with the small demo on PostGIS."""
    name = postgis_cluster.new_database()
    env = environment(tmp_path_factory.mktemp("postgis-var"), postgis_cluster.url(name))
    make_demo({name: value for name, value in env.items() if name.startswith("GEO_")})
    with serving(env) as running:
        yield running
    postgis_cluster.drop(name)


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service on a store without a row."""
    env = environment(tmp_path_factory.mktemp("empty-var"))
    command("db", "init", env=env)
    with serving(env) as running:
        yield running


@dataclass(frozen=True)
class Staff:
    """A server with accounts, and what a browser keeps once each of them signed in, by role."""

    server: Server
    states: dict[str, Any]

    def get(self, role: str, path: str) -> Any:
        """Return the JSON answer of a GET as somebody of that role."""
        cookies = "; ".join(f"{one['name']}={one['value']}" for one in self.states[role]["cookies"])
        asked = urllib.request.Request(self.server.origin + path, headers={"Cookie": cookies})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)


PASSWORD = "correct-horse-battery-9"
COMMUNITY = "990101001001"


@pytest.fixture(scope="session")
def staff(demo_folder: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """The small demo with an administrator, and an official, a grid worker and a resident of its community."""
    folder = tmp_path_factory.mktemp("staff") / "var"
    shutil.copytree(demo_folder, folder)
    env = environment(folder)
    command("admin", "create", "boss", "--password-stdin", env=env, typed=PASSWORD)
    with serving(env) as running:
        origin, context = running.origin, browser.new_context()
        ask, proof = context.request, _signed_in(context, origin, "boss")
        secret = ask.post(f"{origin}/api/me/second-factor", data={}, headers=proof).json()["secret"]
        code = {"code": pyotp.TOTP(secret).now()}
        assert ask.post(f"{origin}/api/me/second-factor/confirm", data=code, headers=proof).status == 204
        states = {"admin": context.storage_state()}
        for role in ("official", "grid_worker", "resident"):
            made = ask.post(f"{origin}/api/accounts", data={"name": role, "role": role}, headers=proof).json()
            here = f"{origin}/api/accounts/{made['uid']}"
            place = {"area_code": COMMUNITY, "starts_on": "2026-01-01", "ends_on": None}
            assert ask.post(f"{here}/assignments", data=place, headers=proof).ok
            token = ask.post(f"{here}/link", data={}, headers=proof).json()["path"].partition("#")[2]
            his = browser.new_context()
            assert his.request.post(f"{origin}/api/links/{token}", data={"password": PASSWORD}).ok
            _signed_in(his, origin, role)
            states[role] = his.storage_state()
            his.close()
        context.close()
        yield Staff(running, states)


def _signed_in(context: BrowserContext, origin: str, name: str) -> dict[str, str]:
    """Sign in and return the header that proves changes."""
    said = context.request.post(f"{origin}/api/sign-in", data={"name": name, "password": PASSWORD})
    assert said.status == 204, said.text()
    return {"X-CSRF-Token": context.request.get(f"{origin}/api/me").json()["csrf_token"]}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe(repository: Path) -> str:
    """The program that looks for violations."""
    return (repository / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@dataclass
class Held:
    """Requests that get no answer until they are let go."""

    pattern: str | re.Pattern[str]
    routes: list[Route] = field(default_factory=list)
    is_open: bool = False

    def hold(self, page: Page) -> None:
        """Hold what the page asks from now on."""
        page.route(self.pattern, self._keep)

    def asked(self, page: Page) -> Route:
        """Return the first that is held, once one is: the page may say that it asks before it has."""
        for _ in range(600):
            if self.routes:
                return self.routes[0]
            page.wait_for_timeout(50)
        raise AssertionError(f"nothing was asked of {self.pattern}")

    def let_go(self) -> None:
        """Answer what was held, and hold nothing any more."""
        self.is_open = True
        for route in self.routes:
            route.fallback()

    def _keep(self, route: Route) -> None:
        if self.is_open:
            route.fallback()
        else:
            self.routes.append(route)


def end_session_at(page: Page, pattern: str, method: str) -> None:
    """End the session right before the server hears this request; nothing that was asked for earlier meets the end.

    Only the first one: signed in again, the session stays.
    """
    ended: list[str] = []

    def end(route: Route) -> None:
        if route.request.method == method and not ended:
            ended.append(route.request.url)
            page.context.clear_cookies()
        route.fallback()

    page.route(pattern, end)


@dataclass
class Watched:
    """What went wrong in the browser during a test, but for what the test provokes."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    provoked: list[str] = field(default_factory=list)

    def provoke(self, *marks: str) -> None:
        """Expect the browser's own lines with one of these in them: they may come after what the page says."""
        self.provoked += marks

    def unprovoked(self) -> list[str]:
        """Return the errors that the test did not provoke."""
        return [error for error in self.errors if not any(mark in error for mark in self.provoked)]


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Fails the test if the page asked anybody outside or wrote an error to the console."""
    seen = Watched()
    yield seen
    assert seen.outside == []
    assert seen.unprovoked() == []


def _told(said: ConsoleMessage) -> str:
    return f"{said.text} ({said.location['url']})"


PageMaker = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[PageMaker]:
    """Return what opens the map (or another) page of a server at an address, on a desktop or a phone.

    ``state`` is what the browser keeps from an earlier sign-in; ``tour`` lets the tour of the first visit be shown.
    ``prepare`` is called with the page before it opens.
    """
    contexts: list[BrowserContext] = []

    def refuse(route: Route) -> None:
        watched.outside.append(route.request.url)
        route.abort()

    def make(
        server: Server,
        address: str = "",
        *,
        path: str = "/map",
        phone: bool = False,
        state: Any = None,
        tour: bool = False,
        prepare: Callable[[Page], None] = lambda _: None,
    ) -> Page:
        context = browser.new_context(
            storage_state=state,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            device_scale_factor=2 if phone else 1,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if not tour:
            context.add_init_script("try { localStorage.setItem('tour.seen', '1') } catch {}")
        context.route(OUTSIDE, refuse)
        page = context.new_page()
        page.on("console", lambda said: watched.errors.append(_told(said)) if said.type == "error" else None)
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        prepare(page)
        page.goto(f"{server.origin}{path}{address}")
        return page

    yield make
    for context in contexts:
        context.close()
