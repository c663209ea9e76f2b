"""Tables of checklist sheets and indicators for files (CSV, GeoPackage)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shapely import Geometry

from geo_service.domain.layers import LAYERS
from geo_service.foundation.texts import text
from geo_service.services.context import Context
from geo_service.services.indicator_rows import INDICATOR_COLUMNS
from geo_service.services.readings import reading_column, rows_of
from geo_service.services.results import Table
from geo_service.services.rights import may
from geo_service.storage.frames import read_frame

_ITEM: Final = ("code", "name", "goal", "goal_name", "item", "item_name", "verdict", "verdict_name", "said")
_FOUND: Final = ("source", "found_on", "found_by", "basis", "to_review", "photo", "remark")
_ITEMS: Final = (*_ITEM, "facilities", "rules", "to_verify", *_FOUND)
_CHECKS: Final = (
    "code", "name", "item", "measure", "verdict", "binding", "have", "need", "short_by", "unit", "largest", "missing",
    "rules", "to_verify",
)  # fmt: skip
_LINES: Final = (
    "code", "name", "measure", "level", "category", "verdict", "binding", "have", "need", "short_by", "unit",
    "people_covered_share", "buildings_covered_share", "said", "rules", "to_verify",
)  # fmt: skip
_SITES: Final = (
    "community", "item", "layer", "code", "name", "category", "is_inside", "share", "reach_share", "floor_area_m2",
    "land_area_m2", "is_verified", "counted_in",
)  # fmt: skip
# as the layer of facilities takes them: the table may be imported as it is
_UNREGISTERED: Final = ("code", "name", "category", "land_area_m2", "layer", "community_code")
_COMMUNITIES: Final = (
    "code", "name", "buildings", "households", "people", "is_of_scale", "pass", "short", "unknown", "not_surveyed",
    "not_applicable",
)  # fmt: skip


def checklist_tables(ctx: Context, result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the items first, then checks, ratios, levels, the facilities that count, the communities with outlines."""
    may(ctx.actor, "read_runs")
    lang = ctx.lang
    goals = {goal["number"]: goal["label"][lang] for goal in result["goals"]}
    labels = {item["code"]: item["label"][lang] for goal in result["goals"] for item in goal["items"]}
    reading = reading_column(result)
    rows = rows_of(result, "rows", ("code", "item"), changed_only=True)
    items = [
        row
        | {
            "goal_name": goals[row["goal"]],
            "item_name": labels[row["item"]],
            "verdict_name": text(f"checklist.verdict.{row['verdict']}", lang),
            "said": row["sentence"][lang],
            **_found(row),
            "facilities": "; ".join(f"{one['name'] or ''} [{one['code']}]".strip() for one in row["facilities"]),
            "rules": _joined(rule for check in row["checks"] for rule in check["rules"]),
        }
        for row in rows
    ]
    checks = [
        check
        | {"code": row["code"], "name": row["name"], "item": row["item"], "rules": _joined(check["rules"])}
        | {name: row[name] for name in reading}
        for row in rows
        for check in row["checks"]
    ]
    sites = [
        one | {"community": row["code"], "item": row["item"]} | {name: row[name] for name in reading}
        for row in rows
        for one in row["facilities"]
    ]
    withheld = ["withheld"] if "people_rounded_to" in result else []
    outlines = _outlines(ctx)
    lines = ("code", "measure", "level", "rules")
    ratios = [row for name in ("ratios", "green") for row in rows_of(result, name, lines, changed_only=True)]
    levels = rows_of(result, "levels", ("code", "category", "level", "limit"), changed_only=True)
    communities = rows_of(result, "communities", ("code",), changed_only=True)
    unregistered = list(result.get("unregistered", ()))  # runs kept by earlier releases know of none
    return {
        "items": Table([*_ITEMS, *reading], items),
        "checks": Table([*_CHECKS, *reading], checks),
        "ratios": Table([*_LINES, *reading], _said(ratios, lang)),
        "levels": Table([*_LINES, *withheld, *reading], _said(levels, lang)),
        "facilities": Table([*_SITES, *reading], sites),
        "unregistered": Table(list(_UNREGISTERED), unregistered, _grounds(ctx, unregistered)),
        "communities": Table(
            [*_COMMUNITIES, *withheld, *reading], communities, [outlines.get(one["code"]) for one in communities]
        ),
    }


def indicator_tables(ctx: Context, result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the rows with the outlines of areas, the whole first."""
    may(ctx.actor, "read_runs")
    key = ("level", "code", "indicator")
    rows = [row for name in ("totals", "rows") for row in rows_of(result, name, key, changed_only=True)]
    outlines = _outlines(ctx)
    withheld = ["withheld"] if "people_rounded_to" in result else []
    shown = [row | {"label": row["label"][ctx.lang], "said": row["sentence"][ctx.lang]} for row in rows]
    columns = [*INDICATOR_COLUMNS[:4], "label", *INDICATOR_COLUMNS[4:], "said", *withheld, *reading_column(result)]
    return {"indicators": Table(columns, shown, [outlines.get(row["code"]) for row in rows])}


def _found(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of what was found on the spot of an item."""
    found = row.get("finding") or {}
    source = row.get("source")  # runs kept by earlier releases know of none
    said = {key: found.get(key) for key in ("found_on", "found_by", "basis")}
    return {
        "source": source,
        **said,
        "photo": found.get("photo_code"),
        "remark": (row.get("remark") or {}).get("basis"),
    }


def _said(rows: Sequence[Mapping[str, Any]], lang: Any) -> list[dict[str, Any]]:
    empty = dict.fromkeys(_LINES)
    return [{**empty, **row, "said": row["sentence"][lang], "rules": _joined(row["rules"])} for row in rows]


def _grounds(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> list[Geometry | None]:
    """Return the outline of each open ground as it is now, None where it is no longer there."""
    shapes: dict[tuple[str, str], Geometry] = {}
    with ctx.store.reading() as conn:
        for layer in dict.fromkeys(row["layer"] for row in rows):
            frame = read_frame(conn, LAYERS[layer], ["code"])
            shapes |= {(layer, str(code)): one for code, one in zip(frame["code"], frame.geometry, strict=True)}
    return [shapes.get((row["layer"], row["code"])) for row in rows]


def _outlines(ctx: Context) -> dict[Any, Geometry]:
    with ctx.store.reading() as conn:
        frame = read_frame(conn, LAYERS["areas"], ["code"])
    return dict(zip(frame["code"], frame.geometry, strict=True))


def _joined(rules: Any) -> str:
    return ", ".join(dict.fromkeys(rules))
