"""What can be wrong with a shape, as it is told: one sentence, where, how much, about which thing."""

from dataclasses import dataclass
from typing import Any

from geo_service.foundation.texts import Lang, text


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    kind
        ``invalid``, ``self_intersection``, ``too_many_points``, ``overlap``, ``outside_parent``, ``gap``, ``sliver``,
        ``homes_outside``, ``outside_areas``, ``partly_outside``, ``outside_own``, ``far_from_barrier``,
        ``far_from_ways``, ``crosses_ways``, ``far_from_subject``, ``near_alike``, ``crosses_grids``,
        ``crosses_departments``.
    sentence
        What is wrong and where, in the asker's language.
    shape
        Where, EPSG:4326; None where it is nowhere in particular.
    area_m2
        Of overlaps, gaps, slivers and what lies outside.
    ident, layer, others
        Code of the row it is about, its layer, and codes of others of that layer that have part in it.
    blocks
        Whether the shape cannot be stored.
    """

    kind: str
    sentence: str
    shape: Any = None
    area_m2: float | None = None
    ident: str | None = None
    layer: str | None = None
    others: tuple[str, ...] = ()
    blocks: bool = False


def area_text(area_m2: float, lang: Lang) -> str:
    """Return an area as it stands in a sentence."""
    return text("check.area", lang, area=f"{area_m2:,.0f}" if area_m2 >= 10 else f"{area_m2:.1f}")
