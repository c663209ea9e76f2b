"""Key figures of a board: coverage of an area by category with earlier dates, of its parts, official indicators."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo_service.domain.labels import label
from geo_service.domain.reference import categories
from geo_service.domain.rights import reach_of
from geo_service.domain.suppression import ROUNDED_TO
from geo_service.foundation.texts import LANGS, listed, text
from geo_service.services.board_places import DRILLED, GRID, Scope
from geo_service.services.board_runs import EARLIER, Asked, Kept, date_of
from geo_service.services.board_tables import USUAL_CIRCLE, BoardQuestion, Column, Table
from geo_service.services.board_worst import worst_first
from geo_service.services.headlines import first_rows, is_mostly_unknown, label_of, share_told
from geo_service.services.told import sees_exact
from geo_service.storage.visible import own_places

FIGURE_COLUMNS: Final = (
    Column("category"), Column("people_total", "number"), Column("people_covered_share", "share"),
    Column("people_not_covered", "number"), Column("people_unknown", "number"),
    Column("buildings_covered_share", "share"), Column("mean_m", "metres"), Column("change", "points"),
    Column("since", "date"), Column("inventory"),
)  # fmt: skip
PART_COLUMNS: Final = (
    Column("name"), Column("category"), Column("people_not_covered", "number"),
    Column("people_covered_share", "share"), Column("people_not_covered_share", "share"),
    Column("people_unknown_share", "share"), Column("people_total", "number"), Column("mean_m", "metres"),
)  # fmt: skip
INDICATOR_COLUMNS: Final = (
    Column("indicator_name"), Column("radius"), Column("covered_share", "share"), Column("target_share", "share"),
    Column("verdict", "verdict"), Column("walk_people_share", "share"), Column("residential_m2", "area"),
    Column("indicator"), Column("said"),
)  # fmt: skip
_FIGURES: Final = (
    "people_total", "people_covered", "people_not_covered", "people_unknown", "people_covered_share",
    "people_not_covered_share", "people_unknown_share", "buildings_total", "buildings_covered_share",
    "buildings_unknown_share", "buildings_not_covered", "mean_m", "inventory_complete",
)  # fmt: skip


def coverage_of(question: BoardQuestion, level: str | None) -> Asked:
    """Return the analysis of coverage by a level; of a single category it can be within the limit of its own rule."""
    if not question.circle and question.category is not None:
        return Asked("coverage", {"by": level or "community", "categories": [question.category]})
    return Asked("coverage", {"by": level or "community", "circle": question.circle or USUAL_CIRCLE})


def own_coverage(question: BoardQuestion, scope: Scope) -> Asked:
    """Return the analysis that has the figures of what is looked at: of everything the totals of that of its parts."""
    return coverage_of(question, scope.by if scope.place is None else scope.place.level)


def indicators_of(scope: Scope) -> Asked | None:
    """Return the analysis that has the official indicators of what is looked at, None for a grid."""
    level = "community" if scope.place is None else scope.place.level
    return None if level == GRID or level not in DRILLED else Asked("indicators", {"by": level})


def figure_rows(kept: Kept, question: BoardQuestion, scope: Scope) -> list[Mapping[str, Any]]:
    """Return a row for each category: the latest figures, those of earlier dates, the change since the one before."""
    found = kept.of(own_coverage(question, scope))
    if not found:
        return []
    dates = [(run, _own_rows(kept.result(run), scope)) for run in found[: EARLIER + 1]]
    rows = []
    for code, row in dates[0][1].items():
        trend = [
            {
                "as_of": date_of(run),
                "uid": run["uid"],
                "code_version": run["code_version"],
                "share": _trend_share(rows_then.get(code)),
            }
            for run, rows_then in reversed(dates)
        ]
        before = trend[-2] if len(trend) > 1 else None
        now = trend[-1]["share"]
        is_comparable = before is not None and before["share"] is not None and now is not None
        rows.append(
            _figures(row)
            | {
                "key": code,
                "place": None,
                "trend": trend,
                "change": round(now - before["share"], 6) if before is not None and is_comparable else None,
                "since": before["as_of"] if before is not None else None,
            }
        )
    return worst_first(rows)


def part_rows(kept: Kept, question: BoardQuestion, scope: Scope) -> list[Mapping[str, Any]]:
    """Return a row for each part and category, place by place, the worst first."""
    result = kept.latest(coverage_of(question, scope.by)) if scope.by is not None else None
    if result is None:
        return []
    parts = {part.code: part for part in scope.parts}
    rows = []
    wanted = (row for row in result["rows"] if question.category in (None, row["category"]))
    for row in first_rows(wanted):
        part = parts.get(row["code"])
        if part is None and not (scope.place is None and row["level"] == "none"):
            continue
        rows.append(
            _figures(row)
            | {
                "key": f"{row['code']}/{row['category']}",
                "name": (row["name"] or row["code"]) if part is not None else _nowhere(),
                "place": None if part is None else part.told(),
                "limit_m": result["limit"]["metres"],
            }
        )
    return worst_first(rows)


def own_people(kept: Kept, question: BoardQuestion, scope: Scope) -> tuple[Mapping[str, Any], float] | None:
    """Return the figures of the place and category looked at, and the limit in metres; None where not known."""
    if question.category is None or scope.place is None:
        return None
    result = kept.latest(own_coverage(question, scope))
    row = None if result is None else _own_rows(result, scope).get(question.category)
    if result is None or row is None or row["people_not_covered"] is None:
        return None
    return row, float(result["limit"]["metres"])


def own_lead(kept: Kept, question: BoardQuestion, scope: Scope) -> dict[str, str] | None:
    """Return how many people of a place lack a category, as the overview has it; None where that is not known.

    What leads from there to the gaps: they are whole zones, and may reach beyond the place.
    """
    found = own_people(kept, question, scope)
    if found is None or question.category is None or scope.place is None:
        return None
    row, metres = found
    return {
        lang: text(
            "board.lead",
            lang,
            name=scope.place.name or scope.place.code,
            category=label_of(question.category, row["bands"], lang),
            metres=f"{metres:,.0f}",
            people=f"{row['people_not_covered']:,.0f}",
        )
        for lang in LANGS
    }


def part_shades(rows: Sequence[Mapping[str, Any]], question: BoardQuestion) -> dict[str, Any] | None:
    """Return what a map of the parts shows: the category asked for, else the worst, and each part's share as told.

    By buildings where nobody's people are known; None without rows.
    """
    if not rows:
        return None
    category = question.category or rows[0]["category_code"]
    mine = [row for row in rows if row["category_code"] == category and row["place"] is not None]
    basis = "people" if any(row["people_total"] is not None for row in mine) else "buildings"
    return {
        "category": category,
        "category_label": dict(categories()[category].label),
        "layer": mine[0]["place"]["layer"] if mine else "areas",
        "basis": basis,
        "shares": {row["place"]["code"]: share_told(row, basis) for row in mine},
    }


def indicator_rows(kept: Kept, scope: Scope) -> list[dict[str, Any]]:
    """Return the official indicators of what is looked at, as they are defined, the walk beside them."""
    asked = indicators_of(scope)
    result = None if asked is None else kept.latest(asked)
    if result is None:
        return []
    place = scope.place
    rows = result["totals"] if place is None else [row for row in result["rows"] if row["code"] == place.code]
    return [
        {
            **{name: row[name] for name in ("covered_share", "target_share", "walk_people_share", "residential_m2")},
            "key": row["indicator"],
            "indicator": f"{row['indicator']} (v{result['rules'][row['indicator']]['version']})",
            "indicator_name": row["label"],
            "radius": _radius_label(row["radii"]),
            "verdict": row["verdict"],
            "said": row["sentence"],
            "withheld": row.get("withheld", False),
        }
        for row in rows
    ]


def _radius_label(radii: Sequence[Mapping[str, float]]) -> dict[str, str] | None:
    """Return the straight radius a definition has, of sites from some size on where it has several."""
    if not radii:
        return None
    parts: dict[str, list[str]] = {lang: [] for lang in LANGS}
    for one in radii:
        for lang in LANGS:
            key = "board.radius_from" if one.get("min_m2") else "board.radius"
            facts = {"metres": f"{one['radius_m']:,.0f}", "area": f"{one.get('min_m2', 0):,.0f}"}
            parts[lang].append(text(key, lang, **facts))
    return {lang: listed(parts[lang], lang) for lang in LANGS}


def exact_here(kept: Kept, question: BoardQuestion, scope: Scope) -> dict[str, str] | None:
    """Return how exact the people of the key figures are for their reader, None where all are: of one's own they are.

    The same people told as sums of rounded homes elsewhere differ a little (decision 22): it stands beside the figures.
    """
    if sees_exact(kept.ctx) or kept.latest(own_coverage(question, scope)) is None:
        return None
    own = own_places(kept.conn, kept.ctx.actor) if reach_of(kept.ctx.actor, "read_households") == "own" else None
    place = scope.place
    mine = own is not None and place is not None and place.code in (own.grids if place.layer == "grids" else own.areas)
    return label("board.basis.exact" if mine else "board.basis.rounded", base=ROUNDED_TO)


def overview_tables(kept: Kept, question: BoardQuestion, scope: Scope) -> list[Table]:
    """Return the parts first, then key figures and official indicators."""
    figures = figure_rows(kept, question, scope)
    if question.category is not None:
        figures = [row for row in figures if row["key"] == question.category]
    return [
        Table("parts", PART_COLUMNS, part_rows(kept, question, scope)),
        Table("figures", FIGURE_COLUMNS, figures),
        Table("indicators", INDICATOR_COLUMNS, indicator_rows(kept, scope)),
    ]


def _own_rows(result: Mapping[str, Any], scope: Scope) -> dict[str, Mapping[str, Any]]:
    place = scope.place
    rows: Sequence[Mapping[str, Any]] = result["totals"] if place is None else result["rows"]
    return {
        row["category"]: row for row in first_rows(row for row in rows if place is None or row["code"] == place.code)
    }


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    known = {True: "complete", False: "incomplete", None: "unstated"}[row["inventory_complete"]]
    return {name: row[name] for name in _FIGURES} | {
        "category_code": row["category"],
        "category": {lang: label_of(row["category"], row["bands"], lang) for lang in LANGS},
        "inventory": known,
        "unknown_columns": [
            f"{basis}_covered_share" for basis in ("people", "buildings") if is_mostly_unknown(row, basis)
        ],
        "withheld": row.get("withheld", False),
    }


def _trend_share(row: Mapping[str, Any] | None) -> float | None:
    """Return the share of people covered of a date, None where it is withheld or mostly not known."""
    return None if row is None or is_mostly_unknown(row, "people") else row["people_covered_share"]


def _nowhere() -> dict[str, str]:
    return label("level.none")
