"""What restoring a version of a split or merged row does to the others of it: ground left to nobody, or held twice."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import shapely

from geo_service.domain.fields import Layer
from geo_service.domain.labels import layer_label
from geo_service.domain.layers import LAYERS
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.errors import Conflict, NotFound
from geo_service.foundation.texts import listed
from geo_service.services.context import Context
from geo_service.services.features import readable, shown_row
from geo_service.storage import references, row_history
from geo_service.storage.row_history import Line

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LEAST_SHARE: Final = 0.01  # of a partner's size: less is how shapes are rounded
Becomes = Literal["lost", "doubled"]


@dataclass(frozen=True)
class Partner:
    """Another row of a split or merge whose ground a restored version leaves to nobody, or holds as well.

    ``lost``: it is out of use and its ground would no longer belong to the restored row either. ``doubled``: it is in
    use and its ground would belong to both. ``area_m2`` (polygons) or ``length_m`` (lines) is how much of it.
    """

    code: str
    name: str | None
    version: int
    becomes: Becomes
    area_m2: float | None
    length_m: float | None


def partners_of(
    conn: "Connection", ctx: Context, layer: Layer, stored: Mapping[str, Any], lines: Sequence[Line]
) -> list[dict[str, Any]]:
    """Return the stored rows a row was ever split from or merged with, by code, those the actor may read."""
    found = []
    for code in sorted({code for line in lines for code in line.parted[1]} - {stored["code"]}):
        try:
            found.append(readable(conn, ctx, layer, code))
        except NotFound:
            continue  # not for the actor, or its code was changed
    return found


def at_stake(
    conn: "Connection",
    ctx: Context,
    layer: Layer,
    stored: Mapping[str, Any],
    *,
    lines: Sequence[Line],
    partners: Sequence[Mapping[str, Any]],
    version: int,
) -> tuple[Partner, ...]:
    """Return the partners restoring ``version`` of a row takes ground from, or shares it with."""
    older = row_history.values_after(lines, version)
    before = row_history.shape_of(older["geom"]) if "geom" in older else stored.get("geom")
    shapes: list[Any] = [before, stored.get("geom"), *(row.get("geom") for row in partners)]
    if not partners or any(shape is None or shapely.get_dimensions(shape) < 1 for shape in shapes):
        return ()
    centre = shapely.centroid(shapes[1])
    frame = MetricFrame.at(centre.x, centre.y)
    restored, current, *others = frame.geometries_to_metric(shapes)
    is_area = shapely.get_dimensions(shapes[1]) == 2
    size = shapely.area if is_area else shapely.length
    is_used = stored["retired_at"] is None
    left = shapely.difference(current, restored) if is_used else shapely.from_wkt("POLYGON EMPTY")
    found = []
    ordered = sorted(zip(partners, others, strict=True), key=lambda pair: _steps_from(lines, pair[0]["code"], version))
    for row, own in ordered:
        becomes: Becomes = "doubled" if row["retired_at"] is None else "lost"
        amount = float(size(shapely.intersection(own, restored if becomes == "doubled" else left)))
        if amount <= _LEAST_SHARE * float(size(own)):
            continue
        if becomes == "lost":
            left = shapely.difference(left, own)  # of two that had the same ground one after the other it is one's
        name = shown_row(conn, ctx, layer, row).get("name")
        measured = (round(amount, 1), None) if is_area else (None, round(amount, 1))
        found.append(Partner(row["code"], name, row["version"], becomes, *measured))
    return tuple(found)


def _steps_from(lines: Sequence[Line], code: str, version: int) -> tuple[float, str]:
    """Return how many versions before ``version`` a row was split off, or after it merged in; then its code."""
    steps = [
        (version - line.version if line.parted[0] == "split" else line.version - version - 1)
        for line in lines
        if code in line.parted[1] and (line.parted[0] == "split") == (line.version <= version)
    ]
    return min(steps, default=math.inf), code


def check_not_referred(conn: "Connection", ctx: Context, layer: Layer, row: Mapping[str, Any]) -> None:
    """Refuse a row that others in use name: it cannot go; Conflict ``merge_referred``."""
    if naming := references.count_referring(conn, layer, row["id"]):
        labels = [f"{layer_label(LAYERS[name])[ctx.lang]} {count}" for name, count in naming.items()]
        raise Conflict("merge_referred", code=row["code"], by=listed(labels, ctx.lang))
