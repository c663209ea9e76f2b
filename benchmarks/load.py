"""Fifty signed-in users at once for five minutes, on each store: 80 % lists, details and tiles, 20 % writes.

Nothing may fail and nothing that was acknowledged may be lost. What a write costs is told as a ratio to the same
store's bare one-row transaction (sqlite3 or psycopg2 alone, waiting for the disk), measured before and after the load
in the same run. ``--quick`` takes 20 seconds a store and few buildings, ``--seconds N`` as many as said; PostgreSQL is
one started here with ``fsync`` on.
"""

import argparse
import http.client
import json
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg2
import shapely

from benchmarks.measure import figure
from benchmarks.tiles import CENTRE, seeded, tile_at
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import system_clock
from geo_service.services import accounts, tokens
from geo_service.services.context import Context
from geo_service.storage import bulk, rows
from geo_service.storage.store import Store, create_store
from tests.stores import Cluster

USERS = 50
BARE_WRITES = 200
COMMAND = str(Path(sys.executable).with_name("geo-service"))
SCOPES = ("read_published", "write_facilities")
PROPERTIES = {"category": "toilet", "name": "公厕", "source": "seeded"}


class User:
    """One signed-in user with a kept-open line; remembers every answer."""

    def __init__(self, port: int, token: str, number: int) -> None:
        self._port, self._token = port, token
        self._line: http.client.HTTPConnection | None = None
        self._random = random.Random(number)
        self.reads: list[float] = []
        self.writes: list[float] = []
        self.errors: list[str] = []
        self.kept: dict[str, tuple[int, str]] = {}  # uid → version and source, acknowledged

    def work(self, until: float) -> None:
        """Ask one thing after the other."""
        while time.perf_counter() < until:
            if self._random.random() < 0.2:
                self._write()
            else:
                self._read()

    def _read(self) -> None:
        kind = self._random.random()
        tile = tile_at(self._random.choice((12, 14, 15, 16)))
        if kind < 0.4:
            west = CENTRE[0] + self._random.uniform(-0.05, 0.05)
            box = f"{west},{CENTRE[1]},{west + 0.01},{CENTRE[1] + 0.01}"
            path = self._random.choice((f"/api/buildings?bbox={box}&limit=50", "/api/facilities?limit=50&sort=-code"))
        elif kind < 0.7:
            path = f"/api/facilities/F{self._random.randrange(200)}"
        else:
            path = f"/tiles/buildings/{tile.z}/{tile.x}/{tile.y}.mvt"
        status, _, seconds = self._ask("GET", path, None, {})
        self.reads.append(seconds)
        if status not in (200, 204):
            self.errors.append(f"{path}: {status}")

    def _write(self) -> None:
        if self.kept and self._random.random() < 0.5:
            uid = self._random.choice(list(self.kept))
            source = uuid.uuid4().hex
            body: dict[str, Any] = {"properties": {"source": source}}
            headers = {"If-Match": f'"{self.kept[uid][0]}"'}
            status, answer, seconds = self._ask("PATCH", f"/api/facilities/{uid}", body, headers)
        else:
            source = "seeded"
            place = [CENTRE[0] + self._random.uniform(-0.05, 0.05), CENTRE[1] + self._random.uniform(-0.05, 0.05)]
            body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": PROPERTIES}
            headers = {"Idempotency-Key": uuid.uuid4().hex}
            status, answer, seconds = self._ask("POST", "/api/facilities", body, headers)
        self.writes.append(seconds)
        if status not in (200, 201):
            self.errors.append(f"write: {status} {answer[:300]!r}")
            return
        told = json.loads(answer)
        self.kept[told["id"]] = (told["properties"]["version"], source)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, bytes, float]:
        sent = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **headers}
        start = time.perf_counter()
        try:
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
                self._line.connect()
                self._line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._line.request(method, path, sent, headers)
            answer = self._line.getresponse()
            return answer.status, answer.read(), time.perf_counter() - start
        except (OSError, http.client.HTTPException) as error:
            self._line = None
            return 0, repr(error).encode(), time.perf_counter() - start


def filled(url: str, buildings: int) -> Store:
    """Return a store with buildings, 200 facilities and an area around all of them."""
    store = create_store(url)
    who: dict[str, Any] = {"actor": LOCAL_ADMIN, "now": system_clock()}
    around = shapely.Point(CENTRE).buffer(1)
    area = gpd.GeoDataFrame({"code": ["990101"], "level": ["district"], "name": ["区"]}, geometry=[around], crs=4326)
    with store.writing() as conn:
        bulk.upsert(conn, LAYERS["areas"], area, **who)
        bulk.upsert(conn, LAYERS["buildings"], seeded(buildings), **who)
        bulk.refresh_places(conn)
        for number in range(200):
            place = shapely.Point(CENTRE[0] + number * 1e-4, CENTRE[1])
            rows.insert(conn, LAYERS["facilities"], {"code": f"F{number}", "geom": place, **PROPERTIES}, **who)
    return store


def signed_in(store: Store, var_dir: Path) -> list[str]:
    """Return the API tokens of fifty officials of the area."""
    made = []
    admin = Context(store, LOCAL_ADMIN, system_clock, var_dir, "en")
    with store.writing() as conn:
        for number in range(USERS):
            account = accounts.create_account(conn, admin, f"user.{number}", "official", {})
            accounts.assign(
                conn, admin, account["uid"], layer="areas", code="990101", starts_on=str(date(2026, 1, 1)), ends_on=None
            )
            actor = Actor(account["name"], "official", account["uid"])
            own = Context(store, actor, system_clock, var_dir, "en")
            made.append(tokens.create_token(conn, own, "load", SCOPES, 1)["token"])
    return made


def served(url: str, var_dir: Path) -> tuple[subprocess.Popen[str], int]:
    """Start the server and return it with its port once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {**os.environ, "GEO_DATABASE_URL": url, "GEO_VAR_DIR": str(var_dir), "GEO_LOG_LEVEL": "warning"}
    server = subprocess.Popen(
        [COMMAND, "--lang", "en", "serve", "--port", str(port)], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    for line in server.stderr:
        if f":{port}/map" in line:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return server, port
    raise SystemExit("the server did not start")


def bare_sqlite(path: Path) -> float:
    """Return the seconds of one bare one-row transaction on the same disk, the median of many."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, content TEXT)")

    def write() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (content) VALUES (?)", ("x" * 200,))
        connection.execute("COMMIT")

    try:
        return _each(write)
    finally:
        connection.close()


def bare_postgres(cluster: Cluster, database: str) -> float:
    """As :func:`bare_sqlite`, in the database that is loaded."""
    connection = psycopg2.connect(dbname=database, user="postgres", host=str(cluster.folder))
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE IF NOT EXISTS bare (id BIGSERIAL PRIMARY KEY, content TEXT)")
    connection.commit()

    def write() -> None:
        cursor.execute("INSERT INTO bare (content) VALUES (%s)", ("x" * 200,))
        connection.commit()

    try:
        return _each(write)
    finally:
        connection.close()


def _each(work: Callable[[], None]) -> float:
    taken = []
    for _ in range(BARE_WRITES):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def own_write(store: Store) -> float:
    """Return the seconds of one facility written in this process: place, history, audit and all."""

    def write() -> None:
        with store.writing() as conn:
            values = {"geom": shapely.Point(CENTRE), **PROPERTIES}
            rows.insert(conn, LAYERS["facilities"], values, actor=LOCAL_ADMIN, now=system_clock())

    return _each(write)


def lost(store: Store, users: list[User]) -> int:
    """Return how many acknowledged writes are not in the store as they were acknowledged."""
    with store.reading() as conn:
        found = {row[0]: (row[1], row[2]) for row in conn.exec_driver_sql("SELECT uid, version, source FROM facility")}
    return sum(found.get(uid) != state for user in users for uid, state in user.kept.items())


def measured(kind: str, store: Store, folder: Path, bare: Callable[[], float], seconds: float) -> None:
    """Load one store and hand over its figures."""
    before = bare()
    alone = own_write(store)
    server, port = served(store.url, folder / "var")
    try:
        users = [User(port, token, number) for number, token in enumerate(signed_in(store, folder / "var"))]
        start = time.perf_counter()
        threads = [threading.Thread(target=user.work, args=(start + seconds,)) for user in users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - start
    finally:
        server.terminate()
        server.wait(30)
    floor = statistics.mean((before, bare())) * 1000
    reads = sorted(second for user in users for second in user.reads)
    writes = sorted(second for user in users for second in user.writes)
    errors = [error for user in users for error in user.errors]
    for error in errors[:5]:
        print(error)
    asked = len(reads) + len(writes)
    note = (
        f"{USERS} users, {took:.0f} s, {asked} requests, {asked / took:.0f} a second, {len(writes) / asked:.0%} writes"
    )
    figure(f"{kind}: errors", len(errors), "", at_most=0, note=note)
    figure(f"{kind}: acknowledged writes lost", lost(store, users), "", at_most=0, note=f"of {len(writes)}")
    bare_note = "floor: a bare one-row transaction"
    figure(
        f"{kind}: one write in this process",
        alone * 1000,
        "ms",
        floor=floor,
        note=f"with place, history, audit; {bare_note}",
    )
    figure(f"{kind}: time per write under load", took / len(writes) * 1000, "ms", floor=floor, note=bare_note)
    figure(
        f"{kind}: waiting for a write, 95 %", writes[int(len(writes) * 0.95)] * 1000, "ms", floor=floor, note=bare_note
    )
    figure(
        f"{kind}: waiting for a read, 95 %", reads[int(len(reads) * 0.95)] * 1000, "ms", note="lists, details, tiles"
    )


def main() -> None:
    """Load both stores one after the other."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, help="of load on each store; 300, quick: 20")
    parser.add_argument("--quick", action="store_true", help="short, and few buildings")
    parser.add_argument("--store", choices=("embedded", "postgis"), action="append")
    arguments = parser.parse_args()
    seconds, buildings = (20.0, 2_000) if arguments.quick else (300.0, 50_000)
    seconds = arguments.seconds or seconds
    wanted = arguments.store or ["embedded", "postgis"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "embedded" in wanted:
            store = filled(f"sqlite:///{folder / 'geo.gpkg'}", buildings)
            measured("embedded", store, folder, lambda: bare_sqlite(folder / "bare.sqlite3"), seconds)
            store.close()
        if "postgis" in wanted:
            cluster = Cluster(fsync="on", full_page_writes="on", synchronous_commit="on")
            try:
                database = cluster.new_database()
                store = filled(cluster.url(database), buildings)
                measured("postgis", store, folder, lambda: bare_postgres(cluster, database), seconds)
                store.close()
            finally:
                cluster.stop()


if __name__ == "__main__":
    main()
