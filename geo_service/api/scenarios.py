"""Scenarios over HTTP: kept, changed, answered at once or as runs, made projects; effects of projects as runs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from geo_service.api import scenario_schemas as shapes
from geo_service.api.accounts import IF_MATCH
from geo_service.api.analyses import run_answer
from geo_service.api.door import Doored, json_response
from geo_service.api.idempotency import Onced
from geo_service.api.limits import heavy
from geo_service.api.queued import QUEUED
from geo_service.domain.works import PROJECTS
from geo_service.services import scenarios
from geo_service.services.features import get_row
from geo_service.services.scenario_answers import answer_at_once
from geo_service.services.what_if import WhatIfQuestion, evaluate

router = APIRouter(tags=["scenarios"])
_VERSIONED: dict[str, Any] = {"parameters": [IF_MATCH]}


@router.get("/api/scenarios", summary="列出情景 / List the scenarios", response_model=shapes.Scenarios)
def list_scenarios(door: Doored, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
    """Return the scenarios in use."""
    with door.reading() as (conn, ctx):
        found = scenarios.list_scenarios(conn, ctx, limit=limit)
    return json_response({"scenarios": found})


@router.post(
    "/api/scenarios", summary="新建情景 / Make a scenario", status_code=201, response_model=shapes.Scenario
)  # fmt: skip
def create_scenario(asked: shapes.ScenarioNew, once: Onced) -> Response:
    """Keep a scenario."""

    def make(conn: Any, ctx: Any) -> Response:
        question = None if asked.question is None else asked.question.model_dump(exclude_none=True)
        return answer(
            scenarios.create_scenario(conn, ctx, name=asked.name, edits=asked.edits, question=question)
        )  # fmt: skip

    def again(conn: Any, ctx: Any, uid: str) -> Response:
        return answer(scenarios.get_scenario(conn, ctx, uid))

    def answer(made: dict[str, Any]) -> Response:
        return json_response(made, 201, {**_version(made), "Location": f"/api/scenarios/{made['uid']}"})

    return once(scenarios.WRITES, make, again)


@router.get("/api/scenarios/{uid}", summary="一个情景 / A scenario", response_model=shapes.ScenarioRead)
def get_scenario(uid: str, door: Doored) -> Response:
    """Return a scenario with its history: who changed what, the newest first."""
    with door.reading() as (conn, ctx):
        found = scenarios.read_scenario(conn, ctx, uid)
    return json_response(found, headers=_version(found))


@router.patch(
    "/api/scenarios/{uid}",
    summary="修改情景 / Change a scenario",
    response_model=shapes.Scenario,
    openapi_extra=_VERSIONED,
)
def change_scenario(uid: str, asked: shapes.ScenarioChange, door: Doored) -> Response:
    """Change a scenario."""
    expected = door.expected_version()
    changes = asked.model_dump(exclude_none=True)
    with door.writing() as (conn, ctx):
        made = scenarios.change_scenario(conn, ctx, uid, expected_version=expected, changes=changes)
    return json_response(made, headers=_version(made))


@router.delete(
    "/api/scenarios/{uid}", summary="停用情景 / Take a scenario out of use", status_code=204, openapi_extra=_VERSIONED
)
def retire_scenario(uid: str, door: Doored) -> Response:
    """Take a scenario out of use."""
    expected = door.expected_version()
    with door.writing() as (conn, ctx):
        scenarios.retire_scenario(conn, ctx, uid, expected_version=expected)
    return Response(status_code=204)


@router.post(
    "/api/scenarios/{uid}/evaluate",
    summary="立即推演一类设施 / Answer a scenario at once",
    description="改动前后谁走得到，按容量计算的类别还有够不够（capacity…）；封闭不详时另给 if_closed；"
    "只列有变化的区域，不保存。 / "
    "Who is within reach before and after, of categories with capacity also who has enough (capacity…); if_closed "
    "where closures are not known; areas where something changes; nothing is kept.",
    response_model=dict[str, Any],
)
def evaluate_scenario(uid: str, asked: shapes.Evaluation, door: Doored) -> Response:
    """Return who is within reach before and after."""
    with heavy(door, "analysis"), door.reading() as (conn, ctx):
        said = asked.model_dump(exclude_unset=True)  # a limit of null is the category's own, not the scenario's
        given = {key: value for key, value in said.items() if value is not None or key in ("circle", "minutes")}
        found = answer_at_once(conn, ctx, uid, given)
    return json_response(found, headers={"Cache-Control": "no-store"})


@router.post(
    "/api/scenarios/evaluate",
    summary="立即推演未保存的改动 / Answer edits at once",
    description="一类设施改动前后谁走得到；只列有变化的区域，什么都不保存。 / "
    "Who is within reach of a category before and after; areas where something changes; nothing is kept.",
    response_model=dict[str, Any],
)
def evaluate_edits(asked: shapes.EditsEvaluation, door: Doored) -> Response:
    """Return who is within reach before and after edits that are not kept."""
    said = asked.model_dump()
    question = WhatIfQuestion.asked([said.pop("category")], **said)
    with heavy(door, "analysis"), door.reading() as (conn, ctx):
        found = evaluate(conn, ctx, question)
    return json_response(found, headers={"Cache-Control": "no-store"})


@router.post(
    "/api/scenarios/{uid}/project",
    summary="把情景立为项目 / Make a project of a scenario",
    status_code=201,
    response_model=dict[str, Any],
)
def open_project(uid: str, asked: shapes.ProjectNew, once: Onced) -> Response:
    """Open a project."""

    def make(conn: Any, ctx: Any) -> Response:
        return answer(scenarios.open_project(conn, ctx, uid, name=asked.name, kind=asked.kind))

    def again(conn: Any, ctx: Any, ident: str) -> Response:
        return answer(get_row(conn, ctx, PROJECTS, ident))

    def answer(made: dict[str, Any]) -> Response:
        told = {key: made[key] for key in ("uid", "code", "name", "kind", "status", "source", "measures", "version")}
        return json_response(told, 201, {"Location": f"/api/projects/{made['uid']}"})

    return once("write_projects", make, again)


@router.post(
    "/api/analyses/scenario",
    summary="情景推演 / What-if",
    **QUEUED,
)
def post_scenario(body: shapes.WhatIfQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("scenario", body, door, once)


@router.post(
    "/api/analyses/effect",
    summary="项目效果 / Effect of a project",
    **QUEUED,
)
def post_effect(body: shapes.EffectQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("effect", body, door, once)


def _version(found: dict[str, Any]) -> dict[str, str]:
    return {"ETag": f'"{found["version"]}"'}
