"""What a request proves itself with: the cookie of a session, an API token, or being asked on this very machine."""

import hmac
import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from geo_service.bootstrap import Service
from geo_service.domain.actors import ANONYMOUS, LOCAL_ADMIN, Actor
from geo_service.foundation.errors import Forbidden, SignInNeeded, StoreFault
from geo_service.services import devices, identity
from geo_service.services.identity import SignedIn

CSRF_HEADER: Final = "X-CSRF-Token"
COOKIE: Final = "geo"
SECURE_COOKIE: Final = "__Host-geo"  # browsers take it only from this very host, over TLS
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# open to everybody, and answered without asking the store who it is
_OPEN: Final = frozenset(
    {"/health", "/ready", "/styles.json", "/favicon.ico", "/sign-in", "/set-password", "/api/sign-in"}
)
_OPEN_BELOW: Final = ("/assets/", "/api/links/", "/api/oidc/")
# all that somebody may do who still has to show or set up a second factor
_BEFORE_SECOND_FACTOR: Final = frozenset(
    {
        ("GET", "/api/me"),
        ("POST", "/api/me/second-factor"),
        ("POST", "/api/me/second-factor/confirm"),
        ("POST", "/api/sign-out"),
    }
)
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True)
class Recognised:
    """Who a request comes from; ``csrf`` is what changes must prove themselves with, None without a session."""

    actor: Actor
    signed: SignedIn | None = None
    csrf: str | None = None


def is_open(path: str) -> bool:
    """Whether a path is answered for everybody."""
    return path in _OPEN or path.startswith(_OPEN_BELOW)


def is_page(path: str) -> bool:
    """Whether a path is that of a page for people, not of data."""
    return not path.startswith(("/api/", "/tiles/", "/assets/", "/docs/")) and "." not in path


def unrecognised(request: Request) -> Recognised:
    """Return anonymous, asking from where this request comes."""
    return Recognised(_from(ANONYMOUS, request))


def recognise(service: Service, request: Request) -> Recognised:
    """Return who asks.

    A wrong API token is refused, never ignored. Without an account in the store a request from this machine is the
    local admin's. Raises SignInNeeded ``sign_in_needed``; Forbidden ``csrf_wrong``, ``second_factor_required``.
    """
    found = _signed_in(service, request)
    if found is None:
        return Recognised(_from(_without_account(service, request), request))
    signed, csrf = found
    request.state.actor = _from(signed.actor, request)  # a refusal is noted as this one's
    if csrf is not None and request.method not in _SAFE:
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), csrf.encode()):
            raise Forbidden("csrf_wrong")
    path = request.url.path
    if signed.second_factor in ("needed", "pending") and not _may_before_second_factor(request.method, path):
        raise Forbidden("second_factor_required")
    return Recognised(_from(signed.actor, request), signed, csrf)


def is_secure(service: Service, request: Request) -> bool:
    """Whether the browser speaks TLS with us, or with the proxy before us."""
    return service.settings.behind_proxy or request.url.scheme == "https"


def give_cookie(response: Response, service: Service, request: Request, token: str) -> None:
    """Let the browser keep a session's token; for scripts it cannot be read."""
    secure = is_secure(service, request)
    longest = int(service.settings.session_terms.longest.total_seconds())
    response.set_cookie(
        _name(secure=secure), token, max_age=longest, path="/", secure=secure, httponly=True, samesite="lax"
    )


def take_cookie(response: Response, service: Service, request: Request) -> None:
    """Let the browser forget the session's token."""
    secure = is_secure(service, request)
    response.delete_cookie(_name(secure=secure), path="/", secure=secure, httponly=True, samesite="lax")


def device_of(service: Service, request: Request, part: str) -> str | None:
    """Return what this browser was given when the account that ``part`` stands for signed in here."""
    return request.cookies.get(_device(part, secure=is_secure(service, request)))


def give_device(response: Response, service: Service, request: Request, part: str, token: str) -> None:
    """Let the browser keep that an account signed in here; it opens nothing."""
    secure = is_secure(service, request)
    longest = int(devices.HOLDS.total_seconds())
    name = _device(part, secure=secure)
    response.set_cookie(name, token, max_age=longest, path="/", secure=secure, httponly=True, samesite="lax")


def _signed_in(service: Service, request: Request) -> tuple[SignedIn, str | None] | None:
    """Return who signed in and the proof of the session's page; None for nobody (or a session that has ended)."""
    settings, now = service.settings, service.clock()
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        with service.store.reading() as conn:
            signed = identity.by_token(conn, bearer.strip(), now, settings.timezone)
        if signed is None:
            raise SignInNeeded("sign_in_needed")
        _note_use(service, signed, bearer.strip())
        return signed, None
    cookie = request.cookies.get(_name(secure=is_secure(service, request)))
    if cookie is None:
        return None
    with service.store.reading() as conn:
        signed = identity.by_session(conn, cookie, now, settings.timezone, settings.session_terms)
    if signed is None:
        return None
    _note_use(service, signed, cookie)
    return signed, identity.csrf_token(cookie)


def _note_use(service: Service, signed: SignedIn, token: str) -> None:
    """Note now and then that something was used; nobody is refused because that could not be written."""
    if signed.is_stale:
        with suppress(StoreFault), service.store.writing() as conn:
            identity.note_use(conn, signed, token, service.clock())


def _without_account(service: Service, request: Request) -> Actor:
    if _is_here(service, request) and not service.accounts_seen.are_there(service.store):
        return LOCAL_ADMIN
    if service.settings.public:
        return ANONYMOUS
    raise SignInNeeded("sign_in_needed")


def _is_here(service: Service, request: Request) -> bool:
    """Whether a request comes from this machine itself, not through something that passes requests on."""
    if service.settings.behind_proxy or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _may_before_second_factor(method: str, path: str) -> bool:
    return (method, path) in _BEFORE_SECOND_FACTOR or (method in _SAFE and is_page(path))


def _name(*, secure: bool) -> str:
    return SECURE_COOKIE if secure else COOKIE


def _device(part: str, *, secure: bool) -> str:
    return f"{_name(secure=secure)}-device-{part}"


def _from(actor: Actor, request: Request) -> Actor:
    address = request.client.host if request.client else None
    return actor.asked(address, getattr(request.state, "request_id", None))
