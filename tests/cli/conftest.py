"""A street the settings of commands point to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.conftest import Town
from tests.stores import StoreMaker, opened


@pytest.fixture
def street(make_store_url: StoreMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A street with nobody and nothing beside it, on the embedded store; commands work on it and speak Chinese."""
    url = make_store_url("embedded")
    monkeypatch.setenv("GEO_DATABASE_URL", url)
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GEO_LANG", "zh")
    with opened(url) as store:
        made = Town(store, tmp_path / "var")
        made.main_street()
        yield made
