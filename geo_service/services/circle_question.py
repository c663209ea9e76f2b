"""What service circles are asked: where, within which limits, by whose walk."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from geo_service.domain.bands import BANDS
from geo_service.domain.gate_hours import time_of_day
from geo_service.domain.reference import (
    BY_AGE,
    STANDARD,
    Limit,
    Profile,
    category_named,
    limit_of,
    profile_named,
    profiles_by_age,
    strict_refused,
    stricter_circles,
)
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.services.limit_rules import default_limit, limit_rules
from geo_service.services.questions import category_limit
from geo_service.services.rules import Rulebook

POINTS_MAXIMUM: Final = 1000
_LIMITS_MAXIMUM: Final = 10


@dataclass(frozen=True)
class CircleWalker:
    """Who walks a circle: a profile, its limits by length, and the age bands that walk so where each has its own."""

    profile: Profile
    limits: tuple[Limit, ...]
    bands: tuple[str, ...] = ()


@dataclass(frozen=True)
class CirclesQuestion:
    """Circles around points, around facilities by code or all of a category, within several limits.

    They are walked by one profile or by age.

    By age there is a circle for each way of walking: ``walkers`` are more than one where their limits differ.
    ``is_usual``: a category without a limit, which is its default one; points without one have the 15-minute circle.
    ``at`` is the time of day (HH:MM) by which gates are open or shut, None: open at all hours.
    """

    points: tuple[tuple[float, float], ...]
    facilities: tuple[str, ...]
    category: str | None
    walkers: tuple[CircleWalker, ...]
    by_age: bool = False
    is_usual: bool = False
    at: str | None = None

    @classmethod
    def asked(
        cls,
        *,
        points: Sequence[tuple[float, float]] | None = None,
        facilities: Sequence[str] | None = None,
        category: str | None = None,
        circles: Sequence[int] | None = None,
        minutes: Sequence[float] | None = None,
        profile: str = "standard",
        strict: bool = False,
        at: str | None = None,
    ) -> "CirclesQuestion":
        """Return the checked question.

        With ``strict`` the circles that have a stricter distance are drawn by it, the others by their own. Raises
        InvalidInput ``circles_where`` (not exactly one of points, facilities, category), ``lonlat_swapped``,
        ``lonlat_out_of_range``, ``limit_twice``, ``circle_unknown``, ``minutes_out_of_range``,
        ``strict_without_circle`` (none of the circles has a stricter distance), ``time_of_day``; TooMuch
        ``circles_too_many``; NotFound ``category_unknown``, ``profile_unknown``.
        """
        if bool(points) + bool(facilities) + (category is not None) != 1:
            raise InvalidInput("circles_where")
        if category is not None:
            category_named(category)
        places, codes = tuple(points or ()), tuple(sorted(set(facilities or ())))
        if len(places) + len(codes) > POINTS_MAXIMUM:
            raise TooMuch("circles_too_many", count=len(places) + len(codes), maximum=POINTS_MAXIMUM)
        for lon, lat in places:
            check_place(lon, lat)
        if circles and minutes:
            raise InvalidInput("limit_twice")
        is_usual = category is not None and not circles and not minutes and not strict
        strictly = frozenset(circles or (15,)) & set(stricter_circles()) if strict else frozenset()
        if strict and (minutes or not strictly):
            raise strict_refused()

        def limits_of(walker: Profile) -> tuple[Limit, ...]:
            asked = [limit_of(walker, minutes=one) for one in minutes or ()]
            asked += [limit_of(walker, circle=one, strict=one in strictly) for one in circles or ()]
            if category is not None and is_usual:
                asked = [category_limit(category, walker, circle=None, minutes=None)]
            limits = {limit.metres: limit for limit in asked or [limit_of(walker, strict=strict)]}
            if len(limits) > _LIMITS_MAXIMUM:
                raise TooMuch("circles_too_many", count=len(limits), maximum=_LIMITS_MAXIMUM)
            return tuple(limits[metres] for metres in sorted(limits))

        hour = time_of_day(at)
        if profile == BY_AGE:
            return cls(places, codes, category, _walkers_by_age(limits_of), by_age=True, is_usual=is_usual, at=hour)
        walker = profile_named(profile)
        return cls(places, codes, category, (CircleWalker(walker, limits_of(walker)),), is_usual=is_usual, at=hour)

    def under(self, book: Rulebook) -> "CirclesQuestion":
        """Return the question with the default limit of the rules of today, where its category has it."""
        if self.category is None or not self.is_usual:
            return self
        limits = (default_limit(book, self.category),)
        return replace(self, walkers=tuple(replace(one, limits=limits) for one in self.walkers))

    def rules(self, book: Rulebook) -> list[dict[str, Any]]:
        """Return the rules of each limit for the category (:func:`limit_rules.limit_rules`), none for points."""
        if self.category is None:
            return []
        return [limit_rules(book, self.category, limit) for limit in self.walkers[0].limits]

    def parameters(self) -> dict[str, Any]:
        """Return what was asked, as it stands in the result."""
        return {
            "points": [list(point) for point in self.points],
            **({"facilities": list(self.facilities)} if self.facilities else {}),
            "category": self.category,
            "limits": _told(self.walkers[0].limits),
            "profile": BY_AGE if self.by_age else self.walkers[0].profile.code,
            **({"walkers": [_told_walker(one) for one in self.walkers]} if self.by_age else {}),
            **({} if self.at is None else {"at": self.at}),
        }


def _walkers_by_age(limits_of: Callable[[Profile], tuple[Limit, ...]]) -> tuple[CircleWalker, ...]:
    """Return those who walk by their own profiles, together where they reach equally far; the standard one first."""
    own = profiles_by_age()
    found: dict[tuple[object, ...], CircleWalker] = {}
    for profile in {one.code: one for one in (profile_named(STANDARD), *own.values())}.values():
        limits = limits_of(profile)
        bands = tuple(band for band, one in own.items() if one == profile)
        key = (profile.step_free, *(limit.metres for limit in limits))
        alike = found.setdefault(key, CircleWalker(profile, limits))
        found[key] = replace(alike, bands=tuple(band for band in BANDS if band in {*alike.bands, *bands}))
    return tuple(found.values())


def _told(limits: Sequence[Limit]) -> list[dict[str, Any]]:
    return [{"kind": one.kind, "metres": one.metres, "minutes": one.minutes} for one in limits]


def _told_walker(walker: CircleWalker) -> dict[str, Any]:
    return {"profile": walker.profile.code, "bands": list(walker.bands), "limits": _told(walker.limits)}


def check_place(lon: float, lat: float) -> None:
    """Raise InvalidInput ``lonlat_swapped`` or ``lonlat_out_of_range`` unless this is a place on earth."""
    if math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90:
        return
    if math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 90 and abs(lat) <= 180:
        raise InvalidInput("lonlat_swapped", lon=lon, lat=lat)
    raise InvalidInput("lonlat_out_of_range", lon=lon, lat=lat)
