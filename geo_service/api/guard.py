"""What every request passes first: id, host, origin and size checks, the body, security headers, log, last catch."""

import ipaddress
import re
import time
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.api.bodies import Held, check_announced, kind_of, read_body, read_json
from geo_service.api.errors import AddressTooLong, HeadersTooLarge, HostRefused, Unexpected, problem_response
from geo_service.api.headers import page_policy, secure
from geo_service.api.observing import Observer, Seen, template_of
from geo_service.domain.values import shown
from geo_service.foundation.errors import Forbidden, GeoServiceError, InvalidInput
from geo_service.foundation.texts import choose_lang

LOOPBACK_HOSTS: Final = frozenset({"localhost"})
MOST_HEADERS: Final = 100
LONGEST_HEADERS_BYTES: Final = 16 * 1024
LONGEST_ADDRESS_BYTES: Final = 8 * 1024
_WRITING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# those of a proxy (nginx: 32 digits, others: a UUID); anything freer could carry a name or number into the log
_REQUEST_ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
log = structlog.get_logger(__name__)


class Guard:
    """ASGI middleware around the whole app.

    Parameters
    ----------
    hosts
        Host names this server answers for, besides numeric loopback addresses.
    behind_proxy
        A proxy in front speaks TLS with the browsers even where it does not say so.
    body_within_s
        Deadline for bodies in place of each kind's own (seconds).
    observer
        Told of every request once it is answered.
    image_origins
        Where pages may load pictures from besides here.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] = LOOPBACK_HOSTS,
        *,
        behind_proxy: bool = False,
        body_within_s: float | None = None,
        observer: Observer | None = None,
        image_origins: Sequence[str] = (),
    ) -> None:
        self.app = app
        self._policy = page_policy(image_origins)
        self.hosts = frozenset(hosts)
        self._behind_proxy = behind_proxy
        self._within_s = body_within_s
        self._observer = observer
        self._held = Held()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _request_id(headers, is_believed=state.get("is_from_proxy", False))
        is_tls = self._behind_proxy or scope.get("scheme") == "https"
        answer = _Answer(send, request_id, scope, is_tls=is_tls, policy=self._policy)
        method = scope["method"]
        if method == "HEAD":
            scope["method"] = "GET"
        lang = choose_lang(headers.get("accept-language"))
        began = time.perf_counter()
        try:
            self._check(scope, headers)
            if scope["method"] in _WRITING:
                await self._with_body(scope, receive, answer)
            else:
                await self.app(scope, receive, answer.send)
        except ClientDisconnect:
            return
        except GeoServiceError as refused:
            await answer.problem(refused, lang, scope, receive)
        except Exception as error:
            log.exception("unexpected", request_id=request_id, exc_info=error)
            if answer.started:
                raise
            await answer.problem(Unexpected("unexpected", request_id=request_id), lang, scope, receive)
        finally:
            self._tell(Seen(method, template_of(scope), answer.status, time.perf_counter() - began), answer, scope)

    async def _with_body(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        kind = kind_of(scope["method"], scope["path"])
        client = scope.get("client")
        with self._held.room(client[0] if client else "") as room:
            body = await read_body(receive, kind, room, self._within_s)
            if body and kind.is_json:
                scope["state"]["json"] = await read_json(body)
            await self.app(scope, _replay(body, receive), answer.send)

    def _tell(self, seen: Seen, answer: "_Answer", scope: Scope) -> None:
        """Write the request's line; it holds no path, no query and no header, since these may name people."""
        actor = scope["state"].get("actor")
        log.info(
            "request",
            request_id=scope["state"]["request_id"],
            method=seen.known_method,
            route=seen.route,
            status=seen.status,
            ms=round(seen.seconds * 1000, 1),
            bytes=answer.bytes,
            account=getattr(actor, "account_uid", None),
        )
        if self._observer is not None:
            self._observer(seen)

    def _check(self, scope: Scope, headers: Headers) -> None:
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if len(scope["headers"]) > MOST_HEADERS or size > LONGEST_HEADERS_BYTES:
            raise HeadersTooLarge("headers_too_large", most=MOST_HEADERS, limit_bytes=LONGEST_HEADERS_BYTES)
        raw_path, query = scope.get("raw_path") or scope["path"].encode(), scope.get("query_string", b"")
        if len(raw_path) + len(query) > LONGEST_ADDRESS_BYTES:
            raise AddressTooLong("address_too_long", limit_bytes=LONGEST_ADDRESS_BYTES)
        host = headers.get("host", "")
        if _name(host) not in self.hosts and not _is_loopback(_name(host)):
            raise HostRefused("host_refused", host=shown(host))
        if "\x00" in scope["path"] or "\x00" in unquote(query.decode("latin-1")):
            raise InvalidInput("text_unprintable", character="U+0000")
        if scope["method"] in _WRITING:
            _check_origin(headers, host)
            check_announced(kind_of(scope["method"], scope["path"]), headers)


class _Answer:
    """Sends the app's answer on, with the headers every answer has."""

    def __init__(self, send: Send, request_id: str, scope: Scope, *, is_tls: bool, policy: str) -> None:
        self._send = send
        self._request_id = request_id
        self._is_head = scope["method"] == "HEAD"
        self._path = scope["path"]
        self._is_tls = is_tls
        self._policy = policy
        self.started = False
        self.status = 0
        self.bytes = 0

    async def send(self, message: Message) -> None:
        """Add the headers; of an answer to HEAD send no body."""
        if message["type"] == "http.response.start":
            self.started, self.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            secure(headers, self._path, is_tls=self._is_tls, policy=self._policy)
        elif self._is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        self.bytes += len(message.get("body", b""))
        await self._send(message)

    async def problem(self, error: GeoServiceError, lang: str, scope: Scope, receive: Receive) -> None:
        """Answer with a problem."""
        response = problem_response(error, choose_lang(lang), self._request_id)
        await response(scope, receive, self.send)


def _request_id(headers: Headers, *, is_believed: bool) -> str:
    """Return the proxy's id, else a new one: a client must not choose what its audit lines are found by."""
    given = headers.get("x-request-id", "")
    return given if is_believed and _REQUEST_ID.fullmatch(given) else uuid4().hex


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


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
