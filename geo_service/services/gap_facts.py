"""What is said of gap zones besides their people: the nearest alternative, what is near by, what is unknown."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from geo_service.analysis.gap_zones import Gaps
from geo_service.analysis.states import REASONS as UNKNOWN_REASONS
from geo_service.services.facilities import Targets
from geo_service.services.gap_states import Audience

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Lacking:
    """What is known of a category: facilities, its audiences, and why each of them lacks it in each home."""

    category: str
    targets: Targets
    audiences: Sequence[Audience]
    gaps: Sequence[Gaps]
    speed_m_s: float


@dataclass(frozen=True)
class Members:
    """Who lacks a category: an entry for each audience in each home, by zone, then home, then audience.

    Attributes
    ----------
    entries
        Home, audience, reason, apparent reason, shape (n, 4).
    zone
        Zone of each entry, ascending from 0, none left out, shape (n,).
    """

    entries: Longs
    zone: Longs

    @cached_property
    def begin(self) -> Longs:
        """Return where the entries of each zone begin, and their number last."""
        return np.append(np.flatnonzero(np.diff(self.zone, prepend=-1)), len(self.zone))

    @property
    def size(self) -> int:
        """Return how many zones there are."""
        return len(self.begin) - 1

    @cached_property
    def is_new_home(self) -> Flags:
        """Return which entries are the first of their home in their zone."""
        same = (np.diff(self.zone, prepend=-1) == 0) & (np.diff(self.entries[:, 0], prepend=-1) == 0)
        return np.asarray(~same, bool)

    def of(self, values: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return what each audience's homes have, for each entry."""
        found = values[0][self.entries[:, 0]]
        for number, own in enumerate(values[1:], start=1):
            mine = self.entries[:, 1] == number
            found[mine] = own[self.entries[mine, 0]]
        return found

    def at(self, zone: int) -> Longs:
        """Return the entries of a zone."""
        return self.entries[self.begin[zone] : self.begin[zone + 1]]


def alternatives(lacking: Lacking, members: Members) -> list[dict[str, Any] | None]:
    """Return for each zone the facility that is the nearest on foot for most homes, and how far they walk."""
    metres = members.of([audience.walks.metres[0] for audience in lacking.audiences])
    facility = members.of([audience.walks.facility[0] for audience in lacking.audiences])
    reached = np.flatnonzero(np.isfinite(metres))
    most = commonest(members.zone[reached], facility[reached], members.size)
    least, median, greatest = _spread(members.zone[reached], metres[reached], members.size)
    seconds = np.round(median / lacking.speed_m_s, 1).tolist()
    rounded = (np.round(one, 2).tolist() for one in (median, least, greatest))
    return [
        None
        if np.isnan(far)
        else _named(lacking, place) | {"metres": far, "seconds": walk_s, "nearest_m": low, "farthest_m": high}
        for place, walk_s, far, low, high in zip(most.tolist(), seconds, *rounded, strict=True)
    ]


def nearby(lacking: Lacking, members: Members, which: str, far: str) -> list[dict[str, Any] | None]:
    """Return for each zone the facility most homes have near by, how many they are, and the least distance."""
    facility = members.of([getattr(audience, which) for audience in lacking.audiences])
    metres = members.of([getattr(audience, far) for audience in lacking.audiences])
    found = np.flatnonzero(facility >= 0)
    most = commonest(members.zone[found], facility[found], members.size)
    of_it = found[facility[found] == most[members.zone[found]]]
    least = np.round(_spread(members.zone[of_it], metres[of_it], members.size)[0], 2).tolist()
    home, zone = members.entries[of_it, 0], members.zone[of_it]
    is_new = (np.diff(zone, prepend=-1) != 0) | (np.diff(home, prepend=-1) != 0)
    buildings = np.bincount(zone[is_new], minlength=members.size).tolist()
    return [
        None if place < 0 else _named(lacking, place) | {"metres": least[number], "buildings": buildings[number]}
        for number, place in enumerate(most.tolist())
    ]


def by_air(lacking: Lacking, members: Members) -> list[dict[str, Any] | None]:
    """Return for each zone the facility most have near by air, and how many times farther they walk (median)."""
    air = members.of([audience.air_m for audience in lacking.audiences])
    walk = members.of([audience.walks.metres[0] for audience in lacking.audiences])
    known = np.flatnonzero(np.isfinite(walk) & np.isfinite(air) & (air > 0))
    ratio = np.round(_spread(members.zone[known], walk[known] / air[known], members.size)[1], 2).tolist()
    return [
        None if found is None else found | {"detour_ratio": None if np.isnan(ratio[zone]) else ratio[zone]}
        for zone, found in enumerate(nearby(lacking, members, "air_facility", "air_m"))
    ]


def unknown_of(lacking: Lacking, members: Longs) -> dict[str, int]:
    """Return the buildings of a zone by what is not known about them."""
    counts: Counter[str] = Counter()
    for home, number in {int(home): int(number) for home, number in members[::-1, :2]}.items():
        counts[UNKNOWN_REASONS[lacking.audiences[number].states.reason[0, home]] or "age_unknown"] += 1
    return dict(sorted(counts.items()))


def commonest(zone: Longs, value: npt.NDArray[np.integer], size: int) -> Longs:
    """Return the value most frequent in each zone, of several the least; -1 where there is none but negative ones."""
    known = value >= 0
    most = int(value.max(initial=0)) + 1
    key, count = counted_keys(zone[known] * most + value[known])
    of = key // most
    best = np.lexsort((key, -count, of))
    first = best[np.diff(of[best], prepend=-1) > 0]
    found = np.full(size, -1, np.int64)
    found[of[first]] = key[first] % most
    return found


def counted_keys(keys: Longs) -> tuple[Longs, Longs]:
    """Return the different keys, ascending, and how often each is there."""
    ordered = np.sort(keys)
    first = np.flatnonzero(np.diff(ordered, prepend=-1) > 0)
    return ordered[first], np.diff(np.append(first, len(ordered)))


def _spread(zone: Longs, values: Floats, size: int) -> tuple[Floats, Floats, Floats]:
    """Return least, median and greatest of the values of each zone, NaN where there are none."""
    ordered = values[np.lexsort((values, zone))]
    count = np.bincount(zone, minlength=size)
    end = np.cumsum(count)
    some = count > 0
    begin, last = (end - count)[some], end[some] - 1
    middle = begin + (count[some] - 1) // 2, begin + count[some] // 2
    found = np.full((3, size), np.nan)
    found[:, some] = ordered[begin], (ordered[middle[0]] + ordered[middle[1]]) / 2, ordered[last]
    return found[0], found[1], found[2]


def _named(lacking: Lacking, place: int) -> dict[str, Any]:
    return {"code": lacking.targets.code[place], "name": lacking.targets.name[place]}
