"""The lines of a sheet about walking: facilities of a category and level within one limit, and which of them count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo_service.domain.capacity import concerned_bands
from geo_service.domain.checklist import ITEMS
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.reference import Limit, Profile, limit_of
from geo_service.domain.rule_levels import ORDER, Sizes, level_limit_m, sizes_of
from geo_service.domain.rules import Rule
from geo_service.services.checklist_places import Sites, targets_at
from geo_service.services.facilities import NOBODY_HERE, Targets

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    """Everybody's walk to the facilities of one category and level, within one limit.

    ``item`` is the item of the checklist it decides, None for a line of the circles; ``sizes`` tells which facilities
    are of the level.
    """

    key: str
    item: str | None
    category: str
    level: str | None
    limit: Limit
    rules: Sequence[Rule]
    sizes: Sizes

    def targets(self, sites: Sites) -> Targets:
        """Return the facilities of the line; one whose size would decide and is not known counts as unverified."""
        places = sites.in_categories(self.category)
        places = places[(sites.targets.admits_area != NOBODY_HERE)[places]]
        if self.level is None:
            return targets_at(sites.targets, places)
        belongs = [
            self.sizes.is_of(self.level, floor_m2=float(sites.floor_m2[place]), land_m2=float(sites.land_m2[place]))
            for place in places
        ]
        kept = [n for n, one in enumerate(belongs) if one is not False]
        found = targets_at(sites.targets, places[kept])
        sure = np.array([belongs[n] is True for n in kept], bool)
        return replace(found, verified=found.verified & sure)

    def too_small(self, sites: Sites) -> Ints:
        """Return the facilities of the category that are too small for the line's level."""
        level = self.level
        if level is None:
            return np.zeros(0, np.int64)
        places = sites.in_categories(self.category)
        small = [
            self.sizes.is_too_small(level, floor_m2=float(sites.floor_m2[place]), land_m2=float(sites.land_m2[place]))
            for place in places
        ]
        return np.asarray(places[np.array(small, bool)], np.int64)

    @property
    def bands(self) -> tuple[str, ...]:
        """Age bands of the people the line is about, none for everybody."""
        return concerned_bands(self.category)


def lines_of(level_rules: Sequence[Rule], item_rules: Mapping[str, Sequence[Rule]], walker: Profile) -> list[Line]:
    """Return the lines of rules of levels, by category, level and limit, and of the items judged by a walk."""
    found: dict[tuple[str, str, float], list[Rule]] = {}
    by_category: dict[str, list[Rule]] = {}
    for rule in level_rules:
        metres = level_limit_m(rule)
        for code in rule.categories or ():
            by_category.setdefault(code, []).append(rule)
            if metres is not None and rule.level in ORDER:
                found.setdefault((code, rule.level, metres), []).append(rule)
    order = sorted(found, key=lambda one: (ORDER.index(one[1]), CATEGORY_CODES.index(one[0]), one[2]))
    sizes = {code: sizes_of(rules) for code, rules in by_category.items()}
    lines = [
        Line(f"{code} {level} {m:g}", None, code, level, Limit("distance", m, None), found[code, level, m], sizes[code])
        for code, level, m in order
    ]
    for item in ITEMS:
        for rule in item_rules.get(item.code, ()) if item.walked else ():
            if rule.walk_minutes is not None:
                limit = limit_of(walker, minutes=rule.walk_minutes)
                code = item.needs[0][0]
                lines.append(Line(f"{item.code} {rule.id}", item.code, code, None, limit, [rule], Sizes(None, {})))
    return lines
