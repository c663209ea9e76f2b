"""Rows of any layer one by one: list, get, create, change, retire. Doors open the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geo_service.domain import privacy
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.values import (
    Fault,
    ValuesRefused,
    checked_code,
    checked_text,
    checked_values,
    shown,
)
from geo_service.foundation.errors import Conflict, InvalidInput, TooMuch
from geo_service.foundation.geometry import from_geojson, promoted
from geo_service.foundation.ids import fingerprint, new_uid
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import overview, rows, versions

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_MAXIMUM: Final = 1000
OFFSET_MAXIMUM: Final = 10_000_000
_FREE_TEXT: Final = {"source": 500, "licence": 200}  # common columns a person may fill, longest length
_REASON_LENGTH: Final = 500
_PLACE_FILTERS: Final = ("area_code", "grid_code")
_COMMON_SORTS: Final = ("code", "created_at", "updated_at")


@dataclass(frozen=True)
class ListQuestion:
    """Which rows of a layer: equality filters by key, box (west, south, east, north), page, order."""

    filters: Mapping[str, str] = field(default_factory=dict)
    bbox: tuple[float, float, float, float] | None = None
    limit: int = 100
    offset: int = 0
    sort: str = "code"
    retired: bool = False


@dataclass(frozen=True)
class Listed:
    """One page of rows as the asker may see them, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


def filter_keys(layer: Layer) -> tuple[str, ...]:
    """Return the keys a list of ``layer`` can be filtered by."""
    return (*_PLACE_FILTERS, *(f.key for f in layer.fields if f.filterable and not f.personal))


def sort_keys(layer: Layer) -> tuple[str, ...]:
    """Return the keys a list of ``layer`` can be sorted by; a leading ``-`` turns the order round."""
    plain = ("text", "integer", "real", "boolean", "date", "moment", "choice")
    return (*_COMMON_SORTS, *(f.key for f in layer.fields if f.kind in plain and not f.personal))


def check_question(layer: Layer, question: ListQuestion) -> None:
    """Raise InvalidInput ``filter_unknown``, ``sort_unknown``, TooMuch ``limit_too_large`` … for a wrong question."""
    if question.limit > LIST_MAXIMUM:
        raise TooMuch("limit_too_large", limit=question.limit, maximum=LIST_MAXIMUM)
    if question.limit < 1 or not 0 <= question.offset <= OFFSET_MAXIMUM:
        raise InvalidInput("page_out_of_range", limit=question.limit, offset=question.offset, maximum=OFFSET_MAXIMUM)
    if question.sort.removeprefix("-") not in sort_keys(layer):
        raise InvalidInput("sort_unknown", sort=shown(question.sort), known=", ".join(sort_keys(layer)))
    for key, value in question.filters.items():
        _check_filter(layer, key, value)


def list_rows(conn: "Connection", ctx: Context, layer: Layer, question: ListQuestion) -> Listed:
    """Return one page of ``layer``; whole-row personal layers are for admins only."""
    may(ctx.actor, "read_personal" if layer.personal else "read")
    check_question(layer, question)
    page = rows.page(
        conn,
        layer,
        filters=question.filters,
        bbox=question.bbox,
        limit=question.limit,
        offset=question.offset,
        sort=question.sort,
        retired=question.retired,
    )
    return Listed([privacy.seen_by(ctx.actor, layer, row) for row in page.rows], page.total)


def list_state(conn: "Connection", ctx: Context, layer: Layer, question: ListQuestion) -> str:
    """Return a fingerprint that changes when the answer to ``question`` may have changed."""
    may(ctx.actor, "read")
    now = versions.layer_versions(conn)
    concerned = {layer.name, "areas", "grids", *(f.refers_to for f in layer.fields if f.refers_to)}
    asked = [sorted(question.filters.items()), question.bbox, question.limit, question.offset, question.sort]
    return fingerprint(
        [layer.name, sorted((n, now.get(n, 0)) for n in concerned), asked, question.retired, ctx.actor.role]
    )


def get_row(conn: "Connection", ctx: Context, layer: Layer, ident: str) -> dict[str, Any]:
    """Return the row with this uid or code, retired or not; NotFound ``row_unknown``."""
    may(ctx.actor, "read_personal" if layer.personal else "read")
    return privacy.seen_by(ctx.actor, layer, rows.get(conn, layer, ident))


def create_row(
    conn: "Connection", ctx: Context, layer: Layer, properties: Mapping[str, Any], geometry: Any
) -> dict[str, Any]:
    """Keep a new row and return it; without a code it gets its own unique one.

    Raises ValuesRefused, Conflict ``code_taken`` or ``layer_read_only``.
    """
    may(ctx.actor, "write")
    _check_editable(layer)
    given = dict(properties)
    now = ctx.clock()
    code = given.pop("code", None) or new_uid(now)
    faults: list[Fault] = []
    values = _free_text(given, faults)
    own, own_faults = checked_values(layer, given, whole=True)
    values |= own
    _collect(faults, "code", code, lambda: values.update(code=checked_code(layer, code)))
    _collect(faults, "geometry", geometry, lambda: values.update(geom=_geometry(layer, geometry)))
    if faults or own_faults:
        raise ValuesRefused([*faults, *own_faults])
    return privacy.seen_by(ctx.actor, layer, rows.insert(conn, layer, values, actor=ctx.actor, now=now))


def change_row(
    conn: "Connection",
    ctx: Context,
    layer: Layer,
    ident: str,
    *,
    expected_version: int,
    changes: Mapping[str, Any],
) -> dict[str, Any]:
    """Change fields of a row and return it; ``changes`` has ``properties`` and, if it moves, ``geometry``.

    Raises ValuesRefused, NotFound, StaleVersion ``row_changed``.
    """
    may(ctx.actor, "write")
    _check_editable(layer)
    given = dict(changes.get("properties") or {})
    faults: list[Fault] = []
    values = _free_text(given, faults)
    own, own_faults = checked_values(layer, given, whole=False)
    values |= own
    if "geometry" in changes:
        _collect(
            faults,
            "geometry",
            changes["geometry"],
            lambda: values.update(geom=_geometry(layer, changes["geometry"])),
        )
    if faults or own_faults:
        raise ValuesRefused([*faults, *own_faults])
    stored = rows.get(conn, layer, ident)
    values = privacy.without_masks(layer, stored, values)
    row = rows.update(conn, layer, ident, expected_version, values, actor=ctx.actor, now=ctx.clock())
    return privacy.seen_by(ctx.actor, layer, row)


def retire_row(
    conn: "Connection", ctx: Context, layer: Layer, ident: str, *, expected_version: int, reason: Any
) -> dict[str, Any]:
    """Take a row out of use, with a reason; it stays stored and its code stays taken."""
    may(ctx.actor, "write")
    _check_editable(layer)
    faults: list[Fault] = []
    written = reason.strip() if isinstance(reason, str) else reason
    _collect(faults, "reason", reason, lambda: _check_reason(written))
    if faults:
        raise ValuesRefused(faults)
    row = rows.retire(conn, layer, ident, expected_version, written, actor=ctx.actor, now=ctx.clock())
    return privacy.seen_by(ctx.actor, layer, row)


def versions_now(conn: "Connection", ctx: Context) -> dict[str, int]:
    """Return the version of every layer."""
    may(ctx.actor, "read")
    return versions.layer_versions(conn)


def count_rows(conn: "Connection", ctx: Context) -> dict[str, int]:
    """Return the number of rows in use of every layer."""
    may(ctx.actor, "read")
    return overview.counts(conn)


def count_by(conn: "Connection", ctx: Context, layer: str, column: str) -> dict[str, int]:
    """Return the number of rows in use of a layer by the value of one of its columns."""
    may(ctx.actor, "read")
    return overview.counts_by(conn, LAYERS[layer], column)


def _check_editable(layer: Layer) -> None:
    if not layer.editable:
        raise Conflict("layer_read_only", layer=layer.name)


def _check_filter(layer: Layer, key: str, value: str) -> None:
    if key not in filter_keys(layer):
        raise InvalidInput("filter_unknown", filter=shown(key), known=", ".join(filter_keys(layer)))
    checked_text(value, 100)
    own = layer.field(key)
    if own is None:
        return
    if own.kind == "choice" and value not in own.choices:
        raise InvalidInput("filter_value", filter=key, value=shown(value), known=", ".join(own.choices))
    if own.kind == "boolean" and value not in ("true", "false"):
        raise InvalidInput("filter_value", filter=key, value=shown(value), known="true, false")


def _free_text(given: dict[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """Take source and licence out of ``given``."""
    values: dict[str, Any] = {}
    for key, longest in _FREE_TEXT.items():
        if key not in given:
            continue
        raw = given.pop(key)
        if raw is None or isinstance(raw, str):
            _collect(faults, key, raw, lambda k=key, r=raw, n=longest: values.update({k: r and checked_text(r, n)}))
        else:
            faults.append(Fault(key, shown(raw), "field_wrong_kind", {"wanted": "text"}))
    return values


def _geometry(layer: Layer, geometry: Any) -> Any:
    if layer.geometry is None:
        if geometry is not None:
            raise InvalidInput("shape_not_here", layer=layer.name)
        return None
    if geometry is None:
        if layer.geometry_required:
            raise InvalidInput("field_empty")
        return None
    return promoted(from_geojson(geometry), layer.geometry)


def _check_reason(reason: Any) -> None:
    if not isinstance(reason, str) or not reason:
        raise InvalidInput("reason_missing")
    checked_text(reason, _REASON_LENGTH)


def _collect(faults: list[Fault], key: str, raw: Any, check: Any) -> None:
    """Run ``check`` and keep what it refuses."""
    try:
        check()
    except InvalidInput as error:
        value = raw.get("type", "") if isinstance(raw, Mapping) else raw
        faults.append(Fault(key, "" if value is None else shown(value), error.code, error.facts))
