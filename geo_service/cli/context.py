"""What every command that works on the store is given."""

from collections.abc import Iterator
from contextlib import contextmanager

from geo_service.bootstrap import open_context
from geo_service.cli.console import lang, progress_bar
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.services.context import Context
from geo_service.settings import Settings


@contextmanager
def context(*, progress: bool = True) -> Iterator[Context]:
    """Yield the context of a command on the store of the settings, with a progress bar on stderr."""
    with progress_bar(enabled=progress) as told:
        ctx = open_context(Settings(), LOCAL_ADMIN, lang(), told)
        try:
            yield ctx
        finally:
            ctx.store.close()
