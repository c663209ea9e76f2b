"""What the chain cannot know of itself: that its end is still there.

Beside the store, in ``<var_dir>/audit.anchor``, stand id and hash of the last line after every commit, one line of
fixed width per store: whoever cuts lines off the end, or makes the whole chain anew, has this file against him, and
the copies of it that ``geo-service audit anchor`` writes for other places.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa
import structlog

from geo_service.foundation.errors import InvalidInput, StoreFault
from geo_service.storage.audit import Gathered, Tail
from geo_service.storage.tables import AUDIT

FILE_NAME: Final = "audit.anchor"
_LINE: Final = re.compile(rb"([0-9]{15}) ([0-9a-f]{64}) ([^\n]*)\n")
_log: Final = structlog.get_logger()


@dataclass(frozen=True)
class Anchor:
    """The place where the last line of one store's chain is kept.

    Attributes
    ----------
    path
        The file; it may hold lines of other stores too.
    store
        The store's address without password; of an embedded store its whole path.
    """

    path: Path
    store: str

    def read(self) -> Tail | None:
        """Return what is kept, None without a line of this store; StoreFault ``audit_anchor_unreadable``."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreFault("audit_anchor_unreadable", file=str(self.path), reason=error.strerror or "") from error
        found = self._find(content)
        return None if found is None else Tail(int(found[1]), found[2].decode())

    def holds(self, conn: sa.Connection) -> bool:
        """Whether the line that is kept is still in the chain as it was; True where nothing is kept."""
        try:
            kept = self.read()
        except StoreFault:
            return False
        return kept is None or is_in_chain(conn, kept)

    def raise_to(self, tail: Tail, *, lower: bool = False) -> None:
        """Keep ``tail`` if it is newer than what is kept, or ``lower``; StoreFault ``audit_anchor_unwritable``."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                content = os.pread(handle, os.fstat(handle).st_size, 0)
                found = self._find(content)
                if found is not None and int(found[1]) >= tail.id and not lower:
                    return
                whole = content.rfind(b"\n") + 1  # a torn last line is written over
                os.pwrite(handle, self._line(tail), whole if found is None else found.start())
            finally:
                os.close(handle)
        except OSError as error:
            raise StoreFault("audit_anchor_unwritable", file=str(self.path), reason=error.strerror or "") from error

    def keep(self, made: Gathered) -> None:
        """Keep the end of what was committed; the work is done by then, so a file that cannot be written is logged.

        An anchor the chain has broken with stays as it is: it is the proof.
        """
        if made.last is None or not made.is_anchored:
            return
        try:
            self.raise_to(made.last)
        except StoreFault as error:
            _log.error("audit_anchor_unwritable", **{name: str(fact) for name, fact in error.facts.items()})

    def _find(self, content: bytes) -> re.Match[bytes] | None:
        name = self.store.encode()
        return next((line for line in _LINE.finditer(content) if line[3] == name), None)

    def _line(self, tail: Tail) -> bytes:
        return f"{tail.id:015d} {tail.hash} {self.store}\n".encode()


def is_in_chain(conn: sa.Connection, tail: Tail) -> bool:
    """Whether the chain has this line with this hash."""
    found = conn.execute(sa.select(AUDIT.c.hash).where(AUDIT.c.id == tail.id)).scalar()
    return found == tail.hash


def read_copies(paths: Iterable[Path]) -> list[Tail]:
    """Return what copies of the anchor hold; InvalidInput ``audit_copy_wrong``."""
    found = []
    for path in paths:
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            found.append(Tail(int(kept["line"]), str(kept["hash"])))
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise InvalidInput("audit_copy_wrong", file=str(path)) from error
    return found
