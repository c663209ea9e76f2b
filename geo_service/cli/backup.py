"""`geo-service backup FILE`, `geo-service restore FILE`: the store and its photos in one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.bootstrap import context_of
from geo_service.cli.console import lang, out, progress_bar, say, tell
from geo_service.cli.context import actor, context
from geo_service.foundation.errors import StoreFault
from geo_service.services import backup as stories
from geo_service.settings import Settings

_MB = 1_000_000
BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="cli.backup_file_help", show_default=False)]


def backup(file: BackupFile) -> None:
    """Write the store and the photos into one file while everybody goes on working."""
    with context() as ctx:
        made = stories.backup(ctx, file)
    tell("cli.backup_made", file=made.path, megabytes=f"{made.bytes / _MB:.1f}", rows=made.rows, photos=made.photos)
    if made.left_out:
        tell("cli.backup_left_out", count=len(made.left_out), photos=", ".join(made.left_out[:3]))
    if made.missing:
        tell("cli.backup_missing", count=len(made.missing), photos=", ".join(made.missing[:3]))
    tell("cli.backup_not_inside", folder=Settings().var_dir)


def restore(
    file: BackupFile,
    *,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="cli.restore_to_help")] = "",
    no_erased_list: Annotated[bool, typer.Option("--no-erased-list", help="cli.restore_no_list_help")] = False,
) -> None:
    """Put a backup into an empty store."""
    settings = Settings()
    with progress_bar() as told:
        restored = stories.restore(
            file,
            to or settings.store_url,
            actor(),
            lambda store: context_of(store, settings, actor(), lang(), told),
            without_erased_list=no_erased_list,
        )
    tell(
        "cli.restored",
        store=restored.store,
        made_at=restored.made_at,
        rows=restored.rows,
        photos=restored.photos,
        folder=settings.var_dir,
        erased=restored.erased,
    )
    if restored.key_fault is not None:
        tell("cli.restored_sealed", why=restored.key_fault.sentence(lang()))
    for finding in restored.findings:
        for fault in finding.faults:
            out.print(f"{say(f'check.{finding.name}')}: {fault}", markup=False)
    if restored.wrong:
        raise StoreFault("store_check_failed", store=restored.store, count=restored.wrong)
