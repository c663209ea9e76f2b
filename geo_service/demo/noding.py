"""Joining ways where they meet: shared vertices, node ids, connected pieces. Metres in the local plane."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString

from geo_service.demo.plan import Floats, Ints

_REACH_M = 0.05


def noded(lines: Sequence[LineString], layers: Sequence[int]) -> list[Floats]:
    """Return the vertices of every line with all meeting points inserted, rounded to centimetres.

    An end joins whatever line it lies on (5 cm); lines that cross join there only on the same layer,
    so a footbridge meets the ground at its ends alone.
    """
    shapes = np.array(lines, dtype=object)
    level = np.asarray(layers)
    tree = shapely.STRtree(shapes)
    first, last = shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)
    ends = np.concatenate([first, last])
    owner = np.tile(np.arange(len(shapes)), 2)
    end_at, line_at = tree.query(ends, predicate="dwithin", distance=_REACH_M)
    other = owner[end_at] != line_at
    on_line, points = [line_at[other]], [shapely.get_coordinates(ends[end_at[other]])]
    a, b = tree.query(shapes, predicate="intersects")
    pair = (a < b) & (level[a] == level[b])
    a, b = a[pair], b[pair]
    meets = shapely.intersection(shapes[a], shapes[b])
    parts, whose = shapely.get_parts(meets, return_index=True)
    is_point = shapely.get_type_id(parts) == 0
    crossing = np.round(shapely.get_coordinates(parts[is_point]), 2)
    for side in (a, b):
        on_line.append(side[whose[is_point]])
        points.append(crossing)
    return _inserted(shapes, np.concatenate(on_line), np.vstack(points))


def node_numbers(vertices: Sequence[Floats]) -> tuple[Ints, Floats]:
    """Return the node number of every vertex, flat, and the coordinates of the nodes, shape (n, 2)."""
    flat = np.vstack(list(vertices))
    keys = np.round(flat * 100).astype(np.int64)
    nodes, number = np.unique(keys, axis=0, return_inverse=True)
    return np.asarray(number, dtype=np.int64).ravel(), nodes / 100.0


def main_component(lines: Sequence[LineString], layers: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Return for every line whether it belongs to the largest connected piece."""
    vertices = noded(lines, layers)
    number, _ = node_numbers(vertices)
    label = components(vertices, number)
    sizes = np.bincount(label, weights=[len(v) for v in vertices])
    return np.asarray(label == int(np.argmax(sizes)))


def components(vertices: Sequence[Floats], number: Ints) -> Ints:
    """Return the connected piece each line lies in."""
    counts = np.array([len(v) for v in vertices])
    start = np.concatenate([[0], np.cumsum(counts)])
    inner = np.ones(len(number) - 1, bool)
    inner[start[1:-1] - 1] = False
    u, v = number[:-1][inner], number[1:][inner]
    size = int(number.max()) + 1
    _, label = connected_components(coo_array((np.ones(len(u)), (u, v)), shape=(size, size)), directed=False)
    return np.asarray(label[number[start[:-1]]], dtype=np.int64)


def _inserted(shapes: npt.NDArray[np.object_], on_line: Ints, points: Floats) -> list[Floats]:
    """Put every point on its line: an existing vertex within reach moves there, else a new one is made."""
    at = shapely.line_locate_point(shapes[on_line], shapely.points(points))
    order = np.lexsort((at, on_line))
    on_line, points, at = on_line[order], points[order], at[order]
    bounds = np.searchsorted(on_line, np.arange(len(shapes) + 1))
    result: list[Floats] = []
    for n, shape in enumerate(shapes):
        own = np.round(shapely.get_coordinates(shape), 2)
        low, high = bounds[n], bounds[n + 1]
        if low < high:
            steps = np.hypot(*np.diff(own, axis=0).T)
            own_at = np.concatenate([[0.0], np.cumsum(steps)])
            merged_at = np.concatenate([own_at, at[low:high]])
            merged = np.vstack([own, points[low:high]])
            rank = np.concatenate([np.ones(len(own)), np.zeros(high - low)])  # a meeting point wins over a vertex
            kept = np.lexsort((rank, np.round(merged_at, 2)))
            own, own_at, rank = merged[kept], merged_at[kept], rank[kept]
            near = np.hypot(*np.diff(own, axis=0).T) < _REACH_M
            drop = np.zeros(len(own), bool)
            # of two vertices closer than the reach the own one goes, whichever comes first
            drop[1:] |= near & (rank[1:] >= rank[:-1]) & (rank[1:] == 1)
            drop[:-1] |= near & (rank[:-1] == 1) & (rank[1:] == 0)
            own = own[~drop]
        moved = np.concatenate([[True], np.any(np.diff(np.round(own * 100), axis=0) != 0, axis=1)])
        result.append(own[moved])
    return result
