"""Styles once: colours, shapes, patterns and legends for the browser, Folium pages and print.

Colours are those of Okabe & Ito (2008), chosen to be told apart with any colour vision; no meaning rests on
colour alone: points differ by shape and glyph, areas by pattern, lines by dash. Labels come from the catalogues.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from geo_service.cartography.classes import DIFFERENCE_CLASSES, SHARE_CLASSES, SHARE_OPACITY
from geo_service.cartography.palette import (
    BLACK,
    BLUE,
    DARK,
    FACILITY_GROUPS,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
)
from geo_service.cartography.symbols import LayerStyle, Rule, Symbol, area, by_value, line, plain
from geo_service.domain.labels import Label, choice_label, label, layer_label
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import circles
from geo_service.foundation.ids import fingerprint
from geo_service.foundation.resources import from_files


def _facility_rules() -> tuple[Rule, ...]:
    rules = []
    for colour, shape, members in FACILITY_GROUPS:
        for code, zh, en in members:
            symbol = Symbol(fill=colour, shape=shape, radius_px=7, glyph=(("zh", zh), ("en", en)))
            rules.append(Rule("", "category", (code,), symbol))
    return tuple(rules)


_HOME: Final = area("#cfc8bd", 1.0, "#8d857a")
_STATUS: Final = Symbol(fill=PURPLE, fill_opacity=0.5, shape="diamond", radius_px=7)

STYLES: Final[dict[str, LayerStyle]] = {
    "areas": LayerStyle(
        80,
        0,
        line(PURPLE, 1.5, 6, 3),
        by_value(
            "level",
            {
                "city": line(PURPLE, 4, 12, 4, 2, 4),
                "district": line(PURPLE, 3, 12, 4, 2, 4),
                "street": line(PURPLE, 2.5, 10, 4),
                "community": line(PURPLE, 2, 6, 3),
                "quarter": line(PURPLE, 1.2, 2, 2),
            },
        ),
        on_at_start=True,
    ),
    "grids": LayerStyle(
        70,
        12,
        line(BLUE, 1, 4, 2),
        by_value(
            "kind",
            {
                "governance": line(BLUE, 1.5),
                "unit": line(SKY, 0.8, 2, 2),
                "department": line(ORANGE, 1.2, 8, 3, 2, 3),
            },
        ),
    ),
    "networks": LayerStyle(5, 0, line(GREY, 1, 8, 4)),
    "ways": LayerStyle(
        30,
        12,
        line("#b9b2a6", 1.5),
        (
            Rule("style.way.steps", "highway", ("steps",), line(VERMILLION, 2.5, 1, 2)),
            Rule(
                "style.way.path",
                "highway",
                ("footway", "path", "pedestrian", "cycleway", "track", "bridleway", "corridor", "elevator"),
                line("#8d857a", 1, 3, 2),
            ),
            Rule(
                "style.way.main",
                "highway",
                ("trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary"),
                line("#a39a8b", 3),
            ),
        ),
        on_at_start=True,
    ),
    "path_corrections": LayerStyle(
        32,
        12,
        line(GREEN, 3, 6, 3),
        by_value("kind", {"missing": line(GREEN, 3, 6, 3), "blocked": line(VERMILLION, 4)}),
    ),
    "barriers": LayerStyle(
        20,
        10,
        line(BLACK, 2),
        by_value(
            "kind",
            {
                "wall": line("#5b5248", 2, 8, 2),
                "water": area("#a9cfe8", 1.0, "#5b93b8", width_px=1),
                "rail": line(BLACK, 2.5, 6, 6),
            },
        ),
        on_at_start=True,
    ),
    "buildings": LayerStyle(
        40,
        14,
        _HOME,
        by_value(
            "use",
            {
                "residential": area("#d9b99b", 1.0, "#8a6a4b"),
                "dormitory": area("#d9b99b", 1.0, "#8a6a4b", "dots"),
                "mixed": area("#d9b99b", 1.0, "#8a6a4b", "hatch"),
                "public_service": area("#b8c7d9", 1.0, "#5b7391"),
                "commercial": area("#d5c6dd", 1.0, "#7c6390"),
                "industrial": area("#c9c9c9", 1.0, "#777777", "crosshatch"),
                "other": _HOME,
                "unknown": area("#efe9e0", 1.0, "#9a8f80"),
            },
        ),
        on_at_start=True,
    ),
    "households": LayerStyle(90, 17, Symbol(fill=BLACK, radius_px=2.5)),
    "facilities": LayerStyle(
        100, 12, Symbol(fill=GREY, shape="square", radius_px=6), _facility_rules(), on_at_start=True
    ),
    "entrances": LayerStyle(95, 16, Symbol(fill=PAPER, shape="triangle", radius_px=4)),
    "public_spaces": LayerStyle(
        35,
        12,
        area(YELLOW, 0.4, "#9a8f1c"),
        (
            Rule(
                "",
                "kind",
                ("idle_land",),
                area(YELLOW, 0.3, VERMILLION, "crosshatch", width_px=2),
            ),
        ),
    ),
    "green_spaces": LayerStyle(
        15,
        10,
        area("#b7dcb0", 0.9, "#5f9a58"),
        (
            Rule("style.green.park", "kind", ("park", "garden", "pocket_park"), area("#8fcb8a", 0.9, "#3f7f3a")),
            Rule("", "kind", ("woodland",), area("#a7cf9f", 0.9, "#3f7f3a", "dots")),
        ),
        on_at_start=True,
    ),
    "adoptions": LayerStyle(
        60,
        14,
        area(GREEN, 0.35, GREEN, "hatch", width_px=2),
        by_value(
            "status",
            {
                "applied": area(GREEN, 0.1, GREEN, "dots", width_px=1.5, dash=(4.0, 3.0)),
                "active": area(GREEN, 0.4, GREEN, "hatch", width_px=2),
                "warned": area(ORANGE, 0.4, ORANGE, "crosshatch", width_px=2),
            },
        ),
    ),
    "frontages": LayerStyle(65, 15, line(ORANGE, 4)),
    "gates": LayerStyle(
        97,
        15,
        Symbol(fill=PAPER, shape="square", radius_px=5),
        by_value(
            "passes",
            {
                "everyone": Symbol(fill=GREEN, shape="square", radius_px=5, glyph=(("zh", "通"), ("en", "O"))),
                "residents": Symbol(fill=ORANGE, shape="square", radius_px=5, glyph=(("zh", "居"), ("en", "R"))),
                "staff": Symbol(fill=SKY, shape="square", radius_px=5, glyph=(("zh", "员"), ("en", "S"))),
                "nobody": Symbol(fill=BLACK, shape="square", radius_px=5, glyph=(("zh", "封"), ("en", "X"))),
                "unknown": Symbol(fill=GREY, shape="square", radius_px=5, glyph=(("zh", "?"), ("en", "?"))),
            },
        ),
    ),
    "projects": LayerStyle(
        110,
        12,
        _STATUS,
        by_value(
            "status",
            {
                "proposed": replace(_STATUS, fill=YELLOW, glyph=(("zh", "提"), ("en", "P"))),
                "decided": replace(_STATUS, fill=YELLOW, glyph=(("zh", "议"), ("en", "D")), pattern="dots"),
                "funded": replace(_STATUS, fill=SKY, glyph=(("zh", "资"), ("en", "F"))),
                "building": replace(_STATUS, fill=ORANGE, glyph=(("zh", "建"), ("en", "B")), pattern="hatch"),
                "accepted": replace(_STATUS, fill=GREEN, glyph=(("zh", "验"), ("en", "A"))),
                "in_care": replace(_STATUS, fill=GREEN, glyph=(("zh", "管"), ("en", "C")), pattern="dots"),
                "closed": replace(_STATUS, fill=GREY, glyph=(("zh", "结"), ("en", "E"))),
                "paused": replace(_STATUS, fill=GREY, glyph=(("zh", "停"), ("en", "H")), pattern="hatch"),
                "cancelled": replace(_STATUS, fill=GREY, glyph=(("zh", "消"), ("en", "X")), pattern="crosshatch"),
            },
        ),
    ),
    "cases": LayerStyle(
        120,
        13,
        Symbol(fill=VERMILLION, shape="triangle", radius_px=7),
        (
            Rule(
                "style.case.open",
                "status",
                ("reported", "verified", "filed", "dispatched", "accepted", "returned", "in_progress"),
                Symbol(fill=VERMILLION, shape="triangle", radius_px=7, glyph=(("zh", "办"), ("en", "!"))),
            ),
            Rule(
                "style.case.handled",
                "status",
                ("handled", "checked"),
                Symbol(fill=SKY, shape="triangle", radius_px=7, glyph=(("zh", "核"), ("en", "?"))),
            ),
            Rule(
                "style.case.closed",
                "status",
                ("closed", "self_handled", "rejected"),
                Symbol(fill=GREY, shape="triangle", radius_px=6, glyph=(("zh", "结"), ("en", "x"))),
            ),
        ),
    ),
    "verify_tasks": LayerStyle(
        115,
        13,
        Symbol(fill=YELLOW, shape="pentagon", radius_px=7),
        by_value(
            "status",
            {
                "open": Symbol(fill=YELLOW, shape="pentagon", radius_px=7, glyph=(("zh", "查"), ("en", "V"))),
                "done": Symbol(fill=GREEN, shape="pentagon", radius_px=6, glyph=(("zh", "清"), ("en", "D"))),
                "dropped": Symbol(fill=GREY, shape="pentagon", radius_px=6, glyph=(("zh", "消"), ("en", "X"))),
            },
        ),
    ),
    "photos": LayerStyle(85, 16, Symbol(fill=BLACK, shape="pentagon", radius_px=5)),
}

# state of a home for a category → code in tiles (`s_<category>`), and how it is drawn
STATE_VALUES: Final = {"not_covered": 0, "covered": 1, "unknown": 2}
STATE_SYMBOLS: Final[dict[str, Symbol]] = {
    "covered": Symbol(fill=BLUE, fill_opacity=0.75, stroke="#00466e", shape="circle"),
    "not_covered": Symbol(fill=VERMILLION, fill_opacity=0.75, stroke="#7a3600", shape="triangle", pattern="hatch"),
    "unknown": Symbol(fill="#b8b8b8", fill_opacity=0.75, stroke="#6b6b6b", shape="square", pattern="dots"),
}
COVERAGE_ORDER: Final = 8  # of areas in the colour of their figures: woods, greens and water lie over it, as they are
NO_DATA: Final = Symbol(fill="#ffffff", fill_opacity=0.4, stroke="#6b6b6b", pattern="crosshatch")
# why a zone lacks something: colour and hatch of its area, shape of its number
GAP_SYMBOLS: Final[dict[str, Symbol]] = {
    "no_facility": area(VERMILLION, 0.5, "#7a3600", "hatch", width_px=2, shape="triangle", radius_px=9),
    "near_by_air": area(SKY, 0.5, "#00466e", "crosshatch", width_px=2, shape="diamond", radius_px=9),
    "admits_others": area(PURPLE, 0.5, "#7a2f58", "dots", width_px=2, shape="pentagon", radius_px=9),
    "over_capacity": area(YELLOW, 0.5, "#7a6f00", width_px=2, shape="square", radius_px=9),
    "not_surveyed": area("#ffffff", 0.5, "#6b6b6b", "hatch", width_px=2, dash=(5.0, 4.0), radius_px=9),
    "unknown_data": area("#b8b8b8", 0.5, "#555555", "dots", width_px=2, dash=(2.0, 3.0), radius_px=9),
}
# sites of siting and the candidates they were taken from
SITE_SYMBOLS: Final[dict[str, Symbol]] = {
    "chosen": Symbol(fill="#004d73", stroke="#001f2e", width_px=1.5, radius_px=11),
    "other": Symbol(fill=YELLOW, stroke="#5c5500", width_px=1.5, shape="square", radius_px=7),
    "drawn": Symbol(fill=SKY, stroke="#00324d", width_px=1.5, shape="diamond", radius_px=7),
    "not": Symbol(fill="#c9c9c9", stroke="#4a4a4a", width_px=1.5, shape="cross", radius_px=7),
}
CIRCLE_SYMBOLS: Final[tuple[Symbol, ...]] = (
    area(BLUE, 0.30, BLUE, width_px=2.5),
    area(SKY, 0.25, BLUE, width_px=2, dash=(8.0, 3.0)),
    area(YELLOW, 0.20, "#8a7d00", width_px=1.5, dash=(2.0, 3.0)),
)
MARKS: Final[dict[str, Symbol]] = {
    "paper": line("#6b6b6b", 1.5, 2, 4),
    "streets": line(BLUE, 2.5),
    "route": line(VERMILLION, 4),
    "snap": Symbol(fill=PAPER, stroke=VERMILLION, width_px=2, shape="cross", radius_px=5),
    "origin": Symbol(fill=VERMILLION, shape="star", radius_px=8),
    "target": Symbol(fill=BLUE, shape="star", radius_px=8),
    "selected": line("#ff00aa", 3),
}


@from_files
def stylesheet() -> dict[str, Any]:
    """Return all styles as plain JSON values, labels in both languages (what ``/styles.json`` serves)."""
    sheet: dict[str, Any] = {
        "layers": {name: _layer(name, style) for name, style in sorted(STYLES.items(), key=lambda kv: kv[1].order)},
        "coverage": {
            "states": [
                {"code": code, "value": STATE_VALUES[code], "label": label(f"state.{code}"), "symbol": plain(symbol)}
                for code, symbol in STATE_SYMBOLS.items()
            ],
            "shares": [
                {"from_share": low, "to_share": high, "fill": fill, "fill_opacity": SHARE_OPACITY, "stroke": INK}
                for low, high, fill in SHARE_CLASSES
            ],
            "differences": [
                {"from_share": low, "to_share": high, "symbol": plain(symbol)}
                for low, high, symbol in DIFFERENCE_CLASSES
            ],
            "no_data": {"label": label("style.no_data"), "symbol": plain(NO_DATA)},
            "order": COVERAGE_ORDER,
        },
        "gaps": {
            reason: {"label": label(f"gap_reason.{reason}"), "symbol": plain(symbol)}
            for reason, symbol in GAP_SYMBOLS.items()
        },
        "sites": {
            kind: {"label": label(f"tools.siting.legend_{kind}"), "symbol": plain(symbol)}
            for kind, symbol in SITE_SYMBOLS.items()
        },
        "circles": [
            {
                "minutes": minutes,
                "limit_m": metres,
                "label": label("style.circle", minutes=minutes, metres=f"{metres:g}"),
            }
            | {"symbol": plain(CIRCLE_SYMBOLS[place % len(CIRCLE_SYMBOLS)])}
            for place, (minutes, metres) in enumerate(circles().items())
        ],
        "marks": {
            name: {"label": label(f"style.mark.{name}"), "symbol": plain(symbol)} for name, symbol in MARKS.items()
        },
        "background": PAPER,
        "dark": DARK,
    }
    return {"version": fingerprint(sheet)[:12], **sheet}


def style_version() -> str:
    """Return a short fingerprint of all styles; part of every tile's address in caches."""
    return str(stylesheet()["version"])


def symbol_for(layer: str, values: dict[str, Any]) -> Symbol:
    """Return the symbol of a feature of ``layer`` with these field values."""
    style = STYLES[layer]
    return next((rule.symbol for rule in style.rules if values.get(rule.field) in rule.values), style.default)


def share_colour(share: float | None) -> str:
    """Return the fill of a covered share 0..1; None (no data) gives the no-data fill."""
    if share is None:
        return str(NO_DATA.fill)
    return next((fill for _, high, fill in SHARE_CLASSES if share < high), SHARE_CLASSES[-1][2])


def _layer(name: str, style: LayerStyle) -> dict[str, Any]:
    return {
        "label": label(f"layer.{name}"),
        "geometry": LAYERS[name].geometry,
        "order": style.order,
        "min_zoom": style.min_zoom,
        "on_at_start": style.on_at_start,
        "default": {"label": label("style.other"), "symbol": plain(style.default)},
        "rules": list(_rules(name, style.rules)),
    }


def _rules(layer: str, rules: Iterable[Rule]) -> Iterable[dict[str, Any]]:
    for rule in rules:
        named = _rule_label(layer, rule)
        yield {"field": rule.field, "values": list(rule.values), "label": named, "symbol": plain(rule.symbol)}


def _rule_label(layer: str, rule: Rule) -> Label:
    return label(rule.key) if rule.key else choice_label(layer, rule.field, rule.values[0])


def labelled_rules(layer: str) -> list[tuple[Rule | None, Label]]:
    """Return the rules of a layer with their labels, and None for what none of them fits, last."""
    style = STYLES[layer]
    rest = label("style.other") if style.rules else layer_label(LAYERS[layer])
    return [*((rule, _rule_label(layer, rule)) for rule in style.rules), (None, rest)]
