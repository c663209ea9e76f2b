"""A person's right to a copy and to be erased (PIPL art. 45, 47), and erasing again after a restore.

Who was erased is also kept beside the store, outside every backup (``storage/erased_list.py``). A backup knows of the
erasures that were done before it: what it holds of a row that was erased later is what the erasure took away.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.retention import holds_persons
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound
from geo_service.services.context import Context
from geo_service.services.reveal import checked_reason, count_look
from geo_service.services.rights import may
from geo_service.storage import audit, erased_list, erasing, own_values, persons, rows
from geo_service.storage.erased_list import Erasure

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Erased:
    """A person that was erased: layer, uid and code of the row, id of the key that was destroyed."""

    layer: str
    uid: str
    code: str
    key_id: str | None


def export_person(conn: "Connection", ctx: Context, layer: Layer, ident: str, reason: Any) -> dict[str, Any]:
    """Return everything stored about the person of a row as JSON values; needs a writing connection (it is noted).

    Its fields in plain, its history with the personal values that still open, who looked at it and why. Counts as a
    look at one record (:func:`reveal.reveal`), with a reason that is kept in the audit.

    Raises
    ------
    NotFound, InvalidInput
        ``row_unknown``; ``layer_without_persons``, ``purpose_missing``, ``purpose_short``.
    TooManyRequests
        ``reveal_limit``.
    """
    may(ctx.actor, "person_export")
    _check_layer(layer)
    why = checked_reason(reason)
    row = rows.get(conn, layer, ident)
    count_look(conn, ctx)
    told = erasing.told_of(conn, layer, row)
    audit.append(
        conn,
        ctx.actor,
        ctx.clock(),
        "person_exported",
        layer=layer.name,
        subject_uid=row["uid"],
        area_code=row["area_code"],
        reason=why,
    )
    names = {field.key for field in persons.personal_fields(layer)}
    return {
        "layer": layer.name,
        "uid": row["uid"],
        "code": row["code"],
        "exported_at": to_iso(ctx.clock()),
        "row": {key: _plain(value) for key, value in row.items() if key != "id"},
        "history": [
            {
                **{key: line[key] for key in ("version", "at", "actor", "action")},
                **{part: _opened(conn, layer, row["uid"], names, line[part]) for part in ("before", "after")},
            }
            for line in told["history"]
        ],
        "audit": [
            {key: line[key] for key in ("at", "actor", "role", "verb", "reason", "facts")} for line in told["audit"]
        ],
        "erasures": [{key: one[key] for key in ("at", "actor")} for one in erasing.erasures(conn, row["uid"])],
    }


def erase_person(conn: "Connection", ctx: Context, layer: Layer, ident: str, reason: Any) -> Erased:
    """Empty what a row says of its person and destroy the person's key; works without the service's key.

    The list outside the backups is written before the transaction ends: where that fails nobody is erased.

    Raises
    ------
    NotFound, InvalidInput, Conflict
        ``row_unknown``; ``layer_without_persons``, ``purpose_missing``, ``purpose_short``; ``person_already_erased``.
    StoreFault
        ``erased_list_unwritable``, ``erased_list_broken``.
    """
    may(ctx.actor, "person_erase")
    _check_layer(layer)
    why = checked_reason(reason)
    row = erasing.stored_row(conn, layer, ident)
    if row is None:
        raise NotFound("row_unknown", layer=layer.name, ident=ident)
    erased = Erased(layer.name, row["uid"], row["code"], erasing.key_of(conn, row["uid"]))
    now = ctx.clock()
    if not erasing.empty(conn, layer, row, actor=ctx.actor, now=now):
        raise Conflict("person_already_erased", layer=layer.name, code=row["code"])
    erasing.note_erasure(conn, erased.layer, erased.uid, erased.key_id, actor=ctx.actor, at=to_iso(now), reason=why)
    _audit(conn, ctx, erased, "person_erased", why)
    keep_list(conn, ctx)
    return erased


def keep_list(conn: "Connection", ctx: Context) -> None:
    """Let the list in the data folder hold every erasure the store knows of, and say that it does.

    Needs a writing connection: the store gets to know the list by its id. Raises StoreFault
    ``erased_list_unwritable``, ``erased_list_broken``.
    """
    listed = erased_list.read(ctx.var_dir)
    written = {(one.layer, one.uid, one.at) for one in listed.erasures}
    lines: list[dict[str, Any]] = [
        {"layer": one["layer"], "uid": one["subject_uid"]} | {key: one[key] for key in ("key_id", "at", "actor")}
        for one in erasing.erasures(conn)
        if (one["layer"], one["subject_uid"], one["at"]) not in written
    ]
    own = own_values.made_erased_list_id(conn)
    if own not in listed.ids:
        lines.append({"list": own})  # last: a list that was torn off claims nothing
    if lines:
        erased_list.append(ctx.var_dir, lines)


def is_listed(conn: "Connection", ctx: Context) -> bool:
    """Whether the list in the data folder is that of the store (of a backup) which ``conn`` reads."""
    listed = erased_list.read(ctx.var_dir)
    own = own_values.erased_list_id(conn)
    return listed.path.exists() if own is None else own in listed.ids


def apply_again(conn: "Connection", ctx: Context) -> int:
    """Erase again, after a restore, whoever was erased since the backup was made; returns how many.

    What a backup holds of a row whose erasure it knows of was written about somebody later: it stays. Raises
    StoreFault ``erased_list_broken``.
    """
    may(ctx.actor, "person_erase")
    known = {(one["layer"], one["subject_uid"], one["at"]) for one in erasing.erasures(conn)}
    waiting: dict[tuple[str, str], Erasure | None] = {}
    for one in erased_list.read(ctx.var_dir).erasures:  # in order: a later one that is known covers those before it
        waiting[one.layer, one.uid] = None if (one.layer, one.uid, one.at) in known else one
    return sum(_again(conn, ctx, one) for one in waiting.values() if one is not None)


def _again(conn: "Connection", ctx: Context, one: Erasure) -> bool:
    """Erase the person of a row of a restored store; returns whether there was anything."""
    layer = LAYERS.get(one.layer)
    row = erasing.stored_row(conn, layer, one.uid) if layer is not None and holds_persons(layer) else None
    if layer is None or row is None or row["uid"] != one.uid:
        return False
    erased = Erased(layer.name, one.uid, row["code"], erasing.key_of(conn, one.uid))
    done = erasing.empty(conn, layer, row, actor=ctx.actor, now=ctx.clock())
    why = f"restore ({one.at})"
    erasing.note_erasure(conn, layer.name, one.uid, erased.key_id, actor=ctx.actor, at=one.at, reason=why)
    if done:
        _audit(conn, ctx, erased, "person_erased_again", why)
    return done


def _audit(conn: "Connection", ctx: Context, erased: Erased, verb: str, reason: str) -> None:
    facts = {"key_id": erased.key_id}
    audit.append(
        conn, ctx.actor, ctx.clock(), verb, layer=erased.layer, subject_uid=erased.uid, reason=reason, facts=facts
    )


def _check_layer(layer: Layer) -> None:
    if not holds_persons(layer):
        raise InvalidInput("layer_without_persons", layer=layer.name)


def _plain(value: Any) -> Any:
    return json.loads(shapely.to_geojson(value)) if isinstance(value, shapely.Geometry) else value


def _opened(
    conn: "Connection", layer: Layer, uid: str, names: set[str], values: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    if values is None:
        return None
    personal = {key: value for key, value in values.items() if key in names}
    return {**values, **persons.open_values(conn, layer.name, uid, personal)}
