"""`geo-service print`: maps, community check-ups and posters as PDF or PNG."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from geo_service.cli.console import tell
from geo_service.cli.context import context
from geo_service.foundation.errors import InvalidInput
from geo_service.services import print_batch, prints, results

print_app = typer.Typer(help="cli.print_help", no_args_is_help=True)
Out = Annotated[Path, typer.Option("--out", metavar="PATH", help="cli.print_out_help")]
Area = Annotated[str, typer.Option("--area", metavar="CODE", help="cli.print_area_help")]
Paper = Annotated[str, typer.Option("--paper", help="cli.print_paper_help")]
_ENDINGS = tuple(f".{name}" for name in prints.FORMATS)


@print_app.command("map", help="cli.print_map_help")
def map_(
    *,
    area: Area,
    out_file: Out,
    paper: Paper = "A4",
    landscape: Annotated[bool, typer.Option("--landscape", help="cli.print_landscape_help")] = False,
    layers: Annotated[str | None, typer.Option("--layers", help="cli.print_layers_help")] = None,
    run: Annotated[str | None, typer.Option("--run", metavar="ID", help="cli.print_run_help")] = None,
    category: Annotated[str | None, typer.Option("--category", help="cli.print_category_help")] = None,
    title: Annotated[str | None, typer.Option("--title", help="cli.print_title_help")] = None,
) -> None:
    """Print the map of an area."""
    names = None if layers is None else [name.strip() for name in layers.split(",") if name.strip()]
    question = prints.SheetQuestion.asked(
        "map", area, paper_size=paper, upright=not landscape, layers=names, run=run, category=category, title=title
    )
    _print(question, out_file)


@print_app.command("community", help="cli.print_community_help")
def community(
    *,
    out_file: Out,
    area: Annotated[str | None, typer.Option("--area", metavar="CODE", help="cli.print_area_help")] = None,
    every: Annotated[bool, typer.Option("--all", help="cli.print_all_help")] = False,
    form: Annotated[Literal["pdf", "png"], typer.Option("--format", help="cli.print_format_help")] = "pdf",
) -> None:
    """Print the check-up of a community, or of all."""
    if (area is None) != every:
        raise InvalidInput("print_area_or_all")
    if area is not None:
        _print(prints.SheetQuestion.asked("community", area), out_file)
        return
    if out_file.suffix.lower() in _ENDINGS:
        raise InvalidInput("print_all_folder", folder=str(out_file))
    with context() as ctx:
        count = print_batch.print_communities(ctx, out_file, form)
    tell("cli.print_all_done", count=count, folder=out_file)


@print_app.command("poster", help="cli.print_poster_help")
def poster(*, area: Area, out_file: Out, paper: Paper = "A3") -> None:
    """Print the poster of a community or a street."""
    _print(prints.SheetQuestion.asked("poster", area, paper_size=paper), out_file)


def _print(question: prints.SheetQuestion, out_file: Path) -> None:
    results.check_out(out_file, _ENDINGS, None)
    with context() as ctx:
        with ctx.store.reading() as conn:
            made = prints.printed(conn, ctx, question, out_file.suffix.lower().removeprefix("."))
        prints.write_sheet(ctx, out_file, made, question.kind)
    tell("cli.print_done", file=out_file, size=f"{len(made) / 1000:,.0f}")
