"""Where it is worst: the parts of a place, each once, beside it the categories most of its people lack."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from geo_service.services.board_tables import EVERYWHERE, BoardQuestion, Table

FEW: Final = 3  # categories of a place, unless all of them are asked for
NOWHERE: Final = "none"  # in place of the code of homes outside every part
Row = Mapping[str, Any]


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """Return rows of places and categories place by place, the worst first.

    Rows: the most people without, then their largest share, the most buildings without, the longest walk.
    Places: by their worst category; where as many people lack that, the place in which more people lack something,
    added up over the categories.
    """
    places = _places(sorted(rows, key=_worst)).values()
    return [row for own in sorted(places, key=_worst_place) for row in own]


def by_place(table: Table, question: BoardQuestion) -> Table:
    """Return rows in any order place by place, places in the order of their first rows.

    Of each place the first :data:`FEW` rows are kept, all of those named in ``question.whole``; ``categories`` says
    how many there are, ``is_whole`` whether all are kept, ``alike`` how many more as many people lack as the first.
    """
    kept = []
    for code, rows in _places(table.rows).items():
        few = rows if question.whole & {EVERYWHERE, code} else rows[:FEW]
        people = rows[0]["people_not_covered"]
        told = {
            "categories": len(rows),
            "is_whole": len(few) == len(rows),
            "alike": sum(row["people_not_covered"] == people for row in rows[1:]),
        }
        kept += [{**row, **told} for row in few]
    return replace(table, rows=kept)


def _places(rows: Iterable[Row]) -> dict[str, list[Row]]:
    places: dict[str, list[Row]] = {}
    for row in rows:
        places.setdefault(NOWHERE if row["place"] is None else row["place"]["code"], []).append(row)
    return places


def _worst(row: Row) -> tuple[Any, ...]:
    people, share = row["people_not_covered"], row["people_not_covered_share"]
    homes = row["buildings_not_covered"] or 0
    far = row["mean_m"]
    longest = (far is not None, -(far or 0))  # nobody reaches any: the longest of all
    return (people is None, -(people or 0), -(share or 0), -homes, *longest, row["key"])


def _worst_place(rows: Sequence[Row]) -> tuple[Any, ...]:
    people = rows[0]["people_not_covered"]
    without = sum(row["people_not_covered"] or 0 for row in rows)
    return (people is None, -(people or 0), -without, *_worst(rows[0]))
