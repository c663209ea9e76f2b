"""The benchmark harness judges and writes its figures rightly; the figures themselves are ``make bench``."""

import json
import subprocess
import sys

import pytest

from benchmarks.__main__ import cells, kept, page, ratio
from benchmarks.measure import MARK, figure, median_s, paired_median_s


def row(value=2.0, floor=1.0, at_most=None, at_least=None):
    return {
        "name": "a|b",
        "value": value,
        "unit": "s",
        "floor": floor,
        "at_most": at_most,
        "at_least": at_least,
        "note": "",
    }


@pytest.mark.parametrize(
    ("figures", "found", "is_kept"),
    [
        (row(at_most=3), 2.0, True),
        (row(at_most=2), 2.0, True),
        (row(at_most=1.9), 2.0, False),
        (row(value=1.0, floor=20.0, at_least=10), 20.0, True),
        (row(value=1.0, floor=9.0, at_least=10), 9.0, False),
        (row(value=1400, floor=None, at_most=1500), 1400.0, True),
        (row(value=1600, floor=None, at_most=1500), 1600.0, False),
        (row(floor=0.0, at_most=3), None, False),
        (row(), 2.0, True),
    ],
)
def test_a_bound_is_about_the_ratio_or_the_value(figures, found, is_kept):
    assert ratio(figures) == found
    assert kept(figures) is is_kept


def test_a_missed_bound_stands_out_on_the_page():
    result = {
        "figures": [row(at_most=1.5)],
        "exit_code": 1,
        "seconds": 3.0,
        "date": "2026-01-01",
        "command": "python -m benchmarks tiles",
        "machine": "2 cores",
        "revision": "abc",
    }
    written = page({"tiles": result})
    assert "**no**" in written
    assert "exit code 1" in written
    assert "a\\|b" in written
    assert len(cells(row())) == 7


def test_a_script_hands_its_figures_over_as_lines(capsys):
    figure("tile", 1.5, "ms", floor=1.0, at_most=2)
    line = capsys.readouterr().out
    assert line.startswith(MARK)
    assert json.loads(line.removeprefix(MARK))["floor"] == 1.0


def test_medians_run_the_work():
    done = []
    assert median_s(lambda: done.append("a"), times=3) >= 0
    assert done == ["a"] * 4
    ours, bare = paired_median_s(lambda: done.append("b"), lambda: done.append("c"), times=2)
    assert ours >= 0 <= bare
    assert done[4:] == ["b", "c"] * 3


@pytest.mark.parametrize("kind", ["embedded", "postgis"])
def test_under_load_nothing_fails_and_nothing_is_lost(repository, kind):
    """A few seconds of fifty users; ``make bench ONLY=load`` takes five minutes."""
    command = [sys.executable, "-m", "benchmarks.load", "--quick", "--seconds", "4", "--store", kind]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures = [json.loads(line.removeprefix(MARK)) for line in done.stdout.splitlines() if line.startswith(MARK)]
    assert len(figures) == 6
    assert [row["name"] for row in figures if not kept(row)] == [], done.stdout
