"""What imports have in common: their outcome, and the one file no import may ever open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from geo_service.exchange.faults import FAULT_COLUMNS, RowsRefused
from geo_service.exchange.write import check_target, write_csv
from geo_service.foundation.errors import FileFault
from geo_service.foundation.texts import Lang, text
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import audit
from geo_service.storage.bulk import Upserted

__all__ = [
    "FAULT_COLUMNS",
    "Imported",
    "Note",
    "RowsRefused",
    "check_report",
    "note_import",
    "refuse_live_store",
    "write_report",
]

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


def note_import(conn: Connection, ctx: Context, path: Path, done: Imported) -> None:
    """Write into the audit which file was imported and what became of its rows, in the import's own transaction."""
    may(ctx.actor, "import")
    counts = {name: [one.created, one.updated, one.unchanged] for name, one in done.counts.items()}
    facts = {"file": path.name, "created_updated_unchanged": counts, "retired": dict(done.retired)}
    audit.append(conn, ctx.actor, ctx.clock(), "file_imported", facts=facts)


def check_report(path: Path) -> None:
    """Raise FileFault if a report of faults could not be written to ``path``."""
    check_target(path)


def write_report(path: Path, refused: RowsRefused, lang: Lang) -> None:
    """Write the listed faults as CSV: row, column, value, what is wrong."""
    titles = [text(f"import.fault_{name}", lang) for name in FAULT_COLUMNS]
    write_csv(path, titles, (fault.cells(lang) for fault in refused.faults))
