"""Words one looks for a place by, and how well a row answers them.

Numbers of buildings are one number however they are said: 3号, 3号楼, 3栋, 3幢, ３号, 第3栋, 三栋. Blanks and the width
of characters count nowhere.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from geo_service.foundation.natural_order import NUMERAL, arabic, chinese_numeral

# ranks, the best first
CODE, SAME, SAME_SAID, CONTAINS, WORDS, PLACE_ALONE = range(6)

_MARK: Final = "号楼|号栋|号|栋|幢|座|#楼|#"
_NUMBER: Final = re.compile(rf"第?(?:0*(?P<digits>\d{{1,5}})|(?P<letter>(?<![a-z])[a-z]))(?:{_MARK})")
_CHINESE_NUMBER: Final = re.compile(rf"{NUMERAL}(?={_MARK})")
_ENTRANCE_AND_ROOM: Final = re.compile(r"(?<=[号楼栋幢座#])(?:[0-9a-z一二三四五六七八九十]{1,3}单元.*|\d{3,4}[室房]?)$")
_PLACE_AND_NUMBER: Final = re.compile(r"^(?P<place>.*[^\d.,_第-])第?0*(?P<number>\d{1,5}|[a-z](?=#))(?P<mark>#?)$")
_BARE: Final = re.compile(r"[a-z\d]{1,5}#?")
_FULL_WIDTH: Final = str.maketrans("(),", "（），")  # as texts are often stored


@dataclass(frozen=True)
class SearchWords:
    """What was asked for.

    Attributes
    ----------
    typed
        As it is compared: half width, small letters, no blanks.
    canonical
        The same with every number of a building as ``3#``.
    parts
        The words between blanks, as ``typed``.
    place, number, is_said
        Name of a place and a number in it, None where there is none; whether the number is said to be that of a
        building (3号) or stands alone (3).
    """

    typed: str
    canonical: str
    parts: tuple[str, ...]
    place: str | None
    number: str | None
    is_said: bool

    def needles(self, *, alone: bool = False) -> tuple[tuple[str, ...], ...]:
        """Return what a text must contain to be worth a look: any of these, each with all of its words.

        ``alone``: the place without its number is worth one, too.
        """
        found = [(self.typed,), (self.typed.translate(_FULL_WIDTH),), self.parts]
        if self.place is not None and self.number is not None:
            found.append((self.place, self.number))
            if self.number.isdigit() and (numeral := chinese_numeral(int(self.number))):
                found.append((self.place, numeral))
            if alone:
                found.append((self.place,))
        return tuple(dict.fromkeys(found))


def search_words(words: str) -> SearchWords:
    """Return what was asked for in ``words``; entrance and room after the number of a building are left out."""
    parts = tuple(compared(part) for part in unicodedata.normalize("NFKC", words).split())
    typed = "".join(parts)
    canonical = said_alike(_ENTRANCE_AND_ROOM.sub("", typed))
    found = _PLACE_AND_NUMBER.match(canonical)
    if found is None or (found["place"].isascii() and not found["mark"]):  # a code ends in digits, too
        return SearchWords(typed, canonical, parts, None, None, False)
    return SearchWords(typed, canonical, parts, found["place"], found["number"], bool(found["mark"]))


def compared(text: str) -> str:
    """Return a text as it is compared: half width, small letters, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def said_alike(text: str) -> str:
    """Return a compared text with every number of a building as ``3#``."""
    digits = _CHINESE_NUMBER.sub(lambda found: arabic(found[0]), text)
    return _NUMBER.sub(lambda found: f"{found['digits'] or found['letter']}#", digits)


def is_bare_number(name: str) -> bool:
    """Whether a name is only the number of a building (3栋), which says nothing without that of its quarter."""
    return _BARE.fullmatch(said_alike(compared(name))) is not None


def rank_of(wanted: SearchWords, code: str, texts: Iterable[str], *, alone: bool = False) -> int | None:
    """Return how well a row with these texts answers, 0 (``CODE``) the best; None if it does not.

    ``alone``: it may also be only the place that a number was asked in.
    """
    if compared(code) == wanted.typed:
        return CODE
    plain = [compared(one) for one in (code, *texts)]
    ranks = [rank for one in plain if (rank := _rank(wanted, one)) is not None]
    if not ranks and alone and wanted.place is not None and any(wanted.place in one for one in plain):
        return PLACE_ALONE
    return min(ranks, default=None)


def _rank(wanted: SearchWords, text: str) -> int | None:
    alike = said_alike(text)
    sought = wanted.canonical if wanted.is_said or wanted.number is None else f"{wanted.canonical}#"
    if text == wanted.typed:
        return SAME
    if alike in (wanted.canonical, sought):
        return SAME_SAID
    if wanted.place is not None:
        if sought in alike:
            return CONTAINS
        goes_on = not wanted.is_said and wanted.typed in text  # 30 where 3 was typed so far
        if goes_on or _holds_number(wanted, alike):
            return WORDS
    if wanted.typed in text:
        return CONTAINS
    return WORDS if len(wanted.parts) > 1 and wanted.number is None and all(p in text for p in wanted.parts) else None


def _holds_number(wanted: SearchWords, alike: str) -> bool:
    """Whether the place stands in a text and the number of a building after it."""
    _, place, after = alike.partition(str(wanted.place))
    return bool(place) and re.search(rf"(?<![\da-z]){re.escape(str(wanted.number))}#", after) is not None
