"""Creating requests that may be sent twice: with an ``Idempotency-Key`` the second one creates nothing.

The answer is kept in the transaction that creates, so there is no moment in which one is there without the other;
who repeats a request after a cut line or a restart gets the answer he missed (decision 0026).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
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
    "同一个键、同一个请求再次发送时不再新建，返回原来的回答（24 小时内）。 / "
    "The same key and request sent again creates nothing and gets the first answer (for 24 hours)."
)
PARAMETER: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": DESCRIPTION,
    "schema": {"type": "string", **KEY_SCHEMA},
}
_KEY: Final = re.compile(r"[!-~]([ -~]*[!-~])?")
_KEPT_HEADERS: Final = ("content-type", "location", "etag", "content-location", "cache-control")


@dataclass(frozen=True)
class Once:
    """Does the work of one creating request, once."""

    door: Door
    key: str | None
    request_hash: str

    def __call__(self, work: "Callable[[Connection, Context], Response]", *, shown_once: bool = False) -> Response:
        """Return what ``work`` answers in a write transaction, or what it answered the first time.

        Only what succeeds is kept; a refusal leaves nothing behind and may be tried again with the same key.

        Parameters
        ----------
        work
            Creates and builds the answer.
        shown_once
            The answer holds a secret that is stored nowhere (a token, a link): it is not kept, and the second
            request is told that it was done, Conflict ``idempotency_shown_once``.
        """
        with self.door.writing() as (conn, ctx):
            if self.key is None:
                return work(conn, ctx)
            before = answers.given_before(conn, ctx, self.key, self.request_hash)
            if before is not None:
                if shown_once:
                    raise Conflict("idempotency_shown_once")
                return Response(before.body, before.status, {**before.headers, REPLAYED: "true"})
            response = work(conn, ctx)
            kept = {name: value for name, value in response.headers.items() if name.lower() in _KEPT_HEADERS}
            body = b"" if shown_once else bytes(response.body)
            answers.keep(conn, ctx, self.key, Answer(self.request_hash, response.status_code, kept, body))
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
