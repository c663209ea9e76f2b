"""Age bands of residents (PRODUCT §2.3), the same everywhere."""

from typing import Final

# code → (first age, last age or None)
BANDS: Final[dict[str, tuple[int, int | None]]] = {
    "0_2": (0, 2),
    "3_5": (3, 5),
    "6_11": (6, 11),
    "12_14": (12, 14),
    "15_59": (15, 59),
    "60_64": (60, 64),
    "65_79": (65, 79),
    "80_plus": (80, None),
}
BAND_FIELDS: Final = tuple(f"age_{band}_persons" for band in BANDS)


def band_of(age_years: int) -> str:
    """Return the code of the band an age in whole years falls into; ages below 0 are refused."""
    if age_years < 0:
        raise ValueError(f"negative age: {age_years}")
    return next(code for code, (_, last) in BANDS.items() if last is None or age_years <= last)
