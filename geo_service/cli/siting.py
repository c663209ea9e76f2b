"""`geo-service analyse siting`."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.cli.analyse import At, Profile, Strict, analyse_app, made, show_sources
from geo_service.cli.console import lang, out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.cli.gaps import band_weight
from geo_service.domain.reference import categories
from geo_service.foundation.errors import InvalidInput
from geo_service.services import results
from geo_service.services.siting_files import read_drawn, site_tables

Several = list[str] | None
_SHOWN: Final = 10  # candidates with a reason in the terminal


@analyse_app.command("siting", help="cli.siting_help")
def siting(
    *,
    category: Annotated[str, typer.Option("--category", metavar="C", help="cli.category_help")],
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.coverage_out_help")],
    k: Annotated[int | None, typer.Option("--k", metavar="N", help="cli.siting_k_help")] = None,
    budget: Annotated[float | None, typer.Option("--budget", metavar="YUAN", help="cli.siting_budget_help")] = None,
    objective: Annotated[str, typer.Option("--objective", metavar="O", help="cli.siting_objective_help")] = "max_cover",
    share: Annotated[float | None, typer.Option("--share", metavar="S", help="cli.siting_share_help")] = None,
    candidates: Annotated[
        Path | None, typer.Option("--candidates", metavar="FILE", help="cli.siting_candidates_help")
    ] = None,
    kind: Annotated[Several, typer.Option("--kind", metavar="K", help="cli.siting_kinds_help")] = None,
    space: Annotated[Several, typer.Option("--space", metavar="K", help="cli.siting_spaces_help")] = None,
    cost: Annotated[Several, typer.Option("--cost", metavar="KIND=YUAN", help="cli.siting_cost_help")] = None,
    min_area: Annotated[float | None, typer.Option("--min-area-m2", metavar="A", help="cli.siting_area_help")] = None,
    ignore_unverified: Annotated[
        bool, typer.Option("--ignore-unverified-areas", help="cli.siting_ignore_unverified_help")
    ] = False,
    circle: Annotated[int | None, typer.Option("--circle", metavar="5|10|15", help="cli.circle_help")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", metavar="N", help="cli.minutes_help")] = None,
    profile: Profile = "standard",
    strict: Strict = False,
    weight: Annotated[Several, typer.Option("--weight", metavar="BAND=W", help="cli.gaps_weight_help")] = None,
    gap: Annotated[float, typer.Option("--gap", metavar="S", help="cli.siting_gap_help")] = 0.0,
    seconds: Annotated[float, typer.Option("--seconds", metavar="S", help="cli.siting_seconds_help")] = 60.0,
    at: At = None,
) -> None:
    """Write which sites reach most people who are not covered."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    weights = dict(band_weight(one) for one in weight or ())
    costs = dict(_cost(one) for one in cost or ())
    points, lines = ([], []) if candidates is None else read_drawn(candidates)
    with context() as ctx:
        result = made(
            ctx,
            "siting",
            out_file,
            lambda found: site_tables(ctx, found),
            category=category,
            objective=objective,
            k=k,
            budget_yuan=budget,
            share=share,
            circle=circle,
            minutes=minutes,
            profile=profile,
            strict=strict,
            weights=weights,
            at=at,
            candidates=kind,
            spaces=space,
            points=points,
            lines=lines,
            costs=costs,
            min_area_m2=min_area,
            ignore_unverified_areas=ignore_unverified,
            gap_share=gap,
            seconds=seconds,
        )
    _show(result)


def _cost(written: str) -> tuple[str, float]:
    """Return kind and yuan of ``KIND=YUAN``; InvalidInput ``siting_cost_form``."""
    kind, _, yuan = written.partition("=")
    try:
        return kind.strip(), float(yuan)
    except ValueError:
        raise InvalidInput("siting_cost_form", given=written[:80]) from None


def _show(result: dict[str, Any]) -> None:
    """Print the chosen sites, what is proven of them, and why other candidates are not eligible."""
    label = categories()[result["category"]].label[lang()]
    title = say("cli.siting_title", category=label, limit_m=_number(result["limit"]["metres"]))
    if not result["inventory_complete"]:
        title = say("cli.siting_indicative", title=title)
    if result["sites"]:
        nearer = ("saved",) if result["objective"] == "p_median" else ()
        unsure = ("people_unsure",) if any(site["homes_covered_from_unknown"] for site in result["sites"]) else ()
        names = ("order", "site", *nearer, "people", *unsure, "homes", "cost", "per_person")
        rows = [_cells(site, nearer=bool(nearer), unsure=bool(unsure)) for site in result["sites"]]
        show_table([say(f"cli.siting_{one}") for one in names], rows, title=title)
    else:
        out.print(say("cli.siting_none", title=title), markup=False)
    show_sources([result["rule"]])
    walks = result["walks"]
    if walks is not None and walks["mean_before_m"] is not None:
        means = {key: _number(walks[f"mean_{key}_m"]) for key in ("before", "after")}
        tell("cli.siting_walks", beyond=_number(result["beyond_m"]), **means)
    proof = result["proof"]
    if proof is not None and proof["value"] is not None:
        text = "cli.siting_proven" if proof["is_proven"] else "cli.siting_open"
        unit, gap = say(f"siting_unit.{proof['unit']}"), f"{100 * proof['gap_share']:.2f}"
        tell(text, bound=_number(proof["bound"]), unit=unit, value=_number(proof["value"]), gap=gap)
    _show_refused(result)


def _show_refused(result: dict[str, Any]) -> None:
    """Print why candidates are not eligible; without any site also whom the others would reach."""
    shown = [one for one in result["candidates"] if one["status"] == "not_eligible" or not result["sites"]]
    refused = sum(one["status"] == "not_eligible" for one in shown)
    if not shown:
        return
    rows = [(_name(one), say(f"siting_kind.{one['kind']}"), _why(one)) for one in shown[:_SHOWN]]
    titles = [say(f"cli.siting_{one}") for one in ("site", "kind", "why")]
    show_table(titles, rows, title=say("cli.siting_not_eligible", count=f"{refused:,}"))
    if len(shown) > _SHOWN:
        out.print(say("cli.siting_more", count=f"{len(shown):,}"), markup=False)


def _why(one: dict[str, Any]) -> str:
    if one["why"] is not None:
        return str(one["why"][lang()])
    return say("cli.siting_reaches", homes=f"{one['homes']:,}")


def _cells(site: dict[str, Any], *, nearer: bool, unsure: bool) -> list[object]:
    people = [_people(site, key) for key in ("people", "people_covered_from_unknown")[: 1 + unsure]]
    name = _name(site) if site["doubt"] is None else say("cli.siting_doubt", name=_name(site))
    yuan = [None if site[key] is None else f"{site[key]:,.0f}" for key in ("cost_yuan", "yuan_per_person")]
    saved = [site["mean_saved_m"]] if nearer else []
    return [site["order"], name, *saved, *people, _number(site["homes"]), *yuan]


def _people(site: dict[str, Any], key: str) -> str | None:
    people = None if site[key] is None else _number(site[key])
    return say("cli.people_withheld") if people is None and site.get("withheld") else people


def _name(one: dict[str, Any]) -> str:
    return str(one["code"]) if one["name"] is None else f"{one['name']} ({one['code']})"


def _number(value: float) -> str:
    """Return a number with separators of thousands and at most one place behind the point."""
    return f"{round(value, 1):,.1f}".removesuffix(".0")
