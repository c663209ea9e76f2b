"""Selectors: which tagged objects a rule means. Data, used for facility categories and the OSM mapping.

A selector is ``{key: [value, …]}``; every named key must agree. ``null`` instead of a list means the key
must be absent, ``null`` inside a list allows absence besides the values, ``"*"`` allows any value.
A key that ends in ``~`` holds one regular expression that must be found in the tag, one that ends in
``!~`` holds one that must not be found; for ``name`` the tags ``name``, ``name:zh`` and ``name:en`` are
searched together.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

Selector = Mapping[str, Sequence[str | None] | None]
_NAME_KEYS: Final = ("name", "name:zh", "name:en")


def selector_matches(selector: Selector, tags: Mapping[str, str]) -> bool:
    """Whether an object with ``tags`` is meant by ``selector``."""
    return all(_agrees(key, values, tags) for key, values in selector.items())


def exact_keys(selectors: Sequence[Selector]) -> frozenset[str]:
    """Return the keys of which an object must carry at least one to be meant by any of ``selectors``."""
    return frozenset(
        key
        for selector in selectors
        for key, values in selector.items()
        if values is not None and None not in values and not key.endswith("~")
    )


def _agrees(key: str, values: Sequence[str | None] | None, tags: Mapping[str, str]) -> bool:
    if key.endswith("~"):
        negated = key.endswith("!~")
        bare = key.removesuffix("~").removesuffix("!")
        texts = _NAME_KEYS if bare == "name" else (bare,)
        pattern = _pattern(str((values or ("",))[0]))
        return any(pattern.search(tags.get(name) or "") for name in texts) != negated
    value = tags.get(key)
    if value is None:
        return values is None or None in values
    return values is not None and (value in values or "*" in values)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
