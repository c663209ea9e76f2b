"""Checklist sheets and official indicators over HTTP, both as runs."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api import schemas
from geo_service.api.analyses import run_answer
from geo_service.api.door import Doored
from geo_service.api.idempotency import Onced
from geo_service.api.queued import QUEUED

router = APIRouter(tags=["analyses"])


class ChecklistQuestion(BaseModel):
    """The sheet of one community, of all without one; checked as existing or as new estates."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"estate": "existing"}]})

    community: Annotated[str | None, Field(min_length=1, max_length=64, examples=["990101001001"])] = None
    estate: Literal["existing", "new"] = "existing"
    at: schemas.At | None = None


class IndicatorsQuestion(BaseModel):
    """The official indicators by an area level."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"by": "community"}]})

    by: Literal["city", "district", "street", "community"] = "community"


@router.post(
    "/api/analyses/checklist",
    summary="完整居住社区体检表 / Complete community sheets",
    **QUEUED,
)
def post_checklist(body: ChecklistQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("checklist", body, door, once)


@router.post(
    "/api/analyses/indicators",
    summary="直线服务半径指标 / Official service-radius indicators",
    **QUEUED,
)
def post_indicators(body: IndicatorsQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("indicators", body, door, once)
