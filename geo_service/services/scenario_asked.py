"""What coverage a what-if or an effect is asked for: what was said, else what its scenario or its edits say."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.domain.scenarios import Edit
from geo_service.services.questions import CoverageQuestion, chosen_categories
from geo_service.services.scenario_edits import categories_of

_LIMIT: Final = ("circle", "minutes", "strict")  # one choice: a limit is said by all three or by none of them


def said_of(
    categories: Sequence[str] | None,
    *,
    circle: int | None,
    minutes: float | None,
    profile: str | None,
    by: str | None,
    strict: bool | None,
    at: str | None,
) -> dict[str, Any]:
    """Return the options that were said, as arguments of :meth:`CoverageQuestion.asked`; NotFound as these."""
    chosen = list(chosen_categories(categories)) if categories else None
    options = {"categories": chosen, "circle": circle, "minutes": minutes, "profile": profile, "by": by}
    return {key: value for key, value in (options | {"strict": strict or None, "at": at}).items() if value is not None}


def coverage_asked(
    conn: Connection,
    said: Mapping[str, Any],
    edits: Sequence[tuple[Sequence[Edit], Mapping[str, Any]]],
) -> CoverageQuestion:
    """Return the question of coverage.

    Parameters
    ----------
    conn
        A reading connection.
    said
        Options that were said; they come first. A limit of None that was said is the category's own.
    edits
        Each set of edits with the question it is kept with (empty without one). Of these what all sets agree about
        counts; categories are those of all together. Edits without a question give the categories of the facilities
        they name or add; where nobody names any, all are asked for.

    Raises InvalidInput ``scenario_facility_unknown`` and as :meth:`CoverageQuestion.asked`.
    """
    own = _agreed([question for _, question in edits])
    if any(key in said for key in _LIMIT):
        own = {key: value for key, value in own.items() if key not in _LIMIT}
    options = {**own, **said}
    if "categories" not in options:
        named = (question.get("categories") or categories_of(conn, some) for some, question in edits)
        options["categories"] = sorted({code for codes in named for code in codes}) or None
    return CoverageQuestion.asked(**options)


def _agreed(questions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what all questions say alike, except categories; a limit is taken as a whole."""
    parts = [_LIMIT, ("profile",), ("by",), ("at",)]
    first = questions[0] if questions else {}
    same = [
        part for part in parts if all(one.get(key) == first.get(key) for one in questions for key in part)
    ]  # fmt: skip
    return {key: first[key] for part in same for key in part if first.get(key) is not None}
