"""What a drawn shape does to things of other kinds: told, never refused, since only a person knows which is right.

A green space over a building, a gate on no wall, a wall across a road, an entrance far from its facility, what lies
outside every area or outside one's own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo_service.analysis.path_corrections import JOIN_M
from geo_service.analysis.topology import DrawnPlane, wide_overlaps, wide_rest
from geo_service.domain import privacy
from geo_service.domain.areas import AREAS, GRIDS
from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import reach_of, write_story
from geo_service.domain.streets import BARRIERS, GATES, NETWORKS, PATH_CORRECTIONS, WAYS
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.errors import NotFound
from geo_service.foundation.texts import listed, text
from geo_service.services.context import Context
from geo_service.services.shape_problems import Problem, area_text
from geo_service.storage import rows
from geo_service.storage.frames import read_frame
from geo_service.storage.places import place_rows
from geo_service.storage.visible import own_places

if TYPE_CHECKING:
    from sqlalchemy import Connection

# what a thing of a layer does not lie over
_NOT_OVER: Final[dict[str, tuple[str, ...]]] = {
    "green_spaces": ("buildings", "green_spaces"),
    "public_spaces": ("buildings", "public_spaces"),
    "buildings": ("buildings", "green_spaces"),
}
# fields that decide what is asked, beside the references
DECIDING: Final[dict[str, tuple[str, ...]]] = {
    "public_spaces": ("kind",),
    "barriers": ("kind",),
    "path_corrections": ("kind",),
    "facilities": ("category",),
    "entrances": ("facility_code",),
    "adoptions": ("green_space_code", "public_space_code", "facility_code"),
}
_MOST_NAMED: Final = 8  # of a kind; the others are counted
_MOST_WAYS: Final = 3
_BARRIER_M: Final = 30.0  # how far from a wall or the edge of a quarter a gate is still in it
_LOOKED_M: Final = 1_000.0
_SNAP_M: Final = 200.0  # PRODUCT §3.2
_GATE_M: Final = 10.0  # from a crossing, so that the gate is the way through
_SUBJECT_M: Final = 100.0
_ALIKE_M: Final = 15.0
_METRES_PER_DEGREE: Final = 110_540.0


@dataclass(frozen=True)
class Drawn:
    """A valid shape being drawn: in degrees, what is known of its row, planes to compare and to measure in."""

    conn: "Connection"
    ctx: Context
    layer: Layer
    values: Mapping[str, Any]
    shape: Any
    frame: MetricFrame
    plane: DrawnPlane

    def around(self, metres: float) -> tuple[float, float, float, float]:
        """Return the bounds of the shape and so many metres more."""
        west, south, east, north = self.shape.bounds
        high = metres / _METRES_PER_DEGREE
        wide = high / max(0.01, float(np.cos(np.radians(min(89.0, max(abs(south), abs(north)))))))
        return west - wide, south - high, east + wide, north + high

    def others(self, name: str, columns: tuple[str, ...] = (), metres: float = 0.0) -> Any:
        """Return the rows of a layer near the shape but the one being drawn, with ``code`` and a name."""
        layer = LAYERS[name]
        named = [key for key in ("name", "address") if layer.field(key)]
        frame = read_frame(self.conn, layer, ["code", *named, *columns], bbox=self.around(metres))
        frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
        if name == self.layer.name:
            frame = frame[frame["code"] != self.values.get("code")]
        return frame.reset_index(drop=True)

    def told(self, problem: str, /, **facts: Any) -> str:
        """Return the sentence of a problem."""
        return text(f"check.{problem}", self.ctx.lang, **facts)


def surroundings(drawn: Drawn) -> list[Problem]:
    """Return what is worth a look about a shape and the things of other kinds around it."""
    found: list[Problem] = []
    for ask in (_outside_own, _partly_outside, _over_others, *_OF_LAYER.get(drawn.layer.name, ())):
        found += ask(drawn)
    return found


def title(row: Any) -> str:
    """Return what a row is called."""
    return str(row.get("name") or row.get("address") or row["code"])


def _outside_own(drawn: Drawn) -> Iterator[Problem]:
    """Tell somebody whose right is of some places that the shape is in none of them: it would be refused."""
    actor, conn = drawn.ctx.actor, drawn.conn
    story, places = write_story(drawn.layer.name), own_places(conn, actor)
    if reach_of(actor, story) == "all":
        return
    shapes = np.array([drawn.shape], dtype=object)
    ids = place_rows(conn, drawn.layer, shapes, {})
    if not ids:
        return
    row: dict[str, Any] = {"code": drawn.values.get("code")}
    for key, layer in (("area", AREAS), ("grid", GRIDS)):
        wanted = ids[f"{key}_id"][0]
        frame = read_frame(conn, layer, ["code"], geometry=False, where={"id": wanted or 0})
        row[f"{key}_code"] = str(frame["code"].iloc[0]) if len(frame) else None
    if not privacy.reaches(actor, story, drawn.layer, row, places):
        yield Problem("outside_own", drawn.told("outside_own"))


def _partly_outside(drawn: Drawn) -> Iterator[Problem]:
    """Tell what of a polygon lies in no area, where some of it lies in one."""
    if shapely.get_dimensions(drawn.shape) != 2:
        return
    areas = drawn.others("areas")
    if not len(areas) or not shapely.intersects(areas.geometry.to_numpy(), drawn.shape).any():
        return
    own, *ground = drawn.plane.to_metres([drawn.shape, *areas.geometry])
    rest = wide_rest(own, ground)
    if rest is not None:
        where, area = _measured(drawn, rest.shape)
        yield Problem("partly_outside", drawn.told("partly_outside", area=area_text(area, drawn.ctx.lang)), where, area)


def _over_others(drawn: Drawn) -> Iterator[Problem]:
    """Tell which things of other kinds, or its own, a polygon lies over."""
    if shapely.get_dimensions(drawn.shape) != 2:
        return
    for name in _NOT_OVER.get(drawn.layer.name, ()):
        if name == "buildings" and drawn.values.get("kind") == "room":
            continue  # a room is in a building
        others = drawn.others(name)
        own, *shapes = drawn.plane.to_metres([drawn.shape, *others.geometry])
        pieces = wide_overlaps(own, np.array(shapes, dtype=object))
        kind = text(f"layer.{name}.one", drawn.ctx.lang)
        for one in pieces[:_MOST_NAMED]:
            row = others.iloc[one.neighbour]
            where, area = _measured(drawn, one.shape)
            facts = {"kind": kind, "name": title(row), "area": area_text(area, drawn.ctx.lang)}
            yield Problem("overlap", drawn.told("over", **facts), where, area, str(row["code"]), name)
        if rest := pieces[_MOST_NAMED:]:
            where, area = _measured(drawn, shapely.union_all([one.shape for one in rest]))
            size = area_text(area, drawn.ctx.lang)
            sentence = drawn.told("over_more", kind=kind, count=len(rest), area=size)
            yield Problem("overlap", sentence, where, area)


def _gate(drawn: Drawn) -> Iterator[Problem]:
    """Tell that a gate is in no wall and at no quarter's edge."""
    walls = drawn.others("barriers", metres=_LOOKED_M)
    quarters = drawn.others("areas", ("level",), metres=_LOOKED_M)
    quarters = quarters[quarters["level"] == "quarter"]
    known = [*walls.geometry, *shapely.boundary(quarters.geometry.to_numpy())]
    named = [("barriers", row) for _, row in walls.iterrows()] + [("areas", row) for _, row in quarters.iterrows()]
    nearest = _nearest(drawn, known)
    if nearest is None:
        yield Problem("far_from_barrier", drawn.told("no_barrier", metres=f"{_LOOKED_M:,.0f}"))
    elif nearest[1] > _BARRIER_M:
        number, metres, line = nearest
        layer, row = named[number]
        sentence = drawn.told("far_from_barrier", name=title(row), metres=f"{metres:,.0f}")
        yield Problem("far_from_barrier", sentence, line, ident=str(row["code"]), layer=layer)


def _walkable(drawn: Drawn) -> Iterator[Problem]:
    """Tell that no way one can step onto is near a place inside the known streets: it cannot be walked to."""
    if not len(drawn.others(NETWORKS.name)):
        return
    ways = drawn.others(WAYS.name, ("is_snap_target",), metres=_SNAP_M)
    nearest = _nearest(drawn, list(ways[ways["is_snap_target"].astype(bool)].geometry))
    if nearest is None or nearest[1] > _SNAP_M:
        yield Problem("far_from_ways", drawn.told("far_from_ways", metres=f"{_SNAP_M:,.0f}"))


def _across_ways(drawn: Drawn) -> Iterator[Problem]:
    """Tell where a wall, water or railway crosses ways on the ground and there is no gate."""
    line = shapely.boundary(drawn.shape) if shapely.get_dimensions(drawn.shape) == 2 else drawn.shape
    ways = drawn.others(WAYS.name, ("is_snap_target",))
    ways = ways[ways["is_snap_target"].astype(bool)]
    meeting = shapely.intersection(ways.geometry.to_numpy(), line)
    hit = np.flatnonzero(~shapely.is_empty(meeting))
    if not len(hit):
        return
    places = shapely.get_parts(shapely.union_all(shapely.centroid(shapely.get_parts(meeting[hit])))).tolist()
    gates = drawn.frame.geometries_to_metric(list(drawn.others(GATES.name, metres=_GATE_M).geometry))
    metric = drawn.frame.geometries_to_metric(places)
    left = [
        place
        for place, at in zip(places, metric, strict=True)
        if not len(gates) or not shapely.dwithin(gates, at, _GATE_M).any()
    ]
    if left:
        names = sorted({title(ways.iloc[number]) for number in hit.tolist()})[:_MOST_WAYS]
        sentence = drawn.told("crosses_ways", count=len(left), names=listed(names, drawn.ctx.lang))
        yield Problem("crosses_ways", sentence, shapely.multipoints(left))


def _correction(drawn: Drawn) -> Iterator[Problem]:
    """Tell which ends of a missing path meet no street, or that a blocked place lies on no way."""
    if not len(drawn.others(NETWORKS.name)):
        return
    if drawn.values.get("kind") == "blocked":
        if not shapely.intersects(drawn.others(WAYS.name).geometry.to_numpy(), drawn.shape).any():
            yield Problem("blocks_nothing", drawn.told("blocks_nothing"))
        return
    ways = drawn.others(WAYS.name, ("is_snap_target",), metres=JOIN_M)
    paths = drawn.others(PATH_CORRECTIONS.name, ("kind",))
    near = [*ways[ways["is_snap_target"].astype(bool)].geometry, *paths[paths["kind"] == "missing"].geometry]
    parts = shapely.get_parts(drawn.shape)
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    own, others = (drawn.frame.geometries_to_metric(list(one)) for one in (ends, near))
    met = [bool(shapely.dwithin(others, end, JOIN_M).any()) for end in own] if near else [False] * len(own)
    vertices = [tuple(one) for one in shapely.get_coordinates(drawn.shape)]
    loose = [end for end, is_met in zip(ends, met, strict=True) if not is_met and vertices.count((end.x, end.y)) < 2]
    if loose:
        sentence = drawn.told("loose_ends", count=len(loose), metres=f"{JOIN_M:,.0f}")
        yield Problem("loose_ends", sentence, shapely.multipoints(loose))


def _near_subject(drawn: Drawn) -> Iterator[Problem]:
    """Tell that an entrance or adoption is far from what it belongs to."""
    for field in drawn.layer.fields:
        code = drawn.values.get(field.key) if field.refers_to else None
        if not code or field.refers_to == AREAS.name:
            continue
        try:
            subject = rows.get(drawn.conn, LAYERS[str(field.refers_to)], str(code))
        except NotFound:
            continue
        nearest = None if subject["geom"] is None else _nearest(drawn, [subject["geom"]])
        if nearest is not None and nearest[1] > _SUBJECT_M:
            facts = {"name": title(subject), "metres": f"{nearest[1]:,.0f}"}
            sentence = drawn.told("far_from_subject", **facts)
            yield Problem("far_from_subject", sentence, nearest[2], None, str(subject["code"]), field.refers_to)


def _alike(drawn: Drawn) -> Iterator[Problem]:
    """Tell that a facility of the same category stands in the same place: perhaps it is the same one."""
    others = drawn.others("facilities", ("category",), metres=_ALIKE_M)
    others = others[others["category"] == drawn.values.get("category")].reset_index(drop=True)
    nearest = _nearest(drawn, list(others.geometry))
    if nearest is not None and nearest[1] <= _ALIKE_M:
        row = others.iloc[nearest[0]]
        sentence = drawn.told("near_alike", name=title(row), metres=f"{nearest[1]:,.0f}")
        yield Problem("near_alike", sentence, row.geometry, None, str(row["code"]), "facilities")


def _nearest(drawn: Drawn, shapes: list[Any]) -> tuple[int, float, Any] | None:
    """Return which shape is nearest, how many metres away, and the line to it; None where there is none."""
    if not shapes:
        return None
    own, *metric = drawn.frame.geometries_to_metric([drawn.shape, *shapes])
    away = shapely.distance(np.array(metric, dtype=object), own)
    number = int(np.argmin(away))
    return number, float(away[number]), shapely.shortest_line(drawn.shape, shapes[number])


def _measured(drawn: Drawn, piece: Any) -> tuple[Any, float]:
    """Return a piece of the plane in degrees, and its area in m2."""
    where = drawn.plane.to_degrees([piece])[0]
    return where, float(shapely.area(drawn.frame.geometries_to_metric([where])[0]))


_Ask = Callable[[Drawn], Iterator[Problem]]
_OF_LAYER: Final[dict[str, tuple[_Ask, ...]]] = {
    "gates": (_gate, _walkable),
    "facilities": (_alike, _walkable),
    "entrances": (_near_subject, _walkable),
    "adoptions": (_near_subject,),
    BARRIERS.name: (_across_ways,),
    PATH_CORRECTIONS.name: (_correction,),
}
