"""Saved views of the map over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api import schemas
from geo_service.api.accounts import IF_MATCH
from geo_service.api.door import Doored, json_response
from geo_service.api.idempotency import Onced
from geo_service.domain.views import LONGEST_NAME, LONGEST_STATE
from geo_service.foundation.errors import InvalidInput
from geo_service.services import views

router = APIRouter(tags=["views"])
_VERSIONED: dict[str, Any] = {"parameters": [IF_MATCH]}
_FRESH = {"Cache-Control": "no-store"}
_STATE = "map=15/116.31500/40.01000&category=clinic&circle=15&profile=standard&by=community"
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_NAME,
        examples=["东片的诊所"],
        description="本人的视图不重名；不要写姓名、电话 / unique among one's own; no names or phones of persons here",
    ),
]
State = Annotated[
    str,
    Field(
        min_length=1,
        examples=[_STATE],
        description=f"地图网址中 # 之后的内容，不含正在编辑的，最多 {LONGEST_STATE} 字 / "
        "what stands after # in the address of the map, without what is being edited, "
        f"at most {LONGEST_STATE} characters",
    ),
]
Sharing = Annotated[
    Literal["private", "colleagues"],
    Field(
        examples=["private"],
        description="colleagues：能查看情景的人（read_scenarios） / who may see scenarios (read_scenarios)",
    ),
]


class ViewNew(BaseModel):
    """A view: its name, its state, for whom."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"name": "东片的诊所", "state": _STATE}]}
    )

    name: Name
    state: State
    sharing: Sharing = "private"


class ViewChange(BaseModel):
    """What of a view changes."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"sharing": "colleagues"}]})

    name: Name | None = None
    state: State | None = None
    sharing: Sharing | None = None


class View(schemas.Answer):
    """A view as it is kept, and whether it is one's own or may be changed."""

    uid: str
    name: str
    state: str
    sharing: str
    created_at: str
    created_by: str
    updated_at: str
    updated_by: str
    version: int
    is_own: bool
    may_change: bool


class Views(schemas.Answer):
    """One's own views first, then those colleagues share, the last changed first."""

    views: list[View]


@router.get("/api/views", summary="列出保存的视图 / List the saved views", response_model=Views)
def list_views(door: Doored, limit: Annotated[int, Query(ge=1, le=views.LISTED_AT_MOST)] = 1000) -> Response:
    """Return one's own views and those colleagues share."""
    with door.reading() as (conn, ctx):
        found = views.list_views(conn, ctx, limit=limit)
    return json_response({"views": found}, headers=_FRESH)


@router.post("/api/views", summary="保存视图 / Save a view", status_code=201, response_model=View)
def create_view(asked: ViewNew, once: Onced) -> Response:
    """Keep a view of the map."""

    def make(conn: Any, ctx: Any) -> Response:
        return answer(views.create_view(conn, ctx, **asked.model_dump()))

    def again(conn: Any, ctx: Any, uid: str) -> Response:
        return answer(views.get_view(conn, ctx, uid))

    def answer(made: dict[str, Any]) -> Response:
        return json_response(made, 201, {**_version(made), "Location": f"/api/views/{made['uid']}"})

    return once(views.STORY, make, again)


@router.get("/api/views/{uid}", summary="一个视图 / A saved view", response_model=View)
def get_view(uid: str, door: Doored) -> Response:
    """Return a view; the page opens it by ``/map#view=<uid>``."""
    with door.reading() as (conn, ctx):
        found = views.get_view(conn, ctx, uid)
    return json_response(found, headers=_version(found))


@router.patch(
    "/api/views/{uid}", summary="修改视图 / Change a saved view", response_model=View, openapi_extra=_VERSIONED
)
def change_view(uid: str, asked: ViewChange, door: Doored) -> Response:
    """Rename a view, keep another state in it, share it or share it no longer."""
    changes = asked.model_dump(exclude_none=True)
    if not changes:
        raise InvalidInput("nothing_to_change")
    expected = door.expected_version()
    with door.writing() as (conn, ctx):
        made = views.change_view(conn, ctx, uid, expected_version=expected, changes=changes)
    return json_response(made, headers=_version(made))


@router.delete("/api/views/{uid}", summary="删除视图 / Delete a saved view", status_code=204, openapi_extra=_VERSIONED)
def delete_view(uid: str, door: Doored) -> Response:
    """Delete a view for good."""
    expected = door.expected_version()
    with door.writing() as (conn, ctx):
        views.delete_view(conn, ctx, uid, expected_version=expected)
    return Response(status_code=204, headers=_FRESH)


def _version(found: dict[str, Any]) -> dict[str, str]:
    return {**_FRESH, "ETag": f'"{found["version"]}"'}
