"""`geo-service analyse checklist|indicators`."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.analyse import analyse_app, made
from geo_service.cli.console import lang, say, show_table
from geo_service.cli.context import context
from geo_service.services import analyses, results
from geo_service.services.standards_files import checklist_tables, indicator_tables


@analyse_app.command("checklist", help="cli.checklist_help")
def checklist(
    *,
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.checklist_out_help")],
    community: Annotated[
        str | None, typer.Option("--community", metavar="CODE", help="cli.checklist_community_help")
    ] = None,
    estate: Annotated[
        str, typer.Option("--estate", metavar="existing|new", help="cli.checklist_estate_help")
    ] = "existing",
) -> None:
    """Write the sheets of complete communities."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    analyses.kind_named("checklist").asked(community, estate=estate)  # refused before the store is opened
    with context() as ctx:
        result = made(
            ctx,
            "checklist",
            out_file,
            lambda found: checklist_tables(ctx, found),
            community=community,
            estate=estate,
        )
    verdicts = ("pass", "short", "unknown", "not_surveyed", "not_applicable")
    if community is None:
        titles = [say("cli.checklist_community"), *(say(f"checklist.verdict.{one}") for one in verdicts)]
        rows = [
            [f"{one['name'] or ''} {one['code']}", *(one[key] for key in verdicts)] for one in result["communities"]
        ]
        show_table(titles, rows)
        return
    titles = [say(f"cli.checklist_{name}") for name in ("item", "verdict", "sentence")]
    labels = {item["code"]: item["label"][lang()] for goal in result["goals"] for item in goal["items"]}
    lines = [
        [f"{row['item']} {labels[row['item']]}", say(f"checklist.verdict.{row['verdict']}"), row["sentence"][lang()]]
        for row in result["rows"]
    ]
    show_table(titles, lines)
    more = [*result["ratios"], *result["green"]]
    show_table(titles[1:], [[say(f"checklist.verdict.{row['verdict']}"), row["sentence"][lang()]] for row in more])


@analyse_app.command("indicators", help="cli.indicators_help")
def indicators(
    *,
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE", help="cli.coverage_out_help")],
    by: Annotated[str, typer.Option("--by", metavar="LEVEL", help="cli.indicators_by_help")] = "community",
) -> None:
    """Write the official indicators with a straight service radius."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    analyses.kind_named("indicators").asked(by)
    with context() as ctx:
        result = made(ctx, "indicators", out_file, lambda found: indicator_tables(ctx, found), by=by)
    rows = [[row["indicator"], row["sentence"][lang()]] for row in result["totals"]]
    show_table([say("cli.indicators_indicator"), say("cli.checklist_sentence")], rows)
