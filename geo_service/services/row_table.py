"""Rows of large results by column: each column names its different values once, and is written so."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_service.foundation.json_text import Written, json_text

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_ROWS_AT_ONCE: Final = 20_000  # written together: few enough for their pieces to be short-lived


@dataclass(frozen=True)
class Column:
    """JSON values of n rows: the different ones, and the place of each row's among them, shape (n,)."""

    values: Sequence[Any]
    place: npt.NDArray[np.int32]

    @classmethod
    def of(cls, values: Any) -> "Column":
        """Return the column of an array or series of texts, flags or numbers; nothing and NaN are None."""
        place, different = pd.factorize(values)
        named = np.asarray(different).tolist()
        return cls([*named, None], np.where(place < 0, len(named), place).astype(np.int32))

    def numbers(self) -> Floats:
        """Return the values as numbers, NaN for None."""
        return np.array([np.nan if one is None else one for one in self.values], np.float64)[self.place]

    def without(self, hidden: Flags) -> "Column":
        """Return the column with None where ``hidden``."""
        return Column([*self.values, None], np.where(hidden, len(self.values), self.place).astype(np.int32))

    def taken(self, rows: npt.NDArray[Any]) -> "Column":
        """Return the values of some rows."""
        return Column(self.values, self.place[rows])


class RowTable(Sequence[dict[str, Any]], Written):
    """Rows as JSON has them, made of columns; a row is a dictionary made when it is asked for."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Hold columns of one length by name, in the order of the rows' keys."""
        self.columns = dict(columns)
        self._count = len(next(iter(columns.values())).place) if columns else 0

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> "RowTable": ...
    def __getitem__(self, at: int | slice) -> "dict[str, Any] | RowTable":
        if isinstance(at, slice):
            return self.taken(np.arange(self._count)[at])
        return {name: column.values[column.place[at]] for name, column in self.columns.items()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        decoded = [_objects(column.values)[column.place].tolist() for column in self.columns.values()]
        names = list(self.columns)
        return (dict(zip(names, row, strict=True)) for row in zip(*decoded, strict=True))

    def taken(self, rows: npt.NDArray[Any]) -> "RowTable":
        """Return some of the rows: their places, or flags of all rows."""
        return RowTable({name: column.taken(rows) for name, column in self.columns.items()})

    def with_columns(self, columns: Mapping[str, Column]) -> "RowTable":
        """Return the table with some columns replaced, or added at the end."""
        return RowTable({**self.columns, **columns})

    def differs(self, other: "RowTable") -> Flags:
        """Return which rows are not those of a table of as many rows and the same columns, shape (n,)."""
        found = np.zeros(self._count, bool)
        for name, column in self.columns.items():
            number: dict[Any, int] = {}
            mine, theirs = (
                np.array([number.setdefault(one, len(number)) for one in each.values])[each.place]
                for each in (column, other.columns[name])
            )
            found |= mine != theirs
        return found

    def json_text(self, *, sort_keys: bool) -> str:
        """Return the rows as a list of JSON objects."""
        names = sorted(self.columns) if sort_keys else list(self.columns)
        pieces = []
        for name in names:
            key = f"{json.dumps(name)}:"
            pieces.append(_objects([key + text for text in _texts(self.columns[name].values)]))
        texts = []
        for start in range(0, self._count, _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            cells = [piece[self.columns[name].place[part]].tolist() for name, piece in zip(names, pieces, strict=True)]
            texts.append("},{".join(map(",".join, zip(*cells, strict=True))))
        return f"[{{{'},{'.join(texts)}}}]" if texts else "[]"


def _texts(values: Sequence[Any]) -> list[str]:
    """Return the JSON of each value."""
    if any(isinstance(one, str) for one in values):
        return [json_text(one) for one in values]
    return json_text(list(values))[1:-1].split(",")


def _objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    made = np.empty(len(values), object)
    made[:] = values
    return made
