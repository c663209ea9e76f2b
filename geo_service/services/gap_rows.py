"""Gap zones as rows: homes that lack a category for one reason, with their neighbours (PRODUCT §3.10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    near_pairs,
)
from geo_service.analysis.zone_outlines import Squares, outlines
from geo_service.foundation.json_text import RawJson
from geo_service.services.gap_cures import NOTHING, Cured, cured_people, find_cured
from geo_service.services.gap_facts import (
    Lacking,
    Members,
    alternatives,
    by_air,
    commonest,
    counted_keys,
    nearby,
    unknown_of,
)
from geo_service.services.gap_people import Counted, people_of
from geo_service.services.gap_states import Surroundings
from geo_service.services.networks import assign

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Land:
    """Where homes lie: for each of them area and grid by its place in the codes (-1 for none), shape (h,)."""

    area: Longs
    area_codes: Sequence[str]
    area_names: Sequence[str | None]
    grid: Longs
    grid_codes: Sequence[str]


@dataclass(frozen=True)
class Part:
    """Homes on one network that may be told of: which, which of them are near each other, squares over them.

    ``number`` is the place of each home of the town among them, -1 for the others, shape (h,).
    """

    number: Longs
    pairs: Ints
    squares: Squares


class Ground:
    """What zones are drawn on: where homes lie, and how near neighbours are."""

    def __init__(self, around: Surroundings, land: Land, link_m: float) -> None:
        self.land = land
        self._around, self._link_m = around, link_m
        self._parts: list[tuple[Flags, list[Part]]] = []

    def parts(self, keep: Flags) -> list[Part]:
        """Return the homes to ``keep``, shape (h,), by network; an outline does not show where others are."""
        for kept, parts in self._parts:
            if np.array_equal(kept, keep):
                return parts
        around = self._around
        starts = assign(around.networks, around.lon, around.lat)
        made = []
        for number, streets in enumerate(around.networks):
            here = np.flatnonzero(keep & (starts == number))
            x, y = streets.frame.to_metric(around.lon[here], around.lat[here])
            places = np.full(len(keep), -1, np.int64)
            places[here] = np.arange(len(here))
            squares = Squares.over(streets.frame, x, y, link_m=self._link_m)
            made.append(Part(places, near_pairs(x, y, self._link_m), squares))
        self._parts.append((keep, made))
        return made


@dataclass(frozen=True)
class Drawn:
    """Zones of one category: who is in them, and what is said of each before and after its people, and its outline."""

    lacking: Lacking
    keep: Flags
    entries: Longs
    members: Members
    cured: Cured
    said: list[tuple[dict[str, Any], dict[str, Any], RawJson]]


def draw_zones(lacking: Lacking, ground: Ground, keep: Flags, like: Drawn | None = None) -> Drawn:
    """Return the zones of a category for the homes to ``keep``; those of ``like`` where the same homes lack it."""
    entries = _entries(lacking, keep)
    if like is not None and np.array_equal(like.keep, keep) and np.array_equal(like.entries, entries):
        return like
    found, shapes, count = [np.zeros((0, 5), np.int64)], [], 0
    for part in ground.parts(keep):
        mine = entries[part.number[entries[:, 0]] >= 0]
        # audiences of a home that lack it for the same reason stand together
        kinds = len(REASONS) ** 2
        keys, element = np.unique(mine[:, 0] * kinds + mine[:, 2] * len(REASONS) + mine[:, 3], return_inverse=True)
        home = part.number[keys // kinds]
        zone = group_neighbours(part.pairs, home, keys % kinds)
        of = zone[element] + count
        order = np.argsort(of, kind="stable")
        found.append(np.column_stack([mine[order], of[order]]))
        shapes.append(outlines(part.squares, home, zone))
        count += len(shapes[-1])
    ordered = np.concatenate(found)
    members = Members(ordered[:, :4], ordered[:, 4])
    outlined = [_geojson(text) for shape in shapes for text in shapely.to_geojson(shape)]
    said = [(*both, outline) for both, outline in zip(_said(lacking, ground.land, members), outlined, strict=True)]
    return Drawn(lacking, keep, entries, members, find_cured(lacking, members), said)


def zone_rows(drawn: Drawn, counted: Counted) -> list[dict[str, Any]]:
    """Return the zones of a category, ranked ones first, then those not surveyed, then not known data.

    Zones where nobody lives whom the category is there for are listed after the ranked ones, without a rank. Ranked by
    weighted people, then people, buildings, code of the area and the first home; people who are not known or
    withheld come after all others. For readers of rounded people (``counted.least``) figures that are not proven to be
    five at least are None, and such zones and those of a single building have no outline.
    """
    crowds = [counted.crowd(audience) for audience in drawn.lacking.audiences]
    is_rounded = counted.least is not None
    people = people_of(crowds, drawn.members, is_rounded=is_rounded)
    of_cures = cured_people(drawn.cured, crowds, drawn.members, is_rounded=is_rounded)
    first = drawn.members.entries[drawn.members.begin[:-1], 0].tolist()
    rows: list[tuple[dict[str, Any], int]] = []
    for zone, ((head, tail, outline), persons, home) in enumerate(zip(drawn.said, people, first, strict=True)):
        cures = drawn.cured.shown(zone, of_cures[zone]) if zone in of_cures else NOTHING
        row = head | persons | tail | cures
        is_few = row["people"] is None and row["buildings_without_people"] < row["buildings"]
        row["geometry"] = None if is_rounded and (is_few or row["buildings"] == 1) else outline
        rows.append((row, home))
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


def _geojson(text: str) -> RawJson:
    """Return a geometry as GeoJSON with its keys sorted."""
    kind, _, coordinates = text.removeprefix('{"type":').removesuffix("}").partition(',"coordinates":')
    return RawJson(f'{{"coordinates":{coordinates},"type":{kind}}}')


def _said(lacking: Lacking, land: Land, members: Members) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what is said of each zone before and after its people."""
    if not members.size:
        return []
    said = []
    about = (
        members.entries[members.begin[:-1], 2:4].tolist(),
        _places(land, members),
        alternatives(lacking, members),
        by_air(lacking, members),
        nearby(lacking, members, "others_facility", "others_m"),
    )
    for zone, ((reason, apparent), place, alternative, air, others) in enumerate(zip(*about, strict=True)):
        head = {
            "category": lacking.category,
            "reason": REASONS[reason],
            "apparent_reason": REASONS[apparent] if reason == NOT_SURVEYED else None,
        }
        tail = place | {
            "alternative": alternative,
            "by_air": air if apparent == NEAR_BY_AIR else None,
            "others": others,
            "unknown_reasons": unknown_of(lacking, members.at(zone)) if reason == UNKNOWN_DATA else None,
        }
        said.append((head, tail))
    return said


def _places(land: Land, members: Members) -> list[dict[str, Any]]:
    """Return for each zone area and grid most of its homes lie in (of several the lower place), and all of them."""
    home, zone = members.entries[members.is_new_home, 0], members.zone[members.is_new_home]
    area = commonest(zone, land.area[home], members.size).tolist()
    grid = commonest(zone, land.grid[home], members.size).tolist()
    areas = _codes(zone, land.area[home], land.area_codes, members.size)
    grids = _codes(zone, land.grid[home], land.grid_codes, members.size)
    return [
        {
            "area_code": land.area_codes[area[n]] if area[n] >= 0 else None,
            "area_name": land.area_names[area[n]] if area[n] >= 0 else None,
            "grid_code": land.grid_codes[grid[n]] if grid[n] >= 0 else None,
            "area_codes": areas[n],
            "grid_codes": grids[n],
        }
        for n in range(members.size)
    ]


def _codes(zone: Longs, place: Longs, codes: Sequence[str], size: int) -> list[list[str]]:
    """Return the codes at the places of each zone's homes, ascending."""
    found: list[list[str]] = [[] for _ in range(size)]
    for key in counted_keys((zone * len(codes) + place)[place >= 0])[0].tolist():
        found[key // len(codes)].append(codes[key % len(codes)])
    return [sorted(one) for one in found]


def is_ranked(row: Mapping[str, Any]) -> bool:
    """Whether a zone is ranked: a gap by its reason, and not known to be nobody's."""
    is_empty = row["people"] == 0 and row["buildings_without_people"] == 0
    return row["reason"] in RANKED and not is_empty


def _ranked(rows: list[tuple[dict[str, Any], int]]) -> list[dict[str, Any]]:
    """Return the rows in order, numbered, those that are ranked with their rank."""

    def key(one: tuple[dict[str, Any], int]) -> tuple[Any, ...]:
        row, first = one
        hidden = row["people"] is None
        size = (0.0, 0.0) if hidden else (-row["people_weighted"], -row["people"])
        listed = 0 if is_ranked(row) else 1 if row["reason"] in RANKED else 2 + (row["reason"] == REASONS[UNKNOWN_DATA])
        return (listed, hidden, *size, -row["buildings"], row["area_code"] or "~", first)

    ordered = [row for row, _ in sorted(rows, key=key)]
    ranked = sum(map(is_ranked, ordered))
    return [
        {"number": number, "rank": number if number <= ranked else None} | row
        for number, row in enumerate(ordered, start=1)
    ]
