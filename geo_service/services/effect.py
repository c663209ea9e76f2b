"""Effect of a project: with it against without it on the same data, and yuan per person (PRODUCT §3.13)."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL
from geo_service.domain.layers import LAYERS
from geo_service.domain.scenarios import Edit, checked_edits
from geo_service.foundation.errors import InvalidInput
from geo_service.services.analyses import Kind, fingerprint_of
from geo_service.services.context import Context
from geo_service.services.effect_money import money_notes, money_of, yuan_each
from geo_service.services.headlines import CONCERNED
from geo_service.services.homes import WHOLE
from geo_service.services.notes import note
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rights import may
from geo_service.services.rules import Rulebook, rulebook
from geo_service.services.runs import Finished
from geo_service.services.scenario_asked import coverage_asked, said_of
from geo_service.services.scenario_moves import MOVED
from geo_service.services.scenario_readings import Read, read_tables, with_closed
from geo_service.services.scenario_work import Inputs, Supposition, Work, read_inputs, table_names, walker
from geo_service.services.told import TOLD
from geo_service.storage import rows

KIND: Final = "effect"
_FORMAT: Final = 8  # raised when the same inputs would give another result
_TOLD_FACTS: Final = ("code", "name", "kind", "status", "quantity", "quantity_unit")


@dataclass(frozen=True)
class EffectQuestion:
    """The effect of a project (its code) on coverage; ``said`` and ``coverage`` as in a what-if."""

    project: str
    coverage: CoverageQuestion
    said: Mapping[str, Any] | None = None

    @classmethod
    def asked(
        cls,
        project: str,
        categories: Sequence[str] | None = None,
        *,
        circle: int | None = None,
        minutes: float | None = None,
        profile: str | None = None,
        by: str | None = None,
        strict: bool | None = None,
        at: str | None = None,
    ) -> "EffectQuestion":
        """Return the checked question, without categories about those of the project's measures.

        Raises as :meth:`CoverageQuestion.asked`.
        """
        said = said_of(categories, circle=circle, minutes=minutes, profile=profile, by=by, strict=strict, at=at)
        return cls(project, CoverageQuestion.asked(**said), said)

    def parameters(self) -> dict[str, object]:
        """Return what was asked: what was said, once resolved all of it, as it is kept with the run."""
        asked = self.coverage.parameters() if self.said is None else self.said
        return {"project": self.project, **asked}


@dataclass(frozen=True)
class _Measures:
    """What a project changes: edits of what is there now, and facilities it has built, which are there already."""

    edits: tuple[Edit, ...]
    built: tuple[str, ...]

    @classmethod
    def of(cls, project: Mapping[str, Any]) -> "_Measures":
        """Return the measures of a project's row; InvalidInput ``measures_form`` and those of edits."""
        given = project.get("measures") or {}
        # ``opened_from`` stood there before a project's source said it
        if not isinstance(given, Mapping) or not set(given) <= {"edits", "built", "opened_from"}:
            raise InvalidInput("measures_form", project=project["code"])
        built = given.get("built") or []
        if not isinstance(built, list) or not all(isinstance(code, str) for code in built):
            raise InvalidInput("measures_form", project=project["code"])
        edits = given.get("edits") or []
        return cls(checked_edits(edits) if edits else (), tuple(sorted(set(built))))

    @property
    def without(self) -> tuple[Edit, ...]:
        """The edits that take away what is built."""
        return (
            checked_edits([{"edit": "facility_close", "facility": code} for code in self.built]) if self.built else ()
        )


def _project(conn: Connection, code: str) -> dict[str, Any]:
    return rows.get(conn, LAYERS["projects"], code)


@dataclass(frozen=True)
class _Read:
    """What a question is answered from, and the question with the categories of the project's measures."""

    question: EffectQuestion
    project: dict[str, Any]
    measures: _Measures
    inputs: Inputs


def _read(conn: Connection, ctx: Context, question: EffectQuestion, book: Rulebook) -> _Read:
    project = _project(conn, question.project)
    measures = _Measures.of(project)
    if question.said is not None:
        coverage = coverage_asked(conn, question.said, [((*measures.edits, *measures.without), {})])
        question = replace(question, coverage=coverage, said=None)
    inputs = read_inputs(conn, ctx, question.coverage, book, project=[project["code"], project["version"]])
    return _Read(question, project, measures, inputs)


def _fingerprint(conn: Connection, ctx: Context, question: EffectQuestion) -> str:
    book = rulebook(conn, ctx)
    read = _read(conn, ctx, question, book)
    own = walker(read.question.coverage.under(book))
    return fingerprint_of(KIND, _FORMAT, read.question, read.inputs.kept, **own)


def compute_effect(conn: Connection, ctx: Context, question: EffectQuestion) -> Finished:
    """Compute the effect without keeping it.

    Raises NotFound ``row_unknown``; InvalidInput ``measures_form``, ``no_network``, ``no_homes`` and those of edits.
    """
    may(ctx.actor, "analyse")
    started = time.perf_counter()
    book = rulebook(conn, ctx)
    read = _read(conn, ctx, question, book)
    question, project, measures, inputs = read.question, read.project, read.measures, read.inputs
    work = Work(conn, ctx, question.coverage, inputs=inputs, book=book)
    moves = bool(measures.edits or measures.built)
    one = Supposition(measures.edits)
    none = Read({name: [] for name in table_names(work.question.categories)}, None)
    both = {False: none, True: none}
    if moves:
        both = read_tables(work, ctx, [one], told=(False, True), without=measures.without)
    money = money_of(project)
    facts = {
        "project": {key: project.get(key) for key in _TOLD_FACTS},
        "measures": [edit.body() for edit in measures.edits],
        "built": list(measures.built),
        "moves_coverage": moves,
        "yuan": money,
        "cases_count": None,
        "satisfaction_share": None,
    }
    categories = list(question.coverage.categories)
    is_both = both[False].closed is not None
    notes = [*work.notes([one], both=is_both), *_notes(measures, money, categories, moves=moves)]
    result = work.shared() | facts | {"notes": notes, **_body(both[False], money)}
    told = json.dumps(_body(both[True], money), ensure_ascii=False, allow_nan=False)
    made = fingerprint_of(KIND, _FORMAT, question, inputs.kept, **walker(work.question))
    seconds = time.perf_counter() - started
    return Finished(KIND, made, question.parameters(), inputs.kept, result, seconds, {TOLD: told.encode()})


def _body(read: Read, money: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables with the effects, where closures are not known in both readings."""
    return with_closed(_effects(read.tables, money), None if read.closed is None else _effects(read.closed, money))


def _effects(tables: Mapping[str, list[dict[str, Any]]], money: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables with people newly within reach by category and band, and the yuan for each of them.

    Of every category one row is the headline: the people it is there for; of the others none gives yuan per person.
    """
    effects = []
    heads = {row["category"]: row for row in tables["headlines"] if row["level"] == WHOLE}
    for category, head in heads.items():
        bands = head["bands"]
        everybody = bands == [ALL]
        if not everybody:
            effects.append(_effect(head, CONCERNED, bands, money))
        for row in tables["totals"]:
            if row["category"] == category:
                first = everybody and row["band"] == ALL
                effects.append(_effect(row, row["band"], [row["band"]], money if first else None))
    return {"effects": effects, **tables}


def _effect(row: Mapping[str, Any], band: str, bands: list[str], money: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return people newly within reach; ``money`` for the headline only.

    Newly covered are those who were not; of whom it was not known, and who no longer are, stand apart.
    """
    people = {f"people_{move}": row[f"people_{move}"] for move in MOVED}
    newly, lost = people["people_newly_covered"], people["people_no_longer_covered"]
    counted = None if newly is None or lost is None else newly - lost
    return {
        "category": row["category"],
        "band": band,
        "bands": bands,
        "is_headline": money is not None,
        **people,
        **{f"buildings_{move}": row[f"buildings_{move}"] for move in MOVED},
        "yuan_per_person": None if money is None else yuan_each(money, counted),
        "withheld": bool(row.get("withheld", False)) and None in people.values(),
    }


def _notes(
    measures: _Measures, money: Mapping[str, Any], categories: list[str], *, moves: bool
) -> list[dict[str, Any]]:
    found = [note("note.effect_not_change"), note("note.effect_not_stored")]
    if not moves:
        found.append(note("note.effect_none"))
    if measures.built:
        found.append(note("note.effect_built", facilities=", ".join(measures.built)))
    found += money_notes(money)
    if moves and money["yuan"] is not None:
        found.append(note("note.effect_yuan_each"))
        if len(categories) > 1:
            found.append(note("note.effect_yuan_apart", categories=categories))
    return found


EFFECT: Final = Kind(KIND, EffectQuestion.asked, _fingerprint, compute_effect)
