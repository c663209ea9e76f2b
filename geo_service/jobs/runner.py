"""Queues long stories and has one spawned process work them off; a dead process fails its job, not the server."""

import contextlib
import multiprocessing
import threading
from collections import deque
from collections.abc import Mapping
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, Protocol

import structlog

from geo_service.bootstrap import Service
from geo_service.domain.actors import Actor
from geo_service.foundation.errors import GeoServiceError
from geo_service.foundation.ids import fingerprint
from geo_service.jobs.worker import work

_UNFINISHED: Final = ("queued", "running")
log = structlog.get_logger(__name__)


class _Serving(Protocol):
    """The sign that this process lives, as the job file gives it."""

    name: str

    def end(self) -> None:
        """Take it away."""


class Runner:
    """The background door of one server process.

    The worker process is spawned at the first job (never forked with an open database) and kept for the next
    ones; a thread hands it one job after the other and notices its death.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._waiting: deque[str] = deque()
        self._asked: dict[str, str] = {}
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False
        self._serving: _Serving | None = None

    def submit(self, kind: str, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        """Queue a job and return it; while the same is already queued or running, that one is returned."""
        scopes = None if actor.scopes is None else sorted(actor.scopes)
        asked = fingerprint([kind, parameters, actor.name, actor.account_uid, scopes])
        with self._change:
            if self._serving is None:
                self._serving = self._service.jobs.serve()
                self._sweep()
            known = self._asked.get(asked)
            if known is not None:
                job = self._service.jobs.get(known)
                if job["status"] in _UNFINISHED:
                    return job
            uid = self._service.jobs.create_job(kind, dict(parameters), actor, self._serving.name)
            self._asked[asked] = uid
            self._waiting.append(uid)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="jobs", daemon=True)
                self._thread.start()
            self._change.notify()
        return self._service.jobs.get(uid)

    def status(self, uid: str) -> dict[str, Any]:
        """Return a job; NotFound ``job_unknown``."""
        job = self._service.jobs.get(uid)
        if job["status"] not in _UNFINISHED:
            return job
        self._sweep()
        return self._service.jobs.get(uid)

    @property
    def worker_pid(self) -> int | None:
        """Process id of the worker, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    def close(self) -> None:
        """Stop the worker; a job it was at is marked as interrupted, as are those that waited."""
        with self._change:
            self._closed = True
            self._waiting.clear()
            self._change.notify()
            process = self._process
        if process is not None:
            process.terminate()
            process.join(5)
        if self._thread is not None:
            self._thread.join(5)
        if self._serving is not None:
            self._serving.end()
            self._serving = None
            with contextlib.suppress(GeoServiceError):
                self._sweep()

    def _sweep(self) -> None:
        """Fail what a server process that is gone left unfinished; others may serve the same data folder."""
        for job in self._service.jobs.lost():
            self._service.jobs.fail(job["uid"], "job_interrupted", {})

    def _serve(self) -> None:
        """Hand out jobs until closed (in the thread)."""
        while True:
            with self._change:
                while not self._waiting and not self._closed:
                    self._change.wait()
                if self._closed:
                    return
                uid = self._waiting.popleft()
            try:
                self._run(uid)
            except Exception:
                log.exception("job", uid=uid)
                with contextlib.suppress(GeoServiceError):
                    self._service.jobs.fail(uid, "job_failed", {})
            self._service.versions.forget()

    def _run(self, uid: str) -> None:
        process, pipe = self._worker()
        try:
            pipe.send(uid)
            wait([pipe, process.sentinel])
            if pipe.poll():
                pipe.recv()
                return
        except (EOFError, OSError):
            pass
        with self._change:
            self._process = self._pipe = None
        pipe.close()
        process.join(5)
        if self._service.jobs.get(uid)["status"] in _UNFINISHED:
            code = "job_interrupted" if self._closed else "job_worker_died"
            self._service.jobs.fail(uid, code, {"exit_code": process.exitcode})

    def _worker(self) -> tuple[BaseProcess, Connection]:
        """Return the living worker, spawned if there is none."""
        with self._change:
            if self._process is not None and self._pipe is not None and self._process.is_alive():
                return self._process, self._pipe
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(
                target=work, args=(theirs, self._service.settings), name="geo-service-worker", daemon=True
            )
            process.start()
            theirs.close()
            self._process, self._pipe = process, ours
            return process, ours
