"""Printed sheets on a machine without a browser: one map, one check-up, one poster, and a hundred check-ups at once.

The demo community of a street office (synthetic) with its analyses kept; the hundred are all its communities again and
again in one batch, the start of its processes included. Floor: setting the same page once without reading
anything.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import text as sql

from benchmarks.measure import figure, median_s
from geo_service.bootstrap import open_context
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.services import analyses, print_batch, prints
from geo_service.services.context import Context
from geo_service.settings import Settings

PROGRAM = Path(sys.executable).with_name("geo-service")
SHEET_S, BATCH_S, BATCH = 3, 120, 100
KINDS = (("coverage", {"by": "community"}), ("checklist", {}), ("gaps", {}))


def main() -> None:
    """Make the demo, its analyses, and print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(var_dir=Path(folder) / "var", database_url="")
        environment = {"GEO_VAR_DIR": str(settings.var_dir), "PATH": "/usr/bin:/bin"}
        command = [PROGRAM, "demo", "--no-serve", "--size", "street"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        ctx = open_context(settings, LOCAL_ADMIN, "zh")
        for name, asked in KINDS:
            kind = analyses.kind_named(name)
            analyses.made_run(ctx, kind, kind.asked(**asked))
        with ctx.store.reading() as conn:
            code = conn.execute(sql("SELECT code FROM area WHERE level = 'community' ORDER BY code")).scalars().first()
        for kind, paper in (("map", "A4"), ("map", "A3"), ("community", "A4"), ("poster", "A3")):
            question = prints.SheetQuestion.asked(kind, str(code), paper_size=paper)
            with ctx.store.reading() as conn:
                sheet = prints.sheet_of(conn, ctx, question)
                seconds = median_s(lambda question=question, conn=conn: prints.printed(conn, ctx, question))
            floor = median_s(lambda sheet=sheet: prints.set_sheet(replace(sheet, pages=sheet.pages[:1]), "pdf"))
            figure(f"{kind} on {paper} as PDF", seconds, at_most=SHEET_S, note=f"setting the page alone {floor:.2f} s")
        batch(ctx)


def batch(ctx: Context) -> None:
    """Print a hundred check-ups in one batch, the demo's communities as often as it takes."""
    with ctx.store.reading() as conn:
        own = print_batch.communities_of(conn, None)
        codes = list(islice(cycle(own), BATCH))
        start = time.perf_counter()
        taken = sum(1 for _ in print_batch.made(conn, ctx, codes))
        seconds = time.perf_counter() - start
    note = f"one round: {taken} sheets of {len(own)} communities, the start of the processes included"
    figure(f"check-ups of {BATCH} communities", seconds, at_most=BATCH_S, note=note)


if __name__ == "__main__":
    main()
