"""All polygons of a layer that share the ground with one another: where they overlap, leave holes, lie outside
(PRODUCT §2.2). Widths as in :mod:`topology`: under 2 cm is nothing, under a metre a sliver.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.topology import Piece, Shapes, sorted_out

Kind = Literal["overlap", "outside_parent", "gap", "sliver"]
_ORDER: Final = ("overlap", "outside_parent", "gap", "sliver")


@dataclass(frozen=True)
class Fault:
    """Ground that is wrong: which way, its polygons, its area, indices of the shapes and the parent concerned."""

    kind: str
    shape: Any
    area_m2: float
    shapes: tuple[int, ...] = ()
    parent: int = -1


def mosaic_faults(shapes: Shapes, parents: Shapes, held_by: npt.NDArray[np.int64]) -> tuple[Fault, ...]:
    """Return what is wrong with polygons in metres, by kind, the largest first.

    Parameters
    ----------
    shapes
        The polygons, shape (n,); valid.
    parents
        What they should fill, shape (m,); valid. Each hole in one of them is a gap of its own; a parent without any
        of the shapes is not looked at (nobody began there).
    held_by
        Index of the parent each shape must lie in, -1 for none, shape (n,).
    """
    found: list[Fault] = []
    for one, two in _pairs(shapes, shapes):
        if one < two:
            piece = shapely.intersection(shapes[one], shapes[two])
            found += [_fault(wrong, (one, two)) for wrong in sorted_out(piece, "overlap")]
    for number, parent in enumerate(held_by.tolist()):
        if parent >= 0:
            rest = shapely.difference(shapes[number], parents[parent])
            found += [_fault(wrong, (number,), parent) for wrong in sorted_out(rest, "outside_parent")]
    for parent, numbers in begun(shapes, parents).items():
        rest = shapely.difference(parents[parent], shapely.union_all(shapes[numbers]))
        for part in shapely.get_parts(rest).tolist():
            beside = tuple(n for n in numbers if shapely.dwithin(shapes[n], part, 0.02))
            found += [_fault(wrong, beside, parent) for wrong in sorted_out(part, "gap")]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.kind), -one.area_m2, one.shapes, one.shape.bounds)))


def begun(shapes: Shapes, parents: Shapes) -> dict[int, list[int]]:
    """Return the parents in which there are any of the shapes, by a metre or more, and which, by index."""
    inside: dict[int, list[int]] = {}
    for parent, number in _pairs(parents, shapes):
        if _wide(shapely.intersection(parents[parent], shapes[number])) is not None:
            inside.setdefault(parent, []).append(number)
    return inside


def crossings(shapes: Shapes, others: Shapes) -> tuple[Fault, ...]:
    """Return which shapes share ground with another mosaic's without one lying in the other, the largest first.

    ``shapes`` of a fault are the index of the shape and that of the other; slivers are none.
    """
    found: list[Fault] = []
    for one, two in _pairs(shapes, others):
        common = _wide(shapely.intersection(shapes[one], others[two]))
        beyond = _wide(shapely.difference(shapes[one], others[two]))
        is_held = common is None or beyond is None or _wide(shapely.difference(others[two], shapes[one])) is None
        if common is not None and not is_held:
            found.append(Fault("crosses_grids", common.shape, common.area_m2, (one, two)))
    return tuple(sorted(found, key=lambda fault: (-fault.area_m2, fault.shapes)))


def _pairs(one: Shapes, two: Shapes) -> list[tuple[int, int]]:
    """Return the pairs of indices whose shapes meet, ordered."""
    if not len(one) or not len(two):
        return []
    first, second = shapely.STRtree(two).query(one, predicate="intersects")
    return sorted(zip(first.tolist(), second.tolist(), strict=True))


def _wide(shape: Any) -> Piece | None:
    return next((one for one in sorted_out(shape, "overlap") if one.kind == "overlap"), None)


def _fault(piece: Piece, shapes: Sequence[int], parent: int = -1) -> Fault:
    return Fault(piece.kind, piece.shape, piece.area_m2, tuple(shapes), parent)
