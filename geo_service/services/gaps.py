"""Gap zones: who lacks a category, why, and what is the nearest alternative (PRODUCT §3.10)."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL
from geo_service.analysis.gap_zones import RANKED, REASONS
from geo_service.domain.capacity import CapacityRule, capacity_rules, catchment_zones, concerned_bands, needing
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import categories
from geo_service.domain.rules import CAPACITY_USE
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.json_text import json_text
from geo_service.services.analyses import Kind, fingerprint_of, inputs_of
from geo_service.services.closure_notes import closure_notes, readings_differ
from geo_service.services.context import Context
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.gap_people import Counted
from geo_service.services.gap_question import GapsQuestion
from geo_service.services.gap_rows import Drawn, Ground, Land, draw_zones, zone_rows
from geo_service.services.gap_search import Search, surveyed_homes
from geo_service.services.gap_states import Surroundings
from geo_service.services.gap_tasks import wanted_tasks
from geo_service.services.homes import WHOLE, Areas, Homes, level_to_use, no_homes, read_areas, read_homes
from geo_service.services.limit_rules import limit_rules
from geo_service.services.networks import Streets, network_fingerprints, open_networks
from geo_service.services.notes import note, weights_without_effect
from geo_service.services.open_grounds import near_lacking
from geo_service.services.rights import may
from geo_service.services.rules import Rulebook, cited, rulebook
from geo_service.services.runs import Finished
from geo_service.services.summary import attribution
from geo_service.services.told import TOLD, rounding_salt, told_people
from geo_service.storage import overview
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
TASKS: Final = "tasks"  # part of a run: JSON of the verify tasks its unknown homes ask for
_KIND: Final = "gaps"
_FORMAT: Final = 8  # raised when the same inputs would give another result
_READ_LAYERS: Final = (
    "areas", "grids", "buildings", "facilities", "entrances", "inventory_statements", "gates", "barriers",
    "path_corrections", "public_spaces", "green_spaces",
)  # fmt: skip
_RULES_USE: Final = "level"


def _inputs(conn: Connection, ctx: Context, question: GapsQuestion) -> tuple[Targets, dict[str, Any]]:
    targets = read_targets(conn, ctx, question.categories)
    rules = rulebook(conn, ctx).version(_RULES_USE, CAPACITY_USE)
    return targets, inputs_of(conn, ctx, _READ_LAYERS, targets=targets, rules=rules)


def _fingerprint(conn: Connection, ctx: Context, question: GapsQuestion) -> str:
    if not network_fingerprints(conn):
        raise InvalidInput("no_network")
    return _print(question.under(rulebook(conn, ctx)), _inputs(conn, ctx, question)[1])


def _print(question: GapsQuestion, inputs: Mapping[str, Any]) -> str:
    # how many places are looked for stands among the rules of the inputs
    rules = [asdict(rule) | {"units": sorted(rule.units)} for rule in capacity_rules().values()]
    return fingerprint_of(
        _KIND,
        _FORMAT,
        question,
        inputs,
        limits_m=[limit.metres for limit in question.limits.values()],
        walker={"speed_m_s": question.profile.speed_m_s, "step_free": question.profile.step_free},
        capacity=[rules, catchment_zones()],
    )


def compute_gaps(conn: Connection, ctx: Context, question: GapsQuestion) -> Finished:
    """Compute the answer without keeping it; raises InvalidInput ``no_network``, ``no_homes`` (``_use_unknown``)."""
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    ctx.progress(None, "progress.reading")
    networks = open_networks(conn, ctx, at=question.at)
    book = rulebook(conn, ctx)
    question = question.under(book)
    targets, inputs = _inputs(conn, ctx, question)
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    areas = read_areas(conn)
    keep, persons, least = told_people(homes, rounding_salt(conn, ctx))
    everybody = np.ones(len(homes), bool)
    exact = Counted(homes.people or {}, None, everybody, question.weights)
    told = Counted(persons, least, keep, question.weights)
    land, level = _land(conn, homes, areas)
    study = _Study(
        question,
        targets,
        homes,
        areas,
        surveyed_homes(conn, homes, areas, question.categories),
        land,
        (exact, told),
        {category: limit_rules(book, category, question.limits[category]) for category in question.categories},
        {code: needing(rule, book.rules.values()) for code, rule in capacity_rules().items()},
        book,
    )
    differ = readings_differ(networks)
    found = study.read(conn, ctx.stage(0.0, 0.5 if differ else 1.0), networks)
    if_closed: list[dict[str, Any]] = [{}, {}]
    if differ:
        closed = study.read(conn, ctx.stage(0.5, 1.0), open_networks(conn, ctx, "closed", at=question.at))
        if_closed = [{"if_closed": closed.shown(place)} for place in (0, 1)]
    ctx.progress(1.0, "progress.gaps")
    pairs = overview.sources(conn)
    result = {
        "link_m": question.link_m,
        "weights": dict(question.weights),
        "area_level": level,
        "people_basis": homes.people_basis,
        **found.shown(0),
        **if_closed[0],
        "notes": [
            *_notes(question, homes, targets, found.zones[0]),
            *weights_without_effect(question.weights, question.categories),
            *found.grounds,
            *study.unsure(),
            *closure_notes(networks),
        ],
        "attribution": attribution(pairs),
        "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
    }
    parts = {
        TOLD: json_text(found.shown(1) | if_closed[1]).encode(),
        TASKS: json_text(found.tasks).encode(),
    }
    seconds = time.perf_counter() - started
    return Finished(_KIND, _print(question, inputs), question.parameters(), inputs, result, seconds, parts)


@dataclass(frozen=True)
class _Read:
    """Zones and what is said of each category by one reading: exact, then as told; tasks; open grounds."""

    zones: tuple[list[dict[str, Any]], list[dict[str, Any]]]
    about: tuple[list[dict[str, Any]], list[dict[str, Any]]]
    tasks: list[dict[str, Any]]
    grounds: list[dict[str, Any]]

    def shown(self, place: int) -> dict[str, Any]:
        """Return the exact (0) or told (1) part of a result."""
        return {"categories": self.about[place], "zones": self.zones[place]}


@dataclass(frozen=True)
class _Study:
    """What does not depend on which quarters are closed."""

    question: GapsQuestion
    targets: Targets
    homes: Homes
    areas: Areas
    surveyed: npt.NDArray[np.bool_]
    land: Land
    counted: tuple[Counted, Counted]
    rules: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, CapacityRule]
    book: Rulebook

    def unsure(self) -> list[dict[str, Any]]:
        """Return a note where the places looked for are a figure nobody has confirmed."""
        named = [
            code for code in self.question.categories
            if any(one["to_verify"] for one in self.needed(code)["needed_clauses"])
        ]  # fmt: skip
        return [note("note.gaps_needed_to_verify", categories=named)] if named else []

    def read(self, conn: Connection, ctx: Context, networks: Sequence[Streets]) -> _Read:
        """Walk on ``networks`` and group the homes that lack each category."""
        question, homes = self.question, self.homes
        around = Surroundings(
            networks, homes.lon, homes.lat, lambda area: self.areas.holds(area, homes), question.profile
        )  # fmt: skip
        search = Search(question.limits, self.targets, around, self.surveyed, places=self.places)
        search.walk_all(ctx.stage(0.0, 0.5))
        ground = Ground(around, self.land, question.link_m)
        made = _Read(([], []), ([], []), [], [])
        for number, category in enumerate(question.categories):
            ctx.stage(0.5, 1.0).progress(number / len(question.categories), "progress.gaps")
            found = search.found(conn, category)
            drawn: Drawn | None = None
            for place, counted in enumerate(self.counted):
                drawn = draw_zones(found.lacking(counted.people), ground, counted.keep, drawn)
                rows = zone_rows(drawn, counted)
                made.zones[place].extend(rows)
                made.about[place].append(_about(question, category, rows, self.rules[category]) | self.needed(category))
            lacking = np.zeros(0, np.int64) if drawn is None else np.unique(drawn.entries[:, 0])
            here = (homes.lon[lacking], homes.lat[lacking])
            made.grounds.extend(near_lacking(conn, ctx, category, question.limits[category], here))
            made.tasks.append(wanted_tasks(found, around, self.land, self.counted[1].keep))
        return made

    def needed(self, category: str) -> dict[str, Any]:
        """Return how many places per 1,000 people of a category are looked for, and the rules that say so."""
        rule = self.places.get(category)
        if rule is None:
            return {"needed_per_1000": None, "needed_clauses": []}
        return {
            "needed_per_1000": rule.needed_per_1000,
            "needed_clauses": [cited(self.book.rules[ident]) for ident in rule.needed_rules],
        }


def _land(conn: Connection, homes: Homes, areas: Areas) -> tuple[Land, str]:
    """Return where homes lie, by community (else the nearest level there is) and governance grid, and that level."""
    level = level_to_use("community", areas, frozenset())
    frame = areas.frame[areas.frame["level"] == level]
    at = {} if level == WHOLE else areas.at_level[level]
    place = {int(ident): number for number, ident in enumerate(frame["id"])}
    area = np.array([place.get(at.get(int(ident), -1), -1) for ident in homes.area_id], np.int64)
    grids = read_frame(conn, LAYERS["grids"], ["id", "code"], geometry=False)
    by_id = {int(ident): number for number, ident in enumerate(grids["id"])}
    grid = np.array([by_id.get(int(ident), -1) for ident in homes.grid_id], np.int64)
    return Land(area, list(frame["code"]), list(frame["name"]), grid, list(grids["code"])), level


def _about(
    question: GapsQuestion, category: str, rows: Sequence[Mapping[str, Any]], rules: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the zones of a category rest on, and how many there are for which reason."""
    limit, default = question.limits[category], categories()[category].default_circle
    is_default = question.circle is None and question.minutes is None
    is_clause = is_default and any(clause["radius_m"] is not None for clause in rules["clauses"])
    counts = {}
    for reason in REASONS[1:]:
        own = [row for row in rows if row["reason"] == reason]
        people = [row["people"] for row in own if row["people"] is not None]
        counts[reason] = {
            "zones": len(own),
            "buildings": sum(row["buildings"] for row in own),
            "people": sum(people) if people else None,
        }
    rule = {
        "kind": "default_clause" if is_clause else "default_circle" if is_default else "asked",
        "circle": default if is_default else question.circle,
        "circle_rules": rules["circle"],
        "clauses": rules["clauses"],
        "other_clauses": rules["other_clauses"],
    }
    return {
        "category": category,
        "limit": asdict(limit),
        "rule": rule,
        "bands": list(concerned_bands(category)),
        "reasons": counts,
    }


def _notes(
    question: GapsQuestion, homes: Homes, targets: Targets, zones: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    notes = []
    if homes.people is None:
        notes.append(note("note.people_no_data"))
    elif np.isnan(homes.people[ALL]).any():
        missing = int(np.isnan(homes.people[ALL]).sum())
        notes.append(note("note.people_partly", missing=missing, homes=len(homes)))
    if homes.people_basis == "estimate":
        notes.append(note("note.people_estimate"))
    there = set(targets.category.tolist())
    absent = [code for place, code in enumerate(question.categories) if place not in there]
    if absent:
        notes.append(note("note.no_facilities", categories=absent))
    unranked = [row["category"] for row in zones if row["reason"] == "not_surveyed"]
    if unranked:
        notes.append(note("note.gaps_not_surveyed", categories=list(dict.fromkeys(unranked))))
    if any(row["reason"] == "unknown_data" for row in zones):
        notes.append(note("note.gaps_unknown"))
    if not any(row["reason"] in RANKED for row in zones):
        notes.append(note("note.gaps_none"))
    return notes


GAPS: Final = Kind(_KIND, GapsQuestion.asked, _fingerprint, compute_gaps)
