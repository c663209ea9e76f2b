"""Siting from and to files: a user's own candidates in, tables of sites and candidates out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from shapely import Point

from geo_service.domain.bands import BANDS
from geo_service.exchange.site_points import read_sites
from geo_service.services.results import Table
from geo_service.services.siting_answer import CANDIDATE_COLUMNS, SITE_COLUMNS, flat_rows

_BROUGHT: Final = ("people", "homes", "yuan_per_person")


def read_drawn(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the points and lines of a file; raises as :func:`geo_service.exchange.site_points.read_sites`."""
    return read_sites(path)


def site_tables(result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the chosen sites and all other candidates as points, one column a band.

    Where it is not known whether quarters are closed the sites say in columns of their own what they bring if they are.
    """
    withheld = ["withheld"] if "people_rounded_to" in result else []
    bands = [f"people_{band}" for band in BANDS]
    sites, others = flat_rows(result["sites"], tuple(BANDS)), list(result["candidates"])
    closed = []
    if "if_closed" in result:
        closed = [f"{name}_if_closed" for name in _BROUGHT]
        for site, other in zip(sites, result["if_closed"]["sites"], strict=True):
            site |= {f"{name}_if_closed": other[name] for name in _BROUGHT}
    return {
        "sites": Table([*SITE_COLUMNS, *bands, *withheld, *closed], sites, [_point(one) for one in sites]),
        "candidates": Table(CANDIDATE_COLUMNS, others, [_point(one) for one in others]),
    }


def _point(row: Mapping[str, Any]) -> Point:
    return Point(row["lon"], row["lat"])
