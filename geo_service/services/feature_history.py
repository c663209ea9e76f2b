"""What a row was before: its versions as who asks may see them, and the way back to one of them.

Read from the history every change leaves (:mod:`geo_service.storage.versions`); no second copy is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from geo_service.domain import privacy
from geo_service.domain.buildings import BUILDINGS
from geo_service.domain.fields import Layer
from geo_service.domain.privacy import PEOPLE_FIELDS
from geo_service.domain.retention import erased_fields
from geo_service.domain.rights import OwnPlaces, read_story, write_story
from geo_service.domain.values import shown
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound, StaleVersion
from geo_service.foundation.texts import text
from geo_service.services.context import Context
from geo_service.services.feature_partners import Partner, at_stake, check_not_referred, partners_of
from geo_service.services.features import check_editable, check_own, readable, retire_row, shown_row
from geo_service.services.rights import may, may_here, may_refer, may_write
from geo_service.services.row_rules import check_findings, check_parent, check_people
from geo_service.storage import row_history, rows
from geo_service.storage.row_history import Cause, Line
from geo_service.storage.versions import WITHHELD
from geo_service.storage.visible import own_places

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_VERSIONS: Final = 200
_COMMON: Final = ("source", "licence", "retired_reason")
# what follows from other things: an older value of it is not a value to go back to
_DERIVED: Final = ("is_cut_by_boundary",)


@dataclass(frozen=True)
class Change:
    """One value that changed, named in the asker's language; personal ones as ``***`` before and after."""

    field: str
    label: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Version:
    """What one version of a row changed.

    ``geometry_before`` and ``geometry_after`` are shapes in EPSG:4326 where it changed the geometry, else None.
    ``cause`` says that it is part of a split or merge, ``partners`` the codes of the other rows of it. ``at_stake``:
    those whose ground restoring this version would leave to nobody, or hold twice.
    """

    version: int
    at: str
    who: str
    action: str
    changes: tuple[Change, ...]
    geometry_before: Any
    geometry_after: Any
    cause: Cause | None = None
    partners: tuple[str, ...] = ()
    at_stake: tuple[Partner, ...] = ()


@dataclass(frozen=True)
class Versions:
    """One page of versions, the newest first, and below which version the next one begins (None: no more)."""

    versions: tuple[Version, ...]
    next_before: int | None


def list_versions(
    conn: "Connection", ctx: Context, layer: Layer, ident: str, *, before: int | None = None, limit: int = 50
) -> Versions:
    """Return the versions of a row below ``before``, for the office (who may read who wrote a row).

    A value is told as the row itself would tell it: what is hidden, masked or rounded there is so here, and a change
    that cannot be seen in the row is none. Raises Forbidden, NotFound ``row_unknown``.
    """
    may(ctx.actor, "read_editors")
    may(ctx.actor, read_story(layer.name))
    stored = readable(conn, ctx, layer, ident)
    lines = row_history.lines_of(conn, layer, stored)
    wanted = [line for line in lines if before is None or line.version < before]
    telling = _Telling(ctx, layer, own_places(conn, ctx.actor), _withheld(layer, stored))
    state = {**telling.now, **row_history.values_after(lines, wanted[0].version)} if wanted else {}
    others = partners_of(conn, ctx, layer, stored, lines)
    told = []
    for line in wanted[:limit]:
        state |= line.after  # what followed from other rows since is no change of this one
        stake = at_stake(conn, ctx, layer, stored, lines=lines, partners=others, version=line.version)
        told.append(replace(telling.version(line, state), at_stake=stake))
        state |= line.before
    return Versions(tuple(told), told[-1].version if len(wanted) > limit else None)


def restore_row(
    conn: "Connection",
    ctx: Context,
    layer: Layer,
    ident: str,
    *,
    version: int,
    expected_version: int,
    partners: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Any]:
    """Make a row what it was after ``version``, as a new version, and return it; a retired row is in use again.

    What follows from others stays (areas, people summed from households), and what was erased stays erased.
    ``partners``: of those at stake (:class:`Version`), by code with the version they were read in, which go with it:
    one whose ground would be lost is in use again, one whose ground would be held twice is retired. All or nothing.

    Raises
    ------
    NotFound
        ``row_unknown``, ``version_unknown``.
    InvalidInput
        ``restore_partner``: one of ``partners`` is not at stake.
    StaleVersion
        ``row_changed``.
    Conflict
        ``version_retired``, ``merge_referred``, ``layer_read_only``, those of :mod:`row_rules`.
    Forbidden
        Where it lies outside one's own places, before or after.
    """
    reach = may_write(ctx.actor, layer)
    check_editable(layer)
    stored = readable(conn, ctx, layer, ident)
    may_here(conn, ctx.actor, write_story(layer.name), layer, stored)
    if stored["version"] != expected_version:
        facts = {"layer": layer.name, "code": stored["code"], "expected": expected_version}
        raise StaleVersion("row_changed", found=stored["version"], **facts)
    if not 1 <= version <= stored["version"]:
        raise NotFound("version_unknown", code=stored["code"], version=version, newest=stored["version"])
    lines = row_history.lines_of(conn, layer, stored)
    kept = row_history.values_after(lines, version)
    if {**stored, **kept}["retired_at"] is not None:
        raise Conflict("version_retired", code=stored["code"], version=version)
    values = row_history.restorable(conn, layer, stored, _own_values(layer, stored, kept))
    may_refer(conn, ctx.actor, reach, layer, values)
    check_people(layer, stored, values)
    stake: dict[str, Partner] = {}
    if partners:
        others = partners_of(conn, ctx, layer, stored, lines)
        stake = {
            one.code: one for one in at_stake(conn, ctx, layer, stored, lines=lines, partners=others, version=version)
        }
    for code, read in partners.items():
        if code not in stake:
            raise InvalidInput("restore_partner", code=stored["code"], partner=shown(code), version=version)
        _take_along(conn, ctx, layer, stake[code], read, reason=_reason(ctx, stored["code"], version))
    row = rows.update(conn, layer, ident, expected_version, values, actor=ctx.actor, now=ctx.clock(), restores=True)
    check_parent(conn, layer, row, values)
    check_findings(conn, layer, row, local_date(ctx.clock(), ctx.timezone))
    check_own(conn, ctx, layer, row)
    return shown_row(conn, ctx, layer, row)


def _reason(ctx: Context, code: str, version: int) -> str:
    return text("restore.reason", ctx.lang, code=code, version=version)


def _take_along(conn: "Connection", ctx: Context, layer: Layer, partner: Partner, read: int, *, reason: str) -> None:
    """Take a partner out of use, or into use as it was before it was retired."""
    if partner.becomes == "doubled":
        row = readable(conn, ctx, layer, partner.code)
        check_not_referred(conn, ctx, layer, row)
        retire_row(conn, ctx, layer, partner.code, expected_version=read, reason=reason)
        return
    lines = row_history.lines_of(conn, layer, readable(conn, ctx, layer, partner.code))
    retired = next(line.version for line in lines if line.action == "retired")
    restore_row(conn, ctx, layer, partner.code, version=retired - 1, expected_version=read)


def _own_values(layer: Layer, stored: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an older version that are a row's own: its fields, geometry, source and licence."""
    is_summed = layer.name == BUILDINGS.name and stored["people_basis"] == "households"
    left = {*_DERIVED, *(PEOPLE_FIELDS if is_summed else ())}
    known = {f.key for f in layer.fields if f.kind != "bytes"} | {"geom", "source", "licence"}
    return {key: value for key, value in kept.items() if key in known - left}


def _withheld(layer: Layer, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what is personal in it only as being there."""
    hidden = {field.key for field in erased_fields(layer)}
    return {key: WITHHELD if key in hidden and value is not None else value for key, value in stored.items()}


class _Telling:
    """Tells versions of one row to who asks."""

    def __init__(self, ctx: Context, layer: Layer, places: OwnPlaces, now: Mapping[str, Any]) -> None:
        self.now = now
        self._ctx, self._layer, self._places = ctx, layer, places
        self._keys = [f.key for f in layer.fields if f.kind != "bytes"]
        self._personal = {f.key for f in erased_fields(layer)}

    def version(self, line: Line, after: Mapping[str, Any]) -> Version:
        """Return what a line did to a row that was ``after`` with it."""
        first = line.action in ("created", "imported") and line.version == 1
        before = {**after, **line.before}
        return Version(
            line.version,
            line.at,
            line.actor if privacy.reaches(self._ctx.actor, "read_editors", self._layer, self.now, self._places) else "",
            line.action,
            tuple(self._changes(line, {} if first else self._seen(before), self._seen(after))),
            None if first else row_history.shape_of(line.before.get("geom")),
            self._shape(after) if first else row_history.shape_of(line.after.get("geom")),
            *line.parted,
        )

    def _changes(self, line: Line, before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[Change]:
        found = []
        for key in (*self._keys, *_COMMON):
            old, new = before.get(key), after.get(key)
            is_rewritten = key in self._personal and key in line.before and (old, new) != (None, None)
            if old != new or is_rewritten:
                found.append(Change(key, text(f"field.{key}", self._ctx.lang), old, new))
        return found

    def _seen(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Return a state of the row as it would be shown; where it lies is where it lies now."""
        hidden = {key: None if state.get(key) is None else WITHHELD for key in self._personal}
        seen = privacy.seen_by(self._ctx.actor, self._layer, {**state, **hidden}, self._places)
        return {**seen, **{key: None if seen[key] is None else WITHHELD for key in self._personal}}

    @staticmethod
    def _shape(state: Mapping[str, Any]) -> Any:
        shape = state.get("geom")
        return row_history.shape_of(shape) if isinstance(shape, str) else shape
