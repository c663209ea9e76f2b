"""Everything that is wrong with the grids or areas there are, in one list: overlaps, holes, slivers, what lies
outside, homes in no grid; and where a department's grids fit neither the governance grids nor those of another
department (一张网, PRODUCT §2.2).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo_service.analysis.mosaic import Fault, begun, crossings, mosaic_faults
from geo_service.analysis.topology import DrawnPlane, outside_all
from geo_service.domain.areas import AREAS, GRIDS, LEVELS, parent_prefixes
from geo_service.domain.buildings import BUILDINGS, RESIDENTIAL_USES
from geo_service.domain.fields import Layer
from geo_service.domain.labels import choice_label
from geo_service.domain.rights import reach_of
from geo_service.domain.values import shown
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import listed, text
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.shape_problems import Problem, area_text
from geo_service.storage.frames import read_frame

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_LISTED: Final = 500
_MOST_HOMES: Final = 500  # whose places are told; all are counted
_NAMED: Final = 4  # neighbours of a hole
KINDS: Final = GRIDS.field("kind").choices  # type: ignore[union-attr]


@dataclass(frozen=True)
class LayerProblems:
    """What is wrong with the rows of a layer that share the ground.

    ``asked`` says which rows (kind, department, level), ``rows_count`` how many they are, ``counts`` problems by kind;
    of ``problems`` the first ``most`` are listed, by kind, the largest first.
    """

    asked: Mapping[str, str]
    rows_count: int
    problems_count: int
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]


def layer_problems(
    conn: "Connection",
    ctx: Context,
    layer: Layer,
    *,
    kind: str | None = None,
    department: str | None = None,
    level: str | None = None,
    most: int | None = MOST_LISTED,
) -> LayerProblems:
    """Return what is wrong with all grids of a kind (governance unless told), or all areas of a level (community).

    Grids should fill each community they are in, areas each parent they are in; quarters, which may span communities,
    are only held against each other. Who may not see people is told of homes by their use alone.

    Raises
    ------
    InvalidInput
        ``problems_layer`` (other layers do not share the ground), ``filter_value``.
    Forbidden
        Who may not analyse.
    """
    may(ctx.actor, "analyse")
    asked = _asked(layer, kind, department, level)
    rows = read_frame(
        conn, layer, ["code", "name", *(["parent_code"] if layer.name == AREAS.name else [])], where=asked
    )
    rows = rows[rows.geometry.notna() & ~rows.geometry.is_empty].reset_index(drop=True)
    if not len(rows):
        return LayerProblems(asked, 0, 0, {}, ())
    is_sound = shapely.is_valid(rows.geometry.to_numpy())
    problems = [_invalid(ctx, layer, row) for _, row in rows[~is_sound].iterrows()]
    rows = rows[is_sound].reset_index(drop=True)
    mosaic = _Mosaic(conn, ctx, layer, asked, rows)
    problems += mosaic.problems() if len(rows) else []
    counts = Counter(one.kind for one in problems)
    return LayerProblems(asked, len(is_sound), len(problems), dict(counts), tuple(problems[:most]))


def _asked(layer: Layer, kind: str | None, department: str | None, level: str | None) -> dict[str, str]:
    """Return by what the rows are found that share the ground with one another."""
    if layer.name == AREAS.name:
        _check("level", level, LEVELS)
        return {"level": level or "community"}
    if layer.name != GRIDS.name:
        raise InvalidInput("problems_layer", layer=layer.name)
    _check("kind", kind, KINDS)
    wanted = kind or ("department" if department else "governance")
    return {"kind": wanted, **({"department": department} if department and wanted == "department" else {})}


def _check(name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise InvalidInput("filter_value", filter=name, value=shown(value), known=", ".join(known))


def _invalid(ctx: Context, layer: Layer, row: Any) -> Problem:
    facts = {"name": _name(row), "why": shapely.is_valid_reason(row.geometry)}
    sentence = text("problem.invalid", ctx.lang, **facts)
    return Problem("invalid", sentence, row.geometry.centroid, None, str(row["code"]), layer.name, blocks=True)


def _name(row: Any) -> str:
    return str(row["name"] or row["code"])


class _Mosaic:
    """The rows that share the ground, what they should fill, and how their faults are told."""

    def __init__(self, conn: "Connection", ctx: Context, layer: Layer, asked: Mapping[str, str], rows: Any) -> None:
        self._conn, self._ctx, self._layer, self._asked, self._rows = conn, ctx, layer, asked, rows
        self._parents = self._find_parents()
        west, south, east, north = rows.total_bounds
        self._plane = DrawnPlane.at((west + east) / 2, (south + north) / 2)
        self._frame = MetricFrame.at((west + east) / 2, (south + north) / 2)

    def problems(self) -> list[Problem]:
        """Return them by kind, the largest first."""
        shapes = self._plane.to_metres(self._rows.geometry)
        parents = shapely.make_valid(self._plane.to_metres(self._parents.geometry))
        found = mosaic_faults(shapes, parents, self._held_by())
        told = [self._told(fault) for fault in found]
        if self._layer.name == GRIDS.name and self._asked["kind"] != "unit":
            told += self._homes(begun(shapes, parents))
        if self._asked.get("kind") == "department":
            told += self._against_others(shapes)
        return told

    def _find_parents(self) -> Any:
        """Return what the rows should fill: communities for grids, the level above for areas."""
        columns = ["code", "name"]
        if self._layer.name == GRIDS.name:
            return read_frame(self._conn, AREAS, columns, where={"level": "community"})
        if self._asked["level"] == "quarter":
            return read_frame(self._conn, AREAS, columns, where={"code": []})
        above = read_frame(self._conn, AREAS, columns)
        codes = {code for row in self._rows.itertuples() if (code := self._parent_code(row, set(above["code"])))}
        return above[above["code"].isin(codes)].reset_index(drop=True)

    @staticmethod
    def _parent_code(row: Any, known: set[str]) -> str | None:
        if row.parent_code:
            return str(row.parent_code)
        return next((code for code in parent_prefixes(row.code) if code in known), None)

    def _held_by(self) -> Any:
        """Return the parent each row must lie in: an area's own, for grids that around their middle; else -1."""
        held = np.full(len(self._rows), -1, dtype=np.int64)
        if self._layer.name == AREAS.name:
            places = {code: number for number, code in enumerate(self._parents["code"])}
            codes = [self._parent_code(row, set(places)) for row in self._rows.itertuples()]
            return np.array([places.get(code or "", -1) for code in codes], dtype=np.int64)
        if self._asked["kind"] == "department" or not len(self._parents):
            return held
        points = shapely.point_on_surface(self._rows.geometry.to_numpy())
        row, parent = shapely.STRtree(self._parents.geometry.to_numpy()).query(points, predicate="intersects")
        held[row[::-1]] = parent[::-1]  # on a shared edge the first by its code
        return held

    def _told(self, fault: Fault) -> Problem:
        names = [_name(self._rows.iloc[number]) for number in fault.shapes]
        codes = [str(self._rows["code"].iloc[number]) for number in fault.shapes]
        where, area = self._measured(fault.shape)
        facts: dict[str, str] = {"area": area_text(area, self._ctx.lang), "names": self._listed(names)}
        if fault.parent >= 0:
            facts["parent"] = _name(self._parents.iloc[fault.parent])
        kind = "sliver_gap" if fault.kind == "sliver" and fault.parent >= 0 else fault.kind
        if fault.kind == "gap" and not names:
            kind = "gap_alone"
        sentence = text(f"problem.{kind}", self._ctx.lang, **facts)
        first, others = (codes[0] if codes else None), tuple(codes[1:_NAMED])
        return Problem(fault.kind, sentence, where, area, first, self._layer.name, others=others)

    def _listed(self, names: list[str]) -> str:
        lang = self._ctx.lang
        quoted = [text("problem.quoted", lang, name=name) for name in names[:_NAMED]]
        few = listed(quoted, lang)
        return text("problem.and_more", lang, names=few) if len(names) > _NAMED else few

    def _measured(self, piece: Any) -> tuple[Any, float]:
        where = self._plane.to_degrees([piece])[0]
        return where, float(shapely.area(self._frame.geometries_to_metric([where])[0]))

    def _homes(self, within: Mapping[int, list[int]]) -> list[Problem]:
        """Return, by community in which there are grids (``within``, by index), how many homes lie in none of them."""
        if not within:
            return []
        sees_people = reach_of(self._ctx.actor, "read_people") == "all"
        columns = ["use", "registered_grid_code", *(["residents_persons"] if sees_people else [])]
        homes = read_frame(self._conn, BUILDINGS, columns, bbox=tuple(self._parents.total_bounds.tolist()))
        lives = homes["use"].isin(RESIDENTIAL_USES)
        if sees_people:
            lives |= homes["residents_persons"].fillna(0) > 0
        is_governance = self._asked["kind"] == "governance"
        homes = homes[lives & (homes["registered_grid_code"].isna() if is_governance else True)]
        points = np.asarray(shapely.point_on_surface(homes.geometry.to_numpy()), dtype=object)
        found = []
        for number, grids in within.items():
            community = self._parents.iloc[number]
            left = points[outside_all(points, list(self._rows.geometry.iloc[grids]), community.geometry)]
            if len(left):
                sentence = text("check.homes_outside", self._ctx.lang, count=len(left), name=_name(community))
                found.append(Problem("homes_outside", sentence, shapely.multipoints(left[:_MOST_HOMES])))
        return found

    def _against_others(self, shapes: Any) -> list[Problem]:
        """Return where a department's grid is cut by a governance grid, then where by one of another department."""
        grids = read_frame(self._conn, GRIDS, ["code", "name", "kind", "department"])
        grids = grids[shapely.is_valid(grids.geometry.to_numpy())]
        mine = self._asked.get("department")
        is_other = (grids["kind"] == "department") & (grids["department"] != mine) & grids["department"].notna()
        return [
            *self._crossing(shapes, grids[grids["kind"] == "governance"].reset_index(drop=True), "crosses_grids"),
            *(self._crossing(shapes, grids[is_other].reset_index(drop=True), "crosses_departments") if mine else []),
        ]

    def _crossing(self, shapes: Any, others: Any, kind: str) -> list[Problem]:
        found = []
        for fault in crossings(shapes, self._plane.to_metres(others.geometry)):
            own, other = self._rows.iloc[fault.shapes[0]], others.iloc[fault.shapes[1]]
            where, area = self._measured(fault.shape)
            facts = {"name": _name(own), "other": _name(other), "area": area_text(area, self._ctx.lang)}
            sentence = text(f"problem.{kind}", self._ctx.lang, department=other["department"], **facts)
            codes = (str(own["code"]), (str(other["code"]),))
            found.append(Problem(kind, sentence, where, area, codes[0], GRIDS.name, others=codes[1]))
        return found


def asked_text(asked: Mapping[str, str], lang: Any) -> str:
    """Return in words which rows were looked at."""
    layer = AREAS if "level" in asked else GRIDS
    words = [choice_label(layer.name, key, asked[key])[lang] for key in ("level", "kind") if key in asked]
    return listed([*words, *([asked["department"]] if "department" in asked else [])], lang)
