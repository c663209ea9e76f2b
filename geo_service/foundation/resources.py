"""Data files that come with the service: ``data/`` in a checkout, ``geo_service/_data`` in a wheel."""

import json
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Return the folder that holds ``reference/``."""
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent / "data"


@cache
def reference(name: str) -> object:
    """Return the parsed ``data/reference/<name>.json``; callers must not change it."""
    return json.loads((data_folder() / "reference" / f"{name}.json").read_text(encoding="utf-8"))
