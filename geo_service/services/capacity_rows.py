"""Rows of a capacity result: places and people by area or grid, and one row a facility."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import Groups
from geo_service.domain.suppression import FEWEST_PERSONS, hidden_cells
from geo_service.services.groups import Division
from geo_service.services.homes import NO_AREA, WHOLE
from geo_service.services.reach import Reached
from geo_service.services.supply import BEYOND, COUNTED, REACHED, UNKNOWN, Places, Supply, admitted_of, persons_of

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]
_STATES: Final = {"reached": REACHED, "beyond_reach": BEYOND, "unknown": UNKNOWN}
_PER: Final = 1000.0
ROW_COLUMNS: Final = (
    *("level", "code", "name", "enough_share", "places_per_1000"),
    *(f"people_{one}" for one in ("total", "enough", *_STATES, "partly_known", "below_needed")),
    *(f"buildings_{one}" for one in ("total", *_STATES, "partly_known", "without_people")),
)
FACILITY_COLUMNS: Final = (
    "code", "name", "status", "capacity", "capacity_unit", "people_within", "demand_persons", "places_per_1000",
    "load_share", "lon", "lat",
)  # fmt: skip


@dataclass(frozen=True)
class Persons:
    """People of each home by band as they are counted, their least number, and which homes count; shapes (h,).

    ``least`` is None where people are exact.
    """

    people: Mapping[str, Floats]
    least: Mapping[str, Floats] | None
    keep: Flags


def group_rows(
    division: Division, supply: Supply, found: Places, counted: Persons
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the row of everybody and the rows of each area or grid.

    ``places_per_1000`` is the mean over the people whose places are known (reached or beyond reach); those of
    ``partly_known`` find at least so many. ``people_enough`` find as many as are needed,
    ``enough_share`` of all. Groups without homes that are there for homes only (unit grid cells, no
    area) are left out.
    """
    groups = division.groups
    size = len(groups.codes)
    table = _Table.of(groups, size, supply, found, counted)
    rows = []
    for place, (code, name) in enumerate(zip(groups.codes, groups.names, strict=True)):
        is_rest = division.has_rest and place == size - 1
        if (is_rest or groups.level == "unit_grid") and not table.buildings[place].any():
            continue
        head = (NO_AREA, None, None) if is_rest else (groups.level, code, name)
        rows.append(table.row(place, head))
    if groups.level == WHOLE:
        rows = []
    return [table.row(size, (WHOLE, None, None))], rows


def facility_rows(supply: Supply, near: Reached, found: Places, counted: Persons) -> list[dict[str, Any]]:
    """Return one row a facility in the order of codes; load is weighted demand by places, above 1 it is too small.

    For some readers its figures of people, demand and load among them, stand only where they are proven to count five
    people at least.
    """
    targets = supply.targets
    enough = np.ones(len(targets), bool)
    if counted.least is not None:  # proven by the ages it admits alone; 0 is told where nobody's home is near
        pairs = counted.keep[near.home]
        facility, home = near.facility[pairs], near.home[pairs]
        least = admitted_of(supply, counted.least, home, facility)
        sums = np.bincount(facility, weights=np.nan_to_num(least), minlength=len(targets))
        enough = (sums >= FEWEST_PERSONS) | (np.bincount(facility, minlength=len(targets)) == 0)
    rows = []
    door = np.searchsorted(targets.place_owner, np.arange(len(targets)))  # the first of each, in order of owners
    lon, lat = targets.place_lon[door].tolist(), targets.place_lat[door].tolist()
    numbers = (found.catchment.demand, supply.given, found.people_within, enough)
    columns = zip(*(one.tolist() for one in numbers), strict=True)
    for place, (demand, capacity, within, is_enough) in enumerate(columns):
        counts = supply.status[place] == COUNTED
        told = counts and is_enough
        row = {
            "code": targets.code[place],
            "name": targets.name[place],
            "status": supply.status[place],
            "capacity": None if math.isnan(capacity) else plain_number(capacity),
            "capacity_unit": supply.unit[place],
            "people_within": plain_number(within) if told else None,
            "demand_persons": round(demand, 2) if told else None,
            "places_per_1000": round(capacity / demand * _PER, 2) if told and demand > 0 else None,
            "load_share": round(demand / capacity, 6) if told else None,
            "lon": round(lon[place], 7),
            "lat": round(lat[place], 7),
        }
        rows.append(row if counted.least is None else row | {"withheld": counts and not told})
    return rows


@dataclass(frozen=True)
class _Table:
    """Sums by group, the last row everybody; columns as ``_STATES``, then their total."""

    persons: Floats
    buildings: Floats
    partly: Floats
    below: Floats | None
    enough: Floats | None
    places: Floats
    weight: Floats
    without: Floats
    known: Flags
    hidden: Flags | None
    hidden_parts: Flags | None
    hidden_enough: Flags | None

    @classmethod
    def of(cls, groups: Groups, size: int, supply: Supply, found: Places, counted: Persons) -> "_Table":
        concerned = supply.concerned(counted.people)
        counts = counted.keep & (groups.index >= 0)
        here: slice | Longs = slice(None) if counts.all() else np.flatnonzero(counts)
        group, state = groups.index[here].astype(np.int64), found.state[here]
        persons, known = np.nan_to_num(concerned[here]), ~np.isnan(concerned[here])
        places, partly = found.catchment.places[here], found.is_partly[here]
        is_known = state != UNKNOWN

        cell = group * len(_STATES) + _COLUMN[state]

        def by_state(weight: Floats | None) -> Floats:
            flat = np.bincount(cell, weights=weight, minlength=size * len(_STATES)).astype(np.float64)
            sums = flat.reshape(size, len(_STATES))
            return _with_total(np.column_stack([sums, sums.sum(axis=1)]))

        def sums(weight: Floats | None, which: Flags) -> Floats:
            if not which.any():
                return np.zeros(size + 1)
            own = which if weight is None else weight if which.all() else weight * which
            return _with_total(np.bincount(group, weights=own, minlength=size).astype(np.float64))

        needed = supply.rule.needed_per_1000
        is_below = None if needed is None else is_known & ~partly & (places * _PER < needed)
        is_enough = None if needed is None else is_known & (places * _PER >= needed)
        hidden = parts = few = None
        if counted.least is not None:
            least = np.nan_to_num(persons_of(counted.least, supply.rule.bands)[here])
            by = by_state(least)[None, None]
            hidden = hidden_cells(by_state(persons)[None, None], by, by_state(None)[None, None] > 0)[0, 0]
            parts = np.column_stack([sums(least, partly), sums(least, is_known)]) < FEWEST_PERSONS
            if is_below is not None and is_enough is not None:
                thirds = (is_enough, is_below, ~is_enough & ~is_below)

                def by_third(weight: Floats | None) -> Floats:
                    own = [sums(weight, one) for one in thirds]
                    return np.column_stack([*own, sum(own)])[None, None]

                few = hidden_cells(by_third(persons), by_third(least), by_third(None) > 0)[0, 0]
                # all of a row or nothing: enough, too few and the others follow from each other
                few = few.any(axis=1) | hidden.any(axis=1)
        return cls(
            by_state(persons),
            by_state(None),
            np.column_stack([sums(persons, partly), sums(None, partly)]),
            None if is_below is None else sums(persons, is_below),
            None if is_enough is None else sums(persons, is_enough),
            sums(persons * places, is_known),
            sums(persons, is_known),
            sums(None, ~known),
            sums(None, known) > 0,
            hidden,
            parts,
            few,
        )

    def row(self, place: int, head: tuple[str, str | None, str | None]) -> dict[str, Any]:
        """Return the row of a group; people are None where not known or, for some readers, too few."""
        row: dict[str, Any] = dict(zip(("level", "code", "name"), head, strict=True))
        known = bool(self.known[place])
        columns = [*(f"people_{one}" for one in _STATES), "people_total"]
        people = {
            key: plain_number(value) if known else None for key, value in zip(columns, self.persons[place], strict=True)
        }
        weight = float(self.weight[place])
        per_1000 = round(self.places[place] / weight * _PER, 2) if known and weight > 0 else None
        people["people_partly_known"] = plain_number(self.partly[place, 0]) if known else None
        for key, sums in (("people_below_needed", self.below), ("people_enough", self.enough)):
            people[key] = plain_number(sums[place]) if known and sums is not None else None
        withheld = False
        if self.hidden is not None and self.hidden_parts is not None and known:
            few = [key for key, is_few in zip(columns, self.hidden[place], strict=True) if is_few]
            if self.hidden_parts[place, 0]:
                few.append("people_partly_known")
            if self.hidden_enough is not None and self.hidden_enough[place]:
                few += ["people_below_needed", "people_enough"]
            people |= dict.fromkeys(few)
            if self.hidden_parts[place, 1]:
                per_1000 = None
            withheld = bool(few)
        buildings = {
            f"buildings_{key}": int(value)
            for key, value in zip((*_STATES, "total"), self.buildings[place], strict=True)
        }
        buildings |= {
            "buildings_partly_known": int(self.partly[place, 1]),
            "buildings_without_people": int(self.without[place]),
        }
        total, enough = people["people_total"], people["people_enough"]
        share = round(enough / total, 6) if total and enough is not None else None
        row |= {"enough_share": share, "places_per_1000": per_1000} | people | buildings
        ordered = {key: row[key] for key in ROW_COLUMNS}
        return ordered if self.hidden is None else ordered | {"withheld": withheld}


# column in ``_STATES`` of each state
_COLUMN: Final = np.argsort(np.array(list(_STATES.values())))


def _with_total(sums: Floats) -> Floats:
    return np.concatenate([sums, sums.sum(axis=0, keepdims=True)])


def plain_number(value: float) -> int | float:
    """Return whole numbers whole, others to three digits."""
    return int(value) if float(value).is_integer() else round(float(value), 3)


def plain_numbers(values: Floats) -> list[int | float]:
    """Return :func:`plain_number` of each value."""
    is_whole = np.floor(values) == values
    whole: list[int | float] = np.where(is_whole, values, 0.0).astype(np.int64).tolist()
    for place in np.flatnonzero(~is_whole).tolist():
        whole[place] = plain_number(values[place])
    return whole
