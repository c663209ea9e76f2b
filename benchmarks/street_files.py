"""Walkable ways of the shared extracts as arrays, read with pyosmium alone."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import osmium

from geo_service.domain.streets import STEPPED, is_snap_target, is_walkable
from geo_service.domain.ways import WayArrays

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
PORTO = SHARED / "porto" / "porto_portugal.osm.pbf"
WUHAN = SHARED / "wuhan-streets" / "streets.parquet"


def way_arrays(ways: Iterable[tuple[str, dict[str, str], list[list[tuple[int, float, float]]]]]) -> WayArrays:
    """Return arrays of ways given as code, tags and parts of (node id, lon, lat)."""
    codes, names, highways, snap, step_free = [], [], [], [], []
    part_way, part_start, vertices = [], [0], []
    for code, tags, parts in ways:
        for part in parts:
            part_way.append(len(codes))
            vertices.extend(part)
            part_start.append(len(vertices))
        codes.append(code)
        names.append(tags.get("name"))
        highways.append(tags["highway"])
        snap.append(is_snap_target(tags))
        step_free.append(tags["highway"] not in STEPPED)
    ids, lon, lat = zip(*vertices, strict=True) if vertices else ((), (), ())
    return WayArrays(
        codes,
        names,
        highways,
        np.array(snap, bool),
        np.array(step_free, bool),
        np.array(part_way, np.int32),
        np.array(part_start, np.int64),
        np.array(ids, np.int64),
        np.array(lon, np.float64),
        np.array(lat, np.float64),
    )


def read_ways(path: Path) -> WayArrays:
    """Return the walkable ways of an OSM file; a node that is not in the file breaks its way."""

    def found() -> Iterable[tuple[str, dict[str, str], list[list[tuple[int, float, float]]]]]:
        for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
            if not way.is_way() or not is_walkable(tags := dict(way.tags)):
                continue
            parts: list[list[tuple[int, float, float]]] = [[]]
            for node in way.nodes:
                if node.location.valid():
                    parts[-1].append((node.ref, node.location.lon, node.location.lat))
                elif parts[-1]:
                    parts.append([])
            yield f"w{way.id}", tags, [part for part in parts if len(part) > 1]

    return way_arrays(found())


def bounds_of(ways: WayArrays) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the ways' vertices in degrees."""
    return float(ways.lon.min()), float(ways.lat.min()), float(ways.lon.max()), float(ways.lat.max())
