"""Files of photos, each under the checksum of its content: whole or not there, never changed, never served by path.

A file is first written to ``unsettled`` and moves to its place once a stored row names it; one that no row names
after a day belongs to an upload that was cut off and goes. So a process killed at any moment leaves neither a row
without its file (the file is on the disk before the row is written) nor, in the end, a file without its row.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from geo_service.foundation.errors import StoreFault

FOLDER: Final = "photos"
UNSETTLED_S: Final = 86400.0
_SETTLED_AT_ONCE: Final = 200
_NO_SPACE: Final = 28  # errno ENOSPC
_NAME_LENGTH: Final = 64


def keep(var_dir: Path, content: bytes) -> str:
    """Keep a file and return its SHA-256; the same bytes twice are one file.

    Call it inside the transaction that writes the row. Raises StoreFault ``disk_full``, ``photo_unwritable``.
    """
    checksum = hashlib.sha256(content).hexdigest()
    place, waiting = _places(var_dir, checksum)
    try:
        with _locked(var_dir):
            if not place.is_file():
                _write(waiting, content)
    except OSError as error:
        if error.errno == _NO_SPACE:
            raise StoreFault("disk_full", file=str(var_dir / FOLDER)) from error
        raise StoreFault("photo_unwritable", folder=str(var_dir / FOLDER), detail=error.strerror or "") from error
    return checksum


def read(var_dir: Path, checksum: str) -> bytes:
    """Return a kept file; StoreFault ``photo_file_missing``, ``photo_file_changed`` (not the bytes that were kept)."""
    for _ in range(2):  # it may move from one place to the other meanwhile
        for path in _places(var_dir, checksum):
            with contextlib.suppress(FileNotFoundError):
                content = path.read_bytes()
                if hashlib.sha256(content).hexdigest() != checksum:
                    raise StoreFault("photo_file_changed", checksum=checksum)
                return content
    raise StoreFault("photo_file_missing", checksum=checksum)


def withdraw(var_dir: Path, checksum: str) -> None:
    """Let a file go that the row being written names no more; it stays while another row names it."""
    place, waiting = _places(var_dir, checksum)
    with contextlib.suppress(FileNotFoundError), _locked(var_dir):
        place.replace(waiting)
        os.utime(waiting)


def settle(
    var_dir: Path, named: Callable[[Collection[str]], Collection[str]], most: int | None = _SETTLED_AT_ONCE
) -> None:
    """Move files that rows name to their place; let those go that none has named for a day.

    ``named`` returns those of the checksums it is given that a row names. Looks at ``most`` files (None: all), so
    that no upload waits long.
    """
    folder = var_dir / FOLDER / "unsettled"
    if not folder.is_dir():
        return
    found = sorted(folder.iterdir())[:most]
    wanted = named([path.name for path in found if len(path.name) == _NAME_LENGTH]) if found else ()
    for waiting in found:
        with contextlib.suppress(FileNotFoundError), _locked(var_dir):
            if waiting.name in wanted:
                place, _ = _places(var_dir, waiting.name)
                _make(place.parent)
                waiting.replace(place)
                _sync(place.parent)
            elif time.time() - waiting.stat().st_mtime > UNSETTLED_S:
                waiting.unlink()


def listed(var_dir: Path) -> tuple[set[str], set[str]]:
    """Return the checksums of all kept files, and of those among them that may still wait for their row."""
    folder = var_dir / FOLDER
    placed = {path.name for path in folder.glob("??/*") if path.is_file()}
    waiting = {path.name: path.stat().st_mtime for path in folder.glob("unsettled/*") if len(path.name) == _NAME_LENGTH}
    young = {name for name, changed in waiting.items() if time.time() - changed <= UNSETTLED_S}
    return placed | waiting.keys(), young


def size_of(var_dir: Path, checksum: str) -> int | None:
    """Return the length of a kept file in bytes, None if it is not there."""
    for path in _places(var_dir, checksum):
        with contextlib.suppress(FileNotFoundError):
            return path.stat().st_size
    return None


def _places(var_dir: Path, checksum: str) -> tuple[Path, Path]:
    folder = var_dir / FOLDER
    return folder / checksum[:2] / checksum, folder / "unsettled" / checksum


def _write(path: Path, content: bytes) -> None:
    """Write a file so that after a power cut it is whole or not there."""
    _make(path.parent)
    temporary = path.with_name(f"{secrets.token_hex(8)}.part")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    for place in (folder.parent.parent, folder.parent, folder):
        if not place.is_dir():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(place.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(var_dir: Path) -> Iterator[None]:
    """Hold the folder's lock against other processes and threads for the few steps that must not mix."""
    folder = var_dir / FOLDER
    if not folder.is_dir():
        _make(folder / "unsettled")
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
