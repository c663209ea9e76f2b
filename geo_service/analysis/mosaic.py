"""All polygons of a layer that share the ground with one another: where they overlap, leave holes, lie outside
(PRODUCT §2.2). Widths as in :mod:`topology`: under 2 cm is nothing, under a metre a sliver.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.topology import NOISE_M, Piece, Shapes, sorted_out

Kind = Literal["overlap", "outside_parent", "gap", "sliver"]
_NOTHING_M2: Final = 1e-4  # what is wider than noise is larger
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
    for one, two, piece in _shared(shapes, shapes, is_same=True):
        found += [_fault(wrong, (one, two)) for wrong in sorted_out(piece, "overlap")]
    held = np.flatnonzero(held_by >= 0)
    beyond = shapely.difference(shapes[held], parents[held_by[held]])
    some = shapely.area(beyond) > _NOTHING_M2
    for number, rest in zip(held[some].tolist(), beyond[some], strict=True):
        parent = int(held_by[number])
        found += [_fault(wrong, (number,), parent) for wrong in sorted_out(rest, "outside_parent")]
    for parent, numbers in begun(shapes, parents).items():
        rest = shapely.difference(parents[parent], shapely.union_all(shapes[numbers]))
        own = np.array(numbers, dtype=np.int64)
        for part in shapely.get_parts(rest).tolist():
            if shapely.area(part) <= _NOTHING_M2:
                continue
            shapely.prepare(part)
            beside = tuple(own[shapely.dwithin(part, shapes[own], NOISE_M)].tolist())
            found += [_fault(wrong, beside, parent) for wrong in sorted_out(part, "gap")]
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.kind), -one.area_m2, one.shapes, one.shape.bounds)))


def begun(shapes: Shapes, parents: Shapes) -> dict[int, list[int]]:
    """Return the parents in which there are any of the shapes, by a metre or more, and which, by index."""
    inside: dict[int, list[int]] = {}
    for parent, number, common in _shared(parents, shapes):
        if _wide(common) is not None:
            inside.setdefault(parent, []).append(number)
    return inside


def crossings(shapes: Shapes, others: Shapes) -> tuple[Fault, ...]:
    """Return which shapes share ground with another mosaic's without one lying in the other, the largest first.

    ``shapes`` of a fault are the index of the shape and that of the other; slivers are none.
    """
    found: list[Fault] = []
    for one, two, shared in _shared(shapes, others):
        common = _wide(shared)
        beyond = _wide(shapely.difference(shapes[one], others[two]))
        is_held = common is None or beyond is None or _wide(shapely.difference(others[two], shapes[one])) is None
        if common is not None and not is_held:
            found.append(Fault("crosses_grids", common.shape, common.area_m2, (one, two)))
    return tuple(sorted(found, key=lambda fault: (-fault.area_m2, fault.shapes)))


def _shared(one: Shapes, two: Shapes, *, is_same: bool = False) -> list[tuple[int, int, Any]]:
    """Return the pairs of indices whose shapes share ground, and what they share, ordered.

    ``is_same``: both are the same shapes; each pair is told once, none with itself.
    """
    if not len(one) or not len(two):
        return []
    first, second = shapely.STRtree(two).query(one, predicate="intersects")
    if is_same:
        first, second = first[first < second], second[first < second]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    common = shapely.intersection(one[first], two[second])
    some = shapely.area(common) > _NOTHING_M2
    return list(zip(first[some].tolist(), second[some].tolist(), common[some], strict=True))


def _wide(shape: Any) -> Piece | None:
    return next((one for one in sorted_out(shape, "overlap") if one.kind == "overlap"), None)


def _fault(piece: Piece, shapes: Sequence[int], parent: int = -1) -> Fault:
    return Fault(piece.kind, piece.shape, piece.area_m2, tuple(shapes), parent)
