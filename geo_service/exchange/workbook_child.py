"""Reads one sheet of a workbook in a process of its own, with little memory and time: run as a script, never imported.

A workbook of a few kilobytes can say that it has a cell in the last row and column, for which the reader takes half a
terabyte and ends its process. That shall not be ours. Imports nothing of the service, so that it starts at once.

Arguments: file, sheet wanted (empty: the preferred, else the first), sheet preferred. Prints one JSON object:
``names``, ``sheet``, ``rows`` (dates and times as ``{"kind": text}``), or ``fault``.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

_MEMORY_BYTES = 2 * 1024**3
_SECONDS = 300


def _plain(cell: object) -> object:
    for kind in (datetime, date, time):
        if isinstance(cell, kind):
            return {kind.__name__: cell.isoformat()}
    return {"timedelta": cell.total_seconds()} if isinstance(cell, timedelta) else cell


def _read(path: str, wanted: str, preferred: str) -> dict[str, object]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    names = book.sheet_names
    chosen = wanted or (preferred if preferred in names else (names or [""])[0])
    if chosen not in names:
        return {"names": names, "sheet": None, "rows": []}
    rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    return {"names": names, "sheet": chosen, "rows": [[_plain(cell) for cell in row] for row in rows]}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = _read(*sys.argv[1:4])
    except MemoryError:
        sys.exit(3)
    except Exception as error:  # calamine raises many kinds of its own
        answer = {"fault": str(error)[:200]}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main()
