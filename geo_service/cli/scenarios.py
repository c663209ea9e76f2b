"""`geo-service analyse scenario|effect`."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.cli.analyse import Profile, Strict, analyse_app, made
from geo_service.cli.console import lang, out, say, show_table
from geo_service.cli.context import context
from geo_service.domain.reference import categories
from geo_service.foundation.errors import FileFault
from geo_service.services import analyses, results
from geo_service.services.homes import NO_AREA, WHOLE
from geo_service.services.scenario_files import effect_tables, scenario_tables

_LARGEST_FILE: Final = 2_000_000
_SHOWN: Final = 20  # areas in the terminal
_SIDES: Final = ("before", "after", "difference")
Category = Annotated[list[str] | None, typer.Option("--category", metavar="C", help="cli.categories_help")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.coverage_out_help")]
Circle = Annotated[int | None, typer.Option("--circle", metavar="5|10|15", help="cli.circle_help")]
Minutes = Annotated[float | None, typer.Option("--minutes", metavar="N", help="cli.minutes_help")]
By = Annotated[str, typer.Option("--by", metavar="LEVEL", help="cli.by_help")]


@analyse_app.command("scenario", help="cli.scenario_help")
def scenario(
    *,
    out_file: Out,
    edits: Annotated[Path | None, typer.Option("--edits", metavar="FILE", help="cli.scenario_edits_help")] = None,
    uid: Annotated[list[str] | None, typer.Option("--scenario", metavar="UID", help="cli.scenario_uid_help")] = None,
    category: Category = None,
    circle: Circle = None,
    minutes: Minutes = None,
    profile: Profile = "standard",
    by: By = "community",
    strict: Strict = False,
) -> None:
    """Write who is within reach before and after."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    asked: dict[str, Any] = {
        "categories": category,
        "edits": None if edits is None else _edits(edits),
        "scenarios": uid,
        "circle": circle,
        "minutes": minutes,
        "profile": profile,
        "by": by,
        "strict": strict,
    }
    analyses.kind_named("scenario").asked(**asked)  # refused before the store is opened
    with context() as ctx:
        result = made(ctx, "scenario", out_file, lambda found: scenario_tables(ctx, found), **asked)
    names = {one["scenario"]: one["name"] for one in result["scenarios"]}
    for one, name in names.items():
        _show(result, one, name)


@analyse_app.command("effect", help="cli.effect_help")
def effect(
    *,
    project: Annotated[str, typer.Option("--project", metavar="CODE", help="cli.effect_project_help")],
    out_file: Out,
    category: Category = None,
    circle: Circle = None,
    minutes: Minutes = None,
    profile: Profile = "standard",
    by: By = "community",
    strict: Strict = False,
) -> None:
    """Write what a project changes."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    asked: dict[str, Any] = {
        "project": project,
        "categories": category,
        "circle": circle,
        "minutes": minutes,
        "profile": profile,
        "by": by,
        "strict": strict,
    }
    analyses.kind_named("effect").asked(**asked)
    with context() as ctx:
        result = made(ctx, "effect", out_file, lambda found: effect_tables(ctx, found), **asked)
    for one in result["effects"]:
        if one["band"] != "all":
            continue
        label = categories()[one["category"]].label[lang()]
        persons = say("cli.effect_withheld") if one["withheld"] else one["people_newly_covered"]
        out.print(f"{say('cli.effect_people', category=label)}: {'–' if persons is None else persons}", markup=False)
        if one["yuan_per_person"] is not None:
            money = result["yuan"]
            which = say(f"yuan.{money['which']}")
            out.print(
                say("cli.effect_yuan", yuan=one["yuan_per_person"], which=which, all=money["yuan"]), markup=False
            )  # fmt: skip


def _edits(path: Path) -> Any:
    """Return the JSON of a file of edits; FileFault ``scenario_file``."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise FileFault("scenario_file", file=str(path), why=f"> {_LARGEST_FILE} B")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileFault("scenario_file", file=str(path), why=why) from error


def _show(result: dict[str, Any], uid: str | None, name: str) -> None:
    rows = [row for row in (*result["totals"], *result["rows"]) if row["scenario"] == uid and row["band"] == "all"]
    changed = [row for row in rows if row["people_covered_difference"] or row["level"] == WHOLE]
    titles = [say("cli.scenario_area"), *(say(f"cli.scenario_{side}") for side in _SIDES)]
    cells = [[_place(row), *(row[f"people_covered_{side}"] for side in _SIDES)] for row in changed[:_SHOWN]]
    show_table(titles, cells, title=name or say("cli.scenario_total"))


def _place(row: dict[str, Any]) -> str:
    label = categories()[row["category"]].label[lang()]
    if row["level"] in (WHOLE, NO_AREA):
        return f"{label} · {say('cli.scenario_total' if row['level'] == WHOLE else 'level.none')}"
    return f"{label} · {row['name'] or ''} {row['code']}"
