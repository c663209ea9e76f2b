"""Names in the order people put them in."""

import pytest

from geo_service.foundation.natural_order import arabic, chinese_numeral, natural_key


@pytest.mark.parametrize(
    "ordered",
    [
        ["泉荷苑2号楼", "泉荷苑3栋", "泉荷苑10号楼", "泉荷苑１１号楼"],
        ["第一网格", "第二网格", "第三网格", "第十网格", "第二十一网格"],
        ["三号楼", "十号楼", "十二号楼"],
        ["", "10", "a2", "A10", "b1"],
    ],
)
def test_numbers_in_names_count_as_numbers(ordered):
    mixed = ordered[1:] + ordered[:1]
    assert sorted(mixed, key=natural_key) == ordered


def test_chinese_numerals_are_read_and_written():
    assert [arabic(chinese_numeral(n)) for n in range(1, 100)] == [str(n) for n in range(1, 100)]
    assert (chinese_numeral(0), chinese_numeral(100)) == (None, None)
    assert [arabic(text) for text in ("十十", "一二", "二十")] == ["十十", "一二", "20"]
