"""The list of licences is current, and what is not allowed is found."""

import runpy
import subprocess
import sys

import pytest


@pytest.fixture
def script(repository):
    return runpy.run_path(str(repository / "scripts" / "licences.py"), run_name="licences")


def test_the_page_is_current(repository):
    checked = subprocess.run(
        [sys.executable, str(repository / "scripts" / "licences.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr or "run: python scripts/licences.py"


def test_a_licence_that_is_not_allowed_is_refused(script, monkeypatch):
    assert script["licence_of"]("shapely") == "BSD-3-Clause"
    monkeypatch.setitem(script["licence_of"].__globals__, "ALLOWED", {"MIT"})
    with pytest.raises(script["LicenceUnknownError"], match="shapely"):
        script["licence_of"]("shapely")


def test_every_pin_of_the_locks_is_read(script, repository):
    lock = repository / "requirements.lock"
    named = {line.split("==")[0] for line in lock.read_text().splitlines() if "==" in line}
    assert script["pins"](lock).keys() == named
