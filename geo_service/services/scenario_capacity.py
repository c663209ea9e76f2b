"""What a what-if says of capacity: places before and after of categories that have some, and what is noted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from geo_service.domain.capacity import CapacityRule, capacity_rules, catchment_zones, needing
from geo_service.domain.reference import Limit
from geo_service.domain.scenarios import Edit
from geo_service.services.notes import note
from geo_service.services.rules import Rulebook, cited
from geo_service.services.scenario_base import Base
from geo_service.services.scenario_homes import Newcomers
from geo_service.services.scenario_notes import notes_of_supplies
from geo_service.services.scenario_places import Side, place_tables
from geo_service.services.scenario_states import Ways
from geo_service.services.scenario_stock import unsaid_capacities
from geo_service.services.supply import Supply, needed_notes, read_supply

_SUPPLY = "supply"
Edited = tuple[Sequence[Edit], Ways, Newcomers]
Told = Callable[..., dict[str, list[dict[str, Any]]]]


def with_places(categories: Sequence[str]) -> tuple[str, ...]:
    """Return those of the categories whose places are worked out by catchments."""
    return tuple(code for code in categories if code in capacity_rules())


class PlaceWork:
    """Places of the categories of one question, as they are stored now and as edits leave them."""

    def __init__(self, conn: Connection, book: Rulebook) -> None:
        self.conn, self.book = conn, book
        self.supplies: dict[str, Supply] = {}
        self.pairs: dict[str, list[tuple[Supply, Supply]]] = {}  # before and after, of each supposition

    def sides(self, base: Base, changed: Base, before: Edited, after: Edited) -> Told | None:
        """Return what makes the tables of a category, None for one without places.

        ``base`` and ``changed`` are its walks before and after gates are opened; ``before`` without edits: as it is.
        """
        if not with_places([base.category]):
            return None
        supply = self._supply(base)
        was = Side.supposed(base, supply, *before) if before[0] else None
        then = Side.supposed(changed, supply, *after)
        there = supply.without_streets(base.adrift) if was is None else was.stock.supply
        self.pairs.setdefault(base.category, []).append((there, then.stock.supply))

        def tables(*, told: bool, only_changed: bool, **same: Any) -> dict[str, list[dict[str, Any]]]:
            return place_tables(
                base, was, then, supply, after[2], told=told, only_changed=only_changed, **same
            )  # fmt: skip

        return tables

    def _supply(self, base: Base) -> Supply:
        if _SUPPLY not in base.kept:
            base.kept[_SUPPLY] = read_supply(self.conn, base.targets, capacity_rules()[base.category])
        supply: Supply = replace(base.kept[_SUPPLY], rule=self._rule(base.category))
        self.supplies[base.category] = supply
        return supply

    def _rule(self, category: str) -> CapacityRule:
        return needing(capacity_rules()[category], self.book.rules.values())

    def facts(self, categories: Sequence[str], limit: Limit) -> dict[str, Any]:
        """Return under ``capacity`` what the places of each category with some are held against; else nothing."""
        rules = [self._rule(code) for code in with_places(categories)]
        zones = [{"upto_m": round(end * limit.metres, 2), "weight": weight} for end, weight in catchment_zones()]
        told = [
            {
                "category": rule.category,
                "unit": rule.unit,
                "bands": list(rule.bands),
                "needed_per_1000": rule.needed_per_1000,
                "needed_to_verify": any(self.book.rules[ident].to_verify for ident in rule.needed_rules),
                "rules": {ident: cited(self.book.rules[ident]) for ident in rule.needed_rules},
                "zones": zones,
            }
            for rule in rules
        ]
        return {"capacity": told} if told else {}

    def notes(self, edits: Sequence[Edit], *, is_by_age: bool) -> list[dict[str, Any]]:
        """Return what is to be known of places, once the tables were made, and of capacities that change nothing."""
        found = []
        for category, supply in self.supplies.items():
            found += [*needed_notes(self.book, supply.rule), *notes_of_supplies(self.pairs.get(category, ()))]
            unsaid = unsaid_capacities(edits, category)
            if unsaid:
                found.append(note("note.scenario_capacity_unsaid", count=unsaid, categories=[category]))
        if is_by_age and self.supplies:
            found.append(note("note.scenario_capacity_walk"))
        counted = {code for supply in self.supplies.values() for code in supply.targets.code.tolist()}
        idle = any(
            edit.facility not in counted if edit.edit == "facility_resize" else edit.category not in self.supplies
            for edit in edits
            if edit.capacity is not None
        )
        if idle:
            found.append(note("note.scenario_capacity_idle", categories=list(capacity_rules())))
        return found
