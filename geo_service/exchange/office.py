"""Tables as sheets for a meeting: Excel workbooks and Word documents, whole or not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from geo_service.exchange.write import safe_cell

Form = Literal["text", "integer", "decimal", "share", "points"]
_FORMATS: Final[dict[Form, str]] = {
    "text": "@",
    "integer": "#,##0",
    "decimal": "#,##0.##",
    "share": "0.0%",
    "points": "+0.0;-0.0;0.0",
}
_WIDEST: Final = 46  # characters of a column
_NARROWEST: Final = 7
_SHARED: Final = 9  # narrowest where many columns share a sheet, so that a number stays in its own
_SHEET_NAME: Final = 31  # longest name of a worksheet
_FONT: Final = "Microsoft YaHei"
_TITLE_ROW: Final = 0
_NOTES_WIDTH: Final = 110  # characters
_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_HEAD_FILL: Final = "E3EEF8"
_MOMENT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the same tables make the same file


@dataclass(frozen=True)
class Page:
    """A table of a document: name, headings, the form of each column, rows of texts, numbers and None."""

    name: str
    heads: Sequence[str]
    forms: Sequence[Form]
    rows: Sequence[Sequence[str | float | int | None]]


def workbook(
    title: str, about: Sequence[str], pages: Sequence[Page], notes: Sequence[str] = (), notes_name: str = "说明"
) -> bytes:
    """Return an Excel workbook: a worksheet for each page, its table under two lines, and one of all notes.

    A spreadsheet is sorted and filtered: of what is to be known, one line stands above the table, all of it behind.

    Texts stay texts: none is a formula, and one that a spreadsheet would take for a formula begins with ``'``
    (:func:`geo_service.exchange.write.safe_cell`).
    """
    import xlsxwriter

    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": title, "created": _MOMENT})
        heading = book.add_format({"bold": True, "font_size": 14})
        plain = book.add_format({"font_color": "#55626d"})
        head = book.add_format({"bold": True, "bg_color": f"#{_HEAD_FILL}", "border": 1, "text_wrap": True})
        cells = {
            form: book.add_format({"num_format": code, "border": 1, "text_wrap": form == "text", "valign": "top"})
            for form, code in _FORMATS.items()
        }
        for page in pages:
            sheet = book.add_worksheet(_sheet_name(page.name, [one.get_name() for one in book.worksheets()]))
            whole = title if title.endswith(page.name) else f"{title} · {page.name}"
            sheet.write_string(_TITLE_ROW, 0, str(safe_cell(whole)), heading)
            if about:
                sheet.write_string(_TITLE_ROW + 1, 0, str(safe_cell("　".join(about))), plain)
            first = _TITLE_ROW + 2
            for column, name in enumerate(page.heads):
                sheet.write_string(first, column, str(safe_cell(name)), head)
                sheet.set_column(column, column, _width(page, column))
            for number, row in enumerate(page.rows, start=first + 1):
                for column, (value, form) in enumerate(zip(row, page.forms, strict=True)):
                    if value is None:
                        sheet.write_blank(number, column, None, cells[form])
                    elif isinstance(value, str):
                        sheet.write_string(number, column, str(safe_cell(value)), cells["text"])
                    else:
                        sheet.write_number(number, column, value, cells[form])
            if page.rows:
                sheet.autofilter(first, 0, first + len(page.rows), len(page.heads) - 1)
            sheet.freeze_panes(first + 1, 0)
            sheet.repeat_rows(first)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.set_footer("&P / &N")
        if notes:
            sheet = book.add_worksheet(_sheet_name(notes_name, [one.get_name() for one in book.worksheets()]))
            sheet.set_column(0, 0, _NOTES_WIDTH)
            sheet.write_string(_TITLE_ROW, 0, str(safe_cell(title)), heading)
            wrapped = book.add_format({"text_wrap": True, "valign": "top"})
            for number, line in enumerate([*about, *notes], start=_TITLE_ROW + 1):
                sheet.write_string(number, 0, str(safe_cell(line)), wrapped)
    return made.getvalue()


def document(
    title: str, about: Sequence[str], pages: Sequence[Page], notes: Sequence[str] = (), notes_name: str = ""
) -> bytes:
    """Return a Word document, A4 across: title, what is to be known, tables with repeated headings, notes below.

    Notes stand under ``notes_name`` if there is one.
    """
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    made = Document()
    core = made.core_properties
    core.title, core.author, core.comments, core.created, core.modified = title[:255], "", "", _MOMENT, _MOMENT
    section = made.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(15)
    for style in ("Normal", "Title", "Heading 1"):
        font = made.styles[style].font
        font.name = _FONT
        made.styles[style].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    made.styles["Normal"].font.size = Pt(9)
    made.add_heading(_printable(title), 0)
    for line in about:
        made.add_paragraph(_printable(line)).paragraph_format.space_after = Pt(2)
    for page in pages:
        made.add_heading(_printable(page.name), 1)
        made.element.body.insert(len(made.element.body) - 1, parse_xml(_table(page)))
    if notes and notes_name:
        made.add_heading(_printable(notes_name), 1)
    for line in notes:
        made.add_paragraph(_printable(line)).paragraph_format.space_before = Pt(4)
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def written(value: float | str | None, form: Form) -> str:
    """Return a value as it stands in a document."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if form == "share":
        return f"{value * 100:.1f}%"
    if form == "points":
        return f"{value:+.1f}"
    return f"{value:,.0f}" if form == "integer" else f"{value:,.10g}"


def column_shares(page: Page) -> list[float]:
    """Return which part of a sheet's width each column needs for what stands in it."""
    widths = [max(_SHARED, _width(page, column)) for column in range(len(page.heads))]
    return [one / sum(widths) for one in widths]


def _table(page: Page) -> str:
    """Return a table as WordprocessingML; made at once, since cell by cell takes seconds for some hundred rows."""
    edges = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="93A0AB"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    columns = [round(15_000 * share) for share in column_shares(page)]  # of about 267 mm, in twentieths of a point
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in columns)
    head = "".join(_cell(name, width, is_head=True) for name, width in zip(page.heads, columns, strict=True))
    body = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + "".join(
            _cell(written(value, form), width, is_number=not isinstance(value, str))
            for value, form, width in zip(row, page.forms, columns, strict=True)
        )
        + "</w:tr>"
        for row in page.rows
    )
    return (
        f'<w:tbl {_W}><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{head}</w:tr>{body}</w:tbl>"
    )


def _cell(text: str, width: int, *, is_head: bool = False, is_number: bool = False) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{_HEAD_FILL}"/>' if is_head else ""
    bold = "<w:b/>" if is_head else ""
    side = '<w:jc w:val="right"/>' if is_number else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:after="0"/>{side}</w:pPr><w:r><w:rPr>{bold}<w:sz w:val="16"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(_printable(text))}</w:t></w:r></w:p></w:tc>'
    )


def _printable(text: str) -> str:
    """Return a text without the control characters XML does not know."""
    return "".join(one if one >= " " else " " for one in text if one not in ("\ufffe", "\uffff"))


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    plain = "".join("_" if one in "[]:*?/\\'" else one for one in name)[:_SHEET_NAME] or "1"
    return plain if plain not in taken else f"{plain[: _SHEET_NAME - 3]} {len(taken) + 1}"


def _width(page: Page, column: int) -> int:
    """Return how many characters a column needs; Chinese ones count twice."""
    shown: list[Any] = [row[column] for row in page.rows[:200]]
    texts = [written(value, page.forms[column]) for value in shown]
    longest = max((_cells(text) for text in texts), default=0)
    head = min(_cells(page.heads[column]), 14)
    return max(_NARROWEST, min(_WIDEST, max(longest, head) + 2))


def _cells(text: str) -> int:
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)
