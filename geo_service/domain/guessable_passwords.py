"""Passwords many people choose: made from rules of our own, not taken from any leaked list.

What it is: the habits that are known of common passwords, in English and in Chinese (pinyin, lucky numbers,
birthdays, telephone numbers, walks over the keyboard), written down as rules and unrolled to a list. What it is not:
a list of leaked passwords; a password that leaked elsewhere but follows no habit is not found.
"""

import re
from functools import cache
from itertools import pairwise, product
from typing import Final

SHORTEST: Final = 10
_WORDS: Final = """
password passwd passw0rd welcome letmein iloveyou admin administrator root user guest master login secret changeme
default test testing qwerty dragon monkey sunshine princess football baseball superman batman shadow michael
computer internet security system server database manager service china chinese hello freedom summer winter spring
autumn monday january happy lucky money diamond flower angel
mima woaini woaiwo aini wangluo diannao guanli guanliyuan shequ wangge wanggeyuan jiedao zhengfu bangong
bangongshi gongzuo laoshi tongzhi zhongguo zhonghua beijing shanghai guangzhou shenzhen tianjin chongqing xian wuhan
nanjing hangzhou chengdu nihao baobao baobei laopo laogong mama baba xiaoming zhangsan lisi wangwu zhang wang
liu chen yang huang zhao zhou kaixin kuaile facai fagui gongxi xingfu jiankang pingan jiayou qinaide meili
yuhang ditu geoservice geo gis huanjing gongtong digong
qwertyuiop asdfghjkl zxcvbnm qwer qwert asdf asdfg zxcv zxcvb qazwsx qazwsxedc wsxedc qweasd qweasdzxc asdqwe
abc abcd abcde abcdef abcdefg aaa aaaa qqq www zzz xyz
""".split()
_TAILS: Final = """
1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 321 4321 54321 654321 987654321
0 00 000 0000 1111 11111 111111 222222 333333 5555 666 6666 666666 88 888 8888 888888 88888888 99 999 9999 999999
520 521 1314 5201314 520520 521521 13145200 1314520 7758521 7758258 168 1688 518 5188 66 668 886 110 112233 123123
123321 147258 147258369 159357 159753 110110 119119 a aa abc abcd qwe qwer
""".split()
_JOINTS: Final = ("", "@", "!", "#", "_", "-", ".")
_ENDS: Final = ("", "!", "!!", "!!!", "@", "#", "*", ".", "?")
_WALKS: Final = (
    "1234567890",
    "0987654321",
    "qwertyuiop",
    "poiuytrewq",
    "asdfghjkl",
    "lkjhgfdsa",
    "zxcvbnm",
    "mnbvcxz",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1s2d3f4g5h6j7k8l9",
    "a1b2c3d4e5f6g7h8i9",
    "1a2b3c4d5e6f7g8h9i",
    "147258369",
    "963852741",
    "159357258456",
    "zaq12wsxcde34rfvbgt56yhn",
)
_SOUNDS: Final = str.maketrans(
    {"@": "a", "4": "a", "3": "e", "1": "l", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}
)
_DIGITS_ONLY: Final = re.compile(r"[\d\s.+/-]+")


@cache
def common_passwords() -> frozenset[str]:
    """Return the list: lower-case, each at least :data:`SHORTEST` characters."""
    years = [str(year) for year in range(1960, 2036)]
    made = {f"{word}{joint}{tail}" for word, joint, tail in product(_WORDS, ("", "@"), [*_TAILS, *years])}
    made |= {first + second for first, second in product(_WORDS, _WORDS) if first != second and len(second) <= 6}
    made |= {word * times for word, times in product(_WORDS, (2, 3, 4))}
    made |= {walk[:size] for walk in _WALKS for size in range(SHORTEST, len(walk) + 1)}
    made |= {first + second for first, second in product(_WALKS, _WALKS) if len(first + second) <= 20}
    return frozenset(entry for entry in made if len(entry) >= SHORTEST)


def is_common(password: str) -> bool:
    """Whether a password follows a common habit: on the list as it is or dressed up, or hardly anything but digits.

    Dressed up means: capitals, ``@`` for ``a`` and the like, a number and marks at the end, a mark in the middle.
    """
    plain = password.casefold()
    if len(set(plain)) < 5 or _is_repeated(plain) or _is_counted(plain):
        return True
    if _DIGITS_ONLY.fullmatch(plain) and len(re.sub(r"\D", "", plain)) < 20:
        return True  # birthdays, telephone, QQ and identity numbers
    return any(form in common_passwords() or _is_word_and_number(form) for form in _undressed(plain))


def _undressed(plain: str) -> set[str]:
    bare = plain.rstrip("".join(_ENDS) + " ").lstrip("".join(_ENDS) + " ")
    joined = re.sub(r"[\W_]+", "", bare)
    forms = {plain, bare, joined}
    return forms | {_spelled(form) for form in forms}


def _spelled(form: str) -> str:
    """Return a form with letters for the marks that stand for them; the number at its end stays."""
    head = form.rstrip("0123456789")
    return head.translate(_SOUNDS) + form[len(head) :]


def _is_word_and_number(form: str) -> bool:
    """Whether a form is one common word with a number before or after it (a date, a telephone number)."""
    word = form.strip("0123456789")
    digits = len(form) - len(word)
    return word in _known_words() and 0 < digits <= 12


@cache
def _known_words() -> frozenset[str]:
    return frozenset(_WORDS)


def _is_repeated(plain: str) -> bool:
    """Whether a text is one short piece again and again."""
    return any(
        plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, len(plain) // 2 + 1) if size <= 5
    )


def _is_counted(plain: str) -> bool:
    """Whether every character follows the one before it by the same step."""
    steps = {ord(right) - ord(left) for left, right in pairwise(plain)}
    return len(steps) == 1 and abs(steps.pop()) <= 2
