"""What is wrong with a command line itself, said in the terminal's language instead of the parser's English."""

import re
from typing import Final

from geo_service.cli.console import say

# message of the parser → text key; groups become facts
_SAID: Final = (
    (re.compile(r"No such command '(?P<name>.*?)'"), "cli.no_such_command"),
    (re.compile(r"unexpected extra argument\S* \((?P<name>.*)\)"), "cli.extra_argument"),
    (re.compile(r"Option '(?P<name>.*)' requires"), "cli.option_without_value"),
    (re.compile(r"valid integer"), "cli.want_integer"),
    (re.compile(r"valid number"), "cli.want_number"),
    (re.compile(r"valid boolean"), "cli.want_boolean"),
    (re.compile(r"greater than or equal to (?P<bound>\S+)"), "cli.want_at_least"),
    (re.compile(r"less than or equal to (?P<bound>\S+)"), "cli.want_at_most"),
)
_KINDS: Final = {
    "NoSuchOption": "cli.no_such_option",
    "MissingParameter": "cli.missing_parameter",
    "BadParameter": "cli.bad_parameter",
}


def is_refusal(error: BaseException) -> bool:
    """Whether the parser of command lines raised this."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def refusal(error: BaseException) -> tuple[str, int]:
    """Return the sentence for a refused command line and the exit code."""
    code = int(getattr(error, "exit_code", 2))
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(getattr(error, "message", "")), code
    detail = _detail(str(getattr(error, "message", "") or error))
    facts = {"name": _name(error), "option": getattr(error, "option_name", ""), "detail": detail}
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "geo-service"
    hint = say("cli.try_help", command=path)
    return f"{say(_KINDS.get(kind, 'cli.usage'), **facts)}\n{hint}", code


def _name(error: BaseException) -> str:
    """Return what the person would call the parameter: its option, or its place's name."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return str(getattr(error, "param_hint", None) or "")
    options = [option for option in getattr(parameter, "opts", ()) if option.startswith("-")]
    return " / ".join(options) or str(getattr(parameter, "metavar", None) or parameter.name)


def _detail(message: str) -> str:
    for pattern, key in _SAID:
        found = pattern.search(message)
        if found:
            return say(key, **found.groupdict())
    return message
