"""Where somebody steps onto the street: projection onto the nearest snap target within reach (PRODUCT §3.2)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.snap_index import SnapIndex
from geo_service.foundation.threads import in_blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

REACH_M: Final = 200.0  # PRODUCT §3.2
TOLERANCE_M: Final = 1e-6  # "at the limit" counts as within


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
    order = index.cell_by_cell(px, py)

    def project(part: slice) -> None:
        block = order[part]
        bx, by = px[block], py[block]
        target, square = _nearest(index, bx, by)
        near = np.flatnonzero(square <= (max_m + TOLERANCE_M) ** 2)
        target, who = target[near], block[near]
        along = _along(index, target, bx[near], by[near])
        edge[who] = index.edge[target]
        offset[who] = along * index.length_m[target]
        sx[who] = index.x[target] + along * index.dx[target]
        sy[who] = index.y[target] + along * index.dy[target]
        leg[who] = np.sqrt(square[near])

    in_blocks(len(order), project)
    return Snaps(edge, offset, leg, sx, sy)


def _nearest(index: SnapIndex, px: Floats, py: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the nearest candidate of each point (all on the grid) and the square of its distance; inf without one.

    A leaf's candidates come nearest to its centre first. A point is done when the next one is farther from the
    centre than the best found and the centre together: no later one can be nearer to the point.
    """
    best, chosen = np.full(len(px), np.inf), np.zeros(len(px), np.int64)
    leaf, off = index.leaf_of(px, py)
    who = np.flatnonzero(leaf >= 0)
    leaf, off, px, py = leaf.take(who), off.take(who), px.take(who), py.take(who)
    at, end = index.start.take(leaf).astype(np.int64), index.start.take(leaf + 1).astype(np.int64)
    least, target = best.take(who), chosen.take(who)
    while len(who):
        this = index.candidates.take(at).astype(np.int64)
        x, y = px - index.x.take(this), py - index.y.take(this)
        dx, dy = index.dx.take(this), index.dy.take(this)
        along = x * dx
        along += y * dy
        along *= index.inverse.take(this)
        np.clip(along, 0.0, 1.0, out=along)
        dx *= along
        dy *= along
        x -= dx
        y -= dy
        square = x * x
        square += y * y
        nearer = np.flatnonzero((square < least) | ((square == least) & (this < target)))
        least[nearer], target[nearer] = square.take(nearer), this.take(nearer)
        at += 1
        farther = index.from_center_m.take(np.minimum(at, len(index.from_center_m) - 1))
        goes_on = (at < end) & (farther <= np.sqrt(least) + off)
        done, go = np.flatnonzero(~goes_on), np.flatnonzero(goes_on)
        places = who.take(done)
        best[places], chosen[places] = least.take(done), target.take(done)
        who, at, end, off = who.take(go), at.take(go), end.take(go), off.take(go)
        px, py, least, target = px.take(go), py.take(go), least.take(go), target.take(go)
    return chosen, best


def _along(index: SnapIndex, target: npt.NDArray[np.int64], px: Floats, py: Floats) -> Floats:
    """Return the share of each target, 0 to 1, at which the foot of the point lies."""
    x, y = px - index.x[target], py - index.y[target]
    return np.clip((x * index.dx[target] + y * index.dy[target]) * index.inverse[target], 0.0, 1.0)
