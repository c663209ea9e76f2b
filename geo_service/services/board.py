"""The board of officials: what is kept about an area, from where it is worst to who does what by when.

A board only reads: kept runs as the reader may see them (decision 22), projects and spaces as they are stored. Where
there is no run it names the question to ask.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geo_service.analysis.gap_zones import REASONS
from geo_service.domain.bands import BANDS
from geo_service.domain.checklist import VERDICTS
from geo_service.domain.labels import label
from geo_service.services.board_checklist import BINDINGS, CHECKLIST, matrix_table, short_tables
from geo_service.services.board_coverage import (
    coverage_of,
    exact_here,
    indicators_of,
    overview_tables,
    own_coverage,
    own_lead,
    part_shades,
)
from geo_service.services.board_gaps import gap_reasons, gap_tables, gaps_of
from geo_service.services.board_lists import money_lead, problem_tables, project_tables, resource_tables
from geo_service.services.board_places import Scope, find_scope
from geo_service.services.board_runs import Asked, Kept
from geo_service.services.board_tables import USUAL_CIRCLE, BoardQuestion, Table, ordered
from geo_service.services.board_worst import by_place
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.summary import attribution
from geo_service.storage import overview

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Board:
    """One view of a board.

    Attributes
    ----------
    question, scope
        What was asked and what is looked at.
    tables
        The main one first; the rest belongs to it.
    analyses, following
        What it rests on: kind, question, the latest run or None, layers that changed since; and what the way from the
        worst place on rests on, so that both can be computed at once.
    lead
        What stands above the table, by language: how many people of the place lack the category whose gaps are ranked,
        the sums of projects; of the overview how exact its people are for the reader. None where not known.
    shades
        Of the overview: the category a map of the parts shows, and the share of people covered of each by its code.
    reasons
        Of the gaps, whichever reason is chosen: how many zones and people for each, the most first.
    notes, attribution, is_synthetic, people_rounded_to
        What a reader must know, as results have it; the last is None where people are exact.
    """

    question: BoardQuestion
    scope: Scope
    tables: list[Table]
    analyses: list[dict[str, Any]]
    following: list[dict[str, Any]]
    lead: dict[str, str] | None
    shades: dict[str, Any] | None
    reasons: list[dict[str, Any]]
    notes: list[dict[str, str]]
    attribution: list[str]
    is_synthetic: bool
    people_rounded_to: int | None


GAPS: Final = (Asked("gaps", {}), Asked("gaps", {"circle": USUAL_CIRCLE}))  # of all categories


def read_board(conn: "Connection", ctx: Context, question: BoardQuestion) -> Board:
    """Return one view of a board as the actor may see it.

    Raises NotFound ``row_unknown`` for an area that is not there; InvalidInput ``board_level_unknown``,
    ``board_reason_unknown``, ``board_binding_unknown``, ``sort_unknown``.
    """
    may(ctx.actor, "read_runs")
    scope = find_scope(conn, ctx, question.area, question.by)
    kept = Kept(conn, ctx)
    tables = _tables(conn, kept, question, scope)
    shades = part_shades(tables[0].rows, question) if question.view == "overview" else None
    tables[0] = ordered(tables[0], question.sort, ctx.lang)
    if question.view == "overview":
        tables[0] = by_place(tables[0], question)
    asked = _asked(question, scope)
    found = [result for one in asked if (result := kept.latest(one)) is not None]
    notes = {note["key"] + note["zh"]: {"zh": note["zh"], "en": note["en"]} for one in found for note in one["notes"]}
    pairs = overview.sources(conn)
    rounded = [one["people_rounded_to"] for one in found if one.get("people_rounded_to")]
    return Board(
        question,
        scope,
        tables,
        [kept.told(one) for one in asked],
        _following(kept, question),
        _lead(kept, question, scope, tables[0]),
        shades,
        gap_reasons(kept, question, scope) if question.view == "gaps" else [],
        list(notes.values()),
        attribution(pairs),
        any("synthetic" in (source or "").lower() for source, _ in pairs),
        rounded[0] if rounded else None,
    )


def choices() -> dict[str, dict[str, dict[str, str]]]:
    """Return the labels of reasons, bindings, verdicts and ages by their codes."""
    return {
        "reason": {code: label(f"gap_reason.{code}") for code in REASONS[1:]},
        "binding": {code: label(f"board.binding.{code}") for code in BINDINGS},
        "verdict": {code: label(f"checklist.verdict.{code}") for code in VERDICTS},
        "band": {code: label(f"band.{code}") for code in BANDS},
    }


def _tables(conn: "Connection", kept: Kept, question: BoardQuestion, scope: Scope) -> list[Table]:
    if question.view == "overview":
        return overview_tables(kept, question, scope)
    if question.view == "gaps":
        return gap_tables(conn, kept, question, scope)
    if question.view == "short":
        return short_tables(kept, question, scope)
    if question.view == "matrix":
        return [matrix_table(kept, scope)]
    if question.view == "problems":
        return problem_tables(conn, kept, question, scope)
    if question.view == "resources":
        return resource_tables(conn, kept.ctx, question, scope)
    return project_tables(conn, kept.ctx, question, scope)


def _lead(kept: Kept, question: BoardQuestion, scope: Scope, table: Table) -> dict[str, str] | None:
    if question.view == "projects":
        return money_lead(table.rows)
    if question.view == "overview":
        return exact_here(kept, question, scope)
    return own_lead(kept, question, scope) if question.view == "gaps" else None


def _following(kept: Kept, question: BoardQuestion) -> list[dict[str, Any]]:
    """Return what the way on rests on: from the overview to its gaps, from the matrix to tasks of the newest gaps."""
    if question.view == "overview":
        return [kept.told(gaps_of(question))]
    if question.view == "matrix" and (known := [one for one in GAPS if kept.of(one)]):
        return [kept.told(known[0])]
    return []


def _asked(question: BoardQuestion, scope: Scope) -> list[Asked]:
    """Return the analyses a view rests on."""
    if question.view == "overview":
        parts = [] if scope.by is None else [coverage_of(question, scope.by)]
        official = indicators_of(scope)
        asked = [*parts, own_coverage(question, scope), *([official] if official else [])]
        return [one for place, one in enumerate(asked) if one not in asked[:place]]
    return {
        "gaps": [gaps_of(question)],
        "short": [CHECKLIST],
        "matrix": [CHECKLIST],
        "problems": [gaps_of(question), CHECKLIST],
    }.get(question.view, [])
