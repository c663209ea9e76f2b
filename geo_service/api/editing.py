"""Editing beyond single changes: the form of a layer, what a row was before, the way back."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.accounts import IF_MATCH
from geo_service.api.door import Doored, etag_of, json_response, not_modified
from geo_service.api.features import GEOJSON, row_etag, with_current
from geo_service.api.geojson import collection_text, feature_text, geometry_value
from geo_service.api.schemas import Answer
from geo_service.domain.layers import layer_named
from geo_service.services import feature_check, feature_history, feature_parts
from geo_service.services.feature_form import form_of
from geo_service.services.feature_history import MOST_VERSIONS
from geo_service.services.feature_parts import MOST_PARTS, Parted

router = APIRouter(tags=["editing"])
Geometry = dict[str, Any]
Ident = Annotated[str, Field(min_length=1, max_length=64)]
_COLLECTION: Final = {"schema": {"type": "object", "required": ["type", "features", "to_review"]}}
_PARTED: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "OK", "content": {GEOJSON: _COLLECTION}}}
_FEATURE: Final = {"content": {GEOJSON: {"schema": {"type": "object", "required": ["type", "properties", "geometry"]}}}}


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


class CheckAsked(BaseModel):
    """A shape as it is drawn."""

    model_config = ConfigDict(extra="forbid")

    geometry: Geometry = Field(examples=[{"type": "Point", "coordinates": [116.32, 40.002]}])
    ident: Ident | None = Field(None, description="要改的记录；不给就是新的 / the row it is for; without: a new one")
    properties: dict[str, Any] = Field(
        default_factory=dict,
        max_length=100,
        description="表单里的值；网格的 kind、department，区域的 level、parent_code 决定与谁相邻 / "
        "what the form says: kind, department of a grid, level, parent_code of an area decide its neighbours",
    )


Versions = Annotated[
    dict[Ident, Annotated[int, Field(ge=1, lt=2**53)]],
    Field(max_length=MOST_PARTS, description="读到的版本，按 ident / the version each was read in, by ident"),
]


class SplitAsked(BaseModel):
    """Where a row is to be split: along a line, or into parts."""

    model_config = ConfigDict(extra="forbid")

    versions: Versions = Field(examples=[{"GS-1": 1}])
    line: Geometry | None = Field(
        None, examples=[{"type": "LineString", "coordinates": [[116.3, 40.0], [116.4, 40.1]]}]
    )
    parts: list[Geometry] = Field(default_factory=list, max_length=MOST_PARTS)
    codes: list[Ident] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="新记录的编码，自西向东 / of the new rows, west to east",
    )


class MergeAsked(BaseModel):
    """Which rows are to be one, and which of them stays."""

    model_config = ConfigDict(extra="forbid")

    idents: list[Ident] = Field(min_length=2, max_length=MOST_PARTS, examples=[["GS-1", "GS-2"]])
    keep: Ident = Field(examples=["GS-1"])
    versions: Versions = Field(examples=[{"GS-1": 1, "GS-2": 1}])


class ProblemInfo(Answer):
    """One thing that is wrong with a shape, and where."""

    kind: Literal[
        "invalid", "self_intersection", "too_many_points", "overlap", "outside_parent", "gap", "sliver", "homes_outside"
    ]
    sentence: str
    geometry: Geometry | None
    area_m2: float | None
    ident: str | None
    blocks: bool = Field(description="这样存不进去 / it cannot be stored like this")


class CheckedInfo(Answer):
    """A drawn shape: its size (of polygons the length around them), what is wrong; at most 50 problems are listed."""

    points_count: int | None
    area_m2: float | None
    length_m: float | None
    problems_count: int
    problems: list[ProblemInfo]


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
    responses={200: {"description": "OK", **_FEATURE}},
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


@router.post(
    "/api/{layer}/check",
    operation_id="check_geometry",
    summary="检查画的图形，不保存 / Check a drawn shape; nothing is kept",
    description="面积、长度、无效之处；网格和区域还查重叠、缝隙、细条、越界和网格外的住宅。 / "
    "Size, where it is invalid; of grids and areas also overlaps, gaps, slivers, what lies outside, homes in no grid.",
    response_model=CheckedInfo,
)
def check_geometry(layer: str, body: CheckAsked, door: Doored) -> Response:
    """Return what is wrong with a drawn shape."""
    asked = layer_named(layer)
    with door.reading() as (conn, ctx):
        found = feature_check.check_geometry(
            conn, ctx, asked, body.geometry, ident=body.ident, properties=body.properties
        )
    problems = []
    for one in found.problems:
        told = {key: value for key, value in vars(one).items() if key != "shape"}
        problems.append({**told, "geometry": geometry_value(one.shape)})
    return json_response({**vars(found), "problems": problems})


@router.post(
    "/api/{layer}/{ident}/split",
    operation_id="split_row",
    summary="拆分 / Split a row",
    description="最大的一块（或给出的第一块）保留编码和属性；to_review 是要核对的字段。全部成功或全部不改。 / "
    "The largest part (or the first given) keeps code and values; to_review: fields to look at. All or nothing.",
    response_class=Response,
    responses=_PARTED,
)
def split_row(layer: str, ident: str, body: SplitAsked, door: Doored) -> Response:
    """Split a row along a line or into parts."""
    asked = layer_named(layer)
    with door.writing() as (conn, ctx), with_current(conn, ctx, asked):
        found = feature_parts.split_row(
            conn,
            ctx,
            asked,
            ident,
            versions=body.versions,
            line=body.line,
            parts=body.parts,
            codes=body.codes,
        )
    return _parted(found)


@router.post(
    "/api/{layer}/merge",
    operation_id="merge_rows",
    summary="合并相邻的 / Merge rows that touch",
    description="keep 保留属性，其余停用并注明并入哪里；to_review 是取值不同的字段。全部成功或全部不改。 / "
    "keep keeps its values, the others are retired into it; to_review: fields that differ. All or nothing.",
    response_class=Response,
    responses=_PARTED,
)
def merge_rows(layer: str, body: MergeAsked, door: Doored) -> Response:
    """Merge rows that touch each other."""
    asked = layer_named(layer)
    with door.writing() as (conn, ctx), with_current(conn, ctx, asked):
        found = feature_parts.merge_rows(conn, ctx, asked, body.idents, keep=body.keep, versions=body.versions)
    return _parted(found)


def _parted(found: Parted) -> Response:
    review = [asdict(one) for one in found.to_review]
    return json_response(collection_text(found.rows, to_review=review), media_type=GEOJSON)
