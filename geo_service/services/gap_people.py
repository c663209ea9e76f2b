"""People of gap zones: of each audience in each home, weighted, at least; of a zone all and by band."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.domain.suppression import FEWEST_PERSONS
from geo_service.services.capacity_rows import plain_number
from geo_service.services.gap_states import Audience, persons_in

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
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
            np.nan_to_num(_together(at_least, bands, {}, size)),
            {band: (np.nan_to_num(self.people[band]), np.nan_to_num(at_least[band])) for band in shown},
        )


@dataclass(frozen=True)
class Crowd:
    """People of an audience in each home (NaN where not known), weighted, at least; by band with their least; (h,)."""

    persons: Floats
    weighted: Floats
    least: Floats
    bands: Mapping[str, tuple[Floats, Floats]]


def people_of(crowds: Sequence[Crowd], members: Longs, *, is_rounded: bool) -> dict[str, Any]:
    """Return people of the zone, all and by band, and how many buildings it has."""
    total = weighted = least = 0.0
    known: set[int] = set()
    by_band: dict[str, tuple[float, float]] = {}
    for number, crowd in enumerate(crowds):
        home = members[members[:, 1] == number, 0]
        persons = crowd.persons[home]
        known |= set(home[~np.isnan(persons)].tolist())
        total += float(np.nansum(persons))
        weighted += float(np.nansum(crowd.weighted[home]))
        least += float(crowd.least[home].sum())
        for band, (own, own_least) in crowd.bands.items():
            before = by_band.get(band, (0.0, 0.0))
            by_band[band] = (before[0] + float(own[home].sum()), before[1] + float(own_least[home].sum()))
    is_few = is_rounded and bool(known) and least < FEWEST_PERSONS
    is_told = bool(known) and not is_few
    shown = {
        band: None if is_rounded and at_least < FEWEST_PERSONS else plain_number(persons)
        for band, (persons, at_least) in by_band.items()
    }
    buildings = len(np.unique(members[:, 0]))
    row = {
        "people": plain_number(total) if is_told else None,
        "people_weighted": round(weighted, 3) if is_told else None,
        "people_by_band": shown if known else {},
        "buildings": buildings,
        "buildings_without_people": buildings - len(known),
    }
    return row | {"withheld": is_few or None in shown.values()} if is_rounded else row


def _together(people: Mapping[str, Floats], bands: Sequence[str], weights: Mapping[str, float], size: int) -> Floats:
    """Return the people of some bands together, weighted, NaN where none of them is known."""
    whole = np.full(size, np.nan)
    for band in bands:
        persons = persons_in(people, band)
        if persons is not None:
            own = persons * weights.get(band, 1.0)
            whole = np.where(np.isnan(whole), own, whole + np.nan_to_num(own))
    return whole
