"""Walking distance to the nearest of many targets, for many origins at once (PRODUCT §3.1–3.2)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo_service.analysis.adjacency import Adjacency, adjacency_of
from geo_service.analysis.chains import Chains
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import TOLERANCE_M, Snaps
from geo_service.analysis.stepping import with_twins
from geo_service.foundation.threads import in_blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_MARGIN_M: Final = 1e-3  # the search goes this much farther than the limit, so that rounding loses nothing at it
_GROUPS: Final = 8  # groups searched before their distances are read off: as many arrays of all junctions are kept


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
    snaps, of = with_twins(network, targets.snaps)
    targets = Targets(snaps, targets.owner[of], targets.group[of])
    targets = targets.take(_usable(network, snaps, step_free=step_free))
    which = _usable(network, origins, step_free=step_free)
    search = _Search.of(network.chains(step_free=step_free), targets, limit_m)
    walkers = search.streets.stands(origins, which)
    metres, owner = _nothing(group_count, len(origins))
    for first in range(0, group_count, _GROUPS):
        reaches = [search.run(group) for group in range(first, min(first + _GROUPS, group_count))]

        def read(part: slice, first: int = first, reaches: list[_Reach | None] = reaches) -> None:
            some = walkers.part(part)
            for group, reach in enumerate(reaches, first):
                if reach is not None:
                    reach.read(some, which[part], metres[group], owner[group])

        in_blocks(len(which), read)
    return Nearest(metres, owner)


def _nothing(groups: int, origins: int) -> tuple[Floats, Ints]:
    """Return metres and owner where nothing has been found yet."""
    metres, owner = np.empty((groups, origins)), np.empty((groups, origins), np.int32)

    def clear(part: slice) -> None:
        metres[:, part], owner[:, part] = np.inf, -1

    in_blocks(origins, clear)  # to touch new memory for the first time is what takes long
    return metres, owner


def with_entrances(network: Network, entrances: Snaps, *, step_free: bool, from_places: bool = True) -> Adjacency:
    """Return the adjacency with one more node per entrance (numbers n, n + 1, …) that leads to both ends of its edge.

    The links carry the access leg and lead only away from the entrance, so no walk passes through one.
    ``from_places`` is that of :meth:`Network.adjacency`.
    """
    edge = entrances.edge
    to_u = entrances.leg_m + entrances.offset_m
    to_v = entrances.leg_m + (network.edge_length_m[edge] - entrances.offset_m)
    walk = network.adjacency(step_free=step_free, from_places=from_places)
    ends = np.column_stack([network.edge_u[edge], network.edge_v[edge]])
    return walk.with_links(ends, np.column_stack([to_u, to_v]))


def _usable(network: Network, snaps: Snaps, *, step_free: bool) -> Longs:
    """Return which snaps lie on an edge that may be walked on."""
    which = np.flatnonzero(snaps.edge >= 0)
    return which[network.edge_step_free[snaps.edge[which]]] if step_free else which


@dataclass(frozen=True)
class _Stands:
    """Between which two nodes points stand, and the walks to both with the access leg, metres; all of shape (k,)."""

    u: Longs
    v: Longs
    to_u_m: Floats
    to_v_m: Floats

    def part(self, part: slice) -> "_Stands":
        """Return some of them."""
        return _Stands(self.u[part], self.v[part], self.to_u_m[part], self.to_v_m[part])


@dataclass(frozen=True)
class _Streets:
    """The chains cut where targets have their foot, so that none lies between the two ends of a piece.

    Nodes are the junctions and then the feet, in the order of their chains and along these; ``foot`` is the node of
    each target. The pieces of chain ``c``, from its ``u`` on, follow each other from number ``c`` + feet on earlier
    chains on. ``u``, ``v``, ``from_m`` and ``to_m`` are the ends of each piece and where on the chain they lie.
    """

    chains: Chains
    foot: Longs
    place: Floats  # of each foot in the order of the nodes: number of its chain + half the share of it that lies before
    u: Longs
    v: Longs
    from_m: Floats
    to_m: Floats

    @classmethod
    def of(cls, chains: Chains, targets: Snaps) -> "_Streets":
        """Return the streets cut at the targets, all of them on a chain."""
        chain, along = chains.edge_chain[targets.edge], chains.along_m(targets.edge, targets.offset_m)
        order = np.lexsort((along, chain))
        node = chains.junction_count + np.arange(len(order))
        foot = np.empty(len(order), np.int64)
        foot[order] = node
        chain, along = chain[order], along[order]
        place = _place(chains, chain, along)
        before = chain + np.arange(len(order))
        behind = before + 1
        count = np.bincount(chain, minlength=len(chains.u))
        last = np.arange(len(chains.u)) + np.cumsum(count)
        size = len(chains.u) + len(order)
        u, v, from_m, to_m = np.empty(size, np.int64), np.empty(size, np.int64), np.zeros(size), np.empty(size)
        u[last - count], v[last], to_m[last] = chains.u, chains.v, chains.length_m
        u[behind], from_m[behind] = node, along
        v[before], to_m[before] = node, along
        return cls(chains, foot, place, u, v, from_m, to_m)

    def graph(self, leg_m: Floats) -> csr_matrix:
        """Return the graph of the nodes and then the targets, from which one link each leads to the foot."""
        streets = adjacency_of(self.chains.junction_count + len(self.foot), self.u, self.v, self.to_m - self.from_m)
        streets = streets.with_one_way(self.chains.link_from, self.chains.link_to)
        linked = streets.with_links(self.foot[:, None], leg_m[:, None])
        size = len(linked.indptr) - 1
        return csr_matrix((linked.lengths, linked.indices, linked.indptr), shape=(size, size))

    def stands(self, snaps: Snaps, which: Longs) -> _Stands:
        """Return where the snaps ``which`` (all on a chain) stand."""
        u, v = np.empty(len(which), np.int64), np.empty(len(which), np.int64)
        to_u, to_v = np.empty(len(which)), np.empty(len(which))

        def stand(part: slice) -> None:
            some = which[part]
            edge, leg = snaps.edge.take(some), snaps.leg_m.take(some)
            chain, along = self.chains.edge_chain.take(edge), self.chains.along_m(edge, snaps.offset_m.take(some))
            piece = chain + np.searchsorted(self.place, _place(self.chains, chain, along))
            u[part], v[part] = self.u.take(piece), self.v.take(piece)
            to_u[part] = leg + np.abs(along - self.from_m.take(piece))
            to_v[part] = leg + np.abs(self.to_m.take(piece) - along)

        in_blocks(len(which), stand)
        return _Stands(u, v, to_u, to_v)


def _place(chains: Chains, chain: Ints, along_m: Floats) -> Floats:
    """Return a number that grows along each chain and from one to the next: less than 0.1 µm lost to rounding."""
    length = chains.length_m.take(chain)
    share: Floats = np.divide(along_m, length, out=np.zeros(len(chain)), where=length > 0)
    share *= 0.5
    share += chain
    return share


@dataclass(frozen=True)
class _Search:
    """Streets with targets, ready for searches."""

    streets: _Streets
    graph: csr_matrix
    targets: Targets
    limit_m: float

    @classmethod
    def of(cls, chains: Chains, targets: Targets, limit_m: float) -> "_Search":
        """Return the search from ``targets``, all of them on a chain."""
        streets = _Streets.of(chains, targets.snaps)
        return cls(streets, streets.graph(targets.snaps.leg_m), targets, limit_m)

    def run(self, group: int) -> "_Reach | None":
        """Return how far it is from every node to the nearest target of the group; None if there is no target."""
        members = np.flatnonzero(self.targets.group == group)
        if not len(members):
            return None
        nodes = self.graph.shape[0] - len(self.targets.owner)
        reach, _, source = dijkstra(
            self.graph,
            directed=True,
            indices=nodes + members,
            min_only=True,
            return_predecessors=True,
            limit=self.limit_m + _MARGIN_M,
        )
        reached = source[:nodes] >= 0
        owner = np.full(nodes, -1, np.int32)
        owner[reached] = self.targets.owner[source[:nodes][reached] - nodes]
        return _Reach(reach[:nodes], owner, self.limit_m)


@dataclass(frozen=True)
class _Reach:
    """Metres from each node to the nearest target of a group, and its owner; inf and -1 beyond the limit."""

    metres: Floats
    owner: Ints
    limit_m: float

    def read(self, walkers: _Stands, at: Longs, metres: Floats, owner: Ints) -> None:
        """Write metres and owner of the nearest target to the places ``at`` of the walkers that reach one."""
        by_u = self.metres.take(walkers.u)  # ``take`` is faster than an index in brackets
        by_u += walkers.to_u_m
        by_v = self.metres.take(walkers.v)
        by_v += walkers.to_v_m
        far = np.minimum(by_u, by_v)
        found = np.flatnonzero(far <= self.limit_m + TOLERANCE_M if np.isfinite(self.limit_m) else far < np.inf)
        by_u_first = by_u.take(found) <= by_v.take(found)
        places = at.take(found)
        metres[places] = far.take(found)
        owner[places] = self.owner.take(np.where(by_u_first, walkers.u.take(found), walkers.v.take(found)))
