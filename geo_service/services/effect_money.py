"""What a project costs, as yuan per person counts it: the full cost, never a part of it and never nothing."""

from collections.abc import Mapping
from typing import Any, Final

from geo_service.services.notes import note

FINISHED: Final = ("accepted", "in_care", "closed")  # what is paid by then is what it cost
KINDS: Final = ("paid", "committed", "planned")


def money_of(project: Mapping[str, Any]) -> dict[str, Any]:
    """Return the full cost of a project's row as far as it is known, which figure it is, and all three beside.

    A stored 0 is no money. A finished project (:data:`FINISHED`) costs what was paid for it; any other, or one of which
    no payment is stored, what is committed, else what is planned, but never less than what was paid already. What was
    paid for an unfinished project alone is a part of its cost: the cost is not known (``yuan`` None).
    """
    known = {kind: project.get(f"{kind}_yuan") for kind in KINDS}
    money = {kind: float(value) for kind, value in known.items() if value is not None and value > 0}
    finished = project.get("status") in FINISHED
    which: str | None = next((kind for kind in ("committed", "planned") if kind in money), None)
    if "paid" in money and (finished or (which is not None and money["paid"] > money[which])):
        which = "paid"
    return {"which": which, "yuan": None if which is None else money[which], **known}


def money_notes(money: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return which money yuan per person counts, or why there is none."""
    if money["which"] is not None:
        return [note(f"note.effect_yuan_{money['which']}", yuan=f"{money['yuan']:,.0f}")]
    if money["paid"]:
        return [note("note.effect_yuan_part", yuan=f"{money['paid']:,.0f}")]
    return [note("note.effect_yuan_unknown")]


def yuan_each(money: Mapping[str, Any], persons: float | None) -> float | None:
    """Return yuan for each of ``persons`` newly covered, those who no longer are taken off.

    None where there is nobody, or people or money are not known.
    """
    if money["yuan"] is None or persons is None or persons <= 0:
        return None
    return round(float(money["yuan"]) / persons, 2)
