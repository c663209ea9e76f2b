"""Personal values over HTTP: revealed one record at a time with a reason; a person exported and erased."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.door import Doored, json_response
from geo_service.api.limits import heavy
from geo_service.api.schemas import Answer
from geo_service.domain.layers import layer_named
from geo_service.services import erasure
from geo_service.services.reveal import REASON_LONGEST, REASON_SHORTEST, reveal

router = APIRouter(tags=["persons"])
_NO_STORE = {"Cache-Control": "no-store"}
Reason = Annotated[
    str,
    Field(
        min_length=REASON_SHORTEST,
        max_length=REASON_LONGEST,
        description="原因，记入审计 / why; kept in the audit",
        examples=["回访核实台账"],
    ),
]
Key = Annotated[str, Field(min_length=1, max_length=64)]


class RevealAsked(BaseModel):
    """Which personal values of a record are to be shown, and why."""

    model_config = ConfigDict(extra="forbid")

    fields: list[Key] = Field(
        default_factory=list, max_length=20, description="空：全部个人信息字段 / empty: all personal fields"
    )
    reason: Reason


class RevealedValues(Answer):
    """Personal values in plain; null where nothing is kept."""

    uid: str
    version: int
    values: dict[str, str | None]


class WhyAsked(BaseModel):
    """Why a person is to be exported or erased."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class PersonErased(Answer):
    """A person that was erased."""

    layer: str
    uid: str
    code: str


class PersonExported(Answer):
    """Everything stored about the person of a record."""

    layer: str
    uid: str
    code: str
    exported_at: str
    row: dict[str, Any]
    history: list[dict[str, Any]]
    audit: list[dict[str, Any]]
    erasures: list[dict[str, Any]]


@router.post(
    "/api/{layer}/{ident}/reveal",
    summary="查看一条记录的个人信息 / Reveal the personal values of one record",
    description="须有权限并写明原因；每次都记入审计；每个账号一小时最多 60 条。 / "
    "Needs the right and a reason; each time leaves a line in the audit; 60 records an hour for each account.",
    response_model=RevealedValues,
)
def reveal_values(layer: str, ident: str, body: RevealAsked, door: Doored) -> Response:
    """Return personal values of one record in plain; never kept by anybody on the way."""
    asked = layer_named(layer)
    with door.writing() as (conn, ctx):
        found = reveal(conn, ctx, asked, ident, fields=body.fields, reason=body.reason)
    return json_response({"uid": found.uid, "version": found.version, "values": found.values}, headers=_NO_STORE)


@router.post(
    "/api/persons/{layer}/{ident}/export",
    summary="导出关于某人的全部内容 / Everything stored about a person",
    description="须写明原因，记入审计；与逐条查看合计，每个账号一小时最多 60 条。 / "
    "Needs a reason, which is kept in the audit; counts with the reveals: 60 an hour for each account.",
    response_model=PersonExported,
)
def export_person(layer: str, ident: str, body: WhyAsked, door: Doored) -> Response:
    """Return everything stored about the person of a record, history included."""
    asked = layer_named(layer)
    with heavy(door, "export"), door.writing() as (conn, ctx):
        found = erasure.export_person(conn, ctx, asked, ident, body.reason)
    return json_response(found, headers=_NO_STORE)


@router.delete(
    "/api/persons/{layer}/{ident}",
    summary="抹除某人 / Erase a person",
    description="清空个人信息并销毁其密钥，历史与审计中的也永远读不出来。 / "
    "Empties personal values and destroys their key: history and audit cannot be read again.",
    response_model=PersonErased,
)
def erase_person(layer: str, ident: str, body: WhyAsked, door: Doored) -> Response:
    """Erase the person of a record."""
    asked = layer_named(layer)
    with door.writing() as (conn, ctx):
        done = erasure.erase_person(conn, ctx, asked, ident, body.reason)
    return json_response({"layer": done.layer, "uid": done.uid, "code": done.code}, headers=_NO_STORE)
