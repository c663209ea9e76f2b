"""The small demo as its command makes it, once per test run, however many workers and files want a copy."""

import fcntl
import io
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from geo_service.cli.app import main


def operate(settings: Mapping[str, str], *arguments: str, typed: str = "") -> None:
    """Run a command to its end in this process, where these settings (``GEO_…``) say, with no others."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GEO_")]:
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.StringIO(typed))
        assert main([*arguments]) == 0


def make_demo(settings: Mapping[str, str]) -> None:
    """Make the small demo where these settings say."""
    operate(settings, "demo", "--size", "small", "--no-serve", "--lang", "zh")


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder of the small demo on the embedded store, to be copied before anything is done with it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "small-demo"
    with (shared / "small-demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = shared / "small-demo-in-the-making"
            shutil.rmtree(making, ignore_errors=True)
            make_demo({"GEO_VAR_DIR": str(making)})
            making.rename(folder)
    return folder
