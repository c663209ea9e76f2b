"""The job queue: a SQLite file of its own beside the store, so that progress never waits for an open write."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from geo_service.domain.actors import Actor
from geo_service.foundation.clock import Clock, system_clock, to_iso
from geo_service.foundation.errors import NotFound
from geo_service.foundation.ids import new_uid
from geo_service.storage.serving import Serving, is_serving
from geo_service.storage.side_file import make_side_file, side_file
from geo_service.storage.tables import dump_json

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS job (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
  parameters TEXT NOT NULL,
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  server TEXT,
  account TEXT,
  share REAL NOT NULL DEFAULT 0 CHECK (share BETWEEN 0 AND 1),
  message_key TEXT NOT NULL DEFAULT '',
  run_uid TEXT,
  error_code TEXT,
  error_facts TEXT,
  created_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT
)
"""


class Jobs:
    """The queue in the file ``path`` (``var_dir/jobs.sqlite3``), made where it is missing.

    Every call is a short transaction of its own, from any process.

    A job as returned: ``uid, kind, status (queued|running|done|failed), parameters, actor, role, account, server,
    share (0..1), message_key, run_uid, error_code, error_facts, created_at, started_at, finished_at``.
    """

    def __init__(self, path: Path, clock: Clock = system_clock) -> None:
        self.path = path
        self._clock: Callable[[], Any] = clock
        make_side_file(path, _SCHEMA)
        with self._open() as connection:
            there = {row["name"] for row in connection.execute("PRAGMA table_info(job)")}
            for column in ("server", "account"):  # files of earlier versions
                if column not in there:
                    connection.execute(f"ALTER TABLE job ADD COLUMN {column} TEXT")

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        return side_file(self.path)

    def serve(self) -> Serving:
        """Return the sign that this process works off jobs; they are lost once it is gone."""
        return Serving(self._servers, new_uid(self._clock()))

    def create_job(self, kind: str, parameters: Any, actor: Actor, server: str | None = None) -> str:
        """Queue a job, to be worked off by ``server``, and return its uid.

        Of the actor the account is kept, not its rights: those are read again when the job starts.
        """
        now = self._clock()
        uid = new_uid(now)
        with self._open() as connection:
            connection.execute(
                "INSERT INTO job (uid, kind, status, parameters, actor, role, account, server, created_at) "
                "VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?)",
                (uid, kind, dump_json(parameters), actor.name, actor.role, _account(actor), server, to_iso(now)),
            )
        return uid

    def start(self, uid: str) -> dict[str, Any]:
        """Mark one queued job as running and return it."""
        self._change(uid, "status = 'running', started_at = ?", (to_iso(self._clock()),))
        return self.get(uid)

    def set_progress(self, uid: str, share: float | None, message_key: str) -> None:
        """Note how far a job is; a share of None leaves the last one."""
        bounded = None if share is None else min(1.0, max(0.0, share))
        self._change(uid, "share = COALESCE(?, share), message_key = ?", (bounded, message_key))

    def finish(self, uid: str, run_uid: str | None) -> None:
        """Note that a job is done and which run it made."""
        values = (run_uid, to_iso(self._clock()))
        self._change(uid, "status = 'done', share = 1, run_uid = ?, finished_at = ?", values)

    def fail(self, uid: str, code: str, facts: dict[str, Any]) -> None:
        """Note why a job failed, as code and facts of one of our errors."""
        values = (code, dump_json({key: str(value) for key, value in facts.items()}), to_iso(self._clock()))
        self._change(uid, "status = 'failed', error_code = ?, error_facts = ?, finished_at = ?", values)

    def cancel(self, uid: str) -> bool:
        """End a job that waits or runs, as failed by ``job_cancelled``; False for one that has ended already."""
        with self._open() as connection:
            changed = connection.execute(
                "UPDATE job SET status = 'failed', error_code = 'job_cancelled', error_facts = '{}', finished_at = ? "
                "WHERE uid = ? AND status IN ('queued', 'running')",
                (to_iso(self._clock()), uid),
            ).rowcount
        return bool(changed)

    def get(self, uid: str) -> dict[str, Any]:
        """Return a job; NotFound ``job_unknown``."""
        with self._open() as connection:
            row = connection.execute("SELECT * FROM job WHERE uid = ?", (uid,)).fetchone()
        if row is None:
            raise NotFound("job_unknown", job=uid)
        return _job(row)

    def asked_by(self, actor: Actor, limit: int) -> list[dict[str, Any]]:
        """Return the newest jobs that an actor asked for, by its account, or by its name where it has none."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT * FROM job WHERE json_extract(account, '$.uid') IS ? AND actor = ? ORDER BY id DESC LIMIT ?",
                (actor.account_uid, actor.name, limit),
            ).fetchall()
        return [_job(row) for row in rows]

    def unfinished(self) -> list[dict[str, Any]]:
        """Return the queued and running jobs, oldest first."""
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM job WHERE status IN ('queued', 'running') ORDER BY id").fetchall()
        return [_job(row) for row in rows]

    def lost(self) -> list[dict[str, Any]]:
        """Return the unfinished jobs whose server process is gone, oldest first."""
        waiting = self.unfinished()
        living = {name for name in {job["server"] for job in waiting} if is_serving(self._servers, name)}
        return [job for job in waiting if job["server"] not in living]

    @property
    def _servers(self) -> Path:
        return self.path.parent / "servers"

    def _change(self, uid: str, assignments: str, values: tuple[Any, ...]) -> None:
        with self._open() as connection:
            if connection.execute(f"UPDATE job SET {assignments} WHERE uid = ?", (*values, uid)).rowcount != 1:
                raise NotFound("job_unknown", job=uid)


def _account(actor: Actor) -> str:
    """Return what is kept of who asked: the account, the limits of an API token, from where."""
    return dump_json(
        {
            "uid": actor.account_uid,
            "scopes": None if actor.scopes is None else sorted(actor.scopes),
            "via": actor.via,
            "address": actor.address,
            "request_id": actor.request_id,
        }
    )


def _job(row: sqlite3.Row) -> dict[str, Any]:
    job = {key: row[key] for key in row.keys() if key != "id"}  # noqa: SIM118  a Row iterates over its values
    job["parameters"] = json.loads(job["parameters"])
    job["account"] = json.loads(job["account"]) if job["account"] else {}
    job["error_facts"] = json.loads(job["error_facts"]) if job["error_facts"] else None
    return job
