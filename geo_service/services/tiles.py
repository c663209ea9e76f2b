"""Vector tiles: who may see them, what they hold, and two caches in memory: layer versions and finished tiles.

Decision 0017: a tile's key holds the version of its layer, so nothing in the cache is ever stale; the versions
themselves are read at most once a second and at once after a write of this process.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.cartography.styles import STYLES, style_version
from geo_service.domain.fields import Layer
from geo_service.domain.layers import layer_named
from geo_service.domain.privacy import PEOPLE_FIELDS, hidden_fields
from geo_service.domain.rights import reach_of, read_story, tile_stories, visibility
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services import runs
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.told import sees_exact
from geo_service.storage import spatial, versions
from geo_service.storage.visible import visible_sql

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from geo_service.storage.store import Store

DEEPEST_ZOOM: Final = 20
CACHE_BYTES: Final = 128 * 1024 * 1024
VERSIONS_LAST_S: Final = 1.0
AGGREGATED_LAYERS: Final = ("buildings", "households", "facilities")
AGGREGATED_UP_TO_ZOOM: Final = 13
_RUNS_KEPT: Final = 4


@dataclass(frozen=True)
class TileAddress:
    """Which tile: layer, zoom, column, row (Web Mercator, row 0 in the north), and the run joined to buildings."""

    layer: str
    z: int
    x: int
    y: int
    run: str | None = None


def check_address(address: TileAddress) -> Layer:
    """Return the tile's layer.

    Raises NotFound ``layer_unknown`` or ``layer_without_tiles``, InvalidInput ``tile_out_of_range`` or
    ``tile_run_layer``.
    """
    layer = layer_named(address.layer)
    if layer.geometry is None:
        raise NotFound("layer_without_tiles", layer=layer.name)
    side = 2**address.z if 0 <= address.z <= DEEPEST_ZOOM else 0
    if not (0 <= address.x < side and 0 <= address.y < side):
        raise InvalidInput("tile_out_of_range", z=address.z, x=address.x, y=address.y, deepest=DEEPEST_ZOOM)
    if address.run is not None and layer.name != "buildings":
        raise InvalidInput("tile_run_layer", layer=layer.name)
    if layer.personal and layer.name not in AGGREGATED_LAYERS:
        raise NotFound("layer_without_tiles", layer=layer.name)
    return layer


def is_aggregated(layer: Layer, zoom: int) -> bool:
    """Whether a tile shows cells with counts: from afar, and at any zoom of a layer whose rows are personal."""
    return layer.name in AGGREGATED_LAYERS and (layer.personal or zoom <= AGGREGATED_UP_TO_ZOOM)


def key_of(address: TileAddress, layer: Layer, now: Mapping[str, int], ctx: Context) -> str:
    """Return what names a tile for good: place, versions of what it shows, run, style, and who sees the same.

    The first line of the story: Forbidden ``forbidden`` before anything is looked up in the cache.
    """
    may_see(ctx, address, layer)
    shown = ["households", "buildings"] if layer.name == "households" else [layer.name]
    seers = visibility(ctx.actor, tile_stories(layer.name))
    if "=own" in seers:
        shown += ["areas", "grids"]
    seen = ",".join(f"{name}={now.get(name, 0)}" for name in shown)
    place = f"{address.layer}/{address.z}/{address.x}/{address.y}"
    return f"{place}|{seen}|{address.run or ''}|{style_version()}|{seers}|{ctx.store}"


def may_see(ctx: Context, address: TileAddress, layer: Layer) -> None:
    """Raise Forbidden ``forbidden`` for who may see nothing of the layer, or not the run."""
    may(ctx.actor, read_story(layer.name))
    if address.run is not None:
        may(ctx.actor, "read_runs")


class Versions:
    """The layers' versions as of at most a second ago, without asking the store each time."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: Mapping[str, int] = {}
        self._read_at: float | None = None

    def current(self, store: "Store") -> Mapping[str, int]:
        """Return version by layer; reads them where the last reading is older than a second."""
        with self._lock:
            now = self._monotonic()
            if self._read_at is None or now - self._read_at > VERSIONS_LAST_S:
                with store.reading() as conn:
                    self._known = versions.layer_versions(conn)
                self._read_at = now
            return self._known

    def forget(self) -> None:
        """Read again at the next question (call after a committed write)."""
        with self._lock:
            self._read_at = None


class TileCache:
    """Finished tiles by key, the longest unused dropped first, limited by bytes. Safe between threads."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._tiles: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> bytes | None:
        """Return the tile, None if it is not here; empty tiles are ``b""``."""
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def put(self, key: str, tile: bytes) -> None:
        """Keep a tile; one larger than an eighth of the cache is not kept."""
        if len(tile) > self._limit // 8:
            return
        with self._lock:
            old = self._tiles.pop(key, None)
            if old is not None:
                self._size -= _weight(old)
            self._tiles[key] = tile
            self._size += _weight(tile)
            while self._size > self._limit:
                _, dropped = self._tiles.popitem(last=False)
                self._size -= _weight(dropped)


def _weight(tile: bytes) -> int:
    """Bytes a tile costs the cache, its key and bookkeeping included."""
    return len(tile) + 200


@dataclass(frozen=True)
class RunHomes:
    """Per building what a coverage run found, ready to be looked up by building id.

    Attributes
    ----------
    building_id
        Ascending, shape (h,).
    keys
        Property names of a tile: ``s_<category>`` and ``d_<category>`` for every category, shape (2c,).
    values
        States 0/1/2 and whole metres (-1 not reachable), shape (h, 2c).
    is_told
        Whether those may know it as a home who may not see households: not what is one by a few residents only,
        shape (h,).
    """

    building_id: npt.NDArray[np.int64]
    keys: tuple[str, ...]
    values: npt.NDArray[np.int32]
    is_told: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "RunHomes":
        """Return the look-up of a run's part "homes"."""
        order = np.argsort(arrays["building_id"], kind="stable")
        metres = arrays["metres"][order]
        whole = np.where(np.isfinite(metres), np.rint(np.where(np.isfinite(metres), metres, 0)), -1)
        categories = [str(code) for code in arrays["categories"]]
        values = np.hstack([arrays["state"][order].astype(np.int32), whole.astype(np.int32)])
        keys = (*(f"s_{code}" for code in categories), *(f"d_{code}" for code in categories))
        told = arrays.get("is_told", np.zeros(len(order), bool))  # kept before it was known
        return cls(arrays["building_id"][order], keys, values, told[order])

    def properties(self, ids: npt.NDArray[np.int64]) -> list[dict[str, int]]:
        """Return the properties of buildings by id; none for a building that is no home of the run."""
        return self._properties(ids, np.ones(len(self.building_id), bool))

    def told_properties(self, ids: npt.NDArray[np.int64]) -> list[dict[str, int]]:
        """Return the same for who may not see households."""
        return self._properties(ids, self.is_told)

    def _properties(self, ids: npt.NDArray[np.int64], wanted: npt.NDArray[np.bool_]) -> list[dict[str, int]]:
        place = np.searchsorted(self.building_id, ids)
        place[place == len(self.building_id)] = 0
        some = len(self.building_id) > 0
        known = (self.building_id[place] == ids) & wanted[place] if some else np.zeros(len(ids), dtype=bool)
        rows = self.values[place].tolist() if len(self.building_id) else [[]] * len(ids)
        return [
            dict(zip(self.keys, row, strict=True)) if k else {} for row, k in zip(rows, known.tolist(), strict=True)
        ]


class RunsKept:
    """The look-ups of the last few runs, so that a map of tiles unpacks each run once."""

    def __init__(self, most: int = _RUNS_KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, RunHomes] = OrderedDict()

    def get(self, conn: "Connection", ctx: Context, uid: str) -> RunHomes:
        """Return the look-up of a run; NotFound ``run_unknown``, ``run_part_unknown``."""
        with self._lock:
            kept = self._kept.get(uid)
            if kept is not None:
                self._kept.move_to_end(uid)
                return kept
        runs.get_run(conn, ctx, uid)
        made = RunHomes.of(runs.run_homes(conn, ctx, uid))
        with self._lock:
            self._kept[uid] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def make_tile(conn: "Connection", ctx: Context, address: TileAddress, kept: RunsKept) -> bytes:
    """Return the tile's bytes, empty where there is nothing."""
    layer = check_address(address)
    may_see(ctx, address, layer)
    place = (address.z, address.x, address.y)
    seen = visible_sql(ctx.actor, reach_of(ctx.actor, read_story(layer.name)), layer)
    if is_aggregated(layer, address.z):
        people = visible_sql(ctx.actor, reach_of(ctx.actor, "read_people"), layer)
        exact = visible_sql(ctx.actor, reach_of(ctx.actor, "read_households"), layer)
        return spatial.mvt_cells(conn, layer, *place, seen=seen, people=people, exact=exact)
    hidden = hidden_fields(ctx.actor, layer)
    columns = [key for key in tile_columns(layer) if key not in hidden]
    if address.run is None:
        return spatial.mvt(conn, layer, *place, columns, seen=seen)
    found = kept.get(conn, ctx, address.run)
    extra = found.properties if sees_exact(ctx) else found.told_properties
    return spatial.mvt(conn, layer, *place, columns, extra=extra, seen=seen)


def tile_columns(layer: Layer) -> list[str]:
    """Return the columns a tile of single features carries: code, name and what styles choose by; nothing personal."""
    named = [layer.title_field] if (title := layer.field(layer.title_field)) and not title.personal else []
    chosen = [
        field.key
        for field in layer.fields
        if field.kind in ("choice", "boolean") and not field.personal and field.name not in PEOPLE_FIELDS
    ]
    styled = [rule.field for rule in STYLES[layer.name].rules]
    return list(dict.fromkeys(["code", *named, *styled, *chosen]))
