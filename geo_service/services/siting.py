"""Best sites as a run: candidates, people not covered now, the choice that reaches most of them (PRODUCT §3.11).

Sites are chosen as if what is not known to be closed was open; what they bring if it is closed is given beside.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.pairs import Pairs
from geo_service.analysis.states import NOT_COVERED
from geo_service.domain.reference import Limit
from geo_service.foundation.errors import InvalidInput
from geo_service.services.analyses import Kind, fingerprint_of, inputs_of
from geo_service.services.candidates import (
    NEEDS_CONSENT,
    REASONS,
    UNVERIFIED,
    Candidate,
    LeastArea,
    as_targets,
    least_area,
    read_candidates,
)
from geo_service.services.change_names import named_changes
from geo_service.services.closure_notes import closure_notes, readings_differ
from geo_service.services.context import Context
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.gap_search import surveyed_homes
from geo_service.services.gap_states import Surroundings
from geo_service.services.homes import no_homes, read_areas, read_homes
from geo_service.services.limit_rules import limit_in_force, limit_rules
from geo_service.services.networks import Streets, network_fingerprints, open_networks
from geo_service.services.notes import note, weights_without_effect
from geo_service.services.open_grounds import near_lacking
from geo_service.services.reach import reached
from geo_service.services.rights import may
from geo_service.services.rules import Rulebook, cited, rulebook
from geo_service.services.runs import Finished
from geo_service.services.siting_answer import BEYOND_LIMITS, Ground, answered, brought_by
from geo_service.services.siting_changes import CHANGES, find_changes, merged
from geo_service.services.siting_demand import Counted, find_audiences
from geo_service.services.siting_question import SitingQuestion
from geo_service.services.summary import attribution
from geo_service.services.told import TOLD, rounding_salt, told_people
from geo_service.services.walks import Belongs, People
from geo_service.storage import overview

Floats = npt.NDArray[np.float64]
_KIND: Final = "siting"
_FORMAT: Final = 7  # raised when the same inputs would give another result
_READ_LAYERS: Final = (
    "areas",
    "buildings",
    "facilities",
    "entrances",
    "public_spaces",
    "green_spaces",
    "gates",
    "barriers",
    "path_corrections",
    "inventory_statements",
)
_RULES: Final = ("item", "level", "green")


def _inputs(conn: Connection, ctx: Context, question: SitingQuestion) -> tuple[Targets, dict[str, Any]]:
    targets = read_targets(conn, ctx, [question.category])
    rules = rulebook(conn, ctx).version(*_RULES)
    return targets, inputs_of(conn, ctx, _READ_LAYERS, targets=targets, rules=rules)


def _fingerprint(conn: Connection, ctx: Context, question: SitingQuestion) -> str:
    if not network_fingerprints(conn):
        raise InvalidInput("no_network")
    return _print(_under(rulebook(conn, ctx), question), _inputs(conn, ctx, question)[1])


def _under(book: Rulebook, question: SitingQuestion) -> SitingQuestion:
    """Return the question with the default limit of the rules of today."""
    return replace(question, limit=limit_in_force(book, question.category, question, question.limit))


def _print(question: SitingQuestion, inputs: Mapping[str, Any]) -> str:
    walker = {"speed_m_s": question.profile.speed_m_s, "step_free": question.profile.step_free}
    return fingerprint_of(_KIND, _FORMAT, question, inputs, limit_m=question.limit.metres, walker=walker)


def compute_siting(conn: Connection, ctx: Context, question: SitingQuestion) -> Finished:
    """Compute the answer without keeping it; raises InvalidInput ``no_network``, ``no_homes`` (``_use_unknown``)."""
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    ctx.progress(None, "progress.reading")
    networks = open_networks(conn, ctx, at=question.at)
    book = rulebook(conn, ctx)
    question = _under(book, question)
    targets, inputs = _inputs(conn, ctx, question)
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    areas = read_areas(conn)
    study = _Study(question, targets, homes.lon, homes.lat, lambda area: areas.holds(area, homes))
    least = least_area(conn, ctx, question)
    ground = study.ground(ctx, networks, read_candidates(conn, ctx, question, least))
    ground = replace(ground, candidates=named_changes(conn, ground.candidates))
    ctx.progress(0.4, "progress.siting")
    keep, persons, fewest = told_people(homes, rounding_salt(conn, ctx))
    counted = (Counted(homes.people or {}, None, np.ones(len(homes), bool)), Counted(persons, fewest, keep))
    exact = answered(ground, counted[0])
    ctx.progress(0.7, "progress.siting")
    told = answered(ground, counted[1])
    if readings_differ(networks):
        wanted = {(site["code"], site["kind"]) for one in (exact, told) for site in one["sites"]}
        chosen = [one for one in ground.candidates if (one.code, one.kind) in wanted]
        other = study.again(ctx, open_networks(conn, ctx, "closed", at=question.at), chosen)
        for one, people in zip((exact, told), counted, strict=True):
            one["if_closed"] = brought_by(other, people, one["sites"])
    ctx.progress(1.0, "progress.siting")
    sources = overview.sources(conn)
    complete = bool(surveyed_homes(conn, homes, areas, (question.category,)).all())
    shared = {
        "category": question.category,
        "inventory_complete": complete,
        "objective": question.objective,
        "limit": asdict(question.limit),
        "rule": limit_rules(book, question.category, question.limit),
        "beyond_m": _reach(question).metres if question.objective == "p_median" else None,
        "people_basis": homes.people_basis,
        "least_area": _least(least),
        "costs": asdict(question.costs),
        "attribution": attribution(sources),
        "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in sources),
    }
    lacking = keep & np.any([one.state == NOT_COVERED for one in ground.audiences], axis=0)
    more = [
        *near_lacking(conn, ctx, question.category, question.limit, (homes.lon[lacking], homes.lat[lacking])),
        *([] if complete else [note("note.siting_not_surveyed", categories=[question.category])]),
        *_notes(question, targets, ground.candidates, homes.people_basis),
        *weights_without_effect(question.weights, (question.category,)),
        *closure_notes(networks, unknown="siting"),
    ]
    for one in (exact, told):
        one["notes"] = [*more, *one["notes"]]
    parts = {TOLD: json.dumps(told, ensure_ascii=False, allow_nan=False).encode()}
    seconds = time.perf_counter() - started
    made = _print(question, inputs)
    return Finished(_KIND, made, question.parameters(), inputs, shared | exact, seconds, parts)


def _reach(question: SitingQuestion) -> Limit:
    """Return how far walks to candidates are looked for: the limit, for shortest walks several times as far."""
    if question.objective != "p_median":
        return question.limit
    return Limit("distance", BEYOND_LIMITS * question.limit.metres, None)


@dataclass(frozen=True)
class _Study:
    """What does not depend on which quarters are closed."""

    question: SitingQuestion
    targets: Targets
    lon: Floats
    lat: Floats
    belongs: Belongs

    def ground(self, ctx: Context, networks: Sequence[Streets], candidates: Sequence[Candidate]) -> Ground:
        """Return everything to choose from: the ``candidates`` to build on, gates to open, crossings to add."""
        return self._ground(ctx.stage(0.0, 0.4), networks, candidates, None)

    def again(self, ctx: Context, networks: Sequence[Streets], chosen: Sequence[Candidate]) -> Ground:
        """Return what was chosen from :meth:`ground` as it is on other networks."""
        built = [one for one in chosen if one.kind not in CHANGES]
        return self._ground(ctx.stage(0.9, 1.0), networks, built, chosen)

    def _ground(
        self,
        ctx: Context,
        networks: Sequence[Streets],
        built: Sequence[Candidate],
        chosen: Sequence[Candidate] | None,
    ) -> Ground:
        question, targets = self.question, self.targets
        around = Surroundings(networks, self.lon, self.lat, self.belongs, question.profile)
        audiences = find_audiences(around, targets, question.category, question.limit)
        lacking = np.any([one.state == NOT_COVERED for one in audiences], axis=0)
        parts = [_reached(ctx, around, question, built), find_changes(around, targets, question, lacking, chosen)]
        return Ground(question, *merged(parts), audiences)


def _reached(
    ctx: Context, around: Surroundings, question: SitingQuestion, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], Pairs]:
    """Return the candidates, those without a street not eligible, and the walks of homes to them."""
    near = reached(
        around.networks,
        as_targets(candidates),
        People(around.lon, around.lat, around.belongs),
        limit=_reach(question),
        profile=question.profile,
        progress=ctx.progress,
    )
    made = [one.refused("no_street") if adrift else one for one, adrift in zip(candidates, near.adrift, strict=True)]
    return made, Pairs(near.facility.astype(np.int32), near.home.astype(np.int32), near.metres)


def _least(least: LeastArea) -> dict[str, Any]:
    rule = None if least.rule is None else cited(least.rule)
    sure = {"land_is_sure": least.is_sure(floor=False), "floor_is_sure": least.is_sure(floor=True)}
    areas = {"land_m2": least.land_m2, "floor_m2": least.floor_m2, "needs_land": least.needs_land}
    return {**areas, **sure, "ignores_unverified": least.ignores_unverified, "rule": rule}


def _notes(
    question: SitingQuestion, targets: Targets, candidates: Sequence[Candidate], people_basis: str
) -> list[dict[str, Any]]:
    """Return what does not depend on how people are counted."""
    notes = []
    if people_basis == "estimate":
        notes.append(note("note.people_estimate"))
    if not len(targets):
        notes.append(note("note.no_facilities", categories=[question.category]))
    eligible = [one for one in candidates if one.reason is None]
    if not candidates:
        notes.append(note("note.siting_no_candidate"))
    elif not eligible:
        notes.append(note("note.siting_none_eligible", count=len(candidates), reasons=_reasons(candidates)))
    elif question.k is not None and question.k > len(eligible):
        notes.append(note("note.siting_k_larger", k=question.k, count=len(eligible)))
    unverified = [one for one in candidates if UNVERIFIED in one.facts]
    if unverified:
        needed = sorted({f"{one.facts['needed_m2']:g}" for one in unverified}, key=float)
        rule = unverified[0].facts[UNVERIFIED]
        notes.append(
            note("note.siting_area_unverified", rule=rule, needed=" / ".join(needed), count=len(unverified))
        )  # fmt: skip
    if any(one.doubt is not None for one in eligible):
        notes.append(note("note.siting_area_to_verify", count=sum(one.doubt is not None for one in eligible)))
    if any(one.kind == "drawn" for one in eligible):
        notes.append(note("note.siting_drawn_land"))
    if any(one.kind in NEEDS_CONSENT for one in eligible):
        notes.append(note("note.siting_consent"))
    if any(one.kind == "crossing" for one in eligible):
        notes.append(note("note.siting_crossings"))
    if any(one.kind == "drawn_crossing" for one in eligible):
        notes.append(note("note.siting_drawn_crossings"))
    if any(one.cost_is_usual for one in eligible):
        notes.append(note("note.siting_usual_costs"))
    return [*notes, note("note.siting_not_counted")]


def _reasons(candidates: Sequence[Candidate]) -> dict[str, int]:
    """Return how many candidates are not eligible for each reason, in the order of the reasons."""
    counted = {reason: sum(one.reason == reason for one in candidates) for reason in REASONS}
    return {reason: count for reason, count in counted.items() if count}


SITING: Final = Kind(_KIND, SitingQuestion.asked, _fingerprint, compute_siting)
