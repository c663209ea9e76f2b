"""Closed quarters, gates and barriers of the store on a walking network, in one of two readings (PRODUCT §3.8)."""

import os
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import numpy as np
import shapely
from sqlalchemy import Connection

from geo_service.analysis.closures import enclose
from geo_service.analysis.compounds import EVERYONE, NOBODY, RESIDENTS, Arranged, Grounds, arrange
from geo_service.analysis.network import Network, load_network, save_network, share_snap_index
from geo_service.domain.gate_hours import ALWAYS, is_open
from geo_service.domain.layers import LAYERS
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.errors import NotFound, StoreFault
from geo_service.services.context import Context
from geo_service.storage.frames import read_frame
from geo_service.storage.versions import layer_versions

# what is not known counts as open (the main reading) or as closed where gates are recorded
Reading = Literal["open", "closed"]
_LAYERS: Final = ("areas", "gates", "barriers")
VERSION: Final = 2  # raised when the way a network is derived, or what is told of it, changes
_STOPPING: Final = ("residents", "staff", "nobody")
_MARGIN_DEG: Final = 0.003  # barriers a leg of 200 m beyond the last street may cross
_KEPT_IN_MEMORY: Final = 8
_PASSES: Final[dict[Reading, dict[str, int]]] = {
    "open": {"everyone": EVERYONE, "residents": RESIDENTS, "unknown": EVERYONE},
    "closed": {"everyone": EVERYONE, "residents": RESIDENTS, "unknown": RESIDENTS},
}
_Made = tuple[Network, "Closures"]
_derived: OrderedDict[tuple[Path, str, tuple[int, ...], Reading, frozenset[str], str | None], _Made] = OrderedDict()
_deriving = Lock()


@dataclass(frozen=True)
class Closures:
    """What must be told of the closed quarters and gates of a network; codes, sorted.

    Attributes
    ----------
    unknown
        Quarters that may be closed, and gates of closed ones that may not let everyone pass: the two readings differ.
    without_gate
        Closed quarters without a gate through which their residents could leave: taken as open.
    overlapping
        Closed quarters that overlap: taken as one.
    far_gates
        Gates too far from the boundary of the quarter they are recorded for: without effect.
    idle_gates
        Gates of closed quarters with no street in reach.
    loose_gates
        Gates that do not let everyone pass and stand on no boundary of a closed quarter: they stop nobody.
    hours
        Gates of closed quarters that let somebody pass at certain hours only and count as open: at all hours where no
        time of day is asked about, else those whose hours cannot be read.
    at
        Time of day asked about, ``HH:MM``; None: all hours.
    shut
        Gates of closed quarters that are shut at that time.
    locked
        Closed quarters whose gates are then all shut: nobody comes in or out.
    names
        What those of them that have a name are called, by code.
    """

    unknown: tuple[str, ...] = ()
    without_gate: tuple[str, ...] = ()
    overlapping: tuple[str, ...] = ()
    far_gates: tuple[str, ...] = ()
    idle_gates: tuple[str, ...] = ()
    loose_gates: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    at: str | None = None
    shut: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


NO_CLOSURES: Final = Closures()


def closure_versions(conn: Connection) -> tuple[int, ...]:
    """Return the versions of what closures are read from; nothing where there never was a gate or a barrier."""
    now = layer_versions(conn)
    found = tuple(now[name] for name in _LAYERS)
    return found if any(found[1:]) else ()


def derived(
    conn: Connection,
    ctx: Context,
    folder: Path,
    network: Network,
    *,
    versions: tuple[int, ...],
    reading: Reading,
    opened: frozenset[str] = frozenset(),
    at: str | None = None,
) -> tuple[Network, Closures]:
    """Return the network as closures leave it, built at first use and kept beside it in ``folder``.

    ``versions`` are those of :func:`closure_versions`; ``opened`` are codes of gates that are supposed to let everyone
    pass, at all hours; ``at`` is a time of day (HH:MM) at which gates that are not open let nobody pass.
    """
    if not versions:
        return network, NO_CLOSURES
    key = (folder.resolve(), network.fingerprint, versions, reading, opened, at)
    is_other = bool(opened) or at is not None
    like = derived(conn, ctx, folder, network, versions=versions, reading=reading)[0] if is_other else network
    with _deriving:
        if key not in _derived:
            _derived[key] = _read(conn, ctx, folder, network, reading, opened=opened, at=at, like=like)
        _derived.move_to_end(key)
        while len(_derived) > _KEPT_IN_MEMORY:
            _derived.popitem(last=False)
        return _derived[key]


def _read(
    conn: Connection,
    ctx: Context,
    folder: Path,
    network: Network,
    reading: Reading,
    *,
    opened: frozenset[str],
    at: str | None,
    like: Network,
) -> _Made:
    """Return the network and what is to be told, from disk where it is the same as before; ``like`` may lie alike."""
    if not network.node_count:
        return network, NO_CLOSURES
    rows = _Rows.read(conn, network)
    supposed = rows.gates["code"].isin(opened)
    rows.gates.loc[supposed, "passes"] = "everyone"
    if at is not None:
        rows.gates.loc[supposed, "hours"] = None
    shut, timed = rows.by_hours(at)
    at_all_hours = {one: arrange(rows.grounds(network.frame, one)) for one in ("open", "closed")}
    by_reading = {one: _without(arranged, shut) for one, arranged in at_all_hours.items()}
    arranged = by_reading[reading]
    barriers = network.frame.geometries_to_metric(rows.barriers.geometry.to_numpy())
    codes = [str(code) for code in rows.barriers["code"]]
    made = network
    if arranged.code or codes:
        made = _kept(ctx, folder, network, arranged, (codes, barriers), like=like)
    idle: set[str] = set()
    if made.enclosed is not None:
        joined = set(made.enclosed.joint_gate.tolist())
        idle = {code for place, code in enumerate(arranged.gate_code) if place not in joined}
    main = by_reading["open"]
    return made, Closures(
        _unknown(main, by_reading["closed"]),
        tuple(main.without_gate),
        tuple(main.overlapping),
        tuple(main.far_gates),
        tuple(sorted(idle)),
        tuple(
            sorted(rows.stopping() - {code for one in by_reading.values() for code in (*one.gate_code, *one.far_gates)})
        ),
        tuple(sorted(timed & {code for code, _, level in _gates(at_all_hours["closed"]) if level != NOBODY})),
        at,
        tuple(sorted(shut & {code for code, _, level in _gates(at_all_hours["closed"]) if level != NOBODY})),
        tuple(code for place, code in enumerate(main.code) if place not in _leaving(main)) if shut else (),
        rows.names(),
    )


def _without(arranged: Arranged, shut: set[str]) -> Arranged:
    """Return the same with gates that let nobody pass: a quarter whose gates are all shut is closed all the same."""
    if not shut:
        return arranged
    is_shut = np.isin(arranged.gate_code, list(shut))
    return replace(arranged, gate_passes=np.where(is_shut, NOBODY, arranged.gate_passes).astype(np.int8))


def _leaving(arranged: Arranged) -> set[int]:
    """Return the places of the quarters with a gate their residents pass."""
    return {compound for _, compound, level in _gates(arranged) if level >= RESIDENTS}


def _kept(
    ctx: Context, folder: Path, network: Network, arranged: Arranged, barriers: tuple[list[str], Any], *, like: Network
) -> Network:
    """Return the derived network from its folder, built if it is not there."""
    place = folder / f"{network.fingerprint[:32]}-{_content(network, arranged, barriers)[:32]}"
    try:
        found = load_network(place)
        os.utime(place)
    except (NotFound, StoreFault, OSError):
        shutil.rmtree(place, ignore_errors=True)
        ctx.progress(None, "progress.network_closures")
        made = enclose(network, arranged, *barriers)
        share_snap_index(made, like)
        save_network(made, place)
        return load_network(place)
    return found


def _content(network: Network, arranged: Arranged, barriers: tuple[list[str], Any]) -> str:
    """Return a fingerprint of everything a derived network is made of."""
    digest = sha256(f"{VERSION} {network.fingerprint} {arranged.code} {arranged.gate_code} {barriers[0]}".encode())
    for array in (arranged.gate_x, arranged.gate_y, arranged.gate_compound, arranged.gate_passes):
        digest.update(np.ascontiguousarray(array).tobytes())
    for shape in (*arranged.shape, *barriers[1]):
        digest.update(shapely.to_wkb(shape))
    return digest.hexdigest()


def _unknown(main: Arranged, strict: Arranged) -> tuple[str, ...]:
    """Return the quarters and gates by which the readings differ."""
    quarters = set(strict.code) ^ set(main.code)
    passes = [
        {(one, arranged.code[at]): int(level) for one, at, level in _gates(arranged)} for arranged in (main, strict)
    ]
    gates = {pair[0] for pair, level in passes[0].items() if passes[1].get(pair, level) != level}
    return (*sorted(quarters), *sorted(gates))


def _gates(arranged: Arranged) -> list[tuple[str, int, int]]:
    compound, passes = arranged.gate_compound.tolist(), arranged.gate_passes.tolist()
    return list(zip(arranged.gate_code, compound, passes, strict=True))


@dataclass(frozen=True)
class _Rows:
    """Frames of quarters that are or may be closed, gates and barriers, and the box around the network; lon/lat."""

    quarters: Any
    gates: Any
    barriers: Any
    box: tuple[float, float, float, float]

    @classmethod
    def read(cls, conn: Connection, network: Network) -> "_Rows":
        """Return what lies around the network."""
        lon, lat = network.frame.to_lonlat(
            [network.x.min(), network.x.max(), network.x.min(), network.x.max()],
            [network.y.min(), network.y.min(), network.y.max(), network.y.max()],
        )
        box = (
            float(lon.min()) - _MARGIN_DEG,
            float(lat.min()) - _MARGIN_DEG,
            float(lon.max()) + _MARGIN_DEG,
            float(lat.max()) + _MARGIN_DEG,
        )
        where = {"level": "quarter", "closure": ["closed", "unknown"]}
        frames = (
            read_frame(conn, LAYERS["areas"], ["code", "name", "closure"], where=where, bbox=box),
            read_frame(
                conn, LAYERS["gates"], ["code", "name", "quarter_code", "passes", "hours"]
            ),  # also those far off
            read_frame(conn, LAYERS["barriers"], ["code"], bbox=box),
        )
        quarters, gates, barriers = (one[~_empty(one)].reset_index(drop=True) for one in frames)
        return cls(quarters, gates, barriers, box)

    def names(self) -> dict[str, str]:
        """Return what quarters and gates are called, by code; only those that are called something."""
        pairs = [pair for one in (self.quarters, self.gates) for pair in zip(one["code"], one["name"], strict=True)]
        return {str(code): name for code, name in pairs if isinstance(name, str) and name}

    def stopping(self) -> set[str]:
        """Return the codes of gates around the network that do not let everyone pass."""
        x, y = (get(shapely.centroid(self.gates.geometry.to_numpy())) for get in (shapely.get_x, shapely.get_y))
        west, south, east, north = self.box
        here = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        return set(self.gates["code"][here & self.gates["passes"].isin(_STOPPING).to_numpy(bool)].astype(str))

    def by_hours(self, at: str | None) -> tuple[set[str], set[str]]:
        """Return the codes of gates that are shut at a time of day, and of those whose hours do not count.

        Without a time of day none is shut and no hours other than all day count; else those that cannot be read.
        """
        hours = self.gates["hours"].fillna("").astype(str).str.strip()
        if at is None:
            timed = [one != "" and one not in ALWAYS for one in hours]
            return set(), set(self.gates["code"][timed].astype(str))
        open_then = [is_open(one, at) for one in hours]
        codes = self.gates["code"].astype(str).tolist()
        pairs = list(zip(codes, open_then, strict=True))
        return {code for code, now in pairs if now is False}, {code for code, now in pairs if now is None}

    def grounds(self, frame: MetricFrame, reading: Reading) -> Grounds:
        """Return quarters and gates in a metric frame as the reading takes them."""
        quarters = self.quarters
        if reading == "open":
            quarters = quarters[quarters["closure"] == "closed"]
        points = shapely.centroid(self.gates.geometry.to_numpy())
        x, y = frame.to_metric(shapely.get_x(points), shapely.get_y(points))
        return Grounds(
            [str(code) for code in quarters["code"]],
            list(frame.geometries_to_metric(quarters.geometry.to_numpy())),
            [str(code) for code in self.gates["code"]],
            x,
            y,
            [str(code) if isinstance(code, str) else None for code in self.gates["quarter_code"]],
            np.array([_PASSES[reading].get(one, NOBODY) for one in self.gates["passes"]], np.int8),
            [],
            [],
        )


def _empty(frame: Any) -> Any:
    shapes = frame.geometry.to_numpy()
    return shapely.is_missing(shapes) | shapely.is_empty(shapes)
