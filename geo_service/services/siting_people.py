"""People that chosen sites newly reach, by site and age band, and how it stands before and after them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.domain.suppression import hidden_cells
from geo_service.services.capacity_rows import plain_number
from geo_service.services.siting_demand import STATES, Demand


class People:
    """People newly reached by site and band, with what may be told of them; the last column is all sites."""

    def __init__(self, demand: Demand, reached: Sequence[npt.NDArray[np.int64]], *, is_told: bool) -> None:
        self.is_told = is_told
        self.homes = [len(homes) for homes in reached]
        persons, least = demand.persons["not_covered"], demand.least["not_covered"]
        self.bands = list(persons)
        self.known = bool(self.bands)
        shape = (len(self.bands), len(reached) + 1)
        self.persons, self.at_least, self.present = np.zeros(shape), np.zeros(shape), np.zeros(shape, bool)
        for row, band in enumerate(self.bands):
            for column, homes in enumerate(reached):
                self.persons[row, column] = np.nansum(persons[band][homes])
                self.at_least[row, column] = np.nansum(least[band][homes])
                self.present[row, column] = len(homes) > 0
        for table in (self.persons, self.at_least):
            table[:, -1] = table[:, :-1].sum(axis=1)
        self.present[:, -1] = self.present[:, :-1].any(axis=1)
        self.hidden = np.zeros(shape, bool)
        if is_told and self.known:
            counts, fewest = (one[None, :, :, None] for one in (self.persons, self.at_least))
            self.hidden = hidden_cells(counts, fewest, self.present[None, :, :, None])[0, :, :, 0]

    def row(self, column: int) -> dict[str, Any]:
        """Return people, by band, homes and whether something is withheld, of one site or of all."""
        shown = {
            band: None if self.hidden[row, column] else plain_number(float(self.persons[row, column]))
            for row, band in enumerate(self.bands)
        }
        made = {
            "people": shown.get(ALL),
            "people_by_band": {band: shown[band] for band in self.bands if band not in (ALL, "")},
            "homes": sum(self.homes) if column == len(self.homes) else self.homes[column],
        }
        return made | {"withheld": bool(self.hidden[:, column].any())} if self.is_told else made


def before_after(demand: Demand, new: People) -> dict[str, Any]:
    """Return people and homes by state before and after, and their shares."""
    names = [*STATES, "total"]
    found = {}
    gained = float(new.persons[0, -1]) if new.known else 0.0
    sure = float(new.at_least[0, -1]) if new.known else 0.0
    for moment, more, more_sure, homes in (("before", 0.0, 0.0, 0), ("after", gained, sure, sum(new.homes))):
        moved = {"covered": 1, "not_covered": -1, "unknown": 0}
        counts = {state: int(demand.homes[state].sum()) + moved[state] * homes for state in STATES}
        counts["total"] = sum(counts.values())
        row: dict[str, Any] = {f"homes_{state}": count for state, count in counts.items()}
        row |= {f"homes_{state}_share": _share(counts[state], counts["total"]) for state in STATES}
        people: dict[str, float | None] = dict.fromkeys(names)
        if new.known:
            known = [float(np.nansum(demand.persons[s][ALL])) + moved[s] * more for s in STATES]
            least = [float(np.nansum(demand.least[s][ALL])) + moved[s] * more_sure for s in STATES]
            hidden = np.zeros(len(names), bool)
            if new.is_told:
                there = np.array([[[[counts[name] > 0 for name in names]]]])
                table, fewest = (np.array([[[[*one, sum(one)]]]]) for one in (known, least))
                hidden = hidden_cells(table, fewest, there)[0, 0, 0]
                if moment == "after" and new.hidden[0, -1]:
                    hidden[:2] = True
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
