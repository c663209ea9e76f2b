"""The walking networks as the analysis needs them: extracts that touch are one network, kept as memory-mapped arrays.

Arrays stand under ``var_dir/networks/<fingerprint>/``, are built once and shared by all processes.
"""

import shutil
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Polygon
from sqlalchemy import Connection

from geo_service.analysis.network import Network, build_network, load_network, save_network
from geo_service.foundation.crs import MetricFrame, geodesic_lengths_m
from geo_service.foundation.errors import InvalidInput, NotFound, StoreFault
from geo_service.foundation.ids import fingerprint
from geo_service.services.closures import NO_CLOSURES, VERSION, Closures, Reading, closure_versions, derived
from geo_service.services.context import Context
from geo_service.services.path_corrections import corrections_version, with_corrections
from geo_service.storage import ways as stored_ways

Floats = npt.NDArray[np.float64]
_ARRAYS_VERSION: Final = 2  # raised when the way a network is built from stored ways changes
_KEPT_IN_MEMORY: Final = 8
_STALE_AFTER_S: Final = 3600.0  # another process may still be opening a folder younger than this
_IDLE_AFTER_S: Final = 7 * 86400.0  # a derived network that was not opened for so long is built again when needed
_loaded: OrderedDict[tuple[Path, str], Network] = OrderedDict()
_loading = Lock()


@dataclass(frozen=True)
class Streets:
    """A walking network with what is known about its end.

    Attributes
    ----------
    codes
        Codes of the stored networks it is made of.
    fingerprint
        Equal for equal ways, corrections, extents, quarters, gates and barriers.
    extent
        Where the network is known, lon/lat; sides follow parallels and meridians.
    is_closed
        Nothing lies beyond the extent (an island): its end makes nothing unknown.
    network
        The arrays, as closed quarters and barriers leave them.
    closures
        What must be told of closed quarters and gates.
    """

    codes: tuple[str, ...]
    fingerprint: str
    extent: Polygon | MultiPolygon
    is_closed: bool
    network: Network
    closures: Closures = NO_CLOSURES

    @property
    def frame(self) -> MetricFrame:
        """The metric plane of the network."""
        return self.network.frame


@dataclass(frozen=True)
class _Group:
    codes: tuple[str, ...]
    fingerprint: str
    extent: Polygon | MultiPolygon
    is_closed: bool


def network_fingerprints(conn: Connection) -> list[str]:
    """Return the fingerprints of all walking networks with their closures, sorted; cheap, reads no way."""
    versions = closure_versions(conn)
    return sorted(_with_closures(group, versions) for group in _groups(conn))


def _with_closures(group: _Group, versions: tuple[int, ...]) -> str:
    """Return the group's fingerprint, where there are gates or barriers with the versions of these."""
    return fingerprint([group.fingerprint, VERSION, *versions]) if versions else group.fingerprint


def open_networks(
    conn: Connection,
    ctx: Context,
    reading: Reading = "open",
    *,
    opened: frozenset[str] = frozenset(),
    at: str | None = None,
) -> list[Streets]:
    """Return all walking networks, their arrays built at first use.

    With ``reading`` ``closed`` quarters of which it is not known whether they are closed are, where gates through which
    residents could leave are recorded, and gates of which it is not known let residents pass only. ``opened`` are codes
    of gates that are supposed to let everyone pass. ``at`` is a time of day (HH:MM): gates that are not open then let
    nobody pass; None: every gate counts as open at all hours.

    Raises InvalidInput ``no_network`` if none was imported yet.
    """
    groups = _groups(conn)
    versions = closure_versions(conn)
    if not groups:
        raise InvalidInput("no_network")
    folder = ctx.var_dir / "networks"
    found = []
    for group in groups:
        network, closures = derived(
            conn,
            ctx,
            folder,
            _arrays(conn, ctx, folder, group),
            versions=versions,
            reading=reading,
            opened=opened,
            at=at,
        )
        made = _with_closures(group, versions)
        if opened:
            made = fingerprint([made, sorted(opened)])
        if at is not None:
            made = fingerprint([made, at])
        found.append(Streets(group.codes, made, group.extent, group.is_closed, network, closures))
    _clean(folder, {group.fingerprint for group in groups})
    return found


def assign(networks: Sequence[Streets], lon: Floats, lat: Floats) -> npt.NDArray[np.int32]:
    """Return the place in ``networks`` of the one each point belongs to, shape (k,).

    That is the one whose extent contains it, else the nearest one.
    """
    if len(networks) == 1:
        return np.zeros(len(lon), np.int32)
    away = np.full((len(networks), len(lon)), np.inf)
    points = shapely.points(lon, lat)
    for row, streets in enumerate(networks):
        shapely.prepare(streets.extent)
        outside = np.flatnonzero(~shapely.covers(streets.extent, points))
        away[row] = 0.0
        ends = shapely.get_coordinates(shapely.shortest_line(streets.extent, points[outside])).reshape(-1, 2, 2)
        away[row, outside] = geodesic_lengths_m(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])
    return np.asarray(np.argmin(away, axis=0), np.int32)


def _groups(conn: Connection) -> list[_Group]:
    """Return the stored networks, those whose extents overlap or touch as one."""
    version = corrections_version(conn)
    rows: list[dict[str, Any]] = sorted(stored_ways.networks(conn), key=lambda row: str(row["code"]))
    open_rows = list(rows)
    groups = []
    while open_rows:
        members = [open_rows.pop(0)]
        joined = True
        while joined:
            near = [row for row in open_rows if any(row["geom"].intersects(member["geom"]) for member in members)]
            members += near
            taken = {id(row) for row in near}
            open_rows = [row for row in open_rows if id(row) not in taken]
            joined = bool(near)
        members.sort(key=lambda row: str(row["code"]))
        groups.append(_group(members, version))
    return groups


def _group(members: list[dict[str, Any]], corrections: int) -> _Group:
    extent = shapely.union_all([row["geom"] for row in members])
    is_closed = all(bool(row["is_closed"]) for row in members)
    parts = [[str(row["code"]), str(row["fingerprint"])] for row in members]
    shape = shapely.to_wkb(shapely.normalize(extent), hex=True)
    asked = {"arrays": _ARRAYS_VERSION, "parts": parts, "extent": shape, "is_closed": is_closed}
    made = fingerprint(asked | ({"corrections": corrections} if corrections else {}))
    return _Group(tuple(str(row["code"]) for row in members), made, extent, is_closed)


def _arrays(conn: Connection, ctx: Context, folder: Path, group: _Group) -> Network:
    """Return the arrays of a group from memory, from disk, or built from the stored ways."""
    key = (folder.resolve(), group.fingerprint)
    with _loading:
        if key in _loaded:
            _loaded.move_to_end(key)
            return _loaded[key]
        place = folder / group.fingerprint
        try:
            network = load_network(place)
        except (NotFound, StoreFault):
            shutil.rmtree(place, ignore_errors=True)
            ctx.progress(None, "progress.network_building")
            ways = stored_ways.read_ways(conn, list(group.codes))
            west, south, east, north = group.extent.bounds
            frame = MetricFrame.at((west + east) / 2, (south + north) / 2)
            ways = with_corrections(conn, ways, frame, group.extent)
            save_network(build_network(ways, frame), place)
            network = load_network(place)
        _loaded[key] = network
        while len(_loaded) > _KEPT_IN_MEMORY:
            _loaded.popitem(last=False)
        return network


def _clean(folder: Path, wanted: set[str]) -> None:
    """Remove folders of networks that are no longer stored; mapped arrays stay readable for who holds them."""
    for place in folder.iterdir() if folder.is_dir() else ():
        try:
            is_derived = "-" in place.name and not place.name.startswith(".")
            if place.name not in wanted and time.time() - place.stat().st_mtime > (
                _IDLE_AFTER_S if is_derived else _STALE_AFTER_S
            ):
                shutil.rmtree(place, ignore_errors=True)
        except OSError:
            continue
