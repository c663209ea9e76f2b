"""What siting is asked: category, how many or for how much, which candidates and what they cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

from geo_service.domain.bands import BANDS
from geo_service.domain.gate_hours import time_of_day
from geo_service.domain.reference import Limit, Profile, category_named, profile_named
from geo_service.foundation.errors import InvalidInput
from geo_service.services.questions import category_limit

OBJECTIVES: Final = ("max_cover", "set_cover", "p_median")
SPACE_KINDS: Final = (
    "square",
    "playground",
    "activity_ground",
    "sports_ground",
    "idle_land",
    "room",
    "street",
    "other",
)
CANDIDATE_KINDS: Final = ("space", "drawn", "share", "gate", "crossing", "drawn_crossing")
NEVER_FREE: Final = ("share", "gate")  # the owners have to agree
MOST_DRAWN: Final = 5_000
MOST_LINES: Final = 300
_MOST_VERTICES: Final = 500
_MOST_SITES: Final = 10_000
_MOST_YUAN: Final = 1e12
_MOST_SECONDS: Final = 600.0
_HEAVIEST: Final = 100.0
_TEXT: Final = 64


@dataclass(frozen=True)
class Costs:
    """What a candidate without a cost of its own costs, yuan by kind; None: not known.

    Working figures without a source, there to be replaced: no gate is opened and nothing is shared for nothing, so
    those of :data:`NEVER_FREE` are more than 0.
    """

    build: float | None = None
    share: float | None = 50_000.0
    gate: float | None = 20_000.0
    crossing: float | None = 2_000_000.0


@dataclass(frozen=True)
class Drawn:
    """A point somebody drew, degrees: usable area and cost where known; without a code its position is one."""

    code: str
    lon: float
    lat: float
    name: str | None = None
    cost_yuan: float | None = None
    area_m2: float | None = None


@dataclass(frozen=True)
class DrawnLine:
    """A crossing somebody drew from one end to the other, degrees; without a code its first end is one."""

    code: str
    line: tuple[tuple[float, float], ...]
    name: str | None = None
    cost_yuan: float | None = None


@dataclass(frozen=True)
class SitingQuestion:
    """Where sites of one category help most; see :meth:`asked`."""

    category: str
    objective: str
    k: int | None
    budget_yuan: float | None
    share: float | None
    circle: int | None
    minutes: float | None
    profile: Profile
    strict: bool
    limit: Limit
    weights: Mapping[str, float]
    candidates: tuple[str, ...]
    spaces: tuple[str, ...]
    points: tuple[Drawn, ...]
    lines: tuple[DrawnLine, ...]
    costs: Costs
    min_area_m2: float | None
    gap_share: float
    seconds: float
    at: str | None = None
    ignore_unverified_areas: bool = False

    @classmethod
    def asked(
        cls,
        category: str,
        *,
        objective: str = "max_cover",
        k: int | None = None,
        budget_yuan: float | None = None,
        share: float | None = None,
        circle: int | None = None,
        minutes: float | None = None,
        profile: str = "standard",
        strict: bool = False,
        weights: Mapping[str, float] | None = None,
        candidates: Sequence[str] | None = None,
        spaces: Sequence[str] | None = None,
        points: Sequence[Mapping[str, Any]] | None = None,
        lines: Sequence[Mapping[str, Any]] | None = None,
        costs: Mapping[str, float | None] | None = None,
        min_area_m2: float | None = None,
        gap_share: float = 0.0,
        seconds: float = 60.0,
        at: str | None = None,
        ignore_unverified_areas: bool = False,
    ) -> "SitingQuestion":
        """Return the checked question.

        Parameters
        ----------
        category, circle, minutes, profile, strict
            What is missing within which limit; without circle or minutes the category's default limit.
        objective, k, budget_yuan, share
            ``max_cover``: most people within the limit from ``k`` sites or for a budget; ``set_cover``: fewest sites
            that cover the ``share`` of the people; ``p_median``: shortest walks from ``k`` sites or for a budget.
        weights
            What a person of an age band counts, 1 where not named.
        candidates, spaces
            Kinds of candidates (:data:`CANDIDATE_KINDS`), all without any; kinds of public spaces among them.
        points, lines
            Drawn points, see :class:`Drawn`; drawn crossings, see :class:`DrawnLine`.
        costs
            Yuan by kind where a candidate has none of its own, see :class:`Costs`.
        min_area_m2
            Least usable area instead of the rule's; 0: none.
        gap_share, seconds
            How much worse than the best the answer may be, and the solver's time limit.
        at
            Time of day (HH:MM) by which gates are open or shut, None: open at all hours.
        ignore_unverified_areas
            Whether a least area of the rule that is to be verified excludes nothing, but makes candidates doubtful.

        Raises NotFound ``category_unknown``, ``profile_unknown``; InvalidInput ``siting_objective``,
        ``siting_how_many``, ``siting_k``, ``siting_budget``, ``siting_share``, ``siting_cost``, ``siting_cost_free``,
        ``siting_kind``, ``siting_point``, ``siting_line``, ``siting_code_twice``, ``siting_too_many_points``,
        ``siting_area``, ``siting_effort``, ``band_unknown``, ``weight_out_of_range``, ``time_of_day``, those of a
        limit.
        """
        category_named(category)
        walker = profile_named(profile)
        limit = category_limit(category, walker, circle=circle, minutes=minutes, strict=strict)
        share = _how_many(objective, k, budget_yuan, share)
        if len(points or ()) > MOST_DRAWN:
            raise InvalidInput("siting_too_many_points", count=len(points or ()), most=MOST_DRAWN)
        if len(lines or ()) > MOST_LINES:
            raise InvalidInput("siting_too_many_points", count=len(lines or ()), most=MOST_LINES)
        drawn, crossings = _drawn(points or ()), _drawn_lines(lines or ())
        _different([*drawn, *crossings])
        if min_area_m2 is not None and not 0 <= min_area_m2 <= _MOST_YUAN:
            raise InvalidInput("siting_area", area=min_area_m2)
        if not (0 <= gap_share < 1 and 0 < seconds <= _MOST_SECONDS):
            raise InvalidInput("siting_effort", gap=gap_share, seconds=seconds, most=_MOST_SECONDS)
        return cls(
            category,
            objective,
            k,
            budget_yuan,
            share,
            circle,
            minutes,
            walker,
            strict,
            limit,
            _weights(weights or {}),
            _kinds(candidates, CANDIDATE_KINDS, CANDIDATE_KINDS),
            _kinds(spaces, SPACE_KINDS, ("idle_land", "room")),
            drawn,
            crossings,
            _costs(costs or {}),
            None if min_area_m2 is None else float(min_area_m2),
            float(gap_share),
            float(seconds),
            time_of_day(at),
            ignore_unverified_areas,
        )

    def parameters(self) -> dict[str, object]:
        """Return what was asked, as it is kept with the run; points in the order of their codes."""
        asked: dict[str, object] = {
            "category": self.category,
            "objective": self.objective,
            "k": self.k,
            "budget_yuan": self.budget_yuan,
            "share": self.share,
            "circle": self.circle,
            "minutes": self.minutes,
            "profile": self.profile.code,
            "strict": self.strict,
            "weights": dict(self.weights),
            "candidates": list(self.candidates),
            "spaces": list(self.spaces),
            "points": [_given(asdict(one)) for one in self.points],
            "lines": [_given(asdict(one)) | {"line": [list(place) for place in one.line]} for one in self.lines],
            "costs": asdict(self.costs),
            "min_area_m2": self.min_area_m2,
            "gap_share": self.gap_share,
            "seconds": self.seconds,
        }
        ignored = {"ignore_unverified_areas": True} if self.ignore_unverified_areas else {}
        return asked | ignored | ({} if self.at is None else {"at": self.at})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _how_many(objective: str, k: int | None, budget_yuan: float | None, share: float | None) -> float | None:
    """Check that the question says how many in the one way of its objective; return the share to reach."""
    if objective not in OBJECTIVES:
        raise InvalidInput("siting_objective", objective=str(objective)[:40], known=", ".join(OBJECTIVES))
    if objective == "set_cover":
        if k is not None or budget_yuan is not None:
            raise InvalidInput("siting_how_many", objective=objective)
        wanted = 0.95 if share is None else float(share)
        if not 0 < wanted <= 1:
            raise InvalidInput("siting_share", share=share)
        return wanted
    if (k is None) == (budget_yuan is None) or share is not None:
        raise InvalidInput("siting_how_many", objective=objective)
    if k is not None and not 1 <= k <= _MOST_SITES:
        raise InvalidInput("siting_k", k=k, most=_MOST_SITES)
    if budget_yuan is not None and not 0 < budget_yuan <= _MOST_YUAN:
        raise InvalidInput("siting_budget", budget=budget_yuan)
    return None


def _weights(weights: Mapping[str, float]) -> dict[str, float]:
    for band, weight in weights.items():
        if band not in BANDS:
            raise InvalidInput("band_unknown", band=str(band)[:40], known=", ".join(BANDS))
        if not (math.isfinite(weight) and 0 <= weight <= _HEAVIEST):
            raise InvalidInput("weight_out_of_range", band=band, weight=weight, highest=_HEAVIEST)
    return {band: float(weights[band]) for band in BANDS if band in weights}


def _kinds(asked: Sequence[str] | None, known: Sequence[str], usual: Sequence[str]) -> tuple[str, ...]:
    wanted = set(usual if asked is None else asked)
    for one in sorted(wanted - set(known)):
        raise InvalidInput("siting_kind", kind=str(one)[:40], known=", ".join(known))
    return tuple(one for one in known if one in wanted)


def _costs(costs: Mapping[str, float | None]) -> Costs:
    usual = asdict(Costs())
    for kind in sorted(costs.keys() - usual.keys()):
        raise InvalidInput("siting_kind", kind=str(kind)[:40], known=", ".join(usual))
    made = {kind: _cost(kind, costs.get(kind, usual[kind])) for kind in usual}
    for kind in NEVER_FREE:
        if made[kind] == 0:
            raise InvalidInput("siting_cost_free", of=kind)
    return Costs(**made)


def _cost(of: str, yuan: Any) -> float | None:
    """Return a checked cost; InvalidInput ``siting_cost`` names what has a wrong one."""
    if yuan is None:
        return None
    if isinstance(yuan, bool) or not isinstance(yuan, int | float) or not 0 <= yuan <= _MOST_YUAN:
        raise InvalidInput("siting_cost", of=of, cost=str(yuan)[:40])
    return float(yuan)


def _drawn(points: Sequence[Mapping[str, Any]]) -> tuple[Drawn, ...]:
    made = []
    for number, point in enumerate(points, start=1):
        place = _degrees(point.get("lon"), point.get("lat"))
        if place is None:
            raise InvalidInput("siting_point", number=number)
        lon, lat = place
        code = _text(point.get("code")) or f"{lon:.6f},{lat:.6f}"
        area = point.get("area_m2")
        if area is not None and not (isinstance(area, int | float) and 0 <= area <= _MOST_YUAN):
            raise InvalidInput("siting_area", area=str(area)[:40])
        cost = _cost(code, point.get("cost_yuan"))
        made.append(Drawn(code, lon, lat, _text(point.get("name")), cost, None if area is None else float(area)))
    return tuple(sorted(made, key=lambda one: one.code))


def _drawn_lines(lines: Sequence[Mapping[str, Any]]) -> tuple[DrawnLine, ...]:
    made = []
    for number, given in enumerate(lines, start=1):
        line = _line(given.get("line"))
        if line is None:
            raise InvalidInput("siting_line", number=number, most=_MOST_VERTICES)
        code = _text(given.get("code")) or f"{line[0][0]:.6f},{line[0][1]:.6f}"
        made.append(DrawnLine(code, line, _text(given.get("name")), _cost(code, given.get("cost_yuan"))))
    return tuple(sorted(made, key=lambda one: one.code))


def _line(vertices: Any) -> tuple[tuple[float, float], ...] | None:
    """Return the vertices of a line, None where it is none or too long."""
    if not isinstance(vertices, list | tuple) or not 2 <= len(vertices) <= _MOST_VERTICES:
        return None
    pairs = [one if isinstance(one, list | tuple) and len(one) == 2 else (None, None) for one in vertices]
    line = [place for lon, lat in pairs if (place := _degrees(lon, lat)) is not None]
    return tuple(line) if len(line) == len(vertices) and len(set(line)) > 1 else None


def _different(drawn: Sequence[Drawn | DrawnLine]) -> None:
    """Check that no two drawn things have the same code."""
    for one, other in pairwise(sorted(drawn, key=lambda one: one.code)):
        if one.code == other.code:
            raise InvalidInput("siting_code_twice", code=one.code)


def _degrees(lon: Any, lat: Any) -> tuple[float, float] | None:
    """Return a place on earth, None where it is none."""
    if not (isinstance(lon, int | float) and isinstance(lat, int | float) and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return round(float(lon), 7), round(float(lat), 7)


def _text(given: Any) -> str | None:
    written = "" if given is None else str(given).strip()
    return written[:_TEXT] or None
