"""Editing beyond single changes: forms, what a row was and the way back, drawn shapes checked, split and merge."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import Response

from geo_service.api import editing_schemas as shapes
from geo_service.api.accounts import IF_MATCH
from geo_service.api.door import Doored, etag_of, json_response, not_modified
from geo_service.api.features import GEOJSON, row_etag, with_current
from geo_service.api.geojson import collection_text, feature_text, geometry_value
from geo_service.domain.layers import layer_named
from geo_service.services import feature_check, feature_history, feature_parts
from geo_service.services.feature_form import form_of
from geo_service.services.feature_parts import Parted
from geo_service.services.layer_problems import layer_problems
from geo_service.services.shape_problems import Problem

router = APIRouter(tags=["editing"])
_COLLECTION: Final = {"schema": {"type": "object", "required": ["type", "features", "to_review"]}}
_PARTED: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "OK", "content": {GEOJSON: _COLLECTION}}}
_FEATURE: Final = {"content": {GEOJSON: {"schema": {"type": "object", "required": ["type", "properties", "geometry"]}}}}


@router.get(
    "/api/layers/{layer}/form",
    summary="一个图层的表单 / The form of a layer",
    description="给可以修改这一图层的人。 / For who may write in the layer.",
    response_model=shapes.FormInfo,
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
    response_model=shapes.HistoryInfo,
)
def list_versions(
    layer: str, ident: str, question: Annotated[shapes.HistoryQuestion, Query()], door: Doored
) -> Response:
    """Return the versions of a row."""
    asked = layer_named(layer)
    with door.reading() as (conn, ctx):
        found = feature_history.list_versions(conn, ctx, asked, ident, before=question.before, limit=question.limit)
    told = [
        {
            **vars(one),
            "changes": [asdict(change) for change in one.changes],
            "at_stake": [asdict(partner) for partner in one.at_stake],
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
def restore_row(layer: str, ident: str, body: shapes.RestoreAsked, door: Doored) -> Response:
    """Make a row what it was after an older version."""
    asked = layer_named(layer)
    expected = door.expected_version()
    with door.writing() as (conn, ctx), with_current(conn, ctx, asked):
        row = feature_history.restore_row(
            conn, ctx, asked, ident, version=body.version, expected_version=expected, partners=body.partners
        )
        etag = row_etag(conn, ctx, asked, row)
    return json_response(feature_text(row), headers={"ETag": etag}, media_type=GEOJSON)


@router.post(
    "/api/{layer}/check",
    operation_id="check_geometry",
    summary="检查画的图形，不保存 / Check a drawn shape; nothing is kept",
    description="面积、长度、无效之处；网格和区域还查重叠、缝隙、细条、越界和网格外的住宅，其他图层查盖住什么、离围墙和道路多远等；"
    "新记录还告诉会得到的编码。 / "
    "Size, where it is invalid; of grids and areas also overlaps, gaps, slivers, what lies outside, homes in no grid; "
    "of others what they lie over, how far walls and ways are …; of a new row the code it would be given.",
    response_model=shapes.CheckedInfo,
)
def check_geometry(layer: str, body: shapes.CheckAsked, door: Doored) -> Response:
    """Return what is wrong with a drawn shape."""
    asked = layer_named(layer)
    with door.reading() as (conn, ctx):
        found = feature_check.check_geometry(
            conn, ctx, asked, body.geometry, ident=body.ident, properties=body.properties
        )
    return json_response({**vars(found), "problems": _problems(found.problems)})


@router.get(
    "/api/layers/{layer}/problems",
    operation_id="list_problems",
    summary="网格或区域的全部问题 / Everything wrong with the grids or areas there are",
    description="重叠、空白、细条、越界、网格外的住宅；部门网格还与治理网格比较（一张网）。 / "
    "Overlaps, holes, slivers, what lies outside, homes in no grid; a department's grids also against the governance "
    "grids.",
    response_model=shapes.LayerProblemsInfo,
)
def list_problems(layer: str, question: Annotated[shapes.LayerProblemsQuestion, Query()], door: Doored) -> Response:
    """Return everything that is wrong with the grids of a kind or the areas of a level."""
    asked = layer_named(layer)
    with door.reading() as (conn, ctx):
        found = layer_problems(
            conn, ctx, asked, kind=question.kind, department=question.department, level=question.level
        )
    return json_response({**vars(found), "problems": _problems(found.problems)})


def _problems(found: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {**{key: value for key, value in vars(one).items() if key != "shape"}, "geometry": geometry_value(one.shape)}
        for one in found
    ]


@router.post(
    "/api/{layer}/{ident}/split",
    operation_id="split_row",
    summary="拆分 / Split a row",
    description="最大的一块（或给出的第一块）保留编码和属性；to_review 是要核对的字段。全部成功或全部不改。 / "
    "The largest part (or the first given) keeps code and values; to_review: fields to look at. All or nothing.",
    response_class=Response,
    responses=_PARTED,
)
def split_row(layer: str, ident: str, body: shapes.SplitAsked, door: Doored) -> Response:
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
def merge_rows(layer: str, body: shapes.MergeAsked, door: Doored) -> Response:
    """Merge rows that touch each other."""
    asked = layer_named(layer)
    with door.writing() as (conn, ctx), with_current(conn, ctx, asked):
        found = feature_parts.merge_rows(conn, ctx, asked, body.idents, keep=body.keep, versions=body.versions)
    return _parted(found)


def _parted(found: Parted) -> Response:
    review = [asdict(one) for one in found.to_review]
    return json_response(collection_text(found.rows, to_review=review), media_type=GEOJSON)
