from pathlib import Path

import pytest

from geo_service.cli.app import main
from geo_service.foundation.errors import InvalidInput
from geo_service.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in ("GEO_DATABASE_URL", "GEO_VAR_DIR", "GEO_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_the_store_is_a_file_under_var():
    assert Settings().store_url == "sqlite:///var/geo.gpkg"
    assert Settings().timezone == "Asia/Shanghai"


def test_the_data_folder_moves_the_store(monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path))
    assert Settings().var_dir == tmp_path
    assert Settings().store_url == f"sqlite:///{tmp_path / 'geo.gpkg'}"


def test_a_named_store_is_taken_as_it_is(monkeypatch):
    monkeypatch.setenv("GEO_DATABASE_URL", "postgresql+psycopg2:///geo")
    assert Settings().store_url == "postgresql+psycopg2:///geo"
    assert Settings().var_dir == Path("var")


def test_empty_variables_are_none(monkeypatch):
    for name in ("GEO_DATABASE_URL", "GEO_VAR_DIR", "GEO_TIMEZONE"):
        monkeypatch.setenv(name, "")
    assert Settings().store_url == "sqlite:///var/geo.gpkg"
    assert Settings().timezone == "Asia/Shanghai"


@pytest.mark.parametrize("zone", ["Mars/Phobos", "Asia", "../etc/passwd", "/etc/passwd", "x" * 300, "时区"])
def test_a_wrong_time_zone_is_one_sentence(zone, monkeypatch, capsys):
    monkeypatch.setenv("GEO_TIMEZONE", zone)
    with pytest.raises(InvalidInput, match="timezone_unknown"):
        Settings()
    assert main(["run", "list", "--lang", "zh"]) == InvalidInput.exit_code
    told = capsys.readouterr().err
    assert zone[:80] in told
    assert "GEO_TIMEZONE" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("below", ["", "var", "a/b"])
def test_a_data_folder_that_is_or_lies_in_a_file_is_refused(below, monkeypatch, capsys, tmp_path):
    file = tmp_path / "file"
    file.write_text("kept")
    monkeypatch.setenv("GEO_VAR_DIR", str(file / below))
    assert main(["db", "init", "--lang", "zh"]) == InvalidInput.exit_code
    told = capsys.readouterr().err
    assert f"{file} 不是文件夹" in told
    assert file.read_text() == "kept"


def test_a_wrong_store_is_refused_by_name(monkeypatch, capsys):
    monkeypatch.setenv("GEO_DATABASE_URL", "mysql://geo")
    assert main(["db", "check", "--lang", "zh"]) == InvalidInput.exit_code
    assert "GEO_DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEO_LOG_LEVEL", "loud"),
        ("GEO_METRICS_PORT", "70000"),
        ("GEO_LIMIT_AT_ONCE", "-1"),
        ("GEO_LIMIT_SEARCH_PER_MINUTE", "many"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(monkeypatch, capsys, name, value):
    monkeypatch.setenv(name, value)
    assert main(["db", "check", "--lang", "en"]) == InvalidInput.exit_code
    told = capsys.readouterr().err
    assert name in told
    assert "Traceback" not in told
