"""Signing in at an identity provider: the way there and back, and everything that must not be believed."""

from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from geo_service.foundation.errors import InvalidInput
from geo_service.services import passwords
from geo_service.services.oidc import safe_next
from geo_service.settings import Settings
from tests.api import provider as providers
from tests.api.people import CHEAP, Hall


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)


@pytest.fixture(scope="module")
def served():
    with providers.served() as made:
        yield made


@pytest.fixture
def provider(served):
    served.bend, served.key = {}, served.published
    served.person = {"sub": "subject-1", "preferred_username": "zhang.san"}
    return served


@pytest.fixture
def hall(store, tmp_path, provider):
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


def test_an_account_that_is_there_is_signed_in(hall, provider):
    hall.account()
    client = hall.browser()
    assert client.get("/api/sign-in").json()["oidc"] is True
    answer = there_and_back(provider, client, "/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    me = client.get("/api/me").json()
    assert (me["name"], me["must_set_password"]) == ("zhang.san", False)
    provider.person = {"sub": "subject-1", "preferred_username": "renamed"}
    again = hall.browser()
    there_and_back(provider, again)
    assert again.get("/api/me").json()["name"] == "zhang.san", "the subject counts from then on"


def test_the_name_of_somebody_bound_to_another_subject_opens_nothing(hall, provider):
    hall.account(oidc_subject="somebody-else")
    client = hall.browser()
    assert problem_of(there_and_back(provider, client)) == "oidc_no_account"
    assert not is_signed_in(client)


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
    hall.account()
    provider.bend = bend
    client = hall.browser()
    assert problem_of(there_and_back(provider, client)) == "oidc_failed"
    assert not is_signed_in(client)


def test_a_signature_of_somebody_else(hall, provider):
    hall.account()
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert problem_of(there_and_back(provider, hall.browser())) == "oidc_failed"


def test_an_answer_that_was_not_asked_for(hall, provider):
    hall.account()
    attacker, victim = hall.browser(), hall.browser()
    back = provider.agree(attacker.get("/api/oidc/start").headers["location"])
    assert problem_of(victim.get(back)) == "oidc_failed", "no state of its own"
    victim.get("/api/oidc/start")
    assert problem_of(victim.get(back)) == "oidc_failed", "another state"
    assert not is_signed_in(victim)


def test_an_answer_works_once_and_for_ten_minutes(hall, provider):
    hall.account()
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
    hall.account()
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
        ({"oidc_issuer": "http://a.example", "oidc_client_id": "a", "oidc_client_secret": "b"}, "oidc_issuer_insecure"),
    ],
)
def test_wrong_settings(given, code, tmp_path):
    with pytest.raises(InvalidInput, match=code):
        Settings(var_dir=tmp_path, **given)
