"""Sealed texts open with their key, for their place, unchanged, and in no other way."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.foundation import sealing
from geo_service.foundation.errors import StoreFault

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
PLACE = sealing.about("households", "0190-uid", "phone")
keys = st.binary(min_size=32, max_size=32)
texts = st.text(max_size=300).filter(lambda text: text.encode(errors="replace").decode() == text)


@given(key=keys, text=texts, place=st.text(alphabet="abc|1"))
def test_what_is_sealed_opens_again(key, text, place):
    sealed = sealing.seal(key, text, place)
    assert sealing.sealed_with(sealed) == sealing.key_id(key)
    assert sealing.open_sealed(key, sealed, place) == text


@given(text=texts, place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_changed_bit_is_noticed(text, place, bit):
    head, named, body = sealing.seal(KEY, text, PLACE).split(":")
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[place % len(raw)] ^= 1 << bit
    with pytest.raises(StoreFault, match="sealed_value_broken"):
        sealing.open_sealed(KEY, f"{head}:{named}:{base64.urlsafe_b64encode(raw).decode()}", PLACE)


@pytest.mark.parametrize(
    ("key", "place"),
    [(OTHER, PLACE), (KEY, sealing.about("households", "0190-uid", "head_name")), (KEY, PLACE.replace("0190", "0191"))],
)
def test_another_key_and_another_place_open_nothing(key, place):
    with pytest.raises(StoreFault, match="sealed_value_broken"):
        sealing.open_sealed(key, sealing.seal(KEY, "13812341234", PLACE), place)


@pytest.mark.parametrize("text", ["", "张三", "geo1:", "geo1:xyz:aaaa", "geo1:0123456789ab:!!!!", "***", None, 7])
def test_other_texts_are_not_sealed(text):
    assert sealing.sealed_with(text) is None


def test_the_same_text_never_looks_the_same_twice_and_its_content_does_not_show():
    sealed = {sealing.seal(KEY, "13812341234", PLACE) for _ in range(50)}
    assert len(sealed) == 50
    assert not any("13812341234" in base64.urlsafe_b64decode(s.split(":")[2]).decode("latin-1") for s in sealed)


@given(service=keys, key=keys)
def test_a_wrapped_key_comes_back(service, key):
    wrapped = sealing.wrap(service, key, PLACE)
    assert sealing.sealed_with(wrapped) == sealing.key_id(service)
    assert sealing.unwrap(service, wrapped, PLACE) == key


def test_keys_are_read_from_lines_commas_and_both_alphabets():
    urlsafe = base64.urlsafe_b64encode(OTHER).decode()
    assert sealing.ServiceKeys.of_text(f"# kept\n{sealing.key_text(KEY)}\n{urlsafe}\n").keys == (KEY, OTHER)
    both = sealing.ServiceKeys.of_text(f"{sealing.key_text(KEY)},{urlsafe}")
    assert both.current == KEY
    assert both.named(sealing.key_id(OTHER)) == OTHER
    assert both.named("0" * 12) is None
    assert sealing.ServiceKeys.of_text(both.to_text()) == both


SHORT = base64.b64encode(b"x" * 31).decode()


@pytest.mark.parametrize("text", ["", "# nothing", "short", SHORT, "密钥", "A" * 43 + "!"])
def test_texts_that_are_no_keys_are_refused(text):
    with pytest.raises(StoreFault, match="secret_key_form"):
        sealing.ServiceKeys.of_text(text)


def test_new_keys_differ():
    assert len({sealing.new_key() for _ in range(100)}) == 100
    assert len({sealing.key_id(sealing.new_key()) for _ in range(100)}) == 100
