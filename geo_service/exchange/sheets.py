"""CSV and Excel as raw tables: encodings, delimiters, which line is the header."""

import codecs
import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from geo_service.exchange.raw_tables import RawTable
from geo_service.exchange.write import unquoted_cell
from geo_service.exchange.zips import check_members
from geo_service.foundation.errors import FileFault

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", ";", "\t", "|", "，")
_SNIFFED_LINES: Final = 20
_LARGEST_BOOK_BYTES: Final = 500 * 1024**2  # unpacked
_CHILD: Final = Path(__file__).with_name("workbook_child.py")
_TIMES: Final[dict[str, Callable[[Any], Any]]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
}


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

    Formulas come as their stored values. It is read in a process of its own that has 2 GB of memory
    (:mod:`workbook_child`). Raises FileFault ``workbook_broken``, ``workbook_too_large``, ``sheet_unknown``, what
    :func:`zips.check_members` raises, and those of the header.
    """
    _check_archive(path)
    arguments = [sys.executable, "-I", str(_CHILD), str(path.absolute()), sheet or "", preferred]
    done = subprocess.run(arguments, capture_output=True, check=False)
    if done.returncode != 0:
        raise FileFault("workbook_too_large", file=str(path))
    answer = json.loads(done.stdout)
    if "fault" in answer:
        raise FileFault("workbook_broken", file=str(path), detail=answer["fault"])
    names = answer["names"]
    if not names:
        raise FileFault("no_rows", file=str(path))
    if answer["sheet"] is None:
        raise FileFault("sheet_unknown", file=str(path), sheet=sheet, known=", ".join(names))
    made = _table(path, [[_cell(cell) for cell in row] for row in answer["rows"]])
    if sheet is None and len(names) > 1:
        made.notes.append(("note.sheet_chosen", {"sheet": answer["sheet"], "known": ", ".join(names)}))
    return made


def _check_archive(path: Path) -> None:
    """Look at a workbook that is a zip as at any archive; one that cannot be opened is the reader's to name."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                check_members(path, packed.infolist(), largest_bytes=_LARGEST_BOOK_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise FileFault("workbook_broken", file=str(path), detail=str(error)[:200]) from error


def _cell(cell: Any) -> Any:
    """Return a cell of a workbook: empty ones as None, times as such, texts as :func:`write.safe_cell` was given."""
    if isinstance(cell, dict):
        kind, written = next(iter(cell.items()))
        return _TIMES[kind](written)
    if isinstance(cell, str):
        return unquoted_cell(cell) or None
    return cell


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
