"""What is told of people to somebody who may not see households: rounded buildings, few people withheld (decision 22).

Every figure is a sum over buildings whose people were rounded to multiples of five, once for all: whatever is
compared (areas, limits, dates, zooms), nothing but those rounded buildings can come out. A figure is shown only where
they prove that it counts at least five people.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.domain.buildings import RESIDENTIAL_USES

FEWEST_PERSONS: Final = 5
ROUNDED_TO: Final = 5
PERSON_COUNTS: Final = ("residents_persons", "registered_persons", "households_count")
_HALF: Final = 2  # a whole number and its rounding differ by no more
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rounded:
    """Homes as they are told, by band; shapes (h,), NaN where not known.

    Attributes
    ----------
    persons
        People, multiples of five; the bands and those of no band add up to the residents.
    least
        How many people there are at least, as far as ``persons`` tell.
    """

    persons: dict[str, Floats]
    least: dict[str, Floats]


def nearest_five(persons: Floats) -> Floats:
    """Return whole numbers of people rounded to the nearest multiple of five; NaN stays."""
    rounded: Floats = np.floor((persons + _HALF) / ROUNDED_TO) * ROUNDED_TO
    return rounded


def least_of(rounded: Floats) -> Floats:
    """Return the fewest people that :func:`nearest_five` rounds to these numbers."""
    return np.where(rounded > 0, rounded - _HALF, rounded)


def rounded_homes(ages: Mapping[str, Floats], residents: Floats, turn: Floats, *, everybody: str) -> Rounded:
    """Return homes with their residents rounded, each home's fives dealt out to its bands.

    Parameters
    ----------
    ages
        People of each home by band, those of no band included, NaN where not known.
    residents
        All people of each home, NaN where not known.
    turn
        0 ≤ turn < 1 for each home, always the same for one home: where in the bands its fives fall.
    everybody
        The key of all people in the answer.
    """
    whole = nearest_five(residents)
    persons, least = {everybody: whole}, {everybody: least_of(whole)}
    if not ages:
        return Rounded(persons, least)
    counted = np.nan_to_num(np.stack(list(ages.values())))
    together = counted.sum(axis=0)
    fives = nearest_five(np.where(np.isnan(residents), together, np.fmax(residents, together))) / ROUNDED_TO
    each = np.divide(fives, together, out=np.zeros_like(fives), where=together > 0)
    # systematic sampling: the fives lie evenly along the home's people, ordered by age
    reached = np.floor(np.cumsum(counted, axis=0) * each + turn + 1e-9)
    reached[-1] = fives  # turn < 1
    dealt = np.diff(np.minimum(reached, fives), axis=0, prepend=0.0)
    for number, (band, known) in enumerate(ages.items()):
        persons[band] = np.where(np.isnan(known), np.nan, dealt[number] * ROUNDED_TO)
        least[band] = np.where(np.isnan(known), np.nan, _least_dealt(dealt[number]))
    return Rounded(persons, least)


def _least_dealt(fives: Floats) -> Floats:
    """Return the fewest people of a band that can be dealt so many fives of a home rounded to no fewer.

    More than ``fives - 1`` steps of the home's people by its fives lie in the band.
    """
    several = np.maximum(fives, 2)
    found = np.floor(ROUNDED_TO * (several - 1) * (1 - _HALF / (ROUNDED_TO * several)) + 1e-9) + 1
    return np.where(fives >= 2, found, np.where(fives > 0, 1.0, 0.0))


def least_together(persons: Mapping[str, Floats], bands: Collection[str], *, everybody: str) -> Floats:
    """Return the fewest people of some bands together, from homes as :func:`rounded_homes` tells them; 0 not known.

    Bands next to each other are one stretch of the home's people: its fives lie whole steps apart there, whichever
    band each falls into. All bands are everybody.
    """
    ages = [band for band in persons if band != everybody]
    whole: Floats = np.nan_to_num(least_of(persons[everybody]))
    if everybody in bands or not set(ages) - set(bands):
        return whole
    least, fives = np.zeros_like(whole), np.zeros_like(whole)
    for band in ages:
        if band in bands:
            fives = fives + np.nan_to_num(persons[band]) / ROUNDED_TO
        else:
            least, fives = least + _least_dealt(fives), np.zeros_like(whole)
    return least + _least_dealt(fives)


def turns(codes: Sequence[str], salt: bytes) -> Floats:
    """Return for each code a number 0 ≤ u < 1 that only who knows ``salt`` can tell, the same every time."""
    digests = b"".join(blake2b(str(code).encode(), digest_size=8, key=salt[:64]).digest() for code in codes)
    return np.frombuffer(digests, ">u8").astype(np.float64) * (1 - 1e-9) / 2.0**64


def hidden_cells(rounded: Floats, least: Floats, present: Flags, within: Sequence[npt.NDArray[np.int64]] = ()) -> Flags:
    """Return which cells of tables of people are withheld.

    Parameters
    ----------
    rounded, least
        People as they are told and at least, shape (tables, bands, areas, states): the first band is everybody, the
        last area the sum of the others, the last state the sum of the others.
    present
        Cells that count somebody's home: an empty one hides nobody and is shown as 0.
    within
        For each level above, the place of the larger area each area but the last lies in, shape (areas - 1,); -1 none.

    Returns
    -------
    array of bool
        Present cells with fewer than five people at least, and in each line (states, areas, areas of a larger one,
        bands) with a single such cell the smallest other one: no sum minus the others tells it.
    """
    hidden = present & (least < FEWEST_PERSONS)
    groups = [np.flatnonzero(above == one) for above in within for one in np.unique(above[above >= 0])]
    lines = [(3, slice(None)), (2, slice(None)), *((2, group) for group in groups)]
    if rounded.shape[1] > 1:
        lines.append((1, slice(None)))
    before = -1
    while before != (before := int(hidden.sum())):
        for axis, members in lines:
            _close(hidden, rounded, present, axis, members)
    return hidden


def _close(hidden: Flags, rounded: Floats, present: Flags, axis: int, members: Any) -> None:
    """Withhold the smallest other cell in every line along an axis that has a single withheld one."""
    line, size, there = (np.moveaxis(array, axis, -1)[..., members] for array in (hidden, rounded, present))
    need = np.count_nonzero(line, axis=-1) == 1
    if not need.any():
        return
    chosen, others = line[need], np.where(there[need] & ~line[need], size[need], np.inf)
    place = others.argmin(axis=-1)
    found = np.isfinite(others[np.arange(len(place)), place])
    chosen[np.flatnonzero(found), place[found]] = True
    changed = line.copy()
    changed[need] = chosen
    np.moveaxis(hidden, axis, -1)[..., members] = changed


def shown_count(count: float | None) -> int | None:
    """Return a number of people or households of one building or of a whole layer as it is told, None for few."""
    if count is None:
        return None
    rounded = int(nearest_five(np.array(float(count))))
    return rounded if rounded - _HALF >= FEWEST_PERSONS else None


def shown_counts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a building's or project's row as it is told: counts rounded, few and all age bands withheld.

    ``withheld`` says whether anything that is known is not told. A building that is no home by its use, nor by its
    rounded residents, is told like one nobody lives in: without people, and with nothing withheld.
    """
    shown = dict(row)
    if _is_no_home(row):
        return shown | {key: None for key in row if key == "people_basis" or _is_of_people(key)} | {"withheld": False}
    for key, value in row.items():
        if _is_of_people(key):
            shown[key] = shown_count(value) if key in PERSON_COUNTS else None
    shown["withheld"] = any(row[key] is not None and shown[key] is None for key in row)
    return shown


def _is_of_people(key: str) -> bool:
    return key in PERSON_COUNTS or (key.startswith("age_") and key.endswith("_persons"))


def _is_no_home(row: Mapping[str, Any]) -> bool:
    """Whether a row is of a building with another use than living, and its residents round to nobody."""
    residents = nearest_five(np.array(float(row.get("residents_persons") or 0)))
    return "use" in row and row["use"] not in RESIDENTIAL_USES and not residents > 0
