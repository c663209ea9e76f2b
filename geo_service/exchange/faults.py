"""Everything that is wrong with a file's rows, collected: the first thousand named, all counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from geo_service.domain.values import shown
from geo_service.foundation.errors import FileFault
from geo_service.foundation.texts import Lang, catalogue, text

LISTED: Final = 1000
FAULT_COLUMNS: Final = ("row", "column", "value", "fault")


@dataclass(frozen=True)
class RowFault:
    """What is wrong in one place: row as a person counts it, column, value as given (shortened), code, facts."""

    row: int
    column: str
    value: str
    code: str
    facts: Mapping[str, object]

    def sentence(self, lang: Lang) -> str:
        """Return what is wrong, for people."""
        return text(f"fault.{self.code}", lang, **{key: _named(key, fact, lang) for key, fact in self.facts.items()})

    def cells(self, lang: Lang) -> tuple[int, str, str, str]:
        """Return the fault as a line of a report (:data:`FAULT_COLUMNS`)."""
        return self.row, self.column, self.value, self.sentence(lang)


def _named(key: str, fact: object, lang: Lang) -> object:
    """Return a fact in the words of people: kinds of values and shapes, names of layers."""
    word = f"layer.{fact}" if key == "layer" else f"fault_kind.{fact}"
    return text(word, lang) if key in ("layer", "wanted", "given") and word in catalogue(lang) else fact


@dataclass
class Faults:
    """Faults found so far, the first :data:`LISTED` kept in the order of the rows, and how many there are."""

    listed: list[RowFault] = field(default_factory=list)
    count: int = 0
    rows: set[int] = field(default_factory=set)

    def add(self, row: int, column: str, value: object, code: str, **facts: object) -> None:
        """Note a fault."""
        self.count += 1
        self.rows.add(row)
        if self.count <= LISTED * 20:  # sorted and cut at the end: checks run column by column
            self.listed.append(RowFault(row, column, "" if value is None else shown(value), code, facts))

    def first(self) -> list[RowFault]:
        """Return the first faults by row and column."""
        return sorted(self.listed, key=lambda fault: (fault.row, fault.column))[:LISTED]


class RowsRefused(FileFault):
    """A file was read but some of its rows are wrong; nothing was written.

    Attributes
    ----------
    faults
        The first thousand; ``facts["count"]`` says how many there are, ``facts["rows"]`` in how many rows.
    """

    def __init__(self, file: str, layer: str, faults: Sequence[RowFault], count: int, rows: int) -> None:
        super().__init__("rows_refused", file=file, layer=layer, count=count, rows=rows)
        self.faults = list(faults)
