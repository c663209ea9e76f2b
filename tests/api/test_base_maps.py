"""Base maps from outside: what pages may ask, and whom they are told to."""

import json

import pytest

from tests.api.people import Hall
from tests.domain.test_base_maps import TIANDITU, XYZ


@pytest.fixture(scope="module")
def store_kind():
    return "embedded"


@pytest.fixture
def hall(store, tmp_path):
    file = tmp_path / "base_maps.json"
    file.write_text(json.dumps([XYZ, TIANDITU]), encoding="utf-8")
    return Hall(store, tmp_path / "var", base_maps_file=file, public=True)


def policy_of(client, path):
    parts = client.get(path).headers["content-security-policy"].split(";")
    return {name: sources.split() for name, _, sources in (part.strip().partition(" ") for part in parts)}


def test_pages_may_load_pictures_from_the_configured_origins_and_nothing_else(hall):
    policy = policy_of(hall.browser(), "/docs")
    tianditu = [f"https://t{number}.tianditu.gov.cn" for number in range(8)]
    configured = ["https://tiles1.example.cn", "https://tiles2.example.cn", *tianditu]
    assert policy.pop("img-src") == ["'self'", "data:", "blob:", *configured]
    assert not any(source.startswith("http") for sources in policy.values() for source in sources)
    assert "img-src" not in policy_of(hall.browser(), "/health")


def test_the_public_is_told_of_maps_whose_approval_is_recorded(hall):
    hall.account("wang.fang", "planner")
    seen = hall.signed_in("wang.fang").get("/api/summary").json()["base_maps"]
    assert [one["code"] for one in seen] == ["gaode", "tdt"]
    assert [one["is_shifted"] for one in seen] == [True, False]
    assert seen[0]["credit"]["zh"] == "© 示例 · 审图号：GS（2025）1号"
    assert "internal use" in seen[1]["credit"]["en"]
    public = hall.browser().get("/api/summary").json()["base_maps"]
    assert [one["code"] for one in public] == ["gaode"]
