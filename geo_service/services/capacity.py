"""Capacity: places per 1,000 people concerned by area or grid, and how full the facilities are (PRODUCT §3.9)."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.domain.capacity import CapacityRule, capacity_rules, catchment_zones, needing, parking_rule
from geo_service.domain.gate_hours import time_of_day
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import Limit, Profile, category_named, profile_named
from geo_service.domain.rules import CAPACITY_USE
from geo_service.foundation.errors import InvalidInput
from geo_service.services.analyses import Kind, fingerprint_of, inputs_of
from geo_service.services.capacity_rows import Persons, facility_rows, group_rows
from geo_service.services.capacity_texts import headline
from geo_service.services.closure_notes import closure_notes, readings_differ
from geo_service.services.context import Context
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.gap_search import surveyed_homes
from geo_service.services.groups import divide
from geo_service.services.homes import Homes, level_to_use, no_homes, read_areas, read_homes
from geo_service.services.limit_rules import limit_in_force, limit_rules
from geo_service.services.networks import Streets, network_fingerprints, open_networks
from geo_service.services.notes import note
from geo_service.services.parking import compute_parking
from geo_service.services.questions import BY_LEVELS, category_limit
from geo_service.services.reach import reached
from geo_service.services.rights import may
from geo_service.services.rules import Rulebook, cited, rulebook
from geo_service.services.runs import Finished
from geo_service.services.summary import attribution
from geo_service.services.supply import Supply, find_places, needed_notes, read_supply, supply_notes
from geo_service.services.told import TOLD, rounding_salt, told_people
from geo_service.services.walks import People
from geo_service.storage import overview

Floats = npt.NDArray[np.float64]
_KIND: Final = "capacity"
_FORMAT: Final = 4  # raised when the same inputs would give another result
_READ_LAYERS: Final = (
    "areas", "grids", "buildings", "facilities", "entrances", "inventory_statements", "gates", "barriers",
    "path_corrections",
)  # fmt: skip
_PLAIN: Final = ((1.0, 1.0),)


@dataclass(frozen=True)
class CapacityQuestion:
    """Places of one category within a limit, by an area level or grid; ``plain``: every walk weighs the same.

    ``at`` is the time of day (HH:MM) by which gates are open or shut, None: open at all hours.
    """

    category: str
    rule: CapacityRule
    circle: int | None
    minutes: float | None
    profile: Profile
    by: str
    limit: Limit
    strict: bool
    plain: bool
    at: str | None = None

    @classmethod
    def asked(
        cls,
        category: str,
        *,
        circle: int | None = None,
        minutes: float | None = None,
        profile: str = "standard",
        by: str = "grid",
        strict: bool = False,
        plain: bool = False,
        at: str | None = None,
    ) -> "CapacityQuestion":
        """Return the checked question; without circle or minutes the category's default limit.

        A ratio (parking) asks no walk: it has no time of day.

        Raises NotFound ``category_unknown``, ``profile_unknown``; InvalidInput ``capacity_not_for``, ``by_unknown``,
        ``limit_twice``, ``circle_unknown``, ``minutes_out_of_range``, ``strict_without_circle``, ``time_of_day``.
        """
        category_named(category)
        rules = {**capacity_rules(), parking_rule().category: parking_rule()}
        if category not in rules:
            raise InvalidInput("capacity_not_for", category=category, known=", ".join(rules))
        if by not in BY_LEVELS:
            raise InvalidInput("by_unknown", by=by, known=", ".join(BY_LEVELS))
        walker = profile_named(profile)
        limit = category_limit(category, walker, circle=circle, minutes=minutes, strict=strict)
        hour = time_of_day(at)
        hour = None if category == parking_rule().category else hour
        return cls(category, rules[category], circle, minutes, walker, by, limit, strict, plain, hour)

    @property
    def is_ratio(self) -> bool:
        """Whether the category is a ratio by quarter, not a catchment."""
        return self.category == parking_rule().category

    @property
    def zones(self) -> tuple[tuple[float, float], ...]:
        """Ends of the zones as shares of the limit, and their weights."""
        return _PLAIN if self.plain else catchment_zones()

    def parameters(self) -> dict[str, object]:
        """Return what was asked, as it is kept with the run."""
        return {
            "category": self.category,
            "circle": self.circle,
            "minutes": self.minutes,
            "profile": self.profile.code,
            "by": self.by,
            "strict": self.strict,
            "plain": self.plain,
            **({} if self.at is None else {"at": self.at}),
        }


def _inputs(conn: Connection, ctx: Context, question: CapacityQuestion) -> tuple[Targets, dict[str, Any]]:
    targets = read_targets(conn, ctx, [question.category])
    rules = rulebook(conn, ctx).version(CAPACITY_USE, "level")
    return targets, inputs_of(conn, ctx, _READ_LAYERS, targets=targets, rules=rules)


def _fingerprint(conn: Connection, ctx: Context, question: CapacityQuestion) -> str:
    return _print(_under(rulebook(conn, ctx), question), _inputs(conn, ctx, question)[1])


def _under(book: Rulebook, question: CapacityQuestion) -> CapacityQuestion:
    """Return the question with the default limit of the rules of today."""
    return replace(question, limit=limit_in_force(book, question.category, question, question.limit))


def _print(question: CapacityQuestion, inputs: Mapping[str, Any]) -> str:
    rule = asdict(question.rule) | {"units": sorted(question.rule.units), "zones": question.zones}
    walker = {"speed_m_s": question.profile.speed_m_s, "step_free": question.profile.step_free}
    return fingerprint_of(_KIND, _FORMAT, question, inputs, limit_m=question.limit.metres, walker=walker, rule=rule)


def compute_capacity(conn: Connection, ctx: Context, question: CapacityQuestion) -> Finished:
    """Compute the answer without keeping it.

    Raises InvalidInput ``no_network``, ``no_homes``, ``no_homes_use_unknown``, ``capacity_no_people``.
    """
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    ctx.progress(None, "progress.reading")
    if not question.is_ratio and not network_fingerprints(conn):
        raise InvalidInput("no_network")
    targets, inputs = _inputs(conn, ctx, question)
    book = rulebook(conn, ctx)
    question = _under(book, question)
    rule = needing(question.rule, book.rules.values())
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    supply = read_supply(conn, targets, rule)
    if question.is_ratio:
        exact, told = compute_parking(conn, supply, homes, rounding_salt(conn, ctx))
    else:
        exact, told = _catchments(conn, ctx, question, supply, homes)
    complete = bool(surveyed_homes(conn, homes, read_areas(conn), (question.category,)).all())
    if not complete:
        exact["notes"] = [note("note.capacity_not_surveyed", categories=[question.category]), *exact["notes"]]
    pairs = overview.sources(conn)
    shared = {
        "category": question.category,
        "unit": question.rule.unit,
        "inventory_complete": complete,
        "by_requested": question.by,
        "people_basis": homes.people_basis,
        "rules": {ident: cited(book.rules[ident]) for ident in rule.needed_rules},
        "attribution": attribution(pairs),
        "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
    }
    ctx.progress(1.0, "progress.counting")
    parts = {TOLD: json.dumps(told, ensure_ascii=False, allow_nan=False).encode()}
    seconds = time.perf_counter() - started
    return Finished(
        _KIND, _print(question, inputs), question.parameters(), inputs, shared | exact, seconds, parts
    )  # fmt: skip


def _catchments(
    conn: Connection, ctx: Context, question: CapacityQuestion, supply: Supply, homes: Homes
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the result of a category with places, exact and as it is told."""
    people = homes.people or {}
    if np.isnan(supply.concerned(people)).all():
        raise InvalidInput("capacity_no_people", bands=", ".join(question.rule.bands), category=question.category)
    areas, book = read_areas(conn), rulebook(conn, ctx)
    kinds = frozenset(overview.distinct(conn, LAYERS["grids"], "kind"))
    by = level_to_use(question.by, areas, kinds)
    division = divide(conn, homes, areas, by)
    keep, persons, least = told_people(homes, rounding_salt(conn, ctx))
    counted = (Persons(people, None, np.ones(len(homes), bool)), Persons(persons, least, keep))
    networks = open_networks(conn, ctx, at=question.at)

    def read(streets: Sequence[Streets], told: Context) -> tuple[Supply, list[dict[str, Any]]]:
        near = reached(
            streets,
            supply.targets,
            People(homes.lon, homes.lat, lambda area: areas.holds(area, homes)),
            limit=question.limit,
            profile=question.profile,
            progress=told.progress,
        )
        on_foot = supply.without_streets(near.adrift)
        made = []
        for one in counted:
            found = find_places(on_foot, near, one.people, limit_m=question.limit.metres, zones=question.zones)
            totals, rows = group_rows(division, on_foot, found, one)
            made.append(
                {
                    "headline": headline(on_foot.rule, question.limit, totals[0]),
                    "totals": totals,
                    "rows": rows,
                    "facilities": facility_rows(on_foot, near, found, one),
                }
            )
        return on_foot, made

    differ = readings_differ(networks)
    on_foot, answers = read(networks, ctx.stage(0.0, 0.45 if differ else 0.9))
    if differ:  # where it is not known whether quarters are closed
        _, closed = read(open_networks(conn, ctx, "closed", at=question.at), ctx.stage(0.45, 0.9))
        answers = [one | {"if_closed": other} for one, other in zip(answers, closed, strict=True)]
    shared = {
        "measure": "catchment",
        "by": by,
        "bands": list(question.rule.bands),
        "needed_per_1000": supply.rule.needed_per_1000,
        "needed_to_verify": any(book.rules[ident].to_verify for ident in supply.rule.needed_rules),
        "zones": [
            {"upto_m": round(end * question.limit.metres, 2), "weight": weight} for end, weight in question.zones
        ],
        "limit": asdict(question.limit),
        "rule": limit_rules(book, question.category, question.limit),
        "notes": [*_notes(question, by, on_foot, homes), *needed_notes(book, on_foot.rule), *closure_notes(networks)],
    }
    return shared | answers[0], answers[1]


def _notes(question: CapacityQuestion, by: str, supply: Supply, homes: Homes) -> list[dict[str, Any]]:
    """Return what a reader must know; facilities whose places do not count are named."""
    notes = []
    if by != question.by:
        notes.append(note("note.by_nearest_level", asked=question.by, used=by))
    if homes.people_basis == "estimate":
        notes.append(note("note.people_estimate"))
    if not len(supply.targets):
        notes.append(note("note.no_facilities", categories=[question.category]))
    return notes + supply_notes(supply)


CAPACITY: Final = Kind(_KIND, CapacityQuestion.asked, _fingerprint, compute_capacity)
