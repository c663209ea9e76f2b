"""Which rows name which files of photos, and whether both sides agree."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from geo_service.domain.retention import NO_ORIGINAL
from geo_service.storage import photo_files
from geo_service.storage.tables import TABLES

_SHOWN: Final = 5  # examples a check names
_NAMES: Final = ("sha256", "published_sha256", "thumbnail_sha256")


def named(connection: sa.Connection, checksums: Collection[str]) -> set[str]:
    """Return those of some files' SHA-256 that any row names, retired ones included."""
    table = TABLES["photos"]
    wanted = set(checksums)
    chosen = [sa.select(table.c[name]).where(table.c[name].in_(wanted)) for name in _NAMES]
    return {str(row[0]) for row in connection.execute(sa.union(*chosen))} if wanted else set()


def all_named(connection: sa.Connection) -> set[str]:
    """Return the SHA-256 of every file of a photo that a row names, retired ones included."""
    table = TABLES["photos"]
    chosen = sa.union(*(sa.select(table.c[name]) for name in _NAMES))
    return {str(row[0]) for row in connection.execute(chosen) if row[0] not in (None, NO_ORIGINAL)}


def same(connection: sa.Connection, subject_layer: str, subject_uid: str, checksum: str) -> str | None:
    """Return the uid of the photo in use of this thing with the same bytes, None if there is none."""
    table = TABLES["photos"]
    chosen = sa.select(table.c.uid).where(
        table.c.subject_layer == subject_layer,
        table.c.subject_uid == subject_uid,
        table.c.sha256 == checksum,
        table.c.retired_at.is_(None),
    )
    return connection.execute(chosen.order_by(table.c.id).limit(1)).scalar()


def faults(connection: sa.Connection, var_dir: Path) -> Iterator[str]:
    """Yield rows whose files are not there or not as long as they should be, and files that no row names.

    A file of the last day may belong to an upload that is still under way: it is no fault. The content of a file
    is compared with its checksum whenever it is read, not here.
    """
    table = TABLES["photos"]
    there, young = photo_files.listed(var_dir)
    named: set[str] = set()
    wrong: list[str] = []
    columns = [table.c.code, table.c.size_bytes, *(table.c[name] for name in _NAMES)]
    for code, size, *found in connection.execute(sa.select(*columns).order_by(table.c.code)):
        checksums = [checksum for checksum in found if checksum and checksum != NO_ORIGINAL]
        named.update(checksums)
        missing = [checksum for checksum in checksums if checksum not in there]
        is_cut = not missing and size is not None and photo_files.size_of(var_dir, checksums[0]) != size
        if missing or is_cut:
            wrong.append(f"photo {code}: {(missing or checksums)[0][:12]}…")
    yield from wrong[:_SHOWN]
    yield from (f"{checksum[:12]}…: −" for checksum in sorted(there - named - young)[:_SHOWN])
