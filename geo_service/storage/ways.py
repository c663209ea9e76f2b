"""Walking networks: one row per network, one per way of it; way arrays in and out.

Every network keeps its own copy of its ways, exactly as its source gives them, also of those that another network
has too (overlapping extracts). Codes are unique in a layer, so such a copy is stored as ``<code>@<network code>``
unless it came first; :func:`read_ways` gives the plain codes back. Equal node ids join the copies to one network.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.streets import NETWORKS, WAYS
from geo_service.domain.ways import WayArrays
from geo_service.foundation.errors import StoreFault
from geo_service.storage.bulk import Progress, Upserted, read_frame, retire, upsert

_GONE = "no longer in the source"
_OF = "@"  # between the code of a way and that of its network; no code of a source has it


def write_ways(
    connection: sa.Connection,
    network_row: Mapping[str, Any],
    ways: WayArrays,
    *,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
) -> Upserted:
    """Write a network and its ways by code.

    Parameters
    ----------
    connection
        A writing one.
    network_row
        ``code``, ``geometry`` (the extent, EPSG:4326), ``source``, ``licence`` and field keys of NETWORKS.
    ways
        All ways of the network, with the codes of their source. Ways of this network that are not among them are
        retired; rows of other networks are never touched.
    actor, now, progress
        As for :func:`bulk.upsert`.

    Returns
    -------
    Upserted
        Counts of the ways. Raises as :func:`bulk.upsert`.
    """
    row = {**network_row, "ways_count": len(ways.codes)}
    row.setdefault("geometry", row.pop("geom", None))
    frame = gpd.GeoDataFrame([row], geometry="geometry", crs="EPSG:4326")
    upsert(connection, NETWORKS, frame, actor=actor, now=now)
    network = str(row["code"])
    codes = _stored_codes(connection, network, ways.codes)
    source: dict[str, Any] = {key: row[key] for key in ("source", "licence") if key in row}
    done = upsert(connection, WAYS, _frame(ways, codes, network, source), actor=actor, now=now, progress=progress)
    own = read_frame(connection, WAYS, ["id", "code"], geometry=False, where={"network_code": network})
    retire(connection, WAYS, own.loc[~own["code"].isin(set(codes)), "id"].tolist(), _GONE, actor=actor, now=now)
    return done


def read_ways(connection: sa.Connection, network_codes: Sequence[str] | None = None) -> WayArrays:
    """Return the ways of some networks (all by default), ordered by network, then by the code of their source.

    A way that several networks hold comes once for each. Which of them was stored first makes no difference.
    Raises StoreFault ``store_damaged`` if a way's vertices and node ids do not match.
    """
    where = None if network_codes is None else {"network_code": list(network_codes)}
    columns = ["code", "network_code", "name", "highway", "is_snap_target", "is_step_free", "node_ids"]
    frame = read_frame(connection, WAYS, columns, where=where)
    named = list(zip(frame["network_code"], frame["code"], strict=True))
    frame["code"] = pd.Series([_plain(code, network) for network, code in named], dtype=object)
    keys = list(zip(frame["network_code"], frame["code"], strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return _arrays(frame if order == list(range(len(order))) else frame.iloc[order])


def networks(connection: sa.Connection) -> list[dict[str, Any]]:
    """Return the networks ordered by code: common columns, field keys and ``geom`` (the extent)."""
    keys = [field.key for field in NETWORKS.fields]
    frame = read_frame(connection, NETWORKS, ["id", "uid", "code", "source", "licence", "version", *keys])
    rows = []
    for record in frame.to_dict("records"):
        geometry = record.pop("geometry")
        rows.append({key: None if _is_nan(value) else value for key, value in record.items()} | {"geom": geometry})
    return rows


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _frame(ways: WayArrays, codes: Sequence[str], network: str, source: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the ways as rows of their layer."""
    starts = way_vertex_starts(ways)
    node_bytes = np.ascontiguousarray(ways.node_ids, dtype="<i8").tobytes()
    bounds = (starts * 8).tolist()
    table = {
        "code": pd.Series(list(codes), dtype=object),
        "network_code": pd.Series([network] * len(codes), dtype=object),
        "name": pd.Series(ways.names, dtype=object),
        "highway": pd.Series(ways.highways, dtype=object),
        "is_snap_target": np.asarray(ways.snap_target, dtype=bool),
        "is_step_free": np.asarray(ways.step_free, dtype=bool),
        "node_ids": pd.Series([node_bytes[a:b] for a, b in pairwise(bounds)], dtype=object),
    }
    frame = gpd.GeoDataFrame(table, geometry=_lines(ways), crs="EPSG:4326")
    for key, value in source.items():
        frame[key] = pd.Series([value] * len(frame), dtype=object)
    return frame


def way_vertex_starts(ways: WayArrays) -> npt.NDArray[np.int64]:
    """Return the first vertex of each way, then the number of vertices; shape (w + 1,)."""
    first_part = np.searchsorted(ways.part_way, np.arange(len(ways.codes) + 1))
    return np.asarray(ways.part_start, dtype=np.int64)[first_part]


def _lines(ways: WayArrays) -> npt.NDArray[np.object_]:
    if not len(ways.codes):
        return np.empty(0, dtype=object)
    part_of_vertex = np.repeat(np.arange(len(ways.part_way)), np.diff(ways.part_start))
    parts = shapely.linestrings(np.column_stack([ways.lon, ways.lat]), indices=part_of_vertex)
    return np.asarray(shapely.multilinestrings(parts, indices=ways.part_way), dtype=object)


def _arrays(frame: Any) -> WayArrays:
    """Return the arrays of rows."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    parts, part_way = shapely.get_parts(shapes, return_index=True)
    coordinates = shapely.get_coordinates(parts)
    sizes = shapely.get_num_coordinates(parts)
    node_ids = np.frombuffer(b"".join(frame["node_ids"]), dtype="<i8").astype(np.int64)
    if len(node_ids) != len(coordinates):
        raise StoreFault("store_damaged", store="", reason="way.node_ids")
    return WayArrays(
        codes=list(frame["code"]),
        names=list(frame["name"]),
        highways=list(frame["highway"]),
        snap_target=frame["is_snap_target"].to_numpy(dtype=bool),
        step_free=frame["is_step_free"].to_numpy(dtype=bool),
        part_way=np.asarray(part_way, dtype=np.int32),
        part_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        node_ids=node_ids,
        lon=np.ascontiguousarray(coordinates[:, 0]),
        lat=np.ascontiguousarray(coordinates[:, 1]),
    )


def _stored_codes(connection: sa.Connection, network: str, codes: Sequence[str]) -> list[str]:
    """Return the code each way is stored under: its own, or a longer one where another network's row has that.

    A row keeps its code for good; retired rows keep theirs too.
    """
    found = connection.exec_driver_sql(
        f'SELECT t.code, n.code FROM "{WAYS.noun}" t JOIN "{NETWORKS.noun}" n ON n.id = t.network_id'
    )
    owners: dict[str, str] = {row[0]: row[1] for row in found}
    own = {_plain(code, network): code for code, owner in owners.items() if owner == network}
    return [own.get(code) or (f"{code}{_OF}{network}" if code in owners else code) for code in codes]


def _plain(code: str, network: str) -> str:
    """Return the code a way has in its source."""
    return code.removesuffix(f"{_OF}{network}")
