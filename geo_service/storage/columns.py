"""Columns of frames on their way into the store: arrays of anything → lists of raw column values."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo_service.domain.fields import Field
from geo_service.domain.values import shown
from geo_service.foundation.errors import InvalidInput
from geo_service.storage.tables import dump_json
from geo_service.storage.values import typed


def raw_column(
    field: Field, values: pd.Series, codes: Sequence[str], ids: Mapping[str, int] | None, *, embedded: bool
) -> list[Any]:
    """Return a field's raw values for the database driver; empty ones become the default, else None.

    Parameters
    ----------
    field, values
        The field and its column of the frame.
    codes
        Codes of the rows, to name the first wrong one.
    ids
        For references: id by code of the layer pointed to.
    embedded
        For the embedded store (booleans are 0 and 1 there).

    Raises
    ------
    InvalidInput
        ``reference_unknown``, ``stored_value_refused``.
    """
    if field.kind == "json":
        return [None if _is_empty(value) else dump_json(value) for value in values.to_numpy(dtype=object)]
    if field.kind == "bytes":
        return [None if value is None else bytes(value) for value in values.to_numpy(dtype=object)]
    plain = plain_objects(values)
    if field.kind == "reference":
        return _references(field, plain, codes, ids or {})
    if field.kind in ("integer", "real"):
        return _numbers(field, values, codes)
    if field.kind == "text":
        return _texts(field, plain, codes)
    known: dict[Any, Any] = {}
    for n, value in enumerate(plain):
        if value not in known:
            known[value] = _single(field, value, codes[n])
    made = [known[value] for value in plain]
    if field.kind == "boolean" and embedded:
        return [None if value is None else int(value) for value in made]
    return made


def plain_objects(values: pd.Series) -> list[Any]:
    """Return a column as Python objects, every kind of emptiness as None."""
    objects = values.to_numpy(dtype=object)
    missing = pd.isna(objects)
    if missing.any():
        objects = objects.copy()
        objects[missing] = None
    return list(objects.tolist())


def _is_empty(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _single(field: Field, value: Any, code: str) -> Any:
    if field.kind == "boolean" and isinstance(value, (int, float)) and value in (0, 1):
        value = bool(value)
    if field.kind in ("date", "moment") and isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    try:
        return typed(field, value)
    except InvalidInput as error:
        raise InvalidInput(error.code, **{**error.facts, "row": code}) from error


def _references(field: Field, plain: Sequence[Any], codes: Sequence[str], ids: Mapping[str, int]) -> list[Any]:
    made = [None if value is None else ids.get(value, -1) for value in plain]
    if -1 in made:
        n = made.index(-1)
        raise InvalidInput("reference_unknown", layer=field.refers_to, field=field.key, code=plain[n], row=codes[n])
    return made


def _numbers(field: Field, values: pd.Series, codes: Sequence[str]) -> list[Any]:
    try:
        numbers = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        bad = next((value for value in plain_objects(values) if not isinstance(value, (int, float, type(None)))), "?")
        raise InvalidInput("stored_value_refused", field=field.key, value=shown(bad)) from error
    present = ~np.isnan(numbers)
    wrong = present & ~np.isfinite(numbers)
    if field.kind == "integer":
        wrong |= present & (numbers != np.floor(numbers))
    if wrong.any():
        bad_row = int(np.argmax(wrong))
        raise InvalidInput(
            "stored_value_refused", field=field.key, value=shown(numbers[bad_row].item()), row=codes[bad_row]
        )
    default = field.default
    if field.kind == "integer":
        whole = np.where(present & np.isfinite(numbers), numbers, 0).astype(np.int64).tolist()
        return [n if here else default for n, here in zip(whole, present.tolist(), strict=True)]
    return [n if here else default for n, here in zip(numbers.tolist(), present.tolist(), strict=True)]


def _texts(field: Field, plain: Sequence[Any], codes: Sequence[str]) -> list[Any]:
    default = None if field.default is None else str(field.default)
    made = [default if value is None else str(value) for value in plain]
    bad = next((n for n, value in enumerate(made) if value is not None and "\x00" in value), None)
    if bad is not None:
        raise InvalidInput("stored_value_refused", field=field.key, value=shown(made[bad]), row=codes[bad])
    return made
