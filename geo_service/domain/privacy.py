"""The last gate: which fields of a row leave the server, and in what form (PRODUCT §8).

Names and phones are masks for those who may reveal them one by one, nothing at all for others; how many people live
in a building is for those who may read it there, rounded unless they may see its households (decision 22), as are the
households a project concerns for those who do not keep it; of a building the public sees what a base map shows; pipes
and power lines are for those who may read what is internal; who wrote a row is for the office, why it was retired for
those who may write it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from geo_service.domain.actors import Actor
from geo_service.domain.buildings import BUILDINGS
from geo_service.domain.fields import Layer
from geo_service.domain.rights import (
    NOWHERE,
    OwnPlaces,
    exact_story,
    is_internal,
    reach_of,
    read_story,
    write_story,
)
from geo_service.domain.suppression import shown_counts
from geo_service.domain.works import PROJECTS
from geo_service.foundation.errors import Forbidden, NotFound

# figures about the people of a single building
PEOPLE_FIELDS: Final = frozenset(
    {"households_count", *(f.name for f in BUILDINGS.fields if f.name.endswith("_persons")), "people_basis"}
)
# counts of people or households by layer: rounded, few of them withheld, where they are not shown exactly
COUNTS: Final = {BUILDINGS.name: PEOPLE_FIELDS, PROJECTS.name: frozenset({"households_count"})}
# what everybody may know of a building: what a base map shows of it
_BASE_MAP_FIELDS: Final = frozenset({"name", "use", "quarter", "floors", "height_m"})
BUILDING_DETAILS: Final = frozenset(
    field.key for field in BUILDINGS.fields if field.name not in _BASE_MAP_FIELDS | PEOPLE_FIELDS
)
_EDITORS: Final = ("created_by", "updated_by")
_SEPARATORS: Final = re.compile(r"([、,，;；/\s]+)")


def mask_name(name: str) -> str:
    """Return a person's name with all but its first character hidden: 张三丰 → 张**; of a list, each name."""
    return "".join(
        part if _SEPARATORS.fullmatch(part) else part[:1] + "*" * min(2, max(1, len(part) - 1))
        for part in _SEPARATORS.split(name)
        if part
    )


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden: 13812341234 → 138****1234; short ones wholly."""
    digits = re.sub(r"\D", "", phone)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else "****"


def masked(key: str, value: Any) -> Any:
    """Return the form of a personal field's ``value`` that may be shown; empty stays empty."""
    if value is None or value == "":
        return value
    return mask_phone(str(value)) if "phone" in key else mask_name(str(value))


def reaches(actor: Actor, story: str, layer: Layer, row: Mapping[str, Any], places: OwnPlaces) -> bool:
    """Whether the right of ``actor`` to ``story`` reaches a row; ``places`` are its own (visible.own_places)."""
    stories = (story, "read_internal") if is_internal(layer.name, row) else (story,)
    found = [reach_of(actor, one) for one in stories]
    return "none" not in found and ("own" not in found or places.hold(layer.name, row))


def hidden_fields(actor: Actor, layer: Layer) -> frozenset[str]:
    """Return the keys of fields ``actor`` sees of no row of ``layer`` and may not ask by: a building's details."""
    if layer.name != BUILDINGS.name or reach_of(actor, "read_buildings") != "none":
        return frozenset()
    return BUILDING_DETAILS


def seen_by(actor: Actor, layer: Layer, row: Mapping[str, Any], places: OwnPlaces = NOWHERE) -> dict[str, Any]:
    """Return ``row`` as ``actor`` may see it; ``places`` are its own ones (:func:`visible.own_places`).

    Raises Forbidden ``forbidden`` or NotFound ``row_unknown`` for a row that is not for its eyes: a query without
    the second gate must not leak.
    """
    story = read_story(layer.name)
    if reach_of(actor, story) == "none":
        raise Forbidden("forbidden", actor=actor.name, role=actor.role, verb=story)
    if not reaches(actor, story, layer, row, places):
        raise NotFound("row_unknown", layer=layer.name, ident=row.get("code"))
    shown = dict(row)
    may_reveal = reaches(actor, "reveal_personal", layer, row, places)
    hidden = hidden_fields(actor, layer)
    hides_people = layer.name == BUILDINGS.name and not reaches(actor, "read_people", layer, row, places)
    for field in layer.fields:
        if field.key not in shown:
            continue
        if field.kind == "bytes":
            del shown[field.key]
        elif field.personal:
            shown[field.key] = masked(field.key, shown[field.key]) if may_reveal else None
        elif field.key in hidden or (hides_people and field.name in PEOPLE_FIELDS):
            shown[field.key] = None
    has_counts = layer.name in COUNTS and not hides_people
    if has_counts and not reaches(actor, exact_story(layer.name), layer, row, places):
        shown = shown_counts(shown)
    if not reaches(actor, "read_editors", layer, row, places):
        shown |= {key: "" for key in _EDITORS if key in shown}
    if shown.get("retired_reason") is not None and not reaches(actor, write_story(layer.name), layer, row, places):
        shown["retired_reason"] = None
    return shown


def without_masks(layer: Layer, shown: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``changes`` without personal fields that only send back what was ``shown``.

    A form that was filled from a masked answer must not overwrite a name by its mask, nor empty what was not shown.
    What is stored plays no part: it could be guessed by what becomes of the change.
    """
    personal = {field.key for field in layer.fields if field.personal}
    return {key: value for key, value in changes.items() if key not in personal or value != shown.get(key)}
