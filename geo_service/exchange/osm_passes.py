"""The passes over an OSM file and what they collect: nodes, ways, and multipolygon relations where there are any."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import osmium
import shapely

from geo_service.domain.layers import LAYERS
from geo_service.domain.streets import STEPPED, is_snap_target, is_walkable
from geo_service.domain.ways import WayArrays
from geo_service.exchange import osm_rows
from geo_service.exchange.osm_file import Bounds, sorted_copy
from geo_service.exchange.osm_shapes import Parts, Vertices, areal, polygons
from geo_service.foundation.crs import MetricFrame

Progress = Callable[[float | None, str], None]
Tags = dict[str, str]
SOURCE: Final = "OpenStreetMap"
LICENCE: Final = "ODbL-1.0"
_AREA_PARTS: Final = ("facilities", "buildings", "green_spaces", "public_spaces", "barrier_areas")
_EVERY: Final = 5000  # ways between two words about progress


@dataclass
class Reading:
    """One reading of one file: what has been collected so far."""

    path: Path
    wanted: frozenset[str]
    progress: Progress
    newest_wanted: bool = False
    newest: datetime | None = None
    missing: int = 0
    incomplete: int = 0
    way_rows: dict[int, tuple[int, str | None, str, bool]] = field(default_factory=dict)
    rows: dict[str, list[osm_rows.Row]] = field(default_factory=dict)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._table = osmium.index.create_map("flex_mem")  # the handler does not keep it alive
        self._handler = osmium.NodeLocationsForWays(self._table)
        self._handler.ignore_errors()
        self._walk, self._outlines, self._courses = Vertices(), Vertices(), Vertices()
        self._entrances: dict[int, tuple[str, str | None, Any]] = {}
        self._negative = False
        self._layers = {layer for part in self.wanted for layer in osm_rows.mapping()["only"][part]}
        self._area_parts = [p for p in _AREA_PARTS if (p if p != "barrier_areas" else "barriers") in self._layers]
        self._area_keys = frozenset(key for part in self._area_parts for key in osm_rows.keys_of(part))
        self._line_keys = osm_rows.keys_of("barrier_lines") if "barriers" in self._layers else frozenset()
        self.rows = {layer: [] for layer in sorted(self._layers - {"networks", "ways"})}

    # -- passes over the file

    def read_nodes(self) -> None:
        """Fill the table of places; keep facilities, gates and entrances among the nodes."""
        self.progress(0.0, "progress.osm_nodes")
        keys: set[str] = set()
        if "facilities" in self._layers:
            keys |= osm_rows.keys_of("facilities") | {"entrance"}
        if "gates" in self._layers:
            keys |= osm_rows.keys_of("gates")
        for node in self._objects(osmium.osm.NODE, keys or {"entrance"}):
            tags, place = dict(node.tags), node.location
            if not keys or not place.valid():
                continue
            self._note_moment(node)
            point, code = shapely.Point(place.lon, place.lat), f"n{node.id}"
            if "facilities" in self._layers:
                self._keep("facilities", osm_rows.facility_rows(code, tags), point)
                if osm_rows.is_entrance(tags.get("entrance")):
                    self._entrances[node.id] = (tags["entrance"], tags.get("wheelchair"), point)
            if "gates" in self._layers:
                self._keep("gates", [osm_rows.gate_row(code, tags)], point)

    def read_ways(self) -> None:
        """Keep walkable ways, closed ways that are areas and lines that are barriers."""
        keys = set(self._area_keys | self._line_keys)
        if "network" in self.wanted:
            keys.add("highway")
        lines = sorted(self._line_keys)
        for count, way in enumerate(self._objects(osmium.osm.WAY, keys)):
            if count % _EVERY == 0:
                self.progress(None, "progress.osm_ways")
            tags = way.tags
            if "network" in self.wanted and "highway" in tags and is_walkable(tags):
                number = self._walk.add(way.nodes)
                self.way_rows[way.id] = (number, osm_rows.name_of(tags), tags["highway"], is_snap_target(tags))
                self._note_moment(way)
            closed = way.is_closed() and tags.get("area") != "no"
            if closed or (lines and any([key in tags for key in lines])):  # noqa: C419 (no generator: hot loop)
                self._read_things(way, dict(tags), closed)

    def _read_things(self, way: Any, tags: Tags, closed: bool) -> None:
        self._note_moment(way)
        code = f"w{way.id}"
        if closed and not self._area_keys.isdisjoint(tags):
            found = self._area_rows(code, tags)
            if found:
                number = self._outlines.add(way.nodes)
                entrances = [node.ref for node in way.nodes if node.ref in self._entrances] if self._entrances else []
                self._keep_areas(found, number, entrances)
        if "barriers" in self._layers and not self._line_keys.isdisjoint(tags):
            row = osm_rows.barrier_row(code, tags, is_area=False)
            if row is not None:
                self._keep("barriers", [row], ("line", self._courses.add(way.nodes)))

    def read_relations(self) -> None:
        """Assemble multipolygons, only if the file has one that matters."""
        if not self._area_keys:
            return
        self.progress(0.8, "progress.osm_relations")
        wanted = [
            relation.id
            for relation in self._objects(osmium.osm.RELATION, set(self._area_keys))
            if relation.tags.get("type") in ("multipolygon", "boundary")
            and self._area_rows(f"r{relation.id}", dict(relation.tags))
        ]
        if not wanted:
            return
        try:
            built = self._assemble(self.path, wanted)
        except RuntimeError as error:
            if "out of order" not in str(error):
                raise
            with sorted_copy(self.path) as copy:
                built = self._assemble(copy, wanted)
        self.incomplete += len(wanted) - built

    def _assemble(self, path: Path, wanted: list[int]) -> int:
        """Keep the areas of some relations; return how many could be built."""
        manager, built = osmium.area.AreaManager(), 0
        only = osmium.filter.IdFilter(wanted)
        with osmium.io.Reader(str(path), osmium.osm.RELATION) as reader:
            osmium.apply(reader, only, manager.first_pass_handler())
        keyed, nothing = osmium.filter.KeyFilter(*self._area_keys), osmium.filter.EntityFilter(osmium.osm.NOTHING)
        areas = osmium.BufferIterator(keyed)
        second_pass = manager.second_pass_to_buffer(areas)
        factory = osmium.geom.WKBFactory()
        with osmium.io.Reader(str(path), osmium.osm.WAY | osmium.osm.RELATION) as reader:
            for _ in osmium.OsmFileIterator(reader, self._handler, second_pass, nothing):
                pass
            built_areas: Iterator[Any] = iter(areas)
            for area in built_areas:
                if not area.from_way():
                    built += self._read_area(area, factory)
        return built

    def _read_area(self, area: Any, factory: Any) -> bool:
        shape = shapely.from_wkb(factory.create_multipolygon(area))
        if not shape.is_valid:
            shape = areal(shapely.make_valid(shape))
        if shape.is_empty:
            return False
        parts = shapely.get_parts(shape)
        rings = [ring for outer in area.outer_rings() for ring in (outer, *area.inner_rings(outer))]
        entrances = [node.ref for ring in rings for node in ring if node.ref in self._entrances]
        single = parts[0] if len(parts) == 1 else shape
        self._keep_areas(self._area_rows(f"r{area.orig_id()}", dict(area.tags)), single, entrances)
        return True

    def place_negative_nodes(self) -> None:
        """Find the places of nodes with negative ids (files of editors), which the reader's table cannot hold."""
        if not any(vertices.has_negative() for vertices in (self._walk, self._outlines, self._courses)):
            return
        with osmium.io.Reader(str(self.path), osmium.osm.NODE) as reader:
            nodes: Iterator[Any] = iter(osmium.OsmFileIterator(reader))
            for node in nodes:
                if node.id < 0 and node.location.valid():
                    self.places[node.id] = (node.location.x, node.location.y)

    def bounds_of_nodes(self) -> Bounds | None:
        """Return the bounding box of all nodes of the file."""
        self.progress(None, "progress.osm_bounds")
        west, south, east, north = math.inf, math.inf, -math.inf, -math.inf
        with osmium.io.Reader(str(self.path), osmium.osm.NODE) as reader:
            nodes: Iterator[Any] = iter(osmium.OsmFileIterator(reader))
            for node in nodes:
                if node.location.valid():
                    lon, lat = node.location.lon, node.location.lat
                    west, east = min(west, lon), max(east, lon)
                    south, north = min(south, lat), max(north, lat)
        return (west, south, east, north) if west <= east else None

    # -- from what was collected

    def network(self) -> tuple[WayArrays, int]:
        """Return the walking network and how many of its node references have no place."""
        parts = Parts(self._walk, self.places)
        by_number = {number: (osm_id, *rest) for osm_id, (number, *rest) in self.way_rows.items()}
        latest = np.array([int(number) in by_number for number in parts.way], dtype=bool)
        used = np.unique(parts.way[latest])
        rows = [by_number[int(number)] for number in used]
        keep = np.repeat(latest, np.diff(parts.start))
        lengths = np.diff(parts.start)[latest]
        arrays = WayArrays(
            [f"w{row[0]}" for row in rows],
            [osm_rows.fitted("ways", {"name": row[1]})["name"] for row in rows],
            [str(row[2])[:40] for row in rows],
            np.array([row[3] for row in rows], dtype=np.bool_),
            np.array([row[2] not in STEPPED for row in rows], dtype=np.bool_),
            np.searchsorted(used, parts.way[latest]).astype(np.int32),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            parts.refs[keep],
            parts.lon[keep],
            parts.lat[keep],
        )
        return arrays, parts.missing

    def frames(self, bounds: Bounds) -> dict[str, gpd.GeoDataFrame]:
        """Return the frames by layer."""
        shapes, missing, incomplete = polygons(self._outlines, self.places)
        self.incomplete += incomplete
        courses = Parts(self._courses, self.places)
        lines = dict(zip(*courses.lines(), strict=True))
        self.missing += missing + courses.missing
        frames = {}
        for layer, rows in self.rows.items():
            made: dict[str, osm_rows.Row] = {}
            for row in rows:
                place = row.pop("geometry")
                if isinstance(place, int):
                    place = shapes[place]
                elif isinstance(place, tuple):
                    place = lines.get(place[1])
                if place is not None and (place.geom_type != "Point" or layer in _POINTS_ALLOWED):
                    made[row["code"]] = row | {"geometry": place}
            frames[layer] = _frame(layer, list(made.values()))
        frame_here = MetricFrame.at((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
        for layer in ("green_spaces", "public_spaces"):
            if layer in frames and len(frames[layer]):
                areas = shapely.area(frame_here.geometries_to_metric(frames[layer].geometry.array))
                frames[layer]["area_m2"] = np.round(areas, 1)
        if "entrances" in frames:
            known = set(frames["facilities"]["code"])
            frames["entrances"] = frames["entrances"][frames["entrances"]["facility_code"].isin(known)]
        return frames

    # -- small steps

    def _objects(self, entity: Any, keys: set[str]) -> Iterator[Any]:
        if not keys:
            return
        keyed = osmium.filter.KeyFilter(*sorted(keys))  # named: the iterator does not keep its filters alive
        with osmium.io.Reader(str(self.path), entity) as reader:
            yield from osmium.OsmFileIterator(reader, self._handler, keyed)

    def _area_rows(self, code: str, tags: Tags) -> dict[str, list[osm_rows.Row]]:
        found: dict[str, list[osm_rows.Row | None]] = {}
        for part in self._area_parts:
            match part:
                case "facilities":
                    found[part] = [*osm_rows.facility_rows(code, tags)]
                case "buildings":
                    found[part] = [osm_rows.building_row(code, tags)]
                case "green_spaces":
                    found[part] = [osm_rows.green_row(code, tags)]
                case "public_spaces":
                    found[part] = [osm_rows.public_space_row(code, tags)]
                case _:
                    found["barriers"] = [osm_rows.barrier_row(code, tags, is_area=True)]
        kept = {layer: [row for row in rows if row is not None] for layer, rows in found.items()}
        return {layer: rows for layer, rows in kept.items() if rows}

    def _keep_areas(self, found: dict[str, list[osm_rows.Row]], place: Any, entrances: list[int]) -> None:
        for layer, rows in found.items():
            self._keep(layer, rows, place)
        for row in found.get("facilities", []):
            for ref in dict.fromkeys(entrances):
                value, wheelchair, point = self._entrances[ref]
                self._keep("entrances", [osm_rows.entrance_row(row["code"], ref, value, wheelchair)], point)

    def _keep(self, layer: str, rows: list[osm_rows.Row] | list[osm_rows.Row | None], place: Any) -> None:
        for row in rows:
            if row is not None:
                self.rows[layer].append(row | {"geometry": place})

    def _note_moment(self, thing: Any) -> None:
        if self.newest_wanted and thing.timestamp.year > 1970:
            moment = thing.timestamp.astimezone(UTC)
            self.newest = moment if self.newest is None else max(self.newest, moment)


_POINTS_ALLOWED: Final = frozenset({"facilities", "entrances", "gates"})


def _frame(layer: str, rows: list[osm_rows.Row]) -> gpd.GeoDataFrame:
    columns = list(rows[0]) if rows else ["code", *(f.key for f in LAYERS[layer].fields if f.required), "geometry"]
    values = {column: [row.get(column) for row in rows] for column in columns if column != "geometry"}
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [row["geometry"] for row in rows]
    frame = gpd.GeoDataFrame(values, geometry=shapes, crs="EPSG:4326")
    frame["source"], frame["licence"] = SOURCE, LICENCE
    return frame
