"""Shapes of what is asked and answered about rules."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.schemas import Answer, CategoryCode

Reason = Annotated[str | None, Field(max_length=500)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RulesQuestion(_Asked):
    """Which rules to list."""

    category: CategoryCode | None = None
    use: Annotated[str | None, Field(max_length=40, examples=["item"])] = None
    to_verify: bool | None = None
    in_force: bool | None = None


class RuleNew(_Asked):
    """A rule of the office; ``values`` are its fields."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "LOCAL-1",
                    "values": {
                        "standard": "示例市社区用房规定",
                        "clause": "第三条",
                        "name": {"zh": "社区综合服务站", "en": "community service station"},
                        "evidence": "quoted",
                        "categories": ["service_station"],
                        "level": "community",
                        "use": "item",
                        "checklist_item": "CRC-01",
                        "min_floor_area_m2": 1000,
                    },
                }
            ]
        },
    )

    id: Annotated[str, Field(min_length=1, max_length=40)]
    values: dict[str, Any]
    reason: Reason = None


class RuleChange(_Asked):
    """Fields to change, why, and from which day on (today)."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"changes": {"min_floor_area_m2": 1000}, "reason": "省标准"}]}
    )

    changes: dict[str, Any]
    reason: Reason = None
    valid_from: Annotated[str | None, Field(max_length=10, examples=["2026-03-01"])] = None


class RuleSeen(_Asked):
    """By which text a rule is confirmed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"seen_in": "GB 50180-2018，第 12 页"}]})

    seen_in: Annotated[str, Field(min_length=1, max_length=500)]


class RuleHeld(_Asked):
    """A rule that was held against a text, in the version that was read."""

    id: Annotated[str, Field(min_length=1, max_length=40)]
    version: Annotated[int, Field(ge=1)]
    seen_in: Annotated[str, Field(min_length=1, max_length=500)]


class RulesSeen(_Asked):
    """Rules to confirm in one go."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"rules": [{"id": "CRC-03", "version": 1, "seen_in": "建科规〔2020〕7号，第 2 页"}]}]
        },
    )

    rules: Annotated[list[RuleHeld], Field(min_length=1, max_length=500)]


class RuleConfirmed(Answer):
    """A rule that was confirmed, and its new version."""

    id: str
    version: int


class RulesConfirmed(Answer):
    """What was confirmed."""

    confirmed: list[RuleConfirmed]


class RuleVersion(Answer):
    """One version of a rule and how it came to be."""

    rule: dict[str, Any]
    action: Literal["shipped", "added", "edited", "confirmed"]
    valid_from: str | None
    created_at: str | None
    created_by: str | None
    reason: str | None


class RuleInfo(Answer):
    """A rule as it is today, with all its versions."""

    rule: dict[str, Any]
    newest_version: int
    versions: list[RuleVersion]


class Disagreement(Answer):
    """Two rules in force that say different things of one category and level."""

    one: str
    other: str
    category: str
    level: str | None
    metric: str
    says: list[str]
    is_contradiction: bool


class Rules(Answer):
    """The rules of today."""

    version: str
    rules: list[dict[str, Any]]
    to_verify_count: int
    disagreements: list[Disagreement]
