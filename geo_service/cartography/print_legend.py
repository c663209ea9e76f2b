"""The legend of a printed map as one SVG of a size known before the page is set."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from geo_service.cartography.palette import INK
from geo_service.cartography.print_map import FONTS, sample, width_mm
from geo_service.cartography.symbols import Symbol

ROW_MM: Final = 4.7
_TEXT_MM: Final = 2.55


@dataclass(frozen=True)
class LegendEntry:
    """A line of the legend; without a symbol the name of a layer."""

    label: str
    symbol: Symbol | None = None
    geometry: str | None = None


def legend_svg(entries: Sequence[LegendEntry], columns: int, wide_mm: float, high_mm: float, lang: str) -> str:
    """Return the legend as SVG of this width in at most ``columns`` columns, as high as it needs to be.

    Drawn smaller where it would be higher than ``high_mm``.
    """
    made = _in_columns(entries, columns)
    needed = ROW_MM * max(map(len, made), default=0) + 1.0
    smaller = min(1.0, high_mm / needed)
    high_mm = min(high_mm, needed)
    step = wide_mm / smaller / max(columns, 1)
    parts = []
    for place, column in enumerate(made):
        for number, one in enumerate(column):
            x, y = place * step, number * ROW_MM
            if one.symbol is None:
                parts.append(_words(one.label, x, y, ' font-weight="bold"'))
                continue
            drawn = sample(one.symbol, one.geometry, lang, f"l{place}-{number}")
            parts.append(f'<g transform="translate({x:.2f} {y + 0.3:.2f})">{drawn}</g>')
            parts.append(_words(_cut(one.label, step - 8.7), x + 8.2, y))
    box = f"0 0 {wide_mm / smaller:.2f} {high_mm / smaller:.2f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide_mm:g}mm" height="{high_mm:g}mm" viewBox="{box}" '
        f'font-family="{FONTS}">{"".join(parts)}</svg>'
    )


def _in_columns(entries: Sequence[LegendEntry], columns: int) -> list[list[LegendEntry]]:
    """Return the legend in at most ``columns`` columns; the name of a layer never ends one."""
    tall = -(-len(entries) // columns)
    while len(made := _filled(entries, tall)) > columns:
        tall += 1
    return made


def _filled(entries: Sequence[LegendEntry], tall: int) -> list[list[LegendEntry]]:
    made: list[list[LegendEntry]] = [[]]
    for one in entries:
        is_heading = one.symbol is None
        if len(made[-1]) >= tall - is_heading:
            made.append([])
        made[-1].append(one)
    return made


def _cut(words: str, room_mm: float) -> str:
    """Return words that fit a column, cut with an ellipsis."""
    if width_mm(words, _TEXT_MM) <= room_mm:
        return words
    kept = words
    while kept and width_mm(kept + "…", _TEXT_MM) > room_mm:
        kept = kept[:-1]
    return kept + "…"


def _words(words: str, x: float, y: float, more: str = "") -> str:
    baseline = y + 2.3 + _TEXT_MM * 0.36
    return f'<text x="{x:.2f}" y="{baseline:.2f}" font-size="{_TEXT_MM:g}" fill="{INK}"{more}>{escape(words)}</text>'
