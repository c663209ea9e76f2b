"""Coverage: for every area or grid, category and age band, who lives within reach and who does not (PRODUCT §3.6)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL
from geo_service.analysis.states import States
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.json_text import json_text
from geo_service.services.ages import NO_AGE, Aged, by_age, states_of_no_age
from geo_service.services.analyses import Kind, answer, fingerprint_of, inputs_of
from geo_service.services.closure_notes import closure_notes, readings_differ
from geo_service.services.context import Context
from geo_service.services.coverage_rows import Answer, Answers, Tables, written
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.groups import divide, inventory_complete
from geo_service.services.homes import Areas, Homes, level_to_use, no_homes, read_areas, read_homes
from geo_service.services.limit_rules import LIMIT_RULES_USE, rules_by_category
from geo_service.services.networks import Streets, network_fingerprints, open_networks
from geo_service.services.notes import coverage_notes
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rights import may
from geo_service.services.row_table import RowTable
from geo_service.services.rules import Rulebook, rulebook
from geo_service.services.runs import Finished, pack_arrays
from geo_service.services.summary import attribution
from geo_service.services.told import TOLD, Told, rounding_salt, tell
from geo_service.services.walks import People, walk
from geo_service.storage import overview

Floats = npt.NDArray[np.float64]
KIND: Final = "coverage"
_RESULT_FORMAT: Final = 6  # raised when the same inputs would give another result
_READ_LAYERS: Final = (
    "areas",
    "grids",
    "buildings",
    "facilities",
    "entrances",
    "inventory_statements",
    "gates",
    "barriers",
    "path_corrections",
)


@dataclass(frozen=True)
class _Inputs:
    """What a result depends on besides the question."""

    targets: Targets
    kept: dict[str, Any]
    fingerprint: str


def coverage(ctx: Context, question: CoverageQuestion) -> dict[str, Any]:
    """Return the result for ``question``: the stored run of the same inputs, or a new one, which is kept.

    The dictionary described in ``docs/results.md`` (kind, uid, parameters, limit, by, rows, totals, notes …). Raises
    InvalidInput ``no_network``, ``no_homes``, ``no_homes_use_unknown``.
    """
    may(ctx.actor, "analyse")
    return answer(ctx, COVERAGE, question)


def _fingerprint(conn: Connection, ctx: Context, question: CoverageQuestion) -> str:
    if not network_fingerprints(conn):
        raise InvalidInput("no_network")
    book = rulebook(conn, ctx)
    return _inputs(conn, ctx, question.under(book), book).fingerprint


def compute_coverage(conn: Connection, ctx: Context, question: CoverageQuestion) -> Finished:
    """Compute the answer without keeping it; raises InvalidInput ``no_network``, ``no_homes`` (``_use_unknown``)."""
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    ctx.progress(None, "progress.reading")
    networks = open_networks(conn, ctx, at=question.at)
    book = rulebook(conn, ctx)
    question = question.under(book)
    inputs = _inputs(conn, ctx, question, book)
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    areas = read_areas(conn)
    kinds = frozenset(overview.distinct(conn, LAYERS["grids"], "kind"))
    by = level_to_use(question.by, areas, kinds)
    division = divide(conn, homes, areas, by)
    search = _Search(question, inputs.targets, homes, areas, networks)
    complete = inventory_complete(conn, areas, division, question.categories)
    # thousands of unit grid cells times nine bands tell nothing: a cell has few people
    tables = Tables(question, search.limited(), division, complete, with_bands=by != "unit_grid")
    salt = rounding_salt(conn, ctx)
    differ = readings_differ(networks)
    figures = _figures(ctx.stage(0.0, 0.5 if differ else 1.0), search, tables, salt)
    told = figures.told
    if_closed, told_if_closed = {}, {}
    if differ:
        strict = replace(search, networks=open_networks(conn, ctx, "closed", at=question.at))
        closed = _figures(ctx.stage(0.5, 1.0), strict, tables, salt)
        if_closed, told_if_closed = figures.other_than(closed), figures.told_other_than(closed)
    pairs = overview.sources(conn)
    result = {
        "limit": {"kind": question.limit.kind, "metres": question.limit.metres, "minutes": question.limit.minutes},
        "rules": rules_by_category(book, question.categories, question.limit),
        "by": by,
        "by_requested": question.by,
        "people_basis": homes.people_basis,
        "notes": [*coverage_notes(question, by, homes, inputs.targets, division), *closure_notes(networks)],
        "totals": figures.totals,
        "rows": figures.rows,
        **if_closed,
        **({"walkers": question.told_walkers()} if question.walkers else {}),
        "attribution": attribution(pairs),
        "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
    }
    told_result = {
        "people_basis": told.homes.people_basis,
        "notes": [*coverage_notes(question, by, told.homes, inputs.targets, told.division), *closure_notes(networks)],
        "totals": told.totals,
        "rows": told.rows,
        **told_if_closed,
    }
    parts = {
        "homes": _homes_part(search, figures.answer, told.homes),
        TOLD: json_text(told_result).encode(),
    }
    seconds = time.perf_counter() - started
    return Finished(KIND, inputs.fingerprint, question.parameters(), inputs.kept, result, seconds, parts)


@dataclass(frozen=True)
class _Figures:
    """Rows and totals of one reading of what is closed, as they are and as they are told."""

    answer: Answer
    rows: RowTable
    totals: RowTable
    told: Told

    def other_than(self, closed: "_Figures") -> dict[str, Any]:
        """Return the rows of the other reading that differ."""
        return {"if_closed": {"totals": _changed(self.totals, closed.totals), "rows": _changed(self.rows, closed.rows)}}

    def told_other_than(self, closed: "_Figures") -> dict[str, Any]:
        """Return the rows of the other reading that differ as they are told."""
        one, two = self.told, closed.told
        return {"if_closed": {"totals": _changed(one.totals, two.totals), "rows": _changed(one.rows, two.rows)}}


def _changed(rows: RowTable, others: RowTable) -> RowTable:
    return others.taken(others.differs(rows))


def _figures(ctx: Context, search: "_Search", tables: Tables, salt: bytes) -> _Figures:
    """Search and count."""
    answer = search.answer(ctx.stage(0.0, 0.7), search.targets)
    by_band = search.answers_by_band(ctx.stage(0.7, 0.85), answer)
    found = Answers(answer, by_band, search.ages(ctx.stage(0.85, 0.9), answer, by_band))
    ctx.progress(0.9, "progress.counting")
    people = search.homes.people or {}
    rows, totals = written(tables.rows(found, people)), written(tables.totals(found, people))
    ctx.progress(0.95, "progress.counting")
    told = tell(tables, found, search.homes, search.areas, salt)
    ctx.progress(1.0, "progress.counting")
    return _Figures(answer, rows, totals, told)


def _inputs(conn: Connection, ctx: Context, question: CoverageQuestion, book: Rulebook) -> _Inputs:
    """Return the inputs of today."""
    targets = read_targets(conn, ctx, question.categories)
    kept = inputs_of(conn, ctx, _READ_LAYERS, targets=targets, rules=book.version(LIMIT_RULES_USE))
    # profiles and circles are data that can be edited: their codes alone do not tell what was computed
    walker = {"speed_m_s": question.profile.speed_m_s, "step_free": question.profile.step_free}
    own = {"walkers": question.told_walkers()} if question.walkers else {}
    made = fingerprint_of(KIND, _RESULT_FORMAT, question, kept, limit_m=question.limit.metres, walker=walker, **own)
    return _Inputs(targets, kept, made)


@dataclass(frozen=True)
class _Search:
    question: CoverageQuestion
    targets: Targets
    homes: Homes
    areas: Areas
    networks: Sequence[Streets]
    members: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)

    def answer(self, ctx: Context, targets: Targets, band: str | None = None) -> Answer:
        """Return walks and states of all homes, or of the people of a band in them."""
        people = People(self.homes.lon, self.homes.lat, self._belongs, band)
        profile, limit = self.question.walker(band)
        found = walk(
            self.networks,
            targets,
            people,
            category_count=len(self.question.categories),
            limit=limit,
            profile=profile,
            progress=ctx.progress,
        )
        return Answer(found, found.states(limit))

    def answers_by_band(self, ctx: Context, everybody: Answer) -> dict[str, Answer]:
        """Return the answer of every band that is counted: everybody's where it is admitted and walks as everybody."""
        bands = [band for band in self.homes.people or () if band != ALL]
        places = self.limited()
        if not len(places):
            return dict.fromkeys(bands, everybody)
        targets = self.targets.of_categories([int(place) for place in places])
        found = {self._reach(targets, None): everybody}
        answers = {}
        for number, band in enumerate(bands):
            reach = self._reach(targets, band)
            if reach not in found:
                part = ctx.stage(number / len(bands), (number + 1) / len(bands))
                found[reach] = everybody.replaced(self.answer(part, targets, band), places)
            answers[band] = found[reach]
        return answers

    def _reach(self, targets: Targets, band: str | None) -> tuple[tuple[bool, ...], bool, float]:
        """Return what a band's answer rests on besides the homes: who admits it, its steps and its limit."""
        profile, limit = self.question.walker(band)
        admitted = tuple(band is None or one is None or band in one for one in targets.bands)
        return admitted, profile.step_free, limit.metres

    def limited(self) -> npt.NDArray[np.int32]:
        """Return the places of the categories counted by age: bands walk, or are admitted, differently."""
        if self.question.walkers:
            return np.arange(len(self.question.categories), dtype=np.int32)
        return np.unique(self.targets.category[[admitted is not None for admitted in self.targets.bands]])

    def ages(self, ctx: Context, anybody: Answer, by_band: dict[str, Answer]) -> list[Aged]:
        """Return everybody by age for the limited categories, nobody if there are none or people are not known."""
        places, people = self.limited(), self.homes.people
        if people is None or not len(places):
            return []
        found: list[Aged] = []
        for band, persons in by_age(people).items():
            if band in by_band:
                own = by_band[band]
                states = States(own.states.state[places], own.states.reason[places])
            elif (persons > 0).any() or not found:
                targets = self.targets.of_categories([int(place) for place in places])
                admit_all = all(bands is None for bands in targets.bands)
                own = anybody if admit_all else self.answer(ctx, targets, NO_AGE)
                any_age = States(anybody.states.state[places], anybody.states.reason[places])
                states = states_of_no_age(own.states.state[places], any_age)
            else:
                continue
            speed = self.question.walker(band)[0].speed_m_s
            found.append(Aged(persons, own.walks.metres[places], states, band, speed))
        return found

    def _belongs(self, area_id: int) -> npt.NDArray[np.bool_]:
        if area_id not in self.members:
            self.members[area_id] = self.areas.holds(area_id, self.homes)
        return self.members[area_id]


def _homes_part(search: _Search, answer: Answer, told: Homes) -> bytes:
    """Return the part "homes" (see :func:`geo_service.services.runs.run_homes`)."""
    metres, facility = answer.walks.shown()
    ids = np.append(search.targets.id, -1)
    return pack_arrays(
        {
            "building_id": search.homes.id,
            "categories": np.array(search.question.categories),
            "metres": metres.T.astype(np.float32),
            "state": np.ascontiguousarray(answer.states.state.T),
            "reason": np.ascontiguousarray(answer.states.reason.T),
            "facility_id": np.ascontiguousarray(ids[facility].T),
            "is_told": np.isin(search.homes.id, told.id),
        }
    )


COVERAGE: Final = Kind(KIND, CoverageQuestion.asked, _fingerprint, compute_coverage)
