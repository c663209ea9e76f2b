"""A schematic in place of a map: rings of walking distance around home, a sign for each kind of facility on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import cos, pi, sin
from typing import Final

from geo_service.cartography.palette import INK, PAPER
from geo_service.cartography.print_map import FONTS, mark
from geo_service.cartography.symbols import Symbol

_OUTER_SHARE: Final = 0.36  # radius of the largest ring against the width
_BEYOND: Final = 1.12  # where what is farther than the largest ring stands
_TINTS: Final = ("#c6dbef", "#deebf7", "#f3f8fd")


@dataclass(frozen=True)
class OnRing:
    """A sign: what it is, how far away on foot, in metres."""

    symbol: Symbol
    label: str
    metres: float


def ring_svg(signs: Sequence[OnRing], rings_m: Sequence[float], width_mm: float, *, home: str, lang: str) -> str:
    """Return the schematic as a square SVG; signs go round in the order given, directions mean nothing.

    ``rings_m`` are the radii in metres, smallest first; what is farther stands outside the largest ring.
    """
    middle, outer = width_mm / 2, width_mm * _OUTER_SHARE
    scale = outer / rings_m[-1]
    size = width_mm / 70.0
    parts = []
    for number, metres in reversed(list(enumerate(rings_m))):
        radius = metres * scale
        parts.append(
            f'<circle cx="{middle:.2f}" cy="{middle:.2f}" r="{radius:.2f}" fill="{_TINTS[number % len(_TINTS)]}" '
            f'stroke="#0072b2" stroke-width="0.3" stroke-dasharray="1.5 1"/>'
        )
        parts.append(_words(f"{metres:g} m", middle, middle + radius - 0.6 * size, 1.5 * size, "#00466e"))
    for number, one in enumerate(signs):
        angle = -pi / 2 + 2 * pi * (number + 0.5) / len(signs)
        radius = min(one.metres, rings_m[-1] * _BEYOND) * scale
        x, y = middle + cos(angle) * radius, middle + sin(angle) * radius
        parts.append(mark(one.symbol, x, y, lang, size))
        above = number % 2 == 1  # neighbours' names by turns over and under their signs
        parts.append(_words(one.label, x, y + (-2.0 if above else 3.4) * size, 1.9 * size, INK))
    parts.append(f'<circle cx="{middle:.2f}" cy="{middle:.2f}" r="{2.9 * size:.2f}" fill="#0072b2"/>')
    parts.append(_words(home, middle, middle + 0.7 * size, 1.8 * size, "#fff", halo=False))
    page = f'width="{width_mm:g}mm" height="{width_mm:g}mm" viewBox="0 0 {width_mm:g} {width_mm:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {page} font-family="{FONTS}">'
        f'<rect width="{width_mm:g}" height="{width_mm:g}" fill="{PAPER}"/>{"".join(parts)}</svg>'
    )


def _words(words: str, x: float, y: float, size_mm: float, colour: str, *, halo: bool = True) -> str:
    place = f'x="{x:.2f}" y="{y:.2f}" font-size="{size_mm:g}" text-anchor="middle"'
    text = escape(words)
    under = f'<text {place} fill="#fff" stroke="#fff" stroke-width="0.6">{text}</text>' if halo else ""
    return f'{under}<text {place} fill="{colour}">{text}</text>'
