"""What a printed map has in its legend: what occurs on the page, under the name of its layer."""

from collections.abc import Sequence
from typing import Any, Final

import shapely

from geo_service.cartography.print_legend import LegendEntry
from geo_service.cartography.symbols import Symbol
from geo_service.foundation.texts import text
from geo_service.services.context import Context
from geo_service.services.print_ground import Ground, Painted

_NO_LAYERS: Final = ("coverage", "states", "gaps", "sites", "circles")


def legend_of(ctx: Context, ground: Ground, parts: Sequence[Painted]) -> list[LegendEntry]:
    """Return what occurs on the map under the name of its layer, the uppermost layer first."""
    entries: list[LegendEntry] = []
    layer = None
    page = shapely.box(*ground.frame.bounds_m())
    for one in reversed(parts):
        if one.drawn.shapes.size and not shapely.intersects(_seen(one), page).any():
            continue
        if one.layer != layer:
            layer = one.layer
            name = f"print.legend_{layer}" if layer in _NO_LAYERS else f"layer.{layer}"
            entries.append(LegendEntry(text(name, ctx.lang)))
        if one.drawn.label:
            entries.append(LegendEntry(one.drawn.label, one.drawn.symbol, _drawn_as(one)))
    return entries


def _drawn_as(one: Painted) -> str | None:
    """Return the kind of geometry a symbol stands for: a layer of mixed ones is drawn as its symbol says."""
    if one.geometry != "Geometry":
        return one.geometry
    symbol: Symbol = one.drawn.symbol
    if one.layer in ("facilities", "projects"):
        return "Point"
    return "LineString" if symbol.fill is None else "Polygon"


def _seen(one: Painted) -> Any:
    """Return what is to be seen of shapes: of areas that are not filled, their outlines."""
    return shapely.boundary(one.drawn.shapes) if one.layer == "areas" else one.drawn.shapes
