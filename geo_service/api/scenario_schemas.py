"""Shapes of what is asked and answered about scenarios and effects."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api import schemas
from geo_service.domain.scenarios import MOST_EDITS

_EDITS: list[Any] = [{"edit": "facility_add", "category": "clinic", "position": [116.31, 40.01]}]
Edits = Annotated[
    list[dict[str, Any]],
    Field(
        max_length=MOST_EDITS,
        examples=[_EDITS],
        description="改动：facility_add、facility_move、facility_close、facility_resize、facility_share、gate_open、path_add、"
        "path_cut、homes_add / edits; docs/methods/scenarios.md",
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=200, examples=["东头加一处诊所"])]
Uid = Annotated[str, Field(min_length=1, max_length=64)]
Categories = Annotated[list[schemas.CategoryCode] | None, Field(min_length=1, max_length=60)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class BaseQuestion(_Asked):
    """The question a scenario is asked with unless another one is."""

    categories: Categories = None
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode | None = None
    by: schemas.By | None = None
    strict: bool | None = None
    at: schemas.At | None = None


class ScenarioNew(_Asked):
    """A scenario: its name, its edits, what is asked of it."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"name": "加一处诊所", "edits": _EDITS, "question": {"categories": ["clinic"], "circle": 15}}]
        },
    )

    name: Name
    edits: Edits
    question: BaseQuestion | None = None


class ScenarioChange(_Asked):
    """What of a scenario changes."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"name": "加两处诊所"}]})

    name: Name | None = None
    edits: Edits | None = None
    question: BaseQuestion | None = None


class Scenario(schemas.Answer):
    """A scenario as it is kept."""

    uid: str
    name: str
    edits: list[dict[str, Any]]
    question: dict[str, Any]
    created_at: str
    created_by: str
    updated_at: str
    updated_by: str
    version: int


class ScenarioRead(Scenario):
    """A scenario with who changed what, the newest first."""

    history: list[dict[str, Any]]


class Scenarios(schemas.Answer):
    """The scenarios in use, the last changed first."""

    scenarios: list[Scenario]


class WhatIfQuestion(_Asked):
    """Coverage with and without edits, given here or stored as scenarios.

    What is not said is as the scenarios have it; without categories those of the edits.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"categories": ["clinic"], "edits": _EDITS}]}
    )

    categories: Categories = None
    edits: Edits | None = None
    scenarios: Annotated[list[Uid] | None, Field(min_length=1, max_length=10)] = None
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode | None = None
    by: schemas.By | None = None
    strict: schemas.Strict | None = None
    at: schemas.At | None = None


class Evaluation(_Asked):
    """For which category a scenario is answered at once; what is not said is as the scenario has it."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"category": "clinic"}]})

    category: schemas.CategoryCode | None = None
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode | None = None
    by: schemas.By | None = None
    strict: bool | None = None
    at: schemas.At | None = None


class EditsEvaluation(_Asked):
    """Edits that are not kept, answered at once for one category."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"category": "clinic", "edits": _EDITS}]}
    )

    category: schemas.CategoryCode
    edits: Edits
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode = "standard"
    by: schemas.By = "community"
    strict: schemas.Strict = False
    at: schemas.At | None = None


class ProjectNew(_Asked):
    """Name (that of the scenario) and kind (the one its edits are of, else other) of the project to open."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"kind": "service_room"}]})

    name: Name | None = None
    kind: Annotated[str | None, Field(min_length=1, max_length=40)] = None


class EffectQuestion(_Asked):
    """The effect of a project on the coverage of categories, without any those of its measures."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"project": "projects-A", "categories": ["clinic"]}]},
    )

    project: Annotated[str, Field(min_length=1, max_length=64)]
    categories: Categories = None
    circle: schemas.Circle | None = None
    minutes: schemas.Minutes | None = None
    profile: schemas.ProfileCode | None = None
    by: schemas.By | None = None
    strict: schemas.Strict | None = None
    at: schemas.At | None = None
