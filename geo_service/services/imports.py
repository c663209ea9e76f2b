"""What imports have in common: their outcome, and the one file no import may ever open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo_service.foundation.errors import FileFault
from geo_service.services.context import Context
from geo_service.storage.bulk import Upserted

Note = tuple[str, Mapping[str, object]]  # key of a text and its facts


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    counts
        Layer name → rows created, updated and left as they were.
    retired
        Layer name → rows retired because the source no longer has them.
    notes
        What the person should know: text keys and facts.
    """

    counts: Mapping[str, Upserted]
    retired: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def refuse_live_store(ctx: Context, path: Path) -> None:
    """Raise FileFault ``file_is_store`` if ``path`` is the open embedded store, by whatever name.

    GDAL carries an SQLite of its own; closing the live file would drop this process's locks.
    """
    live = getattr(ctx.store, "path", None)
    if live is None or not path.exists():
        return
    companions = [Path(f"{live}{end}") for end in ("", "-wal", "-shm")]
    if any(other.exists() and path.samefile(other) for other in companions):
        raise FileFault("file_is_store", file=str(path))
