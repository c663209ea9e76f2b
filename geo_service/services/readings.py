"""Both readings of what is not known to be closed as rows of one table, for files that hold tables only (PRODUCT §3.8).

JSON has the other reading under ``if_closed``; tables have its rows beside the main ones, told apart by a column.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

COLUMN: Final = "reading"
BOTH, OPEN, CLOSED = "both", "open", "closed"
Rows = Sequence[Mapping[str, Any]]


def reading_column(result: Mapping[str, Any]) -> list[str]:
    """Return the column that tells the readings apart, none where the result has one reading only."""
    return [COLUMN] if "if_closed" in result else []


def both_readings(rows: Rows, closed: Rows, key: Sequence[str], *, changed_only: bool = False) -> list[dict[str, Any]]:
    """Return the rows of both readings with :data:`COLUMN`.

    Parameters
    ----------
    rows, closed
        Rows of the main reading, which takes what is not known as open, and of the other one.
    key
        Columns by which a row of one reading is found in the other.
    changed_only
        ``closed`` leaves out the rows that are the same.

    Returns
    -------
    list
        In the order of ``rows``: a row that is the same in both once, as ``both``; else as ``open`` and, right after
        it, the row of the other reading as ``closed``; last what is in the other reading only.
    """
    others = {_key(row, key): row for row in closed}
    made: list[dict[str, Any]] = []
    for row in rows:
        other = others.pop(_key(row, key), row if changed_only else None)
        if other == row:
            made.append({**row, COLUMN: BOTH})
            continue
        made.append({**row, COLUMN: OPEN})
        if other is not None:
            made.append({**other, COLUMN: CLOSED})
    return [*made, *({**row, COLUMN: CLOSED} for row in others.values())]


def _key(row: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in names)


def rows_of(result: Mapping[str, Any], name: str, key: Sequence[str], *, changed_only: bool = False) -> list[Any]:
    """Return the rows ``name`` of a result, those of both readings where it has two (:func:`both_readings`)."""
    if "if_closed" not in result:
        return list(result[name])
    return both_readings(result[name], result["if_closed"].get(name, ()), key, changed_only=changed_only)


def if_closed(main: Mapping[str, Any], closed: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return ``if_closed`` of a result: of its tables ``names`` the rows of the other reading that are not the same.

    Both readings have the same rows in the same order.
    """
    pairs = {name: zip(main[name], closed[name], strict=True) for name in names}
    return {"if_closed": {name: [other for one, other in both if one != other] for name, both in pairs.items()}}


def otherwise(rows: Rows, closed: Rows, key: Sequence[str]) -> list[dict[str, Any]]:
    """Return those of the other reading's rows that are not the same as the main row with the same key columns."""
    main = {_key(row, key): row for row in rows}
    return [dict(row) for row in closed if main.get(_key(row, key)) != row]


def as_closed(result: Mapping[str, Any], name: str, key: Sequence[str]) -> list[dict[str, Any]] | None:
    """Return all rows ``name`` of the other reading, None where the result has one reading only.

    For results whose ``if_closed`` has the rows that are otherwise.
    """
    if "if_closed" not in result:
        return None
    others = {_key(row, key): dict(row) for row in result["if_closed"].get(name, ())}
    own = [others.pop(_key(row, key), dict(row)) for row in result[name]]
    return [*own, *others.values()]
