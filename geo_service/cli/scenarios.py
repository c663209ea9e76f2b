"""`geo-service analyse scenario|effect`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.cli.analyse import (
    At,
    Circle,
    Minutes,
    Out,
    Strict,
    analyse_app,
    limit_words,
    made,
    show_sources,
)
from geo_service.cli.console import lang, out, say, show_table
from geo_service.cli.context import context
from geo_service.cli.scenario_places import show_places
from geo_service.foundation.errors import FileFault
from geo_service.services import analyses, results
from geo_service.services.context import Context
from geo_service.services.effect_money import KINDS
from geo_service.services.headlines import label_of
from geo_service.services.homes import NO_AREA, WHOLE
from geo_service.services.scenario_files import effect_tables, scenario_tables
from geo_service.services.scenario_moves import MOVED
from geo_service.services.scenario_rows import SIDES

Profile = Annotated[str | None, typer.Option("--profile", metavar="P", help="cli.profile_help")]
Categories = Annotated[list[str] | None, typer.Option("--category", metavar="C", help="cli.scenario_categories_help")]
By = Annotated[str | None, typer.Option("--by", metavar="LEVEL", help="cli.by_help")]
_LARGEST_FILE: Final = 2_000_000
_SHOWN: Final = 20  # areas in the terminal


@analyse_app.command("scenario", help="cli.scenario_help")
def scenario(
    *,
    out_file: Out,
    edits: Annotated[Path | None, typer.Option("--edits", metavar="FILE", help="cli.scenario_edits_help")] = None,
    uid: Annotated[list[str] | None, typer.Option("--scenario", metavar="UID", help="cli.scenario_uid_help")] = None,
    category: Categories = None,
    circle: Circle = None,
    minutes: Minutes = None,
    profile: Profile = None,
    by: By = None,
    strict: Strict = False,
    at: At = None,
) -> None:
    """Write who is within reach before and after."""
    asked = _coverage_asked(category, circle, minutes, profile, by, strict=strict) | {"at": at}
    asked |= {"edits": None if edits is None else edits_in(edits), "scenarios": uid}
    result = _answer("scenario", out_file, scenario_tables, asked)
    names = {one["scenario"]: one["name"] for one in result["scenarios"]}
    if len(names) > 1:
        _show_beside(result, names)
    else:
        for one, name in names.items():
            _show(result, one, name)
    show_places(result, names)


@analyse_app.command("effect", help="cli.effect_help")
def effect(
    *,
    project: Annotated[str, typer.Option("--project", metavar="CODE", help="cli.effect_project_help")],
    out_file: Out,
    category: Categories = None,
    circle: Circle = None,
    minutes: Minutes = None,
    profile: Profile = None,
    by: By = None,
    strict: Strict = False,
    at: At = None,
) -> None:
    """Write what a project changes."""
    asked = _coverage_asked(category, circle, minutes, profile, by, strict=strict) | {"at": at}
    result = _answer("effect", out_file, effect_tables, {"project": project, **asked})
    money = result["yuan"]
    for one in result["effects"]:
        if not one["is_headline"]:
            continue
        label = label_of(one["category"], one["bands"], lang())
        for move in MOVED:
            if move == "newly_covered" or one[f"people_{move}"] or one[f"buildings_{move}"]:
                out.print(f"{say(f'cli.effect_{move}', category=label)}: {_moved(one, move)}", markup=False)
        if one["yuan_per_person"] is not None:
            which = say(f"yuan.{money['which']}")
            facts = {"yuan": _yuan(one["yuan_per_person"]), "which": which, "all": _yuan(money["yuan"])}
            out.print(say("cli.effect_yuan", **facts), markup=False)
    show_places(result, {None: ""})
    if any(money[kind] for kind in KINDS):
        out.print(say("cli.effect_money", **{kind: _yuan(money[kind]) for kind in KINDS}), markup=False)


def _moved(row: dict[str, Any], move: str) -> object:
    """Return how many people move, buildings where people are not known; a word where they are withheld."""
    persons = row[f"people_{move}"]
    if persons is None and row.get("withheld"):
        return say("cli.effect_withheld")
    return _count(persons, row[f"buildings_{move}"])


def _yuan(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _coverage_asked(
    category: list[str] | None,
    circle: int | None,
    minutes: float | None,
    profile: str | None,
    by: str | None,
    *,
    strict: bool,
) -> dict[str, Any]:
    """Return the options both commands share as the arguments of a question of coverage."""
    said = {"categories": category, "circle": circle, "minutes": minutes}
    return {**said, "profile": profile, "by": by, "strict": strict}


def _answer(
    kind: str, out_file: Path, tables: Callable[[Context, dict[str, Any]], dict[str, results.Table]], asked: Any
) -> dict[str, Any]:
    """Return the result and write it; a wrong question is refused before the store is opened."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    analyses.kind_named(kind).asked(**asked)
    with context() as ctx:
        result = made(ctx, kind, out_file, lambda found: tables(ctx, found), **asked)
    out.print(limit_words(result), markup=False)
    show_sources(result["rules"])
    return result


def edits_in(path: Path) -> Any:
    """Return the JSON of a file of edits; FileFault ``scenario_file``."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise FileFault("scenario_file", file=str(path), why=f"> {_LARGEST_FILE} B")
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FileFault("scenario_file", file=str(path), why=why) from error


def _show(result: dict[str, Any], uid: str | None, name: str) -> None:
    rows = [row for row in result["headlines"] if row["scenario"] == uid]
    changed = [row for row in rows if row["level"] == WHOLE or _changes(row)]
    titles = [say("cli.scenario_area"), *(say(f"cli.scenario_{side}") for side in SIDES)]
    titles += [say(f"cli.scenario_{one}") for one in ("newly", "from_unknown", "unknown_after")]
    cells = [
        [
            _place(row),
            *(_covered(row, side) for side in SIDES),
            *(_moved(row, move) for move in ("newly_covered", "covered_from_unknown")),
            _covered(row, "after", "unknown"),
        ]
        for row in changed[:_SHOWN]
    ]
    show_table(titles, cells, title=name or say("cli.scenario_total"))


def _show_beside(result: dict[str, Any], names: dict[str | None, str]) -> None:
    """Show for every area who is within reach now and with each of the scenarios."""
    found: dict[str, dict[str | None, dict[str, Any]]] = {}
    for row in result["headlines"]:
        found.setdefault(_place(row), {})[row["scenario"]] = row
    changed = [
        (place, own)
        for place, own in found.items()
        if any(row["level"] == WHOLE or _changes(row) for row in own.values())
    ]
    cells = []
    for place, own in changed[:_SHOWN]:
        after = [_covered(own[one], "after") if one in own else None for one in names]
        cells.append([place, _covered(next(iter(own.values())), "before"), *after])
    titles = [say("cli.scenario_area"), say("cli.scenario_before"), *names.values()]
    show_table(titles, cells, title=say("cli.scenario_beside"))


def _changes(row: dict[str, Any]) -> bool:
    return bool(row["people_covered_difference"] or row["buildings_covered_difference"])


def _covered(row: dict[str, Any], side: str, state: str = "covered") -> object:
    """Return people in a state, buildings where these are not known; a word where they are withheld."""
    persons = row[f"people_{state}_{side}"]
    if persons is None and row.get("withheld"):
        return say("cli.effect_withheld")
    return _count(persons, row[f"buildings_{state}_{side}"])


def _count(persons: object, buildings: object) -> object:
    """Return people, where these are not known buildings as a text."""
    return persons if persons is not None or buildings is None else say("cli.scenario_buildings", count=buildings)


def _place(row: dict[str, Any]) -> str:
    label = label_of(row["category"], row["bands"], lang())
    if row["level"] in (WHOLE, NO_AREA):
        return f"{label} · {say('cli.scenario_total' if row['level'] == WHOLE else 'level.none')}"
    return f"{label} · {row['name'] or ''} {row['code']}"
