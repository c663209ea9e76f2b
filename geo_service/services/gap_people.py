"""People of gap zones: of each audience in each home, weighted, at least; of a zone all and by band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.domain.suppression import FEWEST_PERSONS, least_together
from geo_service.services.capacity_rows import plain_numbers
from geo_service.services.gap_facts import Members
from geo_service.services.gap_states import Audience, persons_in

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Counted:
    """People of each home by band as they are counted, their least number, which homes count, and weights of bands.

    ``least`` is None where people are exact; weights not given are 1; shapes (h,).
    """

    people: Mapping[str, Floats]
    least: Mapping[str, Floats] | None
    keep: Flags
    weights: Mapping[str, float]

    def crowd(self, audience: Audience) -> "Crowd":
        """Return the people of an audience."""
        bands = audience.bands
        at_least = self.people if self.least is None else self.least
        size = len(self.keep)
        weighted = _together(self.people, bands, self.weights, size)
        if bands == (ALL,):
            for band, weight in self.weights.items():
                if band in self.people:
                    weighted += np.nan_to_num(self.people[band]) * (weight - 1.0)
        shown = [band for band in self.people if band and band != ALL and (bands == (ALL,) or band in bands)]
        return Crowd(
            _together(self.people, bands, {}, size),
            weighted,
            self._least(bands),
            {band: (np.nan_to_num(self.people[band]), np.nan_to_num(at_least[band])) for band in shown},
        )

    def _least(self, bands: Sequence[str]) -> Floats:
        """Return how many people of some bands there are at least in each home, 0 where not known."""
        if self.least is None or ALL not in self.people:
            return np.nan_to_num(_together(self.people, bands, {}, len(self.keep)))
        return least_together(self.people, bands, everybody=ALL)


@dataclass(frozen=True)
class Crowd:
    """People of an audience in each home (NaN where not known), weighted, at least; by band with their least; (h,)."""

    persons: Floats
    weighted: Floats
    least: Floats
    bands: Mapping[str, tuple[Floats, Floats]]


def people_of(crowds: Sequence[Crowd], members: Members, *, is_rounded: bool) -> list[dict[str, Any]]:
    """Return people of each zone, all and by band, and how many buildings it has."""
    size, zone, entries = members.size, members.zone, members.entries
    is_known = np.zeros(len(entries), bool)
    total, weighted, least = np.zeros(size), np.zeros(size), np.zeros(size)
    by_band: dict[str, tuple[Floats, Floats]] = {}
    for number, crowd in enumerate(crowds):
        mine = entries[:, 1] == number
        home, of = entries[mine, 0], zone[mine]
        is_known[mine] = ~np.isnan(crowd.persons[home])
        total += np.bincount(of, weights=np.nan_to_num(crowd.persons[home]), minlength=size)
        weighted += np.bincount(of, weights=np.nan_to_num(crowd.weighted[home]), minlength=size)
        least += np.bincount(of, weights=crowd.least[home], minlength=size)
        for band, each in crowd.bands.items():
            before = by_band.get(band, (np.zeros(size), np.zeros(size)))
            sums = [np.bincount(of, weights=one[home], minlength=size) for one in each]
            by_band[band] = (before[0] + sums[0], before[1] + sums[1])
    buildings = np.bincount(zone[members.is_new_home], minlength=size).tolist()
    known_members = Members(entries[is_known], zone[is_known])
    known = np.bincount(known_members.zone[known_members.is_new_home], minlength=size).tolist()
    few = (least < FEWEST_PERSONS).tolist() if is_rounded else [False] * size
    shown = {
        band: [
            None if is_few else whole
            for whole, is_few in zip(
                plain_numbers(persons), (is_rounded & (least_of_band < FEWEST_PERSONS)).tolist(), strict=True
            )
        ]
        for band, (persons, least_of_band) in by_band.items()
    }
    both = list(zip(plain_numbers(total), weighted.tolist(), strict=True))
    rows = []
    for place, (whole, by_weight) in enumerate(both):
        is_few = bool(known[place]) and few[place]
        is_told = bool(known[place]) and not is_few
        of_bands = {band: numbers[place] for band, numbers in shown.items()}
        row = {
            "people": whole if is_told else None,
            "people_weighted": round(by_weight, 3) if is_told else None,
            "people_by_band": of_bands if known[place] else {},
            "buildings": buildings[place],
            "buildings_without_people": buildings[place] - known[place],
        }
        rows.append(row | {"withheld": is_few or None in of_bands.values()} if is_rounded else row)
    return rows


def _together(people: Mapping[str, Floats], bands: Sequence[str], weights: Mapping[str, float], size: int) -> Floats:
    """Return the people of some bands together, weighted, NaN where none of them is known."""
    whole = np.full(size, np.nan)
    for band in bands:
        persons = persons_in(people, band)
        if persons is not None:
            own = persons * weights.get(band, 1.0)
            whole = np.where(np.isnan(whole), own, whole + np.nan_to_num(own))
    return whole
