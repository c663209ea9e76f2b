"""Open ground that is no facility yet: the sheet counts it, analyses of facilities do not and name it (decision 33)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo_service.domain.reference import Limit
from geo_service.services.checklist_places import GROUNDS, Sites, is_any_ground, read_sites
from geo_service.services.context import Context
from geo_service.services.notes import note

Floats = npt.NDArray[np.float64]
_NAMED_MOST: Final = 5  # grounds named in one note


def unregistered_rows(
    sites: Sites, inside: npt.NDArray[np.int64], communities: Sequence[tuple[str, str | None]], shown: Sequence[int]
) -> list[dict[str, Any]]:
    """Return open ground of the communities ``shown`` (or of none of them) that is no facility yet.

    ``inside`` is the community each site lies in, -1 for none, shape (p,).
    """
    all_shown = len(shown) == len(communities)
    rows = []
    for place in np.flatnonzero(sites.is_unregistered):
        community = int(inside[place])
        if community not in shown and not (community < 0 and all_shown):
            continue
        land = sites.land_m2[place]
        rows.append(
            {
                "code": str(sites.targets.code[place]),
                "name": sites.targets.name[place],
                "category": sites.category(int(place)),
                "layer": str(sites.layer[place]),
                "community_code": communities[community][0] if community >= 0 else None,
                "land_area_m2": None if np.isnan(land) else float(land),
            }
        )
    return rows


def unregistered_note(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a note about the ground a sheet counts that is no facility, none where there is none."""
    return [note("note.unregistered_grounds", count=len(rows), names=_names(rows))] if rows else []


def near_lacking(
    conn: Connection, ctx: Context, category: str, limit: Limit, homes: tuple[Floats, Floats]
) -> list[dict[str, Any]]:
    """Return a note naming open ground of ``category`` that is no facility yet near homes that lack it.

    ``homes``: longitude and latitude of homes that lack it, degrees, shapes (n,). Near is within ``limit`` in a
    straight line.
    """
    lon, lat = homes
    if category not in GROUNDS or not len(lon) or not is_any_ground(conn, category):
        return []
    sites = read_sites(conn, ctx, (float(np.mean(lon)), float(np.mean(lat))))
    places = sites.in_categories(category)
    places = places[sites.is_unregistered[places]]
    if not len(places):
        return []
    x, y = sites.frame.to_metric(lon, lat)
    tree = shapely.STRtree(shapely.points(x, y))
    near, _ = tree.query(sites.shape[places], predicate="dwithin", distance=limit.metres)
    found = [
        {"code": str(sites.targets.code[place]), "name": sites.targets.name[place]}
        for place in places[np.unique(near)]
    ]  # fmt: skip
    if not found:
        return []
    facts = {"categories": [category], "metres": f"{limit.metres:.0f}", "count": len(found), "names": _names(found)}
    return [note("note.unregistered_near_gap", **facts)]


def _names(rows: Sequence[Mapping[str, Any]]) -> str:
    named = [f"{row['name'] or ''} {row['code']}".strip() for row in rows[:_NAMED_MOST]]
    return ", ".join(named) + (" …" if len(rows) > _NAMED_MOST else "")
