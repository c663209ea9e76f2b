"""Tables of capacity and gap results for files (CSV, GeoPackage)."""

from collections.abc import Mapping
from typing import Any, Final

from shapely import Point
from shapely.geometry import shape

from geo_service.domain.bands import BANDS
from geo_service.domain.reference import categories
from geo_service.foundation.texts import Lang
from geo_service.services.capacity_rows import FACILITY_COLUMNS, ROW_COLUMNS
from geo_service.services.context import Context
from geo_service.services.limit_rules import LIMIT_COLUMNS, limit_columns
from geo_service.services.parking import PARKING_COLUMNS
from geo_service.services.readings import reading_column, rows_of
from geo_service.services.results import Table, coverage_outlines
from geo_service.services.rights import may

ZONE_COLUMNS: Final = (
    "number", "category", "category_label", *LIMIT_COLUMNS, "rank", "reason", "apparent_reason",
    "people", "people_weighted", "buildings", "buildings_without_people", "area_code", "area_name",
    "grid_code", "alternative_code", "alternative_name", "alternative_m", "alternative_s", "by_air_code", "by_air_m",
    "detour_ratio", "others_code", "others_m", "cure_kind", "cure_code", "cure_people", "cure_buildings", "cure_m",
    "cure_gained_m", "other_cures_people", "other_cures_buildings", "uncured_people", "uncured_buildings",
)  # fmt: skip
CURE_COLUMNS: Final = (
    "number", "category", "category_label", "limit_m", "kind", "code", "lon", "lat", "people", "buildings", "metres",
    "gained_m",
)  # fmt: skip


def capacity_tables(ctx: Context, result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the rows with the outlines of areas or grids (the whole first), and the facilities as points."""
    may(ctx.actor, "read_runs")
    with ctx.store.reading() as conn:
        outlines = coverage_outlines(conn, dict(result))
    more = [*(["withheld"] if "people_rounded_to" in result else []), *reading_column(result)]
    is_catchment = result["measure"] == "catchment"
    about = _capacity_about(result, ctx.lang)
    columns = [*about, *(ROW_COLUMNS if is_catchment else PARKING_COLUMNS), *more]
    empty: dict[str, Any] = dict.fromkeys(columns)  # runs kept by earlier releases know of fewer
    rows = [empty | row | about for name in ("totals", "rows") for row in rows_of(result, name, ("level", "code"))]
    shapes = [outlines.get(row["code"], (None, None))[1] for row in rows]
    tables = {"capacity": Table(columns, rows, shapes)}
    if is_catchment:
        places = rows_of(result, "facilities", ("code",))
        points = [Point(row["lon"], row["lat"]) for row in places]
        tables["facilities"] = Table([*about, *FACILITY_COLUMNS, *more], [row | about for row in places], points)
    return tables


def _capacity_about(result: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Return what rows of a capacity result are about: category and, of one with places, limit and what is needed."""
    about: dict[str, Any] = {
        "category": result["category"],
        "category_label": categories()[result["category"]].label[lang],
    }
    if result["measure"] != "catchment":
        return about
    return about | {
        "people_of_ages": ", ".join(result["bands"]),
        **limit_columns(result["rule"]),
        "needed_per_1000": result.get("needed_per_1000"),
        "needed_rules": "; ".join(f"{ident} v{rule['version']}" for ident, rule in result["rules"].items()) or None,
        "needed_to_verify": result.get("needed_to_verify"),
    }


def zone_tables(ctx: Context, result: Mapping[str, Any]) -> dict[str, Table]:
    """Return the zones with their outlines, one column a band, the first cure only; all cures named as points."""
    may(ctx.actor, "read_runs")
    bands = [f"people_{band}" for band in BANDS]
    reading = reading_column(result)
    withheld = ["withheld"] if "people_rounded_to" in result else []
    about = {one["category"]: _about(one, ctx.lang) for one in result["categories"]}
    zones = [zone | about[zone["category"]] for zone in rows_of(result, "zones", ("category", "number"))]
    shapes = [None if zone["geometry"] is None else shape(zone["geometry"]) for zone in zones]
    rows = [_flat(zone) for zone in zones]
    tables = {"zones": Table([*ZONE_COLUMNS, *bands, *withheld, *reading], rows, shapes)}
    cures = [zone | cure for zone in zones for cure in zone["cures"]]
    if cures:
        points = [Point(cure["lon"], cure["lat"]) for cure in cures]
        tables["cures"] = Table([*CURE_COLUMNS, *withheld, *reading], cures, points)
    return tables


def _about(one: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """Return what the zones of a category are held against."""
    rule = one["rule"]
    rests = {"circle": rule.get("circle_rules", []), "clauses": rule["clauses"]}  # earlier releases kept no circle
    return {"category_label": categories()[one["category"]].label[lang], **limit_columns({**one["limit"], **rests})}


def _flat(zone: Mapping[str, Any]) -> dict[str, Any]:
    named = ("alternative", "by_air", "others", "other_cures", "uncured")
    alternative, by_air, others, more, uncured = (zone[key] or {} for key in named)
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
        "cure_people": cure.get("people"),
        "cure_buildings": cure.get("buildings"),
        "cure_m": cure.get("metres"),
        "cure_gained_m": cure.get("gained_m"),
        "other_cures_people": more.get("people"),
        "other_cures_buildings": more.get("buildings"),
        "uncured_people": uncured.get("people"),
        "uncured_buildings": uncured.get("buildings"),
        **{f"people_{band}": zone["people_by_band"].get(band) for band in BANDS},
    }
