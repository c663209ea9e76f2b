"""What is wrong with a shape while it is drawn: nothing is written, nothing but what could not be stored is refused.

Of every shape: size, validity with the place. Of grids and areas also what they do to their neighbours, to the
community or area that holds them, and which homes would be in no grid; of all others what they do to things of other
kinds (``feature_surroundings``).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo_service.analysis.topology import DrawnPlane, outside_all, pieces_of
from geo_service.domain.areas import AREAS, GRIDS, parent_prefixes
from geo_service.domain.buildings import BUILDINGS, RESIDENTIAL_USES
from geo_service.domain.fields import Layer
from geo_service.domain.rights import write_story
from geo_service.domain.values import ValuesRefused, checked_values
from geo_service.foundation.crs import MetricFrame, geodesic_lengths_m
from geo_service.foundation.errors import TooMuch
from geo_service.foundation.geometry import as_drawn, promoted
from geo_service.foundation.texts import Lang, catalogue, text
from geo_service.services.context import Context
from geo_service.services.feature_surroundings import DECIDING, Drawn, surroundings
from geo_service.services.features import check_editable, checked_geometry, readable
from geo_service.services.new_codes import made_code
from geo_service.services.rights import may_here, may_write
from geo_service.services.shape_problems import Problem, area_text
from geo_service.storage.frames import read_frame

if TYPE_CHECKING:
    from sqlalchemy import Connection

MANY_POINTS: Final = 10_000  # from here a drawing makes maps slow
_WIDEST_DEG: Final = 5.0  # what is wider is not measured: no metric plane fits it
_MOST_PROBLEMS: Final = 50
_MOST_HOMES: Final = 500  # whose places are told; all are counted
# what decides which rows share the ground with one another
_DECIDING: Final = {GRIDS.name: ("kind", "department"), AREAS.name: ("level", "parent_code")}
_PLACE: Final = re.compile(r"^(?P<why>[^\[]+)\[(?P<lon>\S+) (?P<lat>\S+)\]$")


@dataclass(frozen=True)
class Checked:
    """A drawn shape: points, area and length (of polygons: around them; None where there is none), problems.

    ``problems_count`` counts also those beyond the first fifty; ``next_code`` is the code a new row would be given now.
    """

    points_count: int | None
    area_m2: float | None
    length_m: float | None
    problems_count: int
    problems: tuple[Problem, ...]
    next_code: str | None = None


def check_geometry(
    conn: "Connection",
    ctx: Context,
    layer: Layer,
    geometry: Any,
    *,
    ident: str | None = None,
    properties: Mapping[str, Any] | None = None,
) -> Checked:
    """Return what is wrong with a GeoJSON geometry drawn for a layer, for who may write in it.

    Parameters
    ----------
    conn, ctx, layer
        A reading connection, who asks, the layer.
    geometry
        As it is drawn; it may cross itself.
    ident
        The row it is to be the shape of; None for a new one.
    properties
        What the form says, as far as it decides who the neighbours are: kind and department of a grid, level and
        parent of an area, the category of a facility, what a thing belongs to. The rest is left alone.

    Raises
    ------
    InvalidInput
        ``shape_…`` of what is no shape for this layer; ValuesRefused.
    Forbidden, NotFound
        Where the right to write does not reach the row.
    """
    may_write(ctx.actor, layer)
    check_editable(layer)
    stored: Mapping[str, Any] = {}
    if ident is not None:
        stored = readable(conn, ctx, layer, ident)
        may_here(conn, ctx.actor, write_story(layer.name), layer, stored)
    if layer.geometry is None or geometry is None:
        checked_geometry(layer, geometry)
        return Checked(None, None, None, 0, ())
    try:
        shape = promoted(as_drawn(geometry), layer.geometry)
    except TooMuch as error:
        refused = Problem("too_many_points", error.sentence(ctx.lang), blocks=True)
        return Checked(None, None, None, 1, (refused,))
    points = int(shapely.get_num_coordinates(shape))
    problems: list[Problem] = []
    if points > MANY_POINTS:
        problems.append(Problem("too_many_points", text("check.many_points", ctx.lang, points=points)))
    if not shapely.is_valid(shape):
        problems.append(_invalid(shape, ctx.lang))
        return Checked(points, None, None, len(problems), tuple(problems))
    problems += _outside_areas(conn, ctx.lang, shape)
    centre = shape.centroid
    frame = MetricFrame.at(centre.x, centre.y)
    metric = frame.geometries_to_metric([shape])[0]
    dimension = shapely.get_dimensions(shape)
    area, length = float(shapely.area(metric)), float(shapely.length(metric))
    west, south, east, north = shape.bounds
    if max(east - west, north - south) > _WIDEST_DEG or not (math.isfinite(area) and math.isfinite(length)):
        return Checked(points, None, None, len(problems), tuple(problems))
    values = {**stored, **_deciding(layer, properties or {})}
    if layer.name in _DECIDING:
        problems += _among_others(conn, ctx, layer, values, shape=shape, frame=frame)
    else:
        plane = DrawnPlane.at(centre.x, centre.y)
        problems += surroundings(Drawn(conn, ctx, layer, values, shape, frame, plane))
    return Checked(
        points,
        area if dimension == 2 else None,
        length if dimension >= 1 else None,
        len(problems),
        tuple(problems[:_MOST_PROBLEMS]),
        made_code(conn, layer, {**values, "geom": shape}, holds=False) if ident is None else None,
    )


def _deciding(layer: Layer, properties: Mapping[str, Any]) -> dict[str, Any]:
    keys = _DECIDING.get(layer.name) or DECIDING.get(layer.name, ())
    given = {key: properties[key] for key in keys if properties.get(key) not in (None, "")}
    values, faults = checked_values(layer, given, whole=False)
    if faults:
        raise ValuesRefused(faults)
    return {**values, **({"code": properties["code"]} if isinstance(properties.get("code"), str) else {})}


def _outside_areas(conn: "Connection", lang: Lang, shape: Any) -> list[Problem]:
    """Return that a shape lies in no area there is, with the nearest one and how far it is; nothing without areas."""
    near = read_frame(conn, AREAS, ["code"], bbox=shape.bounds)
    if shapely.intersects(near.geometry.to_numpy(), shape).any():
        return []
    areas = read_frame(conn, AREAS, ["code", "name"])
    areas = areas[areas.geometry.notna() & ~areas.geometry.is_empty]
    if not len(areas):
        return []
    ways = shapely.get_coordinates(shapely.shortest_line(areas.geometry.to_numpy(), shape)).reshape(-1, 4)
    lengths_m = geodesic_lengths_m(*ways.T)
    nearest = int(lengths_m.argmin())
    row, km = areas.iloc[nearest], float(lengths_m[nearest]) / 1000
    facts = {"name": row["name"] or row["code"], "km": f"{km:,.1f}" if km < 10 else f"{km:,.0f}"}
    return [Problem("outside_areas", text("check.outside_areas", lang, **facts))]


def _invalid(shape: Any, lang: Lang) -> Problem:
    """Return what makes a shape invalid, and where."""
    reason = str(shapely.is_valid_reason(shape))
    found = _PLACE.match(reason)
    why = (found["why"] if found else reason).strip()
    words = catalogue(lang).get(f"check.invalid.{why.lower().replace(' ', '_')}", why)
    kind = "self_intersection" if "self-intersection" in why.lower() else "invalid"
    if found is None:
        return Problem(kind, text("check.invalid", lang, why=words), blocks=True)
    place = shapely.Point(float(found["lon"]), float(found["lat"]))
    facts = {"lon": f"{place.x:.6f}", "lat": f"{place.y:.6f}"}
    return Problem(kind, text("check.invalid_at", lang, why=words, **facts), place, blocks=True)


def _among_others(
    conn: "Connection", ctx: Context, layer: Layer, values: Mapping[str, Any], *, shape: Any, frame: MetricFrame
) -> list[Problem]:
    """Return what a grid or area does to its neighbours, its parent and homes."""
    alike = _alike(layer, values)
    if alike is None:
        return []
    parent = _parent(conn, layer, shape, values)
    ground = shapely.box(*_wider(shape.bounds)) if parent is None else parent["shape"]
    box = tuple(shapely.total_bounds([shape, ground]).tolist())
    others = read_frame(conn, layer, ["code", "name"], where=alike, bbox=box)
    others = others[others["code"] != values.get("code")]
    plane = DrawnPlane.at(shape.centroid.x, shape.centroid.y)
    drawn = plane.to_metres([shape, ground, *others.geometry])
    found = pieces_of(drawn[0], drawn[2:], None if parent is None else drawn[1])
    where = plane.to_degrees([one.shape for one in found])
    areas = shapely.area(frame.geometries_to_metric(where))
    problems = []
    for one, place, area in zip(found, where, areas.tolist(), strict=True):
        row = None if one.neighbour < 0 else others.iloc[one.neighbour]
        name = None if row is None else row["name"] or row["code"]
        if one.kind == "outside_parent" and parent is not None:
            name = parent["name"]
        facts = {"name": name, "area": area_text(area, ctx.lang)}
        key = "check.sliver_alone" if one.kind == "sliver" and row is None else f"check.{one.kind}"
        ident = None if row is None else str(row["code"])
        problems.append(Problem(one.kind, text(key, ctx.lang, **facts), place, area, ident, ident and layer.name))
    if layer.name == GRIDS.name and alike["kind"] == "governance" and parent is not None:
        problems += _homes_outside(conn, ctx.lang, [shape, *others.geometry], parent)
    return problems


def _wider(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return a box of three times the size, in which whatever encloses a gap beside the shape begins."""
    west, south, east, north = bounds
    wide, high = east - west, north - south
    return max(west - wide, -180), max(south - high, -90), min(east + wide, 180), min(north + high, 90)


def _alike(layer: Layer, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return by what rows that share the ground with one another are found, None where that is not known."""
    if layer.name == AREAS.name:
        return {"level": values["level"]} if values.get("level") else None
    kind = values.get("kind") or "governance"
    return {"kind": kind, "department": values.get("department")} if kind == "department" else {"kind": kind}


def _parent(conn: "Connection", layer: Layer, shape: Any, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return name and shape of what must hold the row: a grid's community, an area's parent, for some nothing.

    A quarter may span communities, a department's grid whatever it likes.
    """
    columns = ["code", "name"]
    if layer.name == GRIDS.name:
        if values.get("kind") == "department":
            return None
        point = shapely.point_on_surface(shape)
        found = read_frame(conn, AREAS, columns, where={"level": "community"}, bbox=point.bounds)
        found = found[shapely.intersects(found.geometry.to_numpy(), point)]
    elif values["level"] == "quarter":
        return None
    else:
        codes = [values["parent_code"]] if values.get("parent_code") else parent_prefixes(values.get("code") or "")
        found = read_frame(conn, AREAS, columns, where={"code": list(codes)})
        if len(found):
            found = found.iloc[[int(found["code"].str.len().argmax())]]  # the nearest by its prefix
    if not len(found):
        return None
    row = found.iloc[0]
    return {"name": row["name"] or row["code"], "shape": row["geometry"]}


def _homes_outside(conn: "Connection", lang: Lang, grids: list[Any], parent: Mapping[str, Any]) -> list[Problem]:
    """Return that homes of a community lie in no grid; those registered in one are in it."""
    columns = ["use", "residents_persons", "registered_grid_code"]
    homes = read_frame(conn, BUILDINGS, columns, bbox=parent["shape"].bounds)
    lives = homes["use"].isin(RESIDENTIAL_USES) | (homes["residents_persons"].fillna(0) > 0)
    homes = homes[lives & homes["registered_grid_code"].isna()]
    points = np.asarray(shapely.point_on_surface(homes.geometry.to_numpy()), dtype=object)
    left = points[outside_all(points, grids, parent["shape"])] if len(points) else points
    if not len(left):
        return []
    sentence = text("check.homes_outside", lang, count=len(left), name=parent["name"])
    return [Problem("homes_outside", sentence, shapely.multipoints(left[:_MOST_HOMES]))]
