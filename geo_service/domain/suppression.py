"""Which figures are withheld because they are about too few people (PRODUCT §8)."""

from collections.abc import Sequence
from typing import Final

FEWEST_PERSONS: Final = 5


def withheld(cells: Sequence[Sequence[float | None]]) -> set[int]:
    """Return the rows whose figures must not be shown.

    Parameters
    ----------
    cells
        For each row (an area) the numbers of people in its states; None where nobody knows.

    Returns
    -------
    set of int
        Rows with any cell of 1 to 4 people. If that is a single row, the smallest other row too: the total of all
        rows, shown elsewhere, would give the single one away (complementary suppression).
    """
    small = {number for number, row in enumerate(cells) if any(_few(cell) for cell in row)}
    if len(small) == 1:
        others = [(sum(cell or 0 for cell in row), number) for number, row in enumerate(cells) if number not in small]
        told = [pair for pair in others if pair[0] > 0]
        if told:
            small.add(min(told)[1])
    return small


def _few(cell: float | None) -> bool:
    return cell is not None and 0 < cell < FEWEST_PERSONS
