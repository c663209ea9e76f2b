"""The lines of a sheet that are about walking: facilities of each level for itself, and items judged by a walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL
from geo_service.analysis.states import NOT_COVERED, States
from geo_service.analysis.states import UNKNOWN as NOT_KNOWN
from geo_service.domain.checklist import NOT_SURVEYED, PASS, SHORT, UNKNOWN
from geo_service.domain.reference import Profile, categories
from geo_service.foundation.texts import LANGS
from geo_service.services.capacity_rows import plain_number
from geo_service.services.checklist_lines import Line
from geo_service.services.checklist_places import Sites
from geo_service.services.checklist_texts import line_sentence
from geo_service.services.context import Context
from geo_service.services.coverage_rows import Answer, Answers, Tables, written
from geo_service.services.facilities import Targets
from geo_service.services.gap_states import audiences_of
from geo_service.services.groups import Division
from geo_service.services.homes import Areas, Homes
from geo_service.services.networks import Streets
from geo_service.services.questions import CoverageQuestion
from geo_service.services.told import rounding_salt, tell
from geo_service.services.walks import People, Walks, walk

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# how much a rule asks, the most first: a line of several rules is what the most demanding of them says
_BINDINGS: Final = ("requirement", "not_stated", "advice", "figure")
_PEOPLE: Final = ("total", "covered", "not_covered", "unknown")


@dataclass(frozen=True)
class Ground:
    """Where everybody walks: the networks, the homes and the communities they are counted by."""

    networks: Sequence[Streets]
    homes: Homes
    areas: Areas
    division: Division
    walker: Profile

    @property
    def settled(self) -> Ints:
        """Community of each home, -1 for none, shape (h,)."""
        index = self.division.groups.index.astype(np.int64)
        return np.where(index >= len(self.division.groups.codes) - self.division.has_rest, -1, index)


def walked_rows(
    conn: Connection, ctx: Context, ground: Ground, sites: Sites, lines: Sequence[Line]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return for each line and community who is covered, as coverage rows: exact, and as they are told."""
    if not lines or not ground.networks:
        return [], []
    homes, areas = ground.homes, ground.areas
    members: dict[int, npt.NDArray[np.bool_]] = {}

    def belongs(area: int) -> npt.NDArray[np.bool_]:
        if area not in members:
            members[area] = areas.holds(area, homes)
        return members[area]

    targets = [line.targets(sites) for line in lines]
    columns = _columns(lines, targets)
    shape = (len(columns), len(homes))
    metres = np.full(shape, np.inf)
    state, reason = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    alike = list(dict.fromkeys((lines[one.line].limit, one.band) for one in columns))
    for number, (limit, band) in enumerate(alike):
        mine = [n for n, one in enumerate(columns) if (lines[one.line].limit, one.band) == (limit, band)]
        found = walk(
            ground.networks,
            _together([targets[columns[n].line] for n in mine]),
            People(homes.lon, homes.lat, belongs, band),
            category_count=len(mine),
            limit=limit,
            profile=ground.walker,
            progress=ctx.stage(number / len(alike), (number + 1) / len(alike)).progress,
        )
        decided = found.states(limit)
        metres[mine], state[mine], reason[mine] = found.metres, decided.state, decided.reason
    answers = _answers(lines, columns, metres, States(state, reason))
    # the rows of coverage, with lines in place of categories
    question = CoverageQuestion(
        tuple(line.key for line in lines), None, None, ground.walker, "community", lines[0].limit
    )
    nobody_said = np.full((len(ground.division.groups.codes), len(lines)), None, object)
    tables = Tables(question, np.zeros(0, np.int32), ground.division, nobody_said, with_bands=True)
    exact = written(tables.rows(answers, homes.people or {}))
    told = tell(tables, answers, homes, areas, rounding_salt(conn, ctx)).rows
    return _of_concerned(lines, list(exact)), _of_concerned(lines, list(told))


@dataclass(frozen=True)
class _Column:
    """A walk that is looked for: of everybody to the facilities of a line, or of some ages to those that admit them."""

    line: int
    bands: tuple[str, ...] = ()

    @property
    def band(self) -> str | None:
        return self.bands[0] if self.bands else None


def _columns(lines: Sequence[Line], targets: Sequence[Targets]) -> list[_Column]:
    """Return the walks of everybody, line by line, then those of the ages that not all facilities of a line admit."""
    some = [
        _Column(number, bands)
        for number, (line, own) in enumerate(zip(lines, targets, strict=True))
        if line.bands and any(one is not None for one in own.bands)
        for bands in audiences_of(line.bands, own)
    ]
    return [*(_Column(number) for number in range(len(lines))), *some]


def _answers(lines: Sequence[Line], columns: Sequence[_Column], metres: Floats, states: States) -> Answers:
    """Return the answers for everybody and for each band that some line is about.

    A building is covered as its people are whom the line is about: where these differ, as the worst of them.
    """

    def answer(at: Sequence[int]) -> Answer:
        walks = replace(Walks.nothing(len(at), metres.shape[1]), metres=metres[at])
        return Answer(walks, States(states.state[at], states.reason[at]))

    own = list(range(len(lines)))
    anybody = answer(own)
    for line in dict.fromkeys(one.line for one in columns if one.bands):
        several = np.array([number for number, one in enumerate(columns) if one.bands and one.line == line])
        mine = states.state[several]
        worst = several[np.argmax(2 * (mine == NOT_COVERED) + 1 * (mine == NOT_KNOWN), axis=0)]
        home = np.arange(metres.shape[1])
        anybody.states.state[line], anybody.states.reason[line] = states.state[worst, home], states.reason[worst, home]
    by_band = {}
    for band in dict.fromkeys(band for line in lines for band in line.bands):
        at = own.copy()
        for number, one in enumerate(columns):
            if band in one.bands:
                at[one.line] = number
        by_band[band] = anybody if at == own else answer(at)
    return Answers(anybody, by_band, [])


def _of_concerned(lines: Sequence[Line], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a line and community, its people those the line is about: the sums of what may be told of them."""
    bands_of = {line.key: line.bands for line in lines}
    found: dict[tuple[Any, str], dict[str, Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["code"], row["category"]), {})[row["band"]] = row
    made = []
    for (_, key), by_band in found.items():
        wanted = bands_of[key]
        own = dict(by_band[ALL])
        if wanted:
            own |= _summed([by_band[band] for band in wanted if band in by_band])
            if "withheld" in own:
                own["withheld"] = any(by_band[band]["withheld"] for band in wanted if band in by_band)
        made.append(own)
    return made


def _summed(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the people of some bands together: None where one is withheld, or none is known."""
    made: dict[str, Any] = {}
    for state in _PEOPLE:
        values = [row[f"people_{state}"] for row in rows]
        hidden = any(row.get("withheld") and row[f"people_{state}"] is None for row in rows)
        known = [one for one in values if one is not None]
        made[f"people_{state}"] = None if hidden or not known else plain_number(sum(known))
    total = made["people_total"]
    for state in _PEOPLE[1:]:
        part = made[f"people_{state}"]
        made[f"people_{state}_share"] = round(part / total, 6) if total and part is not None else None
    return made


def walk_check(
    line: Line, row: Mapping[str, Any] | None, *, is_complete: bool, new_estate: bool, too_small: int = 0
) -> dict[str, Any]:
    """Return the check of a line in one community; ``row`` is its coverage row, None without a network.

    The verdict goes by buildings, which everybody may count; how many people it is about may be withheld. People are
    those the category is there for. ``too_small``: facilities of the community that are too small for the level.
    """
    bindings = [rule.binding(new_estate=new_estate) for rule in line.rules]
    unknown = 0 if row is None else row["buildings_unknown"]
    outside = 0 if row is None else row["buildings_not_covered"]
    if row is None or not row["buildings_total"]:
        verdict = UNKNOWN
    elif outside:
        verdict = SHORT if is_complete else NOT_SURVEYED
    else:
        verdict = UNKNOWN if unknown else PASS
    found = row or {}
    return {
        "measure": "walk",
        "verdict": verdict,
        "binding": min(bindings, key=_BINDINGS.index),
        "categories": [line.category],
        "level": line.level,
        "limit": {"kind": line.limit.kind, "metres": round(line.limit.metres, 2), "minutes": line.limit.minutes},
        "people": found.get("people_not_covered"),
        "people_share": found.get("people_not_covered_share"),
        "people_covered_share": found.get("people_covered_share"),
        "buildings_covered_share": found.get("buildings_covered_share"),
        "people_total": found.get("people_total"),
        "people_unknown": found.get("people_unknown"),
        "have": found.get("people_covered"),
        "need": None,
        "short_by": found.get("people_not_covered") if verdict == SHORT else None,
        "unit": "persons",
        "largest": None,
        "missing": 0,
        "is_empty": row is None or not row["buildings_total"],
        "bands": list(line.bands),
        "buildings": outside,
        "unknown": unknown,
        "too_small": too_small,
        "withheld": bool(found.get("withheld", False)),
        "rules": [rule.id for rule in line.rules],
        "to_verify": any(not rule.is_sure("service_radius_m", "walk_minutes", "strength") for rule in line.rules),
    }


def level_row(community: tuple[str, str | None], line: Line, check: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a line of the circles."""
    code, name = community
    names = {lang: "、".join(dict.fromkeys(rule.name[lang] for rule in line.rules)) for lang in LANGS}
    several = any(len(rule.categories or ()) > 1 for rule in line.rules)
    label = dict(categories()[line.category].label) if several else names
    row = {"code": code, "name": name, "category": line.category, "label": label, **check}
    return row | {"sentence": line_sentence(row)}


def _together(parts: Sequence[Targets]) -> Targets:
    """Return the facilities of several lines, each line a category of its own."""
    begin = np.cumsum([0, *(len(part) for part in parts)])
    return Targets(
        np.concatenate([part.id for part in parts]),
        np.concatenate([part.code for part in parts]),
        np.concatenate([part.name for part in parts]),
        np.concatenate([np.full(len(part), n, np.int32) for n, part in enumerate(parts)]),
        np.concatenate([part.verified for part in parts]),
        np.concatenate([part.admits_area for part in parts]),
        [bands for part in parts for bands in part.bands],
        np.concatenate([part.place_owner + begin[n] for n, part in enumerate(parts)]).astype(np.int32),
        np.concatenate([part.place_lon for part in parts]),
        np.concatenate([part.place_lat for part in parts]),
    )
