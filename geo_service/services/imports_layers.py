"""The story of importing a file into a layer: read, checked against the store, and written in one transaction.

Rows are known by their code: a second import updates. A column the file does not have keeps its values. Any fault
anywhere and nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from geo_service.domain.areas import AREAS, is_above, parent_prefixes
from geo_service.domain.checklist import CHECKLIST_FINDINGS, check_finding
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS, layer_named
from geo_service.domain.rights import ABOUT_AREAS
from geo_service.exchange.faults import RowsRefused
from geo_service.exchange.layers import LayerFile, read_layer
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import FileFault, Forbidden, InvalidInput
from geo_service.services import rights
from geo_service.services.context import Context
from geo_service.services.imports import Imported, Note, refuse_live_store
from geo_service.storage import bulk
from geo_service.storage.bulk import Upserted

IMPORTABLE: Final = tuple(name for name, layer in LAYERS.items() if layer.editable)
# others are placed by these, or these take their place or people from others
_PLACING: Final = frozenset({"areas", "grids", "households", "adoptions", *ABOUT_AREAS})
# which field a finding's fault is shown at
_FINDING_FIELDS: Final = {
    "finding_not_community": "community_code",
    "finding_item_computed": "finding",
    "finding_amount": "amount",
    "finding_day": "found_on",
}


@dataclass(frozen=True)
class LayerPlan:
    """A file read and checked, ready to be written: layer, frame as :func:`bulk.upsert` takes it, notes."""

    layer: Layer
    frame: pd.DataFrame
    notes: tuple[Note, ...]


def prepare_layer(
    ctx: Context,
    layer_name: str,
    path: Path,
    *,
    crs: str | None = None,
    column_map: Mapping[str, str] | None = None,
    table: str | None = None,
) -> LayerPlan:
    """Read a file and check it against its own rules and what is stored; nothing is written.

    Parameters
    ----------
    ctx
        The context; its store is read in a transaction of its own, its progress told 0..0.7.
    layer_name
        Plural name of one of :data:`IMPORTABLE`.
    path, crs, column_map, table
        As :func:`exchange.layers.read_layer`.

    Raises
    ------
    NotFound
        ``layer_unknown``.
    InvalidInput
        ``layer_not_importable`` and those of reading.
    FileFault
        ``file_is_store``, ``columns_missing`` (new rows without what they need), those of reading.
    RowsRefused
        ``rows_refused`` with every fault.
    Forbidden
        For a file with names or phones, without the right to see them everywhere.
    """
    rights.may(ctx.actor, "import")
    layer = layer_named(layer_name)
    if layer.name not in IMPORTABLE:
        raise InvalidInput("layer_not_importable", layer=layer_name, known=", ".join((*IMPORTABLE, "ways")))
    refuse_live_store(ctx, path)
    telling = ctx.stage(0.0, 0.6).progress
    file = read_layer(layer, path, crs=crs, column_map=column_map, table=table, timezone=ctx.timezone, progress=telling)
    _may_name(ctx, layer, file)
    ctx.progress(0.6, "progress.checking_store")
    with ctx.store.reading() as conn:
        _check_references(conn, layer, file)
        is_new = ~file.frame["code"].isin(set(bulk.ids_by_code(conn, layer))).to_numpy()
        if not file.faults.count:
            _check_missing(layer, path, file, int(is_new.sum()))
            frame = _completed(conn, ctx, layer, file, is_new)
    if file.faults.count:
        faults = file.faults
        raise RowsRefused(str(path), layer.name, faults.first(), faults.count, len(faults.rows))
    return LayerPlan(layer, frame, tuple(file.notes))


def import_layer(conn: Connection, ctx: Context, plan: LayerPlan) -> Imported:
    """Write a prepared file in the caller's transaction."""
    rights.may(ctx.actor, "import")
    telling = ctx.stage(0.7, 0.9).progress
    done = bulk.upsert(conn, plan.layer, plan.frame, actor=ctx.actor, now=ctx.clock(), progress=telling)
    if _moves_others(plan, done):
        ctx.progress(0.9, "progress.places")
        bulk.refresh_places(conn)
    return Imported({plan.layer.name: done}, notes=plan.notes)


def _may_name(ctx: Context, layer: Layer, file: LayerFile) -> None:
    """Refuse names and phones of who may not see them: what stays unchanged would tell what is stored."""
    named = any(field.personal and field.key in file.frame for field in layer.fields)
    if named and rights.may(ctx.actor, "reveal_personal") != "all":
        raise Forbidden("forbidden", actor=ctx.actor.name, role=ctx.actor.role, verb="reveal_personal")


def _moves_others(plan: LayerPlan, done: Upserted) -> bool:
    """Whether places or people must be found anew; new rows with a place of their own have it as they are written."""
    if plan.layer.name in _PLACING:
        return bool(done.created + done.updated)
    return bool(done.updated) and (plan.layer.name == "buildings" or "geometry" in plan.frame)


def _check_references(conn: Connection, layer: Layer, file: LayerFile) -> None:
    """Note a fault for every code that points to nothing."""
    frame = file.frame
    for field in layer.fields:
        if field.refers_to is None or field.key not in frame:
            continue
        known = set(bulk.ids_by_code(conn, LAYERS[field.refers_to]))
        if field.refers_to == layer.name:
            known |= set(frame["code"])
        column = file.names.get(field.key, field.key)
        unknown = frame[field.key].notna() & ~frame[field.key].isin(known)
        for number, value in frame.loc[unknown, ["_row", field.key]].itertuples(index=False):
            file.faults.add(int(number), column, value, "reference_unknown", layer=field.refers_to)


def _check_missing(layer: Layer, path: Path, file: LayerFile, new_count: int) -> None:
    if new_count and file.missing:
        raise FileFault(
            "columns_missing", file=str(path), layer=layer.name, fields=", ".join(file.missing), rows=new_count
        )


def _completed(conn: Connection, ctx: Context, layer: Layer, file: LayerFile, is_new: Any) -> pd.DataFrame:
    """Return the frame with what follows from the store or from the import itself."""
    frame = file.frame
    if "source" not in file.names:
        _keep(conn, layer, frame, "source", is_new=is_new, fresh=frame["source"].to_numpy())
    if layer.name == "facilities":
        _verified(conn, ctx, layer, file, is_new)
    if layer.name == "areas":
        _parents(conn, file, is_new)
    if layer.name == CHECKLIST_FINDINGS.name:
        _check_findings(conn, ctx, file)
    return frame


def _stored(conn: Connection, layer: Layer, column: str) -> dict[str, Any]:
    stored = bulk.read_frame(conn, layer, ["code", column], geometry=False)
    return dict(zip(stored["code"], stored[column], strict=True))


def _keep(conn: Connection, layer: Layer, frame: pd.DataFrame, column: str, *, is_new: Any, fresh: Any) -> None:
    """Set a column to ``fresh`` on new rows and to what is stored on the others."""
    stored = {} if is_new.all() else _stored(conn, layer, column)
    values = [
        value if new else stored.get(code, value) for code, new, value in zip(frame["code"], is_new, fresh, strict=True)
    ]
    frame[column] = pd.Series(values, dtype=object, index=frame.index)


def _verified(conn: Connection, ctx: Context, layer: Layer, file: LayerFile, is_new: Any) -> None:
    """Give facilities that are not said to be unverified the import's date as that of their verification."""
    frame, today = file.frame, local_date(ctx.clock(), ctx.timezone).isoformat()
    states = frame.get("verification", pd.Series(["verified"] * len(frame), dtype=object))
    fresh = [None if state == "unverified" else today for state in states]
    if "verified_on" not in frame:
        _keep(conn, layer, frame, "verified_on", is_new=is_new, fresh=fresh)
    else:
        given = frame["verified_on"]
        frame["verified_on"] = given.where(given.notna(), pd.Series(fresh, dtype=object, index=frame.index))


def _parents(conn: Connection, file: LayerFile, is_new: Any) -> None:
    """Take an area's parent from its code where the file has no column for it; note parents of another prefix."""
    frame = file.frame
    known = set(bulk.ids_by_code(conn, AREAS)) | set(frame["code"])
    by_prefix = [next((p for p in parent_prefixes(code) if p in known), None) for code in frame["code"]]
    is_given = "parent_code" in frame
    if not is_given:
        _keep(conn, AREAS, frame, "parent_code", is_new=is_new, fresh=by_prefix)
    _check_parents(conn, file)
    if not is_given:
        return
    given = frame["parent_code"]
    odd = [
        code
        for code, parent in zip(frame["code"], given, strict=True)
        if parent is not None and not str(code).startswith(str(parent).split("Q", maxsplit=1)[0])
    ]
    if odd:
        file.notes.append(("note.parent_prefix", {"count": len(odd), "codes": ", ".join(odd[:5])}))


def _check_findings(conn: Connection, ctx: Context, file: LayerFile) -> None:
    """Note a fault for every finding that cannot stand, with what is stored of it where the file is silent."""
    frame, today = file.frame, local_date(ctx.clock(), ctx.timezone)
    columns = [field.key for field in CHECKLIST_FINDINGS.fields]
    stored = bulk.read_frame(conn, CHECKLIST_FINDINGS, ["code", *columns], geometry=False).set_index("code")
    levels = _stored(conn, AREAS, "level")
    given = [key for key in columns if key in frame]
    for place in frame.index:
        code = frame.at[place, "code"]
        row = dict(stored.loc[code]) if code in stored.index else dict.fromkeys(columns)
        row |= {key: frame.at[place, key] for key in given}
        row = {key: None if pd.isna(value) else value for key, value in row.items()}
        try:
            check_finding(row, levels.get(str(row["community_code"])), today)
        except InvalidInput as error:
            column = _FINDING_FIELDS[error.code]
            named = file.names.get(column, column)
            file.faults.add(int(frame.at[place, "_row"]), named, row[column], error.code, **error.facts)


def _check_parents(conn: Connection, file: LayerFile) -> None:
    """Refuse areas whose parent is not of a higher level, so that none lies below itself."""
    frame = file.frame
    stored = bulk.read_frame(conn, AREAS, ["code", "level", "parent_code"], geometry=False)
    below = dict(zip(stored["code"], stored["parent_code"], strict=True))
    level = {
        **dict(zip(stored["code"], stored["level"], strict=True)),
        **dict(zip(frame["code"], frame["level"], strict=True)),
    }
    below |= dict(zip(frame["code"], frame["parent_code"], strict=True))
    row_of = dict(zip(frame["code"], frame["_row"], strict=True))
    for code, parent in below.items():
        row = row_of.get(code, row_of.get(parent))
        pair = level.get(parent), level.get(code)
        if row is not None and None not in pair and not is_above(str(pair[0]), str(pair[1])):
            column = file.names.get("parent_code", "parent_code")
            file.faults.add(int(row), column, parent, "parent_not_above", area=code, parent=parent)
