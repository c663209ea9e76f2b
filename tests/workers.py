"""Worker processes for the jobs of tests: forked from one process that has the program imported.

A server spawns its worker, which imports everything anew, once in its life; tests would do so by the dozen. What is
forked is a process of its own all the same, made by one that never opened a store.
"""

import multiprocessing
from types import SimpleNamespace

import pytest

from geo_service.jobs import runner


@pytest.fixture(scope="session", autouse=True)
def ready_workers() -> None:
    """Say what the process that forks workers imports."""
    multiprocessing.set_forkserver_preload(["geo_service.jobs.worker"])


@pytest.fixture(autouse=True)
def forked_workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork workers, but where a test asks for ``spawned_workers``."""
    if "spawned_workers" not in request.fixturenames:
        forking = multiprocessing.get_context("forkserver")
        monkeypatch.setattr(runner, "multiprocessing", SimpleNamespace(get_context=lambda _: forking))


@pytest.fixture
def spawned_workers() -> None:
    """Workers as servers make them."""
