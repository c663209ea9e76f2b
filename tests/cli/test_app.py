"""The command line's root: languages, help, one sentence and an exit code for every failure."""

import re

import pytest

from geo_service.cli import app, console
from geo_service.cli.app import main
from geo_service.foundation import errors
from geo_service.foundation.errors import GeoServiceError, StoreFault


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    for name in ("GEO_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "GEO_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))


@pytest.mark.parametrize(
    ("arguments", "environment", "lang"),
    [
        ([], {}, "zh"),
        (["--lang", "en"], {}, "en"),
        (["run", "list", "--lang=en"], {}, "en"),
        (["--lang", "zh"], {"GEO_LANG": "en"}, "zh"),
        ([], {"GEO_LANG": "en"}, "en"),
        ([], {"GEO_LANG": "en_GB.UTF-8"}, "en"),
        ([], {"LANG": "en_GB.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "C.UTF-8"}, "zh"),
        ([], {"LANG": "de_DE.UTF-8", "GEO_LANG": "fr"}, "zh"),
        ([], {"LC_ALL": "en_US.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ([], {"LC_ALL": "zh_CN.UTF-8", "GEO_LANG": "en"}, "en"),
        (["--", "--lang", "en"], {}, "zh"),
    ],
)
def test_language(arguments, environment, lang):
    assert console.lang_of(arguments, environment) == lang


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("geo-service 0.")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "command",
    [
        [], ["admin"], ["admin", "create"], ["admin", "list"], ["admin", "disable"], ["admin", "link"],
        ["db"], ["import"], ["import", "osm"], ["import", "layer"], ["analyse"], ["analyse", "times"],
        ["analyse", "coverage"], ["analyse", "circles"], ["run"], ["run", "list"], ["run", "show"], ["report"],
        ["report", "map"], ["print"], ["print", "map"], ["print", "community"], ["print", "poster"],
        ["demo"], ["serve"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_help_in_both_languages(command, lang, capsys):
    assert main([*command, "--help", "--lang", lang]) == 0
    shown = capsys.readouterr().out
    assert ("显示帮助并退出" in shown) == (lang == "zh")
    assert "_help" not in shown, "a text key without a text"
    assert not re.search(r"\{[a-z]", shown), "a fact that was not filled in"
    assert "Show this message" not in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bogus"], "没有选项 --bogus"),
        (["analyse", "times"], "缺少 --category"),
        (["analyse", "coverage", "--circle", "x", "--out", "a.json"], "--circle 的值不对：应为整数"),
        (["analyse", "nothing"], "没有命令“nothing”"),
        (["run", "show", "a", "b"], "多出了参数 b"),
        (["run", "list", "--limit"], "选项 --limit 后面缺少值"),
        (["run", "list", "--limit", "0"], "不能小于 1"),
        (["run", "show"], "缺少 UID"),
        (["--lang", "fr", "run", "list"], "没有语言“fr”"),
        (["--lang"], "没有语言"),
    ],
)
def test_a_wrong_command_line(arguments, said, capsys):
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err
    assert told.out == ""


def test_each_error_class_has_its_exit_code(monkeypatch, capsys):
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GeoServiceError)]
    assert len(kinds) > 5
    for kind in kinds:
        monkeypatch.setattr(app, "build", lambda _, kind=kind: (n for n in ()).throw(kind("no_homes")))
        assert main([]) == kind.exit_code != 0
        assert "还没有住宅" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RuntimeError("secret detail"), 1, "详情已写入"),
        (KeyboardInterrupt(), 130, "已中断"),
        (OSError(28, "No space left on device"), StoreFault.exit_code, "磁盘空间已满"),
        (MemoryError(), 1, "详情已写入"),
    ],
)
def test_unexpected_errors_never_show_a_trace(error, code, said, monkeypatch, capsys, tmp_path):
    def fail(_):
        raise error

    monkeypatch.setattr(app, "build", fail)
    assert main([]) == code
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err + told.out
    assert "secret detail" not in told.err
    if code == 1:
        (log,) = (tmp_path / "var" / "log").iterdir()
        assert type(error).__name__ in log.read_text(encoding="utf-8")


def test_a_store_that_is_not_there(capsys):
    assert main(["run", "list"]) == StoreFault.exit_code
    assert "geo-service db init" in capsys.readouterr().err


def test_unexpected_without_a_place_for_the_log(monkeypatch, capsys, tmp_path):
    (tmp_path / "var").write_text("a file where the folder should be")
    monkeypatch.setattr(app, "build", lambda _: 1 / 0)
    assert main(["--lang", "en"]) == 1
    assert "no log could be written" in capsys.readouterr().err
