"""Who is within reach on both sides of a what-if, for one category: sums, who moves, and what of it is withheld."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.analysis.coverage import ALL
from geo_service.domain.bands import BANDS
from geo_service.services.ages import NO_AGE
from geo_service.services.scenario_base import Base
from geo_service.services.scenario_counts import MOVES, NEW, Counted, Counts, Views, moves_of
from geo_service.services.scenario_ground import Ground
from geo_service.services.scenario_homes import Newcomers
from geo_service.services.scenario_moves import Hidden, Told, hidden
from geo_service.services.scenario_rows import rows
from geo_service.services.scenario_states import AsIs, Supposed
from geo_service.services.told import larger_areas


@dataclass(frozen=True)
class Sides:
    """Sums before and after, who moves between them, and what of all that is withheld."""

    ground: Ground
    new: Newcomers
    bands: list[str]
    sums: tuple[Counts, Counts]
    moves: Counts
    withheld: Hidden | None

    def rows(
        self, scenario: str | None, category: str, *, only_changed: bool
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the rows of groups and of all homes."""
        return rows(
            self.new.division,
            self.bands,
            self.sums,
            self.moves,
            self.withheld,
            with_bands=self.ground.by != "unit_grid",
            only_changed=only_changed,
            scenario=scenario,
            category=category,
        )


def counted(base: Base, before: Views, after: Supposed, new: Newcomers, *, told: bool) -> Sides:
    """Count people on both sides: those there were, changed by the homes whose state is another, and new ones."""
    ground = base.ground
    count = len(ground.homes)
    named = {*(ground.homes.people or {}), *(new.homes.people or {})}
    bands = [band for band in (ALL, *BANDS) if band in named] or [ALL]
    limited = before.is_limited or after.is_limited
    own = [None, *(band for band in bands if band != ALL), *([NO_AGE] if limited else [])]
    pairs = {band: (before.states(band), after.states(band)) for band in own}
    changed = np.flatnonzero(np.any([one != two[:count] for one, two in pairs.values()], axis=0))
    late = np.arange(count, count + len(new))
    size = len(new.division.groups.codes)
    index = new.division.groups.index
    old = np.where(ground.told, index[:count], -1).astype(np.int32) if told else index[:count]
    sets = [(ground.persons, new.persons), (ground.least, new.least)] if told else [_people(ground, new)]
    if told:
        sets.append((ground.present, {band: 0.0 * one + 1.0 for band, one in new.persons.items()}))
    found = []
    for place, (people, more) in enumerate(sets):
        homes = Counted(people, old, size)
        start = _start(base, before, homes, bands, new, key=(told, place, tuple(bands)))
        moves = homes.some(changed).count(
            bands,
            lambda band: moves_of(before.states(band)[changed], after.states(band)[changed]),
            limited=limited,
            cells=MOVES,
        )
        newly = Counted(more, index[count:], size).count(
            bands, lambda band: moves_of(NEW, after.states(band)[late]), limited=after.is_limited, cells=MOVES
        )
        if before.is_limited == after.is_limited:
            end = start.moved(moves)
        else:  # people are counted by age on one side only: where ages are more than residents both differ
            end = homes.count(bands, lambda band: after.states(band)[:count], limited=after.is_limited)
        found.append((start, end.moved(newly), moves.plus(newly)))
    withheld = None
    if told and ground.persons:
        larger = larger_areas(new.division, ground.areas)
        sides = [Told(*(one[number] for one in found)) for number in (0, 1, 2)]
        withheld = hidden(sides[:2], sides[2], larger, with_bands=ground.by != "unit_grid")
    start, end, moves = found[0]
    return Sides(ground, new, bands, (start, end), moves, withheld)


def _start(
    base: Base, before: Views, homes: Counted, bands: list[str], new: Newcomers, *, key: tuple[object, ...]
) -> Counts:
    """Return the sums before: as it is, these are kept with the base."""
    codes = base.ground.division.groups.codes
    if not isinstance(before, AsIs) or new.division.groups.codes != codes:
        return homes.count(bands, before.states, limited=before.is_limited)
    if key not in base.counts:
        base.counts[key] = homes.count(bands, before.states, limited=before.is_limited)
    return base.counts[key]


def _people(ground: Ground, new: Newcomers) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return ground.homes.people or {}, new.homes.people or {}
