"""What a printed map shows of an area: its frame on paper, the stored layers in their styles, names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo_service.cartography.print_frame import PrintFrame
from geo_service.cartography.print_map import Drawn, Name
from geo_service.cartography.styles import STYLES, labelled_rules
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import is_published
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.foundation.texts import text
from geo_service.services.context import Context
from geo_service.services.rights import may_read, rows_seen
from geo_service.storage.frames import read_frame

BASE: Final = ("green_spaces", "barriers", "ways", "buildings")
NAMED: Final = ("areas", "green_spaces", "ways")
DEFAULT: Final = (*BASE, "public_spaces", "areas", "gates", "facilities")
PRINTABLE: Final = tuple(
    name for name in STYLES if is_published(name) and LAYERS[name].geometry and name != "entrances"
)
_MOST_VERTICES: Final = 400_000  # of one layer on one page; beyond that only main streets, no buildings
_CGCS2000: Final = range(4534, 4555)  # EPSG codes of the 3° zones by central meridian, from 75° E
_UTM_SOUTH: Final = 32700
_DOWN: Final = ("district", "street", "community", "quarter")
_MAIN: Final = ("trunk", "primary", "secondary", "tertiary")
_SHORTEST_NAMED_MM: Final = 14.0  # of a street on paper


@dataclass(frozen=True)
class PrintArea:
    """The area a sheet is of; ``shape`` in degrees."""

    code: str
    name: str
    level: str
    shape: Any


@dataclass(frozen=True)
class Ground:
    """A place on paper: the plane of its metres, where it lies on the page, its bounds in degrees."""

    plane: MetricFrame
    frame: PrintFrame
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Painted:
    """What is drawn of one layer, with the layer's name and the kind of its geometry, for the legend."""

    layer: str
    geometry: str | None
    drawn: Drawn


def area_to_print(conn: Connection, ctx: Context, code: str) -> PrintArea:
    """Return the area with this code; NotFound ``row_unknown``, InvalidInput ``print_area_no_shape``."""
    may_read(ctx.actor, LAYERS["areas"])
    found = read_frame(conn, LAYERS["areas"], ["code", "name", "level"], where={"code": code})
    if not len(found):
        raise NotFound("row_unknown", layer="areas", ident=code[:64])
    row = found.iloc[0]
    if row.geometry is None or row.geometry.is_empty:
        raise InvalidInput("print_area_no_shape", area=code)
    return PrintArea(str(row["code"]), str(row["name"] or row["code"]), str(row["level"]), row.geometry)


def ground_of(area: PrintArea, width_mm: float, height_mm: float, *, margin: float = 0.03) -> Ground:
    """Return where an area lies on a map of this size."""
    return _ground(area.shape, width_mm, height_mm, margin)


def ground_of_box(bbox: tuple[float, float, float, float], width_mm: float, height_mm: float) -> Ground:
    """Return where a part of the ground (west, south, east, north in degrees) lies on a map of this size."""
    return _ground(shapely.box(*bbox), width_mm, height_mm, 0.0)


def _ground(shape: Any, width_mm: float, height_mm: float, margin: float) -> Ground:
    west, south, east, north = shape.bounds
    plane = MetricFrame.at((west + east) / 2, (south + north) / 2)
    bounds = plane.geometries_to_metric(np.array([shape]))[0].bounds
    frame = PrintFrame.around(bounds, width_mm, height_mm, margin=margin)
    x0, y0, x1, y1 = frame.bounds_m(beyond_mm=5.0)
    lon, lat = plane.to_lonlat([x0, x0, x1, x1], [y0, y1, y0, y1])
    return Ground(plane, frame, (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))


def check_layers(layers: Sequence[str]) -> tuple[str, ...]:
    """Return the layers in drawing order; InvalidInput ``print_layer_unknown`` names those that can be printed."""
    for name in layers:
        if name not in PRINTABLE:
            raise InvalidInput("print_layer_unknown", layer=name[:64], known=", ".join(PRINTABLE))
    return tuple(sorted(set(layers), key=lambda name: STYLES[name].order))


def painted(
    conn: Connection, ctx: Context, ground: Ground, layers: Sequence[str], *, category: str | None = None
) -> list[Painted]:
    """Return what is drawn of these layers, the lowest first, one entry for each symbol that occurs.

    Of facilities only those of ``category`` where one is named.
    """
    found: list[Painted] = []
    for name in check_layers(layers):
        seen = rows_seen(ctx.actor, LAYERS[name])
        rules = labelled_rules(name)
        fields = sorted({rule.field for rule, _ in rules if rule is not None})
        where = {"category": category} if name == "facilities" and category else None
        rows = read_frame(conn, LAYERS[name], fields, bbox=ground.box, where=where, seen=seen)
        if name == "areas":
            rows = rows[rows["level"].isin(_DOWN)]
        if name == "ways":
            rows = _lighter(rows)
        elif shapely.get_num_coordinates(rows.geometry.to_numpy()).sum() > _MOST_VERTICES:
            continue
        shapes = ground.plane.geometries_to_metric(_on_surface(rows.geometry.to_numpy(), name))
        left = np.ones(len(rows), bool)
        layer_parts: list[Painted] = []
        for rule, words in rules:
            own = left if rule is None else left & rows[rule.field].isin(rule.values).to_numpy(bool)
            if own.any():
                symbol = STYLES[name].default if rule is None else rule.symbol
                layer_parts.append(
                    Painted(name, LAYERS[name].geometry, Drawn(symbol, shapes[own], str(words[ctx.lang])))
                )
                left = left & ~own
        found.extend(reversed(layer_parts) if name == "ways" else layer_parts)
    return found


def names_of(conn: Connection, ctx: Context, ground: Ground, layers: Sequence[str] = NAMED) -> list[Name]:
    """Return names of communities and quarters, green spaces and streets, as far as these are among ``layers``."""
    made: list[Name] = []
    areas = read_frame(conn, LAYERS["areas"], ["name"], where={"level": ["community", "quarter"]}, bbox=ground.box)
    greens = read_frame(conn, LAYERS["green_spaces"], ["name"], bbox=ground.box)
    clip = shapely.box(*ground.frame.bounds_m())
    looks = (("areas", areas, 3.2, "#7a2f57", 3.0), ("green_spaces", greens, 2.4, "#2c6a28", 1.0))
    for _, rows, size, colour, weight in (one for one in looks if one[0] in layers):
        shown = rows[rows["name"].notna()]
        shapes = ground.plane.geometries_to_metric(shown.geometry.to_numpy())
        for name, shape in zip(shown["name"], shapes, strict=True):
            part = shapely.intersection(shape, clip)
            if not part.is_empty:
                at = shapely.point_on_surface(part)
                made.append(Name(str(name), at.x, at.y, size, colour, weight + float(part.area) ** 0.5 * 1e-4))
    return [*made, *_street_names(conn, ground, clip)] if "ways" in layers else made


def _street_names(conn: Connection, ground: Ground, clip: Any) -> list[Name]:
    """Return the name of each street once, along its longest straight piece on the page."""
    rows = read_frame(conn, LAYERS["ways"], ["name", "highway"], bbox=ground.box)
    rows = rows[rows["name"].notna()]
    shapes = ground.plane.geometries_to_metric(rows.geometry.to_numpy())
    cut = shapely.clip_by_rect(shapes, *clip.bounds)
    best: dict[str, tuple[float, Any, Any, bool]] = {}
    main = rows["highway"].str.startswith(_MAIN).to_numpy(bool) if len(rows) else np.zeros(0, bool)
    lines, owner = shapely.get_parts(shapely.simplify(cut, ground.frame.metres_per_mm), return_index=True)
    texts = rows["name"].to_numpy(object)
    for line, row in zip(lines, owner.tolist(), strict=True):
        xy = shapely.get_coordinates(line)
        if len(xy) < 2:
            continue
        steps = np.hypot(*np.diff(xy, axis=0).T)
        at = int(np.argmax(steps))
        if str(texts[row]) not in best or steps[at] > best[str(texts[row])][0]:
            best[str(texts[row])] = (float(steps[at]), xy[at], xy[at + 1], bool(main[row]))
    made = []
    for name, (long, a, b, is_main) in best.items():
        if long / ground.frame.metres_per_mm < _SHORTEST_NAMED_MM:
            continue
        angle = -np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0]))
        turn = float((angle + 90) % 180 - 90)
        x, y = (a + b) / 2
        made.append(Name(name, float(x), float(y), 2.3, "#4b443b", 2.0 if is_main else 0.5, turn))
    return made


def _lighter(rows: Any) -> Any:
    """Return the ways a page can carry: all, else the main ones."""
    if shapely.get_num_coordinates(rows.geometry.to_numpy()).sum() <= _MOST_VERTICES:
        return rows
    return rows[rows["highway"].str.startswith(_MAIN).to_numpy(bool)]


def _on_surface(shapes: npt.NDArray[np.object_], layer: str) -> npt.NDArray[np.object_]:
    """Return facilities and projects as points, so that each is drawn with its sign; others as they are."""
    if layer not in ("facilities", "projects"):
        return shapes
    return np.asarray(shapely.point_on_surface(shapes), dtype=object)


def plane_words(ctx: Context, ground: Ground) -> str:
    """Return the plane of a map's metres in the words of the field."""
    epsg = ground.plane.epsg
    if epsg in _CGCS2000:
        return text("print.plane_cgcs2000", ctx.lang, degrees=75 + 3 * (epsg - _CGCS2000.start))
    return text("print.plane_utm", ctx.lang, zone=f"{epsg % 100}{'N' if epsg < _UTM_SOUTH else 'S'}")


def outline_of(ground: Ground, area: PrintArea) -> npt.NDArray[np.object_]:
    """Return the area's own outline in metres, shape (1,)."""
    return ground.plane.geometries_to_metric(np.array([area.shape], dtype=object))
