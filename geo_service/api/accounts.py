"""Everybody's accounts, for administrators."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from geo_service.api import account_schemas as schemas
from geo_service.api.door import Doored, json_response
from geo_service.api.idempotency import Onced
from geo_service.foundation.errors import InvalidInput
from geo_service.services import accounts

router = APIRouter(tags=["accounts"])
_FRESH = {"Cache-Control": "no-store"}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": '读到的 version,加引号 / the version that was read, in quotes: "3"',
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"1"']},
}
_VERSIONED: dict[str, Any] = {"parameters": [IF_MATCH]}


@router.get("/api/accounts", summary="列出账号 / List the accounts", response_model=schemas.Accounts)
def list_accounts(door: Doored) -> Response:
    """Return all accounts."""
    with door.reading() as (conn, ctx):
        listed = accounts.list_accounts(conn, ctx)
    return json_response({"accounts": listed}, headers=_FRESH)


@router.post(
    "/api/accounts",
    summary="新建账号 / Make an account",
    description="本人用一次性链接设置密码。 / Its holder sets the password by a one-time link.",
    status_code=201,
    response_model=schemas.AccountInfo,
)
def create_account(asked: schemas.AccountNew, door: Doored, once: Onced) -> Response:
    """Make an account."""
    values = asked.model_dump(exclude={"name", "role"})

    def make(conn: Any, ctx: Any) -> Response:
        return answer(accounts.create_account(conn, ctx, asked.name, asked.role, values))

    def again(conn: Any, ctx: Any, uid: str) -> Response:
        return answer(accounts.get_account(conn, ctx, uid))

    def answer(made: dict[str, Any]) -> Response:
        return json_response(made, 201, {**_version(made), "Location": f"/api/accounts/{made['uid']}"})

    return once(accounts.STORY, make, again)


@router.get("/api/accounts/{uid}", summary="一个账号 / One account", response_model=schemas.AccountInfo)
def get_account(uid: str, door: Doored) -> Response:
    """Return an account."""
    with door.reading() as (conn, ctx):
        found = accounts.get_account(conn, ctx, uid)
    return json_response(found, headers=_version(found))


@router.patch(
    "/api/accounts/{uid}",
    summary="修改账号 / Change an account",
    description="停用或改变角色立即生效。 / Disabling and a new role count at once.",
    response_model=schemas.AccountInfo,
    openapi_extra=_VERSIONED,
)
def change_account(uid: str, asked: schemas.AccountChange, door: Doored) -> Response:
    """Change an account."""
    changes = asked.model_dump(exclude_unset=True)
    empty = [name for name in ("role", "is_disabled") if name in changes and changes[name] is None]
    if not changes or empty:
        raise InvalidInput("nothing_to_change")
    expected = door.expected_version()
    with door.writing() as (conn, ctx):
        changed = accounts.change_account(conn, ctx, uid, expected_version=expected, changes=changes)
    return json_response(changed, headers=_version(changed))


@router.post(
    "/api/accounts/{uid}/link",
    summary="生成一次性链接 / Make a one-time link",
    description="只显示这一次；48 小时内可用来设置密码。 / Shown this once; sets a password within 48 hours.",
    status_code=201,
    response_model=schemas.LinkMade,
)
def create_link(uid: str, door: Doored, once: Onced) -> Response:
    """Make a one-time link."""

    def make(conn: Any, ctx: Any) -> Response:
        link = accounts.make_link(conn, ctx, uid)
        return json_response({"path": link.path, "expires_at": link.expires_at}, 201, _FRESH)

    return once(accounts.STORY, make)


@router.delete(
    "/api/accounts/{uid}/second-factor",
    summary="取消账号的两步验证 / Take an account's second factor away",
    status_code=204,
    response_class=Response,
)
def reset_second_factor(uid: str, door: Doored) -> Response:
    """Take the second factor from an account whose telephone is lost."""
    with door.writing() as (conn, ctx):
        accounts.reset_second_factor(conn, ctx, uid)
    return Response(status_code=204, headers=_FRESH)


@router.post(
    "/api/accounts/{uid}/assignments",
    summary="分配区域或网格 / Assign an area or a grid",
    status_code=201,
    response_model=schemas.AssignmentInfo,
)
def create_assignment(uid: str, asked: schemas.AssignmentNew, door: Doored, once: Onced) -> Response:
    """Assign an area or a grid to an account."""
    if (asked.area_code is None) == (asked.grid_code is None):
        raise InvalidInput("place_one")
    layer, code = ("areas", asked.area_code) if asked.area_code is not None else ("grids", asked.grid_code)

    def make(conn: Any, ctx: Any) -> Response:
        days = {"starts_on": asked.starts_on, "ends_on": asked.ends_on}
        return answer(accounts.assign(conn, ctx, uid, layer=layer, code=code or "", **days))

    def again(conn: Any, ctx: Any, assignment: str) -> Response:
        return answer(accounts.get_assignment(conn, ctx, uid, assignment))

    def answer(made: dict[str, Any]) -> Response:
        place = f"/api/accounts/{uid}/assignments/{made['uid']}"
        return json_response(made, 201, {**_version(made), "Location": place})

    return once(accounts.STORY, make, again)


@router.patch(
    "/api/accounts/{uid}/assignments/{assignment}",
    summary="结束分配 / End an assignment",
    response_model=schemas.AssignmentInfo,
    openapi_extra=_VERSIONED,
)
def end_assignment(uid: str, assignment: str, asked: schemas.AssignmentEnd, door: Doored) -> Response:
    """Let an assignment end."""
    expected = door.expected_version()
    with door.writing() as (conn, ctx):
        changed = accounts.end_assignment(conn, ctx, uid, assignment, expected_version=expected, ends_on=asked.ends_on)
    return json_response(changed, headers=_version(changed))


def _version(row: dict[str, Any]) -> dict[str, str]:
    return {**_FRESH, "ETag": f'"{row["version"]}"'}
