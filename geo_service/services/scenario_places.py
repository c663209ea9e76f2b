"""Places (capacity) before and after the edits of a what-if, for one category: what homes find, area by area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.domain.capacity import CapacityRule, catchment_zones
from geo_service.domain.scenarios import Edit
from geo_service.services.capacity_rows import Persons, facility_rows, group_rows
from geo_service.services.groups import Division
from geo_service.services.reach import Reached
from geo_service.services.scenario_base import Base
from geo_service.services.scenario_each import reached_as_is, reached_with
from geo_service.services.scenario_homes import Newcomers
from geo_service.services.scenario_place_rows import beside, facilities_beside
from geo_service.services.scenario_states import Ways
from geo_service.services.scenario_stock import Stock, stock_as_is, stock_of, with_streets
from geo_service.services.supply import Supply, find_places

Floats = npt.NDArray[np.float64]
Row = dict[str, Any]
PLACE_TABLES: Final = ("capacity_totals", "capacity_rows", "capacity_facilities")


@dataclass(frozen=True)
class Side:
    """Facilities with capacities before or after edits, and who reaches them."""

    stock: Stock
    near: Reached

    @classmethod
    def as_is(cls, base: Base, supply: Supply) -> "Side":
        """Return what is there."""
        near = reached_as_is(base)
        return cls(with_streets(stock_as_is(supply), near.adrift), near)

    @classmethod
    def supposed(cls, base: Base, supply: Supply, edits: Sequence[Edit], ways: Ways, new: Newcomers) -> "Side":
        """Return what is there once edits are made; new homes last."""
        stock = stock_of(supply, edits)
        near = reached_with(base, stock, edits, ways, new)
        return cls(with_streets(stock, near.adrift), near)

    def rows(self, base: Base, division: Division, new: Newcomers | None, *, told: bool) -> tuple[list[Row], list[Row]]:
        """Return rows of everybody and of areas or grids, and of facilities, as capacity itself gives them."""
        supply = self.stock.supply
        persons = _persons(base, new, supply.rule, told=told)
        limit_m = base.ground.walker(None)[1].metres
        found = find_places(supply, self.near, persons.people, limit_m=limit_m, zones=catchment_zones())
        totals, rows = group_rows(division, supply, found, persons)
        return [*totals, *rows], facility_rows(supply, self.near, found, persons)


def place_tables(
    base: Base,
    before: Side | None,
    after: Side,
    supply: Supply,
    new: Newcomers,
    *,
    told: bool,
    only_changed: bool,
    **same: Any,
) -> dict[str, list[Row]]:
    """Return :data:`PLACE_TABLES` of one category; ``before`` None: as it is.

    ``only_changed``: rows of areas, grids and facilities where something changes, or may not be told.
    """
    groups, ground = new.division.groups, base.ground
    same_groups = groups.codes == ground.division.groups.codes
    own_groups = replace(groups, index=groups.index[: len(ground.homes)])
    as_was = ground.division if same_groups else replace(new.division, groups=own_groups)
    if before is not None:
        was = before.rows(base, as_was, None, told=told)
    elif same_groups:
        was = _as_is(base, supply, told=told)
    else:
        was = Side.as_is(base, supply).rows(base, as_was, None, told=told)
    own = after.rows(base, new.division, new, told=told)
    totals, rows = beside(was[0], own[0], told=told, only_changed=only_changed, **same)
    side = stock_as_is(supply) if before is None else before.stock
    facilities = facilities_beside(side, was[1], after.stock, own[1], told=told, only_changed=only_changed, **same)
    return dict(zip(PLACE_TABLES, (totals, rows, facilities), strict=True))


def _as_is(base: Base, supply: Supply, *, told: bool) -> tuple[list[Row], list[Row]]:
    """Return the rows of what is there, kept with the walks they rest on."""
    key = ("places", supply.rule, told)
    if key not in base.kept:
        base.kept[key] = Side.as_is(base, supply).rows(base, base.ground.division, None, told=told)
    kept: tuple[list[Row], list[Row]] = base.kept[key]
    return kept


def _persons(base: Base, new: Newcomers | None, rule: CapacityRule, *, told: bool) -> Persons:
    """Return the people concerned at all homes, the new ones last, exact or as they are told."""
    ground, count = base.ground, len(base.ground.homes)
    more = 0 if new is None else len(new)

    def both(own: Mapping[str, Floats] | None, late: Mapping[str, Floats] | None) -> dict[str, Floats]:
        return {
            band: np.concatenate([_of(own, band, count), _of(late, band, more)]) for band in rule.bands
        }  # fmt: skip

    if not told:
        exact = both(ground.homes.people, None if new is None else new.homes.people)
        return Persons(exact, None, np.ones(count + more, bool))
    persons = both(ground.persons, None if new is None else new.persons)
    least = both(ground.least, None if new is None else new.least)
    return Persons(persons, least, np.concatenate([ground.told, np.ones(more, bool)]))


def _of(people: Mapping[str, Floats] | None, band: str, count: int) -> Floats:
    found = None if people is None else people.get(band)
    return np.full(count, np.nan) if found is None else found
