"""Who asks: cookies, API tokens, this machine; what is open, what is refused, and in which words."""

import pytest

from geo_service.services.identity import AccountsSeen
from tests.api.people import NOW, Hall, code_of
from tests.passwords import PASSWORD

OTHER = "kite.lantern.42"
NEW_TOKEN = {"name": "m", "scopes": ["analyse"], "days": 30, "password": PASSWORD}
pytestmark = pytest.mark.usefixtures("cheap_passwords")


def test_without_an_account_this_machine_is_the_local_admin(hall):
    here = hall.browser()
    me = here.get("/api/me").json()
    assert (me["name"], me["role"], me["via"], me["csrf_token"]) == ("local-admin", "admin", "local", None)
    assert set(me["may"].values()) == {"all"}
    assert hall.browser(address="::1").get("/api/summary").status_code == 200
    assert code_of(hall.browser(address="192.0.2.7").get("/api/summary")) == (401, "sign_in_needed")
    assert code_of(here.get("/api/summary", headers={"X-Forwarded-For": "192.0.2.7"})) == (401, "sign_in_needed")


def test_from_the_first_account_on_everybody_signs_in(hall):
    moment = [0.0]
    hall.service.accounts_seen = AccountsSeen(lambda: moment[0])
    here = hall.browser()
    assert here.get("/api/summary").status_code == 200
    hall.account()  # as another process would make it: seen a second later at the most
    moment[0] = 1.1
    for path in (
        "/api/summary",
        "/api/me",
        "/api/buildings",
        "/api/accounts",
        "/api/search?q=a",
        "/tiles/roads/1/1/1.mvt",
    ):
        answer = here.get(path)
        assert code_of(answer) == (401, "sign_in_needed"), path
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert code_of(here.post("/api/buildings", json={})) == (401, "sign_in_needed")


def test_what_is_open_to_everybody(hall):
    hall.account()
    here = hall.browser(address="192.0.2.7")
    for path in ("/health", "/ready", "/styles.json", "/api/sign-in"):
        assert here.get(path).status_code == 200, path
    for path in ("/sign-in", "/set-password"):
        assert here.get(path).status_code in (200, 503), path
    assert here.get("/assets/none.js").status_code == 404
    assert here.get("/api/sign-in").json() == {"password": True, "oidc": False, "public": False}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/map?zoom=3&x=1", "%2Fmap%3Fzoom%3D3%26x%3D1"),
        ("/account", "%2Faccount"),
        ("/admin/accounts", "%2Fadmin%2Faccounts"),
    ],
)
def test_pages_lead_to_the_page_for_signing_in(hall, path, wanted):
    hall.account()
    answer = hall.browser().get(path, headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={wanted}")


def test_published_layers_without_an_account_only_where_the_setting_says_so(store, tmp_path):
    hall = Hall(store, tmp_path / "var", public=True)
    hall.account()
    here = hall.browser(address="192.0.2.7")
    assert here.get("/api/me").json()["role"] == "anonymous"
    assert here.get("/api/facilities").status_code == 200
    assert here.get("/api/households").status_code in (401, 403)
    assert here.post("/api/facilities", json={"type": "Feature"}).status_code in (401, 403, 422)
    assert here.get("/api/accounts").status_code in (401, 403)


def test_the_cookie_is_for_this_server_alone(hall):
    hall.account()
    plain = hall.browser()
    set_cookie = plain.post("/api/sign-in", json={"name": "zhang.san", "password": PASSWORD}).headers["set-cookie"]
    assert set_cookie.startswith("geo=")
    assert "HttpOnly" in set_cookie
    assert "SameSite=lax" in set_cookie
    assert "Secure" not in set_cookie
    over_tls = hall.browser("https://localhost")
    set_cookie = over_tls.post("/api/sign-in", json={"name": "zhang.san", "password": PASSWORD}).headers["set-cookie"]
    assert set_cookie.startswith("__Host-geo=")
    assert "Secure" in set_cookie
    assert "Path=/" in set_cookie
    assert "Domain" not in set_cookie
    assert over_tls.get("/api/me").status_code == 200


def test_what_a_page_is_told_of_who_looks_at_it(hall):
    made = hall.account(display_name="张三")
    me = hall.signed_in().get("/api/me")
    assert me.headers["cache-control"] == "no-store"
    told = me.json()
    assert (told["name"], told["display_name"], told["via"]) == ("zhang.san", "张三", "browser")
    assert told["account_uid"] == made["uid"]
    assert told["may"]["analyse"] == "all"
    assert told["may"]["manage_accounts"] == "none"


def test_changes_need_the_proof_of_the_page(hall):
    hall.account()
    client = hall.signed_in()
    foreign = hall.signed_in().headers["X-CSRF-Token"]
    body = {"name": "m", "scopes": ["analyse"], "days": 1, "password": PASSWORD}
    for given in (None, "", "wrong", foreign, "ä"):
        headers = {} if given is None else {"X-CSRF-Token": given.encode("utf-8")}
        bare = hall.browser()
        bare.cookies = client.cookies
        assert code_of(bare.post("/api/me/tokens", json=body, headers=headers)) == (403, "csrf_wrong")
    assert client.post("/api/me/tokens", json=body).status_code == 201


def test_signing_out_ends_the_session_and_not_only_the_cookie(hall):
    hall.account()
    client = hall.signed_in()
    kept = dict(client.cookies)
    answer = client.post("/api/sign-out", json={})
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    replayed = hall.browser()
    replayed.cookies.update(kept)
    assert code_of(replayed.get("/api/me")) == (401, "sign_in_needed")


@pytest.mark.parametrize("cookie", ["", "x", "a" * 43, "a" * 4000, '"', "geo_abc", "%00"])
def test_forged_cookies_are_nobodys(hall, cookie):
    hall.account()
    hall.signed_in()
    answer = hall.browser().get("/api/me", headers={"Cookie": f"geo={cookie}"})
    assert code_of(answer) == (401, "sign_in_needed")


@pytest.mark.parametrize("token", ["", "x", "geo_", "geo_" + "a" * 43, "null", "geo_é".encode()])
def test_forged_tokens_are_refused_and_never_ignored(hall, token):
    given = b"Bearer " + (token if isinstance(token, bytes) else token.encode())
    answer = hall.browser().get("/api/summary", headers={"Authorization": given})
    assert code_of(answer) == (401, "sign_in_needed"), "even where this machine would be the local admin"


def test_an_expired_session(hall):
    hall.account()
    client = hall.signed_in()
    hall.pass_by(hours=12, seconds=1)
    assert code_of(client.get("/api/me")) == (401, "sign_in_needed")


def test_use_is_noted_so_that_a_session_in_use_goes_on(hall):
    hall.account()
    client = hall.signed_in()
    for _ in range(4):
        hall.pass_by(hours=11)
        assert client.get("/api/me").status_code == 200


def test_sessions_of_another_server_are_nobodys(hall, make_store_url, store_kind, tmp_path):
    from geo_service.storage.store import open_store

    hall.account()
    client = hall.signed_in()
    foreign = open_store(make_store_url(store_kind))
    try:
        there = Hall(foreign, tmp_path / "var2")
        there.account()
        visitor = there.browser()
        visitor.cookies = client.cookies
        assert code_of(visitor.get("/api/me")) == (401, "sign_in_needed")
    finally:
        foreign.close()


def test_wrong_sign_ins_read_the_same_and_lock(hall):
    hall.account()
    client = hall.browser()
    answers = [
        client.post("/api/sign-in", json={"name": name, "password": password})
        for name, password in (("zhang.san", "wrong"), ("nobody", PASSWORD), ("ZHANG.SAN ", "x"))
    ]
    assert {code_of(answer) for answer in answers} == {(401, "sign_in_failed")}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    for _ in range(3):
        client.post("/api/sign-in", json={"name": "zhang.san", "password": "wrong"})
    answer = client.post("/api/sign-in", json={"name": "zhang.san", "password": PASSWORD})
    assert code_of(answer) == (429, "sign_in_locked")
    assert int(answer.headers["retry-after"]) == 15 * 60


def test_a_lock_is_known_to_another_worker_and_after_a_restart(hall, store, tmp_path):
    hall.account()
    for _ in range(5):
        hall.browser().post("/api/sign-in", json={"name": "zhang.san", "password": "wrong"})
    again = Hall(store, tmp_path / "var")
    answer = again.browser().post("/api/sign-in", json={"name": "zhang.san", "password": PASSWORD})
    assert code_of(answer) == (429, "sign_in_locked")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "a"},
        {"name": 1, "password": 2},
        {"name": "a", "password": None},
        {"name": "a" * 500, "password": "b"},
        {"name": "a", "password": "b" * 5000},
        {"name": "a", "password": "b", "extra": 1},
        {"name": "", "password": ""},
        {"name": "a\u0000", "password": "b"},
        [],
        "text",
    ],
)
def test_bodies_that_are_no_sign_in(hall, body):
    hall.account()
    answer = hall.browser().post("/api/sign-in", json=body)
    assert answer.status_code == 422
    with hall.store.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM attempt").scalar() == 0


def test_an_admin_without_a_second_factor_can_do_nothing_else(hall):
    hall.account("root1", "admin")
    client = hall.signed_in("root1")
    assert client.get("/api/me").json()["second_factor"] == "needed"
    for method, path in (
        ("GET", "/api/accounts"),
        ("GET", "/api/summary"),
        ("GET", "/api/me/tokens"),
        ("GET", "/api/households"),
        ("POST", "/api/me/tokens"),
        ("POST", "/api/me/password"),
        ("GET", "/api/runs"),
    ):
        body = {"json": {}} if method == "POST" else {}
        assert code_of(client.request(method, path, **body)) == (403, "second_factor_required"), path
    assert client.get("/account").status_code in (200, 503)
    assert client.post("/api/sign-out", json={}).status_code == 204


def test_an_admin_with_a_second_factor(hall):
    client, secret = hall.admin()
    assert client.get("/api/me").json()["second_factor"] == "on"
    assert client.get("/api/accounts").status_code == 200
    again = hall.browser()
    body = {"name": "root1", "password": PASSWORD}
    assert code_of(again.post("/api/sign-in", json=body)) == (401, "second_factor_needed")
    assert code_of(again.post("/api/sign-in", json={**body, "code": hall.code(secret)})) == (401, "sign_in_failed")
    hall.pass_by(seconds=30)
    code = hall.code(secret)
    assert again.post("/api/sign-in", json={**body, "code": code}).status_code == 204
    assert code_of(again.post("/api/sign-in", json={**body, "code": code})) == (401, "sign_in_failed")


def test_changing_ones_password(hall):
    hall.account()
    client, elsewhere = hall.signed_in(), hall.signed_in()
    machine = {"Authorization": f"Bearer {client.post('/api/me/tokens', json=NEW_TOKEN).json()['token']}"}
    assert code_of(client.post("/api/me/password", json={"old": "wrong", "new": OTHER})) == (401, "password_wrong")
    for weak in ("sh0rt!", "zhangsan2026", "password2024"):
        answer = client.post("/api/me/password", json={"old": PASSWORD, "new": weak})
        assert answer.status_code == 422
        assert weak not in answer.text
    assert client.post("/api/me/password", json={"old": PASSWORD, "new": OTHER}).status_code == 204
    assert client.get("/api/me").status_code == 200
    assert elsewhere.get("/api/me").status_code == 401
    assert hall.browser().get("/api/me", headers=machine).status_code == 401
    assert client.get("/api/me/tokens").json() == {"tokens": []}
    assert hall.signed_in(password=OTHER).get("/api/me").status_code == 200


def test_a_token_and_the_end_of_the_second_factor_take_the_password_again(hall):
    client, _ = hall.admin()
    bare = {key: value for key, value in NEW_TOKEN.items() if key != "password"}
    for method, path, body in (("POST", "/api/me/tokens", bare), ("DELETE", "/api/me/second-factor", {})):
        assert code_of(client.request(method, path, json=body)) == (422, "password_needed")
        assert code_of(client.request(method, path, json={**body, "password": "wrong"})) == (401, "password_wrong")
    assert client.get("/api/me/tokens").json() == {"tokens": []}
    assert code_of(client.delete("/api/me/second-factor")) == (422, "password_needed")
    assert client.post("/api/me/tokens", json=NEW_TOKEN).status_code == 201
    answer = client.request("DELETE", "/api/me/second-factor", json={"password": PASSWORD})
    assert answer.status_code == 204
    assert client.get("/api/me").json()["second_factor"] == "needed"
    assert code_of(client.post("/api/me/tokens", json=NEW_TOKEN)) == (403, "second_factor_required")


def test_the_password_cannot_be_guessed_from_a_stolen_session(hall):
    hall.account()
    client, other = hall.signed_in(), hall.signed_in()
    for guess in range(5):
        asked = (client, other)[guess % 2]
        assert code_of(asked.post("/api/me/tokens", json={**NEW_TOKEN, "password": "wrong"})) == (401, "password_wrong")
    for asked in (client, other):
        assert code_of(asked.post("/api/me/tokens", json=NEW_TOKEN)) == (429, "sign_in_locked")
    assert hall.signed_in().get("/api/me").status_code == 200, "signing in is another matter"


def test_strangers_cannot_lock_a_name_out_of_its_own_browser(hall):
    hall.account()
    hall.account("li.si")
    known, foreign = hall.signed_in(), hall.signed_in("li.si")
    for client in (hall.browser(address="192.0.2.7"), foreign):
        for _ in range(5):
            client.post("/api/sign-in", json={"name": "zhang.san", "password": "wrong"})
        locked = client.post("/api/sign-in", json={"name": "zhang.san", "password": PASSWORD})
        assert code_of(locked) == (429, "sign_in_locked")
    assert hall.signed_in(" ZHANG.SAN", browser=known).get("/api/me").status_code == 200
    signed_out = known.post("/api/sign-out", json={})
    assert signed_out.status_code == 204
    assert hall.signed_in(browser=known).get("/api/me").status_code == 200


def test_the_cookie_of_a_known_browser_opens_nothing(hall):
    hall.account()
    answer = hall.browser("https://localhost").post("/api/sign-in", json={"name": "zhang.san", "password": PASSWORD})
    session, device = answer.headers.get_list("set-cookie")
    assert session.startswith("__Host-geo=")
    assert device.startswith("__Host-geo-device-")
    for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in device
    cookie = device.partition(";")[0]
    assert "zhang" not in cookie
    bare = hall.browser("https://localhost")
    assert code_of(bare.get("/api/me", headers={"Cookie": cookie})) == (401, "sign_in_needed")


def test_ones_sessions(hall):
    hall.account()
    client, elsewhere = hall.signed_in(), hall.signed_in()
    listed = client.get("/api/me/sessions").json()["sessions"]
    assert [one["is_current"] for one in listed] == [False, True]
    assert client.delete(f"/api/me/sessions/{listed[0]['uid']}").status_code == 204
    assert elsewhere.get("/api/me").status_code == 401
    assert code_of(client.delete(f"/api/me/sessions/{listed[0]['uid']}")) == (404, "session_unknown")


def test_api_tokens(hall):
    hall.account()
    client = hall.signed_in()
    answer = client.post("/api/me/tokens", json={**NEW_TOKEN, "name": "导出", "scopes": ["read_published"]})
    made = answer.json()
    assert answer.status_code == 201
    listed = client.get("/api/me/tokens").json()["tokens"]
    assert [one["uid"] for one in listed] == [made["uid"]]
    assert made["token"] not in str(listed)
    machine = hall.browser(address="192.0.2.7")
    machine.headers["Authorization"] = f"Bearer {made['token']}"
    me = machine.get("/api/me").json()
    assert (me["via"], me["csrf_token"]) == ("token", None)
    assert {story for story, reach in me["may"].items() if reach != "none"} == {"read_published"}
    assert machine.get("/api/facilities").status_code == 200
    for method, path, body in (
        ("GET", "/api/me/tokens", None),
        ("POST", "/api/me/tokens", {"name": "m", "scopes": ["export"], "days": 30}),
        ("POST", "/api/me/password", {"old": PASSWORD, "new": OTHER}),
        ("POST", "/api/me/second-factor", {}),
        ("GET", "/api/accounts", None),
    ):
        assert machine.request(method, path, json=body).status_code == 403, path
    hall.pass_by(days=30)
    assert code_of(machine.get("/api/me")) == (401, "sign_in_needed")


def test_a_revoked_token_is_refused(hall):
    hall.account()
    client = hall.signed_in()
    made = client.post("/api/me/tokens", json=NEW_TOKEN).json()
    assert client.delete(f"/api/me/tokens/{made['uid']}").status_code == 204
    answer = hall.browser().get("/api/me", headers={"Authorization": f"Bearer {made['token']}"})
    assert code_of(answer) == (401, "sign_in_needed")


def test_a_link_sets_a_password_once(hall):
    root, _ = hall.admin()
    made = hall.account()
    old = hall.signed_in()
    link = root.post(f"/api/accounts/{made['uid']}/link", json={}).json()
    page, _, token = link["path"].partition("#")
    assert page == "/set-password"
    visitor = hall.browser(address="192.0.2.7")
    assert visitor.post(f"/api/links/{token}", json={"password": "password2024"}).status_code == 422
    assert visitor.post(f"/api/links/{token}", json={"password": OTHER}).status_code == 204
    assert code_of(visitor.post(f"/api/links/{token}", json={"password": OTHER})) == (404, "link_unknown")
    assert code_of(visitor.post("/api/links/forged", json={"password": OTHER})) == (404, "link_unknown")
    assert old.get("/api/me").status_code == 401
    assert hall.signed_in(password=OTHER).get("/api/me").json()["name"] == "zhang.san"


def test_behind_a_proxy_nobody_is_local_and_cookies_are_secure(store, tmp_path):
    hall = Hall(store, tmp_path / "var", behind_proxy=True)
    assert code_of(hall.browser().get("/api/me")) == (401, "sign_in_needed")
    hall.account()
    answer = hall.browser().post("/api/sign-in", json={"name": "zhang.san", "password": PASSWORD})
    assert answer.headers["set-cookie"].startswith("__Host-geo=")


def test_who_asks_is_taken_from_the_proxy_alone(store, tmp_path):
    hall = Hall(store, tmp_path / "var", behind_proxy=True, proxies="10.1.0.0/16")
    hall.account()
    for peer, seen in (("10.1.0.5", "192.0.2.7"), ("10.2.0.5", "10.2.0.5")):
        body = {"name": "zhang.san", "password": PASSWORD}
        told = {"X-Forwarded-For": "192.0.2.7", "X-Request-ID": "0123456789abcdef0123456789abcdef"}
        answer = hall.browser(address=peer).post("/api/sign-in", json=body, headers=told)
        assert answer.status_code == 204
        with hall.store.reading() as conn:
            line = conn.exec_driver_sql("SELECT * FROM audit WHERE verb = 'signed_in' ORDER BY id").mappings().all()[-1]
        assert line["address"] == seen
        assert (line["request_id"] == told["X-Request-ID"]) is (peer == "10.1.0.5")


@pytest.mark.parametrize("path", ["/openapi.json", "/docs/start.js"])
def test_the_description_is_for_those_who_may_ask(hall, path):
    assert hall.browser().get(path).status_code == 200  # on this machine, before there is an account
    hall.account(role="resident")
    hall.service.accounts_seen.forget()
    assert code_of(hall.browser().get(path)) == (401, "sign_in_needed")
    assert hall.browser().get("/docs", headers={"Accept": "text/html"}).status_code == 303
    assert hall.signed_in().get(path).status_code == 200
    hall.service.settings.public = True
    assert hall.browser().get(path).status_code == 200


def test_host_names_of_the_setting_are_answered(store, tmp_path):
    hall = Hall(store, tmp_path / "var", hosts="map.example.org, 192.0.2.1")
    assert hall.browser("http://map.example.org").get("/health").status_code == 200
    assert hall.browser("http://192.0.2.1").get("/health").status_code == 200
    assert hall.browser("http://other.example.org").get("/health").status_code == 421


def test_no_secret_of_a_sign_in_is_kept_or_told(hall):
    hall.account()
    client = hall.signed_in()
    token = client.cookies["geo"]
    with hall.store.reading() as conn:
        for table in ("account", "session", "attempt", "audit", "kept_answer"):
            kept = str(conn.exec_driver_sql(f"SELECT * FROM {table}").mappings().all())
            assert token not in kept
            assert PASSWORD not in kept
            assert client.headers["X-CSRF-Token"] not in kept
    assert NOW.year == 2026
