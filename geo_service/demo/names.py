"""Invented names, each recognisable as sample data; none is meant to be that of a real place or person."""

from typing import Final

_FIRST: Final = "松竹梅兰桂枫柳桐樟槐杉榆荷菊棠桃杏李梨橘"
_SECOND: Final = "风月云溪泉林园台桥亭"
_SURNAMES: Final = "甲乙丙丁戊己庚辛壬癸"
_TENS: Final = "零一二三四五六七八九"


def street_name(number: int, suffix: str) -> str:
    """Return the invented name of the street with this running number, such as 示例松风路."""
    pairs = len(_FIRST) * len(_SECOND)
    lap, place = divmod(number, pairs)
    word = _FIRST[place % len(_FIRST)] + _SECOND[(place * 7 + place // len(_FIRST)) % len(_SECOND)]
    return f"示例{word}{chinese(lap + 1) if lap else ''}{suffix}"


def quarter_name(number: int) -> str:
    """Return the invented name of a residential quarter."""
    pairs = len(_FIRST) * len(_SECOND)
    lap, place = divmod(number, pairs)
    word = _SECOND[place % len(_SECOND)] + _FIRST[(place * 3 + place // len(_SECOND)) % len(_FIRST)]
    return f"示例{word}{chinese(lap + 1) if lap else ''}苑"


def person_name(number: int) -> str:
    """Return a plainly synthetic person: a heavenly stem instead of a surname, and a number."""
    return f"{_SURNAMES[number % len(_SURNAMES)]}某{number:06d}(示例)"


def phone_number(number: int) -> str:
    """Return eleven digits that cannot be a subscriber's.

    They begin 0000: mainland mobile numbers begin 1, area codes 0 and then 1–9, and 00 is the
    international prefix, after which no country code begins with 0 (ITU-T E.164).
    """
    return f"0000{number:07d}"


def chinese(number: int) -> str:
    """Return a number from 0 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _TENS[ones]
    return ("" if tens == 1 else _TENS[tens]) + "十" + (_TENS[ones] if ones else "")
