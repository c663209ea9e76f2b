"""The three lists of a board: problems, resources, projects (问题清单、资源清单、项目清单)."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from geo_service.domain.facilities import FACILITIES
from geo_service.domain.fields import Layer
from geo_service.domain.labels import choice_label, label
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import categories
from geo_service.domain.spaces import PUBLIC_SPACES
from geo_service.domain.works import PROJECTS, QUANTITY_UNITS, SETTLED
from geo_service.foundation.clock import local_date
from geo_service.foundation.texts import LANGS, listed, text
from geo_service.services.board_checklist import short_rows
from geo_service.services.board_gaps import Works, gap_rows, names_of
from geo_service.services.board_places import Scope
from geo_service.services.board_runs import Kept
from geo_service.services.board_tables import BoardQuestion, Column, Table, joined
from geo_service.services.context import Context
from geo_service.services.features import LIST_MAXIMUM, ListQuestion, list_rows
from geo_service.storage.frames import read_frame

if TYPE_CHECKING:
    from sqlalchemy import Connection

PROBLEM_COLUMNS: Final = (
    Column("number", "number"), Column("problem"), Column("subject"), Column("area_name"),
    Column("people", "number"), Column("why"), Column("rule"), Column("clause"), Column("alternative"),
    Column("alternative_m", "metres"), Column("projects"), Column("unit_responsible"), Column("deadline", "date"),
)  # fmt: skip
RESOURCE_COLUMNS: Final = (
    Column("number", "number"), Column("resource"), Column("kind"), Column("name"), Column("area_name"),
    Column("area_m2", "area"), Column("usable_area_m2", "area"), Column("capacity"), Column("tenure"),
    Column("plan_use"), Column("manager"),
)  # fmt: skip
PROJECT_COLUMNS: Final = (
    Column("number", "number"), Column("name"), Column("kind"), Column("status"), Column("responsible_unit"),
    Column("deadline", "date"), Column("overdue"), Column("quantity"), Column("planned_yuan", "yuan"),
    Column("committed_yuan", "yuan"), Column("paid_yuan", "yuan"), Column("households", "number"),
    Column("area_name"),
)  # fmt: skip
_PLACES: Final = ("chargers", "persons")  # units of what a facility holds besides those of quantities
_USABLE: Final = ("idle_land", "room", "square", "activity_ground", "playground", "sports_ground", "other")


def problem_tables(conn: "Connection", kept: Kept, question: BoardQuestion, scope: Scope) -> list[Table]:
    """Return gaps that are ranked and requirements that are not met, with what is planned against each."""
    gaps = [_gap_problem(row) for row in gap_rows(conn, kept, question, scope) if row["rank"] is not None]
    works = Works(conn, kept.ctx)
    short = [
        _short_problem(row, works.opened_from(f"short/{row['key']} "))
        for row in short_rows(kept, question, scope)
        if _counts(row, question)
    ]
    rows = [row | {"number": number} for number, row in enumerate([*gaps, *short], start=1)]
    return [Table("problems", PROBLEM_COLUMNS, rows)]


def resource_tables(conn: "Connection", ctx: Context, question: BoardQuestion, scope: Scope) -> list[Table]:
    """Return idle and public land, rooms, and facilities that can be shared or have a known capacity."""
    spaces = [_space(row) for row in _rows(conn, ctx, PUBLIC_SPACES, scope) if row["kind"] in _USABLE]
    facilities = [
        _facility(row)
        for row in _rows(conn, ctx, FACILITIES, scope)
        if (row["is_shareable"] or row["capacity"] is not None) and question.category in (None, row["category"])
    ]
    if question.category is not None:
        spaces = [row for row in spaces if row["kind_code"] in ("idle_land", "room")]
    rows = [row | {"number": number} for number, row in enumerate([*spaces, *facilities], start=1)]
    return [Table("resources", RESOURCE_COLUMNS, rows)]


def project_tables(conn: "Connection", ctx: Context, question: BoardQuestion, scope: Scope) -> list[Table]:
    """Return the projects, overdue ones first, then by deadline; only those that are overdue if asked so."""
    today = local_date(ctx.clock(), ctx.timezone).isoformat()
    rows = [_project(row, today) for row in _rows(conn, ctx, PROJECTS, scope)]
    rows = [row for row in rows if row["overdue"] is not None or not question.late]
    rows.sort(key=lambda row: (row["overdue"] is None, row["deadline"] or "9999", row["key"]))
    return [Table("projects", PROJECT_COLUMNS, [row | {"number": at} for at, row in enumerate(rows, start=1)])]


def money_lead(rows: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """Return the sums of what is planned, committed and paid for the projects listed; None without any.

    Of how many no amount is known is said beside each sum: an amount that is missing is no zero.
    """
    if not rows:
        return None
    parts: dict[str, list[str]] = {lang: [] for lang in LANGS}
    for name in ("planned_yuan", "committed_yuan", "paid_yuan"):
        known = [float(row[name]) for row in rows if row[name] is not None]
        for lang in LANGS:
            key = (
                "board.money.none"
                if not known
                else "board.money.sum"
                if len(known) == len(rows)
                else "board.money.some"
            )
            facts = {"yuan": f"{sum(known):,.0f}", "missing": len(rows) - len(known)}
            parts[lang].append(text(key, lang, what=text(f"board.money.{name}", lang), **facts))
    return {lang: text("board.money", lang, count=len(rows), sums=listed(parts[lang], lang)) for lang in LANGS}


def _counts(row: Mapping[str, Any], question: BoardQuestion) -> bool:
    """Whether something short is a problem: advice and figures for new estates are none, unless they are asked for."""
    return row["binding_code"] in ("requirement", "not_stated") or question.binding == row["binding_code"]


def _gap_problem(row: Mapping[str, Any]) -> dict[str, Any]:
    planned = row["planned"]
    return {
        **{name: row[name] for name in ("key", "area_name", "area_code", "people", "rule", "clause")},
        **{name: row[name] for name in ("alternative", "alternative_m", "withheld", "geometry", "category_code")},
        "to_verify": row["to_verify"],
        "problem": label("board.problem.gap"),
        "subject": row["category"],
        "why": joined([row["reason"], row["cure"]]),
        "planned": planned,
        **_who(planned),
    }


def _who(planned: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return who does something against a problem, and by when at the earliest."""
    units = dict.fromkeys(one["responsible_unit"] or "—" for one in planned)
    return {
        "projects": names_of(planned),
        "unit_responsible": "；".join(units) or None,
        "deadline": min((one["deadline_on"] for one in planned if one["deadline_on"]), default=None),
    }


def _short_problem(row: Mapping[str, Any], planned: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("key", "area_name", "area_code", "subject", "people", "clause", "withheld")},
        "to_verify": row["to_verify"],
        "problem": label("board.problem.short"),
        "why": row["said"],
        "rule": row["binding"],
        "alternative": None,
        "alternative_m": None,
        "place": row["place"],
        "planned": planned,
        **_who(planned),
    }


def _space(row: Mapping[str, Any]) -> dict[str, Any]:
    is_land = row["kind"] == "idle_land"
    kind = "idle" if is_land else "room" if row["kind"] == "room" else "space"
    return _there(row, PUBLIC_SPACES) | {
        "resource": label(f"board.resource.{kind}"),
        "kind": choice_label(PUBLIC_SPACES.name, "kind", row["kind"]),
        "kind_code": row["kind"],
        "area_m2": row["area_m2"],
        "usable_area_m2": row["usable_area_m2"],
        "capacity": None,
        "tenure": row["tenure"],
        "plan_use": row["plan_use"],
        "manager": row["manager"],
    }


def _facility(row: Mapping[str, Any]) -> dict[str, Any]:
    return _there(row, FACILITIES) | {
        "resource": label("board.resource.shareable" if row["is_shareable"] else "board.resource.capacity"),
        "kind": choice_label(FACILITIES.name, "category", row["category"]),
        "kind_code": row["category"],
        "area_m2": row["land_area_m2"],
        "usable_area_m2": row["floor_area_m2"],
        "capacity": _amount(row["capacity"], row["capacity_unit"]),
        "tenure": None,
        "plan_use": None,
        "manager": row["owner"],
    }


def _project(row: Mapping[str, Any], today: str) -> dict[str, Any]:
    deadline = row["deadline_on"]
    is_late = deadline is not None and deadline < today and row["status"] not in SETTLED
    return _there(row, PROJECTS) | {
        "name": row["name"],
        "kind": choice_label(PROJECTS.name, "kind", row["kind"]),
        "status": choice_label(PROJECTS.name, "status", row["status"]),
        "responsible_unit": row["responsible_unit"],
        "deadline": deadline,
        "overdue": label("board.overdue") if is_late else None,
        "quantity": _amount(row["quantity"], row["quantity_unit"]),
        "planned_yuan": row["planned_yuan"],
        "committed_yuan": row["committed_yuan"],
        "paid_yuan": row["paid_yuan"],
        "households": row["households_count"],
        "description": row["description"],
        "origin": _origin(row["source"]),
        "area_name": _grid_in_area(row),
    }


def _grid_in_area(row: Mapping[str, Any]) -> str | None:
    """Return the names of the community and the grid a project lies in, as far as there are any."""
    return " · ".join(str(name) for name in (row["area_name"], row["grid_name"]) if name) or None


def _origin(source: str | None) -> dict[str, str] | None:
    """Return what a project was opened from, as its source tells (``gap/<category>/…``), None of any other source."""
    kind, _, about = (source or "").partition("/")
    if kind == "gap" and (known := categories().get(about.partition("/")[0])) is not None:
        return {lang: text("board.project.of_gap", lang, category=known.label[lang]) for lang in LANGS}
    return label("board.project.of_short") if kind == "short" else None


def _there(row: Mapping[str, Any], layer: Layer) -> dict[str, Any]:
    """Return what says where a row is, and what it is called."""
    shape = row["geom"]
    bounds = None if shape is None or shape.is_empty else [round(float(one), 6) for one in shape.bounds]
    return {
        "key": f"{layer.name}/{row['code']}",
        "name": row.get("name") or row["code"],
        "area_code": row["area_code"],
        "area_name": row["area_name"],
        "place": {"layer": layer.name, "code": row["code"], "name": row.get("name"), "bounds": bounds},
    }


def _amount(value: float | None, unit: str | None) -> dict[str, str] | None:
    if value is None:
        return None
    amount, key = f"{value:,.10g}", _unit_keys().get(unit or "")
    return {lang: f"{amount} {text(key, lang, count=amount) if key else unit or ''}".strip() for lang in LANGS}


@cache
def _unit_keys() -> dict[str, str]:
    """Return the keys of the usual units of amounts by their codes and by what they are called in any language."""
    found: dict[str, str] = {}
    for code in (*QUANTITY_UNITS, *_PLACES):
        key = f"board.quantity.{code}"
        named = [text(key, lang, count=count) for lang in LANGS for count in (1, 2)]
        found |= dict.fromkeys((code, *named), key)
    return found


def _rows(conn: "Connection", ctx: Context, layer: Layer, scope: Scope) -> list[dict[str, Any]]:
    """Return all rows of a layer in what is looked at, as the actor may see them."""
    found: list[dict[str, Any]] = []
    while True:
        page = list_rows(conn, ctx, layer, ListQuestion(limit=LIST_MAXIMUM, offset=len(found)))
        found.extend(page.rows)
        if len(found) >= page.total or not page.rows:
            break
    areas = read_frame(conn, LAYERS["areas"], ["code", "name", "level", "parent_code"], geometry=False)
    known = {row["code"]: row for row in areas.to_dict("records")}
    # a quarter is no step of the way down: what lies in one is told by the community around it
    shown = {
        code: known.get(row["parent_code"], row) if row["level"] == "quarter" else row for code, row in known.items()
    }
    names = {code: row["name"] for code, row in shown.items()}
    grids = read_frame(conn, LAYERS["grids"], ["code", "name"], geometry=False)
    grid_names = dict(zip(grids["code"], grids["name"], strict=True))
    return [
        row
        | {
            "area_name": names.get(row["area_code"], row["area_code"]),
            "grid_name": grid_names.get(row["grid_code"]) or row["grid_code"],
        }
        for row in found
        if scope.holds((row["area_code"],), (row["grid_code"],))
    ]
