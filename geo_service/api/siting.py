"""Best sites over HTTP, as runs."""

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
Yuan = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Area = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Code = Annotated[str, Field(min_length=1, max_length=64)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DrawnPoint(_Asked):
    """A point that is a candidate, degrees, longitude first."""

    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    code: Code | None = None
    name: Code | None = None
    cost_yuan: Yuan | None = None
    area_m2: Area | None = None


class DrawnLine(_Asked):
    """A crossing that is a candidate, from one end to the other, degrees, longitude first."""

    line: Annotated[
        list[Annotated[list[Degrees], Field(min_length=2, max_length=2)]], Field(min_length=2, max_length=500)
    ]
    code: Code | None = None
    name: Code | None = None
    cost_yuan: Yuan | None = None


class UsualCosts(_Asked):
    """What a candidate costs that has no cost of its own."""

    build: Yuan | None = None
    share: Yuan | None = 50_000.0
    gate: Yuan | None = 20_000.0
    crossing: Yuan | None = 2_000_000.0


class SitingQuestion(BaseModel):
    """Where sites of a category help most: ``k`` or ``budget_yuan``, for ``set_cover`` the ``share`` to reach."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"category": "elder_station", "k": 2, "points": [{"lon": 116.31, "lat": 40.01}]}]
        },
    )

    category: schemas.CategoryCode
    objective: Literal["max_cover", "set_cover", "p_median"] = "max_cover"
    k: Annotated[int | None, Field(ge=1, le=10_000)] = None
    budget_yuan: Annotated[float | None, Field(gt=0, le=1e12, allow_inf_nan=False)] = None
    share: Annotated[float | None, Field(gt=0, le=1, allow_inf_nan=False)] = None
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode = "standard"
    strict: schemas.Strict = False
    weights: Annotated[
        dict[Annotated[str, Field(max_length=20)], Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]] | None,
        Field(max_length=20),
    ] = None
    candidates: Annotated[
        list[Literal["space", "drawn", "share", "gate", "crossing", "drawn_crossing"]] | None, Field(max_length=6)
    ] = None
    spaces: Annotated[list[Annotated[str, Field(max_length=40)]] | None, Field(max_length=20)] = None
    points: Annotated[list[DrawnPoint] | None, Field(max_length=5000)] = None
    lines: Annotated[list[DrawnLine] | None, Field(max_length=300)] = None
    costs: UsualCosts | None = None
    min_area_m2: Area | None = None
    ignore_unverified_areas: Annotated[
        bool,
        Field(
            description="规则的最小面积待核实时不据以排除候选 / "
            "a least area of the rule that is to be verified excludes no candidate"
        ),
    ] = False
    gap_share: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0
    seconds: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = 60.0
    at: schemas.At | None = None


@router.post(
    "/api/analyses/siting",
    summary="选点 / Best sites",
    **QUEUED,
)
def post_siting(body: SitingQuestion, door: Doored, once: Onced) -> Response:
    """Return the stored run of the same question, or queue it."""
    return run_answer("siting", body, door, once)
