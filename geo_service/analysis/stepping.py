"""Where people and places are joined to a walking network (PRODUCT §3.2, §3.8)."""

import numpy.typing as npt

from geo_service.analysis.network import Network
from geo_service.analysis.snapping import REACH_M, Snaps, snap


def snap_places(network: Network, x: npt.ArrayLike, y: npt.ArrayLike, max_m: float = REACH_M) -> Snaps:
    """Return where places that people walk to (entrances, candidates, points of a circle) join the network.

    ``x`` and ``y`` in the network's metric frame, metres, shape (k,); not finite means not snapped.
    """
    return snap(network.snap_index, x, y, max_m)


def snap_homes(network: Network, x: npt.ArrayLike, y: npt.ArrayLike, max_m: float = REACH_M) -> Snaps:
    """Return where people step out of their homes; as :func:`snap_places`, but they pass the gates of their quarter.

    Only as origins of :func:`~geo_service.analysis.distances.nearest_by_group`, starts of
    :func:`~geo_service.analysis.pairs.pairs_within` and origins of :func:`~geo_service.analysis.routes.route`.
    """
    return snap(network.snap_index, x, y, max_m)
