"""Ratios of a sheet: service floor per 100 households, green per person of each level."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.checklist import Judgement, judged_ratio
from geo_service.domain.checklist import UNKNOWN
from geo_service.domain.reference import Limit, Profile
from geo_service.domain.rule_levels import ORDER, level_limit_m
from geo_service.domain.rules import Rule
from geo_service.services.checklist_counts import Counted
from geo_service.services.checklist_items import Sheet, Stock
from geo_service.services.checklist_places import Sites, targets_at
from geo_service.services.checklist_texts import line_sentence
from geo_service.services.context import Context
from geo_service.services.networks import Streets
from geo_service.services.reach import reached
from geo_service.services.walks import People

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_PER_100: Final = "m2/100 households"


def service_floor_rows(sheet: Sheet, rules: Sequence[Rule], communities: Sequence[int]) -> list[dict[str, Any]]:
    """Return the floor of community services per 100 households against each rule; a room counts once."""
    stock, counted = sheet.stock, sheet.counted
    households, may_tell = counted.household_sums(len(stock.communities))
    rows = []
    for community in communities:
        total = households[community]
        per = float(total) / 100 if not np.isnan(total) and may_tell[community] else None
        for same in _alike(rules):
            rule = same[0]
            group = rule.categories or ()
            assert rule.per_household is not None
            found = sheet.uses(tuple(group))
            mine = found.of(community)
            _, first = np.unique(sheet.rooms[found.place[mine]], return_index=True)
            mine = mine[np.sort(first)]
            size = stock.sites.floor_m2[found.place[mine]]
            known = ~np.isnan(size) & stock.sites.targets.verified[found.place[mine]]
            floor = float((size[known] * found.share[mine][known]).sum())
            is_complete = stock.is_complete(community, tuple(group))
            needed = float(rule.per_household["value"])
            judged = judged_ratio(floor, int((~known).sum()), per, needed, is_complete=is_complete)
            row = _row(stock.communities[community], judged, rule, needed, new_estate=sheet.book.new_estate)
            row |= {"amount_m2": round(floor, 1), "unit": _PER_100, "rules": [one.id for one in same]}
            row["to_verify"] = not any(one.is_sure("per_household", "strength") for one in same)
            rows.append(row | {"sentence": line_sentence(row)})
    return rows


def _alike(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Return the rules on floor per 100 households, those that say the same together."""
    found: dict[tuple[object, ...], list[Rule]] = {}
    for rule in rules:
        if rule.per_household is not None and rule.categories and rule.per_household["unit"] == _PER_100:
            key = (rule.categories, rule.per_household["value"], rule.strength, rule.applies_to)
            found.setdefault(key, []).append(rule)
    return list(found.values())


class Greens:
    """Public green of each level and who reaches it: places and pairs, the same however people are counted."""

    def __init__(self, sites: Sites, rules: Sequence[Rule]) -> None:
        ranked = [one for one in rules if one.level in ORDER and one.min_land_area_m2 and one.per_person]
        self.rules = sorted(ranked, key=lambda one: ORDER.index(str(one.level)))
        self.sites = sites
        self.parks = sites.in_categories("park")
        self.parks = self.parks[sites.serves_all[self.parks]]
        self.places: list[Ints] = []
        self.pairs: list[tuple[Ints, Ints]] = []
        land = sites.land_m2[self.parks]
        for number, rule in enumerate(self.rules):
            upper = [one.min_land_area_m2 for one in self.rules[number + 1 :] if one.min_land_area_m2]
            low = float(rule.min_land_area_m2 or 0)
            self.places.append(self.parks[(land >= low) & (land < min(upper, default=np.inf))])

    def walk(self, ctx: Context, networks: Sequence[Streets], people: People, walker: Profile) -> None:
        """Find which homes are within each level's walk of its parks."""
        for number, rule in enumerate(self.rules):
            limit = Limit("distance", level_limit_m(rule) or 0.0, None)
            part = ctx.stage(number / len(self.rules), (number + 1) / len(self.rules))
            targets = targets_at(self.sites.targets, self.places[number])
            near = reached(networks, targets, people, limit=limit, profile=walker, progress=part.progress)
            self.pairs.append((near.home.astype(np.int64), near.facility.astype(np.int64)))

    def rows(
        self, stock: Stock, counted: Counted, communities: Sequence[int], *, new_estate: bool
    ) -> list[dict[str, Any]]:
        """Return green per person of each level: a park is divided by the residents within its level's walk."""
        size = len(stock.communities)
        persons, may_tell = counted.person_sums(size)
        weight = np.nan_to_num(counted.persons)
        unknown = int(np.isnan(self.sites.land_m2[self.parks]).sum())
        rows = []
        for rule, places, pairs in zip(self.rules, self.places, self.pairs, strict=False):
            home, place = pairs
            settled = counted.settled[home]
            here = settled >= 0
            cell = settled[here] * len(places) + place[here]
            within = np.asarray(np.bincount(cell, weights=weight[home[here]], minlength=size * len(places)), float)
            within = within.reshape(size, len(places))
            everybody = within.sum(axis=0)
            part = np.divide(within, everybody, out=np.zeros_like(within), where=everybody > 0)
            sure = self.sites.targets.verified[places]
            land = part @ np.where(sure, self.sites.land_m2[places], 0.0)
            unsure = unknown + ((part > 0) & ~sure).sum(axis=1)
            assert rule.per_person is not None
            needed = float(rule.per_person["value"])
            factor = 1.0 if new_estate or rule.existing_share is None else rule.existing_share
            for community in communities:
                total = persons[community]
                per = float(total) if not np.isnan(total) and may_tell[community] else None
                is_complete = stock.is_complete(community, ("park",))
                judged = judged_ratio(
                    float(land[community]), int(unsure[community]), per, needed * factor, is_complete=is_complete
                )
                row = _row(stock.communities[community], judged, rule, needed * factor, new_estate=new_estate)
                row |= {
                    "level": rule.level,
                    "amount_m2": round(float(land[community]), 1),
                    "need_new": needed,
                    "unit": "m2/person",
                    "parks": [str(self.sites.targets.code[places[n]]) for n in np.flatnonzero(part[community] > 0)],
                    "withheld": per is None and not np.isnan(total),
                }
                if row["withheld"]:
                    row["amount_m2"] = None
                rows.append(row | {"sentence": line_sentence(row)})
        return rows


def _row(
    community: tuple[str, str | None], judged: Judgement, rule: Rule, needed: float, *, new_estate: bool
) -> dict[str, Any]:
    code, name = community
    measure, fields = ("green", ("per_person", "min_land_area_m2"))
    if rule.use == "service_floor":
        measure, fields = ("service_floor", ("per_household", "strength"))
    return {
        "code": code,
        "name": name,
        "measure": measure,
        "verdict": judged.verdict,
        "binding": rule.binding(new_estate=new_estate),
        "have": None if judged.have is None else round(judged.have, 2),
        "need": round(needed, 4),
        "short_by": None if judged.short_by is None else round(judged.short_by, 2),
        "largest": None,
        "missing": judged.missing if judged.verdict == UNKNOWN else 0,
        "rules": [rule.id],
        "to_verify": not rule.is_sure(*fields),
    }
