"""`geo-service secret check|rotate`: the service's key that personal values are sealed by."""

import typer

from geo_service.bootstrap import key_source
from geo_service.cli.console import say, show_table, tell
from geo_service.cli.context import context
from geo_service.foundation.errors import StoreFault
from geo_service.services import secrets
from geo_service.settings import Settings

secret_app = typer.Typer(help="cli.secret_help", no_args_is_help=True)


@secret_app.command("check", help="cli.secret_check_help")
def check() -> None:
    """Print what the key opens; fails if anything is wrong."""
    with context(progress=False) as ctx:
        found = secrets.check(ctx, key_source(Settings()))
    rows: list[tuple[str, object]] = [
        (say("secret.place"), found.place),
        (say("secret.keys"), ", ".join(found.keys) or None),
        (say("secret.is_private"), say("secret.yes" if found.is_private else "secret.no")),
        *((say("secret.persons", named=key), str(count)) for key, count in sorted(found.persons.items())),
        *((say("secret.plain", layer=layer), str(count)) for layer, count in sorted(found.plain.items())),
        (say("secret.broken"), str(found.broken)),
    ]
    show_table([say("secret.what"), say("secret.value")], rows)
    if not found.is_sound:
        raise StoreFault("secret_unsound")


@secret_app.command("rotate", help="cli.secret_rotate_help")
def rotate() -> None:
    """Change the key, or finish a change that was broken off."""
    source = key_source(Settings())
    with context(progress=False) as ctx:
        done = secrets.rotate(ctx, source)
    tell("cli.secret_rotated", keys=done, place=source.place)
