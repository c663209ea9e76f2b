"""The attacker: writes down every published figure as an equation over homes and asks what the secrets can still be.

It knows how figures are made (decision 22): a home's people are rounded to a multiple of five, its fives dealt to its
age bands, every figure is a sum over homes; it knows which home lies where and in which state, since maps show that.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

Person = tuple[str, str]  # a home and a band ("all"), or the home at another date: "h80+"


@dataclass
class Puzzle:
    """Equations over whole numbers: people of homes, and the fives they are told as."""

    rounded: bool = True
    places: dict[Person, int] = field(default_factory=dict)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def people(self, one: Person) -> int:
        """Return the variable of somebody's number; that of its fives follows it."""
        if one not in self.places:
            self.places[one] = at = 2 * len(self.places)
            if self.rounded and one[1] == "all":
                self.rows.append(({at: 1.0, at + 1: -5.0}, -2.0, 2.0))
            elif self.rounded:
                # k fives of a home of n fives: more than k - 1 and fewer than k + 1 steps of 3 to 7 people each
                self.rows.append(({at: 1.0, at + 1: -7.0}, -np.inf, 7.0))
                self.rows.append(({at: 1.0, at + 1: -3.0}, -3.0, np.inf))
        return self.places[one]

    def published(self, who: Iterable[Person], figure: float, less: Iterable[Person] = ()) -> None:
        """Take in a figure that counts these, without others."""
        step, shift = (5.0, 1) if self.rounded else (1.0, 0)
        terms = {self.people(one) + shift: step for one in who}
        for one in less:
            place = self.people(one) + shift
            terms[place] = terms.get(place, 0.0) - step
        self.rows.append((terms, figure, figure))

    def at_most(self, one: Person, figure: float) -> None:
        """Take in that a home's rounded number is no more."""
        self.rows.append(({self.people(one) + 1: 5.0}, 0.0, figure))

    def add_up(self, whole: Person, parts: Iterable[Person]) -> None:
        """Take in that these are parts of a whole."""
        terms = {self.people(one): 1.0 for one in parts}
        self.rows.append(({self.people(whole): -1.0, **terms}, -np.inf, 0.0))

    def between(self, more: Iterable[Person], less: Iterable[Person] = ()) -> tuple[int, int]:
        """Return the least and most that people ``more`` without ``less`` can be."""
        goal = np.zeros(2 * len(self.places) + 2)
        for sign, who in ((1.0, list(more)), (-1.0, list(less))):
            for one in who:
                goal[self.people(one)] += sign
        found = [self._extreme(sign * goal) for sign in (1.0, -1.0)]
        return found[0], -found[1]

    def _extreme(self, goal: np.ndarray) -> int:
        size = 2 * len(self.places)
        entries = [(row, at, factor) for row, (terms, _, _) in enumerate(self.rows) for at, factor in terms.items()]
        row, column, value = zip(*entries, strict=True)
        matrix = csr_matrix((value, (row, column)), shape=(len(self.rows), size))
        low, high = np.array([[low, high] for _, low, high in self.rows]).T
        solved = milp(
            goal[:size],
            constraints=LinearConstraint(matrix, low, high),
            integrality=np.ones(size),
            bounds=Bounds(0, 500),
        )
        assert solved.status == 0, solved.message
        return round(solved.fun)


def gives_away(least: int, most: int) -> bool:
    """Whether an attacker who knows these bounds knows a number of people, or that there are one to four."""
    return least == most or (least >= 1 and most <= 4)
