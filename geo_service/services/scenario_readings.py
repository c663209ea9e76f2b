"""The tables of a what-if or an effect, where closures are not known in both readings (PRODUCT §3.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geo_service.domain.scenarios import Edit
from geo_service.foundation.errors import InvalidInput
from geo_service.services.context import Context
from geo_service.services.readings import otherwise
from geo_service.services.scenario_place_rows import is_changed
from geo_service.services.scenario_work import Supposition, Tables, Work, table_names

_PLACE: Final = ("scenario", "category", "level", "code")
TABLE_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "totals": (*_PLACE, "band"),
    "rows": (*_PLACE, "band"),
    "headlines": _PLACE,
    "effects": ("category", "band"),
    "capacity_totals": _PLACE,
    "capacity_rows": _PLACE,
    "capacity_facilities": ("scenario", "category", "code", "edit_number", "name", "lon", "lat"),
}
"""What tells the rows of each table of a what-if or an effect apart."""


@dataclass(frozen=True)
class Read:
    """Tables that take what is not known to be closed as open, and as closed; None where it is all known."""

    tables: Tables
    closed: Tables | None

    def body(self) -> dict[str, Any]:
        """Return the tables as a result has them: ``if_closed`` has the rows that are otherwise."""
        return with_closed(self.tables, self.closed)


def with_closed(tables: Mapping[str, Any], closed: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return tables with ``if_closed``, the rows of the other reading that are otherwise; without one as they are."""
    if closed is None:
        return dict(tables)
    return {**tables, "if_closed": {name: otherwise(tables[name], closed[name], TABLE_KEYS[name]) for name in tables}}


def read_tables(
    work: Work,
    ctx: Context,
    asked: Sequence[Supposition],
    *,
    told: Sequence[bool],
    without: tuple[Edit, ...] = (),
    only_changed: bool = False,
) -> dict[bool, Read]:
    """Return the tables of all suppositions together, exact and as they are told.

    As :meth:`Work.tables`; with ``only_changed`` rows where something changes in either reading. An edit that can only
    be made where a quarter is open (a path through what may be its wall) has no other reading: None is given then.
    """
    if not work.differs:
        found = _tables(work, ctx, asked, told=told, without=without, only_changed=only_changed)
        return {side: Read(tables, None) for side, tables in found.items()}
    main = _tables(work, ctx.stage(0.0, 0.5), asked, told=told, without=without)
    closed: dict[bool, Tables] | None = None
    strict = work.closed()
    try:
        closed = _tables(strict, ctx.stage(0.5, 1.0), asked, told=told, without=without)
        work.joined |= strict.joined
    except InvalidInput as refusal:
        if not refusal.code.startswith("scenario_"):
            raise
    reads = {side: Read(main[side], None if closed is None else closed[side]) for side in told}
    return {side: _changed(read) for side, read in reads.items()} if only_changed else reads


def _tables(
    work: Work, ctx: Context, asked: Sequence[Supposition], *, told: Sequence[bool], **more: Any
) -> dict[bool, Tables]:
    names = table_names(work.question.categories)
    found: dict[bool, Tables] = {side: {name: [] for name in names} for side in told}
    for number, one in enumerate(asked):
        part = ctx.stage(number / len(asked), (number + 1) / len(asked))
        for side, tables in work.tables(part, one, told=told, **more).items():
            for name in names:
                found[side][name] += tables[name]
    return found


def _changed(read: Read) -> Read:
    """Return sums of all homes, and of areas, grids and facilities what changes in one of the readings."""
    both = [tables for tables in (read.tables, read.closed) if tables is not None]
    places = {_at(row) for tables in both for row in (*tables["rows"], *tables["totals"]) if is_changed(row)}
    places |= {_at(row) for tables in both for row in tables["totals"]}
    facilities = {
        _key(row, "capacity_facilities")
        for tables in both
        for row in tables.get("capacity_facilities", ())
        if is_changed(row)
    }
    changed = {
        _key(row, "capacity_rows") for tables in both for row in tables.get("capacity_rows", ()) if is_changed(row)
    }

    def kept(tables: Tables) -> Tables:
        return {
            name: [
                row
                for row in rows
                if name in ("totals", "capacity_totals")
                or (name == "capacity_facilities" and _key(row, name) in facilities)
                or (name == "capacity_rows" and _key(row, name) in changed)
                or (name in ("rows", "headlines") and _at(row) in places)
            ]
            for name, rows in tables.items()
        }

    return Read(kept(read.tables), None if read.closed is None else kept(read.closed))


def _at(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _PLACE)


def _key(row: Mapping[str, Any], table: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in TABLE_KEYS[table])
