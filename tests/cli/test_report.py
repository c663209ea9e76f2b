"""`geo-service report map`."""

import pytest

from geo_service.cartography import folium_page
from geo_service.cli.app import main
from geo_service.foundation.errors import InvalidInput, NotFound, StoreFault


@pytest.fixture
def beijing(shared_data, tmp_path, monkeypatch):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("GEO_LANG", "zh")
    monkeypatch.delenv("GEO_DATABASE_URL", raising=False)
    assert main(["db", "init"]) == 0
    assert main(["import", "osm", str(shared_data / "beijing-tsinghua" / "map.osm"), "--area", "110108"]) == 0
    return tmp_path


def test_a_map_of_the_newest_run_or_a_new_one(beijing, capsys):
    if not (folium_page._LEAFLET / "leaflet.js").is_file():
        pytest.skip("the frontend is not built (make setup)")
    assert main(["report", "map", "--out", str(beijing / "zh.html")]) == 0
    assert "社区服务覆盖图" in (beijing / "zh.html").read_text(encoding="utf-8")
    assert main(["--lang", "en", "report", "map", "--out", str(beijing / "en.html")]) == 0
    page = (beijing / "en.html").read_text(encoding="utf-8")
    assert "Coverage of community services" in page
    assert "© OpenStreetMap contributors (ODbL)" in page
    capsys.readouterr()
    assert main(["run", "list"]) == 0
    assert capsys.readouterr().out.count("覆盖") == 1


def test_wrong_questions(beijing, capsys, monkeypatch, tmp_path):
    out = beijing / "m.html"
    assert main(["report", "map", "--run", "nope", "--out", str(out)]) == NotFound.exit_code
    assert main(["report", "map", "--out", str(beijing / "m.pdf")]) == InvalidInput.exit_code
    assert ".html" in capsys.readouterr().err
    monkeypatch.setattr(folium_page, "_LEAFLET", tmp_path / "nowhere")
    assert main(["report", "map", "--out", str(out)]) == StoreFault.exit_code
    assert "make setup" in capsys.readouterr().err
    assert not out.exists()
