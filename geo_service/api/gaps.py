"""Gap zones and capacity over HTTP, both as runs."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api import schemas
from geo_service.api.analyses import run_answer
from geo_service.api.door import Doored, json_response
from geo_service.api.idempotency import Onced
from geo_service.api.queued import QUEUED
from geo_service.services.tasks import write_tasks

router = APIRouter(tags=["analyses"])


class GapsQuestion(BaseModel):
    """Whose gaps to find; without a limit each category's default one, without categories all."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"categories": ["elder_station"], "weights": {"80_plus": 2}}]},
    )

    categories: Annotated[list[schemas.CategoryCode] | None, Field(min_length=1, max_length=60)] = None
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode = "standard"
    strict: schemas.Strict = False
    link_m: Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)] = 100.0
    weights: Annotated[
        dict[Annotated[str, Field(max_length=20)], Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]] | None,
        Field(max_length=20),
    ] = None
    at: schemas.At | None = None


class CapacityQuestion(BaseModel):
    """Places of a category for how many people; without a limit the category's default one."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"category": "kindergarten", "by": "grid"}]},
    )

    category: schemas.CategoryCode
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode = "standard"
    by: schemas.By = "grid"
    strict: schemas.Strict = False
    plain: Annotated[bool, Field(description="不按距离分区加权 / no weights by distance")] = False
    at: schemas.At | None = None


@router.post(
    "/api/analyses/gaps",
    summary="缺口片区 / Gap zones",
    **QUEUED,
)
def post_gaps(body: GapsQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("gaps", body, door, once)


class TasksWritten(BaseModel):
    """How many verify tasks were changed in which way."""

    created: int
    kept: int
    reopened: int
    closed: int
    outside: int


@router.post(
    "/api/analyses/gaps/{uid}/tasks",
    summary="写出核实任务 / Write verify tasks",
    description="把某次缺口分析中情况不详的设施和住宅写成核实任务；同一任务不会重复，已在数据中核实的自动办结。 / "
    "Writes verify tasks for the facilities and homes a gap run does not know; none twice, those settled are closed. "
    "可只写一类设施（category）、一个区域或网格（area）的。 / Of one category, or in one area or grid, only if named.",
    response_model=TasksWritten,
)
def post_tasks(
    uid: Annotated[str, Path(max_length=64)],
    door: Doored,
    category: schemas.CategoryCode | None = None,
    area: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Bring the verify tasks up to date with a run."""
    with door.writing() as (conn, ctx):
        counts = write_tasks(conn, ctx, uid, category=category, area=area)
    return json_response(counts, headers={"Cache-Control": "no-store"})


@router.post(
    "/api/analyses/capacity",
    summary="容量 / Capacity",
    **QUEUED,
)
def post_capacity(body: CapacityQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("capacity", body, door, once)
