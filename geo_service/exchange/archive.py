"""The file of a backup: one tar with the store, the photos and, last, a manifest that vouches for both.

A file without its last member is not a backup; a member that is not named as below is never written anywhere.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from geo_service.foundation.errors import FileFault

FORMAT: Final = 1
STORE: Final = "geo.gpkg"
MANIFEST: Final = "manifest.json"
_PHOTO: Final = re.compile(r"photos/([0-9a-f]{64})")
_MANIFEST_LIMIT_BYTES: Final = 256 * 2**20
_BLOCK: Final = 2**20
Told = Callable[[int], None]


@dataclass(frozen=True)
class TableSum:
    """Rows and canonical checksum of one table (``storage.copying``)."""

    table: str
    rows: int
    checksum: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    format
        Of the archive; a service reads its own and older ones.
    program, revision
        Version of the service that made it and migration of the store inside.
    made_at
        Moment of the state inside, UTC ISO-8601.
    kind
        Store it was made from: ``embedded`` or ``postgis``. It can be restored into either.
    tables
        Rows and checksums of all tables.
    store_bytes, store_sha256
        Of the member ``geo.gpkg``.
    photos
        Bytes by SHA-256.
    """

    format: int
    program: str
    revision: str
    made_at: str
    kind: str
    tables: list[TableSum]
    store_bytes: int
    store_sha256: str
    photos: dict[str, int]


def pack(
    path: Path,
    store: Path,
    photos: Iterable[tuple[str, bytes]],
    manifest: Callable[[int, str, dict[str, int]], Manifest],
    told: Told,
) -> Manifest:
    """Write an archive and put it on the disk; ``manifest`` makes the last member of what was packed.

    Parameters
    ----------
    path
        Where to; must not exist. Mode 0600.
    store
        File of the store, not changed meanwhile.
    photos
        SHA-256 and content.
    manifest
        Given the store's bytes, its SHA-256 and the photos' bytes by SHA-256.
    told
        Told how many bytes of the store and the photos were packed since the last time.
    """
    kept: dict[str, int] = {}
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            with store.open("rb") as content:
                watched = _Watched(content, told)
                tar.addfile(_member(STORE, store.stat().st_size), watched)
            for checksum, photo in photos:
                tar.addfile(_member(f"photos/{checksum}", len(photo)), io.BytesIO(photo))
                kept[checksum] = len(photo)
                told(len(photo))
            made = manifest(watched.size, watched.sum.hexdigest(), kept)
            body = json.dumps(asdict(made), sort_keys=True, indent=1).encode()
            tar.addfile(_member(MANIFEST, len(body)), io.BytesIO(body))
        file.flush()
        os.fsync(file.fileno())
    return made


def put_in_place(packed: Path, path: Path) -> None:
    """Give a packed archive its name, also after a power cut."""
    packed.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Archive:
    """An opened backup whose manifest was read; nothing else of it is believed yet."""

    def __init__(
        self, path: Path, tar: tarfile.TarFile, manifest: Manifest, members: dict[str, tarfile.TarInfo]
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._tar = tar
        self._members = members

    def extract_store(self, path: Path, told: Told) -> None:
        """Write the store to ``path`` (mode 0600); FileFault ``backup_damaged`` unless it is what was packed."""
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            total = hashlib.sha256()
            for block in self._blocks(STORE):
                total.update(block)
                file.write(block)
                told(len(block))
        if total.hexdigest() != self.manifest.store_sha256:
            raise FileFault("backup_damaged", file=self.path.name, part=STORE)

    def photos(self) -> Iterator[tuple[str, bytes]]:
        """Yield SHA-256 and content of the photos; FileFault ``backup_damaged`` for one that is not what it was."""
        for checksum in self.manifest.photos:
            content = b"".join(self._blocks(f"photos/{checksum}"))
            if hashlib.sha256(content).hexdigest() != checksum:
                raise FileFault("backup_damaged", file=self.path.name, part=f"photos/{checksum}")
            yield checksum, content

    def _blocks(self, name: str) -> Iterator[bytes]:
        try:
            content = self._tar.extractfile(self._members[name])
            while content is not None and (block := content.read(_BLOCK)):
                yield block
        except (tarfile.TarError, OSError, EOFError) as error:
            raise FileFault("backup_damaged", file=self.path.name, part=name) from error


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a backup.

    Raises FileFault ``file_missing``, ``backup_foreign`` (not one of ours), ``backup_damaged`` (cut off or changed),
    ``backup_newer`` (made by a newer version).
    """
    if not path.is_file():
        raise FileFault("file_missing", file=path.name)
    try:
        tar = tarfile.open(path, mode="r:")  # noqa: SIM115  closed below
    except (tarfile.TarError, OSError) as error:
        raise FileFault("backup_foreign", file=path.name) from error
    with tar:
        members = _members(path, tar)
        if STORE not in members and MANIFEST not in members:
            raise FileFault("backup_foreign", file=path.name)
        manifest = _manifest(path, tar, members)
        wanted = {STORE: manifest.store_bytes, **{f"photos/{name}": size for name, size in manifest.photos.items()}}
        for name, size in wanted.items():
            if name not in members or members[name].size != size:
                raise FileFault("backup_damaged", file=path.name, part=name)
        yield Archive(path, tar, manifest, members)


def _members(path: Path, tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Return the members by name; strange ones refused."""
    members: dict[str, tarfile.TarInfo] = {}
    try:
        for member in tar:
            known = member.name in (STORE, MANIFEST) or _PHOTO.fullmatch(member.name)
            if not known or not member.isreg() or member.issparse() or member.name in members:
                raise FileFault("backup_foreign", file=path.name)
            members[member.name] = member
    except (tarfile.TarError, OSError, ValueError, EOFError):
        if not members:
            raise FileFault("backup_foreign", file=path.name) from None
        # cut off: what is missing is named by who looks for it
    return members


def _manifest(path: Path, tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> Manifest:
    if MANIFEST not in members or members[MANIFEST].size > _MANIFEST_LIMIT_BYTES:
        raise FileFault("backup_damaged", file=path.name, part=MANIFEST)
    try:
        content = tar.extractfile(members[MANIFEST])
        values = json.loads(content.read() if content is not None else b"")
        newer = isinstance(values["format"], int) and values["format"] > FORMAT
        made = None if newer else _parsed(values)
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileFault("backup_damaged", file=path.name, part=MANIFEST) from error
    if made is None:
        raise FileFault("backup_newer", file=path.name, version=str(values.get("program", "?"))[:40])
    return made


def _parsed(values: dict[str, Any]) -> Manifest:
    """Return the manifest of JSON values; ValueError, KeyError or TypeError for any other form."""
    photos = {str(name): int(size) for name, size in values["photos"].items()}
    if not all(_PHOTO.fullmatch(f"photos/{name}") for name in photos):
        raise ValueError("photos")
    return Manifest(
        format=int(values["format"]),
        program=str(values["program"]),
        revision=str(values["revision"]),
        made_at=str(values["made_at"]),
        kind=str(values["kind"]),
        tables=[TableSum(str(t["table"]), int(t["rows"]), str(t["checksum"])) for t in values["tables"]],
        store_bytes=int(values["store_bytes"]),
        store_sha256=str(values["store_sha256"]),
        photos=photos,
    )


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Return the head of a member: no owner, no times, nothing of the machine it was made on."""
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    return info


class _Watched:
    """A file that counts and sums up what is read from it."""

    def __init__(self, file: IO[bytes], told: Told) -> None:
        self._file = file
        self._told = told
        self.size = 0
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        block = self._file.read(size)
        self.size += len(block)
        self.sum.update(block)
        self._told(len(block))
        return block
