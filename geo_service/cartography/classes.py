"""Classes of figures of areas: shares covered, and how they change."""

from typing import Final

from geo_service.cartography.palette import INK
from geo_service.cartography.symbols import Symbol, area

# share of people (or buildings) covered → colour: orange like the gaps, blue like the covered, the worst places darkest
# (ColorBrewer PuOr and Blues, colour-blind safe; the map writes the share beside the name, so hue never stands alone)
SHARE_CLASSES: Final[tuple[tuple[float, float, str], ...]] = (
    (0.0, 0.2, "#b35806"),
    (0.2, 0.4, "#e08214"),
    (0.4, 0.6, "#fdb863"),
    (0.6, 0.8, "#c6dbef"),
    (0.8, 0.95, "#4292c6"),
    (0.95, 1.0, "#08306b"),
)
SHARE_OPACITY: Final = 0.6
# change of a share covered, around zero: hues of the shares, losses hatched as well, so that they print without hue;
# a change at a limit is of the class further from zero
DIFFERENCE_CLASSES: Final[tuple[tuple[float, float, Symbol], ...]] = (
    (-1.0, -0.2, area("#b35806", SHARE_OPACITY, INK, "crosshatch", width_px=0.8)),
    (-0.2, -0.05, area("#e08214", SHARE_OPACITY, INK, "hatch", width_px=0.8)),
    (-0.05, -0.01, area("#fdb863", SHARE_OPACITY, INK, "hatch", width_px=0.8)),
    (-0.01, 0.01, area("#f7f7f7", SHARE_OPACITY, INK, width_px=0.8)),
    (0.01, 0.05, area("#9ecae1", SHARE_OPACITY, INK, width_px=0.8)),
    (0.05, 0.2, area("#4292c6", SHARE_OPACITY, INK, width_px=0.8)),
    (0.2, 1.0, area("#08306b", SHARE_OPACITY, INK, width_px=0.8)),
)
