"""`geo-service admin create|list|disable|enable|link`: the accounts, for who keeps the machine."""

import getpass
import sys
from typing import Annotated, Final

import typer

from geo_service.cli.console import out, say, show_table, tell
from geo_service.cli.context import context
from geo_service.domain.accounts import checked_display_name, checked_name, checked_password
from geo_service.foundation.errors import InvalidInput
from geo_service.services import accounts, passwords

admin_app = typer.Typer(help="cli.admin_help", no_args_is_help=True)
_LONGEST_LINE: Final = 10_000
Name = Annotated[str, typer.Argument(metavar="NAME", help="admin.name_help")]


@admin_app.command("create", help="admin.create_help")
def create(
    *,
    name: Name,
    display_name: Annotated[str | None, typer.Option("--display-name", help="admin.display_name_help")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="admin.password_stdin_help")] = False,
) -> None:
    """Make an administrator's account."""
    with context(progress=False) as ctx:
        with ctx.store.writing() as conn:
            accounts.ensure_key(conn, ctx)
        plain, shown = checked_name(name), checked_display_name(display_name)
        given = _from_stdin() if password_stdin else _asked()
        password_hash = passwords.hashed(checked_password(given, plain, shown))
        with ctx.store.writing() as conn:
            values = {"display_name": shown}
            made = accounts.create_account(conn, ctx, plain, "admin", values, password_hash=password_hash)
    tell("admin.created", name=made["name"])


@admin_app.command("list", help="admin.list_help")
def list_() -> None:
    """Print all accounts."""
    with context(progress=False) as ctx, ctx.store.reading() as conn:
        listed = accounts.list_accounts(conn, ctx)
    titles = [say(f"admin.column_{column}") for column in ("name", "display_name", "role", "state", "factor", "places")]
    rows = [
        (
            one["name"],
            one["display_name"],
            say(f"admin.role_{one['role']}"),
            say("admin.disabled" if one["is_disabled"] else "admin.working"),
            say("admin.on" if one["has_second_factor"] else "admin.off"),
            len(one["assignments"]),
        )
        for one in listed
    ]
    show_table(titles, rows)


@admin_app.command("disable", help="admin.disable_help")
def disable(name: Name) -> None:
    """Disable an account: it is signed out at once."""
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        found = accounts.find_account(conn, ctx, name)
        accounts.change_account(
            conn, ctx, found["uid"], expected_version=found["version"], changes={"is_disabled": True}
        )
    tell("admin.disabled_now", name=found["name"])


@admin_app.command("enable", help="admin.enable_help")
def enable(name: Name) -> None:
    """Let a disabled account sign in again; what it held before stays ended."""
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        found = accounts.find_account(conn, ctx, name)
        accounts.change_account(
            conn, ctx, found["uid"], expected_version=found["version"], changes={"is_disabled": False}
        )
    tell("admin.enabled_now", name=found["name"])


@admin_app.command("link", help="admin.link_help")
def link(name: Name) -> None:
    """Print a one-time link by which the holder of an account sets a password."""
    with context(progress=False) as ctx, ctx.store.writing() as conn:
        found = accounts.find_account(conn, ctx, name)
        made = accounts.make_link(conn, ctx, found["uid"])
    out.print(made.path, markup=False)
    tell("admin.link_made", name=found["name"], expires_at=made.expires_at)


def _asked() -> str:
    """Return the password typed twice, without showing it; InvalidInput ``password_no_terminal``."""
    if not sys.stdin.isatty():
        raise InvalidInput("password_no_terminal")
    first = getpass.getpass(f"{say('admin.ask_password')} ")
    if getpass.getpass(f"{say('admin.ask_again')} ") != first:
        raise InvalidInput("passwords_differ")
    return first


def _from_stdin() -> str:
    """Return the first line of standard input; InvalidInput ``password_stdin_empty``."""
    given = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    if not given:
        raise InvalidInput("password_stdin_empty")
    return given
