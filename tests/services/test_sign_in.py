"""Signing in: passwords, one-time codes, locks by name and address, sessions, API tokens; forged, old and replayed."""

import secrets

import pytest

from geo_service.foundation.errors import Conflict, GeoServiceError, InvalidInput, NotFound, TooManyRequests
from geo_service.services import accounts, identity, lockout, passwords, second_factor, sessions, tokens
from geo_service.storage import attempts
from tests.passwords import CHEAP, PASSWORD
from tests.services.accounts import Office

OTHER = "kite.lantern.42"


def failed(outcome):
    return outcome.token is None and outcome.refused.code == "sign_in_failed"


def counted(office):
    with office.store.reading() as conn:
        return conn.exec_driver_sql("SELECT count(*) FROM attempt").scalar()


def test_signing_in_opens_a_session_that_is_kept_as_a_hash(office):
    made = office.account()
    token = office.sign_in(" Zhang.San ").token
    signed = office.who(token)
    assert len(token) >= 43
    assert (signed.actor.name, signed.actor.role, signed.actor.via) == ("zhang.san", "planner", "browser")
    assert signed.actor.account_uid == made["uid"]
    assert signed.second_factor == "none"
    with office.store.reading() as conn:
        kept = dict(conn.exec_driver_sql("SELECT * FROM session").mappings().one())
    assert token not in str(kept)
    assert kept["address"] == "192.0.2.7"
    (line,) = office.lines("signed_in")
    assert (line["actor"], line["address"], line["request_id"]) == ("zhang.san", "192.0.2.7", "request-1")


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("zhang.san", "wrong"),
        ("nobody", PASSWORD),
        ("", ""),
        ("zhang.san", ""),
        ("x" * 5000, "y" * 5000),
        ("\u0000", "\u0000"),
    ],
)
def test_every_wrong_sign_in_reads_the_same(office, name, password):
    office.account()
    assert failed(office.sign_in(name, password))


def test_an_unknown_name_costs_as_much_work(office, monkeypatch):
    office.account()
    office.account("wang", password=None)
    compared = []
    verify = CHEAP.verify
    counting = type(
        "Counting", (), {"verify": lambda _, p, h: compared.append(h) or verify(p, h), "hash": CHEAP.hash}
    )()
    monkeypatch.setattr(passwords, "_hasher", lambda: counting)
    for name in ("zhang.san", "wang", "nobody"):
        assert failed(office.sign_in(name, "wrong password"))
    assert len(compared) == 3
    assert all(kept.startswith("$argon2id$") for kept in compared)


def test_what_was_typed_as_a_name_is_not_kept(office):
    office.account()
    secret = "my-password-typed-as-name"
    assert failed(office.sign_in(secret, "x"))
    with office.store.reading() as conn:
        for table in ("audit", "attempt"):
            assert secret not in str(conn.exec_driver_sql(f"SELECT * FROM {table}").mappings().all())


def test_five_wrong_passwords_lock_the_name_also_for_the_right_one(office):
    office.account()
    for _ in range(5):
        assert failed(office.sign_in(password="wrong"))
    with pytest.raises(TooManyRequests, match="sign_in_locked") as refused:
        office.sign_in()
    assert refused.value.facts["retry_after_s"] == 15 * 60
    with pytest.raises(TooManyRequests):
        office.sign_in(address="198.51.100.9")
    office.account("li.si")
    assert office.sign_in("li.si").token
    office.pass_by(minutes=14)
    with pytest.raises(TooManyRequests):
        office.sign_in()
    office.pass_by(minutes=1)
    assert office.sign_in().token
    assert len(office.lines("sign_in_locked")) == 1
    assert len(office.lines("sign_in_failed")) == 5


def test_a_browser_known_to_an_account_is_counted_apart(office):
    """Neither its name nor its address can be locked by strangers; what it tries itself is limited all the same."""
    office.account()
    device = office.sign_in().device
    for _ in range(5):
        assert failed(office.sign_in(password="wrong"))
    with pytest.raises(TooManyRequests):
        office.sign_in()
    again = office.sign_in(device=device)
    assert again.token
    with pytest.raises(TooManyRequests):
        office.sign_in()
    for number in range(45):
        assert failed(office.sign_in(f"name{number}"))
    assert office.sign_in(device=again.device).token, "the address is locked, not this browser"
    for _ in range(5):
        assert failed(office.sign_in(password="wrong", device=device))
    with pytest.raises(TooManyRequests):
        office.sign_in(device=device)
    assert office.sign_in(device=again.device).token
    assert '"by":"device"' in office.lines("sign_in_locked")[-1]["facts"]


def test_whose_browser_it_is_cannot_be_forged_or_carried_over(office):
    office.account()
    office.account("li.si")
    device, other = office.sign_in().device, office.sign_in("li.si").device
    for _ in range(5):
        assert failed(office.sign_in(password="wrong"))
    stem, _, signature = device.rpartition(".")
    moved = f"{int(stem.partition('.')[0]) + 1}.{stem.partition('.')[2]}.{signature}"
    for forged in (other, stem, f"{stem}.", f"{stem}.{'0' * 64}", moved, "", ".", "x" * 5000, "ä.ö.ü", "1.2.\udcff"):
        with pytest.raises(TooManyRequests):
            office.sign_in(device=forged)
    assert office.sign_in(device=device).token
    office.pass_by(days=180)
    for _ in range(5):
        assert failed(office.sign_in(password="wrong"))
    with pytest.raises(TooManyRequests):
        office.sign_in(device=device)


def test_a_new_password_voids_the_known_browsers(office):
    office.account()
    outcome = office.sign_in()
    assert change(office, outcome.token, PASSWORD, OTHER) is None
    for _ in range(5):
        assert failed(office.sign_in(password="wrong"))
    with pytest.raises(TooManyRequests):
        office.sign_in(password=OTHER, device=outcome.device)


def test_only_who_has_signed_in_wholly_gets_a_known_browser(office):
    office.account()
    secret = office.second_factor(office.sign_in().token)
    assert office.sign_in().device is None
    assert office.sign_in(password="wrong").device is None
    office.pass_by(seconds=30)
    assert office.sign_in(code=office.code(secret)).device


def test_strangers_do_not_keep_who_is_signed_in_from_giving_a_code(office):
    office.account()
    token = office.sign_in().token
    for _ in range(5):
        assert failed(office.sign_in(password="wrong"))
    office.second_factor(token)
    assert change(office, token, PASSWORD, OTHER) is None


def test_a_name_that_is_nobodys_is_locked_like_one_that_is(office):
    for _ in range(5):
        assert failed(office.sign_in("nobody"))
    with pytest.raises(TooManyRequests):
        office.sign_in("nobody")


def test_a_right_sign_in_forgets_the_failures_before(office):
    office.account()
    for _ in range(3):
        for _ in range(4):
            assert failed(office.sign_in(password="wrong"))
        assert office.sign_in().token
    assert counted(office) == 12  # those of the address


def test_an_address_is_locked_whatever_names_it_tries(office):
    office.account()
    for number in range(50):
        assert failed(office.sign_in(f"name{number}"))
    with pytest.raises(TooManyRequests):
        office.sign_in()
    assert office.sign_in(address="198.51.100.9").token
    with pytest.raises(TooManyRequests):
        office.sign_in(address="::ffff:192.0.2.7")


def test_addresses_of_one_ipv6_network_count_together(office):
    for number in range(50):
        assert failed(office.sign_in(f"name{number}", address=f"2001:db8::{number:x}"))
    with pytest.raises(TooManyRequests):
        office.sign_in("other", address="2001:db8::ffff:ffff")
    assert failed(office.sign_in("other", address="2001:db8:0:1::1"))


def test_ten_thousand_attempts_try_fifty_passwords_and_keep_nothing_more(office, monkeypatch):
    attempts = 10_000 if office.store.kind == "embedded" else 1_000
    office.account()
    tried = []
    monkeypatch.setattr(passwords, "is_right", lambda kept, given: tried.append(given) and False)
    refused = 0
    for number in range(attempts):
        try:
            assert failed(office.sign_in(f"n{number % 500}", f"guess {number}"))
        except TooManyRequests:
            refused += 1
    assert (len(tried), refused) == (50, attempts - 50)
    assert counted(office) == 100
    assert len(office.lines("sign_in_failed")) == 50


def test_many_at_once_try_no_more_than_the_limit(office):
    """Counted before the password is compared: those that overlap count, too."""
    office.account()
    from geo_service.services import sign_in

    begun = [office.tell(sign_in.begin, "zhang.san", actor=office.stranger().actor) for _ in range(8)]
    assert [one.attempt.locked is None for one in begun] == [True] * 5 + [False] * 3


def test_a_killed_attempt_stays_counted(office):
    """The process dies between counting and comparing; another worker knows of it."""
    from geo_service.services import sign_in

    office.account()
    for _ in range(5):
        office.tell(sign_in.begin, "zhang.san", actor=office.stranger().actor)
    again = Office(office.store, office.var_dir)
    with pytest.raises(TooManyRequests):
        again.sign_in()


def test_a_clock_moved_back_neither_unlocks_nor_locks_for_ever(office):
    office.account()
    for _ in range(5):
        assert failed(office.sign_in(password="wrong"))
    office.pass_by(days=-400)
    assert office.sign_in().refused.code == "sign_in_locked"
    with pytest.raises(TooManyRequests):
        office.sign_in()
    office.pass_by(minutes=14)
    with pytest.raises(TooManyRequests):
        office.sign_in()
    office.pass_by(minutes=1)
    assert office.sign_in().token


def test_a_session_ends_when_it_is_left_alone_and_after_a_week(office):
    office.account()
    token = office.sign_in().token
    office.pass_by(hours=12)
    signed = office.who(token)
    assert signed.is_stale
    with office.store.writing() as conn:
        identity.note_use(conn, signed, token, office.moment)
    assert not office.who(token).is_stale
    office.pass_by(hours=12, seconds=1)
    assert office.who(token) is None
    token = office.sign_in().token
    for _ in range(14):
        office.pass_by(hours=11, minutes=59)
        with office.store.writing() as conn:
            identity.note_use(conn, office.who(token), token, office.moment)
    office.pass_by(hours=1)
    assert office.who(token) is None


def test_a_session_does_not_outlive_its_term_by_a_clock_moved_back(office):
    office.account()
    token = office.sign_in().token
    office.pass_by(minutes=-4)
    assert office.who(token)
    office.pass_by(hours=-1)
    assert office.who(token) is None
    office.pass_by(hours=2)
    assert office.who(token), "the clock was set right again"


@pytest.mark.parametrize("token", ["", "x", "geo_x", "a" * 43, "\u0000", "ä" * 50, "' OR 1=1 --"])
def test_forged_tokens_are_nobodys(office, token):
    office.account()
    office.sign_in()
    assert office.who(token) is None
    assert office.who_by_token(token) is None


def test_a_session_is_no_api_token_and_the_other_way_round(office):
    office.account()
    token = office.sign_in().token
    machine = office.tell(tokens.create_token, "m", ["analyse"], 30, actor=office.who(token).actor)["token"]
    assert office.who(machine) is None
    assert office.who_by_token(token) is None


def test_the_proof_of_a_page_is_another_for_every_session(office):
    office.account()
    one, two = office.sign_in().token, office.sign_in().token
    assert identity.csrf_token(one) != identity.csrf_token(two)
    assert one not in identity.csrf_token(one)


def test_signing_out_elsewhere_and_only_of_ones_own(office):
    office.account()
    office.account("li.si")
    here, there, foreign = (office.sign_in(name).token for name in ("zhang.san", "zhang.san", "li.si"))
    signed = office.who(here)
    listed = office.tell(sessions.list_sessions, signed.session, actor=signed.actor)
    assert [row["is_current"] for row in listed] == [False, True]
    assert not {"token_hash", "id"} & listed[0].keys()
    office.tell(sessions.end_session, listed[0]["uid"], actor=signed.actor)
    assert office.who(there) is None
    assert office.who(here)
    with pytest.raises(NotFound, match="session_unknown"):
        office.tell(sessions.end_session, office.who(foreign).session["uid"], actor=signed.actor)
    assert office.who(foreign)


def change(office, token, old, new):
    signed = office.who(token)
    begun = office.tell(sessions.begin_password, actor=signed.actor)
    is_right = passwords.is_right(begun.password_hash, old)
    return office.tell(
        sessions.set_password,
        begun,
        is_right=is_right,
        password_hash=passwords.hashed(new),
        here=signed.session,
        actor=signed.actor,
    )


def test_a_changed_password_ends_all_other_sessions_and_tokens(office):
    office.account()
    here, there = office.sign_in().token, office.sign_in().token
    machine = office.tell(tokens.create_token, "m", ["analyse"], 30, actor=office.who(here).actor)["token"]
    assert change(office, here, "wrong", OTHER).code == "password_wrong"
    assert office.who(there)
    assert change(office, here, PASSWORD, OTHER) is None
    assert office.who(here)
    assert office.who(there) is None
    assert office.who_by_token(machine) is None
    assert failed(office.sign_in())
    assert office.sign_in(password=OTHER).token


def test_the_old_password_cannot_be_guessed_from_a_stolen_session(office):
    office.account()
    token = office.sign_in().token
    for _ in range(5):
        assert change(office, token, "wrong", OTHER).code == "password_wrong"
    assert change(office, token, PASSWORD, OTHER).code == "sign_in_locked"


def test_a_second_factor_is_asked_for_and_taken_once(office):
    office.account("root1", "admin")
    token = office.sign_in("root1").token
    assert office.who(token).second_factor == "needed"
    other = office.sign_in("root1").token
    secret = office.second_factor(token)
    assert office.who(token).second_factor == "on"
    assert office.who(other) is None, "sessions without it end"
    assert office.sign_in("root1").refused.code == "second_factor_needed"
    assert failed(office.sign_in("root1", code=office.code(secret))), "the code that switched it on is used up"
    office.pass_by(seconds=30)
    code = office.code(secret)
    assert failed(office.sign_in("root1", "wrong", code=code))
    signed = office.who(office.sign_in("root1", code=code).token)
    assert signed.second_factor == "on"
    assert failed(office.sign_in("root1", code=code)), "replayed"
    office.pass_by(seconds=90)
    assert failed(office.sign_in("root1", code=code)), "too old"
    with office.store.reading() as conn:
        stored = dict(conn.exec_driver_sql("SELECT * FROM account").mappings().one())
    assert stored["totp_secret"].startswith("geo1:")
    assert secret not in str(stored)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "      ", "-12345", "0x1234"])
def test_what_is_no_code(office, code):
    office.account()
    office.second_factor(office.sign_in().token)
    office.pass_by(seconds=30)
    assert failed(office.sign_in(code=code))


def test_an_earlier_code_is_refused_after_a_later_one(office):
    office.account()
    secret = office.second_factor(office.sign_in().token)
    office.pass_by(seconds=60)
    before = office.code(secret)
    office.pass_by(seconds=30)
    assert office.sign_in(code=office.code(secret)).token
    assert failed(office.sign_in(code=before))


def test_codes_cannot_be_guessed_with_the_right_password(office):
    office.account()
    secret = office.second_factor(office.sign_in().token)
    office.pass_by(minutes=1)
    wrong = f"{(int(office.code(secret)) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert office.sign_in().refused.code == "second_factor_needed", "does not forget the failures"
        assert failed(office.sign_in(code=wrong))
    with pytest.raises(TooManyRequests):
        office.sign_in(code=office.code(secret))


def test_switching_the_second_factor_on_and_off(office):
    office.account()
    signed = office.who(office.sign_in().token)
    attempt = office.tell(second_factor.begin_confirm, actor=signed.actor)
    refused = office.tell(second_factor.confirm, attempt, "123456", signed.session, actor=signed.actor)
    assert refused.code == "second_factor_not_started"
    token = office.sign_in().token
    office.second_factor(token)
    with pytest.raises(Conflict, match="second_factor_on"):
        office.tell(second_factor.start, actor=office.who(token).actor)
    office.tell(second_factor.remove, actor=office.who(token).actor)
    assert office.sign_in().token
    assert [line["verb"] for line in office.lines("second_factor_on", "second_factor_off")] == [
        "second_factor_on",
        "second_factor_off",
    ]


def test_an_admin_takes_a_lost_second_factor_away(office):
    made = office.account()
    token = office.sign_in().token
    office.second_factor(token)
    office.tell(accounts.reset_second_factor, made["uid"])
    assert office.who(token) is None
    assert office.who(office.sign_in().token).second_factor == "none"


def test_a_picture_to_scan(office):
    office.account()
    told = office.tell(second_factor.start, actor=office.who(office.sign_in().token).actor)
    assert told["uri"].startswith("otpauth://totp/geo-service:zhang.san?secret=")
    assert told["qr_svg"].startswith("<svg")
    assert "script" not in told["qr_svg"]


def test_api_tokens_are_some_rights_for_some_days(office):
    office.account(role="planner")
    owner = office.who(office.sign_in().token).actor
    made = office.tell(tokens.create_token, "夜间导出", ["export", "read_published"], 30, actor=owner)
    assert made["token"].startswith("geo_")
    signed = office.who_by_token(made["token"])
    assert (signed.actor.via, signed.actor.scopes) == ("token", frozenset({"export", "read_published"}))
    (listed,) = office.tell(tokens.list_tokens, actor=owner)
    assert "token" not in listed
    assert "token_hash" not in listed
    office.pass_by(days=29, hours=23)
    assert office.who_by_token(made["token"])
    office.pass_by(hours=1)
    assert office.who_by_token(made["token"]) is None
    office.pass_by(days=-40)
    assert office.who_by_token(made["token"]) is None, "the clock was moved back before it was made"


def test_a_revoked_token_ends_and_only_ones_own_can_be_revoked(office):
    office.account()
    office.account("li.si")
    owner, other = (office.who(office.sign_in(name).token).actor for name in ("zhang.san", "li.si"))
    made = office.tell(tokens.create_token, "m", ["analyse"], 30, actor=owner)
    with pytest.raises(NotFound, match="token_unknown"):
        office.tell(tokens.revoke_token, made["uid"], actor=other)
    office.tell(tokens.revoke_token, made["uid"], actor=owner)
    assert office.who_by_token(made["token"]) is None


@pytest.mark.parametrize(
    ("name", "scopes", "days", "code"),
    [
        ("m", ["backup"], 30, "scope_unknown"),
        ("m", ["own_account"], 30, "scope_unknown"),
        ("m", [], 30, "scopes_empty"),
        (" ", ["analyse"], 30, "token_name_missing"),
        ("m", ["analyse"], 0, "token_days"),
        ("m", ["analyse"], 3650, "token_days"),
    ],
)
def test_wrong_api_tokens(office, name, scopes, days, code):
    office.account()
    owner = office.who(office.sign_in().token).actor
    with pytest.raises(InvalidInput, match=code):
        office.tell(tokens.create_token, name, scopes, days, actor=owner)


def test_a_token_loses_what_its_account_loses(office):
    made = office.account(role="planner")
    owner = office.who(office.sign_in().token).actor
    token = office.tell(tokens.create_token, "m", ["export"], 30, actor=owner)["token"]
    office.tell(accounts.change_account, made["uid"], expected_version=1, changes={"role": "resident"})
    assert office.who_by_token(token).actor.role == "resident"


def test_the_local_admin_has_no_account_of_its_own(office):
    for story in (tokens.list_tokens, second_factor.start, second_factor.begin_confirm, sessions.begin_password):
        with pytest.raises(GeoServiceError, match="account_none"):
            office.tell(story)


def test_old_attempts_and_sessions_are_cleared_away(office):
    office.account()
    assert failed(office.sign_in("nobody"))
    office.sign_in()
    office.pass_by(days=40)
    office.sign_in()
    with office.store.reading() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM session").scalar() == 1
    assert counted(office) == 0


def test_keys_of_attempts_are_hashes():
    name = secrets.token_hex(8)
    (kind, hashed), (_, address) = lockout.keys_of(name, "192.0.2.7")
    assert kind == "sign_in_name"
    assert len(hashed) == 64
    assert name not in hashed
    assert address != attempts.key_hash("sign_in_name", "192.0.2.7")
