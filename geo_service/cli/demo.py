"""`geo-service demo`: make the demo community from nothing, then serve it."""

from contextlib import closing, nullcontext
from typing import Annotated

import typer

from geo_service.cli.binding import LOOPBACK, bound, loopback
from geo_service.cli.console import say, show_table, tell
from geo_service.cli.context import actor, context
from geo_service.cli.serve import DEFAULT_PORT, Host, Port, serve_on
from geo_service.services import demo as stories
from geo_service.settings import Settings

DEFAULT_SIZE = "street"
DEFAULT_SEED = 20260331


def demo(
    *,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="demo.no_serve_help")] = False,
    size: Annotated[str, typer.Option("--size", metavar="small|street|district", help="demo.size_help")] = DEFAULT_SIZE,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="demo.seed_help")] = DEFAULT_SEED,
    host: Host = LOOPBACK,
    port: Port = DEFAULT_PORT,
) -> None:
    """Create the store if needed, fill it with the demo community, analyse it, and serve it."""
    # a wrong address or a busy port is said now, not after the work
    with nullcontext() if no_serve else closing(bound(loopback(host), port)) as listener:
        stories.prepare_store(Settings().store_url, actor())
        with context() as ctx:
            done = stories.make_demo(ctx, size, seed)
        _report(done)
        if listener is not None:
            serve_on(listener)


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
