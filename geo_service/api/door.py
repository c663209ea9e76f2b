"""What every route gets: who asks, in which language, and the two transactions, closed before the answer is sent.

Routes are plain ``def`` functions; they open the transaction themselves and leave it before they return, so a
client reads "201" only of what is committed (decision 0001). Not a dependency with ``yield``: it would hold a write
lock while waiting for a thread to run the route in, and many such requests could wait for each other.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from geo_service.api.credentials import is_open, recognise, unrecognised
from geo_service.api.errors import PreconditionMissing
from geo_service.bootstrap import Service
from geo_service.domain.actors import Actor
from geo_service.domain.values import shown
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import Lang, choose_lang
from geo_service.services.context import Context
from geo_service.services.identity import SignedIn

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Door:
    """One request's way in.

    ``signed`` is who signed in (None for the local admin and anonymous), ``csrf`` what the pages of its session must
    send along with changes.
    """

    service: Service
    request: Request
    actor: Actor
    lang: Lang
    signed: SignedIn | None = None
    csrf: str | None = None

    @property
    def ctx(self) -> Context:
        """The context stories are given; StoreFault while the store cannot be opened."""
        return self.service.context(self.actor, self.lang)

    @contextmanager
    def reading(self) -> "Iterator[tuple[Connection, Context]]":
        """Yield a connection that sees one frozen state, and the context."""
        ctx = self.ctx
        with ctx.store.reading() as conn:
            yield conn, ctx

    @contextmanager
    def writing(self) -> "Iterator[tuple[Connection, Context]]":
        """Yield a connection in a write transaction, committed when the block is left; and the context."""
        ctx = self.ctx
        with ctx.store.writing() as conn:
            yield conn, ctx
        self.service.versions.forget()
        self.service.accounts_seen.forget()

    def is_known(self, etag: str) -> bool:
        """Whether the asker already has the answer with this ``etag`` (If-None-Match)."""
        given = self.request.headers.get("if-none-match", "")
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return bool(given) and ("*" in tags or etag.removeprefix("W/") in tags)

    def expected_version(self) -> int:
        """Return the version in ``If-Match``; PreconditionMissing without one, InvalidInput for another form."""
        given = self.request.headers.get("if-match")
        if given is None:
            raise PreconditionMissing("if_match_missing")
        digits = given.strip().removeprefix("W/").strip('"').partition("-")[0]  # the row's state follows
        if not digits.isdecimal() or not digits.isascii() or len(digits) > 15:
            raise InvalidInput("if_match_form", given=shown(given))
        return int(digits)


async def door_of(request: Request) -> Door:
    """Return the door of a request: who asks is found out here, for every route there is (``main.create_app``)."""
    service: Service = request.app.state.service
    if is_open(request.url.path):
        found = unrecognised(request)
    else:
        found = await run_in_threadpool(recognise, service, request)
    request.state.actor = found.actor
    lang = choose_lang(request.headers.get("accept-language"))
    return Door(service, request, found.actor, lang, found.signed, found.csrf)


async def json_object(request: Request) -> dict[str, Any]:
    """Return the JSON object the guard has parsed; InvalidInput ``json_invalid`` without one, ``json_not_object``."""
    value = getattr(request.state, "json", None)
    if value is None and not await request.body():
        raise InvalidInput("json_invalid")
    if not isinstance(value, dict):
        raise InvalidInput("json_not_object")
    return value


Doored = Annotated[Door, Depends(door_of)]
JsonObject = Annotated[dict[str, Any], Depends(json_object)]


def etag_of(*parts: object) -> str:
    """Return a strong-looking entity tag of ``parts``; weak, because compression may change the bytes."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()
    return f'W/"{digest[:24]}"'


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = "application/json"
) -> Response:
    """Return ``value`` as JSON; NaN is a mistake of ours and raises."""
    body = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Response(body, status, {"Cache-Control": "no-cache", **(headers or {})}, media_type)


def not_modified(etag: str) -> Response:
    """Return the answer to a question whose answer the asker has."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-cache"})
