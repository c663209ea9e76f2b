"""Accounts: made, changed from the version that was read, linked, given places."""

import pytest

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from geo_service.services import accounts, identity, passwords, sign_in, tokens
from tests.passwords import PASSWORD


def test_an_account_is_told_without_its_secrets(office):
    made = office.account("Zhang.San", display_name="张三")
    assert made["name"] == "zhang.san"
    assert made["has_password"] is True
    assert made["has_second_factor"] is False
    assert not {"password_hash", "totp_secret", "id"} & made.keys()
    (listed,) = office.tell(accounts.list_accounts)
    assert listed == office.tell(accounts.get_account, made["uid"]) == made
    (line,) = office.lines("account_created")
    assert (line["actor"], line["subject_uid"]) == (LOCAL_ADMIN.name, made["uid"])
    assert PASSWORD not in str(dict(line))


def test_a_name_is_one_account(office):
    office.account("wang")
    with pytest.raises(Conflict, match="account_name_taken"):
        office.account("WANG")


def test_only_admins_manage_accounts(office):
    uid = office.account()["uid"]
    for role in ("anonymous", "resident", "grid_worker", "planner", "official", "unit"):
        who = Actor("x", role)
        for story, args in (
            (accounts.list_accounts, ()),
            (accounts.get_account, (uid,)),
            (accounts.make_link, (uid,)),
            (accounts.create_account, ("y2", "admin", {})),
            (accounts.reset_second_factor, (uid,)),
        ):
            with pytest.raises(Forbidden):
                office.tell(story, *args, actor=who)


def test_a_change_needs_the_version_that_was_read(office):
    made = office.account()
    changed = office.tell(
        accounts.change_account, made["uid"], expected_version=1, changes={"role": "official", "display_name": "李四"}
    )
    assert (changed["role"], changed["version"]) == ("official", 2)
    with pytest.raises(StaleVersion, match="account_changed"):
        office.tell(accounts.change_account, made["uid"], expected_version=1, changes={"role": "unit"})
    with pytest.raises(NotFound, match="account_unknown"):
        office.tell(accounts.change_account, "nobody", expected_version=1, changes={})
    (line,) = office.lines("account_changed")
    assert '"before":{"display_name":null,"role":"planner"}' in line["facts"]


def test_a_password_set_meanwhile_makes_an_open_form_stale(office):
    made = office.account()
    link = office.tell(accounts.make_link, made["uid"])
    office.tell(sign_in.use_link, link.path.partition("#")[2], "hash", actor=office.stranger().actor)
    with pytest.raises(StaleVersion):
        office.tell(accounts.change_account, made["uid"], expected_version=1, changes={"role": "unit"})


def test_the_last_admin_stays(office):
    first = office.account("root1", "admin")
    for changes in ({"is_disabled": True}, {"role": "planner"}):
        with pytest.raises(Conflict, match="last_admin"):
            office.tell(accounts.change_account, first["uid"], expected_version=1, changes=changes)
    office.account("root2", "admin")
    office.tell(accounts.change_account, first["uid"], expected_version=1, changes={"is_disabled": True})
    second = office.tell(accounts.list_accounts)[1]
    with pytest.raises(Conflict, match="last_admin"):
        office.tell(accounts.change_account, second["uid"], expected_version=1, changes={"is_disabled": True})


def test_an_admin_who_cannot_sign_in_is_no_working_one(office):
    only = office.account("root1", "admin")
    invited = office.account("root2", "admin", password=None)
    for changes in ({"is_disabled": True}, {"role": "planner"}):
        with pytest.raises(Conflict, match="last_admin"):
            office.tell(accounts.change_account, only["uid"], expected_version=1, changes=changes)
    office.tell(accounts.change_account, invited["uid"], expected_version=1, changes={"oidc_subject": "s2"})
    office.tell(accounts.change_account, only["uid"], expected_version=1, changes={"is_disabled": True})
    with pytest.raises(Conflict, match="last_admin"):
        office.tell(accounts.change_account, invited["uid"], expected_version=2, changes={"oidc_subject": None})
    with office.store.reading() as conn:
        assert not accounts.needs_admin(conn)


def test_a_server_needs_an_admin_who_can_sign_in(office):
    office.account("root1", "admin", password=None)
    with office.store.reading() as conn:
        assert accounts.needs_admin(conn)


def test_a_disabled_account_loses_everything_at_once_and_for_good(office):
    made = office.account()
    token = office.sign_in().token
    signed = office.who(token)
    machine = office.tell(tokens.create_token, "m", ["analyse"], 30, actor=signed.actor)["token"]
    link = office.tell(accounts.make_link, made["uid"]).path.partition("#")[2]
    assert office.who_by_token(machine) is not None
    off = office.tell(
        accounts.change_account, made["uid"], expected_version=made["version"], changes={"is_disabled": True}
    )
    assert office.who(token) is None
    assert office.who_by_token(machine) is None
    with pytest.raises(NotFound, match="link_unknown"):
        office.tell(sign_in.use_link, link, "hash")
    assert office.sign_in().refused.code == "sign_in_failed"
    office.tell(accounts.change_account, made["uid"], expected_version=off["version"], changes={"is_disabled": False})
    assert office.who(token) is None
    assert office.who_by_token(machine) is None
    assert office.sign_in().token


def test_a_changed_role_counts_with_the_next_request(office):
    made = office.account()
    token = office.sign_in().token
    assert office.who(token).actor.role == "planner"
    office.tell(accounts.change_account, made["uid"], expected_version=made["version"], changes={"role": "resident"})
    assert office.who(token).actor.role == "resident"


def test_a_link_works_once_and_ends_what_was_there(office):
    made = office.account()
    old = office.sign_in().token
    machine = office.tell(tokens.create_token, "m", ["analyse"], 30, actor=office.who(old).actor)["token"]
    first = office.tell(accounts.make_link, made["uid"]).path.partition("#")[2]
    link = office.tell(accounts.make_link, made["uid"])
    token = link.path.partition("#")[2]
    assert link.path == f"/set-password#{token}"
    with pytest.raises(NotFound, match="link_unknown"):
        office.tell(sign_in.use_link, first, "x")
    office.tell(sign_in.use_link, token, passwords.hashed("kite.lantern.42"), actor=office.stranger().actor)
    assert office.who(old) is None
    assert office.who_by_token(machine) is None
    assert office.sign_in().token is None
    assert office.sign_in(password="kite.lantern.42").token
    with pytest.raises(NotFound, match="link_unknown"):
        office.tell(sign_in.use_link, token, "x")


def test_a_link_ends_after_two_days_also_with_a_clock_moved_back(office):
    made = office.account(password=None)
    link = office.tell(accounts.make_link, made["uid"]).path.partition("#")[2]
    office.pass_by(hours=47)
    assert office.tell(sign_in.name_of_link, link) == ("zhang.san", None)
    office.pass_by(hours=1)
    with pytest.raises(NotFound, match="link_unknown"):
        office.tell(sign_in.name_of_link, link)
    office.pass_by(days=-30)
    with pytest.raises(NotFound, match="link_unknown"):
        office.tell(sign_in.name_of_link, link)


def test_a_disabled_account_gets_no_link(office):
    made = office.account()
    office.tell(accounts.change_account, made["uid"], expected_version=1, changes={"is_disabled": True})
    with pytest.raises(Conflict, match="account_disabled"):
        office.tell(accounts.make_link, made["uid"])


def test_assignments_count_from_their_first_day_to_their_last(office):
    office.places()
    made = office.account(role="official")
    token = office.sign_in().token
    days = {"starts_on": "2026-03-02", "ends_on": "2026-03-03"}
    office.tell(accounts.assign, made["uid"], layer="areas", code="990101001001", **days)
    assert office.who(token).actor.areas == ()
    office.pass_by(hours=8)  # 2026-03-02 in the office's zone, still the day before in UTC
    assert office.who(token).actor.areas == ("990101001001",)
    office.pass_by(days=1, hours=9)
    token = office.sign_in().token
    assert office.who(token).actor.areas == ("990101001001",)
    office.pass_by(hours=15)
    token = office.sign_in().token
    assert office.who(token).actor.areas == ()


def test_who_moves_grids_loses_the_old_one_at_once(office):
    office.places()
    made = office.account(role="grid_worker")
    token = office.sign_in().token
    given = office.tell(accounts.assign, made["uid"], layer="grids", code="G1", starts_on=None, ends_on=None)
    assert given["grid"] == {"code": "G1", "name": "一网格"}
    assert given["area"] is None
    assert office.who(token).actor.grids == ("G1",)
    ended = office.tell(accounts.end_assignment, made["uid"], given["uid"], expected_version=1, ends_on=None)
    assert office.who(token).actor.grids == ()
    assert ended["ends_on"] == "2026-02-28"
    with pytest.raises(StaleVersion):
        office.tell(accounts.end_assignment, made["uid"], given["uid"], expected_version=1, ends_on=None)
    assert [line["verb"] for line in office.lines("assigned", "assignment_ended")] == ["assigned", "assignment_ended"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "nowhere"}, "place_unknown"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "days_order"),
        ({"starts_on": "tomorrow"}, "day_form"),
    ],
)
def test_wrong_assignments(office, given, code):
    office.places()
    made = office.account()
    with pytest.raises(InvalidInput, match=code):
        office.tell(
            accounts.assign,
            made["uid"],
            **{"layer": "areas", "code": "990101001", "starts_on": None, "ends_on": None, **given},
        )


def test_an_assignment_is_ended_through_its_own_account(office):
    office.places()
    made, other = office.account(), office.account("li.si")
    given = office.tell(accounts.assign, made["uid"], layer="grids", code="G1", starts_on=None, ends_on=None)
    with pytest.raises(NotFound, match="assignment_unknown"):
        office.tell(accounts.end_assignment, other["uid"], given["uid"], expected_version=1, ends_on=None)


@pytest.mark.parametrize(
    ("name", "role", "values", "code"),
    [
        ("a b", "planner", {}, "account_name_form"),
        ("local-admin", "admin", {}, "account_name_reserved"),
        ("wang", "king", {}, "role_unknown"),
        ("wang", "anonymous", {}, "role_unknown"),
        ("wang", "planner", {"lang": "fr"}, "lang_unknown"),
        ("wang", "planner", {"display_name": "x" * 101}, "field_too_long"),
        ("wang", "planner", {"display_name": "a\u0000"}, "text_unprintable"),
    ],
)
def test_wrong_accounts(office, name, role, values, code):
    with pytest.raises(InvalidInput, match=code):
        office.tell(accounts.create_account, name, role, values)


def test_a_subject_of_the_provider_is_one_account(office):
    office.account("wang", oidc_subject="s1")
    with pytest.raises(Conflict, match="oidc_subject_taken"):
        office.account("li.si", oidc_subject="s1")


def test_who_a_command_acts_as(office):
    made = office.account("wang")
    with office.store.reading() as conn:
        actor = identity.by_name(conn, " WANG", office.moment, "Asia/Shanghai")
        assert (actor.name, actor.role, actor.via) == ("wang", "planner", "command")
        with pytest.raises(NotFound, match="account_name_unknown"):
            identity.by_name(conn, "nobody", office.moment, "Asia/Shanghai")
    office.tell(accounts.change_account, made["uid"], expected_version=1, changes={"is_disabled": True})
    with office.store.reading() as conn, pytest.raises(Forbidden, match="account_disabled"):
        identity.by_name(conn, "wang", office.moment, "Asia/Shanghai")
