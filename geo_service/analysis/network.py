"""The walking network as arrays: built from ways, kept as a folder of memory-mapped files (PRODUCT §3.1)."""

import json
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from geo_service.analysis.adjacency import Adjacency, adjacency_of
from geo_service.analysis.barriers import Lines
from geo_service.analysis.chains import Chains, chains_of
from geo_service.analysis.enclosed import OUTSIDE, Enclosed
from geo_service.analysis.snap_index import Grid, SnapIndex
from geo_service.analysis.snapping import REACH_M
from geo_service.domain.ways import WayArrays
from geo_service.foundation.crs import MetricFrame, geodesic_lengths_m
from geo_service.foundation.errors import NotFound, StoreFault

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

FORMAT: Final = 2
_ARRAYS: Final = (
    "node_id x y indptr indices lengths edge_u edge_v edge_length_m edge_way edge_snap edge_step_free"
).split()


@dataclass(frozen=True)
class Network:
    """A walking network in one metric frame; its arrays may be memory-mapped and are never written to.

    Nodes are ordered by OSM id and edges by their two nodes, so that the order of the source does not matter.

    Attributes
    ----------
    frame
        Metric plane of ``x`` and ``y``.
    node_id
        Ids of the source, shape (n,).
    x, y
        Position of each node in the frame, metres, shape (n,).
    indptr, indices, lengths
        Adjacency of all edges, both directions: shapes (n + 1,), (2e,), (2e,) in metres.
    edge_u, edge_v
        Node indices of each edge, ``edge_u < edge_v``, shape (e,). A pair of nodes has one edge at most.
    edge_length_m
        Length on the WGS 84 ellipsoid, metres, shape (e,).
    edge_way
        Index of the way (in the ``WayArrays`` it was built from) that gave the edge, shape (e,).
    edge_snap, edge_step_free
        Whether one may step onto it from beside it; whether it has no steps, shape (e,).
    fingerprint
        SHA-256 of nodes, edges and frame: equal networks have equal fingerprints, whatever the order of their ways.
    enclosed
        What closed quarters and barriers add (:func:`geo_service.analysis.closures.enclose`); None without any.
    """

    frame: MetricFrame
    node_id: npt.NDArray[np.int64]
    x: Floats
    y: Floats
    indptr: Ints
    indices: Ints
    lengths: Floats
    edge_u: Ints
    edge_v: Ints
    edge_length_m: Floats
    edge_way: Ints
    edge_snap: Flags
    edge_step_free: Flags
    fingerprint: str
    enclosed: Enclosed | None = None

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    @property
    def edge_count(self) -> int:
        """Number of edges."""
        return len(self.edge_u)

    @cached_property
    def snap_index(self) -> SnapIndex:
        """Index of the snap targets; built at first use unless the network was loaded with it."""
        targets = np.flatnonzero(self.edge_snap).astype(np.int32)
        u, v = self.edge_u[targets], self.edge_v[targets]
        return SnapIndex.build(
            targets, (self.x[u], self.y[u]), (self.x[v], self.y[v]), self.edge_length_m[targets], reach_m=REACH_M
        )

    @cached_property
    def targets(self) -> Lines:
        """The snap targets as lines that walls may hide, in the order of the snap index."""
        index = self.snap_index
        label = np.full(len(index.edge), OUTSIDE, np.int32)
        if self.enclosed is not None:
            label = self.enclosed.edge_compound[index.edge]
        return Lines.of((index.x, index.y), (index.dx, index.dy), label)

    @cached_property
    def step_free(self) -> Adjacency:
        """Adjacency without edges that have steps."""
        if bool(self.edge_step_free.all()):
            return Adjacency(self.indptr, self.indices, self.lengths)
        kept = np.flatnonzero(self.edge_step_free)
        return adjacency_of(self.node_count, self.edge_u[kept], self.edge_v[kept], self.edge_length_m[kept])

    @cached_property
    def _chains(self) -> Chains:
        return self._chained(np.ones(self.edge_count, bool))

    @cached_property
    def _chains_step_free(self) -> Chains:
        if bool(self.edge_step_free.all()):
            return self._chains
        return self._chained(self.edge_step_free)

    def _chained(self, kept: Flags) -> Chains:
        links = None if self.enclosed is None else (self.enclosed.link_from, self.enclosed.link_to)
        return chains_of(self.node_count, self.edge_u, self.edge_v, self.edge_length_m, kept, links=links)

    def chains(self, *, step_free: bool) -> Chains:
        """Return the chains of all edges, or of only those without steps; worked out at first use."""
        return self._chains_step_free if step_free else self._chains

    def adjacency(self, *, step_free: bool, from_places: bool = True) -> Adjacency:
        """Return the adjacency to walk on: all edges, or only those without steps.

        Residents pass the gates of their quarter. ``from_places`` tells whether a search starts at the places walked
        to or at homes (:func:`geo_service.analysis.stepping.snap_homes`).
        """
        streets = self.step_free if step_free else Adjacency(self.indptr, self.indices, self.lengths)
        if self.enclosed is None:
            return streets
        ends = self.enclosed.link_from, self.enclosed.link_to
        return streets.with_one_way(*(ends if from_places else ends[::-1]))


def build_network(ways: WayArrays, frame: MetricFrame) -> Network:
    """Return the network of ``ways`` in ``frame``.

    Every two consecutive vertices of a part are an edge of the length between them on the ellipsoid. Segments
    between the same two nodes are one edge, a snap target if any of them is and free of steps if any of them is.
    A segment from a node to itself is dropped. A node id that appears with several positions stands at the first.
    """
    nodes, first, at = np.unique(ways.node_ids, return_index=True, return_inverse=True)
    lon, lat = ways.lon[first], ways.lat[first]
    x, y = frame.to_metric(lon, lat)
    u, v, way = _segments(ways, at.astype(np.int64).reshape(-1))
    snap, step_free = ways.snap_target[way], ways.step_free[way]
    key = u * len(nodes) + v
    order = np.lexsort((way, ~step_free, ~snap, key))
    key = key[order]
    head = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    edges = order[head]
    edge_u, edge_v = u[edges].astype(np.int32), v[edges].astype(np.int32)
    length = geodesic_lengths_m(lon[edge_u], lat[edge_u], lon[edge_v], lat[edge_v])
    edge_snap = np.logical_or.reduceat(snap[order], head) if len(head) else np.zeros(0, bool)
    edge_step_free = np.logical_or.reduceat(step_free[order], head) if len(head) else np.zeros(0, bool)
    both = adjacency_of(len(nodes), edge_u, edge_v, length)
    digest = sha256(f"{FORMAT} {frame.epsg} {frame.scale!r}".encode())
    for array in (nodes, lon, lat, edge_u, edge_v, length, edge_snap, edge_step_free):
        digest.update(np.ascontiguousarray(array).tobytes())
    return Network(
        frame=frame,
        node_id=nodes.astype(np.int64),
        x=np.asarray(x, np.float64),
        y=np.asarray(y, np.float64),
        indptr=both.indptr,
        indices=both.indices,
        lengths=both.lengths,
        edge_u=edge_u,
        edge_v=edge_v,
        edge_length_m=length,
        edge_way=way[edges].astype(np.int32),
        edge_snap=edge_snap,
        edge_step_free=edge_step_free,
        fingerprint=digest.hexdigest(),
    )


def _segments(
    ways: WayArrays, at: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return lower node, higher node and way of every segment that joins two different nodes."""
    if len(at) < 2:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing
    inside = np.ones(len(at) - 1, bool)
    breaks = ways.part_start[1:-1] - 1
    inside[breaks[(breaks >= 0) & (breaks < len(inside))]] = False
    way = np.repeat(ways.part_way.astype(np.int64), np.diff(ways.part_start))[:-1]
    a, b = at[:-1], at[1:]
    kept = inside & (a != b)
    a, b = a[kept], b[kept]
    return np.minimum(a, b), np.maximum(a, b), way[kept]


def share_snap_index(network: Network, other: Network) -> None:
    """Give a network the snap index of another one if their edges lie alike, as they do where only gates differ."""
    rests_on = ("x", "y", "edge_u", "edge_v", "edge_length_m", "edge_snap")
    if all(np.array_equal(getattr(network, name), getattr(other, name)) for name in rests_on):
        network.__dict__["snap_index"] = other.snap_index


def save_network(network: Network, folder: Path) -> None:
    """Write the network with its snap index to ``folder``: one .npy file per array and ``manifest.json``.

    Written beside it first and renamed, so that the folder is whole or not there. A folder that is already there
    is left alone: equal fingerprints are equal networks. Raises StoreFault ``network_not_written``.
    """
    arrays = {name: getattr(network, name) for name in _ARRAYS}
    index = network.snap_index
    arrays |= {f"snap_{field.name}": getattr(index, field.name) for field in fields(index) if field.name != "grid"}
    if network.enclosed is not None:
        arrays |= {f"enclosed_{name}": array for name, array in network.enclosed.arrays().items()}
    manifest = {
        "format": FORMAT,
        "fingerprint": network.fingerprint,
        "epsg": network.frame.epsg,
        "scale": network.frame.scale,
        "grid": asdict(index.grid),
        "arrays": {name: [str(array.dtype), len(array)] for name, array in arrays.items()},
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-", ignore_cleanup_errors=True) as beside:
            whole = Path(beside) / "network"
            whole.mkdir()
            for name, array in arrays.items():
                np.save(whole / f"{name}.npy", array, allow_pickle=False)
            (whole / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            if not (folder / "manifest.json").exists():
                whole.rename(folder)
    except OSError as error:
        raise StoreFault("network_not_written", folder=str(folder), why=error.strerror or str(error)) from error


def load_network(folder: Path) -> Network:
    """Return the network kept in ``folder``, its arrays memory-mapped and shared by all processes that load it.

    Raises NotFound ``network_files_missing`` if there is no such folder, StoreFault ``network_files_unusable`` if it
    was written by another version or is damaged; the network can then be built again from the stored ways.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise StoreFault("network_files_unusable", folder=str(folder), why=f"format {manifest['format']}")
        arrays = {
            name: _mapped(folder / f"{name}.npy", dtype, length) for name, (dtype, length) in manifest["arrays"].items()
        }
        inside = {name: arrays.pop(name) for name in _ARRAYS}
        frame = MetricFrame(manifest["epsg"], manifest["scale"])
        within = {name: arrays.pop(name) for name in list(arrays) if name.startswith("enclosed_")}
        enclosed = (
            Enclosed(**{name.removeprefix("enclosed_"): array for name, array in within.items()}) if within else None
        )
        network = Network(frame=frame, fingerprint=manifest["fingerprint"], enclosed=enclosed, **inside)
        index = {name.removeprefix("snap_"): array for name, array in arrays.items()}
        network.__dict__["snap_index"] = SnapIndex(grid=Grid(**manifest["grid"]), **index)
    except FileNotFoundError as error:
        raise NotFound("network_files_missing", folder=str(folder)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreFault("network_files_unusable", folder=str(folder), why=str(error)) from error
    return network


def _mapped(path: Path, dtype: str, length: int) -> npt.NDArray[Any]:
    """Return the array in ``path``; ValueError if it is not the one the manifest tells of."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if str(array.dtype) != dtype or array.shape != (length,):
        raise ValueError(f"{path.name}: {array.dtype} {array.shape}")
    return cast(npt.NDArray[Any], array.view(np.ndarray))
