"""Walks, audiences and places of every category a gap run is asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL, Groups
from geo_service.analysis.gap_zones import Gaps, gap_reasons
from geo_service.analysis.snapping import TOLERANCE_M
from geo_service.domain.capacity import CapacityRule, capacity_rules, catchment_zones, concerned_bands
from geo_service.domain.reference import Limit
from geo_service.services.context import Context
from geo_service.services.facilities import Targets
from geo_service.services.gap_facts import Lacking
from geo_service.services.gap_states import Audience, Surroundings, audiences_of, find_audience, one_category
from geo_service.services.groups import Division, inventory_complete
from geo_service.services.homes import Areas, Homes
from geo_service.services.reach import Reached, reached
from geo_service.services.supply import REACHED, Supply, find_places, read_supply
from geo_service.services.walks import Walks, walk

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_PER: Final = 1000.0


@dataclass(frozen=True)
class Found:
    """A category with its audiences; places depend on how people are counted."""

    category: str
    targets: Targets
    audiences: Sequence[Audience]
    surveyed: Flags
    limit: Limit
    speed_m_s: float
    supply: tuple[Supply, Reached] | None

    def lacking(self, people: Mapping[str, Floats]) -> Lacking:
        """Return why homes lack the category, places shared out among ``people``."""
        is_short = np.zeros(len(self.surveyed), bool)
        if self.supply is not None and people:
            supply, near = self.supply
            places = find_places(supply, near, people, limit_m=self.limit.metres, zones=catchment_zones())
            needed = supply.rule.needed_per_1000 or 0.0
            is_short = (places.state == REACHED) & ~places.is_partly & (places.catchment.places * _PER < needed)
        gaps = [self._gaps(audience, is_short) for audience in self.audiences]
        return Lacking(self.category, self.targets, self.audiences, gaps, self.speed_m_s)

    def _gaps(self, audience: Audience, is_short: Flags) -> Gaps:
        return gap_reasons(
            audience.states.state[0],
            near_by_air=audience.air_facility >= 0,
            others_near=audience.others_m <= self.limit.metres + TOLERANCE_M,
            is_short=is_short,
            surveyed=self.surveyed,
        )


class Search:
    """Walks and audiences of every category asked."""

    def __init__(
        self,
        limits: Mapping[str, Limit],
        targets: Targets,
        around: Surroundings,
        surveyed: Flags,
        *,
        places: Mapping[str, CapacityRule] | None = None,
    ) -> None:
        """Search ``limits`` (by category, in the order of ``targets.category``); ``surveyed`` has the shape (h, c).

        ``places``: how capacities are read, by category; as shipped unless given.
        """
        self._places = capacity_rules() if places is None else places
        self._limits, self._categories = limits, list(limits)
        self._targets, self._around, self._surveyed = targets, around, surveyed
        self._walks: dict[str, Walks] = {}

    def walk_all(self, ctx: Context) -> None:
        """Walk to the facilities of all categories that admit all ages alike, those of one limit together."""
        together: dict[float, list[str]] = {}
        for place, category in enumerate(self._categories):
            own = one_category(self._targets, place)
            if audiences_of(concerned_bands(category), own) == [(ALL,)] or all(b is None for b in own.bands):
                together.setdefault(self._limits[category].metres, []).append(category)
        for number, codes in enumerate(together.values()):
            places = [self._categories.index(code) for code in codes]
            some = self._targets.of_categories(places)
            renamed = np.full(len(self._categories), -1, np.int32)
            renamed[places] = np.arange(len(places), dtype=np.int32)
            found = walk(
                self._around.networks,
                replace(some, category=renamed[some.category]),
                self._around.people(),
                category_count=len(codes),
                limit=self._limits[codes[0]],
                profile=self._around.profile,
                progress=ctx.stage(number / len(together), (number + 1) / len(together)).progress,
            )
            for place, code in enumerate(codes):
                numbers = np.cumsum(some.category == self._categories.index(code)) - 1
                self._walks[code] = _one_of(found, place, numbers.astype(np.int32))

    def found(self, conn: Connection, category: str) -> Found:
        """Return the audiences of a category, and its places where it has a rule for them."""
        around = self._around
        place = self._categories.index(category)
        own, limit = one_category(self._targets, place), self._limits[category]
        audiences = [
            find_audience(around, own, bands, limit, self._walks.get(category))
            for bands in audiences_of(concerned_bands(category), own)
        ]
        rule = self._places.get(category)
        supply = None
        if rule is not None and rule.needed_per_1000 is not None and len(own):
            near = reached(around.networks, own, around.people(), limit=limit, profile=self._around.profile)
            supply = (read_supply(conn, own, rule).without_streets(near.adrift), near)
        return Found(
            category, own, audiences, self._surveyed[:, place], limit, self._around.profile.speed_m_s, supply
        )  # fmt: skip


def _one_of(walks: Walks, place: int, numbers: npt.NDArray[np.int32]) -> Walks:
    """Return the walks to one category; ``numbers`` are its facilities' places among those of it alone."""
    part = slice(place, place + 1)
    own = np.append(numbers, -1).astype(np.int32)
    return replace(
        walks,
        metres=walks.metres[part],
        facility=own[walks.facility[part]],
        unverified_m=walks.unverified_m[part],
        unverified_facility=own[walks.unverified_facility[part]],
        adrift_near=walks.adrift_near[part],
    )


def surveyed_homes(conn: Connection, homes: Homes, areas: Areas, codes: tuple[str, ...]) -> Flags:
    """Return whether the inventory of each category is declared complete where each home is, shape (h, c)."""
    smallest = np.where(homes.quarter_id >= 0, homes.quarter_id, homes.area_id)
    ids, place = np.unique(smallest, return_inverse=True)
    division = Division(
        Groups("", [""] * len(ids), [None] * len(ids), place.astype(np.int32)), [int(i) for i in ids], has_rest=False
    )
    complete = inventory_complete(conn, areas, division, codes)
    return np.asarray(complete == True, bool)[place]  # noqa: E712 - None and False are both no
