"""Tile space: Web Mercator tiles of 4,096 units with 64 units of border, x to the east, y to the south. Pure numpy.

Everything here is the same for both stores; what PostGIS does itself (ST_AsMVTGeom) is followed within 1-2 units.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

EXTENT: Final = 4096
BUFFER: Final = 64
CELLS_PER_TILE: Final = 64  # along one side, where rows are counted instead of drawn
CELLS_DEEPEST: Final = 13  # cells get no finer than this zoom's: about 76 m at the equator
_LATITUDE_END: Final = 85.051128779806604  # where Web Mercator's square ends
Box = tuple[float, float, float, float]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Tile:
    """A tile: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    def box(self, border: float = BUFFER / EXTENT) -> Box:
        """Return west, south, east, north in degrees, ``border`` tiles wider on every side."""
        side = 2.0**self.z
        west, east = (self.x - border) / side * 360 - 180, (self.x + 1 + border) / side * 360 - 180
        north, south = _latitude((self.y - border) / side), _latitude((self.y + 1 + border) / side)
        return west, south, east, north

    def from_lonlat(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return degrees as tile units, shape (n, 2)."""
        scale = 2.0**self.z * EXTENT
        world = to_world(lonlat)
        return np.asarray(world * scale - np.array([self.x, self.y]) * EXTENT)


def to_world(lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return degrees as shares of the Web Mercator world, x from the west, y from the north, shape (n, 2)."""
    latitude = np.radians(np.clip(lonlat[:, 1], -_LATITUDE_END, _LATITUDE_END))
    y = 0.5 - np.log(np.tan(np.pi / 4 + latitude / 2)) / (2 * np.pi)
    return np.column_stack([(lonlat[:, 0] + 180) / 360, y])


def _latitude(share: float) -> float:
    """Return the latitude in degrees at a share of the world's height from the north."""
    return math.degrees(2 * math.atan(math.exp((0.5 - share) * 2 * math.pi)) - math.pi / 2)


def quantised(tile: Tile, geometries: Geometries) -> Geometries:
    """Return geometries in degrees as whole tile units, simplified to one unit and clipped to tile and border.

    What is smaller than half a unit, disappears or lies outside becomes None. Polygons are valid, their rings
    wound as vector tiles want them.
    """
    made = np.array(geometries, dtype=object)
    if not len(made):
        return made
    made = np.asarray(shapely.transform(made, tile.from_lonlat), dtype=object)
    dimension = shapely.get_dimensions(made)
    bounds = shapely.bounds(made)
    extended = dimension > 0
    tiny = extended & (bounds[:, 2] - bounds[:, 0] < 0.5) & (bounds[:, 3] - bounds[:, 1] < 0.5)
    made[tiny] = None
    lean = np.flatnonzero(extended & ~tiny)
    made[lean] = shapely.simplify(made[lean], 1.0, preserve_topology=False)
    made = np.asarray(shapely.transform(made, np.rint), dtype=object)
    low, high = -BUFFER, EXTENT + BUFFER
    reaching = (bounds[:, :2] < low).any(axis=1) | (bounds[:, 2:] > high).any(axis=1)
    cut = np.flatnonzero(reaching & ~tiny)
    if len(cut):
        # a vertex on a border that is clipped lies on whole units; a crossing does not
        clipped = shapely.clip_by_rect(_valid(made[cut]), low, low, high, high)
        made[cut] = shapely.transform(clipped, np.rint)
    areas = np.flatnonzero((dimension == 2) & ~tiny)
    made[areas] = _valid(made[areas])
    made[shapely.is_empty(made) | shapely.is_missing(made)] = None
    return made


def _valid(geometries: Geometries) -> Geometries:
    """Return polygons valid and without the lines and points that collapsed rings leave; others as they are."""
    broken = np.flatnonzero(~shapely.is_valid(geometries) & (shapely.get_dimensions(geometries) == 2))
    made = geometries.copy()
    for n in broken:
        made[n] = _polygons_only(shapely.make_valid(geometries[n]))
    return made


def _polygons_only(geometry: Any) -> Any:
    parts = [part for part in shapely.get_parts(geometry) if shapely.get_dimensions(part) == 2]
    flat = [polygon for part in parts for polygon in shapely.get_parts(part)]
    return shapely.transform(shapely.multipolygons(flat), np.rint) if flat else None


def cell_range(tile: Tile) -> tuple[int, int, int, int, int]:
    """Return first and last column, first and last row of the cells a tile shows, and cells across the world."""
    zoom = min(tile.z, CELLS_DEEPEST)
    across = 2**zoom * CELLS_PER_TILE
    share = CELLS_PER_TILE / 2 ** (tile.z - zoom)  # cells along the tile's side
    return (
        math.floor(tile.x * share),
        math.ceil((tile.x + 1) * share) - 1,
        math.floor(tile.y * share),
        math.ceil((tile.y + 1) * share) - 1,
        across,
    )


def cells_box(cells: tuple[int, int, int, int, int]) -> Box:
    """Return west, south, east, north in degrees of a range of cells."""
    first_x, last_x, first_y, last_y, across = cells
    west, east = first_x / across * 360 - 180, (last_x + 1) / across * 360 - 180
    return west, _latitude((last_y + 1) / across), east, _latitude(first_y / across)


def cell_squares(tile: Tile, x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> Geometries:
    """Return cells as squares in tile units, clipped to tile and border."""
    side = EXTENT // CELLS_PER_TILE * 2 ** max(0, tile.z - CELLS_DEEPEST)
    left, top = x * side - tile.x * EXTENT, y * side - tile.y * EXTENT
    low, high = -BUFFER, EXTENT + BUFFER
    return np.asarray(
        shapely.box(
            np.clip(left, low, high),
            np.clip(top, low, high),
            np.clip(left + side, low, high),
            np.clip(top + side, low, high),
        ),
        dtype=object,
    )
