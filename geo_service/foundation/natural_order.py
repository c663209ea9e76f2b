"""The order people put names in: numbers in them count as numbers, also Chinese ones.

3栋 before 10栋, 第三网格 before 第十网格. The same in the browser: ``frontend/src/shared/natural-order.ts``.
"""

import re
import unicodedata
from typing import Final

NUMERAL: Final = "[一二三四五六七八九十]{1,3}"
_DIGITS: Final = "一二三四五六七八九"
_ORDINAL: Final = re.compile(rf"(?<=第){NUMERAL}|{NUMERAL}(?=[号栋幢座])")
_NUMBER: Final = re.compile(r"([0-9]+)")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what texts are sorted by; width of characters and upper or lower case count nowhere."""
    plain = _ORDINAL.sub(lambda one: arabic(one[0]), unicodedata.normalize("NFKC", text).lower())
    return tuple((0, int(part), "") if part[0].isdigit() else (1, 0, part) for part in _NUMBER.split(plain) if part)


def chinese_numeral(number: int) -> str | None:
    """Return a number from 1 to 99 in Chinese numerals, None for any other."""
    if not 1 <= number <= 99:
        return None
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
    return head + (_DIGITS[ones - 1] if ones else "")


def arabic(numeral: str) -> str:
    """Return a Chinese numeral from 1 to 99 in digits; a text that is none as it is."""
    head, ten, tail = numeral.partition("十")
    if not ten:
        return str(_DIGITS.index(numeral) + 1) if len(numeral) == 1 else numeral
    if len(head) > 1 or len(tail) > 1 or "十" in tail:
        return numeral
    tens = _DIGITS.index(head) + 1 if head else 1
    return str(tens * 10 + (_DIGITS.index(tail) + 1 if tail else 0))
