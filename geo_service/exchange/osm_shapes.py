"""Vertices of OSM ways collected flat, and the lines, rings and network parts made from them at one go."""

from array import array
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
_PER_DEGREE: Final = 10_000_000  # OSM keeps coordinates as whole ten-millionths of a degree


class Vertices:
    """Node ids and coordinates of many ways, one after the other.

    The collecting loop runs once per vertex of the file, so it stores raw integers and leaves every
    decision to the arrays.
    """

    def __init__(self) -> None:
        self._refs = array("q")
        self._x = array("q")
        self._y = array("q")
        self._starts = array("q", [0])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def add(self, nodes: Iterable[Any]) -> int:
        """Add a way by its OSM node list and return its number."""
        listed = [*nodes]
        places = [node.location for node in listed]
        self._refs.extend([node.ref for node in listed])
        self._x.extend([place.x for place in places])
        self._y.extend([place.y for place in places])
        self._starts.append(len(self._refs))
        return len(self._starts) - 2

    def has_negative(self) -> bool:
        """Whether any node has a negative id."""
        return bool(len(self._refs)) and min(self._refs) < 0

    def arrays(self) -> tuple[Ints, Ints, Ints]:
        """Return node ids (v,), whole coordinates (v, 2) and the starts of the ways (n + 1,)."""
        refs = np.array(self._refs, dtype=np.int64)
        xy = np.column_stack([np.array(self._x, dtype=np.int64), np.array(self._y, dtype=np.int64)])
        return refs, xy, np.array(self._starts, dtype=np.int64)


class Parts:
    """Ways cut where a node is missing: runs of at least two different consecutive nodes.

    Attributes
    ----------
    way
        Number of the way of each part, ascending. Shape (p,).
    start
        First vertex of each part, then the number of vertices. Shape (p + 1,).
    refs, lon, lat
        Per kept vertex; degrees in EPSG:4326.
    missing
        How many node references of the ways have no place.
    """

    def __init__(self, vertices: Vertices, places: dict[int, tuple[int, int]] | None = None) -> None:
        refs, xy, starts = vertices.arrays()
        if places:
            _fill_in(refs, xy, places)
        present = (np.abs(xy[:, 0]) <= 180 * _PER_DEGREE) & (np.abs(xy[:, 1]) <= 90 * _PER_DEGREE)
        self.missing = int(np.count_nonzero(~present))
        way = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        repeated = np.zeros(len(refs), dtype=bool)  # a node named twice in a row is one
        repeated[1:] = (refs[1:] == refs[:-1]) & (way[1:] == way[:-1])
        gap = np.cumsum(~present)
        kept = np.flatnonzero(present & ~repeated)
        if not len(kept):
            self.way, self.start = np.zeros(0, np.int32), np.zeros(1, np.int64)
            self.refs, self.lon, self.lat = np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
            return
        opens = np.ones(len(kept), dtype=bool)
        opens[1:] = (way[kept][1:] != way[kept][:-1]) | (gap[kept][1:] != gap[kept][:-1])
        first = np.flatnonzero(opens)
        length = np.diff(np.append(first, len(kept)))
        long_enough = length >= 2
        self.way = way[kept[first[long_enough]]].astype(np.int32)
        kept = kept[np.repeat(long_enough, length)]
        self.start = np.concatenate([[0], np.cumsum(length[long_enough])]).astype(np.int64)
        self.refs = refs[kept]
        self.lon, self.lat = xy[kept, 0] / _PER_DEGREE, xy[kept, 1] / _PER_DEGREE

    def lines(self) -> tuple[Ints, Shapes]:
        """Return way numbers and their lines (LineString, or MultiLineString where a node is missing)."""
        if not len(self.way):
            return np.zeros(0, np.int64), np.zeros(0, dtype=object)
        index = np.repeat(np.arange(len(self.way)), np.diff(self.start))
        lines = shapely.linestrings(np.column_stack([self.lon, self.lat]), indices=index)
        ways, first, count = np.unique(self.way, return_index=True, return_counts=True)
        shapes = lines[first]
        for place in np.flatnonzero(count > 1):
            shapes[place] = shapely.multilinestrings(lines[first[place] : first[place] + count[place]])
        return ways.astype(np.int64), shapes


def polygons(vertices: Vertices, places: dict[int, tuple[int, int]] | None = None) -> tuple[Shapes, int, int]:
    """Return the area of every collected closed way, how many references have no place and of how many ways.

    A missing node is left out of the outline. What has fewer than three different vertices left becomes
    their middle point, or None without any; a crossing outline is repaired to its valid polygons.
    """
    refs, xy, starts = vertices.arrays()
    if places:
        _fill_in(refs, xy, places)
    present = (np.abs(xy[:, 0]) <= 180 * _PER_DEGREE) & (np.abs(xy[:, 1]) <= 90 * _PER_DEGREE)
    way = np.repeat(np.arange(len(vertices)), np.diff(starts))
    lonlat = xy / _PER_DEGREE
    missing, incomplete = int(np.count_nonzero(~present)), len(np.unique(way[~present]))
    last = np.zeros(len(refs), dtype=bool)
    last[starts[1:] - 1] = True  # the closing vertex; shapely closes rings itself
    kept = np.flatnonzero(present & ~last)
    shapes = np.full(len(vertices), None, dtype=object)
    if not len(kept):
        return shapes, missing, incomplete
    count = np.bincount(way[kept], minlength=len(vertices))
    ringed = count >= 3
    of_rings = kept[ringed[way[kept]]]
    if len(of_rings):
        numbers = np.flatnonzero(ringed)
        index = np.searchsorted(numbers, way[of_rings])
        shapes[numbers] = shapely.polygons(shapely.linearrings(lonlat[of_rings], indices=index))
        broken = numbers[~shapely.is_valid(shapes[numbers])]
        shapes[broken] = [areal(shapely.make_valid(shape)) for shape in shapes[broken]]
    for number in np.flatnonzero((count > 0) & ~ringed | [_collapsed(s) for s in shapes]):
        mine = kept[way[kept] == number]
        shapes[number] = shapely.Point(lonlat[mine].mean(axis=0)) if len(mine) else None
    return shapes, missing, incomplete


def areal(shape: Any) -> Any:
    """Return only the polygons of a repaired shape (Polygon or MultiPolygon, empty if there are none)."""
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    faces = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.unary_union(faces) if faces else shapely.Polygon()


def _collapsed(shape: Any) -> bool:
    return shape is not None and (shape.is_empty or (shape.geom_type != "Point" and shape.area == 0))


def _fill_in(refs: Ints, xy: Ints, places: dict[int, tuple[int, int]]) -> None:
    """Write the places of nodes the reader's own table cannot hold (negative ids) into ``xy``."""
    ids = np.array(sorted(places), dtype=np.int64)
    known = np.array([places[int(i)] for i in ids], dtype=np.int64).reshape(-1, 2)
    at = np.searchsorted(ids, refs)
    at[at == len(ids)] = 0
    found = ids[at] == refs
    xy[found] = known[at[found]]
