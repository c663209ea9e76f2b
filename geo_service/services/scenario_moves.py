"""Who moves from one state to another under the edits of a what-if, and which of its figures are withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.states import COVERED, NOT_COVERED, UNKNOWN
from geo_service.domain.suppression import hidden_cells
from geo_service.services.scenario_counts import NEW, Counts

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]
SHOWN_STATES: Final = {"covered": COVERED, "not_covered": NOT_COVERED, "unknown": UNKNOWN}
MOVED: Final[Mapping[str, tuple[tuple[int, int], ...]]] = {
    "newly_covered": ((NOT_COVERED, COVERED),),
    "covered_from_unknown": ((UNKNOWN, COVERED),),
    "no_longer_covered": ((COVERED, NOT_COVERED), (COVERED, UNKNOWN)),
}
"""Figures of who moves, homes that were there before: the states before and after that each counts."""


@dataclass(frozen=True)
class Told:
    """Sums of what somebody who may not see households is told: people as they are told, at least, and homes."""

    persons: Counts
    least: Counts
    homes: Counts


@dataclass(frozen=True)
class Hidden:
    """Which figures are withheld by band and group.

    Attributes
    ----------
    states
        People by state and all, before and after alike, shape (b, g + 1, 4).
    differences
        Their differences, shape (b, g + 1, 4).
    moves
        People who move, by :data:`MOVED`, shape (b, g + 1, m).
    """

    states: Flags
    differences: Flags
    moves: Flags

    def of_groups(self, places: Longs) -> "Hidden":
        """Return what is withheld of some of the groups."""
        return Hidden(self.states[:, places], self.differences[:, places], self.moves[:, places])

    def some(self) -> Flags:
        """Return whether something is withheld of each band and group, shape (b, g + 1)."""
        both = np.concatenate([self.states, self.moves], axis=-1)
        return np.asarray(both.any(axis=-1), bool)


def with_total(sums: Floats) -> Floats:
    """Return sums by covered, not covered, unknown and all, shape (..., 4), from those by state."""
    states = sums[..., list(SHOWN_STATES.values())]
    return np.concatenate([states, states.sum(axis=-1, keepdims=True)], axis=-1)


def moved_sums(sums: Floats) -> Floats:
    """Return the sums of :data:`MOVED`, shape (..., m), from those by move."""
    by_pair = sums.reshape(*sums.shape[:-1], NEW + 1, NEW)
    return np.stack([sum(by_pair[..., one, other] for one, other in pairs) for pairs in MOVED.values()], axis=-1)


def hidden(sides: Sequence[Told], moves: Told, larger: Sequence[Longs], *, with_bands: bool) -> Hidden:
    """Return which figures of both ``sides``, before and after, and of who ``moves`` between them are withheld.

    What is withheld on one side is on the other. Who moves is told as a set of homes of its own: where these are five
    people at least. A difference is told where both sides are, where all are who make it up, and, where nobody's
    state becomes or was not known and nobody is new, where that of the opposite state is: the two are the same people.
    """
    both = [
        _few([with_total(part.persons)[None] for part in _parts(side)], larger, with_bands=with_bands) for side in sides
    ]
    states: Flags = np.any([one[0] for one in both], axis=0)
    own = [np.moveaxis(part.persons, -1, 0)[..., None] for part in _parts(moves)]
    few = np.moveaxis(_few(own, larger, with_bands=with_bands)[..., 0], 0, -1)
    few = few.reshape(*few.shape[:-1], NEW + 1, NEW)
    few[..., range(NEW), range(NEW)] = False
    parts = [few[..., :, at].any(axis=-1) | few[..., at, :].any(axis=-1) for at in SHOWN_STATES.values()]
    differences = states & np.stack([*parts, few[..., NEW, :].any(axis=-1)], axis=-1)
    homes = moves.homes.persons.reshape(few.shape)
    others = homes[..., UNKNOWN, :].sum(-1) + homes[..., :, UNKNOWN].sum(-1) - 2 * homes[..., UNKNOWN, UNKNOWN]
    swapped = (others + homes[..., NEW, :].sum(-1) == 0)[..., None]
    differences[..., :2] &= ~(swapped & ~differences[..., :2].all(axis=-1, keepdims=True))
    return Hidden(states, differences, np.stack([_any(few, pairs) for pairs in MOVED.values()], axis=-1))


def _parts(told: Told) -> tuple[Counts, Counts, Counts]:
    return told.persons, told.least, told.homes


def _few(tables: Sequence[Floats], larger: Sequence[Longs], *, with_bands: bool) -> Flags:
    """Return which cells of tables of people, at least, and homes are withheld, shape (t, b, g + 1, s)."""
    if not with_bands:
        for table in tables:
            table[:, 1:, :-1] = 0
    return hidden_cells(tables[0], tables[1], tables[2] > 0, larger)


def _any(few: Flags, pairs: Sequence[tuple[int, int]]) -> Flags:
    found: Flags = np.any([few[..., one, other] for one, other in pairs], axis=0)
    return found
