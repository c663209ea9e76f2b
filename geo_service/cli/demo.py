"""`geo-service demo`: make the demo community from nothing, then serve it."""

from typing import Annotated

import typer

from geo_service.bootstrap import open_context
from geo_service.cli.console import lang, progress_bar, say, show_table, tell
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.services import demo as stories
from geo_service.settings import Settings

DEFAULT_SIZE = "street"
DEFAULT_SEED = 20260331
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000


def demo(
    *,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="demo.no_serve_help")] = False,
    size: Annotated[str, typer.Option("--size", metavar="small|street|district", help="demo.size_help")] = DEFAULT_SIZE,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="demo.seed_help")] = DEFAULT_SEED,
    host: Annotated[str, typer.Option("--host", help="serve.host_help")] = DEFAULT_HOST,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="serve.port_help")] = DEFAULT_PORT,
) -> None:
    """Create the store if needed, fill it with the demo community, analyse it, and serve it."""
    if not no_serve:
        from geo_service.cli import serve as server

        address = server.loopback(host)
        server.listen(address, port).close()  # a busy port is said now, not after the work
    settings = Settings()
    stories.prepare_store(settings.store_url)
    with progress_bar() as told:
        ctx = open_context(settings, LOCAL_ADMIN, lang(), told)
        try:
            done = stories.make_demo(ctx, size, seed)
        finally:
            ctx.store.close()
    _report(done)
    if not no_serve:
        server.serve(host=host, port=port)


def _report(done: stories.DemoDone) -> None:
    show_table(
        [say("demo.layer"), say("demo.rows")],
        [(say(f"layer.{name}"), count) for name, count in done.counts.items()],
        title=say("demo.title", size=done.size, seed=done.seed),
    )
    if done.created or done.updated or done.retired:
        tell("demo.stored", created=done.created, updated=done.updated, retired=done.retired, people=done.people)
    else:
        tell("demo.there_already", people=done.people)
    for level, uid in done.runs.items():
        tell("demo.analysed", level=say(f"level.{level}"), run=uid)
