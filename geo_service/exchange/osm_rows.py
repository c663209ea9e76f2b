"""Tags of an OpenStreetMap object → the values of our fields. The tables are data: ``osm_mapping.json``, categories."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from geo_service.domain.buildings import UNKNOWN_USE
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import categories
from geo_service.domain.selectors import Selector, exact_keys, selector_matches
from geo_service.foundation.resources import reference

Row = dict[str, Any]
Tags = Mapping[str, str]
_NUMBER: Final = re.compile(r"\s*(\d+(?:[.,]\d+)?)")
_YEAR: Final = re.compile(r"\D{0,2}(\d{4})(?:s|\D|$)")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CJK: Final = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Mapped:
    """An ordered rule: objects meant by any of ``selectors`` are of ``kind``."""

    kind: str
    selectors: tuple[Selector, ...]

    def matches(self, tags: Tags) -> bool:
        """Whether the rule means an object with ``tags``."""
        return any(selector_matches(selector, tags) for selector in self.selectors)


@cache
def mapping() -> dict[str, Any]:
    """Return the parsed ``data/reference/osm_mapping.json``."""
    return cast(dict[str, Any], reference("osm_mapping"))


@cache
def rules(part: str) -> tuple[Mapped, ...]:
    """Return the ordered rules of a part such as ``green_spaces``."""
    return tuple(Mapped(entry["kind"], tuple(entry["osm"])) for entry in mapping()[part])


@cache
def keys_of(part: str) -> frozenset[str]:
    """Return the OSM keys of which an object must carry one to matter for a part."""
    match part:
        case "buildings":
            return frozenset({"building"})
        case "facilities":
            return exact_keys([cast(Selector, s) for category in categories().values() for s in category.osm])
        case "gates":
            return exact_keys(mapping()["gates"]["osm"])
        case _:
            return exact_keys([selector for rule in rules(part) for selector in rule.selectors])


def kind_in(part: str, tags: Tags) -> str | None:
    """Return the kind the first matching rule of a part gives, None if none matches."""
    return next((rule.kind for rule in rules(part) if rule.matches(tags)), None)


def facility_rows(code: str, tags: Tags) -> list[Row]:
    """Return one row per category of an object in the fixed order; the first has the plain code."""
    likely = set().union(*(_likely_categories().get(pair, ()) for pair in tags.items()))
    if not likely:
        return []
    found = [name for name, category in categories().items() if name in likely and category.matches(tags)]
    if not found:
        return []
    table = mapping()["facility"]
    closed = any(selector_matches(selector, tags) for selector in table["closed"])
    capacity = _number(tags.get("capacity"), 1_000_000)
    values: Row = {
        "name": name_of(tags),
        "address": address_of(tags),
        "hours": tags.get("opening_hours"),
        "owner": tags.get("operator"),
        "capacity": capacity,
        "capacity_unit": "places" if capacity is not None else None,
        "opening_state": "closed" if closed else "open",
        "admits": "public",
        "verification": "verified",
    }
    return [
        fitted("facilities", {"code": f"{code}:{category}" if place else code, "category": category, **values})
        for place, category in enumerate(found)
    ]


def building_row(code: str, tags: Tags) -> Row | None:
    """Return the row of a ``building=*`` object, None for ``building=no``."""
    value = tags.get("building")
    if value in (None, "no"):
        return None
    floors, height = _number(tags.get("building:levels"), 200), _number(tags.get("height"), 1000)
    return fitted(
        "buildings",
        {
            "code": code,
            "name": name_of(tags),
            "address": address_of(tags),
            "use": _use(str(value), tags.get("building:use", "")),
            "floors": None if floors is None else int(floors),
            "height_m": height,
            "built_year": year_of(tags.get("start_date")),
        },
    )


def green_row(code: str, tags: Tags) -> Row | None:
    """Return the row of a green space, None if the object is none."""
    kind = kind_in("green_spaces", tags)
    if kind is None:
        return None
    closed = any(selector_matches(selector, tags) for selector in mapping()["green_not_public"])
    values = {"code": code, "kind": kind, "name": name_of(tags), "manager": tags.get("operator")}
    return fitted("green_spaces", values | {"is_public": not closed})


def public_space_row(code: str, tags: Tags) -> Row | None:
    """Return the row of a public space, None if the object is none."""
    kind = kind_in("public_spaces", tags)
    if kind is None:
        return None
    values = {"code": code, "kind": kind, "name": name_of(tags), "manager": tags.get("operator")}
    return fitted("public_spaces", values)


def barrier_row(code: str, tags: Tags, *, is_area: bool) -> Row | None:
    """Return the row of a wall, water or railway, None if the object is none."""
    kind = kind_in("barrier_areas" if is_area else "barrier_lines", tags)
    return None if kind is None else fitted("barriers", {"code": code, "kind": kind, "name": name_of(tags)})


def gate_row(code: str, tags: Tags) -> Row | None:
    """Return the row of a gate; who passes comes from ``foot`` or else ``access``."""
    table = mapping()["gates"]
    if not any(selector_matches(selector, tags) for selector in table["osm"]):
        return None
    access = tags.get("foot") or tags.get("access")
    passes = next((who for who, values in table["passes"].items() if access in values), "unknown")
    step_free = {"yes": True, "no": False}.get(tags.get("wheelchair", ""))
    values = {"code": code, "name": name_of(tags), "passes": passes, "hours": tags.get("opening_hours")}
    return fitted("gates", values | {"is_step_free": step_free})


def is_entrance(value: str | None) -> bool:
    """Whether an ``entrance`` tag means a way in."""
    return bool(value) and value not in mapping()["facility"]["not_entrances"]


def entrance_row(facility_code: str, node_id: int, value: str, wheelchair: str | None) -> Row:
    """Return the row of an entrance of a facility; its code is ``<facility>/n<node>``."""
    kinds = mapping()["facility"]["entrance_kind"]
    return {
        "code": f"{facility_code}/n{node_id}",
        "facility_code": facility_code,
        "kind": kinds.get(value, kinds["default"]),
        "is_step_free": {"yes": True, "no": False}.get(wheelchair or ""),
    }


def name_of(tags: Tags) -> str | None:
    """Return the name of an object: ``name``, else the Chinese, else the English one."""
    return tags.get("name") or tags.get("name:zh") or tags.get("name:en")


def address_of(tags: Tags) -> str | None:
    """Return the postal address of an object in the order its script writes it, None if it has none."""
    if tags.get("addr:full"):
        return tags["addr:full"]
    street, number = tags.get("addr:street") or tags.get("addr:place"), tags.get("addr:housenumber")
    parts = [part for part in (street, number) if part]
    if not parts:
        return None
    return ("" if _CJK.search(parts[0]) else " ").join(parts)


def year_of(text: str | None) -> int | None:
    """Return the year of a ``start_date`` such as ``1994``, ``1994-05``, ``~1890`` or ``1950s``."""
    match = _YEAR.match(text or "")
    return int(match[1]) if match and 1000 <= int(match[1]) <= 2200 else None


def fitted(layer: str, values: Row) -> Row:
    """Return ``values`` with texts cut to the longest their field holds and unprintable characters left out."""
    fits: Row = {}
    longest = _longest(layer)
    for key, value in values.items():
        if isinstance(value, str) and key in longest:
            fits[key] = _UNPRINTABLE.sub("", value)[: longest[key]].strip() or None
        else:
            fits[key] = value
    return fits


@cache
def _likely_categories() -> dict[tuple[str, str], frozenset[str]]:
    """Return the categories a single tag may lead to: by the first exact key of each selector."""
    found: dict[tuple[str, str], set[str]] = {}
    for name, category in categories().items():
        for selector in category.osm:
            exact = ((key, values) for key, values in selector.items() if values and not key.endswith("~"))
            key, values = next(exact)
            for value in values:
                found.setdefault((key, str(value)), set()).add(name)
    return {pair: frozenset(names) for pair, names in found.items()}


@cache
def _longest(layer: str) -> dict[str, int]:
    return {field.key: field.max_length for field in LAYERS[layer].fields if field.kind == "text"}


@cache
def _uses() -> dict[str, str]:
    table = mapping()["building_use"]
    return {value: use for use, values in table.items() if isinstance(values, list) for value in values}


def _use(building: str, used_as: str) -> str:
    """Return the use a building's tags say: ``building`` unless it says nothing but yes, then ``building:use``."""
    said = _uses().get(building)
    if said in (None, UNKNOWN_USE):
        said = _uses().get(used_as) or said
    return said or _default_use()


@cache
def _default_use() -> str:
    return str(mapping()["building_use"]["default"])


def _number(text: str | None, highest: float) -> float | None:
    match = _NUMBER.match(text or "")
    if not match:
        return None
    value = float(match[1].replace(",", "."))
    return value if value <= highest else None
