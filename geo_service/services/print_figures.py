"""Figures on paper: the rows of a result about an area, and a coverage run as colours."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from geo_service.cartography.classes import SHARE_CLASSES, SHARE_OPACITY
from geo_service.cartography.print_map import Drawn
from geo_service.cartography.styles import (
    COVERAGE_ORDER,
    NO_DATA,
    STATE_SYMBOLS,
    STYLES,
)
from geo_service.cartography.symbols import area as area_symbol
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import text
from geo_service.services import runs
from geo_service.services.context import Context
from geo_service.services.headlines import Share, first_rows, label_of, share_told
from geo_service.services.print_ground import Ground, Painted
from geo_service.services.results import coverage_outlines
from geo_service.services.told import shown_result

_QUIET: Final = area_symbol("#ffffff", 0.45, "#8d857a")  # houses over colours


def coverage_of(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a coverage result as the actor may see it; NotFound ``run_unknown``, InvalidInput ``run_not_coverage``."""
    run = runs.get_run(conn, ctx, uid)
    if run["kind"] != "coverage":
        raise InvalidInput("run_not_coverage", run=uid[:64], kind=run["kind"])
    return shown_result(conn, ctx, run)


def rows_of(result: Mapping[str, Any], code: str) -> dict[str, dict[str, Any]]:
    """Return the row of each category about an area that comes first (``headlines.first_rows``)."""
    return {row["category"]: row for row in first_rows(row for row in result["rows"] if row["code"] == code)}


def bars(ctx: Context, rows: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a labelled share for each category, without a bar and last those of whom nothing or little is known."""
    made = []
    for code, row in rows.items():
        told = share_told(row)
        share = told if isinstance(told, float) else None
        made.append(
            {
                "category": code,
                "label": label_of(code, row["bands"], ctx.lang),
                "share": share,
                "is_withheld": told is None,
                "words": f"{share * 100:.0f} %"
                if share is not None
                else text("print.withheld" if told is None else "state.unknown", ctx.lang),
            }
        )
    return sorted(made, key=lambda bar: bar["share"] is None)


def coloured(
    conn: Connection,
    ctx: Context,
    ground: Ground,
    result: Mapping[str, Any],
    category: str,
    *,
    shares: Mapping[str, Share] | None = None,
) -> list[Painted]:
    """Return the areas of a coverage result in the colour of their share covered: ``shares`` by code, else the first.

    Raises InvalidInput ``print_category_not_in_run``, ``print_run_no_areas``.
    """
    asked = result["parameters"]["categories"]
    if category not in asked:
        raise InvalidInput("print_category_not_in_run", category=category[:64], known=", ".join(asked))
    outlines = coverage_outlines(conn, dict(result))
    if not outlines:
        raise InvalidInput("print_run_no_areas", by=result["by"])
    if shares is None:
        own = first_rows(row for row in result["rows"] if row["category"] == category)
        shares = {row["code"]: share_told(row) for row in own}
    shapes = ground.plane.geometries_to_metric(np.array([shape for _, shape in outlines.values()], dtype=object))
    found = [shares.get(code) for code in outlines]
    made = []
    for low, high, fill in SHARE_CLASSES:
        last = high >= 1.0
        inside = np.array([isinstance(one, float) and low <= one and (one < high or last) for one in found], bool)
        if inside.any():
            symbol = area_symbol(fill, SHARE_OPACITY, "#333333", width_px=2)
            words = f"{low * 100:g}–{high * 100:g} %"
            made.append(Painted("coverage", "MultiPolygon", Drawn(symbol, shapes[inside], words)))
    for told, symbol, key in (("unknown", STATE_SYMBOLS["unknown"], "state.unknown"), (None, NO_DATA, "style.no_data")):
        such = np.array([one == told for one in found], bool)
        if such.any():
            made.append(Painted("coverage", "MultiPolygon", Drawn(symbol, shapes[such], text(key, ctx.lang))))
    return made


def with_colours(ctx: Context, parts: Sequence[Painted], colours: Sequence[Painted]) -> list[Painted]:
    """Return the parts of a map, the lowest first, with areas in colour as the map of the browser draws them.

    Woods, greens and water lie over the colours, houses too, but quiet; the states of houses lie where houses do.
    """
    is_states = bool(colours) and colours[0].layer == "states"
    order = STYLES["buildings"].order if is_states else COVERAGE_ORDER
    houses = [one for one in parts if one.layer == "buildings"]
    if houses and not is_states:
        shapes = np.concatenate([one.drawn.shapes for one in houses])
        quiet = replace(houses[0], drawn=Drawn(_QUIET, shapes, text("layer.buildings", ctx.lang)))
        parts = [quiet if one is houses[0] else one for one in parts if one is houses[0] or one.layer != "buildings"]
    under = [one for one in parts if STYLES[one.layer].order <= order]
    return [*under, *colours, *parts[len(under) :]]
