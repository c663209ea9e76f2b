"""Sweeping what has served its time: `geo-service privacy sweep`. Each kind in a transaction of its own, and noted."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geo_service.domain.layers import LAYERS
from geo_service.domain.retention import KINDS, Kind
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit, erasing

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Swept:
    """A kind and how many of its rows were swept, or are due in a rehearsal."""

    kind: Kind
    rows: int


def sweep(ctx: Context, *, is_rehearsal: bool = False) -> list[Swept]:
    """Sweep every kind and return how many rows each had; a rehearsal changes nothing.

    Broken off, the kinds done stay done, and the rest is done by the next one.
    """
    may(ctx.actor, "sweep")
    now = ctx.clock()
    if is_rehearsal:
        with ctx.store.reading() as conn:
            return [Swept(kind, _due(conn, ctx, kind, now)) for kind in KINDS]
    swept = []
    for kind in KINDS:
        with ctx.store.writing() as conn:
            done = _sweep(conn, ctx, kind, now)
            if done:
                facts: dict[str, Any] = {"kind": kind.name, "deed": kind.deed, "rows": done}
                audit.append(conn, ctx.actor, now, "swept", facts=facts)
        swept.append(Swept(kind, done))
    return swept


def _due(conn: "Connection", ctx: Context, kind: Kind, now: datetime) -> int:
    if kind.deed == "delete":
        return erasing.count_due(conn, kind, now)
    return len(_anonymised(conn, ctx, kind, now))


def _sweep(conn: "Connection", ctx: Context, kind: Kind, now: datetime) -> int:
    if kind.deed == "delete":
        return erasing.delete_due(conn, kind, now)
    layer = LAYERS[kind.table]
    uids = _anonymised(conn, ctx, kind, now)
    for uid in uids:
        row = erasing.stored_row(conn, layer, uid)
        if row is not None:
            erasing.empty(conn, layer, row, actor=ctx.actor, now=now)
    return len(uids)


def _anonymised(conn: "Connection", ctx: Context, kind: Kind, now: datetime) -> list[str]:
    today = now.astimezone(ZoneInfo(ctx.timezone)).date()
    return erasing.anonymised_due(conn, kind, now, today)
