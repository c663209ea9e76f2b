"""Refused requests are noted in the audit: who tried what is not theirs, or guessed at names.

Written after the answer is sent, in a short transaction of its own, at most once a minute for each actor, address
and route; a refusal that cannot be noted is logged.
"""

import threading

import structlog
from fastapi import Request
from starlette.background import BackgroundTask

from geo_service.bootstrap import Service
from geo_service.domain.actors import ANONYMOUS, Actor
from geo_service.domain.values import shown
from geo_service.foundation.errors import Forbidden, GeoServiceError, NotFound
from geo_service.foundation.texts import DEFAULT_LANG
from geo_service.services.refused import Refusal, minute_of, note_refusal

log = structlog.get_logger(__name__)
_NO_ROUTE = "address_unknown"  # nobody's data was asked for


class Recent:
    """What this process has noted in the minute it is, so that a flood does not even ask the store."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = ""
        self._noted: set[tuple[str, str | None, str, str]] = set()

    def is_new(self, minute: str, actor: Actor, refusal: Refusal) -> bool:
        """Whether nothing like this was noted in this minute yet; from now on it is."""
        key = (actor.name, actor.address, refusal.method, refusal.route)
        with self._lock:
            if minute != self._minute:
                self._minute, self._noted = minute, set()
            if key in self._noted:
                return False
            self._noted.add(key)
            return True


def to_note(request: Request, error: GeoServiceError, status: int) -> BackgroundTask | None:
    """Return what is to be done once ``error`` was answered, None for a refusal that tells nothing.

    That is being forbidden something, and, for all but admins, a name that is not known: a row outside one's reach
    answers like one that does not exist.
    """
    actor = _actor(request)
    is_guess = isinstance(error, NotFound) and error.code != _NO_ROUTE and actor.role != "admin"
    if not is_guess and not isinstance(error, Forbidden):
        return None
    route = getattr(request.scope.get("route"), "path", "")
    # the token of a one-time link is a secret: the audit keeps what it holds for ever
    path = route if "{token}" in route else shown(request.url.path)
    refusal = Refusal(request.method, route, status, error.code, path)
    return BackgroundTask(_note, request.app.state.service, request.app.state.refusals, actor, refusal)


def _actor(request: Request) -> Actor:
    """Return who was recognised, else anonymous."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is not None:
        return actor
    address = None if request.client is None else request.client.host
    return ANONYMOUS.asked(address, getattr(request.state, "request_id", None))


def _note(service: Service, recent: Recent, actor: Actor, refusal: Refusal) -> None:
    try:
        ctx = service.context(actor, DEFAULT_LANG)
        if recent.is_new(minute_of(ctx), actor, refusal):
            with ctx.store.writing() as conn:
                note_refusal(conn, ctx, refusal)
    except GeoServiceError as error:
        log.warning("refusal_not_noted", code=error.code)
