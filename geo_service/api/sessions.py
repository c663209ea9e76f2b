"""Signing in and out, and one's own account: password, second factor, sessions, API tokens."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from geo_service.api import account_schemas as schemas
from geo_service.api.credentials import device_of, give_cookie, give_device, take_cookie
from geo_service.api.door import Door, Doored, json_response
from geo_service.api.idempotency import Onced
from geo_service.foundation.errors import Forbidden
from geo_service.services import identity, passwords, proof, second_factor, sessions, sign_in, tokens

router = APIRouter(tags=["sign-in"])
_FRESH = {"Cache-Control": "no-store"}


@router.get(
    "/api/sign-in",
    summary="可用的登录方式 / How one can sign in",
    response_model=schemas.SignInWays,
)
def get_sign_in(door: Doored) -> Response:
    """Return how one can sign in here."""
    settings = door.service.settings
    ways = {"password": True, "oidc": settings.oidc is not None, "public": settings.public}
    return json_response(ways, headers=_FRESH)


@router.post(
    "/api/sign-in",
    summary="登录 / Sign in",
    description="成功后由 cookie 保持登录。开启了两步验证的账号还要给出 code。失败过多时 429。 / "
    "A cookie keeps one signed in. Accounts with a second factor give the code, too. 429 after too many failures.",
    status_code=204,
    response_class=Response,
)
def post_sign_in(asked: schemas.SignIn, door: Doored) -> Response:
    """Sign in; counted before the password is compared, which is done outside any transaction."""
    part = sign_in.device_part(asked.name)
    device = device_of(door.service, door.request, part)
    with door.reading() as (conn, ctx):
        sign_in.refuse_locked(conn, ctx, asked.name, device)
    with door.writing() as (conn, ctx):
        begun = sign_in.begin(conn, ctx, asked.name, device)
    refused = begun.attempt.refusal()
    if refused is not None:
        raise refused
    is_right = passwords.is_right(begun.password_hash, asked.password)
    agent = door.request.headers.get("user-agent")
    terms = door.service.settings.session_terms
    with door.writing() as (conn, ctx):
        outcome = sign_in.finish(conn, ctx, begun, is_right=is_right, code=asked.code, terms=terms, agent=agent)
    if outcome.refused is not None:
        raise outcome.refused
    answer = Response(status_code=204, headers=_FRESH)
    give_cookie(answer, door.service, door.request, outcome.token or "")
    give_device(answer, door.service, door.request, part, outcome.device or "")
    return answer


@router.post("/api/sign-out", summary="退出 / Sign out", status_code=204, response_class=Response)
def post_sign_out(door: Doored) -> Response:
    """End this session."""
    if door.signed is not None and door.signed.session is not None:
        with door.writing() as (conn, ctx):
            sign_in.sign_out(conn, ctx, door.signed.session)
    answer = Response(status_code=204, headers=_FRESH)
    take_cookie(answer, door.service, door.request)
    return answer


@router.post(
    "/api/links/{token}",
    summary="用一次性链接设置密码 / Set a password by a one-time link",
    description="设置后该账号的其他登录和令牌失效，需重新登录。 / Ends all sign-ins and tokens of the account.",
    status_code=204,
    response_class=Response,
)
def post_link(token: str, asked: schemas.LinkPassword, door: Doored) -> Response:
    """Set the password of the account the link is for."""
    with door.reading() as (conn, ctx):
        name, display_name = sign_in.name_of_link(conn, ctx, token)
    checked = sign_in.check_new_password(asked.password, name, display_name)
    password_hash = passwords.hashed(checked)
    with door.writing() as (conn, ctx):
        sign_in.use_link(conn, ctx, token, password_hash)
    return Response(status_code=204, headers=_FRESH)


@router.get("/api/me", summary="我是谁，能做什么 / Who I am and what I may do", response_model=schemas.Me)
def get_me(door: Doored) -> Response:
    """Return who asks."""
    with door.reading() as (conn, ctx):
        told = identity.me(conn, ctx, door.signed, door.csrf)
    return json_response(told, headers=_FRESH)


@router.post(
    "/api/me/password",
    summary="修改密码 / Change one's password",
    description="其他设备上的登录和所有 API 令牌失效。 / Ends the sign-ins on other devices and all API tokens.",
    status_code=204,
    response_class=Response,
)
def post_password(asked: schemas.PasswordChange, door: Doored) -> Response:
    """Change one's password."""
    here = _session(door)
    with door.reading() as (conn, ctx):
        account = identity.own_account(conn, ctx)
    checked = sign_in.check_new_password(asked.new, account["name"], account["display_name"])
    with door.writing() as (conn, ctx):
        begun = sessions.begin_password(conn, ctx)
    is_right = begun.attempt.locked is None and passwords.is_right(begun.password_hash, asked.old)
    password_hash = passwords.hashed(checked) if is_right else ""
    with door.writing() as (conn, ctx):
        refused = sessions.set_password(conn, ctx, begun, is_right=is_right, password_hash=password_hash, here=here)
    if refused is not None:
        raise refused
    return Response(status_code=204, headers=_FRESH)


@router.post(
    "/api/me/second-factor",
    summary="设置两步验证 / Set up a second factor",
    description="密钥只显示这一次，用 confirm 确认后生效。 / The secret is shown this once; it counts once confirmed.",
    response_model=schemas.SecondFactor,
)
def post_second_factor(door: Doored) -> Response:
    """Make a new second factor."""
    _session(door)
    with door.writing() as (conn, ctx):
        made = second_factor.start(conn, ctx)
    return json_response(made, headers=_FRESH)


@router.post(
    "/api/me/second-factor/confirm",
    summary="确认验证码 / Confirm by a code",
    status_code=204,
    response_class=Response,
)
def post_code(asked: schemas.CodeGiven, door: Doored) -> Response:
    """Switch the second factor on, or show it in this session."""
    here = _session(door)
    with door.writing() as (conn, ctx):
        attempt = second_factor.begin_confirm(conn, ctx)
    with door.writing() as (conn, ctx):
        refused = second_factor.confirm(conn, ctx, attempt, asked.code, here)
    if refused is not None:
        raise refused
    return Response(status_code=204, headers=_FRESH)


@router.delete(
    "/api/me/second-factor",
    summary="关闭两步验证 / Remove the second factor",
    description="须再给出密码；没有密码的账号须在十分钟内刚登录过。 / "
    "Asks for the password again; without one, for a sign-in within ten minutes.",
    status_code=204,
    response_class=Response,
)
def delete_second_factor(door: Doored, asked: schemas.PasswordAgain | None = None) -> Response:
    """Remove one's own second factor."""
    _prove(door, asked.password if asked else None)
    with door.writing() as (conn, ctx):
        second_factor.remove(conn, ctx)
    return Response(status_code=204, headers=_FRESH)


@router.get("/api/me/sessions", summary="已登录的设备 / Where I am signed in", response_model=schemas.Sessions)
def get_sessions(door: Doored) -> Response:
    """Return one's sessions."""
    here = door.signed.session if door.signed else None
    with door.reading() as (conn, ctx):
        listed = sessions.list_sessions(conn, ctx, here)
    return json_response({"sessions": listed}, headers=_FRESH)


@router.delete(
    "/api/me/sessions/{uid}", summary="让一台设备退出 / Sign out elsewhere", status_code=204, response_class=Response
)
def delete_session(uid: str, door: Doored) -> Response:
    """End one of one's sessions."""
    with door.writing() as (conn, ctx):
        sessions.end_session(conn, ctx, uid)
    return Response(status_code=204, headers=_FRESH)


@router.get("/api/me/tokens", summary="我的 API 令牌 / My API tokens", response_model=schemas.Tokens)
def get_tokens(door: Doored) -> Response:
    """Return one's API tokens."""
    with door.reading() as (conn, ctx):
        listed = tokens.list_tokens(conn, ctx)
    return json_response({"tokens": listed}, headers=_FRESH)


@router.post(
    "/api/me/tokens",
    summary="新建 API 令牌 / Make an API token",
    description="令牌只显示这一次。用 Authorization: Bearer 发送。须再给出密码；没有密码的账号须在十分钟内刚登录过。 / "
    "Shown this once; sent as Authorization: Bearer. "
    "Asks for the password again; without one, for a sign-in within ten minutes.",
    status_code=201,
    response_model=schemas.TokenMade,
)
def post_token(asked: schemas.TokenNew, door: Doored, once: Onced) -> Response:
    """Make an API token."""
    _prove(door, asked.password)
    return once.about(asked.model_dump_json(exclude={"password"}))(
        tokens.STORY,
        lambda conn, ctx: json_response(
            tokens.create_token(conn, ctx, asked.name, asked.scopes, asked.days), 201, _FRESH
        ),
    )


@router.delete(
    "/api/me/tokens/{uid}", summary="撤销 API 令牌 / Revoke an API token", status_code=204, response_class=Response
)
def delete_token(uid: str, door: Doored) -> Response:
    """Revoke one of one's API tokens."""
    with door.writing() as (conn, ctx):
        tokens.revoke_token(conn, ctx, uid)
    return Response(status_code=204, headers=_FRESH)


def _session(door: Door) -> dict[str, Any]:
    """Return the session of who asks; NotFound ``account_none`` without one, Forbidden ``session_needed``."""
    if door.signed is None:
        with door.reading() as (conn, ctx):
            identity.own_account(conn, ctx)
    if door.signed is None or door.signed.session is None:
        raise Forbidden("session_needed")
    return door.signed.session


def _prove(door: Door, password: str | None) -> None:
    """Return once who is signed in has proved it again, by the password or a fresh sign-in at the provider.

    Raises InvalidInput ``password_needed``, Forbidden ``sign_in_again``, SignInNeeded ``password_wrong``,
    TooManyRequests ``sign_in_locked``.
    """
    here = _session(door)
    with door.writing() as (conn, ctx):
        begun = proof.begin(conn, ctx, here, password)
    if begun is None:
        return
    is_right = begun.attempt.locked is None and passwords.is_right(begun.password_hash, password or "")
    with door.writing() as (conn, ctx):
        refused = proof.finish(conn, ctx, begun, is_right=is_right)
    if refused is not None:
        raise refused
