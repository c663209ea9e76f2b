"""What every footprint is: use, floors, years, dwellings. One row per building of the town."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import Polygon

from geo_service.demo.compounds import Built, Compound
from geo_service.demo.parcels import Parcel
from geo_service.demo.plan import Floats, Ints, Objects, Size, rng_for
from geo_service.demo.streets import hill_top
from geo_service.demo.terrain import Terrain

# use of parcel → use of building, floors, built years, dwellings a floor and stair (0: nobody lives there)
_KINDS: dict[str, tuple[str, tuple[int, int], tuple[int, int], float]] = {
    "lanes": ("residential", (1, 3), (1952, 1988), 0.8),
    "walkup_open": ("residential", (4, 6), (1976, 1994), 2.0),
    "walkup_gated": ("residential", (5, 7), (1988, 2006), 2.0),
    "midrise": ("residential", (8, 11), (2003, 2016), 2.0),
    "tower": ("residential", (18, 30), (2010, 2023), 4.0),
    "shops": ("commercial", (2, 5), (1988, 2018), 0.0),
    "market": ("commercial", (1, 3), (1992, 2019), 0.0),
    "civic": ("public_service", (2, 5), (1985, 2015), 0.0),
    "industrial": ("industrial", (1, 3), (1965, 1999), 0.0),
    "primary_school": ("public_service", (3, 5), (1978, 2016), 0.0),
    "middle_school": ("public_service", (4, 5), (1978, 2016), 0.0),
    "kindergarten": ("public_service", (2, 3), (1985, 2018), 0.0),
    "hospital": ("public_service", (4, 12), (1985, 2014), 0.0),
    "sports": ("public_service", (1, 2), (1990, 2018), 0.0),
    "lodge": ("residential", (1, 1), (1962, 1975), 1.0),
    "island": ("residential", (1, 2), (1955, 1975), 1.0),
}
KIND_NAMES = tuple(_KINDS)
_STAIR_M = 16.0
_STOREY_M = 3.0


@dataclass(frozen=True)
class Houses:
    """Buildings as columns of equal length, sorted by street, community, north to south, west to east."""

    footprint: Objects
    x: Floats
    y: Floats
    kind: Ints  # index into KIND_NAMES
    street: Ints
    community: Ints
    compound: Ints  # -1 where none
    use: list[str]
    floors: Ints
    built_year: Ints
    has_lift: npt.NDArray[np.bool_]
    households: Ints

    def __len__(self) -> int:
        return len(self.footprint)

    def is_kind(self, *kinds: str) -> npt.NDArray[np.bool_]:
        """Return which buildings are of one of these kinds."""
        return np.isin(self.kind, [KIND_NAMES.index(kind) for kind in kinds])


def make_houses(
    size: Size,
    seed: int,
    *,
    parcels: list[Parcel],
    compounds: list[Compound],
    built: Built,
    terrain: Terrain,
    corner_communities: list[tuple[int, int]],
) -> Houses:
    """Give every footprint its facts and exactly ``size.households`` households to each street.

    ``corner_communities`` are, per street, the communities in which hill top and lake island lie.
    """
    rng = rng_for(seed, "houses")
    footprint = np.concatenate(built.footprints)
    parcel = np.asarray(built.parcel)
    kind = np.array([KIND_NAMES.index(parcels[p].use) for p in parcel])
    street = np.array([parcels[p].street for p in parcel])
    community = np.array([parcels[p].community for p in parcel])
    compound = np.asarray(built.compound)
    keep = _thinned(rng, size, kind, street)
    footprint, kind, street = footprint[keep], kind[keep], street[keep]
    community, compound = community[keep], compound[keep]
    extra = _remote_houses(size, terrain, corner_communities)
    footprint = np.concatenate([footprint, np.array([e[0] for e in extra], dtype=object)])
    kind = np.concatenate([kind, [KIND_NAMES.index(e[1]) for e in extra]])
    street = np.concatenate([street, [e[2] for e in extra]])
    community = np.concatenate([community, [e[3] for e in extra]])
    compound = np.concatenate([compound, np.full(len(extra), -1)])
    centre = shapely.get_coordinates(shapely.centroid(footprint))
    order = np.lexsort((centre[:, 0], -np.round(centre[:, 1] / 40), community, street))
    footprint, kind, street, community = footprint[order], kind[order], street[order], community[order]
    compound, centre = compound[order], centre[order]
    floors, years = _floors_and_years(rng, kind, compound, len(compounds))
    use = [_KINDS[KIND_NAMES[k]][0] for k in kind]
    is_factory = kind == KIND_NAMES.index("industrial")
    is_dormitory = is_factory & (rng.random(len(kind)) < 0.3)
    floors[is_dormitory] = 4
    is_mixed = np.isin(kind, [KIND_NAMES.index("walkup_open"), KIND_NAMES.index("lanes")]) & (
        rng.random(len(kind)) < 0.05
    )
    for n in np.flatnonzero(is_dormitory):
        use[n] = "dormitory"
    for n in np.flatnonzero(is_mixed):
        use[n] = "mixed"
    households = _households(
        rng, size, kind=kind, street=street, floors=floors, footprint=footprint, is_dormitory=is_dormitory
    )
    has_lift = (floors >= 8) | ((kind == KIND_NAMES.index("walkup_gated")) & (rng.random(len(kind)) < 0.04))
    return Houses(
        footprint,
        centre[:, 0],
        centre[:, 1],
        kind,
        street,
        community,
        compound,
        use,
        floors,
        years,
        has_lift,
        households,
    )


def _thinned(rng: np.random.Generator, size: Size, kind: Ints, street: Ints) -> npt.NDArray[np.bool_]:
    """Take away lane houses by lot until each street has its number of buildings."""
    keep = np.ones(len(kind), bool)
    for n in range(size.streets):
        spare = np.flatnonzero((street == n) & (kind == KIND_NAMES.index("lanes")))
        surplus = int((street == n).sum()) - (size.buildings - 4)  # four stand on the hill and the island
        if surplus > 0:
            keep[rng.permutation(spare)[: min(surplus, len(spare) // 2)]] = False
    return keep


def _remote_houses(
    size: Size, terrain: Terrain, corner_communities: list[tuple[int, int]]
) -> list[tuple[Polygon, str, int, int]]:
    """One lodge on each hill top, farther than 200 m from any way, and three houses on each island."""
    found: list[tuple[Polygon, str, int, int]] = []
    for n, (hill, island) in enumerate(zip(terrain.hills, terrain.islands, strict=True)):
        on_hill, on_island = corner_communities[n]
        top = hill_top(hill)
        found.append((_square(top.x, top.y, 9.0), "lodge", n, on_hill))
        at = island.centroid
        for dx, dy in ((-7.0, 1.0), (4.0, 4.5), (4.0, -6.5)):
            scale = size.lake_radius_m / 300.0 * 2.0
            side = 8.0 if size.lake_radius_m > 200 else 4.6
            found.append((_square(at.x + dx * scale, at.y + dy * scale, side), "island", n, on_island))
    return found


def _square(x: float, y: float, side_m: float) -> Polygon:
    half = side_m / 2
    return shapely.box(*np.round([x - half, y - half, x + half, y + half], 2))


def _floors_and_years(rng: np.random.Generator, kind: Ints, compound: Ints, compounds: int) -> tuple[Ints, Ints]:
    """Draw floors and years; those of one compound are built together and look alike."""
    low_f, high_f = (np.array([_KINDS[k][1][n] for k in KIND_NAMES])[kind] for n in (0, 1))
    low_y, high_y = (np.array([_KINDS[k][2][n] for k in KIND_NAMES])[kind] for n in (0, 1))
    own, shared = rng.random((2, len(kind))), rng.random((2, compounds))
    in_compound = compound >= 0
    pick = np.where(in_compound, shared[:, compound] * 0.8 + own * 0.2, own) if compounds else own
    floors = low_f + np.floor(pick[0] * (high_f - low_f + 0.999)).astype(np.int64)
    years = low_y + np.floor(pick[1] * (high_y - low_y + 0.999)).astype(np.int64)
    return np.asarray(floors), np.asarray(years)


def _households(
    rng: np.random.Generator,
    size: Size,
    *,
    kind: Ints,
    street: Ints,
    floors: Ints,
    footprint: Objects,
    is_dormitory: npt.NDArray[np.bool_],
) -> Ints:
    """Fill dwellings evenly until each street has exactly its number of households."""
    per_stair = np.array([_KINDS[k][3] for k in KIND_NAMES])[kind]
    ring = shapely.get_coordinates(shapely.get_exterior_ring(footprint)).reshape(-1, 5, 2)
    length = np.hypot(*(ring[:, 1] - ring[:, 0]).T)
    low_rise = np.isin(kind, [KIND_NAMES.index(k) for k in ("lanes", "lodge", "island", "tower")])
    stairs = np.where(low_rise, 1, np.maximum(1, np.round(length / _STAIR_M)))
    dwellings = per_stair * stairs * floors * rng.uniform(0.82, 1.0, len(kind))
    dwellings[is_dormitory] = 30.0
    one_home = np.isin(kind, [KIND_NAMES.index(k) for k in ("lanes", "lodge", "island")])
    result = np.zeros(len(kind), np.int64)
    result[one_home] = np.maximum(1, np.round(dwellings[one_home])).astype(np.int64)
    for n in range(size.streets):
        large = (street == n) & ~one_home & (dwellings > 0)
        left = size.households - int(result[(street == n) & one_home].sum())
        share = dwellings[large] * (left / dwellings[large].sum())
        whole = np.maximum(1, np.floor(share)).astype(np.int64)
        rest = left - int(whole.sum())
        biggest = np.argsort(-(share - whole), kind="stable")
        for k in range(abs(rest)):
            whole[biggest[k % len(biggest)]] += 1 if rest > 0 else -1
        result[large] = np.maximum(whole, 0)
    return result
