"""The twenty items of a community's sheet: what counts, what each check says, the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.checklist import (
    Judgement,
    Uses,
    counted_once,
    judged_presence,
    judged_ratio,
    judged_size,
    uses,
    worst,
)
from geo_service.domain.capacity import parking_rule
from geo_service.domain.checklist import (
    HARMLESS,
    ITEMS,
    NOT_APPLICABLE,
    NOT_SURVEYED,
    OWN_ESTATE_ONLY,
    PASS,
    PROPERTY_ITEM,
    RECORDED_ITEMS,
    SHORT,
    UNKNOWN,
    Item,
)
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.rules import Rule
from geo_service.services.checklist_counts import Counted
from geo_service.services.checklist_findings import Findings
from geo_service.services.checklist_places import Sites, admits_estate
from geo_service.services.checklist_texts import item_sentence

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Group = tuple[str, ...]
_MANAGED: Final = ("yes", "none", "abandoned")


@dataclass(frozen=True)
class Stock:
    """What there is, the same however people are counted.

    Attributes
    ----------
    sites, inside
        Facilities and spaces, and the community each lies in, shape (p,).
    near
        Homes and sites within the checklist's reach of each other, as far as a community lacks its own.
    complete
        Whether the inventory of a category is declared complete in a community, shape (c, CATEGORY_CODES).
    managed
        How the building of each home is managed, None where not known, shape (h,).
    communities
        Code and name of the communities.
    findings
        What was found on the spot.
    """

    sites: Sites
    inside: Ints
    near: tuple[Ints, Ints]
    complete: npt.NDArray[np.object_]
    managed: npt.NDArray[np.object_]
    communities: Sequence[tuple[str, str | None]]
    findings: Findings

    def places(self, group: Group) -> Ints:
        """Return the sites that count for a group of categories."""
        return countable(self.sites, group)

    def lacking(self, group: Group) -> npt.NDArray[np.bool_]:
        """Return which communities have nothing of a group of their own, shape (c,)."""
        return lacking(self.sites, self.inside, group, len(self.communities))

    def is_complete(self, community: int, group: Group) -> bool:
        """Whether the inventories of all categories of the group are declared complete."""
        return all(self.complete[community, CATEGORY_CODES.index(code)] is True for code in group)


def countable(sites: Sites, group: Group) -> Ints:
    """Return the sites of some categories that serve everybody (of an age), parking also those of one estate."""
    places = sites.in_categories(*group)
    serves = sites.serves_all
    if any(code in OWN_ESTATE_ONLY for code in group):
        serves = serves | admits_estate(sites)
    return places[serves[places]]


def lacking(sites: Sites, inside: Ints, group: Group, communities: int) -> npt.NDArray[np.bool_]:
    """Return which communities have no site that counts for a group, shape (c,)."""
    at = inside[countable(sites, group)]
    return np.asarray(np.bincount(at[at >= 0], minlength=communities) == 0, bool)


@dataclass(frozen=True)
class Book:
    """The rules of the sheet by item, and whether it is for new estates."""

    by_item: Mapping[str, Sequence[Rule]]
    new_estate: bool

    def groups(self) -> list[Group]:
        """Return every group of categories that is looked at, each once."""
        found: dict[Group, None] = {}
        for item in ITEMS:
            for group in item.needs if not item.walked else ():
                found[group] = None
            for rule in self.by_item.get(item.code, ()):
                for group in rule_groups(item, rule):
                    found[group] = None
        return list(found)


def rule_groups(item: Item, rule: Rule) -> list[Group]:
    """Return the groups of categories the sizes of a rule are about, and those that may stand in for them."""
    if item.walked or not rule.categories:
        return []
    needed = {code for group in item.needs for code in group}
    mine = tuple(code for code in rule.categories if code in needed) or rule.categories
    other = tuple(rule.alternative["categories"]) if rule.alternative else ()
    return [mine, *([other] if other else [])]


@dataclass
class Sheet:
    """Makes the rows of all items for one way of counting people."""

    stock: Stock
    book: Book
    counted: Counted
    _uses: dict[Group, Uses] = field(default_factory=dict)
    rooms: Ints = field(init=False)

    def __post_init__(self) -> None:
        sites = self.stock.sites
        self.rooms = counted_once(sites.x, sites.y, sites.floor_m2)

    def uses(self, group: Group) -> Uses:
        """Return which community uses which site of a group; places are those of all sites."""
        if group not in self._uses:
            places = self.stock.places(group)
            number = np.full(len(self.stock.sites), -1, np.int64)
            number[places] = np.arange(len(places))
            homes, near = self.stock.near
            kept = number[near] >= 0
            found = uses(
                self.stock.inside[places],
                self.counted.settled,
                self.counted.households,
                (homes[kept], number[near[kept]]),
                self.stock.lacking(group),
            )
            self._uses[group] = Uses(
                found.community, places[found.place], found.is_inside, found.reach_share, found.share
            )
        return self._uses[group]

    def rows(self, community: int, walked: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows of one community, item by item; ``walked`` has the checks of items judged by walks."""
        claimed: dict[int, str] = {}
        return [self._row(community, item, claimed, walked.get(item.code)) for item in ITEMS]

    def _row(
        self, community: int, item: Item, claimed: dict[int, str], walked: dict[str, Any] | None
    ) -> dict[str, Any]:
        rules = self.book.by_item.get(item.code, ())
        code, name = self.stock.communities[community]
        found = self.stock.findings.deciding.get((code, item.code))
        used: dict[int, dict[str, Any]] = {}
        if item.walked:
            checks = [walked] if walked is not None else []
        elif item.code == PROPERTY_ITEM:
            checks = [self._managed(community, rules)]
        elif not item.needs:
            checks = [_recorded(found, rules)]
        else:
            checks = self._needs(community, item, rules, used)
            for rule in rules:
                checks += self._sizes(community, item, rule, claimed, used)
            for place in used:
                claimed.setdefault(int(self.rooms[place]), item.code)
        verdict = worst([one["verdict"] for one in checks if one["binding"] not in HARMLESS])
        row = {
            "code": code,
            "name": name,
            "goal": item.goal,
            "item": item.code,
            "verdict": verdict,
            "source": "recorded" if item.code in RECORDED_ITEMS else "computed",
            "finding": found,
            "remark": self.stock.findings.remarks.get((code, item.code)),
            "to_verify": any(one["to_verify"] for one in checks),
            "to_review": bool(found and found["to_review"]),
            "checks": checks,
            "facilities": list(used.values()),
        }
        return row | {"sentence": item_sentence(row)}

    def _needs(
        self, community: int, item: Item, rules: Sequence[Rule], used: dict[int, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return a check for each group of which there has to be something; fills ``used``."""
        checks = []
        verified = self.stock.sites.targets.verified
        for group in item.needs:
            found = self.uses(group)
            mine = found.of(community)
            judged = judged_presence(verified[found.place[mine]], is_complete=self.stock.is_complete(community, group))
            if judged.verdict != PASS and (instead := self._instead(community, item, rules, used)):
                judged = instead
            check = _check("presence", judged, "requirement", rules[:1])
            shared = int((~found.is_inside[mine]).sum())
            checks.append(check | {"categories": list(group), "shared": shared})
            self._list(used, found, mine)
        return checks

    def _instead(
        self, community: int, item: Item, rules: Sequence[Rule], used: dict[int, dict[str, Any]]
    ) -> Judgement | None:
        """Return that smaller places stand in where the rule lets them do so in existing estates."""
        for rule in rules:
            if rule.alternative is None or self.book.new_estate:
                continue
            found = self.uses(tuple(rule.alternative["categories"]))
            mine = found.of(community)
            sites = self.stock.sites
            large = sites.floor_m2[found.place[mine]] >= rule.alternative["min_floor_area_m2"]
            mine = mine[large & sites.targets.verified[found.place[mine]]]
            if len(mine) >= rule.alternative["count"]:
                self._list(used, found, mine)
                return Judgement(PASS, 0.0, largest=float(len(mine)))
        return None

    def _sizes(
        self, community: int, item: Item, rule: Rule, claimed: Mapping[int, str], used: dict[int, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the checks of sizes and ratios of one rule."""
        groups = rule_groups(item, rule)
        if not groups:
            return []
        found = self.uses(groups[0])
        mine = found.of(community)
        places = found.place[mine]
        sites = self.stock.sites
        is_complete = self.stock.is_complete(community, groups[0])
        binding = rule.binding(new_estate=self.book.new_estate)
        needed = any(set(groups[0]) <= set(group) for group in item.needs)
        checks = []
        for measure, size, least in (
            ("floor_area", sites.floor_m2, rule.min_floor_area_m2),
            ("land_area", sites.land_m2, rule.min_land_area_m2),
        ):
            if least is None or (needed and not len(mine)):
                continue
            own = np.where(sites.targets.verified[places], size[places], np.nan)
            if measure == "floor_area":
                own = np.where(self._again(places, item, claimed), 0.0, own)
            if len(mine):
                judged = judged_size(own, found.share[mine], least, is_complete=is_complete)
            else:  # nothing there at all is short by the whole area, not by one place
                judged = judged_presence(np.zeros(0, bool), is_complete=is_complete)
                judged = replace(judged, short_by=None if judged.short_by is None else least)
            check = _check(measure, judged, binding, [rule], need=least, unit="m2")
            checks.append(check | {"categories": list(groups[0])})
            self._list(used, found, mine, claimed)
        if rule.per_household and "parking" in groups[0]:
            checks.append(self._parking(community, rule))
        return checks

    def _again(self, places: Ints, item: Item, claimed: Mapping[int, str]) -> npt.NDArray[np.bool_]:
        """Return which places are a room that counts already: in an item before, or under another record."""
        rooms = self.rooms[places]
        again = np.ones(len(places), bool)
        again[np.unique(rooms, return_index=True)[1]] = False
        elsewhere = [claimed.get(int(room)) not in (None, item.code) for room in rooms]
        return np.asarray(again | np.array(elsewhere, bool), bool)

    def _parking(self, community: int, rule: Rule) -> dict[str, Any]:
        """Return the check of parking spaces per household."""
        assert rule.per_household is not None
        sites = self.stock.sites
        found = self.uses(("parking",))
        mine = found.of(community)
        counts = np.array([parking_rule().counts(unit) if unit else False for unit in sites.unit[found.place[mine]]])
        known = counts.astype(bool) & ~np.isnan(sites.capacity[found.place[mine]])
        known &= sites.targets.verified[found.place[mine]]
        spaces = float((sites.capacity[found.place[mine]] * found.share[mine])[known].sum())
        households, may_tell = self.counted.household_sums(len(self.stock.communities))
        total = households[community]
        per = float(total) if not np.isnan(total) and may_tell[community] else None
        is_complete = self.stock.is_complete(community, ("parking",))
        needed = float(rule.per_household["value"])
        judged = judged_ratio(spaces, int((~known).sum()), per, needed, is_complete=is_complete)
        binding = rule.binding(new_estate=self.book.new_estate)
        check = _check("parking_per_household", judged, binding, [rule], need=needed, unit="spaces/household")
        return check | {"amount": round(spaces, 1), "categories": ["parking"]}

    def _managed(self, community: int, rules: Sequence[Rule]) -> dict[str, Any]:
        """Return the check whether property is managed: buildings by what is stored of each."""
        said = self.stock.managed[self.counted.settled == community]
        known = [one for one in said if one in _MANAGED]
        without = sum(one != "yes" for one in known)
        missing = len(said) - len(known)
        if without:
            judged = Judgement(SHORT, float(len(known) - without), float(without), missing=missing)
        else:
            verdict = PASS if known and not missing else UNKNOWN
            judged = Judgement(verdict, float(len(known)), missing=missing)
        return _check("managed", judged, "requirement", rules[:1], unit="buildings")

    def _list(
        self, used: dict[int, dict[str, Any]], found: Uses, rows: Ints, claimed: Mapping[int, str] | None = None
    ) -> None:
        """Note the sites of some uses, once each."""
        sites = self.stock.sites
        for row in rows:
            place = int(found.place[row])
            elsewhere = (claimed or {}).get(int(self.rooms[place]))
            if place in used:
                if elsewhere:
                    used[place]["counted_in"] = elsewhere
                continue
            used[place] = {
                "layer": sites.layer[place],
                "code": sites.targets.code[place],
                "name": sites.targets.name[place],
                "category": sites.category(place),
                "is_inside": bool(found.is_inside[row]),
                "share": round(float(found.share[row]), 4),
                "reach_share": round(float(found.reach_share[row]), 4),
                "floor_area_m2": _known(sites.floor_m2[place]),
                "land_area_m2": _known(sites.land_m2[place]),
                "is_verified": bool(sites.targets.verified[place]),
                "counted_in": elsewhere,
            }


def _recorded(found: Mapping[str, Any] | None, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return the check of an item that is as somebody found it on the spot, not known where nobody did."""
    if found is None:
        return _check("recorded", Judgement(UNKNOWN), "not_stated", rules)
    said = {key: found[key] for key in ("found_on", "found_by", "basis", "to_review")}
    judged = Judgement(found["finding"], short_by=found["amount"])
    return _check("recorded", judged, "not_stated", rules, unit=found["amount_unit"] or "") | said


def _check(
    measure: str, judged: Judgement, binding: str, rules: Sequence[Rule], *, need: float | None = None, unit: str = ""
) -> dict[str, Any]:
    """Return a check as a result holds it."""
    fields = {"floor_area": "min_floor_area_m2", "land_area": "min_land_area_m2"}.get(measure, "per_household")
    return {
        "measure": measure,
        "verdict": judged.verdict,
        "binding": binding,
        "have": _rounded(judged.have),
        "need": need,
        "short_by": _rounded(judged.short_by),
        "unit": unit or None,
        "largest": _rounded(judged.largest),
        "missing": judged.missing,
        "rules": [rule.id for rule in rules],
        "to_verify": any(not rule.is_sure(fields, "strength", "name") for rule in rules),
    }


def counts_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many items have each verdict."""
    order = (PASS, SHORT, UNKNOWN, NOT_SURVEYED, NOT_APPLICABLE)
    return {one: sum(row["verdict"] == one for row in rows) for one in order}


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)
