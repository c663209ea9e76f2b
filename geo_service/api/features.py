"""Rows of any layer over HTTP. One set of routes for all layers; the API description lists them one by one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from geo_service.api.door import Doored, JsonObject, etag_of, json_response, not_modified
from geo_service.api.errors import MethodRefused
from geo_service.api.geojson import collection_text, feature_text
from geo_service.api.idempotency import Onced
from geo_service.api.limits import heavy
from geo_service.api.queries import list_question
from geo_service.domain.fields import Layer
from geo_service.domain.layers import layer_named
from geo_service.domain.rights import write_story
from geo_service.domain.values import Fault, ValuesRefused, shown
from geo_service.foundation.errors import InvalidInput, StaleVersion
from geo_service.services import features
from geo_service.services.context import Context

if TYPE_CHECKING:
    from sqlalchemy import Connection

router = APIRouter(include_in_schema=False)
GEOJSON = "application/geo+json"


@router.get("/api/{layer}")
def list_rows(layer: str, door: Doored) -> Response:
    """Return one page of a layer as a FeatureCollection."""
    asked = layer_named(layer)
    question = list_question(asked, door.request.query_params.multi_items())
    features.check_question(asked, question)
    # a polygon is held against every geometry near by
    with nullcontext() if question.within is None else heavy(door, "search"), door.reading() as (conn, ctx):
        etag = etag_of(features.list_state(conn, ctx, asked, question))
        if door.is_known(etag):
            return not_modified(etag)
        listed = features.list_rows(conn, ctx, asked, question)
    body = collection_text(
        listed.rows,
        numberMatched=listed.total,
        numberReturned=len(listed.rows),
        links=_links(door, question, listed.total),
    )
    return json_response(body, headers={"ETag": etag}, media_type=GEOJSON)


@router.get("/api/{layer}/{ident}")
def get_row(layer: str, ident: str, door: Doored) -> Response:
    """Return one row by its uid or code."""
    asked = layer_named(layer)
    with door.reading() as (conn, ctx):
        row = features.get_row(conn, ctx, asked, ident)
        etag = row_etag(conn, ctx, asked, row)
    if door.is_known(etag):
        return not_modified(etag)
    return json_response(feature_text(row), headers={"ETag": etag}, media_type=GEOJSON)


@router.post("/api/{layer}")
def create_row(layer: str, body: JsonObject, once: Onced) -> Response:
    """Keep a new row."""
    asked = _editable(layer)
    if body.get("type") != "Feature":
        raise InvalidInput("feature_expected", given=shown(body.get("type")))
    _check_members(body, ("type", "properties", "geometry", "id"))
    properties = _properties(body)

    def create(conn: "Connection", ctx: Context) -> Response:
        return made(conn, ctx, features.create_row(conn, ctx, asked, properties, body.get("geometry")))

    def again(conn: "Connection", ctx: Context, uid: str) -> Response:
        return made(conn, ctx, features.get_row(conn, ctx, asked, uid))

    def made(conn: "Connection", ctx: Context, row: dict[str, Any]) -> Response:
        headers = {"Location": f"/api/{asked.name}/{row['uid']}", "ETag": row_etag(conn, ctx, asked, row)}
        return json_response(feature_text(row), 201, headers, GEOJSON)

    return once(write_story(asked.name), create, again)


@router.patch("/api/{layer}/{ident}")
def change_row(layer: str, ident: str, body: JsonObject, door: Doored) -> Response:
    """Change some fields of a row."""
    asked = _editable(layer)
    expected = door.expected_version()
    _check_members(body, ("type", "properties", "geometry", "id"))
    changes: dict[str, Any] = {"properties": _properties(body)}
    if "geometry" in body:
        changes["geometry"] = body["geometry"]
    if not changes["properties"] and "geometry" not in changes:
        raise InvalidInput("nothing_to_change")
    with door.writing() as (conn, ctx), with_current(conn, ctx, asked):
        row = features.change_row(conn, ctx, asked, ident, expected_version=expected, changes=changes)
        etag = row_etag(conn, ctx, asked, row)
    return json_response(feature_text(row), headers={"ETag": etag}, media_type=GEOJSON)


@router.post("/api/{layer}/{ident}/retire")
def retire_row(layer: str, ident: str, body: JsonObject, door: Doored) -> Response:
    """Take a row out of use."""
    asked = _editable(layer)
    expected = door.expected_version()
    _check_members(body, ("reason",))
    with door.writing() as (conn, ctx), with_current(conn, ctx, asked):
        row = features.retire_row(conn, ctx, asked, ident, expected_version=expected, reason=body.get("reason"))
        etag = row_etag(conn, ctx, asked, row)
    return json_response(feature_text(row), headers={"ETag": etag}, media_type=GEOJSON)


@contextmanager
def with_current(conn: "Connection", ctx: Context, layer: Layer) -> Iterator[None]:
    """Add ``current``, the row as it is now and as who asks may see it, to a refusal because it changed meanwhile."""
    try:
        yield
    except StaleVersion as error:
        row = features.get_row(conn, ctx, layer, str(error.facts["code"]))
        raise StaleVersion(error.code, **error.facts, current=json.loads(feature_text(row))) from error


def _editable(name: str) -> Layer:
    layer = layer_named(name)
    if not layer.editable:
        raise MethodRefused("layer_read_only", layer=layer.name)
    return layer


def _properties(body: dict[str, Any]) -> dict[str, Any]:
    properties = body.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise ValuesRefused([Fault("properties", shown(properties), "field_wrong_kind", {"wanted": "json"})])
    return properties


def _check_members(body: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = [key for key in body if key not in known]
    if unknown:
        facts = {"known": ", ".join(known)}
        raise ValuesRefused([Fault(shown(key), shown(body[key]), "field_unknown", facts) for key in unknown[:10]])


def row_etag(conn: "Connection", ctx: Context, layer: Layer, row: dict[str, Any]) -> str:
    """Return the row's version, which If-Match goes by, and after it what else the answer depends on."""
    return f'"{row["version"]}-{features.row_state(conn, ctx, layer)}"'


def _links(door: Doored, question: features.ListQuestion, total: int) -> list[dict[str, str]]:
    """Return where this page and the next one are."""
    path = door.request.url.path
    given = {k: v for k, v in door.request.query_params.multi_items() if k != "offset"}
    links = [{"rel": "self", "href": str(path) + (f"?{door.request.url.query}" if door.request.url.query else "")}]
    following = question.offset + question.limit
    if following < total:
        links.append({"rel": "next", "href": f"{path}?{urlencode({**given, 'offset': following})}"})
    return links
