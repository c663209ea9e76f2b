"""The command line's root: mounts the sub-commands, maps every failure to one sentence and an exit code.

Help texts are catalogue keys (``help="cli.serve_help"``); they are looked up once the language is known.
``--lang`` and ``--as`` may stand anywhere on the line.
"""

import importlib
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer import rich_utils

from geo_service import __version__
from geo_service.cli.console import err, lang, lang_of, out, say, set_lang
from geo_service.cli.context import act_as
from geo_service.cli.refusals import is_refusal, refusal
from geo_service.domain.reference import use_office_files
from geo_service.foundation import logs
from geo_service.foundation.errors import GeoServiceError, InvalidInput, StoreFault
from geo_service.foundation.texts import LANGS
from geo_service.settings import Settings

INTERRUPTED_EXIT_CODE: Final = 130
# name on the command line, module, attribute; an attribute that is a Typer app is a group, else a command
_MOUNTS: Final = (
    ("db", "geo_service.cli.db", "db_app"),
    ("admin", "geo_service.cli.admin", "admin_app"),
    ("import", "geo_service.cli.import_", "import_app"),
    ("analyse", "geo_service.cli.analyses", "analyse_app"),
    ("run", "geo_service.cli.analyse", "run_app"),
    ("report", "geo_service.cli.report", "report_app"),
    ("print", "geo_service.cli.print_", "print_app"),
    ("scenario", "geo_service.cli.kept_scenarios", "scenario_app"),
    ("rules", "geo_service.cli.rules", "rules_app"),
    ("checklist", "geo_service.cli.findings", "checklist_app"),
    ("problems", "geo_service.cli.problems", "problems"),
    ("audit", "geo_service.cli.audit", "audit_app"),
    ("privacy", "geo_service.cli.privacy", "privacy_app"),
    ("secret", "geo_service.cli.secret", "secret_app"),
    ("backup", "geo_service.cli.backup", "backup"),
    ("restore", "geo_service.cli.backup", "restore"),
    ("demo", "geo_service.cli.demo", "demo"),
    ("serve", "geo_service.cli.serve", "serve"),
)


def _show_version(value: bool) -> None:
    if value:
        out.print(f"geo-service {__version__}", markup=False)
        raise typer.Exit


def _take_global(arguments: list[str]) -> list[str]:
    """Set the terminal's language and who acts; return ``arguments`` without ``--lang`` and ``--as``, wherever."""
    set_lang(lang_of(arguments, dict(os.environ)))
    act_as(None)
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            return [*rest, argument, *waiting]
        name, _, value = argument.partition("=")
        if name not in ("--lang", "--as"):
            rest.append(argument)
            continue
        chosen = value if "=" in argument else next(waiting, "")
        if name == "--as":
            if not chosen or chosen.startswith("-"):
                raise InvalidInput("as_without_name")
            act_as(chosen)
        elif chosen not in LANGS:
            raise InvalidInput("lang_unknown", language=chosen, known=", ".join(LANGS))
    return rest


def build(arguments: Sequence[str] = ()) -> typer.Typer:
    """Return the command line with the sub-command that ``arguments`` name mounted, all of them where none is named.

    Importing what no command of this run needs would double the time every command takes to start.
    """
    named = next((one for one in arguments if not one.startswith("-")), None)
    wanted = [mount for mount in _MOUNTS if mount[0] == named] or ([] if "--version" in arguments else _MOUNTS)
    app = typer.Typer(
        name="geo-service",
        help="cli.help",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    @app.callback()
    def root(
        lang: Annotated[str | None, typer.Option("--lang", metavar="zh|en", help="cli.lang_help")] = None,
        as_name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="cli.as_help")] = None,
        version: Annotated[
            bool, typer.Option("--version", callback=_show_version, is_eager=True, help="cli.version_help")
        ] = False,
    ) -> None:
        """Hold the global options; all act before a command runs, as do the office's own profiles and circles."""
        use_office_files(Settings().reference_folder)

    for name, module, attribute in wanted:
        mounted = getattr(importlib.import_module(module), attribute)
        if isinstance(mounted, typer.Typer):
            app.add_typer(mounted, name=name)
        else:
            app.command(name, help=f"cli.{name}_help")(mounted)
    return app


def run() -> None:
    """Run the command line of this process and leave with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run ``arguments`` and return the exit code; failures are one sentence on stderr, never a stack trace."""
    logs.ensure("warning")
    try:
        return _run(arguments)
    except Exception as error:
        return _unexpected(error)


def _run(arguments: list[str]) -> int:
    try:
        left = _take_global(arguments)
        _translate_frames()
        command = typer.main.get_command(build(left))
        _translate_help(command)
        result = command.main(args=left, prog_name="geo-service", standalone_mode=False)
    except GeoServiceError as error:
        return _fail(error)
    except (KeyboardInterrupt, typer.Abort):
        err.print(say("cli.interrupted"), markup=False)
        return INTERRUPTED_EXIT_CODE
    except BrokenPipeError:
        return 0
    except Exception as error:
        if not is_refusal(error):
            raise
        sentence, code = refusal(error)
        err.print(sentence, markup=False)
        return code
    return result if isinstance(result, int) else 0


def _fail(error: GeoServiceError) -> int:
    err.print(error.sentence(lang()), markup=False)
    return error.exit_code


def _unexpected(error: Exception) -> int:
    """Keep classes and places of the error in a log file, without the values it quotes, and say where it is."""
    if isinstance(error, OSError) and error.errno == 28:
        return _fail(StoreFault("disk_full"))
    try:
        folder = Settings().var_dir / "log"
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"error-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
        place.write_text(json.dumps(logs.told(error), indent=1) + "\n", encoding="utf-8")
        err.print(say("cli.unexpected", log=Path(place).resolve()), markup=False)
    except Exception:
        err.print(say("cli.unexpected_no_log", kind=type(error).__name__), markup=False)
    return 1


def _translate_frames() -> None:
    """Set the fixed words of help pages in the terminal's language."""
    for name, key in (
        ("ARGUMENTS_PANEL_TITLE", "cli.frame_arguments"),
        ("OPTIONS_PANEL_TITLE", "cli.frame_options"),
        ("COMMANDS_PANEL_TITLE", "cli.frame_commands"),
        ("REQUIRED_LONG_STRING", "cli.frame_required"),
        ("DEFAULT_STRING", "cli.frame_default"),
    ):
        setattr(rich_utils, name, say(key))


def _translate_help(command: Any) -> None:
    """Look up the help texts of ``command`` and everything below it."""
    for part in ("help", "short_help", "epilog"):
        key = getattr(command, part, None)
        if key:
            setattr(command, part, say(key))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = say(parameter.help)
    context = typer.Context(command, help_option_names=["--help", "-h"])
    option = command.get_help_option(context)
    if option is not None:
        option.help = say("cli.show_help")
    for below in getattr(command, "commands", {}).values():
        _translate_help(below)
