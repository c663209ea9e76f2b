"""Tables of what-ifs and effects for files: what each row is of, by which limit, which money; outlines of areas."""

from typing import Any, Final

from geo_service.analysis.coverage import ALL
from geo_service.domain.bands import BANDS
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.layers import LAYERS
from geo_service.foundation.texts import text
from geo_service.services.context import Context
from geo_service.services.effect_money import KINDS
from geo_service.services.headlines import CONCERNED
from geo_service.services.limit_rules import LIMIT_COLUMNS, limit_columns
from geo_service.services.results import Table
from geo_service.services.rights import may
from geo_service.services.scenario_moves import MOVED
from geo_service.services.scenario_rows import COLUMNS
from geo_service.storage.frames import read_frame

_LIMIT: Final = (*LIMIT_COLUMNS, "profile", "people_basis")
_PROJECT: Final = ("project", "project_name", "project_status")
_MONEY: Final = ("money", "money_yuan", *(f"{kind}_yuan" for kind in KINDS))
_EFFECTS: Final = (
    *("category", "band", "is_headline", *(f"{of}_{move}" for of in ("people", "buildings") for move in MOVED)),
    *("yuan_per_person", "yuan_note", "withheld"),
)


def scenario_tables(ctx: Context, result: dict[str, Any]) -> dict[str, Table]:
    """Return the tables of a what-if: its rows (sums of all homes first) and their outlines.

    Categories for certain ages have a row of band ``concerned`` for each place, before those of the bands.
    """
    may(ctx.actor, "export")
    names = {one["scenario"]: one["name"] for one in result.get("scenarios", ())}
    heads = [{**row, "band": CONCERNED} for row in result["headlines"] if concerned_bands(row["category"])]
    rows = [*result["totals"], *result["rows"]]
    place = {key: number for number, key in enumerate(dict.fromkeys(map(_place, rows)))}
    order = {band: number for number, band in enumerate((CONCERNED, ALL, *BANDS))}
    rows = sorted([*heads, *rows], key=lambda row: (place[_place(row)], order[row["band"]]))
    limits = _limits(result)
    rows = [row | limits[row["category"]] | {"scenario_name": names.get(row["scenario"])} for row in rows]
    columns = [*COLUMNS[:1], "scenario_name", *COLUMNS[1:], *_LIMIT]
    columns += ["withheld"] if any("withheld" in row for row in rows) else []
    layer = "grids" if result["by"] in ("grid", "unit_grid") else "areas"
    with ctx.store.reading() as conn:
        outlines = read_frame(conn, LAYERS[layer], ["code"])
    by_code = dict(zip(outlines["code"], outlines.geometry, strict=True))
    return {"scenario": Table(columns, rows, [by_code.get(row["code"]) for row in rows])}


def effect_tables(ctx: Context, result: dict[str, Any]) -> dict[str, Table]:
    """Return the tables of an effect: people newly within reach, and the rows with and without the project.

    Every row says of which project it is; those of people also by which limit and which money, and where the full
    cost is divided by the people of several categories that these figures are not to be added.
    """
    project, money = result["project"], result["yuan"]
    own = dict(zip(_PROJECT, (project["code"], project["name"], project["status"]), strict=True))
    paid = dict(zip(_MONEY, (money["which"], money["yuan"], *(money[kind] for kind in KINDS)), strict=True))
    limits = _limits(result)
    several = len({row["category"] for row in result["effects"]}) > 1
    apart = text("effect.yuan_apart", ctx.lang) if several else None
    said = [{"yuan_note": None if row["yuan_per_person"] is None else apart} for row in result["effects"]]
    effects = [
        own | row | one | paid | limits[row["category"]] for row, one in zip(result["effects"], said, strict=True)
    ]
    found = {"effects": Table([*_PROJECT, *_EFFECTS, *_MONEY, *_LIMIT], effects, None)}
    for name, table in scenario_tables(ctx, result).items():
        columns = [*_PROJECT, *(key for key in table.columns if not key.startswith("scenario"))]
        found[name] = Table(columns, [own | row for row in table.rows], table.shapes)
    return found


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in ("scenario", "category", "level", "code"))


def _limits(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what rows of each category say of limit, rules, profile and people."""
    same = {"profile": result["parameters"]["profile"], "people_basis": result["people_basis"]}
    return {rule["category"]: limit_columns(rule) | same for rule in result["rules"]}
