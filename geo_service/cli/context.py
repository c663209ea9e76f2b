"""What every command that works on the store is given, and as whom it acts."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Final

from geo_service.bootstrap import open_context
from geo_service.cli.console import lang, progress_bar
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.foundation.errors import Forbidden, GeoServiceError
from geo_service.services import identity
from geo_service.services.context import Context
from geo_service.services.refused import Refusal, note_refusal
from geo_service.settings import Settings

# who runs commands holds the store anyway
OPERATOR: Final = replace(LOCAL_ADMIN, via="command")
_acting: list[str] = []


def act_as(name: str | None) -> None:
    """Set the account the command that is running acts as; None: the local operator."""
    _acting[:] = [] if name is None else [name]


def actor() -> Actor:
    """Return as whom the command acts.

    With ``--as NAME`` that account with its rights: the store is opened to look for it. Raises NotFound
    ``account_name_unknown``, Forbidden ``account_disabled`` and the faults of opening.
    """
    if not _acting:
        return OPERATOR
    ctx = open_context(Settings(), OPERATOR, lang())
    with closing(ctx.store):
        return _named(ctx)


@contextmanager
def context(*, progress: bool = True) -> Iterator[Context]:
    """Yield the context of a command on the store of the settings, with a progress bar on stderr."""
    with progress_bar(enabled=progress) as told:
        ctx = open_context(Settings(), OPERATOR, lang(), told)
        try:
            ctx = replace(ctx, actor=_named(ctx)) if _acting else ctx
            yield ctx
        except Forbidden as error:
            _note(ctx, error)
            raise
        finally:
            ctx.store.close()


def _note(ctx: Context, error: Forbidden) -> None:
    """Write into the audit which right somebody lacked."""
    story = str(error.facts.get("verb", ""))
    with suppress(GeoServiceError), ctx.store.writing() as conn:
        note_refusal(conn, ctx, Refusal("command", story, error.exit_code, error.code, story))


def _named(ctx: Context) -> Actor:
    with ctx.store.reading() as conn:
        return identity.by_name(conn, _acting[0], ctx.clock(), ctx.timezone)
