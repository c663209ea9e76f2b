"""`geo-service scenario list|show|save|project`: scenarios that are kept, and made projects."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from geo_service.cli.analyse import At, By, Categories, Circle, Minutes, Strict
from geo_service.cli.console import out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.cli.scenarios import edits_in
from geo_service.services import scenarios

scenario_app = typer.Typer(help="cli.scenarios_help", no_args_is_help=True)
Uid = Annotated[str, typer.Argument(metavar="UID", help="cli.scenario_uid_help")]
Name = Annotated[str | None, typer.Option("--name", help="cli.scenario_name_help")]
_SHOWN = ("uid", "name", "version", "updated_at", "updated_by")


@scenario_app.command("list", help="cli.scenario_list_help")
def list_scenarios(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="cli.run_limit_help")] = 50,
) -> None:
    """Show the scenarios in use."""
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = scenarios.list_scenarios(conn, ctx, limit=limit)
    if not found:
        tell("cli.scenario_none")
        return
    titles = [say(f"cli.scenario_column_{name}") for name in (*_SHOWN, "edits")]
    show_table(titles, [[*(one[name] for name in _SHOWN), len(one["edits"])] for one in found])


@scenario_app.command("show", help="cli.scenario_show_help")
def show(uid: Uid) -> None:
    """Print a scenario and its history as JSON."""
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = scenarios.read_scenario(conn, ctx, uid)
    out.print(json.dumps(found, ensure_ascii=False, indent=1), markup=False, soft_wrap=True)


@scenario_app.command("save", help="cli.scenario_save_help")
def save(
    *,
    name: Annotated[str, typer.Option("--name", help="cli.scenario_name_help")],
    edits: Annotated[Path, typer.Option("--edits", metavar="FILE", help="cli.scenario_edits_help")],
    category: Categories = None,
    circle: Circle = None,
    minutes: Minutes = None,
    profile: Annotated[str | None, typer.Option("--profile", metavar="P", help="cli.profile_help")] = None,
    by: By = "community",
    strict: Strict = False,
    at: At = None,
) -> None:
    """Keep a scenario, with the question it is asked with."""
    question: dict[str, Any] = {"categories": category, "circle": circle, "minutes": minutes, "profile": profile}
    question |= {"by": by, "strict": strict or None, "at": at}
    made = edits_in(edits)
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        kept = scenarios.create_scenario(conn, ctx, name=name, edits=made, question=question)
    tell("cli.scenario_saved", scenario=kept["uid"], name=kept["name"])


@scenario_app.command("project", help="cli.scenario_project_help")
def project(
    uid: Uid,
    *,
    name: Name = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="KIND", help="cli.scenario_kind_help")] = None,
) -> None:
    """Make a project of a scenario."""
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        made = scenarios.open_project(conn, ctx, uid, name=name, kind=kind)
    tell("cli.scenario_opened", project=made["code"], name=made["name"])
