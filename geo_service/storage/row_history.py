"""The history of one row read: its lines, and its values as they were after an older version."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import shapely
import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.domain.retention import erased_fields
from geo_service.storage import erasing, persons
from geo_service.storage.persons import WITHHELD
from geo_service.storage.tables import HISTORY

_RETIRED = ("retired_at", "retired_reason")
_PARTED: Final = "parted"  # beside the values of a line: no field is called so
Cause = Literal["split", "merged"]


@dataclass(frozen=True)
class Line:
    """One line of history: values by field key, only those that changed, as history keeps them (decision 21)."""

    version: int
    at: str
    actor: str
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def parted(self) -> tuple[Cause | None, tuple[str, ...]]:
        """Whether it is part of a split or merge, and the codes of the other rows of it."""
        told = self.after.get(_PARTED) or {}
        return told.get("cause"), tuple(told.get("codes", ()))


def parting(cause: Cause, codes: Sequence[str]) -> dict[str, Any]:
    """Return what a line of history says beside its values of the split or merge it is part of."""
    return {_PARTED: {"cause": cause, "codes": list(codes)}}


def lines_of(connection: sa.Connection, layer: Layer, row: Mapping[str, Any]) -> list[Line]:
    """Return the lines about a row (of :func:`rows.get`), the newest first.

    A row that came by an import has none of its first version, which becomes one without values. What a retired row
    that came back by an import was retired for is told by the line before.
    """
    chosen = sa.select(HISTORY).where(HISTORY.c.layer == layer.name, HISTORY.c.row_id == row["id"])
    lines: list[Line] = []
    retired: dict[str, Any] = dict.fromkeys(_RETIRED)
    for found in connection.execute(chosen.order_by(HISTORY.c.version, HISTORY.c.id)).mappings():
        before, after = (_parsed(layer, found[side] or {}) for side in ("before", "after"))
        if found["action"] == "restored":
            before, after = {**retired, **before}, {**dict.fromkeys(_RETIRED), **after}
        if found["action"] == "retired":
            retired = {key: after.get(key) for key in _RETIRED}
        lines.append(Line(found["version"], found["at"], found["actor"], found["action"], before, after))
    if not lines or lines[0].version > 1:
        lines.insert(0, Line(1, row["created_at"], row["created_by"], "imported", {}, {}))
    return lines[::-1]


def _parsed(layer: Layer, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with JSON as such: imports keep it as the text it is stored as."""
    texts = {f.key for f in layer.fields if f.kind == "json" and isinstance(values.get(f.key), str)}
    return {key: json.loads(value) if key in texts else value for key, value in values.items()}


def values_after(lines: Sequence[Line], version: int) -> dict[str, Any]:
    """Return what an older version had otherwise than the row has now, by key, as history keeps it."""
    found: dict[str, Any] = {}
    for line in lines:
        if line.version > version:
            found.update(line.before)
    return found


def shape_of(value: Any) -> Any:
    """Return the geometry history keeps as text, None where there was none or it is not kept (of homes)."""
    return None if value in (None, WITHHELD) else shapely.from_wkt(value)


def restorable(
    connection: sa.Connection, layer: Layer, row: Mapping[str, Any], kept: Mapping[str, Any]
) -> dict[str, Any]:
    """Return values of history (:func:`values_after`) as a row takes them: opened, geometries as shapes.

    Left out is what nobody can read any more, and whatever an erasure emptied.
    """
    erased = {field.column for field in erased_fields(layer)} if erasing.erasures(connection, row["uid"]) else set()
    personal = {field.name: kept[field.name] for field in persons.personal_fields(layer) if field.name in kept}
    values = {**kept, **persons.open_values(connection, layer.name, row["uid"], personal)}
    values = {
        key: value for key, value in values.items() if value != WITHHELD and (key in personal or key not in erased)
    }
    if "geom" in values:
        values["geom"] = shape_of(values["geom"])
    return values
