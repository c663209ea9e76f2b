"""Everybody's accounts over HTTP: for administrators with their second factor, from the version that was read."""

import pytest

from tests.api.people import code_of


def test_an_account_from_its_making_to_its_end(hall, town):
    root, _ = hall.admin()
    answer = root.post("/api/accounts", json={"name": "wang.fang", "role": "grid_worker", "display_name": "王芳"})
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/accounts/{made['uid']}")
    assert made["has_password"] is False
    url = answer.headers["location"]
    assigned = root.post(f"{url}/assignments", json={"grid_code": "G1"})
    assert assigned.json()["grid"] == {"code": "G1", "name": "一网格"}
    assert root.get(url).json()["assignments"] == [assigned.json()]
    ended = root.patch(
        f"{url}/assignments/{assigned.json()['uid']}", json={"ends_on": "2026-12-31"}, headers={"If-Match": '"1"'}
    )
    assert ended.json()["ends_on"] == "2026-12-31"
    changed = root.patch(url, json={"role": "official"}, headers={"If-Match": answer.headers["etag"]})
    assert (changed.json()["role"], changed.headers["etag"]) == ("official", '"2"')
    assert code_of(root.patch(url, json={"role": "unit"}, headers={"If-Match": '"1"'})) == (412, "account_changed")
    assert code_of(root.patch(url, json={"role": "unit"})) == (428, "if_match_missing")
    off = root.patch(url, json={"is_disabled": True}, headers={"If-Match": '"2"'})
    assert off.json()["is_disabled"] is True
    assert code_of(root.post(f"{url}/link", json={})) == (409, "account_disabled")
    names = [one["name"] for one in root.get("/api/accounts").json()["accounts"]]
    assert names == ["root1", "wang.fang"]


@pytest.mark.parametrize("role", ["resident", "grid_worker", "planner", "official", "unit"])
def test_nobody_else_sees_or_changes_accounts(hall, role):
    made = hall.account(role=role)
    client = hall.signed_in()
    url = f"/api/accounts/{made['uid']}"
    for method, path, body in (
        ("GET", "/api/accounts", None),
        ("GET", url, None),
        ("GET", "/api/accounts/nobody", None),
        ("POST", "/api/accounts", {"name": "x2", "role": "admin"}),
        ("PATCH", url, {"role": "admin"}),
        ("POST", f"{url}/link", {}),
        ("DELETE", f"{url}/second-factor", None),
        ("POST", f"{url}/assignments", {"grid_code": "G1"}),
        ("PATCH", f"{url}/assignments/x", {}),
    ):
        answer = client.request(method, path, json=body, headers={"If-Match": '"1"'})
        assert code_of(answer) == (403, "forbidden"), (method, path)


def test_the_last_admin_stays(hall):
    root, _ = hall.admin()
    (only,) = root.get("/api/accounts").json()["accounts"]
    headers = {"If-Match": f'"{only["version"]}"'}
    for change in ({"is_disabled": True}, {"role": "planner"}):
        answer = root.patch(f"/api/accounts/{only['uid']}", json=change, headers=headers)
        assert code_of(answer) == (409, "last_admin")


def test_an_account_is_made_once_with_a_key(hall):
    root, _ = hall.admin()
    body = {"name": "wang.fang", "role": "planner"}
    first, again = (root.post("/api/accounts", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert code_of(root.post("/api/accounts", json=body)) == (409, "account_name_taken")


def test_a_link_is_never_kept_for_repeating(hall):
    root, _ = hall.admin()
    made = hall.account()
    url = f"/api/accounts/{made['uid']}/link"
    first = root.post(url, json={}, headers={"Idempotency-Key": "k1"})
    assert first.status_code == 201
    assert code_of(root.post(url, json={}, headers={"Idempotency-Key": "k1"})) == (409, "idempotency_shown_once")
    token = first.json()["path"].partition("#")[2]
    with hall.store.reading() as conn:
        assert token not in str(conn.exec_driver_sql("SELECT * FROM kept_answer").mappings().all())


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("", {"name": "a b", "role": "planner"}, "account_name_form"),
        ("", {"name": "wang", "role": "king"}, "values_refused"),
        ("", {"name": "wang", "role": "planner", "password": "x"}, "values_refused"),
        ("/{uid}/assignments", {}, "place_one"),
        ("/{uid}/assignments", {"area_code": "1", "grid_code": "2"}, "place_one"),
        ("/{uid}/assignments", {"area_code": "nowhere"}, "place_unknown"),
        ("/{uid}/assignments", {"area_code": "a", "starts_on": "2026-13-45"}, "day_form"),
    ],
)
def test_wrong_values(hall, path, body, code):
    root, _ = hall.admin()
    made = hall.account()
    answer = root.post(f"/api/accounts{path.format(uid=made['uid'])}", json=body)
    assert code_of(answer) == (422, code)


def test_unknown_accounts(hall):
    root, _ = hall.admin()
    assert code_of(root.get("/api/accounts/nobody")) == (404, "account_unknown")
    assert code_of(root.post("/api/accounts/nobody/link", json={})) == (404, "account_unknown")
    assert code_of(root.delete("/api/accounts/nobody/second-factor")) == (404, "account_unknown")


def test_a_lost_telephone(hall):
    root, _ = hall.admin()
    other, _ = hall.admin("root2")
    uid = next(one["uid"] for one in root.get("/api/accounts").json()["accounts"] if one["name"] == "root2")
    assert root.delete(f"/api/accounts/{uid}/second-factor").status_code == 204
    assert other.get("/api/me").status_code == 401
    assert hall.signed_in("root2").get("/api/me").json()["second_factor"] == "needed"
