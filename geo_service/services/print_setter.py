"""Pages set by processes beside: each reads sheets from its input and writes files to its output until that ends.

A line of JSON asks; a line of JSON answers, followed by the bytes it announces.

Not ``multiprocessing``: the process that works off jobs is a daemon, which may have no such children, and one that is
stopped must leave none behind. A reader whose writer is gone ends by itself.
"""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from geo_service.cartography import paper
from geo_service.foundation import errors

if TYPE_CHECKING:
    from geo_service.services.prints import Sheet

_AHEAD: Final = 4  # pages made before the first of them is set, for each process
_TICK_S: Final = 0.3


class Setters:
    """So many processes that set pages; a context manager."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = ThreadPoolExecutor(count)
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Setters":
        command = [sys.executable, "-m", "geo_service.services.print_setter"]
        for _ in range(self._count):
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.processes.append(child)
            self._idle.put(child)
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is not None:  # nobody waits for what is still being set
            for child in self.processes:
                child.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for child in self.processes:
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what was written last may wait for nobody
                        pipe.close()
            child.wait()

    def set_all(
        self, sheets: "Iterable[tuple[str, Sheet]]", form: str, tick: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[str, bytes]]:
        """Yield each sheet's name and file in their order, as soon as it is there; at most a few are held ahead.

        ``tick`` is called between sheets and again and again while one is waited for; what it raises ends the work.
        """
        under_way: deque[tuple[str, Future[bytes]]] = deque()
        for name, sheet in sheets:
            under_way.append((name, self._pool.submit(self._set, sheet, form)))
            tick()
            while under_way and (under_way[0][1].done() or len(under_way) >= _AHEAD * self._count):
                yield _first(under_way, tick)
        while under_way:
            yield _first(under_way, tick)

    def _set(self, sheet: "Sheet", form: str) -> bytes:
        child = self._idle.get()
        try:
            asked, answers = child.stdin, child.stdout
            assert asked is not None and answers is not None
            asked.write(_line({"pages": list(sheet.pages), "title": sheet.title, "form": form}))
            asked.flush()
            answer = json.loads(answers.readline() or "null")
            made = answers.read(answer["bytes"]) if answer and "bytes" in answer else None
        except (OSError, ValueError):  # gone, or in the middle of a line
            raise errors.StoreFault("print_setter_died") from None
        finally:
            self._idle.put(child)
        if answer is None or (made is not None and len(made) < answer["bytes"]):
            raise errors.StoreFault("print_setter_died")
        if made is None:
            raise errors.StoreFault(answer["code"], **answer["facts"])
        return made


def _first(under_way: deque[tuple[str, Future[bytes]]], tick: Callable[[], None]) -> tuple[str, bytes]:
    name, made = under_way.popleft()
    while not wait([made], timeout=_TICK_S).done:
        tick()
    return name, made.result()


def main() -> None:
    """Set sheets until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    for line in sys.stdin.buffer:
        try:
            made = paper.set_file(**json.loads(line))
        except errors.GeoServiceError as error:
            answers.write(_line({"code": error.code, "facts": error.facts}))
        else:
            answers.write(_line({"bytes": len(made)}) + made)
        answers.flush()


def _line(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


if __name__ == "__main__":
    main()
