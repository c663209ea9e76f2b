"""The story of importing an OpenStreetMap extract: read it outside the transaction, write it in one.

A second import of the same area updates by code (``n/w/r`` + OSM id) and never doubles. What the new file no
longer has inside its extent is retired, unless the file has nothing at all of that layer (a filtered extract) or
people are counted in the building. What a person found out about a facility (verified or not, by whom, whether it
is open) outlives the import.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon
from sqlalchemy import Connection

from geo_service.domain.areas import AREAS, level_of, parent_prefixes
from geo_service.domain.facilities import FACILITIES
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.ways import WayArrays
from geo_service.exchange.extent import box_extent, read_extent
from geo_service.exchange.osm import LICENCE, SOURCE, OsmExtract, parts_of, read_osm
from geo_service.foundation.clock import local_date, to_iso
from geo_service.foundation.crs import geodesic_lengths_m
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services import rights
from geo_service.services.context import Context
from geo_service.services.imports import Imported, Note, refuse_live_store
from geo_service.storage import bulk, rows
from geo_service.storage.bulk import Upserted
from geo_service.storage.versions import layer_versions
from geo_service.storage.ways import write_ways

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
    network_fingerprint: str | None
    length_m: float
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
    if level_of(area) is None:
        raise InvalidInput("area_code_form", area=area)
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
    ways = extract.ways
    return OsmPlan(
        area,
        extract,
        known if known is not None else box_extent(extract.bounds),
        is_closed,
        None if ways is None else _fingerprint(ways),
        0.0 if ways is None else _length_m(ways),
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
    if _ensure_area(conn, ctx, plan):
        notes.append(("note.area_created", {"area": plan.area_code}))
        counts["areas"] = Upserted(1, 0, 0)
    ways = plan.extract.ways
    if ways is not None:
        date = plan.extract.source_date
        network = {
            "code": plan.area_code,
            "geometry": plan.extent,
            "name": plan.area_code,
            "network_area_code": plan.area_code,
            "is_closed": plan.is_closed,
            "source_date": None if date is None else to_iso(date),
            "fingerprint": plan.network_fingerprint,
            "length_m": round(plan.length_m, 1),
            "source": SOURCE,
            "licence": LICENCE,
        }
        telling = ctx.stage(0.6, 0.8).progress
        counts["ways"] = write_ways(conn, network, ways, actor=ctx.actor, now=now, progress=telling)
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


def _ensure_area(conn: Connection, ctx: Context, plan: OsmPlan) -> bool:
    """Create the area from the extract's outline if it is not there; say whether."""
    try:
        row = rows.get(conn, AREAS, plan.area_code)
    except NotFound:
        row = None
    if row is not None and row["code"] == plan.area_code and row["retired_at"] is None:
        return False
    present = bulk.ids_by_code(conn, AREAS)
    parent = next((code for code in parent_prefixes(plan.area_code) if code in present), None)
    area: dict[str, Any] = {
        "code": plan.area_code,
        "name": plan.area_code,
        "level": level_of(plan.area_code),
        "parent_code": parent,
        "source": SOURCE,
        "licence": LICENCE,
        "geometry": plan.extent,
    }
    frame = gpd.GeoDataFrame([area], geometry="geometry", crs="EPSG:4326")
    bulk.upsert(conn, AREAS, frame, actor=ctx.actor, now=ctx.clock())
    return True


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
    columns = ["code", "version"] + (["residents_persons"] if layer.name == "buildings" else [])
    stored = bulk.read_frame(conn, layer, columns, where={"source": SOURCE}, bbox=extent.bounds)
    if not len(stored):
        return 0
    gone = ~stored["code"].isin(set(frame["code"]))
    if layer.name == "buildings":
        gone &= stored["residents_persons"].isna()
    gone &= pd.Series(shapely.intersects(extent, shapely.point_on_surface(stored.geometry.array)), index=stored.index)
    for code, version in stored.loc[gone, ["code", "version"]].itertuples(index=False):
        rows.retire(conn, layer, code, int(version), _GONE, actor=ctx.actor, now=ctx.clock())
    return int(gone.sum())


def _fingerprint(ways: WayArrays) -> str:
    """Return a digest of everything the network is built from."""
    digest = hashlib.sha256("\n".join(ways.codes).encode())
    for array in (ways.snap_target, ways.step_free, ways.part_way, ways.part_start, ways.node_ids, ways.lon, ways.lat):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _length_m(ways: WayArrays) -> float:
    """Return the length of all ways on the ellipsoid in metres."""
    ends = np.ones(len(ways.lon), dtype=bool)
    ends[ways.part_start[1:] - 1] = False
    first = np.flatnonzero(ends)
    lengths = geodesic_lengths_m(ways.lon[first], ways.lat[first], ways.lon[first + 1], ways.lat[first + 1])
    return float(lengths.sum())
