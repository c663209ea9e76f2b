"""Before and after: the people of every area by state, as a what-if has them, exact and as they are told."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.analysis.states import COVERED, NOT_COVERED, STATES, UNKNOWN
from geo_service.domain.suppression import hidden_cells
from geo_service.services.ages import NO_AGE, by_age
from geo_service.services.groups import Division
from geo_service.services.homes import NO_AREA, WHOLE

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Persons = Mapping[str, Floats]
_STATES: Final = {"covered": COVERED, "not_covered": NOT_COVERED, "unknown": UNKNOWN}
SIDES: Final = ("before", "after", "difference")
COUNTED: Final = tuple(f"{what}_{one}" for what in ("people", "buildings") for one in ("total", *_STATES))
COLUMNS: Final = (
    *("scenario", "level", "code", "name", "category", "band"),
    *(f"{one}_{side}" for one in COUNTED for side in SIDES),
)


class Views(Protocol):
    """States of homes by age band."""

    @property
    def is_limited(self) -> bool:
        """Whether a facility admits certain ages only."""

    def states(self, band: str | None) -> Codes:
        """Return the states for people of a band; None: by any facility."""


@dataclass(frozen=True)
class Counts:
    """Sums by band, group (the last: all of them) and state.

    Attributes
    ----------
    persons
        People, shape (b, g + 1, 3).
    known
        Whether any home's people are, shape (b, g + 1).
    buildings
        Homes, shape (g + 1, 3).
    """

    persons: Floats
    known: Flags
    buildings: Floats

    def plus(self, other: "Counts", sign: int = 1) -> "Counts":
        """Return the sums with others added, or taken away; what is known stays."""
        return Counts(
            self.persons + sign * other.persons, self.known | other.known, self.buildings + sign * other.buildings
        )

    def of_groups(self, places: Longs) -> "Counts":
        """Return the sums of some of the groups."""
        return Counts(self.persons[:, places], self.known[:, places], self.buildings[places])

    def with_total(self) -> Floats:
        """Return people by covered, not covered, unknown and all, shape (b, g + 1, 4)."""
        states = self.persons[..., list(_STATES.values())]
        return np.concatenate([states, states.sum(axis=-1, keepdims=True)], axis=-1)


@dataclass(frozen=True)
class Counted:
    """Homes as they are counted: people by band, the group of each (-1: not counted), and how many groups there are."""

    people: Persons
    index: npt.NDArray[np.int32]
    size: int

    def some(self, which: Longs) -> "Counted":
        """Return some of the homes."""
        return Counted({band: one[which] for band, one in self.people.items()}, self.index[which], self.size)

    def count(
        self, bands: Sequence[str], view: Callable[[str | None], Codes], *, limited: bool, has_ageless: bool
    ) -> Counts:
        """Return the sums for ``bands``; where certain ages are admitted only, everybody counts by their own age.

        ``has_ageless``: whether there are people of unknown age among those the table is about.
        """
        here = np.flatnonzero(self.index >= 0)
        group = self.index[here].astype(np.int64)
        persons = np.zeros((len(bands), self.size + 1, len(STATES)))
        known = np.zeros((len(bands), self.size + 1), bool)
        for row, band in enumerate(bands):
            for people, states in self._strata(band, view, limited=limited, has_ageless=has_ageless):
                told = people[here]
                there = np.isfinite(told)
                known[row, :-1] |= np.bincount(group[there], minlength=self.size) > 0
                persons[row, :-1] += self._sums(group, states[here], np.nan_to_num(told))
        buildings = np.zeros((self.size + 1, len(STATES)))
        buildings[:-1] = self._sums(group, view(None)[here], None)
        for sums in (*persons, buildings):
            sums[-1] = sums[:-1].sum(axis=0)
        known[:, -1] = known[:, :-1].any(axis=1)
        return Counts(persons, known, buildings)

    def _strata(
        self, band: str, view: Callable[[str | None], Codes], *, limited: bool, has_ageless: bool
    ) -> list[tuple[Floats, Codes]]:
        if band not in self.people:
            return []
        if band != ALL:
            return [(self.people[band], view(band))]
        if not limited:
            return [(self.people[ALL], view(None))]
        everybody = 0.0 * self.people[ALL]
        told = {age: np.nan_to_num(one) + everybody for age, one in self.people.items() if age != ALL}
        ages = told if NO_AGE in told else by_age(self.people)
        return [
            (persons, view(age))
            for age, persons in ages.items()
            if age != NO_AGE or len(ages) == 1 or (persons > 0).any()
        ]

    def _sums(self, group: Longs, states: Codes, weights: Floats | None) -> Floats:
        flat = np.bincount(group * len(STATES) + states, weights=weights, minlength=self.size * len(STATES))
        return flat.astype(np.float64).reshape(self.size, len(STATES))


def hidden(sides: Sequence[tuple[Counts, Counts, Counts]], larger: Sequence[Longs], *, with_bands: bool) -> Flags:
    """Return which figures are withheld, before and after alike, shape (b, g + 1, 4).

    ``sides`` are, for each side, people as they are told, how many they are at least, and homes counted. What is
    withheld on one side is on the other: no difference tells it.
    """
    found: Flags | None = None
    for persons, least, homes in sides:
        tables = [one.with_total()[None] for one in (persons, least, homes)]
        if not with_bands:
            for table in tables:
                table[:, 1:, :-1] = 0
        mask = hidden_cells(tables[0], tables[1], tables[2] > 0, larger)[0]
        found = mask if found is None else found | mask
    assert found is not None
    return found


def rows(
    division: Division,
    bands: Sequence[str],
    sides: tuple[Counts, Counts],
    withheld: Flags | None,
    *,
    with_bands: bool,
    only_changed: bool = False,
    **same: Any,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of all groups, and of all homes together, with what is the ``same`` in each.

    ``only_changed``: of groups those where something changes, or may not be told.
    """
    places = np.arange(len(division.groups.codes) + 1)
    if only_changed:
        places = _changed(sides, withheld)
        sides = sides[0].of_groups(places), sides[1].of_groups(places)
        withheld = None if withheld is None else withheld[:, places]
    figures = _figures(sides, withheld)
    hides: Flags | None = None if withheld is None else np.asarray(withheld.any(axis=-1))
    groups: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for number, band in enumerate(bands):
        for at, place in enumerate(places.tolist()):
            is_total = place == len(division.groups.codes)
            if number and not is_total and not with_bands:
                continue
            row = {**same, **_head(division, place), "band": band}
            row |= {name: values[number][at] for name, values in figures.items()}
            if hides is not None:
                row["withheld"] = bool(hides[number, at])
            (totals if is_total else groups).append(row)
    return groups, totals


def _changed(sides: tuple[Counts, Counts], withheld: Flags | None) -> Longs:
    """Return the places of the groups where a figure changes or is withheld, and of all together."""
    before, after = sides
    differs = (before.persons != after.persons).any(axis=(0, 2)) | (before.buildings != after.buildings).any(axis=1)
    differs |= (before.known != after.known).any(axis=0)
    if withheld is not None:
        differs |= withheld.any(axis=(0, 2))
    differs[-1] = True
    return np.flatnonzero(differs)


def _head(division: Division, place: int) -> dict[str, Any]:
    groups = division.groups
    if place == len(groups.codes):
        return {"level": WHOLE, "code": None, "name": None}
    if groups.level == WHOLE or (division.has_rest and place == len(groups.codes) - 1):
        return {"level": WHOLE if groups.level == WHOLE else NO_AREA, "code": None, "name": None}
    return {"level": groups.level, "code": groups.codes[place], "name": groups.names[place]}


def _figures(sides: tuple[Counts, Counts], withheld: Flags | None) -> dict[str, list[list[Any]]]:
    """Return the columns of figures as JSON has them: by band and group."""
    columns: dict[str, list[list[Any]]] = {}
    people = [one.with_total() for one in sides]
    for side in (0, 1):
        people[side][~sides[side].known] = np.nan
        if withheld is not None:
            people[side][withheld] = np.nan
    homes = [one.buildings[:, list(_STATES.values())] for one in sides]
    homes = [np.concatenate([one, one.sum(axis=-1, keepdims=True)], axis=-1) for one in homes]
    for place, state in enumerate((*_STATES, "total")):
        for what, both in (("people", people), ("buildings", homes)):
            pair = [one[..., place] for one in both]
            for name, values in zip(SIDES, (*pair, pair[1] - pair[0]), strict=True):
                if what == "buildings":
                    nothing: list[Any] = [None] * len(values)
                    columns[f"{what}_{state}_{name}"] = [_plain(values), *[nothing] * (len(people[0]) - 1)]
                else:
                    columns[f"{what}_{state}_{name}"] = [_plain(one) for one in values]
    return columns


def _plain(values: Floats) -> list[Any]:
    return [_number(value) for value in values.tolist()]


def _number(value: float) -> float | None:
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else round(value, 3)
