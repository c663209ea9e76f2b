"""Signing in at the office's identity provider: out to it and back. Opened by the browser, so answers are pages."""

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from geo_service.api.credentials import give_cookie, is_secure
from geo_service.api.door import Door, Doored
from geo_service.api.limits import heavy
from geo_service.foundation.errors import GeoServiceError, SignInNeeded, TooManyRequests
from geo_service.services import oidc

router = APIRouter(tags=["sign-in"])
_CALLBACK: Final = "/api/oidc/callback"
_HOLDS: Final = timedelta(minutes=10)
_FRESH: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_REDIRECT: Final[dict[int | str, dict[str, Any]]] = {303: {"description": "去往另一页 / to another page"}}
log = structlog.get_logger(__name__)


@router.get(
    "/api/oidc/start",
    summary="去统一身份登录 / Go to the identity provider",
    status_code=303,
    response_class=Response,
    responses=_REDIRECT,
)
def get_start(door: Doored, next: str | None = None) -> Response:  # noqa: A002  the name in the address
    """Lead to the identity provider."""
    provider = oidc.needed(door.service.settings.oidc)
    try:
        with heavy(door, "oidc"):
            address, pending = oidc.start(provider, _known(door), _back(door), next, door.service.clock())
    except (SignInNeeded, TooManyRequests) as error:
        return _failed(error)
    answer = RedirectResponse(address, 303, _FRESH)
    secure = is_secure(door.service, door.request)
    answer.set_cookie(
        _cookie(secure=secure),
        pending,
        max_age=int(_HOLDS.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(
    _CALLBACK,
    summary="从统一身份返回 / Come back from the identity provider",
    status_code=303,
    response_class=Response,
    responses=_REDIRECT,
)
def get_callback(door: Doored) -> Response:
    """Sign in who comes back, and lead to where they wanted to go."""
    provider = oidc.needed(door.service.settings.oidc)
    secure = is_secure(door.service, door.request)
    pending = door.request.cookies.get(_cookie(secure=secure), "")
    address = f"{_back(door)}?{door.request.url.query}"
    try:
        with heavy(door, "oidc"):
            now = door.service.clock()
            claims = oidc.finish(provider, _known(door), _back(door), address=address, pending=pending, now=now)
    except (SignInNeeded, TooManyRequests) as error:
        return _failed(error, forget=_cookie(secure=secure), secure=secure)
    agent = door.request.headers.get("user-agent")
    with door.writing() as (conn, ctx):
        outcome = oidc.sign_in(conn, ctx, claims, terms=door.service.settings.session_terms, agent=agent)
    if outcome.refused is not None:
        return _failed(outcome.refused, forget=_cookie(secure=secure), secure=secure)
    answer = RedirectResponse(claims.next_path, 303, _FRESH)
    answer.delete_cookie(_cookie(secure=secure), path="/", secure=secure, httponly=True, samesite="lax")
    give_cookie(answer, door.service, door.request, outcome.token or "")
    return answer


def _failed(error: GeoServiceError, *, forget: str | None = None, secure: bool = False) -> Response:
    """Lead back to the page for signing in, which says what went wrong."""
    log.warning("oidc", code=error.code, reason=str(error.facts.get("reason", "")))
    answer = RedirectResponse(f"/sign-in?{urlencode({'problem': error.code})}", 303, _FRESH)
    if forget is not None:
        answer.delete_cookie(forget, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


def _known(door: Door) -> oidc.Known:
    """Return what the process knows of the provider, kept from the first question on."""
    state = door.request.app.state
    if not hasattr(state, "oidc_known"):
        state.oidc_known = oidc.Known()
    known: oidc.Known = state.oidc_known
    return known


def _back(door: Door) -> str:
    """Return the address the provider sends the browser back to; the guard has checked the host's name."""
    scheme = "https" if is_secure(door.service, door.request) else "http"
    return f"{scheme}://{door.request.headers['host']}{_CALLBACK}"


def _cookie(*, secure: bool) -> str:
    return "__Host-geo-oidc" if secure else "geo-oidc"
