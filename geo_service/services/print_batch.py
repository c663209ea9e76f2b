"""The check-ups of all communities at once: pages are made here, set in processes beside; as a folder or an archive."""

import os
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from geo_service.domain.layers import LAYERS
from geo_service.exchange.write import check_folder, write_bytes
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import text
from geo_service.services import prints
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.print_archives import archive_of, sweep_archives
from geo_service.services.print_community import Results
from geo_service.services.print_setter import Setters
from geo_service.services.rights import may
from geo_service.storage.frames import read_frame

_MOST_PROCESSES: Final = 4
_REFUSED: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_LONGEST_PART: Final = 60


def print_communities(ctx: Context, folder: Path, form: str = "pdf", processes: int | None = None) -> int:
    """Write the check-up of every community into a folder as ``NAME-CODE.pdf``, all or none, and return how many.

    Raises as ``prints.sheet_of``; InvalidInput ``print_no_communities``, ``print_format_unknown``; FileFault
    ``folder_is_file``, ``folder_missing``, ``file_unwritable``; StoreFault ``print_setter_died``.
    """
    may(ctx.actor, "report")
    prints.check_form(form)
    check_folder(folder)
    with (
        ctx.store.reading() as conn,
        tempfile.TemporaryDirectory(prefix=".print-", dir=folder.absolute().parent) as waiting,
    ):
        codes = communities_of(conn, None)
        names = _names(conn)
        files = [Path(waiting) / f"{file_name(names.get(code), code)}.{form}" for code in codes]
        for file, (_, content) in zip(files, made(conn, ctx, codes, form, processes), strict=True):
            write_bytes(file, content)
        note_export(ctx, folder, "print community", count=len(files))
        folder.mkdir(exist_ok=True)
        for file in files:
            file.replace(folder / file.name)
    return len(files)


def print_archive(ctx: Context, name: str, *, area: str | None = None, form: str = "pdf") -> Path:
    """Make the check-ups of the communities in an area (all where none is named) an archive ``name``.zip.

    It is kept in the data folder for a term (``print_archives``). Raises as :func:`print_communities`.
    """
    may(ctx.actor, "report")
    prints.check_form(form)
    sweep_archives(ctx)
    path = archive_of(ctx, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        with (
            ctx.store.reading() as conn,
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,  # PDF and PNG are packed already
        ):
            names = _names(conn)
            for code, content in made(conn, ctx, communities_of(conn, area), form):
                archive.writestr(f"{file_name(names.get(code), code)}.{form}", content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def archive_name(conn: Connection, ctx: Context, area: str | None, day: date) -> str:
    """Return what the archive of an area's check-ups is called where it is saved."""
    place = text("print.file_everywhere", ctx.lang) if area is None else (_names(conn).get(area) or area)
    return file_name(text("print.file_sheets", ctx.lang), place, day.isoformat()) + ".zip"


def file_name(*parts: str | None) -> str:
    """Return words as the name of a file, without its ending: what file systems refuse is left out."""
    kept = (_REFUSED.sub("_", part).strip(" ._")[:_LONGEST_PART] for part in parts if part)
    return "-".join(part for part in kept if part)


def _names(conn: Connection) -> dict[str, str | None]:
    frame = read_frame(conn, LAYERS["areas"], ["code", "name"], geometry=False)
    names = frame["name"].where(frame["name"].notna(), None)
    return dict(zip(frame["code"].astype(str), names, strict=True))


def communities_of(conn: Connection, area: str | None) -> Sequence[str]:
    """Return the codes of the communities in an area, of all without one; InvalidInput ``print_no_communities``."""
    frame = read_frame(conn, LAYERS["areas"], ["code", "level", "parent_code"], geometry=False)
    parents = dict(zip(frame["code"], frame["parent_code"], strict=True))
    codes = [str(code) for code in frame["code"][frame["level"] == "community"]]
    found = codes if area is None else [code for code in codes if area in _line(parents, code)]
    if not found:
        raise InvalidInput("print_no_communities")
    return found


def _line(parents: dict[str, str | None], code: str) -> list[str]:
    """Return an area and those above it."""
    line: list[str] = []
    above: str | None = code
    while above is not None and above not in line:
        line.append(above)
        above = parents.get(above)
    return line


def made(
    conn: Connection, ctx: Context, codes: Sequence[str], form: str = "pdf", processes: int | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield code and check-up of each community in their order, and tell how many are done."""
    results = Results.newest(conn, ctx)
    quiet = ctx.telling(lambda share, key: None)
    sheets = (
        (code, prints.sheet_of(conn, quiet, prints.SheetQuestion.asked("community", code), results)) for code in codes
    )
    count = processes or min(os.cpu_count() or 1, _MOST_PROCESSES, len(codes))
    done = 0

    def tell() -> None:
        ctx.progress(done / len(codes), "progress.printing_all")

    tell()
    with Setters(count) as setters:
        for sheet in setters.set_all(sheets, form, tell):
            yield sheet
            done += 1
            tell()
