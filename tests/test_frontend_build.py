"""The pages are built again exactly when their sources changed."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def script(repository):
    spec = importlib.util.spec_from_file_location("build_frontend", repository / "scripts" / "build_frontend.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path):
    for name in ("frontend/src", "frontend/node_modules/x", "geo_service/locales/zh", "data/reference"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "frontend" / "package.json").write_text("{}")
    (tmp_path / "frontend" / "src" / "a.ts").write_text("1")
    return tmp_path


def built(script, checkout):
    web = checkout / "geo_service" / "_web"
    web.mkdir()
    (web / script.STAMP).write_text(script.sources_digest(checkout))


def test_not_built_before_the_first_build(script, checkout):
    assert not script.is_built(checkout)


@pytest.mark.parametrize("changed", ["frontend/src/a.ts", "geo_service/locales/zh/new.json", "data/reference/x.json"])
def test_a_changed_source_asks_for_a_build(script, checkout, changed):
    built(script, checkout)
    assert script.is_built(checkout)
    assert script.build(checkout) is False
    (checkout / changed).write_text("2")
    assert not script.is_built(checkout)


def test_installed_packages_are_no_sources(script, checkout):
    built(script, checkout)
    (checkout / "frontend" / "node_modules" / "x" / "y.js").write_text("2")
    assert script.is_built(checkout)


def test_an_archive_without_sources_needs_its_pages(script, tmp_path):
    with pytest.raises(script.BuildFault, match="neither"):
        script.build(tmp_path)
    (tmp_path / "geo_service" / "_web").mkdir(parents=True)
    assert script.build(tmp_path) is False
