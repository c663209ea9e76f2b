"""The rules a limit stands on: which clause sets the circle's distance, which put a category on that circle."""

from typing import Any, Final

from geo_service.domain.reference import Limit
from geo_service.foundation.texts import LANGS, text
from geo_service.services.rules import Rulebook, cited

_USE: Final = "level"  # rules that put a category on a level
_CIRCLE: Final = "circle"  # rules that say how far a level reaches speak of no category for this reason


def limit_rules(book: Rulebook, category: str, limit: Limit) -> dict[str, Any]:
    """Return the rule of a category at a limit, as explanations name it.

    ``kind`` (``distance`` or ``time``), ``metres``, ``minutes``; ``circle``: the rules that set the distance of the
    living circle; ``clauses``: those that put the category on it; both as :func:`geo_service.services.rules.cited`
    gives them, none for a walking time, which no standard states.
    """
    found: dict[str, Any] = {"kind": limit.kind, "metres": limit.metres, "minutes": limit.minutes}
    if limit.kind != "distance" or limit.minutes is None:
        return found | {"circle": [], "clauses": []}
    level = f"{limit.minutes:g}min"
    known = [rule for rule in book.rules.values() if rule.in_force and rule.level == level]
    circle = [rule for rule in known if rule.no_category == _CIRCLE and rule.service_radius_m is not None]
    clauses = [rule for rule in known if rule.use == _USE and category in (rule.categories or ())]
    return found | {"circle": [cited(one) for one in circle], "clauses": [cited(one) for one in clauses]}


def rule_sentences(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is said of the rule of a limit: key, facts, and the sentence in every language."""
    if rule["kind"] == "time":
        return [sentence("explain.rule_time", minutes=rule["minutes"], metres=rule["metres"])]
    said = [_cited(one, "explain.rule_circle", metres=rule["metres"]) for one in rule["circle"]]
    said += [_cited(one, "explain.rule_clause") for one in rule["clauses"]]
    return said if rule["clauses"] else [*said, sentence("explain.rule_none")]


def sentence(key: str, **facts: Any) -> dict[str, Any]:
    """Return a sentence of the catalogue in every language; facts that are labels by language are shown in it.

    Numbers named ``metres``, ``leg_m`` or ``minutes`` are shown in whole metres and tenths of minutes.
    """
    said: dict[str, Any] = {}
    for lang in LANGS:
        shown = {name: value[lang] if isinstance(value, dict) else value for name, value in facts.items()}
        for name, digits in (("metres", 0), ("limit", 0), ("leg_m", 0), ("minutes", 1)):
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
