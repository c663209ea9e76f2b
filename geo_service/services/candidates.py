"""Candidate sites: public land and rooms of the store, drawn points, facilities that could be shared (PRODUCT §3.11).

Each is shown; one that cannot be built on or is not known well enough is not eligible, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection

from geo_service.domain.facilities import is_counted, is_for_some_only
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import category_named
from geo_service.domain.rules import Rule
from geo_service.services.context import Context
from geo_service.services.facilities import EVERYBODY, Targets, read_targets
from geo_service.services.rules import rulebook
from geo_service.services.siting_question import NEVER_FREE, SitingQuestion
from geo_service.storage.frames import read_frame

NEEDS_CONSENT: Final = NEVER_FREE
# why a candidate is not eligible, in the order in which it is looked for
REASONS: Final = (
    "needs_land", "land_status_unknown", "area_unknown", "area_too_small", "facility_not_open", "facility_unverified",
    "cost_unknown", "cost_over_budget", "no_street",
)  # fmt: skip
UNVERIFIED: Final = "unverified_rule"  # fact of a reason that rests on a figure of this rule that is to be verified
_FLOOR_KINDS: Final = ("room",)  # kinds of spaces that are floor, not land
_SHARED: Final = ("id", "code", "name", "category", "opening_state", "admits", "verification", "is_shareable")


@dataclass(frozen=True)
class Candidate:
    """One candidate.

    Attributes
    ----------
    code, kind, name
        Code of the public space, facility, gate or drawn thing, of a proposed crossing that of the barrier with the
        place; kind as in ``siting_question.CANDIDATE_KINDS``.
    places
        Where one enters it, degrees; the first is where it is shown.
    cost_yuan
        Its cost, None where not known.
    cost_is_usual
        The cost is the usual one of its kind, not its own.
    area_m2
        Usable area, None where not known.
    line
        Of a crossing where it would lead, from one end to the other, degrees; else None.
    reason, facts
        Why it is not eligible (:data:`REASONS`), None if it is, and what a reader of the reason must know.
    doubt, doubt_facts
        What would make it not eligible if a figure that is to be verified was not ignored; None without such a thing.
    """

    code: str
    kind: str
    name: str | None
    places: tuple[tuple[float, float], ...]
    cost_yuan: float | None = None
    cost_is_usual: bool = False
    area_m2: float | None = None
    line: tuple[tuple[float, float], ...] | None = None
    reason: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    doubt: str | None = None
    doubt_facts: Mapping[str, object] = field(default_factory=dict)

    def refused(self, reason: str, **facts: object) -> "Candidate":
        """Return it as not eligible, unless it already is for an earlier reason."""
        return self if self.reason is not None else replace(self, reason=reason, facts=facts)


@dataclass(frozen=True)
class LeastArea:
    """The least usable area asked for, and whether a room will do at all.

    Attributes
    ----------
    land_m2, floor_m2
        Least area of land and of rooms, m², None for none.
    rule
        The rule it is from, None if it was asked for or there is none.
    needs_land
        Whether no room is a site: by what the category is, or since the rule asks for land only.
    ignores_unverified
        Whether a figure that is to be verified makes a candidate doubtful only, instead of not eligible.
    """

    land_m2: float | None
    floor_m2: float | None
    rule: Rule | None
    needs_land: bool
    ignores_unverified: bool

    def is_sure(self, *, floor: bool) -> bool:
        """Whether the figure was asked for, or nothing of it is to be verified."""
        name = "min_floor_area_m2" if floor else "min_land_area_m2"
        return self.rule is None or name not in self.rule.to_verify

    def checked(self, one: Candidate, *, floor: bool) -> Candidate:
        """Return a candidate of floor or land refused if it is too small, or doubtful where that is to be ignored."""
        needed_m2 = self.floor_m2 if floor else self.land_m2
        if needed_m2 is None or (one.area_m2 is not None and one.area_m2 >= needed_m2):
            return one
        facts: dict[str, object] = {"needed_m2": needed_m2}
        facts |= {} if one.area_m2 is None else {"area_m2": one.area_m2}
        reason = "area_unknown" if one.area_m2 is None else "area_too_small"
        if self.is_sure(floor=floor):
            return one.refused(reason, **facts)
        if self.ignores_unverified:
            return replace(one, doubt=reason, doubt_facts=facts)
        return one.refused(reason, **facts, **{UNVERIFIED: "" if self.rule is None else self.rule.id})


def least_area(conn: Connection, ctx: Context, question: SitingQuestion) -> LeastArea:
    """Return the least area of a site: what is asked, else of the rule for the category.

    That is its item of the 完整居住社区 checklist, else the rule for the living circle that is asked for; of several
    the first by id that gives an area.
    """
    needs_land, ignores = category_named(question.category).needs_land, question.ignore_unverified_areas
    if question.min_area_m2 is not None:
        least = question.min_area_m2 or None
        return LeastArea(least, least, None, needs_land, ignores)
    circle = f"{question.limit.minutes:g}min" if question.limit.kind == "distance" and question.limit.minutes else ""
    rules = [
        rule
        for rule in rulebook(conn, ctx).used("item", "level", "green")
        if question.category in (rule.categories or ()) and (rule.use == "item" or rule.level == circle)
        if rule.min_land_area_m2 is not None or rule.min_floor_area_m2 is not None
    ]
    for rule in sorted(rules, key=lambda one: (one.use != "item", one.id)):
        needs_land = needs_land or rule.min_floor_area_m2 is None
        return LeastArea(rule.min_land_area_m2, rule.min_floor_area_m2, rule, needs_land, ignores)
    return LeastArea(None, None, None, needs_land, ignores)


def read_candidates(conn: Connection, ctx: Context, question: SitingQuestion, least: LeastArea) -> list[Candidate]:
    """Return the candidates of the kinds asked for that stand in the store or were drawn, by code, then kind."""
    found: list[Candidate] = []
    if "space" in question.candidates:
        found += _spaces(conn, question, least)
    if "drawn" in question.candidates:
        found += _drawn(question, least)
    if "share" in question.candidates:
        found += _shareable(conn, ctx, question)
    # of equally good ones the earlier is chosen
    return sorted((priced(one, question) for one in found), key=lambda one: (one.code, one.kind))


def as_targets(candidates: Sequence[Candidate]) -> Targets:
    """Return candidates as facilities that are open to everybody, in their order."""
    places = [place for one in candidates for place in one.places]
    owner = np.repeat(np.arange(len(candidates), dtype=np.int32), [len(one.places) for one in candidates])
    lonlat = np.array(places, np.float64).reshape(-1, 2)
    codes = np.array([one.code for one in candidates], object)
    count = len(candidates)
    return Targets(
        np.arange(count, dtype=np.int64),
        codes,
        np.array([one.name for one in candidates], object),
        np.zeros(count, np.int32),
        np.ones(count, bool),
        np.full(count, EVERYBODY, np.int64),
        [None] * count,
        owner,
        lonlat[:, 0],
        lonlat[:, 1],
    )


def _spaces(conn: Connection, question: SitingQuestion, least: LeastArea) -> list[Candidate]:
    columns = ["code", "name", "kind", "tenure", "plan_use", "usable_area_m2"]
    frame = read_frame(conn, LAYERS["public_spaces"], columns)
    frame = frame[frame["kind"].isin(question.spaces) & ~_no_place(frame)]
    centre = shapely.centroid(frame.geometry.to_numpy())
    found = []
    for row, point in zip(frame.itertuples(index=False), centre, strict=True):
        area = None if pd.isna(row.usable_area_m2) else float(row.usable_area_m2)
        name = row.name if isinstance(row.name, str) else None
        one = Candidate(str(row.code), "space", name, ((point.x, point.y),), area_m2=area)
        is_room = row.kind in _FLOOR_KINDS
        if is_room and least.needs_land:
            one = one.refused("needs_land")
        missing = [key for key in ("tenure", "plan_use") if not _written(getattr(row, key))]
        if missing:
            one = one.refused("land_status_unknown", fields=missing)
        found.append(least.checked(one, floor=is_room))
    return found


def _drawn(question: SitingQuestion, least: LeastArea) -> list[Candidate]:
    """Return drawn points; whoever draws one vouches for its land, and for its area where none is given."""
    found = []
    for point in question.points:
        place = ((point.lon, point.lat),)
        one = Candidate(point.code, "drawn", point.name, place, cost_yuan=point.cost_yuan, area_m2=point.area_m2)
        found.append(one if point.area_m2 is None else least.checked(one, floor=least.land_m2 is None))
    return found


def _shareable(conn: Connection, ctx: Context, question: SitingQuestion) -> list[Candidate]:
    """Return facilities of the category that are not open to everybody and marked as shareable.

    Sharing one opens it to the public, as the edit ``facility_share`` of a scenario does.
    """
    frame = read_frame(conn, LAYERS["facilities"], list(_SHARED), where={"category": question.category})
    closed = frame["admits"].map(is_for_some_only).astype(bool) & frame["is_shareable"].fillna(value=False).astype(bool)
    frame = frame[closed & ~_no_place(frame)]
    targets = read_targets(conn, ctx, [question.category])
    at = {str(code): place for place, code in enumerate(targets.code)}
    centre = shapely.centroid(frame.geometry.to_numpy())
    found = []
    for row, point in zip(frame.itertuples(index=False), centre, strict=True):
        place = at.get(str(row.code))
        doors: tuple[tuple[float, float], ...] = ((point.x, point.y),)
        if place is not None:
            own = targets.place_owner == place
            doors = tuple(zip(targets.place_lon[own].tolist(), targets.place_lat[own].tolist(), strict=True))
        name = row.name if isinstance(row.name, str) else None
        one = Candidate(str(row.code), "share", name, doors)
        if not is_counted(row.opening_state):
            one = one.refused("facility_not_open", state=row.opening_state)
        elif place is None or not targets.verified[place]:
            one = one.refused("facility_unverified")
        found.append(one)
    return found


def priced(one: Candidate, question: SitingQuestion) -> Candidate:
    """Return a candidate with the usual cost of its kind where it has none, not eligible where a budget needs one."""
    usual = {"space": "build", "drawn": "build", "drawn_crossing": "crossing"}.get(one.kind, one.kind)
    if one.cost_yuan is None:
        cost = getattr(question.costs, usual)
        one = replace(one, cost_yuan=cost, cost_is_usual=cost is not None)
    if question.budget_yuan is None:
        return one
    if one.cost_yuan is None:
        return one.refused("cost_unknown")
    if one.cost_yuan > question.budget_yuan:
        return one.refused("cost_over_budget", cost_yuan=one.cost_yuan, budget_yuan=question.budget_yuan)
    return one


def _written(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _no_place(frame: pd.DataFrame) -> Any:
    shapes = frame.geometry.to_numpy()
    return shapely.is_missing(shapes) | shapely.is_empty(shapes)
