"""Every command x every role x (own area, other area, no area), against the table of rights.

Where somebody is assigned refuses no command: everybody gives every command on one of the two stores, each role in one
place on PostGIS, in another for each command, and in the others on the embedded store.
A command without a row here fails the first test. What a command is asked to do is wrong in some other way wherever
doing it would take long: who may gets as far as that, who may not is told so before.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

import pytest
import typer

from geo_service.bootstrap import open_context
from geo_service.cli import app
from geo_service.domain.actors import ROLES, Role
from geo_service.domain.rights import RIGHTS, reach
from geo_service.foundation.errors import Forbidden, NotFound
from geo_service.settings import Settings
from tests.community import PLACES, Place, actor_of, enrol, settle
from tests.stores import KINDS, SECRET_KEY

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
COMMANDS: Final = """
db init          | operate        |
db upgrade       | operate        |
db check         | operate        |
db copy          | operate        | --to {url}
admin create     | manage_accounts | {none}
admin list       | manage_accounts |
admin disable    | manage_accounts | nobody
admin enable     | manage_accounts | nobody
admin link       | manage_accounts | nobody
import osm       | import         | {none} --area 990101
import layer     | import         | buildings {none}
analyse times    | analyse        | --category clinic --out {out}.csv
analyse coverage | analyse        | --category clinic --out {out}.json
analyse circles  | analyse        | --category clinic --out {out}.geojson
analyse gaps     | analyse        | --category clinic --out {out}.json
analyse capacity | analyse        | --category kindergarten --out {out}.json
analyse siting   | analyse        | --category clinic --k 1 --out {out}.json
run list         | read_runs      |
run show         | read_runs      | {run}
run compare      | read_runs      | {run} {run}
run verify       | analyse        | nobody
run explain      | read_runs      | {run} --category clinic
analyse checklist | analyse       | --out {out}.json
analyse indicators | analyse      | --out {out}.json
analyse scenario | analyse        | --category clinic --edits {edits} --out {out}.json
analyse effect   | analyse        | --category clinic --project projects-A --out {out}.json
scenario list    | read_scenarios |
scenario show    | read_scenarios | nobody
scenario save    | write_scenarios | --name x --edits {edits}
scenario project | write_projects | nobody
checklist list   | read_published |
checklist record | write_statements | 990101001001 CRC-12 --finding pass --on soon --by x --basis x
checklist withdraw | write_statements | nobody --reason x
problems         | analyse        | grids --out {out}.json
rules list       | read_published | --category metro
rules show       | read_published | CRC-01
rules edit       | manage_rules   | CRC-99 --set in_force=false
rules add        | manage_rules   | CRC-01
rules confirm    | manage_rules   | CRC-99 --seen-in x
report map       | report         | --run {run} --out {out}.html
print map        | report         | --area nowhere --out {out}.pdf
print community  | report         | --area nowhere --out {out}.pdf
print poster     | report         | --area nowhere --out {out}.pdf
audit list       | read_audit     | --limit 1
audit export     | read_audit     | --out {out}.csv
audit verify     | verify_audit   |
audit anchor     | verify_audit   | --out {out}.anchor.json
privacy export   | person_export  | households nobody --out {out}.json --reason x
privacy erase    | person_erase   | households nobody --reason x
privacy sweep    | sweep          | --dry-run
secret check     | operate        |
secret rotate    | operate        |
backup           | backup         | {backup}
restore          | backup         | {none}
demo             | operate        | --no-serve --size none
serve            | operate        | --port {busy}
"""
ROWS: Final = [tuple(part.strip() for part in line.split("|")) for line in COMMANDS.strip().splitlines()]
ACTORS: Final = [role for role in ROLES if role != "anonymous"]  # nobody runs a command without a name


@dataclass
class World:
    """A settled store, the words commands are given, and who gives them."""

    words: dict[str, Any]
    kind: str

    def askers(self, number: int) -> Iterator[tuple[Role, Place]]:
        """Yield who gives the command with this number here."""
        for (n, role), (m, place) in product(enumerate(ACTORS), enumerate(PLACES)):
            if (m == (n + number) % len(PLACES)) == (self.kind == "postgis"):
                yield role, place

    def run(self, name: str | None, command: str, arguments: str) -> int:
        """Run a command as the account ``name``, or as the local operator, and return its exit code."""
        acting = [] if name is None else ["--as", name]
        return app.main([*acting, *command.split(), *arguments.format(**self.words).split()])


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp(f"matrix-{request.param}")
    cluster = lent = None
    if request.param == "embedded":
        template: Path = request.getfixturevalue("embedded_template")
        copyfile(template, folder / "geo.gpkg")
        (folder / "geo.gpkg").chmod(0o600)
        url = f"sqlite:///{folder / 'geo.gpkg'}"
    else:
        cluster = request.getfixturevalue("postgis_cluster")
        lent = cluster.lend()
        url = cluster.url(lent)
    with pytest.MonkeyPatch.context() as monkeypatch, socket.create_server(("127.0.0.1", 0)) as busy:
        monkeypatch.setenv("GEO_DATABASE_URL", url)
        monkeypatch.setenv("GEO_VAR_DIR", str(folder / "var"))
        monkeypatch.setenv("GEO_ALLOW_UNSAFE_STORE", "1")
        monkeypatch.setenv("GEO_SECRET_KEY", SECRET_KEY)
        assert app.main(["db", "init"]) == 0
        ctx = open_context(Settings())
        run = settle(ctx.store, NOW)
        enrol(ctx.store, ctx)
        ctx.store.close()
        (folder / "edits.json").write_text('[{"edit": "facility_close", "facility": "facilities-A"}]')
        words = {
            "edits": folder / "edits.json",
            "backup": folder / "backup.zip",
            "url": url,
            "none": folder / "none",
            "out": folder / "out",
            "run": run,
        }
        yield World({**words, "busy": busy.getsockname()[1]}, request.param)
    if cluster is not None:
        cluster.give_back(lent)


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the names of all commands below one."""
    below = getattr(command, "commands", None)
    if below is None:
        yield " ".join(path)
        return
    for name, one in below.items():
        yield from commands(one, (*path, name))


def test_every_command_has_a_row() -> None:
    known = set(commands(typer.main.get_command(app.build())))
    rows = {name for name, _, _ in ROWS}
    assert known - rows == set(), "commands without a row in the matrix"
    assert rows - known == set(), "rows of no command"
    assert {story for _, story, _ in ROWS} <= set(RIGHTS)


def test_the_local_operator_may_do_all(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for command, _, arguments in ROWS:
        assert world.run(None, command, arguments) not in (1, Forbidden.exit_code), capsys.readouterr().err


def test_nobody_acts_as_who_is_not_there(world: World) -> None:
    assert world.run("nobody", "run list", "") == NotFound.exit_code


@pytest.mark.parametrize(("command", "story", "arguments"), ROWS, ids=[name for name, _, _ in ROWS])
def test_matrix(world: World, command: str, story: str, arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    surprises = []
    for role, place in world.askers(ROWS.index((command, story, arguments))):
        code = world.run(actor_of(role, place).name, command, arguments)
        told = capsys.readouterr().err
        is_refused = code == Forbidden.exit_code
        if is_refused == (reach(role, story) != "none") or code == 1:
            surprises.append(f"{role} assigned {place}: exit code {code} {told[-200:]}")
    assert surprises == []
