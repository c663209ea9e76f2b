"""What an analysis is asked: categories, limit, profile, checked before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from geo_service.domain.areas import LEVELS
from geo_service.domain.gate_hours import time_of_day
from geo_service.domain.reference import (
    BY_AGE,
    STANDARD,
    Limit,
    Profile,
    categories,
    category_named,
    limit_of,
    profile_named,
    profiles_by_age,
)
from geo_service.domain.rules import shipped_rules
from geo_service.foundation.errors import InvalidInput
from geo_service.services.limit_rules import default_limit, limit_in_force
from geo_service.services.rules import Rulebook

BY_LEVELS = (*LEVELS, "grid", "unit_grid")


def chosen_categories(codes: Sequence[str] | None) -> tuple[str, ...]:
    """Return the asked categories once each in the fixed order, all without any; NotFound ``category_unknown``."""
    wanted = {category_named(code).code for code in codes or ()}
    return tuple(code for code in categories() if not wanted or code in wanted)


def distance_limit(metres: float) -> Limit:
    """Return a limit given in metres; InvalidInput ``limit_out_of_range`` outside 0 < m ≤ 100,000."""
    if not 0 < metres <= 100_000:
        raise InvalidInput("limit_out_of_range", metres=metres)
    return Limit("distance", float(metres), None)


def category_limit(
    category: str, walker: Profile, *, circle: int | None, minutes: float | None, strict: bool = False
) -> Limit:
    """Return the limit asked for (``strict`` alone: the 15-minute circle), else the default by the rules as shipped.

    A question is made before a store is open: what reads one puts :func:`limit_rules.limit_in_force` in its place.
    Raises as ``reference.limit_of``.
    """
    if circle is None and minutes is None and not strict:
        return default_limit(Rulebook(shipped_rules()), category)
    return limit_of(walker, circle=circle, minutes=minutes, strict=strict)


@dataclass(frozen=True)
class CoverageQuestion:
    """Coverage of categories within one limit, by an area level or grid.

    One category without a limit is held against its default (:func:`limit_rules.default_limit`, as by gaps, capacity
    and siting); several are held against one living circle, of 15 minutes unless another limit is asked for.
    ``walkers`` are the profile and limit of each age band where each walks by its own profile (``by_age``), empty where
    all walk by ``profile``; ``profile`` and ``limit`` are then those of buildings and of people of unknown age. ``at``
    is the time of day (HH:MM) by which gates are open or shut, None: open at all hours.
    """

    categories: tuple[str, ...]
    circle: int | None
    minutes: float | None
    profile: Profile
    by: str
    limit: Limit
    strict: bool = False
    walkers: Mapping[str, tuple[Profile, Limit]] = field(default_factory=dict)
    at: str | None = None

    @classmethod
    def asked(
        cls,
        categories: Sequence[str] | None = None,
        *,
        circle: int | None = None,
        minutes: float | None = None,
        profile: str = STANDARD,
        by: str = "community",
        strict: bool = False,
        at: str | None = None,
    ) -> "CoverageQuestion":
        """Return the checked question.

        Raises NotFound ``category_unknown``, ``profile_unknown``; InvalidInput ``limit_twice``, ``circle_unknown``,
        ``minutes_out_of_range``, ``strict_without_circle``, ``by_unknown``, ``time_of_day``.
        """
        walker = profile_named(STANDARD if profile == BY_AGE else profile)
        chosen = chosen_categories(categories)

        def limit_for(one: Profile) -> Limit:
            if len(chosen) == 1:
                return category_limit(chosen[0], one, circle=circle, minutes=minutes, strict=strict)
            return limit_of(one, circle=circle, minutes=minutes, strict=strict)

        limit = limit_for(walker)
        if by not in BY_LEVELS:
            raise InvalidInput("by_unknown", by=by, known=", ".join(BY_LEVELS))
        is_shared = len(chosen) != 1 or strict
        shown = 15 if is_shared and circle is None and minutes is None else circle
        own = profiles_by_age() if profile == BY_AGE else {}
        walkers = {band: (one, limit_for(one)) for band, one in own.items()}
        return cls(chosen, shown, minutes, walker, by, limit, strict, walkers, time_of_day(at))

    def under(self, book: Rulebook) -> "CoverageQuestion":
        """Return the question with the default limit of the rules of today, where one category has it."""
        if len(self.categories) != 1:
            return self
        limit = limit_in_force(book, self.categories[0], self, self.limit)
        if limit == self.limit:
            return self
        walkers = {band: (profile, limit) for band, (profile, _) in self.walkers.items()}
        return replace(self, limit=limit, walkers=walkers)

    def walker(self, band: str | None) -> tuple[Profile, Limit]:
        """Return the profile and limit of an age band; those of buildings for None and bands that have no own ones."""
        return self.walkers.get(band or "", (self.profile, self.limit))

    def told_walkers(self) -> dict[str, dict[str, Any]]:
        """Return how each age band walks and its limit, where each has its own."""
        return {
            band: {
                "profile": profile.code,
                "speed_m_s": round(profile.speed_m_s, 6),
                "step_free": profile.step_free,
                "limit_m": round(limit.metres, 2),
            }
            for band, (profile, limit) in self.walkers.items()
        }

    def parameters(self) -> dict[str, object]:
        """Return what was asked, as it is kept with the run; ``strict`` and ``at`` only where they were asked."""
        asked: dict[str, object] = {
            "categories": list(self.categories),
            "circle": self.circle,
            "minutes": self.minutes,
            "profile": BY_AGE if self.walkers else self.profile.code,
            "by": self.by,
        }
        return asked | ({"strict": True} if self.strict else {}) | ({} if self.at is None else {"at": self.at})
