"""What one gate opened or one crossing added would do for homes far from everything on foot (PRODUCT §3.8, §3.10).

A walk uses such a change once: to the change, through it, and on to a place. So one search from the places gives what
lies behind each change, and one bounded search from the change gives who comes near enough: nothing is derived anew.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geo_service.analysis.compounds import EVERYONE
from geo_service.analysis.distances import nearest, with_entrances
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import TOLERANCE_M, Snaps
from geo_service.analysis.stepping import snap_places, with_twins

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_CELLS: Final = 4_000_000  # distances kept at a time
_ASIDE_M: Final = 0.5  # how far from a barrier one stands before it
_APART_M: Final = 50.0  # crossings nearer to each other are looked at as one
MOST_CROSSINGS: Final = 200  # of one network, those that most homes look over come first


@dataclass(frozen=True)
class Changes:
    """Gates that could be opened, or crossings that could be added; the better kind first, then by code.

    Attributes
    ----------
    code
        Code of the gate, or of the barrier crossed, length k.
    x, y
        Where, metres, shape (k,).
    seed_of, seed_node, seed_m
        Which change leads on to which node, and the walk from there through it to the nearest place, shape (s,).
    foot_of, foot_edge, foot_offset_m, foot_m
        The same for places on edges where a crossing begins, shape (f,).
    """

    code: list[str]
    x: Floats
    y: Floats
    seed_of: Longs
    seed_node: Longs
    seed_m: Floats
    foot_of: Longs
    foot_edge: Ints
    foot_offset_m: Floats
    foot_m: Floats

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True)
class Cured:
    """The best change for each of m homes (-1: none) and the walk with it (inf), shape (m,)."""

    change: Longs
    metres: Floats


def reach_of(network: Network, places: Snaps, *, step_free: bool) -> Floats:
    """Return how far each node is from the nearest of the places on foot, inf for not reachable, shape (n,)."""
    both, _ = with_twins(network, places)
    on = np.flatnonzero(both.edge >= 0)
    both = both.take(on[network.edge_step_free[both.edge[on]]] if step_free else on)
    if not len(both):
        return np.full(network.node_count, np.inf)
    graph = with_entrances(network, both, step_free=step_free)
    size = len(graph.indptr) - 1
    matrix = csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size))
    sources = np.arange(network.node_count, size)
    found: Floats = dijkstra(matrix, directed=True, indices=sources, min_only=True)[: network.node_count]
    return found


def gates_to_open(network: Network, reach_m: Floats) -> Changes:
    """Return the gates that do not let everyone pass; ``reach_m`` is that of :func:`reach_of`."""
    within = network.enclosed
    if within is None or not len(within.joint_gate):
        return _no_changes()
    closed = np.flatnonzero(within.gate_passes[within.joint_gate] < EVERYONE)
    gate, outer, inner, twin = (
        one[closed].astype(np.int64)
        for one in (within.joint_gate, within.joint_outer, within.joint_inner, within.joint_twin)
    )
    names, number = np.unique(within.gate_code[gate], return_inverse=True)
    first = np.zeros(len(names), np.int64)
    first[number[::-1]] = gate[::-1]
    some = twin >= 0
    of = np.concatenate([number, number, number[some]])
    node = np.concatenate([outer, inner, twin[some]])
    metres = np.concatenate([reach_m[inner], reach_m[outer], reach_m[outer[some]]])
    xy = np.column_stack([within.gate_x[first], within.gate_y[first]])
    return _changes([str(name) for name in names], xy, (of, node, metres), _NO_FEET)


@dataclass(frozen=True)
class Spots:
    """Where a crossing would lead from one side to the other.

    Attributes
    ----------
    code
        Code of the barrier, or of the line somebody drew, length k.
    one, two
        Its ends, metres, shape (k, 2).
    over_m
        The walk from one end to the other, shape (k,).
    """

    code: list[str]
    one: Floats
    two: Floats
    over_m: Floats

    def __len__(self) -> int:
        return len(self.code)


def crossing_spots(network: Network, lines: npt.NDArray[np.object_]) -> Spots:
    """Return where straight lines from homes to places cross a single barrier, by barrier.

    ``lines`` lead from each home to its nearest place by air. Of more than :data:`MOST_CROSSINGS` spots those are
    taken that most lines cross.
    """
    within = network.enclosed
    if within is None or not len(within.barrier_code) or not len(lines):
        return Spots([], np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))
    line, wall = within.walls.query(lines, predicate="intersects")
    barrier = within.wall_barrier[wall]
    line, wall, barrier = line[barrier >= 0], wall[barrier >= 0], barrier[barrier >= 0]
    at = shapely.line_locate_point(
        lines[line], shapely.centroid(shapely.intersection(lines[line], within.walls.geometries[wall]))
    )
    begin, end = np.full(len(lines), np.inf), np.full(len(lines), -np.inf)
    least, most = np.full(len(lines), len(within.barrier_code)), np.full(len(lines), -1)
    for ufunc, target, values in ((np.minimum, begin, at), (np.maximum, end, at), (np.minimum, least, barrier)):
        ufunc.at(target, line, values)
    np.maximum.at(most, line, barrier)
    single = np.flatnonzero((least == most) & (most >= 0))
    one = shapely.get_coordinates(shapely.line_interpolate_point(lines[single], begin[single] - _ASIDE_M))
    two = shapely.get_coordinates(shapely.line_interpolate_point(lines[single], end[single] + _ASIDE_M))
    over = np.hypot(*(two - one).T)
    which, homes = _spots(most[single], (one + two) / 2, over)
    which = which[np.sort(np.argsort(-homes, kind="stable")[:MOST_CROSSINGS])]
    codes = [str(within.barrier_code[place]) for place in most[single][which]]
    return Spots(codes, one[which], two[which], over[which])


def crossings_between(network: Network, places: Snaps, spots: Spots, *, step_free: bool) -> Changes:
    """Return the crossings at ``spots``, in their order: each joins the nearest streets at its ends.

    One without a street at both ends leads nowhere; ``places`` are those walked to.
    """
    sides = [snap_places(network, side[:, 0], side[:, 1]) for side in (spots.one, spots.two)]
    good = np.flatnonzero(sides[0].snapped & sides[1].snapped)
    if not len(good):
        return _changes(spots.code, (spots.one + spots.two) / 2, _NO_SEEDS, _NO_FEET)
    sides = [side.take(good) for side in sides]
    owner = np.zeros(len(places), np.int32)
    seeds: list[tuple[Longs, Longs, Floats]] = []
    feet: list[tuple[Longs, Ints, Floats, Floats]] = []
    for here, there in (sides, sides[::-1]):
        beyond = nearest(network, places, owner, there, step_free=step_free).metres + spots.over_m[good] + here.leg_m
        both, of = with_twins(network, here)
        feet.append((good[of], both.edge, both.offset_m, beyond[of]))
        seeds += [(good[of], end, beyond[of] + walk) for end, walk in _ends(network, both, with_leg=False)]
    return _changes(spots.code, (spots.one + spots.two) / 2, _together(seeds), _together(feet))


def best_change(
    network: Network, changes: Changes, homes: Snaps, xy: Floats, *, limit_m: float, step_free: bool
) -> Cured:
    """Return the change that gives each home the shortest walk within the limit; of equal ones the first.

    ``homes`` as :func:`~geo_service.analysis.stepping.snap_homes` gives them, ``xy`` where they stand, shape (m, 2).
    """
    best = Cured(np.full(len(homes), -1, np.int64), np.full(len(homes), np.inf))
    on = np.flatnonzero(homes.edge >= 0)
    if step_free:
        on = on[network.edge_step_free[homes.edge[on]]]
    if not len(on) or not len(changes):
        return best
    _along_edges(best, changes, homes, on, limit_m)
    tree = cKDTree(xy[on])
    away, _ = tree.query(np.column_stack([changes.x, changes.y]), distance_upper_bound=limit_m + TOLERANCE_M)
    usable = np.flatnonzero((changes.seed_m <= limit_m) & np.isfinite(away)[changes.seed_of])
    if not len(usable):
        return best
    graph = network.adjacency(step_free=step_free)
    graph = graph.with_links(changes.seed_node[usable, None], changes.seed_m[usable, None])
    size = len(graph.indptr) - 1
    matrix = csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size))
    (u, to_u), (v, to_v) = _ends(network, homes.take(on))
    of = changes.seed_of[usable]
    block = max(1, _CELLS // size)
    for first in range(0, len(usable), block):
        part = np.arange(first, min(first + block, len(usable)))
        reach = dijkstra(matrix, directed=True, indices=network.node_count + part, limit=limit_m + 1e-3)
        for row, change in enumerate(of[part].tolist()):
            near = np.array(tree.query_ball_point((changes.x[change], changes.y[change]), limit_m), np.int64)
            far = np.minimum(reach[row, u[near]] + to_u[near], reach[row, v[near]] + to_v[near])
            _improve(best, on[near], far, change, limit_m)
    return best


def _along_edges(best: Cured, changes: Changes, homes: Snaps, on: Longs, limit_m: float) -> None:
    """Improve the homes on an edge where a crossing begins: they walk along it."""
    by_edge = on[np.argsort(homes.edge[on], kind="stable")]
    first, last = (np.searchsorted(homes.edge[by_edge], changes.foot_edge, side) for side in ("left", "right"))
    for foot in np.flatnonzero((last > first) & (changes.foot_m <= limit_m)).tolist():
        there = by_edge[first[foot] : last[foot]]
        along = np.abs(homes.offset_m[there] - changes.foot_offset_m[foot])
        _improve(best, there, homes.leg_m[there] + along + changes.foot_m[foot], int(changes.foot_of[foot]), limit_m)


def _improve(best: Cured, home: Longs, metres: Floats, change: int, limit_m: float) -> None:
    some = np.flatnonzero(metres <= limit_m + TOLERANCE_M)
    home, metres = home[some], metres[some]
    nearer = best.metres[home] - metres
    found = (nearer > TOLERANCE_M) | ((nearer >= -TOLERANCE_M) & (change < best.change[home]))
    best.metres[home[found]], best.change[home[found]] = metres[found], change


_NO_SEEDS: Final = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
_NO_FEET: Final = (np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))


def _no_changes() -> Changes:
    return _changes([], np.zeros((0, 2)), _NO_SEEDS, _NO_FEET)


def _changes(
    code: list[str], xy: Floats, seeds: tuple[Longs, Longs, Floats], feet: tuple[Longs, Ints, Floats, Floats]
) -> Changes:
    some, there = np.isfinite(seeds[2]), np.isfinite(feet[3])
    x, y = xy[:, 0].copy(), xy[:, 1].copy()
    return Changes(
        code,
        x,
        y,
        seeds[0][some],
        seeds[1][some],
        seeds[2][some],
        feet[0][there],
        feet[1][there],
        feet[2][there],
        feet[3][there],
    )


def _together(parts: Any) -> Any:
    """Return the columns of all parts, each as one array."""
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _ends(network: Network, snaps: Snaps, *, with_leg: bool = True) -> list[tuple[Longs, Floats]]:
    """Return both ends of the edges the snaps lie on, with the walks there."""
    edge = snaps.edge
    leg = snaps.leg_m if with_leg else 0.0
    return [
        (network.edge_u[edge].astype(np.int64), leg + snaps.offset_m),
        (network.edge_v[edge].astype(np.int64), leg + network.edge_length_m[edge] - snaps.offset_m),
    ]


def _spots(barrier: Longs, xy: Floats, width_m: Floats) -> tuple[Longs, Longs]:
    """Return the narrowest crossing of each barrier in each cell of the plane, and how many lines cross there."""
    cell = np.floor(xy / _APART_M).astype(np.int64)
    order = np.lexsort((xy[:, 1], xy[:, 0], width_m, cell[:, 1], cell[:, 0], barrier))
    keys = np.column_stack([barrier, cell])[order]
    fresh = np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)] if len(keys) else np.zeros(0, bool)
    heads = np.flatnonzero(fresh)
    return order[heads], np.diff(np.r_[heads, len(keys)])
