"""The audit: who did what, for officials (their areas) and admins; looking here is itself noted."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.door import Doored, json_response
from geo_service.api.limits import heavy
from geo_service.api.schemas import Answer
from geo_service.services import audit
from geo_service.services.audit import LIST_MAXIMUM, AuditQuestion

router = APIRouter(tags=["audit"])
_LARGEST = 2**63 - 1
_NO_STORE = {"Cache-Control": "no-store"}
Word = Annotated[str | None, Field(min_length=1, max_length=100)]


class AuditAsked(BaseModel):
    """Which lines of the audit."""

    model_config = ConfigDict(extra="forbid")

    from_: Annotated[
        str | None,
        Field(
            alias="from",
            max_length=40,
            description="起始日期或带时区的时刻 / first day, or moment with its zone",
            examples=["2026-03-01"],
        ),
    ] = None
    to: Annotated[
        str | None,
        Field(max_length=40, description="截止日期（含）或时刻（不含） / last day, or the moment before which"),
    ] = None
    actor: Word = None
    verb: Word = None
    layer: Word = None
    subject: Word = None
    area: Annotated[
        str | None, Field(min_length=1, max_length=100, description="含下级区域 / with all areas below it")
    ] = None
    limit: Annotated[int, Field(ge=1, le=LIST_MAXIMUM)] = 100
    before: Annotated[int | None, Field(ge=1, le=_LARGEST, description="只要编号更小的 / smaller ids only")] = None


class AuditLine(Answer):
    """One line of the audit."""

    id: int
    at: str
    actor: str
    account_uid: str | None
    role: str
    via: str
    address: str | None
    request_id: str | None
    verb: str
    layer: str | None
    subject_uid: str | None
    area_code: str | None
    reason: str | None
    facts: dict[str, Any] | None


class AuditLines(Answer):
    """A page of the audit, the newest line first."""

    lines: list[AuditLine]
    next_before: int | None = Field(
        description="下一页的 before；没有更多时为空 / before of the next page, null: no more"
    )


class AuditChange(Answer):
    """One change of a row: personal values are hidden, geometries are WKT."""

    layer: str
    version: int
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditLineRead(AuditLine):
    """One line of the audit with the changes it tells of."""

    changes: list[AuditChange]


@router.get(
    "/api/audit",
    summary="审计记录 / Lines of the audit",
    description="最新的在前；干部只见本人区域的记录；每次查询本身也会记入。 / "
    "The newest first; officials see the lines about their areas; each query is itself noted.",
    response_model=AuditLines,
)
def list_audit(asked: Annotated[AuditAsked, Query()], door: Doored) -> Response:
    """Return one page of the audit; the question is noted before it is answered."""
    question = AuditQuestion(
        since=asked.from_,
        until=asked.to,
        actor=asked.actor,
        verb=asked.verb,
        layer=asked.layer,
        subject=asked.subject,
        area=asked.area,
        limit=asked.limit,
        before=asked.before,
    )
    with door.writing() as (conn, ctx):
        noted = audit.note_question(conn, ctx, question)
    with heavy(door, "search"), door.reading() as (conn, ctx):
        page = audit.list_lines(conn, ctx, noted)
    return json_response({"lines": page.lines, "next_before": page.next_before}, headers=_NO_STORE)


@router.get(
    "/api/audit/{line}",
    summary="一条审计记录及其变更 / One line of the audit with its changes",
    description="个人信息始终遮盖；查看本身也会记入。 / Personal values stay hidden; reading it is itself noted.",
    response_model=AuditLineRead,
)
def get_audit_line(line: Annotated[int, Path(ge=1, le=_LARGEST)], door: Doored) -> Response:
    """Return one line of the audit, before and after the change; noted before it is answered."""
    with door.writing() as (conn, ctx):
        noted = audit.note_line(conn, ctx, line)
    with door.reading() as (conn, ctx):
        found = audit.get_line(conn, ctx, noted, line)
    return json_response(found, headers=_NO_STORE)
