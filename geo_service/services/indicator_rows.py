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
    "radius_people_share", "walk_people_share", "walk_people_not_covered_share", "walk_people_unknown_share",
    "radius_buildings_share", "walk_buildings_share", "walk_buildings_not_covered_share",
    "walk_buildings_unknown_share", "walk_unknown_buildings", "people_total", "buildings_total",
    "buildings_outside_share", "sites", "target_share", "verdict", "to_verify",
)  # fmt: skip
_MOST: Final = 0.5  # more homes than this share outside the land: what is said of the land is not said of the homes


@dataclass(frozen=True)
class Found:
    """An indicator as it was found.

    ``unsure`` sites have no known size or are not verified; of each group, and of the whole (last), ``complete`` tells
    whether the inventory is declared complete, ``outside_share`` the share of residential buildings that are not on
    the land counted (NaN: there are none).
    """

    rule: Rule
    covered: Covered
    unsure: int
    sites: int
    has_network: bool
    complete: npt.NDArray[np.bool_]
    outside_share: npt.NDArray[np.float64]


def indicator_row(
    found: Found,
    place: int,
    head: tuple[str, str | None, str | None],
    counted: Sequence[Mapping[str, Any] | None],
    targets: Sequence[Rule],
) -> dict[str, Any]:
    """Return the row of an indicator for an area or the whole.

    ``place`` is that of the area in the figures, ``counted`` the coverage rows by radius and by walk; ``targets`` are
    the rules that say which share is wanted. Without any site that is sure the share is known only where the inventory
    is complete; what is not sure might reach what is wanted. There is no verdict where most homes are outside the land
    counted.
    """
    level, code, name = head
    rule = found.rule
    is_known = bool(rule.categories) and (found.sites > 0 or (bool(found.complete[place]) and not found.unsure))
    land = float(found.covered.land_m2[place])
    part = float(found.covered.covered_m2[place])
    share = part / land if is_known and land > 0 else None
    radius, walk = (row or {} for row in counted)
    target = next((one for one in targets if _wants(one, rule)), None)
    wanted = float(target.value) if target is not None else None
    verdict: str | None = None
    outside = float(found.outside_share[place])
    if share is not None and wanted is not None and not outside > _MOST:
        verdict = PASS if share > wanted else None if found.unsure else SHORT
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
        **_walked(walk if is_known and found.has_network else {}),
        "walk_unknown_buildings": walk.get("buildings_unknown") if is_known and found.has_network else None,
        "buildings_outside_share": None if np.isnan(outside) else round(outside, 6),
        "people_total": radius.get("people_total"),
        "buildings_total": radius.get("buildings_total"),
        "radii": _radii(rule),
        "is_recorded": bool(rule.categories),
        "sites": found.sites,
        "sites_unsure": found.unsure,
        "inventory_complete": bool(found.complete[place]),
        "target_share": wanted,
        "verdict": verdict,
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


def _walked(walk: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the shares that get there on foot, do not, and are not known: these alone where all are."""
    shares: dict[str, float | None] = {}
    for basis in ("people", "buildings"):
        unknown = walk.get(f"{basis}_unknown_share")
        known = walk if unknown is None or unknown < 1 else {}
        shares[f"walk_{basis}_share"] = known.get(f"{basis}_covered_share")
        shares[f"walk_{basis}_not_covered_share"] = known.get(f"{basis}_not_covered_share")
        shares[f"walk_{basis}_unknown_share"] = unknown
    return shares


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

    ways = ("share", "not_covered_share", "unknown_share")
    told = [one for one in ("people", "buildings") if any(row[f"walk_{one}_{way}"] is not None for way in ways)]
    basis = told[0] if told else "buildings"
    facts = {
        "name": row["label"][lang],
        "share": share("covered_share"),
        "land": "—" if row["residential_m2"] is None else f"{row['residential_m2'] / 10_000:,.1f}",
        **{name: share(f"walk_{basis}_{way}") for name, way in zip(("walk", "far", "unknown"), ways, strict=True)},
        "target": share("target_share"),
        "outside": share("buildings_outside_share"),
    }
    if row["covered_share"] is None:
        key = "no_sites" if row["residential_m2"] is not None else "no_land"
        key = key if row["radii"] and row["is_recorded"] else "not_recorded"
        said = text(f"indicator.{key}", lang, **facts)
    else:
        said = text(f"indicator.share.{basis}" if told else "indicator.share", lang, **facts)
    if row["verdict"] is not None:
        said = text(f"indicator.target.{row['verdict']}", lang, said=said, **facts)
    elif None not in (row["covered_share"], row["target_share"]) and (row["buildings_outside_share"] or 0.0) > _MOST:
        said = text("indicator.target.outside", lang, said=said, **facts)
    return text("checklist.to_verify", lang, said=said) if row["to_verify"] else said
