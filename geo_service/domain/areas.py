"""Areas: city → district → street → community → quarter, and the two kinds of grid."""

import re
from collections.abc import Collection
from typing import Final

from geo_service.domain.fields import Field, Layer

LEVELS: Final = ("city", "district", "street", "community", "quarter")
CODE_LENGTHS: Final = {4: "city", 6: "district", 9: "street", 12: "community"}
_COMMUNITY_DIGITS: Final = 12
_MOST_NUMBERS: Final = 10_000
_QUARTER = re.compile(r"\d{6}(?:\d{3}){0,2}Q\d{2,4}")

AREAS: Final = Layer(
    "areas",
    "area",
    "MultiPolygon",
    (
        Field("name", required=True, max_length=100),
        Field("level", "choice", required=True, choices=LEVELS, filterable=True),
        Field("parent", "reference", refers_to="areas", filterable=True),
        Field("is_pilot", "boolean", default=False),
        Field("is_abandoned", "boolean", default=False),
        Field("closure", "choice", choices=("closed", "open", "unknown"), default="unknown"),
    ),
    code_pattern=r"\d{4}|\d{6}|\d{9}|\d{12}|\d{6}(?:\d{3}){0,2}Q\d{2,4}",
)

GRIDS: Final = Layer(
    "grids",
    "grid",
    "MultiPolygon",
    (
        Field("name", max_length=100),
        Field(
            "kind",
            "choice",
            required=True,
            choices=("governance", "unit", "department"),
            filterable=True,
            default="governance",
        ),
        Field("subkind", "choice", choices=("general", "dedicated")),
        Field("department", max_length=50, filterable=True),
        Field("leader_name", max_length=50, personal=True),
        Field("worker_names", max_length=200, personal=True),
    ),
)


def level_of(code: str) -> str | None:
    """Return the level an area code's form stands for, None if it is no area code."""
    if _QUARTER.fullmatch(code):
        return "quarter"
    return CODE_LENGTHS.get(len(code)) if code.isdecimal() and code.isascii() else None


def is_above(level: str, other: str) -> bool:
    """Whether an area of ``level`` may be the parent of one of the ``other`` level."""
    return LEVELS.index(level) < LEVELS.index(other)


def parent_prefixes(code: str) -> tuple[str, ...]:
    """Return the codes an area's parent may have by its prefix, nearest level first."""
    digits = code.split("Q", maxsplit=1)[0] if "Q" in code else code
    longest = len(digits) + 1 if "Q" in code else len(digits)
    return tuple(digits[:n] for n in sorted(CODE_LENGTHS, reverse=True) if n < longest)


def next_area_code(code: str, taken: Collection[str]) -> str | None:
    """Return the next code that is free for an area beside this one, under the same parent.

    None for a city, which stands under none, and where all numbers are taken.
    """
    if level_of(code) == "quarter":
        number = len(code.partition("Q")[2])
    elif parents := parent_prefixes(code):
        number = len(code) - len(parents[0])
    else:
        return None
    return _next_number(code, number, taken)


def next_grid_code(code: str, taken: Collection[str]) -> str | None:
    """Return the next code that is free for a grid beside this one: another number at its end.

    A number alone is that of the community, 12 digits, and a number in it. None where there is none in the code.
    """
    digits = len(code) - len(code.rstrip("0123456789"))
    number = digits - _COMMUNITY_DIGITS if digits == len(code) else digits
    return _next_number(code, number, taken) if number > 0 else None


def _next_number(code: str, length: int, taken: Collection[str]) -> str | None:
    """Return the code with the first free number after its own in its last digits, else from 1 on."""
    prefix, own = code[:-length], int(code[-length:])
    count = min(10**length, _MOST_NUMBERS)
    numbers = (*range(own + 1, count), *range(1, own))
    return next((one for n in numbers if (one := f"{prefix}{n:0{length}d}") not in taken), None)


def nearest_level(wanted: str, present: frozenset[str]) -> str | None:
    """Return the level to report by: ``wanted`` if present, else the nearest one, finer first on a tie."""
    if wanted in present:
        return wanted
    order = {level: n for n, level in enumerate(LEVELS)}
    return min(present & set(LEVELS), key=lambda lv: (abs(order[lv] - order[wanted]), -order[lv]), default=None)
