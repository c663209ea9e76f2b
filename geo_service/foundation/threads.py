"""Work on long arrays, shared among the processors."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

BLOCK: Final = 65_536  # entries worked on at a time: with fewer, handing over between threads costs more than the work


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_blocks(count: int, work: Callable[[slice], None], *, block: int = BLOCK) -> None:
    """Call ``work`` with consecutive slices of ``block`` that together cover ``range(count)``, several at a time.

    Each call must write to its own part of the results only. What one call raises is raised here. NumPy, SciPy's
    trees and Shapely let other threads run while they work on an array, so that the calls overlap.
    """
    blocks = [slice(start, min(start + block, count)) for start in range(0, count, block)]
    threads = min(processors(), len(blocks))
    if threads < 2:
        for one in blocks:
            work(one)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, blocks):
            pass
