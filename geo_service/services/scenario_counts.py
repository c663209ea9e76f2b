"""Sums of people and buildings by band, group and state, before or after the edits of a what-if, or of who moves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.analysis.states import STATES
from geo_service.services.ages import NO_AGE, by_age

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
Persons = Mapping[str, Floats]
NEW: Final = len(STATES)  # state before of homes that were not there
MOVES: Final = (len(STATES) + 1) * len(STATES)  # from each state, and from nowhere, to each


class Views(Protocol):
    """States of homes by age band."""

    @property
    def is_limited(self) -> bool:
        """Whether a facility admits certain ages only."""

    def states(self, band: str | None) -> Codes:
        """Return the states for people of a band; None: by any facility."""


@dataclass(frozen=True)
class Counts:
    """Sums by band, group (the last: all of them) and cell: a state, or a move (:func:`moves_of`).

    Attributes
    ----------
    persons
        People, shape (b, g + 1, s).
    known
        Whether any home's people are, shape (b, g + 1).
    buildings
        Homes, shape (g + 1, s).
    """

    persons: Floats
    known: Flags
    buildings: Floats

    def plus(self, other: "Counts") -> "Counts":
        """Return the sums with others added; what is known of either is."""
        return Counts(self.persons + other.persons, self.known | other.known, self.buildings + other.buildings)

    def moved(self, moves: "Counts") -> "Counts":
        """Return the sums by state after ``moves`` from these, which count the same people."""
        persons, homes = (one.reshape(*one.shape[:-1], NEW + 1, NEW) for one in (moves.persons, moves.buildings))
        gone, come = (one[..., :NEW, :].sum(axis=-1) for one in (persons, homes)), (persons.sum(-2), homes.sum(-2))
        people, buildings = (
            was - out + into for was, out, into in zip((self.persons, self.buildings), gone, come, strict=True)
        )
        return Counts(people, self.known | moves.known, buildings)

    def of_groups(self, places: Longs) -> "Counts":
        """Return the sums of some of the groups."""
        return Counts(self.persons[:, places], self.known[:, places], self.buildings[places])


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
        self, bands: Sequence[str], view: Callable[[str | None], Codes], *, limited: bool, cells: int = len(STATES)
    ) -> Counts:
        """Return the sums for ``bands``; where certain ages are admitted only, everybody counts by their own age.

        ``view`` gives the cell of each home, one of ``cells``.
        """
        here = np.flatnonzero(self.index >= 0)
        group = self.index[here].astype(np.int64)
        persons = np.zeros((len(bands), self.size + 1, cells))
        known = np.zeros((len(bands), self.size + 1), bool)
        for row, band in enumerate(bands):
            for people, states in self._strata(band, view, limited=limited):
                told = people[here]
                there = np.isfinite(told)
                known[row, :-1] |= np.bincount(group[there], minlength=self.size) > 0
                persons[row, :-1] += self._sums(group, states[here], np.nan_to_num(told), cells)
        buildings = np.zeros((self.size + 1, cells))
        buildings[:-1] = self._sums(group, view(None)[here], None, cells)
        for sums in (*persons, buildings):
            sums[-1] = sums[:-1].sum(axis=0)
        known[:, -1] = known[:, :-1].any(axis=1)
        return Counts(persons, known, buildings)

    def _strata(self, band: str, view: Callable[[str | None], Codes], *, limited: bool) -> list[tuple[Floats, Codes]]:
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

    def _sums(self, group: Longs, cell: Codes, weights: Floats | None, cells: int) -> Floats:
        flat = np.bincount(group * cells + cell, weights=weights, minlength=self.size * cells)
        return flat.astype(np.float64).reshape(self.size, cells)


def moves_of(before: Codes | int, after: Codes) -> Codes:
    """Return the move of each home from a state before (``NEW``: it was not there) to one after, below ``MOVES``."""
    made: Codes = np.asarray(np.uint8(before) * np.uint8(len(STATES)) + after, np.uint8)
    return made
