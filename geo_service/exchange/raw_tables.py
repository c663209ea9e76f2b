"""What the reader of every kind of file gives: a table of raw cells and, where it has them, shapes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class RawTable:
    """What a file holds, nothing judged yet.

    Attributes
    ----------
    columns
        Names of the columns as written.
    rows
        Cells in the order of the columns; what the file kind gives (texts, numbers, dates, None).
    numbers
        Number of each row as a person counts it: line of a sheet (1 is the header), feature of a geo file (from 1).
    shapes
        One shapely geometry or None per row; None altogether where the file kind has no geometry.
    shape_faults
        Row position → code and facts of what is wrong with its geometry.
    row_faults
        Row position → code and facts of what is wrong with a row as a whole.
    crs
        The CRS the file itself names: ``EPSG:n``, or a text in the file's own words; None if it names none.
    crs_by_format
        The CRS follows from the file format (GeoJSON), the file does not name it.
    notes
        Keys and facts of what the reader had to assume.
    """

    columns: list[str]
    rows: list[list[Any]]
    numbers: list[int]
    shapes: list[Any] | None = None
    shape_faults: dict[int, tuple[str, Mapping[str, object]]] = field(default_factory=dict)
    row_faults: dict[int, tuple[str, Mapping[str, object]]] = field(default_factory=dict)
    crs: str | None = None
    crs_by_format: bool = False
    notes: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
