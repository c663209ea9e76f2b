"""A schematic in place of a map: rings of walking distance around home, a sign for each kind of facility on them.

Signs bear no words, which would cover rings and each other: what they are stands in the list beside the chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import cos, hypot, pi, sin
from typing import Final

from geo_service.cartography.palette import INK, PAPER
from geo_service.cartography.print_map import FONTS, mark
from geo_service.cartography.symbols import Symbol

_OUTER_SHARE: Final = 0.34  # radius of the largest ring against the width
_BEYOND: Final = (1.13, 1.37)  # where what is farther stands against the largest ring: the nearest, the farthest
_TINTS: Final = ("#c6dbef", "#deebf7", "#f3f8fd")
_BESIDE_HOME: Final = 5.0  # how near to the middle a sign stands at most, so that it can be seen
_TURNS: Final = 180  # directions tried for each sign
_SPOKE: Final = 0.42  # radians beside the way straight down, which is left to the words of the rings


@dataclass(frozen=True)
class OnRing:
    """A sign: what it is, how far away on foot, in metres."""

    symbol: Symbol
    metres: float


def ring_svg(
    signs: Sequence[OnRing], rings_m: Sequence[float], width_mm: float, *, home: str, beyond: str, lang: str
) -> str:
    """Return the schematic as a square SVG; directions mean nothing.

    Parameters
    ----------
    signs
        In any order; each stands as far from home as it is, apart from the others as far as there is room.
    rings_m
        Radii in metres, smallest first. What is farther than the largest stands in a band around it, in the order of
        its distance.
    width_mm
        Of the square.
    home, beyond
        The word in the middle, the word on the band.
    lang
        Language of the characters in signs.
    """
    middle, outer = width_mm / 2, width_mm * _OUTER_SHARE
    scale = outer / rings_m[-1]
    size = width_mm / 70.0
    parts, words = [], []
    for number, metres in reversed(list(enumerate(rings_m))):
        radius = metres * scale
        parts.append(
            f'<circle cx="{middle:.2f}" cy="{middle:.2f}" r="{radius:.2f}" fill="{_TINTS[number % len(_TINTS)]}" '
            f'stroke="#0072b2" stroke-width="0.3" stroke-dasharray="1.5 1"/>'
        )
        words.append(_words(f"{metres:g} m", middle, middle + radius - 0.6 * size, 1.7 * size, "#00466e"))
    farthest = max((one.metres for one in signs), default=0.0)
    if farthest > rings_m[-1]:
        words.append(_words(beyond, middle, middle + outer * _BEYOND[0] + 1.2 * size, 1.7 * size, "#00466e"))
    taken: list[tuple[float, float]] = []
    for one in sorted(signs, key=lambda one: (one.metres, str(one.symbol.glyph))):
        radius = max(_radius(one.metres, rings_m[-1], farthest) * outer, _BESIDE_HOME * size)
        x, y = _freest(radius, taken)
        taken.append((x, y))
        parts.append(mark(one.symbol, middle + x, middle + y, lang, size))
    parts += words
    parts.append(f'<circle cx="{middle:.2f}" cy="{middle:.2f}" r="{2.9 * size:.2f}" fill="#0072b2"/>')
    parts.append(_words(home, middle, middle + 0.7 * size, 1.8 * size, "#fff", halo=False))
    page = f'width="{width_mm:g}mm" height="{width_mm:g}mm" viewBox="0 0 {width_mm:g} {width_mm:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {page} font-family="{FONTS}">'
        f'<rect width="{width_mm:g}" height="{width_mm:g}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def _radius(metres: float, last_m: float, farthest_m: float) -> float:
    """Return where something stands against the largest ring."""
    if metres <= last_m:
        return metres / last_m
    first, last = _BEYOND
    return first + (last - first) * (metres - last_m) / (farthest_m - last_m)


def _freest(radius: float, taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the place at this radius that is farthest from those taken, none of them straight down."""
    turns = [-pi / 2 + 2 * pi * step / _TURNS for step in range(_TURNS)]
    places = [(cos(turn) * radius, sin(turn) * radius) for turn in turns if abs(turn - pi / 2) > _SPOKE]
    return max(places, key=lambda at: min((round(hypot(at[0] - x, at[1] - y), 6) for x, y in taken), default=0.0))


def _words(words: str, x: float, y: float, size_mm: float, colour: str = INK, *, halo: bool = True) -> str:
    place = f'x="{x:.2f}" y="{y:.2f}" font-size="{size_mm:g}" text-anchor="middle"'
    text = escape(words)
    under = f'<text {place} fill="#fff" stroke="#fff" stroke-width="0.6">{text}</text>' if halo else ""
    return f'{under}<text {place} fill="{colour}">{text}</text>'
