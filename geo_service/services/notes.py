"""What a reader of a result must know beside the figures, in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from geo_service.analysis.coverage import ALL
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.reference import categories as all_categories
from geo_service.domain.suppression import FEWEST_PERSONS, ROUNDED_TO
from geo_service.foundation.texts import LANGS, listed, text
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE, Targets
from geo_service.services.groups import Division
from geo_service.services.homes import Homes
from geo_service.services.questions import CoverageQuestion

OF_SEVERAL: Final = ("note.limit_shared",)  # what is of interest only where several categories are compared


def coverage_notes(
    question: CoverageQuestion, by: str, homes: Homes, targets: Targets, division: Division
) -> list[Any]:
    """Return what a reader of a coverage result must know, in both languages: key, facts, zh, en."""
    notes: list[tuple[str, dict[str, object]]] = []
    if by != question.by:
        notes.append(("note.by_nearest_level", {"asked": question.by, "used": by}))
    if homes.people is None:
        notes.append(("note.people_no_data", {}))
    else:
        missing = int(np.isnan(homes.people[ALL]).sum())
        if missing:
            notes.append(("note.people_partly", {"missing": missing, "homes": len(homes)}))
        if homes.people_basis == "estimate":
            notes.append(("note.people_estimate", {}))
        if by == "unit_grid" and len(homes.people) > 1:
            notes.append(("note.bands_in_totals_only", {}))
    shared = shared_limit(question)
    if shared:
        notes.append(("note.limit_shared", shared))
    if question.walkers:
        notes.append((f"note.by_age_{question.limit.kind}", {}))
    there = set(targets.category.tolist())
    absent = [code for place, code in enumerate(question.categories) if place not in there]
    if absent:
        notes.append(("note.no_facilities", {"categories": absent}))
    if any(bands is not None for bands in targets.bands):
        notes.append(("note.admits_bands", {}))
    closed = int((targets.admits_area == NOBODY_HERE).sum())
    if closed:
        notes.append(("note.admits_others", {"count": closed}))
    if division.has_rest:
        outside = int((division.groups.index == len(division.groups.codes) - 1).sum())
        notes.append(("note.homes_in_no_area", {"count": outside}))
    if homes.use_unknown_count:
        notes.append(("note.use_unknown", {"count": homes.use_unknown_count}))
    return [note(key, **facts) for key, facts in notes]


def shared_limit(question: CoverageQuestion) -> dict[str, object]:
    """Return the facts of the note that several categories are held against one living circle; {} where they are not.

    A category asked alone without a limit has its own.
    """
    if len(question.categories) < 2 or question.limit.kind != "distance":
        return {}
    return {
        "count": len(question.categories),
        "minutes": f"{question.limit.minutes:g}",
        "metres": f"{question.limit.metres:g}",
    }


def circle_notes(targets: Targets) -> list[Any]:
    """Return which facilities start no circle, and that a circle counts all ages, as :func:`coverage_notes`."""
    notes: list[tuple[str, dict[str, object]]] = []
    apart = int((targets.admits_area != EVERYBODY).sum())
    if apart:
        notes.append(("note.circles_public_only", {"count": apart}))
    unverified = int(((targets.admits_area == EVERYBODY) & ~targets.verified).sum())
    if unverified:
        notes.append(("note.circles_verified_only", {"count": unverified}))
    if any(bands is not None for bands, used in zip(targets.bands, targets.draw_circles(), strict=True) if used):
        notes.append(("note.circles_all_ages", {}))
    return [note(key, **facts) for key, facts in notes]


def note(key: str, **facts: object) -> dict[str, Any]:
    """Return one note, as :func:`coverage_notes` has them; ``key`` is that of a text, ``facts`` its placeholders.

    In facts named ``asked``, ``used`` (levels), ``categories``, ``bands`` (lists) and ``reasons`` (how many candidates
    are not eligible for each) codes are shown by their labels. ``named`` (a list) holds the first few of ``count``.
    """
    return {"key": key, "facts": facts, **_said(key, facts)}


def rounded_note() -> dict[str, Any]:
    """Return the note that people are rounded and few withheld, as :func:`coverage_notes`."""
    return note("note.people_rounded", base=ROUNDED_TO, fewest=FEWEST_PERSONS)


def _said(key: str, facts: dict[str, object]) -> dict[str, str]:
    """Return a note's sentence in every language, codes replaced by their labels."""
    said: dict[str, str] = {}
    for lang in LANGS:
        shown = dict(facts)
        for name in ("asked", "used"):
            if name in shown:
                shown[name] = text(f"level.{shown[name]}", lang)
        if isinstance(codes := shown.get("categories"), list):
            shown["categories"] = listed((all_categories()[code].label[lang] for code in codes), lang)
        if isinstance(bands := shown.get("bands"), list):
            shown["bands"] = listed((text(f"band.{band}", lang) for band in bands), lang)
        if isinstance(reasons := shown.get("reasons"), dict):
            counted = (text(f"siting_refused.{one}", lang, count=count) for one, count in reasons.items())
            shown["reasons"] = listed(counted, lang)
        if isinstance(named := shown.get("named"), list):
            first = listed(named, lang)
            count = int(str(shown["count"]))
            shown["named"] = first if count <= len(named) else text("note.named_first", lang, first=first, count=count)
        said[lang] = text(key, lang, **shown)
    return said


def weights_without_effect(weights: Mapping[str, float], categories: Sequence[str]) -> list[dict[str, Any]]:
    """Return a note where age bands are weighted that none of the categories is there for, else nothing."""
    concerned = [concerned_bands(category) for category in categories]
    idle = [band for band in weights if all(bands and band not in bands for bands in concerned)]
    return [note("note.weights_without_effect", bands=idle, categories=list(categories))] if idle else []
