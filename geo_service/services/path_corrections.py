"""Corrections of the walking network as they are stored: version, and what is laid over the ways of a network."""

from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection

from geo_service.analysis.path_corrections import JOIN_M, Corrections, corrected
from geo_service.domain.streets import PATH_CORRECTIONS
from geo_service.domain.ways import WayArrays
from geo_service.foundation.crs import MetricFrame
from geo_service.storage.frames import read_frame
from geo_service.storage.versions import layer_versions

_COLUMNS: Final = ["code", "name", "kind", "is_snap_target", "is_step_free"]
_METRES_PER_DEGREE: Final = 100_000.0  # at least so many


def corrections_version(conn: Connection) -> int:
    """Return the version of the corrections, 0 where there never was one."""
    return layer_versions(conn)[PATH_CORRECTIONS.name]


def with_corrections(conn: Connection, ways: WayArrays, frame: MetricFrame, extent: Any) -> WayArrays:
    """Return the ways of a network with the corrections on its ground laid over them.

    ``extent`` is where the network is known (EPSG:4326); what lies outside by more than :data:`JOIN_M` is of none.
    """
    west, south, east, north = extent.bounds
    high = JOIN_M / _METRES_PER_DEGREE
    wide = high / max(0.01, float(np.cos(np.radians(max(abs(south), abs(north))))))
    box = (west - wide, south - high, east + wide, north + high)
    frame_of = read_frame(conn, PATH_CORRECTIONS, _COLUMNS, bbox=box)
    missing, blocked = [], []
    for row in frame_of[frame_of.geometry.notna()].itertuples():
        for line in shapely.get_parts(row.geometry):
            if row.kind == "blocked":
                blocked.append(line)
            elif not line.is_empty:
                name = row.name if isinstance(row.name, str) else None
                missing.append((str(row.code), name, line, bool(row.is_snap_target), bool(row.is_step_free)))
    return corrected(ways, frame, Corrections(tuple(missing), tuple(blocked)))
