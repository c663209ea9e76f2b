"""Gap zones of a board, ranked, with the rule they rest on and what is planned there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import shapely
from shapely.geometry import mapping, shape

from geo_service.analysis.gap_zones import REASONS
from geo_service.domain.labels import label
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import categories
from geo_service.domain.works import PROJECTS
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import LANGS, text
from geo_service.services.board_coverage import own_people
from geo_service.services.board_places import Scope
from geo_service.services.board_runs import Asked, Kept
from geo_service.services.board_tables import BoardQuestion, Column, Table, clauses_of
from geo_service.services.change_names import street_near
from geo_service.services.context import Context
from geo_service.services.rights import rows_seen
from geo_service.storage.frames import read_frame

if TYPE_CHECKING:
    from sqlalchemy import Connection

GAP_COLUMNS: Final = (
    Column("rank", "number"), Column("category"), Column("area_name"), Column("people_weighted", "number"),
    Column("people", "number"), Column("buildings", "number"), Column("reason"), Column("cure"),
    Column("alternative"), Column("alternative_m", "metres"), Column("rule"), Column("clause"), Column("projects"),
)  # fmt: skip
_OVER: Final = ("closed", "cancelled")  # projects from which nothing more comes


def gaps_of(question: BoardQuestion) -> Asked:
    """Return the analysis of gaps: of the category asked for or all, in the ranking within the circle of the question.

    The list of problems is held against the rules: each category within its own limit.
    """
    asked: dict[str, Any] = {}
    if question.category is not None:
        asked["categories"] = [question.category]
    if question.circle and question.view != "problems":
        asked["circle"] = question.circle
    if question.weights:
        asked["weights"] = dict(question.weights)
    return Asked("gaps", asked)


def gap_rows(conn: "Connection", kept: Kept, question: BoardQuestion, scope: Scope) -> list[dict[str, Any]]:
    """Return the zones that lie in what is looked at, wholly or in part, the heaviest first, not ranked ones last.

    InvalidInput ``board_reason_unknown``.
    """
    if question.reason is not None and question.reason not in REASONS[1:]:
        raise InvalidInput("board_reason_unknown", reason=question.reason[:40], known=", ".join(REASONS[1:]))
    result = kept.latest(gaps_of(question))
    if result is None:
        return []
    about = {one["category"]: one for one in result["categories"]}
    mine = [zone for zone in _zones(result, question, scope) if question.reason in (None, zone["reason"])]
    mine.sort(key=_heaviest)
    here = _here(conn, kept, question, scope)
    beside = _Beside(scope, Works(conn, kept.ctx), _Cures(conn), here)
    ranked = 0
    rows = []
    for zone in mine:
        is_ranked = zone["rank"] is not None
        ranked += is_ranked
        rows.append(_row(zone, about[zone["category"]], ranked if is_ranked else None, beside))
    return rows


def gap_reasons(kept: Kept, question: BoardQuestion, scope: Scope) -> list[dict[str, Any]]:
    """Return how many zones and people there are for each reason, whichever is chosen, the most people first.

    Told people only: those of zones that are withheld or not known are not in the sums.
    """
    result = kept.latest(gaps_of(question))
    sums: dict[str, dict[str, Any]] = {}
    for zone in [] if result is None else _zones(result, question, scope):
        one = sums.setdefault(zone["reason"], {"reason": zone["reason"], "people": 0, "zones": 0})
        one["people"] += zone["people"] or 0
        one["zones"] += 1
    return sorted(sums.values(), key=lambda one: (-one["people"], -one["zones"], one["reason"]))


def gap_tables(conn: "Connection", kept: Kept, question: BoardQuestion, scope: Scope) -> list[Table]:
    """Return the zones; weighted people only where there are weights."""
    columns = [one for one in GAP_COLUMNS if question.weights or one.key != "people_weighted"]
    return [Table("gaps", columns, gap_rows(conn, kept, question, scope))]


def _zones(result: Mapping[str, Any], question: BoardQuestion, scope: Scope) -> list[Mapping[str, Any]]:
    return [
        zone
        for zone in result["zones"]
        if scope.holds(zone["area_codes"], zone["grid_codes"]) and question.category in (None, zone["category"])
    ]


def _heaviest(zone: Mapping[str, Any]) -> tuple[Any, ...]:
    people = zone["people_weighted"]
    listed = 0 if zone["rank"] is not None else 1
    return (listed, people is None, -(people or 0.0), -(zone["people"] or 0), zone["category"], zone["number"])


@dataclass(frozen=True)
class _Beside:
    """What a row is told with besides its zone: what is looked at, projects, the words of cures.

    ``here`` is the place looked at, with its outline and how many people lack the category there.
    """

    scope: Scope
    works: "Works"
    cures: "_Cures"
    here: "_Here | None"


@dataclass(frozen=True)
class _Here:
    name: str
    outline: shapely.Geometry
    people: float | None

    def part_of(self, geometry: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return what of a zone lies here, which a project is opened on; None where nothing is to be drawn."""
        part = None if geometry is None else shapely.intersection(shape(geometry), self.outline)
        if part is None or part.area == 0:
            return None
        polygons = [one for one in getattr(part, "geoms", [part]) if one.area > 0]
        whole = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
        return {"name": self.name, "people": self.people, "geometry": mapping(shapely.set_precision(whole, 1e-7))}


def _here(conn: "Connection", kept: Kept, question: BoardQuestion, scope: Scope) -> _Here | None:
    place = scope.place
    if place is None:
        return None
    frame = read_frame(conn, LAYERS[place.layer], ["code"], where={"code": place.code})
    found = own_people(kept, question, scope)
    people = None if found is None else found[0]["people_not_covered"]
    return _Here(place.name or place.code, frame.geometry.iloc[0], people) if len(frame) else None


def _row(zone: Mapping[str, Any], about: Mapping[str, Any], rank: int | None, beside: _Beside) -> dict[str, Any]:
    alternative, cures = zone["alternative"] or {}, zone["cures"]
    planned = beside.works.against(zone["category"], zone["geometry"])
    clauses = about["rule"]["clauses"]
    name = zone["area_name"] or zone["area_code"]
    is_inside = _inside(zone, beside.scope)
    reaches_out = not is_inside or len(zone["area_codes"]) > 1
    return {
        "key": f"{zone['category']}/{zone['number']}",
        "rank": rank,
        "category_code": zone["category"],
        "category": dict(categories()[zone["category"]].label),
        "area_code": zone["area_code"],
        "area_name": label("board.reaches_on", name=name) if reaches_out and name else name,
        "grid_code": zone["grid_code"],
        "people": zone["people"],
        "people_weighted": zone["people_weighted"],
        "people_by_band": zone["people_by_band"],
        "withheld": zone["people"] is None and zone["buildings_without_people"] < zone["buildings"],
        "buildings": zone["buildings"],
        "buildings_without_people": zone["buildings_without_people"],
        "reason_code": zone["reason"],
        "reason": label(f"gap_reason.{zone['reason']}"),
        "cure": beside.cures.said(cures[0]) if cures else None,
        "alternative": alternative.get("name") or alternative.get("code"),
        "alternative_code": alternative.get("code"),
        "alternative_m": alternative.get("metres"),
        "rule": rule_label(about),
        "circle": about["rule"]["circle"],
        "clause": clauses_of(clauses),
        "to_verify": any(one["to_verify"] for one in clauses),
        "projects": names_of(planned),
        "planned": planned,
        "geometry": zone["geometry"],
        "here": beside.here.part_of(zone["geometry"]) if beside.here is not None and not is_inside else None,
    }


def rule_label(about: Mapping[str, Any]) -> dict[str, str]:
    """Return the limit a category's gaps are held against, in words."""
    limit = about["limit"]
    metres = f"{limit['metres']:,.0f}"
    if about["rule"]["circle"] is None:
        return label("board.rule_metres", metres=metres)
    return label("board.rule_circle", metres=metres, minutes=f"{about['rule']['circle']:g}")


class _Cures:
    """Changes in words: what would be opened or crossed, by its name, and the street it is at; never by codes."""

    def __init__(self, conn: "Connection") -> None:
        self._conn = conn
        self._gates = _by_code(read_frame(conn, LAYERS["gates"], ["code", "name"], geometry=False))
        self._barriers = _by_code(read_frame(conn, LAYERS["barriers"], ["code", "name", "kind"], geometry=False))

    def said(self, cure: Mapping[str, Any]) -> dict[str, str]:
        """Return the change that would help most."""
        if cure["kind"] == "gate":
            key, name = "gap_cure.gate", self._gates.get(cure["code"], {}).get("name")
        else:
            barrier = self._barriers.get(cure["code"], {})
            key = f"board.cure.{barrier['kind']}" if barrier else "gap_cure.crossing"
            name = barrier.get("name")
        street = street_near(self._conn, float(cure["lon"]), float(cure["lat"]))
        at = " · ".join(str(part) for part in (name, street) if isinstance(part, str) and part)
        return {
            lang: text("board.cure", lang, kind=text(key, lang), at=at) if at else text(key, lang) for lang in LANGS
        }


def _by_code(frame: Any) -> dict[str, dict[str, Any]]:
    return {str(row["code"]): row for row in frame.to_dict("records")}


def _inside(zone: Mapping[str, Any], scope: Scope) -> bool:
    return scope.areas is None or all(code in scope.areas for code in zone["area_codes"])


class Works:
    """Projects that are not over, by what they are against.

    A project is against a gap if it touches the zone and was opened for the category: from the board, which writes
    that as its source (``gap/<category>/…``), or because it adds a facility of it.
    """

    def __init__(self, conn: "Connection", ctx: Context) -> None:
        columns = ["code", "name", "status", "responsible_unit", "deadline_on", "source", "measures"]
        frame = read_frame(conn, PROJECTS, columns, seen=rows_seen(ctx.actor, PROJECTS))
        frame = frame[~frame["status"].isin(_OVER)]
        self._rows = frame.drop(columns="geometry").to_dict("records")
        self._shapes = frame.geometry.to_numpy()

    def against(self, category: str, geometry: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """Return code, name, status, unit and deadline of the projects against a zone of a category."""
        mine = [place for place, row in enumerate(self._rows) if _is_for(row, category)]
        if geometry is None or not mine:
            return []
        touching = shapely.intersects(shape(geometry), self._shapes[mine])
        return [_told(self._rows[place]) for place, touches in zip(mine, touching, strict=True) if touches]

    def opened_from(self, source: str) -> list[dict[str, Any]]:
        """Return the projects whose source begins with a text."""
        return [_told(row) for row in self._rows if str(row["source"] or "").startswith(source)]


def names_of(planned: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the names of projects in one line."""
    return "；".join(str(one["name"]) for one in planned) or None


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] or None for key in ("code", "name", "status", "responsible_unit", "deadline_on")}


def _is_for(row: Mapping[str, Any], category: str) -> bool:
    """Whether a project adds a facility of the category, or was opened against a gap of it."""
    edits = row["measures"].get("edits") or [] if isinstance(row["measures"], Mapping) else []
    adds = any(isinstance(one, Mapping) and one.get("category") == category for one in edits)
    return adds or str(row["source"] or "").startswith(f"gap/{category}/")
