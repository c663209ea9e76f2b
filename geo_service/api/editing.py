"""Editing beyond single changes: the form of a layer, what a row was before, the way back."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.accounts import IF_MATCH
from geo_service.api.door import Doored, etag_of, json_response, not_modified
from geo_service.api.features import GEOJSON, row_etag, with_current
from geo_service.api.geojson import feature_text, geometry_value
from geo_service.api.schemas import Answer
from geo_service.domain.layers import layer_named
from geo_service.services import feature_history
from geo_service.services.feature_form import form_of
from geo_service.services.feature_history import MOST_VERSIONS

router = APIRouter(tags=["editing"])
Geometry = dict[str, Any]
FEATURE: Final = {"content": {GEOJSON: {"schema": {"type": "object", "required": ["type", "properties", "geometry"]}}}}


class ChoiceInfo(Answer):
    """One thing to choose."""

    code: str
    label: str


class FormField(Answer):
    """One field of a form, texts in the language of the request."""

    name: str
    kind: Literal["text", "number", "integer", "date", "moment", "choice", "choices", "boolean", "reference", "json"]
    label: str
    help: str | None
    required: bool
    unit: str | None
    min: float | None
    max: float | None
    max_length: int | None
    choices: list[ChoiceInfo]
    default: str | float | bool | None
    refers_to: str | None
    is_long: bool
    is_personal: bool = Field(description="显示为掩码；原样送回不改变 / shown as a mask; sent back it changes nothing")
    editable: bool


class FormInfo(Answer):
    """What a row of a layer is made of."""

    layer: str
    geometry: list[str] = Field(description="可用的类型；空：没有自己的图形 / GeoJSON types; empty: none")
    geometry_required: bool
    code_pattern: str
    code_required: bool
    fields: list[FormField]


class ChangeInfo(Answer):
    """One value that changed; personal ones are *** before and after."""

    field: str
    label: str
    before: Any
    after: Any


class VersionInfo(Answer):
    """What one version changed; geometries where it changed them."""

    version: int
    at: str
    who: str
    action: Literal["created", "imported", "updated", "retired", "restored"]
    changes: list[ChangeInfo]
    geometry_before: Geometry | None
    geometry_after: Geometry | None


class HistoryInfo(Answer):
    """Versions of a row, the newest first; ``next_before`` asks for the older ones, null where there are none."""

    versions: list[VersionInfo]
    next_before: int | None


class HistoryQuestion(BaseModel):
    """Which versions."""

    model_config = ConfigDict(extra="forbid")

    before: Annotated[int | None, Field(ge=1, lt=2**53, description="只要比它旧的 / only older ones")] = None
    limit: Annotated[int, Field(ge=1, le=MOST_VERSIONS)] = 50


class RestoreAsked(BaseModel):
    """Which version a row is to be again."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, lt=2**53, examples=[1])]


@router.get(
    "/api/layers/{layer}/form",
    summary="一个图层的表单 / The form of a layer",
    description="给可以修改这一图层的人。 / For who may write in the layer.",
    response_model=FormInfo,
)
def get_form(layer: str, door: Doored) -> Response:
    """Return what a row of a layer is made of."""
    form = asdict(form_of(door.ctx, layer_named(layer)))
    etag = etag_of("form", door.lang, form)
    return not_modified(etag) if door.is_known(etag) else json_response(form, headers={"ETag": etag})


@router.get(
    "/api/{layer}/{ident}/history",
    operation_id="list_versions",
    summary="一条记录的历次修改 / What a row was before",
    description="最新的在前；每个值与记录本身一样隐去、取整。 / "
    "The newest first; every value is hidden or rounded as in the row itself.",
    response_model=HistoryInfo,
)
def list_versions(layer: str, ident: str, question: Annotated[HistoryQuestion, Query()], door: Doored) -> Response:
    """Return the versions of a row."""
    asked = layer_named(layer)
    with door.reading() as (conn, ctx):
        found = feature_history.list_versions(conn, ctx, asked, ident, before=question.before, limit=question.limit)
    told = [
        {
            **vars(one),
            "changes": [asdict(change) for change in one.changes],
            "geometry_before": geometry_value(one.geometry_before),
            "geometry_after": geometry_value(one.geometry_after),
        }
        for one in found.versions
    ]
    return json_response({"versions": told, "next_before": found.next_before})


@router.post(
    "/api/{layer}/{ident}/restore",
    operation_id="restore_version",
    summary="恢复到以前的一个版本 / Make a row what it was",
    description="作为新的版本，什么也不丢；已停用的重新启用。 / "
    "As a new version, nothing is lost; a retired row returns.",
    response_class=Response,
    responses={200: {"description": "OK", **FEATURE}},
    openapi_extra={"parameters": [IF_MATCH]},
)
def restore_row(layer: str, ident: str, body: RestoreAsked, door: Doored) -> Response:
    """Make a row what it was after an older version."""
    asked = layer_named(layer)
    expected = door.expected_version()
    with door.writing() as (conn, ctx), with_current(conn, ctx, asked):
        row = feature_history.restore_row(conn, ctx, asked, ident, version=body.version, expected_version=expected)
        etag = row_etag(conn, ctx, asked, row)
    return json_response(feature_text(row), headers={"ETag": etag}, media_type=GEOJSON)
