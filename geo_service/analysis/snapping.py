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
_BLOCK: Final = 16_384  # points worked on at a time: their intermediate arrays stay in the processor's cache


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
    leaf = index.leaf_of(px, py)
    order = np.argsort(leaf, kind="stable")
    order = order[int(np.searchsorted(leaf[order], 0)) :]  # points in no leaf have nothing within reach
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        bx, by = px[block], py[block]
        target, square = _nearest(index, leaf[block], bx, by)
        near = np.flatnonzero(square <= (max_m + TOLERANCE_M) ** 2)
        target, who = target[near], block[near]
        along = _along(index, target, bx[near], by[near])
        edge[who] = index.edge[target]
        offset[who] = along * index.length_m[target]
        sx[who] = index.x[target] + along * index.dx[target]
        sy[who] = index.y[target] + along * index.dy[target]
        leg[who] = np.sqrt(square[near])
    return Snaps(edge, offset, leg, sx, sy)


def _nearest(index: SnapIndex, leaf: Ints, px: Floats, py: Floats) -> tuple[Ints, Floats]:
    """Return the nearest of each point's candidates and the square of its distance, inf without candidates."""
    first, count = index.start[leaf], index.start[leaf + 1] - index.start[leaf]
    order = np.argsort(-count, kind="stable")
    first, count, px, py = first[order], count[order], px[order], py[order]
    best = np.full(len(order), np.inf)
    chosen = np.zeros(len(order), np.int32)
    for rank in range(int(count[0]) if len(count) else 0):
        # the points that have a candidate of this rank come first
        some = slice(0, int(np.searchsorted(-count, -rank, side="left")))
        target = index.candidates[first[some] + rank]
        x, y, dx, dy = px[some] - index.x[target], py[some] - index.y[target], index.dx[target], index.dy[target]
        along = (x * dx + y * dy) * index.inverse[target]
        np.clip(along, 0.0, 1.0, out=along)
        x -= along * dx
        y -= along * dy
        square = x * x + y * y
        nearer = square < best[some]
        np.copyto(best[some], square, where=nearer)
        np.copyto(chosen[some], target, where=nearer)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return chosen[back], best[back]


def _along(index: SnapIndex, target: Ints, px: Floats, py: Floats) -> Floats:
    """Return the share of each target, 0 to 1, at which the foot of the point lies."""
    x, y = px - index.x[target], py - index.y[target]
    return np.clip((x * index.dx[target] + y * index.dy[target]) * index.inverse[target], 0.0, 1.0)
