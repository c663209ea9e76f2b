"""`geo-service problems grids|areas`: everything wrong with the grids or areas there are (一张网)."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.console import lang, say, show_table, tell
from geo_service.cli.context import context
from geo_service.domain.layers import layer_named
from geo_service.services import results
from geo_service.services.layer_problems import asked_text, layer_problems
from geo_service.services.problem_files import OUT_ENDINGS, write_problems

_SHOWN = 30


def problems(
    layer: Annotated[str, typer.Argument(metavar="grids|areas", help="cli.problems_layer_help")],
    *,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="governance|unit|department", help="cli.problems_kind_help")
    ] = None,
    department: Annotated[
        str | None, typer.Option("--department", metavar="NAME", help="cli.problems_department_help")
    ] = None,
    level: Annotated[str | None, typer.Option("--level", metavar="LEVEL", help="cli.problems_level_help")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.gpkg|geojson|csv|json", help="cli.problems_out_help")
    ] = None,
) -> None:
    """List overlaps, holes, slivers, what lies outside, homes in no grid."""
    asked = layer_named(layer)
    if out_file is not None:
        results.check_out(out_file, OUT_ENDINGS, None)
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        found = layer_problems(conn, ctx, asked, kind=kind, department=department, level=level, most=None)
        if out_file is not None:
            results.check_out(out_file, OUT_ENDINGS, ctx.store.path)
            write_problems(conn, ctx, out_file, asked, found)
    rows = [(one.ident or "", one.sentence) for one in found.problems[:_SHOWN]]
    show_table([say("field.code"), say("cli.problems_what")], rows)
    which = asked_text(found.asked, lang())
    tell("cli.problems_counted", asked=which, rows=found.rows_count, count=found.problems_count, shown=len(rows))
    if out_file is not None:
        tell("cli.problems_written", file=out_file)
