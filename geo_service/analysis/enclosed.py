"""What closed quarters and barriers add to a network: residents' twins of edges, walls, gates (PRODUCT §3.8)."""

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Objects = npt.NDArray[np.object_]

OUTSIDE: Final = -1
ANYBODY: Final = -2  # a wall in everybody's way


@dataclass(frozen=True)
class Enclosed:
    """What a network derived by :func:`geo_service.analysis.closures.enclose` knows beside nodes and edges.

    The network's *base* is where everybody walks: edges are cut at the boundaries of closed quarters and joined where
    a gate lets everyone pass. Of the edges inside a quarter whose gates let only its residents pass there is a *twin*
    each, on which these stand. One-way links lead from the base to the twins at the gates, in the direction of a
    search that starts at the places walked to: whoever comes home passes, nobody else walks through.

    Attributes
    ----------
    edge_compound
        Closed quarter each edge lies in, ``OUTSIDE`` for none, shape (e,).
    edge_twin
        Twin of each edge of the base, -1 for none, shape (e,).
    edge_base
        The edge itself in the base, of a twin the edge of the base, -1 for a detour: the walk of residents out of one
        gate and in at another, shape (e,).
    link_from, link_to
        Nodes of the base and of the twins joined by the links, shape (l,).
    compound_code
        Codes of the closed quarters, several joined by ``+`` where they overlap, shape (q,).
    compound_wkb, compound_start
        Their polygons in the network's frame as WKB, one after the other, and where each begins, shape (q + 1,).
    wall_x, wall_y, wall_dx, wall_dy
        Straight pieces of barriers and boundaries, start and way to the end, metres, shape (w,).
    wall_for
        Whose way each is in: ``ANYBODY``, those ``OUTSIDE`` closed quarters, or those in one, shape (w,).
    wall_barrier
        Number of the barrier each is of, -1 for a boundary, shape (w,).
    barrier_code
        Codes of the barriers.
    gate_code, gate_passes
        Gates that stand on the boundary of a closed quarter; who may pass (``NOBODY``, ``RESIDENTS``, ``EVERYONE``).
    gate_x, gate_y
        Where they stand, metres.
    joint_gate, joint_compound
        Gate and quarter of each place where a gate joins streets (one gate may join several), shape (j,).
    joint_outer, joint_inner, joint_twin
        Its nodes outside, inside and of the twins (-1: residents walk as everybody), shape (j,).
    """

    edge_compound: Ints
    edge_twin: Ints
    edge_base: Ints
    link_from: Ints
    link_to: Ints
    compound_code: npt.NDArray[np.str_]
    compound_wkb: npt.NDArray[np.uint8]
    compound_start: npt.NDArray[np.int64]
    wall_x: Floats
    wall_y: Floats
    wall_dx: Floats
    wall_dy: Floats
    wall_for: Ints
    wall_barrier: Ints
    barrier_code: npt.NDArray[np.str_]
    gate_code: npt.NDArray[np.str_]
    gate_passes: npt.NDArray[np.int8]
    gate_x: Floats
    gate_y: Floats
    joint_gate: Ints
    joint_compound: Ints
    joint_outer: Ints
    joint_inner: Ints
    joint_twin: Ints

    @cached_property
    def compounds(self) -> Objects:
        """Polygons of the closed quarters in the network's frame."""
        content, start = self.compound_wkb.tobytes(), self.compound_start.tolist()
        made = [shapely.from_wkb(content[a:b]) for a, b in pairwise(start)]
        shapes = np.empty(len(made), object)
        shapes[:] = made
        shapely.prepare(shapes)
        return shapes

    @cached_property
    def walls(self) -> shapely.STRtree:
        """Tree of the straight pieces of barriers and boundaries."""
        end_x, end_y = self.wall_x + self.wall_dx, self.wall_y + self.wall_dy
        xy = np.column_stack([self.wall_x, self.wall_y, end_x, end_y]).reshape(-1, 2, 2)
        return shapely.STRtree(shapely.linestrings(xy))

    @property
    def in_base(self) -> npt.NDArray[np.bool_]:
        """Whether each edge is one everybody may walk on, shape (e,)."""
        return np.asarray(self.edge_base == np.arange(len(self.edge_base)), bool)

    def compound_at(self, x: Floats, y: Floats) -> Ints:
        """Return the closed quarter each point lies in, ``OUTSIDE`` for none, shape (k,)."""
        found = np.full(len(x), OUTSIDE, np.int32)
        order = np.argsort(x)
        east = x[order]
        boxes = shapely.bounds(self.compounds).reshape(-1, 4)
        first, last = np.searchsorted(east, boxes[:, 0], "left"), np.searchsorted(east, boxes[:, 2], "right")
        for number in range(len(boxes) - 1, -1, -1):  # where two share a point the lower one has it
            near = order[first[number] : last[number]]
            near = near[(y[near] >= boxes[number, 1]) & (y[near] <= boxes[number, 3])]
            if len(near):
                found[near[shapely.intersects_xy(self.compounds[number], x[near], y[near])]] = number
        return found

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all arrays by name, to be kept in files."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
