"""Creating requests that may be sent twice: with an ``Idempotency-Key`` the second one creates nothing.

What was made is noted in the transaction that makes it, so there is no moment in which one is there without the other;
who repeats a request after a cut line or a restart is shown what he made, as he may see it now (decision 0026).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Depends, Header, Request
from fastapi.responses import Response

from geo_service.api.door import Door, Doored
from geo_service.foundation.errors import Conflict, InvalidInput
from geo_service.services import answers
from geo_service.services.answers import Answer
from geo_service.services.context import Context

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
LONGEST: Final = 200
KEY_SCHEMA: Final = {"minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]([ -~]*[!-~])?$"}
DESCRIPTION: Final = (
    "同一个键、同一个请求再次发送时不再新建，返回已建的那一个现在的样子（24 小时内）。 / "
    "The same key and request sent again creates nothing and shows what was made, as it is now (for 24 hours)."
)
PARAMETER: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": DESCRIPTION,
    "schema": {"type": "string", **KEY_SCHEMA},
}
_KEY: Final = re.compile(r"[!-~]([ -~]*[!-~])?")
_PLACES: Final = ("location", "content-location")
Work = Callable[["Connection", Context], Response]
Again = Callable[["Connection", Context, str], Response]


@dataclass(frozen=True)
class Once:
    """Does the work of one creating request, once."""

    door: Door
    key: str | None
    request_hash: str

    def about(self, request: str) -> "Once":
        """Return this with another description of the request: without the password that came with it."""
        return replace(self, request_hash=hashlib.sha256(request.encode("utf-8", "surrogatepass")).hexdigest())

    def __call__(self, story: str, work: Work, again: Again | None = None) -> Response:
        """Return what ``work`` answers in a write transaction; the second time what ``again`` answers.

        Only what succeeds is noted; a refusal leaves nothing behind and may be tried again with the same key.

        Parameters
        ----------
        story
            The right the work needs: asked again before anything is said of what was made; Forbidden without it.
        work
            Creates and builds the answer, which names what was made in ``Location`` or ``Content-Location``.
        again
            Shows what was made to who asks now, given its uid. None where the answer held a secret that is stored
            nowhere (a token, a link): the second request is told that it was done, Conflict
            ``idempotency_shown_once``.
        """
        with self.door.writing() as (conn, ctx):
            if self.key is None:
                return work(conn, ctx)
            before = answers.given_before(conn, ctx, story, self.key, self.request_hash)
            if before is None:
                response = work(conn, ctx)
                kept = {name: value for name, value in response.headers.items() if name.lower() in _PLACES}
                answers.keep(conn, ctx, self.key, Answer(self.request_hash, response.status_code, kept))
                return response
            if again is None:
                raise Conflict("idempotency_shown_once")
            response = again(conn, ctx, next(iter(before.headers.values())).rpartition("/")[2])
        response.headers[REPLAYED] = "true"
        return response


async def once_of(
    request: Request,
    door: Doored,
    key: Annotated[
        str | None, Header(alias=HEADER, description=DESCRIPTION, json_schema_extra=dict(KEY_SCHEMA))
    ] = None,
) -> Once:
    """Return what does the work of this request; InvalidInput ``idempotency_key_form``."""
    given = request.headers.getlist(HEADER)
    if not given:
        return Once(door, None, "")
    if len(given) > 1 or len(given[0]) > LONGEST or not _KEY.fullmatch(given[0]):
        raise InvalidInput("idempotency_key_form", longest=LONGEST)
    asked = f"{request.method}\n{request.url.path}\n{request.url.query}\n"
    return Once(door, given[0], hashlib.sha256(asked.encode() + await request.body()).hexdigest())


Onced = Annotated[Once, Depends(once_of)]
