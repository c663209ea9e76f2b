"""Areas and grids: superblocks gathered into governance grids, communities, streets; unit grids; party grids."""

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.affinity
from shapely import MultiPolygon, Polygon

from geo_service.demo.compounds import Compound
from geo_service.demo.layout import Layout
from geo_service.demo.plan import Ints, Objects, Size, rng_for
from geo_service.demo.streets import StreetPlan

_FEWEST_HOUSEHOLDS = 60
_UNIT_M2 = 10_000.0


@dataclass
class Territory:
    """Polygons of the town's plane; communities and streets are unions of governance grids."""

    grids: list[Polygon]
    grid_community: list[int]
    communities: list[Polygon]
    streets: list[Polygon]
    spanning: dict[int, tuple[int, int]]  # compound → its two communities
    units: list[list[Polygon]]  # per community, numbered in order
    party: list[tuple[int, MultiPolygon | Polygon]]  # community, polygon: department grids that fit badly


def make_territory(
    size: Size,
    seed: int,
    *,
    layout: Layout,
    streets: StreetPlan,
    compounds: list[Compound],
    centres: Objects,
    households: Ints,
) -> Territory:
    """Gather superblocks (``StreetPlan.faces``) by the people who live in them; ``centres`` are building points."""
    leaves = [n for n, c in enumerate(layout.leaf_community) if c >= 0 and streets.faces[n] is not None]
    faces = np.array([streets.faces[n] for n in leaves], dtype=object)
    tree = shapely.STRtree(faces)
    point_at, face_at = tree.query(centres, predicate="within")
    people = np.bincount(face_at, weights=households[point_at], minlength=len(faces))
    grids: list[Polygon] = []
    owner: list[int] = []
    for community in range(layout.communities):
        own = [k for k, n in enumerate(leaves) if layout.leaf_community[n] == community]
        merged = _merged([faces[k] for k in own], [float(people[k]) for k in own])
        merged.sort(key=lambda p: (-round(p.centroid.y / 220), round(p.centroid.x, 2)))
        grids += merged
        owner += [community] * len(merged)
    spanning = _span(size, layout, compounds, grids, owner)
    communities = [_solid([g for g, c in zip(grids, owner, strict=True) if c == k]) for k in range(layout.communities)]
    offices = [
        _solid([p for p, s in zip(communities, layout.community_street, strict=True) if s == street])
        for street in range(size.streets)
    ]
    units = [_unit_grids(community) for community in communities]
    return Territory(grids, owner, communities, offices, spanning, units, _party_grids(seed, grids, owner))


def _solid(polygons: list[Polygon]) -> Polygon:
    union = shapely.union_all(np.array(polygons, dtype=object))
    return union if isinstance(union, Polygon) else max(union.geoms, key=lambda part: part.area)


def _merged(polygons: list[Polygon], people: list[float]) -> list[Polygon]:
    """Join pieces where hardly anybody lives to the neighbour with the longest common border."""
    polygons, people = list(polygons), list(people)
    while len(polygons) > 1:
        least = min(range(len(polygons)), key=lambda n: (people[n], polygons[n].area))
        if people[least] >= _FEWEST_HOUSEHOLDS:
            break
        border = [
            -1.0 if n == least else round(polygons[least].intersection(polygons[n]).length, 2)
            for n in range(len(polygons))
        ]
        to = int(np.argmax(border))
        if border[to] <= 0:
            people[least] = float(_FEWEST_HOUSEHOLDS)  # cut off from its community: stays as it is
            continue
        polygons[to] = _solid([polygons[to], polygons[least]])
        people[to] += people[least]
        del polygons[least], people[least]
    return polygons


def _span(
    size: Size, layout: Layout, compounds: list[Compound], grids: list[Polygon], owner: list[int]
) -> dict[int, tuple[int, int]]:
    """Let one quarter of each street reach into the neighbouring community: half of it goes over."""
    spanning: dict[int, tuple[int, int]] = {}
    if layout.communities == 1:
        return spanning
    whole = {k: _solid([g for g, c in zip(grids, owner, strict=True) if c == k]) for k in range(layout.communities)}
    for street in range(size.streets):
        best: tuple[float, int, int] | None = None
        for n, compound in enumerate(compounds):
            own = compound.parcel.community
            if compound.parcel.street != street or not compound.is_quarter or not compound.is_walled:
                continue
            near = compound.parcel.polygon.buffer(32.0)
            for other in range(layout.communities):
                if other != own and layout.community_street[other] == street:
                    border = round(shapely.intersection(near, whole[other]).area, 1)
                    if border > 0 and (best is None or border > best[0]):
                        best = (border, n, other)
        if best is None:
            continue
        _, n, other = best
        parcel = compounds[n].parcel
        reach = next(
            d
            for d in range(30, 400, 4)
            if parcel.polygon.intersection(whole[other].buffer(d)).area > 0.45 * parcel.polygon.area
        )
        bite = whole[parcel.community] & parcel.polygon.buffer(12.0, join_style="mitre") & whole[other].buffer(reach)
        bite = max(shapely.get_parts(bite), key=lambda part: part.area)
        taker = max(
            (k for k, c in enumerate(owner) if c == other),
            key=lambda k: round(shapely.intersection(grids[k], bite.buffer(0.5)).area, 2),
        )
        for k, c in enumerate(owner):
            if c == parcel.community:
                grids[k] = _solid([grids[k] - bite])
        joined = shapely.union(grids[taker], bite)
        if not isinstance(joined, Polygon):
            joined = _solid([shapely.union(grids[taker], bite.buffer(0.5))])
        grids[taker] = joined
        spanning[n] = (parcel.community, other)
    return spanning


def _unit_grids(community: Polygon) -> list[Polygon]:
    """Divide into pieces of about 10,000 m² in rows from north to south, each row from west to east."""
    shapely.prepare(community)
    west, south, east, north = community.bounds
    rows = max(1, round((north - south) / _UNIT_M2**0.5))
    cuts = np.linspace(north, south, rows + 1)
    result: list[Polygon] = []
    for row in range(rows):
        strip = shapely.intersection(community, shapely.box(west, cuts[row + 1], east, cuts[row]))
        parts = [p for p in shapely.get_parts(strip) if isinstance(p, Polygon) and p.area > 1.0]
        pieces: list[Polygon] = []
        for part in parts:
            pieces += _by_area(part, max(1, round(part.area / _UNIT_M2)))
        pieces.sort(key=lambda p: round(p.centroid.x, 2))
        result += pieces
    return _without_slivers(result)


def _by_area(part: Polygon, count: int) -> list[Polygon]:
    """Cut a strip by north–south lines into pieces of equal area."""
    if count == 1:
        return [part]
    west, south, east, north = part.bounds
    edges = np.linspace(west, east, max(8, int((east - west) / 12)))
    fine = shapely.box(edges[:-1], south, edges[1:], north)
    share = np.concatenate([[0.0], np.cumsum(shapely.area(shapely.intersection(part, fine)))])
    at = np.round(np.interp(share[-1] * np.arange(1, count) / count, share, edges), 1)
    bounds = np.concatenate([[west], at, [east]])
    cut = shapely.intersection(part, shapely.box(bounds[:-1], south, bounds[1:], north))
    return [p for piece in cut for p in shapely.get_parts(piece) if isinstance(p, Polygon) and p.area > 0.5]


def _without_slivers(pieces: list[Polygon]) -> list[Polygon]:
    """Join pieces under half a unit grid to the neighbour with the longest common border."""
    small = [n for n, p in enumerate(pieces) if p.area < 0.45 * _UNIT_M2]
    for n in sorted(small, key=lambda k: pieces[k].area):
        others = [k for k, p in enumerate(pieces) if k != n and not p.is_empty and p.distance(pieces[n]) < 0.01]
        if others:
            to = max(others, key=lambda k: (round(pieces[k].intersection(pieces[n]).length, 2), -k))
            joined = shapely.union(pieces[to], pieces[n])
            if isinstance(joined, Polygon):
                pieces[to], pieces[n] = joined, Polygon()
    return [p for p in pieces if not p.is_empty]


def _party_grids(seed: int, grids: list[Polygon], owner: list[int]) -> list[tuple[int, MultiPolygon | Polygon]]:
    """Party-building grids drawn by another department: about three governance grids each, shifted, one missing."""
    rng = rng_for(seed, "party grids")
    result: list[tuple[int, MultiPolygon | Polygon]] = []
    for community in sorted(set(owner)):
        own = [g for g, c in zip(grids, owner, strict=True) if c == community]
        for start in range(0, len(own), 3):
            drawn = _solid(own[start : start + 3]).simplify(6.0)
            shift = rng.normal(0.0, 9.0, 2)
            result.append((community, shapely.affinity.translate(drawn, *np.round(shift, 2))))
    del result[int(rng.integers(len(result)))]
    return result
