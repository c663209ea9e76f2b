"""The terminal: its language, tables and progress. Results go to stdout, everything else to stderr."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from geo_service.foundation.texts import DEFAULT_LANG, LANGS, Lang, text
from geo_service.services.context import Progress as Told

# piped into a file or another program, nothing is folded
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 240)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def lang_of(arguments: Sequence[str], environment: dict[str, str]) -> Lang:
    """Return the language of a command line: ``--lang``, then ``GEO_LANG``, then Chinese (never the locale's).

    The last ``--lang`` wins; a value that is no language is left for the command line to refuse.
    """
    wanted = ""
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--lang" and place + 1 < len(arguments):
            wanted = arguments[place + 1]
        elif argument.startswith("--lang="):
            wanted = argument.removeprefix("--lang=")
    for name in (wanted, environment.get("GEO_LANG", "")):
        primary = name.strip().lower().replace("_", "-").split("-")[0].split(".")[0]
        if primary in LANGS:
            return primary
    return DEFAULT_LANG


_chosen: list[Lang] = []


def set_lang(chosen: Lang) -> None:
    """Set the language of the command that is running."""
    _chosen[:] = [chosen]


def lang() -> Lang:
    """Return the language of the command that is running."""
    return _chosen[0] if _chosen else lang_of(sys.argv[1:], dict(os.environ))


def say(key: str, /, **facts: object) -> str:
    """Return the text of ``key`` in the terminal's language."""
    return text(key, lang(), **facts)


def tell(key: str, /, **facts: object) -> None:
    """Print the text of ``key`` to stderr, so that stdout stays free for results."""
    err.print(say(key, **facts), markup=False)


def show_table(titles: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """Print a table; ``titles`` are texts already, numbers are set to the right, None is shown as a dash.

    What stands in brackets is text, too, never markup.
    """
    made = [list(row) for row in rows]
    table = Table(title=None if title is None else escape(title), title_justify="left")
    for place, heading in enumerate(titles):
        numeric = any(isinstance(row[place], int | float) for row in made)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold", no_wrap=place == 0)
    for row in made:
        table.add_row(*("—" if value is None else escape(str(value)) for value in row))
    out.print(table)


@contextmanager
def progress_bar(*, enabled: bool = True) -> Iterator[Told]:
    """Yield a listener for progress that draws a bar on stderr when that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not (enabled and err.is_terminal)) as bar:
        task = bar.add_task("", total=1.0)

        def told(share: float | None, message_key: str) -> None:
            bar.update(task, description=say(message_key), total=None if share is None else 1.0, completed=share or 0.0)

        yield told
