"""OpenStreetMap extracts → the walking network as arrays and the things around it as frames.

Untagged nodes never reach Python: the reader's C++ side keeps their places in a table and hands over only
objects with a key that matters (:mod:`osm_passes`).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import geopandas as gpd

from geo_service.domain.ways import WayArrays
from geo_service.exchange.osm_file import Bounds, check_osm_file, read_header, reading
from geo_service.exchange.osm_passes import LICENCE, SOURCE, Progress, Reading
from geo_service.foundation.errors import FileFault, InvalidInput

__all__ = ["LICENCE", "PARTS", "SOURCE", "OsmExtract", "parts_of", "read_osm"]

PARTS: Final = ("network", "buildings", "facilities", "green", "barriers")


@dataclass(frozen=True)
class OsmExtract:
    """What one extract holds.

    Attributes
    ----------
    ways
        The walking network, None where it was not asked for.
    frames
        Layer name → frame in EPSG:4326 with ``code``, our field keys, ``source``, ``licence``, ``geometry``.
    bounds, bounds_source
        West, south, east, north in degrees, from the file's ``header`` or else from its ``nodes``.
    source_date
        Moment of the data: the header's, else the newest object's; None if neither says.
    missing_node_count
        References of the ways read to nodes that are not in the file.
    incomplete_count
        Areas whose outline is only partly in the file: kept from what is there (ways) or left out (relations).
    """

    ways: WayArrays | None
    frames: dict[str, gpd.GeoDataFrame]
    bounds: Bounds
    bounds_source: str
    source_date: datetime | None
    missing_node_count: int
    incomplete_count: int


def parts_of(only: str | None) -> frozenset[str]:
    """Return the parts a comma-separated list names, all without one; InvalidInput ``osm_part_unknown``."""
    if only is None:
        return frozenset(PARTS)
    named = [part.strip() for part in only.split(",") if part.strip()]
    for part in named or [only]:
        if part not in PARTS:
            raise InvalidInput("osm_part_unknown", part=part, known=", ".join(PARTS))
    return frozenset(named)


def read_osm(path: Path, *, only: frozenset[str] | None = None, progress: Progress | None = None) -> OsmExtract:
    """Return the network and the things of an OSM file (.osm, .osm.gz, .osm.pbf).

    Raises FileFault ``file_missing``, ``file_is_folder``, ``file_empty``, ``file_unreadable``,
    ``osm_extension``, ``osm_content``, ``osm_broken`` (not readable to its end), ``osm_no_nodes`` and
    ``osm_no_walkable_way`` (none at all, or none with two nodes in the file).
    """
    wanted = frozenset(PARTS) if only is None else only
    kind = check_osm_file(path)
    header = read_header(path, kind)
    job = Reading(path, wanted, progress or (lambda share, key: None))
    job.newest_wanted = header.source_date is None
    with reading(path):
        job.read_nodes()
        job.read_ways()
        job.read_relations()
        job.place_negative_nodes()
        bounds = header.bounds or job.bounds_of_nodes()
    if bounds is None:
        raise FileFault("osm_no_nodes", file=str(path))
    job.progress(0.9, "progress.osm_shapes")
    ways, missing = job.network() if "network" in wanted else (None, 0)
    if ways is not None and not ways.codes:
        raise FileFault("osm_no_walkable_way", file=str(path), ways=len(job.way_rows), missing=missing)
    frames = job.frames(bounds)
    return OsmExtract(
        ways,
        frames,
        bounds,
        "header" if header.bounds else "nodes",
        header.source_date or job.newest,
        missing + job.missing,
        job.incomplete,
    )
