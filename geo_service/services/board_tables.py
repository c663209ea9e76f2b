"""Tables of a board: columns with their kinds, rows, filters and order; page and files show the same ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from geo_service.domain.bands import BANDS
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.foundation.natural_order import natural_key
from geo_service.foundation.texts import Lang

Kind = Literal["text", "number", "share", "points", "metres", "area", "yuan", "date", "verdict"]
VIEWS: Final = ("overview", "gaps", "short", "matrix", "problems", "resources", "projects")
CIRCLES_MINUTES: Final = (5, 10, 15)
OWN_LIMITS: Final = 0  # in place of a circle: each category within the limit of its own rule
USUAL_CIRCLE: Final = 15
EVERYWHERE: Final = "*"  # in place of codes
LONGEST: Final = 20_000  # rows of a table in a file


@dataclass(frozen=True)
class Column:
    """A column: its key (``board.column.<key>`` names it) and what kind of value it holds.

    ``label`` names it instead where columns follow from the data, by language.
    """

    key: str
    kind: Kind = "text"
    label: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Table:
    """Rows under columns. Values are texts, numbers, None, or texts by language; rows may hold more than is shown."""

    key: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class BoardQuestion:
    """What a board is asked.

    Attributes
    ----------
    view
        One of :data:`VIEWS`.
    area, by
        Code of an area or grid, None for everything; level its parts are listed by.
    category, circle
        Category of facilities, None for all; minutes of the living circle of coverage and of the ranking of gaps, or
        ``OWN_LIMITS`` (coverage of several categories is then within the usual circle).
    reason, binding, late
        Reason of gaps; how binding the rules are that something is short of; whether only projects that are overdue.
    weights
        Weight of age bands in the ranking of gaps.
    sort
        Key of a column of the view's main table, with ``-`` downwards; None for the worst first.
    whole
        Codes of the parts of which all categories are listed, ``EVERYWHERE`` for all of them; of the others only the
        worst.
    """

    view: str = "overview"
    area: str | None = None
    by: str | None = None
    category: str | None = None
    circle: int = USUAL_CIRCLE
    reason: str | None = None
    binding: str | None = None
    late: bool = False
    weights: Mapping[str, float] = field(default_factory=dict)
    sort: str | None = None
    whole: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Raise NotFound ``board_view_unknown``, ``category_unknown``; InvalidInput ``circle_unknown``."""
        if self.view not in VIEWS:
            raise NotFound("board_view_unknown", view=self.view[:40], known=", ".join(VIEWS))
        if self.category is not None and self.category not in CATEGORY_CODES:
            raise NotFound("category_unknown", category=self.category[:40], known=", ".join(CATEGORY_CODES))
        if self.circle not in (OWN_LIMITS, *CIRCLES_MINUTES):
            raise InvalidInput("circle_unknown", circle=self.circle, known=", ".join(map(str, CIRCLES_MINUTES)))


def parse_weights(written: str | None) -> dict[str, float]:
    """Return the weights written as ``80_plus:2,0_2:1.5``; InvalidInput ``weight_form``, ``band_unknown``."""
    weights: dict[str, float] = {}
    for part in (written or "").split(","):
        if not part:
            continue
        band, _, value = part.partition(":")
        if band not in BANDS:
            raise InvalidInput("band_unknown", band=band[:40], known=", ".join(BANDS))
        try:
            weights[band] = float(value)
        except ValueError:
            raise InvalidInput("weight_form", given=part[:40]) from None
    return weights


def parse_codes(written: str | None) -> frozenset[str]:
    """Return the codes of a list with commas."""
    return frozenset(part for part in (written or "").split(",") if part)


def ordered(table: Table, sort: str | None, lang: Lang) -> Table:
    """Return a table in the order of ``sort``; what is not known comes last. InvalidInput ``sort_unknown``."""
    if sort is None:
        return table
    key, is_down = sort.removeprefix("-"), sort.startswith("-")
    known = [column.key for column in table.columns]
    if key not in known:
        raise InvalidInput("sort_unknown", sort=sort[:40], known=", ".join(known))
    there = [row for row in table.rows if row.get(key) is not None]
    missing = [row for row in table.rows if row.get(key) is None]

    def value(row: Mapping[str, Any]) -> Any:
        return said(row[key], lang)

    kinds = {isinstance(value(row), str) for row in there}
    by_text = kinds != {False}
    there.sort(key=lambda row: natural_key(str(value(row))) if by_text else value(row), reverse=is_down)
    return replace(table, rows=[*there, *missing])


def said(value: Any, lang: Lang) -> Any:
    """Return a value in one language: that text of several by language, anything else as it is."""
    return value[lang] if isinstance(value, Mapping) else value


def joined(parts: Iterable[Mapping[str, str] | None]) -> dict[str, str] | None:
    """Return texts by language one after the other, None where there are none."""
    there = [part for part in parts if part]
    if not there:
        return None
    return {"zh": "；".join(part["zh"] for part in there), "en": "; ".join(part["en"] for part in there)}


def clauses_of(rules: Iterable[Mapping[str, Any]]) -> str | None:
    """Return standard, clause and version of rules as results cite them, each once; None without any."""
    return "；".join(dict.fromkeys(f"{one['standard']} {one['clause']} (v{one['version']})" for one in rules)) or None


def both(text: str) -> dict[str, str]:
    """Return a text that is the same in every language, by language."""
    return {"zh": text, "en": text}
