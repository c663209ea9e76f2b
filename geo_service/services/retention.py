"""Sweeping what has served its time: `geo-service privacy sweep`. Each kind in a transaction of its own, and noted."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from geo_service.domain.layers import LAYERS
from geo_service.domain.retention import KINDS, NO_ORIGINAL, Kind
from geo_service.domain.works import PHOTOS
from geo_service.services.context import Context
from geo_service.services.print_archives import sweep_archives
from geo_service.services.rights import may
from geo_service.storage import audit, erasing, photo_files, photo_rows, rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Swept:
    """A kind and how many of its rows were swept, or are due in a rehearsal."""

    kind: Kind
    rows: int


def sweep(ctx: Context, *, is_rehearsal: bool = False) -> list[Swept]:
    """Sweep every kind and return how many rows each had, and the printed archives; a rehearsal changes nothing.

    Broken off, the kinds done stay done, and the rest is done by the next one.
    """
    may(ctx.actor, "sweep")
    now = ctx.clock()
    if is_rehearsal:
        with ctx.store.reading() as conn:
            return [Swept(kind, _due(conn, ctx, kind, now)) for kind in KINDS]
    sweep_archives(ctx)
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
    if kind.deed == "delete_originals":
        return len(erasing.originals_due(conn, kind, now))
    return len(_anonymised(conn, ctx, kind, now))


def _sweep(conn: "Connection", ctx: Context, kind: Kind, now: datetime) -> int:
    if kind.deed == "delete":
        return erasing.delete_due(conn, kind, now)
    if kind.deed == "delete_originals":
        return _delete_originals(conn, ctx, kind, now)
    if kind.table == "accounts":
        due = erasing.accounts_due(conn, kind, now)
        return sum(erasing.empty_account(conn, kind, uid, actor=ctx.actor, now=now) for uid in due)
    layer = LAYERS[kind.table]
    uids = _anonymised(conn, ctx, kind, now)
    for uid in uids:
        row = erasing.stored_row(conn, layer, uid)
        if row is not None:
            erasing.empty(conn, layer, row, actor=ctx.actor, now=now)
    return len(uids)


def _delete_originals(conn: "Connection", ctx: Context, kind: Kind, now: datetime) -> int:
    """Let the originals go that are due; as an upload of the same bytes may be under way, each is gone a day later.

    What was let go a day ago or earlier goes first, so that sweeping every day is enough.
    """
    photo_files.settle(ctx.var_dir, lambda checksums: photo_rows.named(conn, checksums), None)
    due = erasing.originals_due(conn, kind, now)
    for photo in due:
        gone = {"sha256": NO_ORIGINAL, "size_bytes": None}
        rows.update(conn, PHOTOS, photo["uid"], photo["version"], gone, actor=ctx.actor, now=now)
        photo_files.withdraw(ctx.var_dir, photo["sha256"])
    return len(due)


def _anonymised(conn: "Connection", ctx: Context, kind: Kind, now: datetime) -> list[str]:
    if kind.table == "accounts":
        return erasing.accounts_due(conn, kind, now)
    today = now.astimezone(ZoneInfo(ctx.timezone)).date()
    return erasing.anonymised_due(conn, kind, now, today)
