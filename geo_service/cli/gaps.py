"""`geo-service analyse gaps`."""

from typing import Annotated, Any, Final

import typer

from geo_service.cli.analyse import At, Categories, Minutes, Out, Profile, Strict, analyse_app, made
from geo_service.cli.console import lang, out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.domain.reference import categories
from geo_service.foundation.errors import InvalidInput
from geo_service.services import results
from geo_service.services.gap_files import zone_tables
from geo_service.services.tasks import write_tasks

_TITLES: Final = ("rank", "reason", "people", "buildings", "area", "alternative", "detour", "cure")
_SHOWN: Final = 10  # zones of a category in the terminal


@analyse_app.command("gaps", help="cli.gaps_help")
def gaps(
    *,
    out_file: Out,
    category: Categories = None,
    circle: Annotated[int | None, typer.Option("--circle", metavar="5|10|15", help="cli.gaps_circle_help")] = None,
    minutes: Minutes = None,
    profile: Profile = "standard",
    strict: Strict = False,
    link_m: Annotated[float, typer.Option("--link-m", metavar="M", help="cli.gaps_link_help")] = 100.0,
    tasks: Annotated[bool, typer.Option("--tasks", help="cli.gaps_tasks_help")] = False,
    weight: Annotated[list[str] | None, typer.Option("--weight", metavar="BAND=W", help="cli.gaps_weight_help")] = None,
    at: At = None,
) -> None:
    """Write who lacks a category, and why."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    weights = dict(band_weight(one) for one in weight or ())
    with context() as ctx:
        result = made(
            ctx,
            "gaps",
            out_file,
            lambda found: zone_tables(ctx, found),
            categories=category,
            circle=circle,
            minutes=minutes,
            profile=profile,
            strict=strict,
            link_m=link_m,
            weights=weights,
            at=at,
        )
        written = None
        if tasks:
            with ctx.store.writing() as conn:
                written = write_tasks(conn, ctx, result["uid"])
    for about in result["categories"]:
        _show(about, [zone for zone in result["zones"] if zone["category"] == about["category"]])
    if written is not None:
        tell("cli.gaps_tasks_done", **written)


def band_weight(written: str) -> tuple[str, float]:
    """Return band and weight of ``BAND=W``; InvalidInput ``weight_form``."""
    band, _, weight = written.partition("=")
    try:
        return band.strip(), float(weight)
    except ValueError:
        raise InvalidInput("weight_form", given=written[:80]) from None


def _show(about: dict[str, Any], zones: list[dict[str, Any]]) -> None:
    """Print the first zones of a category."""
    rule = about["rule"]
    named = say("cli.gaps_rule_asked")
    if rule["kind"] == "default_clause":
        named = say("cli.gaps_rule_radius")
    elif rule["kind"] == "default_circle":
        named = say("cli.gaps_rule_default" if rule["clauses"] else "cli.gaps_rule_working", circle=rule["circle"])
    for clause in rule["clauses"][:1]:
        unsure = say("cli.gaps_rule_unsure") if clause["to_verify"] else ""
        named = say("cli.gaps_rule_clause", rule=named, standard=clause["standard"], clause=clause["clause"])
        named = f"{named} {unsure}".strip()
    for clause in rule["other_clauses"][: 0 if rule["clauses"] else 1]:
        told = {key: clause[key] for key in ("standard", "clause")}
        named = say("cli.gaps_rule_other", rule=named, radius=f"{clause['radius_m']:g}", **told)
    label = categories()[about["category"]].label[lang()]
    title = say("cli.gaps_title", category=label, limit_m=f"{about['limit']['metres']:g}", rule=named)
    titles = [say(f"cli.gaps_{one}") for one in _TITLES]
    show_table(titles, [_cells(zone) for zone in zones[:_SHOWN]], title=title)
    if len(zones) > _SHOWN:
        out.print(say("cli.gaps_more", count=len(zones)), markup=False)


def _cells(zone: dict[str, Any]) -> list[object]:
    people = say("cli.people_withheld") if zone["people"] is None and zone.get("withheld") else zone["people"]
    reason = say(f"gap_reason.{zone['reason']}")
    if zone["apparent_reason"]:
        reason += f" ({say('gap_reason.' + zone['apparent_reason'])})"
    alternative, ratio = zone["alternative"], (zone["by_air"] or {}).get("detour_ratio")
    return [
        zone["rank"],
        reason,
        people,
        zone["buildings"],
        _area(zone),
        None if alternative is None else f"{alternative['name'] or alternative['code']} {alternative['metres']:.0f} m",
        ratio,
        _help(zone),
    ]


def _area(zone: dict[str, Any]) -> str | None:
    """Return the area most of a zone lies in, and how many others it reaches into."""
    others = len(zone["area_codes"]) - 1
    name = zone["area_name"] or zone["area_code"]
    return f"{name} +{others}" if others > 0 else name


def _help(zone: dict[str, Any]) -> str | None:
    """Return the gate or crossing that would help most homes, whom others would and whom no single one would."""
    said = [
        say("cli.gaps_helps", what=say(f"gap_cure.{cure['kind']}"), code=cure["code"], whom=_whom(cure))
        for cure in zone["cures"][:1]
    ]
    others = [*zone["cures"][1:], *([zone["other_cures"]] if zone["other_cures"] else [])]
    if others:
        count = sum(one.get("cures", 1) for one in others)
        said.append(say("cli.gaps_helps_others", count=count, whom=_whom(_sum(others))))
    if zone["uncured"] is not None and zone["uncured"]["buildings"]:
        said.append(say("cli.gaps_helps_nobody", whom=_whom(zone["uncured"])))
    return "\n".join(said) or None


def _sum(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return people and buildings of several cures together; people not told where they are not of one."""
    people = [part["people"] for part in parts]
    return {
        "people": None if None in people else sum(people),
        "buildings": sum(part["buildings"] for part in parts),
        "withheld": any(part.get("withheld") for part in parts),
    }


def _whom(part: dict[str, Any]) -> str:
    """Return people and buildings with their units."""
    buildings = say("cli.gaps_buildings_count", count=f"{part['buildings']:,}")
    if part["people"] is None:
        return say("cli.gaps_whom_withheld", buildings=buildings) if part.get("withheld") else buildings
    return say("cli.gaps_whom", people=f"{part['people']:,}", buildings=buildings)
