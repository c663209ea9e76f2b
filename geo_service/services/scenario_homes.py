"""New homes of a what-if: where they stand, whose they are, what they are counted by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL
from geo_service.analysis.increments import Feet
from geo_service.analysis.states import boundary_distances
from geo_service.analysis.stepping import snap_homes
from geo_service.domain.bands import BANDS
from geo_service.domain.scenarios import Edit
from geo_service.services.groups import Division, divide
from geo_service.services.homes import Homes
from geo_service.services.networks import assign
from geo_service.services.scenario_ground import Ground, Persons
from geo_service.services.told import told_people
from geo_service.storage.places import load_places

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Newcomers:
    """New homes, and the division of all homes with them.

    Attributes
    ----------
    homes
        Who they are, n of them.
    network, feet
        Network of each, shape (n,), and their feet there, by whether one walks without steps and by network.
    snap_m, boundary_m
        As in :class:`geo_service.services.walks.Walks`, shape (n,).
    division
        What all homes are counted by, these last.
    persons, least
        Their people as they are told and at least.
    """

    homes: Homes
    network: npt.NDArray[np.int32]
    feet: Mapping[bool, list[Feet]]
    snap_m: Floats
    boundary_m: Floats
    division: Division
    persons: Persons
    least: Persons

    def __len__(self) -> int:
        return len(self.homes)


def newcomers(conn: Connection, ground: Ground, edits: Sequence[Edit], salt: bytes) -> Newcomers:
    """Return the homes that edits add."""
    asked = [edit for edit in edits if edit.edit == "homes_add"]
    lon, lat = (np.array([edit.position[axis] for edit in asked if edit.position], float) for axis in (0, 1))
    homes = _homes(conn, asked, lon, lat)
    network = assign(ground.networks, lon, lat) if asked else np.zeros(0, np.int32)
    snap_m, boundary_m = np.full(len(asked), np.nan), np.full(len(asked), np.inf)
    feet: dict[bool, list[Feet]] = {step_free: [] for step_free in ground.footings}
    metres = max(limit.metres for _, limit in ground.walkers.values())
    for number, streets in enumerate(ground.networks):
        here = network == number
        x, y = streets.frame.to_metric(lon[here], lat[here])
        snaps = snap_homes(streets.network, x, y)
        for step_free, footing in ground.footings.items():
            feet[step_free].append(Feet.of(footing.paved[number].chains, snaps))
        snap_m[here] = snaps.leg_m
        if here.any() and not streets.is_closed:
            boundary_m[here] = boundary_distances(streets.extent, streets.frame, x, y, metres)
    division = _division(conn, ground, homes) if asked else ground.division
    _, persons, least = told_people(homes, salt)
    return Newcomers(homes, network, feet, snap_m, boundary_m, division, persons, least)


def _homes(conn: Connection, asked: Sequence[Edit], lon: Floats, lat: Floats) -> Homes:
    bands = list(BANDS) if any(edit.people for edit in asked) else []
    people = {ALL: np.array([edit.residents for edit in asked], float)}
    people |= {band: np.array([_persons(edit, band) for edit in asked]) for band in bands}
    count = len(asked)
    area = grid = np.full(count, -1, np.int64)
    if count:
        places = load_places(conn)
        points = shapely.points(lon, lat)
        area, grid = (np.where(ids > 0, ids, -1) for ids in (places.areas_of(points), places.grids_of(points)))
    codes = [f"new {edit.position} {edit.residents} {sorted(edit.people.items())}" for edit in asked]
    return Homes(
        np.arange(-1, -1 - count, -1, dtype=np.int64),
        np.array(codes, object),
        lon,
        lat,
        people if count else None,
        "estimate" if count else "no_data",
        np.array(["estimate"] * count, object),
        area,
        np.full(count, -1, np.int64),
        grid,
        np.array(["residential"] * count, object),
    )


def _persons(edit: Edit, band: str) -> float:
    """Return the people of a band: not known where nothing was said of any."""
    return edit.people.get(band, 0.0) if edit.people else np.nan


def _division(conn: Connection, ground: Ground, homes: Homes) -> Division:
    """Return the division of all homes, with groups that only new homes lie in; those in none stay the last."""
    before, own = ground.division, divide(conn, homes, ground.areas, ground.by)
    listed = [(one, len(one.groups.codes) - one.has_rest) for one in (before, own)]
    codes = {code: number for number, code in enumerate(before.groups.codes[: listed[0][1]])}
    names, areas = list(before.groups.names[: listed[0][1]]), before.area_id[: listed[0][1]]
    place = []
    for number in range(listed[1][1]):
        code = own.groups.codes[number]
        if code not in codes:
            codes[code] = len(codes)
            names.append(own.groups.names[number])
            areas = [*areas, own.area_id[number]]
        place.append(codes[code])
    rest = len(codes)
    written = list(codes)
    if before.has_rest or own.has_rest:
        source = before if before.has_rest else own
        written, names, areas = [*written, source.groups.codes[-1]], [*names, None], [*areas, -1]
    old = np.append(np.arange(listed[0][1]), rest)[before.groups.index]
    new = np.append(np.array(place, np.int64), rest)[own.groups.index]
    groups = replace(
        before.groups, codes=written, names=names, index=np.concatenate([old, new]).astype(np.int32)
    )  # fmt: skip
    return Division(groups, areas, has_rest=before.has_rest or own.has_rest)
