"""Outlines of point symbols on paper, as the browser draws them (``frontend/src/map/shapes.ts``)."""

from math import cos, pi, sin
from typing import Final

from geo_service.cartography.palette import Shape

_ARM: Final = 0.63
Corner = tuple[float, float]


def _regular(corners: int, radius: float, turn: float = 0.0) -> list[Corner]:
    angles = [-pi / 2 + turn + corner * 2 * pi / corners for corner in range(corners)]
    return [(cos(angle) * radius, sin(angle) * radius) for angle in angles]


def _star() -> list[Corner]:
    pairs = zip(_regular(5, 1.25), _regular(5, 0.72, pi / 5), strict=True)
    return [corner for pair in pairs for corner in pair]


_CORNERS: Final[dict[str, list[Corner]]] = {
    "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    "triangle": [(0.0, -1.2), (1.15, 0.85), (-1.15, 0.85)],
    "diamond": [(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
    "pentagon": _regular(5, 1.15),
    "star": _star(),
    "cross": [
        (-_ARM, -1.1), (_ARM, -1.1), (_ARM, -_ARM), (1.1, -_ARM), (1.1, _ARM), (_ARM, _ARM),
        (_ARM, 1.1), (-_ARM, 1.1), (-_ARM, _ARM), (-1.1, _ARM), (-1.1, -_ARM), (-_ARM, -_ARM),
    ],
}  # fmt: skip


def outline(shape: Shape, radius: float) -> str:
    """Return the outline of a point symbol around (0, 0) as SVG path data, y downwards."""
    if shape == "circle":
        arc = f"A{radius:.2f} {radius:.2f} 0 1 1"
        return f"M{radius:.2f} 0{arc} {-radius:.2f} 0{arc} {radius:.2f} 0Z"
    return "M" + "L".join(f"{x * radius:.2f} {y * radius:.2f}" for x, y in _CORNERS[shape]) + "Z"


def ink_on(colour: str | None) -> str:
    """Return black or white, whichever reads better on a colour ``#rrggbb``."""
    red, green, blue = bytes.fromhex((colour or "#ffffff")[1:])
    return "#1d1d1d" if red * 0.299 + green * 0.587 + blue * 0.114 > 140 else "#ffffff"
