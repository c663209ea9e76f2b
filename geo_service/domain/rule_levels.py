"""Levels of the living circles: which facility is of which level. A 15-minute facility does not replace a 5-minute one.

GB 50180-2018 5.0.3: facilities of a higher level do not stand for those of a lower one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import Final

from geo_service.domain.reference import circles
from geo_service.domain.rules import Rule

CIRCLES: Final[Mapping[str, int]] = {"5min": 5, "10min": 10, "15min": 15}
ORDER: Final = ("block", *CIRCLES)


@dataclass(frozen=True)
class Sizes:
    """What sizes say of the facilities of one category: which level they are of, and which are too small for it.

    Attributes
    ----------
    measure, least
        ``floor_area`` or ``land_area`` and the least of it by level, where it tells levels apart; None where sizes do
        not. A level that is not in ``least`` cannot be told from the one below it: the same facilities count on both.
    minimum
        The least floor and land area, m², that the rules of a level ask for, by level and measure; what is advice only
        makes nothing too small.
    """

    measure: str | None
    least: Mapping[str, float]
    minimum: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def is_too_small(self, level: str, *, floor_m2: float, land_m2: float) -> bool:
        """Whether a facility is below the minimum of a level by every size of it that is known (NaN: not known)."""
        known = self._known(level, floor_m2, land_m2)
        return bool(known) and all(size < low for size, low in known)

    def is_of(self, level: str, *, floor_m2: float, land_m2: float) -> bool | None:
        """Whether a facility of a size is of a level, None where its size decides and is not known (NaN).

        A size decides where it tells levels apart, or where levels ask for different ones.
        """
        if self.is_too_small(level, floor_m2=floor_m2, land_m2=land_m2):
            return False
        if self.measure is None:
            return True if self._known(level, floor_m2, land_m2) or not self._differ() else None
        size = floor_m2 if self.measure == "floor_area" else land_m2
        own = self._base(level)
        above = [low for one, low in self.least.items() if ORDER.index(one) > ORDER.index(level) and low > own]
        if isnan(size):
            return None
        return own <= size and (not above or size < min(above))

    def _known(self, level: str, floor_m2: float, land_m2: float) -> list[tuple[float, float]]:
        sizes = {"floor_area": floor_m2, "land_area": land_m2}
        return [(sizes[what], low) for what, low in self.minimum.get(level, {}).items() if not isnan(sizes[what])]

    def _differ(self) -> bool:
        return len({tuple(sorted(one.items())) for one in self.minimum.values()}) > 1

    def _base(self, level: str) -> float:
        below = [low for one, low in self.least.items() if ORDER.index(one) <= ORDER.index(level)]
        return max(below, default=0.0)


def level_limit_m(rule: Rule) -> float | None:
    """Return the walking distance of a rule: its radius, else that of its level's circle; None without either."""
    if rule.service_radius_m is not None:
        return float(rule.service_radius_m)
    return circles()[CIRCLES[rule.level]] if rule.level is not None and rule.level in CIRCLES else None


def sizes_of(rules: Iterable[Rule]) -> Sizes:
    """Return how the levels of one category are told apart by its rules.

    A level is, where the least size of one of its rules is not below the largest size of the level below; of the two
    measures the one that separates more levels is taken, floor area first.
    """
    listed = list(rules)
    found = [Sizes(f"{what}_area", _least(listed, what), _minimum(listed)) for what in ("floor", "land")]
    best = max(found, key=lambda one: len(one.least))
    return best if best.least else Sizes(None, {}, best.minimum)


def _minimum(rules: list[Rule]) -> dict[str, dict[str, float]]:
    """Return the least sizes by level and measure; of several rules of a level the smaller one."""
    found: dict[str, dict[str, float]] = {}
    for rule in rules:
        for what, low in (("floor_area", rule.min_floor_area_m2), ("land_area", rule.min_land_area_m2)):
            if low is not None and rule.level in ORDER and rule.strength != "advice":
                own = found.setdefault(str(rule.level), {})
                own[what] = min(low, own.get(what, low))
    return found


def _least(rules: list[Rule], what: str) -> dict[str, float]:
    least: dict[str, float] = {}
    largest = None
    for level in ORDER:
        mine = [rule for rule in rules if rule.level == level]
        lows = [low for rule in mine if (low := getattr(rule, f"min_{what}_area_m2")) is not None]
        if largest is not None:
            apart = [low for low in lows if low >= largest]
            if apart:
                least[level] = min(apart)
        highs = [high for rule in mine if (high := getattr(rule, f"max_{what}_area_m2")) is not None]
        if highs:
            largest = max([*highs, largest or 0.0])
    return least
