"""Rules of the standards as typed data: what each demands, of whom, how sure its figures are, which check reads it.

A rule is one row of a standard's table. What is shipped stands in ``data/reference/rules.json``; an administrator
edits and confirms versions of it (:mod:`geo_service.services.rules`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Final, cast

from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.rule_values import CHECKED
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound
from geo_service.foundation.resources import reference

# what a rule says in figures; each may be confirmed or not
FIGURES: Final = (
    "service_radius_m", "walk_minutes", "min_floor_area_m2", "max_floor_area_m2", "min_land_area_m2",
    "max_land_area_m2", "per_household", "per_person", "metric", "value", "unit", "alternative", "existing_share",
)  # fmt: skip
# what an administrator may set; the rest says where a rule comes from
EDITABLE: Final = (
    "standard", "clause", "name", "categories", "level", "use", "checklist_item", "status", "in_force", "applies_to",
    "strength", "strength_text", *FIGURES, "evidence", "unconfirmed_fields", "note",
)  # fmt: skip
CAPACITY_USE: Final = "capacity"  # places per 1,000 of the people concerned
_ALWAYS: Final = ("standard", "clause", "name", "evidence")


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    id, version
        Its name for good, and which version of it this is, from 1.
    standard, clause, name
        Where it is written, and what it is about in both languages.
    subject
        What the table of facts files it under.
    categories, no_category
        Facility categories it speaks of; None with the reason where it speaks of none.
    level, level_text
        ``5min``, ``10min``, ``15min``, ``community``, ``block``, ``city`` …, and the standard's own word for it.
    use, checklist_item
        Which check reads it (``item``, ``level``, ``green``, ``service_floor``, ``indicator`` …; None: kept only),
        and the item of the 完整居住社区 checklist (``CRC-01`` … ``CRC-20``).
    status, in_force
        Whether the standard is in force, on trial, local or a draft, and whether this office's checks read the rule.
    applies_to
        ``new`` estates, ``existing`` ones or ``all``.
    strength, strength_text
        ``requirement`` (应) or ``advice`` (宜, 可), None where the facts do not say; the words themselves.
    service_radius_m, walk_minutes
        How far at most.
    min_floor_area_m2 … max_land_area_m2
        Size of one facility, m².
    per_household, per_person
        Ratio: ``{"value", "unit"}``.
    metric, value, unit
        A further figure.
    alternative
        Categories, count and size that may stand in for it in existing estates.
    existing_share
        Share of the figure that is enough in existing estates.
    evidence
        ``quoted`` (the text was seen), ``secondary``, ``derived``, ``computed`` or ``unverified``.
    unconfirmed_fields
        Fields that are less sure than ``evidence`` says; a part of one as ``value.dwellings``.
    note
        What the facts add.
    origin
        ``shipped``, or ``office`` where an administrator wrote this version.
    confirmed_at, confirmed_by, confirmed_from
        When, who and by which text an administrator confirmed this version; None: nobody did.
    """

    id: str
    version: int
    standard: str
    clause: str
    name: Mapping[str, str]
    evidence: str
    subject: str | None = None
    categories: tuple[str, ...] | None = None
    no_category: str | None = None
    level: str | None = None
    level_text: str | None = None
    use: str | None = None
    checklist_item: str | None = None
    status: str = "local"
    in_force: bool = True
    applies_to: str = "all"
    strength: str | None = None
    strength_text: str | None = None
    service_radius_m: float | None = None
    walk_minutes: float | None = None
    min_floor_area_m2: float | None = None
    max_floor_area_m2: float | None = None
    min_land_area_m2: float | None = None
    max_land_area_m2: float | None = None
    per_household: Mapping[str, Any] | None = None
    per_person: Mapping[str, Any] | None = None
    metric: str | None = None
    value: Any = None
    unit: str | None = None
    alternative: Mapping[str, Any] | None = None
    existing_share: float | None = None
    unconfirmed_fields: tuple[str, ...] = ()
    note: str | None = None
    origin: str = "shipped"
    confirmed_at: str | None = None
    confirmed_by: str | None = None
    confirmed_from: str | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Rule":
        """Return the rule of a stored or shipped body; what another release kept and this one does not know is left."""
        known = {one.name for one in fields(cls)}
        lists = {key: tuple(body[key]) for key in ("categories", "unconfirmed_fields") if body.get(key) is not None}
        return cls(**{key: value for key, value in {**body, **lists}.items() if key in known})

    def body(self) -> dict[str, Any]:
        """Return the rule as JSON values, empty fields left out."""
        made = {one.name: getattr(self, one.name) for one in fields(self)}
        made = {key: list(value) if isinstance(value, tuple) else value for key, value in made.items()}
        return {key: value for key, value in made.items() if value is not None and value != []}

    @property
    def to_verify(self) -> tuple[str, ...]:
        """Fields that are shown as 待核实: nobody has confirmed them against the text."""
        if self.confirmed_at is not None:
            return ()
        if self.evidence != "quoted":
            return tuple(one for one in ("strength", *FIGURES) if getattr(self, one) is not None) or ("name",)
        return self.unconfirmed_fields

    def is_sure(self, *names: str) -> bool:
        """Whether none of the fields ``names`` is to be verified; nothing is of a rule that was not quoted."""
        if self.to_verify and self.evidence != "quoted":
            return False
        open_ones = {one.partition(".")[0] for one in self.to_verify}
        return not open_ones & set(names)

    def binding(self, *, new_estate: bool) -> str:
        """Return what the rule means for an estate: ``requirement``, ``advice``, ``not_stated`` or ``figure``.

        A rule for the other kind of estate obliges nobody: its figure is given, nothing fails it.
        """
        if self.applies_to not in ("all", "new" if new_estate else "existing"):
            return "figure"
        return self.strength or "not_stated"

    def edited(self, changes: Mapping[str, Any]) -> "Rule":
        """Return the next version with fields changed; nobody has confirmed it yet.

        Raises InvalidInput ``rule_field_unknown``, ``rule_value_wrong``, ``rule_bounds``, ``rule_unchanged``.
        """
        checked = {key: checked_field(key, value) for key, value in changes.items()}
        made = replace(self, **checked)
        if made == self:
            raise InvalidInput("rule_unchanged", rule=self.id)
        _check_bounds(made)
        unsure = replace(made, confirmed_at=None, confirmed_by=None, confirmed_from=None)
        return replace(unsure, version=self.version + 1, origin="office")


@cache
def shipped_rules() -> Mapping[str, Rule]:
    """Return the rules that come with the service, by id: those of the standards, then the working figures."""
    documents = [cast(dict[str, Any], reference(name)) for name in ("rules", "capacity")]
    return {body["id"]: Rule.of(body) for document in documents for body in document["rules"]}


@cache
def shipped_version() -> str:
    """Return the version of the shipped table."""
    return str(cast(dict[str, Any], reference("rules"))["version"])


def new_rule(ident: str, values: Mapping[str, Any]) -> Rule:
    """Return the first version of an office's own rule.

    Raises InvalidInput ``rule_id_form``, ``rule_field_missing`` and those of :meth:`Rule.edited`.
    """
    if not (0 < len(ident) <= 40 and ident.isascii() and all(one.isalnum() or one in "-._" for one in ident)):
        raise InvalidInput("rule_id_form", rule=ident[:60])
    missing = [key for key in _ALWAYS if values.get(key) in (None, "", {})]
    if missing:
        raise InvalidInput("rule_field_missing", rule=ident, fields=", ".join(missing))
    checked = {key: checked_field(key, value) for key, value in values.items()}
    made = Rule(id=ident, version=1, origin="office", **checked)
    _check_bounds(made)
    return made


def checked_field(key: str, value: Any) -> Any:
    """Return a field's value as a rule holds it; InvalidInput ``rule_field_unknown``, ``rule_value_wrong``."""
    if key not in EDITABLE:
        raise InvalidInput("rule_field_unknown", field=key[:64], known=", ".join(EDITABLE))
    if value is None:
        if key in _ALWAYS or key in ("in_force", "applies_to", "status"):
            raise InvalidInput("rule_value_wrong", field=key, wanted=CHECKED[key].wanted, value="null")
        return () if key == "unconfirmed_fields" else None
    try:
        return CHECKED[key].of(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        shown = str(value)[:80]
        raise InvalidInput("rule_value_wrong", field=key, wanted=CHECKED[key].wanted, value=shown) from None


def _check_bounds(rule: Rule) -> None:
    for what in ("floor", "land"):
        low, high = getattr(rule, f"min_{what}_area_m2"), getattr(rule, f"max_{what}_area_m2")
        if low is not None and high is not None and low > high:
            raise InvalidInput("rule_bounds", rule=rule.id, low=f"{low:g}", high=f"{high:g}")
    is_number = isinstance(rule.value, int | float) and not isinstance(rule.value, bool)
    if rule.use == CAPACITY_USE and not (is_number and rule.value > 0):
        raise InvalidInput("rule_value_wrong", field="value", wanted="0 < number", value=str(rule.value)[:80])


@dataclass(frozen=True)
class Disagreement:
    """Two rules in force that say different things of one category on one level.

    ``is_contradiction``: no facility can satisfy both; else the stricter one satisfies both.
    """

    one: str
    other: str
    category: str
    level: str | None
    metric: str
    says: tuple[str, str]
    is_contradiction: bool


def disagreements(rules: Sequence[Rule]) -> list[Disagreement]:
    """Return the pairs of rules in force with different figures for the same category, level, metric and estates."""
    live = sorted((one for one in rules if one.in_force and one.use is not None), key=lambda one: one.id)
    return [
        found for place, one in enumerate(live) for other in live[place + 1 :] for found in _disagreements(one, other)
    ]


def refuse_contradiction(rule: Rule, others: Mapping[str, Rule]) -> None:
    """Raise Conflict ``rule_contradicts`` if ``rule`` contradicts another one in force."""
    kept = [one for ident, one in others.items() if ident != rule.id]
    for found in disagreements([rule, *kept]):
        if found.is_contradiction and rule.id in (found.one, found.other):
            mine, theirs = found.says if found.one == rule.id else found.says[::-1]
            other = found.other if found.one == rule.id else found.one
            raise Conflict(
                "rule_contradicts",
                rule=rule.id,
                other=other,
                category=found.category,
                metric=found.metric,
                mine=mine,
                theirs=theirs,
            )


def _disagreements(one: Rule, other: Rule) -> Iterator[Disagreement]:
    if one.level != other.level or not _same_estates(one, other) or one.use != other.use:
        return
    if one.checklist_item != other.checklist_item:
        return
    shared = [code for code in CATEGORY_CODES if code in (one.categories or ()) and code in (other.categories or ())]
    if not shared:
        return
    ranges, others = _ranges(one), _ranges(other)
    for metric in ranges.keys() & others.keys():
        (low, high), (low2, high2) = ranges[metric], others[metric]
        if (low, high) == (low2, high2):
            continue
        apart = max(low or 0.0, low2 or 0.0) > min(_top(high), _top(high2))
        says = (_said(low, high), _said(low2, high2))
        yield Disagreement(one.id, other.id, shared[0], one.level, metric, says, apart)


def _same_estates(one: Rule, other: Rule) -> bool:
    return one.applies_to == other.applies_to or "all" in (one.applies_to, other.applies_to)


def _ranges(rule: Rule) -> dict[str, tuple[float | None, float | None]]:
    """Return what is allowed by metric: least and most, None for no bound."""
    found: dict[str, tuple[float | None, float | None]] = {
        "floor_area_m2": (rule.min_floor_area_m2, rule.max_floor_area_m2),
        "land_area_m2": (rule.min_land_area_m2, rule.max_land_area_m2),
        "service_radius_m": (None, rule.service_radius_m),
        "walk_minutes": (None, rule.walk_minutes),
    }
    if rule.metric is not None and isinstance(rule.value, int | float) and rule.use == CAPACITY_USE:
        found[rule.metric] = (float(rule.value), None)
    for name in ("per_household", "per_person"):
        ratio = getattr(rule, name)
        if ratio is not None and isinstance(ratio["value"], int | float):
            found[f"{name} {ratio['unit']}"] = (float(ratio["value"]), None)
    return {metric: bounds for metric, bounds in found.items() if bounds != (None, None)}


def _top(bound: float | None) -> float:
    return float("inf") if bound is None else bound


def _said(low: float | None, high: float | None) -> str:
    if low is None:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high is None else f"{low:g}–{high:g}"


def rule_named(rules: Mapping[str, Rule], ident: str) -> Rule:
    """Return the rule with this id; NotFound ``rule_unknown``."""
    if ident not in rules:
        raise NotFound("rule_unknown", rule=ident[:60])
    return rules[ident]
