"""Fixtures every floor may use. Stores, passwords and workers stand in files of their own."""

import gc
import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

COMPLETE = bool(os.environ.get("GEO_TEST_COMPLETE"))
# Nothing is timed; a complete run tries the same examples each time, plain pytest looks for new ones.
hypothesis.settings.register_profile("ours", deadline=None, derandomize=COMPLETE)
hypothesis.settings.load_profile("ours")

# the PostgreSQL of the tests does not wait for the disk; tests/soak asks one that does
os.environ.setdefault("GEO_ALLOW_UNSAFE_STORE", "1")

# begun first (make test gives a worker one file after the other), so that none is left to one worker at the end
LONG_FILES = (
    "e2e/test_map_page.py",
    "e2e/test_axe.py",
    "api/test_rights_matrix.py",
    "cli/test_rights_matrix.py",
    "soak/test_kills.py",
    "api/test_schemathesis.py",
    "services/test_demo.py",
    "services/test_backup.py",
    "cli/test_serve.py",
    "services/test_attacker.py",
    "services/test_sign_in.py",
    "api/test_oidc.py",
    "services/test_gaps.py",
    "services/test_what_if.py",
    "services/test_coverage.py",
    "services/test_prints.py",
    "services/test_checklist.py",
    "api/test_rights_of_tokens.py",
    "analysis/test_closures.py",
    "services/test_siting.py",
    "api/test_sign_in.py",
    "cli/test_import.py",
    "cli/test_analyse.py",
)
pytest_plugins = ["tests.stores", "tests.passwords", "tests.workers", "tests.demos"]
REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real extracts beside the checkout (never part of it); skips where there is no ``../shared`` at all."""
    shared = REPOSITORY.parent / "shared"
    if not shared.is_dir():
        pytest.skip("no ../shared beside the checkout")
    return shared / "data"


class Handout(LoadFileScheduling):
    """Files are given out whole, those with a browser together, so that their servers start once."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "tests/e2e" if file.startswith("tests/e2e/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Give files out to workers (``--dist loadfile``)."""
    return Handout(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long files first, everything else in its order."""
    place = {REPOSITORY / "tests" / name: number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish() -> None:
    """Put what was imported and collected out of the sight of Python's collector: it stays, and is long to search."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a complete run (``make test``) in which anything was skipped: both stores and the browser must run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or exitstatus != pytest.ExitCode.OK or not COMPLETE:
        return
    reasons = [str(report.longrepr[2]) for report in reporter.stats.get("skipped", [])]
    if [reason for reason in reasons if "no ../shared" not in reason]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
