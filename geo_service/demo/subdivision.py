"""Dividing convex land by straight cuts: irregular blocks whose borders are the streets.

Works in a flat plan that is bent afterwards (:mod:`geo_service.demo.terrain`); metres.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from geo_service.demo.plan import Floats

RAIL_LEVEL = -1
BORDER_LEVEL = -2  # edge of the plan, no street
_TOUCH_M = 1e-6


@dataclass(frozen=True)
class Cut:
    """A straight cut from ``start`` to ``end``; ``level`` as in :data:`geo_service.demo.plan.HALF_WIDTHS_M`."""

    start: Floats
    end: Floats
    level: int


@dataclass
class Divider:
    """Cuts convex polygons, shape (n, 2) counter-clockwise, and remembers every cut in order."""

    rng: np.random.Generator
    cuts: list[Cut] = field(default_factory=list)
    _ends: list[Floats] = field(default_factory=list)

    def cut(self, polygon: Floats, point: Floats, direction: Floats, level: int) -> tuple[Floats, Floats]:
        """Cut along the line through ``point``; returns the part on its left, then on its right."""
        normal = np.array([-direction[1], direction[0]])
        left, ends = _keep(polygon, (polygon - point) @ normal)
        right, _ = _keep(polygon, -((polygon - point) @ normal))
        if len(ends) == 2:
            self.cuts.append(Cut(ends[0], ends[1], level))
            self._ends.extend(ends)
        return left, right

    def slices(self, polygon: Floats, axis: int, places: list[tuple[float, int]]) -> list[Floats]:
        """Cut straight across an axis (0: at x, 1: at y) at ascending (place, level); parts in that order."""
        parts = []
        rest = polygon
        for place, level in places:
            point = np.zeros(2)
            point[axis] = place
            # looking along the cut the lower part must lie left
            direction = np.array([0.0, 1.0]) if axis == 0 else np.array([-1.0, 0.0])
            low, rest = self.cut(rest, point, direction, level)
            parts.append(low)
        return [*parts, rest]

    def divide(
        self, polygon: Floats, parts: int, level: int, *, wobble_deg: float, loose: float = 0.06
    ) -> list[Floats]:
        """Divide into ``parts`` pieces of about the same area, always across the longer side."""
        if parts <= 1:
            return [polygon]
        first = parts // 2 if parts % 2 == 0 or self.rng.random() < 0.5 else parts // 2 + 1
        a, b = self.halve(polygon, first / parts, level, wobble_deg=wobble_deg, loose=loose)
        return [
            *self.divide(a, first, level, wobble_deg=wobble_deg, loose=loose),
            *self.divide(b, parts - first, level, wobble_deg=wobble_deg, loose=loose),
        ]

    def halve(
        self, polygon: Floats, share: float, level: int, *, wobble_deg: float, loose: float = 0.06
    ) -> tuple[Floats, Floats]:
        """Cut across the longer side at about ``share`` of it, through an existing junction if one is near."""
        axis = _long_axis(polygon)
        along = polygon @ axis
        low, high = float(along.min()), float(along.max())
        target = low + (high - low) * (share + self.rng.uniform(-loose, loose))
        angle = np.radians(self.rng.normal(0.0, wobble_deg))
        direction = _turn(np.array([-axis[1], axis[0]]), float(np.clip(angle, -0.3, 0.3)))
        middle = polygon.mean(axis=0)
        point = middle + axis * (target - float(middle @ axis))
        if self.rng.random() < 0.6:
            point = self._near_junction(polygon, axis, target, (high - low) * 0.11, point)
        right, left = self.cut(polygon, point, -direction, level)
        # the part with the smaller coordinate along the axis comes first
        return (left, right) if float(left.mean(axis=0) @ axis) < float(right.mean(axis=0) @ axis) else (right, left)

    def _near_junction(
        self, polygon: Floats, axis: Floats, target: float, reach_m: float, else_point: Floats
    ) -> Floats:
        """Find an end of an older cut on the polygon's border near the wanted place."""
        if not self._ends:
            return else_point
        ends = np.asarray(self._ends)
        off = np.abs(ends @ axis - target)
        ends, off = ends[off < reach_m], off[off < reach_m]
        starts = polygon
        edges = np.roll(polygon, -1, axis=0) - polygon
        lengths = np.hypot(edges[:, 0], edges[:, 1])
        for n in np.argsort(off, kind="stable"):
            to_end = ends[n] - starts
            t = np.einsum("ij,ij->i", to_end, edges) / np.maximum(lengths**2, 1e-12)
            gap = np.hypot(*(to_end - np.clip(t, 0, 1)[:, None] * edges).T)
            along_edge = np.abs(edges @ axis) > 0.7 * lengths
            if bool(np.any((gap < 1e-4) & along_edge & (t > 0.05) & (t < 0.95))):
                return np.asarray(ends[n])
        return else_point


def area_m2(polygon: Floats) -> float:
    """Return the area of a simple polygon, shape (n, 2)."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def densified(points: Floats, step_m: float) -> Floats:
    """Return a line with a vertex at least every ``step_m`` on each of its segments."""
    pieces = []
    for a, b in pairwise(points):
        steps = max(1, int(np.ceil(np.hypot(*(b - a)) / step_m)))
        pieces.append(a + (b - a) * (np.arange(steps) / steps)[:, None])
    return np.vstack([*pieces, points[-1:]])


def _keep(polygon: Floats, side: Floats) -> tuple[Floats, list[Floats]]:
    """Clip to the half plane where ``side`` (signed distance of each corner) is not negative."""
    kept: list[Floats] = []
    ends: list[Floats] = []
    count = len(polygon)
    for i in range(count):
        j = (i + 1) % count
        a, b = side[i], side[j]
        if a >= -_TOUCH_M:
            kept.append(polygon[i])
            if abs(a) <= _TOUCH_M:
                ends.append(polygon[i])
        if (a > _TOUCH_M and b < -_TOUCH_M) or (a < -_TOUCH_M and b > _TOUCH_M):
            crossing = polygon[i] + (polygon[j] - polygon[i]) * (a / (a - b))
            kept.append(crossing)
            ends.append(crossing)
    return np.asarray(kept), ends


def _long_axis(polygon: Floats) -> Floats:
    """Return the unit vector along the longer side of the smallest rectangle around a convex polygon."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    units = edges[lengths > 1.0] / lengths[lengths > 1.0, None]
    across = np.column_stack([-units[:, 1], units[:, 0]])
    along_extent = np.ptp(polygon @ units.T, axis=0)
    across_extent = np.ptp(polygon @ across.T, axis=0)
    best = int(np.argmin(np.round(along_extent * across_extent, 3)))
    axis = units[best] if along_extent[best] >= across_extent[best] else across[best]
    return np.asarray(axis if (axis[0], axis[1]) > (0, 0) or axis[0] > 1e-9 else -axis)


def _turn(vector: Floats, angle_rad: float) -> Floats:
    """Rotate a vector."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([c * vector[0] - s * vector[1], s * vector[0] + c * vector[1]])
