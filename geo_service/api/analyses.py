"""Analyses over HTTP: those kept as runs, circles and explanations at once."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel

from geo_service.api import schemas
from geo_service.api.door import Door, Doored, json_response
from geo_service.api.idempotency import Once, Onced
from geo_service.api.limits import check_waiting, heavy
from geo_service.api.queued import QUEUED
from geo_service.api.runs import Unfinished, job_info, job_named, run_info, run_of
from geo_service.services import analyses
from geo_service.services.circles import service_circles
from geo_service.services.context import Context
from geo_service.services.explain import explain
from geo_service.services.runs import note_start

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(tags=["analyses"])


def run_answer(name: str, body: BaseModel, door: Door, once: Once) -> Response:
    """Answer a question with the stored run of the same inputs (200), or queue it (202, its progress at Location).

    Parameters
    ----------
    name
        Kind of analysis (:mod:`geo_service.services.analyses`).
    body
        The question; its fields are the arguments of the kind.
    door, once
        Of the route.
    """
    kind = analyses.kind_named(name)
    question = kind.asked(**body.model_dump())

    def stored(done: dict[str, Any]) -> Response:
        return json_response(run_info(done), headers={"Content-Location": f"/api/runs/{done['uid']}"})

    def answer(conn: "Connection", ctx: Context) -> Response:
        done = analyses.stored_run(conn, ctx, kind, question)
        if done is not None:
            return stored(done)
        check_waiting(door, name, question.parameters())
        with heavy(door, "analysis"):
            job = door.request.app.state.runner.submit(name, question.parameters(), door.actor)
        note_start(conn, ctx, job)
        return queued(job)

    def again(conn: "Connection", ctx: Context, uid: str) -> Response:
        try:
            return stored(run_of(conn, ctx, uid, job_named(door, uid)))
        except Unfinished as unfinished:
            return queued(unfinished.job)

    def queued(job: dict[str, Any]) -> Response:
        return json_response(
            job_info(job, door.lang), 202, {"Location": f"/api/runs/{job['uid']}", "Cache-Control": "no-store"}
        )

    if once.key is None:  # the same question gets the same job or run anyway
        with door.reading() as (conn, ctx):
            done = analyses.stored_run(conn, ctx, kind, question)
        if done is not None:
            return stored(done)
        with door.writing() as (conn, ctx):
            return answer(conn, ctx)
    return once("analyse", answer, again)


@router.post(
    "/api/analyses/coverage",
    summary="计算覆盖 / Compute coverage",
    **QUEUED,
)
def post_coverage(body: schemas.CoverageQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("coverage", body, door, once)


@router.post(
    "/api/analyses/circles",
    summary="服务圈 / Service circles",
    description="一次给出几个限度的步行服务圈、走得到的道路、上路点，以及纸面圆和它高估的比例。 / "
    "Walking circles of several limits, the streets reached, the snap points, the plain circle and its overstatement.",
    response_model=dict[str, Any],
)
def post_circles(body: schemas.CirclesQuestion, door: Doored) -> Response:
    """Return circles as GeoJSON."""
    points = None if body.points is None else [(lon, lat) for lon, lat in body.points]
    with heavy(door, "analysis"), door.reading() as (conn, ctx):
        found = service_circles(
            conn,
            ctx,
            points=points,
            facilities=body.facilities,
            category=body.category,
            circles=body.circles,
            minutes=body.minutes,
            profile=body.profile,
            strict=body.strict,
            at=body.at,
        )
    return json_response(found, media_type="application/geo+json", headers={"Cache-Control": "no-store"})


@router.get(
    "/api/explain",
    summary="为什么 / Why",
    description="某栋楼对某类设施的状态、原因、上路点、决定性设施和路线。 / "
    "State, reason, snap point, deciding facility and route of a building for a category.",
    response_model=dict[str, Any],
)
def get_explain(question: Annotated[schemas.ExplainQuestion, Query()], door: Doored) -> Response:
    """Return why a building is covered or not."""
    with heavy(door, "explain"), door.reading() as (conn, ctx):
        found = explain(
            conn,
            ctx,
            building=question.building,
            category=question.category,
            circle=question.circle,
            minutes=question.minutes,
            profile=question.profile,
            band=question.band,
            strict=question.strict,
            at=question.at,
        )
    return json_response(found, headers={"Cache-Control": "no-store"})
