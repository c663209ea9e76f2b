"""What may count in the checklist: facilities and open spaces with their community, sizes and whom they serve."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.layers import LAYERS
from geo_service.foundation.crs import MetricFrame
from geo_service.services.context import Context
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE, Targets, read_targets
from geo_service.services.homes import Areas
from geo_service.storage import overview
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
# open ground: its polygon is its land
GROUNDS: Final = ("activity_ground", "sports_ground", "park")
_GREENS: Final = {"park": "park", "garden": "park", "pocket_park": "park"}
_SPACES: Final = {
    "activity_ground": "activity_ground",
    "playground": "activity_ground",
    "square": "activity_ground",
    "sports_ground": "sports_ground",
}
_EDGE_STEP_M: Final = 50.0  # open ground without entrances is entered along its edge, at a point each so many metres
_ARRAYS: Final = ("layer", "area_id", "floor_m2", "land_m2", "capacity", "unit", "x", "y", "shape")
_SAME_SHARE: Final = 0.5  # of the smaller one lies in the other: one and the same ground


@dataclass(frozen=True)
class Sites:
    """Facilities and open spaces, p of them: facilities first, each by code.

    Attributes
    ----------
    targets
        How one walks there, whom they admit, whether they are verified; ``targets.category`` is the place of the
        category in ``CATEGORY_CODES``.
    layer
        ``facilities``, ``green_spaces`` or ``public_spaces``, shape (p,).
    area_id
        Smallest area each lies in, -1 for none, shape (p,).
    floor_m2, land_m2, capacity
        NaN where not known, shape (p,). Land of grounds without a stored size is that of their polygon.
    unit
        Unit of the capacity, shape (p,).
    x, y
        Middle of each in the plane of ``frame``, metres, shape (p,).
    shape
        Geometry of each in that plane, shape (p,).
    """

    targets: Targets
    layer: npt.NDArray[np.object_]
    area_id: Ints
    floor_m2: Floats
    land_m2: Floats
    capacity: Floats
    unit: npt.NDArray[np.object_]
    x: Floats
    y: Floats
    shape: npt.NDArray[np.object_]
    frame: MetricFrame

    def __len__(self) -> int:
        return len(self.layer)

    def in_categories(self, *codes: str) -> Ints:
        """Return the places of the sites of some categories."""
        return np.flatnonzero(np.isin(self.targets.category, [CATEGORY_CODES.index(code) for code in codes]))

    def category(self, place: int) -> str:
        """Return the category of a site."""
        return CATEGORY_CODES[int(self.targets.category[place])]

    @property
    def serves_all(self) -> Flags:
        """Whether a site is for everybody, or everybody of an age: not for one quarter or unit, shape (p,)."""
        return np.asarray(self.targets.admits_area == EVERYBODY, bool)

    @property
    def is_unregistered(self) -> Flags:
        """Whether a site is open ground that is no facility yet: analyses of facilities do not count it, shape (p,)."""
        return np.asarray(self.layer != "facilities", bool)

    def inside(self, areas: Areas, index_of: dict[int, int]) -> Ints:
        """Return the community each site lies in by its place in ``index_of`` (area id → place), -1 for none."""
        up = areas.at_level["community"]
        return np.array([index_of.get(up.get(int(one), -1), -1) for one in self.area_id], np.int64)


def read_sites(conn: Connection, ctx: Context, middle: tuple[float, float]) -> Sites:
    """Return all facilities that are or may be open, and public green and activity grounds; ``middle`` in degrees."""
    frame = MetricFrame.at(*middle)
    targets = read_targets(conn, ctx, CATEGORY_CODES)
    columns = ["id", "area_id", "floor_area_m2", "land_area_m2", "capacity", "capacity_unit"]
    stored = read_frame(conn, LAYERS["facilities"], columns).set_index("id").loc[targets.id]
    shape = _sound(frame.geometries_to_metric(stored.geometry.to_numpy()))
    land = stored["land_area_m2"].to_numpy(float)
    is_ground = np.isin(targets.category, [CATEGORY_CODES.index(code) for code in GROUNDS])
    drawn = is_ground & np.isnan(land) & (shapely.area(shape) > 0)
    land = np.where(drawn, np.round(shapely.area(shape)), land)
    middle_of = shapely.centroid(shape)
    facilities = Sites(
        targets,
        np.full(len(targets), "facilities", object),
        stored["area_id"].fillna(-1).to_numpy(np.int64),
        stored["floor_area_m2"].to_numpy(float),
        land,
        stored["capacity"].to_numpy(float),
        stored["capacity_unit"].to_numpy(object),
        shapely.get_x(middle_of),
        shapely.get_y(middle_of),
        shape,
        frame,
    )
    spaces = [
        _spaces(conn, frame, "green_spaces", _GREENS, {"is_public": True}),
        _spaces(conn, frame, "public_spaces", _SPACES, {}),
    ]
    return _joined(facilities, [one for one in spaces if len(one)])


def is_any_ground(conn: Connection, category: str) -> bool:
    """Whether there is any open space of a kind that is of the category."""
    return any(
        kinds.get(kind) == category
        for layer, kinds in (("green_spaces", _GREENS), ("public_spaces", _SPACES))
        for kind in overview.distinct(conn, LAYERS[layer], "kind")
    )


def _spaces(conn: Connection, frame: MetricFrame, layer: str, kinds: dict[str, str], where: dict[str, Any]) -> Sites:
    """Return the open spaces of a layer that are of a category, entered along their edge."""
    columns = ["id", "code", "name", "kind", "area_m2", "area_id"]
    stored = read_frame(conn, LAYERS[layer], columns, where={"kind": list(kinds), **where})
    stored = stored[~(stored.geometry.isna() | stored.geometry.is_empty)].reset_index(drop=True)
    shape = _sound(frame.geometries_to_metric(stored.geometry.to_numpy()))
    size = shapely.area(shape)
    known = stored["area_m2"].to_numpy(float)
    land = np.where(np.isnan(known), np.where(size > 0, np.round(size), np.nan), known)
    middle = shapely.centroid(shape)
    count = len(stored)
    owner, lon, lat = _edges(frame, shape)
    category = [CATEGORY_CODES.index(kinds[kind]) for kind in stored["kind"]]
    targets = Targets(
        stored["id"].to_numpy(np.int64),
        stored["code"].to_numpy(object),
        stored["name"].to_numpy(object),
        np.array(category, np.int32),
        np.ones(count, bool),
        np.full(count, EVERYBODY, np.int64),
        [None] * count,
        owner,
        lon,
        lat,
    )
    nothing = np.full(count, np.nan)
    return Sites(
        targets,
        np.full(count, layer, object),
        stored["area_id"].fillna(-1).to_numpy(np.int64),
        nothing,
        land,
        nothing,
        np.full(count, None, object),
        shapely.get_x(middle),
        shapely.get_y(middle),
        shape,
        frame,
    )


def _sound(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return geometries with those that cross themselves mended, of which only the parts with an area are kept."""
    mended = shapes.copy()
    for place in np.flatnonzero(~shapely.is_valid(shapes)):
        parts = [one for one in shapely.get_parts(shapely.make_valid(shapes[place])) if one.area > 0]
        mended[place] = shapely.union_all(parts) if parts else shapely.centroid(shapes[place])
    return mended


def _edges(frame: MetricFrame, shape: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.int32], Floats, Floats]:
    """Return owner and position (degrees) of points along the edge of each shape; a point is its own edge."""
    owners, points = [], []
    for place, one in enumerate(shape):
        edge = shapely.boundary(one) if shapely.get_dimensions(one) == 2 else one
        if shapely.get_dimensions(edge) == 1:
            edge = shapely.segmentize(edge, _EDGE_STEP_M)
        xy = np.unique(np.round(shapely.get_coordinates(edge), 2), axis=0)
        owners.append(np.full(len(xy), place, np.int32))
        points.append(xy)
    xy = np.concatenate(points) if points else np.zeros((0, 2))
    lon, lat = frame.to_lonlat(xy[:, 0], xy[:, 1])
    return np.concatenate(owners) if owners else np.zeros(0, np.int32), lon, lat


def _joined(facilities: Sites, spaces: list[Sites]) -> Sites:
    """Return all sites; open space that is a facility of its category already is taken once, with the larger size.

    It is then all that the ground is without the facility, and what the facility adds: as large and as far reaching,
    known to be there, entered along its edge and at the registered entrances. So nobody is farther from a park
    because somebody registers it, and nobody nearer because somebody retires it.
    """
    land, shape, verified = facilities.land_m2.copy(), facilities.shape.copy(), facilities.targets.verified.copy()
    targets = facilities.targets
    parts = [facilities]
    for part in spaces:
        twin = _twins(facilities, part)
        for place in np.flatnonzero(twin >= 0):
            own = twin[place]
            land[own] = np.fmax(land[own], part.land_m2[place])
            shape[own] = shapely.union(shape[own], part.shape[place])
            verified[own] |= part.targets.verified[place]
        targets = _entered(targets, part.targets, twin)
        parts.append(_taken(part, np.flatnonzero(twin < 0)))
    parts[0] = replace(facilities, targets=replace(targets, verified=verified), land_m2=land, shape=shape)
    begin = np.cumsum([0, *(len(part) for part in parts)])

    def together(of: Callable[[Sites], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.concatenate([of(part) for part in parts])

    targets = Targets(
        together(lambda one: one.targets.id),
        together(lambda one: one.targets.code),
        together(lambda one: one.targets.name),
        together(lambda one: one.targets.category),
        together(lambda one: one.targets.verified),
        together(lambda one: one.targets.admits_area),
        [bands for part in parts for bands in part.targets.bands],
        np.concatenate([part.targets.place_owner + begin[n] for n, part in enumerate(parts)]).astype(np.int32),
        together(lambda one: one.targets.place_lon),
        together(lambda one: one.targets.place_lat),
    )
    arrays: dict[str, Any] = {name: together(attrgetter(name)) for name in _ARRAYS}
    return replace(parts[0], targets=targets, **arrays)


def _entered(targets: Targets, others: Targets, twin: Ints) -> Targets:
    """Return facilities that are entered where ``others`` are, too; ``twin`` is the facility of each, -1 for none."""
    owner = twin[others.place_owner]
    more = owner >= 0
    together = np.concatenate([targets.place_owner, owner[more]]).astype(np.int32)
    order = np.argsort(together, kind="stable")
    return replace(
        targets,
        place_owner=together[order],
        place_lon=np.concatenate([targets.place_lon, others.place_lon[more]])[order],
        place_lat=np.concatenate([targets.place_lat, others.place_lat[more]])[order],
    )


def _twins(facilities: Sites, spaces: Sites) -> Ints:
    """Return the facility each space is the ground of, the first by code, -1 for none."""
    found = np.full(len(spaces), len(facilities), np.int64)
    for category in np.unique(spaces.targets.category):
        those = np.flatnonzero(facilities.targets.category == category)
        mine = np.flatnonzero(spaces.targets.category == category)
        tree = shapely.STRtree(facilities.shape[those])
        space, facility = tree.query(spaces.shape[mine], predicate="intersects")
        space, facility = mine[space], those[facility]
        area, other = shapely.area(spaces.shape[space]), shapely.area(facilities.shape[facility])
        common = shapely.area(shapely.intersection(spaces.shape[space], facilities.shape[facility]))
        same = (other == 0) | (common >= _SAME_SHARE * np.minimum(area, other))
        np.minimum.at(found, space[same], facility[same])
    return np.where(found == len(facilities), -1, found)


def _taken(sites: Sites, places: Ints) -> Sites:
    kept = {name: getattr(sites, name)[places] for name in _ARRAYS}
    return replace(sites, targets=targets_at(sites.targets, places), **kept)


def targets_at(targets: Targets, places: Ints) -> Targets:
    """Return some of the facilities, in the order of ``places``."""
    number = np.full(len(targets), -1, np.int64)
    number[places] = np.arange(len(places))
    doors = np.flatnonzero(number[targets.place_owner] >= 0)
    doors = doors[np.argsort(number[targets.place_owner[doors]], kind="stable")]
    return Targets(
        targets.id[places],
        targets.code[places],
        targets.name[places],
        targets.category[places],
        targets.verified[places],
        targets.admits_area[places],
        [targets.bands[int(place)] for place in places],
        number[targets.place_owner[doors]].astype(np.int32),
        targets.place_lon[doors],
        targets.place_lat[doors],
    )


def admits_estate(sites: Sites) -> Flags:
    """Whether a site is for the people of one quarter or catchment only, shape (p,)."""
    return np.asarray((sites.targets.admits_area != EVERYBODY) & (sites.targets.admits_area != NOBODY_HERE), bool)
