"""A sheet and the indicators over HTTP: through the worker process, and refusals at the door."""

import pytest

from tests.api.test_analyses import streets, waited

__all__ = ["streets"]


@pytest.mark.parametrize(("kind", "table"), [("checklist", "rows"), ("indicators", "totals")])
def test_a_run_is_queued_made_and_found_again(client, streets, kind, table):
    first = client.post(f"/api/analyses/{kind}", json={})
    assert first.status_code == 202, first.text
    done = waited(client, first.json()["uid"])
    assert done["status"] == "done", done
    result = client.get(f"/api/runs/{done['uid']}/result").json()
    assert result["kind"] == kind
    assert result[table]
    assert all(rule["version"] == 1 for rule in result["rules"].values())
    again = client.post(f"/api/analyses/{kind}", json={})
    assert (again.status_code, again.json()["uid"]) == (200, done["uid"])


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("checklist", {"community": "999999999999"}, 404, "community_unknown"),
        ("checklist", {"estate": "ruin"}, 422, None),
        ("checklist", {"communities": []}, 422, None),
        ("indicators", {"by": "grid"}, 422, None),
    ],
)
def test_wrong_questions(client, town, kind, body, status, code):
    answer = client.post(f"/api/analyses/{kind}", json=body)
    assert answer.status_code == status, answer.text
    assert code in (None, answer.json()["code"])
