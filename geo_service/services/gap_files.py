"""Tables of capacity and gap results for files (CSV, GeoPackage)."""

from collections.abc import Mapping
from typing import Any

from shapely import Point
from shapely.geometry import shape

from geo_service.domain.bands import BANDS
from geo_service.services.capacity_rows import FACILITY_COLUMNS, ROW_COLUMNS
from geo_service.services.context import Context
from geo_service.services.gap_rows import ZONE_COLUMNS
from geo_service.services.parking import PARKING_COLUMNS
from geo_service.services.readings import reading_column, rows_of
from geo_service.services.results import Table, coverage_outlines
from geo_service.services.rights import may


def capacity_tables(ctx: Context, result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the rows with the outlines of areas or grids (the whole first), and the facilities as points."""
    may(ctx.actor, "read_runs")
    with ctx.store.reading() as conn:
        outlines = coverage_outlines(conn, dict(result))
    more = [*(["withheld"] if "people_rounded_to" in result else []), *reading_column(result)]
    is_catchment = result["measure"] == "catchment"
    needed = {key: result.get(key) for key in ("needed_per_1000", "needed_to_verify")} if is_catchment else {}
    columns = [*(ROW_COLUMNS if is_catchment else PARKING_COLUMNS), *needed, *more]
    rows = [row | needed for name in ("totals", "rows") for row in rows_of(result, name, ("level", "code"))]
    shapes = [outlines.get(row["code"], (None, None))[1] for row in rows]
    tables = {"capacity": Table(columns, rows, shapes)}
    if is_catchment:
        places = rows_of(result, "facilities", ("code",))
        points = [Point(row["lon"], row["lat"]) for row in places]
        tables["facilities"] = Table([*FACILITY_COLUMNS, *more], places, points)
    return tables


def zone_tables(result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the zones with their outlines, one column a band, the first cure only."""
    bands = [f"people_{band}" for band in BANDS]
    more = [*(["withheld"] if "people_rounded_to" in result else []), *reading_column(result)]
    zones = rows_of(result, "zones", ("category", "number"))
    shapes = [None if zone["geometry"] is None else shape(zone["geometry"]) for zone in zones]
    return {"zones": Table([*ZONE_COLUMNS, *bands, *more], [_flat(zone) for zone in zones], shapes)}


def _flat(zone: Mapping[str, Any]) -> dict[str, Any]:
    alternative, by_air, others = (zone[key] or {} for key in ("alternative", "by_air", "others"))
    cure = zone["cures"][0] if zone["cures"] else {}
    return {
        **zone,
        "alternative_code": alternative.get("code"),
        "alternative_name": alternative.get("name"),
        "alternative_m": alternative.get("metres"),
        "alternative_s": alternative.get("seconds"),
        "by_air_code": by_air.get("code"),
        "by_air_m": by_air.get("metres"),
        "detour_ratio": by_air.get("detour_ratio"),
        "others_code": others.get("code"),
        "others_m": others.get("metres"),
        "cure_kind": cure.get("kind"),
        "cure_code": cure.get("code"),
        "cure_buildings": cure.get("buildings"),
        "cure_gained_m": cure.get("gained_m"),
        **{f"people_{band}": zone["people_by_band"].get(band) for band in BANDS},
    }
