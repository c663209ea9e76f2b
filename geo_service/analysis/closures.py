"""The network as closed quarters leave it: cut at their boundaries, joined again at their gates (PRODUCT §3.8).

How it is made and why searches on it are exact: decision 27.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.adjacency import Adjacency, adjacency_of
from geo_service.analysis.compounds import RESIDENTS, Arranged
from geo_service.analysis.cuts import (
    Edges,
    Ends,
    Joints,
    Pieces,
    cut_pieces,
    gates_near,
    inside_stretches,
    joints_of,
    merged,
    portals,
    walls_of,
)
from geo_service.analysis.detours import detours
from geo_service.analysis.enclosed import OUTSIDE, Enclosed
from geo_service.analysis.gate_links import Links, link_gates
from geo_service.analysis.network import Network

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def enclose(
    network: Network, arranged: Arranged, barrier_code: Sequence[str], barrier_shape: Sequence[shapely.Geometry]
) -> Network:
    """Return the network derived from one without closures.

    Parameters
    ----------
    network
        As :func:`geo_service.analysis.network.build_network` gives it.
    arranged
        Closed quarters and gates in its frame.
    barrier_code, barrier_shape
        Walls, waters and railways in its frame: no leg from a home or a place to a street crosses one.

    Returns
    -------
    Network
        With ``enclosed``; the network itself where there is neither a closed quarter nor a barrier.
    """
    if not arranged.code and not len(barrier_code):
        return network
    order = sorted(range(len(barrier_code)), key=lambda place: barrier_code[place])
    barriers = np.empty(len(order), object)
    barriers[:] = [barrier_shape[place] for place in order]
    bare = _bare(network, arranged, [barrier_code[place] for place in order], barriers)
    if not arranged.code:
        return _signed(network, replace(network, enclosed=bare))
    u, v = network.edge_u, network.edge_v
    edges = Edges(network.x[u], network.y[u], network.x[v], network.y[v], network.edge_length_m, network.edge_snap)
    inside = inside_stretches(edges, arranged)
    nothing = np.zeros(0, np.int64)
    pieces = cut_pieces(network.edge_count, inside, nothing, np.zeros(0))
    first = _Plan.of(network, edges, pieces, None, arranged)
    used = {gate for _, gate in gates_near(first.ends, arranged)}
    idle = np.array([gate for gate in range(len(arranged.gate_code)) if gate not in used], np.int64)
    links = link_gates(edges, pieces, bare, arranged, idle)
    if len(links):
        indoor = links.inner_edge >= 0
        more = np.concatenate([links.outer_edge, links.inner_edge[indoor]])
        share = np.concatenate([links.outer_share, links.inner_share[indoor]])
        pieces = cut_pieces(network.edge_count, inside, more, share)
        first = _Plan.of(network, edges, pieces, links, arranged)
    return _signed(network, _assembled(network, first, arranged, bare))


@dataclass(frozen=True)
class _Plan:
    """Pieces and links with their ends and joints: ends, length, edge they are of (-1: a link), flags; shape (p,)."""

    ends: Ends
    joints: Joints
    one: Longs
    two: Longs
    length_m: Floats
    edge: Longs
    label: Ints
    snap: Flags
    step_free: Flags

    @classmethod
    def of(cls, network: Network, edges: Edges, pieces: Pieces, links: Links | None, arranged: Arranged) -> "_Plan":
        """Number the places (nodes, cuts, gates, stubs) and the labels that meet in them."""
        cut = np.flatnonzero(pieces.start > 0)
        number = np.full(len(pieces.edge) + 1, -1, np.int64)
        number[cut] = network.node_count + np.arange(len(cut))
        start = np.where(pieces.start > 0, number[:-1], network.edge_u[pieces.edge])
        end = np.where(pieces.end < 1, number[1:], network.edge_v[pieces.edge])
        share, of = pieces.start[cut], pieces.edge[cut]
        x = np.concatenate([network.x, edges.ax[of] + share * (edges.bx[of] - edges.ax[of])])
        y = np.concatenate([network.y, edges.ay[of] + share * (edges.by[of] - edges.ay[of])])
        one, two, label, edge = [start], [end], [pieces.label], [pieces.edge]
        length = [(pieces.end - pieces.start) * network.edge_length_m[pieces.edge]]
        snap, step_free = [network.edge_snap[pieces.edge]], [network.edge_step_free[pieces.edge]]
        if links is not None:
            keys = of * 2 + share

            def foot(edge: Longs, share: Floats) -> Longs:
                place = network.node_count + np.searchsorted(keys, edge * 2 + share)
                at_end = np.where(share <= 0, network.edge_u[edge], network.edge_v[edge])
                return np.where((share > 0) & (share < 1), place, at_end)

            gate = len(x) + np.arange(len(links))
            stub = gate + len(links)
            stubbed = links.inner_edge < 0
            x = np.concatenate([x, arranged.gate_x[links.gate], np.nan_to_num(links.stub_x)])
            y = np.concatenate([y, arranged.gate_y[links.gate], np.nan_to_num(links.stub_y)])
            one += [gate, gate]
            two += [
                foot(links.outer_edge, links.outer_share),
                np.where(stubbed, stub, foot(np.maximum(links.inner_edge, 0), links.inner_share)),
            ]
            compound = arranged.gate_compound[links.gate].astype(np.int32)
            label += [np.full(len(links), OUTSIDE, np.int32), compound]
            edge += [np.full(2 * len(links), -1)]
            length += [links.outer_leg_m, links.inner_leg_m]
            passable = arranged.gate_passes[links.gate] >= RESIDENTS
            snap += [np.zeros(len(links), bool), stubbed & passable]
            step_free += [np.ones(2 * len(links), bool)]
        place, labels = np.concatenate([*one, *two]), np.concatenate([*label, *label])
        wide = len(arranged.code) + 1
        keys, at = np.unique(place * wide + labels + 1, return_inverse=True)
        where = keys // wide
        ends = Ends(where.astype(np.int64), (keys % wide - 1).astype(np.int32), x[where], y[where])
        count = len(place) // 2
        return cls(
            ends,
            joints_of(ends, arranged),
            at[:count],
            at[count:],
            np.concatenate(length),
            np.concatenate(edge),
            np.concatenate(label),
            np.concatenate(snap),
            np.concatenate(step_free),
        )


def _assembled(network: Network, plan: _Plan, arranged: Arranged, bare: Enclosed) -> Network:
    """Return the base and the twins as one network."""
    ends, joints = plan.ends, plan.joints
    number = merged(len(ends.place), joints)
    base_count = int(number.max()) + 1
    portal, with_twins = portals(joints, len(arranged.code))
    twinned = np.flatnonzero((plan.label != OUTSIDE) & with_twins[plan.label])
    doubled = np.unique(np.concatenate([plan.one[twinned], plan.two[twinned]]))
    twin = np.full(len(ends.place), -1, np.int64)
    twin[doubled] = base_count + np.arange(len(doubled))
    u = np.concatenate([number[plan.one], twin[plan.one[twinned]]])
    v = np.concatenate([number[plan.two], twin[plan.two[twinned]]])
    of = np.concatenate([np.arange(len(plan.one)), twinned])
    nodes = base_count + len(doubled)
    x, y, node_id = np.empty(nodes), np.empty(nodes), np.empty(nodes, np.int64)
    own = np.where(ends.place < network.node_count, ends.place, 0)
    name = np.where(ends.place < network.node_count, network.node_id[own], -1 - ends.place)
    for target, which in ((number, np.arange(len(number))), (twin[doubled], doubled)):
        x[target], y[target], node_id[target] = ends.x[which], ends.y[which], name[which]
    in_base = np.arange(len(of)) < len(plan.one)
    made = _Made(u, v, plan.length_m[of], plan.snap[of] & in_base, plan.step_free[of])
    outer, inner = number[joints.outer[portal]], twin[joints.inner[portal]]
    rounds = _rounds(
        made,
        len(plan.one),
        np.column_stack([x, y])[:base_count],
        nodes,
        (joints.compound[portal].astype(np.int64), outer, inner),
    )
    made = made.extended(rounds)
    x = np.concatenate([x, np.repeat(0.0, rounds.nodes)])
    y = np.concatenate([y, np.repeat(0.0, rounds.nodes)])
    middle = nodes + np.arange(rounds.nodes)
    x[middle], y[middle] = x[rounds.middle_of], y[rounds.middle_of]
    node_id = np.concatenate([node_id, np.full(rounds.nodes, np.iinfo(np.int64).min)])
    lower, higher = np.minimum(made.u, made.v), np.maximum(made.u, made.v)
    order = np.lexsort((np.arange(len(lower)), higher, lower))
    fresh = np.r_[True, (np.diff(lower[order]) > 0) | (np.diff(higher[order]) > 0)]  # a detour beside a street is none
    order = order[fresh & (lower[order] != higher[order])]
    place = np.full(len(lower), -1, np.int64)
    place[order] = np.arange(len(order))
    # numbers before the sorting: pieces, their twins, detours
    before_twin = np.full(len(lower), -1, np.int64)
    before_twin[twinned] = len(plan.one) + np.arange(len(twinned))
    before_base = np.arange(len(lower))
    before_base[len(plan.one) :] = -1
    before_base[len(plan.one) : len(plan.one) + len(twinned)] = twinned
    source = np.concatenate([of, np.full(len(lower) - len(of), -1)])
    label = np.where(source >= 0, plan.label[source], OUTSIDE)
    edge = np.where(source >= 0, plan.edge[source], -1)
    way = np.where(edge >= 0, network.edge_way[np.maximum(edge, 0)], -1)
    edge_u, edge_v, length = lower[order].astype(np.int32), higher[order].astype(np.int32), made.length_m[order]
    both = adjacency_of(len(x), edge_u, edge_v, length)

    def moved(before: Longs) -> Ints:
        return np.where(before[order] >= 0, place[before[order]], -1).astype(np.int32)

    gate_of = _joint_gates(ends, joints, arranged)
    compound = joints.compound[gate_of[:, 1]]
    return replace(
        network,
        node_id=node_id,
        x=x,
        y=y,
        indptr=both.indptr,
        indices=both.indices,
        lengths=both.lengths,
        edge_u=edge_u,
        edge_v=edge_v,
        edge_length_m=length,
        edge_way=way[order].astype(np.int32),
        edge_snap=made.snap[order],
        edge_step_free=made.step_free[order],
        enclosed=replace(
            bare,
            edge_compound=label[order].astype(np.int32),
            edge_twin=moved(before_twin),
            edge_base=moved(before_base),
            link_from=outer.astype(np.int32),
            link_to=inner.astype(np.int32),
            joint_gate=gate_of[:, 0].astype(np.int32),
            joint_compound=compound.astype(np.int32),
            joint_outer=number[joints.outer[gate_of[:, 1]]].astype(np.int32),
            joint_inner=number[joints.inner[gate_of[:, 1]]].astype(np.int32),
            joint_twin=twin[joints.inner[gate_of[:, 1]]].astype(np.int32),
        ),
    )


@dataclass(frozen=True)
class _Made:
    """Edges before they are sorted."""

    u: Longs
    v: Longs
    length_m: Floats
    snap: Flags
    step_free: Flags

    def extended(self, more: "_Rounds") -> "_Made":
        """Return the edges with detours."""
        count = len(more.u)
        return _Made(
            np.concatenate([self.u, more.u]),
            np.concatenate([self.v, more.v]),
            np.concatenate([self.length_m, more.length_m]),
            np.concatenate([self.snap, np.zeros(count, bool)]),
            np.concatenate([self.step_free, more.step_free]),
        )

    def adjacency(self, some: slice, first: int, nodes: int, *, step_free: bool) -> Adjacency:
        """Return the adjacency of some of the edges, between ``nodes`` nodes from ``first`` on."""
        kept = self.step_free[some] if step_free else np.ones(len(self.u[some]), bool)
        return adjacency_of(nodes, self.u[some][kept] - first, self.v[some][kept] - first, self.length_m[some][kept])


@dataclass(frozen=True)
class _Rounds:
    """Edges of detours; those without steps go over a node of their own, placed where ``middle_of`` is."""

    u: Longs
    v: Longs
    length_m: Floats
    step_free: Flags
    nodes: int
    middle_of: Longs


def _rounds(made: _Made, pieces: int, xy: Floats, nodes: int, gates: tuple[Longs, Longs, Longs]) -> _Rounds:
    """Return the detours of residents, those with steps and those without.

    ``gates`` are quarter, outer and twin node of the joints residents pass; the first ``pieces`` edges are the base,
    whose nodes lie at ``xy``.
    """
    first = len(xy)
    compound, outer, inner = (one[np.argsort(gates[0], kind="stable")] for one in gates)

    def found(*, step_free: bool) -> tuple[Longs, Longs, Floats]:
        outside = made.adjacency(slice(0, pieces), 0, first, step_free=step_free)
        inside = made.adjacency(slice(pieces, None), first, nodes - first, step_free=step_free)
        some = detours(outside, inside, (compound, outer, inner - first), xy)
        return inner[some.one], inner[some.two], some.metres

    u, v, metres = found(step_free=False)
    if made.step_free.all():
        return _Rounds(u, v, metres, np.ones(len(u), bool), 0, np.zeros(0, np.int64))
    free_u, free_v, free_m = found(step_free=True)
    middle = nodes + np.arange(len(free_u))
    return _Rounds(
        np.concatenate([u, free_u, free_v]),
        np.concatenate([v, middle, middle]),
        np.concatenate([metres, free_m / 2, free_m / 2]),
        np.concatenate([np.zeros(len(u), bool), np.ones(2 * len(free_u), bool)]),
        len(free_u),
        free_u,
    )


def _joint_gates(ends: Ends, joints: Joints, arranged: Arranged) -> Longs:
    """Return pairs of a gate and a joint it is within reach of, shape (k, 2)."""
    by_end: dict[int, list[int]] = {}
    for joint, end in enumerate(joints.inner.tolist()):
        by_end.setdefault(end, []).append(joint)
    pairs = [(gate, joint) for end, gate in gates_near(ends, arranged) for joint in by_end.get(end, [])]
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _bare(network: Network, arranged: Arranged, barrier_code: list[str], barriers: npt.NDArray[np.object_]) -> Enclosed:
    """Return walls, quarters and gates for the network's edges as they are, none of them in a quarter."""
    content = [shapely.to_wkb(shape) for shape in arranged.shape]
    no_nodes = np.zeros(0, np.int32)
    return Enclosed(
        edge_compound=np.full(network.edge_count, OUTSIDE, np.int32),
        edge_twin=np.full(network.edge_count, -1, np.int32),
        edge_base=np.arange(network.edge_count, dtype=np.int32),
        link_from=no_nodes,
        link_to=no_nodes,
        compound_code=np.array(arranged.code, np.str_),
        compound_wkb=np.frombuffer(b"".join(content), np.uint8),
        compound_start=np.concatenate([[0], np.cumsum([len(one) for one in content])]).astype(np.int64),
        **walls_of(arranged, barriers),  # type: ignore[arg-type]
        barrier_code=np.array(barrier_code, np.str_),
        gate_code=np.array(arranged.gate_code, np.str_),
        gate_passes=arranged.gate_passes.astype(np.int8),
        gate_x=arranged.gate_x,
        gate_y=arranged.gate_y,
        joint_gate=no_nodes,
        joint_compound=no_nodes,
        joint_outer=no_nodes,
        joint_inner=no_nodes,
        joint_twin=no_nodes,
    )


def _signed(network: Network, derived: Network) -> Network:
    """Return the derived network with a fingerprint of all that makes it."""
    digest = sha256(network.fingerprint.encode())
    assert derived.enclosed is not None
    for array in (derived.edge_u, derived.edge_v, derived.edge_length_m, *derived.enclosed.arrays().values()):
        digest.update(np.ascontiguousarray(array).tobytes())
    return replace(derived, fingerprint=digest.hexdigest())
