"""Edges cut at the boundaries of closed quarters, and the joints between the pieces (PRODUCT §3.8)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo_service.analysis.compounds import EVERYONE, GATE_REACH_M, NOBODY, RESIDENTS, Arranged
from geo_service.analysis.enclosed import ANYBODY, OUTSIDE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_LEAST_M: Final = 1e-3  # a shorter stretch of a street inside or outside a quarter is none


@dataclass(frozen=True)
class Edges:
    """Edges to be cut: ends in the plane, length on the ellipsoid, metres; may be stepped onto; shape (e,)."""

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    length_m: Floats
    snap: Flags


@dataclass(frozen=True)
class Pieces:
    """Stretches of edges that lie whole inside one quarter or outside all, ordered by edge, then along it; shape (p,).

    ``start`` and ``end`` are shares of the edge, ``label`` the quarter, ``OUTSIDE`` for none.
    """

    edge: Longs
    start: Floats
    end: Floats
    label: Ints


@dataclass(frozen=True)
class Inside:
    """Stretches of edges inside the core of a quarter: edge, both ends as shares, quarter; by edge, then start."""

    edge: Longs
    start: Floats
    end: Floats
    label: Ints


def inside_stretches(edges: Edges, arranged: Arranged) -> Inside:
    """Return which stretches of the edges lie in the core of a quarter."""
    xy = np.column_stack([edges.ax, edges.ay, edges.bx, edges.by]).reshape(-1, 2, 2)
    lines = shapely.linestrings(xy)
    core, edge = shapely.STRtree(lines).query(arranged.core, predicate="intersects")
    cores = arranged.core[core]
    whole = shapely.covers(cores, lines[edge])
    cut = np.flatnonzero(~whole)
    parts, of = shapely.get_parts(shapely.intersection(lines[edge[cut]], cores[cut]), return_index=True)
    line = shapely.get_type_id(parts) == 1
    parts, of = parts[line], of[line]
    ends = np.stack([shapely.get_coordinates(shapely.get_point(parts, at)) for at in (0, -1)])
    on = edge[cut][of]
    dx, dy = edges.bx[on] - edges.ax[on], edges.by[on] - edges.ay[on]
    square = np.maximum(dx * dx + dy * dy, 1e-12)
    shares = np.sort(((ends[:, :, 0] - edges.ax[on]) * dx + (ends[:, :, 1] - edges.ay[on]) * dy) / square, axis=0)
    slack = _LEAST_M / np.maximum(edges.length_m[on], _LEAST_M)
    shares = np.where(shares < slack, 0.0, np.where(shares > 1 - slack, 1.0, shares))
    every = np.concatenate([edge[whole], on])
    start = np.concatenate([np.zeros(int(whole.sum())), shares[0]])
    end = np.concatenate([np.ones(int(whole.sum())), shares[1]])
    label = np.concatenate([core[whole], core[cut][of]]).astype(np.int32)
    long = (end - start) * edges.length_m[every] > _LEAST_M
    every, start, end, label = every[long], start[long], end[long], label[long]
    order = np.lexsort((start, every))
    return Inside(every[order], start[order], end[order], label[order])


def cut_pieces(count: int, inside: Inside, more_edge: Longs, more_share: Floats) -> Pieces:
    """Return the pieces of ``count`` edges, cut where they enter and leave quarters and at the places given more."""
    edge = np.concatenate([np.arange(count), np.arange(count), inside.edge, inside.edge, more_edge])
    share = np.concatenate([np.zeros(count), np.ones(count), inside.start, inside.end, more_share])
    order = np.lexsort((share, edge))
    edge, share = edge[order], share[order]
    fresh = np.r_[True, (edge[1:] != edge[:-1]) | (share[1:] != share[:-1])]
    edge, share = edge[fresh], share[fresh]
    same = np.flatnonzero(edge[1:] == edge[:-1])
    edge, start, end = edge[same], share[same], share[same + 1]
    label = np.full(len(edge), OUTSIDE, np.int32)
    if len(inside.edge):
        middle = (start + end) / 2
        place = np.searchsorted(inside.edge * 2 + inside.start, edge * 2 + middle, "right") - 1
        within = (place >= 0) & (inside.edge[place] == edge) & (middle < inside.end[place])
        label[within] = inside.label[place[within]]
    return Pieces(edge, start, end, label)


@dataclass(frozen=True)
class Joints:
    """Places where streets of different label meet, one entry for each side that is a quarter; shape (j,).

    ``inner`` and ``outer`` are ends (see :func:`ends_of`), ``compound`` the quarter on the inner side, ``passes`` who
    may pass its boundary here, ``free`` whether the other side lets everyone pass.
    """

    inner: Longs
    outer: Longs
    compound: Ints
    passes: npt.NDArray[np.int8]
    free: Flags


@dataclass(frozen=True)
class Ends:
    """Ends of pieces: every place (a node, a cut or a gate) once for each label that meets there; shape (n,)."""

    place: Longs
    label: Ints
    x: Floats
    y: Floats


def joints_of(ends: Ends, arranged: Arranged) -> Joints:
    """Return the joints among the ends (ordered by place), with who may pass by the gates near them."""
    one = np.flatnonzero(ends.place[1:] == ends.place[:-1])
    pairs = [np.column_stack([one, one + 1])]
    three = np.flatnonzero(ends.place[2:] == ends.place[:-2])  # two quarters and the street between meet in one place
    pairs.append(np.column_stack([three, three + 2]))
    both = np.concatenate(pairs)
    both = np.concatenate([both, both[:, ::-1]])
    both = both[ends.label[both[:, 0]] != OUTSIDE]
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    inner, outer = both[:, 0], both[:, 1]
    level = passes_at(ends, arranged)
    other = np.where(ends.label[outer] == OUTSIDE, EVERYONE, level[outer])
    return Joints(inner, outer, ends.label[inner], level[inner].astype(np.int8), other == EVERYONE)


def passes_at(ends: Ends, arranged: Arranged) -> npt.NDArray[np.int8]:
    """Return who may pass the boundary of each end's own quarter there: what the gates within reach of it let."""
    level = np.full(len(ends.place), NOBODY, np.int8)
    for end, gate in gates_near(ends, arranged):
        level[end] = max(level[end], arranged.gate_passes[gate])
    return level


def gates_near(ends: Ends, arranged: Arranged) -> list[tuple[int, int]]:
    """Return pairs of an end inside a quarter, where that meets another label, and a gate of the quarter near it."""
    meets = np.r_[ends.place[1:] == ends.place[:-1], False] | np.r_[False, ends.place[1:] == ends.place[:-1]]
    which = np.flatnonzero(meets & (ends.label != OUTSIDE))
    if not len(which) or not len(arranged.gate_x):
        return []
    tree = cKDTree(np.column_stack([arranged.gate_x, arranged.gate_y]))
    near = tree.query_ball_point(np.column_stack([ends.x[which], ends.y[which]]), GATE_REACH_M)
    return [
        (int(end), gate)
        for end, gates in zip(which, near, strict=True)
        for gate in sorted(gates)
        if arranged.gate_compound[gate] == ends.label[end]
    ]


def merged(count: int, joints: Joints) -> Longs:
    """Return the number of each end when those joined for everyone are one."""
    through = (joints.passes == EVERYONE) & joints.free
    graph = csr_matrix(
        (np.ones(int(through.sum()), np.int8), (joints.inner[through], joints.outer[through])), shape=(count, count)
    )
    _, number = connected_components(graph, directed=False)
    return np.asarray(number, np.int64)


def portals(joints: Joints, compounds: int) -> tuple[Longs, Flags]:
    """Return which joints residents pass, of quarters that need twins, and which quarters those are."""
    passable = (joints.passes >= RESIDENTS) & joints.free
    twins = np.zeros(compounds, bool)
    twins[joints.compound[passable & (joints.passes == RESIDENTS)]] = True
    return np.flatnonzero(passable & twins[joints.compound]), twins


def walls_of(arranged: Arranged, barriers: npt.NDArray[np.object_]) -> dict[str, npt.NDArray[np.generic]]:
    """Return the walls: barriers, the boundaries of cores for who is outside, of quarters for who is inside."""
    shapes = [shapely.boundary(arranged.core), shapely.boundary(arranged.shape)]
    polygon = np.isin(shapely.get_type_id(barriers), (3, 6))
    lines = barriers.copy()
    lines[polygon] = shapely.boundary(barriers[polygon])
    count = len(arranged.code)
    meant = np.concatenate([np.full(count, OUTSIDE), np.arange(count), np.full(len(lines), ANYBODY)])
    number = np.concatenate([np.full(2 * count, -1), np.arange(len(lines))])
    parts, of = shapely.get_parts(np.concatenate([*shapes, lines]), return_index=True)
    straight = np.isin(shapely.get_type_id(parts), (1, 2))
    parts, of = parts[straight], of[straight]
    xy, part = shapely.get_coordinates(parts, return_index=True)
    side = np.flatnonzero(part[1:] == part[:-1])
    start, way, of = xy[side], xy[side + 1] - xy[side], of[part[side]]
    return {
        "wall_x": start[:, 0].copy(),
        "wall_y": start[:, 1].copy(),
        "wall_dx": way[:, 0].copy(),
        "wall_dy": way[:, 1].copy(),
        "wall_for": meant[of].astype(np.int32),
        "wall_barrier": number[of].astype(np.int32),
    }
