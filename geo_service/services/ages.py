"""All ages together where they do not walk or are not admitted alike: everybody counts by their own state and speed.

A kindergarten for ages 3 to 5 covers nobody else who lives in the building (PRODUCT §2.4). Buildings keep the state
any facility gives them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_service.analysis.coverage import ALL, PEOPLE, WALKS, Groups, aggregate
from geo_service.analysis.states import COVERED, UNKNOWN, States

Floats = npt.NDArray[np.float64]
NO_AGE: Final = ""  # a band no facility names: people of unknown age


@dataclass(frozen=True)
class Aged:
    """People of one age in h homes, their walks and states for c categories, shapes (h,) and (c, h).

    People are NaN where the residents of a home are not known; ``band`` is their age band or ``NO_AGE``, ``speed_m_s``
    how fast they walk.
    """

    persons: Floats
    metres: Floats
    states: States
    band: str
    speed_m_s: float


def by_age(people: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the residents of each home by band, and as ``NO_AGE`` those no band counts; shapes (h,)."""
    everybody = people[ALL]
    # + 0 * everybody: not known where the residents are not
    ages = {band: np.nan_to_num(one) + 0.0 * everybody for band, one in people.items() if band != ALL}
    return ages | {NO_AGE: np.maximum(everybody - sum(ages.values()), 0.0)}


def states_of_no_age(for_all: npt.NDArray[np.uint8], any_age: States) -> States:
    """Return the states of people of unknown age, from the state by facilities for all ages and that by any.

    Where only a facility for certain ages covers them, it is not known.
    """
    state, reason = any_age.state.copy(), any_age.reason.copy()
    state[(any_age.state == COVERED) & (for_all != COVERED)] = UNKNOWN
    return States(state, reason)


def count_all_ages(
    frame: pd.DataFrame, groups: Groups, categories: Sequence[str], ages: Sequence[Aged], *, people_only: bool = False
) -> pd.DataFrame:
    """Return the rows ``all`` of ``frame`` with people and walks counted by age for ``categories``.

    Rows of other categories, rows without any known people and the figures of buildings stay as they are. The ages
    together are all residents; walking times are those at everybody's own speed.
    """
    persons = np.concatenate([one.persons for one in ages])
    together = Groups(groups.level, groups.codes, groups.names, np.tile(groups.index, len(ages)))
    speeds = sorted({one.speed_m_s for one in ages})
    columns = list(PEOPLE) if people_only else [*PEOPLE, *WALKS]
    made = frame.copy()
    for place, category in enumerate(categories):
        states = States(
            np.concatenate([one.states.state[place] for one in ages])[None],
            np.concatenate([one.states.reason[place] for one in ages])[None],
        )
        metres = np.concatenate([one.metres[place] for one in ages])[None]
        own = aggregate(
            together, [category], metres, states, speed_m_s=speeds[0], people={ALL: persons}, people_only=people_only
        )
        if len(speeds) > 1 and not people_only:
            seconds = np.concatenate([one.metres[place] / one.speed_m_s for one in ages])[None]
            timed = aggregate(together, [category], seconds, states, speed_m_s=1.0, people={ALL: persons})
            own[["mean_s", "p90_s"]] = timed[["mean_s", "p90_s"]]
        rows = made.index[(made["category"] == category) & (made["band"] == ALL)]
        known = own["people_total"].notna().to_numpy()
        made.loc[rows[known], columns] = own.loc[known, columns].to_numpy()
    return made
