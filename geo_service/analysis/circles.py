"""Service circles: what can be walked to from points within limits, as streets and as polygons (PRODUCT §3.5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from shapely import MultiLineString, MultiPolygon, Polygon

from geo_service.analysis.distances import with_entrances
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import Snaps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

STREET_BUFFER_M: Final = 25.0  # half a narrow block: what stands along a reached street is inside its circle
_ARC_SEGMENTS: Final = 8  # sides of a quarter circle at a street's end: 0.12 m inside the true arc at most
_PAPER_ARC_SEGMENTS: Final = 64  # the plain buffer's area is 0.01 % below the true circle's
_SLIVER_M: Final = STREET_BUFFER_M / 2  # what vanishes when shrunk by this is thinner than the street buffer


@dataclass(frozen=True)
class Circle:
    """What is within one limit of the points; geometries in lon/lat.

    Attributes
    ----------
    limit_m
        The walking limit, metres.
    polygon
        Reached streets with ``STREET_BUFFER_M`` on both sides, cleaned.
    streets
        Reached pieces of streets, cut exactly at the limit.
    paper
        The plain buffer of the points with the limit, as if one walked through walls.
    area_m2, paper_area_m2
        Areas of ``polygon`` and ``paper`` in the metric frame.
    overstates_share
        ``paper_area_m2 / area_m2 - 1``: 0.8 means that the paper circle claims 80 % more land than can be reached;
        None where nothing is reached.
    """

    limit_m: float
    polygon: MultiPolygon
    streets: MultiLineString
    paper: Polygon | MultiPolygon
    area_m2: float
    paper_area_m2: float
    overstates_share: float | None


@dataclass(frozen=True)
class Circles:
    """Circles by rising limit, and the snap points in lon/lat with their access legs in metres (NaN: not snapped)."""

    circles: list[Circle]
    snap_lon: Floats
    snap_lat: Floats
    leg_m: Floats


@dataclass(frozen=True)
class _Touched:
    """Edges with an end in reach or a snap point on them: length, and walk to both ends (inf out of reach)."""

    edge: Ints
    length_m: Floats
    from_u_m: Floats
    from_v_m: Floats


@dataclass(frozen=True)
class _Pieces:
    """Reached stretches of edges, from ``start_m`` to ``end_m`` along them."""

    edge: Ints
    start_m: Floats
    end_m: Floats


def circles(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    snaps: Snaps,
    limits_m: Sequence[float],
    *,
    step_free: bool = False,
) -> Circles:
    """Return the service circle of a set of points for every limit, from one search.

    Parameters
    ----------
    network
        The network the points were snapped to.
    x, y
        The points in the network's metric frame, metres, shape (k,).
    snaps
        Their snaps; the access leg counts as walked. Points without a snap reach nothing but have a paper circle.
    limits_m
        Walking limits in metres; doubled ones are given once.
    step_free
        Walk without steps.
    """
    limits = sorted({float(limit) for limit in limits_m})
    points = shapely.points(np.asarray(x, np.float64), np.asarray(y, np.float64))
    found = _reached(network, snaps, limits, step_free=step_free)
    shape: Polygon | MultiPolygon = Polygon()
    before: _Pieces | None = None
    results = []
    for limit, pieces in zip(limits, found, strict=True):
        lines = _lines(network, _added(network, before, pieces))
        shape = shapely.union(shape, _buffered(lines))
        before = pieces
        clean = _cleaned(shape)
        paper = shapely.union_all(shapely.buffer(points, limit, quad_segs=_PAPER_ARC_SEGMENTS))
        streets = MultiLineString(list(_lines(network, pieces)))
        polygon, drawn, wide = network.frame.geometries_to_lonlat([clean, streets, paper])
        share = paper.area / clean.area - 1 if clean.area > 0 else None
        results.append(Circle(limit, polygon, drawn, wide, float(clean.area), float(paper.area), share))
    lon, lat = network.frame.to_lonlat(snaps.x, snaps.y)
    return Circles(results, lon, lat, snaps.leg_m)


def _reached(network: Network, snaps: Snaps, limits: Sequence[float], *, step_free: bool) -> list[_Pieces]:
    """Return the reached pieces for each limit."""
    used = np.flatnonzero(snaps.edge >= 0)
    if step_free:
        used = used[network.edge_step_free[snaps.edge[used]]]
    snaps = snaps.take(used)
    if not len(snaps) or not limits:
        nothing = _Pieces(np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        return [nothing for _ in limits]
    graph = with_entrances(network, snaps, step_free=step_free)
    size = len(graph.indptr) - 1
    reach = dijkstra(
        csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size)),
        directed=True,
        indices=np.arange(network.node_count, size),
        min_only=True,
        limit=limits[-1],
    )
    from_u, from_v = reach[network.edge_u], reach[network.edge_v]
    touched = np.isfinite(from_u) | np.isfinite(from_v)
    touched[snaps.edge] = True
    if step_free:
        touched &= network.edge_step_free
    if network.enclosed is not None:  # residents' own ways: a circle is everybody's
        touched &= network.enclosed.in_base
    edge = np.flatnonzero(touched).astype(np.int32)
    touched_edges = _Touched(edge, network.edge_length_m[edge], from_u[edge], from_v[edge])
    return [_pieces(touched_edges, snaps, limit) for limit in limits]


def _pieces(touched: _Touched, snaps: Snaps, limit: float) -> _Pieces:
    """Return what is reached of the touched edges: from both ends, and around the snap points on them."""
    edge, length, from_u, from_v = touched.edge, touched.length_m, touched.from_u_m, touched.from_v_m
    head = np.clip(limit - from_u, 0.0, length)
    tail = np.clip(limit - from_v, 0.0, length)
    whole = head + tail >= length
    whole &= (from_u <= limit) | (from_v <= limit)
    left = limit - snaps.leg_m
    near = np.flatnonzero(left > 0)
    place = np.searchsorted(edge, snaps.edge[near])
    around = np.maximum(snaps.offset_m[near] - left[near], 0.0)
    until = np.minimum(snaps.offset_m[near] + left[near], length[place])
    from_start = np.flatnonzero(~whole & (head > 0))
    from_end = np.flatnonzero(~whole & (tail > 0))
    open_place = ~whole[place]
    places = np.concatenate([np.flatnonzero(whole), from_start, from_end, place[open_place]])
    starts = np.concatenate(
        [np.zeros(int(whole.sum())), np.zeros(len(from_start)), (length - tail)[from_end], around[open_place]]
    )
    ends = np.concatenate([length[whole], head[from_start], length[from_end], until[open_place]])
    return _joined(edge[places], starts, ends)


def _joined(edge: Ints, start: Floats, end: Floats) -> _Pieces:
    """Return the stretches with overlapping ones on the same edge made one."""
    order = np.lexsort((start, edge))
    edge, start, end = edge[order], start[order], end[order]
    if not len(edge):
        return _Pieces(edge, start, end)
    doubled = np.flatnonzero(edge[1:] == edge[:-1])
    for place in doubled:  # few: edges reached from both ends with a gap, and those of snap points
        if start[place + 1] <= end[place]:
            start[place + 1] = start[place]
            end[place + 1] = max(end[place], end[place + 1])
            end[place] = start[place]
    kept = end > start
    return _Pieces(edge[kept], start[kept], end[kept])


def _added(network: Network, before: _Pieces | None, now: _Pieces) -> _Pieces:
    """Return the pieces of ``now`` without the edges that were already reached whole."""
    if before is None:
        return now
    done = np.zeros(network.edge_count, bool)
    done[before.edge[(before.start_m <= 0) & (before.end_m >= network.edge_length_m[before.edge])]] = True
    new = ~done[now.edge]
    return _Pieces(now.edge[new], now.start_m[new], now.end_m[new])


def _lines(network: Network, pieces: _Pieces) -> npt.NDArray[np.object_]:
    """Return the pieces as lines in the metric frame."""
    u, v = network.edge_u[pieces.edge], network.edge_v[pieces.edge]
    length = network.edge_length_m[pieces.edge]
    xy = np.empty((len(u), 2, 2))
    for end, along in enumerate((pieces.start_m / length, pieces.end_m / length)):
        xy[:, end, 0] = network.x[u] + along * (network.x[v] - network.x[u])
        xy[:, end, 1] = network.y[u] + along * (network.y[v] - network.y[u])
    return np.asarray(shapely.linestrings(xy), dtype=object)


def _buffered(lines: npt.NDArray[np.object_]) -> Polygon | MultiPolygon:
    """Return the union of the street buffers; pieces that continue one another are buffered as one."""
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    return shapely.union_all(shapely.buffer(merged, STREET_BUFFER_M, quad_segs=_ARC_SEGMENTS))


def _cleaned(shape: Polygon | MultiPolygon) -> MultiPolygon:
    """Return the shape without holes and islands thinner than the street buffer."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    kept = []
    for part in parts:
        if shapely.buffer(part, -_SLIVER_M).is_empty:
            continue
        holes = [ring for ring in part.interiors if not shapely.buffer(Polygon(ring), -_SLIVER_M).is_empty]
        kept.append(Polygon(part.exterior, holes))
    return MultiPolygon(kept)
