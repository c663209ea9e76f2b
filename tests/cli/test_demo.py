"""The command `geo-service demo`: from nothing to a stored and analysed town, and its refusals."""

import pytest

from geo_service.cli.app import main


@pytest.fixture
def var_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    return tmp_path / "var"


def test_from_nothing_to_a_town_and_again(var_dir, capsys):
    assert main(["demo", "--no-serve", "--size", "small", "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert (var_dir / "geo.gpkg").exists()
    assert "households" in said.out
    assert "3000" in said.out
    assert "示例数据" in said.out
    assert "rows new" in said.err
    assert main(["demo", "--no-serve", "--size", "small", "--lang", "en"]) == 0
    assert "nothing was changed" in capsys.readouterr().err
    assert main(["demo", "--no-serve", "--size", "small", "--seed", "5", "--lang", "en"]) == 5
    assert "another demo" in capsys.readouterr().err


def test_unknown_size_is_one_sentence_in_the_language_asked(var_dir, capsys):
    assert main(["demo", "--no-serve", "--size", "huge", "--lang", "zh"]) == 4
    said = capsys.readouterr().err
    assert "huge" in said
    assert "street" in said
    assert "Traceback" not in said


def test_an_address_beyond_this_machine_is_refused_before_any_work(var_dir, capsys):
    assert main(["demo", "--host", "0.0.0.0", "--size", "small", "--lang", "en"]) == 2
    assert not (var_dir / "geo.gpkg").exists()
