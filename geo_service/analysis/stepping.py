"""Where people and places are joined to a network, by legs that cross no wall (PRODUCT §3.2, §3.8)."""

import numpy as np
import numpy.typing as npt

from geo_service.analysis.barriers import Standing, legs_clear, nearest_seen
from geo_service.analysis.network import Network
from geo_service.analysis.snapping import REACH_M, Snaps, snap

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


def snap_places(network: Network, x: npt.ArrayLike, y: npt.ArrayLike, max_m: float = REACH_M) -> Snaps:
    """Return where places that people walk to (entrances, candidates, points of a circle) join the network.

    The nearest place on a snap target within ``max_m`` that a straight leg reaches without crossing a barrier or the
    boundary of a closed quarter. ``x`` and ``y`` in the network's metric frame, metres, shape (k,); not finite means
    not snapped.
    """
    if network.enclosed is None:
        return snap(network.snap_index, x, y, max_m)
    return _seen(network, np.asarray(x, np.float64), np.asarray(y, np.float64), max_m)


def snap_homes(network: Network, x: npt.ArrayLike, y: npt.ArrayLike, max_m: float = REACH_M) -> Snaps:
    """Return where people step out of their homes; as :func:`snap_places`, but they pass the gates of their quarter.

    Only as origins of :func:`~geo_service.analysis.distances.nearest_by_group`, starts of
    :func:`~geo_service.analysis.pairs.pairs_within` and origins of :func:`~geo_service.analysis.routes.route`.
    """
    found = snap_places(network, x, y, max_m)
    if network.enclosed is None:
        return found
    twin = network.enclosed.edge_twin[found.edge]
    edge = np.where((found.edge >= 0) & (twin >= 0), twin, found.edge).astype(np.int32)
    return Snaps(edge, found.offset_m, found.leg_m, found.x, found.y)


def with_twins(network: Network, places: Snaps) -> tuple[Snaps, Longs]:
    """Return the places, then once more those in closed quarters, where their residents stand; and which each is."""
    of = np.arange(len(places))
    if network.enclosed is None or not network.edge_count:
        return places, of
    twin = network.enclosed.edge_twin[places.edge]
    inside = np.flatnonzero((places.edge >= 0) & (twin >= 0))
    of = np.concatenate([of, inside])
    both = places.take(of)
    edge = np.concatenate([places.edge, twin[inside]]).astype(np.int32)
    return Snaps(edge, both.offset_m, both.leg_m, both.x, both.y), of


def _seen(network: Network, x: Floats, y: Floats, max_m: float) -> Snaps:
    """Return the snaps by legs that cross nothing: first by the index, then looking round the walls for the others."""
    enclosed, index = network.enclosed, network.snap_index
    assert enclosed is not None
    found = snap(index, x, y, max_m)
    near = np.flatnonzero(found.edge >= 0)
    label = enclosed.compound_at(x[near], y[near])
    blocked = enclosed.edge_compound[found.edge[near]] != label
    level = np.flatnonzero(~blocked)
    who = near[level]
    blocked[level] = ~legs_clear(enclosed, Standing(x[who], y[who], label[level]), found.x[who], found.y[who])
    who = near[blocked]
    if not len(who):
        return found
    steps = nearest_seen(network.targets, enclosed, Standing(x[who], y[who], label[blocked]), reach_m=max_m)
    line = np.maximum(steps.line, 0)
    missing = steps.line < 0
    found.edge[who] = np.where(missing, -1, index.edge[line])
    found.offset_m[who] = np.where(missing, np.nan, steps.share * index.length_m[line])
    found.leg_m[who] = np.where(missing, np.nan, steps.leg_m)
    found.x[who] = np.where(missing, np.nan, index.x[line] + steps.share * index.dx[line])
    found.y[who] = np.where(missing, np.nan, index.y[line] + steps.share * index.dy[line])
    return found
