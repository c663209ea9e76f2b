"""Where a printed map lies on paper: a round scale, millimetres of paper against metres on the ground."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
_STEPS: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5)
_LARGEST_SCALE: Final = 250.0  # one to; what is smaller than a page at this scale keeps room around it
_BAR_SHARE: Final = 0.22  # of the width: how long the scale bar is at most


@dataclass(frozen=True)
class PrintFrame:
    """A rectangle of the ground on a rectangle of paper, north up.

    Attributes
    ----------
    centre_x_m, centre_y_m
        Middle of the map in metres of a ``MetricFrame``.
    width_mm, height_mm
        Size on paper.
    scale
        The number of the scale: 5000 for 1:5000.
    """

    centre_x_m: float
    centre_y_m: float
    width_mm: float
    height_mm: float
    scale: float

    @classmethod
    def around(
        cls, bounds_m: tuple[float, float, float, float], width_mm: float, height_mm: float, *, margin: float = 0.03
    ) -> "PrintFrame":
        """Return the frame of the largest round scale that holds ``bounds_m`` (west, south, east, north; metres).

        ``margin`` is the share of paper left free on each side. ValueError for bounds that are not finite.
        """
        west, south, east, north = bounds_m
        if not np.isfinite(bounds_m).all():
            raise ValueError("bounds must be finite")
        room = 1.0 - 2.0 * margin
        needed = 1000.0 * max((east - west) / (width_mm * room), (north - south) / (height_mm * room))
        return cls((west + east) / 2.0, (south + north) / 2.0, width_mm, height_mm, round_scale(needed))

    @property
    def metres_per_mm(self) -> float:
        """Metres on the ground of a millimetre of paper."""
        return self.scale / 1000.0

    def bounds_m(self, beyond_mm: float = 0.0) -> tuple[float, float, float, float]:
        """Return west, south, east, north of the paper in metres, ``beyond_mm`` wider on every side."""
        half_x = (self.width_mm / 2.0 + beyond_mm) * self.metres_per_mm
        half_y = (self.height_mm / 2.0 + beyond_mm) * self.metres_per_mm
        return (
            self.centre_x_m - half_x,
            self.centre_y_m - half_y,
            self.centre_x_m + half_x,
            self.centre_y_m + half_y,
        )

    def on_paper(self, shapes: npt.ArrayLike) -> npt.NDArray[np.object_]:
        """Return metric geometries in millimetres from the upper left corner of the paper, y downwards."""

        def convert(xy: Floats) -> Floats:
            x = (xy[:, 0] - self.centre_x_m) / self.metres_per_mm + self.width_mm / 2.0
            y = self.height_mm / 2.0 - (xy[:, 1] - self.centre_y_m) / self.metres_per_mm
            return np.column_stack([x, y])

        return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), convert), dtype=object)

    @property
    def bar_m(self) -> float:
        """Length of the scale bar on the ground: 1, 2 or 5 times a power of ten."""
        longest = self.width_mm * _BAR_SHARE * self.metres_per_mm
        power = 10.0 ** np.floor(np.log10(longest))
        return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= longest))


def round_scale(needed: float) -> float:
    """Return the smallest round scale number that is at least ``needed`` (1:250 at the largest)."""
    if needed <= _LARGEST_SCALE:
        return _LARGEST_SCALE
    power = 10.0 ** np.floor(np.log10(needed))
    return float(min(step * power * ten for ten in (1.0, 10.0) for step in _STEPS if step * power * ten >= needed))
