import pytest

from geo_service.foundation.errors import GeoServiceError, InvalidInput, NotFound
from geo_service.foundation.texts import LANGS, catalogue, choose_lang, text


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.5,zh;q=0.9", "zh"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "en"),
        ("fr", "zh"),
        ("en;q=0", "zh"),
        ("EN-us", "en"),
        ("en;q=abc", "zh"),
        (";;;,=,q", "zh"),
    ],
)
def test_language_of_a_header(header, lang):
    assert choose_lang(header) == lang


def test_facts_are_filled_in():
    sentence = text("error.crs_unknown", "en", crs="EPSG:1")
    assert "EPSG:1" in sentence


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 building"), ("1", "1 building"), (0, "0 buildings"), ("1,001", "1,001 buildings")]
)
def test_words_go_by_the_number_behind_which_they_stand(count, said):
    assert text("tools.buildings", "en", count=count) == said
    assert text("tools.buildings", "en") == "{count} {count|building|buildings}", "a missing fact stays visible"


def test_a_fact_may_have_the_name_of_a_parameter():
    error = InvalidInput("tls_files_wrong", cert="c.pem", key="k.pem", reason="?", lang="-")
    assert "k.pem" in error.sentence("en")


def test_a_missing_fact_stays_visible_and_a_missing_key_gives_itself():
    assert "{crs}" in text("error.crs_unknown", "en")
    assert text("error.no_such_code", "zh") == "error.no_such_code"


@pytest.mark.parametrize("lang", LANGS)
def test_catalogues_load_and_hold_sentences(lang):
    entries = catalogue(lang)
    assert entries
    assert all(isinstance(value, str) and value.strip() for value in entries.values())


def test_chinese_is_the_default():
    assert text("state.covered") == "已覆盖"


def test_an_error_has_a_code_facts_a_sentence_and_an_exit_code():
    error = InvalidInput("circle_unknown", circle=7, known="5, 10, 15")
    assert (error.code, error.facts) == ("circle_unknown", {"circle": 7, "known": "5, 10, 15"})
    assert "7" in error.sentence("zh")
    assert "7" in error.sentence("en")
    assert {InvalidInput.exit_code, NotFound.exit_code, GeoServiceError.exit_code} == {2, 4, 1}
