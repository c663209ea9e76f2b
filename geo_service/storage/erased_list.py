"""Who was erased, kept beside the store and outside every backup: ``erased.jsonl`` in the data folder.

A line for each erasure: layer, uid, id of the key that was destroyed, when and by whom; nothing about the person. A
line ``{"list": ID}`` says for which store the file holds every erasure: the store knows the id, and so do its backups.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geo_service.foundation.errors import StoreFault

FILE_NAME: Final = "erased.jsonl"


@dataclass(frozen=True)
class Erasure:
    """A line of the list: the row, the id of the key that was destroyed, and the moment as UTC ISO-8601."""

    layer: str
    uid: str
    key_id: str | None
    at: str


@dataclass(frozen=True)
class ErasedList:
    """The list in a data folder as it was read: its erasures in order, and the ids of the stores it is complete for."""

    path: Path
    erasures: tuple[Erasure, ...] = ()
    ids: frozenset[str] = frozenset()


def read(folder: Path) -> ErasedList:
    """Return the list in a data folder, an empty one without a file.

    A line torn by a crash was never acknowledged and is left out. Raises StoreFault ``erased_list_broken``,
    ``erased_list_unwritable``.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return ErasedList(path)
    erasures, ids = [], []
    try:
        written = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    except OSError as error:
        raise _unusable(path, error) from error
    for number, text in enumerate(written, start=1):
        try:
            line = json.loads(text)
            if "list" in line:
                ids.append(str(line["list"]))
            else:
                erasures.append(Erasure(line["layer"], line["uid"], line["key_id"], line["at"]))
        except (ValueError, KeyError, TypeError):
            if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
                continue
            raise StoreFault("erased_list_broken", file=str(path), line=number) from None
    return ErasedList(path, tuple(erasures), frozenset(ids))


def append(folder: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write lines at the end of the list in a data folder, down to the disk; StoreFault ``erased_list_unwritable``."""
    path = folder / FILE_NAME
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600), "rb+") as kept:
            torn = kept.seek(0, os.SEEK_END) and (kept.seek(-1, os.SEEK_END), kept.read(1))[1] != b"\n"
            kept.write((b"\n" if torn else b"") + text.encode())
            kept.flush()
            os.fsync(kept.fileno())
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StoreFault:
    return StoreFault("erased_list_unwritable", file=str(path), reason=error.strerror or "")
