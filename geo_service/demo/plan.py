"""What the demo town is made of: sizes, place, codes, sources, seeds. No randomness here."""

import zlib
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from geo_service.foundation.errors import NotFound

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
SizeName = Literal["small", "street", "district"]

SOURCE: Final = "示例数据 synthetic demo"
LICENCE: Final = "CC0-1.0"
DEFAULT_SEED: Final = 20260331
# Every date of the demo is counted from here, never from today: the rows stay the same for ever.
REFERENCE_DATE: Final = date(2026, 3, 31)
# Open country in the middle of the 111° zone of CGCS2000; no such office exists there.
CENTRE_LON_DEG: Final = 112.10
CENTRE_LAT_DEG: Final = 30.80
# Area codes beginning with 99 are for tests; no real division has them.
CITY_CODE: Final = "9901"
DISTRICT_CODE: Final = "990101"


@dataclass(frozen=True)
class Size:
    """How much town is made.

    Attributes
    ----------
    columns, rows
        Streets (offices) side by side and one above the other.
    width_m, height_m
        Of one street.
    south_communities, north_communities
        Communities of a street south and north of its railway; 0 south: one community spans it.
    grids_per_community
        Governance grids before those lying in water and hills are merged away.
    households, buildings
        Of one street.
    lake_radius_m, hill_radius_m
        Mean radius of each street's lake and hill.
    margin_m, short_margin_m
        How far the streets reach beyond the communities; the short one is in the west, where the
        ``edge`` state appears on purpose.
    """

    name: SizeName
    columns: int
    rows: int
    width_m: float
    height_m: float
    south_communities: int
    north_communities: int
    grids_per_community: int
    households: int
    buildings: int
    lake_radius_m: float
    hill_radius_m: float
    margin_m: float = 1350.0
    short_margin_m: float = 320.0

    @property
    def streets(self) -> int:
        """Number of streets."""
        return self.columns * self.rows


_STREET: Final = Size("street", 1, 1, 2900.0, 2300.0, 3, 7, 11, 30_000, 4_000, 300.0, 330.0)
SIZES: Final[dict[str, Size]] = {
    "small": Size("small", 1, 1, 1040.0, 860.0, 0, 1, 11, 3_000, 400, 95.0, 275.0),
    "street": _STREET,
    "district": Size("district", 5, 2, 2900.0, 2300.0, 3, 7, 11, 30_000, 4_000, 300.0, 330.0),
}
# Share of a street's height where the railway runs.
RAIL_SHARE: Final = 0.30

# Half widths of streets with their pavements, metres, by level of subdivision: tile border, community
# border, grid border, inner street, lane.
HALF_WIDTHS_M: Final = (14.0, 11.0, 8.0, 5.5, 2.6)
HIGHWAYS: Final = ("secondary", "tertiary", "residential", "unclassified", "living_street")


def size_named(name: str) -> Size:
    """Return the size; NotFound ``demo_size_unknown`` names the known ones."""
    try:
        return SIZES[name]
    except KeyError:
        raise NotFound("demo_size_unknown", size=name, known=", ".join(SIZES)) from None


def rng_for(seed: int, topic: str) -> np.random.Generator:
    """Return the generator of one topic, so that a change in one subject does not move the others."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(topic.encode())])))


def street_code(street: int) -> str:
    """Return the code of a street counted from 0."""
    return f"{DISTRICT_CODE}{street + 1:03d}"


def community_code(street: int, community: int) -> str:
    """Return the code of a community, both counted from 0."""
    return f"{street_code(street)}{community + 1:03d}"
