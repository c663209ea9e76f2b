"""`geo-service privacy export|erase|sweep`: a person's copy, a person's erasure, what is due."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli.console import say, show_table, tell
from geo_service.cli.context import context
from geo_service.domain.layers import layer_named
from geo_service.foundation.errors import StoreFault
from geo_service.services import erasure, retention

privacy_app = typer.Typer(help="cli.privacy_help", no_args_is_help=True)
LayerName = Annotated[str, typer.Argument(metavar="LAYER", help="cli.privacy_layer_help")]
Ident = Annotated[str, typer.Argument(metavar="CODE", help="cli.privacy_code_help")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="cli.privacy_reason_help")]


@privacy_app.command("export", help="cli.privacy_export_help")
def export(
    layer: LayerName,
    code: Ident,
    *,
    out_file: Annotated[Path, typer.Option("--out", metavar="FILE.json", help="cli.privacy_out_help")],
    reason: Reason,
) -> None:
    """Write everything stored about a person."""
    asked = layer_named(layer)
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        found = erasure.export_person(conn, ctx, asked, code, reason)
        try:
            with os.fdopen(os.open(out_file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
                os.fchmod(f.fileno(), 0o600)
                f.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        except OSError as error:
            raise StoreFault("store_not_writable", store=str(out_file), reason=error.strerror or "") from error
    tell("cli.privacy_exported", layer=asked.name, code=code, file=out_file)


@privacy_app.command("erase", help="cli.privacy_erase_help")
def erase(
    layer: LayerName,
    code: Ident,
    *,
    reason: Reason,
) -> None:
    """Erase a person."""
    asked = layer_named(layer)
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        done = erasure.erase_person(conn, ctx, asked, code, reason)
    tell("cli.privacy_erased", layer=done.layer, code=done.code)


@privacy_app.command("sweep", help="cli.privacy_sweep_help")
def sweep(*, dry_run: Annotated[bool, typer.Option("--dry-run", help="cli.privacy_dry_run_help")] = False) -> None:
    """Sweep what is due, kind by kind."""
    with context(progress=False) as ctx:
        swept = retention.sweep(ctx, is_rehearsal=dry_run)
    rows = [
        (
            say(f"retention.{one.kind.name}"),
            say("retention.days", days=one.kind.after.days),
            say(f"retention.{one.kind.deed}"),
            one.rows,
        )
        for one in swept
    ]
    show_table([say(f"retention.{name}") for name in ("kind", "after", "deed", "rows")], rows)
    total = sum(one.rows for one in swept)
    tell("cli.privacy_would_sweep" if dry_run else "cli.privacy_swept", rows=total)
