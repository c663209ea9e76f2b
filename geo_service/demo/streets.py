"""Streets of the town: the bent cuts, cut off at lake, hills and railway, and the special ways around these."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
import shapely.affinity
import shapely.ops
from shapely import LineString, Point, Polygon

from geo_service.demo import names
from geo_service.demo.layout import Layout
from geo_service.demo.noding import main_component
from geo_service.demo.plan import HALF_WIDTHS_M, HIGHWAYS, Floats, Objects, Size
from geo_service.demo.subdivision import BORDER_LEVEL, RAIL_LEVEL, Cut, densified
from geo_service.demo.terrain import Bend, Terrain, street_corner

RAIL_CLEAR_M = 20.0
_LAKE_ROAD_M, _PROMENADE_M, _HILL_ROAD_M = 32.0, 9.0, 14.0
_SHORTEST_M = 14.0
_SUFFIXES = ("大道", "路", "街", "里", "巷")


@dataclass
class Ways:
    """Walkable lines being collected, one entry per way in every list; metres in the local plane."""

    lines: list[LineString] = field(default_factory=list)
    highways: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    half_widths_m: list[float] = field(default_factory=list)
    snap_target: list[bool] = field(default_factory=list)
    step_free: list[bool] = field(default_factory=list)
    layers: list[int] = field(default_factory=list)
    is_island: list[bool] = field(default_factory=list)

    def add(
        self,
        line: LineString,
        highway: str,
        name: str | None = None,
        *,
        half_width_m: float = 2.0,
        layer: int = 0,
        is_island: bool = False,
    ) -> None:
        """Append a way; steps and other levels than the ground are no snap targets (PRODUCT §3.2)."""
        self.lines.append(line)
        self.highways.append(highway)
        self.names.append(name)
        self.half_widths_m.append(half_width_m)
        self.snap_target.append(highway != "steps" and layer == 0)
        self.step_free.append(highway != "steps")
        self.layers.append(layer)
        self.is_island.append(is_island)

    def keep(self, kept: Floats) -> None:
        """Drop all ways but those marked true."""
        for attribute in vars(self):
            values = getattr(self, attribute)
            setattr(self, attribute, [value for value, keep in zip(values, kept, strict=True) if keep])


@dataclass(frozen=True)
class Crossing:
    """One of the two ways across a street's railway."""

    street: int
    kind: str  # underpass or footbridge
    at: Point


@dataclass
class StreetPlan:
    """Streets before any quarter joins them, the railways and the superblock faces they enclose."""

    ways: Ways
    rails: list[LineString]
    crossings: list[Crossing]
    faces: Objects  # polygons between main streets, same order as Layout.leaf_polygons; None if none was found
    extent: Polygon
    lookouts: list[Point]  # end of the hill steps, per street


def make_streets(size: Size, layout: Layout, bend: Bend, terrain: Terrain) -> StreetPlan:
    """Bend the cuts, build the faces between them, then clear lake, hills and railway of streets."""
    width, height = size.columns * size.width_m, size.rows * size.height_m
    extent = shapely.box(-size.short_margin_m, -size.margin_m, width + size.margin_m, height + size.margin_m)
    pieces = _with_junctions(layout.cuts, bend)
    faces = _faces(layout, pieces, bend)
    whole = [LineString(np.vstack([parts[0], *(p[1:] for p in parts[1:])])) for parts in pieces]
    rails = [
        shapely.intersection(line, extent)
        for line, cut in zip(whole, layout.cuts, strict=True)
        if cut.level == RAIL_LEVEL
    ]
    rails = [rail if rail.coords[0][0] < rail.coords[-1][0] else shapely.reverse(rail) for rail in rails]
    rails.sort(key=lambda rail: -float(rail.centroid.y))
    ways = Ways()
    blocked = shapely.union_all(
        [
            *(lake.buffer(_LAKE_ROAD_M) for lake in terrain.lakes),
            *(hill.buffer(_HILL_ROAD_M) for hill in terrain.hills),
            *(rail.buffer(RAIL_CLEAR_M, join_style="mitre") for rail in rails),
        ]
    )
    _add_cut_streets(ways, layout, whole, blocked, extent)
    _add_rings(ways, terrain, extent, rails)
    lookouts = [_add_hill_path(ways, hill, extent) for hill in terrain.hills]
    crossings = _add_crossings(ways, size, rails)
    ways.keep(main_component(ways.lines, ways.layers) | np.asarray(ways.is_island))
    return StreetPlan(ways, rails, crossings, faces, extent, lookouts)


def _with_junctions(cuts: list[Cut], bend: Bend) -> list[list[Floats]]:
    """Bend every cut; returns its pieces between the ends of other cuts, sharing their coordinates exactly."""
    straight = shapely.linestrings(np.array([[c.start, c.end] for c in cuts]))
    ends = np.array([p for c in cuts for p in (c.start, c.end)])
    tree = shapely.STRtree(straight)
    point_at, line_at = tree.query(shapely.points(ends), predicate="dwithin", distance=1e-3)
    share = shapely.line_locate_point(straight[line_at], shapely.points(ends[point_at]), normalized=True)
    length = shapely.length(straight)
    result: list[list[Floats]] = []
    order = np.lexsort((share, line_at))
    line_at, point_at, share = line_at[order], point_at[order], share[order]
    bounds = np.searchsorted(line_at, np.arange(len(cuts) + 1))
    for n, cut in enumerate(cuts):
        inner = [cut.start]
        last = 0.0
        for k in range(bounds[n], bounds[n + 1]):
            if (share[k] - last) * length[n] > 1e-2 and (1 - share[k]) * length[n] > 1e-2:
                inner.append(ends[point_at[k]])
                last = share[k]
        inner.append(cut.end)
        step = 40.0 if cut.level <= 2 else 20.0
        result.append([bend.apply(densified(np.array(pair), step)) for pair in pairwise(inner)])
    return result


def _faces(layout: Layout, pieces: list[list[Floats]], bend: Bend) -> Objects:
    """Build the polygons between the main streets so that neighbours share their borders exactly."""
    ring = np.vstack([layout.outline, layout.outline[:1]])
    edge_cuts = [Cut(a, b, BORDER_LEVEL) for a, b in pairwise(ring)]
    main = [c for c in layout.cuts if c.level <= 2]
    edges = _with_junctions([*main, *edge_cuts], bend)
    # the main cuts again, since lanes put vertices of their own on them
    lines = [LineString(part) for parts in edges for part in parts]
    polygons = np.array(shapely.get_parts(shapely.polygonize(lines)), dtype=object)
    tree = shapely.STRtree(polygons)
    insides = [Point(bend.apply(p.mean(axis=0, keepdims=True))[0]) for p in layout.leaf_polygons]
    leaf_at, face_at = tree.query(np.array(insides, dtype=object), predicate="within")
    found = np.full(len(insides), None, dtype=object)
    found[leaf_at] = polygons[face_at]
    return found


def _add_cut_streets(ways: Ways, layout: Layout, whole: list[LineString], blocked: Polygon, extent: Polygon) -> None:
    streets = [(n, cut.level) for n, cut in enumerate(layout.cuts) if cut.level >= 0]
    lines = np.array([whole[n] for n, _ in streets], dtype=object)
    shapely.prepare(blocked)
    cleared = shapely.difference(shapely.intersection(lines, extent), blocked)
    counters = [0] * len(_SUFFIXES)
    for (_, level), shape in zip(streets, cleared, strict=True):
        parts = [p for p in shapely.get_parts(shape) if isinstance(p, LineString) and p.length > _SHORTEST_M]
        name = names.street_name(counters[level] * 3 + level * 41, _SUFFIXES[level])
        counters[level] += 1
        for part in parts:
            ways.add(part, HIGHWAYS[level], name, half_width_m=HALF_WIDTHS_M[level])


def _add_rings(ways: Ways, terrain: Terrain, extent: Polygon, rails: list[LineString]) -> None:
    """Ring road and promenade of each lake, the loop on its island, the road at the hill's foot, along the rail."""
    for lake, island in zip(terrain.lakes, terrain.islands, strict=True):
        ring = LineString(lake.buffer(_LAKE_ROAD_M).exterior.simplify(0.0))
        ways.add(ring, "tertiary", "示例环湖路", half_width_m=9.0)
        promenade = LineString(lake.buffer(_PROMENADE_M).exterior)
        ways.add(promenade, "footway", "示例湖滨步道", half_width_m=2.0)
        for share in np.arange(7) / 7 + 0.05:
            inner = promenade.interpolate(share, normalized=True)
            ways.add(shapely.shortest_line(inner, ring), "footway", None, half_width_m=2.0)
        # nobody gets to the island on foot: a deliberate piece of its own
        ways.add(LineString(island.buffer(-5).exterior), "footway", "示例湖心步道", half_width_m=1.5, is_island=True)
    for hill in terrain.hills:
        foot = shapely.intersection(LineString(hill.buffer(_HILL_ROAD_M).exterior), extent)
        for part in shapely.get_parts(shapely.line_merge(foot) if foot.geom_type == "MultiLineString" else foot):
            ways.add(part, "residential", "示例山脚路", half_width_m=6.0)
    for rail in rails:
        side = rail.offset_curve(RAIL_CLEAR_M, join_style="mitre")  # railways run west to east: left is north
        ways.add(shapely.intersection(side, extent), "residential", "示例铁北街", half_width_m=7.0)


def _add_hill_path(ways: Ways, hill: Polygon, extent: Polygon) -> Point:
    """Steps from the hill's foot and a short path at their end; the top stays more than 200 m from any way."""
    foot = LineString(hill.buffer(_HILL_ROAD_M).exterior)
    top = hill_top(hill)
    start = shapely.shortest_line(shapely.affinity.translate(top, hill.area**0.5, -0.2 * hill.area**0.5), foot)
    at = np.asarray(start.coords[-1])
    inward = np.asarray(top.coords[0]) - at
    distance = float(np.hypot(*inward))
    climb = max(12.0, distance - 225.0)
    end = np.round(at + inward / distance * climb, 2)
    ways.add(LineString([at, end]), "steps", "示例登山步道", half_width_m=1.5)
    side = np.array([-inward[1], inward[0]]) / distance
    path = LineString(
        np.round([end, end + side * 18 - inward / distance * 2, end + side * 40 - inward / distance * 8], 2)
    )
    if extent.contains(path):
        ways.add(path, "path", "示例登山步道", half_width_m=1.5)
    return Point(end)


def hill_top(hill: Polygon) -> Point:
    """Return the point of a hill that is farthest from its foot."""
    return Point(shapely.maximum_inscribed_circle(hill, tolerance=1.0).coords[0])


def _add_crossings(ways: Ways, size: Size, rails: list[LineString]) -> list[Crossing]:
    """Join streets across each railway at exactly two places of each street: an underpass and a footbridge.

    Both start at a street north of the railway; in the south a path along it leads to the nearest street.
    """
    found: list[Crossing] = []
    ends = np.array([xy for line in ways.lines for xy in (line.coords[0], line.coords[-1])])
    level = np.repeat([w > 6.0 for w in ways.half_widths_m], 2)
    for row in range(size.rows):
        rail = rails[row]
        near = level & (np.abs(shapely.distance(shapely.points(ends), rail) - RAIL_CLEAR_M) < 0.2)
        axis = np.asarray(rail.coords)
        above = ends[:, 1] > np.interp(ends[:, 0], axis[:, 0], axis[:, 1])
        norths, souths = ends[near & above], ends[near & ~above]
        for column in range(size.columns):
            street = row * size.columns + column
            x0, _ = street_corner(size, street)
            west_x = x0 + 0.2 * size.width_m
            for kind, x in (("underpass", west_x), ("footbridge", max(x0 + 0.8 * size.width_m, west_x + 1500.0))):
                north = norths[int(np.argmin(np.abs(norths[:, 0] - x)))]
                south = souths[int(np.argmin(np.hypot(*(souths - north).T)))]
                found.append(Crossing(street, kind, _add_crossing(ways, kind, rail, north, south)))
    return found


def _add_crossing(ways: Ways, kind: str, rail: LineString, north: Floats, south: Floats) -> Point:
    """Add one crossing; returns where it meets the railway."""
    middle = rail.interpolate(rail.project(Point(north)))
    at = np.asarray(middle.coords[0])
    landing = np.round(at + (at - north), 2)
    if float(np.hypot(*(landing - south))) > 3.0:
        start, end = sorted((rail.project(Point(landing)), rail.project(Point(south))))
        beside = shapely.ops.substring(rail, start, end).offset_curve(-RAIL_CLEAR_M, join_style="mitre")
        inner = np.asarray(beside.coords)[1:-1].tolist() if isinstance(beside, LineString) else []
        inner.sort(reverse=float(landing[0]) > float(south[0]))
        ways.add(
            LineString(np.round(np.vstack([landing, *inner, south]), 2)), "service", "示例铁南便道", half_width_m=4.0
        )
    else:
        landing = south
    if kind == "underpass":
        ways.add(LineString([north, landing]), "residential", "示例下穿通道", half_width_m=6.0, layer=-1)
    else:
        one, two = (np.round(north + (landing - north) * share, 2) for share in (0.28, 0.72))
        ways.add(LineString([north, one]), "steps", "示例人行天桥", half_width_m=2.0)
        ways.add(LineString([one, two]), "footway", "示例人行天桥", half_width_m=2.0, layer=1)
        ways.add(LineString([two, landing]), "steps", "示例人行天桥", half_width_m=2.0)
    return Point(np.round(at, 2))
