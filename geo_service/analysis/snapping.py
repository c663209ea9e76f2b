"""Where somebody steps onto the street: projection onto the nearest snap target within reach (PRODUCT §3.2)."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import shapely

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


@dataclass(frozen=True)
class SnapIndex:
    """Finds the nearest snap target of many points; built once per network and kept with it.

    Attributes
    ----------
    edge
        Edge number of each snap target, shape (t,).
    x1, y1, x2, y2
        Ends of each snap target in the metric frame, metres, shape (t,).
    length_m
        Length of each snap target on the ellipsoid, shape (t,).
    reach_m
        Farthest distance it can be asked for.
    """

    edge: Ints
    x1: Floats
    y1: Floats
    x2: Floats
    y2: Floats
    length_m: Floats
    reach_m: float

    @classmethod
    def build(
        cls,
        edge: Ints,
        start: tuple[Floats, Floats],
        end: tuple[Floats, Floats],
        length_m: Floats,
        *,
        reach_m: float = REACH_M,
    ) -> Self:
        """Return the index of the edges ``edge`` from ``start`` to ``end`` (x, y in metres)."""
        return cls(edge, *start, *end, length_m, reach_m)


def snap(index: SnapIndex, x: npt.ArrayLike, y: npt.ArrayLike, max_m: float = REACH_M) -> Snaps:
    """Project points onto the nearest snap target within ``max_m`` (inclusive).

    Parameters
    ----------
    index
        ``network.snap_index``.
    x, y
        Points in the network's metric frame, metres, shape (k,). Not finite means not snapped.
    max_m
        Longest access leg; at most the reach the index was built for (200 m).

    Returns
    -------
    Snaps
        Of two targets at the same distance the one with the lower edge number is taken.
    """
    px, py = np.asarray(x, np.float64), np.asarray(y, np.float64)
    count = len(px)
    edge = np.full(count, -1, np.int32)
    offset, leg, sx, sy = (np.full(count, np.nan) for _ in range(4))
    usable = np.flatnonzero(np.isfinite(px) & np.isfinite(py))
    if len(index.edge) and len(usable):
        ends = np.stack([np.column_stack([index.x1, index.y1]), np.column_stack([index.x2, index.y2])], axis=1)
        tree = shapely.STRtree(shapely.linestrings(ends))
        point, target = tree.query_nearest(
            shapely.points(px[usable], py[usable]), max_distance=max_m + TOLERANCE_M, all_matches=False
        )
        point = usable[point]
        along, away, qx, qy = project(index, target, px[point], py[point])
        edge[point] = index.edge[target]
        offset[point], leg[point], sx[point], sy[point] = along * index.length_m[target], away, qx, qy
    return Snaps(edge, offset, leg, sx, sy)


def project(
    index: SnapIndex, target: npt.NDArray[np.generic], px: Floats, py: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return share along the target (0 to 1), distance in metres and foot x, y of each point on its target."""
    ax, ay = index.x1[target], index.y1[target]
    dx, dy = index.x2[target] - ax, index.y2[target] - ay
    square = dx * dx + dy * dy
    along = ((px - ax) * dx + (py - ay) * dy) / np.where(square > 0, square, 1.0)
    along = np.clip(along, 0.0, 1.0)
    qx, qy = ax + along * dx, ay + along * dy
    return along, np.hypot(px - qx, py - qy), qx, qy
