"""What a gap analysis is asked: categories, limit, how near neighbours are, weights of age bands."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from geo_service.domain.bands import BANDS
from geo_service.domain.gate_hours import time_of_day
from geo_service.domain.reference import Limit, Profile, profile_named
from geo_service.foundation.errors import InvalidInput
from geo_service.services.limit_rules import limit_in_force
from geo_service.services.questions import category_limit, chosen_categories
from geo_service.services.rules import Rulebook

_LINK_M: Final = 100.0
_LINK_RANGE_M: Final = (1.0, 1000.0)
_HEAVIEST: Final = 100.0


@dataclass(frozen=True)
class GapsQuestion:
    """Gaps of categories, each within the limit asked or its default one; weights rank; ``at`` as in coverage."""

    categories: tuple[str, ...]
    circle: int | None
    minutes: float | None
    profile: Profile
    strict: bool
    link_m: float
    weights: Mapping[str, float]
    limits: Mapping[str, Limit]
    at: str | None = None

    @classmethod
    def asked(
        cls,
        categories: Sequence[str] | None = None,
        *,
        circle: int | None = None,
        minutes: float | None = None,
        profile: str = "standard",
        strict: bool = False,
        link_m: float = _LINK_M,
        weights: Mapping[str, float] | None = None,
        at: str | None = None,
    ) -> "GapsQuestion":
        """Return the checked question.

        Raises NotFound ``category_unknown``, ``profile_unknown``; InvalidInput ``limit_twice``, ``circle_unknown``,
        ``minutes_out_of_range``, ``strict_without_circle``, ``link_out_of_range``, ``band_unknown``,
        ``weight_out_of_range``, ``time_of_day``.
        """
        walker = profile_named(profile)
        chosen = chosen_categories(categories)
        limits = {
            code: category_limit(code, walker, circle=circle, minutes=minutes, strict=strict) for code in chosen
        }  # fmt: skip
        low, high = _LINK_RANGE_M
        if not low <= link_m <= high:
            raise InvalidInput("link_out_of_range", metres=link_m, low=low, high=high)
        for band, weight in (weights or {}).items():
            if band not in BANDS:
                raise InvalidInput("band_unknown", band=str(band)[:40], known=", ".join(BANDS))
            if not (math.isfinite(weight) and 0 <= weight <= _HEAVIEST):
                raise InvalidInput("weight_out_of_range", band=band, weight=weight, highest=_HEAVIEST)
        ordered = {band: float((weights or {})[band]) for band in BANDS if band in (weights or {})}
        return cls(chosen, circle, minutes, walker, strict, float(link_m), ordered, limits, time_of_day(at))

    def under(self, book: Rulebook) -> "GapsQuestion":
        """Return the question with the default limits of the rules of today."""
        limits = {code: limit_in_force(book, code, self, limit) for code, limit in self.limits.items()}
        return replace(self, limits=limits)

    def parameters(self) -> dict[str, object]:
        """Return what was asked, as it is kept with the run."""
        asked: dict[str, object] = {
            "categories": list(self.categories),
            "circle": self.circle,
            "minutes": self.minutes,
            "profile": self.profile.code,
            "strict": self.strict,
            "link_m": self.link_m,
            "weights": dict(self.weights),
        }
        return asked if self.at is None else asked | {"at": self.at}
