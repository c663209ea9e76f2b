"""Where somebody steps onto the street: projection onto the nearest snap target within reach (PRODUCT §3.2)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.snap_index import SnapIndex

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

REACH_M: Final = 200.0  # PRODUCT §3.2
TOLERANCE_M: Final = 1e-6  # "at the limit" counts as within
_BLOCK: Final = 32_768  # points worked on at a time: their intermediate arrays stay in the processor's cache


@dataclass(frozen=True)
class Snaps:
    """Where points were projected onto the network, one entry a point, all of shape (k,).

    Attributes
    ----------
    edge
        Edge stepped onto, -1 where no snap target lies within reach (then the other values are NaN).
    offset_m
        Walk along the edge from ``edge_u`` to the snap point, metres on the ellipsoid.
    leg_m
        Straight access leg from the point to the snap point, metres.
    x, y
        The snap point in the network's metric frame.
    """

    edge: Ints
    offset_m: Floats
    leg_m: Floats
    x: Floats
    y: Floats

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def snapped(self) -> npt.NDArray[np.bool_]:
        """Whether each point has a snap target within reach, shape (k,)."""
        return self.edge >= 0

    def take(self, which: npt.NDArray[np.generic]) -> "Snaps":
        """Return the entries at ``which`` (indices or flags)."""
        return Snaps(self.edge[which], self.offset_m[which], self.leg_m[which], self.x[which], self.y[which])


def snap(index: SnapIndex, x: npt.ArrayLike, y: npt.ArrayLike, max_m: float = REACH_M) -> Snaps:
    """Project points onto the nearest snap target within ``max_m`` (inclusive).

    Parameters
    ----------
    index
        ``network.snap_index``.
    x, y
        Points in the network's metric frame, metres, shape (k,). Not finite means not snapped.
    max_m
        Longest access leg; at most the reach the index was built for (200 m), else ValueError.

    Returns
    -------
    Snaps
        Of two targets at the same distance the one with the lower edge number is taken.
    """
    if max_m > index.grid.reach_m:
        raise ValueError(f"asked for {max_m} m, the index reaches {index.grid.reach_m} m")
    px, py = np.asarray(x, np.float64), np.asarray(y, np.float64)
    count = len(px)
    edge = np.full(count, -1, np.int32)
    offset, leg, sx, sy = (np.full(count, np.nan) for _ in range(4))
    leaf, off = index.leaf_of(px, py)
    order = np.argsort(leaf, kind="stable")
    order = order[int(np.searchsorted(leaf[order], 0)) :]  # points in no leaf have nothing within reach
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        bx, by = px[block], py[block]
        target, square = _nearest(index, leaf[block], off[block], bx, by)
        near = np.flatnonzero(square <= (max_m + TOLERANCE_M) ** 2)
        target, who = target[near], block[near]
        along = _along(index, target, bx[near], by[near])
        edge[who] = index.edge[target]
        offset[who] = along * index.length_m[target]
        sx[who] = index.x[target] + along * index.dx[target]
        sy[who] = index.y[target] + along * index.dy[target]
        leg[who] = np.sqrt(square[near])
    return Snaps(edge, offset, leg, sx, sy)


def _nearest(index: SnapIndex, leaf: Ints, off: Floats, px: Floats, py: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the nearest candidate of each point (``off`` its leaf's centre) and the square of its distance.

    A leaf's candidates come nearest to its centre first. A point is done when the next one is farther from the
    centre than the best found and the centre together: no later one can be nearer to the point.
    """
    at = index.start[leaf].astype(np.int64)
    end = index.start[leaf + 1].astype(np.int64)
    best, chosen = np.full(len(px), np.inf), np.zeros(len(px), np.int64)
    who = np.arange(len(px))
    least, target = best.copy(), chosen.copy()
    while len(who):
        this = index.candidates[at].astype(np.int64)
        x, y, dx, dy = px - index.x[this], py - index.y[this], index.dx[this], index.dy[this]
        along = x * dx
        along += y * dy
        along *= index.inverse[this]
        np.clip(along, 0.0, 1.0, out=along)
        dx *= along
        dy *= along
        x -= dx
        y -= dy
        square = x * x
        square += y * y
        nearer = (square < least) | ((square == least) & (this < target))
        least, target = np.where(nearer, square, least), np.where(nearer, this, target)
        at += 1
        farther = index.from_center_m[np.minimum(at, len(index.from_center_m) - 1)]
        done = (at == end) | (farther > np.sqrt(least) + off)
        if done.any():
            best[who[done]], chosen[who[done]] = least[done], target[done]
            go = np.flatnonzero(~done)
            who, at, end, off, px, py = who[go], at[go], end[go], off[go], px[go], py[go]
            least, target = least[go], target[go]
    return chosen, best


def _along(index: SnapIndex, target: npt.NDArray[np.int64], px: Floats, py: Floats) -> Floats:
    """Return the share of each target, 0 to 1, at which the foot of the point lies."""
    x, y = px - index.x[target], py - index.y[target]
    return np.clip((x * index.dx[target] + y * index.dy[target]) * index.inverse[target], 0.0, 1.0)
