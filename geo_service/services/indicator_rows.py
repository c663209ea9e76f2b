"""Rows and notes of the official indicators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.radius import Covered
from geo_service.domain.checklist import PASS, SHORT
from geo_service.domain.rules import Rule
from geo_service.foundation.texts import LANGS, Lang, text
from geo_service.services.notes import note

INDICATOR_COLUMNS: Final = (
    "level", "code", "name", "indicator", "covered_share", "residential_m2", "covered_m2",
    "radius_people_share", "walk_people_share", "radius_buildings_share", "walk_buildings_share",
    "walk_unknown_buildings", "people_total", "buildings_total", "sites", "target_share", "verdict", "to_verify",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """An indicator as it was found.

    ``unsure`` sites have no known size or are not verified; ``complete`` tells of each group, and of the whole (last),
    whether the inventory is declared complete.
    """

    rule: Rule
    covered: Covered
    unsure: int
    sites: int
    has_network: bool
    complete: npt.NDArray[np.bool_]


def indicator_row(
    found: Found,
    place: int,
    head: tuple[str, str | None, str | None],
    counted: Sequence[Mapping[str, Any] | None],
    targets: Sequence[Rule],
) -> dict[str, Any]:
    """Return the row of an indicator for an area or the whole.

    ``place`` is that of the area in the figures, ``counted`` the coverage rows by radius and by walk; ``targets`` are
    the rules that say which share is wanted. Without any site the share is known only where the inventory is complete.
    """
    level, code, name = head
    rule = found.rule
    is_known = bool(rule.categories) and (found.sites > 0 or bool(found.complete[place]))
    land = float(found.covered.land_m2[place])
    part = float(found.covered.covered_m2[place])
    share = part / land if is_known and land > 0 else None
    radius, walk = (row or {} for row in counted)
    target = next((one for one in targets if _wants(one, rule)), None)
    wanted = float(target.value) if target is not None else None
    row = {
        "level": level,
        "code": code,
        "name": name,
        "indicator": rule.id,
        "label": dict(rule.name),
        "covered_share": None if share is None else round(share, 6),
        "residential_m2": round(land) if land > 0 else None,
        "covered_m2": round(part) if is_known and land > 0 else None,
        "radius_people_share": radius.get("people_covered_share") if is_known else None,
        "radius_buildings_share": radius.get("buildings_covered_share") if is_known else None,
        "walk_people_share": walk.get("people_covered_share") if is_known and found.has_network else None,
        "walk_buildings_share": walk.get("buildings_covered_share") if is_known and found.has_network else None,
        "walk_unknown_buildings": walk.get("buildings_unknown") if is_known and found.has_network else None,
        "people_total": radius.get("people_total"),
        "buildings_total": radius.get("buildings_total"),
        "radii": _radii(rule),
        "is_recorded": bool(rule.categories),
        "sites": found.sites,
        "sites_unsure": found.unsure,
        "inventory_complete": bool(found.complete[place]),
        "target_share": wanted,
        "verdict": None if share is None or wanted is None else PASS if share > wanted else SHORT,
        "rules": [rule.id, *([target.id] if target is not None else [])],
        "to_verify": not rule.is_sure("service_radius_m", "value"),
        "withheld": bool(radius.get("withheld") or walk.get("withheld")),
    }
    return row | {"sentence": {lang: _sentence(row, lang) for lang in LANGS}}


def indicator_notes(
    polygons: int, outside: int, homes: int, found: Sequence[Found], *, has_network: bool
) -> list[dict[str, Any]]:
    """Return what a reader must know: what residential land is, and what of it or of the sites is missing."""
    notes = [note("note.indicators_land", count=polygons) if polygons else note("note.indicators_no_land")]
    if polygons and outside:
        notes.append(note("note.indicators_outside", count=outside, homes=homes))
    if not has_network:
        notes.append(note("note.indicators_no_network"))
    for one in found:
        if not one.rule.categories:
            notes.append(note("note.indicators_not_recorded", rule=one.rule.id))
        elif one.unsure:
            notes.append(note("note.indicators_unsure", rule=one.rule.id, count=one.unsure))
    return notes


def _wants(target: Rule, rule: Rule) -> bool:
    """Whether a target is about an indicator: the same facilities, of the city as a whole."""
    same = set(target.categories or ()) & set(rule.categories or ())
    return target.metric == "coverage_rate_gt" and bool(same) and rule.level in (None, "city")


def _radii(rule: Rule) -> list[dict[str, float]]:
    if isinstance(rule.value, list):
        return [{"min_m2": float(one["min_m2"]), "radius_m": float(one["radius_m"])} for one in rule.value]
    return [] if rule.service_radius_m is None else [{"radius_m": float(rule.service_radius_m)}]


def _sentence(row: Mapping[str, Any], lang: Lang) -> str:
    def share(key: str) -> str:
        return "—" if row[key] is None else f"{row[key] * 100:.1f} %"

    walked = "walk_people_share" if row["walk_people_share"] is not None else "walk_buildings_share"
    facts = {
        "name": row["label"][lang],
        "share": share("covered_share"),
        "land": "—" if row["residential_m2"] is None else f"{row['residential_m2'] / 10_000:,.1f}",
        "walk": share(walked),
        "target": share("target_share"),
    }
    if row["covered_share"] is None:
        key = "no_sites" if row["residential_m2"] is not None else "no_land"
        key = key if row["radii"] and row["is_recorded"] else "not_recorded"
        said = text(f"indicator.{key}", lang, **facts)
    else:
        said = text(f"indicator.share.{walked.split('_')[1]}", lang, **facts)
    if row["verdict"] is not None:
        said = text(f"indicator.target.{row['verdict']}", lang, said=said, **facts)
    return text("checklist.to_verify", lang, said=said) if row["to_verify"] else said
