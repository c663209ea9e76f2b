"""Outlines of gap zones: squares round their homes, their border traced through the middles of the squares' sides."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.threads import in_blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_SQUARES: Final = 4  # squares an outline is drawn in, in the distance of neighbours; smaller holes are left out
_STEP: Final = 0.45  # of a square: bends of an outline smaller than this are straightened
_ZONES_AT_ONCE: Final = 128  # straightened by one thread
_DIGITS: Final = 7
# sides of a square, the square on their left: east, north, west, south
_STEP_X, _STEP_Y = np.array([1, 0, -1, 0]), np.array([0, 1, 0, -1])


@dataclass(frozen=True)
class Squares:
    """Squares of a quarter of the distance of neighbours over all homes: what outlines are drawn in.

    Attributes
    ----------
    frame, west, south, side_m
        Metric frame, where the first square begins, how long a side is.
    count
        How many there are in a column, and in all; a square is its column × the first + its row.
    of_home
        The square each home lies in, shape (h,).
    near, nearest
        Squares near a home, ascending, and the home nearest to the middle of each, shape (s,).
    """

    frame: MetricFrame
    west: float
    south: float
    side_m: float
    count: tuple[int, int]
    of_home: Longs
    near: Longs
    nearest: Longs

    @classmethod
    def over(cls, frame: MetricFrame, x: Floats, y: Floats, *, link_m: float) -> "Squares":
        """Return the squares over homes at ``x`` and ``y``, metres in ``frame``, shape (h,)."""
        side = link_m / _SQUARES
        west, south = float(x.min(initial=np.inf)), float(y.min(initial=np.inf))
        column = np.floor((x - west) / side).astype(np.int64) + _SQUARES
        row = np.floor((y - south) / side).astype(np.int64) + _SQUARES
        columns, rows = (int(most.max(initial=0)) + _SQUARES + 1 for most in (column, row))
        of_home = column * rows + row
        near = _around(_distinct(of_home), rows)
        middle = (np.column_stack(np.divmod(near, rows)) - _SQUARES + 0.5) * side + (west, south)
        nearest = cKDTree(np.column_stack([x, y])).query(middle)[1] if len(near) else near
        return cls(frame, west, south, side, (rows, columns * rows), of_home, near, np.asarray(nearest, np.int64))

    def of_groups(self, home: Longs, group: Longs) -> Longs:
        """Return the squares of each group, ascending: group × the number of all squares + square.

        Those with a home of the group, those near one of them to whose middle no other home is nearer, and single
        ones between two such squares.
        """
        rows, size = self.count
        own = _distinct(group * size + self.of_home[home])
        around = _around(own, rows)
        nearest = self.nearest[np.searchsorted(self.near, around % size)]
        groups = int(group.max(initial=0)) + 1
        members = _distinct(home * groups + group)
        drawn = _distinct(np.concatenate([around[_is_in(nearest * groups + around // size, members)], own]))
        ahead = np.append(drawn, [-1, -1])
        above = (ahead[1:-1] == drawn + 2) | (ahead[2:] == drawn + 2)  # ascending: no farther than two places on
        between = [drawn[above] + 1, drawn[_is_in(drawn + 2 * rows, drawn)] + rows]
        return _distinct(np.concatenate([drawn, *between]))


def outlines(squares: Squares, home: npt.NDArray[np.integer], group: Ints) -> npt.NDArray[np.object_]:
    """Return the outline of each group in degrees, valid polygons of one or more parts, shape (groups,).

    Parameters
    ----------
    squares
        Over all homes, those in no group too.
    home, group
        Members: place of a home and number of its group, from 0, none left out; a home may be in several, shape (n,).
    """
    size = int(group.max(initial=-1)) + 1
    if not size:
        return np.zeros(0, object)
    rows, count = squares.count
    drawn = squares.of_groups(home.astype(np.int64), group.astype(np.int64))
    shapes = _polygons(drawn, rows, count)
    whole = np.empty(size, object)

    def straighten(part: slice) -> None:
        whole[part] = shapely.simplify(shapes[part], _STEP)

    in_blocks(size, straighten, block=_ZONES_AT_ONCE)

    def placed(at: Floats) -> Floats:
        x, y = (at - _SQUARES).T * squares.side_m + np.array([[squares.west], [squares.south]])
        return np.asarray(np.round(np.column_stack(squares.frame.to_lonlat(x, y)), _DIGITS), np.float64)

    placed_shapes = np.asarray(shapely.transform(whole, placed), object)
    broken = ~shapely.is_valid(placed_shapes)
    placed_shapes[broken] = shapely.buffer(placed_shapes[broken], 0)
    return placed_shapes


def _polygons(drawn: Longs, rows: int, count: int) -> npt.NDArray[np.object_]:
    """Return the shape of each group's squares, corners cut, in columns and rows; squares at a corner are joined."""
    beside = _Beside.of(drawn, rows)
    start, way, of = _sides(drawn, rows, beside)
    following = _following(start, way, rows)
    order, ring = _rings(following)
    column, row = np.divmod(start % count, rows)
    middle = np.column_stack([2 * column + _STEP_X[way], 2 * row + _STEP_Y[way]])  # in half squares
    onward = middle[following] - middle
    before = np.empty_like(following)
    before[following] = np.arange(len(following))
    x, y = middle[order].T
    step_x, step_y = onward[order].T
    area = np.bincount(ring, weights=x * step_y - y * step_x) / 8  # in squares, those of holes negative
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    part = _parts(beside)[of[order[first]]]
    # by part, its outer border first, which alone has a positive area
    kept = np.flatnonzero((area > 0) | (area <= -_SQUARES))
    kept = kept[np.lexsort((kept, area[kept] < 0, part[kept]))]
    rank = np.full(len(first), -1, np.int64)
    rank[kept] = np.arange(len(kept))
    bends = (onward != onward[before]).any(axis=1)[order] & (rank[ring] >= 0)
    by_rank = np.argsort(rank[ring[bends]], kind="stable")
    corners = middle[order[bends]][by_rank] / 2
    made = shapely.linearrings(corners, indices=rank[ring[bends]][by_rank])
    _, number = np.unique(part[kept], return_inverse=True)
    polygons = shapely.polygons(made, indices=number)
    group = drawn[of[order[first[kept[area[kept] > 0]]]]] // count
    whole = shapely.multipolygons(polygons, indices=group)
    alone = np.flatnonzero(shapely.get_num_geometries(whole) == 1)
    whole[alone] = shapely.get_geometry(whole[alone], 0)
    return np.asarray(whole, object)


@dataclass(frozen=True)
class _Beside:
    """Squares beside each other: the place of the one north, east, north-east and south-east of each, -1 for none."""

    north: Longs
    east: Longs
    north_east: Longs
    south_east: Longs

    @classmethod
    def of(cls, drawn: Longs, rows: int) -> "_Beside":
        """Return what lies beside each of the squares, which are ascending: one search for all of the next column."""
        size = len(drawn)
        sought = drawn + rows
        place = np.searchsorted(drawn, sought)
        padded = np.concatenate([[-1], drawn, [-1, -1]])  # of places -1 to size + 1
        is_east = padded[place + 1] == sought
        after = place + is_east
        before = padded[place] == sought - 1
        beyond = padded[after + 1] == sought + 1
        is_north = np.append(np.diff(drawn) == 1, np.zeros(min(size, 1), bool))
        return cls(
            np.where(is_north, np.arange(1, size + 1), -1),
            np.where(is_east, place, -1),
            np.where(beyond, after, -1),
            np.where(before, place - 1, -1),
        )


def _sides(drawn: Longs, rows: int, beside: _Beside) -> tuple[Longs, Longs, Longs]:
    """Return the sides between a drawn square and one that is not: corner they start at, direction, place of square.

    Corners are numbered as the squares of which they are the south-western one; sides are in order of both.
    """
    begin = (0, rows, rows + 1, 1)
    has_south, has_west = (np.zeros(len(drawn), bool) for _ in range(2))
    has_south[beside.north[beside.north >= 0]] = True
    has_west[beside.east[beside.east >= 0]] = True
    outer = [np.flatnonzero(~has) for has in (has_south, beside.east >= 0, beside.north >= 0, has_west)]
    start = np.concatenate([drawn[place] + corner for place, corner in zip(outer, begin, strict=True)])
    way = np.repeat(np.arange(4), [len(place) for place in outer])
    order = np.argsort(start * 4 + way)
    return start[order], way[order], np.concatenate(outer)[order]


def _following(start: Longs, way: Longs, rows: int) -> Longs:
    """Return which side follows each: where two squares meet at a corner only, the other one's, so that they join."""
    sides = start * 4 + way
    end = start + np.array([rows, 1, -rows, -1])[way]
    following = np.full(len(start), -1, np.int64)
    for turn in (3, 0, 1):  # to the right, straight on, to the left
        open_ends = np.flatnonzero(following < 0)
        wanted = end[open_ends] * 4 + (way[open_ends] + turn) % 4
        place = np.minimum(np.searchsorted(sides, wanted), len(sides) - 1)
        there = sides[place] == wanted
        following[open_ends[there]] = place[there]
    return following


def _rings(following: Longs) -> tuple[Longs, Longs]:
    """Return the sides in the order in which they follow each other, and the number of the ring of each.

    Rings are in order of their first side and begin with it. Each step looks twice as far ahead as the one before.
    """
    sides = np.arange(len(following))
    first, ahead = sides, following
    while (least := np.minimum(first, first[ahead])).tobytes() != first.tobytes():
        first, ahead = least, ahead[ahead]
    is_last = following == first
    ahead, left = np.where(is_last, sides, following), np.where(is_last, 0, 1)
    while (more := left[ahead]).any():
        left, ahead = left + more, ahead[ahead]
    order = np.lexsort((-left, first))
    return order, np.cumsum(np.diff(first[order], prepend=-1) > 0) - 1


def _parts(beside: _Beside) -> Ints:
    """Return the part each square is in: squares that share a side or a corner, numbered by their first."""
    links = []
    for other in (beside.north, beside.south_east, beside.east, beside.north_east):
        place = np.flatnonzero(other >= 0)
        links.append((place, other[place]))
    one, other = (np.concatenate(side) for side in zip(*links, strict=True))
    size = len(beside.north)
    graph = coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(first[number], np.int32)


def _around(squares: Longs, rows: int) -> Longs:
    """Return the squares and those whose middles are up to two squares away, ascending."""
    reach = _SQUARES // 2
    near = np.arange(-reach, reach + 1)
    right, up = np.nonzero(np.add.outer(near**2, near**2) <= reach**2)
    return _distinct(((near[right] * rows + near[up])[:, None] + squares).ravel())


def _distinct(values: Longs) -> Longs:
    """Return the different values, ascending: mostly runs in order, where ``np.unique`` takes many times as long."""
    ordered = np.sort(values, kind="stable")
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _is_in(values: Longs, among: Longs) -> Flags:
    """Whether each value is one of the others, which are ascending."""
    place = np.minimum(np.searchsorted(among, values), len(among) - 1)
    return np.asarray(among[place] == values, bool)
