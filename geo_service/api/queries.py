"""Query strings of lists: every name known, every value checked, nothing ignored silently."""

import math
import re
from collections.abc import Iterable
from typing import Final

from geo_service.domain.fields import Layer
from geo_service.domain.values import shown
from geo_service.foundation.errors import InvalidInput
from geo_service.services.feature_places import parse_within
from geo_service.services.features import ListQuestion, filter_keys

_INTEGER: Final = re.compile(r"-?\d{1,15}")
PAGE_NAMES: Final = ("bbox", "within", "limit", "offset", "sort", "is_retired")


def list_question(layer: Layer, items: Iterable[tuple[str, str]]) -> ListQuestion:
    """Return what a list's query string asks for.

    Raises InvalidInput ``parameter_twice``, ``parameter_unknown``, ``number_expected``, ``bbox_form``,
    ``bbox_out_of_range``, ``filter_value``; as :func:`feature_places.parse_within`.
    """
    given: dict[str, str] = {}
    for name, value in items:
        if name in given:
            raise InvalidInput("parameter_twice", parameter=shown(name))
        given[name] = value
    known = (*PAGE_NAMES, *filter_keys(layer))
    for name in given:
        if name not in known:
            raise InvalidInput("parameter_unknown", parameter=shown(name), known=", ".join(known))
    retired = given.get("is_retired", "false")
    if retired not in ("true", "false"):
        raise InvalidInput("filter_value", filter="is_retired", value=shown(retired), known="true, false")
    return ListQuestion(
        filters={name: value for name, value in given.items() if name not in PAGE_NAMES},
        bbox=parse_bbox(given["bbox"]) if "bbox" in given else None,
        within=parse_within(given["within"]) if "within" in given else None,
        limit=_integer("limit", given.get("limit", "100")),
        offset=_integer("offset", given.get("offset", "0")),
        sort=given.get("sort", "code"),
        retired=retired == "true",
    )


def parse_bbox(written: str) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees; InvalidInput ``bbox_form`` or ``bbox_out_of_range``."""
    try:
        numbers = [float(part) for part in written.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise InvalidInput("bbox_form", given=shown(written))
    west, south, east, north = numbers
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput("bbox_out_of_range", given=shown(written))
    return west, south, east, north


def parse_places(written: str) -> tuple[tuple[float, float], ...]:
    """Return longitudes and latitudes of places parted by semicolons; InvalidInput ``print_points_form``."""
    found = []
    for one in filter(str.strip, written.split(";")):
        try:
            lon, lat = (float(part) for part in one.split(","))
        except ValueError as error:
            raise InvalidInput("print_points_form", given=shown(one)) from error
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise InvalidInput("print_points_form", given=shown(one))
        found.append((lon, lat))
    return tuple(found)


def parse_integers(name: str, written: str) -> tuple[int, ...]:
    """Return integers parted by commas; InvalidInput ``number_expected``."""
    return tuple(_integer(name, one.strip()) for one in written.split(","))


def _integer(name: str, written: str) -> int:
    if not _INTEGER.fullmatch(written) or not written.isascii():
        raise InvalidInput("number_expected", parameter=name, given=shown(written))
    return int(written)
