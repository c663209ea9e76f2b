"""A person's right to a copy and to be erased (PIPL art. 45, 47), and erasing again after a restore.

Who was erased is also kept in ``erased.jsonl`` in the data folder, outside every backup: layer, uid, id of the key
that was destroyed, when and by whom; nothing about the person.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import shapely

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.retention import holds_persons
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound, StoreFault
from geo_service.services.context import Context
from geo_service.services.reveal import checked_reason
from geo_service.services.rights import may
from geo_service.storage import audit, erasing, persons, rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_NAME: Final = "erased.jsonl"


@dataclass(frozen=True)
class Erased:
    """A person that was erased: layer, uid and code of the row, id of the key that was destroyed."""

    layer: str
    uid: str
    code: str
    key_id: str | None


def export_person(conn: "Connection", ctx: Context, layer: Layer, ident: str) -> dict[str, Any]:
    """Return everything stored about the person of a row as JSON values; needs a writing connection (it is noted).

    Its fields in plain, its history with the personal values that still open, who looked at it and why. Raises
    NotFound ``row_unknown``, InvalidInput ``layer_without_persons``.
    """
    may(ctx.actor, "person_export")
    _check_layer(layer)
    row = rows.get(conn, layer, ident)
    told = erasing.told_of(conn, layer, row)
    audit.append(
        conn,
        ctx.actor,
        ctx.clock(),
        "person_exported",
        layer=layer.name,
        subject_uid=row["uid"],
        area_code=row["area_code"],
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

    The list outside the backups is written first: where that fails nothing is erased.

    Raises
    ------
    NotFound, InvalidInput, Conflict
        ``row_unknown``; ``layer_without_persons``, ``purpose_missing``, ``purpose_short``; ``person_already_erased``.
    StoreFault
        ``erased_list_unwritable``.
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
    _note(conn, ctx, erased, "person_erased", why)
    line = {"layer": erased.layer, "uid": erased.uid, "key_id": erased.key_id, "at": to_iso(now)}
    _append(ctx.var_dir / LIST_NAME, {**line, "actor": ctx.actor.name})
    return erased


def apply_again(conn: "Connection", ctx: Context) -> int:
    """Erase again, after a restore, whoever was erased since the backup was made; returns how many.

    Only with the very key that was destroyed then: what was written about somebody later stays. Raises StoreFault
    ``erased_list_broken``.
    """
    may(ctx.actor, "person_erase")
    done = 0
    for line in _erased_lines(ctx.var_dir / LIST_NAME):
        layer = LAYERS.get(line["layer"])
        row = erasing.stored_row(conn, layer, line["uid"]) if layer is not None and holds_persons(layer) else None
        if layer is None or row is None or row["uid"] != line["uid"] or line["key_id"] is None:
            continue
        if erasing.key_of(conn, row["uid"]) != line["key_id"]:
            continue
        erasing.empty(conn, layer, row, actor=ctx.actor, now=ctx.clock())
        erased = Erased(layer.name, row["uid"], row["code"], line["key_id"])
        _note(conn, ctx, erased, "person_erased_again", f"restore ({line['at']})")
        done += 1
    return done


def _note(conn: "Connection", ctx: Context, erased: Erased, verb: str, reason: str) -> None:
    now = ctx.clock()
    facts = {"key_id": erased.key_id}
    erasing.note_erasure(conn, erased.layer, erased.uid, erased.key_id, actor=ctx.actor, now=now, reason=reason)
    audit.append(conn, ctx.actor, now, verb, layer=erased.layer, subject_uid=erased.uid, reason=reason, facts=facts)


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


def _append(file: Path, line: Mapping[str, Any]) -> None:
    """Write a line at the end of the list of the erased, down to the disk."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600), "rb+") as kept:
            torn = kept.seek(0, os.SEEK_END) and (kept.seek(-1, os.SEEK_END), kept.read(1))[1] != b"\n"
            kept.write((b"\n" if torn else b"") + json.dumps(line, ensure_ascii=False).encode() + b"\n")
            kept.flush()
            os.fsync(kept.fileno())
    except OSError as error:
        raise StoreFault("erased_list_unwritable", file=str(file), reason=error.strerror or "") from error


def _erased_lines(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of the list of the erased; a line torn by a crash was never acknowledged and is left out."""
    if not file.exists():
        return
    written = file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    for number, text in enumerate(written, start=1):
        try:
            line = json.loads(text)
            yield {key: line[key] for key in ("layer", "uid", "key_id", "at")}
        except (ValueError, KeyError, TypeError):
            if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
                continue
            raise StoreFault("erased_list_broken", file=str(file), line=number) from None
