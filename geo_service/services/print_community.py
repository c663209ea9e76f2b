"""The check-up of a community on one page: 完整居住社区 sheet, key figures, largest gaps, a small map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from geo_service.cartography.print_legend import legend_svg
from geo_service.cartography.print_map import map_svg
from geo_service.foundation.clock import from_iso, local_date
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import text
from geo_service.services import print_figures as figures
from geo_service.services import print_ground as grounds
from geo_service.services.board_checklist import CHECKLIST
from geo_service.services.board_coverage import coverage_of
from geo_service.services.board_runs import Asked, Kept
from geo_service.services.board_tables import BoardQuestion
from geo_service.services.context import Context
from geo_service.services.headlines import bands_first, label_of
from geo_service.services.print_legends import legend_of
from geo_service.services.reports import settings_line

_MAP_MM: Final = (88.0, 92.0)
_LEGEND_MM, _LEGEND_COLUMNS = (194.0, 24.0), 7
_SIGNS: Final = {"pass": "✓", "short": "✗", "unknown": "?", "not_surveyed": "–", "not_applicable": "○"}
_MOST_BARS, _MOST_GAPS, _MOST_LINES = 12, 5, 6
_GAPS: Final = Asked("gaps", {})  # of all categories, each within the limit of its own rule
_LAYERS: Final = (*grounds.BASE, "public_spaces", "areas", "facilities")


@dataclass(frozen=True)
class Results:
    """The newest results a check-up is made of, as the actor may see them; read once for many communities.

    They are those of the questions boards ask, whatever else was computed since.
    """

    sheet: dict[str, Any] | None
    coverage: dict[str, Any] | None
    gaps: dict[str, Any] | None

    @classmethod
    def newest(cls, conn: Connection, ctx: Context, *communities: str) -> "Results":
        """Return the newest results about all communities, or about those named."""
        kept = Kept(conn, ctx)
        sheets = [CHECKLIST, *(Asked("checklist", {"community": code}) for code in communities)]
        return cls(kept.latest(*sheets), kept.latest(coverage_of(BoardQuestion(), "community")), kept.latest(_GAPS))


def community_values(
    conn: Connection, ctx: Context, area: grounds.PrintArea, results: Results | None = None
) -> dict[str, Any]:
    """Return what the template of a community's check-up needs, from the newest results where none are given.

    Raises InvalidInput ``print_not_community``, ``print_no_checklist`` (no sheet was computed yet).
    """
    if area.level != "community":
        raise InvalidInput("print_not_community", area=area.code, level=area.level)
    found = results or Results.newest(conn, ctx, area.code)
    sheet, coverage, gaps = found.sheet, found.coverage, found.gaps
    about = next((one for one in sheet["communities"] if one["code"] == area.code), None) if sheet else None
    if sheet is None or about is None:
        raise InvalidInput("print_no_checklist", area=area.code)
    ctx.progress(0.2, "progress.printing")
    ground = grounds.ground_of(area, *_MAP_MM)
    parts = grounds.painted(conn, ctx, ground, _LAYERS)
    names = grounds.names_of(conn, ctx, ground)
    svg = map_svg(ground.frame, [one.drawn for one in parts], names, north=text("print.north", ctx.lang), lang=ctx.lang)
    ctx.progress(0.6, "progress.printing")
    made = [("print.sheet_of", sheet)]
    made += [(key, one) for key, one in (("print.coverage_run", coverage), ("print.gaps_run", gaps)) if one]
    shares = [] if coverage is None else figures.bars(ctx, figures.rows_of(coverage, area.code))
    return {
        "title": text("print.community_title", ctx.lang, name=area.name),
        "subtitle": text("level.community", ctx.lang) + " " + area.code,
        "right": [
            text("print.made", ctx.lang, date=local_date(ctx.clock(), ctx.timezone).isoformat()),
            *(text(key, ctx.lang, date=_day(ctx, one), run=one["uid"][:13]) for key, one in made),
        ],
        "map": svg,
        "legend": legend_svg(legend_of(ctx, ground, parts), _LEGEND_COLUMNS, *_LEGEND_MM, ctx.lang),
        "counts": _tiles(ctx, about, ("people", "households", "buildings")),
        "tiles": _tiles(ctx, about, ("pass", "short", "unknown", "not_surveyed")),
        "bars": sorted(shares, key=lambda bar: (bar["share"] is None, bar["share"], bar["category"]))[:_MOST_BARS],
        "bars_title": _bars_title(ctx, coverage),
        "bars_words": text("report.bars_none", ctx.lang) if coverage is None else settings_line(ctx, coverage),
        "lines": _lines(ctx, sheet, area.code),
        "gaps": [] if gaps is None else _gaps(ctx, gaps, area.code),
        "goals": _goals(ctx, sheet, area.code),
        "notes": [note[ctx.lang] for note in sheet["notes"][:3]],
        "text_scale": 0.95,
    }


def _day(ctx: Context, result: Mapping[str, Any]) -> str:
    return local_date(from_iso(result["created_at"]), ctx.timezone).isoformat()


def _bars_title(ctx: Context, coverage: Mapping[str, Any] | None) -> str:
    """Return what the bars say, with the limit they are held against."""
    limit = {"metres": 0.0, "minutes": None} if coverage is None else coverage["limit"]
    return text("print.bars_title", ctx.lang, metres=f"{limit['metres']:,.0f}", most=_MOST_BARS)


def _tiles(ctx: Context, about: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, str]]:
    """Return figures in boxes; numbers of people are those anybody may see."""
    withheld = text("print.withheld", ctx.lang)
    tiles = []
    for name in names:
        value = about.get(name)
        words = withheld if value is None else f"{value:,.0f}"
        tiles.append({"value": words, "kind": name, "label": text(f"print.tile.{name}", ctx.lang)})
    return tiles


def _lines(ctx: Context, sheet: Mapping[str, Any], code: str) -> list[str]:
    """Return the sentences of floor area, parking and green space."""
    rows = [*sheet["ratios"], *sheet["green"]]
    return [row["sentence"][ctx.lang] for row in rows if row["code"] == code][:_MOST_LINES]


def _gaps(ctx: Context, result: Mapping[str, Any], code: str) -> list[str]:
    """Return the largest gaps of the community in words."""
    zones = [zone for zone in result["zones"] if code in zone["area_codes"] and zone["rank"] is not None]
    zones.sort(key=lambda zone: (-(zone["people"] or 0), zone["category"], zone["rank"]))
    limits = {one["category"]: one["limit"]["metres"] for one in result["categories"]}
    words = []
    for zone in zones[:_MOST_GAPS]:
        other = zone["alternative"]
        facts = {
            "category": label_of(zone["category"], bands_first(zone["category"]), ctx.lang),
            "people": text("print.few", ctx.lang)
            if zone["people"] is None
            else text("print.persons", ctx.lang, people=f"{zone['people']:,.0f}"),
            "reason": text(f"gap_reason.{zone['reason']}", ctx.lang),
            "limit": f"{limits[zone['category']]:,.0f}",
        }
        if other is None or other.get("metres") is None:
            words.append(text("print.gap_nothing", ctx.lang, **facts))
        else:
            near = {"name": other["name"] or other["code"], "metres": f"{other['metres']:,.0f}"}
            words.append(text("print.gap", ctx.lang, **facts, **near))
    return words


def _goals(ctx: Context, sheet: Mapping[str, Any], code: str) -> list[dict[str, Any]]:
    rows = {row["item"]: row for row in sheet["rows"] if row["code"] == code}
    goals = []
    for goal in sheet["goals"]:
        items = [_item(ctx, item, rows[item["code"]]) for item in goal["items"] if item["code"] in rows]
        goals.append({"label": goal["label"][ctx.lang], "entries": items})
    return goals


def _item(ctx: Context, item: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, str]:
    verdict = str(row["verdict"])
    return {
        "code": str(item["code"]),
        "label": str(item["label"][ctx.lang]),
        "verdict": verdict,
        "sign": _SIGNS.get(verdict, "?"),
        "words": text(f"checklist.verdict.{verdict}", ctx.lang),
        "sentence": str(row["sentence"][ctx.lang]),
    }
