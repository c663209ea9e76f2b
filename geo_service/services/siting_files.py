"""Siting from and to files: a user's own candidates in, tables of sites and candidates out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from shapely import Point

from geo_service.domain.bands import BANDS
from geo_service.domain.reference import categories
from geo_service.exchange.site_points import read_sites
from geo_service.foundation.texts import Lang
from geo_service.services.context import Context
from geo_service.services.limit_rules import limit_columns
from geo_service.services.results import Table
from geo_service.services.rights import may
from geo_service.services.siting_answer import CANDIDATE_COLUMNS, SITE_COLUMNS, flat_rows

_BANDS: Final = tuple(f"people_{band}" for band in BANDS)
_BROUGHT: Final = (
    "people", "people_covered_from_unknown", "homes", "homes_covered_from_unknown", "mean_saved_m", "yuan_per_person",
    *_BANDS,
)  # fmt: skip


def read_drawn(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the points and lines of a file; raises as :func:`geo_service.exchange.site_points.read_sites`."""
    return read_sites(path)


def site_tables(ctx: Context, result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the chosen sites and all other candidates as points, one column a band; each row says what was asked.

    Where it is not known whether quarters are closed the sites say in columns of their own what they bring if they are.
    """
    may(ctx.actor, "read_runs")
    withheld = ["withheld"] if "people_rounded_to" in result else []
    sites, others = flat_rows(result["sites"], tuple(BANDS)), list(result["candidates"])
    closed = []
    if "if_closed" in result:
        closed = [f"{name}_if_closed" for name in _BROUGHT]
        others_closed = flat_rows(result["if_closed"]["sites"], tuple(BANDS))
        for site, other in zip(sites, others_closed, strict=True):
            site |= {f"{name}_if_closed": other.get(name) for name in _BROUGHT}
    same = {
        "category": result["category"],
        "category_label": categories()[result["category"]].label[ctx.lang],
        **limit_columns(result["rule"]),
        "objective": result["objective"],
        "inventory_complete": result["inventory_complete"],
    }
    sites, others = ([_in_words(row, ctx.lang) | same for row in rows] for rows in (sites, others))
    site_columns = [*SITE_COLUMNS, "doubt", *_BANDS, *withheld, *closed, *same]
    return {
        "sites": Table(site_columns, sites, [_point(one) for one in sites]),
        "candidates": Table([*CANDIDATE_COLUMNS, "why", "doubt", *same], others, [_point(one) for one in others]),
    }


def _in_words(row: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Return a row with what is said of it in one language."""
    return {**row, **{key: row[key][lang] for key in ("why", "doubt") if row.get(key) is not None}}


def _point(row: Mapping[str, Any]) -> Point:
    return Point(row["lon"], row["lat"])
