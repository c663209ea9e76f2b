"""Siting over HTTP, through the worker process."""

from tests.api.test_analyses import streets
from tests.api.test_gaps import finished

__all__ = ["streets"]  # a fixture


def test_siting_is_run_and_kept(client, streets):
    points = [{"lon": 116.31, "lat": 40.01, "code": "P1", "cost_yuan": 100000.0}, {"lon": 116.32, "lat": 40.01}]
    asked = {"category": "canteen", "k": 1, "points": points, "weights": {"80_plus": 2}, "min_area_m2": 0.0}
    asked["lines"] = [{"line": [[116.31, 40.01], [116.311, 40.011]], "code": "L1", "cost_yuan": 5.0}]
    result = finished(client, "/api/analyses/siting", asked)
    assert result["kind"] == "siting"
    assert result["parameters"]["points"][1]["code"] == "P1"
    assert result["parameters"]["lines"] == asked["lines"]
    assert "L1" in {one["code"] for one in (*result["sites"], *result["candidates"])}
    assert len(result["sites"]) + len(result["candidates"]) >= 2
    assert {"before", "after", "proof", "total", "notes"} <= result.keys()


def test_wrong_questions(client, streets):
    asked = {"category": "canteen", "k": 1}
    for wrong in (
        {"k": 0},
        {"budget_yuan": 10.0},
        {"k": None},
        {"objective": "best"},
        {"points": [{"lon": 1.0}]},
        {"points": [{"lon": 1.0, "lat": 95.0}]},
        {"points": [{"lon": 1.0, "lat": 5.0, "cost_yuan": -1.0}]},
        {"lines": [{"line": [[1.0, 5.0]]}]},
        {"lines": [{"line": [[1.0, 5.0], [1.0, 95.0]]}]},
        {"costs": {"build": -1.0}},
        {"nothing": 1},
        {"weights": {"90": 1.0}},
        {"spaces": ["castle"]},
    ):
        assert client.post("/api/analyses/siting", json=asked | wrong).status_code in (400, 422), wrong
