"""Rows of a coverage result: the answers for every home summed by area or grid, category and age band."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_service.analysis.coverage import ALL, Groups, WalkOrders, aggregate
from geo_service.analysis.states import States
from geo_service.services.ages import Aged, count_all_ages
from geo_service.services.groups import Division, together
from geo_service.services.homes import NO_AREA, WHOLE
from geo_service.services.questions import CoverageQuestion
from geo_service.services.row_table import Column, RowTable
from geo_service.services.walks import Walks

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """Walks and states of all homes."""

    walks: Walks
    states: States

    def replaced(self, other: "Answer", places: npt.NDArray[np.int32]) -> "Answer":
        """Return this answer with the categories at ``places`` taken from another one."""
        metres, state, reason = self.walks.metres.copy(), self.states.state.copy(), self.states.reason.copy()
        metres[places] = other.walks.metres[places]
        state[places], reason[places] = other.states.state[places], other.states.reason[places]
        return Answer(replace(self.walks, metres=metres), States(state, reason))

    def of_homes(self, keep: Flags) -> "Answer":
        """Return the answer for some of the homes."""
        states = States(self.states.state[:, keep], self.states.reason[:, keep])
        return Answer(replace(self.walks, metres=self.walks.metres[:, keep]), states)


@dataclass(frozen=True)
class Answers:
    """By any facility, by those that admit each band, and who of everybody is covered by those that admit them."""

    anybody: Answer
    by_band: Mapping[str, Answer]
    ages: list[Aged]

    def of_homes(self, keep: Flags) -> "Answers":
        """Return the answers for some of the homes; bands with one answer still have one."""
        made = {id(one): one.of_homes(keep) for one in (self.anybody, *self.by_band.values())}
        ages = [
            replace(
                one,
                persons=one.persons[keep],
                metres=one.metres[:, keep],
                states=States(one.states.state[:, keep], one.states.reason[:, keep]),
            )
            for one in self.ages
        ]
        return Answers(made[id(self.anybody)], {band: made[id(one)] for band, one in self.by_band.items()}, ages)


@dataclass(frozen=True)
class Tables:
    """What the rows are counted by: the question's categories, those counted by age, the division of the homes.

    ``limited`` are the places of the categories that bands walk to, or are admitted by, differently; empty: any may be.
    ``complete`` says for each group and category whether its inventory is; ``with_bands`` whether rows by age band
    are wanted besides those of the totals.
    """

    question: CoverageQuestion
    limited: npt.NDArray[np.int32]
    division: Division
    complete: npt.NDArray[np.object_]
    with_bands: bool
    orders: WalkOrders = field(default_factory=WalkOrders, compare=False)

    @cached_property
    def whole(self) -> Division:
        """Return the division of the homes that holds all of them."""
        return Division(Groups.whole(len(self.division.groups.index)), [-1], has_rest=False)

    def rows(self, found: Answers, people: Mapping[str, Floats], *, people_only: bool = False) -> pd.DataFrame:
        """Return the rows for each group, category and band."""
        shown = found if self.with_bands else replace(found, by_band={})
        return self._rows(shown, people, self.division, self.complete, people_only=people_only)

    def totals(self, found: Answers, people: Mapping[str, Floats], *, people_only: bool = False) -> pd.DataFrame:
        """Return the rows for each category and band over all homes."""
        return self._rows(found, people, self.whole, together(self.complete), people_only=people_only)

    def _rows(
        self,
        found: Answers,
        people: Mapping[str, Floats],
        division: Division,
        complete: npt.NDArray[np.object_],
        *,
        people_only: bool,
    ) -> pd.DataFrame:
        names = self.question.categories
        apart = self.limited.tolist() or list(range(len(names)))
        alike = [place for place in range(len(names)) if place not in apart]  # every band walks there as everybody
        asked: dict[tuple[int, float], tuple[Answer, list[str]]] = {}
        by_speed: dict[float, list[str]] = {}
        for band, own in {ALL: found.anybody, **found.by_band}.items():
            speed = self.question.walker(band)[0].speed_m_s
            asked.setdefault((id(own), speed), (own, []))[1].append(band)
            by_speed.setdefault(speed, []).append(band)
        parts = [(speed, one, bands, apart) for (_, speed), (one, bands) in asked.items()]
        parts += [(speed, found.anybody, bands, alike) for speed, bands in by_speed.items()]
        frames, order = [], []
        of_band = {band: number for number, (_, bands) in enumerate(asked.values()) for band in bands}
        for speed, one, bands, places in parts:
            if not places:
                continue
            frame = aggregate(
                division.groups,
                names,
                one.walks.metres,
                one.states,
                speed_m_s=speed,
                people={band: people[band] for band in bands if band in people} or None,
                inventory_complete=complete,
                of_buildings=found.anybody.states,
                people_only=people_only,
                places=places,
                bands=bands,
                orders=self.orders,
            )
            if found.ages and ALL in bands and places is apart:
                aged = [names[place] for place in apart]
                frame = count_all_ages(frame, division.groups, aged, found.ages, people_only=people_only)
            frames.append(frame)
            order += [(of_band[band], place, number) for place in places for number, band in enumerate(bands)]
        made = pd.concat(frames, ignore_index=True)
        # bands with one answer together, then by category, band and group
        size = len(division.groups.codes)
        block = np.array(sorted(range(len(order)), key=order.__getitem__), np.int64)
        made = made.take((block[:, None] * size + np.arange(size)).ravel()).reset_index(drop=True)
        if division.has_rest or division.groups.level == WHOLE:
            rest = made["code"] == division.groups.codes[-1]
            made.loc[rest, "level"] = NO_AREA if division.has_rest else WHOLE
            made["code"] = made["code"].astype(object).where(~rest, None)
        return made


def written(frame: pd.DataFrame) -> RowTable:
    """Return rows as JSON has them: whole numbers whole, shares to six digits, walks to cm, None for nothing."""
    return RowTable({str(name): _column(str(name), frame[name]) for name in frame.columns})


def _column(name: str, column: "pd.Series[Any]") -> Column:
    """Return a column rounded as one of this name is written; people are whole numbers where they are whole."""
    if column.dtype.kind != "f":
        return Column.of(column)
    digits = 6 if name.endswith("_share") else 2 if name.endswith(("_m", "_s")) else None
    if digits is not None:
        return Column.of(np.round(column.to_numpy(np.float64), digits))
    found = Column.of(column)
    return replace(found, values=[one if one is None else _whole(one) for one in found.values])


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else round(number, 3)
