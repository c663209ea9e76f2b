"""`geo-service analyse capacity`."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.cli.analyse import At, Profile, Strict, analyse_app, made, show_sources
from geo_service.cli.console import lang, out, say, show_table
from geo_service.cli.context import context
from geo_service.domain.reference import categories
from geo_service.services import results
from geo_service.services.gap_files import capacity_tables
from geo_service.services.homes import NO_AREA, WHOLE

_SHOWN: Final = 10  # areas in the terminal


@analyse_app.command("capacity", help="cli.capacity_help")
def capacity(
    *,
    category: Annotated[str, typer.Option("--category", metavar="C", help="cli.capacity_category_help")],
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.coverage_out_help")],
    circle: Annotated[int | None, typer.Option("--circle", metavar="5|10|15", help="cli.circle_help")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", metavar="N", help="cli.minutes_help")] = None,
    profile: Profile = "standard",
    by: Annotated[str, typer.Option("--by", metavar="LEVEL", help="cli.by_help")] = "grid",
    strict: Strict = False,
    plain: Annotated[bool, typer.Option("--plain", help="cli.plain_help")] = False,
    at: At = None,
) -> None:
    """Write how many places there are for how many people."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    with context() as ctx:
        result = made(
            ctx,
            "capacity",
            out_file,
            lambda found: capacity_tables(ctx, found),
            category=category,
            circle=circle,
            minutes=minutes,
            profile=profile,
            by=by,
            strict=strict,
            plain=plain,
            at=at,
        )
    title = categories()[category].label[lang()]
    keys: tuple[str, ...]
    if result["measure"] == "ratio":
        titles = [say(f"cli.capacity_{name}") for name in ("spaces", "households", "ratio")]
        keys = ("spaces", "households", "spaces_per_household")
    else:
        unit, who = say(f"capacity_unit.{result['unit']}"), say(f"concerned.{category}")
        needed = "—" if result["needed_per_1000"] is None else f"{result['needed_per_1000']:g}"
        titles = [say("cli.capacity_enough"), say("cli.capacity_people", who=who)]
        titles += [say(f"cli.capacity_{name}") for name in ("beyond", "short", "unknown")]
        titles += [say("cli.capacity_places", unit=unit, who=who, needed=needed)]
        keys = ("enough_share", "people_total", "people_beyond_reach", "people_below_needed", "people_unknown")
        keys = (*keys, "places_per_1000")
        out.print(result["headline"][lang()], markup=False)
        show_sources([result["rule"]])
    worst = sorted(result["rows"], key=_worst)[:_SHOWN]
    rows = [[_place(row), *(_cell(row, key) for key in keys)] for row in (*result["totals"], *worst)]
    show_table([say("cli.gaps_area"), *titles], rows, title=title)
    if len(result["rows"]) > _SHOWN:
        out.print(say("cli.capacity_more", count=len(result["rows"])), markup=False)


def _cell(row: dict[str, Any], key: str) -> Any:
    value = row[key]
    return f"{value * 100:.0f} %" if key == "enough_share" and value is not None else value


def _worst(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return the order of rows: most people without enough places first, then the lowest ratio."""
    ratio = row.get("spaces_per_household")
    return (-(row.get("people_below_needed") or 0), ratio is None, ratio or 0.0, row["code"] or "~")


def _place(row: dict[str, Any]) -> str:
    if row["level"] in (WHOLE, NO_AREA):
        return say("cli.capacity_total" if row["level"] == WHOLE else "level.none")
    return " ".join(str(part) for part in (row["name"], row["code"]) if part)
