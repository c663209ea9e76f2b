"""Who lives in the town: households of believable kinds, sizes 1 to 6, ages by band, 常住 and 户籍."""

from dataclasses import dataclass

import numpy as np

from geo_service.demo.houses import KIND_NAMES, Houses
from geo_service.demo.plan import Floats, Ints, rng_for
from geo_service.domain.bands import BANDS

# Kinds of household: ages of each member as (low, high) years, drawn evenly; the share registered here.
_TEMPLATES: tuple[tuple[str, tuple[tuple[int, int], ...], float], ...] = (
    ("elder_alone", ((66, 93),), 0.97),
    ("elder_couple", ((62, 88), (60, 86)), 0.96),
    ("late_couple", ((48, 64), (46, 62)), 0.92),
    ("couple", ((24, 40), (24, 38)), 0.70),
    ("one_adult", ((22, 52),), 0.60),
    ("tenants_two", ((19, 34), (19, 34)), 0.08),
    ("tenants_three", ((18, 32), (18, 32), (18, 32)), 0.05),
    ("small_child", ((26, 40), (25, 38), (0, 5)), 0.80),
    ("school_child", ((32, 48), (30, 46), (6, 17)), 0.84),
    ("two_children", ((30, 44), (28, 42), (0, 8), (4, 15)), 0.82),
    ("grown_child", ((48, 62), (46, 60), (19, 32)), 0.88),
    ("elder_and_child", ((62, 80), (60, 78), (30, 45), (29, 43), (1, 14)), 0.90),
    ("three_generations", ((60, 78), (58, 76), (28, 44), (27, 42), (0, 9), (2, 14)), 0.90),
    ("parent_alone", ((28, 48), (3, 17)), 0.80),
    ("old_parent", ((45, 62), (44, 60), (74, 94)), 0.92),
)
# Shares of those kinds where the building is old (before 1985), middle-aged and new (from 2008).
_SHARES = np.array(
    [
        # ea  ec  lc  cp  oa  t2  t3  sc  sch 2c  gc  eac 3g  pa  op
        [15, 17, 10, 4, 9, 7, 4, 4, 7, 2, 8, 4, 2, 2, 5],
        [8, 13, 11, 6, 8, 5, 2, 8, 13, 5, 9, 5, 2, 2, 3],
        [2, 5, 6, 13, 10, 4, 2, 18, 16, 10, 4, 5, 3, 1, 1],
    ],
    dtype=float,
)
_MOST = 6


@dataclass(frozen=True)
class People:
    """Households as columns; bands follow :data:`geo_service.domain.bands.BANDS`."""

    building: Ints  # row of the building, ascending
    residents: Ints
    registered: Ints
    bands: Ints  # (households, 8)
    unit: Ints
    room: Ints

    def per_building(self, count: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Return households, residents, registered and bands of each of ``count`` buildings."""
        households = np.bincount(self.building, minlength=count)
        residents = np.bincount(self.building, self.residents, count).astype(np.int64)
        registered = np.bincount(self.building, self.registered, count).astype(np.int64)
        bands = np.column_stack([np.bincount(self.building, column, count).astype(np.int64) for column in self.bands.T])
        return households, residents, registered, bands


def make_people(houses: Houses, seed: int) -> People:
    """Draw every household of every building at once; vectorised over households."""
    rng = rng_for(seed, "people")
    building = np.repeat(np.arange(len(houses)), houses.households)
    count = len(building)
    year = houses.built_year[building]
    era = np.where(year < 1985, 0, np.where(year < 2008, 1, 2))
    shares = np.cumsum(_SHARES / _SHARES.sum(axis=1, keepdims=True), axis=1)
    template = (rng.random(count)[:, None] > shares[era]).sum(axis=1)
    dormitory = np.array([use == "dormitory" for use in houses.use])[building]
    template = np.where(dormitory, np.where(rng.random(count) < 0.5, 5, 6), template)
    low, high = _age_ranges()
    sizes = np.array([len(t[1]) for t in _TEMPLATES])[template]
    draw = rng.random((count, _MOST))
    ages = np.floor(low[template] + draw * (high[template] - low[template] + 0.999)).astype(np.int64)
    lives = np.arange(_MOST)[None, :] < sizes[:, None]
    last_of_band = np.array([first for first, _ in BANDS.values()][1:])
    band = np.searchsorted(last_of_band, ages, side="right")
    counted = np.zeros((count, len(BANDS)), np.int64)
    for slot in range(_MOST):
        rows = np.flatnonzero(lives[:, slot])
        counted[rows, band[rows, slot]] += 1
    return People(building, sizes, _registered(rng, template, sizes), counted, *_rooms(houses, building))


def _age_ranges() -> tuple[Floats, Floats]:
    low, high = np.zeros((len(_TEMPLATES), _MOST)), np.zeros((len(_TEMPLATES), _MOST))
    for n, (_, ages, _) in enumerate(_TEMPLATES):
        low[n, : len(ages)] = [a for a, _ in ages]
        high[n, : len(ages)] = [b for _, b in ages]
    return low, high


def _registered(rng: np.random.Generator, template: Ints, sizes: Ints) -> Ints:
    """Most owners are registered where they live, tenants are not; some relatives are registered and away."""
    share = np.array([t[2] for t in _TEMPLATES])[template]
    here = rng.random(len(template)) < share
    away = np.where(rng.random(len(template)) < 0.12, rng.integers(1, 3, len(template)), 0)
    partly = np.where(rng.random(len(template)) < 0.10, 1, 0)
    return np.asarray(np.where(here, np.maximum(0, sizes + away - partly), 0), dtype=np.int64)


def _rooms(houses: Houses, building: Ints) -> tuple[Ints, Ints]:
    """Number stairs and rooms (floor and door, such as 302) inside each building."""
    start = np.searchsorted(building, np.arange(len(houses)))
    place = np.arange(len(building)) - start[building]
    floors = houses.floors[building]
    flat_kind = np.isin(houses.kind, [KIND_NAMES.index("tower")])[building]
    doors = np.where(flat_kind, 6, 2)
    per_stair = floors * doors
    unit = place // per_stair + 1
    inside = place % per_stair
    return np.asarray(unit), np.asarray((inside // doors + 1) * 100 + inside % doors + 1)
