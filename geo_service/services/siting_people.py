"""People that chosen sites newly reach, by site and age band, and how it stands before and after them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.domain.suppression import hidden_cells
from geo_service.services.capacity_rows import plain_number
from geo_service.services.siting_demand import STATES, Demand

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_FROM: Final = ("not_covered", "unknown")
_AFTER: Final = {"covered": (1, 1), "not_covered": (-1, 0), "unknown": (0, -1)}  # what those reached change, by _FROM


class People:
    """People newly reached, those not covered and those not known, by band and site; the last site is all of them.

    Attributes
    ----------
    persons, least, hidden
        People, at least, and which are withheld, shape (2, bands, sites + 1).
    homes
        Homes by state before and site, shape (2, sites).
    """

    def __init__(self, demand: Demand, reached: Sequence[npt.NDArray[np.int64]], *, is_told: bool) -> None:
        self.is_told = is_told
        self.bands = list(demand.persons["not_covered"])
        self.known = bool(self.bands)
        self.homes = np.array([[int(demand.homes[state][homes].sum()) for homes in reached] for state in _FROM])
        self.homes = self.homes.reshape(len(_FROM), len(reached)).astype(np.int64)
        there = [[bool(one[homes].any()) for homes in reached] for one in (demand.homes["not_covered"], demand.unsure)]
        present = np.zeros((len(_FROM), len(self.bands), len(reached) + 1), bool)
        present[..., :-1] = np.array(there, bool).reshape(len(_FROM), 1, len(reached))
        present[..., -1] = present[..., :-1].any(axis=-1)
        self.persons, self.least = (self._summed(part, reached) for part in (demand.persons, demand.least))
        self.hidden: Flags = np.zeros(self.persons.shape, bool)
        if is_told and self.known:
            tables = (self.persons[..., None], self.least[..., None], present[..., None])
            self.hidden = hidden_cells(*tables)[..., 0]

    def _summed(self, people: Any, reached: Sequence[npt.NDArray[np.int64]]) -> Floats:
        sums = [
            [[float(np.nansum(people[state][band][homes])) for homes in reached] for band in self.bands]
            for state in _FROM
        ]
        table = np.array(sums, float).reshape(len(_FROM), len(self.bands), len(reached))
        return np.concatenate([table, table.sum(axis=-1, keepdims=True)], axis=-1)

    def row(self, column: int) -> dict[str, Any]:
        """Return people, by band, homes and whether something is withheld, of one site or of all.

        ``people`` and ``homes`` were not covered; those of whom it was not known stand apart.
        """
        newly, unsure = (
            {
                band: None if self.hidden[part, row, column] else plain_number(float(self.persons[part, row, column]))
                for row, band in enumerate(self.bands)
            }
            for part in range(len(_FROM))
        )
        homes = self.homes.sum(axis=1) if column == self.homes.shape[1] else self.homes[:, column]
        made = {
            "people": newly.get(ALL),
            "people_by_band": {band: newly[band] for band in self.bands if band not in (ALL, "")},
            "people_covered_from_unknown": unsure.get(ALL),
            "homes": int(homes[0]),
            "homes_covered_from_unknown": int(homes[1]),
        }
        hides = bool(self.hidden[0, :, column].any() or self.hidden[1, :1, column].any())
        return made | {"withheld": hides} if self.is_told else made


def before_after(demand: Demand, new: People) -> dict[str, Any]:
    """Return people and homes by state before and after, and their shares; whoever is reached is covered."""
    names = [*STATES, "total"]
    found = {}
    moved = new.homes.sum(axis=1)
    for moment, weight in (("before", 0), ("after", 1)):
        shift = {state: weight * np.array(_AFTER[state]) for state in STATES}
        counts = {state: int(demand.homes[state].sum() + shift[state] @ moved) for state in STATES}
        counts["total"] = sum(counts.values())
        row: dict[str, Any] = {f"homes_{state}": count for state, count in counts.items()}
        row |= {f"homes_{state}_share": _share(counts[state], counts["total"]) for state in STATES}
        people: dict[str, float | None] = dict.fromkeys(names)
        if new.known:
            known, least = (
                [float(np.nansum(now[state][ALL]) + shift[state] @ change[:, 0, -1]) for state in STATES]
                for now, change in ((demand.persons, new.persons), (demand.least, new.least))
            )
            hidden = np.zeros(len(names), bool)
            if new.is_told:
                there = np.array([[[[counts[name] > 0 for name in names]]]])
                table, fewest = (np.array([[[[*one, sum(one)]]]]) for one in (known, least))
                hidden = hidden_cells(table, fewest, there)[0, 0, 0]
                few = new.hidden[:, 0, -1]
                hidden[: len(STATES)] |= [bool((few & (shift[state] != 0)).any()) for state in STATES]
            values = [*known, sum(known)]
            people = {n: None if hide else value for n, value, hide in zip(names, values, hidden, strict=True)}
        row |= {f"people_{name}": None if value is None else plain_number(value) for name, value in people.items()}
        row |= {f"people_{state}_share": _share(people[state], people["total"]) for state in STATES}
        found[moment] = row
    return found


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else round(part / whole, 6)


def per_person(cost: float | None, people: float | None) -> float | None:
    """Return what a person costs, None where either is not known or nobody is reached."""
    return None if cost is None or not people else round(cost / people, 2)
