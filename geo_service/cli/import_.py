"""`geo-service import osm|layer`: files into the store, all or nothing."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.console import lang, out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.domain.streets import WAYS
from geo_service.foundation.errors import GeoServiceError, InvalidInput, StoreFault
from geo_service.services import imports, imports_layers, imports_osm, imports_ways, networks

import_app = typer.Typer(help="import.help", no_args_is_help=True)
_SHOWN_FAULTS = 50


@import_app.command("osm", help="import.osm_help")
def osm(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="import.osm_file_help")],
    *,
    area: Annotated[str, typer.Option("--area", metavar="CODE", help="import.area_help")],
    extent: Annotated[Path | None, typer.Option("--extent", metavar="FILE", help="import.extent_help")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="import.closed_help")] = False,
    only: Annotated[str | None, typer.Option("--only", metavar="PARTS", help="import.only_help")] = None,
) -> None:
    """Import an OpenStreetMap extract and build its walking network."""
    with context() as ctx:
        plan = imports_osm.prepare_osm(ctx, file, area=area, extent=extent, is_closed=closed, only=only)
        with ctx.store.writing() as conn:
            done = imports_osm.import_osm(conn, ctx, plan)
            imports.note_import(conn, ctx, file, done)
    _report(done)
    out.print(say("import.attribution"), markup=False)
    if plan.extract.ways is not None:
        _build_networks()


@import_app.command("layer", help="import.layer_help")
def layer(
    name: Annotated[str, typer.Argument(metavar="LAYER", help="import.layer_name_help")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="import.layer_file_help")],
    *,
    crs: Annotated[str | None, typer.Option("--crs", metavar="EPSG:n|GCJ-02|BD-09", help="import.crs_help")] = None,
    mapped: Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="import.map_help")] = None,
    table: Annotated[str | None, typer.Option("--table", metavar="NAME", help="import.table_help")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE.csv", help="import.report_help")] = None,
    area: Annotated[str | None, typer.Option("--area", metavar="CODE", help="import.ways_area_help")] = None,
    extent: Annotated[Path | None, typer.Option("--extent", metavar="FILE", help="import.ways_extent_help")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="import.ways_closed_help")] = False,
) -> None:
    """Import a file into a layer; lines for ``ways`` become the walking network of an area."""
    column_map = _column_map(mapped or [])
    is_network = name == WAYS.name
    if is_network and area is None:
        raise InvalidInput("ways_without_area")
    for option, given in (("--area", area), ("--extent", extent), ("--closed", closed)):
        if given and not is_network:
            raise InvalidInput("option_only_for_ways", option=option, layer=name)
    if report is not None:
        imports.check_report(report)
    try:
        with context() as ctx:
            if is_network and area is not None:
                lines = imports_ways.prepare_ways(
                    ctx, file, area=area, crs=crs, column_map=column_map, table=table, extent=extent, is_closed=closed
                )
                with ctx.store.writing() as conn:
                    done = imports_ways.import_ways(conn, ctx, lines)
                    imports.note_import(conn, ctx, file, done)
            else:
                plan = imports_layers.prepare_layer(ctx, name, file, crs=crs, column_map=column_map, table=table)
                with ctx.store.writing() as conn:
                    done = imports_layers.import_layer(conn, ctx, plan)
                    imports.note_import(conn, ctx, file, done)
    except imports.RowsRefused as refused:
        _show_faults(refused, report)
        raise
    _report(done)
    if is_network:
        _build_networks()


def _build_networks() -> None:
    """Build the arrays of what was just stored, so that the first analysis need not.

    Raises StoreFault ``networks_not_built`` if that fails; the data is stored all the same.
    """
    try:
        with context() as ctx, ctx.store.reading() as conn:
            networks.open_networks(conn, ctx)
    except GeoServiceError as error:
        raise StoreFault("networks_not_built", why=error) from error
    except (OSError, MemoryError, ValueError) as error:
        raise StoreFault("networks_not_built", why=str(error) or type(error).__name__) from error


def _column_map(mapped: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for entry in mapped:
        column, sign, field = entry.rpartition("=")
        if not sign or not column.strip() or not field.strip():
            raise InvalidInput("map_form", given=entry)
        pairs[column.strip()] = field.strip()
    return pairs


def _report(done: imports.Imported) -> None:
    """Show what was written and what should be known."""
    titles = [say(f"import.column_{name}") for name in ("layer", "created", "updated", "unchanged", "retired")]
    show_table(
        titles,
        (
            (say(f"layer.{name}"), count.created, count.updated, count.unchanged, done.retired.get(name, 0))
            for name, count in done.counts.items()
        ),
    )
    for key, facts in done.notes:
        tell(key, **facts)


def _show_faults(refused: imports.RowsRefused, report: Path | None) -> None:
    """Show the first faults as a table and write all that are listed to ``report``."""
    titles = [say(f"import.fault_{name}") for name in imports.FAULT_COLUMNS]
    show_table(titles, (fault.cells(lang()) for fault in refused.faults[:_SHOWN_FAULTS]))
    if report is not None:
        imports.write_report(report, refused, lang())
        tell("import.report_written", file=report, count=len(refused.faults))
    elif len(refused.faults) > _SHOWN_FAULTS:
        tell("import.faults_more", shown=_SHOWN_FAULTS, count=len(refused.faults))
