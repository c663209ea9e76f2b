"""What a symbol, a rule and a layer's style are."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from geo_service.cartography.palette import INK, Shape

Pattern = Literal["none", "hatch", "crosshatch", "dots"]


@dataclass(frozen=True)
class Symbol:
    """How one thing is drawn.

    Attributes
    ----------
    fill, stroke
        ``#rrggbb`` or None for not drawn.
    fill_opacity
        0..1.
    width_px, radius_px
        Line width; radius of a point's shape. CSS pixels.
    dash
        Lengths of dash and gap in pixels, empty for a solid line.
    shape, glyph
        Of points: outline and the one character inside it, by language.
    pattern
        Drawn over the fill of polygons, in the stroke's colour.
    """

    fill: str | None = None
    fill_opacity: float = 1.0
    stroke: str | None = INK
    width_px: float = 1.0
    dash: tuple[float, ...] = ()
    shape: Shape = "circle"
    radius_px: float = 5.0
    glyph: tuple[tuple[str, str], ...] = ()
    pattern: Pattern = "none"


@dataclass(frozen=True)
class Rule:
    """A symbol for the features whose ``field`` has one of ``values``; the first rule that fits is drawn.

    ``key`` is the label's text key; empty where it is that of the (one) value itself.
    """

    key: str
    field: str
    values: tuple[str, ...]
    symbol: Symbol


@dataclass(frozen=True)
class LayerStyle:
    """The style of a layer; ``order`` grows upwards, ``min_zoom`` is the first zoom it is worth drawing at."""

    order: int
    min_zoom: int
    default: Symbol
    rules: tuple[Rule, ...] = ()
    on_at_start: bool = False


def by_value(field: str, table: dict[str, Symbol]) -> tuple[Rule, ...]:
    """Return one rule for each value of a field."""
    return tuple(Rule("", field, (value,), symbol) for value, symbol in table.items())


def area(fill: str, opacity: float = 0.25, stroke: str = INK, pattern: Pattern = "none", **more: Any) -> Symbol:
    """Return the symbol of a polygon."""
    return Symbol(fill=fill, fill_opacity=opacity, stroke=stroke, pattern=pattern, **more)


def line(stroke: str, width_px: float = 1.5, *dash: float) -> Symbol:
    """Return the symbol of a line."""
    return Symbol(stroke=stroke, width_px=width_px, dash=dash)


def plain(symbol: Symbol) -> dict[str, Any]:
    """Return a symbol as JSON values."""
    values = asdict(symbol)
    return values | {"dash": list(symbol.dash), "glyph": dict(symbol.glyph) or None}
