"""What people type for a building, and what answers it."""

import pytest

from geo_service.domain.search_words import (
    CODE,
    CONTAINS,
    PLACE_ALONE,
    SAME,
    SAME_SAID,
    WORDS,
    rank_of,
    search_words,
)

NAME = "示例泉荷苑3号楼"


def rank(typed, *texts, code="B1", alone=False):
    return rank_of(search_words(typed), code, texts, alone=alone)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("示例泉荷苑3号楼", SAME),
        (" 示例 泉荷苑 ３号楼 ", SAME),
        ("示例泉荷苑 3号", SAME_SAID),
        ("示例泉荷苑第三幢2单元501室", SAME_SAID),
        ("泉荷苑3栋", CONTAINS),
        ("泉荷苑 三栋", CONTAINS),
        ("泉荷苑03座1201", CONTAINS),
        ("泉荷苑3", CONTAINS),
        ("示例泉荷苑", CONTAINS),
        ("苑 示例", WORDS),
        ("b1", CODE),
        ("泉荷苑13栋", None),
        ("泉荷苑30栋", None),
        ("泉荷苑 4号", None),
        ("月兰苑3栋", None),
    ],
)
def test_a_number_of_a_building_is_found_however_it_is_said(typed, expected):
    assert rank(typed, NAME) == expected


def test_another_number_is_no_answer_to_a_number_that_is_said():
    assert rank("泉荷苑3栋", "泉荷苑13号楼") is None
    assert rank("泉荷苑3栋", "泉荷苑30号楼") is None
    assert rank("泉荷苑3", "泉荷苑30号楼") == WORDS


def test_a_street_may_stand_before_the_quarter():
    assert rank("枫亭街 10号楼", "示例枫亭街示例泉荷苑10号楼") == WORDS
    assert rank("枫亭街10号", "枫亭街10号") == SAME
    assert rank("枫亭街10号", "枫亭街110号") is None


def test_the_place_alone_answers_only_where_it_may():
    assert rank("泉荷苑 99号", "示例泉荷苑", alone=True) == PLACE_ALONE
    assert rank("泉荷苑 99号", "示例泉荷苑") is None


def test_codes_are_no_numbers_of_buildings():
    assert search_words("990101001-B00240").number is None
    assert search_words("B12").number is None
    assert rank("%", "100%") == CONTAINS


def test_letters_name_buildings_too():
    assert rank("示例大厦a座", "示例大厦A栋") == SAME_SAID
    assert rank("示例大厦b座", "示例大厦A栋") is None
