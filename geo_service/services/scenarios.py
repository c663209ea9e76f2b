"""Scenarios: named sets of edits over data that stays as it is; kept, changed, shared by their uid, made projects."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

import shapely
from shapely.geometry import LineString, Point
from sqlalchemy import Connection

from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import reach_of, write_story
from geo_service.domain.scenarios import Edit, checked_edits
from geo_service.domain.values import checked_text
from geo_service.domain.works import PROJECTS
from geo_service.foundation.clock import local_date, to_iso
from geo_service.foundation.errors import Forbidden, InvalidInput, NotFound
from geo_service.services.context import Context
from geo_service.services.features import create_row
from geo_service.services.questions import CoverageQuestion
from geo_service.services.rights import may
from geo_service.services.scenario_edits import check_known
from geo_service.storage import audit, audit_lines, rows
from geo_service.storage import scenarios as stored

WRITES: Final = "write_scenarios"
READS: Final = "read_scenarios"
LISTED_AT_MOST: Final = 1000
_LONGEST_NAME: Final = 200
_CREATED: Final = "scenario_created"  # verbs of the audit
_EDITED: Final = "scenario_edited"
_KINDS: Final = {  # kind of the projects that places of a category can only be made by
    "toilet": "toilet",
    "waste_station": "waste_sorting",
    "recycling": "waste_sorting",
    "parking": "parking_charging",
    "charging": "parking_charging",
    "park": "pocket_park",
    "service_station": "service_room",
}


def create_scenario(
    conn: Connection, ctx: Context, *, name: str, edits: object, question: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Keep a scenario: its name, its edits, and the question it is asked with unless another one is.

    Raises InvalidInput ``scenario_name`` and those of edits (``domain.scenarios.checked_edits``,
    ``scenario_edits.check_known``) and questions.
    """
    may(ctx.actor, WRITES)
    made = checked_edits(edits)
    check_known(conn, made)
    row = stored.insert(
        conn, _name(name), [edit.body() for edit in made], _question(question), actor=ctx.actor, now=ctx.clock()
    )
    _note(conn, ctx, _CREATED, row["uid"], {"name": row["name"], "edits": row["edits"]})
    return _told(ctx, row)


def list_scenarios(conn: Connection, ctx: Context, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return the scenarios in use, the last changed first."""
    may(ctx.actor, READS)
    return [_told(ctx, row) for row in stored.listed(conn, min(limit, LISTED_AT_MOST))]


def get_scenario(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a scenario; NotFound ``scenario_unknown``."""
    may(ctx.actor, READS)
    return _told(ctx, stored.get(conn, uid))


def read_scenario(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a scenario with its ``history``, the newest first; NotFound ``scenario_unknown``.

    ``at``, ``who`` (for the office), ``action`` (``created``, ``edited``) and ``changes``: what each key was and is.
    """
    may(ctx.actor, READS)
    found = get_scenario(conn, ctx, uid)
    lines = audit_lines.find_lines(conn, audit_lines.LineFilter(subject_uid=uid), LISTED_AT_MOST)
    shows_who = reach_of(ctx.actor, "read_editors") != "none"
    made = [
        {
            "at": line["at"],
            "who": line["actor"] if shows_who else "",
            "action": str(line["verb"]).removeprefix("scenario_"),
            "changes": _changes(line["verb"], line["facts"] or {}),
        }
        for line in lines
        if line["verb"] in (_CREATED, _EDITED)
    ]
    return {**found, "history": made}


def _changes(verb: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    if verb == _CREATED:
        return {key: {"before": None, "after": value} for key, value in facts.items()}
    return {key: {"before": before, "after": after} for key, (before, after) in facts.items()}


def edits_of(conn: Connection, ctx: Context, uid: str) -> tuple[tuple[Edit, ...], str, str, dict[str, Any]]:
    """Return edits, uid, name and own question of a scenario; NotFound ``scenario_unknown``."""
    may(ctx.actor, READS)
    row = stored.get(conn, uid)
    return checked_edits(row["edits"]), str(row["uid"]), str(row["name"]), dict(row["question"])


def change_scenario(
    conn: Connection, ctx: Context, uid: str, *, expected_version: int, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Change name, edits or question of a scenario.

    Raises NotFound ``scenario_unknown``; StaleVersion ``scenario_changed``; Forbidden where it is somebody else's;
    and as :func:`create_scenario`.
    """
    before = _own(conn, ctx, uid)
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = _name(changes["name"])
    if "edits" in changes:
        made = checked_edits(changes["edits"])
        check_known(conn, made)
        values["edits"] = [edit.body() for edit in made]
    if "question" in changes:
        values["question"] = _question(changes["question"])
    stored.change(conn, uid, expected_version, values, actor=ctx.actor, now=ctx.clock())
    _note(conn, ctx, _EDITED, uid, {key: [before[key], values[key]] for key in values})
    return get_scenario(conn, ctx, uid)


def retire_scenario(conn: Connection, ctx: Context, uid: str, *, expected_version: int) -> None:
    """Take a scenario out of use; raises as :func:`change_scenario`."""
    before = _own(conn, ctx, uid)
    now = ctx.clock()
    stored.change(conn, uid, expected_version, {"retired_at": to_iso(now)}, actor=ctx.actor, now=now)
    _note(conn, ctx, "scenario_retired", uid, {"name": before["name"]})


def open_project(
    conn: Connection, ctx: Context, uid: str, *, name: str | None = None, kind: str | None = None
) -> dict[str, Any]:
    """Make a project of a scenario: proposed, where its edits are, with these as its measures and it as its source.

    Without ``kind`` it has the one that all edits are of (:func:`kind_of`); its code is ``PJ-<day>-<number>``.

    Raises NotFound ``scenario_unknown``; Forbidden without the right to projects there; ValuesRefused.
    """
    may(ctx.actor, write_story(PROJECTS.name))
    may(ctx.actor, READS)
    row = stored.get(conn, uid)
    edits = checked_edits(row["edits"])
    check_known(conn, edits)
    properties = {
        "code": _project_code(conn, ctx),
        "name": name or row["name"],
        "kind": kind or kind_of(conn, edits),
        "status": "proposed",
        "source": f"scenario/{uid}/{row['version']}",
        "measures": {"edits": row["edits"]},
    }
    made = create_row(conn, ctx, PROJECTS, properties, json.loads(shapely.to_geojson(_outline(conn, edits))))
    _note(conn, ctx, "scenario_opened", uid, {"project": made["code"]})
    return made


def kind_of(conn: Connection, edits: Sequence[Edit]) -> str:
    """Return the kind of project that every edit is of by itself, ``other`` where they are of several or of none."""
    kinds = set()
    for edit in edits:
        category = edit.category
        if edit.facility is not None:
            category = rows.get(conn, LAYERS["facilities"], edit.facility)["category"]
        kinds.add("road_lane" if edit.edit in ("path_add", "path_cut") else _KINDS.get(category or ""))
    return (kinds.pop() if len(kinds) == 1 else None) or "other"


def _project_code(conn: Connection, ctx: Context) -> str:
    """Return the first code of the day that no project has, used or taken out of use."""
    day = f"{local_date(ctx.clock(), ctx.timezone):%Y%m%d}"
    return next(code for number in count(1) if not _is_taken(conn, code := f"PJ-{day}-{number:02d}"))


def _is_taken(conn: Connection, code: str) -> bool:
    try:
        rows.get(conn, PROJECTS, code)
    except NotFound:
        return False
    return True


def _outline(conn: Connection, edits: Sequence[Edit]) -> shapely.Geometry:
    """Return where edits are: a point, a line, several of one kind, else the outline around them."""
    shapes: list[shapely.Geometry] = []
    for edit in edits:
        if edit.position is not None:
            shapes.append(Point(edit.position))
        if edit.line:
            shapes.append(LineString(edit.line))
        for layer, code in (("facilities", edit.facility), ("gates", edit.gate)):
            if code is not None:
                shapes.append(shapely.point_on_surface(rows.get(conn, LAYERS[layer], code)["geom"]))
    whole = shapely.union_all(shapes)
    return shapely.convex_hull(whole) if whole.geom_type == "GeometryCollection" else whole


def _own(conn: Connection, ctx: Context, uid: str) -> dict[str, Any]:
    """Return a scenario the actor may change: everybody's, or those it made."""
    reach = may(ctx.actor, WRITES)
    row = stored.get(conn, uid)
    if reach == "own" and row["created_by"] != ctx.actor.name:
        raise Forbidden("forbidden", actor=ctx.actor.name, role=ctx.actor.role, verb=WRITES)
    return row


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput("scenario_name", longest=_LONGEST_NAME)
    return checked_text(name.strip(), _LONGEST_NAME)


def _question(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the base question as it is kept: only what was said, checked."""
    asked = {key: value for key, value in (given or {}).items() if value is not None}
    CoverageQuestion.asked(**asked)
    return asked


def _note(conn: Connection, ctx: Context, verb: str, uid: str, facts: Mapping[str, Any]) -> None:
    audit.append(conn, ctx.actor, ctx.clock(), verb, subject_uid=uid, facts=facts)


def _told(ctx: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario as JSON values; who made it is for the office."""
    if reach_of(ctx.actor, "read_editors") != "none":
        return dict(row)
    return {**row, "created_by": "", "updated_by": ""}
