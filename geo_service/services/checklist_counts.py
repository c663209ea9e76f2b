"""Households and residents by community, as they are and as they are told (decision 22)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL
from geo_service.domain.layers import LAYERS
from geo_service.domain.suppression import FEWEST_PERSONS, ROUNDED_TO, turns
from geo_service.services.homes import Homes
from geo_service.services.told import told_people
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Counted:
    """Households and residents of h homes as a sheet counts them, and how many there are at least.

    Attributes
    ----------
    settled
        Community of each home, -1 for none or for a home that is not told, shape (h,).
    households, persons
        NaN where not known, shape (h,).
    least_households, least_persons
        What the told numbers prove; None where the numbers are exact.
    """

    settled: Ints
    households: Floats
    persons: Floats
    least_households: Floats | None = None
    least_persons: Floats | None = None

    @property
    def is_told(self) -> bool:
        """Whether numbers are rounded and few withheld."""
        return self.least_households is not None

    def household_sums(self, communities: int) -> tuple[Floats, Flags]:
        """Return the households of each community, NaN where no home's are known, and whether they may be told."""
        return _sums(self.settled, self.households, self.least_households, communities)

    def person_sums(self, communities: int) -> tuple[Floats, Flags]:
        """Return the residents of each community as :meth:`household_sums`."""
        return _sums(self.settled, self.persons, self.least_persons, communities)


def exact_counts(conn: Connection, homes: Homes, settled: Ints) -> Counted:
    """Return the stored numbers."""
    frame = read_frame(conn, LAYERS["buildings"], ["id", "households_count"], geometry=False)
    stored = dict(zip(frame["id"].tolist(), frame["households_count"].tolist(), strict=True))
    households = np.array([stored[int(ident)] for ident in homes.id], np.float64)
    persons = np.full(len(homes), np.nan) if homes.people is None else homes.people[ALL]
    return Counted(settled, households, persons)


def told_counts(exact: Counted, homes: Homes, salt: bytes) -> Counted:
    """Return the numbers as they are told.

    Residents as everywhere. Households in fives, too, but dealt: most houses in villages have one, and rounding each
    would leave none. A home's fives are its households by five, rounded up or down by a turn that is always the same
    for it, so that many homes together come out right and nothing but those fives can.
    """
    keep, persons, least = told_people(homes, salt)
    turn = turns([f"{code}:households" for code in homes.code], salt)
    fives = np.floor(exact.households / ROUNDED_TO + turn)
    least_households = np.where(fives > 0, ROUNDED_TO * (fives - 1) + 1, np.where(np.isnan(fives), np.nan, 0.0))
    nobody = np.full(len(homes), np.nan)
    return Counted(
        np.where(keep, exact.settled, -1),
        fives * ROUNDED_TO,
        persons.get(ALL, nobody),
        least_households,
        (least or {}).get(ALL, nobody),
    )


def _sums(settled: Ints, numbers: Floats, least: Floats | None, size: int) -> tuple[Floats, Flags]:
    here = (settled >= 0) & ~np.isnan(numbers)
    known = np.bincount(settled[here], minlength=size) > 0
    total = np.bincount(settled[here], weights=numbers[here], minlength=size)
    sums: Floats = np.where(known, total, np.nan)
    if least is None:
        return sums, np.ones(size, bool)
    proven = np.bincount(settled[here], weights=least[here], minlength=size)
    return sums, np.asarray(proven >= FEWEST_PERSONS, bool)
