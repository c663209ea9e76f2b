"""What a board shows of the checklist: the matrix of communities and items, and all that is short of a rule."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from geo_service.domain.labels import label
from geo_service.foundation.errors import InvalidInput
from geo_service.services.board_places import Scope
from geo_service.services.board_runs import Asked, Kept
from geo_service.services.board_tables import BoardQuestion, Column, Table, both, clauses_of

CHECKLIST: Final = Asked("checklist", {})
BINDINGS: Final = ("requirement", "not_stated", "advice", "figure")
SHORT_COLUMNS: Final = (
    Column("area_name"), Column("subject"), Column("measure"), Column("have", "number"), Column("need", "number"),
    Column("short_by", "number"), Column("unit"), Column("binding"), Column("facilities"), Column("said"),
    Column("clause"),
)  # fmt: skip
_UNITS: Final = {  # of checks, and how the texts call them
    "m2": "m2",
    "persons": "persons",
    "buildings": "buildings",
    "m2/100 households": "m2_100_households",
    "m2/person": "m2_person",
    "spaces/household": "spaces_household",
}
_COUNTED: Final = ("pass", "short", "unknown", "not_surveyed")


def short_rows(kept: Kept, question: BoardQuestion, scope: Scope) -> list[dict[str, Any]]:
    """Return what is short of a rule, requirements first, then the largest part missing.

    InvalidInput ``board_binding_unknown``.
    """
    if question.binding is not None and question.binding not in BINDINGS:
        raise InvalidInput("board_binding_unknown", binding=question.binding[:40], known=", ".join(BINDINGS))
    result = kept.latest(CHECKLIST)
    if result is None:
        return []
    rows = [
        row
        for row in _shortfalls(result)
        if _is_here(row, scope)
        and question.binding in (None, row["binding_code"])
        and (question.category is None or question.category in row["categories"])
    ]
    rows.sort(key=lambda row: (BINDINGS.index(row["binding_code"]), -_lack(row), row["area_code"], row["key"]))
    return rows


def matrix_table(kept: Kept, scope: Scope) -> Table:
    """Return a row for each community, a column for each item of the checklist, and how many pass or not."""
    result = kept.latest(CHECKLIST)
    items = [] if result is None else [item for goal in result["goals"] for item in goal["items"]]
    columns = [
        Column("name"),
        *(Column(name, "number") for name in _COUNTED),
        *(Column(item["code"], "verdict", item["label"]) for item in items),
    ]
    rows: dict[str, dict[str, Any]] = {}
    for one in [] if result is None else result["communities"]:
        if _is_here(one | {"area_code": one["code"]}, scope):
            counts = {name: one.get(name, 0) for name in _COUNTED}
            place = {"layer": "areas", "code": one["code"], "name": one["name"], "level": "community"}
            rows[one["code"]] = {
                "key": one["code"], "name": one["name"] or one["code"], "place": place, "said": {}, **counts
            }  # fmt: skip
    for row in [] if result is None else result["rows"]:
        if row["code"] in rows:
            rows[row["code"]][row["item"]] = row["verdict"]
            rows[row["code"]]["said"][row["item"]] = row["sentence"]
    listed = sorted(rows.values(), key=lambda row: (-row["short"], row["pass"], row["key"]))
    return Table("matrix", columns, listed)


def short_tables(kept: Kept, question: BoardQuestion, scope: Scope) -> list[Table]:
    """Return what is short."""
    return [Table("short", SHORT_COLUMNS, short_rows(kept, question, scope))]


def _shortfalls(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    items = {item["code"]: item["label"] for goal in result["goals"] for item in goal["items"]}
    for row in result["rows"]:
        for number, check in enumerate(row["checks"]):
            if check["verdict"] != "short":
                continue
            categories = check.get("categories") or []
            there = [one for one in row["facilities"] if not categories or one["category"] in categories]
            facilities = "；".join(str(one["name"] or one["code"]) for one in there) or None
            codes = [f"{one['layer']}/{one['code']}" for one in there]
            head = {"key": f"{row['code']}/{row['item']}/{number}", "subject": items[row["item"]], "item": row["item"]}
            said = row["sentence"]
            yield _row(result, row, check, head | {"facilities": facilities, "features": codes, "said": said})
    for name in ("ratios", "green", "levels"):
        for number, row in enumerate(result[name]):
            if row["verdict"] == "short":
                subject = row.get("label") or label(f"board.measure.{row['measure']}")
                head = {"key": f"{row['code']}/{name}/{number}", "subject": subject, "item": None}
                yield _row(result, row, row, head | {"facilities": None, "features": [], "said": row["sentence"]})


def _row(
    result: Mapping[str, Any], place: Mapping[str, Any], check: Mapping[str, Any], head: Mapping[str, Any]
) -> dict[str, Any]:
    rules = [result["rules"][one] for one in check["rules"] if one in result["rules"]]
    return {
        **head,
        "area_code": place["code"],
        "area_name": place["name"] or place["code"],
        "place": {"layer": "areas", "code": place["code"], "name": place["name"], "level": "community"},
        "categories": list(check.get("categories") or []),
        "measure": label(f"board.measure.{check['measure']}"),
        "have": check["have"],
        "need": check["need"],
        "short_by": short_of(check),
        "unit": None if check["unit"] is None else _unit(str(check["unit"])),
        "binding_code": check["binding"],
        "binding": label(f"board.binding.{check['binding']}"),
        "people": check.get("people"),
        "withheld": bool(check.get("withheld", False)),
        "clause": clauses_of(rules),
        "to_verify": bool(check["to_verify"]),
    }


def short_of(check: Mapping[str, Any]) -> float | None:
    """Return how much is missing in the unit of the check: all of it where nothing is there.

    Results kept before 2026-11 tell a size that is missing with its place as one, a place.
    """
    is_all = check["measure"] in ("floor_area", "land_area") and not check["have"] and check["short_by"] is not None
    short: float | None = check["need"] if is_all else check["short_by"]
    return short


def _unit(unit: str) -> dict[str, str]:
    return label(f"board.unit.{_UNITS[unit]}") if unit in _UNITS else both(unit)


def _lack(row: Mapping[str, Any]) -> float:
    """Return the part that is missing, 0 to 1; all of it where nothing is there to be measured."""
    short, need = row["short_by"], row["need"]
    return 1.0 if not short or not need else min(1.0, float(short) / float(need))


def _is_here(row: Mapping[str, Any], scope: Scope) -> bool:
    """Whether a community lies in what is looked at; of a grid it is the community around."""
    if scope.areas is None:
        return True
    around = {place.code for place in scope.path} if scope.place and scope.place.layer == "grids" else scope.areas
    return row["area_code"] in around
