"""Land the town stands on: a bent plan, a lake with an island, hills. Local plane, metres east and north."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from geo_service.demo.plan import RAIL_SHARE, Floats, Size, rng_for


@dataclass(frozen=True)
class Bend:
    """A smooth shift of the plane that makes straight cuts into gently winding streets.

    Two long waves bend the town, a short one the lanes; the gradient stays far below one, so the
    bent plan never folds.
    """

    waves: Floats  # (k, 6): dx amplitude, dy amplitude, wave numbers x and y, phases

    @classmethod
    def seeded(cls, seed: int) -> "Bend":
        """Return the bend of a seed."""
        rng = rng_for(seed, "bend")
        rows = []
        for amplitude_m, length_m in ((70.0, 2600.0), (48.0, 1500.0), (20.0, 640.0), (5.0, 210.0)):
            turn = rng.uniform(0, np.pi)
            k = 2 * np.pi / length_m
            share = rng.uniform(0.6, 1.0, 2)
            rows.append([*(amplitude_m * share), k * np.cos(turn), k * np.sin(turn), *rng.uniform(0, 2 * np.pi, 2)])
        return cls(np.asarray(rows))

    def apply(self, xy: Floats) -> Floats:
        """Return bent coordinates, shape (n, 2), rounded to centimetres."""
        shift = np.zeros_like(xy)
        for ax, ay, kx, ky, px, py in self.waves:
            shift[:, 0] += ax * np.sin(kx * xy[:, 1] + ky * xy[:, 0] + px)
            shift[:, 1] += ay * np.sin(kx * xy[:, 0] - ky * xy[:, 1] + py)
        return np.asarray(np.round(xy + shift, 2))


@dataclass(frozen=True)
class Terrain:
    """Waters and hills of all streets, in bent coordinates; one lake, island and hill per street."""

    lakes: list[Polygon]
    islands: list[Polygon]
    hills: list[Polygon]


def make_terrain(size: Size, seed: int, bend: Bend) -> Terrain:
    """Place each street's lake towards its north-east and its hill in its north-west corner."""
    rng = rng_for(seed, "terrain")
    lakes, islands, hills = [], [], []
    for street in range(size.streets):
        x0, y0 = street_corner(size, street)
        north = size.height_m * (1 - RAIL_SHARE)
        lake_at = np.array(
            [
                x0 + size.width_m * rng.uniform(0.60, 0.70),
                y0 + size.height_m * RAIL_SHARE + north * rng.uniform(0.52, 0.62),
            ]
        )
        hill_at = np.array([x0 + 0.62 * size.hill_radius_m, y0 + size.height_m - 0.45 * size.hill_radius_m])
        lake_at, hill_at = bend.apply(np.vstack([lake_at, hill_at]))
        lakes.append(_blob(rng, lake_at, size.lake_radius_m, 0.32, 1.35))
        islands.append(_blob(rng, np.asarray(lakes[-1].centroid.coords[0]), size.lake_radius_m * 0.22, 0.08, 1.0))
        hills.append(_blob(rng, hill_at, size.hill_radius_m, 0.07, 1.0))
    return Terrain(lakes, islands, hills)


def street_corner(size: Size, street: int) -> tuple[float, float]:
    """Return the south-west corner of a street in the plan; streets run west to east, then north to south."""
    row, column = divmod(street, size.columns)
    return column * size.width_m, (size.rows - 1 - row) * size.height_m


def _blob(rng: np.random.Generator, at: Floats, radius_m: float, unrest: float, stretch: float) -> Polygon:
    """Make a smooth closed shape by a few seeded waves on a circle."""
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    radius = np.ones_like(angle)
    for n in (2, 3, 4, 5):
        radius += unrest / n * rng.uniform(-1, 1) * np.cos(n * angle + rng.uniform(0, 2 * np.pi))
    turn = rng.uniform(-0.5, 0.5)
    x, y = radius * np.cos(angle) * radius_m * stretch, radius * np.sin(angle) * radius_m / stretch
    ring = np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]) + at
    shape = shapely.make_valid(Polygon(np.round(ring, 2)))
    return shape if isinstance(shape, Polygon) else max(shape.geoms, key=lambda part: part.area)
