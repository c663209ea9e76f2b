"""Data files: those that come with the service, and the office's own that say where it differs.

Shipped are ``data/`` in a checkout, ``geo_service/_data`` in a wheel.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from geo_service.foundation.errors import FileFault

T = TypeVar("T")
_PACKAGE = Path(__file__).resolve().parents[1]
_office: list[Path] = []
_made_from_files: list[Callable[[], None]] = []


def data_folder() -> Path:
    """Return the folder that holds ``reference/``."""
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent / "data"


@cache
def reference(name: str) -> object:
    """Return the parsed ``data/reference/<name>.json``; callers must not change it."""
    return json.loads((data_folder() / "reference" / f"{name}.json").read_text(encoding="utf-8"))


def use_office_folder(folder: Path | None) -> None:
    """Look for the office's own files in ``folder`` from now on (None: there are none); forget what was read before.

    Files are read once in a process: a change counts when it is started again, never in the middle of an analysis.
    """
    if _office == ([] if folder is None else [folder]):
        return
    _office[:] = [] if folder is None else [folder]
    for forget in _made_from_files:
        forget()


def office_file(name: str) -> Path | None:
    """Return where the office's own ``<name>.json`` stands, None where there is none."""
    path = _office[0] / f"{name}.json" if _office else None
    return path if path is not None and path.exists() else None


def from_files(make: Callable[[], T]) -> Callable[[], T]:
    """Keep what a function makes of reference files until others are used."""
    kept = cache(make)
    _made_from_files.append(kept.cache_clear)
    return kept


def office(name: str) -> dict[str, Any] | None:
    """Return the office's own ``<name>.json``, None where there is none; FileFault ``reference_not_json``."""
    path = office_file(name)
    if path is None:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        raise FileFault("reference_not_json", file=str(path)) from None
    if not isinstance(found, dict):
        raise FileFault("reference_not_json", file=str(path))
    return cast(dict[str, Any], found)
