"""Reports: a coverage run as one stand-alone HTML map. Totals of areas only, never of single homes or people."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import mapping
from sqlalchemy import Connection

from geo_service import __version__
from geo_service.analysis.circles import circles
from geo_service.analysis.stepping import snap_places
from geo_service.cartography.classes import SHARE_CLASSES
from geo_service.cartography.folium_page import coverage_page
from geo_service.cartography.styles import symbol_for
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import BY_AGE, STANDARD, Profile, profile_label, profile_named
from geo_service.domain.suppression import FEWEST_PERSONS
from geo_service.exchange.write import write_text
from geo_service.foundation.clock import from_iso, local_date
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.foundation.texts import listed, text
from geo_service.services import runs
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.headlines import first_rows, label_of
from geo_service.services.networks import Streets, assign, open_networks
from geo_service.services.notes import circle_notes
from geo_service.services.results import coverage_outlines
from geo_service.services.rights import may
from geo_service.services.told import shown_result
from geo_service.storage.frames import read_frame

_STATES: Final = ("covered", "not_covered", "unknown")
_DECIMALS: Final = 5  # of a degree: 1 m
_SIMPLER_DEG: Final = 3e-5  # 3 m; for drawing only
_BASE_VERTICES: Final = 200_000  # beyond that only main streets are drawn under the map
_MAIN: Final = ("trunk", "primary", "secondary", "tertiary")
_LIGHT: Final = ("#e69f00", "#f0e442", "#56b4e9", "#cc79a7")  # fills that carry dark letters


def newest_coverage(conn: Connection, ctx: Context) -> str | None:
    """Return the uid of the newest coverage run, None if there is none."""
    found = runs.list_runs(conn, ctx, kind="coverage", limit=1)
    return str(found[0]["uid"]) if found else None


def map_report(conn: Connection, ctx: Context, uid: str) -> str:
    """Return the stand-alone HTML map of a coverage run in the context's language.

    Raises NotFound ``run_unknown``; InvalidInput ``run_not_coverage``, ``no_network``; StoreFault
    ``report_assets_missing``.
    """
    may(ctx.actor, "report")
    run = runs.get_run(conn, ctx, uid)
    if run["kind"] != "coverage":
        raise InvalidInput("run_not_coverage", run=uid, kind=run["kind"])
    return coverage_page(page_data(conn, ctx, shown_result(conn, ctx, run, to_anybody=True)))


def write_report(ctx: Context, path: Path, page: str) -> None:
    """Write a page whole or not at all."""
    may(ctx.actor, "export")
    note_export(ctx, path, "report")
    write_text(path, page)


def page_data(conn: Connection, ctx: Context, result: dict[str, Any]) -> dict[str, Any]:
    """Return everything the page shows, as JSON values, from a result as anybody may see it."""
    outlines = coverage_outlines(conn, result)
    if not outlines:
        raise NotFound("report_no_areas", by=result["by"])
    asked = result["parameters"]
    networks = open_networks(conn, ctx, at=asked.get("at"))
    targets = read_targets(conn, ctx, asked["categories"])
    profile = profile_named(STANDARD if asked["profile"] == BY_AGE else asked["profile"])
    listed = []
    for place in range(len(asked["categories"])):
        ctx.progress(place / len(asked["categories"]), "progress.circles")
        listed.append(_category(ctx, result, place, targets, list(outlines)))
        listed[-1]["circle"] = _circle(networks, targets, place, result["limit"]["metres"], profile)
    ctx.progress(1.0, "progress.circles")
    # the page opens where most is missing
    gaps = [(one["total"]["not_covered"] or 0.0) if one["facilities"] else -1.0 for one in listed]
    start = int(np.argmax(gaps))
    bounds = shapely.total_bounds(np.array([shape for _, shape in outlines.values() if shape is not None]))
    return {
        "lang": ctx.lang,
        "bounds": [round(float(value), _DECIMALS) for value in bounds],
        "areas": _areas(outlines),
        "categories": listed,
        "start": start,
        "classes": _classes(),
        "base": _base(conn),
        "facts": run_facts(ctx, result),
        "notes": [note[ctx.lang] for note in (*result["notes"], *circle_notes(targets))],
        "attribution": result["attribution"],
        "texts": _texts(ctx, result),
    }


def _category(
    ctx: Context, result: dict[str, Any], place: int, targets: Targets, areas: Sequence[str]
) -> dict[str, Any]:
    """Return a category's figures by area, its facilities and its symbol."""
    code = result["parameters"]["categories"][place]
    symbol = symbol_for("facilities", {"category": code})
    own = first_rows(row for row in result["rows"] if row["category"] == code)
    (total,) = first_rows(row for row in result["totals"] if row["category"] == code)
    by_code = {row["code"]: _figures(row) for row in own}
    there = np.flatnonzero(targets.category == place)
    where = {int(owner): n for n, owner in reversed(list(enumerate(targets.place_owner)))}
    return {
        "code": code,
        "label": label_of(code, total["bands"], ctx.lang),
        "symbol": {
            "shape": symbol.shape,
            "fill": symbol.fill,
            "ink": "#111" if symbol.fill in _LIGHT else "#fff",
            "glyph": dict(symbol.glyph).get(ctx.lang, ""),
        },
        "rows": [by_code[area] for area in areas],
        "total": _figures(total),
        "facilities": [
            [
                round(float(targets.place_lon[where[int(n)]]), _DECIMALS),
                round(float(targets.place_lat[where[int(n)]]), _DECIMALS),
                targets.name[n],
                bool(targets.verified[n]),
            ]
            for n in there
        ],
    }


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shares of a row, none if any of its people are withheld; by buildings where people are not known."""
    basis = "buildings" if row["people_total"] is None and not row["withheld"] else "people"
    shown: dict[str, Any] = {state: row[f"{basis}_{state}_share"] for state in _STATES}
    shown["mean_m"] = None if row["mean_m"] is None else round(row["mean_m"])
    shown["complete"] = row["inventory_complete"]
    if row["withheld"] or 0 < row["buildings_total"] < FEWEST_PERSONS:
        return dict.fromkeys(shown) | {"withheld": True, "complete": row["inventory_complete"]}
    return shown | {"withheld": False}


def _circle(
    networks: Sequence[Streets], targets: Targets, category: int, limit_m: float, profile: Profile
) -> dict[str, Any] | None:
    """Return what can be walked to from a category's facilities within the limit, simplified for drawing."""
    used = targets.draw_circles() & (targets.category == category)
    places = np.flatnonzero(used[targets.place_owner])
    if not len(places):
        return None
    lon, lat = targets.place_lon[places], targets.place_lat[places]
    at = assign(networks, lon, lat)
    parts = []
    for number, streets in enumerate(networks):
        here = at == number
        if here.any():
            x, y = streets.frame.to_metric(lon[here], lat[here])
            snaps = snap_places(streets.network, x, y)
            found = circles(streets.network, x, y, snaps, [limit_m], step_free=profile.step_free)
            parts.append(found.circles[0].polygon)
    return _drawn(shapely.union_all(parts))


def _drawn(shape: shapely.Geometry | None) -> dict[str, Any] | None:
    """Return a geometry as GeoJSON, simplified and rounded for drawing; None for nothing."""
    if shape is None or shape.is_empty:
        return None
    simple = shapely.simplify(shape, _SIMPLER_DEG, preserve_topology=True)
    rough = shapely.transform(simple, lambda xy: np.round(xy, _DECIMALS))
    return dict(mapping(rough))


def _areas(outlines: Mapping[str, tuple[str, shapely.Geometry | None]]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": {"row": row, "name": name}, "geometry": _drawn(shape)}
        for row, (name, shape) in enumerate(outlines.values())
    ]
    return {"type": "FeatureCollection", "features": features}


def _classes() -> list[dict[str, Any]]:
    return [{"to": high, "fill": fill, "label": f"{low * 100:g}–{high * 100:g} %"} for low, high, fill in SHARE_CLASSES]


def _base(conn: Connection) -> dict[str, Any]:
    """Return what is drawn under the figures: water, green, rail, streets."""
    barriers = read_frame(conn, LAYERS["barriers"], ["kind"])
    greens = read_frame(conn, LAYERS["green_spaces"], ["kind"])
    ways = read_frame(conn, LAYERS["ways"], ["highway"])
    main = ways["highway"].str.startswith(_MAIN).to_numpy(bool) if len(ways) else np.zeros(0, bool)
    small = ways.geometry.to_numpy()[~main]
    if shapely.get_num_coordinates(small).sum() > _BASE_VERTICES:
        small = small[:0]
    polygons = barriers[barriers.geometry.geom_type.isin(("Polygon", "MultiPolygon"))]
    return {
        "water": _together(polygons[polygons["kind"] == "water"].geometry.to_numpy()),
        "green": _together(greens.geometry.to_numpy()),
        "rail": _together(barriers[barriers["kind"] == "rail"].geometry.to_numpy()),
        "streets": _together(small),
        "main_streets": _together(ways.geometry.to_numpy()[main]),
    }


def _together(shapes: Any) -> dict[str, Any] | None:
    """Return many geometries as one, for drawing."""
    if not len(shapes):
        return None
    parts = shapely.get_parts(shapes)
    if parts[0].geom_type == "LineString":
        return _drawn(shapely.multilinestrings([part for part in parts if part.geom_type == "LineString"]))
    return _drawn(shapely.multipolygons([part for part in parts if part.geom_type == "Polygon"]))


def settings_line(ctx: Context, result: Mapping[str, Any]) -> str:
    """Return the limit, who walks and what counts as closed in a coverage result, as one line."""
    words = [_limit_words(ctx, result["limit"]), profile_label(result["parameters"]["profile"])[ctx.lang]]
    if result.get("if_closed"):
        words.append(text("report.reading_open", ctx.lang))
    return text("report.settings_line", ctx.lang, settings=listed(words, ctx.lang))


def _limit_words(ctx: Context, limit: Mapping[str, Any]) -> str:
    key = "report.limit_distance" if limit["kind"] == "distance" else "report.limit_time"
    return text(key, ctx.lang, minutes=f"{limit['minutes'] or 0:g}", metres=f"{limit['metres']:g}")


def run_facts(ctx: Context, result: dict[str, Any]) -> list[list[str]]:
    """Return the settings the figures rest on, as lines of label and value."""
    made = local_date(from_iso(result["created_at"]), ctx.timezone)
    as_of = result["inputs"]["as_of"]
    values = {
        "limit": _limit_words(ctx, result["limit"]),
        "profile": profile_label(result["parameters"]["profile"])[ctx.lang],
        **({"at": at} if (at := result["parameters"].get("at")) else {}),
        **({"by": text(f"level.{result['by']}", ctx.lang)} if "by" in result else {}),
        **({"basis": text(f"people_basis.{result['people_basis']}", ctx.lang)} if "people_basis" in result else {}),
        "as_of": as_of,
        "made": made.isoformat(),
        "run": result["uid"],
        "version": f"geo-service {__version__}",
    }
    return [[text(f"report.{name}", ctx.lang), str(value)] for name, value in values.items()]


def _texts(ctx: Context, result: dict[str, Any]) -> dict[str, str | None]:
    names = (
        "title", "category", "legend", "show_circle", "show_facilities", "circle", "verified", "unverified", "area",
        "mean", "table", "no_data", "withheld", "complete", "incomplete", "undeclared",
    )  # fmt: skip
    texts: dict[str, str | None] = {name: text(f"report.{name}", ctx.lang) for name in names}
    texts |= {state: text(f"state.{state}", ctx.lang) for state in _STATES}
    return texts | {"banner": text("report.banner", ctx.lang) if result["is_synthetic"] else None}
