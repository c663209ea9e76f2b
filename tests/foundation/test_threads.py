import threading

import numpy as np
import pytest

from geo_service.foundation import threads
from geo_service.foundation.threads import BLOCK, in_blocks


@pytest.mark.parametrize("count", [0, 1, BLOCK, BLOCK + 1, 3 * BLOCK - 1])
def test_every_place_is_worked_on_once(count):
    worked = np.zeros(count, int)

    def work(part):
        worked[part] += 1

    in_blocks(count, work)
    assert (worked == 1).all()


def test_blocks_are_worked_on_at_the_same_time_where_there_is_more_than_one_processor(monkeypatch):
    monkeypatch.setattr(threads, "processors", lambda: 2)
    together = threading.Barrier(2, timeout=30)
    in_blocks(2 * BLOCK, lambda _: together.wait())


def test_with_one_processor_no_thread_is_started(monkeypatch):
    monkeypatch.setattr(threads, "processors", lambda: 1)
    seen = set()
    in_blocks(3 * BLOCK, lambda _: seen.add(threading.get_ident()))
    assert seen == {threading.get_ident()}


def test_what_a_block_raises_is_raised():
    def work(part):
        if part.start:
            raise ValueError("second")

    with pytest.raises(ValueError, match="second"):
        in_blocks(2 * BLOCK, work)
