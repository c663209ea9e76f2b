"""A layer of lines as ways of a walking network: equal coordinates are one node (PRODUCT §3.1)."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo_service.domain.streets import STEPPED, is_snap_target, is_walkable
from geo_service.domain.ways import NODE_STEPS, WayArrays, node_ids_of

DEFAULT_HIGHWAY: Final = "footway"


def walkable_rows(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows one may walk by their ``highway`` (footway where it is empty), shape (r,)."""
    return np.array([is_walkable({"highway": kind}) for kind in _highways(frame)], dtype=bool)


def ways_of_lines(frame: Any) -> WayArrays:
    """Return the rows of a layer of lines as ways.

    Parameters
    ----------
    frame
        ``code``, ``geometry`` (MultiLineString, EPSG:4326) and, where the file has them, ``name``, ``highway``,
        ``is_snap_target``, ``is_step_free``; an empty cell of the last two follows from ``highway``.

    Returns
    -------
    WayArrays
        Coordinates rounded to 1e-7 degree. Node ids are negative and follow from the rounded coordinates alone, so
        that lines join wherever they have a vertex in common, across files too, and never join ways of
        OpenStreetMap by chance. A line without length is left out.
    """
    parts, part_way = shapely.get_parts(np.asarray(frame.geometry.array, dtype=object), return_index=True)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    steps = np.rint(coordinates * NODE_STEPS).astype(np.int64)
    moves = np.ones(len(steps), dtype=bool)
    moves[1:] = (part[1:] != part[:-1]) | (steps[1:] != steps[:-1]).any(axis=1)
    steps, part = steps[moves], part[moves]
    sizes = np.bincount(part, minlength=len(parts))
    steps, part_way, sizes = steps[sizes[part] > 1], part_way[sizes > 1], sizes[sizes > 1]
    rows, part_way = np.unique(part_way, return_inverse=True)
    kinds = [_highways(frame)[row] for row in rows]
    return WayArrays(
        codes=[str(frame["code"].iloc[row]) for row in rows],
        names=[frame["name"].iloc[row] for row in rows] if "name" in frame else [None] * len(rows),
        highways=kinds,
        snap_target=_flags(frame, "is_snap_target", rows, [is_snap_target({"highway": kind}) for kind in kinds]),
        step_free=_flags(frame, "is_step_free", rows, [kind not in STEPPED for kind in kinds]),
        part_way=part_way.astype(np.int32),
        part_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        node_ids=node_ids_of(steps[:, 0], steps[:, 1]),
        lon=steps[:, 0] / NODE_STEPS,
        lat=steps[:, 1] / NODE_STEPS,
    )


def _highways(frame: pd.DataFrame) -> list[str]:
    return (
        [kind or DEFAULT_HIGHWAY for kind in frame["highway"]] if "highway" in frame else [DEFAULT_HIGHWAY] * len(frame)
    )


def _flags(frame: pd.DataFrame, column: str, rows: npt.NDArray[np.int64], usual: list[bool]) -> npt.NDArray[np.bool_]:
    """Return a column's flags, ``usual`` where a cell is empty."""
    given = [frame[column].iloc[row] for row in rows] if column in frame else [None] * len(rows)
    return np.array(
        [other if flag is None else bool(flag) for flag, other in zip(given, usual, strict=True)], dtype=bool
    )
