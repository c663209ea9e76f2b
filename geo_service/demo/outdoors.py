"""Rows of spaces, adoptions, frontages, projects and cases."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo_service.demo.houses import Houses
from geo_service.demo.plan import Size, street_code
from geo_service.demo.rows import Placing, frame_of
from geo_service.demo.streets import StreetPlan
from geo_service.demo.territory import Territory
from geo_service.demo.works import make_adoptions, make_cases, make_frontages, make_projects
from geo_service.domain.layers import LAYERS

_STEMS = {"public_spaces": "PS", "green_spaces": "GS", "projects": "PJ", "cases": "CA", "frontages": "FR"}


def spaces(placing: Placing, layer: str, drafts: list[tuple[Any, int, dict[str, Any]]]) -> gpd.GeoDataFrame:
    """Return public or green spaces, numbered inside their street."""
    rows = [{**values, "geometry": shape, "street": street} for shape, street, values in drafts]
    return _rows(placing, layer, rows)


def works(
    placing: Placing,
    seed: int,
    size: Size,
    *,
    frames: Mapping[str, gpd.GeoDataFrame],
    houses: Houses,
    streets: StreetPlan,
    territory: Territory,
) -> dict[str, gpd.GeoDataFrame]:
    """Return adoptions, frontages, projects and cases."""
    adoptable = {
        name: frames[name].loc[frames[name]["is_adoptable"].astype(bool), "code"].tolist()
        for name in ("green_spaces", "public_spaces")
    }
    facilities = frames["facilities"]
    grounds = facilities.loc[facilities["category"] == "activity_ground", "code"].tolist()
    adopted = make_adoptions(
        seed, adoptable["green_spaces"][::2], adoptable["public_spaces"][::2], grounds[: max(6, len(grounds) // 3)]
    )
    codes = [f"AD{n + 1:05d}" for n in range(len(adopted))]
    return {
        "adoptions": frame_of("adoptions", codes, None, _columns("adoptions", adopted)),
        "frontages": _rows(placing, "frontages", make_frontages(seed, size, streets, territory)),
        "projects": _rows(placing, "projects", make_projects(seed, size, houses, streets, territory)),
        "cases": _rows(placing, "cases", make_cases(seed, size, houses, streets, territory)),
    }


def _rows(placing: Placing, layer: str, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return rows that carry their geometry and street."""
    count: dict[int, int] = {}
    codes = []
    for row in rows:
        count[row["street"]] = count.get(row["street"], 0) + 1
        codes.append(f"{street_code(row['street'])}-{_STEMS[layer]}{count[row['street']]:04d}")
    shapes = shapely.transform(np.array([row["geometry"] for row in rows], dtype=object), lambda xy: np.round(xy, 2))
    return frame_of(layer, codes, placing.geometries(shapes), _columns(layer, rows))


def _columns(layer: str, rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Turn rows into columns; a column no row has is left to its default."""
    given = {key for row in rows for key in row}
    return {f.key: [row.get(f.key, f.default) for row in rows] for f in LAYERS[layer].fields if f.key in given}
