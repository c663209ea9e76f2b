"""Rows by column are the rows they stand for, also as JSON."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.services.coverage_rows import written
from geo_service.services.row_table import Column, RowTable

cells = st.sampled_from([None, True, False, "", "区", 'a"b', "x,y", "None"])
numbers = st.sampled_from([0, 0.0, -1, 2.5, 1e21, 1 / 3, None])


def table(rows):
    names = list(rows[0])
    return RowTable({name: Column.of(np.array([row[name] for row in rows] + [None], object)[:-1]) for name in names})


@given(st.lists(st.fixed_dictionaries({"b": cells, "a": numbers}), min_size=1, max_size=30), st.data())
def test_rows_and_json_are_those_of_dictionaries(rows, data):
    made = table(rows)
    assert list(made) == rows == [made[n] for n in range(len(made))]
    assert json.loads(made.json_text(sort_keys=False)) == rows
    assert made.json_text(sort_keys=True) == json.dumps(
        json.loads(made.json_text(sort_keys=False)), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    fewer = made.with_columns({"a": made.columns["a"].without(hidden)})
    assert [row["a"] for row in fewer] == [None if hide else row["a"] for row, hide in zip(rows, hidden, strict=True)]
    assert fewer.differs(made).tolist() == [one != other for one, other in zip(fewer, rows, strict=True)]


def test_numbers_are_written_by_their_names():
    frame = pd.DataFrame({"people_x": [2.0, 0.12345, np.nan], "y_share": [1 / 3, 1.0, np.nan], "mean_m": [1.234] * 3})
    assert written(frame).json_text(sort_keys=False) == (
        '[{"people_x":2,"y_share":0.333333,"mean_m":1.23},{"people_x":0.123,"y_share":1.0,"mean_m":1.23},'
        '{"people_x":null,"y_share":null,"mean_m":1.23}]'
    )
    assert written(frame[:0]).json_text(sort_keys=True) == "[]"


def test_what_is_no_number_is_never_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        written(pd.DataFrame({"people_x": [np.inf]}))[:1].json_text(sort_keys=False)
