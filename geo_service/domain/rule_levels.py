"""Levels of the living circles: which facility is of which level. A 15-minute facility does not replace a 5-minute one.

GB 50180-2018 5.0.3: facilities of a higher level do not stand for those of a lower one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Final

from geo_service.domain.reference import circles
from geo_service.domain.rules import Rule

CIRCLES: Final[Mapping[str, int]] = {"5min": 5, "10min": 10, "15min": 15}
ORDER: Final = ("block", *CIRCLES)


@dataclass(frozen=True)
class Sizes:
    """What tells facilities of one category on different levels apart: a size and the least of it by level.

    ``measure`` is ``floor_area`` or ``land_area``; None where sizes tell nothing. A level that is not in ``least``
    cannot be told from the one below it: the same facilities count on both.
    """

    measure: str | None
    least: Mapping[str, float]

    def is_of(self, level: str, size: float) -> bool | None:
        """Whether a facility of a size is of a level, None where its size decides and is not known (NaN)."""
        if self.measure is None:
            return True
        own = self._base(level)
        above = [low for one, low in self.least.items() if ORDER.index(one) > ORDER.index(level) and low > own]
        if isnan(size):
            return None
        return own <= size and (not above or size < min(above))

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
    found = [Sizes(f"{what}_area", _least(listed, what)) for what in ("floor", "land")]
    best = max(found, key=lambda one: len(one.least))
    return best if best.least else Sizes(None, {})


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
