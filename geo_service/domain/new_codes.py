"""Codes made up for new things: where it lies, what it is, a running number (990101001001-GS0007).

Grids have patterns of their own: a governance grid ``<community>G01``, a unit grid 15 digits (PRODUCT §2.2).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

# what stands for a kind of thing in its code; areas are not among them: their codes are given officially
MARKS: Final[dict[str, str]] = {
    "grids": "GR",
    "path_corrections": "PC",
    "barriers": "BR",
    "buildings": "B",
    "households": "H",
    "facilities": "F",
    "entrances": "E",
    "inventory_statements": "IS",
    "public_spaces": "PS",
    "green_spaces": "GS",
    "adoptions": "AD",
    "frontages": "FR",
    "gates": "GT",
    "projects": "PJ",
    "cases": "CA",
    "verify_tasks": "VT",
    "checklist_findings": "CF",
}
# things counted within another one, by the key that names it, and digits of their numbers
COUNTED_IN: Final[dict[str, tuple[str, int]]] = {"households": ("building_code", 3), "entrances": ("facility_code", 1)}
_COMMUNITY: Final = re.compile(r"\d{12}")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Stem:
    """What the codes of one kind of thing in one place begin with, and how many digits follow.

    ``at_most`` is the last number there can be, None where numbers grow longer.
    """

    text: str
    digits: int
    at_most: int | None = None


def stem_of(layer: str, place: str | None, values: Mapping[str, Any]) -> Stem | None:
    """Return the beginning of a code for a new thing of a layer; None for layers without a pattern.

    ``place`` is the code of the area it lies in, the quarter's number left out, None for none.
    """
    mark = MARKS.get(layer)
    if mark is None:
        return None
    owner_key, digits = COUNTED_IN.get(layer, ("", 4))
    if owner_key and values.get(owner_key):
        return Stem(f"{values[owner_key]}-{mark}", digits)
    if layer == "grids" and place is not None and _COMMUNITY.fullmatch(place):
        kind = values.get("kind") or "governance"
        if kind == "unit":
            return Stem(place, 3, 999)
        if kind == "governance":
            return Stem(f"{place}G", 2)
    return Stem(f"{place}-{mark}" if place else mark, 4)


def next_code(stem: Stem, taken: Iterable[str]) -> str | None:
    """Return the code after the highest number taken; where numbers end, the first that is free, else None."""
    numbers = {
        int(rest)
        for code in taken
        if code.startswith(stem.text) and _NUMBER.fullmatch(rest := code[len(stem.text) :])
        if stem.at_most is None or len(rest) == stem.digits
    }
    number = max(numbers, default=0) + 1
    if stem.at_most is not None and number > stem.at_most:
        free = (one for one in range(1, stem.at_most + 1) if one not in numbers)
        number = next(free, 0)
    return f"{stem.text}{number:0{stem.digits}d}" if number else None
