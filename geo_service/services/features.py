"""Rows of any layer one by one: list, get, create, change, retire. Doors open the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from geo_service.domain import privacy
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.new_codes import MARKS
from geo_service.domain.rights import (
    PUBLISHED,
    exact_story,
    field_stories,
    is_published,
    reach_of,
    read_story,
    row_stories,
    visibility,
    write_story,
)
from geo_service.domain.values import (
    Fault,
    ValuesRefused,
    checked_code,
    checked_text,
    checked_values,
    shown,
)
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound, TooMuch
from geo_service.foundation.geometry import from_geojson, promoted
from geo_service.foundation.ids import fingerprint
from geo_service.services.context import Context
from geo_service.services.feature_places import Within, rows_within
from geo_service.services.new_codes import made_code
from geo_service.services.rights import may, may_here, may_read, may_refer, may_write, seen_layers
from geo_service.services.row_rules import check_findings, check_parent, check_people
from geo_service.storage import overview, rows, versions
from geo_service.storage.visible import own_places, visible_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_MAXIMUM: Final = 1000
OFFSET_MAXIMUM: Final = 10_000_000
FREE_TEXT: Final = {"source": 500, "licence": 200}  # common columns a person may fill, longest length
_REASON_LENGTH: Final = 500
_PLACE_FILTERS: Final = ("area_code", "grid_code")
_COMMON_SORTS: Final = ("code", "created_at", "updated_at")


@dataclass(frozen=True)
class ListQuestion:
    """Which rows of a layer: equality filters by key, box (west, south, east, north), polygon or area, page, order."""

    filters: Mapping[str, str] = field(default_factory=dict)
    bbox: tuple[float, float, float, float] | None = None
    within: "Within | None" = None
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
    """Return one page of what the actor may see of ``layer``; Forbidden where that can never be anything."""
    seen = may_read(ctx.actor, layer)
    check_question(layer, question)
    if not privacy.hidden_fields(ctx.actor, layer).isdisjoint([*question.filters, question.sort.removeprefix("-")]):
        raise Forbidden("forbidden", actor=ctx.actor.name, role=ctx.actor.role, verb="read_buildings")
    page = rows.page(
        conn,
        layer,
        filters=question.filters,
        bbox=question.bbox,
        only=rows_within(conn, ctx, layer, question.within, retired=question.retired),
        limit=question.limit,
        offset=question.offset,
        sort=question.sort,
        retired=question.retired,
        seen=seen,
        exact=visible_to(ctx.actor, reach_of(ctx.actor, exact_story(layer.name)), layer),
    )
    places = own_places(conn, ctx.actor)
    return Listed([privacy.seen_by(ctx.actor, layer, row, places) for row in page.rows], page.total)


def list_state(conn: "Connection", ctx: Context, layer: Layer, question: ListQuestion) -> str:
    """Return a fingerprint that changes when the answer to ``question`` may have changed."""
    may(ctx.actor, read_story(layer.name))
    asked = [sorted(question.filters.items()), question.bbox, question.limit, question.offset, question.sort]
    asked.append(question.within if question.within is None else str(question.within))
    seers = visibility(ctx.actor, field_stories(layer.name))
    return fingerprint([layer.name, _versions_of(conn, layer), asked, question.retired, seers])


def row_state(conn: "Connection", ctx: Context, layer: Layer) -> str:
    """Return a short fingerprint, another for who sees another part of a row of ``layer``.

    Changes, too, when what follows from other rows may have changed: its area and grid, a building's people. They
    leave the row's own version as it is, since nobody edited the row.
    """
    seers = visibility(ctx.actor, field_stories(layer.name))
    return fingerprint([layer.name, _versions_of(conn, layer), seers])[:12]


def get_row(conn: "Connection", ctx: Context, layer: Layer, ident: str) -> dict[str, Any]:
    """Return the row with this uid or code, retired or not; NotFound ``row_unknown``."""
    may(ctx.actor, read_story(layer.name))
    return shown_row(conn, ctx, layer, readable(conn, ctx, layer, ident))


def create_row(
    conn: "Connection", ctx: Context, layer: Layer, properties: Mapping[str, Any], geometry: Any
) -> dict[str, Any]:
    """Keep a new row and return it; without a code it gets the next one of its kind where it lies.

    Raises ValuesRefused, Conflict ``code_taken`` or ``layer_read_only``, those of :mod:`row_rules`; Forbidden where it
    would lie outside one's own places.
    """
    reach = may_write(ctx.actor, layer, properties)
    check_editable(layer)
    given = dict(properties)
    now = ctx.clock()
    code = given.pop("code", None)
    faults: list[Fault] = []
    values = _free_text(given, faults)
    own, own_faults = checked_values(layer, given, whole=True)
    values |= own
    if code or layer.name not in MARKS:
        _collect(faults, "code", code, lambda: values.update(code=checked_code(layer, code)))
    _collect(faults, "geometry", geometry, lambda: values.update(geom=checked_geometry(layer, geometry)))
    if faults or own_faults:
        raise ValuesRefused([*faults, *own_faults])
    may_refer(conn, ctx.actor, reach, layer, values)
    if "code" not in values:
        values["code"] = made_code(conn, layer, values, holds=True)
    row = rows.insert(conn, layer, values, actor=ctx.actor, now=now)
    check_parent(conn, layer, row, values)
    check_findings(conn, layer, row, local_date(now, ctx.timezone))
    check_own(conn, ctx, layer, row)
    return shown_row(conn, ctx, layer, row)


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

    Raises ValuesRefused, NotFound, StaleVersion ``row_changed``, those of :mod:`row_rules`; Forbidden where it lies
    outside one's own places, before or after.
    """
    reach = may_write(ctx.actor, layer)
    check_editable(layer)
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
            lambda: values.update(geom=checked_geometry(layer, changes["geometry"])),
        )
    if faults or own_faults:
        raise ValuesRefused([*faults, *own_faults])
    stored = readable(conn, ctx, layer, ident)
    may_here(conn, ctx.actor, write_story(layer.name), layer, stored)
    may_refer(conn, ctx.actor, reach, layer, values)
    values = privacy.without_masks(layer, shown_row(conn, ctx, layer, stored), values)
    check_people(layer, stored, values)
    row = rows.update(conn, layer, ident, expected_version, values, actor=ctx.actor, now=ctx.clock())
    check_parent(conn, layer, row, values)
    check_findings(conn, layer, row, local_date(ctx.clock(), ctx.timezone))
    check_own(conn, ctx, layer, row)
    return shown_row(conn, ctx, layer, row)


def retire_row(
    conn: "Connection", ctx: Context, layer: Layer, ident: str, *, expected_version: int, reason: Any
) -> dict[str, Any]:
    """Take a row out of use, with a reason; it stays stored and its code stays taken."""
    may_write(ctx.actor, layer)
    check_editable(layer)
    faults: list[Fault] = []
    written = reason.strip() if isinstance(reason, str) else reason
    _collect(faults, "reason", reason, lambda: _check_reason(written))
    if faults:
        raise ValuesRefused(faults)
    may_here(conn, ctx.actor, write_story(layer.name), layer, readable(conn, ctx, layer, ident))
    row = rows.retire(conn, layer, ident, expected_version, written, actor=ctx.actor, now=ctx.clock())
    return shown_row(conn, ctx, layer, row)


def versions_now(conn: "Connection", ctx: Context) -> dict[str, int]:
    """Return the version of every layer."""
    may(ctx.actor, PUBLISHED)
    return versions.layer_versions(conn)


def count_rows(conn: "Connection", ctx: Context) -> dict[str, int]:
    """Return the number of rows in use of every layer the actor may read, of those rows it may."""
    may(ctx.actor, PUBLISHED)
    return overview.counts(conn, seen_layers(ctx.actor))


def count_by(conn: "Connection", ctx: Context, layer: str, column: str) -> dict[str, int]:
    """Return the number of rows in use of a published layer by the value of one of its columns."""
    may(ctx.actor, PUBLISHED)
    if not is_published(layer):
        raise ValueError(layer)
    return overview.counts_by(conn, LAYERS[layer], column)


def counts_seen(ctx: Context) -> str:
    """Return a text equal for all for whom :func:`count_rows` gives the same on the same data."""
    return visibility(ctx.actor, [story for name in LAYERS for story in row_stories(name)])


def _versions_of(conn: "Connection", layer: Layer) -> list[tuple[str, int]]:
    """Return the versions of the layers that rows of ``layer`` are made of."""
    now = versions.layer_versions(conn)
    concerned = {layer.name, "areas", "grids", *(f.refers_to for f in layer.fields if f.refers_to)}
    return sorted((name, now.get(name, 0)) for name in concerned)


def readable(conn: "Connection", ctx: Context, layer: Layer, ident: str) -> dict[str, Any]:
    """Return the stored row; NotFound ``row_unknown`` just the same where it is there, but not for the actor."""
    row = rows.get(conn, layer, ident)
    if not privacy.reaches(ctx.actor, read_story(layer.name), layer, row, own_places(conn, ctx.actor)):
        raise NotFound("row_unknown", layer=layer.name, ident=ident)
    return row


def shown_row(conn: "Connection", ctx: Context, layer: Layer, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored row as the actor may see it."""
    return privacy.seen_by(ctx.actor, layer, row, own_places(conn, ctx.actor))


def check_own(conn: "Connection", ctx: Context, layer: Layer, row: Mapping[str, Any]) -> None:
    """Refuse a row that was written outside one's own places; the door takes the transaction back."""
    story = write_story(layer.name)
    if not privacy.reaches(ctx.actor, story, layer, row, own_places(conn, ctx.actor)):
        raise Forbidden("forbidden", actor=ctx.actor.name, role=ctx.actor.role, verb=story)


def check_editable(layer: Layer) -> None:
    """Return if rows of ``layer`` are written one by one; Conflict ``layer_read_only``."""
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
    for key, longest in FREE_TEXT.items():
        if key not in given:
            continue
        raw = given.pop(key)
        if raw is None or isinstance(raw, str):
            _collect(faults, key, raw, lambda k=key, r=raw, n=longest: values.update({k: r and checked_text(r, n)}))
        else:
            faults.append(Fault(key, shown(raw), "field_wrong_kind", {"wanted": "text"}))
    return values


def checked_geometry(layer: Layer, geometry: Any) -> Any:
    """Return a GeoJSON geometry as ``layer`` stores it, None where it may have none; InvalidInput ``shape_…``."""
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
