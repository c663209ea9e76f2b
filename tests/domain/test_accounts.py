"""The law of accounts: names, passwords, scopes, locks, terms."""

from datetime import UTC, datetime, timedelta

import pytest

from geo_service.domain.accounts import (
    BY_NAME,
    NEVER_BY_TOKEN,
    checked_name,
    checked_password,
    checked_role,
    checked_scopes,
    holds,
    is_idle,
    locked_for,
    scopes_for,
)
from geo_service.domain.guessable_passwords import SHORTEST, common_passwords, is_common
from geo_service.foundation.errors import InvalidInput

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def ago(**parts):
    return NOW - timedelta(**parts)


@pytest.mark.parametrize(
    ("raw", "kept"), [("Wang.Li", "wang.li"), ("王小明", "王小明"), (" ＡＢ１ ", "ab1"), ("a@b-c_d.e", "a@b-c_d.e")]
)
def test_names_are_kept_in_one_form(raw, kept):
    assert checked_name(raw) == kept


@pytest.mark.parametrize(
    "raw",
    ["", "a", "x" * 65, "a b", "a\u0000b", "a/b", "../etc", "<b>", "анна", "local-admin", "Anonymous", "-ab", "a\n"],
)
def test_names_that_are_no_names(raw):
    if raw == "a\n":
        raw = "a\nb"
    with pytest.raises(InvalidInput, match="account_name"):
        checked_name(raw)


@pytest.mark.parametrize(
    "password", ["tulip7Gravel", "correct-horse-9", "绿水青山不如金山银山", "kite.lantern.42", "a" * 5 + "Zu8!Kp"]
)
def test_good_passwords(password):
    assert checked_password(password, "zhang.san", "张三") == password


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short9!", "password_short"),
        ("x7!" * 67, "password_long"),
        ("zhangsanfeng", "password_is_name"),
        ("gnefnasgnahz", "password_is_name"),
        ("ZhangSanFeng2026!", "password_is_name"),
        ("zhangsanfengzhangsanfeng", "password_is_name"),
        ("password2024", "password_common"),
        ("P@ssw0rd2024!", "password_common"),
        ("Woaini1314520", "password_common"),
        ("19900101-1990", "password_common"),
        ("13812345678", "password_common"),
        ("1qaz2wsx3edc", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("beijing@2008", "password_common"),
        ("a1b2c3d4e5f6", "password_common"),
        ("Wangge888888", "password_common"),
    ],
)
def test_bad_passwords(password, code):
    with pytest.raises(InvalidInput, match=code) as refused:
        checked_password(password, "zhangsanfeng")
    assert password not in str(refused.value)


def test_the_list_is_made_of_rules_and_always_the_same():
    listed = common_passwords()
    assert 20_000 < len(listed) < 100_000
    assert all(len(entry) >= SHORTEST and entry == entry.casefold() for entry in listed)
    assert all(is_common(entry) and is_common(entry.upper()) for entry in sorted(listed)[::97])


def test_roles():
    assert checked_role("planner") == "planner"
    for wrong in ("anonymous", "root", "", "Admin"):
        with pytest.raises(InvalidInput, match="role_unknown"):
            checked_role(wrong)


def test_scopes_are_some_of_the_rights_of_the_role():
    assert checked_scopes(["export", "read_published", "export"], "planner") == ("export", "read_published")
    assert not NEVER_BY_TOKEN & set(scopes_for("admin"))
    for wrong, role in ((["backup"], "planner"), (["nothing"], "admin"), (["own_account"], "admin")):
        with pytest.raises(InvalidInput, match="scope_unknown"):
            checked_scopes(wrong, role)
    with pytest.raises(InvalidInput, match="scopes_empty"):
        checked_scopes([], "admin")


def test_five_failures_lock_for_a_quarter_of_an_hour():
    four = [ago(minutes=14), ago(minutes=9), ago(minutes=5), ago(minutes=1)]
    assert locked_for(four, NOW, BY_NAME) is None
    assert locked_for([*four, NOW], NOW, BY_NAME) == timedelta(minutes=15)
    assert locked_for([moment - timedelta(minutes=14) for moment in [*four, NOW]], NOW, BY_NAME) == timedelta(minutes=1)
    assert locked_for([moment - timedelta(minutes=15) for moment in [*four, NOW]], NOW, BY_NAME) is None


def test_failures_far_apart_do_not_lock():
    assert locked_for([ago(minutes=20), ago(minutes=19), ago(minutes=18), ago(minutes=1), NOW], NOW, BY_NAME) is None


def test_a_clock_that_was_moved_back_neither_unlocks_nor_locks_for_ever():
    from_the_future = [NOW + timedelta(days=400, minutes=n) for n in range(5)]
    assert locked_for(from_the_future, NOW, BY_NAME) == timedelta(minutes=15)


def test_what_comes_from_the_future_does_not_hold():
    end = NOW + timedelta(days=7)
    assert holds(NOW, end, NOW)
    assert holds(NOW, end, end - timedelta(seconds=1))
    assert not holds(NOW, end, end)
    assert holds(NOW, end, ago(minutes=4))
    assert not holds(NOW, end, ago(days=1))


def test_idle():
    assert not is_idle(ago(hours=12), NOW, timedelta(hours=12))
    assert is_idle(ago(hours=12, seconds=1), NOW, timedelta(hours=12))
    assert not is_idle(NOW + timedelta(days=9), NOW, timedelta(hours=12))
