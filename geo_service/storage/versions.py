"""Layer versions and history: every change raises the one and appends to the other, in its own transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import shapely
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import to_iso
from geo_service.foundation.sealing import sealed_with
from geo_service.storage import audit
from geo_service.storage.tables import LAYER_VERSIONS, dump_json
from geo_service.storage.values import is_embedded

# stands in history for a personal value that came in plain: that it changed is kept, what it was is not (PRODUCT §8)
WITHHELD: Final = "***"


def layer_versions(connection: sa.Connection) -> dict[str, int]:
    """Return the version of every layer; 0 where nothing was ever written."""
    found = {name: int(version) for name, version in connection.execute(sa.select(LAYER_VERSIONS))}
    return {name: found.get(name, 0) for name in LAYERS}


def raise_version(connection: sa.Connection, layer: Layer) -> None:
    """Raise a layer's version by one."""
    connection.exec_driver_sql(
        "INSERT INTO layer_version (layer, version) VALUES (%s, 1) "
        "ON CONFLICT (layer) DO UPDATE SET version = layer_version.version + 1"
        % ("?" if connection.dialect.name == "sqlite" else "%s"),
        (layer.name,),
    )
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = ?",
            (layer.noun,),
        )


class HistoryLine(dict[str, Any]):
    """A line of history by column, and whose doing it tells."""

    def __init__(self, values: Mapping[str, Any], actor: Actor) -> None:
        super().__init__(values)
        self.actor = actor


def history_line(
    layer: Layer,
    row_id: int | None,
    version: int,
    action: str,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    actor: Actor,
    now: datetime,
) -> HistoryLine:
    """Return one line of history as it is inserted; personal values sealed, geometries as WKT, bytes as length."""
    values = {
        "layer": layer.name,
        "row_id": row_id,
        "version": version,
        "at": to_iso(now),
        "actor": actor.name,
        "action": action,
        "before": _shown(layer, before),
        "after": _shown(layer, after),
    }
    return HistoryLine(values, actor)


def append_history(connection: sa.Connection, lines: Sequence[HistoryLine]) -> None:
    """Append lines made by :func:`history_line`, and for each of them its line of audit."""
    if not lines:
        return
    stored = []
    for row_id, line in zip(_new_ids(connection, len(lines)), lines, strict=True):
        texts = {name: None if line[name] is None else dump_json(line[name]) for name in ("before", "after")}
        stored.append({"id": row_id, **line, **texts})
    audit.insert_rows(connection, "history", {name: [s[name] for s in stored] for name in audit.HISTORY_NAMES})
    audit.append_changes(connection, [line.actor for line in lines], stored)


def _new_ids(connection: sa.Connection, count: int) -> list[int]:
    """Return ids of lines of history that are not there yet, ascending."""
    if is_embedded(connection):
        last = int(connection.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM history").scalar() or 0)
        return list(range(last + 1, last + 1 + count))
    sequence = "pg_get_serial_sequence('history', 'id')"
    found = connection.exec_driver_sql(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", (count,))
    return sorted(row[0] for row in found)


def _shown(layer: Layer, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    shown: dict[str, Any] = {}
    for key, value in values.items():
        field = layer.field(key)
        if field is not None and field.personal and sealed_with(value):
            shown[key] = value
        elif value is not None and field is not None and (field.personal or (layer.personal and key == "geom")):
            shown[key] = WITHHELD
        elif isinstance(value, shapely.Geometry):
            shown[key] = WITHHELD if layer.personal else value.wkt
        elif isinstance(value, bytes):
            shown[key] = f"{len(value)} bytes"
        else:
            shown[key] = value
    return shown
