"""What people correct of a walking network: paths its source does not have, places where nobody gets through.

The ways of the source stay as they are; corrections are laid over them before the network is built, so that they
outlast the next import of the source (PRODUCT §2.8, §3.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.domain.ways import NODE_STEPS, WayArrays, node_ids_of
from geo_service.foundation.crs import MetricFrame

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

JOIN_M: Final = 30.0  # how far from a street the end of a path may be, to be joined to it by a straight leg
_LEAST_M: Final = 0.01  # stretches shorter than that are none
_FIRST_CUT: Final = -9_223_372_036_854_775_000  # below every id made of a place


@dataclass(frozen=True)
class Corrections:
    """Lines people drew over a network; order does not matter.

    Attributes
    ----------
    missing
        Paths the source does not have: code, name or None, line (LineString, EPSG:4326), may be stepped onto from
        beside it, has no steps. One code may come with several lines.
    blocked
        Lines (EPSG:4326) across ways: nobody gets through where they cross.
    """

    missing: tuple[tuple[str, str | None, Any, bool, bool], ...] = ()
    blocked: tuple[Any, ...] = ()


def corrected(ways: WayArrays, frame: MetricFrame, corrections: Corrections) -> WayArrays:
    """Return the ways with the corrections laid over them.

    A missing path meets the streets one may step onto wherever it crosses one, and at its ends: at a vertex of
    another missing path in the same place, else by a straight leg to the nearest street within :data:`JOIN_M`; an end
    with none that near stays loose. Where a blocked line crosses any way or missing path, that way ends on both sides.
    """
    missing = sorted(corrections.missing, key=lambda one: (one[0], shapely.to_wkb(one[2])))
    blocked = sorted(corrections.blocked, key=shapely.to_wkb)
    made = _with_paths(ways, frame, missing) if missing else ways
    return _with_cuts(made, frame, blocked) if blocked else made


@dataclass(frozen=True)
class _Segments:
    """Segments of ways: first vertex of each, shape (s,), lines in the plane and a tree of them."""

    first: Longs
    lines: npt.NDArray[np.object_]
    tree: shapely.STRtree

    @classmethod
    def of(cls, ways: WayArrays, frame: MetricFrame, kept: Flags) -> "_Segments":
        """Return the segments of the ways that are ``kept``, shape (w,)."""
        inner = np.ones(len(ways.lon), bool)
        inner[ways.part_start[1:] - 1] = False
        way = np.repeat(ways.part_way.astype(np.int64), np.diff(ways.part_start))
        first = np.flatnonzero(inner & kept[way])
        x, y = frame.to_metric(ways.lon, ways.lat)
        lines = shapely.linestrings(np.column_stack([x[first], y[first], x[first + 1], y[first + 1]]).reshape(-1, 2, 2))
        return cls(first.astype(np.int64), lines, shapely.STRtree(lines))

    def crossed(self, line: Any) -> tuple[Longs, Floats]:
        """Return which segments a metric line meets, and where: shares of them."""
        found = np.sort(self.tree.query(line, predicate="intersects"))
        hits, of = shapely.get_parts(shapely.intersection(self.lines[found], line), return_index=True)
        share = shapely.line_locate_point(self.lines[found][of], shapely.centroid(hits), normalized=True)
        return found[of], np.asarray(share, float)

    def nearest(self, point: Any) -> tuple[int, float] | None:
        """Return the nearest segment within :data:`JOIN_M` and where on it, None for none."""
        found = np.sort(self.tree.query(point, predicate="dwithin", distance=JOIN_M))
        if not len(found):
            return None
        one = int(found[np.argmin(shapely.distance(self.lines[found], point))])
        return one, float(shapely.line_locate_point(self.lines[one], point, normalized=True))


@dataclass(frozen=True)
class _Places:
    """Places on segments where something is put in: first vertex of the segment, share of it, node id, shape (k,)."""

    first: Longs
    share: Floats
    node: Longs


def _with_paths(
    ways: WayArrays, frame: MetricFrame, missing: Sequence[tuple[str, str | None, Any, bool, bool]]
) -> WayArrays:
    segments = _Segments.of(ways, frame, ways.snap_target)
    own = np.concatenate([_vertices(line) for _, _, line, _, _ in missing])
    ids, counts = np.unique(_node_ids(*own.T), return_counts=True)
    met = set(ids[counts > 1].tolist())
    places: list[tuple[int, float, int]] = []
    paths = []
    for _, _, line, _, _ in missing:
        path = _joined(_vertices(line), ways, frame, segments, met)
        paths.append(path[0])
        places += path[1]
    first, share, node = (np.array(one) for one in zip(*places, strict=True)) if places else (np.zeros(0),) * 3
    made = _put_in(ways, frame, _Places(first.astype(np.int64), share.astype(float), node.astype(np.int64)))
    return _appended(made, missing, paths)


def _node_ids(lon: Floats, lat: Floats) -> Longs:
    lon_steps, lat_steps = (np.rint(np.asarray(one) * NODE_STEPS).astype(np.int64) for one in (lon, lat))
    return node_ids_of(lon_steps, lat_steps)


def _vertices(line: Any) -> Floats:
    """Return the vertices of a line, rounded to the places of nodes, shape (v, 2)."""
    return np.asarray(np.rint(shapely.get_coordinates(line) * NODE_STEPS) / NODE_STEPS)


def _joined(
    vertices: Floats, ways: WayArrays, frame: MetricFrame, segments: _Segments, met: set[int]
) -> tuple[tuple[Longs, Floats], list[tuple[int, float, int]]]:
    """Return nodes and vertices of a path that meets the streets, and the places on these where it does."""
    x, y = frame.to_metric(*vertices.T)
    on: list[tuple[float, int, Floats]] = []  # metres along the path, node, place
    places: list[tuple[int, float, int]] = []

    def meet(segment: int, share: float) -> tuple[int, Floats]:
        first = int(segments.first[segment])
        long = float(shapely.length(segments.lines[segment]))
        for end, away in ((first, share * long), (first + 1, (1 - share) * long)):
            if away <= _LEAST_M:
                return int(ways.node_ids[end]), np.array([ways.lon[end], ways.lat[end]])
        place = np.array([one[first] + share * (one[first + 1] - one[first]) for one in (ways.lon, ways.lat)])
        node = int(_node_ids(place[:1], place[1:])[0])
        places.append((first, share, node))
        return node, place

    line = shapely.linestrings(np.column_stack([x, y]))
    for segment, share in zip(*(one.tolist() for one in segments.crossed(line)), strict=True):
        node, place = meet(segment, share)
        on.append((float(shapely.line_locate_point(line, shapely.points(*frame.to_metric(*place)))), node, place))
    long = float(shapely.length(line))
    ids = _node_ids(*vertices.T)
    for end, at in ((0, 0.0), (-1, long)):
        is_met = int(ids[end]) in met or any(abs(metres - at) <= _LEAST_M for metres, _, _ in on)
        found = None if is_met else segments.nearest(shapely.points(x[end], y[end]))
        if found is not None:
            node, place = meet(*found)
            leg_m = float(np.hypot(*(np.array(frame.to_metric(*place)) - (x[end], y[end]))))
            before = -1.0 if leg_m > _LEAST_M else 0.0
            on.append((at + before if end == 0 else at - before, node, place))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    on_street = np.array([metres for metres, _, _ in on])
    own = [one for one in zip(along.tolist(), ids.tolist(), vertices, strict=True) if _is_apart(one[0], on_street)]
    every = sorted([*own, *on], key=lambda one: one[0])
    return (np.array([one[1] for one in every], np.int64), np.array([one[2] for one in every], float)), places


def _is_apart(metres: float, others: Floats) -> bool:
    return not len(others) or bool(np.abs(others - metres).min() > _LEAST_M)


def _put_in(ways: WayArrays, frame: MetricFrame, places: _Places, *, cut: bool = False) -> WayArrays:
    """Return the ways with nodes put into their segments; ``cut``: each place twice, the way ends between the two."""
    first, share, node = places.first, places.share, places.node
    if not len(first):
        return ways
    order = np.lexsort((node, share, first))
    first, share, node = first[order], share[order], node[order]
    lon = ways.lon[first] + share * (ways.lon[first + 1] - ways.lon[first])
    lat = ways.lat[first] + share * (ways.lat[first + 1] - ways.lat[first])
    if cut:
        first, lon, lat = np.repeat(first, 2), np.repeat(lon, 2), np.repeat(lat, 2)
        node = np.column_stack([node, node + 1]).reshape(-1)
    at = first + 1  # before the segment's second vertex
    moved = np.searchsorted(first, np.arange(len(ways.lon)))  # vertices put in before each vertex
    start = ways.part_start.astype(np.int64)
    start = np.concatenate([start[:-1] + moved[start[:-1]], [start[-1] + len(at)]])
    part_way = ways.part_way
    if cut:
        breaks = (at + np.arange(len(at)))[1::2]  # where the second of each pair stands
        of = np.searchsorted(start, breaks, "right") - 1
        every = np.argsort(np.concatenate([start[:-1], breaks]), kind="stable")
        part_way = np.concatenate([part_way, part_way[of]])[every]
        start = np.concatenate([np.concatenate([start[:-1], breaks])[every], start[-1:]])
    return replace(
        ways,
        part_way=part_way.astype(np.int32),
        part_start=start,
        node_ids=np.insert(ways.node_ids, at, node),
        lon=np.insert(ways.lon, at, lon),
        lat=np.insert(ways.lat, at, lat),
    )


def _appended(
    ways: WayArrays,
    missing: Sequence[tuple[str, str | None, Any, bool, bool]],
    paths: Sequence[tuple[Longs, Floats]],
) -> WayArrays:
    sizes = np.cumsum([len(nodes) for nodes, _ in paths])
    xy = np.concatenate([place for _, place in paths])
    count = len(ways.codes)
    return WayArrays(
        codes=[*ways.codes, *(one[0] for one in missing)],
        names=[*ways.names, *(one[1] for one in missing)],
        highways=[*ways.highways, *("path" for _ in missing)],
        snap_target=np.concatenate([ways.snap_target, np.array([one[3] for one in missing], bool)]),
        step_free=np.concatenate([ways.step_free, np.array([one[4] for one in missing], bool)]),
        part_way=np.concatenate([ways.part_way, np.arange(count, count + len(missing))]).astype(np.int32),
        part_start=np.concatenate([ways.part_start, ways.part_start[-1] + sizes]).astype(np.int64),
        node_ids=np.concatenate([ways.node_ids, *(nodes for nodes, _ in paths)]),
        lon=np.concatenate([ways.lon, xy[:, 0]]),
        lat=np.concatenate([ways.lat, xy[:, 1]]),
    )


def _with_cuts(ways: WayArrays, frame: MetricFrame, blocked: Sequence[Any]) -> WayArrays:
    segments = _Segments.of(ways, frame, np.ones(len(ways.codes), bool))
    lines = frame.geometries_to_metric(np.array(list(blocked), dtype=object))
    pairs = {pair for line in lines for pair in zip(*(one.tolist() for one in segments.crossed(line)), strict=True)}
    which, share = (np.array(one) for one in zip(*sorted(pairs), strict=True)) if pairs else (np.zeros(0),) * 2
    which = which.astype(np.int64)
    # a cut at a node is one a little before it: streets that meet there part from each other
    least = np.minimum(_LEAST_M / np.maximum(shapely.length(segments.lines[which]), 2 * _LEAST_M), 0.5)
    share = np.clip(share.astype(float), least, 1 - least)
    kept = np.ones(len(which), bool)
    kept[1:] = (which[1:] != which[:-1]) | (share[1:] != share[:-1])
    which, share = which[kept], share[kept]
    nodes = _FIRST_CUT + 2 * np.arange(len(which), dtype=np.int64)
    return _put_in(ways, frame, _Places(segments.first[which], share, nodes), cut=True)
