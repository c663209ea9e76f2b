"""Which area or grid each home is counted for, and what was declared complete there."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import Connection

from geo_service.analysis.coverage import Groups
from geo_service.domain.layers import LAYERS
from geo_service.services.homes import NO_AREA, WHOLE, Areas, Homes
from geo_service.storage.frames import read_frame

_GRID_KINDS: Final = {"grid": "governance", "unit_grid": "unit"}


@dataclass(frozen=True)
class Division:
    """A division of the homes: groups with the area each group lies in.

    ``area_id`` has -1 where a group lies in no area; the last group holds homes in no area or grid if there are any.
    """

    groups: Groups
    area_id: list[int]
    has_rest: bool


def divide(conn: Connection, homes: Homes, areas: Areas, level: str) -> Division:
    """Return the division of ``homes`` by a level that is there, or ``total``."""
    if level == WHOLE:
        return Division(Groups.whole(len(homes), level=WHOLE), [-1], has_rest=False)
    if level in _GRID_KINDS:
        ids, codes, names, above, at = _by_grid(conn, homes, level)
    else:
        frame = areas.frame[areas.frame["level"] == level]
        ids = frame["id"].to_numpy(np.int64)
        codes, names, above = list(frame["code"]), list(frame["name"]), [int(ident) for ident in ids]
        up = areas.at_level[level]
        at = np.array([up.get(int(area), -1) for area in homes.area_id], np.int64)
        if level == "quarter":
            at = np.where(homes.quarter_id >= 0, homes.quarter_id, at)
    place = {int(ident): number for number, ident in enumerate(ids)}
    index = np.array([place.get(int(ident), -1) for ident in at], np.int32)
    rest = bool((index < 0).any())
    if rest:
        index = np.where(index < 0, len(codes), index).astype(np.int32)
        codes, names, above = [*codes, NO_AREA], [*names, None], [*above, -1]
    return Division(Groups(level, codes, names, index), above, has_rest=rest)


def _by_grid(
    conn: Connection, homes: Homes, level: str
) -> tuple[npt.NDArray[np.int64], list[str], list[str | None], list[int], npt.NDArray[np.int64]]:
    """Return grid ids, codes, names, areas, and the grid of each home: as registered, or where its point lies."""
    columns = ["id", "code", "name", "area_id"]
    frame = read_frame(conn, LAYERS["grids"], columns, where={"kind": _GRID_KINDS[level]})
    ids = frame["id"].to_numpy(np.int64)
    at = np.full(len(homes), -1, np.int64)
    if level == "grid":
        at = homes.grid_id
    elif len(frame):
        tree = shapely.STRtree(frame.geometry.to_numpy())
        point, cell = tree.query(shapely.points(homes.lon, homes.lat), predicate="intersects")
        at[point[::-1]] = ids[cell[::-1]]  # the first by code where two cells share a border
    if level == "unit_grid":
        used = np.isin(ids, at)  # thousands of cells hold no home
        frame, ids = frame[used], ids[used]
    names = [name if isinstance(name, str) else None for name in frame["name"]]
    return ids, list(frame["code"]), names, [int(area) for area in frame["area_id"].fillna(-1)], at


def inventory_complete(
    conn: Connection, areas: Areas, division: Division, categories: tuple[str, ...]
) -> npt.NDArray[np.object_]:
    """Return True, False or None (nobody said) for each group and category, shape (g, c).

    The statement for the smallest area at or above the group decides, of several the last one made.
    """
    columns = ["statement_area_id", "category", "is_complete", "declared_on"]
    made = pd.DataFrame(read_frame(conn, LAYERS["inventory_statements"], columns, geometry=False))
    said: dict[tuple[int, str], bool] = {}
    for area, category, complete, _ in made.sort_values("declared_on", kind="stable").itertuples(index=False):
        said[int(area), str(category)] = bool(complete)
    chains = [_chain(areas, ident) for ident in division.area_id]
    answer = np.full((len(chains), len(categories)), None, dtype=object)
    for row, chain in enumerate(chains):
        for column, category in enumerate(categories):
            answer[row, column] = next((said[a, category] for a in chain if (a, category) in said), None)
    return answer


def together(answers: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return one row for all groups: complete if all are, not if one is not, else nobody said; shape (1, c)."""
    columns = [
        False if any(one is False for one in column) else True if all(one is True for one in column) else None
        for column in answers.T
    ]
    made = np.full((1, len(columns)), None, dtype=object)
    made[0, :] = columns
    return made


def _chain(areas: Areas, ident: int) -> list[int]:
    """Return the area and everything above it, smallest first."""
    at_levels = [areas.at_level[level].get(ident) for level in ("quarter", "community", "street", "district", "city")]
    return list(dict.fromkeys(one for one in at_levels if one is not None))
