"""`geo-service report map`: a coverage run as one stand-alone HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.console import tell
from geo_service.cli.context import context
from geo_service.services import reports, results
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion

report_app = typer.Typer(help="cli.report_help", no_args_is_help=True)


@report_app.callback()
def group() -> None:
    """Keep ``map`` a sub-command although it is the only one yet."""


@report_app.command("map", help="cli.report_map_help")
def map_(
    *,
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="cli.report_out_help")],
    run: Annotated[str | None, typer.Option("--run", metavar="ID", help="cli.report_run_help")] = None,
) -> None:
    """Write the map of a run; of the newest one, or of a new one where there is none."""
    results.check_out(out_file, (".html", ".htm"), None)
    with context() as ctx:
        uid = run
        if uid is None:
            with ctx.store.reading() as conn:
                uid = reports.newest_coverage(conn, ctx)
        if uid is None:
            uid = str(coverage(ctx, CoverageQuestion.asked())["uid"])
        with ctx.store.reading() as conn:
            page = reports.map_report(conn, ctx, uid)
        reports.write_report(ctx, out_file, page)
    tell("cli.report_done", file=out_file, run=uid, size=f"{len(page.encode()) / 1e6:.1f}")
