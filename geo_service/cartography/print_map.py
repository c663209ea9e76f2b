"""A map for paper as SVG: shapes in the styles of the browser, names, north arrow and scale bar.

All shapes of one symbol are one path, so that a page of thousands of buildings stays small and quick to set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.cartography.palette import INK, PAPER
from geo_service.cartography.point_shapes import ink_on, outline
from geo_service.cartography.print_frame import PrintFrame
from geo_service.cartography.symbols import Symbol

PX_MM: Final = 0.2  # a pixel of the screen styles on paper
_BEYOND_MM: Final = 4.0  # drawn beyond the edge, so that cut outlines are not seen
_SIMPLER_MM: Final = 0.04
_AREAS: Final = (3, 6)  # shapely's type numbers: polygon, multipolygon
_POINTS: Final = (0, 4)
_NAME_MM: Final = 2.6
_LETTER_SHARE: Final = {True: 1.0, False: 0.56}  # width of a letter against its height: wide (Chinese) or not
FONTS: Final = (
    "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
)


@dataclass(frozen=True)
class Drawn:
    """Shapes of one symbol, in metres of the map's frame, and the words of the legend; names may cover marks or not."""

    symbol: Symbol
    shapes: npt.NDArray[np.object_]
    label: str
    may_be_covered: bool = True


@dataclass(frozen=True)
class Name:
    """A name on the map: its place in metres, how it is set, and how much it matters (larger first)."""

    text: str
    x_m: float
    y_m: float
    size_mm: float = _NAME_MM
    colour: str = INK
    weight: float = 0.0
    turn_deg: float = 0.0


def map_svg(frame: PrintFrame, drawn: Sequence[Drawn], names: Sequence[Name], *, north: str, lang: str) -> str:
    """Return the map as an SVG text of the frame's size.

    Parameters
    ----------
    frame
        Where the map lies.
    drawn
        What is drawn, the lowest first; shapes in metres, of any kind, empty ones and None are left out.
    names
        Names; one that would cover another of more weight is left out.
    north
        The letter over the north arrow.
    lang
        Language of the characters in point symbols.
    """
    clip = shapely.box(*frame.bounds_m(_BEYOND_MM))
    parts: list[str] = []
    marks: list[str] = []
    kept: list[Any] = []
    for number, one in enumerate(drawn):
        shapes = np.asarray(one.shapes, dtype=object)
        shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
        shapes = shapes[shapely.intersects(shapes, clip)]
        if not len(shapes):
            continue
        kinds = shapely.get_type_id(shapes)
        flat = shapes[~np.isin(kinds, _POINTS)]
        if len(flat):
            parts.extend(_flat(frame, flat, one.symbol, number))
        points = frame.on_paper(shapely.get_parts(shapes[np.isin(kinds, _POINTS)]))
        marks.extend(mark(one.symbol, float(at.x), float(at.y), lang) for at in points)
        if not one.may_be_covered:
            kept.extend(shapely.buffer(points, one.symbol.radius_px * PX_MM))
    width, height = frame.width_mm, frame.height_mm
    inside = f'<clipPath id="map-clip"><rect width="{width:g}" height="{height:g}"/></clipPath>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="{FONTS}"><defs>{inside}</defs>'
        f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/><g clip-path="url(#map-clip)">'
        f"{''.join(parts)}{''.join(marks)}{''.join(_names(frame, names, kept))}{_arrow(frame, north)}{_bar(frame)}</g>"
        f'<rect width="{width:g}" height="{height:g}" fill="none" stroke="{INK}" stroke-width="0.35"/></svg>'
    )


def mark(symbol: Symbol, x: float, y: float, lang: str, larger: float = 1.15) -> str:
    """Return a point symbol at a place in millimetres, ``larger`` than the screen's by this factor."""
    radius = symbol.radius_px * PX_MM * larger
    glyph = dict(symbol.glyph).get(lang, "")
    text = ""
    if glyph:
        size = radius * (1.25 if len(glyph) == 1 else 1.0)
        text = (
            f'<text y="{size * 0.36:.2f}" font-size="{size:.2f}" text-anchor="middle" '
            f'fill="{ink_on(symbol.fill)}" stroke="none">{escape(glyph)}</text>'
        )
    return (
        f'<g transform="translate({x:.2f} {y:.2f})" fill="{symbol.fill or "none"}" '
        f'fill-opacity="{max(symbol.fill_opacity, 0.85):g}" stroke="{symbol.stroke or "none"}" '
        f'stroke-width="{0.15:g}"><path d="{outline(symbol.shape, radius)}"/>{text}</g>'
    )


def width_mm(words: str, size_mm: float) -> float:
    """Return about how wide words are set in letters of this size."""
    return sum(_LETTER_SHARE[ord(letter) > 0x2E7F] for letter in words) * size_mm


def sample(symbol: Symbol, geometry: str | None, lang: str, ident: str) -> str:
    """Return a legend's sample of a symbol, 7 mm wide and 4 mm high; ``geometry`` is that of its layer.

    ``ident`` keeps the patterns of one page apart.
    """
    kind = geometry or ""
    if "Point" in kind:
        return mark(symbol, 3.5, 2.0, lang)
    if "Line" in kind:
        return f'<path d="M0.3 2L6.7 2" fill="none"{_stroke(symbol)}/>'
    return "".join(_drawn_area(np.array([shapely.box(0.3, 0.3, 6.7, 3.7)]), symbol, ident))


def _flat(frame: PrintFrame, shapes: npt.NDArray[np.object_], symbol: Symbol, number: int) -> Iterator[str]:
    """Yield lines and areas of one symbol, cut at the edge of the paper."""
    cut = shapely.clip_by_rect(shapes, *frame.bounds_m(_BEYOND_MM))
    on_paper = shapely.simplify(frame.on_paper(cut), _SIMPLER_MM, preserve_topology=False)
    parts = shapely.get_parts(shapely.get_parts(on_paper))  # of collections, then of multi-parts
    parts = parts[~shapely.is_empty(parts)]
    is_area = np.isin(shapely.get_type_id(parts), _AREAS)
    if is_area.any():
        yield from _drawn_area(parts[is_area], symbol, f"m{number}")
    lines = parts[shapely.get_type_id(parts) == 1]
    if len(lines):
        yield f'<path d="{_path(lines, close=False)}" fill="none"{_stroke(symbol)} stroke-linejoin="round"/>'


def _drawn_area(polygons: npt.NDArray[np.object_], symbol: Symbol, ident: str) -> Iterator[str]:
    data = _path(shapely.get_rings(polygons), close=True)
    fill = f'fill="{symbol.fill}" fill-opacity="{symbol.fill_opacity:g}"' if symbol.fill else 'fill="none"'
    yield f'<path d="{data}" fill-rule="evenodd" {fill}{_stroke(symbol)} stroke-linejoin="round"/>'
    if symbol.pattern != "none":
        yield _pattern(symbol, ident)
        yield f'<path d="{data}" fill-rule="evenodd" fill="url(#{ident})"/>'


def _path(lines: npt.NDArray[np.object_], *, close: bool) -> str:
    """Return lines or rings in millimetres as the data of one SVG path."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    ends = np.append(starts[1:], len(xy))
    words = [f"{x:.2f} {y:.2f}" for x, y in xy.tolist()]
    tail = "Z" if close else ""
    return "".join(f"M{'L'.join(words[a : b - 1 if close else b])}{tail}" for a, b in zip(starts, ends, strict=True))


def _stroke(symbol: Symbol) -> str:
    if symbol.stroke is None:
        return ' stroke="none"'
    dash = f' stroke-dasharray="{" ".join(f"{length * PX_MM:g}" for length in symbol.dash)}"' if symbol.dash else ""
    return f' stroke="{symbol.stroke}" stroke-width="{max(symbol.width_px * PX_MM, 0.1):g}"{dash}'


def _pattern(symbol: Symbol, ident: str) -> str:
    colour = symbol.stroke or INK
    strokes = {
        "hatch": '<path d="M0 1.6L1.6 0" {0}/>',
        "crosshatch": '<path d="M0 1.6L1.6 0M0 0L1.6 1.6" {0}/>',
        "dots": '<circle cx="0.8" cy="0.8" r="0.22" fill="{1}"/>',
    }
    drawn = strokes[symbol.pattern].format(f'stroke="{colour}" stroke-width="0.14" fill="none"', colour)
    return f'<pattern id="{ident}" width="1.6" height="1.6" patternUnits="userSpaceOnUse">{drawn}</pattern>'


def _names(frame: PrintFrame, names: Sequence[Name], kept: Sequence[Any]) -> Iterator[str]:
    """Yield the names that fit beside what is ``kept`` clear, the most important first."""
    taken: list[Any] = [*kept, shapely.box(frame.width_mm - 12, 0, frame.width_mm, 16), _bar_place(frame)]
    edge = shapely.box(0.5, 0.5, frame.width_mm - 0.5, frame.height_mm - 0.5)
    places = [shapely.Point(one.x_m, one.y_m) for one in names]
    at = frame.on_paper(np.array(places, dtype=object))
    ordered = sorted(
        zip(names, at, strict=True), key=lambda pair: (-pair[0].weight, pair[0].text, pair[1].x, pair[1].y)
    )
    for one, place in ordered:
        long = width_mm(one.text, one.size_mm)
        flat = shapely.box(-long / 2, -one.size_mm * 0.6, long / 2, one.size_mm * 0.6)
        turned = _turned(flat, one.turn_deg)
        box = shapely.transform(turned, lambda xy, by=(place.x, place.y): xy + np.asarray(by))
        if not edge.contains(box) or any(box.intersects(other) for other in taken):
            continue
        taken.append(box)
        attributes = (
            f'transform="translate({place.x:.2f} {place.y:.2f}) rotate({one.turn_deg:.1f})" '
            f'y="{one.size_mm * 0.36:.2f}" font-size="{one.size_mm:g}" text-anchor="middle"'
        )
        text = escape(one.text)
        yield f'<text {attributes} fill="#fff" stroke="#fff" stroke-width="0.7" stroke-linejoin="round">{text}</text>'
        yield f'<text {attributes} fill="{one.colour}">{text}</text>'


def _turned(shape: Any, degrees: float) -> Any:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return shapely.transform(shape, lambda xy: xy @ turn)


def _arrow(frame: PrintFrame, north: str) -> str:
    x = frame.width_mm - 7
    return (
        f'<g transform="translate({x:g} 4)"><path d="M0 1L2.6 11L0 8.8L-2.6 11Z" fill="{INK}" stroke="#fff" '
        f'stroke-width="0.5"/><text y="14.4" font-size="3.4" text-anchor="middle" fill="{INK}" font-weight="bold">'
        f"{escape(north)}</text></g>"
    )


def _bar_place(frame: PrintFrame) -> Any:
    return shapely.box(2, frame.height_mm - 10, 10 + frame.bar_m / frame.metres_per_mm, frame.height_mm)


def _bar(frame: PrintFrame) -> str:
    long, y = frame.bar_m / frame.metres_per_mm, frame.height_mm - 3.2
    metres = frame.bar_m
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    blocks = "".join(
        f'<rect x="{5 + long * n / 4:.2f}" y="{y - 1.3:.2f}" width="{long / 4:.2f}" height="1.3" '
        f'fill="{INK if n % 2 == 0 else "#fff"}" stroke="{INK}" stroke-width="0.15"/>'
        for n in range(4)
    )
    return (
        f'<rect x="3.5" y="{y - 6:.2f}" width="{long + 9:.2f}" height="8" fill="#fff" fill-opacity="0.8"/>{blocks}'
        f'<text x="5" y="{y - 2.3:.2f}" font-size="2.6" fill="{INK}" text-anchor="middle">0</text>'
        f'<text x="{5 + long:.2f}" y="{y - 2.3:.2f}" font-size="2.6" fill="{INK}" text-anchor="middle">{words}</text>'
    )
