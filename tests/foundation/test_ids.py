from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.foundation.ids import fingerprint, new_uid, new_uids, uid_at

MOMENT = datetime(2026, 3, 1, 8, 0, 0, 123_000, tzinfo=UTC)


def test_a_uid_is_a_version_7_uuid_that_carries_its_moment():
    uid = UUID(new_uid(MOMENT))
    assert uid.version == 7
    assert uid.variant == "specified in RFC 4122"
    assert int.from_bytes(uid.bytes[:6], "big") == int(MOMENT.timestamp() * 1000)


def test_two_uids_of_one_moment_differ():
    assert len({new_uid(MOMENT) for _ in range(1000)}) == 1000


@given(st.integers(0, 2**41), st.integers(0, 2**41), st.binary(min_size=10, max_size=10))
def test_uids_sort_by_moment(one_ms, other_ms, noise):
    one, other = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (one_ms, other_ms))
    if one_ms + 1 < other_ms:
        assert uid_at(one, noise) < uid_at(other, noise)


def test_seeded_noise_gives_the_same_uid():
    assert uid_at(MOMENT, b"0123456789") == uid_at(MOMENT, b"0123456789")


def test_many_uids_at_once():
    uids = new_uids(MOMENT, 1000)
    assert len(set(uids)) == 1000
    assert uids == sorted(uids)
    assert {(UUID(uid).version, UUID(uid).variant) for uid in uids} == {(7, "specified in RFC 4122")}
    assert {int.from_bytes(UUID(uid).bytes[:6], "big") for uid in uids} == {int(MOMENT.timestamp() * 1000)}
    assert new_uids(MOMENT, 0) == []


def test_a_fingerprint_knows_content_not_order():
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
    assert fingerprint([1, 2]) != fingerprint([2, 1])


def test_a_fingerprint_refuses_what_json_cannot_say():
    with pytest.raises(ValueError, match=r"JSON|range"):
        fingerprint({"a": float("nan")})
