"""Walking distance to the nearest of many targets, for many origins at once (PRODUCT §3.1–3.2)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo_service.analysis.network import Adjacency, Network
from geo_service.analysis.snapping import TOLERANCE_M, Snaps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

_MARGIN_M: Final = 1e-3  # the search goes this much farther than the limit, so that rounding loses nothing at it


@dataclass(frozen=True)
class Targets:
    """What is walked to: snapped entrances, the owner (facility) of each and the group it counts for, all shape (k,).

    A facility with several entrances has one entry per entrance with the same owner. Groups are numbered from 0:
    categories for example, or category x verified.
    """

    snaps: Snaps
    owner: Ints
    group: Ints

    def take(self, which: npt.NDArray[np.generic]) -> "Targets":
        """Return the entries at ``which`` (indices or flags)."""
        return Targets(self.snaps.take(which), self.owner[which], self.group[which])


@dataclass(frozen=True)
class Nearest:
    """The nearest target of each origin.

    Attributes
    ----------
    metres
        Walking distance including both access legs; inf if none is reachable (or none within the limit asked
        for, or the origin is not snapped). Shape (m,), or (groups, m) from :func:`nearest_by_group`.
    owner
        ``target_owner`` of that target, -1 where ``metres`` is inf. Same shape.
    """

    metres: Floats
    owner: Ints


def nearest(
    network: Network,
    targets: Snaps,
    target_owner: npt.ArrayLike,
    origins: Snaps,
    *,
    limit_m: float = np.inf,
    step_free: bool = False,
) -> Nearest:
    """Return the walking distance of every origin to its nearest target and whose target that is.

    The walk is access leg + along the network + access leg; two points on the same edge may also walk directly
    along it.

    Parameters
    ----------
    network
        The network both were snapped to.
    targets, target_owner
        Snapped targets and the owner number of each, shape (k,). Targets that are not snapped are left out.
    origins
        Snapped origins, shape (m,).
    limit_m
        Walks longer than this need not be found: they come back as inf. Without it the search is unbounded.
    step_free
        Walk without steps (wheelchair profile).
    """
    owner = np.asarray(target_owner, np.int32)
    one = Targets(targets, owner, np.zeros(len(owner), np.int32))
    found = nearest_by_group(network, one, 1, origins, limit_m=limit_m, step_free=step_free)
    return Nearest(found.metres[0], found.owner[0])


def nearest_by_group(
    network: Network,
    targets: Targets,
    group_count: int,
    origins: Snaps,
    *,
    limit_m: float = np.inf,
    step_free: bool = False,
) -> Nearest:
    """Return, for each group of targets, what :func:`nearest` returns for that group alone; faster together.

    The results have the shape (``group_count``, m).
    """
    targets = targets.take(_usable(network, targets.snaps, step_free=step_free))
    search = _Search.of(network, targets, origins, limit_m=limit_m, step_free=step_free)
    metres = np.full((group_count, len(origins)), np.inf)
    owner = np.full((group_count, len(origins)), -1, np.int32)
    for group in range(group_count):
        members = np.flatnonzero(targets.group == group)
        if len(members):
            which, found, whose = search.run(members)
            metres[group, which], owner[group, which] = found, whose
    return Nearest(metres, owner)


def with_entrances(network: Network, entrances: Snaps, *, step_free: bool) -> Adjacency:
    """Return the adjacency with one more node per entrance (numbers n, n + 1, …) that leads to both ends of its edge.

    The links carry the access leg and lead only away from the entrance, so no walk passes through one.
    """
    walk = network.adjacency(step_free=step_free)
    edge = entrances.edge
    to_u = entrances.leg_m + entrances.offset_m
    to_v = entrances.leg_m + (network.edge_length_m[edge] - entrances.offset_m)
    links = np.column_stack([network.edge_u[edge], network.edge_v[edge]]).ravel()
    ends = len(walk.indices) + 2 * np.arange(1, len(entrances) + 1)
    return Adjacency(
        np.concatenate([walk.indptr, ends]).astype(np.int32),
        np.concatenate([walk.indices, links]).astype(np.int32),
        np.concatenate([walk.lengths, np.column_stack([to_u, to_v]).ravel()]),
    )


def _usable(network: Network, snaps: Snaps, *, step_free: bool) -> npt.NDArray[np.int64]:
    """Return which snaps lie on an edge that may be walked on."""
    which = np.flatnonzero(snaps.edge >= 0)
    return which[network.edge_step_free[snaps.edge[which]]] if step_free else which


@dataclass(frozen=True)
class _Search:
    """One network with entrances and the origins that can walk at all, ready for searches."""

    network: Network
    graph: csr_matrix
    targets: Targets
    limit_m: float
    which: npt.NDArray[np.int64]  # place of each walker among all origins
    walkers: Snaps
    u: Ints
    v: Ints
    to_u_m: Floats
    to_v_m: Floats

    @classmethod
    def of(cls, network: Network, targets: Targets, origins: Snaps, *, limit_m: float, step_free: bool) -> "_Search":
        """Return the search from ``targets`` (all of them usable) for ``origins``."""
        graph = with_entrances(network, targets.snaps, step_free=step_free)
        size = len(graph.indptr) - 1
        matrix = csr_matrix((graph.lengths, graph.indices, graph.indptr), shape=(size, size))
        which = _usable(network, origins, step_free=step_free)
        walkers = origins.take(which)
        to_u = walkers.leg_m + walkers.offset_m
        to_v = walkers.leg_m + (network.edge_length_m[walkers.edge] - walkers.offset_m)
        u, v = network.edge_u[walkers.edge], network.edge_v[walkers.edge]
        return cls(network, matrix, targets, limit_m, which, walkers, u, v, to_u, to_v)

    def run(self, members: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Floats, Ints]:
        """Return which origins reach one of the targets ``members``, the metres, and the owner of the nearest."""
        nodes = self.network.node_count
        reach, _, source = dijkstra(
            self.graph,
            directed=True,
            indices=nodes + members,
            min_only=True,
            return_predecessors=True,
            limit=self.limit_m + _MARGIN_M,
        )
        by_u = reach[self.u]
        by_u += self.to_u_m
        by_v = reach[self.v]
        by_v += self.to_v_m
        metres = np.minimum(by_u, by_v)
        beside, direct, entrance = self._walk_along(members)
        nearer = direct < metres[beside]
        beside, entrance = beside[nearer], entrance[nearer]
        metres[beside] = direct[nearer]
        found = np.flatnonzero(metres <= self.limit_m + TOLERANCE_M if np.isfinite(self.limit_m) else metres < np.inf)
        target = source[np.where(by_u[found] <= by_v[found], self.u[found], self.v[found])] - nodes
        within = metres[beside] <= self.limit_m + TOLERANCE_M
        target[np.searchsorted(found, beside[within])] = entrance[within]
        return self.which[found], metres[found], self.targets.owner[target]

    def _walk_along(self, members: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Floats, Ints]:
        """Return the walkers on an edge of a target, and metres and number of the target nearest along that edge."""
        snaps = self.targets.snaps
        order = members[np.argsort(snaps.edge[members], kind="stable")]
        edges = snaps.edge[order]
        holds = np.zeros(self.network.edge_count, bool)
        holds[edges] = True
        beside = np.flatnonzero(holds[self.walkers.edge])
        first = np.searchsorted(edges, self.walkers.edge[beside], side="left")
        count = np.searchsorted(edges, self.walkers.edge[beside], side="right") - first
        best = np.full(len(beside), np.inf)
        nearest_target = np.zeros(len(beside), np.int32)
        for step in range(int(count.max(initial=0))):
            some = np.flatnonzero(count > step)
            who, at = beside[some], order[first[some] + step]
            between = np.abs(self.walkers.offset_m[who] - snaps.offset_m[at])
            direct = self.walkers.leg_m[who] + between + snaps.leg_m[at]
            nearer = direct < best[some]
            best[some[nearer]] = direct[nearer]
            nearest_target[some[nearer]] = at[nearer]
        return beside, best, nearest_target
