"""Saved views over HTTP: kept, listed, opened, shared, renamed, deleted; for whom."""

import pytest

from geo_service.services.feature_places import MOST_CORNERS
from tests.api.people import code_of

STATE = "map=15/116.31500/40.01000&category=clinic&circle=15&tool=gaps&t.rank=2"
HERE = "/api/views"


def test_a_view_from_its_making_to_its_end(client):
    asked = {"name": " 东片的诊所 ", "state": f"#{STATE}"}
    key = {"Idempotency-Key": "one"}
    made = client.post(HERE, json=asked, headers=key)
    assert made.status_code == 201, made.text
    assert client.post(HERE, json=asked, headers=key).json() == made.json()
    first, where = made.json(), made.headers["location"]
    kept = ("name", "state", "sharing", "is_own", "may_change", "version")
    assert [first[each] for each in kept] == ["东片的诊所", STATE, "private", True, True, 1]
    assert client.get(where).json() == first
    assert code_of(client.post(HERE, json=asked)) == (409, "view_name_taken")
    other = client.post(HERE, json={"name": "西片", "state": "map=14/116.3/40"})
    assert [one["name"] for one in client.get(HERE).json()["views"]] == ["西片", "东片的诊所"]
    assert client.patch(where, json={"name": "改名"}).status_code == 428
    version = {"If-Match": made.headers["etag"]}
    assert code_of(client.patch(where, json={}, headers=version)) == (422, "nothing_to_change")
    taken = client.patch(other.headers["location"], json={"name": "东片的诊所"}, headers=version)
    assert code_of(taken) == (409, "view_name_taken")
    changed = client.patch(where, json={"name": "改名", "sharing": "colleagues"}, headers=version)
    assert [changed.json()[each] for each in kept] == ["改名", STATE, "colleagues", True, True, 2]
    assert code_of(client.patch(where, json={"name": "再改"}, headers=version)) == (412, "view_changed")
    assert code_of(client.delete(where, headers=version)) == (412, "view_changed")
    assert client.delete(where, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    assert code_of(client.get(where)) == (404, "view_unknown")
    told = client.get("/api/audit?limit=10").text
    assert "view_deleted" in told
    assert "改名" not in told


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "  "}, "view_name"),
        ({"name": "两\n行"}, "view_name"),
        ({"name": "x\x07"}, "text_unprintable"),
        ({"state": "#"}, "view_state"),
        ({"state": "anything"}, "view_state"),
        ({"state": "map=15/116/40&password=1"}, "view_state_key"),
        ({"state": "edit=facilities/F1"}, "view_state_key"),
        ({"state": "t.rank=1"}, "view_state_key"),
        ({"state": "by=grid&by=community"}, "view_state_key"),
        ({"state": "map=here"}, "view_state_value"),
        ({"state": "tool=none"}, "view_state_value"),
        ({"state": f"{STATE}&t.shape={'-116.123456,-40.123456;' * 200}"}, "view_state_long"),
    ],
)
def test_what_is_no_view_is_a_problem_with_a_sentence(client, body, code):
    answer = client.post(HERE, json={"name": "x", "state": STATE, **body})
    assert code_of(answer) == (422, code)
    assert answer.json()["detail_zh"] != answer.json()["detail_en"]


@pytest.mark.parametrize("body", [{"name": "字" * 81}, {"sharing": "everybody"}, {"owner": "x"}])
def test_what_is_too_long_or_unknown_is_refused(client, body):
    assert client.post(HERE, json={"name": "x", "state": STATE, **body}).status_code == 422


def test_a_drawn_polygon_of_the_most_corners_fits_into_a_view(client):
    shape = ";".join(["-116.123456,-40.123456"] * MOST_CORNERS)
    layers = "areas,grids,buildings,facilities,public_spaces,green_spaces,gates,barriers,projects,cases"
    state = f"map=15/116.31500/40.01000&layers={layers}&tool=select&t.layers={layers}&t.shape={shape}"
    answer = client.post(HERE, json={"name": "多角", "state": state})
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == state


def test_views_are_for_their_owner_and_shared_ones_for_colleagues(hall):
    people = {name: (hall.account(name, name), hall.signed_in(name))[1] for name in ("planner", "official", "resident")}
    root, _ = hall.admin()
    planner, official, resident = people.values()
    made = planner.post(HERE, json={"name": "本片", "state": STATE})
    where, version = made.headers["location"], {"If-Match": made.headers["etag"]}
    for somebody in (official, resident, root):
        assert somebody.get(HERE).json()["views"] == []
        assert code_of(somebody.get(where)) == (404, "view_unknown")
        assert code_of(somebody.delete(where, headers=version)) == (404, "view_unknown")
    shared = planner.patch(where, json={"sharing": "colleagues"}, headers=version)
    version = {"If-Match": shared.headers["etag"]}
    seen = official.get(where).json()
    assert [seen[each] for each in ("state", "created_by", "is_own", "may_change")] == [STATE, "planner", False, False]
    assert [one["uid"] for one in official.get(HERE).json()["views"]] == [seen["uid"]]
    assert code_of(official.patch(where, json={"name": "x"}, headers=version)) == (403, "forbidden")
    assert code_of(resident.get(where)) == (404, "view_unknown")
    assert resident.get(HERE).json()["views"] == []
    # a resident keeps views too, for himself; the same name is another's own
    own = resident.post(HERE, json={"name": "本片", "state": STATE})
    assert own.status_code == 201, own.text
    assert code_of(resident.post(HERE, json={"name": "y", "state": STATE, "sharing": "colleagues"})) == (
        403,
        "forbidden",
    )
    # an administrator mends the name of a shared one, under its owner's names, and deletes it
    mended = root.patch(where, json={"name": "改过"}, headers=version)
    assert (mended.json()["name"], mended.json()["created_by"]) == ("改过", "planner")
    assert root.delete(where, headers={"If-Match": mended.headers["etag"]}).status_code == 204
    assert planner.get(HERE).json()["views"] == []
