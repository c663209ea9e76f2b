"""Small things to store."""

from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.domain.ways import WayArrays
from geo_service.storage.tables import HISTORY

ACTOR = LOCAL_ADMIN
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WHO = {"actor": ACTOR, "now": NOW}
LATER_WHO = {"actor": ACTOR, "now": LATER}


def history(connection, layer, row_id):
    """Return the history of one row, oldest first."""
    chosen = sa.select(HISTORY).where(HISTORY.c.layer == layer.name, HISTORY.c.row_id == row_id)
    return [dict(row) for row in connection.execute(chosen.order_by(HISTORY.c.id)).mappings()]


def areas() -> gpd.GeoDataFrame:
    """A district with two communities side by side: 990101001001 west, 990101001002 east of 0.1 degrees."""
    return gpd.GeoDataFrame(
        {
            "code": ["990101001002", "990101001001", "990101"],
            "name": ["东社区", "西社区", "区"],
            "level": ["community", "community", "district"],
            "parent_code": ["990101", "990101", None],
        },
        geometry=[shapely.box(0.1, 0, 0.2, 0.1), shapely.box(0, 0, 0.1, 0.1), shapely.box(0, 0, 0.2, 0.2)],
        crs="EPSG:4326",
    )


def grids() -> gpd.GeoDataFrame:
    """A governance grid in the west community, a unit grid inside it."""
    return gpd.GeoDataFrame(
        {"code": ["G1", "990101001001001"], "kind": ["governance", "unit"]},
        geometry=[shapely.box(0, 0, 0.05, 0.1), shapely.box(0, 0, 0.01, 0.01)],
        crs="EPSG:4326",
    )


def buildings(lon=(0.02, 0.07, 0.15), size: float = 0.001) -> gpd.GeoDataFrame:
    """Square houses at latitude 0.02, named B0, B1 … from west to east."""
    west = np.asarray(lon) - size / 2
    return gpd.GeoDataFrame(
        {
            "code": [f"B{n}" for n in range(len(west))],
            "name": ["一号楼", None, "tab\tnewline\nback\\slash"][: len(west)] + [None] * (len(west) - 3),
            "use": "residential",
            "floors": pd.array([6, None, 30][: len(west)] + [1] * (len(west) - 3), dtype="Int64"),
            "height_m": [18.5, np.nan, 90.0][: len(west)] + [3.0] * (len(west) - 3),
            "has_lift": pd.array([True, None, False][: len(west)] + [None] * (len(west) - 3), dtype="boolean"),
            "source": "test",
            "licence": "CC0",
        },
        geometry=shapely.box(west, 0.02, west + size, 0.02 + size),
        crs="EPSG:4326",
    )


def ways(codes=("w1", "w2"), shift: float = 0.0) -> WayArrays:
    """Two ways, the first in two parts (a node is missing), joined at node 4."""
    return WayArrays(
        codes=list(codes),
        names=["长街", None],
        highways=["residential", "steps"],
        snap_target=np.array([True, False]),
        step_free=np.array([True, False]),
        part_way=np.array([0, 0, 1], dtype=np.int32),
        part_start=np.array([0, 2, 4, 7], dtype=np.int64),
        node_ids=np.array([1, 2, 3, 4, 4, 5, 6], dtype=np.int64),
        lon=np.linspace(0, 0.1, 7) + shift,
        lat=np.linspace(0, 0.05, 7),
    )


NETWORK = {"code": "test", "geometry": shapely.box(0, 0, 0.2, 0.2), "fingerprint": "f" * 64, "source": "OSM"}
L = LAYERS
