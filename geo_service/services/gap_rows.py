"""Gap zones as rows: homes that lack a category for one reason, with their neighbours (PRODUCT §3.10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from shapely.geometry import mapping

from geo_service.analysis.coverage import ALL
from geo_service.analysis.gap_zones import (
    NEAR_BY_AIR,
    NOT_SURVEYED,
    RANKED,
    REASONS,
    UNKNOWN_DATA,
    group_neighbours,
    outlines,
)
from geo_service.domain.suppression import FEWEST_PERSONS
from geo_service.services.capacity_rows import plain_number
from geo_service.services.gap_facts import (
    Lacking,
    alternative_of,
    by_air_of,
    cures_of,
    most_frequent,
    nearby_of,
    unknown_of,
)
from geo_service.services.gap_states import Audience, Surroundings, persons_in
from geo_service.services.networks import assign

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ZONE_COLUMNS: Final = (
    "number", "category", "rank", "reason", "apparent_reason", "people", "people_weighted", "buildings",
    "buildings_without_people", "area_code", "area_name", "grid_code", "alternative_code", "alternative_name",
    "alternative_m", "alternative_s", "by_air_code", "by_air_m", "detour_ratio", "others_code",
    "others_m", "cure_kind", "cure_code", "cure_buildings", "cure_gained_m",
)  # fmt: skip


@dataclass(frozen=True)
class Land:
    """Where homes lie: for each of them area and grid by its place in the codes (-1 for none), shape (h,)."""

    area: Longs
    area_codes: Sequence[str]
    area_names: Sequence[str | None]
    grid: Longs
    grid_codes: Sequence[str]


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


def zone_rows(
    lacking: Lacking, around: Surroundings, land: Land, counted: Counted, link_m: float
) -> list[dict[str, Any]]:
    """Return the zones of a category, ranked ones first, then those not surveyed, then not known data.

    Ranked by weighted people, then people, buildings, code of the area and the first home; people who are not known or
    withheld come after all others. For readers of rounded people (``counted.least``) figures that are not proven to be
    five at least are None, and such zones and those of a single building have no outline.
    """
    entries = _entries(lacking, counted.keep)
    crowds = [counted.crowd(audience) for audience in lacking.audiences]
    is_rounded = counted.least is not None
    starts = assign(around.networks, around.lon, around.lat)
    rows: list[tuple[dict[str, Any], int]] = []
    for number, streets in enumerate(around.networks):
        mine = entries[starts[entries[:, 0]] == number]
        elements, element = np.unique(mine[:, [0, 2, 3]], axis=0, return_inverse=True)
        x, y = streets.frame.to_metric(around.lon[elements[:, 0]], around.lat[elements[:, 0]])
        kind = elements[:, 1] * len(REASONS) + elements[:, 2]
        zone = group_neighbours(x, y, kind, link_m)
        shapes = outlines(streets.frame, x, y, zone, link_m)
        order = np.argsort(zone[element.ravel()], kind="stable")
        begin = np.searchsorted(zone[element.ravel()][order], np.arange(len(shapes) + 1))
        for place, shape in enumerate(shapes):
            members = mine[order[begin[place] : begin[place + 1]]]
            row = _row(lacking, land, crowds, members, is_rounded=is_rounded)
            is_few = row["people"] is None and row["buildings_without_people"] < row["buildings"]
            row["geometry"] = None if is_rounded and (is_few or row["buildings"] == 1) else mapping(shape)
            rows.append((row, int(members[0, 0])))
    return _ranked(rows)


def _entries(lacking: Lacking, keep: Flags) -> Longs:
    """Return who lacks the category: home, audience, reason, apparent reason; ordered by home, shape (n, 4)."""
    found = []
    for number, gaps in enumerate(lacking.gaps):
        home = np.flatnonzero((gaps.reason > 0) & keep)
        columns = (home, np.full(len(home), number), gaps.reason[home], gaps.apparent[home])
        found.append(np.column_stack(columns).astype(np.int64))
    entries = np.concatenate(found) if found else np.zeros((0, 4), np.int64)
    return entries[np.lexsort((entries[:, 1], entries[:, 0]))]


def _row(lacking: Lacking, land: Land, crowds: Sequence[Crowd], members: Longs, *, is_rounded: bool) -> dict[str, Any]:
    reason, apparent = int(members[0, 2]), int(members[0, 3])
    homes = np.unique(members[:, 0])
    row: dict[str, Any] = {
        "category": lacking.category,
        "reason": REASONS[reason],
        "apparent_reason": REASONS[apparent] if reason == NOT_SURVEYED else None,
    }
    row |= _people(crowds, members, is_rounded=is_rounded)
    row |= _place(land, homes)
    row["alternative"] = alternative_of(lacking, members)
    row["by_air"] = by_air_of(lacking, members) if apparent == NEAR_BY_AIR else None
    row["others"] = nearby_of(lacking, members, "others_facility", "others_m")
    row["cures"] = cures_of(lacking, members) if apparent == NEAR_BY_AIR else []
    row["unknown_reasons"] = unknown_of(lacking, members) if reason == UNKNOWN_DATA else None
    return row


def _people(crowds: Sequence[Crowd], members: Longs, *, is_rounded: bool) -> dict[str, Any]:
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


def _place(land: Land, homes: Longs) -> dict[str, Any]:
    """Return area and grid most of the homes lie in (of several the lower code), and all of them."""
    area, grid = most_frequent(land.area[homes]), most_frequent(land.grid[homes])
    return {
        "area_code": land.area_codes[area] if area >= 0 else None,
        "area_name": land.area_names[area] if area >= 0 else None,
        "grid_code": land.grid_codes[grid] if grid >= 0 else None,
        "area_codes": sorted(land.area_codes[one] for one in np.unique(land.area[homes]) if one >= 0),
        "grid_codes": sorted(land.grid_codes[one] for one in np.unique(land.grid[homes]) if one >= 0),
    }


def _ranked(rows: list[tuple[dict[str, Any], int]]) -> list[dict[str, Any]]:
    """Return the rows in order, numbered, those with a reason of ``RANKED`` ranked."""

    def key(one: tuple[dict[str, Any], int]) -> tuple[Any, ...]:
        row, first = one
        hidden = row["people"] is None
        size = (0.0, 0.0) if hidden else (-row["people_weighted"], -row["people"])
        listed = 0 if row["reason"] in RANKED else 1 + (row["reason"] == REASONS[UNKNOWN_DATA])
        return (listed, hidden, *size, -row["buildings"], row["area_code"] or "~", first)

    ordered = [row for row, _ in sorted(rows, key=key)]
    ranked = sum(row["reason"] in RANKED for row in ordered)
    return [
        {"number": number, "rank": number if number <= ranked else None} | row
        for number, row in enumerate(ordered, start=1)
    ]


def _together(people: Mapping[str, Floats], bands: Sequence[str], weights: Mapping[str, float], size: int) -> Floats:
    """Return the people of some bands together, weighted, NaN where none of them is known."""
    whole = np.full(size, np.nan)
    for band in bands:
        persons = persons_in(people, band)
        if persons is not None:
            own = persons * weights.get(band, 1.0)
            whole = np.where(np.isnan(whole), own, whole + np.nan_to_num(own))
    return whole
