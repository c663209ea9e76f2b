"""Gates no street passes: each is joined to the nearest street outside its quarter and inside (PRODUCT §3.2, §3.8)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.barriers import Lines, Standing, nearest_seen
from geo_service.analysis.compounds import GATE_REACH_M, Arranged
from geo_service.analysis.cuts import Edges, Pieces
from geo_service.analysis.enclosed import OUTSIDE, Enclosed
from geo_service.analysis.snapping import REACH_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Links:
    """Gates joined to streets by straight legs, one entry each, shape (g,).

    ``gate`` counts in :class:`Arranged`. ``edge`` and ``share`` name the place on a street, ``leg_m`` the walk to it,
    outside and inside. Where no street inside is in reach, ``inner_edge`` is -1 and ``stub_x``, ``stub_y`` say where
    people from inside reach the gate: on the edge of the quarter's core; ``inner_leg_m`` is the walk there.
    """

    gate: Longs
    outer_edge: Longs
    outer_share: Floats
    outer_leg_m: Floats
    inner_edge: Longs
    inner_share: Floats
    inner_leg_m: Floats
    stub_x: Floats
    stub_y: Floats

    def __len__(self) -> int:
        return len(self.gate)


def link_gates(edges: Edges, pieces: Pieces, enclosed: Enclosed, arranged: Arranged, gate: Longs) -> Links:
    """Return the links of the gates ``gate``; those without a street in reach outside have none.

    Only the walls of ``enclosed`` are looked at.
    """
    some = np.flatnonzero(edges.snap[pieces.edge])
    edge, start, end = pieces.edge[some], pieces.start[some], pieces.end[some]
    dx, dy = edges.bx[edge] - edges.ax[edge], edges.by[edge] - edges.ay[edge]
    at = edges.ax[edge] + start * dx, edges.ay[edge] + start * dy
    lines = Lines.of(at, ((end - start) * dx, (end - start) * dy), pieces.label[some])

    def stepped(which: Longs, labels: Ints) -> tuple[Longs, Floats, Floats]:
        points = Standing(arranged.gate_x[which], arranged.gate_y[which], labels)
        found = nearest_seen(lines, enclosed, points, reach_m=REACH_M, wall_ring_m=GATE_REACH_M)
        line, share = np.maximum(found.line, 0), np.nan_to_num(found.share)
        if not len(start):
            return np.full(len(which), -1, np.int64), share, found.leg_m
        # at an end of a piece exactly that end
        there = np.where(share >= 1, end[line], start[line] + share * (end[line] - start[line]))
        return np.where(found.line < 0, -1, edge[line]), there, found.leg_m

    outer, outer_share, outer_leg = stepped(gate, np.full(len(gate), OUTSIDE, np.int32))
    joined = outer >= 0
    gate, outer, outer_share, outer_leg = gate[joined], outer[joined], outer_share[joined], outer_leg[joined]
    compound = arranged.gate_compound[gate]
    inner, inner_share, inner_leg = stepped(gate, compound.astype(np.int32))
    points = shapely.points(arranged.gate_x[gate], arranged.gate_y[gate])
    ends = shapely.get_coordinates(shapely.shortest_line(points, arranged.core[compound])).reshape(-1, 2, 2)
    alone = inner < 0
    leg = np.where(alone, np.hypot(*(ends[:, 1] - ends[:, 0]).T), inner_leg)
    stub = np.where(alone[:, None], ends[:, 1], np.nan)
    return Links(gate, outer, outer_share, outer_leg, inner, inner_share, leg, stub[:, 0], stub[:, 1])
