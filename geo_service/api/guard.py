"""What every request passes first: request id, host and origin checks, body limit, security headers, last catch."""

import ipaddress
import re
import secrets
import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote, urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.api.errors import BodyTooLarge, HostRefused, MediaTypeRefused, Unexpected, problem_response
from geo_service.domain.values import shown
from geo_service.foundation.errors import Forbidden, GeoServiceError, InvalidInput
from geo_service.foundation.texts import choose_lang

BODY_LIMIT_BYTES: Final = 2 * 1024 * 1024
LOOPBACK_HOSTS: Final = frozenset({"localhost"})
_WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_REQUEST_ID: Final = re.compile(r"[0-9A-Za-z_-]{8,64}")
_CSP: Final = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'{style}; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
log = structlog.get_logger(__name__)


class Guard:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = LOOPBACK_HOSTS) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id, scope)
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
        lang = choose_lang(headers.get("accept-language"))
        began = time.perf_counter()
        try:
            self._check(scope, headers)
            body = await _body(receive) if scope["method"] in _WRITING else b""
            await self.app(scope, _replay(body, receive), answer.send)
        except ClientDisconnect:
            return
        except GeoServiceError as refused:
            await answer.problem(refused, lang, scope, receive)
        except Exception:
            log.exception("unexpected", request_id=request_id, method=scope["method"], path=scope["path"])
            if answer.started:
                raise
            await answer.problem(Unexpected("unexpected", request_id=request_id), lang, scope, receive)
        finally:
            log.debug(
                "request",
                request_id=request_id,
                method=scope["method"],
                path=scope["path"],
                status=answer.status,
                seconds=round(time.perf_counter() - began, 4),
            )

    def _check(self, scope: Scope, headers: Headers) -> None:
        host = headers.get("host", "")
        if _name(host) not in self.hosts and not _is_loopback(_name(host)):
            raise HostRefused("host_refused", host=shown(host))
        query = scope.get("query_string", b"").decode("latin-1")
        if "\x00" in scope["path"] or "\x00" in unquote(query):
            raise InvalidInput("text_unprintable", character="U+0000")
        if scope["method"] in _WRITING:
            _check_origin(headers, host)
            length = headers.get("content-length", "")
            if length.isdecimal() and int(length[:20]) > BODY_LIMIT_BYTES:
                raise BodyTooLarge("body_too_large", limit_bytes=BODY_LIMIT_BYTES)
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if scope["method"] in _WITH_BODY and kind not in (
                "application/json",
                "application/geo+json",
                "application/merge-patch+json",
            ):
                raise MediaTypeRefused("json_only", given=shown(kind))


class _Answer:
    """Sends the app's answer on, with the headers every answer has."""

    def __init__(self, send: Send, request_id: str, scope: Scope) -> None:
        self._send = send
        self._request_id = request_id
        self._is_head = scope["method"] == "HEAD"
        self._relaxed = scope["path"] == "/docs"
        self.started = False
        self.status = 0

    async def send(self, message: Message) -> None:
        """Add the headers; of an answer to HEAD send no body."""
        if message["type"] == "http.response.start":
            self.started, self.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers["Content-Security-Policy"] = _CSP.format(style=" 'unsafe-inline'" if self._relaxed else "")
            for name, value in _HEADERS.items():
                headers[name] = value
        elif self._is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    async def problem(self, error: GeoServiceError, lang: str, scope: Scope, receive: Receive) -> None:
        """Answer with a problem."""
        response = problem_response(error, choose_lang(lang), self._request_id)
        await response(scope, receive, self.send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(12)


def _name(host: str) -> str:
    """Return the host name of a Host header, its port cut off."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _is_loopback(name: str) -> bool:
    """Whether a host name is a numeric loopback address; a number cannot be rebound to another machine."""
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _check_origin(headers: Headers, host: str) -> None:
    """Refuse writes that a page of another site sent."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    foreign = site is not None and site not in ("same-origin", "none")
    if origin is not None:
        parts = urlsplit(origin)
        foreign = foreign or parts.scheme not in ("http", "https") or parts.netloc.lower() != host.lower()
    if foreign:
        raise Forbidden("cross_origin", origin=shown(origin or site or ""))


async def _body(receive: Receive) -> bytes:
    """Return the whole body, at most the limit."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_LIMIT_BYTES:
            raise BodyTooLarge("body_too_large", limit_bytes=BODY_LIMIT_BYTES)
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
