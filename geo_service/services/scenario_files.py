"""Tables of what-ifs and effects for files: rows with the polygon each is about, sums of all homes, effects."""

from typing import Any

from geo_service.domain.layers import LAYERS
from geo_service.services.context import Context
from geo_service.services.results import Table
from geo_service.services.rights import may
from geo_service.services.scenario_rows import COLUMNS
from geo_service.storage.frames import read_frame

_EFFECTS = ("category", "band", "people_newly_covered", "yuan_per_person", "withheld")


def scenario_tables(ctx: Context, result: dict[str, Any]) -> dict[str, Table]:
    """Return the tables of a what-if: its rows (sums of all homes first) and their outlines."""
    may(ctx.actor, "export")
    rows = [*result["totals"], *result["rows"]]
    columns = [*COLUMNS, "withheld"] if any("withheld" in row for row in rows) else list(COLUMNS)
    layer = "grids" if result["by"] in ("grid", "unit_grid") else "areas"
    with ctx.store.reading() as conn:
        outlines = read_frame(conn, LAYERS[layer], ["code"])
    by_code = dict(zip(outlines["code"], outlines.geometry, strict=True))
    return {"scenario": Table(columns, rows, [by_code.get(row["code"]) for row in rows])}


def effect_tables(ctx: Context, result: dict[str, Any]) -> dict[str, Table]:
    """Return the tables of an effect: people newly within reach, and the rows with and without the project."""
    return {"effects": Table(list(_EFFECTS), result["effects"], None), **scenario_tables(ctx, result)}
