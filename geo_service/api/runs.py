"""Runs: analyses that wait, run, are done or failed, and their results."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import APIRouter, Query
from fastapi.responses import Response

from geo_service.api import schemas
from geo_service.api.door import Door, Doored, etag_of, json_response, not_modified
from geo_service.api.errors import Unexpected, problem
from geo_service.api.limits import heavy
from geo_service.domain.actors import Actor
from geo_service.domain.labels import label
from geo_service.foundation.errors import Conflict, GeoServiceError, InvalidInput, NotFound, StoreFault
from geo_service.foundation.texts import Lang
from geo_service.services import run_checks, runs, told
from geo_service.services.context import Context
from geo_service.services.explain_run import explain_figure

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(tags=["runs"])
_LONGEST_UID = 64


class Runner(Protocol):
    """The background door, as routes use it."""

    def submit(self, kind: str, parameters: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        """Queue a job and return it."""

    def status(self, uid: str) -> dict[str, Any]:
        """Return a job."""


@router.get(
    "/api/runs",
    summary="最近的分析结果 / Latest runs",
    description="最新的在前，不含结果。 / The newest first, without their results.",
    response_model=list[schemas.RunInfo],
)
def list_runs(question: Annotated[schemas.RunsQuestion, Query()], door: Doored) -> Response:
    """Return the newest finished runs."""
    with door.reading() as (conn, ctx):
        found = runs.list_runs(conn, ctx, kind=question.kind, limit=question.limit)
    return json_response([run_info(run) for run in found])


@router.get(
    "/api/runs/{uid}",
    summary="一次分析的状态 / State of a run",
    description="接受分析或其任务的编号；完成后 uid 是结果的编号。 / "
    "Takes the uid of a run or of the job that makes it; once done, uid is that of the run.",
    response_model=schemas.RunInfo,
)
def get_run(uid: str, door: Doored) -> Response:
    """Return how far a run is."""
    try:
        return json_response(run_info(find_run(door, uid)))
    except Unfinished as unfinished:
        return json_response(job_info(unfinished.job, door.lang), headers={"Cache-Control": "no-store"})


@router.get(
    "/api/runs/{uid}/result",
    summary="分析结果 / Result of a run",
    description="完成之前 409。结果不再改变。 / 409 until it is done. A result never changes.",
    response_model=dict[str, Any],
)
def get_result(uid: str, door: Doored) -> Response:
    """Return the result of a finished run, as the asker may see it."""
    try:
        run = find_run(door, uid)
    except Unfinished as unfinished:
        if unfinished.job["status"] == "failed":
            raise Conflict("run_failed", run=uid, why=failure(unfinished.job).sentence(door.lang)) from None
        raise Conflict("run_not_done", run=uid) from None
    etag = etag_of("run", run["uid"], told.view_of(door.ctx, door.service.versions.current(door.ctx.store)))
    if door.is_known(etag):
        return not_modified(etag)
    with door.reading() as (conn, ctx):
        result = told.shown_result(conn, ctx, run)
    return json_response(result, headers={"ETag": etag})


@router.get(
    "/api/runs/{uid}/compare/{other}",
    summary="两次结果的差别 / How two runs differ",
    description="同一类分析的两次结果：所问、输入和数字的不同，按行的内容对应。 / "
    "Two runs of one kind: what differs of question, inputs and figures; rows are matched by what they are about.",
    response_model=schemas.Comparison,
)
def compare_runs(uid: str, other: str, door: Doored) -> Response:
    """Return how two finished runs of the same kind differ, as the asker may see them."""
    for one in (uid, other):
        if len(one) > _LONGEST_UID:
            raise NotFound("run_unknown", run=one[:_LONGEST_UID])
    with heavy(door, "explain"), door.reading() as (conn, ctx):
        found = run_checks.compare(conn, ctx, uid, other)
    return json_response(found)


@router.get(
    "/api/runs/{uid}/explain",
    summary="一个数字从何而来 / What a figure is made of",
    description="覆盖结果里某区域、类别、年龄段的数字：下一级各区域、原因、起决定作用的设施、依据，并用文字说明。 / "
    "The figure of an area, category and age band of a coverage run: smaller areas, reasons, deciding facilities, the "
    "rule, and all of it in words.",
    response_model=dict[str, Any],
)
def explain_run(uid: str, question: Annotated[schemas.FigureQuestion, Query()], door: Doored) -> Response:
    """Return the parts of an area figure, as the asker may see them."""
    if len(uid) > _LONGEST_UID:
        raise NotFound("run_unknown", run=uid[:_LONGEST_UID])
    with heavy(door, "explain"), door.reading() as (conn, ctx):
        found = explain_figure(conn, ctx, uid, code=question.code, category=question.category, band=question.band)
    return json_response(found, headers={"Cache-Control": "no-store"})


class Unfinished(Exception):
    """The uid is that of a job that has made no run (yet)."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job = job
        super().__init__(job["uid"])


def find_run(door: Door, uid: str) -> dict[str, Any]:
    """Return the run with this uid, or that of the job with it; NotFound ``run_unknown``, Unfinished."""
    if len(uid) > _LONGEST_UID:
        raise NotFound("run_unknown", run=uid[:_LONGEST_UID])
    job = job_named(door, uid)
    with door.reading() as (conn, ctx):
        return run_of(conn, ctx, uid, job)


def job_named(door: Door, uid: str) -> dict[str, Any] | None:
    """Return the job with this uid, None without one.

    Asked before the store is read: a reading does not see the run a job keeps after it began.
    """
    with suppress(NotFound):
        job: dict[str, Any] = door.request.app.state.runner.status(uid)
        return job
    return None


def run_of(conn: "Connection", ctx: Context, uid: str, job: dict[str, Any] | None) -> dict[str, Any]:
    """Return the same on a connection that is open; ``job`` is that of :func:`job_named`."""
    with suppress(NotFound):
        return runs.get_run(conn, ctx, uid)
    if job is None:
        raise NotFound("run_unknown", run=uid)
    if job["run_uid"] is None:
        raise Unfinished(job)
    return runs.get_run(conn, ctx, job["run_uid"])


def run_info(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a finished run as JSON values."""
    return {
        "uid": run["uid"],
        "kind": run["kind"],
        "status": run["status"],
        "progress": 1.0,
        "message": label(f"run.{run['status']}"),
        "parameters": run["parameters"],
        "created_at": run["created_at"],
        "created_by": run["created_by"],
        "code_version": run["code_version"],
        "seconds": run["seconds"],
        "links": {"result": f"/api/runs/{run['uid']}/result"},
    }


def job_info(job: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Return a job as JSON values; ``lang`` is that of the problem's detail."""
    key = job["message_key"] or f"run.{job['status']}"
    info = {
        "uid": job["uid"],
        "kind": job["kind"],
        "status": job["status"],
        "progress": job["share"],
        "message": label(f"run.{job['status']}" if job["status"] == "failed" else key),
        "parameters": job["parameters"],
        "created_at": job["created_at"],
    }
    if job["status"] == "failed":
        info["problem"] = problem(failure(job), lang)
    return info


def failure(job: Mapping[str, Any]) -> GeoServiceError:
    """Return why a job failed, as the error it was."""
    facts = {key: value for key, value in (job["error_facts"] or {}).items() if key not in ("key", "lang")}
    code = str(job["error_code"])
    if code.startswith(("store_", "disk_")):
        return StoreFault(code, **facts)
    return Unexpected(code, **facts) if code.startswith("job_") else InvalidInput(code, **facts)
