"""Stepping onto the nearest street that a straight leg reaches without crossing a wall (PRODUCT §3.8).

The leg may end anywhere on a street, not only at its foot: what a wall hides of a street from a point is a stretch of
it, its shadow; of what the shadows leave the nearest place is taken. So it does not matter where streets are cut.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.enclosed import ANYBODY, Enclosed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_TOUCH_M: Final = 0.01  # a wall that near to where a leg begins is not in its way, nor a gap of that width a passage
_STEPS: Final = (0.15, 0.4, 1.0)  # shares of the reach that are looked through one after the other
_POINTS: Final = 4096  # looked round at a time
_TRIPLES: Final = 1_000_000  # point, street and wall worked on at a time
_Ends = tuple[Floats, Floats, Floats, Floats]  # x and y of one end, then of the other


@dataclass(frozen=True)
class Lines:
    """Streets one may step onto: start, way to the end, metres, and quarter of each, shape (t,), and a tree of them."""

    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    label: Ints
    tree: shapely.STRtree

    @classmethod
    def of(cls, start: tuple[Floats, Floats], way: tuple[Floats, Floats], label: Ints) -> "Lines":
        """Return the lines with their tree."""
        xy = np.column_stack([*start, start[0] + way[0], start[1] + way[1]]).reshape(-1, 2, 2)
        return cls(*start, *way, label, shapely.STRtree(shapely.linestrings(xy)))


@dataclass(frozen=True)
class Standing:
    """Points, metres, and the closed quarter each stands in, ``OUTSIDE`` for none, shape (k,)."""

    x: Floats
    y: Floats
    label: Ints

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Steps:
    """Line stepped onto (-1: none in reach), the share of it that lies before the place, the leg; shape (k,)."""

    line: Longs
    share: Floats
    leg_m: Floats


def legs_clear(enclosed: Enclosed, points: Standing, to_x: Floats, to_y: Floats) -> Flags:
    """Whether the straight legs from the points cross no wall, shape (k,)."""
    clear = np.ones(len(points), bool)
    if not len(enclosed.wall_x) or not len(points):
        return clear
    legs = shapely.linestrings(np.column_stack([points.x, points.y, to_x, to_y]).reshape(-1, 2, 2))
    leg, wall = enclosed.walls.query(legs, predicate="intersects")
    counts = _in_the_way(enclosed, wall, points.label[leg])
    leg, wall = leg[counts], wall[counts]
    x, y = to_x[leg] - points.x[leg], to_y[leg] - points.y[leg]
    hit = _hit((x, y), _seen(enclosed, wall, points, leg))
    clear[leg[hit < 1.0 - _share(_TOUCH_M, np.hypot(x, y))]] = False
    return clear


def nearest_seen(
    lines: Lines, enclosed: Enclosed, points: Standing, *, reach_m: float, wall_ring_m: float = 0.0
) -> Steps:
    """Return the nearest place on a line of the same quarter that a leg reaches without crossing a wall.

    Parameters
    ----------
    lines
        What may be stepped onto.
    enclosed
        The walls; see :class:`Enclosed` for whose way each is in.
    points
        Where legs begin.
    reach_m
        Longest leg.
    wall_ring_m
        Barriers that come this near to a point are not in its way (a gate stands in its wall).

    Notes
    -----
    Of places equally far the one on the lower line, then nearer to its start, is taken.
    """
    best = Steps(np.full(len(points), -1, np.int64), np.full(len(points), np.nan), np.full(len(points), np.inf))
    left = np.arange(len(points))
    for step in _STEPS:
        look = _Look(lines, enclosed, points, reach_m * step, wall_ring_m)
        for begin in range(0, len(left), _POINTS):
            look.around(left[begin : begin + _POINTS], best)
        left = left[best.line[left] < 0]
    return best


@dataclass(frozen=True)
class _Look:
    """A look round points as far as ``radius_m``."""

    lines: Lines
    enclosed: Enclosed
    points: Standing
    radius_m: float
    wall_ring_m: float

    def around(self, some: Longs, best: Steps) -> None:
        """Find the nearest place in the radius of the points ``some`` and write it to ``best``."""
        points, enclosed = self.points, self.enclosed
        spots = shapely.points(points.x[some], points.y[some])
        at, line = self.lines.tree.query(spots, predicate="dwithin", distance=self.radius_m)
        same = self.lines.label[line] == points.label[some[at]]
        at, line = at[same], line[same]
        order = np.lexsort((line, at))
        at, line = at[order], line[order]
        who, wall = enclosed.walls.query(spots, predicate="dwithin", distance=self.radius_m)
        counts = _in_the_way(enclosed, wall, points.label[some[who]])
        if self.wall_ring_m:
            near = shapely.distance(spots[who], enclosed.walls.geometries[wall]) <= self.wall_ring_m
            counts &= ~(near & (enclosed.wall_for[wall] == ANYBODY))
        who, wall = who[counts], wall[counts]
        order = np.argsort(who, kind="stable")
        who, wall = who[order], wall[order]
        first, last = np.searchsorted(who, at, "left"), np.searchsorted(who, at, "right")
        ends = np.cumsum(last - first)
        begin = 0
        while begin < len(at):
            done = ends[begin - 1] if begin else 0
            stop = max(int(np.searchsorted(ends, done + _TRIPLES, "right")), begin + 1)
            part = slice(begin, stop)
            # a point's lines may fall into two parts: the better place wins
            self.best_of(line[part], some[at[part]], _Triples(wall, first[part], last[part]), best)
            begin = stop
        far = some[best.leg_m[some] > self.radius_m]
        best.line[far], best.leg_m[far] = -1, np.inf

    def best_of(self, line: Longs, point: Longs, walls: "_Triples", best: Steps) -> None:
        """Write the best place of each point over its lines, where it is better than what was found before."""
        lines, points = self.lines, self.points
        ax, ay = lines.x[line] - points.x[point], lines.y[line] - points.y[point]
        dx, dy = lines.dx[line], lines.dy[line]
        square = dx * dx + dy * dy
        foot = np.clip(-(ax * dx + ay * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        pair, wall = walls.pairs()
        seen = _seen(self.enclosed, wall, points, point[pair])
        pair, low, high = _shadows(pair, (ax[pair], ay[pair], dx[pair], dy[pair]), seen)
        low, high, pair = _merged(pair, low, high, _share(_TOUCH_M, np.sqrt(square)))
        hidden = np.zeros(len(line), bool)
        over = ((low < foot[pair]) | (low <= 0)) & ((foot[pair] < high) | (high >= 1))
        hidden[pair[over]] = True
        clear = np.flatnonzero(~hidden)
        from_low, from_high = np.flatnonzero(over & (low > 0)), np.flatnonzero(over & (high < 1))
        which = np.concatenate([clear, pair[from_low], pair[from_high]])
        share = np.concatenate([foot[clear], low[from_low], high[from_high]])
        leg = np.hypot(ax[which] + share * dx[which], ay[which] + share * dy[which])
        order = np.lexsort((share, line[which], leg, point[which]))
        who = point[which[order]]
        head = order[np.r_[True, who[1:] != who[:-1]]] if len(order) else order
        who, leg = point[which[head]], leg[head]
        better = leg < best.leg_m[who]
        who, head = who[better], head[better]
        best.line[who], best.share[who], best.leg_m[who] = line[which[head]], share[head], leg[better]


@dataclass(frozen=True)
class _Triples:
    """For each of some pairs of a point and a line the walls ``wall[first:last]``."""

    wall: Longs
    first: Longs
    last: Longs

    def pairs(self) -> tuple[Longs, Longs]:
        """Return pair and wall of every triple."""
        count = self.last - self.first
        pair = np.repeat(np.arange(len(count)), count)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count) + self.first[pair]
        return pair, self.wall[place]


def _shadows(pair: Longs, street: tuple[Floats, Floats, Floats, Floats], wall: _Ends) -> tuple[Longs, Floats, Floats]:
    """Return the stretches of streets that walls hide from the origin: pair, and both ends as shares of the street.

    The end of a shadow is where the ray through an end of the wall meets the street, or where the two cross. Between
    those places either all of the street is hidden or nothing.
    """
    ax, ay, dx, dy = street
    cx, cy, ex, ey = wall
    wx, wy = ex - cx, ey - cy
    with np.errstate(divide="ignore", invalid="ignore"):
        breaks = [
            -(ax * cy - ay * cx) / (dx * cy - dy * cx),
            -(ax * ey - ay * ex) / (dx * ey - dy * ex),
            ((cx - ax) * wy - (cy - ay) * wx) / (dx * wy - dy * wx),
        ]
    inside = [np.clip(np.where(np.isfinite(one), one, 0.0), 0.0, 1.0) for one in breaks]
    ends = np.sort(np.stack([np.zeros(len(pair)), *inside, np.ones(len(pair))]), axis=0)
    found = []
    for low, high in pairwise(ends):
        some = np.flatnonzero(high > low)
        middle = (low[some] + high[some]) / 2
        x, y = ax[some] + middle * dx[some], ay[some] + middle * dy[some]
        hit = _hit((x, y), (cx[some], cy[some], ex[some], ey[some]))
        dark = some[hit < 1.0]
        found.append((pair[dark], low[dark], high[dark]))
    return (
        np.concatenate([one[0] for one in found]),
        np.concatenate([one[1] for one in found]),
        np.concatenate([one[2] for one in found]),
    )


def _merged(pair: Longs, low: Floats, high: Floats, slack: Floats) -> tuple[Floats, Floats, Longs]:
    """Return the shadows of each pair without overlaps; gaps narrower than ``slack`` of the street are closed."""
    low, high = np.maximum(low - slack[pair] / 2, 0.0), np.minimum(high + slack[pair] / 2, 1.0)
    order = np.lexsort((low, pair))
    pair, low, high = pair[order], low[order], high[order]
    if not len(pair):
        return low, high, pair
    so_far = np.maximum.accumulate(pair * 4.0 + high)  # a later pair is ahead of every earlier one
    first = np.r_[True, (pair[1:] != pair[:-1]) | (pair[1:] * 4.0 + low[1:] > so_far[:-1])]
    heads = np.flatnonzero(first)
    reach = np.maximum.reduceat(high, heads)
    return low[heads], reach, pair[heads]


def _in_the_way(enclosed: Enclosed, wall: Longs, label: Ints) -> Flags:
    """Whether each wall is in the way of a point with this label."""
    meant = enclosed.wall_for[wall]
    return np.asarray((meant == ANYBODY) | (meant == label), bool)


def _seen(enclosed: Enclosed, wall: Longs, points: Standing, point: Longs) -> _Ends:
    """Return both ends of walls as seen from points."""
    x, y = enclosed.wall_x[wall] - points.x[point], enclosed.wall_y[wall] - points.y[point]
    return x, y, x + enclosed.wall_dx[wall], y + enclosed.wall_dy[wall]


def _hit(leg: tuple[Floats, Floats], wall: _Ends) -> Floats:
    """Return at which share of the legs from the origin the walls are met; inf where they are not."""
    (x, y), (cx, cy, ex, ey) = leg, wall
    wx, wy = ex - cx, ey - cy
    across = x * wy - y * wx
    with np.errstate(divide="ignore", invalid="ignore"):
        along_leg = (cx * wy - cy * wx) / across
        along_wall = (cx * y - cy * x) / across
    met = (across != 0) & (along_wall >= 0) & (along_wall <= 1) & (along_leg <= 1)
    return np.where(met & (along_leg > _share(_TOUCH_M, np.hypot(x, y))), along_leg, np.inf)


def _share(metres: float, length: Floats) -> Floats:
    """Return metres as a share of lengths, 1 at most."""
    return np.minimum(metres / np.maximum(length, metres), 1.0)
