"""Archives of printed sheets in the data folder: where they are, and how long they are kept."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from geo_service.services.context import Context

ARCHIVES_KEPT: Final = timedelta(days=7)


def archive_of(ctx: Context, name: str) -> Path:
    """Return where the archive of this name is while it is kept; it need not be there."""
    return _folder(ctx) / f"{name}.zip"


def sweep_archives(ctx: Context) -> int:
    """Delete the archives whose term is over, and parts that were never finished, and return how many."""
    over = ctx.clock() - ARCHIVES_KEPT
    swept = 0
    for file in _folder(ctx).glob("*"):
        if datetime.fromtimestamp(file.stat().st_mtime, over.tzinfo) < over:
            file.unlink(missing_ok=True)
            swept += 1
    return swept


def _folder(ctx: Context) -> Path:
    return ctx.var_dir / "prints"
