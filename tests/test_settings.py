from pathlib import Path

import pytest

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
