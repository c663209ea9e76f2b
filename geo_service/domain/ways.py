"""Walkable ways as arrays: what a street file gives, what the store keeps, what a network is built from."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

NODE_STEPS: Final = 10_000_000  # a degree has so many steps of the node grid: 1e-7 degree is about 1 cm
_LATITUDES: Final = 180 * NODE_STEPS + 1


@dataclass(frozen=True)
class WayArrays:
    """Ways of a walking network, vertices flat, longitude and latitude in EPSG:4326 degrees.

    A node missing from the source breaks a way into parts; a part has at least two vertices.

    Attributes
    ----------
    codes, names, highways
        Per way, length w. Codes are ``w<OSM id>`` for OpenStreetMap ways.
    snap_target, step_free
        Per way: may be stepped onto from beside it; has no steps. Shape (w,).
    part_way
        Way index of each part, ascending. Shape (p,).
    part_start
        First vertex of each part, then the number of vertices. Shape (p + 1,).
    node_ids, lon, lat
        Per vertex; equal ids join ways. Shape (v,).
    """

    codes: list[str]
    names: list[str | None]
    highways: list[str]
    snap_target: npt.NDArray[np.bool_]
    step_free: npt.NDArray[np.bool_]
    part_way: npt.NDArray[np.int32]
    part_start: npt.NDArray[np.int64]
    node_ids: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]


def node_ids_of(lon_steps: npt.NDArray[np.int64], lat_steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the node ids of places in steps of the node grid: negative, equal for equal places only, shape (n,).

    Ids of OpenStreetMap are positive, so that none is met by chance.
    """
    return -1 - ((lon_steps + 180 * NODE_STEPS) * _LATITUDES + lat_steps + 90 * NODE_STEPS)
