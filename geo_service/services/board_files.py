"""A board as a file: exactly the rows of its filter, in their order, with what they rest on."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from geo_service.cartography import paper
from geo_service.domain.reference import categories
from geo_service.exchange.office import Form, Page, column_shares, document, workbook, written
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.foundation.texts import Lang, text
from geo_service.services.audit import note_export
from geo_service.services.board import Board
from geo_service.services.board_tables import LONGEST, USUAL_CIRCLE, Column, Table, said
from geo_service.services.board_worst import FEW
from geo_service.services.context import Context
from geo_service.services.rights import may

EXPLAINED: Final = ("matrix", "short", "problems")  # lists that assess the same by other questions
_LONGEST_PDF: Final = 1000  # rows: setting pages takes long


def _pdf(title: str, about: Sequence[str], pages: Sequence[Page], notes: Sequence[str], lang: Lang) -> bytes:
    """Return the tables as PDF, A4 across, what has to be known of them behind them."""
    if sum(len(page.rows) for page in pages) > _LONGEST_PDF:
        raise TooMuch("board_pdf_long", rows=sum(len(page.rows) for page in pages), maximum=_LONGEST_PDF)
    told = [
        {
            "name": page.name,
            "heads": page.heads,
            "widths": [f"{share:.2%}" for share in column_shares(page)],
            "rows": [
                [
                    {"words": written(value, form), "is_number": value is not None and not isinstance(value, str)}
                    for value, form in zip(row, page.forms, strict=True)
                ]
                for row in page.rows
            ],
        }
        for page in pages
    ]
    high, wide = paper.PAPERS["A4"]
    size = {"width_mm": wide, "height_mm": high, "text_pt": 8.0}
    html = paper.page(
        "tables.html", {"lang": lang, "title": title, "about": about, "pages": told, "notes": notes, **size}
    )
    return paper.set_pdf([html], title)


FORMATS: Final[Mapping[str, tuple[str, Callable[..., bytes] | None]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", document),
    "pdf": ("application/pdf", None),
}
_FORMS: Final[Mapping[str, Form]] = {
    "number": "decimal",
    "metres": "integer",
    "area": "decimal",
    "yuan": "decimal",
    "share": "share",
    "points": "points",
}


def checked_format(form: str) -> str:
    """Return the ending of a file that can be made; InvalidInput ``board_format_unknown``."""
    if form not in FORMATS:
        raise InvalidInput("board_format_unknown", format=form[:20], known=", ".join(FORMATS))
    return form


def board_file(ctx: Context, board: Board, form: str) -> tuple[str, bytes, str]:
    """Return name, content and media type of a board's file; the export is noted in the audit.

    Raises InvalidInput ``board_format_unknown``, ``board_nothing_kept`` where it rests on analyses nobody has made;
    TooMuch ``board_too_long``, ``board_pdf_long``; StoreFault ``print_no_pango``, ``print_no_font``.
    """
    may(ctx.actor, "export")
    media_type, make = FORMATS[checked_format(form)]
    if board.analyses and all(one["run"] is None for one in board.analyses):
        raise InvalidInput("board_nothing_kept")
    for table in board.tables:
        if len(table.rows) > LONGEST:
            raise TooMuch("board_too_long", rows=len(table.rows), maximum=LONGEST)
    title = _title(ctx, board)
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    area = board.question.area or text("board.everywhere", ctx.lang)
    name = f"{text(f'board.view.{board.question.view}', ctx.lang)}-{area}-{day}.{form}"
    uids = " ".join(one["run"]["uid"] for one in board.analyses if one["run"])
    note_export(ctx, Path(name), f"board {board.question.view}", run=uids)
    head, notes = about(ctx, board, day)
    pages = [_page(ctx, table) for table in board.tables]
    if make is None:
        content = _pdf(title, head, pages, notes, ctx.lang)
    else:
        content = make(title, head, pages, notes, text("board.file.notes", ctx.lang))
    return name, content, media_type


def about(ctx: Context, board: Board, day: str) -> tuple[list[str], list[str]]:
    """Return what stands above the tables: date, filter, lead; and below them: runs, rules, rounding, sources."""
    lang, question = ctx.lang, board.question
    head = [text("board.file.made", lang, date=day), _filter(ctx, board)]
    if question.view in EXPLAINED:
        head.append(text(f"board.about.{question.view}", lang))
    if board.lead is not None:
        head.append(board.lead[lang])
    lines = []
    for one in board.analyses:
        kind = text(f"board.kind.{one['kind']}", lang)
        run = one["run"]
        if run is None:
            lines.append(text("board.file.no_run", lang, kind=kind))
            continue
        facts = {"kind": kind, "uid": run["uid"], "as_of": run["as_of"], "version": run["code_version"]}
        lines.append(text("board.file.run", lang, **facts))
        if run["changed"]:
            layers = ("、" if lang == "zh" else ", ").join(layer[lang] for layer in run["changed"])
            lines.append(text("board.file.changed", lang, layers=layers))
    if question.view == "overview":
        lines.append(text("board.change_not_effect", lang))
    if board.analyses:
        lines.append(text("board.file.rule_version", lang))
    if board.people_rounded_to is not None:
        lines.append(text("board.file.withheld", lang))
    lines += [note[lang] for note in board.notes]
    if board.attribution:
        lines.append(text("board.file.sources", lang, sources="; ".join(board.attribution)))
    if board.is_synthetic:
        head.append(text("board.synthetic", lang))
    return head, lines


def _title(ctx: Context, board: Board) -> str:
    place = board.scope.place
    where = text("board.everywhere", ctx.lang) if place is None else place.name or place.code
    return f"{where} · {text(f'board.view.{board.question.view}', ctx.lang)}"


def _filter(ctx: Context, board: Board) -> str:
    """Return the filter and order in words."""
    lang, question = ctx.lang, board.question
    parts = []
    if question.category is not None:
        parts.append(categories()[question.category].label[lang])
    if question.view == "gaps" and not question.circle:
        parts.append(text("board.file.own_limits", lang))
    elif question.view in ("overview", "gaps"):
        parts.append(text("board.file.circle", lang, minutes=question.circle or USUAL_CIRCLE))
    if question.view == "overview" and board.scope.by is not None:
        parts.append(text("board.file.by", lang, level=text(f"level.{board.scope.by}", lang)))
    if any(not row["is_whole"] for row in board.tables[0].rows if "is_whole" in row):
        parts.append(text("board.file.few", lang, count=FEW))
    if question.reason is not None:
        parts.append(text(f"gap_reason.{question.reason}", lang))
    if question.binding is not None:
        parts.append(text(f"board.binding.{question.binding}", lang))
    if question.late and question.view == "projects":
        parts.append(text("board.filter.late", lang))
    for band, weight in question.weights.items():
        parts.append(text("board.file.weight", lang, band=text(f"band.{band}", lang), weight=f"{weight:g}"))
    if question.sort is not None:
        key = question.sort.removeprefix("-")
        column = next(one for one in board.tables[0].columns if one.key == key)
        parts.append(text("board.file.sort", lang, column=_head(column, lang)))
    shown = "；".join(parts) if lang == "zh" else "; ".join(parts)
    return text("board.file.filter", lang, filter=shown or text("board.file.no_filter", lang))


def _page(ctx: Context, table: Table) -> Page:
    columns = table.columns
    forms: list[Form] = [_FORMS.get(column.kind, "text") for column in columns]
    rows = [[_cell(ctx, row, column) for column in columns] for row in table.rows]
    return Page(text(f"board.table.{table.key}", ctx.lang), [_head(one, ctx.lang) for one in columns], forms, rows)


def _head(column: Column, lang: Any) -> str:
    """Return the heading of a column, with its unit where the page writes it behind each figure."""
    if column.label is not None:
        return str(column.label[lang])
    name = text(f"board.column.{column.key}", lang)
    return text(f"board.file.in_{column.kind}", lang, name=name) if column.kind in ("metres", "area") else name


def _cell(ctx: Context, row: Mapping[str, Any], column: Column) -> str | float | int | None:
    value = said(row.get(column.key), ctx.lang)
    if column.key in row.get("unknown_columns", ()):
        return text("state.unknown", ctx.lang)
    if value is None:
        is_figure = column.kind in ("number", "share", "metres", "points") and "people" in column.key
        return text("board.withheld", ctx.lang) if row.get("withheld") and is_figure else None
    if column.key == "clause" and row.get("to_verify"):
        return text("board.file.to_verify", ctx.lang, clause=value)
    if column.kind == "verdict":
        return text(f"checklist.verdict.{value}", ctx.lang)
    if column.key == "inventory":
        return text(f"board.inventory.{value}", ctx.lang)
    if column.kind == "points":
        return round(float(value) * 100, 2)
    if isinstance(value, bool):
        return text("board.yes" if value else "board.no", ctx.lang)
    return value if isinstance(value, str | int | float) else str(value)
