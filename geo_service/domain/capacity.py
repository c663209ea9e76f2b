"""Capacities: whose places they are, in which unit they may be given, how far they reach (``data/reference``)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from geo_service.domain.rules import CAPACITY_USE, Rule, shipped_rules
from geo_service.foundation.resources import reference


@dataclass(frozen=True)
class CapacityRule:
    """How the capacity of a category is read.

    Attributes
    ----------
    category
        Code of the category.
    bands
        Age bands of the people concerned.
    unit
        Code of the unit: its label is ``capacity_unit.<unit>``.
    units
        What stands for it in ``capacity_unit`` of a facility, small letters.
    needed_per_1000
        Places looked for per 1,000 people concerned, None for none.
    needed_rules
        Ids of the rules that say so.
    """

    category: str
    bands: tuple[str, ...]
    unit: str
    units: frozenset[str]
    needed_per_1000: float | None = None
    needed_rules: tuple[str, ...] = ()

    def counts(self, unit: str) -> bool:
        """Whether a capacity given in this unit is one of the places meant."""
        return unit.strip().lower() in self.units


@cache
def capacity_rules() -> Mapping[str, CapacityRule]:
    """Return the rule of every category whose places are worked out by catchments, by its code, as shipped."""
    shipped = shipped_rules().values()
    return {row["category"]: needing(_rule(row), shipped) for row in _document()["categories"]}


def needing(rule: CapacityRule, rules: Iterable[Rule]) -> CapacityRule:
    """Return the rule with the places looked for by ``rules`` in force, of several the most."""
    found = [
        one for one in rules
        if one.use == CAPACITY_USE and one.in_force and rule.category in (one.categories or ())
        and isinstance(one.value, int | float) and one.value > 0
    ]  # fmt: skip
    most = max((float(one.value) for one in found), default=None)
    return replace(rule, needed_per_1000=most, needed_rules=tuple(one.id for one in found if one.value == most))


@cache
def parking_rule() -> CapacityRule:
    """Return the rule of parking, a ratio by quarter and household: nobody's age matters."""
    return _rule(_document()["parking"])


@cache
def catchment_zones() -> tuple[tuple[float, float], ...]:
    """Return the shares of the limit where zones end, ascending to 1, each with the weight of a walk in it."""
    return tuple((float(row["upto_share"]), float(row["weight"])) for row in _document()["zones"])


def concerned_bands(category: str) -> tuple[str, ...]:
    """Return the age bands a category is there for; empty for everybody."""
    rule = capacity_rules().get(category)
    return rule.bands if rule else ()


def _rule(row: Mapping[str, Any]) -> CapacityRule:
    units = frozenset(str(unit).lower() for unit in row["units"])
    return CapacityRule(row["category"], tuple(row.get("bands", ())), row["unit"], units)


def _document() -> dict[str, Any]:
    return cast(dict[str, Any], reference("capacity"))
