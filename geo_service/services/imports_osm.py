"""The story of importing an OpenStreetMap extract: read it outside the transaction, write it in one.

A second import of the same area updates by code (``n/w/r`` + OSM id) and never doubles. What the new file no
longer has inside its extent is retired, unless the file has nothing at all of that layer (a filtered extract) or
people are counted in the building. What a person found out about a facility (verified or not, by whom, whether it
is open) outlives the import.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely import MultiPolygon
from sqlalchemy import Connection

from geo_service.domain.facilities import FACILITIES
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.exchange.extent import box_extent, read_extent
from geo_service.exchange.osm import LICENCE, SOURCE, OsmExtract, parts_of, read_osm
from geo_service.foundation.clock import local_date, to_iso
from geo_service.services import rights
from geo_service.services.context import Context
from geo_service.services.imports import Imported, Note, refuse_live_store
from geo_service.services.imports_network import Origin, check_area_code, ensure_area, stored_source, write_network
from geo_service.storage import bulk
from geo_service.storage.bulk import Upserted
from geo_service.storage.versions import layer_versions

_GONE: Final = "no longer in the source"
_FINDINGS: Final = ("verification", "verified_on", "opening_state")


@dataclass(frozen=True)
class OsmPlan:
    """A read and checked extract, ready to be written.

    Attributes
    ----------
    area_code
        Code of the area and of its network.
    extract
        Network and frames.
    extent
        Where the data is known: polygon given, header's bounds, or bounding box of the nodes (EPSG:4326).
    is_closed
        Nothing lies beyond the extent, like an island.
    notes
        What the person should know.
    """

    area_code: str
    extract: OsmExtract
    extent: MultiPolygon
    is_closed: bool
    notes: tuple[Note, ...]


def prepare_osm(
    ctx: Context,
    path: Path,
    *,
    area: str,
    extent: Path | None = None,
    is_closed: bool = False,
    only: str | None = None,
) -> OsmPlan:
    """Read and check an extract; nothing is written.

    Parameters
    ----------
    ctx
        The context; its progress is told 0..0.6.
    path
        The extract.
    area
        Code of the area the extract is for (4, 6, 9 or 12 digits or a quarter's); need not exist.
    extent
        File with the polygon beyond which nothing is known; else the extract's own bounds.
    is_closed
        Nothing lies beyond the extent, like an island.
    only
        Comma-separated parts (``network,buildings,facilities,green,barriers``), all by default.

    Raises
    ------
    InvalidInput
        ``area_code_form``, ``osm_part_unknown``.
    FileFault
        As :func:`exchange.osm.read_osm` and :func:`exchange.extent.read_extent`; ``file_is_store``.
    """
    rights.may(ctx.actor, "import")
    check_area_code(area)
    parts = parts_of(only)
    for file in (path, extent):
        if file is not None:
            refuse_live_store(ctx, file)
    known = read_extent(extent) if extent is not None else None
    reading = ctx.stage(0.0, 0.6)
    extract = read_osm(path, only=parts, progress=reading.progress)
    notes: list[Note] = []
    if extract.missing_node_count:
        notes.append(("note.osm_missing_nodes", {"count": extract.missing_node_count}))
    if extract.incomplete_count:
        notes.append(("note.osm_incomplete", {"count": extract.incomplete_count}))
    if extent is None and extract.bounds_source == "nodes":
        notes.append(("note.osm_bounds_of_nodes", {}))
    return OsmPlan(
        area,
        extract,
        known if known is not None else box_extent(extract.bounds),
        is_closed,
        tuple(notes),
    )


def import_osm(conn: Connection, ctx: Context, plan: OsmPlan) -> Imported:
    """Write a prepared extract in the caller's transaction; all of it or, by an exception, nothing."""
    rights.may(ctx.actor, "import")
    now = ctx.clock()
    counts: dict[str, Upserted] = {}
    retired: dict[str, int] = {}
    notes = list(plan.notes)
    ctx.progress(0.6, "progress.storing")
    was_empty = not any(layer_versions(conn).values())
    date = plan.extract.source_date
    origin = Origin(
        plan.area_code, plan.extent, plan.is_closed, SOURCE, LICENCE, None if date is None else to_iso(date)
    )
    if ensure_area(conn, ctx, origin):
        notes.append(("note.area_created", {"area": plan.area_code}))
        counts["areas"] = Upserted(1, 0, 0)
    if plan.extract.ways is not None:
        before = stored_source(conn, plan.area_code)
        if before is not None and before != SOURCE:
            notes.append(("note.network_replaced", {"area": plan.area_code, "source": before}))
        counts["ways"] = write_network(conn, ctx.stage(0.6, 0.8), origin, plan.extract.ways)
    frames = plan.extract.frames
    for name in (name for name in LAYERS if name in frames):
        layer, frame = LAYERS[name], frames[name]
        if name == "facilities":
            frame = _with_findings(conn, frame, local_date(now, ctx.timezone).isoformat())
        ctx.progress(0.85, "progress.storing")
        gone = _retire_gone(conn, ctx, layer, frame, plan.extent)
        if gone:
            retired[name] = gone
        counts[name] = bulk.upsert(conn, layer, frame, actor=ctx.actor, now=now)
    ctx.progress(0.92, "progress.places")
    # new rows are placed as they are written; older ones may lie in the new area or have moved
    if not was_empty:
        bulk.refresh_places(conn)
    return Imported(counts, retired, tuple(notes))


def _with_findings(conn: Connection, frame: gpd.GeoDataFrame, today: str) -> gpd.GeoDataFrame:
    """Return the facilities verified today, except where a person has found something out."""
    made = frame.copy()
    made["verified_on"] = today
    if "opening_state" not in made:
        return made
    stored = bulk.read_frame(conn, FACILITIES, ["code", "verified_by", *_FINDINGS], geometry=False)
    found = stored[stored["verified_by"].notna() | (stored["verification"] == "unverified")].set_index("code")
    known = made["code"].isin(found.index)
    for column in _FINDINGS:
        made.loc[known, column] = found.loc[made.loc[known, "code"], column].to_numpy()
    return made


def _retire_gone(conn: Connection, ctx: Context, layer: Layer, frame: gpd.GeoDataFrame, extent: MultiPolygon) -> int:
    """Retire what stands inside the extent and came from OSM but is not in the file; return how many."""
    if not len(frame):
        return 0
    columns = ["id", "code"] + (["residents_persons"] if layer.name == "buildings" else [])
    stored = bulk.read_frame(conn, layer, columns, where={"source": SOURCE}, bbox=extent.bounds)
    if not len(stored):
        return 0
    gone = ~stored["code"].isin(set(frame["code"]))
    if layer.name == "buildings":
        gone &= stored["residents_persons"].isna()
    gone &= pd.Series(shapely.intersects(extent, shapely.point_on_surface(stored.geometry.array)), index=stored.index)
    return bulk.retire(conn, layer, stored.loc[gone, "id"].tolist(), _GONE, actor=ctx.actor, now=ctx.clock())
