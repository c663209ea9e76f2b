"""Writers wait in turn; nobody is told that the database is locked while others merely write."""

import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from geo_service.foundation.errors import StoreFault
from geo_service.storage import queueing
from geo_service.storage.queueing import TURNSTILE_END, WriteQueue, queue_of, turnstile
from geo_service.storage.store import open_store

RAISE = (
    "INSERT INTO layer_version (layer, version) VALUES ('areas', 1) "
    "ON CONFLICT (layer) DO UPDATE SET version = layer_version.version + 1"
)


def written(store) -> int:
    with store.reading() as connection:
        return connection.exec_driver_sql("SELECT version FROM layer_version WHERE layer = 'areas'").scalar() or 0


def test_first_come_first_served():
    queue, order = WriteQueue(), []

    def write(number):
        with queue.turn(30):
            order.append(number)

    threads = []
    with queue.turn(30):
        for number in range(20):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            while len(queue) <= number:
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_who_waits_too_long_leaves_the_queue():
    queue = WriteQueue()
    with queue.turn(1):
        with pytest.raises(TimeoutError), queue.turn(0.01):
            raise AssertionError("two writers at once")
        assert len(queue) == 0
    with queue.turn(0):
        pass


def test_the_place_is_given_on_after_an_error():
    queue = WriteQueue()
    with pytest.raises(ZeroDivisionError), queue.turn(1):
        raise ZeroDivisionError
    with queue.turn(0):
        pass


@pytest.mark.parametrize("called", [False, True])
def test_who_is_interrupted_holds_nobody_up(monkeypatch, called):
    class Interrupted(threading.Event):
        def wait(self, timeout=None):
            if called:
                queue._give_on()  # in the very moment
            raise KeyboardInterrupt

    queue = WriteQueue()
    with monkeypatch.context() as patched:
        patched.setattr(queueing.threading, "Event", Interrupted)
        queue._taken = True
        with pytest.raises(KeyboardInterrupt), queue.turn(30):
            pass
        if not called:
            queue._give_on()
    with queue.turn(0):
        pass


def test_one_queue_for_a_file_however_it_is_named(tmp_path):
    (tmp_path / "a").mkdir()
    assert queue_of(tmp_path / "geo.gpkg") is queue_of(tmp_path / "a" / ".." / "geo.gpkg")


def test_the_turnstile_lets_one_through(tmp_path):
    path = tmp_path / "geo.gpkg"
    with turnstile(path, time.monotonic() + 1), pytest.raises(TimeoutError), turnstile(path, time.monotonic()):
        pass
    with turnstile(path, time.monotonic()):
        assert (tmp_path / f"geo.gpkg{TURNSTILE_END}").stat().st_mode & 0o777 == 0o600


def test_fifty_writers_at_once(store_url):
    store = open_store(store_url)

    def write(_):
        for _ in range(3):
            with store.writing() as connection:
                connection.exec_driver_sql(RAISE)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(write, range(50)))
    assert written(store) == 150
    store.close()


WRITER = """
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from geo_service.storage.store import open_store
    from tests.storage.test_queueing import RAISE
    store = open_store(sys.argv[1])
    def write(_):
        with store.writing() as connection:
            connection.exec_driver_sql(RAISE)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))
    store.close()
"""


def test_several_processes_of_several_writers(store_url):
    command = [sys.executable, "-c", textwrap.dedent(WRITER), store_url]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    store = open_store(store_url)
    assert written(store) == 180
    store.close()


def test_a_process_that_waits_is_not_overtaken(make_store_url):
    """One that writes without pause lets another in after the write it is at."""
    store = open_store(make_store_url("embedded"))
    waiting, through = threading.Event(), threading.Event()

    def other_process():
        until = time.monotonic() + 30
        with turnstile(store.path, until):
            waiting.set()
            # as a second process would: its own connection, not in this process's queue
            with store.engine.connect().execution_options(geo_begin="BEGIN IMMEDIATE") as connection:
                with connection.begin():
                    connection.exec_driver_sql(RAISE)
                through.set()

    with store.writing() as connection:
        connection.exec_driver_sql(RAISE)
        thread = threading.Thread(target=other_process)
        thread.start()
        assert waiting.wait(30)
    with store.writing() as connection:
        assert through.is_set()
        connection.exec_driver_sql(RAISE)
    thread.join()
    assert written(store) == 3
    store.close()


def test_who_waits_in_vain_is_told_and_wrote_nothing(store_url):
    holder, impatient = open_store(store_url), open_store(store_url, busy_timeout_s=0.2)
    with holder.writing() as connection:
        connection.exec_driver_sql(RAISE)
        with ThreadPoolExecutor(1) as pool:

            def write():
                with impatient.writing() as second:
                    second.exec_driver_sql(RAISE)

            with pytest.raises(StoreFault, match="store_locked"):
                pool.submit(write).result()
    with impatient.writing() as connection:
        connection.exec_driver_sql(RAISE)
    assert written(holder) == 2
    holder.close()
    impatient.close()
