"""Index of the streets one may step onto: for every small cell of the plane, the ones that can be nearest there.

It serves any straight lines, such as the sides of an extent.

A quadtree over a dense coarse grid. A leaf lists every segment that is nearest to some point of the leaf, which
this bound guarantees: if the centre of a cell with half diagonal r has its nearest segment at distance d, then any
point of the cell has one within d + r, so a segment farther than d + 2 r from the centre is nearest to none of them.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_CELL_M: Final = 256.0  # coarse cells
_LEVELS: Final = 3  # halvings at most: 32 m
_FEW: Final = 16  # candidates a cell may have without being split
_MOST_CELLS: Final = 4_000_000  # coarse cells; a wider plane gets larger ones
_SLACK_M: Final = 1e-6  # rounding
_ROUNDING_M: Final = 1e-3  # by which distances to centres are kept too low, for they are kept and sorted coarsely
_BLOCK: Final = 262_144  # distances worked out at a time
_SORTED_BITS: Final = 16  # NumPy sorts whole numbers of no more bits in one pass


@dataclass(frozen=True)
class Grid:
    """Coarse grid: west and south corner and cell size in metres, columns and rows, halvings, reach in metres."""

    west_m: float
    south_m: float
    cell_m: float
    columns: int
    rows: int
    levels: int
    reach_m: float


@dataclass(frozen=True)
class SnapIndex:
    """Snap targets and the tree that finds the nearest of many points; built once per network and kept with it.

    Attributes
    ----------
    edge
        Edge number of each snap target, ascending, shape (t,).
    x, y, dx, dy
        Start of each target in the metric frame and the way from there to its end, metres, shape (t,).
    inverse
        1 / (dx² + dy²), 0 for a target without length, shape (t,).
    length_m
        Length of each target on the ellipsoid, shape (t,).
    child
        South-west child of each tree node, -1 for a leaf, shape (q,). The first nodes are the coarse cells.
    strides
        How much farther on the next quarter's child stands, for each halving, shape (levels,).
    start, candidates
        Node i's candidates are ``candidates[start[i]:start[i + 1]]``: numbers of targets, those nearest to the centre
        of the node first.
    from_center_m
        No more than the distance of each candidate to the centre of its node, shape of ``candidates``.
    grid
        Coarse grid and reach.
    """

    edge: Ints
    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    inverse: Floats
    length_m: Floats
    child: Ints
    strides: Ints
    start: Ints
    candidates: Ints
    from_center_m: npt.NDArray[np.float32]
    grid: Grid

    @classmethod
    def build(
        cls, edge: Ints, start: tuple[Floats, Floats], end: tuple[Floats, Floats], length_m: Floats, *, reach_m: float
    ) -> Self:
        """Return the index of the edges ``edge`` from ``start`` to ``end`` (x, y in metres) for legs to ``reach_m``."""
        x, y = start
        dx, dy = end[0] - x, end[1] - y
        square = dx * dx + dy * dy
        inverse = np.divide(1.0, square, out=np.zeros_like(square), where=square > 0)
        lines = _Lines(x, y, dx, dy, inverse)
        grid = _grid(x, y, end, reach_m)
        child, strides, first, candidates, from_center = _tree(grid, lines)
        return cls(edge, x, y, dx, dy, inverse, length_m, child, strides, first, candidates, from_center, grid)

    def cell_by_cell(self, px: Floats, py: Floats) -> Longs:
        """Return which points lie on the grid, those near each other together; the others have nothing within reach."""
        grid = self.grid
        column, row = self._fine_cell(px, py)
        with np.errstate(invalid="ignore"):
            fine = 1 << grid.levels
            inside = np.flatnonzero(
                (column >= 0) & (column < grid.columns * fine) & (row >= 0) & (row < grid.rows * fine)
            )
        across, up = (axis[inside].astype(np.int32) >> grid.levels for axis in (column, row))
        cell = up * np.int32(grid.columns) + across
        spare = max(int(grid.columns * grid.rows).bit_length() - _SORTED_BITS, 0)
        return inside[np.argsort((cell >> spare).astype(np.uint16), kind="stable")]

    def leaf_of(self, px: Floats, py: Floats) -> tuple[Ints, Floats]:
        """Return the leaf each point (all on the grid) lies in and its distance in metres from the leaf's centre.

        Both have the shape (k,). The leaf is -1 where nothing is within reach.
        """
        grid = self.grid
        column, row = (axis.astype(np.int32) for axis in self._fine_cell(px, py))
        node = (row >> grid.levels) * np.int32(grid.columns) + (column >> grid.levels)
        level = np.full(len(px), grid.levels, np.int32)
        deeper = np.flatnonzero(self.child[node] >= 0)
        for left in range(grid.levels - 1, -1, -1):
            quarter = ((row[deeper] >> left) & 1) * 2 + ((column[deeper] >> left) & 1)
            node[deeper] = self.child[node[deeper]] + quarter * self.strides[grid.levels - 1 - left]
            level[deeper] = left
            deeper = deeper[self.child[node[deeper]] >= 0]
            if not len(deeper):
                break
        size = grid.cell_m / (1 << grid.levels) * (1 << level)
        off = np.hypot(
            px - grid.west_m - ((column >> level) + 0.5) * size, py - grid.south_m - ((row >> level) + 0.5) * size
        )
        return np.where(self.start[node + 1] > self.start[node], node, np.int32(-1)), off

    def _fine_cell(self, px: Floats, py: Floats) -> tuple[Floats, Floats]:
        """Return column and row of the smallest cell each point lies in, whole numbers; not finite as the point."""
        grid = self.grid
        per_m = (1 << grid.levels) / grid.cell_m
        with np.errstate(invalid="ignore"):
            return np.floor((px - grid.west_m) * per_m), np.floor((py - grid.south_m) * per_m)


@dataclass(frozen=True)
class _Lines:
    """Segments: start, way to the end, and 1 / square of the length."""

    x: Floats
    y: Floats
    dx: Floats
    dy: Floats
    inverse: Floats

    def distances(self, line: Ints, px: Floats, py: Floats) -> Floats:
        """Return the distance in metres of each point to its line."""
        x, y, dx, dy = px - self.x[line], py - self.y[line], self.dx[line], self.dy[line]
        along = np.clip((x * dx + y * dy) * self.inverse[line], 0.0, 1.0)
        return np.asarray(np.hypot(x - along * dx, y - along * dy), np.float64)


@dataclass(frozen=True)
class _Cells:
    """Square cells of one size: their centres and the size, metres."""

    x: Floats
    y: Floats
    size: float

    @classmethod
    def of(cls, grid: Grid) -> "_Cells":
        """Return the coarse cells, row after row."""
        row, column = np.divmod(np.arange(grid.columns * grid.rows, dtype=np.float64), max(grid.columns, 1))
        half = grid.cell_m / 2
        return cls(grid.west_m + half + column * grid.cell_m, grid.south_m + half + row * grid.cell_m, grid.cell_m)

    def quarter(self, which: Longs, quarter: int) -> "_Cells":
        """Return the same quarter (0 south-west, 1 south-east, 2 north-west, 3 north-east) of the cells ``which``."""
        shift = self.size / 4
        across, up = (shift if quarter % 2 else -shift), (shift if quarter >= 2 else -shift)
        return _Cells(self.x[which] + across, self.y[which] + up, self.size / 2)


def _grid(x: Floats, y: Floats, end: tuple[Floats, Floats], reach_m: float) -> Grid:
    """Return the coarse grid that holds all points within reach."""
    if not len(x):
        return Grid(0.0, 0.0, _CELL_M, 0, 0, _LEVELS, reach_m)
    margin = reach_m + 1.0
    west, south = min(x.min(), end[0].min()) - margin, min(y.min(), end[1].min()) - margin
    east, north = max(x.max(), end[0].max()) + margin, max(y.max(), end[1].max()) + margin
    cell, levels = _CELL_M, _LEVELS
    while ((east - west) / cell + 1) * ((north - south) / cell + 1) > _MOST_CELLS:
        cell, levels = cell * 2, levels + 1
    columns, rows = int((east - west) // cell) + 1, int((north - south) // cell) + 1
    return Grid(float(west), float(south), cell, columns, rows, levels, reach_m)


@dataclass(frozen=True)
class _Pairs:
    """Cells and lines that may be nearest to some point of them, ordered by cell, and the line's distance."""

    cell: Ints
    line: Ints
    from_center_m: Floats

    def take(self, which: npt.NDArray[np.generic]) -> "_Pairs":
        """Return some of the pairs."""
        return _Pairs(self.cell[which], self.line[which], self.from_center_m[which])

    def nearest_first(self) -> "_Pairs":
        """Return the pairs ordered by distance within each cell."""
        wide = float(self.from_center_m.max(initial=0.0)) + 1.0
        return self.take(np.argsort(self.cell * wide + self.from_center_m))


def _tree(grid: Grid, lines: _Lines) -> tuple[Ints, Ints, Ints, Ints, npt.NDArray[np.float32]]:
    """Return children, strides, starts, candidates and their distances, level after level."""
    cells = _Cells.of(grid)
    pairs = _sieve(lines, cells, *_first_candidates(grid, lines), grid.reach_m)
    children, strides, counts, leaves = [], [], [], []
    made = len(cells.x)
    for level in range(grid.levels + 1):
        count = np.bincount(pairs.cell, minlength=len(cells.x))
        split = (count > _FEW) if level < grid.levels else np.zeros(len(count), bool)
        parents = np.flatnonzero(split)
        child = np.full(len(count), -1, np.int32)
        child[parents] = made + np.arange(len(parents))
        children.append(child)
        counts.append(np.where(split, 0, count))
        going = split[pairs.cell]
        leaves.append(pairs.take(~going).nearest_first())
        if level == grid.levels:
            break
        strides.append(len(parents))
        made += 4 * len(parents)
        number = (np.cumsum(split) - 1).astype(np.int32)
        cell, line = number[pairs.cell[going]], pairs.line[going]
        quarters = [cells.quarter(parents, quarter) for quarter in range(4)]
        sieved = [_sieve(lines, part, cell, line, grid.reach_m) for part in quarters]
        pairs = _Pairs(
            np.concatenate([part.cell + np.int32(q * len(parents)) for q, part in enumerate(sieved)]),
            np.concatenate([part.line for part in sieved]),
            np.concatenate([part.from_center_m for part in sieved]),
        )
        cells = _Cells(
            np.concatenate([part.x for part in quarters]), np.concatenate([part.y for part in quarters]), cells.size / 2
        )
    start = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    if start[-1] > np.iinfo(np.int32).max:
        raise OverflowError("too many streets for one index")
    from_center = np.concatenate([part.from_center_m for part in leaves])
    return (
        np.concatenate(children),
        np.array(strides, np.int32),
        start.astype(np.int32),
        np.concatenate([part.line for part in leaves]),
        (from_center * (1 - 1e-6) - _ROUNDING_M).astype(np.float32),
    )


def _first_candidates(grid: Grid, lines: _Lines) -> tuple[Ints, Ints]:
    """Return pairs of coarse cell and line that may come within reach of it, ordered by cell, then line."""
    length = np.hypot(lines.dx, lines.dy)
    pieces = np.ceil(length / grid.cell_m).astype(np.int64).clip(1)
    line = np.repeat(np.arange(len(length)), pieces)
    number = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    from_share, to_share = number / pieces[line], (number + 1) / pieces[line]
    reach = grid.reach_m + 1.0
    ends = []
    for base, way, corner in ((lines.x, lines.dx, grid.west_m), (lines.y, lines.dy, grid.south_m)):
        one, two = base[line] + from_share * way[line], base[line] + to_share * way[line]
        low = np.floor((np.minimum(one, two) - reach - corner) / grid.cell_m).astype(np.int64)
        high = np.floor((np.maximum(one, two) + reach - corner) / grid.cell_m).astype(np.int64)
        ends.append((low, high))
    (west, east), (south, north) = ends
    west, east = west.clip(0, grid.columns - 1), east.clip(0, grid.columns - 1)
    south, north = south.clip(0, grid.rows - 1), north.clip(0, grid.rows - 1)
    wide = east - west + 1
    total = wide * (north - south + 1)
    piece = np.repeat(np.arange(len(line)), total)
    place = np.arange(len(piece)) - np.repeat(np.cumsum(total) - total, total)
    cell = ((south[piece] + place // wide[piece]) * grid.columns + west[piece] + place % wide[piece]).astype(np.int32)
    order = np.argsort(cell, kind="stable")
    line = line[piece[order]]
    cell = cell[order]
    fresh = np.r_[True, (cell[1:] != cell[:-1]) | (line[1:] != line[:-1])] if len(cell) else np.zeros(0, bool)
    return cell[fresh].astype(np.int32), line[fresh].astype(np.int32)


def _sieve(lines: _Lines, cells: _Cells, cell: Ints, line: Ints, reach_m: float) -> _Pairs:
    """Return the pairs (ordered by cell) whose line can be the nearest, within reach, of some point of the cell."""
    distance = np.empty(len(cell))
    if not len(cell):
        return _Pairs(cell, line, distance)
    radius = cells.size * float(np.sqrt(0.5))
    for begin in range(0, len(cell), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        distance[part] = lines.distances(line[part], cells.x[cell[part]], cells.y[cell[part]])
    heads = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    nearest = np.minimum.reduceat(distance, heads)
    bound = np.minimum(nearest + 2 * radius, reach_m + radius) + _SLACK_M
    kept = distance <= np.repeat(bound, np.diff(np.r_[heads, len(cell)]))
    return _Pairs(cell[kept], line[kept], distance[kept])
