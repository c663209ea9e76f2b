"""Parcels: blocks in the bent town without the streets around them, and rows of buildings on them."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, affinity

from geo_service.demo.layout import Layout, bent
from geo_service.demo.plan import Floats, Objects
from geo_service.demo.streets import StreetPlan
from geo_service.demo.terrain import Bend, Terrain

_SMALLEST_M2 = 500.0


@dataclass(frozen=True)
class Parcel:
    """Land to build on; ``angle_deg`` turns its eastward rows from due east (counter-clockwise)."""

    polygon: Polygon
    use: str
    community: int
    street: int
    angle_deg: float


@dataclass(frozen=True)
class RowStyle:
    """How a kind of building stands in rows; metres, ranges as (low, high)."""

    depth: tuple[float, float]
    length: tuple[float, float]
    row_gap: tuple[float, float]
    side_gap: tuple[float, float]
    skip_share: float = 0.0


def make_parcels(layout: Layout, streets: StreetPlan, bend: Bend, terrain: Terrain) -> list[Parcel]:
    """Subtract streets, railway, lake and hills from every block; slivers are dropped."""
    shapes = np.array([bent(block.polygon, bend) for block in layout.blocks], dtype=object)
    widths = np.asarray(streets.ways.half_widths_m) + 0.4
    kept_out = [
        *shapely.buffer(np.array(streets.ways.lines, dtype=object), widths, quad_segs=2, cap_style="flat"),
        *(rail.buffer(27.0, quad_segs=2) for rail in streets.rails),
        *(lake.buffer(40.0) for lake in terrain.lakes),
        *(hill.buffer(19.0) for hill in terrain.hills),
    ]
    obstacles = np.array(kept_out, dtype=object)
    tree = shapely.STRtree(obstacles)
    block_at, obstacle_at = tree.query(shapes, predicate="intersects")
    bounds = np.searchsorted(block_at, np.arange(len(shapes) + 1))
    parcels: list[Parcel] = []
    for n, block in enumerate(layout.blocks):
        near = np.sort(obstacle_at[bounds[n] : bounds[n + 1]])
        free = shapely.difference(shapes[n], shapely.union_all(obstacles[near]))
        # opening removes needles where streets meet at a sharp angle
        free = free.buffer(-3.0, join_style="mitre").buffer(3.0, join_style="mitre", mitre_limit=2.0)
        for part in shapely.get_parts(free):
            if part.area >= _SMALLEST_M2:
                clean = Polygon(np.round(part.simplify(0.3).exterior.coords, 2))
                street = layout.community_street[block.community]
                parcels.append(Parcel(clean, block.use, block.community, street, row_angle_deg(clean)))
    return parcels


def row_angle_deg(polygon: Polygon) -> float:
    """Return the direction of the parcel's sides that is nearest to east–west, in (-45, 45] degrees."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    side = corners[1] - corners[0]
    angle = float(np.degrees(np.arctan2(side[1], side[0])))
    return round((angle + 45.0) % 90.0 - 45.0, 3)


def levelled(parcel: Parcel) -> Polygon:
    """Return the parcel turned so that its rows run east–west, about the origin."""
    return affinity.rotate(parcel.polygon, -parcel.angle_deg, origin=(0, 0))


def turned_back(xy: Floats, angle_deg: float) -> Floats:
    """Return levelled coordinates, last axis x and y, in the town's plane, rounded to centimetres."""
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    x, y = xy[..., 0], xy[..., 1]
    return np.asarray(np.round(np.stack([c * x - s * y, s * x + c * y], axis=-1), 2))


def row_boxes(
    rng: np.random.Generator, inner: Polygon, style: RowStyle, aisle: tuple[float, float] | None = None
) -> tuple[Floats, list[float]]:
    """Fill a levelled polygon with rows of boxes.

    Parameters
    ----------
    rng
        Draws sizes and gaps.
    inner
        Where boxes may stand, levelled.
    style
        Sizes and gaps.
    aisle
        Range of x kept free from top to bottom (the path through the quarter).

    Returns
    -------
    boxes, paths
        Boxes as west, south, east, north, shape (n, 4), metres; and the y of the middle of the gap
        south of each row.
    """
    west, south, east, north = inner.bounds
    y = south + rng.uniform(1.0, 4.0)
    found: list[tuple[float, float, float, float]] = []
    paths: list[float] = []
    while True:
        gap = rng.uniform(*style.row_gap)
        depth = rng.uniform(*style.depth)
        if y + depth > north:
            break
        paths.append(y - gap / 2)
        spans = [(west, east)] if aisle is None else [(west, aisle[0]), (aisle[1], east)]
        for low, high in spans:
            x = low + rng.uniform(0.5, 5.0)
            while x < high:
                length = min(rng.uniform(*style.length), high - x)
                if length >= 0.6 * style.length[0]:
                    found.append((x, y, x + length, y + depth))
                x += length + rng.uniform(*style.side_gap)
        y += depth + gap
    if not found:
        return np.zeros((0, 4)), paths
    boxes = np.asarray(found)
    shapely.prepare(inner)
    inside = shapely.contains(inner, shapely.box(*boxes.T))
    # where the land is too narrow for the whole box a shorter one may do
    shrunk = boxes.copy()
    third = (boxes[:, 2] - boxes[:, 0]) * 0.38
    for side, sign in ((0, 1.0), (2, -1.0)):
        tried = boxes.copy()
        tried[:, side] += sign * third
        fits = ~inside & shapely.contains(inner, shapely.box(*tried.T))
        shrunk[fits] = tried[fits]
        inside |= fits
    inside &= rng.random(len(boxes)) >= style.skip_share
    return shrunk[inside], paths


def box_polygons(boxes: Floats, angle_deg: float) -> Objects:
    """Return levelled boxes as polygons of the town's plane."""
    west, south, east, north = boxes.T
    corners = np.stack(
        [
            np.stack([west, south], 1),
            np.stack([east, south], 1),
            np.stack([east, north], 1),
            np.stack([west, north], 1),
        ],
        axis=1,
    )
    return np.asarray(shapely.polygons(turned_back(corners, angle_deg)), dtype=object)
