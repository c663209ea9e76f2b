"""Signing in at an identity provider: the way there and back, and everything that must not be believed."""

from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from geo_service.api.limits import OIDC_PER_MINUTE as PER_MINUTE
from geo_service.foundation.errors import InvalidInput
from geo_service.services.oidc import Known, safe_next
from geo_service.settings import Settings
from geo_service.storage.accounts import account_named, note_account
from tests.api import provider as providers
from tests.api.people import Hall


@pytest.fixture(scope="module")
def served():
    with providers.served() as made:
        yield made


@pytest.fixture
def provider(served):
    served.bend, served.key = {}, served.published
    served.publishes, served.answers = {}, None
    served.person = {"sub": "subject-1", "preferred_username": "zhang.san"}
    return served


@pytest.fixture
def hall(store, tmp_path, provider, cheap_passwords):
    made = Hall(
        store,
        tmp_path / "var",
        oidc_issuer=provider.issuer,
        oidc_client_id=providers.CLIENT,
        oidc_client_secret=providers.SECRET,
    )
    provider.now = int(made.moment.timestamp())
    return made


def there_and_back(provider, client, wanted="/map"):
    away = client.get("/api/oidc/start", params={"next": wanted})
    assert away.status_code == 303, away.text
    return client.get(provider.agree(away.headers["location"]))


def problem_of(answer):
    assert answer.status_code == 303
    place = urlsplit(answer.headers["location"])
    assert place.path == "/sign-in"
    return parse_qs(place.query)["problem"][0]


def is_signed_in(client):
    return client.get("/api/me").status_code == 200


def test_an_account_that_an_admin_has_bound_is_signed_in(hall, provider):
    hall.account(oidc_subject="subject-1")
    client = hall.browser()
    assert client.get("/api/sign-in").json()["oidc"] is True
    answer = there_and_back(provider, client, "/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    me = client.get("/api/me").json()
    assert (me["name"], me["must_set_password"]) == ("zhang.san", False)
    provider.person = {"sub": "subject-1", "preferred_username": "renamed"}
    again = hall.browser()
    there_and_back(provider, again)
    assert again.get("/api/me").json()["name"] == "zhang.san", "the subject counts, not the name"


@pytest.mark.parametrize("role", ["planner", "admin"])
@pytest.mark.parametrize("subject", [None, "somebody-else"])
def test_a_name_at_the_provider_opens_nothing(hall, provider, role, subject):
    made = hall.account(role=role, oidc_subject=subject)
    client = hall.browser()
    assert problem_of(there_and_back(provider, client)) == "oidc_no_account"
    assert not is_signed_in(client)
    root, _ = hall.admin()
    line = root.get("/api/audit", params={"verb": "sign_in_failed"}).json()["lines"][0]
    assert (line["facts"]["subject"], line["facts"]["name"]) == ("subject-1", "zhang.san")
    change = {"oidc_subject": line["facts"]["subject"]}
    bound = root.patch(f"/api/accounts/{made['uid']}", json=change, headers={"If-Match": '"1"'})
    assert bound.json()["oidc_subject"] == "subject-1"
    there_and_back(provider, client)
    me = client.get("/api/me").json()
    assert (me["name"], me["second_factor"]) == ("zhang.san", "needed" if role == "admin" else "none")
    assert (client.get("/api/summary").status_code == 403) is (role == "admin")


def test_what_the_provider_publishes_is_asked_for_every_ten_minutes(hall, provider):
    hall.account(oidc_subject="subject-1")
    moment = [0.0]
    hall.app.state.oidc_known = Known(lambda: moment[0])
    provider.asked.clear()
    for _ in range(3):
        assert there_and_back(provider, hall.browser()).headers["location"] == "/map"
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]
    moment[0] = 599.9
    there_and_back(provider, hall.browser())
    assert len(provider.asked) == 2
    moment[0] = 600.0
    there_and_back(provider, hall.browser())
    assert len(provider.asked) == 4


def test_changed_keys_of_the_provider_are_found_at_once(hall, provider, monkeypatch):
    hall.account(oidc_subject="subject-1")
    there_and_back(provider, hall.browser())
    fresh = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig", "alg": "RS256"})
    monkeypatch.setattr(provider, "published", fresh)
    monkeypatch.setattr(provider, "key", fresh)
    client = hall.browser()
    assert there_and_back(provider, client).headers["location"] == "/map"
    assert is_signed_in(client)


def test_starts_are_counted_by_address(hall, provider):
    hall.account()
    client, elsewhere = hall.browser(address="192.0.2.7"), hall.browser(address="192.0.2.8")
    answers = [client.get("/api/oidc/start") for _ in range(PER_MINUTE + 1)]
    assert {answer.headers["location"].startswith(provider.issuer) for answer in answers[:-1]} == {True}
    assert problem_of(answers[-1]) == "too_many_requests"
    assert problem_of(client.get("/api/oidc/callback?code=x&state=y")) == "too_many_requests"
    assert elsewhere.get("/api/oidc/start").headers["location"].startswith(provider.issuer)


def test_who_has_no_password_proves_himself_by_a_fresh_sign_in(hall, provider):
    made = hall.account(oidc_subject="subject-1")
    with hall.store.writing() as conn:
        note_account(conn, account_named(conn, made["name"])["id"], {"password_hash": None})
    client = hall.browser()
    there_and_back(provider, client)
    client.headers["X-CSRF-Token"] = client.get("/api/me").json()["csrf_token"]
    body = {"name": "m", "scopes": ["analyse"], "days": 1}
    assert client.post("/api/me/tokens", json=body).status_code == 201
    hall.pass_by(minutes=10)
    refused = client.post("/api/me/tokens", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "sign_in_again")
    assert client.delete("/api/me/second-factor").json()["code"] == "sign_in_again"


@pytest.mark.parametrize(
    "person", [{"sub": "s2"}, {"sub": "s2", "preferred_username": "nobody"}, {"sub": "s2", "preferred_username": 7}]
)
def test_who_has_no_account_gets_none(hall, provider, person):
    hall.account()
    provider.person = person
    assert problem_of(there_and_back(provider, hall.browser())) == "oidc_no_account"


@pytest.mark.parametrize(
    "bend",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"azp": "another client"},
    ],
    ids=str,
)
def test_claims_that_do_not_fit(hall, provider, bend):
    hall.account(oidc_subject="subject-1")
    provider.bend = bend
    client = hall.browser()
    assert problem_of(there_and_back(provider, client)) == "oidc_failed"
    assert not is_signed_in(client)


NO_ADDRESSES = (
    7,
    None,
    [],
    "",
    "javascript:alert(1)",
    "http://evil.example/x",
    "https://[",
    "https://",
    "https://a\x00b",
)
NO_TOKENS = (b"[" * 200_000, b"{" * 9, b"7", b"[]", b"{}", b'{"id_token": 7}', b'{"id_token": "a.b.c"}', b"\xff")


def test_addresses_of_the_provider_that_are_none(hall, provider):
    client = hall.browser()
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        for address in NO_ADDRESSES:
            provider.publishes = {name: address}
            hall.app.state.oidc_known = Known()
            assert problem_of(client.get("/api/oidc/start")) == "oidc_failed", (name, address)


def test_odd_answers_to_a_code(hall, provider):
    hall.account(oidc_subject="subject-1")
    client = hall.browser()
    for said in NO_TOKENS:
        provider.answers = said
        assert problem_of(there_and_back(provider, client)) == "oidc_failed", said[:20]
    assert not is_signed_in(client)


def test_a_signature_of_somebody_else(hall, provider):
    hall.account(oidc_subject="subject-1")
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert problem_of(there_and_back(provider, hall.browser())) == "oidc_failed"


def test_an_answer_that_was_not_asked_for(hall, provider):
    hall.account(oidc_subject="subject-1")
    attacker, victim = hall.browser(), hall.browser()
    back = provider.agree(attacker.get("/api/oidc/start").headers["location"])
    assert problem_of(victim.get(back)) == "oidc_failed", "no state of its own"
    victim.get("/api/oidc/start")
    assert problem_of(victim.get(back)) == "oidc_failed", "another state"
    assert not is_signed_in(victim)


def test_an_answer_works_once_and_for_ten_minutes(hall, provider):
    hall.account(oidc_subject="subject-1")
    client = hall.browser()
    back = provider.agree(client.get("/api/oidc/start").headers["location"])
    kept = dict(client.cookies)
    assert client.get(back).headers["location"] == "/map"
    replayed = hall.browser()
    replayed.cookies.update(kept)
    assert problem_of(replayed.get(back)) == "oidc_failed"
    late = hall.browser()
    back = provider.agree(late.get("/api/oidc/start").headers["location"])
    hall.pass_by(minutes=11)
    assert problem_of(late.get(back)) == "oidc_failed"


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x", "?state=x", "?code=%00&state=%F0"])
def test_answers_that_are_none(hall, provider, query):
    hall.account()
    client = hall.browser()
    client.get("/api/oidc/start")
    answer = client.get(f"/api/oidc/callback{query}")
    assert answer.status_code in (303, 422)
    assert not is_signed_in(client)


def test_a_second_factor_here_is_still_asked_for(hall, provider):
    hall.account(oidc_subject="subject-1")
    client = hall.signed_in()
    secret = client.post("/api/me/second-factor", json={}).json()["secret"]
    assert client.post("/api/me/second-factor/confirm", json={"code": hall.code(secret)}).status_code == 204
    other = hall.browser()
    there_and_back(provider, other)
    me = other.get("/api/me").json()
    assert me["second_factor"] == "pending"
    other.headers["X-CSRF-Token"] = me["csrf_token"]
    assert other.get("/api/summary").json()["code"] == "second_factor_required"
    assert other.delete("/api/me/second-factor").json()["code"] == "second_factor_required"
    hall.pass_by(seconds=30)
    assert other.post("/api/me/second-factor/confirm", json={"code": hall.code(secret)}).status_code == 204
    assert other.get("/api/summary").status_code == 200


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "map", "/a\nb", "/" * 3000]
)
def test_nobody_is_led_elsewhere(wanted):
    assert safe_next(wanted) == "/map"


def test_without_the_setting_there_is_no_provider(store, tmp_path):
    client = Hall(store, tmp_path / "var").browser()
    for path in ("/api/oidc/start", "/api/oidc/callback"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "oidc_off")


def test_a_provider_that_cannot_be_reached(store, tmp_path):
    hall = Hall(store, tmp_path / "var", oidc_issuer="http://127.0.0.1:9", oidc_client_id="a", oidc_client_secret="b")
    assert problem_of(hall.browser().get("/api/oidc/start")) == "oidc_failed"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"oidc_issuer": "https://a.example"}, "oidc_incomplete"),
        ({"oidc_issuer": "https://[", "oidc_client_id": "a", "oidc_client_secret": "b"}, "oidc_issuer_insecure"),
        ({"oidc_issuer": "https://a\x01b", "oidc_client_id": "a", "oidc_client_secret": "b"}, "oidc_issuer_insecure"),
        ({"oidc_issuer": "http://a.example", "oidc_client_id": "a", "oidc_client_secret": "b"}, "oidc_issuer_insecure"),
    ],
)
def test_wrong_settings(given, code, tmp_path):
    with pytest.raises(InvalidInput, match=code) as refused:
        Settings(var_dir=tmp_path, **given)
    assert "GEO_OIDC_" in refused.value.sentence("zh")
