"""`geo-service analyse checklist|indicators`."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geo_service.cli.analyse import At, analyse_app, made
from geo_service.cli.console import lang, say, show_table
from geo_service.cli.context import context
from geo_service.domain.checklist import NOT_SURVEYED, PASS, SHORT, UNKNOWN
from geo_service.services import analyses, results
from geo_service.services.standards_files import checklist_tables, indicator_tables

_LISTED: Final = (SHORT, NOT_SURVEYED, UNKNOWN)  # items in the terminal, where not a single community is asked for


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
    at: At = None,
) -> None:
    """Write the sheets of complete communities."""
    results.check_out(out_file, results.RESULT_ENDINGS, None)
    analyses.kind_named("checklist").asked(community, estate=estate, at=at)  # refused before the store is opened
    with context() as ctx:
        result = made(
            ctx,
            "checklist",
            out_file,
            lambda found: checklist_tables(ctx, found),
            community=community,
            estate=estate,
            at=at,
        )
    for one in result["communities"]:
        _show(result, one, whole=community is not None)
    if community is None:
        return
    more = [*result["ratios"], *result["green"]]
    titles = [say(f"cli.checklist_{name}") for name in ("verdict", "sentence")]
    show_table(titles, [[say(f"checklist.verdict.{row['verdict']}"), row["sentence"][lang()]] for row in more])


def _show(result: dict[str, Any], community: dict[str, Any], *, whole: bool) -> None:
    """Print the six goals of a community with what is short or not known of each, or ``whole``, all items."""
    mine = {row["item"]: row for row in result["rows"] if row["code"] == community["code"]}
    lines: list[list[object]] = []
    for goal in result["goals"]:
        rows = [mine[item["code"]] for item in goal["items"]]
        passed = sum(row["verdict"] == PASS for row in rows)
        head = f"{goal['number']} {goal['label'][lang()]}"
        lines.append([head, say("cli.checklist_goal", passed=passed, count=len(rows)), ""])
        lines += [
            [f"  {item['code']} {item['label'][lang()]}", say(f"checklist.verdict.{row['verdict']}"),
             row["sentence"][lang()]]
            for item, row in zip(goal["items"], rows, strict=True)
            if whole or row["verdict"] in _LISTED
        ]  # fmt: skip
    counts = {key: community[key] for key in ("short", "unknown", "not_surveyed")}
    name = f"{community['name'] or ''} {community['code']}".strip()
    title = say("cli.checklist_title", name=name, passed=community["pass"], **counts)
    show_table([say(f"cli.checklist_{one}") for one in ("item", "verdict", "sentence")], lines, title=title)


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
