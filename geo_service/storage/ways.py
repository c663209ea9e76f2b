"""Walking networks: one row per network, one per way; way arrays in and out."""

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
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import StoreFault
from geo_service.storage.bulk import Progress, Upserted, read_frame, upsert
from geo_service.storage.places import set_columns
from geo_service.storage.versions import append_history, history_line, raise_version

_GONE = "no longer in the source"


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
        All ways of the network. A way that another network already holds (overlapping extracts) stays with it and
        gets the parts of both; ways of this network that are not among them are retired.
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
    held = _held_by_others(connection, str(row["code"]), ways.codes)
    merged, owners = _merged(connection, ways, held) if held else (ways, {})
    networks = [owners.get(code, str(row["code"])) for code in merged.codes]
    source: dict[str, Any] = {key: row[key] for key in ("source", "licence") if key in row}
    done = upsert(connection, WAYS, _frame(merged, networks, source), actor=actor, now=now, progress=progress)
    _retire_missing(connection, str(row["code"]), set(ways.codes), actor=actor, now=now)
    return done


def read_ways(connection: sa.Connection, network_codes: Sequence[str] | None = None) -> WayArrays:
    """Return the ways of some networks (all by default), ordered by code.

    Raises StoreFault ``store_damaged`` if a way's vertices and node ids do not match.
    """
    where = None if network_codes is None else {"network_code": list(network_codes)}
    columns = ["code", "name", "highway", "is_snap_target", "is_step_free", "node_ids"]
    return _arrays(read_frame(connection, WAYS, columns, where=where))


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


def _frame(ways: WayArrays, networks: list[str], source: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return the ways as rows of their layer."""
    starts = way_vertex_starts(ways)
    node_bytes = np.ascontiguousarray(ways.node_ids, dtype="<i8").tobytes()
    bounds = (starts * 8).tolist()
    table = {
        "code": pd.Series(ways.codes, dtype=object),
        "network_code": pd.Series(networks, dtype=object),
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


def _held_by_others(connection: sa.Connection, network: str, codes: Sequence[str]) -> dict[str, str]:
    """Return way code → network code for those of ``codes`` that another network holds."""
    others = [row["code"] for row in networks(connection) if row["code"] != network]
    if not others:
        return {}
    frame = read_frame(connection, WAYS, ["code", "network_code"], geometry=False, where={"network_code": others})
    wanted = set(codes)
    return {c: n for c, n in zip(frame["code"], frame["network_code"], strict=True) if c in wanted}


def _merged(connection: sa.Connection, ways: WayArrays, held: Mapping[str, str]) -> tuple[WayArrays, dict[str, str]]:
    """Return the ways with the parts that other networks hold of them added, and who owns those."""
    stored = read_ways(connection, sorted(set(held.values())))
    index = {code: n for n, code in enumerate(stored.codes)}
    starts, old_starts = way_vertex_starts(ways), way_vertex_starts(stored)
    pieces: list[tuple[WayArrays, int, int]] = []  # (arrays, part, new way)
    for way, code in enumerate(ways.codes):
        both = [(ways, way, starts)]
        if code in held:
            old = (stored, index[code], old_starts)
            mine, theirs = _nodes(*both[0]), _nodes(*old)
            both = [old] if mine <= theirs else both if theirs <= mine else [old, *both]
        for arrays, number, _ in both:
            first, last = np.searchsorted(arrays.part_way, [number, number + 1])
            pieces += [(arrays, part, way) for part in range(int(first), int(last))]
    slices = [(arrays, slice(int(arrays.part_start[p]), int(arrays.part_start[p + 1]))) for arrays, p, _ in pieces]
    return (
        WayArrays(
            codes=ways.codes,
            names=ways.names,
            highways=ways.highways,
            snap_target=ways.snap_target,
            step_free=ways.step_free,
            part_way=np.array([way for _, _, way in pieces], dtype=np.int32),
            part_start=np.concatenate([[0], np.cumsum([s.stop - s.start for _, s in slices])]).astype(np.int64),
            node_ids=np.concatenate([arrays.node_ids[s] for arrays, s in slices]),
            lon=np.concatenate([arrays.lon[s] for arrays, s in slices]),
            lat=np.concatenate([arrays.lat[s] for arrays, s in slices]),
        ),
        dict(held),
    )


def _nodes(arrays: WayArrays, way: int, starts: npt.NDArray[np.int64]) -> set[int]:
    return set(arrays.node_ids[starts[way] : starts[way + 1]].tolist())


def _retire_missing(connection: sa.Connection, network: str, present: set[str], *, actor: Actor, now: datetime) -> None:
    """Retire the ways of a network that its source no longer has."""
    frame = read_frame(connection, WAYS, ["id", "code", "version"], geometry=False, where={"network_code": network})
    gone = frame[~frame["code"].isin(present)]
    if not len(gone):
        return
    ids, versions = gone["id"].tolist(), gone["version"].tolist()
    values = {"retired_at": to_iso(now), "retired_reason": _GONE}
    columns: dict[str, list[Any]] = {"id": ids, "version": [version + 1 for version in versions]}
    for name, value in {**values, "updated_at": to_iso(now), "updated_by": actor.name}.items():
        columns[name] = [value] * len(ids)
    set_columns(connection, WAYS, columns)
    before = dict.fromkeys(values)
    append_history(
        connection,
        [
            history_line(WAYS, row_id, version + 1, "retired", before=before, after=values, actor=actor, now=now)
            for row_id, version in zip(ids, versions, strict=True)
        ],
    )
    raise_version(connection, WAYS)
