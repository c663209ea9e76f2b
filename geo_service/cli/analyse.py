"""`geo-service analyse times|coverage|circles` and `geo-service run list|show|compare|verify`."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.cli.console import lang, out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.cli.run_words import asked_words, kind_words
from geo_service.domain.reference import categories, profile_label
from geo_service.foundation.errors import Conflict, InvalidInput, StoreFault
from geo_service.foundation.texts import listed
from geo_service.services import analyses, results, run_checks, runs
from geo_service.services import circles as circle_stories
from geo_service.services import coverage as coverage_stories
from geo_service.services import times as time_stories
from geo_service.services.circle_question import CirclesQuestion
from geo_service.services.context import Context
from geo_service.services.explain_run import explain_figure
from geo_service.services.headlines import first_rows, label_of
from geo_service.services.limit_rules import source_sentences
from geo_service.services.questions import CoverageQuestion
from geo_service.services.results import Table
from geo_service.services.told import shown_result

analyse_app = typer.Typer(help="cli.analyse_help", no_args_is_help=True)
_FINGERPRINT: Final = 64  # characters
_LINES_SHOWN: Final = 40
_VALUES_SHOWN: Final = 5
run_app = typer.Typer(help="cli.run_help", no_args_is_help=True)

Profile = Annotated[str, typer.Option("--profile", metavar="P", help="cli.profile_help")]
Strict = Annotated[bool, typer.Option("--strict", help="cli.strict_help")]
At = Annotated[str | None, typer.Option("--at", metavar="HH:MM", help="cli.time_help")]
Categories = Annotated[list[str] | None, typer.Option("--category", metavar="C", help="cli.categories_help")]
Circle = Annotated[int | None, typer.Option("--circle", metavar="5|10|15", help="cli.circle_help")]
Minutes = Annotated[float | None, typer.Option("--minutes", metavar="N", help="cli.minutes_help")]
By = Annotated[str, typer.Option("--by", metavar="LEVEL", help="cli.by_help")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.coverage_out_help")]


def made(
    ctx: Context, name: str, out_file: Path, tables: Callable[[dict[str, Any]], Mapping[str, Table]], **asked: Any
) -> dict[str, Any]:
    """Return the result of a kind of analysis (:mod:`geo_service.services.analyses`) and write it to ``out_file``.

    ``asked`` are the arguments of the kind; ``tables`` makes the tables of the file from the result. The notes of the
    result are shown, then where the file is.
    """
    results.check_out(out_file, results.RESULT_ENDINGS, ctx.store.path)
    kind = analyses.kind_named(name)
    result = analyses.answer(ctx, kind, kind.asked(**asked))
    results.write_result(ctx, out_file, result, tables(result))
    for note in result["notes"]:
        tell("cli.note", note=note[lang()])
    tell("cli.run_written", file=out_file, run=result["uid"])
    return result


@analyse_app.command("times", help="cli.times_help")
def times(
    *,
    category: Annotated[str, typer.Option("--category", metavar="C", help="cli.category_help")],
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE.csv", help="cli.out_help")],
    points: Annotated[Path | None, typer.Option("--points", metavar="FILE", help="cli.points_help")] = None,
    profile: Profile = "standard",
    limit_m: Annotated[float, typer.Option("--limit-m", metavar="M", help="cli.limit_m_help")] = 1000.0,
) -> None:
    """Write the walk of every home or point to the nearest facility."""
    results.check_out(out_file, (".csv",), None)
    asked = None if points is None else results.points_of(points)
    with context() as ctx:
        results.check_out(out_file, (".csv",), ctx.store.path)
        with ctx.store.reading() as conn:
            found = time_stories.times(conn, ctx, category=category, profile=profile, limit_m=limit_m, points=asked)
        results.write_times(ctx, out_file, found)
    if not found.facility_count:
        tell("cli.no_facilities", category=categories()[category].label[lang()])
    states = {state: sum(one == state for one in found.state) for state in ("covered", "not_covered", "unknown")}
    tell("cli.times_done", file=out_file, count=len(found.id), **states)


@analyse_app.command("coverage", help="cli.coverage_help")
def coverage(
    *,
    out_file: Out,
    category: Categories = None,
    circle: Circle = None,
    minutes: Minutes = None,
    profile: Profile = "standard",
    by: By = "community",
    strict: Strict = False,
    at: At = None,
) -> None:
    """Write who is within reach of what, by area or grid."""
    endings = (".json", ".csv", ".gpkg")
    results.check_out(out_file, endings, None)
    question = CoverageQuestion.asked(
        category, circle=circle, minutes=minutes, profile=profile, by=by, strict=strict, at=at
    )  # fmt: skip
    with context() as ctx:
        results.check_out(out_file, endings, ctx.store.path)
        result = coverage_stories.coverage(ctx, question)
        with ctx.store.reading() as conn:
            results.write_coverage(conn, ctx, out_file, result)
    _show_totals(result)
    show_sources(result["rules"])
    for note in result["notes"]:
        tell("cli.note", note=note[lang()])
    tell("cli.coverage_done", file=out_file, run=result["uid"], count=len(result["rows"]))


@analyse_app.command("circles", help="cli.circles_help")
def circles(
    *,
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.circles_out_help")],
    at: Annotated[list[str] | None, typer.Option("--at", metavar="LON,LAT", help="cli.at_help")] = None,
    facility: Annotated[
        list[str] | None, typer.Option("--facility", metavar="CODE", help="cli.circles_facility_help")
    ] = None,
    category: Annotated[str | None, typer.Option("--category", metavar="C", help="cli.circles_category_help")] = None,
    circle: Annotated[list[int] | None, typer.Option("--circle", metavar="5|10|15", help="cli.circle_help")] = None,
    minutes: Annotated[list[float] | None, typer.Option("--minutes", metavar="N", help="cli.minutes_help")] = None,
    profile: Profile = "standard",
    strict: Strict = False,
    hour: Annotated[str | None, typer.Option("--time", metavar="HH:MM", help="cli.time_help")] = None,
) -> None:
    """Write the service circles of points, of facilities or of all of a category."""
    endings = (".geojson", ".gpkg")
    results.check_out(out_file, endings, None)
    places = [_place(one) for one in at or ()]
    # refuse a wrong question before the store is opened
    asked: dict[str, Any] = {"points": places, "facilities": facility, "category": category}
    asked |= {"circles": circle, "minutes": minutes, "profile": profile, "strict": strict, "at": hour}
    CirclesQuestion.asked(**asked)
    with context() as ctx:
        results.check_out(out_file, endings, ctx.store.path)
        with ctx.store.reading() as conn:
            result = circle_stories.service_circles(conn, ctx, **asked)
        results.write_circles(ctx, out_file, result)
    made = [one["properties"] for one in result["features"] if one["properties"]["kind"] == "circle"]
    show_sources(result["rules"][:1])
    titles = [say(f"cli.circles_{name}") for name in ("limit", "people", "buildings", "area", "overstates")]
    show_table(titles, [_circle_cells(one) for one in sorted(made, key=lambda one: one["limit_m"])])
    for note in result["notes"]:
        tell("cli.note", note=note[lang()])
    if not any(one["properties"]["kind"] == "snap" for one in result["features"]):
        tell("cli.circles_not_snapped")
    tell("cli.circles_done", file=out_file, count=len(made))


@run_app.command("list", help="cli.run_list_help")
def list_runs(
    kind: Annotated[str | None, typer.Option("--kind", help="cli.run_kind_help")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="cli.run_limit_help")] = 50,
) -> None:
    """Show the newest runs."""
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = runs.list_runs(conn, ctx, kind=kind, limit=limit)
    if not found:
        tell("cli.run_none")
        return
    titles = [say(f"cli.run_{name}") for name in ("uid", "kind", "created_at", "seconds", "parameters")]
    show_table(
        titles,
        [
            [run["uid"], kind_words(run["kind"]), run["created_at"], run["seconds"], asked_words(run["parameters"])]
            for run in found
        ],
    )


@run_app.command("show", help="cli.run_show_help")
def show_run(uid: Annotated[str, typer.Argument(metavar="UID", help="cli.run_uid_help")]) -> None:
    """Print a run's result as JSON."""
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        result = shown_result(conn, ctx, runs.get_run(conn, ctx, uid))
    out.print(json.dumps(result, ensure_ascii=False, indent=1), markup=False, soft_wrap=True)


@run_app.command("compare", help="cli.run_compare_help")
def compare_runs(
    one: Annotated[str, typer.Argument(metavar="UID", help="cli.run_uid_help")],
    other: Annotated[str, typer.Argument(metavar="UID", help="cli.run_other_help")],
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.json|csv", help="cli.compare_out_help")
    ] = None,
) -> None:
    """Show how two runs of the same kind differ."""
    if out_file is not None:
        results.check_out(out_file, (".json", ".csv"), None)
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = run_checks.compare(conn, ctx, one, other)
        if out_file is not None:
            results.write_comparison(ctx, out_file, found)
    for part in ("parameters", "inputs", "figures"):
        _show_differences(part, [(line["place"], line["before"], line["after"]) for line in found[part]])
    counts = {part: len(found[part]) for part in ("parameters", "inputs", "figures")}
    tell("cli.run_compared", **counts)


@run_app.command("verify", help="cli.run_verify_help")
def verify_run(uid: Annotated[str, typer.Argument(metavar="UID", help="cli.run_uid_help")]) -> None:
    """Compute a run again and compare; exits with 5 if the data has changed since, 7 if the same gave other figures."""
    with context() as ctx:
        found = run_checks.verify(ctx, uid)
    for part, lines in (("inputs", found.inputs), ("figures", found.figures)):
        _show_differences(part, [(line.place, line.before, line.after) for line in lines])
    then, now = found.code
    if found.is_same:
        tell("cli.run_verified", run=uid, then=then, now=now)
        return
    tell("cli.run_inputs_changed" if found.inputs else "cli.run_differs", run=uid, figures=len(found.figures))
    raise typer.Exit(Conflict.exit_code if found.inputs else StoreFault.exit_code)


@run_app.command("explain", help="cli.run_explain_help")
def explain_run(
    uid: Annotated[str, typer.Argument(metavar="UID", help="cli.run_uid_help")],
    category: Annotated[str, typer.Option("--category", metavar="C", help="cli.category_help")],
    code: Annotated[str | None, typer.Option("--code", metavar="CODE", help="cli.explain_code_help")] = None,
    band: Annotated[str | None, typer.Option("--band", metavar="BAND", help="cli.explain_band_help")] = None,
) -> None:
    """Explain the figure of an area in words, with its parts."""
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = explain_figure(conn, ctx, uid, code=code, category=category, band=band)
    for words in found["words"]:
        out.print(words[lang()], markup=False, soft_wrap=True)
    counts = [say("cli.explain_people"), say("cli.explain_buildings")]
    below = [
        [one["name"] or one["code"], one["people_covered"], one["buildings_covered"]] for one in found["below"] or ()
    ]
    if below:
        show_table([say("cli.explain_part"), *counts], below[:_LINES_SHOWN])
    near = [
        [one["name"] or one["code"], one["people_covered"], one["buildings_covered"]]
        for one in found["facilities"] or ()
    ]
    if near:
        show_table([say("cli.explain_facility"), *counts], near[:_LINES_SHOWN])


def _show_differences(part: str, lines: list[tuple[str, Any, Any]]) -> None:
    """Print the first differences of a part of two runs, none where there are not any."""
    if not lines:
        return
    titles = [say(f"cli.compare_{part}"), say("cli.compare_before"), say("cli.compare_after")]
    show_table(titles, [_input_cells(*line) if part == "inputs" else _cells(*line) for line in lines[:_LINES_SHOWN]])
    if len(lines) > _LINES_SHOWN:
        tell("cli.compare_more", count=len(lines) - _LINES_SHOWN)


def _cells(place: str, before: Any, after: Any) -> list[object]:
    return [place, _cell(before), _cell(after)]


def _input_cells(place: str, before: Any, after: Any) -> list[object]:
    """Return the cells of an input; fingerprints say nothing but that it is another."""
    name = say("cli.compare_verified") if place == "verified" else place
    if any(isinstance(one, str) and len(one) == _FINGERPRINT for one in (before, after)):
        return [name, say("cli.compare_then"), say("cli.compare_other")]
    return _cells(name, before, after)


def _cell(value: Any) -> object:
    """Return a value as a cell shows it; what has parts of its own by what names it, else by their number."""
    if isinstance(value, Mapping):
        named = [value[key] for key in ("id", "code", "name") if isinstance(value.get(key), str)]
        return named[0] if named else say("cli.run_count", count=len(value))
    if isinstance(value, list):
        is_short = len(value) <= _VALUES_SHOWN and not any(isinstance(one, Mapping | list) for one in value)
        return listed(map(str, value), lang()) if is_short else say("cli.run_count", count=len(value))
    return value


def _place(written: str) -> tuple[float, float]:
    """Return the longitude and latitude of ``LON,LAT``; InvalidInput ``lonlat_form``."""
    parts = written.replace("，", ",").split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        raise InvalidInput("lonlat_form", given=written[:80]) from None
    return lon, lat


def _show_totals(result: dict[str, Any]) -> None:
    """Print the shares of every category over all homes."""
    basis = "buildings" if result["people_basis"] == "no_data" else "people"
    rows = [
        [
            label_of(row["category"], row["bands"], lang()),
            row[f"{basis}_total"],
            *(_per_cent(row[f"{basis}_{state}_share"]) for state in ("covered", "not_covered", "unknown")),
            None if row["mean_m"] is None else round(row["mean_m"]),
        ]
        for row in first_rows(result["totals"])
    ]
    titles = [say("cli.category"), say(f"cli.total_{basis}"), say("state.covered"), say("state.not_covered")]
    show_table([*titles, say("state.unknown"), say("cli.mean_m")], rows, title=limit_words(result))


def show_sources(rules: Sequence[Mapping[str, Any]]) -> None:
    """Print where the limit comes from: its rules and clauses."""
    for one in source_sentences(list(map(dict, rules))):
        out.print(one[lang()], markup=False, soft_wrap=True)


def limit_words(result: dict[str, Any]) -> str:
    """Return what a result is held against: the limit, and how fast one walks."""
    limit = result["limit"]
    named = "cli.limit_distance" if limit["kind"] == "distance" else "cli.limit_time"
    speed = profile_label(result["parameters"]["profile"])[lang()]
    return say(named, metres=f"{limit['metres']:g}", minutes=f"{limit['minutes'] or 0:g}", profile=speed)


def _per_cent(share: float | None) -> str | None:
    return None if share is None else f"{share * 100:.1f} %"


def _circle_cells(circle: dict[str, Any]) -> list[object]:
    overstates = circle["overstates_share"]
    area_ha = round(circle["area_m2"] / 10_000, 1)
    limit = f"{circle['limit_m']:g} m"
    if circle["limit_kind"] == "time":
        limit = f"{circle['minutes']:g} min = {limit}"
    return [limit, _people_cell(circle), circle["buildings"], area_ha, _per_cent(overstates)]


def _people_cell(circle: dict[str, Any]) -> object:
    """Return the people inside; an estimate is called one, and buildings whose people are not known are counted."""
    people, missing = circle["people"], circle["buildings_without_people"]
    if circle.get("withheld"):
        return say("cli.people_withheld")
    if people is None:
        return say("people_basis.no_data")
    if circle["people_basis"] == "estimate":
        people = say("cli.circles_people_estimate", people=people)
    if missing:
        return say("cli.circles_people_partly", people=people, missing=missing, buildings=circle["buildings"])
    return people
