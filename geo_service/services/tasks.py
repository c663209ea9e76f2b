"""Verify tasks of a gap run: written, opened again, closed by the data; closed by people as rows of any layer are."""

import json
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection

from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import OwnPlaces, Reach
from geo_service.domain.tasks import DONE, FACILITY_TASKS, OPEN, VERIFY_TASKS
from geo_service.foundation.clock import local_date
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.ids import fingerprint
from geo_service.foundation.texts import text
from geo_service.services.board_places import Place, Scope, find_scope
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit, rows
from geo_service.storage import runs as stored
from geo_service.storage.frames import read_frame
from geo_service.storage.visible import own_places

_PART: Final = "tasks"
_LONGEST_CODE: Final = 64


def write_tasks(
    conn: Connection, ctx: Context, uid: str, *, category: str | None = None, area: str | None = None
) -> dict[str, int]:
    """Bring the verify tasks up to date with a gap run and return how many were changed in which way.

    A task is named by what it is about (a facility; a grid, else area, with homes), so that a run taken again makes
    none twice. Of what the run does not know: a task that is missing is ``created``, an open one ``kept``, one marked
    done before the run ``reopened`` (its data still is not known); one that was dropped stays so. Open tasks of the
    run's categories whose facility is no longer in doubt, or whose homes are known now, are ``closed`` as done.
    ``outside`` counts those that lie outside one's own places: they are left to others.

    Of one ``category`` only, or only in the area or grid with the code ``area``, all other tasks stay as they are.

    Raises NotFound ``run_unknown``, ``row_unknown`` (of the area); InvalidInput ``run_not_gaps``.
    """
    reach = may(ctx.actor, "write_tasks")
    run = stored.get_run(conn, uid)
    if run["kind"] != "gaps":
        raise InvalidInput("run_not_gaps", run=uid)
    found = json.loads(stored.read_part(conn, uid, _PART))
    if category is not None:
        found = [one for one in found if one["category"] == category]
    scope = find_scope(conn, ctx, area, None)
    return _Book(conn, ctx, reach, run, scope).bring_up_to_date(found, has_all=category is None)


class _Book:
    """The tasks that are kept, and one run's."""

    def __init__(self, conn: Connection, ctx: Context, reach: Reach, run: Mapping[str, Any], scope: Scope) -> None:
        self._conn, self._ctx, self._reach, self._run, self._scope = conn, ctx, reach, run, scope
        self._own: OwnPlaces = own_places(conn, ctx.actor)
        columns = [
            "code",
            "kind",
            "category",
            "status",
            "facility_code",
            "updated_at",
            "version",
            "area_code",
            "grid_code",
        ]
        frame = read_frame(conn, VERIFY_TASKS, columns, geometry=False)
        self._kept = {row["code"]: row for row in frame.to_dict("records")}
        self._outline = None if scope.place is None else _outline(conn, scope.place)
        self._counts = dict.fromkeys(("created", "kept", "reopened", "closed", "outside"), 0)

    def bring_up_to_date(self, found: Sequence[Mapping[str, Any]], *, has_all: bool) -> dict[str, int]:
        """Write what differs in the scope and return the counts; ``has_all``: what is found is of all categories."""
        wanted = _joined(found)
        places = _Places(self._conn)
        for code, task in wanted.items():
            self._want(code, task, places)
        doubtful = {facility for one in found for facility in one["doubtful"]}
        categories = {one["category"] for one in found}
        for code, row in self._kept.items():
            if row["status"] != OPEN or code in wanted or not self._is_asked(row):
                continue
            if self._is_settled(row, doubtful, categories, has_all=has_all):
                self._change(row, "closed", text("task.note_settled", self._ctx.lang, run=self._run["uid"]), DONE)
        if any(self._counts[name] for name in ("created", "reopened", "closed")):
            facts = {"run": self._run["uid"], **self._counts}
            audit.append(self._conn, self._ctx.actor, self._ctx.clock(), "tasks_written", facts=facts)
        return self._counts

    def _want(self, code: str, task: Mapping[str, Any], places: "_Places") -> None:
        row = self._kept.get(code)
        if row is not None and not (self._is_asked(row) or self._is_near(task, places.of(task)[0])):
            return
        if row is None:
            self._create(code, task, places)
        elif row["status"] == OPEN:
            self._counts["kept"] += 1
        elif row["status"] == DONE and row["updated_at"] < self._run["created_at"]:
            self._change(row, "reopened", text("task.note_again", self._ctx.lang, run=self._run["uid"]), OPEN)

    def _create(self, code: str, task: Mapping[str, Any], places: "_Places") -> None:
        shape, area, grid = places.of(task)
        if shape is None:
            return  # what it is about is not there any more
        if not (self._is_asked({"area_code": area, "grid_code": grid}) or self._is_near(task, shape)):
            return
        if not self._may_here({"area_code": area, "grid_code": grid}):
            self._counts["outside"] += 1
            return
        values = {
            "code": code,
            "geom": shape,
            "kind": task["kind"],
            "category": task["category"],
            "status": OPEN,
            "facility_code": task["facility_code"],
            "buildings_count": task["buildings"],
            "source": f"run {self._run['uid']}",
        }
        rows.insert(self._conn, VERIFY_TASKS, values, actor=self._ctx.actor, now=self._ctx.clock())
        self._counts["created"] += 1

    def _change(self, row: Mapping[str, Any], how: str, note: str, status: str) -> None:
        if not self._may_here(row):
            self._counts["outside"] += 1
            return
        is_closed = status != OPEN
        today = local_date(self._ctx.clock(), self._ctx.timezone).isoformat()
        changes = {
            "status": status,
            "note": note,
            "closed_on": today if is_closed else None,
            "closed_by": self._ctx.actor.name[:50] if is_closed else None,
        }
        now = self._ctx.clock()
        rows.update(
            self._conn, VERIFY_TASKS, row["code"], int(row["version"]), changes, actor=self._ctx.actor, now=now
        )  # fmt: skip
        self._counts[how] += 1

    def _is_asked(self, row: Mapping[str, Any]) -> bool:
        return self._scope.holds((row["area_code"],), (row["grid_code"],))

    def _is_near(self, task: Mapping[str, Any], point: shapely.Point | None) -> bool:
        """Whether homes of the scope can be not known by a facility outside: it lies no farther away than the limit."""
        if self._outline is None or point is None or task["facility_code"] is None:
            return False
        plane = MetricFrame.at(point.x, point.y)
        shapes = plane.geometries_to_metric(np.array([self._outline, point], dtype=object))
        return bool(shapely.distance(shapes[0], shapes[1]) <= task["limit_m"])

    def _is_settled(self, row: Mapping[str, Any], doubtful: set[str], categories: set[str], *, has_all: bool) -> bool:
        """Whether an open task nobody wants any more is about something that is known now."""
        if row["kind"] in FACILITY_TASKS:
            return row["category"] in categories and row["facility_code"] not in doubtful
        # near homes the end of the streets matters for other limits, too: that is for people to close
        return has_all and row["kind"] == "home_not_snapped"

    def _may_here(self, row: Mapping[str, Any]) -> bool:
        return self._reach == "all" or self._own.hold(VERIFY_TASKS.name, row)


class _Places:
    """Where tasks stand: at their facility, else inside the grid or area, else amid the homes."""

    def __init__(self, conn: Connection) -> None:
        columns = ["code", "area_code", "grid_code"]
        self._facilities = _by_code(read_frame(conn, LAYERS["facilities"], columns))
        self._grids = _by_code(read_frame(conn, LAYERS["grids"], ["code", "area_code"]))
        self._areas = _by_code(read_frame(conn, LAYERS["areas"], ["code"]))

    def of(self, task: Mapping[str, Any]) -> tuple[shapely.Point | None, str | None, str | None]:
        """Return the point of a task, and the area and grid it lies in; no point where there is no such thing."""
        if task["facility_code"]:
            row = self._facilities.get(task["facility_code"])
            point = shapely.Point(task["lon"], task["lat"])
            return (None, None, None) if row is None else (point, row["area_code"], row["grid_code"])
        for key, known in (("grid_code", self._grids), ("area_code", self._areas)):
            if task[key]:
                row = known.get(task[key])
                if row is None:
                    return None, None, None
                point = shapely.Point(row["geometry"].representative_point())
                is_grid = key == "grid_code"
                return point, row["area_code"] if is_grid else row["code"], row["code"] if is_grid else None
        return shapely.Point(task["lon"], task["lat"]), None, None


def _outline(conn: Connection, place: Place) -> shapely.Geometry:
    return read_frame(conn, LAYERS[place.layer], ["code"], where={"code": place.code}).geometry.iloc[0]


def _by_code(frame: Any) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in frame.to_dict("records")}


def _joined(found: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the wanted tasks by code; homes are the same for every category, the most buildings count."""
    wanted: dict[str, dict[str, Any]] = {}
    for one in found:
        for task in one["wanted"]:
            category = one["category"] if task["facility_code"] else None
            code = _code(task)
            if code not in wanted or wanted[code]["buildings"] < task["buildings"]:
                wanted[code] = {**task, "category": category, "limit_m": one.get("limit_m", inf)}
    return wanted


def _code(task: Mapping[str, Any]) -> str:
    """Return the code of a task: what kind, about what."""
    about = task["facility_code"] or task["grid_code"] or task["area_code"] or "-"
    code = f"{task['kind']}:{about}"
    return code if len(code) <= _LONGEST_CODE else f"{task['kind']}:{fingerprint(about)[:32]}"
