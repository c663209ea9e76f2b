"""Tables of what-ifs and effects for files: what each row is of, by which limit, which money; outlines of areas."""

from collections.abc import Callable
from typing import Any, Final

from shapely import Point

from geo_service.analysis.coverage import ALL
from geo_service.domain.bands import BANDS
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.layers import LAYERS
from geo_service.foundation.texts import text
from geo_service.services.context import Context
from geo_service.services.effect_money import KINDS
from geo_service.services.headlines import CONCERNED
from geo_service.services.limit_rules import LIMIT_COLUMNS, limit_columns
from geo_service.services.readings import as_closed, both_readings, reading_column
from geo_service.services.results import Table
from geo_service.services.rights import may
from geo_service.services.scenario_moves import MOVED
from geo_service.services.scenario_place_rows import FACILITY_SIDE_COLUMNS, PLACE_COLUMNS
from geo_service.services.scenario_places import PLACE_TABLES
from geo_service.services.scenario_readings import TABLE_KEYS
from geo_service.services.scenario_rows import COLUMNS, SIDES
from geo_service.storage.frames import read_frame

Rows = list[dict[str, Any]]
Tables = dict[str, Rows]
_LIMIT: Final = (*LIMIT_COLUMNS, "profile", "people_basis")
# what the people concerned find of places, in the rows of a file that has one table only
_ON_HEADS: Final = tuple(
    f"{one}_{side}"
    for one in ("places_per_1000", "enough_share", "people_enough", "people_below_needed", "people_beyond_reach")
    for side in SIDES
)
_NEEDS: Final = ("unit", "people_of_ages", "needed_per_1000", "needed_rules", "needed_to_verify", *_LIMIT)
_PROJECT: Final = ("project", "project_name", "project_status")
_MONEY: Final = ("money", "money_yuan", *(f"{kind}_yuan" for kind in KINDS))
_EFFECTS: Final = (
    *("category", "band", "is_headline", *(f"{of}_{move}" for of in ("people", "buildings") for move in MOVED)),
    *("yuan_per_person", "yuan_note", "withheld"),
)


def scenario_tables(ctx: Context, result: dict[str, Any]) -> dict[str, Table]:
    """Return the tables of a what-if: its rows (sums of all homes first) and their outlines; of places, if any.

    Categories for certain ages have a row of band ``concerned`` for each place, before those of the bands, with what
    their people find of places where the category has capacity. What is not known to be closed: rows of both readings.
    """
    may(ctx.actor, "export")
    heads = _both(result, "headlines", _heads)
    rows = [*_both(result, "totals"), *_both(result, "rows")]
    place = {key: number for number, key in enumerate(dict.fromkeys(map(_place, rows)))}
    order = {band: number for number, band in enumerate((CONCERNED, ALL, *BANDS))}
    rows = sorted([*heads, *rows], key=lambda row: (place[_place(row)], order[row["band"]]))
    limits, names = _limits(result), {one["scenario"]: one["name"] for one in result.get("scenarios", ())}
    rows = [row | limits[row["category"]] | {"scenario_name": names.get(row["scenario"])} for row in rows]
    has_places = "capacity" in result
    columns = [*COLUMNS[:1], "scenario_name", *COLUMNS[1:], *(_ON_HEADS if has_places else ()), *_LIMIT]
    more = [*(["withheld"] if any("withheld" in row for row in rows) else []), *reading_column(result)]
    layer = "grids" if result["by"] in ("grid", "unit_grid") else "areas"
    with ctx.store.reading() as conn:
        outlines = read_frame(conn, LAYERS[layer], ["code"])
    by_code = dict(zip(outlines["code"], outlines.geometry, strict=True))
    tables = {"scenario": Table([*columns, *more], rows, [by_code.get(row["code"]) for row in rows])}
    if has_places:
        needs = _needs(result)
        found = [row | needs[row["category"]] for name in PLACE_TABLES[:2] for row in _both(result, name)]
        shapes = [by_code.get(row["code"]) for row in found]
        tables["capacity"] = Table([*PLACE_COLUMNS, *_NEEDS, *more], found, shapes)
        found = [row | needs[row["category"]] for row in _both(result, PLACE_TABLES[2])]
        points = [Point(row["lon"], row["lat"]) for row in found]
        tables["capacity_facilities"] = Table([*FACILITY_SIDE_COLUMNS, *_NEEDS, *more], found, points)
    return tables


def _both(result: dict[str, Any], name: str, made: Callable[[Tables], Rows] | None = None) -> Rows:
    """Return the rows ``name`` of a result in both readings where it has two; ``made`` of its tables instead."""
    own: Tables = {one: result[one] for one in TABLE_KEYS if one in result}
    closed = None
    if "if_closed" in result:
        closed = {one: as_closed(result, one, TABLE_KEYS[one]) or [] for one in own}
    rows = own[name] if made is None else made(own)
    if closed is None:
        return rows
    return both_readings(rows, closed[name] if made is None else made(closed), TABLE_KEYS[name])


def _heads(tables: Tables) -> Rows:
    """Return the rows of the people concerned, with what these find of places."""
    places = {_place(row): row for name in PLACE_TABLES[:2] for row in tables.get(name, ())}
    return [
        {**row, "band": CONCERNED, **{key: places.get(_place(row), {}).get(key) for key in _ON_HEADS}}
        for row in tables["headlines"]
        if concerned_bands(row["category"])
    ]


def _needs(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the places of each category are held against, as rows of files say it."""
    limits = _limits(result)
    return {
        one["category"]: limits[one["category"]]
        | {
            "unit": one["unit"],
            "people_of_ages": ", ".join(one["bands"]),
            "needed_per_1000": one["needed_per_1000"],
            "needed_rules": "; ".join(f"{ident} v{rule['version']}" for ident, rule in one["rules"].items()) or None,
            "needed_to_verify": one["needed_to_verify"],
        }
        for one in result["capacity"]
    }


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
    rows = _both(result, "effects")
    said = [{"yuan_note": None if row["yuan_per_person"] is None else apart} for row in rows]
    effects = [own | row | one | paid | limits[row["category"]] for row, one in zip(rows, said, strict=True)]
    found = {"effects": Table([*_PROJECT, *_EFFECTS, *_MONEY, *_LIMIT, *reading_column(result)], effects, None)}
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
