"""CSV and Excel as raw tables: encodings, delimiters, which line is the header."""

import codecs
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import python_calamine

from geo_service.exchange.sources import RawTable
from geo_service.exchange.write import unquoted_cell
from geo_service.foundation.errors import FileFault

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", ";", "\t", "|", "，")
_SNIFFED_LINES: Final = 20


def read_text(path: Path) -> RawTable:
    """Return a delimited text file (UTF-8 with or without BOM, UTF-16 with BOM, GBK, GB18030) as a raw table.

    Rows count as a spreadsheet counts them; quoted line breaks do not. Empty rows are skipped. A formula is text.
    Raises FileFault ``text_encoding``, ``text_broken`` and those of the header.
    """
    text, encoding = _decoded(path)
    if "\x00" in text:
        raise FileFault("text_broken", file=str(path), row=text[: text.index("\x00")].count("\n") + 1)
    csv.field_size_limit(sys.maxsize)  # outlines as WKT are long
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    listed: list[list[Any]] = []
    try:
        listed.extend(list(map(unquoted_cell, cells)) for cells in reader)
    except csv.Error as error:
        raise FileFault("text_broken", file=str(path), row=len(listed) + 1) from error
    made = _table(path, listed)
    if encoding == "gb18030":
        made.notes.append(("note.encoding_gbk", {}))
    return made


def read_workbook(path: Path, preferred: str = "", sheet: str | None = None) -> RawTable:
    """Return one sheet of an Excel or OpenDocument workbook: the named one, else the preferred, else the first.

    Formulas come as their stored values. Raises FileFault ``workbook_broken``, ``sheet_unknown`` and those of
    the header.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        chosen = _sheet(path, names, preferred, sheet)
        listed = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except FileFault:
        raise
    except Exception as error:  # calamine raises many kinds of its own
        raise FileFault("workbook_broken", file=str(path), detail=str(error)[:200]) from error
    made = _table(path, [[None if cell == "" else cell for cell in row] for row in listed])
    if sheet is None and len(names) > 1:
        made.notes.append(("note.sheet_chosen", {"sheet": chosen, "known": ", ".join(names)}))
    return made


def _sheet(path: Path, names: Sequence[str], preferred: str, named: str | None) -> str:
    if not names:
        raise FileFault("no_rows", file=str(path))
    if named is not None and named not in names:
        raise FileFault("sheet_unknown", file=str(path), sheet=named, known=", ".join(names))
    return named or (preferred if preferred in names else names[0])


def _decoded(path: Path) -> tuple[str, str]:
    raw = path.read_bytes()
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        candidates = ("utf-8", "gb18030")
    for encoding in candidates:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise FileFault("text_encoding", file=str(path))


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first lines most evenly into most cells."""
    lines = [line for line in text.splitlines()[:_SNIFFED_LINES] if line.strip()]

    def merit(delimiter: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        return bool(widths) and len(set(widths)) == 1 and widths[0] > 1, widths[0] if widths else 0

    try:
        return max(_DELIMITERS, key=merit)
    except csv.Error:
        return ","


def _table(path: Path, listed: Sequence[Sequence[Any]]) -> RawTable:
    """Return the rows below the first row that is not empty, which is the header."""
    filled = [(number, row) for number, row in enumerate(listed, 1) if any(not _empty(cell) for cell in row)]
    if not filled:
        raise FileFault("no_rows", file=str(path))
    head_number, head = filled[0]
    columns = ["" if _empty(cell) else str(cell).strip() for cell in head]
    while columns and not columns[-1]:
        columns.pop()
    seen: set[str] = set()
    for column in columns:
        if column and column in seen:
            raise FileFault("column_twice", file=str(path), column=column, row=head_number)
        seen.add(column)
    width = len(columns)
    rows = [[*row[:width], *[None] * (width - len(row))] for _, row in filled[1:]]
    if not rows:
        raise FileFault("no_rows", file=str(path))
    made = RawTable(columns, rows, [number for number, _ in filled[1:]])
    for place, (_, row) in enumerate(filled[1:]):
        if any(not _empty(cell) for cell in row[width:]):
            made.row_faults[place] = ("row_width", {"cells": len(row), "columns": width})
    return made


def _empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
