"""User-visible texts: keys with zh and en catalogues shared by server, command line and browser.

Catalogues are ``geo_service/locales/<lang>/<part>.json``: flat ``{"key": "sentence with {facts}"}``. Where a word goes
by a number, ``{count|row|rows}`` is the one for 1 and the one for any other; it holds none of ``. [ ! :``.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal, cast

Lang = Literal["zh", "en"]
LANGS: Final[tuple[Lang, ...]] = ("zh", "en")
DEFAULT_LANG: Final[Lang] = "zh"


@cache
def catalogue(lang: Lang) -> Mapping[str, str]:
    """Return all texts of ``lang`` by key, merged over the parts; a key in two parts is an error."""
    merged: dict[str, str] = {}
    folder = resources.files("geo_service") / "locales" / lang
    for part in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not part.name.endswith(".json"):
            continue
        entries = cast(dict[str, str], json.loads(part.read_text(encoding="utf-8")))
        doubled = merged.keys() & entries.keys()
        if doubled:
            raise ValueError(f"catalogue key in two parts: {sorted(doubled)} ({lang}/{part.name})")
        merged.update(entries)
    return merged


def text(key: str, lang: Lang = DEFAULT_LANG, /, **facts: object) -> str:
    """Return the text of ``key`` in ``lang`` with ``{facts}`` filled in.

    A missing key gives the key itself and a missing fact stays visible as ``{name}``:
    a wrong sentence must never become a crash. The test suite finds both.
    """
    template = catalogue(lang).get(key)
    if template is None:
        return key
    return template.format_map(_Facts(facts))


def listed(words: Iterable[str], lang: Lang, *, wider: bool = False) -> str:
    """Return words as a list in a sentence: 甲、乙 or ``a, b``; ``wider`` apart where they hold lists themselves."""
    between = {"zh": ("、", "；"), "en": (", ", "; ")}[lang]
    return between[wider].join(words)


def choose_lang(accept_language: str | None) -> Lang:
    """Return the first supported language of an ``Accept-Language`` header, zh without one.

    Entries are weighed by their ``q`` value; a malformed one counts as 0.
    """
    best: tuple[float, Lang] | None = None
    for entry in (accept_language or "").split(","):
        tag, _, parameters = entry.partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary not in LANGS:
            continue
        weight = 1.0
        name, _, value = parameters.strip().partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, primary)
    return best[1] if best else DEFAULT_LANG


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        name, _, forms = key.partition("|")
        one, _, many = forms.partition("|")
        if not many or name not in self:
            return "{" + key + "}"
        return one if str(self[name]) == "1" else many
