"""Rules of the standards: to read for everybody, to edit and confirm for administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from geo_service.api import rule_schemas as schemas
from geo_service.api.accounts import IF_MATCH
from geo_service.api.door import Doored, json_response
from geo_service.api.idempotency import Onced
from geo_service.services import rule_lists, rules

router = APIRouter(tags=["rules"])
_VERSIONED: dict[str, Any] = {"parameters": [IF_MATCH]}


@router.get(
    "/api/rules",
    summary="今天的标准规则 / The rules of today",
    description="标准与条款、数值、强度、证据和待核实的字段；互相不一致的规则列在 disagreements。 / "
    "Standard and clause, figures, strength, evidence and what is to be verified; disagreements names rules that "
    "differ.",
    response_model=schemas.Rules,
)
def list_rules(question: Annotated[schemas.RulesQuestion, Query()], door: Doored) -> Response:
    """Return the rules."""
    with door.reading() as (conn, ctx):
        found = rules.list_rules(conn, ctx, **question.model_dump())
    return json_response(found, headers={"Cache-Control": "no-cache"})


@router.post(
    "/api/rules",
    summary="新增本地规则 / Add a rule of the office",
    status_code=201,
    response_model=schemas.RuleInfo,
)
def add_rule(asked: schemas.RuleNew, once: Onced) -> Response:
    """Add a rule."""

    def make(conn: Any, ctx: Any) -> Response:
        return answer(rules.add_rule(conn, ctx, asked.id, asked.values, reason=asked.reason))

    def again(conn: Any, ctx: Any, ident: str) -> Response:
        return answer(rules.get_rule(conn, ctx, ident))

    def answer(made: dict[str, Any]) -> Response:
        return json_response(made, 201, {**_version(made), "Location": f"/api/rules/{made['rule']['id']}"})

    return once(rules.STORY, make, again)


@router.get(
    "/api/rules/{ident}",
    summary="一条规则和它的全部版本 / A rule and all its versions",
    response_model=schemas.RuleInfo,
)
def get_rule(ident: str, door: Doored) -> Response:
    """Return a rule."""
    with door.reading() as (conn, ctx):
        found = rules.get_rule(conn, ctx, ident)
    return json_response(found, headers=_version(found))


@router.patch(
    "/api/rules/{ident}",
    summary="修改规则 / Edit a rule",
    description="写成新版本，旧版本保留；新版本须重新确认。 / "
    "A new version is written, the old one stays; the new one waits to be confirmed.",
    response_model=schemas.RuleInfo,
    openapi_extra=_VERSIONED,
)
def edit_rule(ident: str, asked: schemas.RuleChange, door: Doored) -> Response:
    """Edit a rule."""
    expected = door.expected_version()
    with door.writing() as (conn, ctx):
        made = rules.edit_rule(
            conn,
            ctx,
            ident,
            expected_version=expected,
            changes=asked.changes,
            reason=asked.reason,
            valid_from=asked.valid_from,
        )
    return json_response(made, headers=_version(made))


@router.post(
    "/api/rules/{ident}/confirm",
    summary="确认规则与标准文本一致 / Confirm a rule against the text",
    response_model=schemas.RuleInfo,
    openapi_extra=_VERSIONED,
)
def confirm_rule(ident: str, asked: schemas.RuleSeen, door: Doored) -> Response:
    """Confirm a rule."""
    expected = door.expected_version()
    with door.writing() as (conn, ctx):
        made = rules.confirm_rule(conn, ctx, ident, expected_version=expected, seen_in=asked.seen_in)
    return json_response(made, headers=_version(made))


@router.post(
    "/api/rules/confirm",
    summary="一次确认多条规则 / Confirm many rules at once",
    description="全部确认，或一条也不确认。 / All of them or none.",
    response_model=schemas.RulesConfirmed,
)
def confirm_rules(asked: schemas.RulesSeen, door: Doored) -> Response:
    """Confirm rules."""
    seen = [rule_lists.Seen(one.id, one.version, one.seen_in) for one in asked.rules]
    with door.writing() as (conn, ctx):
        made = rule_lists.confirm_rules(conn, ctx, seen)
    return json_response(made, headers={"Cache-Control": "no-store"})


def _version(found: dict[str, Any]) -> dict[str, str]:
    return {"Cache-Control": "no-cache", "ETag": f'"{found["newest_version"]}"'}
