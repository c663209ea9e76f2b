"""What-if: who is within reach once edits are supposed, beside who is now; the data stays as it is (PRODUCT §3.12)."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.scenarios import Edit, checked_edits
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.services.analyses import Kind, fingerprint_of, inputs_of
from geo_service.services.closure_notes import closure_notes
from geo_service.services.context import Context
from geo_service.services.facilities import Targets
from geo_service.services.limit_rules import LIMIT_RULES_USE, rules_by_category
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rights import may
from geo_service.services.rules import Rulebook, rulebook
from geo_service.services.runs import Finished
from geo_service.services.scenario_asked import coverage_asked, said_of
from geo_service.services.scenario_base import Base, read_base, targets_of
from geo_service.services.scenario_counts import Views
from geo_service.services.scenario_edits import check_counted, check_known
from geo_service.services.scenario_ground import Ground, read_ground, while_unchanged
from geo_service.services.scenario_headlines import headlines
from geo_service.services.scenario_homes import newcomers
from geo_service.services.scenario_notes import (
    joined_gates,
    not_surveyed,
    notes_of_data,
    notes_of_edits,
    notes_of_several,
)
from geo_service.services.scenario_sides import counted
from geo_service.services.scenario_states import AsIs, Supposed, pave
from geo_service.services.scenarios import edits_of
from geo_service.services.summary import attribution
from geo_service.services.told import TOLD, rounding_salt, sees_exact
from geo_service.storage import overview

KIND: Final = "scenario"
MOST_SCENARIOS: Final = 10
TABLES: Final = ("totals", "rows", "headlines")  # headlines: the people each category is there for, by place
_FORMAT: Final = 4  # raised when the same inputs would give another result
_READ_LAYERS: Final = ("areas", "grids", "buildings", "facilities", "entrances", "gates", "inventory_statements")


@dataclass(frozen=True)
class WhatIfQuestion:
    """Coverage with and without edits: given ones, or those of one or several stored scenarios.

    ``said`` are the options that were said; ``coverage`` is what they ask for without the store, and where ``said`` is
    None with what scenarios and edits add to them (:func:`resolved`).
    """

    coverage: CoverageQuestion
    edits: tuple[Edit, ...] | None
    scenarios: tuple[str, ...]
    said: Mapping[str, Any] | None = None

    @classmethod
    def asked(
        cls,
        categories: Sequence[str] | None = None,
        *,
        edits: object = None,
        scenarios: Sequence[str] | None = None,
        circle: int | None = None,
        minutes: float | None = None,
        profile: str | None = None,
        by: str | None = None,
        strict: bool | None = None,
        at: str | None = None,
    ) -> "WhatIfQuestion":
        """Return the checked question; what is not said, scenarios and edits say (:mod:`services.scenario_asked`).

        Raises InvalidInput ``scenario_or_edits`` unless exactly one of the two is given, those of
        :func:`domain.scenarios.checked_edits` and of :meth:`CoverageQuestion.asked`; TooMuch ``scenarios_too_many``.
        """
        if (edits is None) == (not scenarios):
            raise InvalidInput("scenario_or_edits")
        named = tuple(dict.fromkeys(scenarios or ()))
        if len(named) > MOST_SCENARIOS:
            raise TooMuch("scenarios_too_many", count=len(named), maximum=MOST_SCENARIOS)
        said = said_of(categories, circle=circle, minutes=minutes, profile=profile, by=by, strict=strict, at=at)
        return cls(CoverageQuestion.asked(**said), None if edits is None else checked_edits(edits), named, said)

    def parameters(self) -> dict[str, object]:
        """Return what was asked: what was said, once resolved all of it, as it is kept with the run."""
        asked = self.coverage.parameters() if self.said is None else dict(self.said)
        if self.edits is None:
            return {**asked, "scenarios": list(self.scenarios)}
        return {**asked, "edits": [edit.body() for edit in self.edits]}


@dataclass(frozen=True)
class Supposition:
    """Edits under uid, name and own question of their scenario; None and empty for edits of a question alone."""

    edits: tuple[Edit, ...]
    scenario: str | None = None
    name: str = ""
    question: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Inputs:
    """What an answer depends on besides the question."""

    targets: Targets
    kept: dict[str, Any]


def read_inputs(conn: Connection, ctx: Context, question: CoverageQuestion, **more: Any) -> Inputs:
    """Return the inputs of today; InvalidInput ``no_network``."""
    targets = targets_of(conn, ctx, question.categories)
    kept = inputs_of(conn, ctx, _READ_LAYERS, targets=targets, **more)
    if not kept["networks"]:
        raise InvalidInput("no_network")
    return Inputs(targets, kept)


def walker(question: CoverageQuestion) -> dict[str, Any]:
    """Return what the codes in a question stand for and an admin may edit, for fingerprints."""
    profile = {"speed_m_s": question.profile.speed_m_s, "step_free": question.profile.step_free}
    own = {"walkers": question.told_walkers()} if question.walkers else {}
    return {"limit_m": question.limit.metres, "walker": profile, **own}


def suppositions(conn: Connection, ctx: Context, question: WhatIfQuestion) -> list[Supposition]:
    """Return the edits asked about; NotFound ``scenario_unknown``."""
    if question.edits is not None:
        return [Supposition(question.edits)]
    return [Supposition(*edits_of(conn, ctx, uid)) for uid in question.scenarios]


def resolved(conn: Connection, question: WhatIfQuestion, asked: Sequence[Supposition]) -> WhatIfQuestion:
    """Return the question with what its scenarios and edits (``asked``) say of what was not said."""
    if question.said is None:
        return question
    coverage = coverage_asked(conn, question.said, [(one.edits, one.question) for one in asked])
    return replace(question, coverage=coverage, said=None)


def _versions(asked: Sequence[Supposition]) -> dict[str, Any]:
    return {str(one.scenario): [edit.body() for edit in one.edits] for one in asked if one.scenario is not None}


def _fingerprint(conn: Connection, ctx: Context, question: WhatIfQuestion) -> str:
    asked, book = suppositions(conn, ctx, question), rulebook(conn, ctx)
    question = resolved(conn, question, asked)
    rules = book.version(LIMIT_RULES_USE)
    inputs = read_inputs(conn, ctx, question.coverage, rules=rules, scenarios=_versions(asked))
    return fingerprint_of(KIND, _FORMAT, question, inputs.kept, **walker(question.coverage.under(book)))


def compute_scenario(conn: Connection, ctx: Context, question: WhatIfQuestion) -> Finished:
    """Compute the answer without keeping it.

    Raises InvalidInput ``no_network``, ``no_homes``, ``scenario_facility_unknown``, ``scenario_facility_not_open``,
    ``scenario_gate_unknown``, ``scenario_path_off`` …; Conflict ``scenario_gate_open``; NotFound ``scenario_unknown``.
    """
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    ctx.progress(None, "progress.reading")
    asked = suppositions(conn, ctx, question)
    question = resolved(conn, question, asked)
    book = rulebook(conn, ctx)
    rules = book.version(LIMIT_RULES_USE)
    inputs = read_inputs(conn, ctx, question.coverage, rules=rules, scenarios=_versions(asked))
    work = Work(conn, ctx, question.coverage, inputs, book)
    exact, told = [], []
    for number, one in enumerate(asked):
        part = ctx.stage(number / len(asked), (number + 1) / len(asked))
        both = work.tables(part, one, told=(False, True))
        exact.append(both[False])
        told.append(both[True])
    result = work.shared() | {
        "scenarios": [
            {"scenario": one.scenario, "name": one.name, "edits": [edit.body() for edit in one.edits]} for one in asked
        ],
        "notes": [*work.notes(asked), *notes_of_several(question.coverage.categories)],
        **_together(exact),
    }
    parts = {TOLD: json.dumps(_together(told), ensure_ascii=False, allow_nan=False).encode()}
    made = fingerprint_of(KIND, _FORMAT, question, inputs.kept, **walker(work.question))
    seconds = time.perf_counter() - started
    return Finished(KIND, made, question.parameters(), inputs.kept, result, seconds, parts)


def evaluate(conn: Connection, ctx: Context, question: WhatIfQuestion) -> dict[str, Any]:
    """Return at once who is covered with edits and without, as the actor may see it; nothing is kept.

    Of areas and grids, those where something changes (or may not be told). Raises as :func:`compute_scenario`.
    """
    may(ctx.actor, "analyse")
    asked = suppositions(conn, ctx, question)
    question = resolved(conn, question, asked)
    inputs = while_unchanged(
        conn, ctx, ["inputs", list(question.coverage.categories)], lambda: read_inputs(conn, ctx, question.coverage)
    )
    work = Work(conn, ctx, question.coverage, inputs, rulebook(conn, ctx))
    told = not sees_exact(ctx)
    tables = _together([work.tables(ctx, one, told=(told,), only_changed=True)[told] for one in asked])
    notes = [*work.notes(asked), *notes_of_several(question.coverage.categories)]
    return {"kind": KIND, "parameters": question.parameters(), **work.shared(), "notes": notes, **tables}


class Work:
    """The categories of one question on what is stored now, within the limit the rules of today give it."""

    def __init__(
        self, conn: Connection, ctx: Context, question: CoverageQuestion, inputs: Inputs, book: Rulebook
    ) -> None:
        self.conn, self.ctx, self.inputs, self.book = conn, ctx, inputs, book
        self.question = question.under(book)
        self.ground: Ground = read_ground(conn, ctx, self.question, inputs.kept)
        self.salt = rounding_salt(conn, ctx)
        self.joined = joined_gates(self.ground)

    def tables(
        self,
        ctx: Context,
        one: Supposition,
        *,
        told: Sequence[bool],
        without: tuple[Edit, ...] = (),
        only_changed: bool = False,
    ) -> dict[bool, dict[str, list[dict[str, Any]]]]:
        """Return :data:`TABLES` of all categories with the edits, beside ``without`` (as it is, or other edits).

        ``only_changed``: rows of areas and grids where something changes, or may not be told.
        """
        check_known(self.conn, (*one.edits, *without))
        check_counted(self.conn, (*one.edits, *without), self.inputs.targets, self.question.categories)
        there = self._ground(ctx, one.edits)
        if there is not self.ground:
            self.joined |= joined_gates(there)
        new = newcomers(self.conn, there, one.edits, self.salt)
        ways = pave(there, one.edits)
        found: dict[bool, dict[str, list[dict[str, Any]]]] = {side: {name: [] for name in TABLES} for side in told}
        categories = self.question.categories
        for number, category in enumerate(categories):
            ctx.progress(number / len(categories), "progress.walking")
            base = self._base(self.ground, category)
            changed = base if there is self.ground else self._base(there, category)
            after = Supposed(changed, one.edits, ways, new)
            before: Views = AsIs(base)
            if without:
                nobody = newcomers(self.conn, self.ground, (), self.salt)
                before = Supposed(base, without, pave(self.ground, without), nobody)
            for side in told:
                groups, totals = counted(base, before, after, new, told=side).rows(
                    one.scenario, category, only_changed=only_changed
                )
                found[side]["rows"] += groups
                found[side]["totals"] += totals
                found[side]["headlines"] += headlines((*totals, *groups))
        ctx.progress(1.0, "progress.counting")
        return found

    def _ground(self, ctx: Context, edits: Sequence[Edit]) -> Ground:
        """Return what edits stand on: where they open gates, the streets with these open."""
        opened = frozenset(str(edit.gate) for edit in edits if edit.edit == "gate_open")
        if not opened:
            return self.ground
        return read_ground(self.conn, ctx, self.question, self.inputs.kept, opened)

    def _base(self, ground: Ground, category: str) -> Base:
        return read_base(ground, self.inputs.targets, self.question.categories, category, self.inputs.kept)

    def shared(self) -> dict[str, Any]:
        """Return what a result says besides its tables."""
        pairs = while_unchanged(self.conn, self.ctx, ["sources"], lambda: overview.sources(self.conn))
        return {
            "limit": asdict(self.question.limit),
            "rules": rules_by_category(self.book, self.question.categories, self.question.limit),
            **({"walkers": self.question.told_walkers()} if self.question.walkers else {}),
            "by": self.ground.by,
            "by_requested": self.question.by,
            "people_basis": self.ground.homes.people_basis,
            "attribution": attribution(pairs),
            "is_synthetic": any("synthetic" in (source or "").lower() for source, _ in pairs),
        }

    def notes(self, asked: Sequence[Supposition]) -> list[dict[str, Any]]:
        """Return what a reader must know, once :meth:`tables` were made."""
        edits = [edit for one in asked for edit in one.edits]
        return [
            *notes_of_data(self.ground, self.question, self.inputs.targets, self._not_surveyed()),
            *notes_of_edits(self.ground, self.question.categories, edits, self.joined),
            *closure_notes(self.ground.networks, unknown="open_only"),
        ]

    def _not_surveyed(self) -> list[str]:
        """Return the categories whose inventory is not declared complete wherever somebody lives."""
        codes, ground = self.question.categories, self.ground
        return while_unchanged(
            self.conn, self.ctx, ["not surveyed", ground.key, list(codes)],
            lambda: not_surveyed(self.conn, ground, codes),
        )  # fmt: skip


def _together(tables: Sequence[Mapping[str, list[dict[str, Any]]]]) -> dict[str, list[dict[str, Any]]]:
    return {name: [row for one in tables for row in one[name]] for name in TABLES}


SCENARIO: Final = Kind(KIND, WhatIfQuestion.asked, _fingerprint, compute_scenario)
