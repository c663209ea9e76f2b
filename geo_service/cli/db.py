"""`geo-service db init|upgrade|check|copy`: the store as a whole."""

from typing import Annotated

import typer

from geo_service.bootstrap import key_source
from geo_service.cli.console import out, progress_bar, say, show_table, tell
from geo_service.cli.context import actor
from geo_service.foundation.errors import StoreFault
from geo_service.services import stores
from geo_service.settings import Settings

db_app = typer.Typer(help="cli.db_help", no_args_is_help=True)


@db_app.command("init", help="cli.db_init_help")
def init() -> None:
    """Create the store."""
    settings = Settings()
    tell("cli.db_ready", store=stores.init(settings.store_url, actor(), key_source(settings)))


@db_app.command("upgrade", help="cli.db_upgrade_help")
def upgrade() -> None:
    """Bring the store to this version."""
    settings = Settings()
    tell("cli.db_ready", store=stores.upgrade(settings.store_url, actor(), key_source(settings)))


@db_app.command("check", help="cli.db_check_help")
def check() -> None:
    """Print what was looked at; fails if anything is wrong."""
    settings = Settings()
    checked = stores.check(settings.store_url, actor(), settings.var_dir)
    rows = [(say(f"check.{f.name}"), say("check.sound" if f.is_sound else "check.wrong")) for f in checked.findings]
    show_table([say("check.what"), say("check.verdict")], rows, title=checked.store)
    for finding in checked.findings:
        for fault in finding.faults:
            out.print(f"{say(f'check.{finding.name}')}: {fault}", markup=False)
    if not checked.is_sound:
        wrong = sum(not finding.is_sound for finding in checked.findings)
        raise StoreFault("store_check_failed", store=checked.store, count=wrong)


@db_app.command("copy", help="cli.db_copy_help")
def copy(*, to: Annotated[str, typer.Option("--to", metavar="URL", help="cli.db_to_help")]) -> None:
    """Copy everything into another store."""
    with progress_bar() as told:
        copied = stores.copy(Settings().store_url, to, actor(), told)
    rows = [(table.table, table.rows, table.checksum[:12]) for table in copied]
    show_table([say("copy.table"), say("copy.rows"), say("copy.checksum")], rows)
    tell("cli.db_copied", rows=sum(table.rows for table in copied))
