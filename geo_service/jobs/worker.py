"""The worker process: takes the name of a job, runs its story, tells the job file how it went."""

import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, Final

import structlog

from geo_service.bootstrap import open_context, open_jobs
from geo_service.domain.actors import Actor
from geo_service.foundation import logs
from geo_service.foundation.errors import GeoServiceError, SignInNeeded
from geo_service.services import analyses, identity, print_jobs
from geo_service.services.context import Context, Progress
from geo_service.settings import Settings

_TELL_EVERY_S: Final = 0.1
log = structlog.get_logger(__name__)


def work(pipe: Connection, settings: Settings) -> None:
    """Run jobs until the server is gone; an interrupt from the terminal is the server's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure(settings.log_level)
    while True:
        try:
            uid = pipe.recv()
        except (EOFError, OSError):
            return
        run_job(settings, uid)
        try:
            pipe.send(uid)
        except OSError:
            return


def run_job(settings: Settings, uid: str) -> None:
    """Run one job; whatever happens ends up in its row."""
    jobs = open_jobs(settings)
    if jobs.get(uid)["status"] != "queued":
        return  # cancelled while it waited
    job = jobs.start(uid)

    def tell(share: float | None, message_key: str) -> None:
        if jobs.get(uid)["status"] != "running":
            raise _Cancelled
        jobs.set_progress(uid, share, message_key)

    try:
        told = _seldom(tell)
        ctx = open_context(settings, progress=told)
        try:
            ctx = replace(ctx, actor=_actor(ctx, job))
            run_uid = _done(ctx, job)
        finally:
            ctx.store.close()
        jobs.finish(uid, run_uid)
    except _Cancelled:
        return
    except GeoServiceError as error:
        jobs.fail(uid, error.code, error.facts)
    except Exception:
        log.exception("job", uid=uid, kind=job["kind"])
        jobs.fail(uid, "job_failed", {"uid": uid})


class _Cancelled(Exception):
    """The person who asked wants it no more."""


def _done(ctx: Context, job: Mapping[str, Any]) -> str | None:
    """Do a job; return the uid of the run it made, None for a batch of sheets, which is a file of the job's name."""
    if job["kind"] == print_jobs.KIND:
        print_jobs.make(ctx, job["uid"], **job["parameters"])
        return None
    kind = analyses.kind_named(job["kind"])
    return str(analyses.kept_run(ctx, kind, kind.asked(**job["parameters"]))["uid"])


def _actor(ctx: Context, job: Mapping[str, Any]) -> Actor:
    """Return who a job is done for, with the rights the account has now, not when it was queued.

    Raises NotFound ``account_unknown``, Forbidden ``account_disabled``; SignInNeeded ``sign_in_needed`` for a job of
    the local admin that starts when there are accounts.
    """
    kept = job["account"]
    with ctx.store.reading() as conn:
        if kept.get("uid") is not None:
            scopes = None if kept["scopes"] is None else frozenset(kept["scopes"])
            actor = identity.by_uid(conn, kept["uid"], ctx.clock(), ctx.timezone, via=kept["via"], scopes=scopes)
        elif job["role"] == "admin" and kept.get("via", "local") != "command" and identity.are_there_accounts(conn):
            raise SignInNeeded("sign_in_needed")
        else:
            actor = Actor(job["actor"], job["role"], via=kept.get("via", "local"))
    return actor.asked(kept.get("address"), kept.get("request_id"))


def _seldom(tell: Progress) -> Progress:
    """Return ``tell`` called at most ten times a second, but for every new message."""
    last: tuple[float, str] = (-1.0, "")

    def told(share: float | None, message_key: str) -> None:
        nonlocal last
        now = time.monotonic()
        if message_key != last[1] or now - last[0] >= _TELL_EVERY_S:
            last = (now, message_key)
            tell(share, message_key)

    return told
