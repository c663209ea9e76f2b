"""Photos over HTTP: sent as the body itself, reviewed, and shown as published copies; originals by right only."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.door import Door, Doored, JsonObject, json_response, not_modified
from geo_service.api.geojson import feature_text
from geo_service.api.idempotency import Onced
from geo_service.api.limits import heavy
from geo_service.api.schemas import Answer
from geo_service.domain.layers import layer_named
from geo_service.domain.values import Fault, ValuesRefused, shown
from geo_service.domain.works import PHOTOS
from geo_service.services import features, photos
from geo_service.services.context import Context

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(tags=["photos"])
_GEOJSON = "application/geo+json"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FEATURE = {"content": {_GEOJSON: {"schema": {"$ref": "#/components/schemas/PhotoFeature"}}}}
_VERSION = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": '读到的 version,加引号 / the version that was read, in quotes: "3"',
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"1"']},
}


class UploadQuestion(BaseModel):
    """What a photo shows."""

    model_config = ConfigDict(extra="forbid")

    subject_layer: Annotated[str, Field(min_length=1, max_length=50, description="图层 / layer of the thing")]
    subject_uid: Annotated[str, Field(min_length=1, max_length=64, description="uid 或编码 / uid or code")]


class ImageQuestion(BaseModel):
    """Which published copy."""

    model_config = ConfigDict(extra="forbid")

    size: Literal["full", "thumbnail"] = "full"


_SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
_REVIEW: dict[str, Any] = {
    "type": "object",
    "required": ["decision"],
    "additionalProperties": False,
    "properties": {
        "decision": {"enum": ["published", "refused"]},
        "reason": {"anyOf": [{"type": "string", "maxLength": 500}, {"type": "null"}]},
        "boxes": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["x", "y", "width", "height"],
                "additionalProperties": False,
                "properties": dict.fromkeys(("x", "y", "width", "height"), _SHARE),
                "description": "占画面宽高的比例，从左上角起 / shares of its sides, from the upper left",
            },
        },
    },
}


async def whole_body(request: Request) -> bytes:
    """Return the body, whose type and length the guard has checked."""
    return await request.body()


@router.post(
    "/api/photos",
    operation_id="upload_photo",
    summary="上传照片 / Add a photo",
    description="请求体就是照片本身（JPEG、PNG、WebP，至多 20 MB、5000 万像素），先待审核；"
    "同一对象的同一张照片不重复保存，返回 200。 / "
    "The body is the photo itself (JPEG, PNG or WebP, at most 20 MB and 50 million pixels). It waits for review; "
    "the same photo of the same thing again is answered with 200 and the one there is.",
    status_code=201,
    response_class=Response,
    responses={200: {"description": "there already", **_FEATURE}, 201: {"description": "Created", **_FEATURE}},
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(photos.MEDIA_TYPES, _BINARY)}},
)
def upload(
    question: Annotated[UploadQuestion, Query()],
    body: Annotated[bytes, Depends(whole_body)],
    door: Doored,
    once: Onced,
) -> Response:
    """Keep a photo."""
    subject = (question.subject_layer, question.subject_uid)
    with door.reading() as (conn, ctx):
        photos.may_upload(conn, ctx, *subject)
    claimed = door.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with heavy(door, "photo"):
        incoming = photos.checked(ctx, body, claimed)

    def keep(conn: "Connection", ctx: Context) -> Response:
        row, is_new = photos.upload(conn, ctx, *subject, incoming)
        return kept(row, 201 if is_new else 200)

    def again(conn: "Connection", ctx: Context, uid: str) -> Response:
        return kept(features.get_row(conn, ctx, PHOTOS, uid))

    def kept(row: dict[str, Any], status: int = 200) -> Response:
        headers = {"Location": f"/api/photos/{row['uid']}", "ETag": _etag(row)}
        return json_response(feature_text(row), status, headers, _GEOJSON)

    answer = once("upload_photo", keep, again)
    _settle(door, "upload_photo")
    return answer


class PublishedPhoto(Answer):
    """A photo anybody who sees its thing may see; its sides as the camera made them, upright."""

    uid: str
    width_px: int | None
    height_px: int | None


class PublishedPhotos(Answer):
    """The published photos of a thing."""

    photos: list[PublishedPhoto]


@router.get(
    "/api/{layer}/{ident}/photos",
    operation_id="list_published_photos",
    summary="一个对象的已发布照片 / The published photos of a thing",
    description="看得到这个对象的人都能看。 / For whoever may see the thing.",
    response_model=PublishedPhotos,
)
def list_published(layer: str, ident: str, door: Doored) -> Response:
    """Return which photos of a thing are published."""
    asked = layer_named(layer)
    with door.reading() as (conn, ctx):
        found = photos.published_of(conn, ctx, asked, ident)
    return json_response({"photos": found})


@router.get(
    "/api/photos/{uid}/image",
    operation_id="get_photo_image",
    summary="照片的发布版 / The published copy of a photo",
    description="只有审核后发布的才有。 / Only of photos that were reviewed and published.",
    response_class=Response,
    responses={
        200: {"description": "OK", "content": {photos.COPY_TYPE: _BINARY}},
        304: {"description": "not changed"},
    },
)
def get_image(uid: str, question: Annotated[ImageQuestion, Query()], door: Doored) -> Response:
    """Return the published copy."""
    with door.reading() as (conn, ctx):
        file = photos.published(conn, ctx, uid, question.size)
    etag = f'"{file.checksum[:32]}"'
    if door.is_known(etag):
        return not_modified(etag)
    return Response(file.content, 200, {"ETag": etag, "Cache-Control": "private, no-cache"}, file.media_type)


@router.get(
    "/api/photos/{uid}/original",
    operation_id="get_photo_original",
    summary="照片原件 / The original of a photo",
    description="需要权限；每次查看都记入审计。 / Needs the right to; every look is written into the audit.",
    response_class=Response,
    responses={200: {"description": "OK", "content": dict.fromkeys(photos.MEDIA_TYPES, _BINARY)}},
)
def get_original(uid: str, door: Doored) -> Response:
    """Return the original, byte for byte."""
    with door.writing() as (conn, ctx):
        file = photos.original(conn, ctx, uid)
    headers = {"Cache-Control": "no-store", "Content-Disposition": "inline", "Content-Security-Policy": "sandbox"}
    return Response(file.content, 200, headers, file.media_type)


@router.post(
    "/api/photos/{uid}/review",
    operation_id="review_photo",
    summary="审核照片 / Review a photo",
    description="发布时 boxes 里的区域（人脸、车牌、室内）被遮盖；不予发布须写理由。 / "
    "On publication the regions in boxes (faces, plates, insides of homes) are made unrecognisable; "
    "a refusal needs a reason.",
    response_class=Response,
    responses={200: {"description": "OK", **_FEATURE}},
    openapi_extra={
        "parameters": [_VERSION],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _REVIEW,
                    "example": {"decision": "refused", "reason": "看不清 / not to be made out"},
                }
            },
        },
    },
)
def review(uid: str, body: JsonObject, door: Doored) -> Response:
    """Publish a photo or refuse it."""
    expected = door.expected_version()
    _check_members(body)
    with door.reading() as (conn, ctx):
        original = photos.original_for_review(conn, ctx, uid)
    decision = photos.decision_of(ctx, body.get("decision"), body.get("reason"), body.get("boxes"))
    with heavy(door, "photo"):
        decision = photos.drawn(ctx, decision, original)
    with door.writing() as (conn, ctx):
        row = photos.review(conn, ctx, uid, decision, expected_version=expected)
    _settle(door, "review_photos")
    return json_response(feature_text(row), headers={"ETag": _etag(row)}, media_type=_GEOJSON)


def _settle(door: Door, story: Literal["upload_photo", "review_photos"]) -> None:
    with door.reading() as (conn, ctx):
        photos.settle(conn, ctx, story)


def _check_members(body: dict[str, Any]) -> None:
    known = tuple(_REVIEW["properties"])
    unknown = [key for key in body if key not in known]
    if unknown:
        facts = {"known": ", ".join(known)}
        raise ValuesRefused([Fault(shown(key), shown(body[key]), "field_unknown", facts) for key in unknown[:10]])


def _etag(row: dict[str, Any]) -> str:
    return f'"{row["version"]}"'
