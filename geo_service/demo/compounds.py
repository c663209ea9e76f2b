"""Compounds: quarters and campuses with their inner paths, walls and gates, and the houses of the lanes."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Point, Polygon

from geo_service.demo.parcels import Parcel, RowStyle, box_polygons, levelled, row_boxes, turned_back
from geo_service.demo.plan import Floats, Objects, rng_for
from geo_service.demo.streets import Ways

# depth, length, gap between rows, gap between neighbours (m), share left empty
STYLES: dict[str, RowStyle] = {
    "lanes": RowStyle((8.5, 11), (8.0, 13.5), (2.6, 5.6), (0.8, 2.6), 0.03),
    "walkup_open": RowStyle((11, 13), (34, 58), (15, 20), (7, 11), 0.06),
    "walkup_gated": RowStyle((11.5, 13.5), (36, 60), (18, 23), (8, 12), 0.05),
    "midrise": RowStyle((13, 15), (30, 48), (25, 31), (11, 16), 0.06),
    "tower": RowStyle((17, 21), (25, 36), (36, 44), (18, 26), 0.04),
    "shops": RowStyle((16, 26), (24, 55), (14, 22), (6, 14), 0.1),
    "market": RowStyle((24, 34), (40, 62), (16, 24), (10, 16), 0.2),
    "civic": RowStyle((14, 20), (28, 50), (18, 26), (10, 18), 0.2),
    "industrial": RowStyle((22, 38), (45, 90), (12, 20), (10, 20), 0.12),
    "primary_school": RowStyle((13, 16), (40, 62), (22, 28), (14, 22), 0.15),
    "middle_school": RowStyle((14, 17), (45, 70), (22, 30), (14, 22), 0.15),
    "kindergarten": RowStyle((13, 17), (26, 40), (16, 22), (14, 22), 0.2),
    "hospital": RowStyle((18, 24), (45, 70), (22, 30), (14, 20), 0.1),
    "sports": RowStyle((26, 34), (45, 60), (40, 60), (30, 40), 0.5),
}
QUARTER_USES = ("walkup_open", "walkup_gated", "midrise", "tower")
WALLED_USES = (
    "walkup_gated",
    "midrise",
    "tower",
    "primary_school",
    "middle_school",
    "kindergarten",
    "hospital",
    "industrial",
)
_SIDES = ("south", "north", "east", "west")
_GATE_GAP_M = 3.5


@dataclass(frozen=True)
class Gate:
    """A gap in a wall and the street point its path leads to."""

    at: Point
    side: str


@dataclass
class Compound:
    """A parcel with inner paths; ``gates`` are all joints with the outside, also where there is no wall."""

    parcel: Parcel
    is_walled: bool
    gates: list[Gate] = field(default_factory=list)
    wall: MultiLineString | None = None
    garden: Polygon | None = None
    pitch: Polygon | None = None
    # street side without a gate, behind whose wall a facility is near by air and far on foot
    blind_side: Point | None = None

    @property
    def is_quarter(self) -> bool:
        """Whether people live here."""
        return self.parcel.use in QUARTER_USES


@dataclass
class Built:
    """Footprints in the town's plane and the parcel and compound (-1: none) each stands in."""

    footprints: list[Objects] = field(default_factory=list)
    parcel: list[int] = field(default_factory=list)
    compound: list[int] = field(default_factory=list)

    def add(self, footprints: Objects, parcel: int, compound: int) -> None:
        """Append footprints of one parcel."""
        self.footprints.append(footprints)
        self.parcel += [parcel] * len(footprints)
        self.compound += [compound] * len(footprints)


@dataclass(frozen=True)
class _Streets:
    """Lines a path may lead to."""

    lines: Objects
    tree: shapely.STRtree


def make_compounds(parcels: list[Parcel], ways: Ways, seed: int) -> tuple[list[Compound], Built]:
    """Build on every parcel; inner paths are appended to ``ways`` and touch streets at the gates alone."""
    rng = rng_for(seed, "compounds")
    lines = np.array(ways.lines, dtype=object)[np.asarray(ways.snap_target) & ~np.asarray(ways.is_island)]
    streets = _Streets(lines, shapely.STRtree(lines))
    built = Built()
    compounds: list[Compound] = []
    blind_wanted = {parcel.street for parcel in parcels}
    for n, parcel in enumerate(parcels):
        style = STYLES.get(parcel.use)
        if style is None:  # parks and idle land
            if parcel.use == "park":
                _park_paths(parcel, ways, streets)
            continue
        level = levelled(parcel)
        inner = level.buffer(-2.0 if parcel.use == "lanes" else -5.0, join_style="mitre")
        inner = max(shapely.get_parts(inner), key=lambda part: part.area, default=Polygon())
        if inner.is_empty:
            continue
        if parcel.use in ("lanes", "shops"):
            boxes, _ = row_boxes(rng, inner, style)
            built.add(box_polygons(boxes, parcel.angle_deg), n, -1)
            continue
        west, _, east, _ = inner.bounds
        spine_x = (west + east) / 2 + rng.uniform(-0.1, 0.1) * (east - west)
        compound = Compound(parcel, parcel.use in WALLED_USES)
        boxes, path_ys = row_boxes(rng, inner, style, (spine_x - 4.5, spine_x + 4.5))
        boxes = _leave_open(rng, compound, inner, boxes)
        if not len(boxes):
            continue
        blind = (
            parcel.street in blind_wanted and parcel.use in ("walkup_gated", "midrise") and parcel.polygon.area > 12_000
        )
        _paths_and_gates(
            rng, compound, inner, spine_x=spine_x, path_ys=path_ys, ways=ways, streets=streets, blind=blind
        )
        if compound.blind_side is not None:
            blind_wanted.discard(parcel.street)
        built.add(box_polygons(boxes, parcel.angle_deg), n, len(compounds))
        compounds.append(compound)
    return compounds, built


def _leave_open(rng: np.random.Generator, compound: Compound, inner: Polygon, boxes: Floats) -> Floats:
    """Leave room for a garden in quarters and a sports pitch in schools."""
    if not len(boxes):
        return boxes
    use, angle = compound.parcel.use, compound.parcel.angle_deg
    middle = np.asarray(inner.centroid.coords[0])
    at = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2])
    if compound.is_quarter and len(boxes) >= 5 and rng.random() < 0.8:
        spot = int(np.argmin(np.hypot(*(at - middle).T)))
        garden = shapely.box(*(boxes[spot] + np.array([-1.0, -3.0, 1.0, 3.0])))
        if inner.contains(garden):
            compound.garden = box_polygons(np.array([garden.bounds]), angle)[0]
            return np.asarray(np.delete(boxes, spot, axis=0))
    if use in ("primary_school", "middle_school", "sports"):
        west, south, east, north = inner.bounds
        for length, depth in ((100, 64), (80, 50), (60, 36), (42, 26), (30, 18)):
            tries = [
                (x, y, x + length, y + depth)
                for y in np.linspace(south + 2, max(south + 2, north - depth - 2), 6)
                for x in np.linspace(west + 2, max(west + 2, east - length - 2), 6)
            ]
            fits = [t for t in tries if inner.contains(shapely.box(*t))]
            if fits:
                pitch = shapely.box(*fits[0])
                compound.pitch = box_polygons(np.array([pitch.bounds]), angle)[0]
                free = ~shapely.intersects(shapely.box(*boxes.T), pitch.buffer(4.0))
                return boxes[free] if free.any() or use == "sports" else boxes[:0]
    return boxes


def _paths_and_gates(
    rng: np.random.Generator,
    compound: Compound,
    inner: Polygon,
    *,
    spine_x: float,
    path_ys: list[float],
    ways: Ways,
    streets: _Streets,
    blind: bool,
) -> None:
    """Lay a path from south to north and one along every row, and lead some of their ends to a street."""
    parcel = compound.parcel
    _, south, _, north = inner.bounds
    spine = _through(inner.buffer(-0.5), LineString([(spine_x, south - 1), (spine_x, north + 1)]), spine_x, None)
    if spine is None:
        return
    rows = []
    for y in path_ys[1:]:
        row = _through(inner, LineString([(inner.bounds[0] - 1, y), (inner.bounds[2] + 1, y)]), spine_x, y)
        if row is not None and row.length > 12 and spine.distance(row) < 1e-6:
            rows.append(row)
    ends = {"south": (spine, 0), "north": (spine, -1)}
    if rows:
        ends |= {"west": (rows[len(rows) // 2], 0), "east": (rows[len(rows) // 2], -1)}
    directions = {"south": (0, -1), "north": (0, 1), "west": (-1, 0), "east": (1, 0)}
    wall_ring = parcel.polygon.buffer(-0.8, join_style="mitre").exterior
    joints: dict[str, tuple[Point, Point]] = {}
    for side in _SIDES:
        if side in ends:
            line, end = ends[side]
            start = turned_back(np.asarray(line.coords[end]), parcel.angle_deg)
            heading = turned_back(np.asarray(directions[side], float) * 1000, parcel.angle_deg) / 1000
            joint = _joint(start, heading, wall_ring, streets)
            if joint is not None:
                joints[side] = joint
    chosen = _choose_sides(rng, compound, list(joints), blind)
    if blind and compound.is_walled and chosen == ["south"] and "north" in joints:
        compound.blind_side = joints["north"][1]
    lines = {"spine": turned_back(np.asarray(spine.coords), parcel.angle_deg)}
    lines |= {f"row{n}": turned_back(np.asarray(row.coords), parcel.angle_deg) for n, row in enumerate(rows)}
    middle = f"row{len(rows) // 2}"
    for side in chosen:
        wall_at, street_at = joints[side]
        key = "spine" if side in ("south", "north") else middle
        outward = np.array([wall_at.coords[0], street_at.coords[0]])
        first = side in ("south", "west")
        lines[key] = np.vstack([outward[::-1], lines[key]]) if first else np.vstack([lines[key], outward])
        compound.gates.append(Gate(wall_at, side))
    for key, xy in lines.items():
        highway = "service" if key == "spine" else "footway"
        ways.add(LineString(xy), highway, None, half_width_m=2.5)
    if not compound.gates:  # no street in sight of any end: lead to the nearest one
        link = _nearest_street(lines["spine"], streets)
        ways.add(link, "footway", None, half_width_m=2.0)
        compound.gates.append(
            Gate(Point(np.round(shapely.intersection(link, wall_ring).centroid.coords[0], 2)), "south")
        )
        compound.is_walled = False
    if compound.is_walled:
        gaps = shapely.union_all([gate.at.buffer(_GATE_GAP_M) for gate in compound.gates])
        wall = shapely.line_merge(shapely.difference(LineString(wall_ring), gaps))
        compound.wall = MultiLineString([p for p in shapely.get_parts(wall) if p.length > 1])


def _choose_sides(rng: np.random.Generator, compound: Compound, sides: list[str], blind: bool) -> list[str]:
    if blind and "south" in sides and "north" in sides:
        return ["south"]
    if not compound.is_walled:
        return sides
    wanted = 1 + int(rng.random() < 0.75) + int(rng.random() < 0.3 and compound.is_quarter)
    order = sorted(sides, key=lambda side: (side != "south", rng.random()))
    return order[:wanted]


def _through(area: Polygon, line: LineString, x: float, y: float | None) -> LineString | None:
    """Return the part of a line inside an area that passes the spine (or its longest part)."""
    parts = [p for p in shapely.get_parts(shapely.intersection(line, area)) if isinstance(p, LineString)]
    if not parts:
        return None
    if y is None:
        return max(parts, key=lambda part: part.length)
    return next((p for p in parts if p.distance(Point(x, y)) < 1e-6), None)


def _joint(start: Floats, heading: Floats, wall: LineString, streets: _Streets) -> tuple[Point, Point] | None:
    """Return where a path going straight on meets the wall and the first street beyond, if that is near."""
    ray = LineString([start, start + heading * 60.0])
    origin = Point(start)
    hit = [
        shapely.intersection(streets.lines[n], ray) for n in np.sort(streets.tree.query(ray, predicate="intersects"))
    ]
    points = [p for h in hit for p in shapely.get_parts(h) if isinstance(p, Point)]
    walls = [p for p in shapely.get_parts(shapely.intersection(wall, ray)) if isinstance(p, Point)]
    if not points or not walls:
        return None
    street_at = min(points, key=lambda p: round(p.distance(origin), 3))
    wall_at = max(
        (w for w in walls if w.distance(origin) < street_at.distance(origin)), default=None, key=origin.distance
    )
    if wall_at is None or wall_at.distance(street_at) > 34:
        return None
    return Point(np.round(wall_at.coords[0], 2)), Point(np.round(street_at.coords[0], 2))


def _nearest_street(path: Floats, streets: _Streets) -> LineString:
    line = LineString(path)
    nearest = streets.lines[int(streets.tree.nearest(line))]
    return LineString(np.round(shapely.shortest_line(line, nearest).coords, 2))


def _park_paths(parcel: Parcel, ways: Ways, streets: _Streets) -> None:
    """Lay two crossing paths through a park out to the streets around it."""
    level = levelled(parcel)
    west, south, east, north = level.bounds
    x, y = (west + east) / 2, (south + north) / 2
    for a, b in (((x - 9, south - 30), (x + 9, north + 30)), ((west - 30, y + 7), (east + 30, y - 7))):
        ends = turned_back(np.array([a, b]), parcel.angle_deg)
        middle = ends.mean(axis=0)
        joined = []
        for end in ends:
            ray = LineString([middle, middle + (end - middle) * 1.1])
            at = [
                p
                for n in np.sort(streets.tree.query(ray, predicate="intersects"))
                for p in shapely.get_parts(shapely.intersection(streets.lines[n], ray))
                if isinstance(p, Point)
            ]
            if at:
                joined.append(np.round(min(at, key=Point(middle).distance).coords[0], 2))
        if len(joined) == 2:
            ways.add(
                LineString([joined[0], np.round(middle, 2), joined[1]]), "footway", "示例公园小径", half_width_m=2.0
            )
