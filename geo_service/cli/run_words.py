"""What is shown of a run in the list of runs, in words: its kind, and what was asked."""

from collections.abc import Mapping
from typing import Any, Final

from geo_service.cli.console import lang, say
from geo_service.domain.reference import BY_AGE, categories, profile_label, profiles
from geo_service.foundation.texts import catalogue, listed

_NAMED: Final = 3  # so many categories are named, more are counted
_LEFT_OUT: Final = ("link_m", "gap_share", "seconds", "costs", "spaces", "by_requested")  # how, not what


def kind_words(kind: str) -> str:
    """Return what a kind of run is called."""
    return _named("run_kind", kind)


def asked_words(parameters: Mapping[str, Any]) -> str:
    """Return what was asked of a run; what was not asked or is empty is left out."""
    parts = []
    for key, value in parameters.items():
        if value in (None, False, "", [], {}) or key in _LEFT_OUT:
            continue
        name = _named("run_asked", key)
        parts.append(name if value is True else say("cli.run_asked", name=name, value=_value(key, value)))
    return listed(parts, lang(), wider=True)


def _value(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return listed((f"{one}={_plain(own)}" for one, own in value.items()), lang())
    if isinstance(value, list):
        is_short = len(value) <= _NAMED and not any(isinstance(one, Mapping | list) for one in value)
        return listed((_one(key, one) for one in value), lang()) if is_short else say("cli.run_count", count=len(value))
    return _one(key, value)


def _one(key: str, value: Any) -> str:
    code = str(value)
    if key in ("category", "categories") and code in categories():
        return categories()[code].label[lang()]
    if key == "profile" and code in (BY_AGE, *profiles()):  # one the office has taken away since has its code alone
        return profile_label(code)[lang()]
    if key == "by":
        return _named("level", code)
    return _named("run_value", code) if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _named(group: str, code: str) -> str:
    """Return what a code is called in the catalogue, else the code."""
    return catalogue(lang()).get(f"{group}.{code}", code)
