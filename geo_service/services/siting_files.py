"""Siting from and to files: a user's own candidates in, tables of sites and candidates out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shapely import Point

from geo_service.domain.bands import BANDS
from geo_service.exchange.site_points import read_site_points
from geo_service.services.results import Table
from geo_service.services.siting_answer import CANDIDATE_COLUMNS, SITE_COLUMNS, flat_rows


def read_drawn(path: Path) -> list[dict[str, Any]]:
    """Return the points of a file; raises as :func:`geo_service.exchange.site_points.read_site_points`."""
    return read_site_points(path)


def site_tables(result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the chosen sites and all other candidates as points, one column a band."""
    withheld = ["withheld"] if "people_rounded_to" in result else []
    bands = [f"people_{band}" for band in BANDS]
    sites, others = flat_rows(result["sites"], tuple(BANDS)), list(result["candidates"])
    return {
        "sites": Table([*SITE_COLUMNS, *bands, *withheld], sites, [_point(one) for one in sites]),
        "candidates": Table(CANDIDATE_COLUMNS, others, [_point(one) for one in others]),
    }


def _point(row: Mapping[str, Any]) -> Point:
    return Point(row["lon"], row["lat"])
