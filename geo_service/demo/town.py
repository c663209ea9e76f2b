"""The demo town: everything generated from a size and a seed, as rows of the layers and arrays of the ways."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from geo_service.demo import living, outdoors, places
from geo_service.demo.compounds import Compound, make_compounds
from geo_service.demo.facilities import place_facilities
from geo_service.demo.gaps import PLANNED, Gap
from geo_service.demo.houses import Houses, make_houses
from geo_service.demo.layout import Layout, make_layout
from geo_service.demo.noding import node_numbers, noded
from geo_service.demo.parcels import Parcel, make_parcels
from geo_service.demo.people import make_people
from geo_service.demo.plan import DEFAULT_SEED, Size, community_code, size_named, street_code
from geo_service.demo.rows import Placing, checksum, ways_checksum
from geo_service.demo.scene import Placed, Scene
from geo_service.demo.spaces import make_spaces
from geo_service.demo.streets import Crossing, StreetPlan, Ways, hill_top, make_streets
from geo_service.demo.terrain import Bend, Terrain, make_terrain
from geo_service.demo.territory import Territory, make_territory
from geo_service.domain.ways import WayArrays

NETWORK_CODE = "demo-network"
_FIRST_NODE = 9_900_000_000_000  # far beyond the numbers of OpenStreetMap
Told = Callable[[float | None, str], None]


@dataclass(frozen=True)
class Town:
    """The finished town.

    Attributes
    ----------
    size, seed
        What it was made from.
    frames
        Rows by layer name, in an order in which references point backwards only; EPSG:4326, columns
        ``code``, ``geometry``, the layer's field keys, ``source``, ``licence``.
    ways
        The walking network.
    extent
        Where the streets are known; not closed: the world goes on beyond.
    gaps
        The deliberate gaps with the codes of the rows they came to lie at.
    crossings
        Street code, kind and place (lon, lat) of the ways across the railway.
    """

    size: Size
    seed: int
    frames: dict[str, gpd.GeoDataFrame]
    ways: WayArrays
    extent: MultiPolygon
    gaps: tuple[Gap, ...]
    crossings: tuple[tuple[str, str, float, float], ...]

    def checksum(self) -> str:
        """Return the canonical checksum of all rows and ways (:func:`geo_service.demo.rows.checksum`)."""
        return content_checksum(self.frames, self.ways)


@dataclass(frozen=True)
class Ground:
    """Everything made in the town's plane, metres, before it becomes rows."""

    size: Size
    seed: int
    layout: Layout
    terrain: Terrain
    streets: StreetPlan
    parcels: list[Parcel]
    compounds: list[Compound]
    houses: Houses
    territory: Territory
    placed: Placed


def generate(size_name: str = "street", seed: int = DEFAULT_SEED, progress: Told | None = None) -> Town:
    """Generate the town of a size and a seed; the same on every machine.

    Raises NotFound ``demo_size_unknown``. Progress is told as share and message key.
    """
    size = size_named(size_name)
    tell = progress or (lambda _share, _key: None)
    ground = make_ground(size, seed, tell)
    placing = Placing((size.columns * size.width_m / 2, size.rows * size.height_m / 2))
    tell(0.6, "demo.people")
    people = make_people(ground.houses, seed)
    buildings = places.Buildings.of(ground.houses, ground.compounds, ground.territory, ground.streets)
    frames: dict[str, gpd.GeoDataFrame] = {}
    frames["areas"] = places.areas(
        placing,
        layout=ground.layout,
        territory=ground.territory,
        compounds=ground.compounds,
        buildings=buildings,
    )
    frames["grids"] = places.grids(placing, ground.layout, ground.territory)
    frames["barriers"] = places.barriers(placing, ground.terrain, ground.streets, ground.compounds)
    frames["buildings"] = living.buildings(placing, ground.houses, people, buildings, ground.compounds)
    frames["households"] = living.households(ground.houses, people, buildings)
    tell(0.75, "demo.facilities")
    frames["facilities"], frames["entrances"] = living.facilities(
        placing, ground.placed, ground.layout, ground.territory, buildings
    )
    frames["inventory_statements"] = living.inventory_statements(seed, ground.layout)
    frames["checklist_findings"] = living.checklist_findings(seed, ground.layout)
    tell(0.85, "demo.works")
    spaces = make_spaces(
        seed,
        streets=ground.streets,
        parcels=ground.parcels,
        compounds=ground.compounds,
        houses=ground.houses,
        terrain=ground.terrain,
        offices=ground.territory.streets,
    )
    frames["public_spaces"] = outdoors.spaces(placing, "public_spaces", spaces.public)
    frames["green_spaces"] = outdoors.spaces(placing, "green_spaces", spaces.green)
    frames |= outdoors.works(
        placing,
        seed,
        size,
        frames=frames,
        houses=ground.houses,
        streets=ground.streets,
        territory=ground.territory,
    )
    frames["gates"] = places.gates(placing, seed, ground.compounds, buildings)
    ways = _way_arrays(placing, ground.streets.ways)
    extent = placing.geometries([shapely.segmentize(ground.streets.extent, 400.0)])[0]
    tell(1.0, "demo.works")
    order = ("areas grids barriers buildings households facilities entrances inventory_statements public_spaces "
             "green_spaces adoptions frontages gates projects cases checklist_findings").split()  # fmt: skip
    return Town(
        size,
        seed,
        {name: frames[name] for name in order},
        ways,
        MultiPolygon([extent]),
        _gaps(ground, buildings, frames["facilities"]),
        tuple(_crossing(placing, c) for c in ground.streets.crossings),
    )


def make_ground(size: Size, seed: int, tell: Told) -> Ground:
    """Make land, streets, buildings, territory and facilities in the town's plane."""
    tell(0.0, "demo.streets")
    bend = Bend.seeded(seed)
    terrain = make_terrain(size, seed, bend)
    layout = make_layout(size, seed, bend, terrain)
    streets = make_streets(size, layout, bend, terrain)
    tell(0.2, "demo.buildings")
    parcels = make_parcels(layout, streets, bend, terrain)
    compounds, built = make_compounds(parcels, streets.ways, seed)
    houses = make_houses(
        size,
        seed,
        parcels=parcels,
        compounds=compounds,
        built=built,
        terrain=terrain,
        corner_communities=_remote(layout, streets, terrain),
    )
    tell(0.4, "demo.territory")
    centres = np.asarray(shapely.points(houses.x, houses.y), dtype=object)
    territory = make_territory(
        size,
        seed,
        layout=layout,
        streets=streets,
        compounds=compounds,
        centres=centres,
        households=houses.households,
    )
    tell(0.5, "demo.facilities")
    scene = Scene(size, streets, parcels, compounds, houses, terrain, territory)
    placed = place_facilities(scene, seed)
    return Ground(size, seed, layout, terrain, streets, parcels, compounds, houses, territory, placed)


def content_checksum(frames: Mapping[str, gpd.GeoDataFrame], ways: WayArrays) -> str:
    """Return one checksum of rows and ways, the same for the same content wherever it is kept."""
    return hashlib.sha256(f"{checksum(frames)};{ways_checksum(ways)}".encode()).hexdigest()


def _remote(layout: Layout, streets: StreetPlan, terrain: Terrain) -> list[tuple[int, int]]:
    """Return for each street the communities its hill top and its island lie in."""

    def community_at(street: int, shape: Polygon) -> int:
        for face, community in zip(streets.faces, layout.leaf_community, strict=True):
            if community >= 0 and face is not None and face.contains(shape):
                return community
        return layout.community_street.index(street)

    return [
        (community_at(n, hill_top(hill)), community_at(n, island.centroid))
        for n, (hill, island) in enumerate(zip(terrain.hills, terrain.islands, strict=True))
    ]


def _way_arrays(placing: Placing, ways: Ways) -> WayArrays:
    """Join all ways at shared nodes and put them on the globe."""
    vertices = noded(ways.lines, ways.layers)
    number, nodes = node_numbers(vertices)
    # nodes that fall on the same coordinates once these are rounded are one node
    places, same = np.unique(placing.points(nodes), axis=0, return_inverse=True)
    number = same.ravel()[number]
    way = np.repeat(np.arange(len(vertices)), [len(v) for v in vertices])
    kept = np.concatenate([[True], (np.diff(number) != 0) | (np.diff(way) != 0)])
    number, way = number[kept], way[kept]
    return WayArrays(
        codes=[f"demo-w{n + 1:06d}" for n in range(len(vertices))],
        names=list(ways.names),
        highways=list(ways.highways),
        snap_target=np.asarray(ways.snap_target, bool),
        step_free=np.asarray(ways.step_free, bool),
        part_way=np.arange(len(vertices), dtype=np.int32),
        part_start=np.searchsorted(way, np.arange(len(vertices) + 1)).astype(np.int64),
        node_ids=(number + _FIRST_NODE).astype(np.int64),
        lon=places[number, 0],
        lat=places[number, 1],
    )


def _crossing(placing: Placing, crossing: Crossing) -> tuple[str, str, float, float]:
    lon, lat = placing.points(np.array(crossing.at.coords))[0]
    return street_code(crossing.street), crossing.kind, float(lon), float(lat)


def _gaps(ground: Ground, buildings: places.Buildings, facilities: gpd.GeoDataFrame) -> tuple[Gap, ...]:
    """Return every deliberate gap with the codes of its rows."""
    found: list[Gap] = []
    for street in range(ground.size.streets):
        for plan in PLANNED:
            home = ground.placed.homes.get((plan.kind, street))
            wrong = next(
                (
                    code
                    for code, draft in zip(facilities["code"], ground.placed.drafts, strict=True)
                    if draft.gap is plan and draft.street == street
                ),
                None,
            )
            area = None
            if home is not None:
                area = buildings.community_codes[home]
            elif plan.kind == "not_surveyed":
                area = community_code(street, 0)
            if home is None and wrong is None and area is None:
                continue
            found.append(Gap(plan, street_code(street), area, None if home is None else buildings.codes[home], wrong))
    return tuple(found)
