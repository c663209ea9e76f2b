"""Eight clients write over HTTP while the server, or a database process under it, is killed again and again."""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

import psycopg2

from geo_service.storage.audit_verifying import verify
from geo_service.storage.checking import check_store
from geo_service.storage.store import Store, open_store
from tests.ports import free_port

CLIENTS: Final = 8
COMMAND: Final = str(Path(sys.executable).with_name("geo-service"))
_UNANSWERED: Final = (OSError, http.client.HTTPException)
_PATIENCE_S: Final = 90


class Server:
    """``geo-service serve`` as a process of its own, always on the same port."""

    def __init__(self, url: str, var_dir: Path) -> None:
        self.port = free_port()
        self._environment = {
            **os.environ,
            "GEO_DATABASE_URL": url,
            "GEO_VAR_DIR": str(var_dir),
            "GEO_LOG_LEVEL": "error",
        }
        self.log = var_dir.parent / "server.log"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [COMMAND, "--lang", "en", "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(command, env=self._environment, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            said.append(line)
            if f":{self.port}/map" in line:
                threading.Thread(target=self._note, args=(self._process.stderr,), daemon=True).start()
                return
        raise AssertionError("the server did not start: " + "".join(said))

    def _note(self, said: IO[str]) -> None:
        """Keep what the server logs, so that it never waits for a reader and a failure can be looked into."""
        with self.log.open("a", encoding="utf-8") as log:
            log.writelines(said)

    def kill(self) -> None:
        """Kill it as the kernel would, whatever it is at."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


class Client:
    """One client with rows of its own; knows what it was told and what it does not know."""

    def __init__(self, port: int, seed: int) -> None:
        self._port = port
        self._random = random.Random(seed)
        self.created: dict[str, str] = {}  # name → uid, acknowledged
        self.versions: dict[str, tuple[int, str]] = {}  # uid → version and source, acknowledged
        self.asked: str | None = None  # name of a creation that was not answered
        self.changing: tuple[str, int, str] | None = None  # uid, version it would have, source: not answered
        self.wrong: list[str] = []
        self.asked_again = 0

    def work(self, stop: threading.Event) -> None:
        """Create and change rows until told to stop or until the line is cut."""
        while not stop.is_set():
            try:
                if not self.created or self._random.random() < 0.5:
                    self.create(self.asked or uuid.uuid4().hex)
                else:
                    self.change()
            except _UNANSWERED:
                return
            if self.asked or self.changing:
                return  # told that the store is away

    def create(self, name: str) -> None:
        """Create a row of this name, with its name as the key; may be repeated until it is answered."""
        self.asked = name
        properties = {"category": "toilet", "name": name, "source": "0"}
        point = {"type": "Point", "coordinates": [116.0 + int(name[:4], 16) / 65536, 40.0]}
        body = {"type": "Feature", "geometry": point, "properties": properties}
        status, answer = self._ask("POST", "/api/facilities", body, {"Idempotency-Key": name})
        if status == 503:
            return
        if status != 201:
            self.wrong.append(f"create: {status} {answer}")
        else:
            self.created[name] = answer["id"]
            self.versions[answer["id"]] = (1, "0")
        self.asked = None

    def change(self) -> None:
        """Change one of this client's rows."""
        uid = self._random.choice(list(self.versions))
        version, _ = self.versions[uid]
        source = uuid.uuid4().hex
        self.changing = (uid, version + 1, source)
        body = {"properties": {"source": source}}
        status, answer = self._ask("PATCH", f"/api/facilities/{uid}", body, {"If-Match": f'"{version}"'})
        if status == 503:
            return
        if status != 200:
            self.wrong.append(f"change: {status} {answer}")
        else:
            self.versions[uid] = (version + 1, source)
        self.changing = None

    def settle(self) -> None:
        """Find out what became of what was not answered: repeat the creation, look at the change."""
        self.asked_again += bool(self.asked) + bool(self.changing)
        if self.asked:
            self.create(self.asked)
            assert self.asked is None, "the store is still away"
        if self.changing:
            uid, version, source = self.changing
            status, answer = self._ask("GET", f"/api/facilities/{uid}", None, {})
            found = (answer["properties"]["version"], answer["properties"]["source"])
            if status != 200 or found not in (self.versions[uid], (version, source)):
                self.wrong.append(f"half a change: {found}, was {self.versions[uid]}")
            self.versions[uid] = found
            self.changing = None

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE_S)
        try:
            sent = None if body is None else json.dumps(body)
            line.request(method, path, sent, {"Content-Type": "application/json", **headers})
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()


def rounds(
    url: str, var_dir: Path, count: int, *, seed: int = 1, kill_backend: Callable[[random.Random], None] | None = None
) -> list[Client]:
    """Kill ``count`` times at random moments, look at the store after each; returns the clients.

    ``kill_backend`` kills a process of the database instead of the server, every other time.
    """
    chance = random.Random(seed)
    server = Server(url, var_dir)
    clients = [Client(server.port, seed * 1000 + number) for number in range(CLIENTS)]
    store = open_store(url)
    server.start()
    try:
        for number in range(count):
            stop = threading.Event()
            threads = [threading.Thread(target=client.work, args=(stop,)) for client in clients]
            for thread in threads:
                thread.start()
            threading.Event().wait(chance.uniform(0.02, 0.7))
            if kill_backend is not None and number % 2:
                kill_backend(chance)
                stop.set()
            else:
                server.kill()
            for thread in threads:
                thread.join()
            if kill_backend is not None and number % 2:
                _until_back(url)
                server.kill()
            server.start()
            for client in clients:
                client.settle()
                assert client.wrong == [], f"seed {seed}, round {number}: {client.wrong[:3]}, see {server.log}"
            look(store, clients)
    finally:
        server.kill()
        store.close()
    return clients


def look(store: Store, clients: list[Client]) -> None:
    """Compare the store with what the clients were told; look for halves of transactions."""
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT name, uid, version, source, id FROM facility").fetchall()
        names = [row[0] for row in rows]
        assert len(names) == len(set(names)), "something was created twice"
        told = {name: uid for client in clients for name, uid in client.created.items()}
        assert {row[0]: row[1] for row in rows} == told, "something acknowledged is lost, or something refused is there"
        versions = {uid: state for client in clients for uid, state in client.versions.items()}
        assert {row[1]: (row[2], row[3]) for row in rows} == versions
        lines = connection.exec_driver_sql("SELECT row_id, COUNT(*) FROM history GROUP BY row_id").fetchall()
        assert dict(map(tuple, lines)) == {row[4]: row[2] for row in rows}, "history and rows differ"
        raised = connection.exec_driver_sql("SELECT version FROM layer_version WHERE layer = 'facilities'").scalar()
        assert (raised or 0) == sum(row[2] for row in rows), "the layer's version and its changes differ"
        kept = connection.exec_driver_sql("SELECT COUNT(*) FROM kept_answer").scalar()
        assert kept == len(rows), "rows and answers differ"
        chain = verify(connection, [], lambda share, key: None)
        assert chain.is_whole, chain
    wrong = [finding for finding in check_store(store) if not finding.is_sound]
    assert wrong == []


def backend_killer(database: str, host: str) -> Callable[[random.Random], None]:
    """Return what kills one of the server processes that work on a database."""

    def kill(chance: random.Random) -> None:
        connection = psycopg2.connect(dbname="postgres", user="postgres", host=host)
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s ORDER BY pid", (database,))
            pids = [row[0] for row in cursor.fetchall()]
        finally:
            connection.close()
        os.kill(chance.choice(pids), signal.SIGKILL)

    return kill


def _until_back(url: str) -> None:
    """Wait until the database has recovered and takes connections again."""
    for _ in range(600):
        try:
            open_store(url).close()
        except Exception:
            threading.Event().wait(0.1)
        else:
            return
    raise AssertionError("the database did not come back")
