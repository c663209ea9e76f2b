"""Every refusal as a problem detail (RFC 9457) with a sentence in both languages; one table class → status."""

import math
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from geo_service.api.refused import Recent, to_note
from geo_service.domain.values import Fault, ValuesRefused, fault_sentence, shown
from geo_service.foundation.errors import (
    Conflict,
    FileFault,
    Forbidden,
    GeoServiceError,
    InvalidInput,
    NotFound,
    SignInNeeded,
    StaleVersion,
    StoreFault,
    TooManyRequests,
    TooMuch,
)
from geo_service.foundation.texts import Lang, choose_lang

PROBLEM_TYPE: Final = "application/problem+json"
log = structlog.get_logger(__name__)


class MethodRefused(GeoServiceError):
    """The address exists but does not take this method."""


class PreconditionMissing(GeoServiceError):
    """A change came without saying which version it was made from."""


class BodyTooLarge(TooMuch):
    """The request's body is longer than the service takes."""


class MediaTypeRefused(InvalidInput):
    """The request's body is not of a type the service reads."""


class HeadersTooLarge(TooMuch):
    """The request has more or longer headers than the service reads."""


class AddressTooLong(TooMuch):
    """The request's address is longer than the service reads."""


class TooSlow(GeoServiceError):
    """The request's body took too long to arrive."""


class Busy(GeoServiceError):
    """The process has too much in its hands just now."""


class HostRefused(GeoServiceError):
    """The request names a host this server does not answer for."""


class Unexpected(GeoServiceError):
    """Something broke that should not; details are in the log under the request's id."""


STATUS: Final[dict[type[GeoServiceError], int]] = {
    StaleVersion: 412,
    Conflict: 409,
    NotFound: 404,
    Forbidden: 403,
    StoreFault: 503,
    MethodRefused: 405,
    PreconditionMissing: 428,
    BodyTooLarge: 413,
    MediaTypeRefused: 415,
    HostRefused: 421,
    TooSlow: 408,
    AddressTooLong: 414,
    HeadersTooLarge: 431,
    TooManyRequests: 429,
    SignInNeeded: 401,
    Busy: 503,
    Unexpected: 500,
    FileFault: 422,
    InvalidInput: 422,
    GeoServiceError: 500,
}


def status_of(error: GeoServiceError) -> int:
    """Return the HTTP status of an error: that of the nearest class in :data:`STATUS`."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(error: GeoServiceError, lang: Lang, request_id: str = "") -> dict[str, Any]:
    """Return the problem detail of ``error`` as JSON values; its facts stand beside the standard members."""
    status = status_of(error)
    facts = {key: _plain(value) for key, value in error.facts.items()}
    if isinstance(error, ValuesRefused):
        facts["faults"] = [_fault(fault) for fault in error.faults[:100]]
    standard = {
        "type": f"urn:geo-service:problem:{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "detail": error.sentence(lang),
        "detail_zh": error.sentence("zh"),
        "detail_en": error.sentence("en"),
        "request_id": request_id,
    }
    return standard | {key: value for key, value in facts.items() if key not in standard}


def problem_response(
    error: GeoServiceError, lang: Lang, request_id: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """Return ``error`` as an answer."""
    content = problem(error, lang, request_id)
    return JSONResponse(
        content,
        status_code=content["status"],
        media_type=PROBLEM_TYPE,
        headers={"Cache-Control": "no-store", "Content-Language": lang, **_when_again(error), **(headers or {})},
    )


def _when_again(error: GeoServiceError) -> dict[str, str]:
    """Return the header that says when to ask again, where asking again may help."""
    if isinstance(error, StoreFault | Busy):
        return {"Retry-After": "5"}
    after = error.facts.get("retry_after_s")
    return {"Retry-After": str(math.ceil(after))} if isinstance(after, int | float) else {}


def install(app: FastAPI) -> None:
    """Make ``app`` answer every refusal as a problem detail, and note those the audit wants to know of."""
    app.state.refusals = Recent()
    app.add_exception_handler(GeoServiceError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)


def _answer(request: Request, error: GeoServiceError, headers: Mapping[str, str] | None = None) -> Response:
    lang = choose_lang(request.headers.get("accept-language"))
    answer = problem_response(error, lang, getattr(request.state, "request_id", ""), headers)
    answer.background = to_note(request, error, answer.status_code)
    return answer


def _on_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoServiceError)
    if status_of(error) >= 500:
        request_id = getattr(request.state, "request_id", "")
        log.warning("refused", code=error.code, reason=str(error.facts.get("reason", "")), request_id=request_id)
    if isinstance(error, SignInNeeded):
        return _ask_to_sign_in(request, error)
    return _answer(request, error)


def _ask_to_sign_in(request: Request, error: SignInNeeded) -> Response:
    """Lead somebody who opens a page to the page for signing in; tell everybody else that it is needed."""
    wants_page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
    if error.code != "sign_in_needed" or not wants_page or request.url.path.startswith(("/api/", "/tiles/")):
        return _answer(request, error, {"WWW-Authenticate": 'Bearer realm="geo-service"'})
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}", 303, {"Cache-Control": "no-store"})


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = shown(request.url.path)
    ours: GeoServiceError
    match error.status_code:
        case 404:
            ours = NotFound("address_unknown", path=path)
        case 405:
            ours = MethodRefused("method_refused", method=request.method, path=path)
        case 400:
            ours = InvalidInput("json_invalid")
        case _:
            ours = Unexpected("unexpected", request_id=getattr(request.state, "request_id", ""))
    return _answer(request, ours, error.headers)


def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(entry["type"] == "json_invalid" for entry in error.errors()):
        return _answer(request, InvalidInput("json_invalid"))
    return _answer(request, ValuesRefused([_translated(entry) for entry in error.errors()]))


# pydantic's error type → our code; what is not here is said in general terms
_CODES: Final = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "finite_number": "field_not_finite",
    "string_too_long": "field_too_long",
    "too_long": "list_too_long",
    "too_short": "list_too_short",
    "string_too_short": "field_empty",
    "enum": "field_not_a_choice",
    "literal_error": "field_not_a_choice",
    "greater_than": "field_out_of_range",
    "greater_than_equal": "field_out_of_range",
    "less_than": "field_out_of_range",
    "less_than_equal": "field_out_of_range",
}
_BOUNDS: Final = {"ge": "field_at_least", "gt": "field_above", "le": "field_at_most", "lt": "field_below"}
_QUOTED: Final = re.compile(r"'([^']*)'")
_KINDS: Final = {
    "int": "integer",
    "float": "real",
    "bool": "boolean",
    "string": "text",
    "list": "list",
    "model": "json",
    "dict": "json",
    "tuple": "list",
    "date": "date",
    "datetime": "moment",
}


def _translated(entry: Mapping[str, Any]) -> Fault:
    place = ".".join(str(part) for part in entry["loc"] if part not in ("body", "query", "path", "header"))
    context = entry.get("ctx") or {}
    code = _CODES.get(entry["type"])
    facts: dict[str, object] = {}
    says = ""
    if code == "field_out_of_range":  # pydantic names the bound that is broken alone
        bound, says = next(((context[name], says) for name, says in _BOUNDS.items() if name in context), ("", ""))
        facts = {"bound": bound}
    elif code == "field_not_a_choice":
        facts = {"known": _choices(context.get("expected", ""))}
    elif code in ("field_too_long", "list_too_long"):
        facts = {"length": context.get("actual_length", "?"), "longest": context.get("max_length", "?")}
    elif code == "list_too_short":
        facts = {"fewest": context.get("min_length", "?")}
    elif code == "field_unknown":
        says = "field_unknown_here"
    elif code is None:
        kind = str(entry["type"]).split("_", maxsplit=1)[0]
        code, facts = "field_wrong_kind", {"wanted": _KINDS.get(kind, kind)}
    value = "" if entry["type"] == "missing" else shown(entry.get("input"))
    return Fault(place or "body", value, code, facts, says)


def _choices(expected: object) -> str:
    """Return the values pydantic lists as ``'this', 'that' or 'other'`` without its words."""
    listed = str(expected)
    return ", ".join(_QUOTED.findall(listed) or listed.replace(" or ", ", ").split(", "))


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "field": fault.field,
        "value": fault.value,
        "code": fault.code,
        "detail_zh": fault_sentence(fault, "zh"),
        "detail_en": fault_sentence(fault, "en"),
    }


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, GeoServiceError):
        return value.code
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, Sequence):
        return [_plain(entry) for entry in value]
    return str(value)
