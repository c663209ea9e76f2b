"""Stories of not losing the store: a backup while everybody goes on working, and its way back into an empty store."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo_service import __version__
from geo_service.domain.actors import Actor
from geo_service.exchange import archive
from geo_service.exchange.archive import Archive, Manifest, TableSum
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import Conflict, FileFault, StoreFault
from geo_service.services import erasure
from geo_service.services.context import Context, Progress
from geo_service.services.rights import may
from geo_service.storage import audit, erased_list, own_values, person_keys, photo_files, photo_rows, schema
from geo_service.storage.backup import end_sign_ins, filling, snapshot
from geo_service.storage.checking import Finding, check_store
from geo_service.storage.copying import Copied, checksums, copy_into
from geo_service.storage.store import Store, create_store, open_store, upgrade_store

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NO_SPACE: Final = (27, 28)  # EFBIG, ENOSPC
_SCRATCH: Final = ".backup-"
_LEFT_AFTER_S: Final = 24 * 3600.0  # no backup takes that long


@dataclass(frozen=True)
class Made:
    """A backup that was written and checked.

    Attributes
    ----------
    path, bytes
        The file.
    rows, photos
        How much is inside.
    left_out
        Checksums of photos whose file on the disk is no longer what was kept.
    missing
        Checksums of photos that rows name but whose file is not on the disk.
    """

    path: Path
    bytes: int
    rows: int
    photos: int
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Restored:
    """What came back.

    Attributes
    ----------
    store
        Address of the store without password.
    made_at
        Moment of the state that came back, UTC ISO-8601.
    rows, photos
        How much came back.
    erased
        People who were erased since the backup and were erased again.
    findings
        What the check of the store found.
    key_fault
        Why names and phones cannot be read (no key, or another one than they were sealed by); None if they can.
    """

    store: str
    made_at: str
    rows: int
    photos: int
    erased: int
    findings: list[Finding]
    key_fault: StoreFault | None = None

    @property
    def wrong(self) -> int:
        """How many checks found something."""
        return sum(not finding.is_sound for finding in self.findings)


def backup(ctx: Context, path: Path) -> Made:
    """Write the store and the photos, as they are now, into one file that was tried out before it gets its name.

    Opens its own transactions; others go on writing. The state is copied, packed, unpacked again, restored into a
    scratch store and compared with the state it was taken from, table by table. Needs about four times the store's
    room in the folder of ``path`` meanwhile. The service's key and the list of erased people are not inside; the list
    is there beside the store from the first backup on, at the latest.

    Raises
    ------
    Conflict
        ``backup_exists``: a file is never overwritten.
    FileFault
        ``file_unwritable``, ``backup_damaged`` (the disk gave back something else than was written).
    StoreFault
        ``disk_full``, ``copy_differs``, ``erased_list_unwritable`` and those of reading a store.
    """
    may(ctx.actor, "backup")
    if path.exists() or path.is_symlink():
        raise Conflict("backup_exists", file=str(path))
    with _scratch(path.parent, path) as folder:
        with ctx.store.writing() as conn:
            erasure.keep_list(conn, ctx)
            named = photo_rows.all_named(conn)
        began = ctx.clock()
        sums = snapshot(ctx.store, folder / "taken.gpkg", _part(ctx.progress, 0.0, 0.4))
        # photos after the store: a photo's file is there before the row that names it
        photos, _ = photo_files.listed(ctx.var_dir)
        size = (folder / "taken.gpkg").stat().st_size
        packed = folder / "packed.tar"

        def manifest(store_bytes: int, store_sha256: str, packed_photos: dict[str, int]) -> Manifest:
            tables = [TableSum(one.table, one.rows, one.checksum) for one in sums]
            return Manifest(
                archive.FORMAT,
                __version__,
                schema.head(),
                to_iso(began),
                ctx.store.kind,
                tables,
                store_bytes,
                store_sha256,
                packed_photos,
            )

        told = _counting(_part(ctx.progress, 0.4, 0.6), size, "progress.backup_packing")
        left_out: list[str] = []
        kept = _photos(ctx.var_dir, sorted(photos), left_out)
        archive.pack(packed, folder / "taken.gpkg", kept, manifest, told)
        (folder / "taken.gpkg").unlink()
        with archive.opened(packed) as opened:
            _try_out(opened, folder, _part(ctx.progress, 0.6, 1.0))
            made = opened.manifest
        if path.exists() or path.is_symlink():
            raise Conflict("backup_exists", file=str(path))
        archive.put_in_place(packed, path)
    rows = sum(table.rows for table in made.tables)
    missing = named.difference(made.photos, left_out)
    done = Made(path, path.stat().st_size, rows, len(made.photos), tuple(left_out), tuple(sorted(missing)))
    with ctx.store.writing() as conn:
        facts = {"file": path.name, "bytes": done.bytes, "rows": done.rows, "photos": done.photos}
        audit.append(conn, ctx.actor, ctx.clock(), "backed_up", facts=facts)
    return done


def restore(
    path: Path, url: str, actor: Actor, context: Callable[[Store], Context], *, without_erased_list: bool = False
) -> Restored:
    """Put a backup into an empty store, which is made where it is missing: all of it or nothing.

    People erased since the backup are erased again (their list is kept beside the store, not in backups), nobody is
    signed in, and the photos go to the data folder. A backup of an older version is brought to this one.

    Parameters
    ----------
    path, url
        The backup and the store to fill, of either kind.
    actor
        Who does it.
    context
        Makes the context of the opened store.
    without_erased_list
        Restore also where the list of the erased that belongs to the backup is not in the data folder: whoever was
        erased since comes back. The audit says so.

    Raises
    ------
    FileFault
        ``file_missing``, ``backup_foreign``, ``backup_damaged``, ``backup_newer``.
    StoreFault
        ``store_not_empty``, ``copy_differs``, ``disk_full``, ``erased_list_missing``, ``erased_list_broken`` and
        those of opening.
    """
    may(actor, "backup")
    with archive.opened(path) as opened:
        for _ in opened.photos():  # all of it is sound before anything is written
            pass
        with filling(url) as target:
            ctx = context(target)
            target.anchored_in(ctx.var_dir)
            with _scratch(ctx.var_dir, path) as folder, _source(opened, folder, ctx.progress) as source:
                with source.reading() as there:
                    is_listed = erasure.is_listed(there, ctx)
                if not is_listed and not without_erased_list:
                    raise StoreFault("erased_list_missing", file=str(ctx.var_dir / erased_list.FILE_NAME))
                for _, content in opened.photos():
                    photo_files.keep(ctx.var_dir, content)
                with source.reading() as there, target.writing() as here:
                    copied = copy_into(there, here, str(target), _part(ctx.progress, 0.3, 0.9))
                    erased = _settle(here, ctx, opened.manifest, copied, is_listed=is_listed)
                with target.reading() as here:
                    named = photo_rows.all_named(here)
                # all of them at once: the rows may lie in a store that is not served yet; what was swept goes in a day
                photo_files.settle(ctx.var_dir, named.intersection, None)
            _anchor(target)
            findings, fault = check_store(target), _key_fault(target)
    rows = sum(one.rows for one in copied)
    made_at, photos = opened.manifest.made_at, len(opened.manifest.photos)
    return Restored(str(target), made_at, rows, photos, erased, findings, fault)


def _settle(conn: "Connection", ctx: Context, manifest: Manifest, copied: list[Copied], *, is_listed: bool) -> int:
    """Do what must be true of a restored store before anybody sees it; returns how many people were erased again."""
    end_sign_ins(conn, ctx.clock())
    facts: dict[str, object] = {
        "made_at": manifest.made_at,
        "rows": sum(one.rows for one in copied),
        "photos": len(manifest.photos),
    }
    left = ctx.store.anchor.read() if ctx.store.anchor is not None else None
    if left is not None:  # how far the audit of the store went that was here before
        facts["left"] = {"line": left.id, "hash": left.hash}
    if not is_listed:
        facts["without_erased_list"] = True
        own_values.forget_erased_list(conn)  # the list that begins here does not hold what was erased before
    audit.append(conn, ctx.actor, ctx.clock(), "restored_backup", facts=facts)
    erased = erasure.apply_again(conn, ctx)
    erasure.keep_list(conn, ctx)
    return erased


def _key_fault(target: Store) -> StoreFault | None:
    """Return why names and phones in a store cannot be read, None if they can or there are none."""
    with target.reading() as conn:
        try:
            if person_keys.wrapped_with(conn):
                person_keys.service_keys(conn)
        except StoreFault as fault:
            return fault
    return None


def _anchor(target: Store) -> None:
    """Take the end of the restored audit for the one that must be there; what was known before stands in its line."""
    with target.reading() as conn:
        last = audit.tail(conn)
    if target.anchor is not None and last is not None:
        target.anchor.raise_to(last, lower=True)


def _try_out(opened: Archive, folder: Path, progress: Progress) -> None:
    """Restore a backup into a scratch store and look at every photo; raises as :func:`restore`."""
    for _ in opened.photos():
        pass
    with _source(opened, folder, progress) as source:
        target = create_store(f"sqlite:///{folder / 'tried.gpkg'}")
        try:
            with source.reading() as there, target.writing() as here:
                copy_into(there, here, str(target), _part(progress, 0.3, 1.0))
        finally:
            target.close()


@contextmanager
def _source(opened: Archive, folder: Path, progress: Progress) -> Iterator[Store]:
    """Yield the store inside a backup, unpacked into ``folder``, compared with its manifest, on this migration."""
    manifest = opened.manifest
    path = folder / "unpacked.gpkg"
    told = _counting(_part(progress, 0.0, 0.15), manifest.store_bytes, "progress.backup_unpacking")
    opened.extract_store(path, told)
    url = f"sqlite:///{path}"
    try:
        if manifest.revision != schema.head():
            upgrade_store(url).close()
        source = open_store(url)
    except StoreFault as error:
        if error.code == "store_newer":
            raise FileFault("backup_newer", file=opened.path.name, version=manifest.program[:40]) from error
        raise FileFault("backup_damaged", file=opened.path.name, part=archive.STORE) from error
    try:
        if manifest.revision == schema.head():
            progress(0.15, "progress.comparing")
            with source.reading() as conn:
                found = [TableSum(one.table, one.rows, one.checksum) for one in checksums(conn)]
            if found != manifest.tables:
                wrong = next((one.table for one in found if one not in manifest.tables), archive.STORE)
                raise FileFault("backup_damaged", file=opened.path.name, part=wrong)
        yield source
    finally:
        source.close()


@contextmanager
def _scratch(parent: Path, path: Path) -> Iterator[Path]:
    """Yield a private folder that is removed at the end; FileFault ``file_unwritable``, StoreFault ``disk_full``."""
    folder: Path | None = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.glob(f"{_SCRATCH}*"):  # by one that was killed
            if time.time() - left.stat().st_mtime > _LEFT_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=parent))
        yield folder
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StoreFault("disk_full", file=str(path)) from error
        raise FileFault("file_unwritable", file=str(path), detail=error.strerror or str(error)) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _photos(var_dir: Path, wanted: list[str], left_out: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the photos; one an upload left behind may go meanwhile, one whose file changed is named in ``left_out``."""
    for checksum in wanted:
        try:
            content = photo_files.read(var_dir, checksum)
        except StoreFault as error:
            if error.code == "photo_file_changed":
                left_out.append(checksum)
            continue
        yield checksum, content


def _part(progress: Progress, first: float, last: float) -> Progress:
    """Return a listener whose 0..1 is ``first``..``last`` of ``progress``."""

    def told(share: float | None, key: str) -> None:
        progress(None if share is None else first + (last - first) * share, key)

    return told


def _counting(progress: Progress, total: int, key: str) -> Callable[[int], None]:
    """Return what is told of bytes and tells the share of ``total``."""
    done = 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        progress(min(1.0, done / max(total, 1)), key)

    return told
