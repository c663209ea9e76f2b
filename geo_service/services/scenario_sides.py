"""Who is within reach on both sides of a what-if, for one category: sums, who moves, and what of it is withheld."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.analysis.coverage import ALL
from geo_service.domain.bands import BANDS
from geo_service.services.ages import NO_AGE
from geo_service.services.scenario_base import Base
from geo_service.services.scenario_counts import MOVES, NEW, Codes, Counted, Counts, Views, moves_of
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
    pairs = ((before.states(band), after.states(band)) for band in own)
    different = {(id(one), id(two)): (one, two) for one, two in pairs}  # most bands walk to the same facilities
    changed = np.flatnonzero(np.any([one != two[:count] for one, two in different.values()], axis=0))
    late = np.arange(count, count + len(new))
    size = len(new.division.groups.codes)
    index = new.division.groups.index
    old = np.where(ground.told, index[:count], -1).astype(np.int32) if told else index[:count]
    sets = [(ground.persons, new.persons), (ground.least, new.least)] if told else [_people(ground, new)]
    if told:
        sets.append((ground.present, {band: 0.0 * one + 1.0 for band, one in new.persons.items()}))

    def moved(band: str | None) -> Codes:
        return moves_of(before.states(band)[changed], after.states(band)[changed])

    found = []
    for place, (people, more) in enumerate(sets):
        homes = Counted(people, old, size)
        few = homes.some(changed)
        # people counted by age on one side only: where ages are more than residents both sums differ
        sums = {
            by_age: (
                _start(base, before, homes, bands, new, limited=by_age, key=(told, place, tuple(bands))),
                few.count(bands, moved, limited=by_age, cells=MOVES),
            )
            for by_age in {before.is_limited, after.is_limited}
        }
        newly = Counted(more, index[count:], size).count(
            bands, lambda band: moves_of(NEW, after.states(band)[late]), limited=after.is_limited, cells=MOVES
        )
        begun, changes = sums[after.is_limited]
        moves = sums[limited][1]
        found.append((sums[before.is_limited][0], begun.moved(changes).moved(newly), moves.plus(newly)))
    withheld = None
    if told and ground.persons:
        larger = larger_areas(new.division, ground.areas)
        sides = [Told(*(one[number] for one in found)) for number in (0, 1, 2)]
        withheld = hidden(sides[:2], sides[2], larger, with_bands=ground.by != "unit_grid")
    start, end, moves = found[0]
    return Sides(ground, new, bands, (start, end), moves, withheld)


def _start(
    base: Base,
    before: Views,
    homes: Counted,
    bands: list[str],
    new: Newcomers,
    *,
    limited: bool,
    key: tuple[object, ...],
) -> Counts:
    """Return the sums before, by age where ``limited``: as it is, these are kept with the base."""
    codes = base.ground.division.groups.codes
    if not isinstance(before, AsIs) or new.division.groups.codes != codes:
        return homes.count(bands, before.states, limited=limited)
    key = (*key, limited)
    if key not in base.counts:
        base.counts[key] = homes.count(bands, before.states, limited=limited)
    return base.counts[key]


def _people(ground: Ground, new: Newcomers) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return ground.homes.people or {}, new.homes.people or {}
