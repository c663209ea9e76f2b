"""Reference data: facility categories, walking profiles, living circles, as shipped or as the office set them.

What the office may set, and how it is checked: :mod:`geo_service.domain.office_reference`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_service.domain.bands import BANDS
from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.office_reference import (
    categories_document,
    checklist_document,
    circles_document,
    profiles_document,
)
from geo_service.domain.selectors import selector_matches
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.foundation.resources import from_files, use_office_folder
from geo_service.foundation.texts import LANGS, text

BY_AGE: Final = "by_age"  # asked in place of a profile: every age band walks by its own one
ASKED_BY_AGE: Final = ("coverage", "scenario", "effect", "circles", "explain")  # what ``by_age`` can be asked of
STANDARD: Final = "standard"  # the profile of buildings and of people of unknown age


@dataclass(frozen=True)
class Category:
    """A facility category: label by language, OSM selectors, days a verification lasts, checklist item, circle.

    ``needs_land``: it stands outdoors or on a plot of its own; a room in a building is no site for it.
    """

    code: str
    label: Mapping[str, str]
    osm: tuple[Mapping[str, tuple[str, ...] | None], ...]
    verification_term_days: int
    checklist_item: str | None
    default_circle: int
    needs_land: bool

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether an OSM object with ``tags`` belongs to this category."""
        return any(selector_matches(selector, tags) for selector in self.osm)


@dataclass(frozen=True)
class Profile:
    """How somebody walks: speed in metres a second and whether steps are impossible."""

    code: str
    label: Mapping[str, str]
    speed_m_s: float
    step_free: bool


@dataclass(frozen=True)
class Limit:
    """A rule a walk is held against: by distance (the living circles) or by time at a profile's speed.

    ``metres`` is always the walking distance that decides, a walking time in whole centimetres, so that what is told
    is what decides; at the limit counts as covered.
    """

    kind: str  # "distance" or "time"
    metres: float
    minutes: float | None


def use_office_files(folder: Path) -> None:
    """Let the files in ``folder`` (``reference`` in the data folder) say where the office differs from what is shipped.

    Raises FileFault of :mod:`geo_service.domain.office_reference` where one holds what cannot be.
    """
    use_office_folder(folder)
    profiles_by_age()
    categories()
    finding_term_days()


@from_files
def categories() -> Mapping[str, Category]:
    """Return all categories by code, in the fixed order."""
    found = {
        entry["code"]: Category(
            entry["code"],
            entry["label"],
            tuple({k: tuple(v) if v is not None else None for k, v in s.items()} for s in entry["osm"]),
            entry["verification_term_days"],
            entry["checklist_item"],
            entry["default_circle"],
            entry["needs_land"],
        )
        for entry in categories_document(circles()).values()
    }
    return {code: found[code] for code in CATEGORY_CODES}


@from_files
def profiles() -> Mapping[str, Profile]:
    """Return all walking profiles by code; their labels say how fast they walk."""
    return {
        code: Profile(
            code, _walking(entry["label"], entry["speed_km_h"], entry["step_free"]), entry["speed_km_h"] / 3.6,
            entry["step_free"],
        )
        for code, entry in profiles_document()["profiles"].items()
    }  # fmt: skip


def _walking(name: Mapping[str, str], km_h: float, step_free: bool) -> Mapping[str, str]:
    key = "profile.step_free" if step_free else "profile.walking"
    speed = f"{km_h:.1f}" if round(km_h, 1) == km_h else f"{km_h:g}"
    return {lang: text(key, lang, name=name[lang], speed=speed) for lang in LANGS}


@from_files
def profiles_by_age() -> Mapping[str, Profile]:
    """Return the profile each age band walks by where ``by_age`` is asked, every band once."""
    chosen = profiles_document()["by_age"]["bands"]
    return {band: profiles()[chosen.get(band, STANDARD)] for band in BANDS}


def profile_label(code: str) -> Mapping[str, str]:
    """Return what a profile, or ``by_age``, is called by language; NotFound ``profile_unknown``."""
    if code == BY_AGE:
        label: Mapping[str, str] = profiles_document()["by_age"]["label"]
        return label
    return profile_named(code).label


@from_files
def circles() -> Mapping[int, float]:
    """Return the walking distance in metres of each living circle by its minutes (GB 50180-2018)."""
    return {minutes: float(entry["distance_m"]) for minutes, entry in circles_document().items()}


@from_files
def stricter_circles() -> Mapping[int, float]:
    """Return the stricter walking distance in metres of the living circles that have one, by minutes."""
    known = {minutes: entry["stricter_distance_m"] for minutes, entry in circles_document().items()}
    return {minutes: float(metres) for minutes, metres in known.items() if metres is not None}


@from_files
def finding_term_days() -> int:
    """Return how many days old a finding on the spot may be before somebody should look again."""
    days: int = checklist_document()["finding_term_days"]
    return days


def category_named(code: str) -> Category:
    """Return the category; NotFound ``category_unknown`` names the known ones."""
    try:
        return categories()[code]
    except KeyError:
        raise NotFound("category_unknown", category=code, known=", ".join(categories())) from None


def profile_named(code: str) -> Profile:
    """Return the profile; NotFound ``profile_unknown`` names the known ones.

    InvalidInput ``profile_by_age`` where ``by_age`` is asked of what has no answer by it (:data:`ASKED_BY_AGE`).
    """
    if code == BY_AGE:
        raise InvalidInput("profile_by_age", profile=code, known=", ".join(profiles()))
    try:
        return profiles()[code]
    except KeyError:
        raise NotFound("profile_unknown", profile=code, known=", ".join(profiles())) from None


def limit_of(
    profile: Profile, *, circle: int | None = None, minutes: float | None = None, strict: bool = False
) -> Limit:
    """Return the limit for a living circle or a walking time; exactly one may be given.

    Neither means the 15-minute circle; ``strict`` takes the stricter distance of the circle (800 m). Raises
    InvalidInput ``limit_twice``, ``circle_unknown``, ``minutes_out_of_range`` (0 < minutes ≤ 120),
    ``strict_without_circle`` (with minutes, or the circle has no stricter distance).
    """
    if circle is not None and minutes is not None:
        raise InvalidInput("limit_twice")
    if strict and minutes is not None:
        raise strict_refused()
    if minutes is not None:
        if not 0 < minutes <= 120:
            raise InvalidInput("minutes_out_of_range", minutes=minutes)
        return Limit("time", round(profile.speed_m_s * minutes * 60, 2), minutes)
    chosen = 15 if circle is None else circle
    if chosen not in circles():
        raise InvalidInput("circle_unknown", circle=chosen, known=", ".join(map(str, circles())))
    if strict and chosen not in stricter_circles():
        raise strict_refused()
    return Limit("distance", (stricter_circles() if strict else circles())[chosen], float(chosen))


def strict_refused() -> InvalidInput:
    """Return the refusal of a stricter distance that there is not."""
    return InvalidInput("strict_without_circle", known=", ".join(map(str, stricter_circles())))
