"""Areas: city → district → street → community → quarter, and the two kinds of grid."""

import re
from collections.abc import Collection
from typing import Final

from geo_service.domain.fields import Field, Layer

LEVELS: Final = ("city", "district", "street", "community", "quarter")
CODE_LENGTHS: Final = {4: "city", 6: "district", 9: "street", 12: "community"}
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


def next_quarter_code(code: str, taken: Collection[str]) -> str | None:
    """Return the first code that is free for a quarter beside this one; None for other areas, or without any."""
    if level_of(code) != "quarter":
        return None
    prefix = code.partition("Q")[0]
    return next((one for n in range(1, 10_000) if (one := f"{prefix}Q{n:02d}") not in taken), None)


def nearest_level(wanted: str, present: frozenset[str]) -> str | None:
    """Return the level to report by: ``wanted`` if present, else the nearest one, finer first on a tie."""
    if wanted in present:
        return wanted
    order = {level: n for n, level in enumerate(LEVELS)}
    return min(present & set(LEVELS), key=lambda lv: (abs(order[lv] - order[wanted]), -order[lv]), default=None)
