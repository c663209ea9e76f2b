"""What single change would cure how many homes and people of a gap zone, and how many none does (PRODUCT §3.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.gap_zones import NEAR_BY_AIR
from geo_service.domain.suppression import hidden_cells
from geo_service.services.capacity_rows import plain_numbers
from geo_service.services.cures import KINDS
from geo_service.services.gap_facts import Lacking, Members
from geo_service.services.gap_people import Crowd

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
_MOST: Final = 5  # cures of a zone named each by itself


@dataclass(frozen=True)
class Cured:
    """Cures of the zones and which of them is the best for each entry of :class:`Members`.

    Attributes
    ----------
    part
        -1 where nothing is near by air; else 0 to k-1 the cures named, then all others, last no single one; shape (n,).
    rows
        For each zone the cures named, most homes first: kind, code, place, buildings, walk with it, metres gained.
    others
        For each zone how many cures are not named, and their buildings.
    uncured
        For each zone the buildings no single change helps.
    """

    part: Longs
    rows: Sequence[Sequence[dict[str, Any]]]
    others: Sequence[tuple[int, int]]
    uncured: Sequence[int]

    def shown(self, zone: int, people: Sequence[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return what is said of the cures of a zone, with the ``people`` of each part."""
        rows, (cures, buildings) = self.rows[zone], self.others[zone]
        told = [{}] * (len(rows) + 2) if people is None else people
        return {
            "cures": [row | more for row, more in zip(rows, told, strict=False)],
            "other_cures": {"cures": cures, "buildings": buildings} | told[-2] if cures else None,
            "uncured": {"buildings": self.uncured[zone]} | told[-1],
        }


NOTHING: Final[dict[str, Any]] = {"cures": [], "other_cures": None, "uncured": None}


def find_cured(lacking: Lacking, members: Members) -> Cured:
    """Return what would cure the homes of each zone that is near by air, and how many no single change would."""
    part = np.full(len(members.zone), -1, np.int64)
    rows: list[list[dict[str, Any]]] = [[] for _ in range(members.size)]
    others, uncured = [(0, 0)] * members.size, [0] * members.size
    named = [
        None if audience.cures is None else (audience.cures.kind.tolist(), audience.cures.code.tolist())
        for audience in lacking.audiences
    ]
    near = members.entries[members.begin[:-1], 3] == NEAR_BY_AIR
    homes = np.bincount(members.zone[members.is_new_home], minlength=members.size)
    size = len(lacking.gaps[0].reason) if lacking.gaps else 0
    kind = members.of([np.zeros(size, np.uint8) if one.cures is None else one.cures.kind for one in lacking.audiences])
    incurable = near & (np.bincount(members.zone[kind > 0], minlength=members.size) == 0)
    part[incurable[members.zone]] = 1
    for zone in np.flatnonzero(incurable).tolist():
        uncured[zone] = int(homes[zone])
    for zone in np.flatnonzero(near & ~incurable).tolist():
        begin, end = members.begin[zone], members.begin[zone + 1]
        entries = members.entries[begin:end]
        found: dict[tuple[int, str], list[int]] = {}
        for place, (home, number) in enumerate(entries[:, :2].tolist()):
            of = named[number]
            key = (0, "") if of is None or not of[0][home] else (of[0][home], of[1][home])
            found.setdefault(key, []).append(place)
        none = found.pop((0, ""), [])
        made = [(_row(lacking, entries, key, places), places) for key, places in found.items()]
        made.sort(key=lambda one: (-one[0]["buildings"], one[0]["kind"] != "gate", one[0]["code"]))
        rows[zone] = [row for row, _ in made[:_MOST]]
        for number, (_, places) in enumerate(made):
            part[begin + np.array(places)] = min(number, _MOST)
        part[begin + np.array(none, np.int64)] = len(rows[zone]) + 1
        rest = {int(entries[place, 0]) for _, places in made[_MOST:] for place in places}
        others[zone] = (len(made[_MOST:]), len(rest))
        uncured[zone] = len({int(entries[place, 0]) for place in none})
    return Cured(part, rows, others, uncured)


def _row(lacking: Lacking, entries: Longs, key: tuple[int, str], places: Sequence[int]) -> dict[str, Any]:
    """Return one cure: where, for how many homes, the median walk with it and the median gain."""
    each = []
    for home, number in entries[places, :2].tolist():
        cures = lacking.audiences[number].cures
        if cures is not None:
            each.append((home, *(float(one[home]) for one in (cures.metres, cures.gained_m, cures.lon, cures.lat))))
    gained = [one[2] for one in each if isfinite(one[2])]
    best = min(each, key=lambda one: (one[1], one[0]))
    return {
        "kind": KINDS[key[0]],
        "code": key[1],
        "lon": round(best[3], 7),
        "lat": round(best[4], 7),
        "buildings": len({one[0] for one in each}),
        "metres": round(median(one[1] for one in each), 2),
        "gained_m": round(median(gained), 2) if gained else None,
    }


def cured_people(
    cured: Cured, crowds: Sequence[Crowd], members: Members, *, is_rounded: bool
) -> dict[int, list[dict[str, Any]]]:
    """Return the people of each part of the zones near by air: the cures named, all others, no single one.

    Where people are rounded fewer than five are withheld, and the next smallest part that would tell them.
    """
    persons = members.of([crowd.persons for crowd in crowds])
    least = members.of([crowd.least for crowd in crowds])
    mine = np.flatnonzero(cured.part >= 0)
    zones = np.unique(members.zone[mine])
    sizes = np.array([len(cured.rows[zone]) + 2 for zone in zones.tolist()], np.int64)
    begin = np.append(0, np.cumsum(sizes))
    cell = begin[np.searchsorted(zones, members.zone[mine])] + cured.part[mine]
    homes = np.bincount(cell, minlength=begin[-1])
    known = ~np.isnan(persons[mine])
    mine, cell = mine[known], cell[known]
    weights = (persons[mine], least[mine], np.ones(len(mine)))
    table = np.stack([np.bincount(cell, weights=one, minlength=begin[-1]) for one in weights])
    hidden = np.zeros(begin[-1], bool)
    if is_rounded:
        for size in np.unique(sizes).tolist():  # zones of as many parts are tables of one shape
            at = begin[:-1][sizes == size][:, None] + np.arange(size)
            cells = table[:, at]
            cells = np.concatenate([cells, cells.sum(axis=2, keepdims=True)], axis=2)[:, :, None, :, None]
            hidden[at] = hidden_cells(cells[0], cells[1], cells[2] > 0)[:, 0, :-1, 0]
    is_told = ((table[2] > 0) | (homes == 0)) & ~hidden
    told: list[dict[str, Any]] = [
        {"people": number if shown else None}
        for number, shown in zip(plain_numbers(table[0]), is_told.tolist(), strict=True)
    ]
    if is_rounded:
        told = [one | {"withheld": few} for one, few in zip(told, hidden.tolist(), strict=True)]
    return {zone: told[begin[n] : begin[n + 1]] for n, zone in enumerate(zones.tolist())}
