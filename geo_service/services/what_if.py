"""What-if: who is within reach once edits are supposed, beside who is now; the data stays as it is (PRODUCT §3.12)."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.scenarios import Edit, checked_edits
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.services.analyses import Kind, fingerprint_of
from geo_service.services.context import Context
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rights import may
from geo_service.services.rules import rulebook
from geo_service.services.runs import Finished
from geo_service.services.scenario_asked import coverage_asked, said_of
from geo_service.services.scenario_ground import while_unchanged
from geo_service.services.scenario_notes import notes_of_several
from geo_service.services.scenario_readings import Read, read_tables
from geo_service.services.scenario_work import Supposition, Work, read_inputs, walker
from geo_service.services.scenarios import edits_of
from geo_service.services.told import TOLD, sees_exact

KIND: Final = "scenario"
MOST_SCENARIOS: Final = 10
_FORMAT: Final = 7  # raised when the same inputs would give another result


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
    inputs = read_inputs(conn, ctx, question.coverage, book, scenarios=_versions(asked))
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
    inputs = read_inputs(conn, ctx, question.coverage, book, scenarios=_versions(asked))
    work = Work(conn, ctx, question.coverage, inputs=inputs, book=book)
    reads = read_tables(work, ctx, asked, told=(False, True))
    result = work.shared() | {
        "scenarios": [
            {"scenario": one.scenario, "name": one.name, "edits": [edit.body() for edit in one.edits]} for one in asked
        ],
        "notes": _notes(work, asked, reads[False]),
        **reads[False].body(),
    }
    parts = {TOLD: json.dumps(reads[True].body(), ensure_ascii=False, allow_nan=False).encode()}
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
    work = Work(conn, ctx, question.coverage, inputs=inputs, book=rulebook(conn, ctx))
    told = not sees_exact(ctx)
    read = read_tables(work, ctx, asked, told=(told,), only_changed=True)[told]
    notes = _notes(work, asked, read)
    return {"kind": KIND, "parameters": question.parameters(), **work.shared(), "notes": notes, **read.body()}


def _notes(work: Work, asked: Sequence[Supposition], read: Read) -> list[dict[str, Any]]:
    return [*work.notes(asked, both=read.closed is not None), *notes_of_several(work.question.categories)]


SCENARIO: Final = Kind(KIND, WhatIfQuestion.asked, _fingerprint, compute_scenario)
