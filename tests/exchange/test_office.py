"""Sheets for a meeting: read back, a workbook and a document hold what they were given and nothing that acts."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from geo_service.exchange.office import Page, document, workbook

HEADS = ["名称", "人数", "占比"]
ROWS = [["=1+1", 12, 0.25], ["第二\x07社区 <b>&", None, None], ["平", 3.5, 1.0]]
PAGE = Page("概览", HEADS, ["text", "decimal", "share"], ROWS)


def test_a_workbook_holds_the_rows_and_no_formula():
    made = workbook("示例街道", ["制表日期 2026-03-01", "=HYPERLINK(1)"], [PAGE, PAGE], ["=1", "依据"], "说明")
    book = CalamineWorkbook.from_filelike(BytesIO(made))
    assert book.sheet_names[2:] == ["说明"], "notes do not push the table down"
    assert [row[0] for row in book.get_sheet_by_index(2).to_python()][-3:] == ["'=HYPERLINK(1)", "'=1", "依据"]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][0] == "示例街道 · 概览"
    assert rows[2][:3] == HEADS
    assert rows[3][:3] == ["'=1+1", 12, 0.25]
    assert rows[4][1:3] == ["", ""], "what is not known is an empty cell"
    with ZipFile(BytesIO(made)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
    assert all("<f>" not in sheet for sheet in sheets)


def test_a_document_holds_the_rows():
    made = Document(BytesIO(document("示例街道", ["制表日期 2026-03-01"], [PAGE])))
    (table,) = made.tables
    assert [cell.text for cell in table.rows[0].cells] == HEADS
    assert [cell.text for cell in table.rows[1].cells] == ["=1+1", "12", "25.0%"]
    assert table.rows[2].cells[0].text == "第二 社区 <b>&"
    assert made.sections[0].page_width > made.sections[0].page_height
    assert "制表日期 2026-03-01" in [line.text for line in made.paragraphs]


@pytest.mark.parametrize("make", [workbook, document])
def test_no_rows_make_a_file_too(make):
    assert make("空", [], [Page("空", HEADS, ["text", "decimal", "share"], [])])
