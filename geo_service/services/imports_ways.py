"""The story of importing a layer of one's own lines as the walking network of an area.

The network's code is the area's, as with an OpenStreetMap extract: a second import replaces the first, by code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from geo_service.domain.streets import STREET_LINES
from geo_service.domain.ways import WayArrays
from geo_service.exchange.extent import box_extent, read_extent
from geo_service.exchange.faults import RowsRefused
from geo_service.exchange.layers import read_layer
from geo_service.exchange.lines import walkable_rows, ways_of_lines
from geo_service.foundation.errors import FileFault
from geo_service.services import rights
from geo_service.services.context import Context
from geo_service.services.imports import Imported, Note, refuse_live_store
from geo_service.services.imports_network import Origin, check_area_code, ensure_area, stored_source, write_network
from geo_service.storage import bulk
from geo_service.storage.bulk import Upserted
from geo_service.storage.versions import layer_versions

_LEAST_SIDE_DEG = 1e-5  # about a metre: the box around a single straight street is an area too


@dataclass(frozen=True)
class WaysPlan:
    """A layer of lines read and checked, ready to be written."""

    origin: Origin
    ways: WayArrays
    notes: tuple[Note, ...]


def prepare_ways(
    ctx: Context,
    path: Path,
    *,
    area: str,
    crs: str | None = None,
    column_map: Mapping[str, str] | None = None,
    table: str | None = None,
    extent: Path | None = None,
    is_closed: bool = False,
) -> WaysPlan:
    """Read and check a file of lines; nothing is written.

    Parameters
    ----------
    ctx
        The context; its progress is told 0..0.6.
    path, crs, column_map, table
        As :func:`exchange.layers.read_layer`. Columns ``code``, ``name``, ``highway`` (footway if empty),
        ``is_snap_target``, ``is_step_free``; rows whose ``highway`` is not walkable are left out with a note.
    area
        Code of the area the network is for; need not exist.
    extent
        File with the polygon beyond which nothing is known; else the bounding box of the lines.
    is_closed
        Nothing lies beyond the extent, like an island.

    Raises
    ------
    InvalidInput
        ``area_code_form`` and those of reading.
    FileFault
        ``file_is_store``, ``columns_missing`` (no geometry), ``lines_no_walkable_way`` and those of reading.
    RowsRefused
        ``rows_refused`` with every fault.
    """
    rights.may(ctx.actor, "import")
    check_area_code(area)
    for file in (path, extent):
        if file is not None:
            refuse_live_store(ctx, file)
    known = read_extent(extent) if extent is not None else None
    telling = ctx.stage(0.0, 0.6).progress
    read = read_layer(
        STREET_LINES, path, crs=crs, column_map=column_map, table=table, timezone=ctx.timezone, progress=telling
    )
    name = STREET_LINES.name
    if read.faults.count:
        raise RowsRefused(str(path), name, read.faults.first(), read.faults.count, len(read.faults.rows))
    if read.missing:
        raise FileFault(
            "columns_missing", file=str(path), layer=name, fields=", ".join(read.missing), rows=len(read.frame)
        )
    walkable = walkable_rows(read.frame)
    ways = ways_of_lines(read.frame[walkable])
    notes = list(read.notes)
    if not walkable.all():
        notes.append(("note.lines_not_walkable", {"count": int((~walkable).sum())}))
    if len(ways.codes) < walkable.sum():
        notes.append(("note.lines_without_length", {"count": int(walkable.sum()) - len(ways.codes)}))
    if not ways.codes:
        raise FileFault("lines_no_walkable_way", file=str(path), rows=len(read.frame))
    if known is None:
        known = box_extent(_box(ways))
        notes.append(("note.extent_of_lines", {}))
    source = _one_value(read.frame, "source") or path.name[:200]
    origin = Origin(area, known, is_closed, source, _one_value(read.frame, "licence"))
    return WaysPlan(origin, ways, tuple(notes))


def import_ways(conn: Connection, ctx: Context, plan: WaysPlan) -> Imported:
    """Write a prepared network in the caller's transaction; all of it or, by an exception, nothing."""
    rights.may(ctx.actor, "import")
    counts: dict[str, Upserted] = {}
    notes = list(plan.notes)
    ctx.progress(0.6, "progress.storing")
    was_empty = not any(layer_versions(conn).values())
    before = stored_source(conn, plan.origin.area_code)
    if before is not None and before != plan.origin.source:
        notes.append(("note.network_replaced", {"area": plan.origin.area_code, "source": before}))
    if ensure_area(conn, ctx, plan.origin):
        notes.append(("note.area_created", {"area": plan.origin.area_code}))
        counts["areas"] = Upserted(1, 0, 0)
    counts["ways"] = write_network(conn, ctx.stage(0.6, 0.9), plan.origin, plan.ways)
    # new ways are placed as they are written; older rows may lie in the new area, or have moved
    if not was_empty and ("areas" in counts or counts["ways"].updated):
        ctx.progress(0.9, "progress.places")
        bulk.refresh_places(conn)
    return Imported(counts, notes=tuple(notes))


def _box(ways: WayArrays) -> tuple[float, float, float, float]:
    """Return the bounding box of the ways, at least about a metre wide and high."""
    low, high = (np.array([edge(ways.lon), edge(ways.lat)]) for edge in (np.min, np.max))
    thin = np.where(high - low < _LEAST_SIDE_DEG, _LEAST_SIDE_DEG / 2, 0.0)
    west, south = (low - thin).tolist()
    east, north = (high + thin).tolist()
    return west, south, east, north


def _one_value(frame: pd.DataFrame, column: str) -> str | None:
    """Return the value that all rows have in a column, None if they differ or have none."""
    values: set[Any] = set(frame[column]) if column in frame else set()
    value = values.pop() if len(values) == 1 else None
    return None if value is None else str(value)
