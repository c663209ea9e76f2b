"""Closed quarters before streets are looked at: which enclose anybody, whose gates are whose (PRODUCT §3.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]

NOBODY, RESIDENTS, EVERYONE = 0, 1, 2
GATE_REACH_M: Final = 15.0  # farther from a boundary a gate is none of it
RIM_M: Final = 2.0  # a street that runs along the boundary no deeper inside than this is outside
_SAME_M: Final = 0.5  # boundaries as near as this to a gate that names no quarter are alike


@dataclass(frozen=True)
class Grounds:
    """Closed quarters, gates and barriers in one metric frame, as they are recorded.

    Attributes
    ----------
    compound_code, compound_shape
        Codes and polygons of the quarters that are closed.
    gate_code, gate_x, gate_y
        Codes and places of gates, metres.
    gate_quarter
        Code of the quarter each gate is recorded for, None for the one whose boundary is nearest.
    gate_passes
        ``NOBODY``, ``RESIDENTS`` or ``EVERYONE``.
    barrier_code, barrier_shape
        Codes and shapes of walls, waters and railways.
    """

    compound_code: Sequence[str]
    compound_shape: Sequence[shapely.Geometry]
    gate_code: Sequence[str]
    gate_x: Floats
    gate_y: Floats
    gate_quarter: Sequence[str | None]
    gate_passes: npt.NDArray[np.int8]
    barrier_code: Sequence[str]
    barrier_shape: Sequence[shapely.Geometry]


@dataclass(frozen=True)
class Arranged:
    """Quarters that enclose somebody, none overlapping, and their gates; all ordered by code.

    Attributes
    ----------
    code, shape, core
        Per quarter, shape (q,): codes (overlapping ones joined by ``+``), polygon, and the polygon without its rim:
        what lies in the core is inside for streets.
    gate_code, gate_x, gate_y, gate_compound, gate_passes
        Gates on a boundary, moved onto it; one entry for each boundary a gate belongs to, shape (g,).
    without_gate
        Closed quarters that residents could not leave; they are taken as open.
    overlapping
        Codes of closed quarters taken as one since they overlap.
    far_gates
        Gates farther than ``GATE_REACH_M`` from the boundary of the quarter they are recorded for: without effect.
    """

    code: list[str]
    shape: Objects
    core: Objects
    gate_code: list[str]
    gate_x: Floats
    gate_y: Floats
    gate_compound: Longs
    gate_passes: npt.NDArray[np.int8]
    without_gate: list[str]
    overlapping: list[str]
    far_gates: list[str]


def arrange(grounds: Grounds) -> Arranged:
    """Return the quarters that enclose somebody, with their gates.

    A quarter encloses somebody if at least one gate on its boundary lets its residents pass; otherwise nobody could
    leave, and it is taken as open. Quarters whose cores overlap are one. A gate belongs to the quarter it is recorded
    for, else to the one whose boundary is nearest, within ``GATE_REACH_M``.
    """
    code, shape, members = _joined(grounds)
    core = shapely.buffer(shape, -RIM_M, join_style="mitre")
    gate, owner, far = _gates(grounds, shape, members)
    passes = grounds.gate_passes[gate]
    kept = ~shapely.is_empty(core) & np.isin(np.arange(len(code)), owner[passes >= RESIDENTS])
    number = np.cumsum(kept) - 1
    on = kept[owner]
    gate, owner = gate[on], owner[on]
    rings = shapely.boundary(shape)
    x, y = np.asarray(grounds.gate_x, float)[gate], np.asarray(grounds.gate_y, float)[gate]
    places = shapely.get_coordinates(shapely.shortest_line(rings[owner], shapely.points(x, y))).reshape(-1, 2, 2)[:, 0]
    return Arranged(
        [one for one, stays in zip(code, kept, strict=True) if stays],
        shape[kept],
        core[kept],
        [grounds.gate_code[one] for one in gate],
        places[:, 0].copy(),
        places[:, 1].copy(),
        number[owner],
        grounds.gate_passes[gate],
        [one for one, stays in zip(code, kept, strict=True) if not stays],
        sorted(one for group in members if len(group) > 1 for one in group),
        far,
    )


def _joined(grounds: Grounds) -> tuple[list[str], Objects, list[list[str]]]:
    """Return codes and polygons ordered by code, those whose cores overlap as one, and the codes each is made of."""
    order = sorted(range(len(grounds.compound_code)), key=lambda place: grounds.compound_code[place])
    codes = [grounds.compound_code[place] for place in order]
    shape = np.empty(len(order), object)
    shape[:] = [grounds.compound_shape[place] for place in order]
    broken = np.flatnonzero(~shapely.is_valid(shape))
    shape[broken] = shapely.buffer(shape[broken], 0)
    core = shapely.buffer(shape, -RIM_M, join_style="mitre")
    one, two = shapely.STRtree(core).query(core, predicate="intersects") if len(core) else (order, order)
    one, two = np.asarray(one, np.int64), np.asarray(two, np.int64)
    apart = one < two
    one, two = one[apart], two[apart]
    deep = shapely.area(shapely.intersection(core[one], core[two])) > 0
    graph = csr_matrix((np.ones(int(deep.sum())), (one[deep], two[deep])), shape=(len(codes), len(codes)))
    count, group = connected_components(graph, directed=False)
    members = [[codes[place] for place in np.flatnonzero(group == number)] for number in range(count)]
    merged = np.empty(count, object)
    for number in range(count):
        places = np.flatnonzero(group == number)
        merged[number] = shape[places[0]] if len(places) == 1 else shapely.union_all(shape[places])
    return ["+".join(part) for part in members], merged, members


def _gates(grounds: Grounds, shape: Objects, members: Sequence[Sequence[str]]) -> tuple[Longs, Longs, list[str]]:
    """Return pairs of gate and quarter, ordered by the gates' codes, and the codes of gates that stand too far off."""
    place = {code: number for number, group in enumerate(members) for code in group}
    rings = shapely.boundary(shape)
    order = np.array(sorted(range(len(grounds.gate_code)), key=lambda one: grounds.gate_code[one]), np.int64)
    if not len(shape) or not len(order):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), []
    points = shapely.points(np.asarray(grounds.gate_x, float), np.asarray(grounds.gate_y, float))
    gate, ring = shapely.STRtree(rings).query(points, predicate="dwithin", distance=GATE_REACH_M)
    off = shapely.distance(points[gate], rings[ring])
    nearest = np.full(len(points), np.inf)
    np.minimum.at(nearest, gate, off)
    named = np.array([-1 if code is None else place.get(code, -2) for code in grounds.gate_quarter], np.int64)
    belongs = np.where(named[gate] == -1, off <= nearest[gate] + _SAME_M, named[gate] == ring)
    gate, ring = gate[belongs], ring[belongs]
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    sort = np.lexsort((ring, rank[gate]))
    stands = np.isin(np.arange(len(points)), gate)
    far = [grounds.gate_code[one] for one in order if named[one] >= 0 and not stands[one]]
    return gate[sort], ring[sort], far
