"""The story of what was refused: noted once a minute for each actor, address and route: no flood fills the store.

Nobody needs a right to be refused: this story asks for none.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from geo_service.foundation.clock import to_iso
from geo_service.services.context import Context
from geo_service.storage import audit, audit_lines
from geo_service.storage.audit_lines import LineFilter

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERB: Final = "refused"
_MINUTE: Final = len("2026-01-31T08:30")
_MANY: Final = 500  # refusals of one actor in one minute; after that nothing more is written


@dataclass(frozen=True)
class Refusal:
    """A request that was refused.

    Attributes
    ----------
    method, route
        What was asked; the route as declared (``/api/{layer}/{ident}``), empty for none, ``command`` at the terminal.
    status, code
        The answer.
    path
        What was asked for, as a sentence may show it.
    """

    method: str
    route: str
    status: int
    code: str
    path: str


def minute_of(ctx: Context) -> str:
    """Return the minute it is, the beginning of stored moments."""
    return to_iso(ctx.clock())[:_MINUTE]


def note_refusal(conn: "Connection", ctx: Context, refusal: Refusal) -> bool:
    """Write a refusal of the context's actor into the audit; False if its like stands there for this minute."""
    since = f"{minute_of(ctx)}:00.000Z"
    recent = audit_lines.find_lines(conn, LineFilter(since=since, actor=ctx.actor.name, verb=VERB), _MANY)
    known = {
        (line["address"], line["facts"].get("method"), line["facts"].get("route")) for line in recent if line["facts"]
    }
    if len(recent) >= _MANY or (ctx.actor.address, refusal.method, refusal.route) in known:
        return False
    facts = {
        "method": refusal.method,
        "route": refusal.route,
        "status": refusal.status,
        "code": refusal.code,
        "path": refusal.path,
    }
    audit.append(conn, ctx.actor, ctx.clock(), VERB, facts=facts)
    return True
