"""The rules a limit stands on: which clause sets its distance, which put a category on its living circle."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from geo_service.domain.reference import Limit, category_named, circles
from geo_service.domain.rules import Rule
from geo_service.foundation.texts import LANGS, text
from geo_service.services.rules import Rulebook, cited

LIMIT_RULES_USE: Final = "level"  # rules that put a category on a level
_CIRCLE: Final = "circle"  # rules that say how far a level reaches speak of no category for this reason


def default_limit(book: Rulebook, category: str) -> Limit:
    """Return the limit of a category where none is asked for: a walking distance.

    That is the service radius of the rules in force for the category on the level of its default circle, of several
    the shortest; where none has a radius the distance of the circle. Raises NotFound ``category_unknown``.
    """
    minutes = category_named(category).default_circle
    radii = [rule.service_radius_m for rule in _level_rules(book, category, minutes)]
    metres = min((float(one) for one in radii if one is not None), default=circles()[minutes])
    return Limit("distance", metres, float(minutes))


class Asked(Protocol):
    """What a question says of its limit."""

    @property
    def circle(self) -> int | None:
        """Minutes of the living circle asked for."""

    @property
    def minutes(self) -> float | None:
        """Minutes of walking asked for."""

    @property
    def strict(self) -> bool:
        """Whether the stricter distance of the circle is asked for."""


def limit_in_force(book: Rulebook, category: str, asked: Asked, limit: Limit) -> Limit:
    """Return ``limit`` where the question names one, else :func:`default_limit` by the rules of today."""
    is_named = asked.circle is not None or asked.minutes is not None or asked.strict
    return limit if is_named else default_limit(book, category)


def limit_rules(book: Rulebook, category: str, limit: Limit) -> dict[str, Any]:
    """Return the rule of a category at a limit, as explanations name it.

    ``kind`` (``distance`` or ``time``), ``metres``, ``minutes``; ``circle``: the rules that set the distance of the
    living circle, where it is this one; ``clauses``: those that put the category on it, without a radius or with just
    this one; ``other_clauses``: those for the category on this level whose radius is another, which the limit does not
    rest on. All as :func:`geo_service.services.rules.cited` gives them with ``radius_m``; none for a walking time,
    which no standard states.
    """
    found: dict[str, Any] = {"kind": limit.kind, "metres": limit.metres, "minutes": limit.minutes}
    if limit.kind != "distance" or limit.minutes is None:
        return found | {"circle": [], "clauses": [], "other_clauses": []}
    level = _level(limit.minutes)
    circle = [
        rule
        for rule in book.rules.values()
        if rule.in_force and rule.level == level and rule.no_category == _CIRCLE and _reaches(rule, limit.metres)
    ]
    here = _level_rules(book, category, limit.minutes)
    clauses = [rule for rule in here if rule.service_radius_m in (None, limit.metres)]
    others = [rule for rule in here if rule not in clauses]
    clauses.sort(key=lambda rule: rule.service_radius_m is None)
    return found | {
        "circle": [_with_radius(one) for one in circle],
        "clauses": [_with_radius(one) for one in clauses],
        "other_clauses": [_with_radius(one) for one in others],
    }


def rules_by_category(book: Rulebook, categories: Sequence[str], limit: Limit) -> list[dict[str, Any]]:
    """Return :func:`limit_rules` of each category at one limit, with the ``category``."""
    return [{"category": category, **limit_rules(book, category, limit)} for category in categories]


def resting_on(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rules a limit rests on, of what :func:`limit_rules` found.

    The clauses whose radius it is, else those that set the distance of the living circle; then those that put the
    category on it without a radius.
    """
    setting = [one for one in rule["clauses"] if one["radius_m"] is not None]
    return [*(setting or rule["circle"]), *(one for one in rule["clauses"] if one["radius_m"] is None)]


LIMIT_COLUMNS: Final = (
    "limit_kind", "limit_m", "minutes", "rules", "rule_clauses", "rule_evidence", "rules_to_verify",
)  # fmt: skip


def limit_columns(rule: dict[str, Any]) -> dict[str, Any]:
    """Return what a row of a file says of the limit of its category: :data:`LIMIT_COLUMNS`.

    ``rules`` are id and version of each rule of :func:`resting_on`, ``rule_clauses`` its standard and clause,
    ``rule_evidence`` its evidence, each separated by ``; ``; None where no rule stands behind the limit.
    """
    rests = resting_on(rule)
    found = {
        "rules": [f"{one['id']} v{one['version']}" for one in rests],
        "rule_clauses": [f"{one['standard']} {one['clause']}" for one in rests],
        "rule_evidence": [one["evidence"] for one in rests],
        "rules_to_verify": [one["id"] for one in rests if one["to_verify"]],
    }
    limit = (rule["kind"], round(rule["metres"], 2), rule["minutes"])
    return dict(zip(LIMIT_COLUMNS, limit, strict=False)) | {key: "; ".join(all_) or None for key, all_ in found.items()}


def source_sentences(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return where the limit of the rules of :func:`rules_by_category` comes from: of one category all that is said."""
    if len(rules) == 1:
        return rule_sentences(rules[0])
    said = [one for rule in rules[:1] for one in rule_sentences({**rule, "clauses": [], "other_clauses": []})]
    return [one for one in said if one["key"] != "explain.rule_none"]


def rule_sentences(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is said of the rule of a limit: key, facts, and the sentence in every language."""
    if rule["kind"] == "time":
        return [sentence("explain.rule_time", minutes=rule["minutes"], metres=rule["metres"])]
    metres = rule["metres"]
    setting = [one for one in rule["clauses"] if one["radius_m"] is not None]
    said = [_cited(one, "explain.rule_radius", metres=metres) for one in setting]
    if not setting:
        said += [_cited(one, "explain.rule_circle", metres=metres) for one in rule["circle"]]
    said += [_cited(one, "explain.rule_clause") for one in rule["clauses"] if one["radius_m"] is None]
    if not setting and not rule["circle"]:
        said.append(sentence("explain.rule_own", metres=metres))
    said += [_cited(one, "explain.rule_other", radius=one["radius_m"], metres=metres) for one in rule["other_clauses"]]
    return said if rule["clauses"] or rule["other_clauses"] else [*said, sentence("explain.rule_none")]


def sentence(key: str, **facts: Any) -> dict[str, Any]:
    """Return a sentence of the catalogue in every language; facts that are labels by language are shown in it.

    Numbers named ``metres``, ``gained``, ``leg_m`` or ``minutes`` are shown in whole metres and tenths of minutes.
    """
    said: dict[str, Any] = {}
    for lang in LANGS:
        shown = {name: value[lang] if isinstance(value, dict) else value for name, value in facts.items()}
        for name, digits in (("metres", 0), ("gained", 0), ("radius", 0), ("limit", 0), ("leg_m", 0), ("minutes", 1)):
            if isinstance(shown.get(name), float):
                shown[name] = f"{shown[name]:.{digits}f}".removesuffix(".0")
        said[lang] = text(key, lang, **shown)
    return {"key": key, "facts": facts, **said}


def labels(key: str) -> dict[str, str]:
    """Return a text of the catalogue by language."""
    return {lang: text(key, lang) for lang in LANGS}


def _cited(rule: dict[str, Any], key: str, **facts: Any) -> dict[str, Any]:
    mark = {lang: text("explain.to_verify", lang) if rule["to_verify"] else "" for lang in LANGS}
    named = {"standard": rule["standard"], "clause": rule["clause"], "name": rule["name"], "mark": mark}
    return sentence(key, rule=rule["id"], **named, **facts)


def _level(minutes: float) -> str:
    return f"{minutes:g}min"


def _level_rules(book: Rulebook, category: str, minutes: float) -> list[Rule]:
    level = _level(minutes)
    return [rule for rule in book.used(LIMIT_RULES_USE) if rule.level == level and category in (rule.categories or ())]


def _reaches(rule: Rule, metres: float) -> bool:
    """Whether a rule of a living circle states this distance: its radius, or an end of the range it gives."""
    if rule.service_radius_m is None:
        return False
    stated = rule.value.get("walk_distance_m", ()) if isinstance(rule.value, dict) else ()
    return metres in (rule.service_radius_m, *stated)


def _with_radius(rule: Rule) -> dict[str, Any]:
    return cited(rule) | {"radius_m": rule.service_radius_m}
