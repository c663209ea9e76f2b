"""Homes: the buildings people live in, as points with people and the areas they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import Connection

from geo_service.domain.areas import LEVELS, nearest_level, parent_prefixes
from geo_service.domain.bands import BANDS
from geo_service.domain.buildings import RESIDENTIAL_USES, UNKNOWN_USE
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
GRID_LEVELS: Final = ("grid", "unit_grid")
NO_AREA: Final = "none"
WHOLE: Final = "total"
# how sure a number of people is, best first; a result names the weakest it rests on
BASES: Final = ("households", "register", "estimate")


@dataclass(frozen=True)
class Homes:
    """Homes in the order of their code.

    Attributes
    ----------
    id, code
        Of the building, shape (h,).
    lon, lat
        Centroid, degrees, shape (h,).
    people
        Residents (常住) by band, key ``all`` for everybody, NaN where not known, shape (h,); None if nobody knows.
    people_basis
        ``households``, ``register``, ``estimate`` (the weakest that is used) or ``no_data``.
    basis
        What the number of each home rests on, empty where it is not known, shape (h,).
    area_id, quarter_id, grid_id
        Smallest area, quarter and governance grid, -1 for none, shape (h,).
    use
        What the building is used for, shape (h,).
    use_unknown_count
        Buildings left out because neither their use nor residents are known.
    """

    id: Ints
    code: npt.NDArray[np.object_]
    lon: Floats
    lat: Floats
    people: Mapping[str, Floats] | None
    people_basis: str
    basis: npt.NDArray[np.object_]
    area_id: Ints
    quarter_id: Ints
    grid_id: Ints
    use: npt.NDArray[np.object_]
    use_unknown_count: int = 0

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class Areas:
    """All areas with their ancestors.

    Attributes
    ----------
    frame
        Columns id, code, name, level; one row an area, ordered by code.
    at_level
        For each level, area id → id of its ancestor (or itself) on that level.
    """

    frame: pd.DataFrame
    at_level: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    @property
    def levels(self) -> frozenset[str]:
        """Levels of which there is an area."""
        return frozenset(self.frame["level"])

    def holds(self, area_id: int, homes: Homes) -> npt.NDArray[np.bool_]:
        """Whether each home belongs to the area, shape (h,)."""
        level = next((name for name, above in self.at_level.items() if above.get(area_id) == area_id), None)
        if level is None:
            return np.zeros(len(homes), bool)
        below = [ident for ident, above in self.at_level[level].items() if above == area_id]
        return np.asarray(np.isin(homes.area_id, below) | (homes.quarter_id == area_id), bool)


def read_homes(conn: Connection) -> Homes:
    """Return all homes: buildings with a residential use or with residents."""
    columns = ["id", "code", "use", "area_id", "grid_id", "quarter_code", "people_basis", "residents_persons"]
    bands = {band: f"age_{band}_persons" for band in BANDS}
    frame = read_frame(conn, LAYERS["buildings"], [*columns, *bands.values()])
    persons = frame["residents_persons"].to_numpy(float, na_value=np.nan)
    lives = frame["use"].isin(RESIDENTIAL_USES).to_numpy() | (np.nan_to_num(persons) > 0)
    left_out = int((frame["use"].isin([UNKNOWN_USE]).to_numpy() & ~lives).sum())
    frame, persons = frame[lives], persons[lives]
    centre = shapely.centroid(frame.geometry.to_numpy())
    lon, lat = shapely.get_x(centre), shapely.get_y(centre)
    people: dict[str, Floats] | None = None
    if np.isfinite(persons).any():
        people = {"all": persons}
        for band, column in bands.items():
            known = frame[column].to_numpy(float, na_value=np.nan)
            if np.isfinite(known).any():
                people[band] = known
    basis = np.where(np.isfinite(persons), frame["people_basis"].fillna("register").to_numpy(object), "")
    quarters = _quarter_ids(conn, frame["quarter_code"])
    return Homes(
        frame["id"].to_numpy(np.int64),
        frame["code"].to_numpy(object),
        lon,
        lat,
        people,
        weakest_basis(basis),
        basis,
        _ids(frame["area_id"]),
        quarters,
        _ids(frame["grid_id"]),
        frame["use"].to_numpy(object),
        left_out,
    )


def no_homes(homes: Homes) -> InvalidInput:
    """Return why nothing can be said without homes: ``no_homes``, or ``no_homes_use_unknown`` with their number."""
    if homes.use_unknown_count:
        return InvalidInput("no_homes_use_unknown", count=homes.use_unknown_count)
    return InvalidInput("no_homes")


def building_as_home(conn: Connection, row: Mapping[str, Any]) -> Homes:
    """Return one building (a row of the store) as a home, whatever it is used for."""
    columns = ["id", "area_id", "grid_id", "quarter_code"]
    frame = read_frame(conn, LAYERS["buildings"], columns, where={"id": row["id"]})
    centre = shapely.centroid(frame.geometry.to_numpy())
    return Homes(
        frame["id"].to_numpy(np.int64),
        np.array([row["code"]], object),
        shapely.get_x(centre),
        shapely.get_y(centre),
        None,
        "no_data",
        np.array([""], object),
        _ids(frame["area_id"]),
        _quarter_ids(conn, frame["quarter_code"]),
        _ids(frame["grid_id"]),
        np.array([row["use"]], object),
    )


def weakest_basis(basis: npt.NDArray[np.object_]) -> str:
    """Return the least sure basis among those of some homes, ``no_data`` where none is known."""
    given = set(basis)
    return next((name for name in reversed(BASES) if name in given), "no_data")


def read_areas(conn: Connection) -> Areas:
    """Return all areas; an area without a stored parent hangs under the area its code prefix names."""
    columns = ["id", "code", "name", "level", "parent_code"]
    frame = pd.DataFrame(read_frame(conn, LAYERS["areas"], columns, geometry=False))
    by_code = {str(code): int(ident) for code, ident in zip(frame["code"], frame["id"], strict=True)}
    level = {int(ident): str(name) for ident, name in zip(frame["id"], frame["level"], strict=True)}
    parent: dict[int, int | None] = {}
    for ident, code, above in zip(frame["id"], frame["code"], frame["parent_code"], strict=True):
        named = [str(above)] if isinstance(above, str) else parent_prefixes(str(code))
        parent[int(ident)] = next((by_code[one] for one in named if one in by_code), None)
    at_level: dict[str, dict[int, int]] = {name: {} for name in LEVELS}
    for ident in level:
        at: int | None = ident
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            at_level[level[at]].setdefault(ident, at)
            at = parent[at]
    return Areas(frame[["id", "code", "name", "level"]], at_level)


def level_to_use(wanted: str, areas: Areas, grid_kinds: frozenset[str]) -> str:
    """Return the level to report by: ``wanted`` if it is there, else the nearest one.

    Grids that are missing are replaced by the other kind of grid for ``unit_grid``, else by the area level nearest
    to the community; without any area everything is one row (``total``).
    """
    here = {"grid": "governance" in grid_kinds, "unit_grid": "unit" in grid_kinds}
    if here.get(wanted):
        return wanted
    if wanted == "unit_grid" and here["grid"]:
        return "grid"
    return nearest_level("community" if wanted in GRID_LEVELS else wanted, areas.levels) or WHOLE


def _ids(column: "pd.Series[float]") -> Ints:
    return np.asarray(column.fillna(-1).to_numpy(np.int64), np.int64)


def _quarter_ids(conn: Connection, codes: "pd.Series[str]") -> Ints:
    if codes.isna().all():
        return np.full(len(codes), -1, np.int64)
    areas = read_frame(conn, LAYERS["areas"], ["id", "code"], geometry=False)
    return _ids(codes.map(dict(zip(areas["code"], areas["id"], strict=True))))
