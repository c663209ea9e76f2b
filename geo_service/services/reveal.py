"""Showing the names and phones of one record, with a reason that is kept."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from geo_service.domain.fields import Layer
from geo_service.domain.values import Fault, ValuesRefused, checked_text, shown
from geo_service.foundation.errors import InvalidInput, TooManyRequests
from geo_service.services.context import Context
from geo_service.services.rights import may, may_here
from geo_service.storage import attempts, audit, rows
from geo_service.storage.persons import personal_fields

if TYPE_CHECKING:
    from sqlalchemy import Connection

REASON_SHORTEST: Final = 5
REASON_LONGEST: Final = 500
AN_HOUR: Final = timedelta(hours=1)
REVEALS_AN_HOUR: Final = 60
_KIND: Final = "reveal"


@dataclass(frozen=True)
class Revealed:
    """The plain values of one record by field key, and which version of it they are of."""

    uid: str
    version: int
    values: dict[str, Any]


def reveal(conn: "Connection", ctx: Context, layer: Layer, ident: str, *, fields: Any, reason: Any) -> Revealed:
    """Return personal values of one row in plain; needs a writing connection: every look leaves a line in the audit.

    Parameters
    ----------
    conn, ctx
        A writing connection, and who asks.
    layer, ident
        The row, by uid or code.
    fields
        Keys of personal fields of the layer; empty: all of them.
    reason
        Why, 5 to 500 characters; kept in the audit.

    Raises
    ------
    Forbidden, NotFound
        Where the right does not reach the row: as if it did not exist.
    ValuesRefused
        ``reveal_field`` (no personal field), ``purpose_missing``, ``purpose_short``.
    TooManyRequests
        ``reveal_limit`` after 60 records within an hour.
    """
    may(ctx.actor, "reveal_personal")
    wanted, why = _checked(layer, fields, reason)
    row = rows.get(conn, layer, ident)
    may_here(conn, ctx.actor, "reveal_personal", layer, row)
    count_look(conn, ctx)
    audit.append(
        conn,
        ctx.actor,
        ctx.clock(),
        "revealed",
        layer=layer.name,
        subject_uid=row["uid"],
        area_code=row["area_code"],
        reason=why,
        facts={"fields": wanted},
    )
    return Revealed(row["uid"], row["version"], {key: row[key] for key in wanted})


def checked_reason(reason: Any) -> str:
    """Return a reason without space around it.

    Raises InvalidInput ``purpose_missing``, ``purpose_short``, ``field_too_long``.
    """
    if not isinstance(reason, str) or not reason.strip():
        raise InvalidInput("purpose_missing")
    written = checked_text(reason.strip(), REASON_LONGEST)
    if len(written) < REASON_SHORTEST:
        raise InvalidInput("purpose_short", shortest=REASON_SHORTEST)
    return written


def _checked(layer: Layer, fields: Any, reason: Any) -> tuple[list[str], str]:
    known = [field.key for field in personal_fields(layer)]
    faults = []
    wanted = list(dict.fromkeys(fields)) if _is_list_of_texts(fields) else None
    unknown = [key for key in wanted or [] if key not in known]
    if wanted is None or unknown or not known:
        facts = {"known": ", ".join(known) or "-"}
        faults.append(Fault("fields", shown(unknown[0] if unknown else fields), "reveal_field", facts))
    why = ""
    try:
        why = checked_reason(reason)
    except InvalidInput as error:
        faults.append(Fault("reason", "" if reason is None else shown(reason), error.code, error.facts))
    if faults:
        raise ValuesRefused(faults)
    return wanted or known, why


def _is_list_of_texts(fields: Any) -> bool:
    is_list = isinstance(fields, Sequence) and not isinstance(fields, str)
    return is_list and all(isinstance(key, str) for key in fields)


def count_look(conn: "Connection", ctx: Context) -> None:
    """Count a look at one record's persons against the account's hour; TooManyRequests ``reveal_limit``."""
    now = ctx.clock()
    hashed = attempts.key_hash(_KIND, ctx.actor.account_uid or f"name {ctx.actor.name}")
    attempts.lock_key(conn, hashed)
    seen = attempts.failures(conn, _KIND, hashed, now - AN_HOUR)
    if len(seen) >= REVEALS_AN_HOUR:
        left = min(sorted(seen)[-REVEALS_AN_HOUR] + AN_HOUR - now, AN_HOUR)
        raise TooManyRequests(
            "reveal_limit", limit=REVEALS_AN_HOUR, retry_after_s=max(1, math.ceil(left.total_seconds()))
        )
    attempts.record(conn, _KIND, hashed, now)
