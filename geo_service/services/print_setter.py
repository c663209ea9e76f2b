"""Pages set by processes beside: each reads sheets from its input and writes files to its output until that ends.

Not ``multiprocessing``: the process that works off jobs is a daemon, which may have no such children, and one that is
stopped must leave none behind. A reader whose writer is gone ends by itself.
"""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from geo_service.cartography import paper
from geo_service.foundation import errors

if TYPE_CHECKING:
    from geo_service.services.prints import Sheet

_AHEAD: Final = 4  # pages made before the first of them is set, for each process


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

    def set_all(self, sheets: "Iterable[tuple[str, Sheet]]", form: str) -> Iterator[tuple[str, bytes]]:
        """Yield each sheet's name and file in their order; at most a few sheets are held ahead."""
        under_way: deque[tuple[str, Future[bytes]]] = deque()
        for name, sheet in sheets:
            under_way.append((name, self._pool.submit(self._set, sheet, form)))
            if len(under_way) >= _AHEAD * self._count:
                yield _first(under_way)
        while under_way:
            yield _first(under_way)

    def _set(self, sheet: "Sheet", form: str) -> bytes:
        child = self._idle.get()
        try:
            pickle.dump((sheet.pages, sheet.title, form), child.stdin)  # type: ignore[arg-type]
            child.stdin.flush()  # type: ignore[union-attr]
            answer: tuple[str, Any] = pickle.load(child.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, pickle.UnpicklingError):
            raise errors.StoreFault("print_setter_died") from None
        finally:
            self._idle.put(child)
        kind, value = answer
        if kind == "made":
            return bytes(value)
        code, facts = value
        raise errors.StoreFault(code, **facts)


def _first(under_way: deque[tuple[str, Future[bytes]]]) -> tuple[str, bytes]:
    name, made = under_way.popleft()
    return name, made.result()


def main() -> None:
    """Set sheets until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    while True:
        try:
            pages, title, form = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer: tuple[str, Any] = ("made", paper.set_file(pages, title, form))
        except errors.GeoServiceError as error:
            answer = ("refused", (error.code, error.facts))
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
