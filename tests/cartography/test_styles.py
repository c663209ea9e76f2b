"""Styles: whole, labelled, and told apart without colour."""

import math
import re
from itertools import combinations, pairwise

from geo_service.cartography.classes import DIFFERENCE_CLASSES, SHARE_CLASSES
from geo_service.cartography.palette import DARK, FACILITY_GROUPS, PAPER
from geo_service.cartography.styles import (
    STATE_SYMBOLS,
    STYLES,
    share_colour,
    stylesheet,
    symbol_for,
)
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.layers import LAYERS
from geo_service.foundation.texts import LANGS


def labels(value):
    if isinstance(value, dict):
        if set(value) == set(LANGS):
            yield value
        for part in value.values():
            yield from labels(part)
    elif isinstance(value, list):
        for part in value:
            yield from labels(part)


def symbols(value):
    if isinstance(value, dict):
        if "radius_px" in value:
            yield value
        for part in value.values():
            yield from symbols(part)
    elif isinstance(value, list):
        for part in value:
            yield from symbols(part)


def test_every_layer_with_a_place_has_a_style():
    assert set(STYLES) == {name for name, layer in LAYERS.items() if layer.geometry is not None}


def test_rules_name_fields_and_values_that_exist():
    for name, style in STYLES.items():
        for rule in style.rules:
            field = LAYERS[name].field(rule.field)
            assert field is not None, (name, rule.field)
            if field.choices:
                assert set(rule.values) <= set(field.choices), (name, rule)


def test_every_label_is_a_text_in_both_languages():
    for label in labels(stylesheet()):
        assert all(label.values()), label
        assert not any(re.fullmatch(r"[a-z_]+\.[a-z_.0-9]+", text) for text in label.values()), label


def test_colours_are_colours():
    for symbol in symbols(stylesheet()):
        for key in ("fill", "stroke"):
            assert symbol[key] is None or re.fullmatch(r"#[0-9a-f]{6}", symbol[key]), symbol


def test_every_category_has_one_symbol_and_no_two_look_alike_without_colour():
    members = [(shape, zh) for _, shape, group in FACILITY_GROUPS for _, zh, _ in group]
    codes = [code for _, _, group in FACILITY_GROUPS for code, _, _ in group]
    assert sorted(codes) == sorted(CATEGORY_CODES)
    assert len(set(members)) == len(members)
    english = [en for _, _, group in FACILITY_GROUPS for _, _, en in group]
    assert len(set(english)) == len(english)


def test_the_three_states_differ_in_pattern_and_shape():
    assert len({symbol.pattern for symbol in STATE_SYMBOLS.values()}) == 3
    assert len({symbol.shape for symbol in STATE_SYMBOLS.values()}) == 3


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_shares_diverge_from_the_worst_in_orange_to_the_best_in_blue_and_cover_everything():
    lights = [luminance(fill) for _, _, fill in SHARE_CLASSES]
    assert lights[:3] == sorted(lights[:3])
    assert lights[3:] == sorted(lights[3:], reverse=True)
    warmer = [int(fill[1:3], 16) > int(fill[5:7], 16) for _, _, fill in SHARE_CLASSES]
    assert warmer == [True, True, True, False, False, False]
    assert [low for low, _, _ in SHARE_CLASSES[1:]] == [high for _, high, _ in SHARE_CLASSES[:-1]]
    assert share_colour(0.0) == SHARE_CLASSES[0][2]
    assert share_colour(0.95) == share_colour(1.0) == SHARE_CLASSES[-1][2]
    assert share_colour(None) not in {fill for _, _, fill in SHARE_CLASSES}


def test_by_night_classes_keep_their_hue_and_the_ends_are_the_lightest():
    fills = [DARK.get(fill, fill) for _, _, fill in SHARE_CLASSES]
    lights = [luminance(fill) for fill in fills]
    assert lights[:3] == sorted(lights[:3], reverse=True)
    assert lights[3:] == sorted(lights[3:])
    assert [int(fill[1:3], 16) > int(fill[5:7], 16) for fill in fills] == [True, True, True, False, False, False]
    assert min(abs(one - other) for one, other in pairwise([*lights[:3], 0.0])) > 0.05


def test_differences_are_classes_around_zero_that_leave_nothing_out():
    limits = [(low, high) for low, high, _ in DIFFERENCE_CLASSES]
    assert (limits[0][0], limits[-1][1]) == (-1.0, 1.0)
    assert [low for low, _ in limits[1:]] == [high for _, high in limits[:-1]]
    assert limits == [(-high, -low) for low, high in reversed(limits)]
    told = stylesheet()["coverage"]["differences"]
    assert [(entry["from_share"], entry["to_share"]) for entry in told] == limits


def test_less_and_more_differ_by_hue_and_by_pattern_and_grow_away_from_zero():
    symbols = [symbol for _, _, symbol in DIFFERENCE_CLASSES]
    lights = [luminance(symbol.fill) for symbol in symbols]
    nights = [luminance(DARK.get(symbol.fill, symbol.fill)) for symbol in symbols]
    assert lights[:4] == sorted(lights[:4])
    assert lights[3:] == sorted(lights[3:], reverse=True)
    assert nights[:4] == sorted(nights[:4], reverse=True)
    assert nights[3:] == sorted(nights[3:])
    assert all(symbol.pattern != "none" for symbol in symbols[:3])
    assert all(symbol.pattern == "none" for symbol in symbols[3:])
    warmer = [int(symbol.fill[1:3], 16) > int(symbol.fill[5:7], 16) for symbol in symbols]
    assert warmer == [True, True, True, False, False, False, False]


# linear light as seen without one of the three cones (Machado, Oliveira & Fernandes 2009, severity 1)
SIGHTS = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def seen(colour, ground, opacity, sight):
    """CIELAB (D65) of a colour laid over its ground."""
    linear = []
    for n in (1, 3, 5):
        part = (opacity * int(colour[n : n + 2], 16) + (1 - opacity) * int(ground[n : n + 2], 16)) / 255
        linear.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    r, g, b = (min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in sight)
    white = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b
    x, y, z = (
        part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116
        for part in (*white, (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_no_two_classes_of_differences_look_alike_with_any_colour_vision_by_day_or_night():
    for sight, cones in SIGHTS.items():
        for swapped in ({}, DARK):
            colours = [
                seen(swapped.get(one.fill, one.fill), swapped.get(PAPER, PAPER), one.fill_opacity, cones)
                for _, _, one in DIFFERENCE_CLASSES
            ]
            nearest = min(math.dist(one, other) for one, other in combinations(colours, 2))
            assert nearest > 8, (sight, bool(swapped), nearest)


def test_every_colour_with_another_one_by_night_is_in_use():
    sheet = stylesheet()
    used = {value[key] for value in symbols(sheet) for key in ("fill", "stroke")} | {sheet["background"]}
    used |= {entry["fill"] for entry in sheet["coverage"]["shares"]}
    assert set(DARK) <= used
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in DARK.values())


def test_the_first_rule_that_fits_draws():
    assert symbol_for("ways", {"highway": "steps"}).dash
    assert symbol_for("ways", {"highway": "residential"}) == STYLES["ways"].default
