"""``geo-service admin`` and ``--as``: accounts from the command line, on both stores."""

import io
import sys

import pytest

from geo_service.cli import context
from geo_service.cli.app import main
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.passwords import PASSWORD


@pytest.fixture(autouse=True)
def at_home(monkeypatch, tmp_path, store_url, cheap_passwords):
    monkeypatch.setenv("GEO_DATABASE_URL", store_url)
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GEO_LANG", "en")
    yield
    context.act_as(None)


def create(monkeypatch, name="root1", typed=f"{PASSWORD}\n", *more):
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    return main(["admin", "create", name, "--password-stdin", *more])


def test_from_nothing_to_a_list(monkeypatch, capsys):
    assert create(monkeypatch, "Root1", f"{PASSWORD}\n", "--display-name", "王芳") == 0
    told = capsys.readouterr()
    assert "root1" in told.err
    assert "two-step" in told.err
    assert PASSWORD not in told.err + told.out
    assert main(["admin", "list"]) == 0
    listed = capsys.readouterr().out
    assert "root1" in listed
    assert "王芳" in listed
    assert "administrator" in listed


@pytest.mark.parametrize(
    ("name", "typed", "code", "said"),
    [
        ("root1", "short\n", InvalidInput.exit_code, "at least 10"),
        ("root1", "password2024\n", InvalidInput.exit_code, "too common"),
        ("root1", "", InvalidInput.exit_code, "standard input"),
        ("root1root1", "root1root1\n", InvalidInput.exit_code, "own name"),
        ("a b", f"{PASSWORD}\n", InvalidInput.exit_code, "cannot be the name"),
        ("local-admin", f"{PASSWORD}\n", InvalidInput.exit_code, "the system's own"),
    ],
)
def test_wrong_names_and_passwords(monkeypatch, capsys, name, typed, code, said):
    assert create(monkeypatch, name, typed) == code
    assert said in capsys.readouterr().err
    assert main(["admin", "list"]) == 0
    assert "admin" not in capsys.readouterr().out


def test_a_name_that_is_taken(monkeypatch, capsys):
    assert create(monkeypatch) == 0
    assert create(monkeypatch) == Conflict.exit_code
    assert "already" in capsys.readouterr().err


def test_without_a_terminal_nothing_is_asked(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n{PASSWORD}\n"))
    assert main(["admin", "create", "root1"]) == InvalidInput.exit_code
    assert "--password-stdin" in capsys.readouterr().err


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("another9!Tree", InvalidInput.exit_code)])
def test_a_password_is_typed_twice_and_not_shown(monkeypatch, capsys, second, code):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    typed = iter([PASSWORD, second])
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("geo_service.cli.admin.getpass.getpass", lambda prompt: next(typed))
    assert main(["admin", "create", "root1"]) == code
    assert PASSWORD not in str(capsys.readouterr())


def test_a_link_and_an_end(monkeypatch, capsys):
    create(monkeypatch)
    create(monkeypatch, "root2")
    capsys.readouterr()
    assert main(["admin", "link", "root2"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("/set-password#")
    assert len(told.out.strip().partition("#")[2]) >= 43
    assert main(["admin", "disable", "root2"]) == 0
    assert main(["admin", "link", "root2"]) == Conflict.exit_code
    assert main(["admin", "disable", "root1"]) == Conflict.exit_code
    assert "last administrator" in capsys.readouterr().err
    assert main(["admin", "link", "nobody"]) == NotFound.exit_code
    assert main(["admin", "disable", "../x"]) == NotFound.exit_code


def test_an_end_and_a_new_beginning(monkeypatch, capsys, store):
    create(monkeypatch)
    create(monkeypatch, "root2")
    main(["admin", "disable", "root2"])
    assert main(["admin", "enable", "Root2"]) == 0
    assert "enabled again" in capsys.readouterr().err
    main(["admin", "list"])
    assert "disabled" not in capsys.readouterr().out
    assert main(["admin", "disable", "root1"]) == 0
    assert main(["admin", "enable", "nobody"]) == NotFound.exit_code
    with store.reading() as conn:
        verbs = conn.exec_driver_sql("SELECT verb FROM audit ORDER BY id").scalars().all()
    assert verbs == ["account_created", "account_created", "account_disabled", "account_changed", "account_disabled"]


def test_as_somebody(monkeypatch, capsys, store):
    from tests.services.accounts import Office

    create(monkeypatch)
    Office(store, None).account("wang", "planner")
    assert main(["--as", "root1", "admin", "list"]) == 0
    assert main(["admin", "list", "--as=wang"]) == Forbidden.exit_code
    assert main(["db", "check", "--as", "wang"]) == Forbidden.exit_code
    assert main(["--as", "wang", "serve", "--port", "0"]) == Forbidden.exit_code
    assert main(["run", "list", "--as", "WANG"]) == 0
    assert main(["run", "list", "--as", "nobody"]) == NotFound.exit_code
    assert main(["run", "list", "--as"]) == InvalidInput.exit_code
    main(["admin", "disable", "wang"])
    capsys.readouterr()
    assert main(["run", "list", "--as", "wang"]) == Forbidden.exit_code
    assert "disabled" in capsys.readouterr().err
    assert main(["admin", "list"]) == 0, "the next command acts as the operator again"


def test_what_is_done_is_told_to_the_audit(monkeypatch, store):
    create(monkeypatch)
    main(["admin", "link", "root1", "--as", "root1"])
    with store.reading() as conn:
        lines = conn.exec_driver_sql("SELECT actor, via, verb FROM audit ORDER BY id").all()
    assert [tuple(line) for line in lines] == [
        ("local-admin", "command", "account_created"),
        ("root1", "command", "link_made"),
    ]
