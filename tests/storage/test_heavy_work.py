"""Heavy work is counted for all server processes of a data folder together."""

import multiprocessing
import sqlite3
import stat
from contextlib import closing

import pytest

from geo_service.foundation.errors import StoreFault, TooManyRequests
from geo_service.storage.heavy_work import HeavyWork

MOMENT = 1000.0


@pytest.fixture
def work(tmp_path):
    return HeavyWork(tmp_path / "var", lambda: MOMENT)


def begin(work, who="a", per_minute=0, at_once=0):
    return work.begin("analysis", who, per_minute=per_minute, at_once=at_once)


def kept(work):
    with closing(sqlite3.connect(work._path)) as connection:
        return connection.execute("SELECT asker, is_running FROM work").fetchall()


def test_servers_share_both_limits(work, tmp_path):
    beside = HeavyWork(tmp_path / "var", lambda: MOMENT + 20)
    first = begin(work, per_minute=3, at_once=2)
    begin(beside, per_minute=3, at_once=2)
    for one in (work, beside):
        with pytest.raises(TooManyRequests):
            begin(one, per_minute=3, at_once=2)
    work.end(first)
    begin(beside, per_minute=3, at_once=2)
    with pytest.raises(TooManyRequests) as refused:
        begin(beside, per_minute=3)
    assert refused.value.facts == {"retry_after_s": 40}
    begin(work, "b", per_minute=3)


def _begin_and_wait(folder, pipe):
    work = HeavyWork(folder, lambda: MOMENT)
    begin(work, at_once=2)
    begin(work, at_once=2)
    pipe.send("begun")
    pipe.recv()


def test_work_of_a_killed_server_runs_no_more(work, tmp_path):
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_begin_and_wait, args=(tmp_path / "var", theirs))
    process.start()
    assert ours.recv() == "begun"
    with pytest.raises(TooManyRequests):
        begin(work, at_once=2)
    process.kill()
    process.join()
    begin(work, at_once=2)


def test_a_server_that_starts_finds_nothing_left_of_those_that_are_gone(work, tmp_path):
    begin(work)
    work.close()
    again = HeavyWork(tmp_path / "var", lambda: MOMENT)
    assert [running for _, running in kept(again)] == [0]


def test_what_counts_no_more_is_not_kept(tmp_path):
    moment = [MOMENT]
    work = HeavyWork(tmp_path, lambda: moment[0])
    for n in range(20):
        moment[0] += 10
        work.end(begin(work, f"asker {n}"))
    assert len(kept(work)) == 6
    moment[0] -= 3600  # the clock was moved back: nobody waits for an hour
    begin(work, "asker 19", per_minute=1)


def test_who_asks_is_not_written_down(work):
    begin(work, "203.0.113.7")
    assert "203.0.113.7" not in work._path.read_bytes().decode("latin-1") + str(kept(work))
    assert stat.S_IMODE(work._path.stat().st_mode) == 0o600


def test_an_end_that_cannot_be_noted_is_noted_later(work):
    number = begin(work, at_once=1)
    path, work._path = work._path, work._path.parent / "none" / "limits.sqlite3"
    work.end(number)
    with pytest.raises(StoreFault):
        begin(work, at_once=1)
    work._path = path
    begin(work, at_once=1)
