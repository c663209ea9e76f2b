"""A wrong reference file of the office: no command runs, and the sentence names file, entry and value."""

import pytest

from geo_service.cli.app import main
from geo_service.foundation.resources import use_office_folder


@pytest.fixture(autouse=True)
def _as_shipped():
    yield
    use_office_folder(None)


def test_a_negative_speed_is_refused_by_name(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_VAR_DIR", str(tmp_path))
    file = tmp_path / "reference" / "profiles.json"
    file.parent.mkdir()
    file.write_text('{"profiles": [{"code": "elder", "speed_km_h": -3}]}', encoding="utf-8")
    assert main(["--lang", "zh", "run", "list"]) == 3
    said = capsys.readouterr().err.replace("\n", "")
    for part in ("elder", "-3", "大于 0"):
        assert part in said
    assert str(file) in said
