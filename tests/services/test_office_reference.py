"""A speed the office changed: another limit, another run, and verifying the old one says why; on both stores."""

import json

import pytest

from geo_service.domain.reference import use_office_files
from geo_service.foundation.resources import use_office_folder
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion
from geo_service.services.run_checks import verify


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    use_office_folder(None)


def test_a_changed_speed_is_another_run(town, folder):
    town.main_street()
    town.homes(0)
    town.facility("f1", 420)

    def asked():
        return coverage(town.ctx, CoverageQuestion.asked(["supermarket"], minutes=10, profile="elder", by="community"))

    before = asked()
    assert (before["limit"]["metres"], before["totals"][0]["buildings_covered"]) == (pytest.approx(500), 1)
    assert asked()["uid"] == before["uid"]
    slower = {"profiles": [{"code": "elder", "speed_km_h": 2.4}]}
    (folder / "profiles.json").write_text(json.dumps(slower), encoding="utf-8")
    use_office_files(folder)
    after = asked()
    assert after["uid"] != before["uid"]
    assert (after["limit"]["metres"], after["totals"][0]["buildings_covered"]) == (pytest.approx(400), 0)
    found = verify(town.ctx, before["uid"])
    assert any(one.place.startswith("reference") for one in found.inputs)
    assert verify(town.ctx, after["uid"]).is_same
