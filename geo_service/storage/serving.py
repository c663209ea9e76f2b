"""Which server processes of a data folder live: each holds a lock on a file of its own, which dies with it."""

import fcntl
import os
from pathlib import Path

from geo_service.foundation.errors import StoreFault


class Serving:
    """The lock of one server process, held until :meth:`end` or the end of the process.

    Raises StoreFault ``store_not_writable``.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._path = folder / f"{name}.lock"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            while True:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._handle, fcntl.LOCK_EX)
                if _is_same(self._handle, self._path):
                    return
                os.close(self._handle)  # somebody who looked whether it is held has deleted it
        except OSError as error:
            raise StoreFault("store_not_writable", store=str(self._path), reason=error.strerror or "") from error

    def end(self) -> None:
        """Give the lock back; a second time does nothing: the number of the handle may be another file's by then."""
        if self._handle >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1


def is_serving(folder: Path, name: str | None) -> bool:
    """Whether the server process ``name`` still lives; the file of one that does not is deleted."""
    if not name:
        return False
    path = folder / f"{name}.lock"
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _is_same(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
