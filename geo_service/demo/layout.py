"""The plan of the town: communities, grids and blocks with their uses, before anything is bent or built."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import Polygon

from geo_service.demo.plan import RAIL_SHARE, Floats, Size, rng_for
from geo_service.demo.subdivision import RAIL_LEVEL, Cut, Divider, area_m2, densified
from geo_service.demo.terrain import Bend, Terrain, street_corner

# Uses of the superblocks of a community of each character; shuffled, repeated if there are more.
CHARACTERS: dict[str, tuple[str, ...]] = {
    "highrise": tuple("tower tower school tower midrise commercial tower midrise park walkup_gated tower".split()),
    "commodity": tuple("midrise walkup_gated school midrise walkup_gated tower commercial midrise park lanes".split()),
    "old_town": tuple("lanes lanes school walkup_open lanes commercial lanes walkup_open lanes lanes park".split()),
    "work_unit": tuple(
        "walkup_gated walkup_open walkup_gated school walkup_open walkup_gated commercial walkup_open lanes".split()
    ),
    "industrial": tuple("industrial walkup_open school walkup_gated lanes idle industrial lanes midrise".split()),
    "village": tuple("lanes walkup_open school idle lanes midrise lanes industrial commercial midrise".split()),
    "mixed": tuple("walkup_gated lanes commercial walkup_open tower school midrise lanes idle industrial park".split()),
}
_SOUTH = ("work_unit", "industrial", "village")
_NORTH_BY_LAKE = ("highrise", "commodity", "highrise", "old_town", "work_unit", "old_town", "commodity")
# What the blocks of a mixed superblock become, in turn over the whole town.
_PARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "school": (
        ("primary_school", "walkup_gated", "kindergarten"),
        ("middle_school", "walkup_gated"),
        ("primary_school", "midrise", "sports"),
        ("primary_school", "walkup_open", "kindergarten"),
    ),
    "commercial": (
        ("market", "shops", "walkup_open", "civic"),
        ("hospital", "shops", "midrise"),
        ("market", "shops", "walkup_gated", "shops"),
        ("civic", "shops", "market", "walkup_open"),
    ),
    "industrial": (("industrial", "industrial", "walkup_open"), ("industrial", "industrial")),
    "park": (("park", "walkup_gated"), ("park", "walkup_open", "kindergarten"), ("park", "midrise")),
    "idle": (("idle", "walkup_open", "lanes"), ("idle", "lanes", "industrial")),
}
_ALL_IN_ONE = {
    "school": (("primary_school", "middle_school", "kindergarten"),),
    "commercial": (("market", "shops", "hospital", "civic"),),
}
_LANE_BLOCK_M2 = 5200.0


@dataclass(frozen=True)
class Block:
    """Land between streets with one use; ``polygon`` is in the flat plan."""

    polygon: Floats
    use: str
    community: int  # over the whole town
    leaf: int


@dataclass
class Layout:
    """The divided plan: ``leaf_*`` describe superblocks (governance grids), -1 in the margins."""

    cuts: list[Cut]
    outline: Floats
    communities: int = 0
    community_street: list[int] = field(default_factory=list)
    community_character: list[str] = field(default_factory=list)
    leaf_polygons: list[Floats] = field(default_factory=list)
    leaf_community: list[int] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def make_layout(size: Size, seed: int, bend: Bend, terrain: Terrain) -> Layout:
    """Divide the whole extent and give every block inside the communities a use."""
    divider = Divider(rng_for(seed, "layout"))
    rng = rng_for(seed, "uses")
    width, height = size.columns * size.width_m, size.rows * size.height_m
    west, margin = size.short_margin_m + 150.0, size.margin_m + 150.0
    outline = np.array(
        [[-west, -margin], [width + margin, -margin], [width + margin, height + margin], [-west, height + margin]]
    )
    layout = Layout(divider.cuts, outline)
    places: list[tuple[float, int]] = []
    for row in range(size.rows):
        places += [(row * size.height_m, 0), ((row + RAIL_SHARE) * size.height_m, RAIL_LEVEL)]
    places.append((height, 0))
    bands = divider.slices(outline, 1, places)
    columns: list[tuple[float, int]] = [(column * size.width_m, 0) for column in range(size.columns + 1)]
    cells = {(b, c): cell for b, band in enumerate(bands) for c, cell in enumerate(divider.slices(band, 0, columns))}
    inner: set[tuple[int, int]] = set()
    for street in range(size.streets):
        row, column = divmod(street, size.columns)
        south = 1 + 2 * (size.rows - 1 - row)
        inner |= {(south, column + 1), (south + 1, column + 1)}
        _communities_of_street(
            layout,
            divider,
            size,
            street,
            south=cells[south, column + 1],
            north=cells[south + 1, column + 1],
            terrain=terrain,
            bend=bend,
        )
    for key, cell in cells.items():
        if key not in inner:
            for part in divider.divide(cell, round(area_m2(cell) / 650_000), 1, wobble_deg=6):
                layout.leaf_polygons += divider.divide(part, round(area_m2(part) / 80_000), 2, wobble_deg=6)
    layout.leaf_community += [-1] * (len(layout.leaf_polygons) - len(layout.leaf_community))
    _uses(layout, divider, rng, size, bend=bend, terrain=terrain)
    return layout


def _communities_of_street(
    layout: Layout,
    divider: Divider,
    size: Size,
    street: int,
    *,
    south: Floats,
    north: Floats,
    terrain: Terrain,
    bend: Bend,
) -> None:
    """Divide a street's land into communities, numbered north to south and west to east, and their grids."""
    if size.south_communities == 0:
        pieces = [[south, north]]
    else:
        pieces = [[p] for p in divider.divide(south, size.south_communities, 1, wobble_deg=5)]
        pieces += [[p] for p in divider.divide(north, size.north_communities, 1, wobble_deg=5)]
    middles = np.array([np.vstack(p).mean(axis=0) for p in pieces])
    lake = np.asarray(terrain.lakes[street].centroid.coords[0])
    to_lake = np.hypot(*(bend.apply(middles) - lake).T)
    is_south = [n < size.south_communities for n in range(len(pieces))]
    characters = [""] * len(pieces)
    if len(pieces) == 1:
        characters = ["mixed"]
    else:
        norths = [n for n in np.argsort(to_lake, kind="stable") if not is_south[n]]
        for n, name in zip(norths, _NORTH_BY_LAKE, strict=False):
            characters[n] = name
        souths = sorted((n for n in range(len(pieces)) if is_south[n]), key=lambda n: middles[n, 0])
        for k, n in enumerate(souths):
            characters[n] = _SOUTH[(k + street) % len(_SOUTH)]
    bands = np.round((middles[:, 1] - street_corner(size, street)[1]) / 500.0)
    order = sorted(range(len(pieces)), key=lambda n: (-bands[n], middles[n, 0]))
    for n in order:
        whole = sum(area_m2(p) for p in pieces[n])
        for piece in pieces[n]:
            parts = max(1, round(size.grids_per_community * area_m2(piece) / whole))
            leaves = divider.divide(piece, parts, 2, wobble_deg=5)
            layout.leaf_polygons += leaves
            layout.leaf_community += [layout.communities] * len(leaves)
        layout.community_street.append(street)
        layout.community_character.append(characters[n])
        layout.communities += 1


def _uses(
    layout: Layout, divider: Divider, rng: np.random.Generator, size: Size, *, bend: Bend, terrain: Terrain
) -> None:
    """Divide every superblock into blocks and say what each is used for."""
    wet = shapely.union_all(
        [*(lake.buffer(34) for lake in terrain.lakes), *(hill.buffer(16) for hill in terrain.hills)]
    )
    shapely.prepare(wet)
    turn = dict.fromkeys(_PARTS, 0)
    parts_of = {**_PARTS, **_ALL_IN_ONE} if size.name == "small" else _PARTS
    for community in range(layout.communities):
        leaves = [n for n, c in enumerate(layout.leaf_community) if c == community]
        shapes = [bent(layout.leaf_polygons[n], bend) for n in leaves]
        dry = [1 - shapely.intersection(s, wet).area / s.area for s in shapes]
        character = layout.community_character[community]
        wanted = list(CHARACTERS[character])
        wanted += wanted[: max(0, len(leaves) - len(wanted))]
        # whole superblocks first, so that what is wanted most stands on dry land
        order = sorted(range(len(leaves)), key=lambda k: (-round(dry[k], 1), rng.random()))
        for k, use in zip(order, wanted, strict=False):
            leaf = leaves[k]
            if dry[k] < 0.2:
                continue
            polygon = layout.leaf_polygons[leaf]
            if use in parts_of:
                choices = parts_of[use]
                uses = choices[turn[use] % len(choices)]
                turn[use] += 1
                pieces = divider.divide(polygon, len(uses), 3, wobble_deg=5)
                layout.blocks += _blocks(pieces, uses, community, leaf)
            elif use == "lanes":
                for half in divider.divide(polygon, 2, 3, wobble_deg=6):
                    pieces = divider.divide(half, round(area_m2(half) / _LANE_BLOCK_M2), 4, wobble_deg=7, loose=0.09)
                    layout.blocks += _blocks(pieces, ["lanes"] * len(pieces), community, leaf)
            else:
                pieces = divider.divide(polygon, 2 if rng.random() < 0.6 else 1, 3, wobble_deg=5)
                layout.blocks += _blocks(pieces, [use] * len(pieces), community, leaf)


def _blocks(pieces: list[Floats], uses: Iterable[str], community: int, leaf: int) -> list[Block]:
    return [Block(piece, use, community, leaf) for piece, use in zip(pieces, uses, strict=True)]


def bent(polygon: Floats, bend: Bend, step_m: float = 25.0) -> Polygon:
    """Return a plan polygon in bent coordinates."""
    return Polygon(bend.apply(densified(np.vstack([polygon, polygon[:1]]), step_m)))
