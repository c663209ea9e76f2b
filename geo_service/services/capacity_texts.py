"""A capacity result in words: first who have enough, named by their ages, beside what is needed."""

from collections.abc import Mapping
from typing import Any

from geo_service.domain.capacity import CapacityRule
from geo_service.domain.reference import Limit, categories
from geo_service.foundation.texts import LANGS, Lang, text
from geo_service.services.checklist_texts import limit_said


def headline(rule: CapacityRule, limit: Limit, total: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentence about everybody, in both languages; ``total`` is their row, as it may be told."""
    return {lang: _headline(rule, limit, total, lang) for lang in LANGS}


def _headline(rule: CapacityRule, limit: Limit, total: Mapping[str, Any], lang: Lang) -> str:
    said = {"kind": limit.kind, "metres": limit.metres, "minutes": limit.minutes}
    facts = {
        "what": categories()[rule.category].label[lang],
        "who": text(f"concerned.{rule.category}", lang),
        "unit": text(f"capacity_unit.{rule.unit}", lang),
        "limit": limit_said(said, lang),
        "total": _number(total["people_total"]),
        "enough": _number(total["people_enough"]),
        "below": _number(total["people_below_needed"]),
        "beyond": _number(total["people_beyond_reach"]),
        "unknown": _number(total["people_unknown"]),
        "places": _number(total["places_per_1000"]),
    }
    if rule.needed_per_1000 is None:
        return text("capacity.headline.none_needed", lang, **facts)
    facts["needed"] = _number(rule.needed_per_1000)
    if total["enough_share"] is None:
        return text(f"capacity.headline.{'withheld' if total.get('withheld') else 'unknown'}", lang, **facts)
    return text("capacity.headline.enough", lang, share=f"{total['enough_share'] * 100:.0f} %", **facts)


def _number(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
