"""Gap zones as rows: homes that lack a category for one reason, with their neighbours (PRODUCT §3.10)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.gap_zones import (
    NEAR_BY_AIR,
    NOT_SURVEYED,
    RANKED,
    REASONS,
    UNKNOWN_DATA,
    group_neighbours,
    outlines,
)
from geo_service.services.gap_facts import (
    Lacking,
    alternative_of,
    by_air_of,
    cures_of,
    most_frequent,
    nearby_of,
    unknown_of,
)
from geo_service.services.gap_people import Counted, people_of
from geo_service.services.gap_states import Surroundings
from geo_service.services.networks import Streets, assign

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
class Ground:
    """What zones of one category are drawn on: networks and homes, where homes lie, how near neighbours are, metres.

    ``known`` remembers what does not depend on people from one way of counting to the other.
    """

    around: Surroundings
    land: Land
    link_m: float
    known: dict[bytes, Any] = field(default_factory=dict)


def zone_rows(lacking: Lacking, ground: Ground, counted: Counted) -> list[dict[str, Any]]:
    """Return the zones of a category, ranked ones first, then those not surveyed, then not known data.

    Ranked by weighted people, then people, buildings, code of the area and the first home; people who are not known or
    withheld come after all others. For readers of rounded people (``counted.least``) figures that are not proven to be
    five at least are None, and such zones and those of a single building have no outline.
    """
    entries = _entries(lacking, counted.keep)
    crowds = [counted.crowd(audience) for audience in lacking.audiences]
    is_rounded = counted.least is not None
    around = ground.around
    starts = assign(around.networks, around.lon, around.lat)
    rows: list[tuple[dict[str, Any], int]] = []
    for number, streets in enumerate(around.networks):
        mine = entries[starts[entries[:, 0]] == number]
        zones = _zones(lacking, ground, streets, mine, counted.keep & (starts == number))
        people = people_of(crowds, [members for members, _ in zones], is_rounded=is_rounded)
        for (members, facts), persons in zip(zones, people, strict=True):
            row = facts["head"] | persons | facts["tail"]
            is_few = row["people"] is None and row["buildings_without_people"] < row["buildings"]
            row["geometry"] = None if is_rounded and (is_few or row["buildings"] == 1) else facts["outline"]
            rows.append((row, int(members[0, 0])))
    return _ranked(rows)


def _zones(
    lacking: Lacking, ground: Ground, streets: Streets, entries: Longs, keep: Flags
) -> list[tuple[Longs, dict[str, Any]]]:
    """Return the entries of each zone on one network, and what is said of it besides its people.

    The homes to ``keep`` alone are drawn round: an outline does not show where others are.
    """
    whole = b"all" + keep.tobytes() + entries.tobytes()
    if whole in ground.known:
        return list(ground.known[whole])
    around, known = ground.around, ground.known
    elements, element = np.unique(entries[:, [0, 2, 3]], axis=0, return_inverse=True)
    x, y = streets.frame.to_metric(around.lon, around.lat)
    home = elements[:, 0]
    zone = group_neighbours(x[home], y[home], elements[:, 1] * len(REASONS) + elements[:, 2], ground.link_m)
    of = zone[element.ravel()]
    order = np.argsort(of, kind="stable")
    begin = np.searchsorted(of[order], np.arange(int(zone.max(initial=-1)) + 2))
    zones = [entries[order[low:high]] for low, high in pairwise(begin.tolist())]
    keys = [members.tobytes() for members in zones]
    shown = np.flatnonzero(keep)
    number = np.cumsum(keep) - 1
    shapes = outlines(streets.frame, x[shown], y[shown], number[home], zone, link_m=ground.link_m)
    for place, key in enumerate(keys):
        if key not in known:
            known[key] = _facts(lacking, ground.land, zones[place])
    found = [
        (members, known[key] | {"outline": json.loads(shape)})
        for members, key, shape in zip(zones, keys, shapely.to_geojson(shapes), strict=True)
    ]
    known[whole] = found
    return found


def _entries(lacking: Lacking, keep: Flags) -> Longs:
    """Return who lacks the category: home, audience, reason, apparent reason; ordered by home, shape (n, 4)."""
    found = []
    for number, gaps in enumerate(lacking.gaps):
        home = np.flatnonzero((gaps.reason > 0) & keep)
        columns = (home, np.full(len(home), number), gaps.reason[home], gaps.apparent[home])
        found.append(np.column_stack(columns).astype(np.int64))
    entries = np.concatenate(found) if found else np.zeros((0, 4), np.int64)
    return entries[np.lexsort((entries[:, 1], entries[:, 0]))]


def _facts(lacking: Lacking, land: Land, members: Longs) -> dict[str, Any]:
    """Return what is said of a zone before and after its people."""
    reason, apparent = int(members[0, 2]), int(members[0, 3])
    head = {
        "category": lacking.category,
        "reason": REASONS[reason],
        "apparent_reason": REASONS[apparent] if reason == NOT_SURVEYED else None,
    }
    homes = members[np.diff(members[:, 0], prepend=-1) > 0, 0]  # entries are in order of homes
    tail = _place(land, homes) | {
        "alternative": alternative_of(lacking, members),
        "by_air": by_air_of(lacking, members) if apparent == NEAR_BY_AIR else None,
        "others": nearby_of(lacking, members, "others_facility", "others_m"),
        "cures": cures_of(lacking, members) if apparent == NEAR_BY_AIR else [],
        "unknown_reasons": unknown_of(lacking, members) if reason == UNKNOWN_DATA else None,
    }
    return {"head": head, "tail": tail}


def _place(land: Land, homes: Longs) -> dict[str, Any]:
    """Return area and grid most of the homes lie in (of several the lower code), and all of them."""
    area, grid = most_frequent(land.area[homes]), most_frequent(land.grid[homes])
    return {
        "area_code": land.area_codes[area] if area >= 0 else None,
        "area_name": land.area_names[area] if area >= 0 else None,
        "grid_code": land.grid_codes[grid] if grid >= 0 else None,
        "area_codes": sorted(land.area_codes[one] for one in set(land.area[homes].tolist()) if one >= 0),
        "grid_codes": sorted(land.grid_codes[one] for one in set(land.grid[homes].tolist()) if one >= 0),
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
