"""The check-ups of all communities at once: pages are made here, set in processes beside."""

import multiprocessing
import os
import tempfile
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import quote

from geo_service.domain.layers import LAYERS
from geo_service.exchange.write import check_folder, write_bytes
from geo_service.foundation.errors import InvalidInput
from geo_service.services import prints
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.print_community import Results
from geo_service.services.rights import may
from geo_service.storage.frames import read_frame

_AHEAD: Final = 4  # pages made before the first of them is set, for each process


def print_communities(ctx: Context, folder: Path, form: str = "pdf", processes: int | None = None) -> int:
    """Write the check-up of every community into a folder as ``CODE.pdf``, all or none, and return how many.

    Raises as ``prints.sheet_of``; InvalidInput ``print_no_communities``, ``print_format_unknown``; FileFault
    ``folder_is_file``, ``folder_missing``, ``file_unwritable``.
    """
    may(ctx.actor, "report")
    prints.check_form(form)
    check_folder(folder)
    count = processes or min(os.cpu_count() or 1, 4)
    with ctx.store.reading() as conn:
        frame = read_frame(conn, LAYERS["areas"], ["code"], geometry=False, where={"level": "community"})
        codes = [str(code) for code in frame["code"]]
        if not codes:
            raise InvalidInput("print_no_communities")
        results = Results.newest(conn, ctx)
        # spawned, never forked with an open store
        pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))
        with tempfile.TemporaryDirectory(prefix=".print-", dir=folder.absolute().parent) as waiting:
            files: list[Path] = []
            under_way: deque[tuple[str, Future[bytes]]] = deque()

            def finish() -> None:
                code, made = under_way.popleft()
                files.append(Path(waiting) / f"{quote(code, safe='')}.{form}")
                write_bytes(files[-1], made.result())
                ctx.progress(len(files) / len(codes), "progress.printing")

            try:
                quiet = ctx.telling(lambda share, key: None)
                for code in codes:
                    sheet = prints.sheet_of(conn, quiet, prints.SheetQuestion.asked("community", code), results)
                    under_way.append((code, pool.submit(prints.set_sheet, sheet, form)))
                    if len(under_way) >= _AHEAD * count:
                        finish()
                while under_way:
                    finish()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
            note_export(ctx, folder, "print community", count=len(files))
            folder.mkdir(exist_ok=True)
            for file in files:
                file.replace(folder / file.name)
    return len(files)
