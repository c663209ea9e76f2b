"""Tiny networks drawn in metres around a place."""

import numpy as np

from geo_service.analysis.distances import nearest
from geo_service.analysis.network import build_network
from geo_service.analysis.snapping import snap
from geo_service.domain.ways import WayArrays
from geo_service.foundation.crs import MetricFrame

FRAME = MetricFrame.at(114.3, 30.5)
X0, Y0 = (float(value) for value in FRAME.to_metric(114.3, 30.5))


def ways_of(nodes, ways):
    """``nodes``: id → (x, y) in metres from the place; ``ways``: lists of ids, or dicts with nodes, snap, step_free.

    A None in a list of ids breaks the way there.
    """
    snap_target, step_free, part_way, part_start, ids = [], [], [], [0], []
    for number, way in enumerate(ways):
        entry = way if isinstance(way, dict) else {"nodes": way}
        snap_target.append(entry.get("snap", True))
        step_free.append(entry.get("step_free", True))
        part = []
        for node in [*entry["nodes"], None]:
            if node is not None:
                part.append(node)
                continue
            if len(part) > 1:
                part_way.append(number)
                ids.extend(part)
                part_start.append(len(ids))
            part = []
    lon, lat = lonlat([nodes[i][0] for i in ids], [nodes[i][1] for i in ids])
    count = len(ways)
    return WayArrays(
        [f"w{i}" for i in range(count)],
        [None] * count,
        ["footway"] * count,
        np.array(snap_target, bool),
        np.array(step_free, bool),
        np.array(part_way, np.int32),
        np.array(part_start, np.int64),
        np.array(ids, np.int64),
        lon,
        lat,
    )


def lonlat(x, y):
    """Degrees of points given in metres from the place."""
    return FRAME.to_lonlat(np.asarray(x, float) + X0, np.asarray(y, float) + Y0)


def network_of(nodes, ways):
    """The network of :func:`ways_of`."""
    return build_network(ways_of(nodes, ways), FRAME)


def snap_at(network, points, max_m=200.0):
    """Snap points given as (x, y) in metres from the place."""
    points = np.asarray(points, float).reshape(-1, 2)
    return snap(network.snap_index, points[:, 0] + X0, points[:, 1] + Y0, max_m)


def walk(network, facilities, homes, owner=None, **options):
    """Nearest of the facilities for the homes, all given in metres from the place."""
    owner = np.arange(len(facilities)) if owner is None else np.asarray(owner)
    return nearest(network, snap_at(network, facilities), owner, snap_at(network, homes), **options)
