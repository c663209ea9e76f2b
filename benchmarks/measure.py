"""What a benchmark script uses: medians of repeated runs, peak memory, and figures the harness collects.

A script ``benchmarks/<name>.py`` is run as ``python -m benchmarks.<name>`` in a process of its own, measures its
floor (the bare libraries doing the same work) in the same run, and calls :func:`figure` for each result.
"""

import gc
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, Final

TIMES: Final = 5
MARK: Final = "FIGURE "


def median_s(work: Callable[[], Any], times: int = TIMES) -> float:
    """Return the median seconds of ``times`` runs of ``work``, after one run that is not counted if times > 1."""
    if times > 1:
        work()
    taken = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def paired_median_s(work: Callable[[], Any], floor: Callable[[], Any], times: int = TIMES) -> tuple[float, float]:
    """Return the medians of ``work`` and ``floor``, run by turns so that both meet the same machine."""
    work()
    floor()
    ours, bare = [], []
    for _ in range(times):
        for run, taken in ((work, ours), (floor, bare)):
            gc.collect()
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    return statistics.median(ours), statistics.median(bare)


def peak_memory_mb() -> float:
    """Return the highest resident memory of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def figure(
    name: str,
    value: float,
    unit: str = "s",
    *,
    floor: float | None = None,
    at_most: float | None = None,
    at_least: float | None = None,
    note: str = "",
) -> None:
    """Hand a result to the harness.

    Parameters
    ----------
    name
        What was measured.
    value, unit
        The result.
    floor
        What the bare libraries take for the same work, in the same unit; then ``at_most`` bounds value / floor
        and ``at_least`` bounds floor / value ("so many times faster").
    at_most, at_least
        Bounds of the ratio, or of the value itself where there is no floor.
    note
        Whatever a reader must know to believe the figure.
    """
    row = {
        "name": name,
        "value": value,
        "unit": unit,
        "floor": floor,
        "at_most": at_most,
        "at_least": at_least,
        "note": note,
    }
    print(MARK + json.dumps(row, ensure_ascii=False), flush=True)
